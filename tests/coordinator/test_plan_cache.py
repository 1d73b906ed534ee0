"""Plans used again: always what planning anew would give, and gone when the house is another one."""

from __future__ import annotations

import copy
import random
import tomllib
from pathlib import Path
from typing import Any

import pytest
from houses import HOME, ODD, house
from hypothesis import given, settings
from hypothesis import strategies as st
from small_house import LAMP, SITE, SmallHouse

from coordinator.cache import Plans, fingerprint
from coordinator.house import House
from coordinator.plan import Plan, understand_command
from firmware_py.core import topics
from ontology.description import read

HOUSES = {"home": house(HOME), "odd": house(ODD)}
NOW_MS = 1764000000000
TABLE = tomllib.loads((Path(__file__).parent / "sentences.toml").read_text("utf-8"))
ROWS = [(name, row["say"], row.get("room")) for name, rows in TABLE.items() for row in rows]
ROWS += [("home", say, "office") for say in (
    "schalte das Licht ein", "mach das Licht  in zehn Minuten aus", "apaga la luz", "allume la lumière du bureau",
    "Turn ON the light", "turn on the light!", "turn   on the light")]


def told(plans: Any, rows: list[tuple[str, str, str | None]], talking: bool) -> list[Plan]:
    """The plans of sentences said one after another, a second apart; `talking`: each knows the one before."""
    found: list[Plan] = []
    previous: dict[str, Plan] = {}
    for number, (home, say, room) in enumerate(rows):
        plan = plans(say, HOUSES[home], room, now_ms=NOW_MS + 1000 * number, zone="Europe/Berlin",
                     previous=previous.get(home) if talking else None)
        if plan.steps:
            previous[home] = plan
        found.append(plan)
    return found


@pytest.mark.parametrize("talking", [False, True])
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_plans_are_those_of_planning_anew_in_sequence_and_shuffled(seed: int | None, talking: bool) -> None:
    plans, rows = Plans(), list(ROWS)
    for again in range(2):
        if seed is not None:
            random.Random(10 * seed + again).shuffle(rows)
        assert told(plans, rows, talking) == told(understand_command, rows, talking)


def test_sentence_is_planned_once() -> None:
    plans = Plans()
    for hit in (False, True):
        assert plans("turn on the kitchen light", HOUSES["home"]).steps
        assert plans.hit is hit
    assert plans("  turn on  the kitchen light ", HOUSES["home"]).steps
    assert plans.hit
    for say, hit in (("schalte das  Küchenlicht ein", False), ("schalte das Küchenlicht ein", True)):
        assert plans(say, HOUSES["home"]).text == say
        assert plans.hit is hit


@pytest.mark.parametrize("other", [
    {"room": "kitchen"}, {"zone": "Asia/Tokyo"}, {"house": HOUSES["odd"]}, {"text": "turn off the kitchen light"}])
def test_other_words_room_zone_or_house_are_planned_for_themselves(other: dict[str, Any]) -> None:
    plans = Plans()
    said: dict[str, Any] = {"text": "turn on the kitchen light", "house": HOUSES["home"]}
    plans(**said)
    plans(**{**said, **other})
    assert not plans.hit


@pytest.mark.parametrize("say", [
    "turn on the fan in ten minutes", "wake me tomorrow at eight by opening the blinds", "turn it off again",
    "turn on the other light"])
def test_what_depends_on_the_present_is_planned_each_time(say: str) -> None:
    plans, home = Plans(), HOUSES["home"]
    before = understand_command("turn on the kitchen light", home)
    for _ in range(2):
        plans(say, home, now_ms=NOW_MS, previous=before)
        assert not plans.hit


def test_pronoun_means_what_was_said_before_though_it_was_said_alone_first() -> None:
    plans, home = Plans(), HOUSES["home"]
    plans("turn it off", home)
    for first, segment in (("turn on the kitchen light", "kitchen-light"), ("turn on the bathroom fan", "bath-fan")):
        plan = plans("turn it off", home, previous=plans(first, home))
        assert [step.thing.segment for step in plan.steps] == [segment]


def test_memory_is_bounded_and_the_least_used_goes_first() -> None:
    plans, home = Plans(2), HOUSES["home"]
    for say in ("turn on the stereo", "turn off the stereo", "turn on the stereo", "turn on the kitchen light"):
        plans(say, home)
    assert len(plans) == 2
    plans("turn on the stereo", home)
    assert plans.hit
    plans("turn off the stereo", home)
    assert not plans.hit


def test_no_plan_is_kept_where_none_shall_be() -> None:
    plans = Plans(0)
    for _ in range(2):
        plans("turn on the stereo", HOUSES["home"])
        assert not plans.hit
    assert len(plans) == 0


# -- the house changes --

_TDS = [thing.td for thing in HOUSES["home"].things]
_ROOMS = ["kitchen", "office", "attic", "living room", "bedroom"]
_TITLES = ["Kitchen light", "Reading lamp", "Lamp", "Fan", "Blind", "Stereo", "Salt and Pepper lamp"]


@st.composite
def edited(draw: st.DrawFn) -> list[list[dict[str, Any]]]:
    """The descriptions of a house after each of a few changes: one added, gone, renamed, moved, or able to do more."""
    tds, states = copy.deepcopy(_TDS), []
    for number in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(tds) - 1))
        what = draw(st.sampled_from(["add", "remove", "rename", "move", "learn", "order"]))
        if what == "add":
            tds.append({**copy.deepcopy(tds[at]), "id": f"urn:motewise:new-{number}",
                        "title": draw(st.sampled_from(_TITLES))})
        elif what == "remove" and len(tds) > 1:
            del tds[at]
        elif what == "rename":
            tds[at]["title"] = draw(st.sampled_from(_TITLES))
        elif what == "move":
            tds[at]["motewise:room"] = draw(st.sampled_from(_ROOMS))
        elif what == "learn":
            tds[at].setdefault("actions", {})["set_brightness"] = {
                "input": {"type": "object", "properties": {"brightness": {"type": "integer"}}}}
        else:
            tds.insert(0, tds.pop(at))
        states.append(copy.deepcopy(tds))
    return states


@settings(max_examples=40, deadline=None)
@given(edited(), st.lists(st.sampled_from(ROWS), min_size=1, max_size=4))
def test_plan_is_that_of_the_house_as_it_is_after_every_change(
    states: list[list[dict[str, Any]]], rows: list[tuple[str, str, str | None]]
) -> None:
    plans = Plans()
    for tds in [_TDS, *states, _TDS]:
        home = House.of([read(td) for td in tds])
        for _ in range(2):
            for _, say, room in rows:
                assert plans(say, home, room, now_ms=NOW_MS) == understand_command(say, home, room, now_ms=NOW_MS)


@pytest.mark.parametrize("change", [
    {"title": "Cooking light"}, {"motewise:room": "attic"}, {"description": "over the stove"}, {"@type": "Lamp"},
    {"actions": {"turn_on": {}}}])
def test_house_has_another_fingerprint_once_a_description_changes(change: dict[str, Any]) -> None:
    at = next(at for at, td in enumerate(_TDS) if td["id"].endswith("kitchen-light"))
    tds = [*_TDS[:at], {**_TDS[at], **change}, *_TDS[at + 1:]]
    assert fingerprint(House.of([read(td) for td in tds])) != fingerprint(HOUSES["home"])
    assert fingerprint(House.of([read(td) for td in _TDS])) == fingerprint(House.of([read(td) for td in _TDS]))


def test_coordinator_keeps_as_many_plans_as_it_is_told() -> None:
    for kept, hits in ((0, [False, False]), (10, [False, True])):
        plans, found = Plans(kept), []
        house = SmallHouse(planner=plans)
        for _ in hits:
            house.say(text="turn on the hall lamp")
            found.append(plans.hit)
        assert found == hits


def test_coordinators_plans_are_gone_once_a_description_changes() -> None:
    plans = Plans()
    house = SmallHouse(planner=plans)
    house.say(text="turn on the hall lamp")
    house.heard(topics.description(SITE, "hall-pi", "hall-lamp"), {**LAMP, "title": "Corridor lamp"})
    house.say(text="turn on the hall lamp")
    assert not plans.hit
    assert [subtask.text for subtask in house.subtasks()] == ["turn on the Hall lamp", "turn on the Corridor lamp"]
