"""Values of every kind go to the names that they stand with; what is unsaid, unknown or read-only is refused."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from recipe import values_of
from things_told import Parrot, thing

from device_agent.assigned import assigned
from device_agent.options import options_of
from device_agent.understand import Understanding, understand
from device_agent.weighing import view_of

BENCH = thing("Bench", "Device", {"reboot": {}}, {
    "gain": {"type": "integer", "minimum": 0, "maximum": 100},
    "flow_rate": {"type": "number", "minimum": 0, "maximum": 50},
    "mode": {"type": "string", "enum": ["eco", "boost", "fan_only"]},
    "band": {"type": "string", "enum": ["2.4GHz", "5GHz"]},
    "night_light": {"type": "boolean"},
    "beeper": {"type": "boolean"},
    "label": {"type": "string"},
    "ring_colour": {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"},
    "humidity": {"type": "number", "readOnly": True},
})
NOW = {"gain": 40, "flow_rate": 20}


def _asked(text: str) -> Understanding:
    return asyncio.run(understand(BENCH, text, NOW, Parrot("none")))


ROWS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("set the mode to fan only", {"mode": "fan_only"}),
    ("put the band on 2.4GHz and the gain on 5", {"band": "2.4GHz", "gain": 5}),
    ("use boost as the mode", {"mode": "boost"}),
    ("set night light to false please", {"night_light": False}),
    ("turn on the beeper and set the gain to twelve", {"beeper": True, "gain": 12}),
    ("turn the beeper off plus power up the night light", {"beeper": False, "night_light": True}),
    ("disable the beeper and the night light", {"beeper": False, "night_light": False}),
    ("mode, gain and beeper to eco, 3 and off respectively", {"mode": "eco", "gain": 3, "beeper": False}),
    ("set the ring colour to #1A2b3c", {"ring_colour": "#1A2b3c"}),
    ("set the ring colour to red", {"ring_colour": "#ff0000"}),
    ("set flow rate to twenty one point five", {"flow_rate": 21.5}),
    ("set the label to 'gate B 12'", {"label": "gate B 12"}),
    ("use lab east as the label", {"label": "lab east"}),
    ("the label should read Dinner is ready", {"label": "Dinner is ready"}),
    ("rename the label to node seven", {"label": "node seven"}),
    ("raise the gain by 5", {"gain": 45}),
    ("cut the gain by five and the flow rate by 2", {"gain": 35, "flow_rate": 18}),
    ("add 10 to the gain", {"gain": 50}),
    ("knock 3 off the flow rate", {"flow_rate": 17}),
    ("set gain to 7 and do the same for the flow rate", {"gain": 7, "flow_rate": 7}),
    ("gain to 7, flow rate likewise", {"gain": 7, "flow_rate": 7}),
    ("set each of the following to 9: gain and flow rate", {"gain": 9, "flow_rate": 9}),
    ("set gain/flow rate to 4/5", {"gain": 4, "flow_rate": 5}),
    ("put the two settings gain and flow rate at 2", {"gain": 2, "flow_rate": 2}),
    ("set the gain to 5 and the label to workshop", {"gain": 5, "label": "workshop"}),
    ("use lab one as the label, and turn on the beeper", {"label": "lab one", "beeper": True}),
    ("not only the gain but also the flow rate to 5", {"gain": 5, "flow_rate": 5}),
    ("for this frobnication run I want gain at 8", {"gain": 8}),
)


@pytest.mark.parametrize(("text", "wanted"), ROWS)
def test_a_value_goes_to_the_name_that_it_stands_with(text: str, wanted: dict[str, Any]) -> None:
    found = _asked(text)
    assert (found.reason, values_of(found.calls)) == ("", wanted)


@pytest.mark.parametrize(("text", "code"), [
    ("set the mode to lunar", "out_of_range"),
    ("I want the mode to be zigzag", "out_of_range"),
    ("set the gain to 400", "out_of_range"),
    ("set the mode", "missing_value"),
    ("change the gain to", "missing_value"),
    ("give the label another value", "missing_value"),
    ("set the label to something else", "missing_value"),
    ("set gain, flow rate and mode to 5 and 6", "missing_value"),
    ("set the humidity to 40", "cannot"),
])
def test_what_cannot_be_had_is_refused(text: str, code: str) -> None:
    found = _asked(text)
    assert (found.status, found.code, found.calls) == ("cannot", code, ())


@pytest.mark.parametrize("text", [
    "unless it rains set the gain to 5", "don't set the gain to 5", "set the gain from 4 to 5",
    "set the gain to 5 tomorrow",
    "what happens if the gain is 5?", "set the gain to 5 and reboot", "open the hatch and set the gain to 5"])
def test_what_says_more_is_not_read_as_names_and_values_alone(text: str) -> None:
    view = view_of(options_of(BENCH.affordances), BENCH.title)
    assert assigned(text, view) == []


def test_a_text_keeps_its_letters() -> None:
    assert values_of(_asked("use ZorbleX Brightnes-3 as the label").calls) == {"label": "ZorbleX Brightnes-3"}
