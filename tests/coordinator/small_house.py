"""A coordinator and devices in memory: no broker, no clock, no model. The planner is a table of sentences."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coordinator.house import House
from coordinator.journal import Journal
from coordinator.plan import Plan, Rejected, Step
from coordinator.policy import Policy
from coordinator.service import Coordinator
from firmware_py.core import topics
from firmware_py.core.messages import Report, Status, Subtask
from firmware_py.host.link import Message
from ontology.registry import Registry

SITE = "home"
LAMP = {
    "id": "urn:motewise:hall-lamp", "title": "Hall lamp", "@type": "Light", "motewise:room": "hall",
    "motewise:floor": "ground floor",
    "actions": {"turn_on": {"idempotent": True}, "turn_off": {"idempotent": True}},
    "properties": {"on": {"type": "boolean"},
                   "brightness": {"type": "integer", "minimum": 0, "maximum": 100, "unit": "percent"}},
}
LOCK = {
    "id": "urn:motewise:front-door-lock", "title": "Front door lock", "@type": "Lock", "motewise:room": "hall",
    "actions": {"lock": {}, "unlock": {}}, "properties": {"locked": {"type": "boolean", "readOnly": True}},
}
THERMOMETER = {
    "id": "urn:motewise:kitchen-thermometer", "title": "Kitchen thermometer", "@type": "TemperatureSensor",
    "motewise:room": "kitchen",
    "properties": {"temperature": {"type": "number", "unit": "celsius", "readOnly": True}},
}
HOSTS = {"hall-pi": (LAMP, LOCK), "kitchen-pi": (THERMOMETER,)}
Planner = Callable[..., Plan]


def thing(house: House, name: str) -> Any:
    """The Thing of that segment."""
    return next(thing for thing in house.things if thing.segment == name)


def plan_by_names(text: str, house: House, room: str | None = None, **_: Any) -> Plan:
    """`hall-lamp: turn on; kitchen-thermometer? temperature; hall-lamp: turn off @ every 60` one step each; `>`
    before a step: after the one before it; an unknown name is rejected."""
    steps: list[Step] = []
    rejected = []
    for number, part in enumerate(text.split(";")):
        after = part.strip().startswith(">")
        part, _, every = part.strip().lstrip("> ").partition("@ every")  # noqa: PLW2901
        read = "?" in part
        name, _, sentence = part.partition("?" if read else ":")
        if not any(thing.segment == name.strip() for thing in house.things):
            rejected.append(Rejected(part.strip(), f"There is no {name.strip()}."))
            continue
        steps.append(Step(
            id=f"s{number + 1}", thing=thing(house, name.strip()), text=sentence.strip(), clause=number,
            guard={"every_s": int(every)} if every else None,
            after=(f"s{number}",) if after else (), notify=False, read=read))
    return Plan(text, steps=tuple(steps), rejected=tuple(rejected))


@dataclass
class SmallHouse:
    """The coordinator, its wire, and the time. `published` is all that left, in order."""

    path: Path | str = ":memory:"
    policy: Policy = field(default_factory=Policy.read)
    planner: Planner = plan_by_names
    strangers: bool = False
    now_ms: int = 1_700_000_000_000
    described: bool = True

    def __post_init__(self) -> None:
        self.published: list[tuple[str, dict[str, Any]]] = []
        self.registry = Registry()
        self.start()

    def start(self) -> None:
        """A coordinator process begins: the journal is all that is left of the one before."""
        self.journal = Journal(self.path, token="t")
        self.coordinator = Coordinator(self.journal, self.registry, self.policy, SITE, strangers=self.strangers,
                                       understand=self.planner)
        self.coordinator.recover(self.now_ms)
        self.leave()
        for host, descriptions in HOSTS.items() if self.described else ():
            self.status(host, "ready", 1)
            for td in descriptions:
                self.heard(topics.description(SITE, host, td["id"].rpartition(":")[2]), td)

    def kill(self) -> None:
        """`kill -9`: what was not committed is gone."""
        self.coordinator.outbox.take()
        self.journal._db.close()

    def leave(self) -> None:
        """Commit and send."""
        self.journal.commit()
        for out in self.coordinator.outbox.take():
            self.published.append((out.topic, json.loads(out.payload)))
            if out.reply is not None:
                self.journal.delivered(out.reply)

    def heard(self, topic: str, fields: Any, *, dup: bool = False, retain: bool = False) -> None:
        """A message comes; what it causes leaves."""
        payload = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
        self.coordinator.heard(Message(topic, payload, retain, 1, dup=dup), self.now_ms)
        self.leave()

    def say(self, client: str = "ann", *, dup: bool = False, **fields: Any) -> list[dict[str, Any]]:
        """A client sends a message; its replies."""
        mark = len(self.published)
        self.heard(topics.command(SITE, client), fields, dup=dup)
        return self.replies(client, mark)

    def replies(self, client: str = "ann", since: int = 0) -> list[dict[str, Any]]:
        """What the client was told."""
        return [fields for topic, fields in self.published[since:] if topic == topics.reply(SITE, client)]

    def result(self, command: str = "1", client: str = "ann") -> dict[str, Any] | None:
        """The newest result of a command."""
        return next((reply for reply in reversed(self.replies(client))
                     if reply["kind"] == "result" and reply["id"] == command), None)

    def subtasks(self, segment: str = "") -> list[Subtask]:
        """The subtasks that left, in order."""
        return [Subtask.parse(fields) for topic, fields in self.published
                if topic.endswith("/subtask") and f"/{segment}" in topic]

    def cancels(self) -> list[dict[str, Any]]:
        """The cancel messages that left."""
        return [fields for topic, fields in self.published if topic.endswith("/cancel")]

    def status(self, host: str, state: str, epoch: int) -> None:
        """A host says how it is."""
        self.heard(topics.status(SITE, host), json.loads(Status(state, epoch).payload()))

    def report(self, state: str, segment: str = "hall-lamp", host: str | None = None, subtask: Subtask | None = None,
               **facts: Any) -> list[dict[str, Any]]:
        """A device reports on `subtask` (its last one if None); the replies that this causes."""
        mark = len(self.published)
        subtask = subtask or self.subtasks(segment)[-1]
        host = host or next(host for host, tds in HOSTS.items() if any(segment in td["id"] for td in tds))
        empty = dict.fromkeys(Report._fields)
        report = Report(**{**empty, "id": subtask.id, "command": subtask.command, "state": state,
                           "attempt": subtask.attempt, "t_ms": self.now_ms, **facts})
        self.heard(topics.report(SITE, host, segment), json.loads(report.payload()))
        return self.replies(since=mark)

    def wait(self, seconds: float, step_s: float = 1.0) -> None:
        """Let time pass."""
        while seconds > 0:
            self.now_ms += int(min(seconds, step_s) * 1000)
            seconds -= step_s
            self.coordinator.tick(self.now_ms)
            self.leave()
