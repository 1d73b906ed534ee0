"""What a complaint asks for, composed of a feeling, how much of it, and small words; any other word makes it talk."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_requests import HOUSES, IDS, planned

from coordinator import phrases
from coordinator.clauses import Clause
from coordinator.complaints import order_of
from coordinator.marks import marks


def asked(text: str) -> str | None:
    tokens = phrases.tokens(phrases.clean(text))
    found = tuple(
        replace(mark, start=tokens[mark.start].start, end=tokens[mark.end - 1].end)
        for mark in marks(tokens, HOUSES["flat"])
    )
    return order_of(Clause(tokens), found)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("it's a bit gloomy in here", "make it brighter"),
        ("pitch black in the kitchen", "turn on the lights"),
        ("this is far too bright for a film", "make it dimmer"),
        ("the kitchen light is blinding", "make it dimmer"),
        ("i'm roasting in here", "make it cooler"),
        ("it is kinda chilly", "make it warmer"),
        ("the bedroom is perishing", "make it warmer"),
        ("it is way too loud in here", "make it quieter"),
    ],
)
def test_complaint_asks_for_what_ends_it(text: str, order: str) -> None:
    assert asked(text) == order


@pytest.mark.parametrize(
    "text",
    [
        "it is warm",  # how much?
        "i am blinding",  # nobody is
        "it is freezing on the moon",
        "my boss is so cold",
        "that film was too loud",
        "the exam was boiling hot air",
    ],
)
def test_what_says_more_or_less_is_no_complaint(text: str) -> None:
    assert asked(text) is None


def test_complaint_about_a_named_light_is_for_that_light() -> None:
    plan = planned("the kitchen light is blinding", "flat")
    assert {IDS[step.thing.id] for step in plan.steps} == {"light.kitchen_main"}
    assert [step.text for step in plan.steps] == ["make the Kitchen light dimmer"]
