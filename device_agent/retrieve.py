"""Which of a Thing's options a sentence could mean: the few that the language model is shown, and what it may answer.

Hybrid: words (with synonyms, and letter trigrams for slips of the finger) and the model's own embeddings, fused.
Rules: up to SHOW_ALL options are all shown, in the Thing's own order, so that their part of the prompt stays computed;
of more the best K, best first. What contradicts the sentence, or is of the wrong mood, is not allowed as an answer.
Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from device_agent import wording
from models.language.prompt import Option, Slot, name_words
from models.language.words import Number, canonical, convert, normalise

K = 8
# As many as the model has seen together in training.
SHOW_ALL = 12
# Weights of the fusion, and the least that the best option of many must reach.
EMBEDDING_WEIGHT = 0.5
THRESHOLD = 0.2
# The least share of letter trigrams with which two words count as alike.
TRIGRAMS = 0.5
# Units of which a percentage is no part of the range.
DEGREES = ("celsius", "fahrenheit", "kelvin")
# Options that score less than this part of the best one are left out.
MARGIN = 0.15


@dataclass(frozen=True)
class Retrieved:
    """`shown`: numbers of the options shown, in order; `allowed`: the places in `shown` that may be answered. Both
    empty: the Thing has nothing that the sentence could mean."""

    shown: tuple[int, ...]
    allowed: frozenset[int]


def retrieve(sentence: str, options: Sequence[Option], scores: np.ndarray | None = None) -> Retrieved:
    """`sentence`: with the Thing's name taken out; `scores`: of `score`, needed where there are more than SHOW_ALL."""
    may = narrowed(sentence, options, [permitted(sentence, option) for option in options])
    if not any(may):
        return Retrieved((), frozenset())
    if len(options) <= SHOW_ALL or scores is None:
        shown = tuple(range(min(len(options), SHOW_ALL)))
    else:
        ranked = sorted((number for number in range(len(options)) if may[number]),
                        key=lambda number: (-scores[number], number))
        least = max(THRESHOLD, MARGIN * float(scores[ranked[0]]))
        shown = tuple(number for number in ranked[:K] if scores[number] >= least)
    return Retrieved(shown, frozenset(place for place, number in enumerate(shown) if may[number]))


def permitted(sentence: str, option: Option) -> bool:
    """Whether a sentence of this mood and these plain words may lead to an option at all."""
    mood = wording.mood(sentence)
    if mood == wording.ASK and option.verb != "get":
        return not option.slots and wording.looks(option.name)
    if mood == wording.TELL and option.verb == "get":
        return False
    return option.verb == "get" or bool(option.slots) or not wording.contradicts(sentence, option.name)


def narrowed(sentence: str, options: Sequence[Option], may: Sequence[bool]) -> list[bool]:
    """Which of the options that may be answered are left where a sentence of one order leaves no doubt: it says just an
    option's name ("open it"), or a value that some options take and others cannot."""
    if wording.joins(sentence) or wording.mood(sentence) == wording.ASK:
        return _only_named(sentence, options, may) if not wording.joins(sentence) else list(may)
    left = _only_named(sentence, options, may)
    amounts = [number for number in normalise(sentence).numbers if wording.counts(sentence, number)]
    if amounts:  # an amount must go somewhere, even if then nothing is left
        able = [one and any(_takes(sentence, option, number) for number in amounts)
                for one, option in zip(left, options, strict=True)]
        within = [one and any(_within(sentence, option, number) for number in amounts)
                  for one, option in zip(able, options, strict=True)]
        return next((kept for kept in (within, able) if any(kept)), [
            one and any(slot.type == "number" for slot in option.slots)
            for one, option in zip(left, options, strict=True)])
    fit = [_mentions(sentence, option) for option in options]
    if wording.direction(sentence):
        fit = [one or _changes(option) for one, option in zip(fit, options, strict=True)]
    elif not any(fit):
        return left
    kept = [one and (good or _is_named(sentence, option)) for one, good, option in zip(left, fit, options, strict=True)]
    return kept if any(kept) else left


def _only_named(sentence: str, options: Sequence[Option], may: Sequence[bool]) -> list[bool]:
    """Those whose name is all that the sentence says; else those whose name means the same; else all."""
    said = _content(wording.words_of(sentence))
    if not said:
        return list(may)
    labels = [_content(name_words(option.label)) if one and not option.slots else frozenset()
              for one, option in zip(may, options, strict=True)]
    named = [label == said for label in labels]
    if not any(named):
        named = [bool(label) and wording.same_pole(label, said) for label in labels]
    return named if any(named) else list(may)


def _is_named(sentence: str, option: Option) -> bool:
    """Whether all words of an option's name stand in the sentence."""
    label = _content(name_words(option.label))
    return bool(label) and label <= _content(wording.words_of(sentence))


def _takes(sentence: str, option: Option, number: Number) -> bool:
    """Whether an amount could be one of an option's arguments."""
    for slot in option.slots:
        unit = canonical(slot.unit)
        if slot.type == "text" and wording.speaks(sentence) and not _is_colour(slot, option):
            return True
        if slot.type == "choice" and any(f"{number.value:g}" in name_words(choice) for choice in slot.choices):
            return True
        if slot.type == "number" and (
                convert(1.0, number.unit, unit) is not None
                or (number.unit == "percent" and (_is_change(sentence, number)
                                                  or (None not in (slot.low, slot.high) and unit not in DEGREES)))):
            return True
    return False


def _within(sentence: str, option: Option, number: Number) -> bool:
    """Whether an amount is within the range of one of an option's arguments, or none is to be kept."""
    if _is_change(sentence, number) or _is_named(sentence, option):
        return True
    for slot in option.slots:
        value = convert(number.value, number.unit, canonical(slot.unit)) if slot.type == "number" else None
        if slot.type != "number" or value is None:
            return True  # a text, a choice, a part of the range
        if (slot.low is None or value >= slot.low) and (slot.high is None or value <= slot.high):
            return True
    return False


def _is_change(sentence: str, number: Number) -> bool:
    return wording.words_of(sentence[:number.start])[-1:] == ["by"]


def _changes(option: Option) -> bool:
    """Whether an option can be what "more" or "less" is about."""
    if option.slots:
        return any(slot.type == "number" for slot in option.slots)
    return option.verb == "do" and not set(name_words(option.label)) & {"on", "off", "toggle"}


def _content(words: Sequence[str]) -> frozenset[str]:
    return frozenset(word for word in words if word[0].isalnum() and word not in _stop())


def _mentions(sentence: str, option: Option) -> bool:
    """Whether one of its choices stands in the sentence and is no word for a state such as "off", or whether it takes
    any colour and one is said."""
    spoken = f" {' '.join(wording.words_of(sentence))} "
    for slot in option.slots:
        if any(f" {' '.join(name_words(choice))} " in spoken and not wording.pole(name_words(choice))
               for choice in slot.choices):
            return True
        if slot.type == "text" and _is_colour(slot, option) and wording.colour_said(sentence):
            return True
    return False


def _is_colour(slot: Slot, option: Option) -> bool:
    return not {*name_words(slot.name), *name_words(option.label)}.isdisjoint(("colour", "color"))


def score(sentence: str, options: Sequence[Option], vectors: np.ndarray | None = None) -> np.ndarray:
    """(n,) scores of options, higher is nearer; about 0 for what has nothing to do with the sentence.

    `vectors`: (1 + n, d) unit rows of the sentence and the options; without them the words decide alone."""
    words = lexical(sentence, options)
    if vectors is None or len(options) < 2:
        return words
    near = vectors[1:] @ vectors[0]
    return words + EMBEDDING_WEIGHT * np.clip(near, 0.0, 1.0)


def lexical(sentence: str, options: Sequence[Option]) -> np.ndarray:
    """(n,) how well the words of each option explain those of the sentence: rare words count most."""
    said = [word for word in wording.words_of(sentence) if word[0].isalnum() and word not in _stop()]
    features = [_features(option) for option in options]
    weights = {word: 1.0 + math.log((1 + len(options)) / (1 + sum(word in one for one in features))) for word in said}
    total = sum(weights.values()) or 1.0
    scores = np.zeros(len(options))
    for number, (option, known) in enumerate(zip(options, features, strict=True)):
        explained = sum(weights[word] * _explained(word, known) for word in dict.fromkeys(said)) / total
        scores[number] = explained + _named(option.label, sentence)
    return scores


def _named(label: str, sentence: str) -> float:
    """1.5 where the whole name stands in the sentence, and is more than a word like "on"; else 0."""
    spoken = f" {' '.join(wording.words_of(sentence))} "
    bare = " ".join(word for word in name_words(label) if word not in _stop())
    return 1.5 if len(bare) > 2 and (f" {label} " in spoken or f" {bare} " in spoken) else 0.0


@lru_cache(maxsize=4096)
def _features(option: Option) -> dict[str, float]:
    """The words of an option and those that lead to it, with weights up to 1."""
    found: dict[str, float] = {}

    def add(words: Sequence[str], weight: float) -> None:
        for word in words:
            if word not in _stop():
                found[word] = max(found.get(word, 0.0), weight)
                for other in _alike().get(word, ()):
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
def _stop() -> frozenset[str]:
    return frozenset(wording.table()["find"]["stop"])


@lru_cache(maxsize=1)
def _alike() -> dict[str, frozenset[str]]:
    """Word -> the words that lead to the same options."""
    rows: dict[str, set[str]] = {}
    for row in wording.table()["find"]["alike"]:
        for word in row:
            rows.setdefault(word, set()).update(row)
    return {word: frozenset(others) for word, others in rows.items()}


def _explained(word: str, known: dict[str, float]) -> float:
    """How well an option's words explain one of the sentence: itself, or one that has most of its letter trigrams."""
    if word in known or len(word) < 4:
        return known.get(word, 0.0)
    return max((weight * near for other, weight in known.items()
                if (near := _trigrams_shared(word, other)) >= TRIGRAMS), default=0.0)


@lru_cache(maxsize=16384)
def _trigrams_shared(some: str, other: str) -> float:
    """Dice's coefficient of the letter trigrams of two words."""
    mine, theirs = _trigrams(some), _trigrams(other)
    return 2 * len(mine & theirs) / (len(mine) + len(theirs))


def _trigrams(word: str) -> set[str]:
    padded = f" {word} "
    return {padded[at:at + 3] for at in range(len(padded) - 2)}
