"""What is wanted or not wanted by its name alone becomes the plain order; what is no yes or no stays as it is."""

from __future__ import annotations

import pytest

from device_agent.options import options_of
from device_agent.unwanted import apart, unwanted
from device_agent.weighing import View, view_of
from ontology.description import read


@pytest.fixture(scope="module")
def view() -> View:
    properties = {"eco": {"type": "boolean"}, "night_mode": {"type": "boolean"}, "keep_warm": {"type": "boolean"},
                  "quiet_hours": {"type": "boolean"}, "level": {"type": "integer", "minimum": 0, "maximum": 9},
                  "pulse": {"type": "string", "enum": ["none", "gentle", "strong"]}}
    thing = read({"id": "urn:x:pump", "title": "Pump", "@type": "Pump", "properties": properties})
    return view_of(options_of(thing.affordances), "Pump")


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("no more eco", "set eco to off"),
        ("get rid of the night mode please", "set night mode to off"),
        ("with eco", "set eco to on"),
        ("no pulse", "set pulse to none"),
        ("keep it warm", "set keep warm to on"),
        ("drop the quiet hours", "set quiet hours to off"),
    ],
)
def test_what_is_wanted_by_its_name_is_a_plain_order(said: str, plain: str, view: View) -> None:
    assert unwanted(said, view) == plain


@pytest.mark.parametrize("said", ["no more level", "get rid of the smell", "drop the level by 2", "a gentle pulse"])
def test_what_is_no_yes_or_no_stays(said: str, view: View) -> None:
    assert unwanted(said, view) == said


def test_a_yes_or_no_after_another_order_is_a_clause_of_its_own(view: View) -> None:
    assert apart("level 5 with eco", view) == "level 5, with eco"
    assert apart("level 5 with a bang", view) == "level 5 with a bang"
