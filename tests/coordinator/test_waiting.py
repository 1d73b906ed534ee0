"""What a command waits for: conditions, times, spans and repeats, in the words of many people, over one small house."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from coordinator.house import House
from coordinator.plan import Plan, understand_command
from firmware_py.core import guards
from ontology.description import read

NOW_MS = 1764000000000  # 2025-11-24, a Monday, 17:00 in Berlin
TABLE = tomllib.loads((Path(__file__).parent / "waiting.toml").read_text("utf-8"))
ROWS = [(say, meant) for rows in TABLE.values() for say, meant in rows.items()]
SIGNS = {"eq": "=", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}

_FLAG = {"type": "boolean", "readOnly": True}
_TEXT = {"type": "string", "readOnly": True}
_SWITCH: dict[str, Any] = {"turn_on": {}, "turn_off": {}}


def _number(unit: str) -> dict[str, Any]:
    return {"type": "number", "unit": unit, "readOnly": True}


# segment -> (title, @type, room, actions, properties)
THINGS: dict[str, tuple[str, str, str | None, dict[str, Any], dict[str, Any]]] = {
    "hall-lamp": ("Hall lamp", "Light", "Hall", _SWITCH, {"on": _FLAG}),
    "heater": ("Heater", "Heater", "Lounge", _SWITCH, {"on": _FLAG}),
    "pump": ("Pump", "Pump", "Kitchen", _SWITCH, {"on": _FLAG}),
    "dishwasher": ("Dishwasher", "Switch", "Kitchen", _SWITCH, {"on": _FLAG}),
    "rosie": ("Rosie", "Vacuum", "Hall", {"start": {}, "dock": {}}, {"state": _TEXT}),
    "contact": ("Front door sensor", "DoorSensor", "Hall", {}, {"open": _FLAG}),
    "window": ("Kitchen window", "WindowSensor", "Kitchen", {}, {"open": _FLAG}),
    "motion": ("Hall motion sensor", "MotionSensor", "Hall", {}, {"motion": _FLAG}),
    "smoke": ("Kitchen smoke alarm", "SmokeSensor", "Kitchen", {}, {"smoke": _FLAG}),
    "wet": ("Kitchen leak sensor", "LeakSensor", "Kitchen", {}, {"leak": _FLAG}),
    "air": ("Lounge temperature", "TemperatureSensor", "Lounge", {}, {"temperature": _number("celsius")}),
    "outside": ("Outdoor temperature", "TemperatureSensor", "Garden", {}, {"temperature": _number("celsius")}),
    "meter": ("House power", "Sensor", None, {}, {"power": _number("watt")}),
    "sky": ("Weather", "WeatherStation", None, {}, {"condition": _TEXT, "wind_speed": _number("km/h")}),
    "ann": ("Ann", "Person", None, {}, {"place": _TEXT}),
    "ben": ("Ben", "Person", None, {}, {"place": _TEXT}),
}
HOUSE = House.of(
    read({"id": f"urn:motewise:{segment}", "title": title, "@type": kind, "actions": acts, "properties": tells,
          **({"motewise:room": room} if room else {})})
    for segment, (title, kind, room, acts, tells) in THINGS.items()
)


def said(text: str) -> Plan:
    return understand_command(text, HOUSE, now_ms=NOW_MS, zone="Europe/Berlin")


def shown(guard: dict[str, Any] | None) -> str:
    """A guard as waiting.toml writes it."""
    if guard is None:
        return "now"
    for join in ("all", "any"):
        if join in guard:
            return f"{join}({', '.join(map(shown, guard[join]))})"
    if "at_ms" in guard:
        return f"+{(guard['at_ms'] - NOW_MS) // 60000}m"
    if "every_s" in guard:
        return f"every {guard['every_s']}"
    if "at" in guard:
        return " ".join([guard["at"], *guard.get("days", ())])
    value = str(guard["value"]).lower() if isinstance(guard["value"], bool) else guard["value"]
    lasting = f"~{guard['for_s']}" if "for_s" in guard else ""
    segment = guard["thing"].removeprefix("urn:motewise:")
    return f"{segment}.{guard['property']}{SIGNS[guard['op']]}{value}{lasting}"


@pytest.mark.parametrize(("say", "meant"), ROWS, ids=[say[:70] for say, _ in ROWS])
def test_a_command_waits_for_what_was_said(say: str, meant: str) -> None:
    plan = said(say)
    if meant.startswith("no: "):
        assert (plan.steps, [one.reason for one in plan.rejected]) == ((), [meant[4:]])
        return
    assert (plan.rejected, plan.question) == ((), None)
    waits = [shown(step.guard) + " *" * step.repeat for step in plan.steps]
    assert " then ".join(waits) == meant
    assert [step.after for step in plan.steps[1:]] == [("s1",)] * len(plan.steps[1:])


def test_every_guard_is_one_that_devices_understand() -> None:
    for say, _ in ROWS:
        for step in said(say).steps:
            if step.guard is not None:
                guards.check(step.guard)


def test_what_lasts_a_while_is_taken_back_by_the_opposite_order() -> None:
    on, off = said("let the pump run till ten").steps
    assert (on.text, off.text) == ("let the Pump run", "stop the Pump")


@pytest.mark.parametrize("text", ["let me know about smoke in the kitchen", "warn me about any smoke in the kitchen",
                                  "i want to know when there is smoke in the kitchen"])
def test_what_somebody_wants_to_know_is_a_notice(text: str) -> None:
    (step,) = said(text).steps
    assert (step.notify, shown(step.guard)) == (True, "smoke.smoke=true")


def test_a_remark_that_is_left_out_is_never_a_condition() -> None:
    for text in ("the moment the moon is full, turn on the heater", "the instant the postman comes turn on the heater"):
        assert said(text).steps == ()
