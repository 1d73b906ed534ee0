"""One host without sockets, clocks and threads: messages, outcomes and the time in; an outbox to do after the commit.

Rules: whatever is acted on or said stands in the store first, in one transaction a turn; a repeated subtask is answered
with its stored report and acts no second time; every Thing has one lane, through which its subtasks go one at a time
and in order (understood, begun, done, its properties read again); an armed rule waits outside of the lane and enters it
when it fires. Whatever arrives, one bad message costs one sentence to whoever sent it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from device_agent import conflicts
from device_agent.compile import (
    Call,
    Refusal,
    calls_of,
    check_allowed,
    check_foreign,
    compile_program,
    is_idempotent,
    restoring,
)
from device_agent.config import ConfigError, check_zone
from device_agent.execute import Run
from device_agent.outbox import Act, Key, Outbox, Outcome, Refresh, Send, Understand
from device_agent.rules import Rules, facts, why_unknown
from device_agent.served import Device, Served
from device_agent.store import Made, Store, Task
from firmware_py.core import conversation, topics
from firmware_py.core.errors import MessageError, MotewiseError, ProgramError
from firmware_py.core.messages import (
    DID_NOT_ACT,
    TERMINAL,
    Cancel,
    PropertySet,
    PropertyValue,
    Report,
    SiteTime,
    Status,
    Subtask,
    decode,
)
from firmware_py.host.link import Message

log = logging.getLogger(__name__)

# A subtask whose turn has not come after this is stored and accepted all the same.
ACCEPT_AFTER_MS = 1000
# A step that was interrupted is not repeated when it is older than this and past its deadline.
RESUME_MS = 60_000
SET_DEADLINE_MS = 60_000
# After the line was down, what was reported in this time is reported again: the broker may have lost it.
REPEAT_MS = 120_000
CLOCK_BACK_MS = 60_000


class Understood(Protocol):
    """What came of a sentence (`device_agent.understand.Understanding`)."""

    @property
    def status(self) -> str: ...
    @property
    def calls(self) -> tuple[dict[str, Any], ...]: ...
    @property
    def reads(self) -> tuple[str, ...]: ...
    @property
    def reason(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def ms(self) -> Mapping[str, float]: ...


@dataclass
class _Pending:
    """A subtask that was heard and is not in the store yet. `made`: its Program, if it needs no understanding."""

    subtask: Subtask
    since_ms: float
    acks: list[Callable[[], None]] = field(default_factory=list)
    made: dict[str, Any] | None = None


class Agent:
    """One host. Every method changes the store and fills `outbox`: commit, then do what `outbox.take` gives.

    `strangers`: the broker lets anyone in; `zone`: None for the one that the coordinator announces."""

    def __init__(
        self, store: Store, devices: Iterable[Device], site: str, host: str, epoch: int, *, strangers: bool = False,
        zone: str | None = None, poll_s: float = 5.0, retained: Iterable[str] = (),
    ) -> None:
        self.store = store
        self.site = site
        self.host = host
        self.epoch = epoch
        self.outbox = Outbox()
        self.things = {device.thing.segment: Served(device, poll_s) for device in devices}
        self.descriptions: dict[str, bytes] = {}
        self._strangers = strangers
        self._follows_zone = zone is None
        self.rules = Rules(site, host, ZoneInfo(zone or store.fact("zone") or "UTC"))
        self._stale = set(retained)  # topics with a retained message of a process before this one
        self._pending: dict[Key, _Pending] = {}
        self._tasks: dict[Key, Task] = {}  # those that have not ended
        self._runs: dict[Key, Run] = {}
        self._changed: dict[Key, Task] = {}  # to be written when the present input has been handled
        self._timers: dict[Key, float] = {}
        self._stopping: set[Key] = set()  # cancelled in the middle of a step
        self._serial: dict[Key, int] = {}
        self._serials = 0
        self._held = False  # the present message is acknowledged later
        self._greeted = False  # nobody is told of properties before they are told who is here
        self._readers: dict[str, Callable[[tuple[str, ...], Message, int, int], None]] = {
            "subtask": self._subtask, "program": self._program, "property/set": self._property_set,
            "cancel": self._cancel, "status": self._status, "property": self._property, "time": self._time,
        }
        self._effects: dict[str, Callable[[Task, list[Any], int, int], None]] = {
            "guard": self._wait, "call": self._call, "undo": self._undo, "read": self._read, "pause": self._rest,
            "again": self._again,
        }

    @property
    def filters(self) -> tuple[str, ...]:
        """What must always be subscribed to; `rules.filters()` comes on top."""
        own = [topics.site_topic(self.site, self.host, "+", kind) for kind in ("subtask", "program", "cancel")]
        own += [topics.prop_set(self.site, self.host, "+", "+"), topics.status(self.site, self.host)]
        return (*own, topics.time(self.site)) if self._follows_zone else tuple(own)

    # -- turns ----------------------------------------------------------------------------------------------------

    def take_in(self, what: Callable[..., None], *args: Any, now_ms: int, mono_ms: int) -> None:
        """Handle one input, `what(*args, now_ms, mono_ms)`. Never raises because of what it says."""
        sends, jobs = len(self.outbox.sends), len(self.outbox.jobs)
        try:
            with self.store.attempt():
                what(*args, now_ms, mono_ms)
                self._write(now_ms)
        except Exception as error:
            del self.outbox.sends[sends:]
            del self.outbox.jobs[jobs:]
            self._changed.clear()
            expected = isinstance(error, MotewiseError)
            log.log(logging.WARNING if expected else logging.ERROR, "%s", error, exc_info=not expected)
            reason = str(error) if expected else "Something went wrong here; it is in the device's log."
            for arg in args:
                if isinstance(arg, Message):
                    self.outbox.acks.append(arg.ack)
                    self._complain(arg, reason, now_ms)
                elif isinstance(arg, (Understand, Act)):
                    self._give_up(arg.key, reason, now_ms, mono_ms)

    def _write(self, now_ms: int) -> None:
        if not self._changed:
            return
        for key, task in self._changed.items():
            task = self.store.put(task)  # noqa: PLW2901
            if key in self._tasks:
                self._tasks[key] = task
        self._changed.clear()
        if now_ms > int(self.store.fact("clock_ms") or 0):
            self.store.set_fact("clock_ms", str(now_ms))

    def _complain(self, message: Message, reason: str, now_ms: int) -> None:
        """Answer `rejected` to a subtask that cannot even be read, if it says which one it is."""
        try:
            kind, _, names = topics.parse(message.topic)
            if kind not in ("subtask", "program", "property/set"):
                return
            found = decode(message.payload)
            fields = {"id": found.get("id"), "attempt": found.get("attempt", 1), "state": "rejected",
                      "code": "malformed", "reason": reason, "t_ms": now_ms}
            report = Report.parse(fields)
        except MessageError:
            return
        self.outbox.sends.append(Send(topics.report(self.site, self.host, names[1]), report.payload()))

    def _give_up(self, key: Key, reason: str, now_ms: int, mono_ms: int) -> None:
        """A fault of ours: end the subtask, so that its Thing's lane goes on."""
        pending, task = self._pending.get(key), self._tasks.get(key)
        with self.store.attempt():
            self._drop(key)
            if task is not None:
                self._end(task, "unknown" if task.intent else "failed", now_ms, reason=reason, code="internal")
            elif pending is not None:
                self._refuse(key, pending.subtask, Refusal(reason, "internal"), now_ms)
            self._free(key, now_ms, mono_ms)
            self._write(now_ms)

    # -- life -----------------------------------------------------------------------------------------------------

    def recover(self, now_ms: int, mono_ms: int) -> None:
        """Go on where the last process ended."""
        self.store.prune()
        seen_ms = int(self.store.fact("clock_ms") or 0)
        if now_ms < seen_ms - CLOCK_BACK_MS:
            log.warning("The clock is %d s behind what it was; set it, or daily rules come at the wrong time.",
                        (seen_ms - now_ms) // 1000)
        for task in self.store.untold():
            self._say(task)
        for task in self.store.open_tasks():
            self._tasks[task.key] = task
            try:
                self._resume(task, now_ms, mono_ms)
            except MotewiseError as error:
                self._end(task, "failed", now_ms, reason=str(error), code="program")

    def _resume(self, task: Task, now_ms: int, mono_ms: int) -> None:
        served = self.things.get(task.thing)
        if served is None:
            self._end(task, "unknown" if task.intent else "cancelled", now_ms, code="no_such_thing",
                      reason=f"This host does not serve {task.thing} any more.")
            return
        if task.program is None:
            served.lane.append(task.key)
            return
        run = self._runs[task.key] = Run(task.program, task.at)
        intent = task.intent
        if intent is not None and "call" in intent:
            late = now_ms > max(task.subtask.deadline_ms, intent["t_ms"] + RESUME_MS)
            verdict = conversation.after_crash(intent, is_idempotent(served.thing, intent["call"]))
            served.worker, served.touched = task.key, True
            if verdict == "resume" and not late:
                self._act(task, intent["call"], None)
                return
            task = self._set(task, intent=None, made=replace(
                task.made, code="interrupted",
                reason="The device stopped in the middle of it; whether it was done is not known."))
            if run.takes("lost"):
                run.step("lost")
                self._go(task, now_ms, mono_ms)
            else:
                self._end(task, "unknown", now_ms)
        elif task.at is None or (intent is not None and "fired" in intent):
            if intent is not None:
                self._arm(task, now_ms, mono_ms)
                self.rules.busy(task.key, True)
            served.lane.append(task.key)
        elif (run.effect or [""])[0] == "guard":
            self._arm(task, now_ms, mono_ms)
        else:
            served.worker = task.key
            self._go(task, now_ms, mono_ms)

    def hello(self, now_ms: int, mono_ms: int) -> None:
        """Connected (again): say who is here, what there is, and what may have been lost on the way."""
        self._greeted = True
        self._assert(now_ms, mono_ms)
        for segment, served in self.things.items():
            topic = topics.description(self.site, self.host, segment)
            self._stale.discard(topic)
            self.outbox.sends.append(Send(topic, self.descriptions[segment], retain=True))
            for name in served.values:
                self._stale.discard(topics.prop(self.site, self.host, segment, name))
        for topic in sorted(self._stale):
            self.outbox.sends.append(Send(topic, b"", retain=True))
        self._stale.clear()
        for task in self.store.recent(now_ms - REPEAT_MS):
            self._say(task)

    def _assert(self, now_ms: int, mono_ms: int) -> None:
        """Say that we are here, and what our Things are like: whoever thought us lost knows nothing of them."""
        status = Status("ready", self.epoch)
        self.outbox.sends.append(Send(topics.status(self.site, self.host), status.payload(), retain=True))
        for segment, served in self.things.items():
            for name, seen in served.values.items():
                self._publish(segment, name, seen.value, seen.t_ms)

    def cut_off(self, now_ms: int, mono_ms: int) -> None:
        """The line to the broker is down."""
        self.rules.cut_off()

    def goodbye(self) -> Send:
        """What is said at an orderly end."""
        return Send(topics.status(self.site, self.host), Status("stopped", self.epoch).payload(), retain=True)

    def told(self, key: Key, report: Report) -> None:
        """The broker has a report."""
        self.store.told(*key, report)

    # -- what comes over the wire ---------------------------------------------------------------------------------

    def heard(self, message: Message, now_ms: int, mono_ms: int) -> None:
        """Take one message; it is acknowledged once what it said is in the store."""
        kind, site, names = topics.parse(message.topic)
        self._held = False
        if site == self.site and kind in self._readers:
            if message.retain and kind not in ("status", "property", "time"):
                raise MessageError("An order must not be retained: it would be given again at every start.")
            self._readers[kind](names, message, now_ms, mono_ms)
        if not self._held:
            self.outbox.acks.append(message.ack)

    def _status(self, names: tuple[str, ...], message: Message, now_ms: int, mono_ms: int) -> None:
        if not message.payload:
            return
        status = Status.parse(message.payload)
        if names[0] != self.host:
            self.rules.status(names[0], status.state, status.epoch)
        elif status.state != "ready" or status.epoch != self.epoch:
            self._assert(now_ms, mono_ms)  # a will of a connection that was ours, late

    def _property(self, names: tuple[str, ...], message: Message, now_ms: int, mono_ms: int) -> None:
        if message.payload and names[0] != self.host:
            found = PropertyValue.parse(message.payload)
            host, segment, name = names
            self.rules.saw(host, segment, name, found.value, found.t_ms, found.epoch, message.retain, now_ms, mono_ms)

    def _time(self, names: tuple[str, ...], message: Message, now_ms: int, mono_ms: int) -> None:
        zone = SiteTime.parse(message.payload).zone
        if not self._follows_zone or zone == self.rules.zone.key:
            return
        try:
            self.rules.zone = ZoneInfo(check_zone(zone))
        except ConfigError as error:
            raise MessageError(str(error)) from None
        self.store.set_fact("zone", zone)
        for key in self.rules.armed:
            self._arm(replace(self._tasks[key], watch=None), now_ms, mono_ms)

    def _subtask(self, names: tuple[str, ...], message: Message, now_ms: int, mono_ms: int) -> None:
        self._take(names[1], Subtask.parse(message.payload), message, now_ms, mono_ms)

    def _program(self, names: tuple[str, ...], message: Message, now_ms: int, mono_ms: int) -> None:
        """A subtask whose Program comes with it: `{"id", "command", "deadline_ms", "attempt", "program", …}`."""
        fields = decode(message.payload)
        made = fields.get("program")
        if not isinstance(made, dict):
            raise MessageError("The field 'program' must be an object.", "program")
        subtask = Subtask.parse({**fields, "text": fields.get("text") or "a program", "guard": made.get("guard")})
        self._take(names[1], subtask, message, now_ms, mono_ms, made)

    def _property_set(self, names: tuple[str, ...], message: Message, now_ms: int, mono_ms: int) -> None:
        wanted = PropertySet.parse(message.payload)
        subtask = Subtask(id=wanted.id, command=wanted.id, text=f"set {names[2]}", guard=None, attempt=1, owner=None,
                          deadline_ms=now_ms + SET_DEADLINE_MS, grant=None)
        self._take(names[1], subtask, message, now_ms, mono_ms, calls=[{"property": names[2], "value": wanted.value}])

    def _take(
        self, segment: str, subtask: Subtask, message: Message, now_ms: int, mono_ms: int,
        made: dict[str, Any] | None = None, calls: list[Call] | None = None,
    ) -> None:
        """A new subtask, or one that came before."""
        key = segment, subtask.id
        pending = self._pending.get(key)
        if pending is not None:
            pending.acks.append(message.ack)
            self._held = True
            return
        known = self._known(key)
        verdict, report = conversation.decide(subtask, known.report if known else None, now_ms)
        if verdict == "expired":
            self._refuse(key, subtask, report or "", now_ms)
        elif verdict != "take":
            if known is not None:
                self._say(known)
            elif report is not None:
                self._send_report(key, report)
        elif segment not in self.things:
            self._refuse(key, subtask, Refusal(f"This host serves no {segment}.", "no_such_thing"), now_ms)
        else:
            try:
                served = self.things[segment]
                if calls is not None:
                    made = compile_program(served.thing, calls, ())
                elif made is not None:
                    check_foreign(served.thing, made)
                if made is not None:
                    check_allowed(served.thing, calls_of(made), subtask, self._strangers)
            except (Refusal, MessageError, ProgramError) as error:
                self._refuse(key, subtask, error, now_ms)
                return
            self._held = True
            self._pending[key] = _Pending(subtask, mono_ms, [message.ack], made)
            served.lane.append(key)
            self._next(segment, now_ms, mono_ms)

    def _known(self, key: Key) -> Task | None:
        return self._changed.get(key) or self._tasks.get(key) or self.store.task(*key)

    def _refuse(self, key: Key, subtask: Subtask, why: Any, now_ms: int) -> None:
        """Store and report that nothing was done. `why`: an error, or the report itself."""
        if isinstance(why, Report):
            report = why
        else:
            code = getattr(why, "code", "program" if isinstance(why, ProgramError) else "bad_guard")
            report = conversation.report(subtask, "rejected", now_ms, reason=str(why), code=code)
        task = Task(0, *key, subtask.attempt, subtask, report.state, report)
        self._keep(task)
        self._say(task)

    def _cancel(self, names: tuple[str, ...], message: Message, now_ms: int, mono_ms: int) -> None:
        cancel = Cancel.parse(message.payload)
        key = names[1], cancel.target
        task = self._known(key)
        if key in self._pending:
            if cancel.mode == "cancel":
                pending = self._pending.pop(key)
                self.outbox.acks += pending.acks
                self._cancelled(key, pending.subtask, now_ms)
        elif task is None or (task.state in DID_NOT_ACT and cancel.mode == "cancel"):
            if cancel.mode == "cancel":  # what is still on its way must find that it was cancelled
                attempt = task.attempt + 1 if task is not None else 1
                subtask = Subtask(id=cancel.target, command=cancel.target, text="", guard=None, deadline_ms=now_ms,
                                  attempt=attempt, owner=None, grant=None)
                if task is not None:
                    self._say(task)
                self._cancelled(key, subtask, now_ms)
        elif task.ended:
            self._say(task)
        elif cancel.mode == "cancel":
            self._stop(task, now_ms, mono_ms)
        elif task.rule is None:
            self._say(task)
        else:
            self.rules.pause(key, cancel.mode == "pause")
            self._report(task, task.state, now_ms, rule={**task.rule, "paused": cancel.mode == "pause"})

    def _cancelled(self, key: Key, subtask: Subtask, now_ms: int) -> None:
        report = conversation.report(subtask, "cancelled", now_ms, reason="It was cancelled before it began.")
        task = Task(0, *key, subtask.attempt, subtask, "cancelled", report)
        self._keep(task)
        self._say(task)

    def _stop(self, task: Task, now_ms: int, mono_ms: int) -> None:
        """Cancel a task that is in the store: at once if it waits, else when its present step has ended."""
        run = self._runs.get(task.key)
        served = self.things[task.thing]
        if task.key in self._serial:
            self._stopping.add(task.key)
        elif run is None or task.key in served.lane or not run.takes("cancel"):
            self._end(task, "cancelled", now_ms)
            self._free(task.key, now_ms, mono_ms)
        else:
            run.step("cancel")
            self._go(task, now_ms, mono_ms)

    # -- the lane -------------------------------------------------------------------------------------------------

    def _next(self, segment: str, now_ms: int, mono_ms: int) -> None:
        """Let the next subtask of a Thing begin, if nobody is at work there."""
        served = self.things[segment]
        while served.worker is None and served.lane:
            key = served.lane.popleft()
            pending, task = self._pending.get(key), self._known(key)
            if pending is None and (task is None or task.ended):
                continue
            subtask = pending.subtask if pending is not None else task.subtask  # type: ignore[union-attr]
            made = pending.made if pending is not None else task.program  # type: ignore[union-attr]
            armed = key in self.rules
            if not armed and now_ms > subtask.deadline_ms:
                verdict, report = conversation.decide(subtask, None, now_ms)
                if verdict == "expired" and report is not None:
                    self._drop(key)
                    self._refuse(key, subtask, report, now_ms)
                    continue
            served.worker = key
            if armed and task is not None:
                self._fire(task, now_ms, mono_ms)
            elif made is not None:
                self._begin(key, subtask, made, {}, now_ms, mono_ms)
            else:
                self.outbox.jobs.append(Understand(key, subtask.attempt, subtask.text, served.present))

    def _free(self, key: Key, now_ms: int, mono_ms: int) -> None:
        """Its turn is over; what it may have changed is read before the next one begins."""
        served = self.things.get(key[0])
        if served is None or served.worker != key:
            return
        if served.touched:
            served.touched = False
            self.outbox.jobs.append(Refresh(key[0], release=True))
            return
        served.worker = None
        self._next(key[0], now_ms, mono_ms)

    def _drop(self, key: Key) -> None:
        """Forget that a subtask is pending; its messages may be acknowledged."""
        pending = self._pending.pop(key, None)
        if pending is not None:
            self.outbox.acks += pending.acks

    def understood(self, job: Understand, found: Understood, now_ms: int, mono_ms: int) -> None:
        """What came of a sentence."""
        key, served = job.key, self.things[job.segment]
        pending, task = self._pending.get(key), self._tasks.get(key)
        if served.worker != key or (pending is None and task is None):
            self._free(key, now_ms, mono_ms)  # it was cancelled meanwhile
            return
        subtask = pending.subtask if pending is not None else task.subtask  # type: ignore[union-attr]
        start = time.perf_counter()
        try:
            if found.status != "ok":
                raise Refusal(found.reason or f"The {served.thing.title} cannot do that.", found.code or "cannot")
            made = compile_program(served.thing, found.calls, found.reads, subtask.guard)
            check_allowed(served.thing, found.calls, subtask, self._strangers)
        except (Refusal, MessageError, ProgramError) as error:
            self._drop(key)
            self._refuse(key, subtask, error, now_ms)
            self._tasks.pop(key, None)
            self._free(key, now_ms, mono_ms)
            return
        ms = {**found.ms, "compile": (time.perf_counter() - start) * 1000}
        self._begin(key, subtask, made, ms, now_ms, mono_ms)

    def _begin(self, key: Key, subtask: Subtask, made: dict[str, Any], ms: dict[str, float], now_ms: int,
               mono_ms: int) -> None:
        """Take the subtask on with its Program: stored, accepted, and its first step entered."""
        self._drop(key)
        spent = {stage: round(value, 3) for stage, value in ms.items()}
        rule = facts() if made.get("guard") is not None else None
        task = self._tasks.get(key)
        run = self._runs[key] = Run(made)
        if task is None:
            report = conversation.report(subtask, "accepted", now_ms, ms=spent or None)
            task = Task(0, *key, subtask.attempt, subtask, "accepted", report, program=made, at=run.at, rule=rule,
                        made=Made(ms=spent))
            self._keep(task)
            self._say(task)
        else:
            task = self._set(task, program=made, at=run.at, rule=rule, made=replace(task.made, ms=spent))
        self._go(task, now_ms, mono_ms)

    def _accept(self, key: Key, now_ms: int) -> None:
        """Store a subtask whose turn is long in coming, so that it can be acknowledged."""
        pending = self._pending[key]
        report = conversation.report(pending.subtask, "accepted", now_ms)
        self._drop(key)
        task = Task(0, *key, pending.subtask.attempt, pending.subtask, "accepted", report, program=pending.made)
        self._keep(task)
        self._say(task)

    # -- steps ----------------------------------------------------------------------------------------------------

    def _go(self, task: Task, now_ms: int, mono_ms: int) -> None:
        """Do what the Program's present state says."""
        run = self._runs[task.key]
        end = run.end
        if end is not None:
            self._end(task, end, now_ms)
            self._free(task.key, now_ms, mono_ms)
            return
        effect = run.effect or [""]
        self._effects[effect[0]](self._set(task, at=run.at), effect[1:], now_ms, mono_ms)

    def _step(self, task: Task, event: str, now_ms: int, mono_ms: int) -> None:
        self._runs[task.key].step(event)
        self._go(task, now_ms, mono_ms)

    def _wait(self, task: Task, args: list[Any], now_ms: int, mono_ms: int) -> None:
        """`guard`: watch it, and leave the lane."""
        assert task.program is not None
        made, rule = task.made, task.rule or facts()
        first = task.key not in self.rules
        if first:
            self._arm(task, now_ms, mono_ms)
            rule, reason, code = self._compare(task, rule, now_ms)
            made = replace(made, reason=reason, code=code)
        self.rules.busy(task.key, False)
        calls = list(made.calls) or (calls_of(task.program) if first else [])
        task = self._report(self._set(task, intent=None, watch=self.rules.saved(task.key)), "armed", now_ms, rule=rule,
                            calls=calls or None, reads=list(made.reads) or None, reason=made.reason, code=made.code)
        self._set(task, made=Made(ms=made.ms))
        self._free(task.key, now_ms, mono_ms)

    def _call(self, task: Task, args: list[Any], now_ms: int, mono_ms: int) -> None:
        """`call`: the intent, with what would take it back, and then the call."""
        served = self.things[task.thing]
        self._intend(task, args[0], restoring(served.thing, args[0], served.present), now_ms)

    def _undo(self, task: Task, args: list[Any], now_ms: int, mono_ms: int) -> None:
        """`undo`: take back what the state `args[0]` called, if there is a call that does."""
        back = task.made.undo.get(args[0])
        if back is None:
            self._step(task, "ok", now_ms, mono_ms)
        else:
            self._intend(task, back, None, now_ms)

    def _intend(self, task: Task, call: Call, restore: Call | None, now_ms: int) -> None:
        self.things[task.thing].touched = True
        task = self._set(task, intent={"at": task.at, "call": call, "restore": restore, "t_ms": now_ms})
        self._act(self._report(task, "running", now_ms, step=task.at), call, None)

    def _read(self, task: Task, args: list[Any], now_ms: int, mono_ms: int) -> None:
        """`read`: ask the driver."""
        self._act(self._report(task, "running", now_ms, step=task.at), None, args[0])

    def _act(self, task: Task, call: Call | None, read: str | None) -> None:
        self._serials += 1
        self._serial[task.key] = self._serials
        timeout_s = self._runs[task.key].row.get("timeout_ms", 10_000) / 1000
        self.outbox.jobs.append(Act(task.key, self._serials, call, read, timeout_s))

    def _rest(self, task: Task, args: list[Any], now_ms: int, mono_ms: int) -> None:
        """`pause`: go on later."""
        self._timers[task.key] = mono_ms + args[0]
        self._report(task, "running", now_ms, step=task.at)

    def _again(self, task: Task, args: list[Any], now_ms: int, mono_ms: int) -> None:
        """`again`: the firing is over, and the guard is waited for again."""
        self._step(self._set(task, rule=self._fired(task, now_ms)), "ok", now_ms, mono_ms)

    @staticmethod
    def _fired(task: Task, now_ms: int) -> dict[str, Any] | None:
        if task.rule is None:
            return None
        return {**task.rule, "fired": task.rule["fired"] + 1, "last_fired_ms": now_ms}

    def acted(self, job: Act, outcome: Outcome, now_ms: int, mono_ms: int) -> None:
        """What came of a call or a read."""
        task = self._tasks.get(job.key)
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
            for state in [state for state in undo if run.at == f"retry_{state}"]:
                del undo[state]
            if restore is not None and run.at.startswith("retry_"):
                undo[run.at.removeprefix("retry_")] = restore
            made = replace(made, calls=(*made.calls, call), undo=undo, reason=None, code=None)
        task = self._set(task, intent=None, made=made)
        event = outcome.event if run.takes(outcome.event) else "error"
        if not run.takes(event):
            self._end(task, "failed" if outcome.event == "error" else "unknown", now_ms)
            self._free(task.key, now_ms, mono_ms)
            return
        run.step(event)
        if job.key in self._stopping and kind != "undo" and run.end is None and run.takes("cancel"):
            run.step("cancel")
        self._go(task, now_ms, mono_ms)

    def _reading(self, job: Act, value: Any) -> dict[str, Any]:
        used = self.things[job.segment].thing.affordance("read", job.read or "")
        unit = used.schema.get("unit") if used is not None else None
        found = {"property": job.read, "value": value}
        return {**found, "unit": unit} if unit else found

    def _end(self, task: Task, state: str, now_ms: int, **more: Any) -> None:
        """The last report of a task."""
        made = task.made
        rule = task.rule
        if rule is not None and (made.calls or made.reads or state in ("failed", "unknown")):
            rule = self._fired(task, now_ms)
        why = {"reason": made.reason, "code": made.code} if state != "done" else {}
        if state == "expired":
            why = {"reason": "Its moment has passed without it.", "code": "missed"}
        self._report(self._set(task, intent=None), state, now_ms, **{
            "calls": list(made.calls) or None, "reads": list(made.reads) or None, "rule": rule, **why, **more})
        self._forget(task, now_ms)

    def _forget(self, task: Task, now_ms: int) -> None:
        key = task.key
        self._tasks.pop(key, None)
        self._runs.pop(key, None)
        self._timers.pop(key, None)
        self._serial.pop(key, None)
        self._stopping.discard(key)
        self.rules.disarm(key)
        for other in list(self._tasks.values()):
            if other.rule is not None and key[1] in other.rule["conflicts"] and other.thing == key[0]:
                left = [found for found in other.rule["conflicts"] if found != key[1]]
                self._report(other, other.state, now_ms, rule={**other.rule, "conflicts": left})

    # -- rules ----------------------------------------------------------------------------------------------------

    def _arm(self, task: Task, now_ms: int, mono_ms: int) -> None:
        assert task.program is not None
        self.rules.arm(task.key, task.program["guard"], now_ms, mono_ms, task.watch,
                       bool((task.rule or {}).get("paused")))

    def _compare(self, task: Task, rule: dict[str, Any], now_ms: int) -> tuple[dict[str, Any], str | None, str | None]:
        """Look for armed rules of the same Thing that want the opposite: (facts, reason, code)."""
        assert task.program is not None
        thing, against = self.things[task.thing].thing, []
        for other in list(self._tasks.values()):
            if other.key == task.key or other.thing != task.thing or other.key not in self.rules:
                continue
            assert other.program is not None
            if conflicts.opposite(thing, calls_of(task.program), calls_of(other.program)) and conflicts.overlap(
                    task.program["guard"], other.program["guard"]):
                against.append(other)
        if not against:
            return rule, None, None
        for other in against:
            known = other.rule or facts()
            self._report(other, other.state, now_ms, rule={**known, "conflicts": [*known["conflicts"], task.id]})
        named = " and ".join(f"“{other.subtask.text}” ({other.id})" for other in against)
        return ({**rule, "conflicts": [other.id for other in against]},
                f"It contradicts another rule of the {thing.title}: {named}.", "contradiction")

    def _fire(self, task: Task, now_ms: int, mono_ms: int) -> None:
        """The guard of a task that has the lane came true."""
        task = self._set(task, intent=None, made=Made(ms=task.made.ms), rule={**(task.rule or facts()), "unknown": []})
        self._step(task, "fired", now_ms, mono_ms)

    def look(self, now_ms: int, mono_ms: int) -> None:
        """See which rules fire, which can no longer be judged, and keep what must survive a restart."""
        for key in self.rules.due(now_ms, mono_ms):
            self.rules.busy(key, True)
            task = self._set(self._tasks[key], intent={"fired": True, "t_ms": now_ms}, watch=self.rules.saved(key))
            self.things[task.thing].lane.append(key)
            self._next(task.thing, now_ms, mono_ms)
        for key in self.rules.missed():
            task, run = self._tasks[key], self._runs[key]
            if run.takes("lost"):
                run.step("lost")
                self._go(task, now_ms, mono_ms)
        for key in self.rules.armed:
            task = self._tasks[key]
            unknown, rule = self.rules.unknown(key, now_ms, mono_ms), task.rule or facts()
            if unknown is not None and unknown != rule["unknown"] and task.state == "armed":
                task = self._report(task, "armed", now_ms, rule={**rule, "unknown": unknown},
                                    reason=why_unknown(unknown) or None)
            if (saved := self.rules.saved(key)) != task.watch:
                self._set(task, watch=saved)

    # -- properties and time --------------------------------------------------------------------------------------

    def refreshed(self, job: Refresh, found: Mapping[str, Any], now_ms: int, mono_ms: int) -> None:
        """The properties of a Thing were read; publish what is new."""
        served = self.things[job.segment]
        served.refreshing = False
        for name, seen, tell in served.saw(found, now_ms, mono_ms):
            if tell and self._greeted:
                self._publish(job.segment, name, seen.value, seen.t_ms)
            self.rules.saw(self.host, job.segment, name, seen.value, seen.t_ms, self.epoch, False, now_ms, mono_ms)
        if job.release:
            served.worker = None
            self._next(job.segment, now_ms, mono_ms)

    def changed(self, segment: str, now_ms: int, mono_ms: int) -> None:
        """A driver says that properties have new values."""
        served = self.things[segment]
        if not served.refreshing:
            served.refreshing = True
            self.outbox.jobs.append(Refresh(segment))

    def tick(self, now_ms: int, mono_ms: int) -> None:
        """Let time pass."""
        for key in [key for key, pending in self._pending.items() if mono_ms - pending.since_ms >= ACCEPT_AFTER_MS]:
            self._accept(key, now_ms)
        for key in [key for key, due_ms in self._timers.items() if due_ms <= mono_ms]:
            del self._timers[key]
            self._step(self._tasks[key], "ok", now_ms, mono_ms)
        for segment, served in self.things.items():
            if served.poll(mono_ms):
                self.changed(segment, now_ms, mono_ms)

    def next_mono_ms(self, now_ms: int, mono_ms: int) -> float:
        """When `tick` or `look` has something to do at the latest."""
        moments = [served.due_ms for served in self.things.values() if not served.refreshing]
        moments += self._timers.values()
        moments += [pending.since_ms + ACCEPT_AFTER_MS for pending in self._pending.values()]
        if (due := self.rules.next_mono_ms(now_ms, mono_ms)) is not None:
            moments.append(due)
        return min(moments, default=mono_ms + 60_000.0)

    def _publish(self, segment: str, name: str, value: Any, t_ms: int) -> None:
        topic = topics.prop(self.site, self.host, segment, name)
        self._stale.discard(topic)
        self.outbox.sends.append(Send(topic, PropertyValue(value, t_ms, self.epoch).payload(), retain=True))

    # -- tasks ----------------------------------------------------------------------------------------------------

    def _keep(self, task: Task) -> Task:
        """Hold a task, to be written at the end of this input."""
        self._changed[task.key] = task
        if not task.ended:
            self._tasks[task.key] = task
        return task

    def _set(self, task: Task, **changes: Any) -> Task:
        return self._keep(replace(self._changed.get(task.key, task), **changes))

    def _report(self, task: Task, state: str, now_ms: int, **said: Any) -> Task:
        """A new report of a task, to be said after the commit. Its time never goes back."""
        task = self._changed.get(task.key, task)
        rule = said.pop("rule", None) or task.rule
        ms = task.made.ms if state in ("armed", *TERMINAL) else None
        report = conversation.report(task.subtask, state, max(now_ms, task.report.t_ms),
                                     **{**said, "rule": rule, "ms": ms or None})
        task = self._set(task, state=state, report=report, rule=rule, told=False)
        self._say(task)
        return task

    def _say(self, task: Task) -> None:
        self._send_report(task.key, task.report)

    def _send_report(self, key: Key, report: Report) -> None:
        topic = topics.report(self.site, self.host, key[0])
        self.outbox.sends.append(Send(topic, report.payload(), told=(key, report)))
