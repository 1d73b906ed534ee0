"""What is left around names and values: words that say nothing else, and names or values that go nowhere.

Rules: the words around are known (assigned.toml) or part of the action's own name; a sentence that says nothing else
and leaves a name without a value or a value without a name is refused. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from functools import lru_cache

from device_agent import resolve, wording
from device_agent.features import stem
from device_agent.mentioned import Item, Mentioned, Name, Worth, known, words_in
from device_agent.naming import label_stems
from device_agent.weighing import View
from models.language.prompt import name_words


def items_of(names: Iterable[Name], values: Iterable[Worth]) -> list[Item]:
    """Names and values in the order said."""
    return sorted((*names, *values), key=lambda one: one.start)


@lru_cache(maxsize=1)
def all_words() -> frozenset[str]:
    """Every word that may stand around names and values."""
    return frozenset().union(*(known(*key) for key in (
        ("list", "names"), ("onward", "words"), ("back", "words"), ("around", "verbs"), ("around", "changes"),
        ("around", "others"), ("changes", "up"), ("changes", "down"), ("changes", "links"))))


@lru_cache(maxsize=1)
def between_names() -> frozenset[str]:
    """The words that may stand between two names."""
    return known("list", "names") | (known("around", "others") - known("list", "ends"))


def all_known(found: Mentioned, items: Sequence[Item], options: Iterable[int], view: View) -> bool:
    """Whether the words around say nothing else: no action's name, nothing that nobody knows."""
    verbs = known("around", "verbs") | known("around", "changes")
    usual = verbs | known("around", "others") | known("changes", "verbs")
    options = set(options)
    labels = {word for option in options if len(view.options[option].slots) > 1
              for word in label_stems(view.options[option])}
    others = {"".join(label_stems(option)) for number, option in enumerate(view.options)
              if option.verb == "do" and number not in options}
    begins = [0, *(one.end for one in items)]
    ends = [*(one.start for one in items), len(found.text)]
    for place, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        links = frozenset[str]()
        if 0 < place < len(items):
            same = type(items[place - 1]) is type(items[place])
            links = between_names() | known("list", "values") if same else all_words()
        for word in words_in(found.text[begin:end]):
            if word in labels or stem(word) in labels or (word.endswith("ly") and stem(word) not in view.index.words):
                continue
            if (word not in usual and word not in links and stem(word) not in view.context) or stem(word) in others \
                    or (place == len(items) and word in verbs):
                return False
    return True


def refuse_leftover(sentence: str, found: Mentioned, view: View) -> None:
    """Refusal if a sentence says nothing else, but leaves out values for its names or names for its values."""
    names, values = found.names, found.values
    items = items_of(names, values)
    options = {option for name in names for option, _ in name.owners}
    sizes = {len(view.options[option].slots) for option in options}
    switches = any(view.options[option].slots[place].type == "boolean"
                   for name in names for option, place in name.owners)
    few = len(values) < len({name.owners for name in names}) and not switches and (
        len({name.owners for name in names}) > 1 if values else _only_set(found, view))
    if few and any(begun_order(sentence, name) for name in names):
        return
    many = len(values) > len(names) and len(values) not in sizes and any(
        some.kind == other.kind and (between := set(words_in(found.text[some.end:other.start])))
        and between <= known("list", "values")
        for some, other in itertools.pairwise(values))
    if (not few and not many) or not all(name.owners for name in names) or not all(
            set(words_in(found.text[some.end:other.start])) <= all_words()
            for some, other in itertools.pairwise(items)) or not all_known(found, items, options, view):
        return
    said = ", ".join(dict.fromkeys(sentence[name.start:name.end] for name in names))
    if few:
        which = f"each of {said}" if values else said
        raise resolve.Refusal("missing_value", f"There is no value for {which}; say which.")
    raise resolve.Refusal("cannot", f"I do not know which value is for which of {said}.")


def begun_order(sentence: str, name: Name) -> bool:
    """Whether a name stands where a clause begins, and is an order: "…, then close it"."""
    before = words_in(sentence[:name.start].lower())[-1:]
    return sentence[name.start:name.end].lower() in wording.table()["mood"]["orders"] and (
        not before or before[0] in (",", ";", ".", "and", "then"))


def _only_set(found: Mentioned, view: View) -> bool:
    """Whether a sentence orders to set what it names, and says no more: "change the mode", "set the speed to"."""
    words = words_in(found.text)
    plain = any(option.verb == "do" and not option.slots and not {
        stem(word) for word in name_words(option.label)}.isdisjoint(
        stem(word) for name in found.names for owner, _ in name.owners
        for word in name_words(view.options[owner].label)) for option in view.options)
    heard = words[-1] in wording.table()["talk"]["homophones"] and words[-2:-1] == ["to"]  # "to for": to four
    sets = not known("around", "setting").isdisjoint(words) and {"up", "down"}.isdisjoint(words)
    return sets and not heard and not plain
