"""Commands with slips of the fingers, of hearing and of thought come to the plan of what was meant, and to none where
that is not sure (misheard.py, repairs.py, reheard.py)."""

from __future__ import annotations

import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from test_requests import HOUSES, NOW_MS

from coordinator import misheard, phrases, repairs, sounds
from coordinator.plan import Plan, understand_command

TABLE: dict[str, dict[str, list[list[str]]]] = tomllib.loads(
    Path(__file__).with_name("noisy_orders.toml").read_text("utf-8")
)
ROWS = [(home, said, meant) for home, groups in TABLE.items() for rows in groups.values() for said, meant in rows]
FLAT = HOUSES["flat"]


def planned(text: str, home: str = "flat") -> Plan:
    return understand_command(text, HOUSES[home], None, now_ms=NOW_MS, zone="Europe/Berlin")


def orders(plan: Plan) -> list[Any]:
    """What a plan does, whatever small words its sentences have."""
    small = {"the", "please"}
    return [
        (step.thing.id, [word for word in step.text.lower().split() if word not in small], step.guard, step.read)
        for step in plan.steps
    ]


@pytest.mark.parametrize(("home", "said", "meant"), ROWS, ids=[said for _, said, _ in ROWS])
def test_a_noisy_order_is_planned_as_what_was_meant(home: str, said: str, meant: str) -> None:
    plan = planned(said, home)
    assert plan.steps
    assert orders(plan) == orders(planned(meant, home))


def test_what_is_shown_is_what_was_said() -> None:
    assert planned("trun off the kicthen lihgt").text == "trun off the kicthen lihgt"


@pytest.mark.parametrize("text", [
    "do not turn off the kitchen lite", "never turn of the kitchen lihgt", "turn on the horse", "close the deal",
    "right a poem about the sun", "who lives in the white house", "what is the color of love", "buy four lamps",
    "turn the other cheek", "turn on the light in workshop 4",
])  # fmt: skip
def test_no_order_is_heard_where_none_was_given(text: str) -> None:
    plan = planned(text)
    assert (plan.steps, plan.question) == ((), None)


def test_two_likely_meanings_are_no_meaning() -> None:
    # "bed" and "bath" lie equally near to "beth".
    plan = planned("turn on the bethroom light")
    assert {step.thing.room for step in plan.steps} in (set(), {"Bathroom"}, {"Bedroom"})
    assert len({step.thing.room for step in plan.steps}) < 2


def test_what_is_put_on_a_list_is_left_as_it_was_said() -> None:
    plan = planned("add lihgt mlik to the shopping list", "villa")
    assert [step.text for step in plan.steps] == ["add lihgt mlik to the Shopping list"]


def test_the_words_of_an_order_are_not_strange_and_noise_is() -> None:
    def strange(text: str) -> float:
        return misheard.strangeness(phrases.tokens(text), FLAT)

    assert strange("turn off the kitchen light") == 0
    assert strange("set the kitchen light to forty percent") == 0
    assert strange("turn the kitchen light of") > 0
    assert strange("set the kitchen light two 40 percent") > strange("set the kitchen light to 40 percent")
    assert strange("turn off the kitchen lihgt") >= 1


def test_readings_come_in_the_order_of_their_cost_and_keep_their_places_in_the_text() -> None:
    text = "trun onthekitchen lihgt"
    found = list(misheard.readings(phrases.tokens(text), FLAT))
    assert " ".join(token.word for token in found[0].tokens) == "turn on the kitchen light"
    assert [reading.cost for reading in found] == sorted(reading.cost for reading in found)
    for reading in found:
        ends = [(token.start, token.end) for token in reading.tokens]
        assert all(start < end <= len(text) for start, end in ends)
        assert all(left[1] <= right[0] for left, right in pairwise(ends))


def test_a_correction_within_a_sentence_takes_the_place_of_what_it_fits() -> None:
    def first(text: str) -> str:
        return " ".join(token.word for token in next(repairs.readings(phrases.tokens(text), FLAT)))

    assert first("turn on the kitchen light no the bathroom light") == "turn on the bathroom light"
    assert first("turn the kitchen light on no off") == "turn the kitchen light off"
    assert first("light in the bathroom sorry in the bedroom") == "light in the bedroom"
    assert not list(repairs.readings(phrases.tokens("when there is no motion turn off the light"), FLAT))
    assert not list(repairs.readings(phrases.tokens("turn off the kitchen light"), FLAT))


@pytest.mark.parametrize(("said", "meant", "other"), [
    ("kitchne", "kitchen", "chicken"), ("jitchen", "kitchen", "itching"), ("lamo", "lamp", "lame"),
    ("bthrm", "bathroom", "bedroom"), ("offf", "off", "of"), ("kichen", "kitchen", "kids"),
])  # fmt: skip
def test_likely_slips_of_the_fingers_cost_less(said: str, meant: str, other: str) -> None:
    assert sounds.typed(said, meant) < min(0.95, sounds.typed(said, other))


@pytest.mark.parametrize(("said", "meant"), [
    ("lite", "light"), ("eater", "heater"), ("six tea", "sixty"), ("shandelier", "chandelier"), ("sock it", "socket"),
    ("kertans", "curtains"), ("chris mess", "christmas"), ("rale", "rail"), ("mashine", "machine"),
])  # fmt: skip
def test_words_that_sound_alike_are_near(said: str, meant: str) -> None:
    assert sounds.heard(said, meant) < 0.6 < sounds.heard(meant, "window")


@pytest.mark.parametrize("word", ["light", "kitchen", "thermostat", "two", "a"])
def test_a_word_is_nearest_to_itself(word: str) -> None:
    assert sounds.typed(word, word) == sounds.heard(word, word) == 0
