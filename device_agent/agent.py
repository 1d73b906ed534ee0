"""One host without sockets, clocks and threads: messages, outcomes and the time in; an outbox to do after the commit.

Rules: whatever is acted on or said stands in the store first, in one transaction a turn; a repeated subtask is answered
with its stored report and acts no second time; every Thing has one lane, through which its subtasks go one at a time
and in order (understood, begun, done, its properties read again); an armed rule waits outside of the lane and enters it
when it fires; one that changes what is ("brighter") is understood again then. Whatever arrives, one bad message costs
one sentence to whoever sent it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from device_agent import back
from device_agent.compile import Call, Refusal, calls_of, check_allowed, check_foreign, compile_program
from device_agent.ledger import Ledger, Now
from device_agent.outbox import Act, Key, Outbox, Outcome, Refresh, Send, Understand
from device_agent.rules import Rules
from device_agent.served import Device, Served
from device_agent.store import Made, Store, Task
from device_agent.work import FAULT, Work
from firmware_py.core import conversation, topics
from firmware_py.core.errors import MessageError, MotewiseError, ProgramError
from firmware_py.core.messages import (
    DID_NOT_ACT,
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
from firmware_py.host.settings import SettingsError, check_zone

log = logging.getLogger(__name__)

# A subtask whose turn has not come after this is stored and accepted all the same.
ACCEPT_AFTER_MS = 1000
SET_DEADLINE_MS = 60_000
# After the line was down, what was reported in this time is reported again: the broker may have lost it.
REPEAT_MS = 120_000
CLOCK_BACK_MS = 60_000
PRUNE_EVERY_MS = 3_600_000


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
    @property
    def relative(self) -> bool: ...


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
        self._strangers = False
        self.strangers = strangers
        self._follows_zone = zone is None
        self.rules = Rules(site, host, ZoneInfo(zone or store.fact("zone") or "UTC"))
        self._stale = set(retained)  # topics with a retained message of a process before this one
        self._pending: dict[Key, _Pending] = {}
        self._ledger = Ledger(store, self.outbox, site, host)
        self._work = Work(self._ledger, self.outbox, self.things, self.rules, self._drop, self._free, self._next)
        self._held = False  # the present message is acknowledged later
        self._prune_ms = 0.0
        self._greeted = False  # nobody is told of properties before they are told who is here
        self._readers: dict[str, Callable[[tuple[str, ...], Message, Now], None]] = {
            "subtask": self._subtask, "program": self._program, "property/set": self._property_set,
            "cancel": self._cancel, "status": self._status, "property": self._property, "time": self._time,
        }

    @property
    def strangers(self) -> bool:
        """Whether the broker lets anyone in: what keeps people out is then not moved."""
        return self._strangers

    @strangers.setter
    def strangers(self, found: bool) -> None:
        if found and not self._strangers:
            log.warning("The broker lets strangers in: locks and doors are not moved.")
        self._strangers = found

    @property
    def filters(self) -> tuple[str, ...]:
        """What must always be subscribed to; `rules.filters()` comes on top."""
        own = [topics.site_topic(self.site, self.host, "+", kind) for kind in ("subtask", "program", "cancel")]
        own += [topics.prop_set(self.site, self.host, "+", "+"), topics.status(self.site, self.host)]
        return (*own, topics.time(self.site)) if self._follows_zone else tuple(own)

    # -- turns --------------------------------------------------------------------------------------------------------

    def take_in(self, what: Callable[..., None], *args: Any, now: Now) -> None:
        """Handle one input, `what(*args, now)`. Never raises because of what it says."""
        sends, jobs = len(self.outbox.sends), len(self.outbox.jobs)
        try:
            with self.store.attempt():
                what(*args, now)
                self._ledger.write(now)
        except Exception as error:
            del self.outbox.sends[sends:]
            del self.outbox.jobs[jobs:]
            self._ledger.forget_changes()
            expected = isinstance(error, MotewiseError)
            log.log(logging.WARNING if expected else logging.ERROR, "%s", error, exc_info=not expected)
            reason = str(error) if expected else FAULT
            for arg in args:
                if isinstance(arg, Message):
                    self.outbox.acks.append(arg.ack)
                    self._complain(arg, reason, expected, now)
                elif isinstance(arg, (Understand, Act)):
                    self._give_up(arg.key, reason, now)

    def _complain(self, message: Message, reason: str, expected: bool, now: Now) -> None:
        """Answer `rejected` to a subtask that cannot even be read, if it says which one it is."""
        try:
            kind, _, names = topics.parse(message.topic)
            if kind not in ("subtask", "program", "property/set"):
                return
            found = decode(message.payload)
            fields = {"id": found.get("id"), "attempt": found.get("attempt", 1), "state": "rejected",
                      "code": "malformed", "reason": reason, "t_ms": now.wall_ms}
            report = Report.parse(fields)
        except MessageError:
            return
        key = names[1], report.id
        known = self._ledger.known(key)
        if not expected and (key in self._pending or key in self._ledger.tasks):
            self._give_up(key, reason, now)
        elif known is not None:  # "rejected" would say that it did not act
            self._ledger.say(known)
        elif key not in self._pending:
            self.outbox.sends.append(Send(topics.report(self.site, self.host, names[1]), report.payload()))

    def _give_up(self, key: Key, reason: str, now: Now) -> None:
        """A fault of ours: end the subtask, so that its Thing's lane goes on."""
        pending, task = self._pending.get(key), self._ledger.tasks.get(key)
        with self.store.attempt():
            self._drop(key)
            if task is not None:
                self._work.end(task, "unknown" if task.intent else "failed", now, reason=reason, code="internal")
            elif pending is not None:
                self._ledger.refuse(key, pending.subtask, Refusal(reason, "internal"), now)
            self._free(key, now)
            self._ledger.write(now)

    # -- life ---------------------------------------------------------------------------------------------------------

    def recover(self, now: Now) -> None:
        """Go on where the last process ended."""
        self._prune_ms = now.mono_ms + PRUNE_EVERY_MS
        self.store.prune()
        seen_ms = int(self.store.fact("clock_ms") or 0)
        if now.wall_ms < seen_ms - CLOCK_BACK_MS:
            log.warning("The clock is %d s behind what it was; set it, or daily rules come at the wrong time.",
                        (seen_ms - now.wall_ms) // 1000)
        for task in self.store.untold():
            self._ledger.say(task)
        for task in self.store.open_tasks():
            self._ledger.tasks[task.key] = task
            try:
                if task.thing in self.things and task.program is not None:
                    # What was allowed then need not be now: a lock's rule over a broker that has let strangers in.
                    check_allowed(self.things[task.thing].thing, calls_of(task.program), task.subtask, self._strangers)
                self._work.resume(task, now)
            except MotewiseError as error:
                state = "unknown" if "call" in (task.intent or {}) else "failed"
                self._work.end(task, state, now, reason=str(error), code=getattr(error, "code", "program"))
        self.rules.cut_off()  # what the broker saved for the process before this one is no news
        for segment in self.things:
            self._next(segment, now)

    def hello(self, now: Now) -> None:
        """Connected (again): say who is here, what there is, and what may have been lost on the way."""
        self._greeted = True
        self._assert(now)
        for segment, served in self.things.items():
            topic = topics.description(self.site, self.host, segment)
            self._stale.discard(topic)
            self.outbox.sends.append(Send(topic, self.descriptions[segment], retain=True))
            for name in served.values:
                self._stale.discard(topics.prop(self.site, self.host, segment, name))
        for topic in sorted(self._stale):
            self.outbox.sends.append(Send(topic, b"", retain=True))
        self._stale.clear()
        for task in self.store.recent(now.wall_ms - REPEAT_MS):
            self._ledger.say(task)

    def _assert(self, now: Now) -> None:
        """Say that we are here, and what our Things are like: whoever thought us lost knows nothing of them."""
        status = Status("ready", self.epoch)
        self.outbox.sends.append(Send(topics.status(self.site, self.host), status.payload(), retain=True))
        for segment, served in self.things.items():
            for name, seen in served.values.items():
                self._publish(segment, name, seen.value, seen.t_ms)

    def cut_off(self, now: Now) -> None:
        """The line to the broker is down."""
        self.rules.cut_off()

    def goodbye(self) -> Send:
        """What is said at an orderly end."""
        return Send(topics.status(self.site, self.host), Status("stopped", self.epoch).payload(), retain=True)

    def told(self, key: Key, report: Report) -> None:
        """The broker has a report."""
        self.store.told(*key, report)

    # -- what comes over the wire -------------------------------------------------------------------------------------

    def heard(self, message: Message, now: Now) -> None:
        """Take one message; it is acknowledged once what it said is in the store."""
        kind, site, names = topics.parse(message.topic)
        self._held = False
        if site == self.site and kind in self._readers:
            if message.retain and kind not in ("status", "property", "time"):
                raise MessageError("An order must not be retained: it would be given again at every start.")
            self._readers[kind](names, message, now)
        if not self._held:
            self.outbox.acks.append(message.ack)

    def _status(self, names: tuple[str, ...], message: Message, now: Now) -> None:
        if not message.payload:
            return
        status = Status.parse(message.payload)
        if names[0] != self.host:
            self.rules.status(names[0], status.state, status.epoch, *now)
        elif status.state != "ready" or status.epoch != self.epoch:
            self._assert(now)  # a will of a connection that was ours, late

    def _property(self, names: tuple[str, ...], message: Message, now: Now) -> None:
        if message.payload and names[0] != self.host:
            found = PropertyValue.parse(message.payload)
            host, segment, name = names
            self.rules.saw(host, segment, name, found.value, found.t_ms, found.epoch, message.retain, *now)

    def _time(self, names: tuple[str, ...], message: Message, now: Now) -> None:
        zone = SiteTime.parse(message.payload).zone
        if not self._follows_zone or zone == self.rules.zone.key:
            return
        try:
            self.rules.zone = ZoneInfo(check_zone(zone))
        except SettingsError as error:
            raise MessageError(str(error)) from None
        self.store.set_fact("zone", zone)

    def _subtask(self, names: tuple[str, ...], message: Message, now: Now) -> None:
        self._take(names[1], Subtask.parse(message.payload), message, now)

    def _program(self, names: tuple[str, ...], message: Message, now: Now) -> None:
        """A subtask whose Program comes with it: `{"id", "command", "deadline_ms", "attempt", "program", …}`."""
        fields = decode(message.payload)
        made = fields.get("program")
        if not isinstance(made, dict):
            raise MessageError("The field 'program' must be an object.", "program")
        made = {name: part for name, part in made.items() if name != "relative"}  # there is no sentence to go back to
        subtask = Subtask.parse({**fields, "text": fields.get("text") or "a program", "guard": made.get("guard")})
        self._take(names[1], subtask, message, now, made)

    def _property_set(self, names: tuple[str, ...], message: Message, now: Now) -> None:
        wanted = PropertySet.parse(message.payload)
        subtask = Subtask(id=wanted.id, command=wanted.id, text=f"set {names[2]}", guard=None, attempt=1, owner=None,
                          deadline_ms=now.wall_ms + SET_DEADLINE_MS, grant=None, undo=None)
        self._take(names[1], subtask, message, now, calls=[{"property": names[2], "value": wanted.value}])

    def _take(
        self, segment: str, subtask: Subtask, message: Message, now: Now,
        made: dict[str, Any] | None = None, calls: list[Call] | None = None,
    ) -> None:
        """A new subtask, or one that came before."""
        key = segment, subtask.id
        pending = self._pending.get(key)
        if pending is not None:
            pending.acks.append(message.ack)
            self._held = True
            return
        known = self._ledger.known(key)
        verdict, report = conversation.decide(subtask, known.report if known else None, now.wall_ms)
        if verdict == "expired":
            self._ledger.refuse(key, subtask, report or "", now)
        elif verdict != "take":
            if known is not None:
                self._ledger.say(known)
            elif report is not None:
                self._ledger.send(key, report)
        elif segment not in self.things:
            self._ledger.refuse(key, subtask, Refusal(f"This host serves no {segment}.", "no_such_thing"), now)
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
                self._ledger.refuse(key, subtask, error, now)
                return
            self._held = True
            self._pending[key] = _Pending(subtask, now.mono_ms, [message.ack], made)
            served.lane.append(key)
            self._next(segment, now)

    def _cancel(self, names: tuple[str, ...], message: Message, now: Now) -> None:
        cancel = Cancel.parse(message.payload)
        key = names[1], cancel.target
        task = self._ledger.known(key)
        if key in self._pending:
            if cancel.mode == "cancel":
                pending = self._pending.pop(key)
                self.outbox.acks += pending.acks
                self._cancelled(key, pending.subtask, now)
        elif task is None or (task.state in DID_NOT_ACT and cancel.mode == "cancel"):
            if cancel.mode == "cancel":  # what is still on its way must find that it was cancelled
                attempt = task.attempt + 1 if task is not None else 1
                subtask = Subtask(id=cancel.target, command=cancel.target, text="", guard=None, deadline_ms=now.wall_ms,
                                  attempt=attempt, owner=None, grant=None, undo=None)
                if task is not None:
                    self._ledger.say(task)
                self._cancelled(key, subtask, now)
        elif task.ended:
            self._ledger.say(task)
        elif cancel.mode == "cancel":
            self._work.stop(task, now)
        elif task.rule is None:
            self._ledger.say(task)
        else:
            self.rules.pause(key, cancel.mode == "pause")
            self._ledger.report(task, task.state, now, rule={**task.rule, "paused": cancel.mode == "pause"})

    def _cancelled(self, key: Key, subtask: Subtask, now: Now) -> None:
        report = conversation.report(subtask, "cancelled", now.wall_ms, reason="It was cancelled before it began.")
        task = Task(0, *key, subtask.attempt, subtask, "cancelled", report)
        self._ledger.keep(task)
        self._ledger.say(task)

    # -- the lane -----------------------------------------------------------------------------------------------------

    def _next(self, segment: str, now: Now) -> None:
        """Let the next subtask of a Thing begin, if nobody is at work there."""
        served = self.things[segment]
        while served.worker is None and served.lane:
            key = served.lane.popleft()
            pending, task = self._pending.get(key), self._ledger.known(key)
            if pending is None and (task is None or task.ended):
                continue
            subtask = pending.subtask if pending is not None else task.subtask  # type: ignore[union-attr]
            made = pending.made if pending is not None else task.program  # type: ignore[union-attr]
            armed = key in self.rules
            if subtask.undo is not None and made is None:
                try:
                    made = self._taking_back(served, subtask)
                except Refusal as error:
                    self._drop(key)
                    self._ledger.refuse(key, subtask, error, now)
                    continue
            if not armed and now.wall_ms > subtask.deadline_ms:
                verdict, report = conversation.decide(subtask, None, now.wall_ms)
                if verdict == "expired" and report is not None:
                    self._drop(key)
                    self._ledger.refuse(key, subtask, report, now)
                    continue
            served.worker = key
            if armed and task is not None and not (task.program or {}).get("relative"):
                self._work.fire(task, now)
            elif made is not None and not armed:
                self._work.begin(key, subtask, made, {}, now)
            else:
                self.outbox.jobs.append(Understand(key, subtask.attempt, subtask.text, served.present))

    def _taking_back(self, served: Served, subtask: Subtask) -> dict[str, Any]:
        """The Program that takes back what an earlier subtask did, or Refusal."""
        thing = served.thing
        earlier = self._ledger.known((thing.segment, subtask.undo or ""))
        if earlier is not None and self.store.acted_after(earlier):
            raise Refusal(f"The {thing.title} has been told something else since.", "no_undo")
        calls = back.calls(thing, earlier.made if earlier is not None else Made(), served.present)
        made = compile_program(thing, calls, ())
        check_allowed(thing, calls, subtask, self._strangers)
        return made

    def _free(self, key: Key, now: Now) -> None:
        """Its turn is over; what it may have changed is read before the next one begins."""
        served = self.things.get(key[0])
        if served is None or served.worker != key:
            return
        if served.touched:
            served.touched = False
            self.outbox.jobs.append(Refresh(key[0], release=True))
            return
        served.worker = None
        self._next(key[0], now)

    def _drop(self, key: Key) -> None:
        """Forget that a subtask is pending; its messages may be acknowledged."""
        pending = self._pending.pop(key, None)
        if pending is not None:
            self.outbox.acks += pending.acks

    def understood(self, job: Understand, found: Understood, now: Now) -> None:
        """What came of a sentence."""
        key, served = job.key, self.things[job.segment]
        pending, task = self._pending.get(key), self._ledger.tasks.get(key)
        if served.worker != key or (pending is None and task is None):
            self._free(key, now)  # it was cancelled meanwhile
            return
        subtask = pending.subtask if pending is not None else task.subtask  # type: ignore[union-attr]
        fires = task is not None and key in self.rules
        start = time.perf_counter()
        try:
            if found.status != "ok":
                raise Refusal(found.reason or f"The {served.thing.title} cannot do that.", found.code or "cannot")
            made = compile_program(served.thing, found.calls, found.reads, subtask.guard, found.relative or fires)
            check_allowed(served.thing, found.calls, subtask, self._strangers)
        except (Refusal, MessageError, ProgramError) as error:
            if task is not None and fires:
                self._work.idle(task, str(error), getattr(error, "code", "program"), now)
                return
            self._drop(key)
            self._ledger.refuse(key, subtask, error, now, found.ms)
            self._free(key, now)
            return
        ms = {**found.ms, "compile": (time.perf_counter() - start) * 1000}
        if task is not None and fires:
            self._work.fire(self._work.remake(task, made, ms), now)
        else:
            self._work.begin(key, subtask, made, ms, now)

    def acted(self, job: Act, outcome: Outcome, now: Now) -> None:
        """What came of a call or a read."""
        self._work.acted(job, outcome, now)

    def _accept(self, key: Key, now: Now) -> None:
        """Store a subtask whose turn is long in coming, so that it can be acknowledged."""
        pending = self._pending[key]
        report = conversation.report(pending.subtask, "accepted", now.wall_ms)
        self._drop(key)
        task = Task(0, *key, pending.subtask.attempt, pending.subtask, "accepted", report, program=pending.made)
        self._ledger.keep(task)
        self._ledger.say(task)

    # -- properties and time ------------------------------------------------------------------------------------------

    def refreshed(self, job: Refresh, found: Mapping[str, Any], now: Now) -> None:
        """The properties of a Thing were read; publish what is new."""
        served = self.things[job.segment]
        if not job.release:
            served.refreshing, outdated, served.outdated = False, served.outdated, False
            if outdated:
                self.changed(job.segment, now)
        for name, seen, tell in served.saw(found, *now):
            if tell and self._greeted:
                self._publish(job.segment, name, seen.value, seen.t_ms)
            self.rules.saw(self.host, job.segment, name, seen.value, seen.t_ms, self.epoch, False, *now)
        if job.release:
            served.worker = None
            self._next(job.segment, now)

    def changed(self, segment: str, now: Now) -> None:
        """A driver says that properties have new values."""
        served = self.things[segment]
        if served.refreshing:
            served.outdated = True  # the news may have come after they were read
        else:
            served.refreshing = True
            self.outbox.jobs.append(Refresh(segment))

    def tick(self, now: Now) -> None:
        """Let time pass."""
        for key in [key for key, pending in self._pending.items() if now.mono_ms - pending.since_ms >= ACCEPT_AFTER_MS]:
            self._accept(key, now)
        self._work.tick(now)
        for segment, served in self.things.items():
            if served.poll(now.mono_ms):
                self.changed(segment, now)
        if now.mono_ms >= self._prune_ms:
            self._prune_ms = now.mono_ms + PRUNE_EVERY_MS
            self.store.prune()

    def look(self, now: Now) -> None:
        """See which rules fire, and which can no longer be judged."""
        self._work.look(now)

    def next_mono_ms(self, now: Now) -> float:
        """When `tick` or `look` has something to do at the latest."""
        moments = [served.due_ms for served in self.things.values() if not served.refreshing]
        moments += [pending.since_ms + ACCEPT_AFTER_MS for pending in self._pending.values()]
        if (due := self._work.next_mono_ms(now)) is not None:
            moments.append(due)
        return min(moments, default=now.mono_ms + 60_000.0)

    def _publish(self, segment: str, name: str, value: Any, t_ms: int) -> None:
        topic = topics.prop(self.site, self.host, segment, name)
        self._stale.discard(topic)
        self.outbox.sends.append(Send(topic, PropertyValue(value, t_ms, self.epoch).payload(), retain=True))
