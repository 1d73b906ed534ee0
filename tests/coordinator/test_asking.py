"""Questions as people ask them (asks.toml): whom they are put to, in which words, and that those which are for no house
are put to nobody; how what was read is told."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from coordinator import answer
from coordinator.house import House
from coordinator.journal import Command, Step
from coordinator.plan import Plan, understand_command
from ontology import home_assistant
from ontology.description import read

TABLE: dict[str, Any] = tomllib.loads((Path(__file__).parent / "asks.toml").read_text("utf-8"))
USUAL: dict[str, dict[str, Any]] = {
    "light": {"supported_color_modes": ["onoff"]},
    "cover": {"supported_features": 15},
    "climate": {"supported_features": 385, "hvac_modes": ["off", "heat"], "current_temperature": 20, "temperature": 21},
    "media_player": {"supported_features": 4 + 8 + 1 + 16 + 32 + 128 + 256 + 16384, "volume_level": 0.5},
    "vacuum": {"supported_features": 8192 + 4 + 8 + 16, "battery_level": 80},
    "todo": {"supported_features": 7},
    "weather": {"temperature": 8, "humidity": 70, "wind_speed": 12},
}
KITS: dict[str, dict[str, Any]] = {
    "dimmed": {"supported_color_modes": ["brightness"]},
    "dimmed coloured": {"supported_color_modes": ["rgb"]},
    "speed": {"supported_features": 49, "percentage": 0},
    "battery": {"device_class": "battery", "unit_of_measurement": "%"},
}
STATES = {"person": "home", "weather": "sunny", "sensor": "20", "binary_sensor": "off", "vacuum": "docked", "todo": "2"}


def _entity(room: str, row: str) -> home_assistant.Entity:
    id_, _, rest = row.partition(": ")
    title, _, kit = rest.partition("; ")
    domain = id_.partition(".")[0]
    kind: dict[str, Any] = {"device_class": kit} if kit else {}
    attributes = KITS.get(kit) or {**USUAL.get(domain, {}), **kind}
    return home_assistant.Entity(id_, title, room or None, state=STATES.get(domain, "off"), attributes=attributes)


ENTITIES = tuple(_entity(room, row) for room, rows in TABLE["home"].items() for row in rows)
HOUSE = House.of(read(td) for td in home_assistant.things_of(ENTITIES))
IDS = {entity.thing: entity.id for entity in ENTITIES}
KINDS = ("led_in", "stated", "done", "alone", "words", "people")
ASKED = [(kind, text, patterns) for kind in KINDS for text, patterns in TABLE[kind].items()]


def planned(text: str) -> Plan:
    return understand_command(text, HOUSE)


def meant(patterns: list[str]) -> set[str]:
    for pattern in patterns:
        assert any(fnmatch(entity.id, pattern) for entity in ENTITIES), f"{pattern} is not in the house"
    return {entity.id for entity in ENTITIES if any(fnmatch(entity.id, pattern) for pattern in patterns)}


@pytest.mark.parametrize(("kind", "text", "patterns"), ASKED, ids=[f"{kind}-{text[:60]}" for kind, text, _ in ASKED])
def test_question_is_put_to_what_can_tell_it(kind: str, text: str, patterns: list[str]) -> None:
    plan = planned(text)
    assert (plan.question, plan.rejected) == (None, ())
    assert all(step.read for step in plan.steps)
    assert {IDS[step.thing.id] for step in plan.steps} == meant(patterns)


@pytest.mark.parametrize(("text", "row"), TABLE["told"].items())
def test_question_names_what_tells_it(text: str, row: list[str]) -> None:
    steps = planned(text).steps
    assert [IDS[step.thing.id] for step in steps] == row[:1]
    assert row[1] in steps[0].text


@pytest.mark.parametrize("text", TABLE["nothing"]["said"])
def test_question_that_is_for_no_house_is_put_to_nobody(text: str) -> None:
    plan = planned(text)
    assert (plan.steps, plan.question) == ((), None)
    assert plan.rejected


@pytest.mark.parametrize(("text", "patterns"), TABLE["orders"].items())
def test_order_in_the_form_of_a_question_stays_an_order(text: str, patterns: list[str]) -> None:
    plan = planned(text)
    assert {IDS[step.thing.id] for step in plan.steps if not step.read} == meant(patterns)


TOLD = [
    ("Mia", "place", "home", "Mia is at home."),
    ("Tom", "place", "office", "Tom is at office."),
    ("Dusty", "state", "docked", "Dusty is docked."),
    ("Dusty", "battery", 80, "The battery of Dusty is 80 %."),
    ("Shopping list", "open_items", 4, "There are 4 things on the Shopping list."),
    ("Shopping list", "open_items", 0, "There is nothing on the Shopping list."),
    ("Weather", "condition", "cloudy", "It is cloudy."),
    ("Living room blind", "position", 40, "The Living room blind is open to 40 %."),
    ("Living room thermostat", "target_temperature", 21,
     "The target temperature of the Living room thermostat is 21 °C."),
    ("Kitchen smoke alarm", "smoke_detected", False, "The Kitchen smoke alarm smells no smoke."),
    ("Tablet battery", "battery", 37, "The Tablet battery is 37 %."),
]


@pytest.mark.parametrize(("title", "name", "value", "answer_"), TOLD)
def test_what_was_read_is_told_as_a_person_would(title: str, name: str, value: Any, answer_: str) -> None:
    thing = next(thing for thing in HOUSE.things if thing.title == title)
    report = {"reads": [{"property": name, "value": value}]}
    step = Step("a", 1, "s1", thing.id, thing.segment, "host", title, "", read=True, state="done", report=report)
    command = Command(1, "mia", "c", "text", "", None, 0)
    assert answer.words(command, [step], {thing.id: thing}) == answer_
