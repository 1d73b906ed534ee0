"""Numbers and units as people say them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.language.synthesis import spelled
from models.language.words import canonical, convert, normalise

SAID = [
    ("dim it to 40", [(40, "")]),
    ("dim it to 40%", [(40, "percent")]),
    ("dim it to forty percent", [(40, "percent")]),
    ("set it to twenty-one degrees", [(21, "degree")]),
    ("set it to twenty one and a half degrees", [(21.5, "degree")]),
    ("21.5°C", [(21.5, "celsius")]),
    ("70 degrees fahrenheit", [(70, "fahrenheit")]),
    ("minus five degrees", [(-5, "degree")]),
    ("-5 degrees", [(-5, "degree")]),
    ("a hundred and five", [(105, "")]),
    ("two thousand seven hundred kelvin", [(2700, "kelvin")]),
    ("2,700 K", [(2700, "kelvin")]),
    ("two point five", [(2.5, "")]),
    ("half", [(50, "percent")]),
    ("open it halfway", [(50, "percent")]),
    ("half-way", [(50, "percent")]),
    ("a quarter", [(25, "percent")]),
    ("three quarters", [(75, "percent")]),
    ("half an hour", [(0.5, "hour")]),
    ("an hour and a half", [(1.5, "hour")]),
    ("two and a half minutes", [(2.5, "minute")]),
    ("for five minutes and ten seconds", [(310, "second")]),
    ("1 hour 20 minutes", [(80, "minute")]),
    ("5 feet 3 inches", [(63, "inch")]),
    ("five minutes and 10 percent", [(5, "minute"), (10, "percent")]),
    ("nought point three", [(0.3, "")]),
    ("point two five", [(0.25, "")]),
    ("one point oh five", [(1.05, "")]),
    ("half a dozen", [(6, "")]),
    ("two dozen", [(24, "")]),
    ("a couple of minutes", [(2, "minute")]),
    ("two thirds", [(66.6667, "percent")]),
    ("one and three quarters bar", [(1.75, "bar")]),
    ("2 1/2 minutes", [(2.5, "minute")]),
    ("2½ hours", [(2.5, "hour")]),
    ("1/2", [(50, "percent")]),
    ("two fifty", [(250, "")]),
    ("two thousand and five", [(2005, "")]),
    ("five degrees below zero", [(-5, "degree")]),
    ("on 5 May 2025 or May 5th", []),
    ("2025-05-01, 01/05/2025, 7 pm, 1.2.3", []),
    ("3 metres per second", [(3, "mps")]),
    ("3.5 l/min", [(3.5, "litre_per_minute")]),
    ("six seven", [(6, ""), (7, "")]),
    ("x to 3, and y to four", [(3, ""), (4, "")]),
    ("set it to one", [(1, "")]),
    ("the one in the hall", []),
    ("at 7:30", []),
    ("B12 and gpio_4", []),
    ("the 2nd floor", []),
    ("²", []),
    ("turn it on", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "numbers"), SAID, ids=[row[0] for row in SAID])
def test_numbers_are_found_with_their_units(text: str, numbers: list[tuple[float, str]]) -> None:
    assert [(number.value, number.unit) for number in normalise(text).numbers] == numbers


@given(st.integers(0, 9999))
def test_every_spelled_integer_is_read_back(number: int) -> None:
    found = normalise(f"set it to {spelled(number)} please").numbers
    assert [one.value for one in found] == [number]


@given(st.text(max_size=60))
def test_any_text_gives_numbers_that_stand_where_they_say(text: str) -> None:
    end = 0
    for number in normalise(text).numbers:
        assert end <= number.start < number.end <= len(text)
        assert text[number.start : number.end] == number.said
        end = number.end


# The right column by definition of the units.
CONVERTED = [
    (70, "fahrenheit", "celsius", 21.111111),
    (21, "celsius", "fahrenheit", 69.8),
    (0, "celsius", "kelvin", 273.15),
    (5, "minute", "second", 300),
    (90, "second", "minute", 1.5),
    (0.5, "hour", "second", 1800),
    (2, "kilowatt", "watt", 2000),
    (250, "mired", "kelvin", 4000),
    (2700, "kelvin", "mired", pytest.approx(370.37037)),
    (20, "", "celsius", 20),
    (20, "degree", "fahrenheit", 20),
    (20, "percent", "", 20),
    (20, "percent", "celsius", None),
    (20, "watt", "celsius", None),
    (36, "km/h", "m/s", 10),
    (29.5, "psi", "bar", 2.033953),
    (6, "feet", "cm", 182.88),
    (120, "rpm", "hertz", 2),
]


@pytest.mark.parametrize(("value", "unit", "wanted", "result"), CONVERTED)
def test_units_convert(value: float, unit: str, wanted: str, result: float | None) -> None:
    assert convert(value, unit, wanted) == result


def test_differences_have_no_offset() -> None:
    assert convert(9, "fahrenheit", "celsius", difference=True) == 5
    assert convert(3, "celsius", "kelvin", difference=True) == 3


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("%", "percent"),
        ("°C", "celsius"),
        ("degree_celsius", "celsius"),
        ("W", "watt"),
        ("s", "second"),
        ("ppm", "ppm"),
    ],
)
def test_units_of_descriptions_are_known(written: str, unit: str) -> None:
    assert canonical(written) == unit
