"""A host in memory: no broker, no clock, no threads, no model. Sentences are understood by heart."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from device_agent.agent import Agent
from device_agent.ledger import Now
from device_agent.outbox import Act, Outcome, Refresh, Understand
from device_agent.store import Store
from device_agent.thing import Device
from firmware_py.core import topics
from firmware_py.core.errors import MotewiseError
from firmware_py.core.messages import PropertyValue, Report, Status, Subtask
from firmware_py.host.link import Message

SITE, HOST = "home", "hall-pi"
LAMP, LOCK, BELL = "hall-lamp", "front-door-lock", "doorbell"
MOTION = {"thing": "urn:motewise:hall-motion", "property": "occupied", "op": "eq", "value": True, "host": "motion-pi"}


@dataclass(frozen=True)
class Answer:
    """What a device makes of a sentence."""

    calls: tuple[dict[str, Any], ...] = ()
    reads: tuple[str, ...] = ()
    status: str = "ok"
    reason: str = ""
    code: str = ""
    ms: Mapping[str, float] = field(default_factory=lambda: {"model": 12.0})
    relative: bool = False


def by_heart(text: str, present: Mapping[str, Any]) -> Answer:
    """`turn on`, `lock`, …: the action of that name; `brightness 40`, `brighter`; `what NAME`: a read; `turn on; ring`
    both; anything else: cannot."""
    calls: list[dict[str, Any]] = []
    reads: list[str] = []
    relative = False
    for part in text.split("; "):
        words = part.split()
        if words[0] == "what":
            reads.append(words[1])
        elif words[0] == "brightness":
            calls.append({"property": "brightness", "value": int(words[1])})
        elif part == "brighter":
            if "brightness" not in present:
                return Answer(status="cannot", reason="The brightness is not known now.", code="unknown_state")
            calls.append({"property": "brightness", "value": min(100, present["brightness"] + 20)})
            relative = True
        elif part in ("turn on", "turn off", "toggle", "lock", "unlock", "ring"):
            calls.append({"action": part.replace(" ", "_"), "input": {}})
        else:
            return Answer(status="cannot", reason="It cannot do that.", code="cannot")
    return Answer(tuple(calls), tuple(reads), relative=relative)


class Bell:
    """A bell that counts."""

    kind = "Doorbell"

    def __init__(self) -> None:
        self._rings = 0

    def ring(self) -> None:
        """Ring the bell."""
        self._rings += 1

    @property
    def rings(self) -> int:
        """How often it rang"""
        return self._rings


ENTRIES = (
    {"id": f"urn:motewise:{LAMP}", "title": "Hall lamp", "driver": "device_agent.drivers.simulated:Light"},
    {"id": f"urn:motewise:{LOCK}", "title": "Front door lock", "driver": "device_agent.drivers.simulated:Lock"},
    {"id": f"urn:motewise:{BELL}", "title": "Doorbell", "driver": "small_host:Bell"},
)


@dataclass
class SmallHost:
    """One agent, its wire and the time. `published` is all that left, in order; `hold` keeps kinds of jobs back."""

    path: Path | str = ":memory:"
    strangers: bool = False
    now_ms: int = 1_700_000_000_000  # a Tuesday, 22:13:20 UTC
    zone: str | None = "UTC"
    think: Callable[[str, Mapping[str, Any]], Answer] = by_heart

    def __post_init__(self) -> None:
        self.mono_ms = 0
        self.published: list[tuple[str, Any, bool]] = []
        self.acknowledged: list[str] = []
        self.commits = 0
        self.hold: set[type] = set()
        self.held: list[Any] = []
        self.delivered: list[Any] = []
        self.broken: dict[str, list[Exception | str]] = {}  # Thing -> what its next calls come to
        self.devices = {entry["id"].rpartition(":")[2]: Device.load(entry) for entry in ENTRIES}
        self.start()

    # -- life --

    def start(self, epoch: int = 1, retained: tuple[str, ...] = (), alone: bool = False) -> None:
        """A process begins; the store and the devices are all that is left of the one before. `alone`: other hosts do
        not say yet that they are there."""
        self.held.clear()
        self.delivered.clear()
        self.store = Store(self.path)
        self.agent = Agent(self.store, self.devices.values(), SITE, HOST, epoch, strangers=self.strangers,
                           zone=self.zone, retained=retained)
        for segment, device in self.devices.items():
            self.agent.descriptions[segment] = json.dumps(device.td).encode()
            self.give(self.agent.refreshed, Refresh(segment), device.state())
        self.give(self.agent.recover)
        self.give(self.agent.hello)
        self.leave()
        if self.agent.rules.filters() and not alone:
            self.host_is("ready")  # retained

    def kill(self) -> None:
        """`kill -9`: what was not committed is gone, and so are jobs that had not begun."""
        self.agent.outbox.take()
        self.store._db.close()

    def give(self, what: Callable[..., None], *args: Any) -> None:
        """One input."""
        self.agent.take_in(what, *args, now=Now(self.now_ms, self.mono_ms))

    def leave(self) -> None:
        """Commit, send, do the jobs, until nothing is left to do."""
        while True:
            self.give(self.agent.look)
            box = self.agent.outbox.take()
            while self.store.changed and self.delivered:
                self.agent.told(*self.delivered.pop())
            self.commits += self.store.changed
            self.store.commit()
            for send in box.sends:
                self.published.append((send.topic, json.loads(send.payload) if send.payload else None, send.retain))
                if send.told is not None:
                    self.delivered.append(send.told)
            for ack in box.acks:
                ack()
            if not box.jobs:
                return
            for job in box.jobs:
                if type(job) in self.hold:
                    self.held.append(job)
                else:
                    self.do(job)

    def do(self, job: Any) -> None:
        """Do a job."""
        device = self.devices[job.segment]
        if isinstance(job, Understand):
            self.give(self.agent.understood, job, self.think(job.text, job.present))
        elif isinstance(job, Refresh):
            self.give(self.agent.refreshed, job, device.state())
        else:
            self.give(self.agent.acted, job, self.act(device, job))

    def act(self, device: Device, job: Act) -> Outcome:
        """Make the call, or fail as told."""
        broken = self.broken.get(job.segment)
        if broken:
            what = broken.pop(0)
            if what == "timeout":
                return Outcome("timeout", reason="It did not answer.", code="timeout")
            if isinstance(what, Exception):
                return Outcome("error", reason=str(what), code="driver")
        try:
            if job.read is not None:
                return Outcome("ok", device.read(job.read))
            call = job.call or {}
            if "property" in call:
                device.write(call["property"], call["value"])
                return Outcome("ok")
            return Outcome("ok", device.call(call["action"], call["input"]))
        except MotewiseError as error:
            return Outcome("error", reason=str(error), code="driver")

    def release(self) -> None:
        """Do what was held back."""
        held, self.held = self.held, []
        self.hold.clear()
        for job in held:
            self.do(job)
        self.leave()

    # -- the wire --

    def heard(self, topic: str, fields: Any, *, retain: bool = False) -> list[Report]:
        """A message comes; the reports that it causes."""
        mark = len(self.published)
        payload = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
        self.give(self.agent.heard, Message(topic, payload, retain, 1, lambda: self.acknowledged.append(topic)))
        self.leave()
        return self.reports(since=mark)

    def say(self, text: str, thing: str = LAMP, id: str = "1", **more: Any) -> list[Report]:
        """The coordinator sends a subtask."""
        fields = {"id": id, "command": "c", "text": text, "deadline_ms": self.now_ms + 60_000, "attempt": 1, **more}
        return self.heard(topics.subtask(SITE, HOST, thing), fields)

    def again(self, subtask: Subtask, thing: str = LAMP) -> list[Report]:
        """Exactly that one comes again."""
        return self.heard(topics.subtask(SITE, HOST, thing), subtask.payload())

    def cancel(self, target: str = "1", mode: str = "cancel", thing: str = LAMP) -> list[Report]:
        """The coordinator cancels, pauses or resumes."""
        return self.heard(topics.cancel(SITE, HOST, thing), {"id": f"{target}-{mode}", "target": target, "mode": mode})

    def sees(self, value: Any, *, host: str = "motion-pi", thing: str = "hall-motion", name: str = "occupied",
             retain: bool = False, age_ms: int = 0, epoch: int = 1) -> list[Report]:
        """Another host's property."""
        payload = PropertyValue(value, self.now_ms - age_ms, epoch).payload()
        return self.heard(topics.prop(SITE, host, thing, name), payload, retain=retain)

    def host_is(self, state: str, host: str = "motion-pi", epoch: int = 1) -> list[Report]:
        """Another host says how it is."""
        return self.heard(topics.status(SITE, host), Status(state, epoch).payload())

    def wait(self, seconds: float, step_s: float = 1.0) -> list[Report]:
        """Let time pass."""
        mark = len(self.published)
        while seconds > 0:
            passed_ms = int(min(seconds, step_s) * 1000)
            self.now_ms += passed_ms
            self.mono_ms += passed_ms
            seconds -= step_s
            self.give(self.agent.tick)
            self.leave()
        return self.reports(since=mark)

    def reports(self, thing: str = "+", since: int = 0) -> list[Report]:
        """The reports that left."""
        return [Report.parse(fields) for topic, fields, _ in self.published[since:]
                if topic.endswith("/report") and (thing == "+" or f"/{thing}/" in topic)]

    def value(self, thing: str, name: str) -> Any:
        """What was last published of a property."""
        topic = topics.prop(SITE, HOST, thing, name)
        return next((fields["value"] for found, fields, _ in reversed(self.published) if found == topic), None)


def states(reports: list[Report]) -> list[str]:
    """Their states, in order."""
    return [report.state for report in reports]
