"""Sentences that do nothing but give values to names, read as a whole: "set A, B and C to 3, 7 and twelve", "5 for A".

Rules: every word must be a name, a value or one that says nothing else (assigned.toml); else nothing is found here.
Names that stand together get one value, or as many as they are in their order, from before or after them. Which words
are one number is told by how many are wanted (models/language/divided.py). Where a sentence says nothing else and names
and values do not go together, it is refused. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from device_agent import resolve, wording
from device_agent.counted import counted
from device_agent.features import senses, stem
from device_agent.leftover import all_known, all_words, between_names, items_of, refuse_leftover
from device_agent.mentioned import (
    NUMBER,
    QUOTE,
    STRANGE,
    SWITCH,
    WORD,
    Item,
    Mentioned,
    Name,
    Worth,
    known,
    mentioned,
    strange_words,
    without_talk,
    words_in,
)
from device_agent.naming import is_colour, is_part, takes
from device_agent.weighing import View
from models.language.prompt import Value, name_words
from models.language.words import Number

# Names and values of a sentence, beyond which it is not read so.
ITEMS_MAX = 24
# What is better not so: nothing between a name and its value, a comma only, nothing between two groups.
BARE, COMMA, UNPARTED, STRANGE_LINK = 0.3, 1.5, 1.0, 0.6
NEVER = float("inf")


@dataclass(frozen=True)
class Given:
    """One argument and what it gets: a number (`change`: 1 more by it, -1 less, 0 it itself), or a value of words."""

    option: int
    place: int
    number: Number | None = None
    value: Value | None = None
    change: int = 0


@dataclass(frozen=True)
class _Pair:
    """A name and its value, None for that of the pair before ("and the same for B"). `by`: it is changed by it; `sign`:
    1 for more, -1 for less, 0 as the pair before."""

    name: Name
    worth: Worth | None
    by: bool = False
    sign: int = 0


_Pairs = tuple[_Pair, ...]


def assigned(sentence: str, view: View) -> list[Given]:
    """The arguments that a sentence gives values to, in the order said; none where it may say anything else.

    Raises Refusal where it says nothing else, and its names and values do not go together."""
    found = mentioned(sentence, view)
    if found is None or wording.mood(sentence) == wording.ASK or len(found.names) + len(found.values) > ITEMS_MAX:
        return []
    if not (known("talk", "never") - known("around", "others")).isdisjoint(words_in(found.text)):
        return []
    if any(set(words_in(found.text[one.end:])[:1]) & known("changes", "after") for one in found.values
           if one.kind == NUMBER):
        return []  # "ten degrees more"
    strange = strange_words(found, items_of(found.names, found.values), all_words(), view)
    talk = bool(strange)
    if strange and not _wants_choice(found.names, view):
        if not (found := without_talk(found, strange, view)):
            return []
        strange = []
    for values in counted(found, strange):
        items = items_of(found.names, values)
        if pairs := _aligned(found, items):
            return _settled(found, items, pairs, view)
    if not talk:
        refuse_leftover(sentence, found, view)
    return []


def _wants_choice(names: Iterable[Name], view: View) -> bool:
    return any(view.options[option].slots[place].type == "choice" for name in names for option, place in name.owners)


# Which value goes to which name


def _aligned(found: Mentioned, items: Sequence[Item]) -> _Pairs:
    """Names and values cut into groups at the least cost; nothing if that leaves one over."""
    gaps = [words_in(found.text[begin:end]) for begin, end in zip(
        [0, *(one.end for one in items)], [*(one.start for one in items), len(found.text)], strict=True)]
    best: dict[int, tuple[float, _Pairs]] = {len(items): (0.0, ())}
    for at in range(len(items) - 1, -1, -1):
        turns = range(at + 1, _run_end(items, gaps, at) + 1)
        groups = [_group(found, items, gaps, at, turn, stop, best[stop]) for turn in turns if turn < len(items)
                  and type(items[turn]) is not type(items[at])
                  for stop in range(turn + 1, _run_end(items, gaps, turn) + 1)]
        groups += [_likewise(items[at:turn], [*gaps[at], *gaps[turn]], best[turn])
                   for turn in turns if at > 0 and not found.own]
        best[at] = min(groups, key=lambda one: one[0], default=(NEVER, ()))
    return best[0][1] if best[0][0] < NEVER else ()


def _group(
    found: Mentioned, items: Sequence[Item], gaps: Sequence[Sequence[str]], at: int, turn: int, stop: int,
    rest: tuple[float, _Pairs],
) -> tuple[float, _Pairs]:
    """Items from `at` to `stop` as names and values, one kind up to `turn`, with what comes after: (cost, pairs)."""
    some, other = items[at:turn], items[turn:stop]
    onward = isinstance(some[0], Name)
    names = [one for one in (some if onward else other) if isinstance(one, Name)]
    values = [one for one in (other if onward else some) if isinstance(one, Worth)]
    bare = any(not gap for gap in (gaps[at + 1:turn] if onward else gaps[turn + 1:stop]))  # "A B to 5 6"
    if rest[0] == NEVER or len(values) not in (1, len(names)) or (
            (found.own or bare) and len(names) != len(values)):
        return NEVER, ()
    switch = len(values) == 1 and values[0].kind == SWITCH
    by, sign = _change(gaps[at], gaps[turn], onward)
    listed = not onward and ":" in gaps[turn] and not known("list", "these").isdisjoint(gaps[at])
    cost = 0.0 if listed else _link([word for word in gaps[turn] if not by or word not in known("changes", "links")],
                                    "onward" if onward else "back", switch or by)
    cost += rest[0]
    cost += 0.0 if by else _parted(gaps[at], onward and not switch, gaps[turn], at > 0)
    shared = values if len(values) == len(names) else values * len(names)
    return cost, (*(_Pair(name, worth, by, sign) for name, worth in zip(names, shared, strict=True)), *rest[1])


def _likewise(
    names: Sequence[Item], around: Sequence[str], rest: tuple[float, _Pairs]
) -> tuple[float, _Pairs]:
    """Names without a value, which get that of the ones before: "and the same for B", "B too"."""
    if rest[0] == NEVER or known("list", "likewise").isdisjoint(around):
        return NEVER, ()
    pairs = [_Pair(one, None) for one in names if isinstance(one, Name)]
    return (UNPARTED + rest[0], (*pairs, *rest[1])) if len(pairs) == len(names) else (NEVER, ())


def _change(before: Sequence[str], link: Sequence[str], onward: bool) -> tuple[bool, int]:
    """(whether a group is a change by its value, 1 for more, -1 for less): "raise A by 5", "add 5 to A"."""
    words = (*before, *link)
    up, down = (not known("changes", key).isdisjoint(words) for key in ("up", "down"))
    adds = not known("changes", "adding").isdisjoint(before) or "off" in link
    return ("by" in link if onward else adds), up - down


def _run_end(items: Sequence[Item], gaps: Sequence[Sequence[str]], at: int) -> int:
    """Where the names, or the values, that stand together from `at` on end."""
    kind = type(items[at])
    usual = between_names() if kind is Name else known("list", "values")
    end = at + 1
    while end < len(items) and type(items[end]) is kind and set(gaps[end]) <= usual and (
            kind is Worth or not gaps[end] or not known("list", "parts").isdisjoint(gaps[end])):
        end += 1
    return end


def _link(words: Sequence[str], way: str, switch: bool) -> float:
    """What it costs that these words stand between names and values. `switch`: they need not be joined."""
    strange = {word for word in words if not word.endswith("ly")} - known(way, "words")
    if not strange.isdisjoint(known("list", "ends") | known("around", "changes")):
        return NEVER
    cost = STRANGE_LINK * len(strange)
    if not known(way, "joins").isdisjoint(words):
        return cost
    if way == "back":
        return 0.0 if switch and set(words) <= known("list", "before_names") else NEVER
    return cost + (COMMA if "," in words else BARE)


def _parted(words: Sequence[str], onward: bool, link: Sequence[str], follows: bool) -> float:
    """What it costs that these words stand before a group; "raise A 5" is no value."""
    changes = not known("around", "changes").isdisjoint(words) or not {"up", "down"}.isdisjoint(link)
    if changes and onward and known("around", "to").isdisjoint(link) and words[-1:] != ["to"]:
        return NEVER
    parts = not known("list", "ends").isdisjoint(words)
    return 0.0 if not follows or parts or not known("around", "verbs").isdisjoint(words) else UNPARTED


# Whose the names are, and what they take


def _settled(found: Mentioned, items: Sequence[Item], pairs: _Pairs, view: View) -> list[Given]:
    """One owner for every name, where all words around are known; none where that is in doubt."""
    if not all_known(found, items, {option for pair in pairs for option, _ in pair.name.owners}, view):
        return []
    if any(pair.name.fixed for pair in pairs):
        raise resolve.Refusal("cannot", "That can only be read; it cannot be set.")
    every = frozenset.intersection(*(frozenset(option for option, _ in pair.name.owners) for pair in pairs))
    full = [option for option in every if all(
        not slot.required or any((option, place) in pair.name.owners for pair in pairs)
        for place, slot in enumerate(view.options[option].slots))]
    one = full[0] if len(full) == 1 else None
    given: dict[tuple[int, int], Given] = {}
    sign, by, worth = 0, False, pairs[0].worth
    for pair in pairs:
        if pair.worth is not None:
            worth, by = pair.worth, pair.by
            sign = (pair.sign or sign) if by else 0
        owners = [owner for owner in pair.name.owners if one is None or owner[0] == one]
        made = [taken for option, place in owners
                if worth is not None and (taken := _taken(option, place, worth, view)) is not None]
        if len(made) > 1:  # a property rather than an action that wants more
            made = [taken for taken in made if len(view.options[taken.option].slots) == 1]
        if len(made) != 1 or (made[0].option, made[0].place) in given or (
                by and (made[0].number is None or not sign or is_part(made[0].number))):
            return []
        given[made[0].option, made[0].place] = replace(made[0], change=sign)
    return list(given.values()) if all_known(found, items, {option for option, _ in given}, view) else []


def _taken(option: int, place: int, worth: Worth, view: View) -> Given | None:
    """What an argument gets of a value, None if it is not one for it; Refusal for a choice that there is not."""
    slot = view.options[option].slots[place]
    if slot.type == "number":
        number = worth.number
        fits = number is not None and takes(view.options[option], place, number)
        return Given(option, place, number) if fits else None
    if slot.type == "choice":
        said = name_words(worth.text)
        choice = next((one for one in slot.choices if "".join(name_words(one)) == "".join(said)), None)
        if choice is None and worth.number is not None:
            choice = next((one for one in slot.choices if one.strip() == f"{worth.number.value:g}"), None)
        if choice is None and worth.kind == STRANGE and not _meant(said, slot.choices):
            raise resolve.no_choice(slot.name or view.options[option].label, slot.choices)
        return Given(option, place, value=Value("choice", text=choice)) if choice is not None else None
    if slot.type == "boolean":
        side = "yes" if worth.text in known("values", "yes") else "no"
        return Given(option, place, value=Value(side)) if worth.kind == SWITCH else None
    if worth.kind == QUOTE or (worth.kind == WORD and is_colour(slot, view.options[option])):
        return Given(option, place, value=Value("text", text=worth.text))
    return None


def _meant(words: Sequence[str], choices: Sequence[str]) -> bool:
    """Whether words may say a choice otherwise."""
    stems = {stem(word) for word in words}
    mine = {sense for one in stems for sense in senses().get((one,), ())}
    others = {stem(word) for choice in choices for word in name_words(choice)}
    return not stems.isdisjoint(others) or any(
        not mine.isdisjoint(senses().get((other,), ())) for other in others) or any(
        len(one) > 3 and len(other) > 3 and one[:4] == other[:4] for one in stems for other in others)

