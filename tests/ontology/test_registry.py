"""The registry: named questions, ownership, and descriptions that are refused."""

import pytest

from ontology.description import DescriptionError
from ontology.registry import QueryError, Registry, queries

LAMP = {"id": "urn:motewise:hall-lamp", "title": "Hall lamp", "@type": ["Light", "saref:LightSwitch"],
        "motewise:room": "Hall", "motewise:floor": "ground floor", "actions": {"turn_on": {}},
        "properties": {"on": {"type": "boolean", "readOnly": True}}}
LOCK = {"id": "urn:motewise:lock", "title": "Lock", "@type": "Lock", "motewise:floor": "ground floor",
        "actions": {"unlock": {}}}


@pytest.fixture
def registry():
    """A lamp in the hall and a lock on the same floor, in no room."""
    registry = Registry()
    registry.add(LAMP, "hall-pi", "hall-lamp")
    registry.add(LOCK, "door-pi", "lock")
    registry.set_state("hall-pi", "ready")
    return registry


@pytest.mark.parametrize(("name", "params", "found"), [
    ("things", {}, ["hall-lamp", "lock"]),
    ("things_in_room", {"room": "hall"}, ["hall-lamp"]),
    ("things_in_room", {"room": "ground floor"}, []),
    ("things_on_floor", {"floor": "Ground  Floor"}, ["hall-lamp", "lock"]),
    ("things_of_kind", {"kind": "light"}, ["hall-lamp"]),
    ("things_of_kind", {"kind": "LightSwitch"}, ["hall-lamp"]),
    ("things_that_can", {"capability": "turn on"}, ["hall-lamp"]),
    ("things_that_can", {"capability": "turn_on"}, ["hall-lamp"]),
    ("things_named", {"name": "LOCK"}, ["lock"]),
    ("things_named", {"name": '" } DROP ALL #'}, []),
    ("things_in_room", {"room": "?room . ?s ?p ?o"}, []),
])
def test_named_question(registry, name, params, found):
    assert [row["id"].rpartition(":")[2] for row in registry.select(name, params)] == found


def test_rows_say_where_a_thing_is_and_how_its_host_is(registry):
    [row] = registry.select("things_in_room", {"room": "hall"})
    assert row == {"id": "urn:motewise:hall-lamp", "title": "Hall lamp", "in_room": "Hall", "on_floor": "ground floor",
                   "host": "hall-pi", "state": "ready"}


def test_risky_affordances_are_in_the_graph(registry):
    assert registry.select("affordances", {"name": "lock"})[0]["risky"] is True


@pytest.mark.parametrize("name", sorted(queries()))
def test_every_question_can_be_asked(registry, name):
    registry.select(name, dict.fromkeys(queries()[name].parameters, "hall"))


@pytest.mark.parametrize(("name", "params"), [
    ("no_such", {}), ("things", {"room": "x"}), ("things_in_room", {}), ("things_in_room", {"room": 3}),
    ("things_in_room", {"room": ""}), ("../things", {}),
])
def test_question_that_cannot_be_asked(registry, name, params):
    with pytest.raises(QueryError):
        registry.select(name, params)


@pytest.mark.parametrize(("td", "host", "segment"), [
    (LAMP, "evil-pi", "hall-lamp"), (LAMP, "hall-pi", "lock"), ({}, "hall-pi", "x"), ([], "hall-pi", "x"),
    ({"id": "urn:other:hall-lamp"}, "evil-pi", "hall-lamp"), ({"id": 'urn:"> x:y'}, "hall-pi", "y"),
    ({"id": "hall-lamp2"}, "hall-pi", "hall-lamp2"), ({"id": "urn:x:a", "properties": {"b": {"type": "x"}}}, "h", "a"),
])
def test_refused_description_leaves_the_rest_alone(registry, td, host, segment):
    with pytest.raises(DescriptionError) as refusal:
        registry.add(td, host, segment)
    assert registry.refused[host, segment].reason == str(refusal.value)
    assert len(registry.things) == 2


def test_thing_that_is_given_up_is_free_for_another_host(registry):
    registry.remove("hall-pi", "hall-lamp")
    assert registry.add(LAMP, "attic-pi", "hall-lamp").host == "attic-pi"


def test_new_description_replaces_the_old_one(registry):
    registry.add({**LAMP, "motewise:room": "attic"}, "hall-pi", "hall-lamp")
    assert registry.find(room="hall") == ()
    assert [thing.id for thing in registry.find(room="attic", kind="light")] == [LAMP["id"]]


def test_ownership_survives_a_restart(tmp_path):
    first = Registry(tmp_path / "graph")
    first.add(LAMP, "hall-pi", "hall-lamp")
    first.store.flush()
    del first
    again = Registry(tmp_path / "graph")
    assert [thing.host for thing in again.things] == ["hall-pi"]
    with pytest.raises(DescriptionError):
        again.add(LAMP, "evil-pi", "hall-lamp")


def test_same_graph_through_rdflib(registry):
    rows = registry.graph().query("SELECT ?t WHERE { ?t <https://www.w3.org/2019/wot/td#title> 'Hall lamp' }")
    assert [str(row[0]) for row in rows] == [LAMP["id"]]
