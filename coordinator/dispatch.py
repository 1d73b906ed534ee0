"""Subtasks on their way to devices: a state machine over the journal, without sockets or clocks.

Rules: a step is sent again as the same (id, attempt) until its device reports, after a restart of ours, when its host
returns, and on a timer; `attempt` rises only after a report that says the device did not act; a step is never dropped:
it ends by the device's word, or by ours when its deadline passed (expired: nobody heard the device take it; unknown:
it took it and is gone), and the device's later word corrects ours. A step whose predecessor did not come off is
cancelled. It does not talk to people: `changed` is told of every step that changes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from coordinator.journal import HELD, SENT, WAITING, Command, Journal, Step
from firmware_py.core import topics
from firmware_py.core.messages import TERMINAL, Cancel, Report, Status, Subtask
from ontology.description import words_of

log = logging.getLogger(__name__)

# After the deadline the device refuses by itself; its report may still be on its way.
GRACE_MS = 2_000
AGAIN_FIRST_MS = 3_000
AGAIN_MOST_MS = 30_000
AWAY = ("lost", "stopped")
# Only a later stage may follow; an armed rule runs and is armed again.
_STAGE = {SENT: 0, "accepted": 1, "running": 2, "armed": 2}


@dataclass
class _Again:
    """When to send next, and how long to wait then."""

    at_ms: int
    wait_ms: int = AGAIN_FIRST_MS


class Dispatch:
    """Send `send(topic, payload)` what devices must hear; tell `changed(before, after, now_ms)` what became of it.

    A report `needs_confirmation` goes to `ask(step, now_ms)`; `grant` sends the step again with the person's yes."""

    def __init__(
        self, journal: Journal, site: str, deadline_s: float, send: Callable[[str, bytes], None],
        changed: Callable[[Step, Step, int], None], ask: Callable[[Step, int], None],
    ) -> None:
        self._journal = journal
        self._site = site
        self._deadline_ms = int(deadline_s * 1000)
        self._send = send
        self._changed = changed
        self._ask = ask
        self.hosts: dict[str, Status] = {}
        self._again: dict[str, _Again] = {}

    def away(self, host: str) -> bool:
        """Whether the host is known not to be there."""
        return host in self.hosts and self.hosts[host].state in AWAY

    # -- forward --------------------------------------------------------------------------------------------------

    def recover(self, now_ms: int) -> None:
        """After a start: send everything open again."""
        for step in self._journal.open_steps():
            if step.state in (SENT, "accepted", "running") or step.stopping:
                self._post(step, now_ms)
        for command in {step.command for step in self._journal.open_steps() if step.state == WAITING}:
            self.release(command, now_ms)

    def release(self, command: int, now_ms: int) -> None:
        """Send the steps of a command that wait for nothing any more."""
        steps = {step.name: step for step in self._journal.steps_of(command)}
        for step in steps.values():
            if step.state != WAITING:
                continue
            before = [steps[name] for name in step.after if name in steps]
            broken = next((other for other in before if other.ended and other.state != "done"), None)
            if broken is not None:
                self.end(step, "cancelled", f"“{broken.text}” came first and is {broken.state}.", now_ms)
                return self.release(command, now_ms)
            if all(other.settled for other in before):
                steps[step.name] = self._journal.update(step, state=SENT, deadline_ms=now_ms + self._deadline_ms)
                self._post(steps[step.name], now_ms)

    def grant(self, step: Step, plan: str, now_ms: int) -> None:
        """The person said yes to `plan`: let a held step go, as the next attempt if the device has refused one."""
        attempt = step.attempt + 1 if step.report is not None else step.attempt
        self._journal.update(step, state=WAITING, grant_hash=plan, attempt=attempt, report=None)
        self.release(step.command, now_ms)

    def end(self, step: Step, state: str, reason: str, now_ms: int) -> Step:
        """Our own verdict on a step."""
        report = {**(step.report or {}), "state": state, "reason": reason}
        ended = self._journal.update(step, state=state, ours=True, report=report)
        self._again.pop(step.id, None)
        self._changed(step, ended, now_ms)
        return ended

    def stop(self, step: Step, mode: str, now_ms: int) -> None:
        """Cancel, pause or resume a step. What no device knows of ends at once; else the device answers."""
        if mode == "cancel" and step.state in (HELD, WAITING):
            self.end(step, "cancelled", "It was cancelled before it was sent.", now_ms)
            self.release(step.command, now_ms)
        else:
            self._post(self._journal.update(step, stopping=mode), now_ms)

    def _post(self, step: Step, now_ms: int) -> None:
        waited = self._again.get(step.id)
        wait_ms = min(2 * waited.wait_ms, AGAIN_MOST_MS) if waited else AGAIN_FIRST_MS
        self._again[step.id] = _Again(now_ms + wait_ms, wait_ms)
        if self.away(step.host):
            return  # `heard_status` sends when it returns
        if step.stopping is None or step.state in ("accepted", "running"):
            command = self._journal.command(step.command)
            self._send(topics.subtask(self._site, step.host, step.segment), subtask(step, command).payload())
        if step.stopping is not None:
            cancel = Cancel(f"{step.id}-{step.stopping}", step.id, step.stopping)
            self._send(topics.cancel(self._site, step.host, step.segment), cancel.payload())

    # -- backward -------------------------------------------------------------------------------------------------

    def heard_status(self, host: str, status: Status, now_ms: int) -> None:
        """A host says how it is; one that came back is sent what it may have missed."""
        before = self.hosts.get(host)
        self.hosts[host] = status
        returned = before is not None and (before.state in AWAY or before.epoch != status.epoch)
        if status.state in AWAY or not returned:
            return
        for step in self._journal.open_steps(host):
            if step.state in (SENT, "accepted", "running") or step.stopping:
                self._again.pop(step.id, None)
                self._post(step, now_ms)

    def heard_report(self, host: str, segment: str, report: Report, now_ms: int) -> None:
        """A device says what became of a subtask. A word that comes too late or twice changes nothing."""
        step = self._journal.step(report.id)
        if step is None or (step.host, step.segment) != (host, segment):
            log.info("%s/%s reports on %r, which it was not given", host, segment, report.id)
            return
        terminal = report.state in TERMINAL
        if report.attempt != step.attempt or step.state in (HELD, WAITING):
            return
        if step.ended and not (step.ours and terminal):
            return
        if not terminal and (_STAGE[report.state] < _STAGE[step.state] or _older(report, step)):
            return
        facts = _facts(report)
        if report.state == "rejected" and report.code == "needs_confirmation" and step.grant_hash is None:
            self._again.pop(step.id, None)
            if step.stopping == "cancel":
                self.end(step, "cancelled", "It was cancelled.", now_ms)
            else:
                self._ask(self._journal.update(step, state=HELD, report=facts), now_ms)
            return
        stopping = None if terminal or _obeyed(step.stopping, report) else step.stopping
        rule = facts.get("rule", step.rule)
        if report.state == "armed":
            rule = {} if rule is None else rule
            if "calls" in (step.report or {}) and rule.get("fired") == (step.rule or {}).get("fired"):
                # Paused, resumed, unknown: that does not change what a rule does.
                facts.setdefault("calls", (step.report or {})["calls"])
        after = self._journal.update(step, state=report.state, ours=False, report=facts, stopping=stopping, rule=rule)
        if stopping is None and (terminal or report.state == "armed"):
            self._again.pop(step.id, None)
        self._changed(step, after, now_ms)
        if after.settled:
            self.release(step.command, now_ms)

    def tick(self, now_ms: int) -> None:
        """Time passed: send again, and judge what missed its deadline."""
        for step_id in [step_id for step_id, again in self._again.items() if again.at_ms <= now_ms]:
            step = self._journal.step(step_id)
            if step is None or step.ended or step.state in (HELD, WAITING):
                del self._again[step_id]
            else:
                self._post(step, now_ms)
        for step in self._journal.overdue_steps(now_ms - GRACE_MS):
            gone = step.host not in self.hosts or self.away(step.host)
            if step.state == SENT:
                self.end(step, "expired", f"The {step.title} did not take it in time.", now_ms)
            elif gone and step.state in ("accepted", "running"):
                self.end(step, "unknown", f"The {step.title} took it and has not been heard of since.", now_ms)
            else:
                continue
            self.release(step.command, now_ms)


def subtask(step: Step, command: Command) -> Subtask:
    """What the device is sent."""
    return Subtask(id=step.id, command=command.id, text=_sentence(step), guard=step.guard, deadline_ms=step.deadline_ms,
                   attempt=step.attempt, owner=command.client, grant=step.grant_hash, undo=step.undo)


def _sentence(step: Step) -> str:
    """What the device is told; a notice is a question that it answers when its moment comes."""
    if not step.notify:
        return step.text
    guard: Any = step.guard or {}
    leaves = [guard, *guard.get("all", ()), *guard.get("any", ())]
    asked = next((leaf["property"] for leaf in leaves if leaf.get("thing") == step.thing), None)
    return f"what is the {' '.join(words_of(asked))} of the {step.title}" if asked else step.text


def _older(report: Report, step: Step) -> bool:
    last: Any = (step.report or {}).get("t_ms", 0)
    return bool(report.t_ms < last)


def _facts(report: Report) -> dict[str, Any]:
    """What a report says, as far as it is of the kinds that it should be; its texts without control characters.

    A device that says nonsense besides is believed that it has ended: nobody waits for it for ever."""
    facts: dict[str, Any] = {name: _plain(value) for name, value in report._asdict().items() if value is not None}
    for name in {"calls", "reads"} & facts.keys():
        facts[name] = [one for one in facts[name] if isinstance(one, dict)]
    for read in facts.get("reads", ()):
        if not isinstance(read.get("unit", ""), str):
            del read["unit"]
    for name, value in list(facts.get("rule", {}).items()):
        if name in _RULE and not (value is None or type(value) in _RULE[name]):
            del facts["rule"][name]
    return facts


_RULE = {"paused": (bool,), "fired": (int,), "last_fired_ms": (int,), "unknown": (list, str, bool),
         "conflicts": (list,)}


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return "".join(letter if letter.isprintable() else " " for letter in value)
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return {name: _plain(inner) for name, inner in value.items()} if isinstance(value, dict) else value


def _obeyed(stopping: str | None, report: Report) -> bool:
    """Whether the report shows that a pause or resume was done."""
    paused = (report.rule or {}).get("paused")
    return stopping in ("pause", "resume") and paused is not None and bool(paused) == (stopping == "pause")
