"""What sentences and a Thing's options are compared by: stems of words, senses that they share, letters.

Rules: a word counts by its stem; words of one row of thesaurus.toml lead to each other, for less; a word that no option
knows may stand for one that has most of its letters, for less still; a word that few options know counts more. What
depends on the Thing alone is computed once (`Index`). Pure."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np

from device_agent import wording
from models.language.prompt import SETTING, Option, name_words

# What a word is worth: of the label, of an argument or a choice, of the description; said in other words; misspelt.
LABEL, SLOT, CHOICE, ABOUT, UNIT = 1.0, 0.9, 0.8, 0.6, 0.4
ALIKE, MISSPELT = 0.7, 0.6
# The least share of letter trigrams with which two words count as alike.
TRIGRAMS = 0.5
_SUFFIXES = (("ically", "ic"), ("ation", "at"), ("ators", "at"), ("ator", "at"), ("ities", "it"), ("ness", ""),
             ("ment", ""), ("ings", ""), ("ing", ""), ("ied", "y"), ("ies", "y"), ("ions", ""), ("ion", ""),
             ("ors", ""), ("ed", ""), ("ers", ""), ("ly", ""), ("est", ""),
             ("er", ""), ("or", ""), ("es", ""), ("s", ""), ("e", ""))
_VOWEL = re.compile(r"[aeiouy]")


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """What the forms of a word have in common: warmer, warmed, warming -> warm; calibration, calibrate -> calibrat."""
    word = table()["irregular"].get(word, word)
    if len(word) < 4 or not word.isalpha() or not word.isascii():
        return word
    for suffix, ending in _SUFFIXES:
        rest = word[:-len(suffix)]
        if word.endswith(suffix) and len(rest) >= (4 if suffix in ("er", "or", "ion", "est", "es") else 3) \
                and _VOWEL.search(rest) and not (suffix == "s" and rest[-1] in "su"):
            word = rest + ending
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    if len(word) > 4 and word[-1] == word[-2] == "l":
        word = word[:-1]
    return word[:-1] if len(word) > 3 and word[-1] == "e" else word


@lru_cache(maxsize=1)
def table() -> dict[str, Any]:
    """thesaurus.toml."""
    return tomllib.loads(resources.files("device_agent").joinpath("thesaurus.toml").read_text("utf-8"))


def _phrases(row: str) -> list[tuple[str, ...]]:
    return [tuple(stem(word) for word in phrase.split()) for phrase in row.split(",")]


@lru_cache(maxsize=1)
def senses() -> dict[tuple[str, ...], frozenset[int]]:
    """Stems of a word or phrase -> the senses (numbers of rows) that it has."""
    rows = [*table()["senses"]["rows"], *table()["acts"]["rows"],
            *(f"{row['about']}, {row['up']}, {row['down']}" for row in table()["more"])]
    found: dict[tuple[str, ...], set[int]] = {}
    for number, row in enumerate(rows):
        for phrase in _phrases(row):
            found.setdefault(phrase, set()).add(number)
    return {phrase: frozenset(numbers) for phrase, numbers in found.items()}


@lru_cache(maxsize=1)
def _longest() -> int:
    return max(len(phrase) for phrase in senses())


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    """Words that say nothing about which option is meant."""
    return frozenset(wording.table()["find"]["stop"])


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    """Every single word that the tables of the device know, so that it is no slip of the finger for another."""
    words = {word for rows in (table()["senses"]["rows"], table()["acts"]["rows"],
                               [row[key] for row in table()["more"] for key in ("about", "up", "down")])
             for row in rows for word in re.findall(r"[^\s,]+", row)}
    return frozenset(words | wording.every_word() | set(table()["plain"]["words"]))


def content(words: Iterable[str]) -> frozenset[str]:
    """The words that say something about which option is meant."""
    return frozenset(word for word in words if word[0].isalnum() and word not in stop_words())


@lru_cache(maxsize=4096)
def features_of(option: Option) -> dict[str, float]:
    """The words of an option and those that plainly lead to it, with weights up to 1: what rules out others."""
    found: dict[str, float] = {}

    def add(words: Sequence[str], weight: float) -> None:
        for word in words:
            if word not in stop_words():
                found[word] = max(found.get(word, 0.0), weight)
                for other in alike().get(word, ()):
                    found[other] = max(found.get(other, 0.0), 0.6 * weight)

    add(name_words(option.label), 1.0)
    add(name_words(option.about), 0.5)
    for slot in option.slots:
        add(name_words(slot.name), 0.8)
        add(name_words(slot.unit), 0.4)
        for choice in slot.choices:
            add(name_words(choice), 0.9)
    return found


@lru_cache(maxsize=1)
def alike() -> dict[str, frozenset[str]]:
    """Word -> the words that plainly lead to the same options."""
    rows: dict[str, set[str]] = {}
    for row in wording.table()["find"]["alike"]:
        for word in row:
            rows.setdefault(word, set()).update(row)
    return {word: frozenset(others) for word, others in rows.items()}


@lru_cache(maxsize=4096)
def weights_of(option: Option) -> dict[str, float]:
    """Stems of an option's own words, with what they are worth."""
    found: dict[str, float] = {}

    def add(words: Iterable[str], weight: float) -> None:
        for word in words:
            if word not in stop_words() or weight == LABEL:
                found[stem(word)] = max(found.get(stem(word), 0.0), weight if word not in SETTING else 0.1)

    add(name_words(option.label), LABEL)
    label = name_words(option.label)
    if len(label) > 1:
        found["".join(label)] = LABEL
    add(name_words(option.title), LABEL)
    add(name_words(option.about), ABOUT)
    add(name_words(option.more), ABOUT)
    for slot in option.slots:
        add(name_words(slot.name), SLOT)
        add(name_words(slot.unit), UNIT)
        for choice in slot.choices:
            add(name_words(choice), CHOICE)
    return found


@lru_cache(maxsize=4096)
def senses_of(option: Option) -> dict[int, float]:
    """Senses of an option, with what they are worth."""
    found: dict[int, float] = {}
    own = weights_of(option)
    texts = [(name_words(option.label), LABEL), (name_words(option.title), LABEL),
             (name_words(f"{option.about} {option.more}"), ABOUT),
             *((name_words(slot.name), SLOT) for slot in option.slots)]
    for words, weight in texts:
        stems = [stem(word) for word in words]
        for at in range(len(stems)):
            for length in range(1, min(_longest(), len(stems) - at) + 1):
                if length == 1 and stems[at] not in own:
                    continue
                worth = weight * (1.0 if length > 1 or len(words) < 3 else 0.85)
                for sense in senses().get(tuple(stems[at:at + length]), ()):
                    found[sense] = max(found.get(sense, 0.0), worth)
    return found


class Index:
    """What the words of sentences are worth for each option of one Thing."""

    def __init__(self, options: Sequence[Option]) -> None:
        self.options = tuple(options)
        self.own = [weights_of(option) for option in self.options]
        self.senses = [senses_of(option) for option in self.options]
        self.words = frozenset(word for own in self.own for word in own)
        self.choices = frozenset(stem(word) for option in self.options for slot in option.slots
                                 for choice in slot.choices for word in name_words(choice) if word not in stop_words())
        # The words as they are written, for slips of the finger.
        self.spoken = frozenset(word for option in self.options for text in (
            option.label, option.title, option.about, *(slot.name for slot in option.slots),
            *(choice for slot in option.slots for choice in slot.choices)) for word in name_words(text))
        self.names = frozenset(stem(word) for option in self.options for text in (option.label, option.title, *(
            slot.name for slot in option.slots), *(choice for slot in option.slots for choice in slot.choices))
            for word in name_words(text))
        self._worth: dict[tuple[str, ...], np.ndarray] = {}

    def worth(self, phrase: tuple[str, ...]) -> np.ndarray:
        """(n,) how well each option explains the stems of a word or phrase, 0 to 1."""
        found = self._worth.get(phrase)
        if found is None:
            if len(self._worth) > 8192:
                self._worth.clear()
            found = self._worth[phrase] = np.array([self._of(phrase, number) for number in range(len(self.options))])
        return found

    def _of(self, phrase: tuple[str, ...], number: int) -> float:
        own, known = self.own[number], self.senses[number]
        best = own.get(phrase[0], 0.0) if len(phrase) == 1 else 0.0
        for sense in senses().get(phrase, ()):
            best = max(best, ALIKE * known.get(sense, 0.0))
        if not best and len(phrase) == 1 and len(phrase[0]) > 3 and phrase[0] not in self.words:
            best = MISSPELT * max((weight * near for other, weight in own.items()
                                   if (near := trigrams_shared(phrase[0], other)) >= TRIGRAMS), default=0.0)
        return best

    def rarity(self, worth: np.ndarray) -> float:
        """How much a word counts that is worth this to the options: more if few know it."""
        most = float(worth.max(initial=0.0))
        knowing = int((worth >= 0.6 * most).sum()) if most else len(worth)
        return 1.0 + math.log((1 + len(worth)) / (1 + knowing))

    def explained(self, stems: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """(words, n) what each word is worth to each option, phrases counted for all of their words, and (words,) how
        much each counts."""
        table_ = np.zeros((len(stems), len(self.options)))
        for at in range(len(stems)):
            np.maximum(table_[at], self.worth((stems[at],)), out=table_[at])
            for length in range(2, min(_longest(), len(stems) - at) + 1):
                phrase = tuple(stems[at:at + length])
                if phrase in senses():
                    worth = self.worth(phrase)
                    for place in range(at, at + length):
                        np.maximum(table_[place], worth, out=table_[place])
        return table_, np.array([self.rarity(row) for row in table_])


@lru_cache(maxsize=256)
def index_of(options: tuple[Option, ...]) -> Index:
    """The index of a Thing's options."""
    return Index(options)


@lru_cache(maxsize=16384)
def trigrams_shared(some: str, other: str) -> float:
    """Dice's coefficient of the letter trigrams of two words."""
    mine, theirs = _trigrams(some), _trigrams(other)
    return 2 * len(mine & theirs) / (len(mine) + len(theirs))


@lru_cache(maxsize=16384)
def _trigrams(word: str) -> frozenset[str]:
    padded = f" {word} "
    return frozenset(padded[at:at + 3] for at in range(len(padded) - 2))
