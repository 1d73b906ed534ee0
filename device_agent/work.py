"""The Programs of a host at work: each step's intent is stored, its job goes out, its outcome brings the next step.

Rules: a Program is at work while its Thing's lane is its own, and waits for its guard outside; whatever a driver or a
crash makes of a step is an event of the table, never an exception; a rule that repeats outlives what one firing came
to. It knows neither messages nor drivers: jobs go out by the outbox, and `Outcome`s come back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from device_agent import conflicts
from device_agent.back import told
from device_agent.compile import Call, calls_of, is_idempotent, restoring
from device_agent.execute import Run
from device_agent.ledger import Ledger, Now
from device_agent.outbox import Act, Key, Outbox, Outcome
from device_agent.rules import Rules, facts, why_unknown
from device_agent.served import Served
from device_agent.store import Made, Task
from firmware_py.core import conversation
from firmware_py.core.messages import Subtask

log = logging.getLogger(__name__)

FAULT = "Something went wrong here; it is in the device's log."
# A step that was interrupted is not repeated when it is older than this and past its deadline.
RESUME_MS = 60_000
# So many rules are named where one contradicts more; all their ids are told.
NAMED_MAX = 3


class Work:
    """`drop(key)`: a subtask has been taken on and is pending no more; `free(key, now)`: its turn in its lane is over;
    `enter(segment, now)`: something was put into a lane."""

    def __init__(
        self, ledger: Ledger, outbox: Outbox, things: Mapping[str, Served], rules: Rules,
        drop: Callable[[Key], None], free: Callable[[Key, Now], None], enter: Callable[[str, Now], None],
    ) -> None:
        self._ledger = ledger
        self._outbox = outbox
        self._things = things
        self._rules = rules
        self._drop = drop
        self._free = free
        self._enter = enter
        self._runs: dict[Key, Run] = {}
        self._timers: dict[Key, float] = {}
        self._stopping: set[Key] = set()  # cancelled in the middle of a step
        self._serial: dict[Key, int] = {}
        self._serials = 0
        self._effects: dict[str, Callable[[Task, list[Any], Now], None]] = {
            "guard": self._wait, "call": self._call, "undo": self._undo, "read": self._read, "pause": self._rest,
            "again": self._again,
        }

    # -- subtasks, begun and ended ------------------------------------------------------------------------------------

    def begin(self, key: Key, subtask: Subtask, made: dict[str, Any], ms: dict[str, float], now: Now) -> None:
        """Take the subtask on with its Program: stored, accepted, and its first step entered."""
        self._drop(key)
        spent = _rounded(ms)
        rule = facts() if made.get("guard") is not None else None
        task = self._ledger.tasks.get(key)
        run = self._runs[key] = Run(made)
        if task is None:
            report = conversation.report(subtask, "accepted", now.wall_ms, ms=spent or None)
            task = Task(0, *key, subtask.attempt, subtask, "accepted", report, program=made, at=run.at, rule=rule,
                        made=Made(ms=spent))
            self._ledger.keep(task)
            self._ledger.say(task)
        else:
            task = self._ledger.set(task, program=made, at=run.at, rule=rule, made=replace(task.made, ms=spent))
        self.go(task, now)

    def resume(self, task: Task, now: Now) -> None:
        """Go on with a task of the process before this one."""
        served = self._things.get(task.thing)
        if served is None:
            self.end(task, "unknown" if task.intent else "cancelled", now, code="no_such_thing",
                      reason=f"This host does not serve {task.thing} any more.")
            return
        if task.program is None:
            served.lane.append(task.key)
            return
        run = self._runs[task.key] = Run(task.program, task.at)
        intent = task.intent
        stopping = intent is not None and "stop" in intent
        if stopping:
            self._stopping.add(task.key)
        if intent is not None and "call" in intent:
            late = now.wall_ms > max(task.subtask.deadline_ms, intent["t_ms"] + RESUME_MS)
            verdict = conversation.after_crash(intent, is_idempotent(served.thing, intent["call"]))
            served.worker, served.touched = task.key, True
            if verdict == "resume" and not late:
                self._act(task, intent["call"], None)
                return
            task = self._ledger.set(task, intent=None, made=replace(
                task.made, code="interrupted",
                reason="The device stopped in the middle of it; whether it was done is not known."))
            if run.takes("lost"):
                run.step("lost")
                if stopping and run.takes("cancel"):
                    run.step("cancel")
                self.go(task, now)
            else:
                self.end(task, "unknown", now)
        elif stopping:
            self.end(task, "cancelled", now)
        elif task.at is None or (intent is not None and "fired" in intent):
            if intent is not None:
                self.arm(task, now)
                self._rules.busy(task.key, True)
            served.lane.append(task.key)
        elif (run.effect or [""])[0] == "guard":
            self.arm(task, now)
        else:
            served.worker = task.key
            self.go(task, now)

    def stop(self, task: Task, now: Now) -> None:
        """Cancel a task that is in the store: at once if it waits, else when its present step has ended."""
        run = self._runs.get(task.key)
        served = self._things[task.thing]
        if task.key in self._serial:
            self._stopping.add(task.key)
            self._ledger.set(task, intent={**(task.intent or {}), "stop": True})
        elif run is None or task.key in served.lane or not run.takes("cancel"):
            self.end(task, "cancelled", now)
            self._free(task.key, now)
        else:
            self._timers.pop(task.key, None)
            run.step("cancel")
            self.go(task, now)

    def end(self, task: Task, state: str, now: Now, **more: Any) -> None:
        """The last report of a task."""
        made = task.made
        rule = task.rule
        if rule is not None and (made.calls or made.reads or state in ("failed", "unknown")):
            rule = self._fired(task, now)
        why = {"reason": made.reason, "code": made.code} if state != "done" else {}
        if state == "expired":
            why = {"reason": "Its moment has passed without it.", "code": "missed"}
        self._ledger.report(self._ledger.set(task, intent=None), state, now, **{
            "calls": list(made.calls) or None, "reads": list(made.reads) or None, "rule": rule, **why, **more})
        self._forget(task, now)

    def _forget(self, task: Task, now: Now) -> None:
        key = task.key
        self._ledger.tasks.pop(key, None)
        self._runs.pop(key, None)
        self._timers.pop(key, None)
        self._serial.pop(key, None)
        self._stopping.discard(key)
        self._rules.disarm(key)
        for other in list(self._ledger.tasks.values()):
            if other.rule is not None and key[1] in other.rule["conflicts"] and other.thing == key[0]:
                left = [found for found in other.rule["conflicts"] if found != key[1]]
                self._ledger.report(other, other.state, now, rule={**other.rule, "conflicts": left})

    # -- steps --------------------------------------------------------------------------------------------------------

    def go(self, task: Task, now: Now) -> None:
        """Do what the Program's present state says."""
        run = self._runs[task.key]
        end = run.end
        if end is not None:
            self.end(task, end, now)
            self._free(task.key, now)
            return
        effect = run.effect or [""]
        self._effects[effect[0]](self._ledger.set(task, at=run.at), effect[1:], now)

    def _step(self, task: Task, event: str, now: Now) -> None:
        self._runs[task.key].step(event)
        self.go(task, now)

    def acted(self, job: Act, outcome: Outcome, now: Now) -> None:
        """What came of a call or a read."""
        task = self._ledger.tasks.get(job.key)
        if task is None or self._serial.get(job.key) != job.serial:
            return
        del self._serial[job.key]
        run = self._runs[job.key]
        made, kind = task.made, (run.effect or [""])[0]
        if outcome.event != "ok":
            made = replace(made, reason=outcome.reason, code=outcome.code)
        elif job.read is not None:
            made = replace(made, reads=(*made.reads, self._reading(job, outcome.value)), reason=None, code=None)
        elif kind == "undo":
            made = replace(made, calls=made.calls[:-1])
        else:
            call = dict(job.call or {})
            if outcome.value is not None:
                call["output"] = outcome.value
            restore = (task.intent or {}).get("restore")
            undo = {**made.undo, run.at: restore} if restore is not None else made.undo
            made = replace(made, calls=(*made.calls, call), undo=undo, reason=None, code=None)
        task = self._ledger.set(task, intent=None, made=made)
        event = outcome.event if run.takes(outcome.event) else "error"
        if not run.takes(event):
            self.end(task, "failed" if outcome.event == "error" else "unknown", now)
            self._free(task.key, now)
            return
        run.step(event)
        undoing = kind == "undo" and (run.effect or [""])[0] == "undo"
        if job.key in self._stopping and not undoing and run.end is None and run.takes("cancel"):
            run.step("cancel")
        self.go(task, now)

    def _reading(self, job: Act, value: Any) -> dict[str, Any]:
        used = self._things[job.segment].thing.affordance("read", job.read or "")
        unit = used.schema.get("unit") if used is not None else None
        found = {"property": job.read, "value": value}
        return {**found, "unit": unit} if unit else found

    # -- what a state does --------------------------------------------------------------------------------------------

    def _wait(self, task: Task, args: list[Any], now: Now) -> None:
        """`guard`: watch it, and leave the lane."""
        assert task.program is not None
        made, rule = task.made, task.rule or facts()
        first = task.watch is None
        if task.key not in self._rules:
            self.arm(task, now)
        if first:
            rule, reason, code = self._compare(task, rule, now)
            made = replace(made, reason=reason, code=code)
        self._rules.busy(task.key, False)
        calls = list(made.calls) or (calls_of(task.program) if first else [])
        task = self._ledger.set(task, intent=None, watch=self._rules.saved(task.key))
        task = self._ledger.report(task, "armed", now, rule=rule, calls=calls or None, reads=list(made.reads) or None,
                                   reason=made.reason, code=made.code)
        self._ledger.set(task, made=Made(ms=made.ms))
        self._free(task.key, now)

    def _call(self, task: Task, args: list[Any], now: Now) -> None:
        """`call`: the intent, with what would take it back, and then the call."""
        served = self._things[task.thing]
        if not task.made.calls:
            task = self._ledger.set(task, made=replace(task.made, before=told(served.present)))
        self._intend(task, args[0], restoring(served.thing, args[0], served.present), now)

    def _undo(self, task: Task, args: list[Any], now: Now) -> None:
        """`undo`: take back what the state `args[0]` called, if there is a call that does."""
        assert task.program is not None
        states = task.program["states"]
        undone = states[args[0]]["do"]  # a retry of it is another state that does the same
        back = next((back for state, back in task.made.undo.items() if states[state]["do"] == undone), None)
        if back is None:
            self._step(task, "ok", now)
        else:
            self._intend(task, back, None, now)

    def _intend(self, task: Task, call: Call, restore: Call | None, now: Now) -> None:
        self._things[task.thing].touched = True
        intent = {"at": task.at, "call": call, "restore": restore, "t_ms": now.wall_ms}
        if task.key in self._stopping:
            intent["stop"] = True
        task = self._ledger.set(task, intent=intent)
        self._act(self._ledger.report(task, "running", now, step=task.at), call, None)

    def _read(self, task: Task, args: list[Any], now: Now) -> None:
        """`read`: ask the driver."""
        self._act(self._ledger.report(task, "running", now, step=task.at), None, args[0])

    def _act(self, task: Task, call: Call | None, read: str | None) -> None:
        self._serials += 1
        self._serial[task.key] = self._serials
        timeout_s = self._runs[task.key].row.get("timeout_ms", 10_000) / 1000
        self._outbox.jobs.append(Act(task.key, self._serials, call, read, timeout_s))

    def _rest(self, task: Task, args: list[Any], now: Now) -> None:
        """`pause`: go on later."""
        self._timers[task.key] = now.mono_ms + args[0]
        self._ledger.report(task, "running", now, step=task.at)

    def _again(self, task: Task, args: list[Any], now: Now) -> None:
        """`again`: the firing is over, and the guard is waited for again."""
        self._step(self._ledger.set(task, rule=self._fired(task, now)), "ok", now)

    @staticmethod
    def _fired(task: Task, now: Now) -> dict[str, Any] | None:
        if task.rule is None:
            return None
        return {**task.rule, "fired": task.rule["fired"] + 1, "last_fired_ms": now.wall_ms}

    # -- rules and time -----------------------------------------------------------------------------------------------

    def arm(self, task: Task, now: Now) -> None:
        """Watch the guard of a task, going on from what was saved of it."""
        assert task.program is not None
        self._rules.arm(task.key, task.program["guard"], *now, task.watch, bool((task.rule or {}).get("paused")))

    def _compare(self, task: Task, rule: dict[str, Any], now: Now) -> tuple[dict[str, Any], str | None, str | None]:
        """Look for armed rules of the same Thing that want the opposite: (facts, reason, code)."""
        assert task.program is not None
        thing, against = self._things[task.thing].thing, []
        for other in list(self._ledger.tasks.values()):
            if other.key == task.key or other.thing != task.thing or other.key not in self._rules:
                continue
            assert other.program is not None
            if conflicts.opposite(thing, calls_of(task.program), calls_of(other.program)) and conflicts.overlap(
                    task.program["guard"], other.program["guard"]):
                against.append(other)
        if not against:
            return rule, None, None
        for other in against:
            known = other.rule or facts()
            both = {**known, "conflicts": [*known["conflicts"], task.id]}
            self._ledger.report(other, other.state, now, rule=both)
        named = " and ".join(f"“{other.subtask.text}” ({other.id})" for other in against[:NAMED_MAX])
        return ({**rule, "conflicts": [other.id for other in against]},
                f"It contradicts another rule of the {thing.title}: {named}.", "contradiction")

    def fire(self, task: Task, now: Now) -> None:
        """The guard of a task that has the lane came true."""
        rule = {**(task.rule or facts()), "unknown": []}
        task = self._ledger.set(task, intent=None, made=Made(ms=task.made.ms), rule=rule)
        self._step(task, "fired", now)

    def remake(self, task: Task, made: dict[str, Any], ms: Mapping[str, float]) -> Task:
        """A rule that is about to fire, with its calls reckoned from what is now."""
        self._runs[task.key] = run = Run(made)
        return self._ledger.set(task, program=made, at=run.at, made=replace(task.made, ms=_rounded(ms)))

    def idle(self, task: Task, reason: str, code: str, now: Now) -> None:
        """A firing of which nothing can be made now: a rule that repeats waits again, another has failed."""
        assert task.program is not None
        repeats = task.program["guard"].get("repeat") is True
        task = self._ledger.set(task, made=Made(reason=reason, code=code, ms=task.made.ms))
        if repeats:
            self._wait(self._ledger.set(task, rule=self._fired(task, now)), [], now)
        else:
            self.end(task, "failed", now)
            self._free(task.key, now)

    def look(self, now: Now) -> None:
        """See which rules fire, which can no longer be judged, and keep what must survive a restart."""
        for key in self._rules.due(*now):
            try:
                self._fires(key, now)
            except Exception:  # a fault of ours must not cost the other rules their firing
                log.exception("the rule %s of %s", key[1], key[0])
                self.end(self._ledger.tasks[key], "failed", now, reason=FAULT, code="internal")
                self._free(key, now)
        for key in self._rules.missed():
            task, run = self._ledger.tasks[key], self._runs[key]
            if run.takes("lost"):
                run.step("lost")
                self.go(task, now)
        for key in self._rules.armed:
            task = self._ledger.tasks[key]
            unknown, rule = self._rules.unknown(key, *now), task.rule or facts()
            if unknown is not None and unknown != rule["unknown"] and task.state == "armed":
                task = self._ledger.report(task, "armed", now, rule={**rule, "unknown": unknown},
                                           reason=why_unknown(unknown) or None)
            if (saved := self._rules.saved(key)) != task.watch:
                self._ledger.set(task, watch=saved)

    def _fires(self, key: Key, now: Now) -> None:
        """Put a rule into the lane of its Thing."""
        self._rules.busy(key, True)
        intent = {"fired": True, "t_ms": now.wall_ms}
        task = self._ledger.set(self._ledger.tasks[key], intent=intent, watch=self._rules.saved(key))
        self._things[task.thing].lane.append(key)
        self._enter(task.thing, now)

    def tick(self, now: Now) -> None:
        """Go on with what rested long enough."""
        for key in [key for key, due_ms in self._timers.items() if due_ms <= now.mono_ms]:
            del self._timers[key]
            self._step(self._ledger.tasks[key], "ok", now)

    def next_mono_ms(self, now: Now) -> float | None:
        """When `tick` or `look` has something to do at the latest."""
        due = self._rules.next_mono_ms(*now)
        return min((*self._timers.values(), *(() if due is None else (due,))), default=None)


def _rounded(ms: Mapping[str, float]) -> dict[str, float]:
    return {stage: round(value, 3) for stage, value in ms.items()}
