"""What arguments are called in a clause, and what its words say about them all: units, names, more and less.

Rules: a slot is named by its own name, or, where an option has one slot only, by the name of the option; units at the
end of a name are nobody's words; what is part of a name says nothing else. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from device_agent import resolve, wording
from device_agent.clause import Clause
from device_agent.features import stem, table
from device_agent.options import bare_words
from models.language.prompt import Option, Slot, Value, name_words
from models.language.words import Number, canonical, convert

TIMES = ("second", "minute", "hour", "day", "week", "millisecond", "microsecond")
WHITES = ("kelvin", "mired")


@dataclass(frozen=True)
class Bound:
    """The values of an option's slots (`absent` where nothing was said), the places of the words that gave them or
    name them, required slots without a value, numbers that went nowhere, how surely the kinds of the values say that
    this option is meant (0 to 1), how many values were given."""

    values: tuple[Value, ...]
    used: frozenset[int]
    named: frozenset[int]
    missing: tuple[int, ...] = ()
    unused: tuple[int, ...] = ()
    evidence: float = 0.0
    given: int = 0
    # Names of arguments stand beside their values.
    beside: bool = False


@lru_cache(maxsize=4096)
def unit_of(option: Option, place: int) -> str:
    """The canonical unit of a slot, told by its schema or by its name."""
    slot = option.slots[place]
    return resolve.unit_of({"unit": slot.unit, "maximum": 40 if slot.high is None else slot.high},
                           slot.name or option.name)


@lru_cache(maxsize=4096)
def names_of(option: Option, place: int) -> tuple[tuple[str, ...], ...]:
    """Stems of what a slot is called, longest first."""
    found: set[tuple[str, ...]] = set()
    for row, words in _rows_of_names(option, place):
        found.add(tuple(map(stem, words)))
        found.add(("".join(row),))
    return tuple(sorted(found, key=len, reverse=True))


@lru_cache(maxsize=4096)
def rows_of_names(option: Option, place: int) -> tuple[tuple[str, ...], ...]:
    """Words of what a slot is called, with and without a unit at their end."""
    return tuple({tuple(words) for row in _rows_of_names(option, place) for words in row})


def _rows_of_names(option: Option, place: int) -> list[tuple[list[str], list[str]]]:
    """Every name of a slot: its words, and those without a unit at their end."""
    slot = option.slots[place]
    rows = [name_words(slot.name)]
    if option.verb == "set" or len(option.slots) == 1:
        rows += [bare_words(name_words(option.label)), name_words(option.title)]
        if option.verb == "set":
            rows.append(name_words(option.label))  # "season adjust"
    found = []
    for row in rows:
        words = list(row)
        while len(words) > 1 and canonical(words[-1]) in wording.table()["amount"]["of_names"]:
            words = words[:-1]
        if words and words != ["value"]:
            found.append((row, words))
    return found


@lru_cache(maxsize=4096)
def label_stems(option: Option) -> tuple[str, ...]:
    return tuple(stem(word) for word in bare_words(name_words(option.label)))


@lru_cache(maxsize=1)
def more_words() -> tuple[dict[tuple[str, ...], int], ...]:
    """Words and phrases for more (1) and less (-1): those about anything, and all."""
    rules = wording.table()["change"]
    plain: dict[tuple[str, ...], int] = {}
    every: dict[tuple[str, ...], int] = {}
    for key, sign in (("up", 1), ("down", -1)):
        for word in rules[key]:
            every[(word,)] = sign
            if word in rules["plain"]:
                plain[(word,)] = sign
        for row in table()["more"]:
            every.update({tuple(phrase.split()): sign for phrase in row[key].split(", ")})
    return plain, every


def says_more(clause: Clause) -> int:
    """1 where a clause says only more, -1 only less, of anything."""
    _, every = more_words()
    signs = {every[(word,)] for at, word in enumerate(clause.words) if (word,) in every and at not in clause.quoted}
    return signs.pop() if len(signs) == 1 else 0


def takes(option: Option, place: int, number: Number) -> bool:
    """Whether an amount could be an argument, by its unit."""
    slot, unit = option.slots[place], unit_of(option, place)
    if number.unit in TIMES and not unit:
        return wording.is_time(slot.name, option.name, option.label)
    if convert(1.0, number.unit, unit) is not None:
        return True
    return number.unit == "percent" and (unit not in resolve.TEMPERATURES or None not in (slot.low, slot.high))


def is_part(number: Number) -> bool:
    """Whether an amount is a fraction: "half", "a third", not "50 percent"."""
    return number.unit == "percent" and "%" not in number.said and "per" not in number.said


def is_colour(slot: Slot, option: Option) -> bool:
    """Whether a text is a colour."""
    return not {*name_words(slot.name), *name_words(option.label)}.isdisjoint(wording.table()["find"]["coloured"])


class Naming:
    """A clause and an option: where its arguments are named, and which words were used up."""

    def __init__(self, clause: Clause, option: Option) -> None:
        self.clause, self.option = clause, option
        self.used: set[int] = set()
        self.named: set[int] = set()
        self.mentions: dict[int, list[tuple[int, int]]] = {}
        self.evidence = 0.0
        self.beside = False

    def _went(self, index: int, number: Number) -> bool:
        """Whether a number is part of a name or a value that was found."""
        places = [place for place, one in self.clause.of_number.items() if one == index]
        return bool(places) and all(place in self.used or place in self.named for place in places)

    def _range(self, index: int) -> tuple[int, int]:
        places = [at for at, one in self.clause.of_number.items() if one == index]
        return min(places), max(places) + 1

    def _away(self, place: int, start: int, end: int) -> float:
        """How far a value is from a name of its slot."""
        return min((0.1 * (start - stop) if stop <= start else 1.0 + 0.1 * (begin - end) if begin >= end else 0.5
                    for begin, stop in self.mentions[place]), default=4.0)

    def _direction_at(self, end: int) -> int:
        """The comparative right after a number: "five degrees warmer", "10 percent more"."""
        _, every = more_words()
        if self.clause.words[end:end + 1] and self._is_own_side(self.clause.words[end]):
            return 1
        for length in (2, 1):
            sign = every.get(tuple(self.clause.words[end:end + length]), 0)
            if sign and self.clause.words[end] not in ("up", "down", "dim", "slow"):
                return sign
        return 1 if self.clause.words[end:end + 1] in (("above",), ("extra",)) else 0

    def _is_own_side(self, word: str) -> bool:
        """Whether "darker" is more of what is called darkness."""
        names = {*name_words(self.option.label), *(one for slot in self.option.slots for one in name_words(slot.name))}
        return len(word) > 5 and word.endswith("er") and f"{word[:-2]}ness" in names

    def _of_heat(self) -> bool:
        return not set(self.clause.stems).isdisjoint(("warm", "cool", "cold", "hot"))

    def direction(self, place: int) -> int:
        """1 for more, -1 for less, 0 where neither or both are said; names say neither."""
        _, every = more_words()
        signs, words = set(), self.clause.words
        own = self._own_name()
        for at in range(len(words)):
            if at in own or at in self.clause.quoted:
                continue
            for length in (3, 2, 1):
                sign = every.get(tuple(words[at:at + length]))
                if sign:
                    signs.add(sign)
                    break
        return signs.pop() if len(signs) == 1 else 0

    def _own_name(self) -> set[int]:
        """Places of names that are longer than a word, or of arguments: "low" in "low limit" is no direction."""
        exact = {word for slot in self.option.slots for word in name_words(slot.name)} | {
            *name_words(self.option.label), *name_words(self.option.title)}
        return {at for spans in self.mentions.values() for start, end in spans for at in range(start, end)
                if self.clause.words[at] in exact}

    def _take_direction(self, place: int) -> None:
        plain, _ = more_words()
        self.used.update(at for at, word in enumerate(self.clause.words) if (word,) in plain)
