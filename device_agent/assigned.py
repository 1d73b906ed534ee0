"""Sentences that do nothing but give numbers to names, read as a whole: "set A, B and C to 3, 7 and twelve", "5 for A".

Rules: every word must be a name, a number or one that says nothing else (assigned.toml); else nothing is found here.
Names that stand together get one number, or as many as they are in their order, from before or after them. Which words
are one number is told by how many are wanted (models/language/divided.py). A number within a name is none. Pure."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from device_agent import resolve, wording
from device_agent.features import stem
from device_agent.naming import label_stems, rows_of_names, takes
from device_agent.weighing import View
from models.language.divided import divided
from models.language.prompt import Option, name_words
from models.language.words import Number, normalise

# Names and values of a sentence, beyond which it is not read so.
ITEMS_MAX = 24
# What is better not so: nothing between a name and its number, a comma only, nothing between two groups.
BARE, COMMA, UNPARTED = 0.3, 1.5, 1.0
_HIDDEN = "ª"
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|->|[^\w\s]")
_ONE = re.compile(r"(?<!every )(?<!each )(?<!this )(?<!that )(?<!the )(?<!\w)one(?!\w)(?! of\b| by\b| after\b)")
_QUOTES = re.compile(r"[\"“”«»]|(?<!\w)['‘]\w")


@dataclass(frozen=True)
class Given:
    """One argument and the number that it gets."""

    option: int
    place: int
    number: Number


@dataclass(frozen=True)
class _Name:
    start: int
    end: int
    owners: frozenset[tuple[int, int]]


_Item = _Name | Number
_Pairs = tuple[tuple[_Name, Number], ...]


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files("device_agent").joinpath("assigned.toml").read_text("utf-8"))


@lru_cache(maxsize=32)
def _known(part: str, key: str) -> frozenset[str]:
    return frozenset(_table()[part][key])


def assigned(sentence: str, view: View) -> list[Given]:
    """The arguments that a sentence gives numbers to, in the order said; none where it may say anything else.

    Raises Refusal where it says nothing else, and its names and numbers do not go together."""
    names_at, owners = _names_of(view)
    if names_at is None or _QUOTES.search(sentence) or wording.mood(sentence) == wording.ASK:
        return []
    measured = [(number.start, number.end) for number in normalise(sentence).numbers if number.unit]
    names = [_Name(*found.span(), owners[re.sub(r"[\W_]+", "", found.group().lower())])
             for found in names_at.finditer(sentence)
             if not any(start < found.start() and found.end() == end for start, end in measured)]
    if not names or any(not one.owners for one in names):
        return []
    plain, own = _without_phrases(sentence, names)
    plain = _with_ones(plain)
    numbers = normalise(plain).numbers
    if not numbers or len(names) + len(numbers) > ITEMS_MAX:
        return []
    for counted in _counted(plain, names, numbers):
        items: list[_Item] = sorted([*names, *counted], key=lambda one: one.start)
        pairs = _aligned(plain, items, own)
        if pairs and (given := _settled(plain, items, pairs, view)):
            return given
        if pairs:
            return []
    _refuse_leftover(sentence, plain, names, numbers, view)
    return []


# Names


@lru_cache(maxsize=256)
def _names_of(view: View) -> tuple[re.Pattern[str] | None, dict[str, frozenset[tuple[int, int]]]]:
    """(where names of numbers stand, the longest first; letters of a name -> whose it is, nobody's if a change is)."""
    rows: dict[tuple[str, ...], set[tuple[int, int]]] = {}
    for number, option in enumerate(view.options):
        for place, slot in enumerate(option.slots if option.verb != "get" else ()):
            if slot.type != "number":
                continue
            for row in rows_of_names(option, place):
                rows.setdefault(tuple(row), set()).add((number, place))
    rows = {row: whose for row, whose in rows.items() if len(row) > 1 or row[0] not in _known("names", "never")}
    if not rows:
        return None, {}
    order = sorted(rows, key=lambda row: -len("".join(row)))
    pattern = "|".join(r"[\s_-]*".join(map(_spelt, row)) for row in order)
    joined: dict[str, set[tuple[int, int]]] = {}
    for row, whose in rows.items():
        joined.setdefault("".join(row), set()).update(whose)
    return re.compile(rf"(?i)(?<![^\W_])(?:{pattern})(?![^\W_])"), {
        letters: frozenset(one for one in whose if not _is_change(view.options[one[0]], one[1]))
        for letters, whose in joined.items()}


def _spelt(word: str) -> str:
    return re.escape(word)


def _is_change(option: Option, place: int) -> bool:
    """Whether a number is a change itself: increase_volume(by), not configure(down_slope) or set_max_step(value)."""
    slot = option.slots[place].name
    slot = "" if len(name_words(slot)) > 1 else slot
    return not option.label.startswith("set ") and resolve.is_step_name(option.verb, slot, option.name)


# Words


def _without_phrases(sentence: str, names: Iterable[_Name]) -> tuple[str, bool]:
    """(the sentence with names and phrases hidden, every letter in its place; whether each name has its own value)."""
    letters = list(sentence.lower())
    for name in names:
        letters[name.start:name.end] = _HIDDEN * (name.end - name.start)
    text = "".join(letters)
    own = False
    for found in _phrases().finditer(text):
        own = own or found.group() in _known("ways", "own")
        text = text[:found.start()] + " " * len(found.group()) + text[found.end():]
    return text, own


@lru_cache(maxsize=1)
def _phrases() -> re.Pattern[str]:
    phrases = sorted((*_table()["around"]["phrases"], *_table()["ways"]["own"]), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, phrases))})(?!\w)")


def _words(text: str) -> list[str]:
    return [word.removesuffix("'s") if len(word) > 4 else word
            for word in (found.group().replace("’", "'") for found in _WORD.finditer(text))]


# How many numbers there are


def _with_ones(text: str) -> str:
    """The text with every "one" that is a number by itself as a digit, every letter in its place."""
    numbers = normalise(text).numbers
    for found in _ONE.finditer(text):
        if not any(number.start <= found.start() < number.end for number in numbers):
            text = f"{text[:found.start()]}1  {text[found.end():]}"
    return text


def _counted(text: str, names: Sequence[_Name], numbers: Sequence[Number]) -> Iterable[list[Number]]:
    """The numbers as they are read alone; then those of every run divided for as many names as stand beside it."""
    yield list(numbers)
    runs: list[list[Number]] = []
    for number in numbers:
        between = _words(text[runs[-1][-1].end:number.start]) if runs else ["?"]
        if runs and all(word in _known("list", "values") for word in between):
            runs[-1].append(number)
        else:
            runs.append([number])
    choices = []
    for run in runs:
        before = sum(1 for name in names if name.end <= run[0].start and not any(
            name.end <= number.start < run[0].start for number in numbers))
        after = sum(1 for name in names if name.start >= run[-1].end and not any(
            run[-1].end <= number.start < name.start for number in numbers))
        made = [list(run)]
        for count in dict.fromkeys((before, after, 1)):
            found = list(divided(text, run[0].start, run[-1].end, count))
            if found and found not in made:
                made.append(found)
        choices.append(made)
    for chosen in itertools.islice(itertools.product(*choices), 1, 32):
        yield [number for run in chosen for number in run]


# Which value goes to which name


def _aligned(text: str, items: Sequence[_Item], own: bool) -> _Pairs:
    """Names and values cut into groups at the least cost; nothing if that leaves one over."""
    gaps = [_words(text[begin:end]) for begin, end in zip(
        [0, *(one.end for one in items)], [*(one.start for one in items), len(text)], strict=True)]
    best: dict[int, tuple[float, _Pairs]] = {len(items): (0.0, ())}
    for at in range(len(items) - 1, -1, -1):
        found: tuple[float, _Pairs] = (float("inf"), ())
        kind = type(items[at])
        middle = _run_end(items, gaps, at)
        for turn in range(at + 1, middle + 1):
            if turn >= len(items) or type(items[turn]) is kind:
                continue
            for stop in range(turn + 1, _run_end(items, gaps, turn) + 1):
                if stop not in best or best[stop][0] == float("inf"):
                    continue
                some, other = items[at:turn], items[turn:stop]
                names, values = (some, other) if kind is _Name else (other, some)
                if len(values) not in (1, len(names)) or (own and len(names) != len(values)):
                    continue
                cost = _link(gaps[turn], "onward" if kind is _Name else "back") + best[stop][0]
                cost += _parted(gaps[at], kind is _Name, gaps[turn], at > 0)
                if cost < found[0]:
                    shared = values if len(values) == len(names) else list(values) * len(names)
                    found = cost, (*zip(names, shared, strict=True), *best[stop][1])  # type: ignore[arg-type]
        best[at] = found
    return best[0][1] if best[0][0] < float("inf") else ()


def _run_end(items: Sequence[_Item], gaps: Sequence[Sequence[str]], at: int) -> int:
    """Where the names, or the values, that stand together from `at` on end."""
    kind, key = type(items[at]), "names" if isinstance(items[at], _Name) else "values"
    end = at + 1
    while end < len(items) and type(items[end]) is kind and set(gaps[end]) <= _known("list", key) and (
            kind is Number or not _known("list", "parts").isdisjoint(gaps[end])):
        end += 1
    return end


def _link(words: Sequence[str], way: str) -> float:
    """What it costs that these words stand between names and values."""
    if not set(words) <= _known(way, "words"):
        return float("inf")
    if not _known(way, "joins").isdisjoint(words):
        return 0.0
    if way == "back":
        return float("inf")
    return COMMA if "," in words else BARE


def _parted(words: Sequence[str], onward: bool, link: Sequence[str], follows: bool) -> float:
    """What it costs that these words stand before a group; "raise A 5" is no value."""
    changes = not _known("around", "changes").isdisjoint(words) or not {"up", "down"}.isdisjoint(link)
    if changes and onward and _known("around", "to").isdisjoint(link) and words[-1:] != ["to"]:
        return float("inf")
    parts = not {",", ";", ".", "and", "then", "plus", "while", "also", "well", "&", "next"}.isdisjoint(words)
    return 0.0 if not follows or parts or not _known("around", "verbs").isdisjoint(words) else UNPARTED


# Whose the names are


def _settled(text: str, items: Sequence[_Item], pairs: _Pairs, view: View) -> list[Given]:
    """One owner for every name, where all words around are known; none where that is in doubt."""
    given: dict[tuple[int, int], Number] = {}
    every = frozenset.intersection(*(frozenset(option for option, _ in name.owners) for name, _ in pairs))
    full = [option for option in every if all(
        not slot.required or any((option, place) in name.owners for name, _ in pairs)
        for place, slot in enumerate(view.options[option].slots))]
    one = full[0] if len(full) == 1 else None
    for name, number in pairs:
        owners = [owner for owner in name.owners if one is None or owner[0] == one]
        if len(owners) != 1 or not takes(view.options[owners[0][0]], owners[0][1], number) or owners[0] in given:
            return []
        given[owners[0]] = number
    options = {option for option, _ in given}
    if not _all_known(text, items, options, view):
        return []
    return [Given(option, place, number) for (option, place), number in given.items()]


def _refuse_leftover(
    sentence: str, text: str, names: Sequence[_Name], numbers: Sequence[Number], view: View
) -> None:
    """Refusal if a sentence says nothing else, but leaves out numbers for its names or names for its numbers."""
    items: list[_Item] = sorted([*names, *numbers], key=lambda one: one.start)
    options = {option for name in names for option, _ in name.owners}
    sizes = {len(view.options[option].slots) for option in options}
    few = len(numbers) < len(names) and len({name.owners for name in names}) > 1
    many = len(numbers) > len(names) and len(numbers) not in sizes and any(
        (between := set(_words(text[some.end:other.start]))) and between <= _known("list", "values")
        for some, other in itertools.pairwise(numbers))
    if not few and not many:
        return
    if not all(set(_words(text[some.end:other.start])) <= _all_links() for some, other in itertools.pairwise(items)) \
            or not _all_known(text, items, options, view):
        return
    said = ", ".join(dict.fromkeys(sentence[name.start:name.end] for name in names))
    if few:
        raise resolve.Refusal("missing_value", f"There is no value for each of {said}; say which.")
    raise resolve.Refusal("cannot", f"I do not know which value is for which of {said}.")


@lru_cache(maxsize=1)
def _all_links() -> frozenset[str]:
    return frozenset().union(*(_known(*key) for key in (
        ("list", "names"), ("onward", "words"), ("back", "words"), ("around", "verbs"), ("around", "others"))))


def _all_known(text: str, items: Sequence[_Item], options: Iterable[int], view: View) -> bool:
    """Whether the words around say nothing else: no action's name, nothing that nobody knows."""
    verbs = _known("around", "verbs") | _known("around", "changes")
    known = verbs | _known("around", "others")
    labels = {word for option in options if len(view.options[option].slots) > 1
              for word in label_stems(view.options[option])}
    others = {"".join(label_stems(option)) for number, option in enumerate(view.options) if number not in options}
    begins = [0, *(one.end for one in items)]
    ends = [*(one.start for one in items), len(text)]
    for place, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        inside = 0 < place < len(items) and type(items[place - 1]) is not type(items[place])
        links = _known("onward", "words") | _known("back", "words") if inside else frozenset()
        for word in _words(text[begin:end]):
            if word in labels or stem(word) in labels:
                continue
            if (word not in known and word not in links and stem(word) not in view.context) or stem(word) in others \
                    or (place == len(items) and word in verbs):
                return False
    return True
