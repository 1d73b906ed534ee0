"""What people's words and phrases come to among a Thing's options: meanings.toml, one way from what is said to names.

Rules: a sentence is cut into units, the longest phrases first that lead anywhere here; articles and pronouns are no
part of a phrase, and a noun may stand before its last particle ("turn the light off"). What a unit is worth to an
option is the best of the option's own words, of the senses they share (thesaurus.toml) and of these rows. Pure."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np

from device_agent import wording
from device_agent.clause import Clause
from device_agent.features import ALIKE, Index, senses, stem, stop_words
from models.language.prompt import SETTING, Option, name_words

# What a row is worth to an option, by where its words stand; how much of that no more than part of a name leaves.
NAMED, ARGUED, DESCRIBED, PART = 0.95, 0.7, 0.5, 0.45
# How much more a phrase counts for each word after its first.
LONGER = 0.35
# What the words of a phrase are worth one by one.
APART = 0.9
# How much less a word such as "level" counts.
GENERIC = 0.4
# How many words may stand before the last particle of a phrase.
GAP = 3
_DROPPED = frozenset(("the", "a", "an", "my", "our", "your", "its", "it", "this", "that", "these", "those", "them",
                      "me", "him", "her", "please"))
_HOURS = frozenset(("am", "pm"))
_PARTICLES = frozenset(("on", "off", "up", "down", "in", "out", "away", "over", "back", "again"))


@dataclass(frozen=True)
class Unit:
    """A word or phrase of a sentence. `places`: of its words in the clause; `worth`: (n,) to each option, 0 to 1;
    `weight`: how much it counts."""

    places: tuple[int, ...]
    stems: tuple[str, ...]
    worth: np.ndarray
    weight: float


@lru_cache(maxsize=1)
def rows() -> tuple[tuple[tuple[frozenset[str], ...], tuple[tuple[str, ...], ...]], ...]:
    """(the names of a row as sets of stems, its phrases) of each row."""
    text = resources.files("device_agent").joinpath("meanings.toml").read_text("utf-8")
    return tuple(
        (tuple(frozenset(stem(word) for word in name.split()) for name in names.split(",")),
         tuple(_reduced(phrase.split()) for phrase in said.split(",")))
        for group in tomllib.loads(text).values() for names, said in group.items())


def _reduced(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(stem(word) for word in words if word not in _DROPPED)


@lru_cache(maxsize=1)
def _phrases() -> dict[tuple[str, ...], tuple[frozenset[int], frozenset[int]]]:
    """A phrase -> (its rows here, its senses in the thesaurus)."""
    lead: dict[tuple[str, ...], set[int]] = {}
    for number, (_, phrases) in enumerate(rows()):
        for phrase in phrases:
            lead.setdefault(phrase, set()).add(number)
    meant: dict[tuple[str, ...], set[int]] = {}
    for phrase, numbers in senses().items():
        meant.setdefault(tuple(word for word in phrase if word not in _DROPPED) or phrase, set()).update(numbers)
    return {phrase: (frozenset(lead.get(phrase, ())), frozenset(meant.get(phrase, ()))) for phrase in {*lead, *meant}}


@lru_cache(maxsize=1)
def _generic() -> frozenset[str]:
    return frozenset(wording.table()["find"]["generic"])


@lru_cache(maxsize=1)
def known_stems() -> frozenset[str]:
    """Every stem that the tables have, whatever the Thing."""
    return frozenset(word for phrase in _phrases() for word in phrase) | frozenset(
        word for names, _ in rows() for name in names for word in name)


@lru_cache(maxsize=1)
def _longest() -> int:
    return max(map(len, _phrases()))


@lru_cache(maxsize=4096)
def rows_of(option: Option) -> dict[int, float]:
    """The rows whose names an option has, with what they are worth."""
    texts = [{stem(word) for word in name_words(text)} for text in (option.label, option.title)]
    plain = [{stem(word) for word in name_words(text) if word not in SETTING and word not in stop_words()}
             for text in (option.label, option.title)]
    label = texts[0] | texts[1] | {stem("".join(name_words(option.label)))}
    slots = {stem(word) for slot in option.slots for text in (slot.name, *slot.choices) for word in name_words(text)}
    told = {stem(word) for word in name_words(f"{option.about} {option.more}")}
    found: dict[int, float] = {}
    for number, (names, _) in enumerate(rows()):
        best = 0.0
        for name in names:
            if name <= label:
                share = max(len(name & words) / len(words) if words else 1.0
                            for whole, words in zip(texts, plain, strict=True) if whole)
                best = max(best, NAMED * (PART + (1 - PART) * min(1.0, share)))
            elif name <= slots:
                best = max(best, ARGUED)
            elif name <= told or (len(name) > 1 and name <= label | told | slots):
                best = max(best, DESCRIBED)
        if best:
            found[number] = best
    return found


def forget() -> None:
    """Read the rows anew: for who changes them."""
    for known in (_phrases, _longest, known_stems, rows_of, meanings_of):
        known.cache_clear()


class Meanings:
    """What units of sentences are worth to the options of one Thing."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.rows = [rows_of(option) for option in index.options]
        self._worth: dict[tuple[str, ...], np.ndarray] = {}

    def worth(self, phrase: tuple[str, ...]) -> np.ndarray:
        """(n,) of the reduced stems of a unit."""
        found = self._worth.get(phrase)
        if found is None:
            if len(self._worth) > 8192:
                self._worth.clear()
            rows, meant = _phrases().get(phrase, (frozenset(), frozenset()))
            found = self.index.worth(phrase).copy() if len(phrase) == 1 else np.zeros(len(self.rows))
            for number, (known, sensed) in enumerate(zip(self.rows, self.index.senses, strict=True)):
                found[number] = max(found[number], 0.0, *(known.get(row, 0.0) for row in rows),
                                    *(ALIKE * sensed.get(one, 0.0) for one in meant))
            self._worth[phrase] = found
        return found

    def units(self, clause: Clause, context: frozenset[str], content: Sequence[int]) -> list[Unit]:
        """The units of a clause in order. `content`: places of the words that count alone; `context`: stems that are
        no news to the Thing."""
        kept = [at for at, word in enumerate(clause.words)
                if word not in _DROPPED and word[0].isalpha() and at not in clause.quoted]
        stems = [clause.stems[at] for at in kept]
        taken: dict[int, tuple[int, ...]] = {}
        for length in range(min(_longest(), len(kept)), 1, -1):
            for at in range(len(kept) - length + 1):
                self._take(tuple(stems[at:at + length]), tuple(kept[at:at + length]), taken)
        for at in range(len(kept)):
            for after in range(at + 2, min(at + 2 + GAP, len(kept))):
                if clause.words[kept[after]] in _PARTICLES:
                    self._take((stems[at], stems[after]), (kept[at], kept[after]), taken)
        found = []
        for at in sorted({*taken, *content}):
            places = taken.get(at, (at,))
            if places[0] != at or (len(places) == 1 and (
                    at in clause.of_number or clause.stems[at] in context or not clause.words[at][0].isalpha()
                    or at in clause.quoted or clause.words[at] in _HOURS)):
                continue
            said = tuple(clause.stems[place] for place in places)
            worth = self._whole(said, [clause.stems[place] for place in places if place in content])
            weight = self._rarity(worth) * (1.0 + LONGER * (len(places) - 1))
            if len(places) == 1 and clause.words[at] in _generic():
                weight *= GENERIC
            found.append(Unit(places, said, worth, weight))
        return found

    def _whole(self, phrase: tuple[str, ...], content: Sequence[str]) -> np.ndarray:
        """(n,) of a unit: as a phrase, or as its words have it one by one."""
        worth = self.worth(phrase)
        if len(phrase) == 1 or not content:
            return worth
        return np.maximum(worth, APART * np.mean([self.worth((one,)) for one in content], axis=0))

    def _take(self, phrase: tuple[str, ...], places: tuple[int, ...], taken: dict[int, tuple[int, ...]]) -> None:
        if phrase in _phrases() and taken.keys().isdisjoint(places) and self.worth(phrase).any():
            taken.update(dict.fromkeys(places, places))

    def _rarity(self, worth: np.ndarray) -> float:
        """How much a unit counts: more if few options know it well."""
        most = float(worth.max(initial=0.0))
        knowing = int((worth >= 0.75 * most).sum()) if most else len(worth)
        return 1.0 + math.log((1 + len(worth)) / (1 + knowing))


@lru_cache(maxsize=256)
def meanings_of(index: Index) -> Meanings:
    """The meanings of a Thing's options."""
    return Meanings(index)
