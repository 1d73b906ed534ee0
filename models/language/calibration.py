"""How likely an answer is right: from what the network said of it and of the others, by a table that calibrate.py fits.

The network's own probabilities are among the tokens that the grammar permits, and are too sure of themselves. A model
carries its fit in the GGUF (`motewise.calibration`, JSON); one that has none gives the probability of its answer as it
is. An answer to which the grammar left no alternative is the rules' choice: the model is sure of it. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from firmware_py.core.errors import RemoteError

KEY = "motewise.calibration"
FEATURES = ("likely", "margin", "entropy", "none")
_LEAST = 1e-9


class CalibrationError(RemoteError):
    """A fit in a GGUF that cannot be read. One sentence."""


@dataclass(frozen=True)
class Raw:
    """What the network said. `likely`: the probability of the answer, the product over its sampled tokens; `other`: of
    the likeliest way that it did not go; `entropy`: of its first choice, nats; `none`: whether the answer is "none";
    `sampled`: how many tokens it chose, 0 if there was no choice."""

    likely: float
    other: float
    entropy: float
    none: bool
    sampled: int

    def features(self) -> np.ndarray:
        """(4,) as in FEATURES: log odds of the answer, log ratio to the other way, entropy, and 1 for none."""
        likely, other = min(max(self.likely, _LEAST), 1 - 1e-6), max(self.other, _LEAST)
        return np.array([math.log(likely / (1 - likely)), math.log(likely / other), self.entropy, float(self.none)])


class Doubt:
    """Choosing the likeliest token, again and again, and what is to be told of it."""

    def __init__(self) -> None:
        self.sampled = 0
        self._likely, self._other, self._entropy = 0.0, -math.inf, 0.0

    def choose(self, logits: Any, permitted: Collection[int]) -> int:
        """The likeliest of the permitted tokens, by `logits[token]`."""
        scores = [(logits[token], token) for token in permitted]
        best, token = max(scores, key=lambda row: row[0])
        total = sum(math.exp(score - best) for score, _ in scores)
        second = max((score for score, other in scores if other != token), default=-math.inf)
        if not self.sampled:
            shares = [math.exp(score - best) / total for score, _ in scores]
            self._entropy = -sum(share * math.log(share) for share in shares if share > 0)
        self._other = max(self._other, self._likely + second - best - math.log(total))
        self._likely -= math.log(total)
        self.sampled += 1
        return token

    def told(self, text: str) -> Raw:
        """Of the whole answer."""
        if not self.sampled:
            return Raw(1.0, 0.0, 0.0, text.strip() == "none", 0)
        return Raw(math.exp(self._likely), math.exp(self._other), self._entropy, text.strip() == "none", self.sampled)


@dataclass(frozen=True)
class Calibration:
    """Log odds of being right: `bias` + `weights` · features. `weights` () is the network's own probability."""

    weights: tuple[float, ...] = ()
    bias: float = 0.0

    def probability(self, raw: Raw) -> float:
        """0 to 1."""
        if not raw.sampled or not self.weights:
            return raw.likely
        odds = self.bias + float(np.dot(self.weights, raw.features()))
        return 1.0 / (1.0 + math.exp(-min(max(odds, -30.0), 30.0)))

    def written(self) -> str:
        """As a GGUF carries it."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> Calibration:
        """What a GGUF carries; "": the network's own probabilities. CalibrationError if it is something else."""
        if not text:
            return cls()
        try:
            told = json.loads(text)
            found = cls(tuple(float(weight) for weight in told["weights"]), float(told["bias"]))
        except (ValueError, KeyError, TypeError):
            raise CalibrationError("The model's calibration cannot be read; calibrate it again.") from None
        if len(found.weights) not in (0, len(FEATURES)):
            raise CalibrationError("The model's calibration is of another version; calibrate it again.")
        return found


def expected_error(confidence: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error over bins of equal mass: the mean distance of a bin's confidence from its share of
    right answers. `confidence`: (n,) 0 to 1; `right`: (n,) 0 or 1; nan for n = 0."""
    if not len(confidence):
        return math.nan
    order = np.argsort(confidence, kind="stable")
    return float(sum(abs(confidence[part].mean() - right[part].mean()) * len(part)
                     for part in np.array_split(order, min(bins, len(order))))) / len(order)
