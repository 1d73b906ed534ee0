"""Which of a Thing's options a sentence could mean: the few that the language model is shown, and what it may answer.

Hybrid: what the rules read (reading.py), what people's phrases come to (meanings.py) and words (with letter trigrams
for slips of the finger), weighed together (likelihood.py); where none leads anywhere, the model's own embeddings.
Rules: up to SHOW_ALL options are all shown, in the Thing's own order, so that their part of the prompt stays computed;
of more the best K, best first. What the plain words rule out (narrow.py) is shown, but is not allowed as an answer.
Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from device_agent import narrow, translated, wording
from device_agent.features import content, features_of, stop_words, table
from device_agent.glossed import asks, glossed
from device_agent.likelihood import Likelihood, likelihood
from device_agent.reading import View, prepared, weighed
from models.language import tongues
from models.language.prompt import Option
from ontology.description import Affordance, Thing

K = 8
# As many as the model has seen together in training.
SHOW_ALL = 12
# What embeddings add where no word leads anywhere; elsewhere they rank worse than words do.
NEARNESS = 0.1
# How likely the best option must serve for the Thing to have one that does.
SERVES = 0.7
# The least share of letter trigrams with which two words count as alike.
TRIGRAMS = 0.5


@dataclass(frozen=True)
class Retrieved:
    """`shown`: numbers of the options shown, in order; `allowed`: the places in `shown` that may be answered. Both
    empty: the Thing has nothing that the sentence could mean. `only`, `sure`: as of a Prompt."""

    shown: tuple[int, ...]
    allowed: frozenset[int]
    only: Mapping[tuple[int, int], tuple[str, ...]] = field(default_factory=dict)
    sure: bool = False


def nearest(may: Sequence[bool], order: Sequence[int] | None = None) -> Retrieved:
    """The few of the options that may be answered. `order`: all of them, best first; without it the first are shown."""
    if len(may) <= SHOW_ALL or order is None:
        shown = tuple(range(min(len(may), SHOW_ALL))) if any(may) else ()
    else:
        shown = tuple([number for number in order if may[number]][:K])
    return Retrieved(shown, frozenset(place for place, number in enumerate(shown) if may[number]))


def limited(sentence: str, options: Sequence[Option], found: Retrieved) -> Retrieved:
    """With the values that the plain words leave, and whether they leave a doubt."""
    only = {(place, slot): left for place in found.allowed
            for slot, left in narrow.values_left(sentence, options[found.shown[place]]).items()}
    sure = len(found.allowed) == 1 and all(
        narrow.says_only(sentence, options[found.shown[place]]) for place in found.allowed)
    return replace(found, only=only, sure=sure)


def ranked(
    sentence: str, view: View, vectors: np.ndarray | None = None, title: str = ""
) -> tuple[list[tuple[int, float]], bool]:
    """([(option, score)] best first, whether any of them serves the sentence). `title`: the Thing's, to be taken out;
    `vectors`: (1 + n, d) unit rows of the sentence and the options, for a sentence whose words lead nowhere."""
    found = likely(sentence, view, title)
    worth = found.scores
    if vectors is not None and not found.led:
        worth = worth + NEARNESS * np.clip(vectors[1:] @ vectors[0], 0.0, 1.0)
    order = sorted(range(len(worth)), key=lambda number: (-worth[number], number))
    return [(number, float(worth[number])) for number in order], found.serves >= SERVES


def likely(sentence: str, view: View, title: str = "") -> Likelihood:
    """What the words of a sentence come to for the options of a Thing."""
    said = prepared(sentence, title, view)
    words = lexical(said_fully(sentence), view.options)
    return likelihood(sentence, said, weighed(said, view), words, view)


def said_fully(sentence: str) -> str:
    """A sentence with the words that its phrases stand for: "where are you" is about a location."""
    low = f" {' '.join(wording.words_of(sentence))} "
    return " ".join([sentence, *(more for phrase, more in table()["asked"].items() if f" {phrase} " in low)])


def in_english(thing: Thing, sentence: str) -> tuple[tuple[Affordance, ...], str]:
    """(affordances in their order, sentence), both as English as the lexicons make them: what `ranked` compares."""
    read_as = tongues.read(sentence)
    said = read_as.text
    if read_as.language or not sentence.isascii():
        plain = glossed(sentence)
        said = f"{'what is ' if asks(sentence) else ''}{plain}" if plain else said
    return translated.in_english(thing.affordances), said


def lexical(sentence: str, options: Sequence[Option]) -> np.ndarray:
    """(n,) how well the words of each option explain those of the sentence: rare words count most."""
    words = wording.words_of(sentence)
    meant = content(words)
    said = [word for word in words if word in meant]
    features = [features_of(option) for option in options]
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
    bare = " ".join(word for word in label.split() if word not in stop_words())
    return 1.5 if len(bare) > 2 and (f" {label} " in spoken or f" {bare} " in spoken) else 0.0


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
