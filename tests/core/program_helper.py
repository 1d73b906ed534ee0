"""Programs to test with."""

import json


def examples():
    with open(__file__.rsplit("/", 1)[0] + "/programs.json") as file:
        return json.loads(file.read())


def copy(value):
    return json.loads(json.dumps(value))


ENDS = {"done": {"end": "done"}, "failed": {"end": "failed"}}


def made(row=None, **more):
    """A sound Program of one call; `row`: fields to change of its row (None: leave out); `more`: of the Program."""
    call = {"do": ["call", {"action": "ring", "input": {}}], "on": {"ok": "done", "error": "failed"}}
    call.update(row or {})
    table = copy(ENDS)
    table["do"] = dict([(name, call[name]) for name in call if call[name] is not None])
    fields = {"thing": "urn:x:bell", "initial": "do", "states": table}
    fields.update(more)
    return fields


def waiting(row=None, guard={"at": "07:30"}, initial_row=None, **states):  # noqa: B006 - not changed
    """A sound Program that waits for a guard; `row`: fields to change of the row that waits; `initial_row`: the row to
    begin with instead; `states`: more rows."""
    wait = {"do": ["guard"], "on": {"fired": "do", "cancel": "done"}}
    wait.update(row or {})
    fields = made()
    fields["states"]["wait"] = wait
    fields["states"].update(states)
    fields["initial"] = "wait"
    if initial_row is not None:
        fields["states"]["first"], fields["initial"] = initial_row, "first"
    if guard is not None:
        fields["guard"] = guard
    return fields


OK_ERROR = {"ok": "done", "error": "failed"}
