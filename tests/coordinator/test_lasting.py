"""For how long: what a Thing can be told itself is told it, everything else is changed back by the house."""

from __future__ import annotations

import pytest

from coordinator.house import House
from coordinator.plan import understand_command
from ontology.description import read

NOW = {"now_ms": 1_700_000_000_000, "zone": "UTC"}
LENGTH = {"type": "integer", "minimum": 1, "maximum": 60, "unit": "minute"}
HOUSE = House.of(read(td) for td in [
    {"id": "urn:test:lawn", "title": "Sprinkler", "motewise:room": "Garden", "actions": {
        "water": {"input": {"type": "object", "properties": {"minutes": LENGTH}, "required": ["minutes"]}},
        "stop": {}}},
    {"id": "urn:test:lamp", "title": "Floor lamp", "motewise:room": "Den", "actions": {"turn_on": {}, "turn_off": {}}},
])


@pytest.mark.parametrize(("said", "told"), [
    ("start the sprinkler for 10 minutes", "for 10 minutes"), ("water the lawn for 1 hour", "for 1 hour"),
    ("run the sprinkler for 90 seconds", "for 90 seconds"), ("Starte den Sprinkler für 10 Minuten", "for 10 minutes")])
def test_a_thing_that_takes_a_length_is_told_it_and_ends_by_itself(said, told):
    plan = understand_command(said, HOUSE, **NOW)
    assert [step.thing.segment for step in plan.steps] == ["lawn"]
    assert plan.steps[0].text.endswith(told)
    assert plan.steps[0].guard is None


def test_any_other_thing_is_changed_back_by_the_house():
    on, off = understand_command("turn on the floor lamp for 10 minutes", HOUSE, **NOW).steps
    assert "10" not in on.text
    assert off.after == (on.id,)
    assert off.guard is not None


def test_what_stops_is_told_no_length():
    plan = understand_command("stop the sprinkler for 10 minutes", HOUSE, **NOW)
    assert all("for 10" not in step.text for step in plan.steps)
