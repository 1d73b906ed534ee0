"""A run of number words divides into as many numbers as are wanted, at commas and "and" first."""

from __future__ import annotations

import itertools
import random

import pytest

from models.language.divided import divided
from models.language.synthesis import spelled
from models.language.words import normalise

RUNS = (
    ("eight hundred and thirty three", [833]),
    ("eight hundred and thirty three", [800, 33]),
    ("one hundred and five", [100, 5]),
    ("five, six hundred and seven", [5, 607]),
    ("five, six hundred and seven", [5, 600, 7]),
    ("two hundred and five and six", [200, 5, 6]),
    ("two hundred and five and six", [205, 6]),
    ("one and two", [1, 2]),
    ("one, one, and one", [1, 1, 1]),
    ("seven eight nine", [7, 8, 9]),
    ("twenty five six", [25, 6]),
    ("twenty five six", [20, 5, 6]),
    ("minus five, -6 and 1/2", [-5, -6, 50]),
    ("3, 1,200 and forty", [3, 1200, 40]),
    ("5 seconds and 10 minutes", [5, 10]),
)


@pytest.mark.parametrize(("text", "wanted"), RUNS)
def test_words_divide_into_as_many_numbers_as_are_wanted(text: str, wanted: list[float]) -> None:
    assert [number.value for number in divided(f"to {text}", 3, 3 + len(text), len(wanted))] == wanted


@pytest.mark.parametrize(("text", "count"), [
    ("five", 2), ("one hundred and five", 4), ("five and", 1), ("", 0), ("a, b", 2)])
def test_what_does_not_divide_so_gives_none(text: str, count: int) -> None:
    assert divided(text, 0, len(text), count) == ()


@pytest.mark.parametrize("seed", range(40))
def test_numbers_joined_by_commas_come_apart_again(seed: int) -> None:
    rng = random.Random(seed)
    values = [rng.choice((rng.randint(0, 99), rng.randint(100, 9999))) for _ in range(rng.randint(2, 6))]
    text = ", ".join(map(spelled, values[:-1])) + ", and " + spelled(values[-1])
    numbers = divided(text, 0, len(text), len(values))
    assert [number.value for number in numbers] == values
    assert all(some.end <= other.start for some, other in itertools.pairwise(numbers))


@pytest.mark.parametrize(("text", "wanted"), [
    ("seven hundred and three hundred", [700, 300]),
    ("seven hundred and two thousand", [702000]),
    ("one thousand and two hundred", [1200]),
    ("gain=-21", [-21]),
    ("use minus one for it", [-1]),
    ("one thousand, two hundred and five", [1205]),
    ("set it to quarter, please", [25]),
    ("to quarter past", []),
    ("at −2.5", [-2.5]),
])
def test_numbers_are_read_alone(text: str, wanted: list[float]) -> None:
    assert [number.value for number in normalise(text).numbers] == wanted
