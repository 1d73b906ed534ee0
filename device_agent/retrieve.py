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
from models.language.prompt import Option, name_words

K = 8
# As many as the model has seen together in training.
SHOW_ALL = 12
# Weights of the fusion, and the least that the best option of many must reach.
EMBEDDING_WEIGHT = 0.5
THRESHOLD = 0.2
# The least share of letter trigrams with which two words count as alike.
TRIGRAMS = 0.5
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
    """Which of the options that may be answered are left where the sentence leaves no doubt: it says just an option's
    name ("open it"), or it gives a value, which an option without arguments cannot take."""
    left = list(may)
    if wording.joins(sentence):
        return left
    said = _content(wording.words_of(sentence))
    named = [number for number, option in enumerate(options)
             if left[number] and not option.slots and said == _content(name_words(option.label))]
    if named and said:
        return [number in named for number in range(len(options))]
    if wording.gives_amount(sentence) or any(_mentions(sentence, option) for option in options):
        left = [one and (option.verb == "get" or bool(option.slots)) for one, option in zip(left, options, strict=True)]
    return left


def _content(words: Sequence[str]) -> frozenset[str]:
    return frozenset(word for word in words if word[0].isalnum() and word not in _stop())


def _mentions(sentence: str, option: Option) -> bool:
    """Whether one of its choices stands in the sentence, and is no word for a state such as "off"."""
    spoken = f" {' '.join(wording.words_of(sentence))} "
    return any(f" {' '.join(name_words(choice))} " in spoken and not wording.pole(name_words(choice))
               for slot in option.slots for choice in slot.choices)


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
