"""The records of `motewise plan`, with a device side that knows a few sentences by heart in place of the model."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from coordinator.cache import Plans
from coordinator.house import House
from firmware_py.core.errors import LocalError
from ontology.description import Thing, read
from sim import plan
from sim.planning import Command, InputError, read_commands, read_state, read_things, record

THINGS: list[dict[str, Any]] = [
    {"id": "urn:x:Desk", "title": "Desk lamp", "@type": "Light", "motewise:room": "study",
     "actions": {"turn_on": {}, "turn_off": {}}, "properties": {"on": {"type": "boolean", "readOnly": True}}},
    {"id": "urn:x:Wall", "title": "Wall lamp", "@type": "Light", "motewise:room": "study",
     "actions": {"turn_on": {}, "turn_off": {}}, "properties": {"on": {"type": "boolean", "readOnly": True}}},
    {"id": "urn:x:Door", "title": "Back door lock", "@type": "Lock", "motewise:room": "study",
     "actions": {"lock": {}, "unlock": {}}, "properties": {"locked": {"type": "boolean", "readOnly": True}}},
    {"id": "urn:x:Warmth", "title": "Study thermometer", "@type": "TemperatureSensor", "motewise:room": "study",
     "properties": {"temperature": {"type": "number", "unit": "celsius", "readOnly": True}}},
]
KEYS = ["id", "status", "needs_confirmation", "calls", "reads", "guards", "subtasks", "rejected", "reply", "ms"]


@dataclass(frozen=True)
class Answer:
    calls: tuple[dict[str, Any], ...] = ()
    reads: tuple[str, ...] = ()
    status: str = "ok"
    reason: str = ""
    ms: Mapping[str, float] = field(default_factory=lambda: {"model": 1.0})


async def by_heart(thing: Thing, text: str, state: Mapping[str, Any]) -> Answer:
    """Device understanding for the sentences of this file: the action whose words stand in the text, or a read."""
    if re.match(r"(is|what|how)\b", text):
        return Answer(reads=(next(item.name for item in thing.affordances if item.op == "read"),))
    for item in thing.affordances:
        if item.op == "action" and all(word in text.split()[:2] for word in item.name.split("_")):
            return Answer(calls=({"action": item.name, "input": {}},))
    return Answer(status="cannot", reason=f"{thing.title} cannot do that.")


@pytest.fixture
def house(tmp_path: Path) -> House:
    path = tmp_path / "things.json"
    path.write_text(json.dumps(THINGS))
    return read_things(path)


def planned(house: House, text: str, state: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Any]:
    return asyncio.run(record(Command("c1", text), house, state or {}, by_heart, now_ms=1000))


def test_record_has_the_keys_of_the_specification_in_order(house: House) -> None:
    row = planned(house, "turn on the desk lamp")
    assert list(row) == KEYS
    assert row["calls"] == [{"thing": "urn:x:Desk", "action": "turn_on", "input": {}}]
    assert row["subtasks"] == [{"thing": "urn:x:Desk", "text": "turn on the Desk lamp"}]
    assert (row["status"], row["needs_confirmation"]) == ("ok", False)


def test_guarded_calls_stand_only_under_guards(house: House) -> None:
    row = planned(house, "when the study is above 25 turn on the lights and lock the back door")
    when = {"thing": "urn:x:Warmth", "property": "temperature", "op": "gt", "value": 25}
    assert row["calls"] == []
    assert [guard["when"] for guard in row["guards"]] == [when]
    assert [call["thing"] for call in row["guards"][0]["calls"]] == ["urn:x:Desk", "urn:x:Wall", "urn:x:Door"]


def test_risky_calls_need_a_yes(house: House) -> None:
    assert planned(house, "unlock the back door")["needs_confirmation"] is True
    assert planned(house, "lock the back door")["needs_confirmation"] is False


def test_more_things_than_the_policy_moves_unasked_need_a_yes(house: House) -> None:
    lamps = [read({**THINGS[0], "id": f"urn:x:Lamp-{number}", "title": f"Lamp {number}"}) for number in range(21)]
    for count, wanted in ((20, False), (21, True)):
        assert planned(House.of(lamps[:count]), "turn on all the lights")["needs_confirmation"] is wanted
        assert planned(House.of(lamps[:count]), "are all the lights on?")["needs_confirmation"] is False


def test_sentence_that_was_planned_is_told_so_and_is_the_same(house: House) -> None:
    plans, rows = Plans(), []
    for _ in range(2):
        rows.append(asyncio.run(record(Command("c1", "turn on the desk lamp"), house, {}, by_heart, now_ms=1000,
                                       plans=plans)))
    assert [next(iter(row["ms"])) for row in rows] == ["plan", "cache"]
    assert [{**row, "ms": {}} for row in rows[:1]] == [{**row, "ms": {}} for row in rows[1:]]


def test_half_of_a_request_is_partial_and_names_the_rest_in_order(house: House) -> None:
    row = planned(house, "turn on the toaster, sing a song on the moon, turn on the desk lamp and dim the wall lamp")
    assert row["status"] == "partial"
    assert [call["thing"] for call in row["calls"]] == ["urn:x:Desk"]
    assert row["rejected"][0]["reason"] == "There is no toaster here."
    assert row["rejected"][-1]["reason"] == "Wall lamp cannot do that."


def test_a_clause_that_no_device_can_do_is_one_refusal(house: House) -> None:
    row = planned(house, "dim all the lights")
    assert row["status"] == "rejected"
    assert row["rejected"] == [{"text": "dim all the lights", "reason": "Desk lamp cannot do that."}]


def test_things_that_cannot_are_one_refusal_of_their_clause(house: House) -> None:
    async def only_the_door(thing: Thing, text: str, state: Mapping[str, Any]) -> Answer:
        if thing.title == "Desk lamp":
            return Answer(calls=({"action": "turn_on", "input": {}},))
        return Answer(status="cannot", reason=f"{thing.title} cannot do that.")

    things = House.of([*house.things, read({**THINGS[0], "id": "urn:x:Night", "title": "Night lamp"})])
    row = asyncio.run(record(Command("c1", "turn on all the lights"), things, {}, only_the_door, now_ms=1000))
    assert row["status"] == "partial"
    [entry] = row["rejected"]
    assert entry["reason"] == "Wall lamp cannot do that. Night lamp cannot do that."


class Mind:
    """In place of the language model."""

    def __init__(self, *_: Any) -> None:
        pass

    async def __aenter__(self) -> Mind:
        return self

    async def __aexit__(self, *_: Any) -> None:
        pass


def test_a_command_that_breaks_the_planner_costs_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def understand(
        thing: Thing, text: str, state: Mapping[str, Any], brain: Mind, larger: object = None
    ) -> Answer:
        if "off" in text:
            raise RecursionError
        return await by_heart(thing, text, state)

    monkeypatch.setattr(plan, "Brain", Mind)
    monkeypatch.setattr(plan, "understand", understand)
    (tmp_path / "things.json").write_text(json.dumps(THINGS))
    (tmp_path / "commands.jsonl").write_text(
        '{"id": "a\\ud800", "text": "turn on \\ud800"}\n{"id": "b", "text": "turn off the desk lamp"}\n'
        '{"id": "c", "text": "turn on the desk lamp"}\n')
    plan.plan(tmp_path / "things.json", commands=tmp_path / "commands.jsonl")
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["id"] for row in rows] == ["a\ud800", "b", "c"]
    assert [row["status"] for row in rows] == ["rejected", "rejected", "ok"]


def test_a_zone_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="no time zone"):
        plan.plan(tmp_path / "things.json", "hello", zone="Mars")


def test_a_question_reads_and_answers_from_the_state(house: House) -> None:
    row = planned(house, "how warm is it in the study", {"urn:x:Warmth": {"temperature": 21.5}})
    assert row["reads"] == [{"thing": "urn:x:Warmth", "property": "temperature"}]
    assert "21.5" in row["reply"]


def test_an_unclear_command_asks_back_and_calls_nothing(house: House) -> None:
    row = planned(house, "turn on the lamp")
    assert (row["status"], row["calls"], row["guards"]) == ("clarify", [], [])


def test_a_notice_has_a_guard_without_calls(house: House) -> None:
    assert planned(house, "tell me when the study is above 30")["guards"][0]["calls"] == []


def test_bad_lines_are_refused_and_the_others_go_on(tmp_path: Path, house: House) -> None:
    path = tmp_path / "commands.jsonl"
    path.write_bytes(b'{"id": "a", "text": "turn on the desk lamp"}\nnot json\n\n{"id": "b", "text": 5}\n\xff\n[1]\n'
                     b'{"id": "c", "text": "turn off the desk lamp", "room": "study"}\n')

    async def rows() -> list[dict[str, Any]]:
        return [await record(command, house, {}, by_heart, now_ms=0) for command in read_commands(path)]

    found = asyncio.run(rows())
    assert [row["status"] for row in found] == ["ok", "rejected", "rejected", "rejected", "rejected", "ok"]
    assert all(list(row) == KEYS for row in found)
    assert found[2]["id"] == "b"


@pytest.mark.parametrize(("content", "words"), [
    ("{", "not valid JSON"), ("{}", "JSON array"), ('[{"title": "x"}]', "no 'id'"), ("[5]", "Thing 1"),
])
def test_bad_things_are_one_sentence(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "things.json"
    path.write_text(content)
    with pytest.raises(InputError, match=re.escape(words)):
        read_things(path)


def test_a_bad_thing_is_told_and_the_others_are_there(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "things.json"
    path.write_text(json.dumps([5, {"id": "urn:x:a", "actions": [1]}, THINGS[0], THINGS[0], THINGS[1]]))
    assert [thing.title for thing in read_things(path).things] == ["Desk lamp", "Wall lamp"]
    assert [text.split(" of ")[0] for text in caplog.messages] == ["Thing 1", "Thing 2", "Thing 4"]
    assert "an earlier one has" in caplog.messages[2]


def test_missing_files_and_bad_state_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_things(tmp_path / "none.json")
    path = tmp_path / "state.json"
    path.write_text("[1]")
    with pytest.raises(InputError, match="object of objects"):
        read_state(path)
