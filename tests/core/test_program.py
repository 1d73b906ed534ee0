"""Programs: which tables are sound, and what is said of the others."""

from core_helper import raises
from program_helper import ENDS, OK_ERROR, copy, made, waiting

from firmware_py.core import program
from firmware_py.core.errors import ProgramError

SOUND = (
    made(),
    made({"do": ["call", {"action": "ring"}]}),
    made({"do": ["call", {"action": "say", "input": "hello"}]}),
    made({"do": ["call", {"property": "on", "value": False}]}),
    made({"do": ["call", {"property": "level", "value": 0}]}),
    made({"do": ["read", "temperature"]}),
    made({"do": ["undo", "do"]}, states={"do": made()["states"]["do"], "x": {"do": ["undo", "do"], "on": OK_ERROR},
                                          "done": {"end": "done"}, "failed": {"end": "failed"}}),
    made({"do": ["pause", 1], "on": {"ok": "done", "cancel": "failed"}}),
    made({"timeout_ms": 1, "on": {"ok": "done", "error": "failed", "timeout": "failed"}}),
    made({"on": {"ok": "done", "error": "do"}}),
    waiting(),
    waiting(guard={"every_s": 60, "repeat": True}, back={"do": ["again"], "on": {"ok": "wait", "cancel": "done"}}),
    waiting(initial_row={"do": ["read", "x"], "on": {"ok": "second", "error": "failed"}},
            second={"do": ["read", "y"], "on": {"ok": "wait", "error": "failed"}}),
    made(initial="done"),
)


def many(count):
    return dict([("s%d" % number, {"end": "done"}) for number in range(count)], s0=made()["states"]["do"],
                done={"end": "done"}, failed={"end": "failed"})


def unsound_programs():
    """(what is wrong, Program): made when asked for, a board has no room for all of them at once with the rest."""
    return (
        ("not an object", None), ("not an object", []), ("not an object", "do"),
        ("no thing", made(thing=None)), ("no thing", made(thing="")), ("no thing", made(thing=5)),
        ("no states", made(states=None)), ("no states", made(states={})), ("no states", made(states=[])),
        ("too many states", made(states=many(63), initial="s0")), ("no initial", made(initial=None)),
        ("no initial", made(initial="nowhere")), ("no initial", made(initial=["do"])),
        ("row", made(states={"do": None})), ("row", made(states={"do": ["call"]})), ("row", made(states={"do": {}})),
        ("name", made(states={"": {"end": "done"}}, initial="")),
        ("name", made(states={"a b": {"end": "done"}}, initial="a b")),
        ("name", made(states={"a\n": {"end": "done"}}, initial="a\n")),
        ("name", made(states={"x" * 129: {"end": "done"}}, initial="x" * 129)),
        ("end", made(states={"do": {"end": "armed"}})), ("end", made(states={"do": {"end": None}})),
        ("end", made(states={"do": {"end": ["done"]}})), ("end", made(states={"do": {"end": "done", "on": {}}})),
        ("end", made({"end": "done"})), ("end", made(states={"do": {"end": "done", "timeout_ms": 5}})),
        ("effect", made({"do": None})), ("effect", made({"do": []})), ("effect", made({"do": "call"})),
        ("effect", made({"do": ["os.mkdir", "x"]})), ("effect", made({"do": [["call"]]})),
        ("effect", made({"do": [None]})),
        ("effect", made({"do": ["Call", {"action": "ring"}]})),
        ("call", made({"do": ["call"]})), ("call", made({"do": ["call", "ring"]})),
        ("call", made({"do": ["call", {}]})),
        ("call", made({"do": ["call", {"action": ""}]})), ("call", made({"do": ["call", {"action": 5}]})),
        ("call", made({"do": ["call", {"action": "ring"}, 1]})), ("call", made({"do": ["call", {"property": "on"}]})),
        ("call", made({"do": ["call", {"property": "on", "value": None}]})),
        ("call", made({"do": ["call", {"property": "on", "value": 1, "action": "ring"}]})),
        ("call", made({"do": ["call", {"property": "on", "value": 1, "input": 1}]})),
        ("call", made({"do": ["call", {"action": "ring", "value": 1}]})),
        ("undo", made({"do": ["undo"]})), ("undo", made({"do": ["undo", "done"]})),
        ("undo", made({"do": ["undo", "no"]})),
        ("undo", made({"do": ["undo", {"property": "on"}]})), ("undo", made({"do": ["undo", "do"]})),
        ("read", made({"do": ["read"]})), ("read", made({"do": ["read", 5]})),
        ("read", made({"do": ["read", "a", "b"]})),
        ("pause", made({"do": ["pause"]})), ("pause", made({"do": ["pause", 0]})),
        ("pause", made({"do": ["pause", -1]})),
        ("pause", made({"do": ["pause", 1.5]})), ("pause", made({"do": ["pause", True]})),
        ("pause", made({"do": ["pause", 10**18]})), ("guard", waiting({"do": ["guard", 1]})),
        ("on", made({"on": None})), ("on", made({"on": ["ok"]})), ("on", made({"on": {}})),
        ("event", made({"on": {"ok": "done", "error": "failed", "explode": "done"}})),
        ("target", made({"on": {"ok": "nowhere", "error": "failed"}})),
        ("target", made({"on": {"ok": None, "error": "failed"}})),
        ("target", made({"on": {"ok": ["done"], "error": "failed"}})),
        ("no error path", made({"on": {"ok": "done"}})),
        ("no error path", made({"on": {"ok": "done", "cancel": "done"}})),
        ("no ok", made({"on": {"error": "failed"}})),
        ("no error path", made({"do": ["read", "x"], "on": {"ok": "done", "timeout": "done"}})),
        ("no way out", made({"do": ["pause", 5], "on": {"ok": "done"}})),
        ("no way out", waiting({"on": {"fired": "do"}})), ("no fired", waiting({"on": {"cancel": "done"}})),
        ("timeout", made({"timeout_ms": 5})),
        ("timeout", made({"timeout_ms": 0, "on": dict(OK_ERROR, timeout="done")})),
        ("timeout", made({"timeout_ms": True, "on": dict(OK_ERROR, timeout="done")})),
        ("timeout", made({"timeout_ms": "5", "on": dict(OK_ERROR, timeout="done")})),
        ("no end", made({"on": {"ok": "do", "error": "do"}})),
        ("no end", made(states={"do": {"do": ["read", "x"], "on": {"ok": "do", "error": "do"}}})),
        ("no end", made(states=dict(ENDS, do=made()["states"]["do"], lone={"do": ["read", "x"], "on": {
            "ok": "lone", "error": "lone"}}))),
        ("guard", waiting(guard=None)),
        ("guard", made(states=waiting()["states"])), ("guard", waiting(guard={})),
        ("guard", waiting(guard={"at": "25:00"})),
        ("guard", made(guard={"at": "07:30"})),
        ("guard", made(guard={"at": "07:30"}, states=waiting()["states"])),
        ("again", waiting(do={"do": ["again"], "on": {"ok": "done", "cancel": "failed"}})),
        ("again", waiting(back={"do": ["again"], "on": {"cancel": "failed"}})),
        ("again", waiting(back={"do": ["again"], "on": {"ok": "wait"}})),
        ("again", waiting(back={"do": ["again", "wait"], "on": {"ok": "wait", "cancel": "done"}})),
    )


# What the refusal must speak of.
WORDS = {
    "not an object": "must be an object", "no thing": "'thing'", "no states": "1 to 64 states",
    "too many states": "1 to 64 states", "no initial": "initial state", "row": "The state 'do' must",
    "name": "The name of the state", "end": "end", "effect": "must do one of", "call": "'call' takes",
    "undo": "'undo' takes", "read": "'read' takes", "pause": "'pause' takes", "guard": "guard",
    "on": "must say what follows", "event": "there is only", "target": "no state", "no error path": "follows 'error'",
    "no ok": "follows 'ok'", "no way out": "no way out", "no fired": "follows 'fired'", "timeout": "timeout",
    "no end": "no end can be reached", "again": "'",
}


def test_sound_programs_are_taken():
    for sound in SOUND:
        before = copy(sound)
        assert program.check(sound) is sound
        assert sound == before


def test_other_programs_are_refused_in_a_sentence():
    for why, unsound in unsound_programs():
        error = raises(ProgramError, program.check, unsound)
        assert WORDS[why] in str(error), (why, str(error))


def test_64_states_are_taken():
    assert program.check(made(states=many(62), initial="s0"))
