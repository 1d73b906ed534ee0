"""Word vectors: read from the package's JSON, made isotropic, and found for a tokenizer's tokens."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from models.language.vectors import WIDTH, Vectors


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A file like the package's: 200 words around a common mean, each with two numbers more than WIDTH."""
    rng = np.random.default_rng(1)
    words = [f"word{number}" for number in range(200)]
    rows = rng.normal(size=(200, WIDTH)) + 3.0
    path = tmp_path / "vectors.json"
    vectors = {word: [*row.tolist(), 1.0, place] for place, (word, row) in enumerate(zip(words, rows, strict=True))}
    path.write_text(json.dumps({"words": [*words, "absent"], "vectors": vectors}), "utf-8")
    return path


def test_what_all_words_share_is_taken_out(package: Path) -> None:
    rows = Vectors.read(package).rows
    assert rows.shape == (200, WIDTH)
    assert np.abs(rows.mean(0)).max() < 1e-5
    assert np.linalg.norm(rows, axis=1).mean() == pytest.approx(1.0, abs=1e-5)
    # Two directions are gone: the rank is that much less.
    assert np.linalg.matrix_rank(rows, tol=1e-3) == WIDTH - 2


def test_a_token_has_its_words_vector_with_or_without_a_space_before_it(package: Path) -> None:
    vectors = Vectors.read(package)
    found = vectors.of_tokens(["Ġword7", "word7", "wor", "Ġ", "#"])
    assert np.array_equal(found[0], vectors.rows[7])
    assert np.array_equal(found[1], vectors.rows[7])
    assert not found[2:].any()


def test_a_word_without_numbers_is_not_known(package: Path) -> None:
    assert Vectors.read(package).of("absent") is None
