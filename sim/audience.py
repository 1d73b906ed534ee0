"""Who looks at a house from outside: a person who gives orders, and an observer who hears every device.

Both only use the wire; what a device shows on its properties is what the observer believes, whatever anybody says."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar

from firmware_py.core import topics
from firmware_py.core.errors import MessageError
from firmware_py.core.messages import PropertyValue, Report, Status
from firmware_py.host.link import Link, Message

T = TypeVar("T")


class _Listener:
    """A link whose messages go to `heard`; `until` waits for what they bring."""

    def __init__(self, link: Link, filters: tuple[str, ...]) -> None:
        self.link = link
        self._filters = filters
        self._news = asyncio.Condition()

    async def __aenter__(self) -> Self:
        await self.link.__aenter__()
        for filter in self._filters:
            await self.link.subscribe(filter)
        self._task = asyncio.create_task(self._listen(), name=f"listener {self.link.client_id}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.link.__aexit__(kind, error, trace)

    async def _listen(self) -> None:
        async for message in self.link:
            with contextlib.suppress(MessageError):
                self.heard(message)
            message.ack()
            async with self._news:
                self._news.notify_all()

    def heard(self, message: Message) -> None:
        """Take note of one message."""
        raise NotImplementedError

    async def until(self, found: Callable[[], T | None], timeout_s: float) -> T | None:
        """What `found()` returns once it is not None; None after `timeout_s`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s), self._news:
                while (value := found()) is None:
                    await self._news.wait()
                return value
        return found()


@dataclass(frozen=True)
class Heard:
    """One report of one Thing."""

    thing: str
    report: Report


class Observer(_Listener):
    """Hears every device: the newest value of each property, each host's state, every report in order."""

    def __init__(self, url: str, site: str, password: str) -> None:
        link = Link(url, "observer-" + secrets.token_hex(4), username="coordinator", password=password,
                    clean_session=True)
        super().__init__(link, tuple(topics.site_topic(site, *levels) for levels in (
            ("+", "status"), ("+", "+", "td"), ("+", "+", "property", "+"), ("+", "+", "report"))))
        self.values: dict[tuple[str, str], Any] = {}
        self.hosts: dict[str, str] = {}
        self.things: dict[str, dict[str, Any]] = {}
        self.reports: list[Heard] = []
        self.on_report: list[Callable[[Heard], None]] = []

    def heard(self, message: Message) -> None:
        kind, _, names = topics.parse(message.topic)
        if not message.payload:
            return
        if kind == "status":
            self.hosts[names[0]] = Status.parse(message.payload).state
        elif kind == "td":
            self.things[names[1]] = json.loads(message.payload)
        elif kind == "property":
            self.values[names[1], names[2]] = PropertyValue.parse(message.payload).value
        elif kind == "report":
            heard = Heard(names[1], Report.parse(message.payload))
            self.reports.append(heard)
            for hook in self.on_report:
                hook(heard)


class Person(_Listener):
    """Gives orders as one user and keeps the replies, by the id of the order."""

    def __init__(self, url: str, site: str, user: str, password: str) -> None:
        link = Link(url, f"person-{user}-" + secrets.token_hex(4), username=user, password=password,
                    clean_session=True)
        super().__init__(link, (topics.reply(site, user),))
        self._topic = topics.command(site, user)
        self.replies: dict[str, list[dict[str, Any]]] = {}
        self.on_reply: list[Callable[[dict[str, Any]], None]] = []

    def heard(self, message: Message) -> None:
        reply = json.loads(message.payload)
        self.replies.setdefault(str(reply.get("id")), []).append(reply)
        for hook in self.on_reply:
            hook(reply)

    async def send(self, **fields: Any) -> str:
        """Send an order (an `id` is made if there is none) and return its id."""
        fields.setdefault("id", secrets.token_hex(4))
        await self.link.publish(self._topic, json.dumps(fields).encode())
        return str(fields["id"])

    async def reply(self, order: str, *kinds: str, timeout_s: float = 10.0, after: int = 0) -> dict[str, Any] | None:
        """The first reply of one of `kinds` to `order`, not counting the first `after` replies; None if none came."""
        def found() -> dict[str, Any] | None:
            replies = self.replies.get(order, ())
            return next((reply for reply in list(replies)[after:] if reply.get("kind") in kinds), None)

        return await self.until(found, timeout_s)


@dataclass
class Row:
    """What became of one step of a plan: the states and FSM steps its device went through."""

    step: str
    thing: str
    text: str
    guard: str = ""
    subtask: str | None = None
    path: list[str] = field(default_factory=list)
    did: str = ""
    reason: str = ""
