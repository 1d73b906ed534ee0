"""A clause as the rules see it: its words with their stems and places, its numbers and quotes; slips mended.

Rules: everything that depends on the sentence alone is found once; a word is mended only if nobody knows it and it is
one or two letters from a word that the Thing or a command uses. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from device_agent import wording
from device_agent.features import known_words, stem
from models.language.prompt import NUMBERS_MAX
from models.language.words import Number, normalise
from models.language.words import table as number_words

_WORD = re.compile(r"\d+(?:[.,]\d+)*[^\W\d_]*|[^\W_\d]+(?:['’][^\W_\d]+)*\d*|[^\W_]+|[^\w\s]")
_QUOTE = re.compile(r"\"([^\"]+)\"|“([^”]+)”|(?<!\w)['‘]([^'’]+(?:['’]\w[^'’]*)*)['’](?!\w)|«([^»]+)»")
# Words of a sentence are looked at for slips only if they are this long; for two slips, this long.
ONE_SLIP, TWO_SLIPS = 4, 8
# Shorter words are not mended by changing a letter: that makes one word of another ("paint", "print").
CHANGED = 6


@dataclass(frozen=True)
class Clause:
    """One clause, or a sentence of one. `text` is what its places count in; `counted`: its numbers, where known."""

    text: str
    counted: tuple[Number, ...] | None = None

    @cached_property
    def found(self) -> list[tuple[str, int, int]]:
        return [(one.group().lower().replace("’", "'"), one.start(), one.end()) for one in _WORD.finditer(self.text)
                if one.group() != "-" or not self._is_glued(one.start())]

    def _is_glued(self, at: int) -> bool:
        """Whether a sign stands within a word: "H-alpha"."""
        return 0 < at < len(self.text) - 1 and self.text[at - 1].isalnum() and self.text[at + 1].isalnum()

    @cached_property
    def words(self) -> tuple[str, ...]:
        return tuple(word for word, _, _ in self.found)

    @cached_property
    def stems(self) -> tuple[str, ...]:
        return tuple(stem(word.removesuffix("'s")) for word in self.words)

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.stems)

    @cached_property
    def numbers(self) -> tuple[Number, ...]:
        if self.counted is not None:
            return self.counted
        return tuple(normalise(self.text).numbers[:NUMBERS_MAX])

    @cached_property
    def quotes(self) -> tuple[tuple[int, int, str], ...]:
        """(start, end, what stands between the signs)."""
        return tuple((one.start(), one.end(), next(group for group in one.groups() if group is not None).strip())
                     for one in _QUOTE.finditer(self.text))

    @cached_property
    def of_number(self) -> dict[int, int]:
        """Place of a word -> the number that it is part of."""
        return {place: index for index, number in enumerate(self.numbers)
                for place, (_, start, end) in enumerate(self.found) if start < number.end and number.start < end}

    @cached_property
    def quoted(self) -> frozenset[int]:
        """Places of the words that stand in quotes."""
        return frozenset(place for place, (_, start, end) in enumerate(self.found)
                         if any(begin <= start and end <= stop for begin, stop, _ in self.quotes))

    @cached_property
    def content(self) -> tuple[int, ...]:
        """Places of the words that say something about which option is meant."""
        stop = _stop()
        return tuple(place for place, word in enumerate(self.words)
                     if word[0].isalnum() and word not in stop and place not in self.of_number)

    def places(self, phrase: tuple[str, ...]) -> list[int]:
        """Where the stems of a phrase begin."""
        size = len(phrase)
        if not size or phrase[0] not in self._known:
            return []
        return [at for at in range(len(self.stems) - size + 1) if self.stems[at:at + size] == phrase]

    def before(self, place: int) -> str:
        return self.words[place - 1] if place > 0 else ""

    def place_at(self, start: int) -> int:
        """The place of the first word at or after a character."""
        return next((place for place, (_, begin, _) in enumerate(self.found) if begin >= start), len(self.found))


@lru_cache(maxsize=1)
def _stop() -> frozenset[str]:
    find = wording.table()["find"]
    return frozenset((*find["stop"], *find["filler"]))


@lru_cache(maxsize=512)
def clause_of(text: str) -> Clause:
    """The clause of a text, made once."""
    return Clause(text)


# Slips of the finger


@lru_cache(maxsize=1)
def _commands() -> tuple[str, ...]:
    """Words of commands that may be misspelt."""
    rules, change, numbers = wording.table()["mood"], wording.table()["change"], number_words()
    words = {*rules["orders"], *rules["questions"], *change["up"], *change["down"], *change["most"], *change["least"],
             *wording.table()["find"]["misspelt"], *numbers["numbers"], *numbers["scales"],
             *(word for row in numbers["units"].values() for word in row if word.isalpha()),
             *(word for pair in wording.table()["poles"] for side in ("one", "other") for word in pair[side])}
    return tuple(sorted(word for word in words if len(word) >= ONE_SLIP and word.isalpha()))


@lru_cache(maxsize=1)
def _everything() -> frozenset[str]:
    return frozenset((*known_words(), *_commands(), *_counting()))


@lru_cache(maxsize=1)
def _counting() -> frozenset[str]:
    """The words with which numbers and ordinals are said."""
    rows = number_words()
    return frozenset({*rows["numbers"], *rows["scales"], *rows["fractions"], *rows["before"]["words"],
                      *(word for row in rows["units"].values() for phrase in row for word in phrase.split()),
                      *wording.table()["talk"]["ordinals"], "minus", "negative", "point"})


def mended(text: str, own: Iterable[str]) -> str:
    """The text with slips of the finger mended. `own`: the words of the Thing, which come first."""
    own = frozenset(own)
    clause, stems = clause_of(text), _stems_of(own)
    parts, end = [], 0
    for place, (word, start, stop) in enumerate(clause.found):
        if place in clause.quoted or len(word) < ONE_SLIP or not word.isalpha() or word in own \
                or word in _everything() or _is_form(word) or stem(word) in stems:
            continue
        better = _nearest(word, own) or _nearest_command(word)
        if better:
            parts += [text[end:start], better]
            end = stop
    return "".join([*parts, text[end:]])


@lru_cache(maxsize=256)
def _stems_of(words: frozenset[str]) -> frozenset[str]:
    return frozenset(map(stem, words))


@lru_cache(maxsize=8192)
def _is_form(word: str) -> bool:
    """Whether a word is a form of one that is known: "preheating"."""
    if any(word.removesuffix(end) in _everything() for end in ("s", "es", "d", "ed", "ing", "er", "ly")):
        return True
    return len(word) > 6 and stem(word) in _stems()


@lru_cache(maxsize=1)
def _stems() -> frozenset[str]:
    return frozenset(map(stem, _everything()))


@lru_cache(maxsize=4096)
def _nearest(word: str, own: frozenset[str]) -> str:
    return _best(word, tuple(sorted(one for one in own if len(one) >= ONE_SLIP and one.isalpha())))


@lru_cache(maxsize=4096)
def _nearest_command(word: str) -> str:
    return _best(word, _commands())


def _best(word: str, others: tuple[str, ...]) -> str:
    """The word that is nearest, if one is near enough: its stem too, for words with endings."""
    most = 2 if len(word) >= TWO_SLIPS else 1
    near = [(slips, other[0] != word[0], other) for other in others if abs(len(other) - len(word)) <= most
            and (slips := distance(word, other, most)) <= most
            and (len(word) >= CHANGED or len(other) != len(word) or sorted(other) == sorted(word))]
    return min(near)[2] if near else ""


def distance(some: str, other: str, most: int) -> int:
    """Letters put in, left out, changed or swapped between two words, or more than `most`."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(some, 1):
        now = [row]
        for column, against in enumerate(other, 1):
            cost = min(last[column] + 1, now[column - 1] + 1, last[column - 1] + (letter != against))
            if row > 1 and column > 1 and letter == other[column - 2] and some[row - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            now.append(cost)
        if min(now) > most:
            return most + 1
        before, last = last, now
    return last[-1]
