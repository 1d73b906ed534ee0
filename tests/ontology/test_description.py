"""A Thing Description is taken in, or refused in one sentence; it never breaks whoever reads it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ontology.description import DescriptionError, Thing, is_risky_value, read

LAMP: dict[str, Any] = {
    "id": "urn:motewise:lamp", "title": "Lamp", "@type": "Light",
    "actions": {"dim": {"input": {"type": "object", "required": ["to"], "properties": {
        "to": {"type": "integer", "minimum": 0, "maximum": 100, "unit": "percent"}, "for": {"type": "number"}}}}},
    "properties": {"on": {"type": "boolean", "readOnly": True, "motewise:maxAge": 60}},
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """LAMP with another value at `path`."""
    *levels, last = path.split("/")
    td: dict[str, Any] = dict(LAMP)
    here = td
    for level in levels:
        here[level] = dict(here[level])
        here = here[level]
    here[last] = value
    return td


def test_a_description_becomes_a_thing():
    lamp = read(LAMP, "hall-pi")
    dim, on = lamp.affordances
    assert [(field.name, field.required) for field in dim.fields] == [("to", True), ("for", False)]
    assert (on.op, on.name, on.max_age_s) == ("read", "on", 60)
    assert (lamp.host, lamp.segment, lamp.kinds) == ("hall-pi", "lamp", ("Light",))


TO = "actions/dim/input/properties/to"


@pytest.mark.parametrize(("path", "value", "sentence"), [
    ("id", "", "has no 'id'"),
    ("id", "urn:motewise:Lamp", "may only contain a-z"),
    ("@type", {"Light": 1}, "must be text or a list"),
    ("title", 3, "title of the Thing Description must be text"),
    ("actions", [], None),
    ("actions", [1], "must be an object of objects"),
    ("actions/dim", 1, "must be an object of objects"),
    ("actions/dim/input", 1, "schema of 'dim' must be an object"),
    ("actions/dim/input/required", 5, "What 'dim' requires must be a list"),
    ("actions/dim/motewise:affects", "level", "affects 'level', which is not a property"),
    (f"{TO}/type", "percent", "type of 'dim.to' must be one of"),
    (f"{TO}/minimum", "low", "minimum of 'dim.to' must be a number"),
    (f"{TO}/minimum", float("nan"), "minimum of 'dim.to' must be a number"),
    (f"{TO}/maximum", float("inf"), "maximum of 'dim.to' must be a number"),
    (f"{TO}/minimum", 101, "above its maximum"),
    (f"{TO}/multipleOf", 0, "multipleOf of 'dim.to' must be above 0"),
    (f"{TO}/unit", ["percent"], "unit of 'dim.to' must be text"),
    (f"{TO}/enum", [], "at least one choice"),
    ("properties/on/motewise:maxAge", float("nan"), "positive number"),
    ("properties/on/motewise:maxAge", True, "positive number"),
    ("properties", {"a\nb": {"type": "boolean"}}, "printable"),
    ("properties", {"x" * 101: {"type": "boolean"}}, "1 to 100"),
])
def test_what_cannot_be_taken_in_is_refused_in_one_sentence(path, value, sentence):
    if sentence is None:
        assert read(changed(path, value), "hall-pi").affordances[-1].name == "on"
        return
    with pytest.raises(DescriptionError) as raised:
        read(changed(path, value), "hall-pi")
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)


BOOLEAN: dict[str, Any] = {"type": "boolean"}
STATES = {"type": "string", "enum": ["LOCKED", "UNLOCKED"]}


@pytest.mark.parametrize(("kind", "affordance", "risky"), [
    ("Lock", {"actions": {"unlock": {}}}, True), ("Lock", {"actions": {"lock": {}}}, False),
    ("Lock", {"actions": {"set_state": {"input": STATES}}}, True),
    ("Lock", {"actions": {"set_state": {"input": {"properties": {"to": STATES}}}}}, True),
    ("Lock", {"actions": {"set": {"input": {"properties": {"locked": BOOLEAN}}}}}, True),
    ("Lock", {"actions": {"set": {"input": {"properties": {"on": BOOLEAN}}}}}, True),
    ("Lock", {"actions": {"set": {"input": {"properties": {"x": BOOLEAN}}}}}, True),
    ("Lock", {"properties": {"state": STATES}}, True), ("Lock", {"properties": {"state": BOOLEAN}}, True),
    ("Lock", {"properties": {"volume": {"type": "integer"}}}, False),
    ("Alarm", {"actions": {"set_mode": {"input": {"enum": ["armed", "disarmed"]}}}}, True),
    ("Alarm", {"actions": {"arm": {"input": {"enum": ["home", "away"]}}}}, False),
    ("GarageDoor", {"actions": {"move": {"input": {"enum": ["opened", "closed"]}}}}, True),
    ("Light", {"actions": {"set": {"input": {"properties": {"x": BOOLEAN}}}}}, False),
    ("Blind", {"actions": {"move": {"input": {"enum": ["open", "closed"]}}}}, False),
])
def test_whatever_opens_a_lock_is_risky_by_any_name(kind, affordance, risky):
    thing = read({"id": "urn:x:y", "title": "Y", "@type": kind, **affordance})
    assert any(one.risky for one in thing.affordances) is risky


@pytest.mark.parametrize(("name", "schema", "value", "risky"), [
    ("state", STATES, "UNLOCKED", True), ("state", STATES, "LOCKED", False), ("locked", BOOLEAN, False, True),
    ("locked", BOOLEAN, True, False), ("state", BOOLEAN, True, True), ("on", BOOLEAN, True, True),
    ("state", STATES, 5, True), ("locked", {**BOOLEAN, "motewise:risk": "confirm"}, True, True),
])
def test_locking_needs_no_yes_and_unlocking_does(name, schema, value, risky):
    thing = read({"id": "urn:x:y", "title": "Y", "@type": "Lock", "properties": {name: schema}})
    assert is_risky_value(thing, name, value) is risky


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-200, 200) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["type", "properties", "required", "enum", "minimum", "unit", "title", "input", "x"]), inner,
        max_size=4), max_leaves=8)
PATHS = ["id", "title", "description", "@type", "motewise:room", "actions", "actions/dim", "actions/dim/input",
         "actions/dim/input/required", "actions/dim/input/properties", TO, *(f"{TO}/{key}" for key in (
             "type", "minimum", "maximum", "multipleOf", "enum", "unit")), "properties", "properties/on",
         "properties/on/readOnly", "properties/on/motewise:maxAge"]


@given(st.sampled_from(PATHS), JSON, st.sampled_from(["hall-pi", None]))
@settings(max_examples=400, deadline=None, derandomize=True)
def test_nothing_that_json_can_say_breaks_the_reader(path, value, host):
    try:
        taken = read(changed(path, value), host)
    except DescriptionError:
        return
    assert isinstance(taken, Thing)
    assert all(isinstance(one.schema.get("unit", ""), (str, type(None))) for one in taken.affordances)


@pytest.mark.parametrize(("title", "action", "risky"), [
    ("Haustürschloss", "aufschließen", True), ("Haustürschloss", "abschließen", False),
    ("Serrure de la porte d'entrée", "déverrouiller", True), ("Serrure de la porte d'entrée", "verrouiller", False),
    ("Cerradura de la entrada", "desbloquear", True), ("门锁", "解锁", True), ("门锁", "上锁", False),
    ("Garagentor", "öffnen", True), ("Fensterkontakt", "öffnen", False), ("Rollladen", "öffnen", False),
    ("Volet de la fenêtre", "ouvrir", False), ("Stehlampe", "einschalten", False),
    ("Alarmanlage", "deaktivieren", True), ("Store light", "open", False), ("Motor", "open", False),
    ("Lamp four", "on", False)])
def test_what_opens_a_house_is_risky_in_any_language(title, action, risky):
    thing = read({"id": "urn:motewise:x", "title": title, "actions": {action: {}}})
    assert [one.risky for one in thing.affordances] == [risky]
