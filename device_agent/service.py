"""A host as a running service: links the wire, the clock, the store, the drivers and the language model.

`Agent` is the whole of it without any of these. `run` drives one: what arrives is handled in turns; a turn is committed
once, then its jobs are started, its messages sent, and what caused it is acknowledged. Drivers and the model work
beside the loop, so that the link stays alive whatever they do."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, Protocol

from device_agent.agent import Agent, Understood
from device_agent.config import Config
from device_agent.execute import Hands
from device_agent.ledger import Now
from device_agent.outbox import Act, Job, Key, Outcome, Refresh, Send, Understand
from device_agent.recall import Recall
from device_agent.served import Device
from device_agent.store import Store
from device_agent.thing import Device as DriverDevice
from device_agent.thing import with_forms
from device_agent.understand import Understanding, understand
from firmware_py.core import topics
from firmware_py.core.errors import MessageError, MotewiseError, RemoteError
from firmware_py.core.messages import Report, Status, encode
from firmware_py.host.clock import Clock, SystemClock
from firmware_py.host.groups import plain_errors
from firmware_py.host.link import ConnectError, Link, Message
from firmware_py.host.probe import lets_strangers_in
from models.language.brain import Brain
from ontology.description import Thing

log = logging.getLogger(__name__)

# How often the wall clock is looked at, whatever is due.
LOOK_S = 30.0
# How often the broker is checked for letting strangers in.
STRANGERS_EVERY_S = 60.0
TURN_MAX = 200
READ_TIMEOUT_S = 5.0
UNDERSTAND_TIMEOUT_S = 90.0
RETAINED_TIMEOUT_S = 5.0

Put = Callable[[str, str, Any], None]
Understander = Callable[[Thing, str, Mapping[str, Any]], Awaitable[Understood]]


class Wire(Protocol):
    """What the service needs of a link."""

    on_connect: list[Callable[[], None]]
    on_disconnect: list[Callable[[], None]]

    async def subscribe(self, filter: str, qos: int = 1) -> None: ...
    async def unsubscribe(self, filter: str) -> None: ...
    async def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> None: ...
    def publish_soon(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> None: ...
    def __aiter__(self) -> AsyncIterator[Message]: ...


class Service:
    """Drives an Agent over a link that is connected; nobody else touches its store meanwhile. `broker`: which one is
    checked each minute for letting strangers in; "" for none."""

    def __init__(self, agent: Agent, link: Wire, clock: Clock, understand: Understander, broker: str = "") -> None:
        self._agent = agent
        self._broker = broker
        self._link = link
        self._clock = clock
        self._understand_text = understand
        self._inbox: asyncio.Queue[Callable[..., None]] = asyncio.Queue()
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._hands = {segment: Hands(segment) for segment in agent.things}
        self._working: set[asyncio.Task[None]] = set()
        self._delivered: list[tuple[Key, Report]] = []  # reports that the broker has, noted with the next commit
        self._filters: set[str] = set()
        self._earlier = asyncio.Event()  # something may be due earlier than was thought
        self._jobs: dict[type, Callable[[Any], Awaitable[None]]] = {
            Act: self._act, Understand: self._understand, Refresh: self._refresh}

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until cancelled."""
        loop = asyncio.get_running_loop()
        agent = self._agent
        for segment, served in agent.things.items():
            served.device.changed.append(
                lambda *names, segment=segment: self._from_driver(loop, segment))
        await asyncio.gather(*(self._look_at(segment) for segment in agent.things))
        self._handle(agent.recover)
        self._handle(agent.hello)
        self._link.on_connect.append(partial(self._put, agent.hello))
        self._link.on_disconnect.append(partial(self._put, agent.cut_off))
        try:
            await self._leave([])
            with plain_errors():
                await self._serve(ready)
        finally:
            for task in self._working:
                task.cancel()
            for hands in self._hands.values():
                hands.stop()
            self._disk.shutdown()
            goodbye = agent.goodbye()
            self._link.publish_soon(goodbye.topic, goodbye.payload, retain=goodbye.retain)

    async def _serve(self, ready: Callable[[], None]) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen(), name="listen")
            group.create_task(self._work(), name="work")
            group.create_task(self._tick(), name="tick")
            if self._broker:
                group.create_task(self._look_for_strangers(), name="strangers")
            # Only now: amqtt lets nobody subscribe who has not acknowledged what waited for him.
            for filter in self._agent.filters:
                await self._link.subscribe(filter)
            log.info("%s serves %s.", self._agent.host, ", ".join(self._agent.things))
            ready()

    # -- what comes in --------------------------------------------------------------------------------------------

    def _put(self, what: Callable[..., None], *args: Any) -> None:
        self._inbox.put_nowait(partial(self._handle, what, *args))

    def _handle(self, what: Callable[..., None], *args: Any) -> None:
        self._agent.take_in(what, *args, now=self._now())

    def _now(self) -> Now:
        return Now(self._clock.now_ms(), int(self._clock.monotonic() * 1000))

    async def _listen(self) -> None:
        async for message in self._link:
            self._put(self._agent.heard, message)

    async def _look_for_strangers(self) -> None:
        while True:
            await self._clock.sleep(STRANGERS_EVERY_S)
            with contextlib.suppress(ConnectError):  # a broker that is away lets nobody in
                self._agent.strangers = await lets_strangers_in(self._broker)

    async def _tick(self) -> None:
        """Wake the agent when something is due, which is often never."""
        while True:
            self._earlier.clear()
            now = self._now()
            due_ms = self._agent.next_mono_ms(now) - now.mono_ms
            sleeping = asyncio.ensure_future(self._clock.sleep(min(max(due_ms / 1000, 0.0), LOOK_S)))
            waking = asyncio.ensure_future(self._earlier.wait())
            try:
                await asyncio.wait((sleeping, waking), return_when=asyncio.FIRST_COMPLETED)
            finally:
                sleeping.cancel()
                waking.cancel()
            if sleeping.done() and not sleeping.cancelled():
                handled = asyncio.Event()
                self._put(self._agent.tick)
                self._inbox.put_nowait(handled.set)
                await handled.wait()

    async def _work(self) -> None:
        """Turns."""
        while True:
            turn = [await self._inbox.get()]
            while len(turn) < TURN_MAX and not self._inbox.empty():
                turn.append(self._inbox.get_nowait())
            await self._leave(turn)
            self._earlier.set()

    async def _leave(self, turn: Iterable[Callable[..., None]]) -> None:
        """Handle a turn, commit, and do what it wants done."""
        for handle in turn:
            handle()
        agent = self._agent
        if agent.rules.armed:
            self._handle(agent.look)
        box = agent.outbox.take()
        if agent.store.changed:
            while self._delivered:
                agent.told(*self._delivered.pop())
            # In a thread: an fsync may take as long as the disk likes, and the link must stay alive.
            await asyncio.get_running_loop().run_in_executor(self._disk, agent.store.commit)
        for job in box.jobs:
            self._start(self._jobs[type(job)](job))
        self._subscribe()
        for send in box.sends:
            if send.told is None:
                self._link.publish_soon(send.topic, send.payload, retain=send.retain)
            else:
                self._start(self._deliver(send, send.told))
        for acknowledge in box.acks:
            acknowledge()

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _deliver(self, send: Send, told: tuple[Key, Report]) -> None:
        await self._link.publish(send.topic, send.payload, retain=send.retain)
        self._delivered.append(told)

    def _subscribe(self) -> None:
        """Listen to what the armed rules watch, and to nothing else."""
        wanted = self._agent.rules.filters()
        for filter in wanted:
            if filter not in self._filters:
                self._filters.add(filter)
                self._start(self._listen_to(filter))
        for filter in self._filters.difference(wanted):
            self._filters.discard(filter)
            self._start(self._link.unsubscribe(filter))

    async def _listen_to(self, filter: str) -> None:
        try:
            await self._link.subscribe(filter)
        except RemoteError as error:
            log.warning("%s Rules that watch it stay unknown.", error)

    # -- jobs -----------------------------------------------------------------------------------------------------

    def _act(self, job: Act) -> Awaitable[None]:
        """The driver's thread begins at once, before anything else is done here."""
        device = self._agent.things[job.segment].device
        return self._acted(job, device, self._hands[job.segment].begin(_do, device, job))

    async def _acted(self, job: Act, device: Device, done: asyncio.Future[Any]) -> None:
        try:
            value = await self._hands[job.segment].within(job.timeout_s, done)
            outcome = Outcome("ok", value)
        except TimeoutError:
            outcome = Outcome("timeout", reason=f"The {device.thing.title} did not answer within {job.timeout_s:g} s; "
                              "whether it was done is not known.", code="timeout")
        except MotewiseError as error:
            outcome = Outcome("error", reason=str(error), code="driver")
        except Exception:
            log.exception("the driver of %s", job.segment)
            outcome = Outcome("error", reason=f"The driver of the {device.thing.title} broke.", code="driver")
        self._put(self._agent.acted, job, outcome)

    async def _understand(self, job: Understand) -> None:
        thing = self._agent.things[job.segment].thing
        found: Understood
        try:
            async with asyncio.timeout(UNDERSTAND_TIMEOUT_S):
                found = await self._understand_text(thing, job.text, job.present)
        except Exception as error:
            log.exception("understanding %r", job.text)
            reason = str(error) if isinstance(error, MotewiseError) else "The sentence could not be thought about."
            found = Understanding("cannot", reason=reason, code="no_model")
        self._put(self._agent.understood, job, found)

    async def _refresh(self, job: Refresh) -> None:
        self._put(self._agent.refreshed, job, await self._state(job.segment))

    async def _look_at(self, segment: str) -> None:
        """What a Thing is like, before anybody is told that it is there."""
        self._handle(self._agent.refreshed, Refresh(segment), await self._state(segment))

    async def _state(self, segment: str) -> Mapping[str, Any]:
        device = self._agent.things[segment].device
        try:
            return await self._hands[segment].do(device.state, timeout_s=READ_TIMEOUT_S)
        except TimeoutError:
            return {}
        except MotewiseError as error:
            log.warning("%s", error)
        except Exception:
            log.exception("the driver of %s", segment)
        return {}

    def _from_driver(self, loop: asyncio.AbstractEventLoop, segment: str) -> None:
        """A driver has news, from any thread."""
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._put, self._agent.changed, segment)


def _do(device: Device, job: Act) -> Any:
    """Make the call, in the driver's thread."""
    if job.read is not None:
        return device.read(job.read)
    call = job.call or {}
    if "property" in call:
        device.write(call["property"], call["value"])
        return None
    return device.call(call["action"], call.get("input"))


async def _left_behind(config: Config, things: Mapping[str, DriverDevice]) -> tuple[int, list[str]]:
    """(the epoch of the retained status, topics under our name that no Thing of ours has any more)."""
    site, host, epoch, stale = config.site, config.name, 0, []
    marker = topics.site_topic(site, host, "probe", secrets.token_hex(6))
    link = Link(config.broker, f"motewise-start-{config.name}-{secrets.token_hex(4)}", username=config.user,
                password=config.password, clean_session=True)
    async with link:
        await link.subscribe(marker)
        for levels in (("status",), ("+", "td"), ("+", "property", "+")):
            await link.subscribe(topics.site_topic(site, host, *levels))
        link.publish_soon(marker, b"{}")  # comes after everything retained
        try:
            async with asyncio.timeout(RETAINED_TIMEOUT_S):
                async for message in link:
                    message.ack()
                    if message.topic == marker:
                        break
                    try:
                        kind, _, names = topics.parse(message.topic)
                        if kind == "status" and message.payload:
                            epoch = Status.parse(message.payload).epoch
                        elif kind in ("td", "property") and not _offered(things, *names[1:]):
                            stale.append(message.topic)
                    except MessageError:
                        continue
        except TimeoutError:
            raise RemoteError(
                f"The broker at {config.broker} lets {config.user!r} in, but lets nothing through to "
                f"'{topics.site_topic(site, host)}/…'; is that the account of the host {host!r}?") from None
    return epoch, stale


def _offered(things: Mapping[str, DriverDevice], segment: str, name: str | None = None) -> bool:
    """Whether a Thing, or a property of it, is ours."""
    device = things.get(segment)
    return device is not None and (name is None or device.thing.affordance("read", name) is not None)


def load(config: Config) -> dict[str, DriverDevice]:
    """Every Thing of a host with its driver, or DriverError."""
    found: dict[str, DriverDevice] = {}
    try:
        for entry in config.things:
            device = DriverDevice.load(entry)
            found[device.thing.segment] = device
    except BaseException:
        close(found)
        raise
    return found


def close(devices: Mapping[str, DriverDevice]) -> None:
    """Release every driver."""
    for device in devices.values():
        device.close()


async def run(
    config: Config, clock: Clock | None = None, *, ready: Callable[[], None] = lambda: None,
    world: Callable[[Put], None] | None = None,
) -> None:
    """Serve the Things of a host until cancelled. `ready`: called once it is connected and says so; `world`: is given a
    function that changes what simulated Things see."""
    clock = clock or SystemClock()
    config.store.parent.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        store = Store(config.store)
        stack.callback(store.close)
        devices = load(config)
        stack.callback(close, devices)
        if world is not None:
            world(lambda thing, name, value: devices[thing].put(name, value))
        brain = await stack.enter_async_context(Brain(config.model, config.model_url))
        recall = Recall(brain, config.answers_kept)
        larger = await stack.enter_async_context(config.larger.opened())
        guarded = any(device.thing.guarded for device in devices.values())
        strangers = guarded and await lets_strangers_in(config.broker)
        retained_epoch, stale = await _left_behind(config, devices)
        epoch = max(int(store.fact("epoch") or 0), retained_epoch) + 1
        store.set_fact("epoch", str(epoch))
        store.commit()
        agent = Agent(store, devices.values(), config.site, config.name, epoch, strangers=strangers,
                      zone=config.zone, poll_s=config.poll_s, retained=stale)
        for segment, device in devices.items():
            agent.descriptions[segment] = encode(with_forms(device.td, config.site, config.name, config.broker))

        async def understood(thing: Thing, text: str, present: Mapping[str, Any]) -> Understanding:
            return await understand(thing, text, present, recall, larger)

        link = Link(config.broker, f"motewise-agent-{config.site}-{config.name}", username=config.user,
                    password=config.password,
                    will=(topics.status(config.site, config.name), Status("lost", epoch).payload()))
        async with link:
            await Service(agent, link, clock, understood, config.broker if guarded else "").run(ready)


__all__ = ["Job", "Put", "Service", "load", "run"]
