"""Two invented houses for the tests of understanding: a normal home, and one with odd names."""

from __future__ import annotations

from typing import Any

from coordinator.house import House
from ontology.description import read


def _flag(name: str) -> dict[str, Any]:
    return {name: {"type": "boolean", "readOnly": True}}


def _number(name: str, unit: str, low: float, high: float) -> dict[str, Any]:
    return {name: {"type": "number", "readOnly": True, "unit": unit, "minimum": low, "maximum": high}}


def _set(name: str, field: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {name: {"input": {"type": "object", "properties": {field: schema}}}}


_PERCENT = {"type": "integer", "minimum": 0, "maximum": 100, "unit": "percent"}
_SWITCH: dict[str, Any] = {"turn_on": {}, "turn_off": {}}

# @type -> (actions, properties)
KITS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "Light": (
        {
            **_SWITCH,
            **_set("set_brightness", "brightness", _PERCENT),
            **_set("set_colour", "colour", {"type": "string"}),
        },
        {**_flag("on"), **_number("brightness", "percent", 0, 100)},
    ),
    "Blind": (
        {"open": {}, "close": {}, **_set("set_position", "position", _PERCENT)},
        _number("position", "percent", 0, 100),
    ),
    "Thermostat": (
        _set("set_target_temperature", "temperature", {"type": "number", "minimum": 5, "maximum": 30}),
        {**_number("temperature", "celsius", -10, 50), **_number("target_temperature", "celsius", 5, 30)},
    ),
    "MotionSensor": ({}, _flag("motion")),
    "TemperatureSensor": ({}, _number("temperature", "celsius", -40, 60)),
    "HumiditySensor": ({}, _number("humidity", "percent", 0, 100)),
    "DoorSensor": ({}, _flag("open")),
    "Lock": ({"lock": {}, "unlock": {}}, _flag("locked")),
    "Fan": (
        {**_SWITCH, **_set("set_speed", "speed", _PERCENT)},
        {**_flag("on"), **_number("speed", "percent", 0, 100)},
    ),
    "Speaker": (
        {**_set("play", "what", {"type": "string"}), "pause": {}, **_set("set_volume", "volume", _PERCENT)},
        {**_flag("playing"), **_number("volume", "percent", 0, 100)},
    ),
    "Vacuum": (
        {"start": {}, "stop": {}, "dock": {}},
        {
            "state": {"enum": ["docked", "cleaning", "returning"], "readOnly": True},
            **_number("battery", "percent", 0, 100),
        },
    ),
    "Socket": (_SWITCH, {**_flag("on"), **_number("power", "watt", 0, 3600)}),
}

# id, title, @type, room, floor
HOME = [
    ("corridor-light", "Corridor light", "Light", "corridor", "ground floor"),
    ("coat-light", "Coat rack light", "Light", "corridor", "ground floor"),
    ("entry-lock", "Front door lock", "Lock", "corridor", "ground floor"),
    ("entry-contact", "Front door sensor", "DoorSensor", "corridor", "ground floor"),
    ("corridor-motion", "Corridor motion sensor", "MotionSensor", "corridor", "ground floor"),
    ("kitchen-light", "Kitchen light", "Light", "kitchen", "ground floor"),
    ("kitchen-climate", "Kitchen thermometer", "TemperatureSensor", "kitchen", "ground floor"),
    ("kettle", "Kettle socket", "Socket", "kitchen", "ground floor"),
    ("floor-lamp", "Floor lamp", "Light", "living room", "ground floor"),
    ("tv-lamp", "TV lamp", "Light", "living room", "ground floor"),
    ("garden-blind", "Garden blind", "Blind", "living room", "ground floor"),
    ("stereo", "Stereo", "Speaker", "living room", "ground floor"),
    ("dusty", "Dusty", "Vacuum", "living room", "ground floor"),
    ("bed-lamp", "Bedside lamp", "Light", "bedroom", "first floor"),
    ("bed-blind", "Bedroom blind", "Blind", "bedroom", "first floor"),
    ("bed-heat", "Bedroom thermostat", "Thermostat", "bedroom", "first floor"),
    ("bath-light", "Bathroom light", "Light", "bathroom", "first floor"),
    ("bath-fan", "Bathroom fan", "Fan", "bathroom", "first floor"),
    ("bath-humidity", "Bathroom humidity sensor", "HumiditySensor", "bathroom", "first floor"),
    ("office-light", "Office light", "Light", "office", "first floor"),
    ("office-motion", "Office motion sensor", "MotionSensor", "office", "first floor"),
]

ODD = [
    ("salt-and-pepper", "Salt and Pepper lamp", "Light", "captain's bridge", "deck 2"),
    ("big-bertha", "Big Bertha", "Fan", "captain's bridge", "deck 2"),
    ("hs103", "TP-Link HS103", "Socket", "workshop 3", "deck 1"),
    ("aurora", "Aurora", "Light", "workshop 3", "deck 1"),
    ("off-grid", "Off-grid inverter", "Socket", "engine room", "deck 1"),
    ("lamp-1", "Lamp", "Light", "engine room", "deck 1"),
    ("lamp-2", "Lamp", "Light", "galley", "deck 2"),
    ("sesame", "Sesame", "Lock", "galley", "deck 2"),
    ("eye", "Argus eye", "MotionSensor", "galley", "deck 2"),
    ("frosty", "Frosty", "Thermostat", "galley", "deck 2"),
]


def house(rows: list[tuple[str, str, str, str, str]]) -> House:
    """The House of one of these tables."""
    things = []
    for segment, title, kind, room, floor in rows:
        actions, properties = KITS[kind]
        things.append(
            read(
                {
                    "id": f"urn:motewise:{segment}",
                    "title": title,
                    "@type": kind,
                    "motewise:room": room,
                    "motewise:floor": floor,
                    "actions": actions,
                    "properties": properties,
                }
            )
        )
    return House.of(things)
