"""One command through the whole understanding path, on paper: what `motewise plan` prints.

The coordinator's plan, then each step through the device's understanding, written down as one record. Nothing acts,
nothing is sent. `understand` is passed in, so that this file needs no model."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from coordinator.cache import Plans
from coordinator.plan import House, Plan, Step
from coordinator.policy import Policy
from firmware_py.core.errors import LocalError
from ontology.description import DescriptionError, Thing, is_risky_value, read

log = logging.getLogger(__name__)

State = Mapping[str, Mapping[str, Any]]


class Understood(Protocol):
    """What a device makes of its sentence (`device_agent.understand.Understanding`)."""

    @property
    def calls(self) -> tuple[dict[str, Any], ...]: ...
    @property
    def reads(self) -> tuple[str, ...]: ...
    @property
    def status(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def ms(self) -> Mapping[str, float]: ...


Understand = Callable[[Thing, str, Mapping[str, Any]], Awaitable[Understood]]


class InputError(LocalError):
    """A file given to `motewise plan` that cannot be used."""


@dataclass(frozen=True)
class Command:
    """One line of COMMANDS.jsonl; `problem` says why a bad line is refused."""

    id: Any
    text: str
    room: str | None = None
    problem: str = ""


def read_json(path: Path, what: str) -> Any:
    """A JSON file, or InputError with one sentence."""
    try:
        return json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"The {what} {path} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise InputError(f"The {what} {path} is not valid JSON.") from None


def read_things(path: Path) -> House:
    """THINGS.json -> House. A Thing that is wrong is told and left out; InputError if none is left."""
    rows = read_json(path, "file of Things")
    if not isinstance(rows, list):
        raise InputError(f"The file of Things {path} must be a JSON array of Thing Descriptions.")
    things: dict[str, Thing] = {}
    wrong = []
    for number, row in enumerate(rows, 1):
        try:
            thing = read(row)
            if thing.id in things:
                raise DescriptionError(f"It has the id {thing.id!r}, which an earlier one has.")
            things[thing.id] = thing
        except DescriptionError as error:
            wrong.append(f"Thing {number} of {path} is left out: {error}")
    if wrong and not things:
        raise InputError(wrong[0])
    for sentence in wrong:
        log.warning("%s", sentence)
    return House.of(things.values())


def read_state(path: Path) -> State:
    """STATE.json -> {Thing id: {property: value}}."""
    state = read_json(path, "state")
    if not isinstance(state, dict) or not all(isinstance(row, dict) for row in state.values()):
        raise InputError(f"The state {path} must be an object of objects: {{thing id: {{property: value}}}}.")
    return state


def read_commands(path: Path) -> Iterable[Command]:
    """COMMANDS.jsonl, line by line; a bad line becomes a Command with a problem."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise InputError(f"The commands {path} cannot be read: {error.strerror}.") from None
    return [_command(line, number) for number, line in enumerate(lines, 1) if line.strip()]


def _command(line: bytes, number: int) -> Command:
    try:
        fields = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return Command(None, "", problem=f"Line {number} is not valid JSON.")
    if not isinstance(fields, dict):
        return Command(None, "", problem=f"Line {number} must be a JSON object with 'id' and 'text'.")
    text, room = fields.get("text"), fields.get("room")
    if not isinstance(text, str):
        return Command(fields.get("id"), "", problem="The field 'text' must be text.")
    if room is not None and not isinstance(room, str):
        return Command(fields.get("id"), text, problem="The field 'room' must be text.")
    return Command(fields.get("id"), text, room)


async def record(
    command: Command,
    house: House,
    state: State,
    understand: Understand,
    *,
    now_ms: int,
    zone: str = "UTC",
    plans: Plans | None = None,
) -> dict[str, Any]:
    """The record that `motewise plan` prints for one command (DESIGN section 12). `plans`: planned before, to be used
    again; without it every sentence is planned anew."""
    if command.problem:
        return refused(command, command.problem)
    start = time.perf_counter()
    plans = Plans(0) if plans is None else plans
    plan = plans(command.text, house, command.room, state, now_ms=now_ms, zone=zone)
    ms = {"cache" if plans.hit else "plan": (time.perf_counter() - start) * 1000}
    calls: list[dict[str, Any]] = []
    reads: list[dict[str, Any]] = []
    guards: list[dict[str, Any]] = []
    refusals = [(refusal.clause, 0, refusal.text, refusal.reason) for refusal in plan.rejected]
    good: list[Step] = []
    unable: dict[int, list[tuple[Step, str]]] = {}
    confirm = _policy().moves_many(plan.steps)
    for step in plan.steps:
        if step.notify:
            guards.append({"when": bare(step.guard), "calls": []})
            good.append(step)
            continue
        understood = await understand(step.thing, step.text, state.get(step.thing.id, {}))
        for stage, spent in understood.ms.items():
            ms[stage] = ms.get(stage, 0.0) + spent
        if understood.status != "ok" or not (understood.calls or understood.reads):
            unable.setdefault(step.clause, []).append((step, understood.reason or "The device cannot do that."))
            continue
        good.append(step)
        made = [{"thing": step.thing.id, **call} for call in understood.calls]
        reads += [{"thing": step.thing.id, "property": name} for name in understood.reads]
        confirm = confirm or any(_risky(step.thing, call) for call in understood.calls)
        if step.guard is None:
            calls += made
        elif guards and guards[-1]["when"] == bare(step.guard) and guards[-1]["calls"]:
            guards[-1]["calls"] += made
        elif made:
            guards.append({"when": bare(step.guard), "calls": made})
    for clause, steps in unable.items():
        if any(step.clause == clause for step in good):  # one entry, of the Things that cannot
            texts, reasons = zip(*((step.text, reason) for step, reason in steps), strict=True)
            refusals.append((clause, 1, ", ".join(texts), " ".join(dict.fromkeys(reasons))))
        else:
            said = plan.clauses[clause] if clause < len(plan.clauses) else steps[0][0].text
            refusals.append((clause, 1, said, steps[0][1]))
    rejected = [{"text": text, "reason": reason} for _, _, text, reason in sorted(refusals, key=lambda row: row[:2])]
    done = bool(good) or plan.kind == "cancel"
    status = "clarify" if plan.question else "ok" if done and not rejected else "partial" if done else "rejected"
    ms["total"] = (time.perf_counter() - start) * 1000
    return {
        "id": command.id,
        "status": status,
        "needs_confirmation": confirm,
        "calls": calls,
        "reads": reads,
        "guards": guards,
        "subtasks": [{"thing": step.thing.id, "text": step.text} for step in plan.steps],
        "rejected": rejected,
        **({} if plan.read_as is None else {"read_as": {"language": plan.read_as[0], "text": plan.read_as[1]}}),
        "reply": _reply(plan, good, rejected, reads, state, house, confirm),
        "ms": {stage: round(spent, 3) for stage, spent in ms.items()},
    }


def bare(guard: Any) -> Any:
    """A guard without what only the devices need to know (host, max_age_s)."""
    if isinstance(guard, dict):
        return {key: bare(value) for key, value in guard.items() if key not in ("host", "max_age_s")}
    return [bare(inner) for inner in guard] if isinstance(guard, list) else guard


@lru_cache(maxsize=1)
def _policy() -> Policy:
    return Policy.read()


def _risky(thing: Thing, call: Mapping[str, Any]) -> bool:
    if "action" in call:
        affordance = thing.affordance("action", call["action"])
        return affordance is not None and affordance.risky
    return is_risky_value(thing, call["property"], call.get("value"))


def refused(command: Command, reason: str) -> dict[str, Any]:
    """The record of a command that was not even planned."""
    return {
        "id": command.id,
        "status": "rejected",
        "needs_confirmation": False,
        "calls": [],
        "reads": [],
        "guards": [],
        "subtasks": [],
        "rejected": [{"text": command.text[:80], "reason": reason}],
        "reply": reason,
        "ms": {"total": 0.0},
    }


def _reply(
    plan: Plan,
    good: list[Step],
    rejected: list[dict[str, str]],
    reads: list[dict[str, Any]],
    state: State,
    house: House,
    confirm: bool,
) -> str:
    if plan.question is not None:
        return plan.question.text
    if plan.kind == "cancel":
        return "Nothing runs here that could be called off."
    parts = []
    orders = [step.text for step in good if not step.read]
    if orders:
        shown = ", ".join(orders[:4]) + (f" and {len(orders) - 4} more" if len(orders) > 4 else "")
        parts.append(f"{'That needs your yes' if confirm else 'I would'}: {shown}.")
    for row in reads:
        fact = house.fact(row["thing"])
        value = state.get(row["thing"], {}).get(row["property"])
        title = fact.thing.title if fact is not None else row["thing"]
        parts.append(f"{title}: {row['property']} is {'not known' if value is None else json.dumps(value)}.")
    parts += dict.fromkeys(entry["reason"] for entry in rejected)
    return " ".join(parts)
