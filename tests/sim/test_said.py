"""The sets of sentences in houses of our own: as they were frozen, and scored by what becomes of the house."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from coordinator.house import House
from firmware_py.core.errors import LocalError
from sim.sets import frozen, said
from sim.sets.said_wants import SetError, wants

NOW_MS = 1_700_000_000_000  # 2023-11-14 22:13:20 UTC
LEAST = {"paraphrase": 160, "noisy": 160, "languages.de": 120, "languages.fr": 120, "languages.es": 120}
LAMP, SPOTS, FRONT, MOTION = said.urn("lamp"), said.urn("spots"), said.urn("front"), said.urn("motion")


def case(want: str, house: str = "terrace") -> said.Case:
    """A case that wants this, in a house of the set."""
    like = next(one for one in said.cases_unchecked("paraphrase") if f".{house}." in one.name)
    return said.Case("test", "kind", like.things, None, "whatever was said", want)


def row(*calls: dict[str, Any], status: str = "ok", **more: Any) -> dict[str, Any]:
    """A record of `motewise plan`."""
    return {"status": status, "calls": list(calls), "reads": [], "guards": [], "rejected": [], **more}


def act(thing: str, action: str, **values: Any) -> dict[str, Any]:
    return {"thing": thing, "action": action, "input": values}


def put(thing: str, name: str, value: Any) -> dict[str, Any]:
    return {"thing": thing, "property": name, "value": value}


def why(want: str, record: Mapping[str, Any]) -> str:
    return said.failure(case(want), record, NOW_MS)


NO = row(status="rejected", rejected=[{"text": "that", "reason": "There is none."}])
ASKED = row(status="clarify")
OFF = act(said.urn("hall"), "turn_off")


@pytest.mark.parametrize("name", said.SETS)
def test_a_set_is_the_frozen_one_and_large_enough(name: str) -> None:
    cases = said.cases(name)
    assert len(cases) >= LEAST[name]
    assert len({one.name for one in cases}) == len(cases)
    assert len({(one.sentence, one.room, str(one.things)) for one in cases}) == len(cases)


@pytest.mark.parametrize("name", said.SETS)
def test_one_sentence_in_eight_or_more_must_not_act(name: str) -> None:
    cases = said.cases_unchecked(name)
    assert sum(one.refused for one in cases) / len(cases) >= (0.15 if name == "paraphrase" else 0.125)


def test_a_changed_sentence_is_another_set() -> None:
    cases = said.cases("noisy")
    with pytest.raises(LocalError, match="not the frozen one"):
        frozen.check("noisy", [*cases[:-1], case("nothing")])


@pytest.mark.parametrize("name", said.SETS)
def test_what_must_happen_can_happen_in_its_house(name: str) -> None:
    houses: dict[str, dict[str, set[str]]] = {}
    for one in said.cases_unchecked(name):
        if str(one.things) not in houses:
            houses[str(one.things)] = {
                thing: set(state) for thing, state in said.state_of(said.devices(one.things)).items()}
        known = houses[str(one.things)]
        for want in wants(one.want):
            asked = {(said.urn(thing), prop) for thing, prop in want.reads}
            asked |= {(said.urn(thing), prop) for thing, prop, _ in want.trends}
            asked |= {(said.urn(part[0]), part[1]) for rule in want.rules for part in rule.conditions
                      if part[0] not in ("at", "in", "every")}
            assert all(prop in known[thing] for thing, prop in asked), one.name
            for calls in (want.calls, *(rule.calls for rule in want.rules)):
                assert said.possible(one, calls), one.name


def test_houses_are_read_with_their_rooms() -> None:
    houses = {str(one.things): one for name in said.SETS for one in said.cases_unchecked(name)}
    assert len(houses) == 11
    for one in houses.values():
        house = said.house_of(one)
        assert 12 <= len(house.things) <= 25
        assert len(house.rooms) >= 4


@pytest.mark.parametrize(("want", "record", "expected"), [
    ("hall.turn_off", row(OFF), ""),
    ("hall.turn_off", row(OFF, act(SPOTS, "turn_on")), ""),  # they are on
    ("hall.turn_off", row(OFF, act(SPOTS, "turn_off")), "too many Things changed"),
    ("{hall,spots}.turn_off", row(OFF), "too few Things changed"),
    ("hall.turn_off", row(act(SPOTS, "turn_off")), "other Things changed"),
    ("hall.turn_off", row(act(said.urn("hall"), "turn_on")), "too few Things changed"),
    ("hall.turn_off", NO, "refused"),
    ("hall.turn_off", ASKED, "asked back"),
    ("hall.turn_off", row(OFF, rejected=NO["rejected"]), ""),
    ("hall.turn_off; spots.turn_off", row(OFF, rejected=NO["rejected"]), "refused a part"),
    ("hall.turn_off; refuse", row(OFF, rejected=NO["rejected"], status="partial"), ""),
    ("hall.turn_off; refuse", row(OFF), "did not refuse a part"),
    ("lamp.brightness = 25", row(put(LAMP, "brightness", 25)), ""),
    ("lamp.brightness = 25", row(put(LAMP, "brightness", 30)), "another value or function"),
    ("lamp.brightness = 25", row(put(LAMP, "brightness", 250)), "a call that cannot be"),
    ("lamp.brightness = 25", row(act(LAMP, "explode")), "a call that cannot be"),
    ("lamp.turn_off", row(act(LAMP, "toggle")), ""),
    ("lamp.brightness down", row(put(LAMP, "brightness", 45)), ""),
    ("lamp.brightness down", row(put(LAMP, "brightness", 75)), "not changed that way"),
    ("lamp.brightness down", row(put(LAMP, "brightness", 0)), "another value or function"),
    ("radio.play(music=Nina Simone)", row(act(said.urn("radio"), "play", music="nina simone")), ""),
    ("radio.play(music=Nina Simone)", row(act(said.urn("radio"), "play", music="nina")), "another value or function"),
    ("refuse", NO, ""),
    ("refuse", ASKED, ""),
    ("refuse", row(), "did not say no"),
    ("refuse", row(OFF), "did what must be refused"),
    ("ask", ASKED, ""),
    ("ask", NO, "did not ask back"),
    ("ask | refuse", NO, ""),
    ("nothing", NO, ""),
    ("nothing", row(), ""),
    ("nothing", ASKED, "asked back for nothing"),
    ("nothing", row(reads=[{"thing": FRONT, "property": "locked"}]), "did what must be refused"),
    ("?front.locked", row(reads=[{"thing": FRONT, "property": "locked"}]), ""),
    ("?front.locked", row(act(FRONT, "lock")), "acted, not read"),
    ("?front.locked", row(reads=[{"thing": MOTION, "property": "occupied"}]), "read another property"),
    ("lamp.brightness = 25 | lamp.brightness = 30", row(put(LAMP, "brightness", 30)), ""),
])
def test_a_record_is_right_if_exactly_the_wanted_changes_follow(
    want: str, record: Mapping[str, Any], expected: str
) -> None:
    assert why(want, record) == expected
    assert said.right(case(want), record, NOW_MS) is not bool(expected)


SEEN = {"thing": MOTION, "property": "occupied", "op": "eq", "value": True}
ON = act(said.urn("hall"), "turn_on")


def kept(when: Mapping[str, Any], *calls: dict[str, Any]) -> dict[str, Any]:
    return row(guards=[{"when": when, "calls": list(calls)}])


@pytest.mark.parametrize(("want", "record", "expected"), [
    ("motion.occupied = true: hall.turn_on", kept(SEEN, ON), ""),
    ("motion.occupied = true: hall.turn_on", kept({**SEEN, "op": "ne", "value": False}, ON), ""),
    ("motion.occupied = true: hall.turn_on", row(ON), "kept no rule"),
    ("motion.occupied = true: hall.turn_on", kept(SEEN), "told, not acted"),
    ("motion.occupied = true: hall.turn_on", kept(SEEN, OFF), "a rule does something else"),
    ("motion.occupied = true: hall.turn_on", kept(SEEN, ON, act(LAMP, "turn_on")), "a rule does something else"),
    ("motion.occupied = true: hall.turn_on", kept({**SEEN, "for_s": 60}, ON), "another condition"),
    ("motion.occupied = false for 600: hall.turn_off", kept({**SEEN, "value": False, "for_s": 600}, OFF), ""),
    ("motion.occupied = true: notify", kept(SEEN), ""),
    ("motion.occupied = true: notify", kept(SEEN, ON), "acted, not told"),
    ("bhum.humidity > 75: notify", kept({"thing": said.urn("bhum"), "property": "humidity", "op": "ge", "value": 75.0}),
     ""),
    ("bhum.humidity > 75: notify", kept({"thing": said.urn("bhum"), "property": "humidity", "op": "lt", "value": 75}),
     "another condition"),
    ("at 07:00: hall.turn_on", kept({"at": "07:00"}, ON), ""),
    ("at 22:13: hall.turn_on", kept({"at_ms": NOW_MS}, ON), ""),
    ("at 07:00: hall.turn_on", kept({"at": "19:00"}, ON), "another condition"),
    ("at 07:00 sat,sun: hall.turn_on", kept({"at": "07:00", "days": ["sun", "sat"]}, ON), ""),
    ("at 07:00 sat,sun: hall.turn_on", kept({"at": "07:00"}, ON), "another condition"),
    ("in 900: hall.turn_on", kept({"at_ms": NOW_MS + 900_500}, ON), ""),
    ("in 900: hall.turn_on", kept({"at_ms": NOW_MS + 600_000}, ON), "another condition"),
    ("every 3600: hall.turn_on", kept({"every_s": 3600}, ON), ""),
    ("hall.turn_off", {**kept({"at": "07:00"}, ON), "calls": [OFF]}, "kept a rule"),
    ("motion.occupied = true & bhum.humidity > 75: hall.turn_on", kept(
        {"all": [{"thing": said.urn("bhum"), "property": "humidity", "op": "gt", "value": 75}, SEEN]}, ON), ""),
    ("motion.occupied = true & bhum.humidity > 75: hall.turn_on", kept(
        {"any": [{"thing": said.urn("bhum"), "property": "humidity", "op": "gt", "value": 75}, SEEN]}, ON),
     "another condition"),
])
def test_a_rule_is_right_by_its_condition_and_what_it_does(
    want: str, record: Mapping[str, Any], expected: str
) -> None:
    assert why(want, record) == expected


@pytest.mark.parametrize("line", ["", "hall", "hall.turn_off!", "hall.on is 3: hall.turn_off", "noon: hall.turn_off"])
def test_a_line_that_says_nothing_is_told(line: str) -> None:
    with pytest.raises(SetError):
        wants(line)


def test_an_unknown_set_is_told() -> None:
    with pytest.raises(SetError, match="sets are"):
        said.cases("languages.la")


def test_measuring_counts_each_kind_of_failure() -> None:
    async def deaf(sentence: str, room: str | None, house: House, state: Any) -> dict[str, Any]:
        assert house.things
        assert state[said.urn("hall")] == {"on": True}
        return row()

    right, of, kinds = asyncio.run(said.measure(deaf, "paraphrase", 4))
    assert (right, of, kinds) == (0, 4, Counter({"light: refused": 4}))
