"""From calls to a Program: what is refused, what is repeated, what is taken back."""

import pytest
from small_host import BELL, ENTRIES, LAMP, LOCK, MOTION

from device_agent.compile import (
    Refusal,
    calls_of,
    check_allowed,
    check_call,
    check_foreign,
    compile_program,
    restoring,
)
from device_agent.execute import Run
from device_agent.thing import Device
from firmware_py.core.errors import MessageError, ProgramError
from firmware_py.core.messages import Subtask
from ontology.description import read

THINGS = {entry["id"].rpartition(":")[2]: Device.load(entry).thing for entry in ENTRIES}
ON, OFF = {"action": "turn_on", "input": {}}, {"action": "turn_off", "input": {}}
DIM = {"property": "brightness", "value": 40}
UNLOCK = {"action": "unlock", "input": {}}


def walk(made, *events):
    """The states gone through."""
    run = Run(made)
    return [run.at, *(run.step(event) for event in events)], run.end


def subtask(**more):
    fields = {"id": "1", "command": "c", "text": "x", "guard": None, "deadline_ms": 0, "attempt": 1, "owner": None,
              "grant": None, "undo": None}
    return Subtask(**{**fields, **more})


def test_call_that_can_be_repeated_is_tried_twice():
    made = compile_program(THINGS[LAMP], [ON], ())
    assert walk(made, "ok") == (["do1_turn_on", "done"], "done")
    assert walk(made, "error", "ok", "ok") == (
        ["do1_turn_on", "rest_do1_turn_on", "retry_do1_turn_on", "done"], "done")
    assert walk(made, "timeout", "ok", "error")[1] == "failed"
    assert walk(made, "timeout", "ok", "timeout")[1] == "unknown"


def test_call_that_cannot_be_repeated_is_tried_once():
    made = compile_program(THINGS[BELL], [{"action": "ring", "input": {}}], ())
    assert walk(made, "error") == (["do1_ring", "failed"], "failed")
    assert walk(made, "timeout")[1] == "unknown"
    assert walk(made, "lost")[1] == "unknown"


def test_when_a_later_call_fails_the_earlier_ones_are_taken_back_in_reverse():
    made = compile_program(THINGS[LAMP], [ON, DIM, {"property": "colour", "value": "red"}], ())
    states, end = walk(made, "ok", "ok", "error", "ok", "error", "ok", "ok")
    assert states[-3:] == ["undo_do2_set_brightness", "undo_do1_turn_on", "failed"]
    assert end == "failed"


def test_with_a_guard_everything_waits_for_it():
    made = compile_program(THINGS[LAMP], [ON], (), MOTION)
    assert walk(made, "fired", "ok") == (["waiting", "do1_turn_on", "done"], "done")
    assert walk(made, "cancel")[1] == "cancelled"
    assert made["guard"] == MOTION


@pytest.mark.parametrize("events", [("ok",), ("error", "ok", "error"), ("lost",), ("timeout", "ok", "timeout")])
def test_rule_that_repeats_waits_again_whatever_one_firing_came_to(events):
    made = compile_program(THINGS[LAMP], [ON], (), {**MOTION, "repeat": True})
    states, end = walk(made, "fired", *events, "ok")
    assert states[-2:] == ["again", "waiting"]
    assert end is None


def test_moment_that_passed_ends_a_rule():
    made = compile_program(THINGS[LAMP], [ON], (), {"at_ms": 5})
    assert walk(made, "lost") == (["waiting", "missed"], "expired")


def test_questions_read():
    made = compile_program(THINGS[LAMP], [], ["on", "brightness"])
    assert walk(made, "ok", "ok") == (["read1_on", "read2_brightness", "done"], "done")
    assert walk(made, "error")[1] == "failed"


@pytest.mark.parametrize(("call", "code"), [
    ({"action": "fly", "input": {}}, "cannot"), ({"property": "fly", "value": 1}, "cannot"),
    ({"property": "on", "value": True}, "cannot"), ({"property": "brightness", "value": 101}, "out_of_range"),
    ({"property": "brightness", "value": "full"}, "out_of_range"), ({"property": "colour", "value": "beige"},
                                                                    "out_of_range"),
    ({"action": "turn_on", "input": {"speed": 5}}, "out_of_range"), ({"action": "turn_on", "input": 5}, "out_of_range"),
])
def test_what_the_description_does_not_allow_is_refused(call, code):
    with pytest.raises(Refusal) as refusal:
        check_call(THINGS[LAMP], call)
    assert refusal.value.code == code
    assert str(refusal.value).endswith(".")


def test_actions_whose_input_is_one_value_are_checked():
    thing = read({"id": "urn:x:a", "title": "A", "actions": {
        "wait": {"input": {"type": "integer", "maximum": 5}},
        "say": {"input": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}}}})
    check_call(thing, {"action": "wait", "input": 5})
    check_call(thing, {"action": "say", "input": {"text": "hi"}})
    for call in ({"action": "wait", "input": 6}, {"action": "say", "input": {}}, {"action": "say"}):
        with pytest.raises(Refusal):
            check_call(thing, call)


def test_nothing_to_do_or_a_bad_guard_is_refused():
    with pytest.raises(Refusal):
        compile_program(THINGS[LAMP], [], ())
    with pytest.raises(Refusal):
        compile_program(THINGS[LAMP], [], ["fly"])
    for guard in ({}, {"thing": "x"}, {**MOTION, "property": "A/b"}, {**MOTION, "host": "#"}, {"at": "25:00"}):
        with pytest.raises(MessageError):
            compile_program(THINGS[LAMP], [ON], (), guard)


def test_risky_calls_need_a_grant_and_locks_are_not_moved_among_strangers():
    lock = {"action": "lock", "input": {}}
    with pytest.raises(Refusal) as refusal:
        check_allowed(THINGS[LOCK], [UNLOCK], subtask(), False)
    assert refusal.value.code == "needs_confirmation"
    check_allowed(THINGS[LOCK], [UNLOCK], subtask(grant="h"), False)
    check_allowed(THINGS[LOCK], [lock], subtask(), False)
    with pytest.raises(Refusal) as refusal:
        check_allowed(THINGS[LOCK], [lock], subtask(grant="h"), True)
    assert refusal.value.code == "strangers"
    check_allowed(THINGS[LOCK], [], subtask(), True)
    check_allowed(THINGS[LAMP], [ON], subtask(), True)


def test_what_takes_a_call_back():
    lamp, lock = THINGS[LAMP], THINGS[LOCK]
    assert restoring(lamp, DIM, {"brightness": 70}) == {"property": "brightness", "value": 70}
    assert restoring(lamp, ON, {"on": False}) == OFF
    assert restoring(lamp, DIM, {}) is None
    assert restoring(lamp, {"action": "toggle", "input": {}}, {"on": True}) is None
    assert restoring(THINGS[BELL], {"action": "ring", "input": {}}, {"rings": 3}) is None
    # Never by something that needs a yes.
    assert restoring(lock, {"action": "lock", "input": {}}, {"locked": False}) is None


def test_foreign_program_is_held_to_the_description():
    good = compile_program(THINGS[LAMP], [ON], ["on"], MOTION)
    check_foreign(THINGS[LAMP], good)
    with pytest.raises(Refusal):
        check_foreign(THINGS[LOCK], good)
    with pytest.raises(ProgramError):
        check_foreign(THINGS[LAMP], {**good, "states": {}})
    states = {**good["states"], "read2_on": {**good["states"]["read1_on"], "do": ["read", "fly"]}}
    with pytest.raises(Refusal):
        check_foreign(THINGS[LAMP], {**good, "states": states})
    states = {**good["states"], "do1_turn_on": {**good["states"]["do1_turn_on"], "do": ["call", {"action": "fly"}]}}
    with pytest.raises(Refusal):
        check_foreign(THINGS[LAMP], {**good, "states": states})


def test_calls_of_a_program_are_listed_once():
    assert calls_of(compile_program(THINGS[LAMP], [ON, DIM], ())) == [ON, DIM]


def test_foreign_program_acts_out_of_its_guard_only_when_that_fires():
    good = compile_program(THINGS[LAMP], [ON], (), MOTION)
    waiting = {**good["states"]["waiting"], "on": {"fired": "do1_turn_on", "cancel": "do1_turn_on"}}
    with pytest.raises(ProgramError, match="only act when its guard fires"):
        check_foreign(THINGS[LAMP], {**good, "states": {**good["states"], "waiting": waiting}})
