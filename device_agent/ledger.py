"""The subtasks of a host in the middle of a turn: read from the store, changed in memory, written together.

Rules: a task that changes is written once, at the end of the input that changed it; every report is a change, and
leaves after the commit; the time of a task's reports never goes back, whatever the clock does. It decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from device_agent.outbox import Key, Outbox, Send
from device_agent.store import Store, Task
from firmware_py.core import conversation, topics
from firmware_py.core.errors import ProgramError
from firmware_py.core.messages import PAYLOAD_MAX, TERMINAL, Report, Subtask

# How exactly the highest wall time that was seen is remembered.
CLOCK_EVERY_MS = 60_000
TOO_LONG = "What there is to say of it is too long for one message."


class Now(NamedTuple):
    """The time of one input: Unix milliseconds, and monotonic milliseconds."""

    wall_ms: int
    mono_ms: int


class Ledger:
    """`tasks`: those that have not ended."""

    def __init__(self, store: Store, outbox: Outbox, site: str, host: str) -> None:
        self._store = store
        self._outbox = outbox
        self._site = site
        self._host = host
        self.tasks: dict[Key, Task] = {}
        self._changed: dict[Key, Task] = {}
        self._clock_ms = int(store.fact("clock_ms") or 0)

    def forget_changes(self) -> None:
        """The present input came to nothing."""
        self._changed.clear()

    def known(self, key: Key) -> Task | None:
        """The task of that key as it is now, ended or not."""
        return self._changed.get(key) or self.tasks.get(key) or self._store.task(*key)

    def keep(self, task: Task) -> Task:
        """Hold a task, to be written at the end of this input."""
        self._changed[task.key] = task
        if not task.ended:
            self.tasks[task.key] = task
        return task

    def set(self, task: Task, **changes: Any) -> Task:
        """Change a task; what else was changed in this input stays."""
        return self.keep(replace(self._changed.get(task.key, task), **changes))

    def report(self, task: Task, state: str, now: Now, **said: Any) -> Task:
        """A new report of a task, to be said after the commit. Its time never goes back."""
        task = self._changed.get(task.key, task)
        rule = said.pop("rule", None) or task.rule
        ms = task.made.ms if state in ("armed", *TERMINAL) else None
        report = conversation.report(task.subtask, state, max(now.wall_ms, task.report.t_ms),
                                     **{**said, "rule": rule, "ms": ms or None})
        if len(report.payload()) > PAYLOAD_MAX:  # nobody would take it, and its end would never be known
            report = report._replace(calls=None, reads=None, reason=TOO_LONG, code="too_long")
        task = self.set(task, state=state, report=report, rule=rule, told=False)
        self.say(task)
        return task

    def say(self, task: Task) -> None:
        """Say its last report (again)."""
        self.send(task.key, task.report)

    def send(self, key: Key, report: Report) -> None:
        """Say a report, stored or not."""
        topic = topics.report(self._site, self._host, key[0])
        self._outbox.sends.append(Send(topic, report.payload(), told=(key, report)))

    def refuse(
        self, key: Key, subtask: Subtask, why: Any, now: Now, ms: Mapping[str, float] | None = None
    ) -> None:
        """Store and report that nothing was done. `why`: an error, or the report itself; `ms`: what it took."""
        if isinstance(why, Report):
            report = why
        else:
            code = getattr(why, "code", "program" if isinstance(why, ProgramError) else "bad_guard")
            spent = {stage: round(spent, 3) for stage, spent in ms.items()} if ms else None
            report = conversation.report(subtask, "rejected", now.wall_ms, reason=str(why), code=code, ms=spent)
        task = Task(0, *key, subtask.attempt, subtask, report.state, report)
        self.tasks.pop(key, None)
        self.keep(task)
        self.say(task)

    def write(self, now: Now) -> None:
        """Put what changed into the store."""
        if not self._changed:
            return
        for key, task in self._changed.items():
            task = self._store.put(task)  # noqa: PLW2901
            if key in self.tasks:
                self.tasks[key] = task
        self._changed.clear()
        if now.wall_ms > self._clock_ms + CLOCK_EVERY_MS:
            self._clock_ms = now.wall_ms
            self._store.set_fact("clock_ms", str(now.wall_ms))
