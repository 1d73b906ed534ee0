"""Sentences that only give numbers to names: whose each number is, told by the lists that they stand in."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from recipe import values_of
from things_told import Parrot, takes, thing

from device_agent.understand import Understanding, understand

WHOLE = {"type": "integer"}
NAMES = ("ZKW", "red_level", "oneShotDelay", "ch7_thr", "down_slope")


def _asked(text: str, shape: str, names: tuple[str, ...] = NAMES, required: bool = False) -> Understanding:
    schemas: dict[str, Any] = {name: dict(WHOLE) for name in names}
    if shape == "properties":
        made = thing("Module", "Device", {}, schemas)
    elif shape == "setters":
        made = thing("Module", "Device", {f"set_{name}": takes(value=dict(WHOLE)) for name in names})
    else:
        given = takes(**schemas)
        given["input"]["required"] = list(names) if required else []
        made = thing("Module", "Device", {"configure": given})
    return asyncio.run(understand(made, text, {}, Parrot("none")))


def _values(found: Understanding) -> dict[str, Any]:
    assert found.status == "ok", found.reason
    return {name if name != "value" else found.calls[at]["action"].removeprefix("set_"): value
            for at, call in enumerate(found.calls) for name, value in values_of((call,)).items()}


SAME = (
    "set ZKW, red level and one shot delay to {v}",
    "assign {v} to ZKW, red_level, and oneShotDelay",
    "ZKW, red level, one shot delay should all be {v}",
    "give ZKW, red level and one shot delay the same value of {v}",
    "could you make ZKW and red_level and oneShotDelay work on {v}, please",
    "use {v} for ZKW, red level and oneShotDelay",
)
OWN = (
    "set ZKW, red level and one shot delay to {a}, {b} and {c} respectively",
    "assign {a}, {b}, and {c} to ZKW, red_level and oneShotDelay, in that order",
    "ZKW, red level, one shot delay = {a}, {b}, {c}",
    "respectively set ZKW, red_level and oneShotDelay to {a}, {b}, and {c}",
    "set ZKW to {a}, red level to {b} and one shot delay to {c}",
    "use {a} for ZKW, {b} for red level; one shot delay must be {c}",
    "ZKW={a}, red level={b} and oneShotDelay={c}",
)


@pytest.mark.parametrize("shape", ["properties", "setters", "action"])
@pytest.mark.parametrize("value", [("42", 42), ("forty two", 42), ("one hundred and five", 105), ("minus three", -3)])
@pytest.mark.parametrize("text", SAME)
def test_names_that_share_a_number_all_get_it(text: str, value: tuple[str, int], shape: str) -> None:
    found = _asked(text.format(v=value[0]), shape)
    assert _values(found) == dict.fromkeys(("ZKW", "red_level", "oneShotDelay"), value[1])


@pytest.mark.parametrize("shape", ["properties", "setters", "action"])
@pytest.mark.parametrize("said", [
    {"3": 3, "17": 17, "120": 120}, {"one hundred": 100, "two hundred and six": 206, "thirty": 30},
    {"eighty": 80, "ninety": 90, "seven": 7}, {"minus four": -4, "-5": -5, "one": 1}])
@pytest.mark.parametrize("text", OWN)
def test_as_many_numbers_as_names_go_to_them_in_their_order(text: str, said: dict[str, int], shape: str) -> None:
    some, other, third = said
    found = _asked(text.format(a=some, b=other, c=third), shape)
    assert _values(found) == dict(zip(("ZKW", "red_level", "oneShotDelay"), said.values(), strict=True))


def test_and_parts_two_numbers_where_each_name_has_its_own() -> None:
    text = "set ZKW and red level to eight hundred and thirty three"
    assert _values(_asked(text, "properties")) == {"ZKW": 833, "red_level": 833}
    assert _values(_asked(f"{text} respectively", "properties")) == {"ZKW": 800, "red_level": 33}


def test_groups_of_names_with_a_number_each() -> None:
    found = _asked("set ZKW and ch7_thr to 5 and red level and the down slope to six", "action")
    assert _values(found) == {"ZKW": 5, "ch7_thr": 5, "red_level": 6, "down_slope": 6}


@pytest.mark.parametrize("text", [
    "set ZKW to 5 and red level", "set ZKW, red level and down slope to 5 and 6", "set ZKW to 5 and 6"])
@pytest.mark.parametrize("shape", ["properties", "setters", "action"])
def test_a_name_or_a_number_too_many_is_refused(text: str, shape: str) -> None:
    assert _asked(text, shape).status == "cannot"


def test_an_action_with_a_required_number_unsaid_is_refused() -> None:
    found = _asked("set ZKW and red level to 5", "action", NAMES[:3], required=True)
    assert (found.status, found.code) == ("cannot", "missing_value")


def test_a_name_of_one_capital_is_no_article() -> None:
    found = _asked("set A, B and TO to a hundred, 4 and 5", "properties", ("A", "B", "TO"))
    assert _values(found) == {"A": 100, "B": 4, "TO": 5}


def test_a_sentence_says_names_as_they_are_spoken() -> None:
    found = _asked("make zkw's value 3, the CH7-THR 4 and the one-shot delay five", "action")
    assert _values(found) == {"ZKW": 3, "ch7_thr": 4, "oneShotDelay": 5}
