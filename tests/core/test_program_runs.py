"""Programs: how they step and how they are drawn.

programs.json holds Programs with event sequences and the trace that each must give ("refused": the event that the last
state does not have); the Pi's executor is held to the same file."""

from core_helper import Dice, raises
from program_helper import OK_ERROR, examples, made, waiting

from firmware_py.core import program
from firmware_py.core.errors import ProgramError


def test_examples_give_their_traces():
    runs = 0
    for example in examples():
        table = program.check(example["program"])
        for run in example["runs"]:
            runs += 1
            trace = [table["initial"]]
            refused = None
            for event in run["events"]:
                try:
                    trace.append(program.step(table, trace[-1], event))
                except ProgramError:
                    refused = event
                    break
            assert trace == run["states"], (example["name"], run)
            assert refused == run.get("refused"), (example["name"], run)
            assert program.end(table, trace[-1]) == run["end"], (example["name"], run)
    assert runs > 20


def test_an_event_or_a_state_that_there_is_not_is_an_error():
    for state, event in (("do", "fired"), ("do", "timeout"), ("do", None), ("done", "ok"), ("x", "ok"), (None, "ok")):
        raises(ProgramError, program.step, made(), state, event)
    raises(ProgramError, program.effect, made(), "nowhere")
    raises(ProgramError, program.end, made(), "nowhere")


def test_effects_and_ends():
    assert program.effect(made(), "do") == ["call", {"action": "ring", "input": {}}]
    assert program.effect(made(), "done") is None
    assert program.end(made(), "do") is None
    assert program.end(made(), "failed") == "failed"


def test_every_walk_through_an_example_comes_to_an_end_or_could():
    """Whatever happens in whatever order: a state has its events and no other, and an end has none."""
    for example in examples():
        table, dice = example["program"], Dice(len(example["name"]))
        ends = 0
        for _ in range(40):
            state = table["initial"]
            for _ in range(30):
                row = table["states"][state]
                event = program.EVENTS[dice.roll(len(program.EVENTS))]
                if event in row.get("on", {}):
                    state = program.step(table, state, event)
                    assert state in table["states"]
                else:
                    raises(ProgramError, program.step, table, state, event)
            ends += program.end(table, state) is not None
        assert ends, example["name"]


DRAWN = """stateDiagram-v2
    [*] --> s3
    state "do, ring(loud = 5, to = me)" as s0
    state "done, done" as s1
    state "failed, failed" as s2
    state "wait, wait for hall-motion occupied is true for 5 s" as s3
    s0 --> s1 : ok
    s0 --> s2 : error
    s0 --> s2 : timeout after 250 ms
    s1 --> [*]
    s2 --> [*]
    s3 --> s0 : fired
    s3 --> s1 : cancel
"""


def test_a_program_is_drawn():
    guard = {"thing": "urn:x:hall-motion", "property": "occupied", "op": "eq", "value": True, "for_s": 5}
    table = waiting(guard=guard, do={"do": ["call", {"action": "ring", "input": {"to": "me", "loud": 5}}],
                                     "on": dict(OK_ERROR, timeout="failed"), "timeout_ms": 250})
    assert program.diagram(program.check(table)) == DRAWN


def test_a_drawing_carries_no_markup():
    nasty = 'x"] --> [*]\n<script>alert(1)</script>;#{`'
    for do in (["call", {"action": nasty, "input": {nasty: nasty}}], ["call", {"property": nasty, "value": nasty}],
               ["call", {"action": "a", "input": nasty}], ["read", nasty]):
        drawn = program.diagram(program.check(made({"do": do})))
        assert len(drawn.split("\n")) == 10, drawn
        label = drawn.split("\n")[2]
        assert label.count('"') == 2
        for letter in "<>;#{}[]`":
            assert letter not in label


def test_every_example_is_drawn_whole():
    for example in examples():
        table = example["program"]
        drawn = program.diagram(table)
        arrows = sum([len(row.get("on", "1")) for row in table["states"].values()]) + 1
        assert drawn.count("-->") == arrows, example["name"]
