"""Back to what a Thing was before a subtask: the calls that take its effect back.

Rules: each call is taken back by the one that was noted when it was made (compile.restoring), the last one first; what
changed besides (a lamp that went on when it was dimmed) follows, switches last; nothing risky is called, and what
cannot go back by itself is refused. It does not act."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from device_agent.compile import Call, Refusal, already, is_risky
from device_agent.store import Made
from ontology.description import Thing

# How much of a Thing's state is kept with a subtask.
PROPERTIES_MAX = 24
TEXT_MAX = 64


def told(present: Mapping[str, Any]) -> dict[str, Any]:
    """The plain values of a Thing's properties, as they are kept."""
    plain = {name: value for name, value in present.items()
             if isinstance(value, (bool, int, float)) or (isinstance(value, str) and len(value) <= TEXT_MAX)}
    return dict(list(plain.items())[:PROPERTIES_MAX])


def calls(thing: Thing, made: Made, present: Mapping[str, Any]) -> list[Call]:
    """What takes back `made`, given the present properties; Refusal `no_undo` if nothing was done, or nothing does."""
    if not made.calls:
        raise Refusal(f"The {thing.title} did nothing that could be taken back.", "no_undo")
    back = list(reversed(list(made.undo.values())))
    settled, writes = {_changed(thing, call) for call in back}, any("property" in call for call in back)
    asides = [call for name, value in made.before.items()
              # What is written may switch a Thing on by itself, so a switch is set again though it shows the same.
              if name not in settled and (present.get(name) != value or (writes and isinstance(value, bool)))
              and (call := _bringing(thing, name, value))]
    found = sorted((*back, *asides), key=lambda call: "action" in call)
    found = [call for at, call in enumerate(found) if call not in found[:at] and not is_risky(thing, call)]
    if not found:
        raise Refusal(f"The {thing.title} cannot go back by itself to what it was.", "no_undo")
    return found


def _changed(thing: Thing, call: Call) -> str:
    if "property" in call:
        return str(call["property"])
    used = thing.affordance("action", call["action"])
    return (used.affects if used is not None else None) or ""


def _bringing(thing: Thing, name: str, value: Any) -> Call | None:
    """The call after which the property is `value`, or None."""
    if thing.affordance("write", name) is not None:
        return {"property": name, "value": value}
    for used in thing.affordances:
        if used.op == "action" and used.affects == name and already(used, name, value):
            return {"action": used.name, "input": {}}
    return None
