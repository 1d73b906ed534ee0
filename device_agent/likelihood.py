"""How likely each option of a Thing is meant, and whether any is: what words, values and verbs say, weighed together.

Rules: an option's score is a weighted sum of FEATURES; whether the best one serves is a logistic function of the part
of the sentence that nothing here explains, by the Thing or by that option, and of the same scores. The weights are
fitted (likelihood.toml says on what). Pure; what a sentence does not say changes nothing between two options."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np

from device_agent import naming, wording
from device_agent.clause import Clause, clause_of
from device_agent.features import stem, table
from device_agent.meanings import Unit, known_stems, meanings_of
from device_agent.reading import NONE, SURE, Reading
from device_agent.weighing import View, content_of
from models.language.prompt import Option, name_words
from models.language.words import normalise

FEATURES = ("total", "words", "ask_get", "tell_get", "unit", "text", "no_number", "meant", "best", "opposed", "wanted")
EVIDENCE = ("one", "score", "known_nowhere", "unknown_nowhere", "elsewhere", "plain", "none", "sure", "total", "margin",
            "ask_act")
# The least and the most that the rules' total counts; the least that a unit must be worth to be explained.
LOW, HIGH, EXPLAINED = -1.2, 2.0, 0.2


@dataclass(frozen=True)
class Likelihood:
    """`scores`: (n,) of the options, the higher the likelier; `serves`: 0 to 1, how surely the best of them does what
    the sentence asks for; `features`, `evidence`: what they were made of."""

    scores: np.ndarray
    serves: float
    features: np.ndarray
    evidence: np.ndarray

    @property
    def led(self) -> bool:
        """Whether any word led to any option."""
        return bool(self.features[:, FEATURES.index("meant")].any())


@lru_cache(maxsize=1)
def weights() -> dict[str, Any]:
    """likelihood.toml."""
    return tomllib.loads(resources.files("device_agent").joinpath("likelihood.toml").read_text("utf-8"))


def likelihood(sentence: str, prepared: str, reading: Reading, words: np.ndarray, view: View) -> Likelihood:
    """`prepared`: the sentence as `reading` was made of; `words`: (n,) what its plain words are worth (lexical)."""
    clause = clause_of(prepared)
    units = meanings_of(view.index).units(clause, view.context, sorted(content_of(clause, view.index)))
    made = _features(sentence, prepared, clause, reading, words, units, view)
    scores = made @ np.array([weights()["features"][name] for name in FEATURES])
    evidence = _evidence(scores, made, reading, units, view)
    certain = float(evidence @ np.array([weights()["evidence"][name] for name in EVIDENCE]))
    return Likelihood(scores, 1.0 / (1.0 + math.exp(-certain)), made, evidence)


def _features(
    sentence: str, prepared: str, clause: Clause, reading: Reading, words: np.ndarray, units: Sequence[Unit], view: View
) -> np.ndarray:
    """(n, FEATURES)."""
    made = np.zeros((len(view.options), len(FEATURES)))
    made[:, 0] = LOW
    for part in reading.parts:
        for match in part.matches:
            made[match.option, 0] = max(made[match.option, 0], min(match.total, HIGH))
    made[:, 1] = words
    mood = wording.mood(sentence)
    asks = mood == wording.ASK or sentence.rstrip().endswith("?")
    numbers = [] if asks else [number for number in normalise(prepared).numbers if wording.counts(prepared, number)]
    weight = sum(unit.weight for unit in units) or 1.0
    # What is measured comes before what is wanted, unless that is asked for.
    wants = _wanted() if _wanted().isdisjoint(clause.words) else frozenset[str]()
    for number, option in enumerate(view.options):
        gets = option.verb == "get"
        made[number, 2], made[number, 3] = asks and gets, not asks and gets
        made[number, 4] = any(one.unit and _takes(option, one) for one in numbers)
        made[number, 5] = bool(clause.quotes) and any(slot.type == "text" for slot in option.slots)
        made[number, 6] = bool(numbers) and not any(slot.type in ("number", "text") for slot in option.slots)
        made[number, 9] = not option.slots and wording.contradicts(sentence, option.name)
        made[number, 10] = asks and gets and bool(wants) and not wants.isdisjoint(
            name_words(f"{option.label} {option.title} {option.about}"))
    if units:
        worth = np.stack([unit.worth for unit in units])
        made[:, 7] = np.array([unit.weight for unit in units]) @ worth / weight
        made[:, 8] = worth.max(0)
    return made


def _takes(option: Option, number: Any) -> bool:
    """Whether one of an option's arguments is of a number's unit."""
    return any(slot.type == "number" and naming.unit_of(option, place) and naming.takes(option, place, number)
               for place, slot in enumerate(option.slots))


def _evidence(
    scores: np.ndarray, made: np.ndarray, reading: Reading, units: Sequence[Unit], view: View
) -> np.ndarray:
    """(EVIDENCE,) for the best option: shares of what was said that are explained nowhere, or only elsewhere."""
    best = int(np.argmax(scores))
    names = [option.name for option in view.options]
    others = [score for score, name in zip(scores, names, strict=True) if name != names[best]]
    most = 1.0 + math.log(1 + len(names))
    shares = dict.fromkeys(("known_nowhere", "unknown_nowhere", "elsewhere", "plain"), 0.0)
    total = 0.0
    for unit in units:
        nowhere = float(unit.worth.max()) < EXPLAINED
        weight = most if nowhere else unit.weight
        total += weight
        if unit.worth[best] < EXPLAINED:
            shares[_kind(unit) if nowhere else "elsewhere"] += weight
    found = {
        **{name: share / (total or 1.0) for name, share in shares.items()}, "one": 1.0, "score": float(scores[best]),
        "none": float(reading.strength == NONE), "sure": float(reading.strength == SURE),
        "total": min(HIGH, max((part.best.total for part in reading.parts if part.matches), default=LOW)),
        "margin": float(scores[best] - max(others, default=scores[best])),
        "ask_act": float(made[:, 2].any() and not made[best, 2]),
    }
    return np.array([found[name] for name in EVIDENCE])


def _kind(unit: Unit) -> str:
    """What a unit is that nothing here explains: everybody's word, one that leads to what other Things have, or one
    that no table knows."""
    if len(unit.stems) == 1 and unit.stems[0] in _plain():
        return "plain"
    return "known_nowhere" if len(unit.stems) > 1 or unit.stems[0] in known_stems() else "unknown_nowhere"


@lru_cache(maxsize=1)
def _wanted() -> frozenset[str]:
    return frozenset((*wording.table()["mood"]["wanted"], "sp", "limit", "threshold"))


@lru_cache(maxsize=1)
def _plain() -> frozenset[str]:
    return frozenset(map(stem, table()["plain"]["words"]))
