"""Counting what was right, with Wilson's interval, the kinds of the failures and the time of each stage. Pure."""

from __future__ import annotations

import collections
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.language.calibration import expected_error
from sim.bench import percentile

Z95 = 1.959964
# The name under which the whole path stands in a set's tallies.
WHOLE = ""


def wilson(right: int, of: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval of a share (0 to 1) that was `right` out of `of`."""
    if of == 0:
        return 0.0, 1.0
    share, spread = right / of, z * z / of
    middle = share + spread / 2
    half = z * math.sqrt(share * (1 - share) / of + spread / (4 * of))
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


@dataclass
class Tally:
    """What came of one set for one engine. `ms`: stage -> milliseconds of each sentence; `whole_ms`: of the sentences
    that led to one subtask; `decided`: of each question to a device, who chose (rules, model, larger); `sure`: of each
    sentence that a network decided, its confidence and whether all came out right; `told`: the same of every sentence
    that reached a device, where rules decided for certain."""

    right: int = 0
    of: int = 0
    failures: collections.Counter[str] = field(default_factory=collections.Counter)
    ms: dict[str, list[float]] = field(default_factory=lambda: collections.defaultdict(list))
    whole_ms: list[float] = field(default_factory=list)
    decided: collections.Counter[str] = field(default_factory=collections.Counter)
    sure: list[tuple[float, bool]] = field(default_factory=list)
    told: list[tuple[float, bool]] = field(default_factory=list)

    def add(self, right: bool, why: str = "") -> None:
        """One sentence more; `why`: the kind of the failure."""
        self.of += 1
        self.right += right
        if not right:
            self.failures[why] += 1

    def took(self, ms: Mapping[str, float]) -> None:
        """How long each stage took."""
        for stage, spent in ms.items():
            self.ms[stage].append(spent)

    @property
    def percent(self) -> float:
        """Of right ones."""
        return round(100 * self.right / self.of, 2) if self.of else math.nan

    @property
    def interval(self) -> list[float]:
        """Of the percentage, at 95 %."""
        return [round(100 * bound, 1) for bound in wilson(self.right, self.of)]

    def shown(self) -> dict[str, Any]:
        """The details of a record."""
        told: dict[str, Any] = {"right": self.right, "of": self.of, "failures": dict(self.failures.most_common()),
                                "ms": stages(self.ms)}
        if self.decided:
            told["decided"] = dict(self.decided)
        if self.sure:
            told["ece"] = calibration_error(self.sure)
        return told


def stages(ms: Mapping[str, Sequence[float]]) -> dict[str, dict[str, float]]:
    """p50 and p95 of each stage, over the sentences that reached it."""
    return {stage: {"p50": round(percentile(spent, 50), 2), "p95": round(percentile(spent, 95), 2)}
            for stage, spent in ms.items()}


def calibration_error(sure: Sequence[tuple[float, bool]]) -> float:
    """Expected calibration error, 0 to 1, over ten bins of equal mass."""
    confidence, right = (np.array(column, float) for column in zip(*sure, strict=True))
    return round(expected_error(confidence, right), 4)


def put(
    name: str, tallies: Mapping[str, Tally], details: dict[str, Any], figures: dict[str, Any], failing: bool = False
) -> None:
    """Write a set's tallies, by variant, into a record. `failing`: the figure is the share that was not right."""
    for variant, tally in tallies.items():
        if tally.of == 0:
            continue
        key = f"{name}.{variant}" if variant else name
        percent, (low, high) = tally.percent, tally.interval
        if failing:
            percent, low, high = round(100 - percent, 2), round(100 - high, 1), round(100 - low, 1)
        figures[key], figures[f"{key}.interval"] = percent, [low, high]
        details[key] = tally.shown()
