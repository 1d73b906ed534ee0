"""Whom sentences mean in houses of Home Assistant's kind (requests.toml), and that talk about other things
(off_topic.toml) plans nothing there."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from coordinator.house import House
from coordinator.plan import Plan, understand_command
from ontology import home_assistant
from ontology.description import read

HERE = Path(__file__).parent
TABLE = tomllib.loads((HERE / "requests.toml").read_text("utf-8"))
OFF_TOPIC = tomllib.loads((HERE / "off_topic.toml").read_text("utf-8"))
HOMES: dict[str, dict[str, Any]] = TABLE.pop("homes")
ROWS = [(home, row) for home, rows in TABLE.items() for row in rows]
TALK = [(topic, text) for topic, texts in OFF_TOPIC.items() for text in texts]
NOW_MS = 1764000000000  # 2025-11-24 17:00 in Berlin
KITS: dict[str, dict[str, Any]] = {
    "dimmed": {"supported_color_modes": ["brightness"]},
    "dimmed coloured": {"supported_color_modes": ["rgb"]},
    "speed": {"supported_features": 49, "percentage": 0},
}
USUAL: dict[str, dict[str, Any]] = {
    "light": {"supported_color_modes": ["onoff"]},
    "cover": {"supported_features": 15},
    "climate": {"supported_features": 385, "hvac_modes": ["off", "heat", "cool"], "current_temperature": 20},
    "media_player": {"supported_features": 4 + 8 + 1 + 16 + 32 + 128 + 256 + 16384, "volume_level": 0.5},
    "vacuum": {"supported_features": 8192 + 4 + 8 + 16},
    "todo": {"supported_features": 7},
    "fan": {"supported_features": 48},
    "sensor": {"state_class": "measurement"},
}


def entities(name: str) -> tuple[home_assistant.Entity, ...]:
    """The entities of one of the homes, as home_assistant reads them from a file."""
    home = dict(HOMES[name])
    floors = {room: floor for floor, rooms in home.pop("floors", {}).items() for room in rooms}
    found = []
    for room, rows in home.items():
        for row in rows:
            id_, _, rest = row.partition(": ")
            title, _, kit = rest.partition("; ")
            domain = id_.partition(".")[0]
            attributes = KITS.get(kit) or {**USUAL.get(domain, {}), **({"device_class": kit} if kit else {})}
            found.append(home_assistant.Entity(id_, title, room or None, floors.get(room), attributes=attributes))
    return tuple(found)


ENTITIES = {name: entities(name) for name in HOMES}
HOUSES = {name: House.of(read(td) for td in home_assistant.things_of(found)) for name, found in ENTITIES.items()}
IDS = {entity.thing: entity.id for found in ENTITIES.values() for entity in found}


def planned(text: str, home: str, room: str | None = None, playing: dict[str, str] | None = None) -> Plan:
    state = {entity.thing: {"playing": True, "on": True} for entity in ENTITIES[home] if entity.id in (playing or {})}
    return understand_command(text, HOUSES[home], room, state, now_ms=NOW_MS, zone="Europe/Berlin")


def meant(home: str, patterns: list[str]) -> set[str]:
    for pattern in patterns:
        assert any(fnmatch(entity.id, pattern) for entity in ENTITIES[home]), f"{pattern} is in no home"
    return {entity.id for entity in ENTITIES[home] if any(fnmatch(entity.id, pattern) for pattern in patterns)}


@pytest.mark.parametrize(("home", "row"), ROWS, ids=[f"{home}-{row['say'][:60]}" for home, row in ROWS])
def test_request_reaches_the_things_that_are_meant(home: str, row: dict[str, Any]) -> None:
    plan = planned(row["say"], home, row.get("room"), row.get("state"))
    assert (plan.question is not None) == row.get("ask", False)
    assert {IDS[step.thing.id] for step in plan.steps if not step.read} == meant(home, row.get("acts", []))
    assert {IDS[step.thing.id] for step in plan.steps if step.read} == meant(home, row.get("reads", []))
    assert len(plan.rejected) == row.get("rejected", 0)
    assert all(row.get("says", "") in step.text.lower() for step in plan.steps)


@pytest.mark.parametrize(("topic", "text"), TALK, ids=[f"{topic}-{text[:60]}" for topic, text in TALK])
def test_talk_about_other_things_plans_nothing(topic: str, text: str) -> None:
    for room in (None, "Living room"):
        plan = planned(text, "flat", room)
        assert plan.question is None
        # What names a Thing may reach it in words that only the Thing can judge; test_handing.py asks it.
        assert all(step.strange for step in plan.steps)
        assert plan.steps or plan.rejected or plan.kind == "cancel"
