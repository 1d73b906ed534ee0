"""Rules that pull one Thing both ways."""

import pytest
from small_host import ENTRIES, LAMP

from device_agent.conflicts import opposite, overlap
from device_agent.thing import Device

THING = next(Device.load(entry).thing for entry in ENTRIES if entry["id"].endswith(LAMP))
ON, OFF = {"action": "turn_on", "input": {}}, {"action": "turn_off", "input": {}}


def warm(op, value, **more):
    return {"thing": "urn:x:t", "property": "temperature", "op": op, "value": value, **more}


def seen(value, **more):
    return {"thing": "urn:x:m", "property": "occupied", "op": "eq", "value": value, **more}


@pytest.mark.parametrize(("one", "other", "wanted"), [
    (ON, OFF, True), (ON, ON, False), (OFF, {"action": "toggle", "input": {}}, True),
    ({"property": "brightness", "value": 1}, {"property": "brightness", "value": 2}, True),
    ({"property": "brightness", "value": 1}, ON, False),
])
def test_opposite_calls(one, other, wanted):
    assert opposite(THING, [one], [other]) is wanted


@pytest.mark.parametrize(("one", "other", "wanted"), [
    (seen(True), seen(True), True),
    (seen(True), seen(False), False),
    (seen(False, for_s=300), seen(False, for_s=60), True),
    (seen(True), {**seen(True), "op": "ne"}, False),
    (warm("gt", 25), warm("gt", 20), True),
    (warm("gt", 25), warm("lt", 20), False),
    (warm("gt", 20), warm("lt", 25), True),
    (warm("ge", 20), warm("le", 20), True),
    (warm("gt", 20), warm("le", 20), False),
    (warm("eq", 20), warm("gt", 20), False),
    (warm("eq", 21), warm("gt", 20), True),
    (warm("ne", 21), warm("eq", 21), False),
    (warm("ne", 21), warm("gt", 20), True),
    (warm("gt", 25), seen(True), False),
    ({"at": "07:30"}, {"at": "07:30"}, True),
    ({"at": "07:30"}, {"at": "07:31"}, False),
    ({"at": "07:30", "days": ["mon"]}, {"at": "07:30", "days": ["tue"]}, False),
    ({"at": "07:30", "days": ["mon"]}, {"at": "07:30"}, True),
    ({"every_s": 60}, {"every_s": 90}, True),
    ({"at_ms": 5}, {"at_ms": 5}, True),
    ({"at_ms": 5}, {"at_ms": 6}, False),
    ({"all": [seen(True), warm("gt", 25)]}, {"all": [seen(True), warm("lt", 20)]}, False),
    ({"all": [seen(True), {"at": "22:00"}]}, {"at": "22:00"}, True),
    ({"any": [seen(False), warm("gt", 25)]}, {"all": [seen(True), warm("gt", 30)]}, True),
    ({"any": [seen(False), warm("lt", 25)]}, {"all": [seen(True), warm("gt", 30)]}, False),
])
def test_overlapping_guards(one, other, wanted):
    assert overlap(one, other) is wanted
    assert overlap(other, one) is wanted
