"""Programs: a state machine as a table, checked before it is stored, stepped the same on a board and on a Pi.

A Program is JSON: {"thing", "initial", "states": {name: row}, "guard"?}. A row is {"do": [effect, argument…],
"on": {event: next state}, "timeout_ms"?}, or at an end {"end": report state}. An event that a row does not have is
an error. Effects and events are words of the tables below; names in a Program are data, and never become code."""

from firmware_py.core import guards
from firmware_py.core.errors import MessageError, ProgramError
from firmware_py.core.messages import TERMINAL

STATES_MAX = 64
NAME_MAX = 128
DURATION_MAX_MS = 10 * 366 * 86400000
EVENTS = ("ok", "error", "timeout", "fired", "cancel", "lost")
# What can go wrong, or be called off: each row that is no end has at least one of these.
_ASIDE = ("error", "timeout", "cancel", "lost")
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"


# -- effects: what the argument must be, and the events that the row must have -----------------------------------------


def _none(do, states):
    return len(do) == 1


def _call(do, states):
    if len(do) != 2 or not isinstance(do[1], dict):
        return False
    call = do[1]
    if "action" in call:
        return _is_name(call["action"]) and "property" not in call and "value" not in call
    return _is_name(call.get("property")) and call.get("value") is not None and "input" not in call


def _undo(do, states):
    """["undo", S]: bring back what the call of the state S changed."""
    if len(do) != 2 or not isinstance(do[1], str) or not isinstance(states.get(do[1]), dict):
        return False
    undone = states[do[1]].get("do")
    return isinstance(undone, list) and undone[:1] == ["call"]


def _read(do, states):
    return len(do) == 2 and _is_name(do[1])


def _pause(do, states):
    return len(do) == 2 and _is_duration(do[1])


_EFFECTS = {
    "guard": (_none, ("fired",), "waits until the guard fires and takes no argument"),
    "call": (_call, ("ok", "error"), "takes {\"action\", \"input\"} or {\"property\", \"value\"}"),
    "undo": (_undo, ("ok", "error"), "takes the name of a state that calls"),
    "read": (_read, ("ok", "error"), "takes the name of a property"),
    "pause": (_pause, ("ok",), "takes a whole number of milliseconds above 0"),
    "again": (_none, ("ok",), "goes back to the guard and takes no argument"),
}
EFFECTS = ("guard", "call", "undo", "read", "pause", "again")


def _is_name(value):
    return isinstance(value, str) and 0 < len(value) <= NAME_MAX


def _is_duration(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= DURATION_MAX_MS


# -- the check --------------------------------------------------------------------------------------------------------


def _check_row(name, row, states):
    if not isinstance(row, dict):
        raise ProgramError("The state %r must be an object." % name)
    if "end" in row:
        if "do" in row or "on" in row or "timeout_ms" in row:
            raise ProgramError("The state %r is an end: nothing is done there and nothing follows." % name)
        if row["end"] not in TERMINAL:
            raise ProgramError("The end %r must be one of: %s." % (name, ", ".join(TERMINAL)))
        return
    do, on = row.get("do"), row.get("on")
    if not isinstance(do, list) or not do or do[0] not in EFFECTS:
        raise ProgramError("The state %r must do one of: %s." % (name, ", ".join(EFFECTS)))
    good, needed, words = _EFFECTS[do[0]]
    if not good(do, states):
        raise ProgramError("In the state %r, '%s' %s." % (name, do[0], words))
    if not isinstance(on, dict):
        raise ProgramError("The state %r must say what follows: \"on\": {event: state}." % name)
    for event, target in on.items():
        if event not in EVENTS:
            raise ProgramError("The state %r waits for %r; there is only: %s." % (name, event, ", ".join(EVENTS)))
        if not isinstance(target, str) or target not in states:
            raise ProgramError("The state %r leads to %r, which is no state." % (name, target))
    for event in needed:
        if event not in on:
            raise ProgramError("The state %r must say what follows '%s'." % (name, event))
    if "timeout_ms" in row:
        if not _is_duration(row["timeout_ms"]):
            raise ProgramError("The timeout of the state %r must be a whole number of milliseconds above 0." % name)
        if "timeout" not in on:
            raise ProgramError("The state %r must say what follows 'timeout'." % name)
    if not [event for event in _ASIDE if event in on]:
        raise ProgramError("The state %r has no way out when something goes wrong." % name)


def _next(row):
    return row["on"].values() if "on" in row else ()


def _reached(states, first):
    reached, waiting = [first], [first]
    while waiting:
        for target in _next(states[waiting.pop()]):
            if target not in reached:
                reached.append(target)
                waiting.append(target)
    return reached


def _check_ends(states):
    """Every state must have a way to an end: found backwards from the ends."""
    good = [name for name, row in states.items() if "end" in row]
    grew = True
    while grew:
        grew = False
        for name, row in states.items():
            if name not in good and [target for target in _next(row) if target in good]:
                good.append(name)
                grew = True
    for name in states:
        if name not in good:
            raise ProgramError("From the state %r no end can be reached." % name)


def check(program):
    """Return `program` if it is a sound state machine, else raise ProgramError."""
    if not isinstance(program, dict):
        raise ProgramError("A Program must be an object.")
    if not _is_name(program.get("thing")):
        raise ProgramError("A Program must name its 'thing'.")
    states, initial = program.get("states"), program.get("initial")
    if not isinstance(states, dict) or not 0 < len(states) <= STATES_MAX:
        raise ProgramError("A Program must have 1 to %d states." % STATES_MAX)
    for name in states:
        if not _is_name(name) or [letter for letter in name if letter not in _LETTERS]:
            raise ProgramError("The name of the state %r must be of a-z, A-Z, 0-9, '_' and '-', at most %d long."
                               % (name, NAME_MAX))
    if not isinstance(initial, str) or initial not in states:
        raise ProgramError("The initial state %r is no state." % (initial,))
    for name, row in states.items():
        _check_row(name, row, states)
    _check_ends(states)
    waits = [name for name in states if states[name].get("do") == ["guard"]]
    if program.get("guard") is not None:
        try:
            guards.check(program["guard"])
        except MessageError as error:
            raise ProgramError(str(error))
        if not [name for name in _reached(states, initial) if name in waits]:
            raise ProgramError("The Program has a guard, and never waits for it.")
    elif waits:
        raise ProgramError("The state %r waits for a guard, and the Program has none." % waits[0])
    for name, row in states.items():
        if row.get("do") == ["again"] and states[row["on"]["ok"]].get("do") != ["guard"]:
            raise ProgramError("The state %r must lead back to a state that waits for the guard." % name)
    return program


# -- running it -------------------------------------------------------------------------------------------------------


def _row(program, state):
    row = program["states"].get(state)
    if row is None:
        raise ProgramError("The Program has no state %r." % (state,))
    return row


def step(program, state, event):
    """The state that follows `event` in `state` of a checked Program, or ProgramError if nothing does."""
    target = _row(program, state).get("on", {}).get(event)
    if target is None:
        raise ProgramError("The state %r has no event %r." % (state, event))
    return target


def effect(program, state):
    """What is done in `state`: [effect, argument…], or None at an end."""
    return _row(program, state).get("do")


def end(program, state):
    """The report state of the end `state`, or None where something is to be done."""
    return _row(program, state).get("end")


# -- drawing it -------------------------------------------------------------------------------------------------------

_PLAIN = _LETTERS + " .,:()/=%+"


def _label(text):
    """`text` without what Mermaid or a page would read as more than text."""
    return "".join([letter if letter in _PLAIN or ord(letter) > 191 else " " for letter in text])


def _in_words(do, guard):
    if do[0] == "guard":
        return "wait for " + guards.explain(guard)
    if do[0] == "call":
        call = do[1]
        if "property" in call:
            return "set %s = %s" % (call["property"], call["value"])
        given = call.get("input")
        if isinstance(given, dict):
            given = ", ".join(["%s = %s" % (name, given[name]) for name in sorted(given)])
        return "%s(%s)" % (call["action"], "" if given is None else given)
    if do[0] == "pause":
        return "pause %s ms" % do[1]
    return " ".join([str(word) for word in do])


def diagram(program):
    """A checked Program as Mermaid `stateDiagram-v2` text: states and events by name, in the order of those names."""
    names = sorted(program["states"])
    short = {}
    for number, name in enumerate(names):
        short[name] = "s%d" % number
    lines = ["stateDiagram-v2", "    [*] --> %s" % short[program["initial"]]]
    for name in names:
        row = program["states"][name]
        words = row["end"] if "end" in row else _in_words(row["do"], program.get("guard"))
        lines.append('    state "%s" as %s' % (_label("%s, %s" % (name, words)), short[name]))
    for name in names:
        row = program["states"][name]
        if "end" in row:
            lines.append("    %s --> [*]" % short[name])
            continue
        for event in EVENTS:
            if event in row["on"]:
                after = " after %d ms" % row["timeout_ms"] if event == "timeout" and "timeout_ms" in row else ""
                lines.append("    %s --> %s : %s%s" % (short[name], short[row["on"][event]], event, after))
    return "\n".join(lines) + "\n"
