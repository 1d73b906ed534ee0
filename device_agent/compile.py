"""From what was understood to a Program: a state table with retry, timeout, undo and error paths.

Rules: only calls that can be repeated are repeated; a call of unknown outcome ends as `unknown`; when a later call
fails for good, the earlier ones are taken back in reverse order; with a guard everything waits for it, and a guard
that repeats is waited for again, whatever came of one firing. Every call is checked here against the Thing's own
description, whatever the coordinator thought. It does not act."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from firmware_py.core import guards, program, schema, topics
from firmware_py.core.errors import ProgramError, RemoteError, SchemaError
from firmware_py.core.messages import Subtask
from ontology.description import Affordance, Thing, is_risky_value

CALL_TIMEOUT_MS = 10_000
RETRY_AFTER_MS = 500
WAITING = "waiting"
Call = dict[str, Any]

# Actions that take each other back, where both have the same `affects`.
_OPPOSITES = {"on": "off", "open": "close", "lock": "unlock", "start": "stop", "mute": "unmute", "enable": "disable",
              "play": "pause"}
OPPOSITES = {**_OPPOSITES, **{back: forth for forth, back in _OPPOSITES.items()}}


class Refusal(RemoteError):
    """A subtask that this device does not do. `code`: the word for programs that goes into the report."""

    def __init__(self, reason: str, code: str) -> None:
        super().__init__(reason)
        self.code = code


# -- what may be called -----------------------------------------------------------------------------------------------


def affordance(thing: Thing, call: Mapping[str, Any]) -> Affordance | None:
    """What a call uses of its Thing."""
    if "action" in call:
        return thing.affordance("action", call["action"])
    return thing.affordance("write", call.get("property", ""))


def check_call(thing: Thing, call: Mapping[str, Any]) -> None:
    """Return if the Thing's description allows exactly this call, else Refusal."""
    used = affordance(thing, call)
    if used is None:
        name = call.get("action", call.get("property"))
        raise Refusal(f"The {thing.title} has nothing like {name!r}.", "cannot")
    try:
        if used.op == "write":
            schema.check(used.schema, call.get("value"), used.name)
        elif used.fields and used.fields[0].name == "":
            schema.check(used.schema, call.get("input"), used.name)
        else:
            _check_input(used, call.get("input"))
    except SchemaError as error:
        raise Refusal(str(error), "out_of_range") from None


def _check_input(used: Affordance, given: Any) -> None:
    values = {} if given is None else given
    schema.check({"type": "object", "properties": {field.name: field.schema for field in used.fields},
                  "required": [field.name for field in used.fields if field.required]}, values, used.name)
    known = {field.name for field in used.fields}
    for name in values:
        if name not in known:
            raise SchemaError(f"The action '{used.name}' takes no '{name}'.", name)


def check_allowed(thing: Thing, calls: Sequence[Call], subtask: Subtask, strangers: bool) -> None:
    """Return if this subtask may make these calls, else Refusal: what is risky needs the person's yes (a grant), and
    what keeps people out is not moved over a broker that lets strangers in."""
    if calls and strangers and thing.guarded:
        raise Refusal(f"The {thing.title} is not moved over a broker that lets strangers in.", "strangers")
    if subtask.grant is None and any(is_risky(thing, call) for call in calls):
        raise Refusal(f"The {thing.title} wants a yes to that first.", "needs_confirmation")


def is_risky(thing: Thing, call: Mapping[str, Any]) -> bool:
    """Whether a call needs a yes."""
    if "action" in call:
        used = affordance(thing, call)
        return used is not None and used.risky
    return is_risky_value(thing, call["property"], call.get("value"))


def is_idempotent(thing: Thing, call: Mapping[str, Any]) -> bool:
    """Whether doing it twice is the same as once."""
    used = affordance(thing, call)
    return used is not None and used.idempotent


def restoring(thing: Thing, call: Mapping[str, Any], state: Mapping[str, Any]) -> Call | None:
    """The call that would bring back what `call` changes, given the present values; None if there is no such call."""
    used = affordance(thing, call)
    name = used.affects if used is not None else None
    if used is None or name is None or state.get(name) is None:
        return None
    before = state[name]
    if thing.affordance("write", name) is not None:
        back: Call = {"property": name, "value": before}
    elif already(used, name, before):
        back = {"action": used.name, "input": {}}
    else:
        words = used.name.split("_")
        opposite = "_".join(OPPOSITES.get(word, word) for word in words)
        other = thing.affordance("action", opposite)
        if not isinstance(before, bool) or opposite == used.name or other is None or other.affects != name:
            return None
        if other.fields or not other.idempotent:
            return None
        back = {"action": opposite, "input": {}}
    return None if is_risky(thing, back) else back


def already(used: Affordance, name: str, value: Any) -> bool:
    """Whether an action brings about what is: `turn_on` where `on` is true. Told only where names leave no doubt."""
    words = used.name.split("_")
    pole = True if name in words else False if _OPPOSITES.get(name, "") in words else None
    return name in _OPPOSITES and value is pole and not used.fields and used.idempotent


# -- the table --------------------------------------------------------------------------------------------------------


def compile_program(
    thing: Thing, calls: Sequence[Call], reads: Sequence[str], guard: dict[str, Any] | None = None,
    relative: bool = False,
) -> dict[str, Any]:
    """A checked Program that makes `calls`, then `reads`; Refusal for what the Thing cannot do, MessageError for a
    guard that is none. `relative`: the calls hold for the present state only; they are made anew when it fires."""
    if not calls and not reads:
        raise Refusal(f"There is nothing to do for the {thing.title} in that.", "cannot")
    for call in calls:
        check_call(thing, call)
    for name in reads:
        if thing.affordance("read", name) is None:
            raise Refusal(f"The {thing.title} has no property {name!r} that can be read.", "cannot")
    if guard is not None:
        check_guard(guard)
    table = _Table(thing, calls, reads, repeat=bool(guard and guard.get("repeat")))
    made: dict[str, Any] = {"thing": thing.id, "initial": table.first, "states": dict(table.rows(guard))}
    if guard is not None:
        made.update(initial=WAITING, guard=guard)
        if relative:
            made["relative"] = True
    program.check(made)
    return made


def check_guard(guard: dict[str, Any]) -> None:
    """Return if the guard is one that can be watched, else MessageError."""
    guards.check(guard)
    for host, thing, name in guards.sources(guard):
        if host is not None:
            topics.check_host(host)
        topics.thing_segment(thing)
        topics.check_name(name, "property")


class _Table:
    """The rows of one Program."""

    def __init__(self, thing: Thing, calls: Sequence[Call], reads: Sequence[str], repeat: bool) -> None:
        self._thing = thing
        self._repeat = repeat
        self._calls = [(_state("do", number, _name(call)), call) for number, call in enumerate(calls, 1)]
        self._reads = [(_state("read", number, name), name) for number, name in enumerate(reads, 1)]
        steps = [state for state, _ in (*self._calls, *self._reads)]
        self.first = steps[0]
        self._next = dict(zip(steps, [*steps[1:], "again" if repeat else "done"], strict=True))
        self._failed, self._unknown = ("again", "again") if repeat else ("failed", "unknown")

    def rows(self, guard: dict[str, Any] | None) -> Iterator[tuple[str, dict[str, Any]]]:
        """(state, row), in the order in which they are gone through."""
        if guard is not None:
            missed = {"lost": "missed"} if any("at_ms" in leaf for leaf in guards.leaves(guard)) else {}
            yield WAITING, {"do": ["guard"], "on": {"fired": self.first, "cancel": "cancelled", **missed}}
            if missed:
                yield "missed", {"end": "expired"}
        for number, (state, call) in enumerate(self._calls):
            yield from self._call(state, call, self._undo(number))
        for state, name in self._reads:
            yield state, self._row(["read", name], self._next[state], self._failed, self._failed)
        for number in range(len(self._calls) - 2, -1, -1):
            state, back = self._calls[number][0], self._undo(number)
            yield "undo_" + state, self._row(["undo", state], back, back, back)
        if self._repeat:
            yield "again", {"do": ["again"], "on": {"ok": WAITING, "cancel": "cancelled"}}
        else:
            for end in ("done", "failed", "unknown") if self._calls else ("done", "failed"):
                yield end, {"end": end}
        yield "cancelled", {"end": "cancelled"}

    def _undo(self, number: int) -> str:
        """Where to go when the call `number` has failed for good: the call before it is taken back first."""
        return "undo_" + self._calls[number - 1][0] if number else self._failed

    def _call(self, state: str, call: Call, failed: str) -> Iterator[tuple[str, dict[str, Any]]]:
        if not is_idempotent(self._thing, call):
            yield state, self._row(["call", call], self._next[state], failed, self._unknown, self._unknown)
            return
        rest, retry = "rest_" + state, "retry_" + state
        yield state, self._row(["call", call], self._next[state], rest, rest, self._unknown)
        yield rest, {"do": ["pause", RETRY_AFTER_MS], "on": {"ok": retry, "cancel": "cancelled"}}
        yield retry, self._row(["call", call], self._next[state], failed, self._unknown, self._unknown)

    def _row(self, do: list[Any], ok: str, error: str, timeout: str, lost: str | None = None) -> dict[str, Any]:
        on = {"ok": ok, "error": error, "timeout": timeout, "cancel": "cancelled"}
        if lost is not None:
            on["lost"] = lost
        return {"do": do, "on": on, "timeout_ms": CALL_TIMEOUT_MS}


def _name(call: Mapping[str, Any]) -> str:
    return str(call["action"]) if "action" in call else f"set_{call['property']}"


def _state(kind: str, number: int, name: str) -> str:
    return f"{kind}{number}_{re.sub(r'[^a-z0-9_]', '_', name.lower())}"


def calls_of(made: Mapping[str, Any]) -> list[Call]:
    """The calls that a Program may make, in order, each once."""
    found: list[Call] = []
    for row in made["states"].values():
        do = row.get("do")
        if do and do[0] == "call" and do[1] not in found:
            found.append(do[1])
    return found


def check_foreign(thing: Thing, made: dict[str, Any]) -> None:
    """Return if a Program that came compiled over the wire is one for this Thing that it can do; else Refusal,
    MessageError or ProgramError."""
    program.check(made)
    if made.get("thing") != thing.id:
        raise Refusal(f"That Program is not for the {thing.title}.", "cannot")
    for call in calls_of(made):
        check_call(thing, call)
    for row in made["states"].values():
        do = row.get("do")
        if do and do[0] == "read" and thing.affordance("read", do[1]) is None:
            raise Refusal(f"The {thing.title} has no property {do[1]!r} that can be read.", "cannot")
    if made.get("guard") is not None:
        check_guard(made["guard"])
    for name, row in made["states"].items():
        if row.get("do") == ["guard"]:  # it waits outside of its Thing's lane, and only a firing lets it in
            for event, target in row["on"].items():
                if event != "fired" and "end" not in made["states"][target]:
                    raise ProgramError(f"The state {name!r} may only act when its guard fires, not on {event!r}.")
