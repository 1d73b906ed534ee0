"""The coordinator as a running service: links the wire, the clock, the journal and the registry.

`Coordinator` is the whole of it without sockets and clocks: messages and the time in, an outbox to send once the
journal has been committed. `run` drives one over MQTT with three tasks. Whatever arrives, one bad message costs one
sentence to whoever sent it, and everything else goes on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import tomllib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from coordinator.cache import KEPT, Plans
from coordinator.conversation import Conversation, Outbox, Outgoing
from coordinator.hearing import Understand
from coordinator.journal import Journal
from coordinator.policy import Policy
from firmware_py.core import topics
from firmware_py.core.errors import LocalError, MessageError, MotewiseError
from firmware_py.core.messages import PAYLOAD_MAX, Report, SiteTime, Status, decode
from firmware_py.host import accounts
from firmware_py.host.clock import Clock, SystemClock
from firmware_py.host.groups import plain_errors
from firmware_py.host.link import ConnectError, Link, Message
from firmware_py.host.probe import lets_strangers_in
from firmware_py.host.settings import BROKER, SITE, check_zone, kept_password, read_password
from ontology.description import DescriptionError
from ontology.registry import Registry

log = logging.getLogger(__name__)

TICK_S = 0.5
TIME_EVERY_S = 60.0
TD_MAX = 4 * PAYLOAD_MAX
# How often the broker is checked for letting strangers in.
STRANGERS_EVERY_S = 60.0
# How many messages one turn may take together: they share one commit.
TURN_MAX = 200


class ConfigError(LocalError):
    """A coordinator's file that cannot be used."""


@dataclass(frozen=True)
class Config:
    """What the coordinator's file says, in its table [coordinator]. Paths are relative to that file.

    `registry`: directory of the RDF store, beside the journal by default; `policy`: a file that replaces the shipped
    one; `deadline_s`, `question_s`: replace the policy's; `pin`: from 'motewise coordinator --hash-pin';
    `plans_kept`: how many plans are kept to be used again, 0 for none."""

    journal: Path
    site: str = SITE
    broker: str = BROKER
    user: str | None = accounts.COORDINATOR
    password: str | None = None
    zone: str = "UTC"
    registry: Path | None = None
    policy: Path | None = None
    pin: str | None = None
    deadline_s: float | None = None
    question_s: float | None = None
    plans_kept: int = KEPT

    @classmethod
    def read(cls, path: Path) -> Config:
        """Read a coordinator's file, or ConfigError."""
        try:
            table = tomllib.loads(path.read_text("utf-8")).get("coordinator")
        except OSError as error:
            raise ConfigError(f"The coordinator's file {path} cannot be read: {error.strerror}.") from None
        except (UnicodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigError(f"The coordinator's file {path} is not valid TOML: {error}.") from None
        if not isinstance(table, dict):
            raise ConfigError(f"The coordinator's file {path} needs a table [coordinator].")
        return cls.of(table, path.parent)

    @classmethod
    def of(cls, table: dict[str, Any], directory: Path) -> Config:
        """Check the table [coordinator]."""
        known = {"site", "broker", "user", "password", "password_file", "zone", "journal", "registry", "policy", "pin",
                 "deadline_s", "question_s", "plans_kept"}
        for name, value in table.items():
            if name not in known:
                raise ConfigError(f"[coordinator] has no '{name}'; it takes: {', '.join(sorted(known))}.")
            wanted = (int, float) if name.endswith("_s") else (int,) if name == "plans_kept" else (str,)
            if not isinstance(value, wanted) or isinstance(value, bool):
                raise ConfigError(f"In [coordinator], '{name}' must be {'a number' if wanted != (str,) else 'text'}.")
        values: dict[str, Any] = dict(table)
        password_file = values.pop("password_file", None)
        if password_file is not None:
            values["password"] = read_password(directory / password_file)
        for name in ("journal", "registry", "policy"):
            if name in values:
                values[name] = directory / Path(values[name]).expanduser()
        values.setdefault("journal", directory / "journal.db")
        if "password" not in values:
            values["password"] = kept_password(values.get("broker", BROKER), values.get("user", accounts.COORDINATOR))
        config = cls(**values)
        topics.check_name(config.site, "site")
        check_zone(config.zone)
        return config

    @property
    def registry_directory(self) -> Path:
        """Where the registry is kept."""
        return self.registry or self.journal.with_suffix(".things")

    def rules(self) -> Policy:
        """The policy of this site."""
        policy = Policy.read(self.policy, pin=self.pin)
        return replace(policy, deadline_s=self.deadline_s or policy.deadline_s,
                       question_s=self.question_s or policy.question_s)


class Wire(Protocol):
    """What the service needs of a link."""

    async def subscribe(self, filter: str, qos: int = 1) -> None: ...
    async def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> None: ...
    def publish_soon(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> None: ...
    def __aiter__(self) -> AsyncIterator[Message]: ...


class Coordinator:
    """One house. `heard` and `tick` change the journal and fill the outbox; commit, then send what `take` gives.
    `understand`: plan.understand_command or its like, by default with a memory of plans."""

    def __init__(
        self, journal: Journal, registry: Registry, policy: Policy, site: str, *, strangers: bool = False,
        understand: Understand | None = None, zone: str = "UTC",
    ) -> None:
        self.journal = journal
        self.registry = registry
        self.site = site
        self.outbox = Outbox(site)
        self.conversation = Conversation(journal, registry, policy, self.outbox,
                                         Plans() if understand is None else understand, zone, strangers=strangers)
        self._readers: dict[str, Callable[[tuple[str, ...], Message, int], None]] = {
            "status": self._status, "td": self._td, "report": self._report, "command": self._command,
        }

    @property
    def strangers(self) -> bool:
        """Whether the broker lets anyone in: what keeps people out is then not moved."""
        return self.conversation.strangers

    @strangers.setter
    def strangers(self, found: bool) -> None:
        if found and not self.conversation.strangers:
            log.warning("The broker lets strangers in: locks and doors are not moved.")
        self.conversation.strangers = found

    @property
    def filters(self) -> tuple[tuple[str, int], ...]:
        """What must be subscribed to, with the quality of service."""
        site = self.site
        return ((topics.site_topic(site, "+", "status"), 1), (topics.site_topic(site, "+", "+", "td"), 1),
                (topics.site_topic(site, "+", "+", "report"), 1), (topics.site_topic(site, "command", "+"), 1))

    def recover(self, now_ms: int) -> None:
        """Go on where the last process ended."""
        with self.journal.attempt():
            self.conversation.recover(now_ms)

    def tick(self, now_ms: int) -> None:
        """Let time pass."""
        with self.journal.attempt():
            self.conversation.tick(now_ms)

    def heard(self, message: Message, now_ms: int) -> None:
        """Take one message. Never raises because of what it says."""
        sent = len(self.outbox.waiting)
        client = None
        try:
            kind, site, names = topics.parse(message.topic)
            if site != self.site or kind not in self._readers:
                return
            if kind == "command":
                client = topics.check_name(names[0], "client")
            with self.journal.attempt():
                self._readers[kind](names, message, now_ms)
        except Exception as error:
            del self.outbox.waiting[sent:]
            expected = isinstance(error, MotewiseError)
            log.log(logging.WARNING if expected else logging.ERROR, "%s: %s", message.topic, error,
                    exc_info=not expected)
            if client is not None:
                reason = str(error) if expected else "Something went wrong here; it is in the coordinator's log."
                self.conversation.complain(client, message.payload, reason)

    def _status(self, names: tuple[str, ...], message: Message, now_ms: int) -> None:
        if message.payload:
            status = Status.parse(message.payload)
            self.registry.set_state(names[0], status.state)
            self.conversation.dispatch.heard_status(names[0], status, now_ms)

    def _td(self, names: tuple[str, ...], message: Message, now_ms: int) -> None:
        host, segment = topics.check_host(names[0]), topics.check_name(names[1], "thing")
        if not message.payload:
            self.registry.remove(host, segment)
        else:
            try:
                td = decode(message.payload, TD_MAX)
            except MessageError as error:
                self.registry.refuse(host, segment, str(error))
                raise DescriptionError(f"The description of {host}/{segment} is refused: {error}") from None
            self.registry.add(td, host, segment)
        self.conversation.house_changed()

    def _report(self, names: tuple[str, ...], message: Message, now_ms: int) -> None:
        self.conversation.dispatch.heard_report(names[0], names[1], Report.parse(message.payload), now_ms)

    def _command(self, names: tuple[str, ...], message: Message, now_ms: int) -> None:
        if message.retain:
            raise MessageError("A command must not be retained: it would be given again at every start.")
        self.conversation.heard(names[0], message.payload, message.dup, now_ms)


class Service:
    """Drives a Coordinator over a link that is connected; nobody else touches its journal meanwhile. `broker`: which
    one is checked each minute for letting strangers in; "" for none."""

    def __init__(self, coordinator: Coordinator, link: Wire, clock: Clock, zone: str, broker: str = "") -> None:
        self._coordinator = coordinator
        self._broker = broker
        self._link = link
        self._clock = clock
        self._zone = zone
        self._inbox: asyncio.Queue[Message | None] = asyncio.Queue()
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._delivering: set[asyncio.Task[None]] = set()
        self._delivered: list[int] = []  # stored replies that the broker has, to be noted in the next turn

    async def run(self) -> None:
        """Serve until cancelled."""
        try:
            with plain_errors():
                await self._serve()
        finally:
            for task in self._delivering:
                task.cancel()
            self._disk.shutdown()

    async def _serve(self) -> None:
        async with asyncio.TaskGroup() as group:
            # Listening comes first: a broker may wait for acknowledgements before it answers a subscription.
            group.create_task(self._listen(), name="listen")
            for filter, qos in self._coordinator.filters:
                await self._link.subscribe(filter, qos)
            self._coordinator.recover(self._clock.now_ms())
            await self._leave()
            log.info("The coordinator of %s serves.", self._coordinator.site)
            group.create_task(self._work(), name="work")
            group.create_task(self._tick(), name="tick")
            group.create_task(self._tell_time(), name="time")
            if self._broker:
                group.create_task(self._look_for_strangers(), name="strangers")

    async def _listen(self) -> None:
        async for message in self._link:
            self._inbox.put_nowait(message)

    async def _tick(self) -> None:
        while True:
            await self._clock.sleep(TICK_S)
            self._inbox.put_nowait(None)

    async def _look_for_strangers(self) -> None:
        while True:
            await self._clock.sleep(STRANGERS_EVERY_S)
            with contextlib.suppress(ConnectError):  # a broker that is away lets nobody in
                self._coordinator.strangers = await lets_strangers_in(self._broker)

    async def _tell_time(self) -> None:
        while True:
            now = SiteTime(self._clock.now_ms(), self._zone)
            self._link.publish_soon(topics.time(self._coordinator.site), now.payload(), retain=True)
            await self._clock.sleep(TIME_EVERY_S)

    async def _work(self) -> None:
        """Turns: what arrived is handled, committed together, sent, and only then acknowledged."""
        while True:
            turn = [await self._inbox.get()]
            while len(turn) < TURN_MAX and not self._inbox.empty():
                turn.append(self._inbox.get_nowait())
            now_ms = self._clock.now_ms()
            while self._delivered:
                self._coordinator.journal.delivered(self._delivered.pop())
            for message in turn:
                if message is not None:
                    self._coordinator.heard(message, now_ms)
            if None in turn:
                try:
                    self._coordinator.tick(now_ms)
                except Exception:
                    log.exception("What time brings could not be handled; it is tried again.")
            await self._leave()
            for message in turn:
                if message is not None:
                    message.ack()

    async def _leave(self) -> None:
        """Commit, then send."""
        leaving = self._coordinator.outbox.take()
        journal = self._coordinator.journal
        if journal.changed:
            # In a thread: an fsync may take as long as the disk likes, and the link must stay alive.
            await asyncio.get_running_loop().run_in_executor(self._disk, journal.commit)
        for out in leaving:
            if out.reply is None:
                self._link.publish_soon(out.topic, out.payload)
            else:
                task = asyncio.ensure_future(self._deliver(out))
                self._delivering.add(task)
                task.add_done_callback(self._delivering.discard)

    async def _deliver(self, out: Outgoing) -> None:
        await self._link.publish(out.topic, out.payload)
        if out.reply is not None:
            self._delivered.append(out.reply)


async def run(config: Config, clock: Clock | None = None, *, ready: Callable[[], None] = lambda: None) -> None:
    """Be the coordinator of a site until cancelled; `ready` is called once it is connected."""
    clock = clock or SystemClock()
    policy = config.rules()
    policy.accepts_pin("")
    config.journal.parent.mkdir(parents=True, exist_ok=True)
    journal = Journal(config.journal)
    try:
        registry = Registry(config.registry_directory)
        coordinator = Coordinator(journal, registry, policy, config.site, zone=config.zone,
                                  understand=Plans(config.plans_kept))
        coordinator.strangers = await lets_strangers_in(config.broker)
        async with Link(config.broker, f"motewise-coordinator-{config.site}", username=config.user,
                        password=config.password) as link:
            ready()
            await Service(coordinator, link, clock, config.zone, config.broker).run()
    finally:
        journal.close()
