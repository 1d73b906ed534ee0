"""One asyncio MQTT 3.1.1 connection over paho-mqtt that stays up by itself.

Rules: TCP_NODELAY always; the session is kept (clean_session=False); a message is acknowledged by hand, after whoever
took it has written it down; one `publish` is one message, however often the line breaks in between (QoS 1: the
broker may still see it again marked DUP, so receivers compare ids); every filter is subscribed again at every
connect, because a broker that was killed may have forgotten the newest. Everything runs in the event loop: a handler
that blocks it for longer than the keep-alive fires the last will. It does not store messages across a restart of
the process: journals do."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import socket
import ssl
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from firmware_py.core.errors import LocalError, RemoteError

log = logging.getLogger(__name__)

PORTS = {"mqtt": 1883, "mqtts": 8883}
BACKOFF_FIRST_S = 0.1
BACKOFF_MOST_S = 20.0
# A connection that lived this long counts as good: the next loss starts with the shortest backoff again.
BACKOFF_FORGET_S = 1.0
IN_FLIGHT = 64
DRAIN_S = 2.0
TCP_TIMEOUT_S = 5.0


class ConnectError(RemoteError):
    """No connection to the broker. `refused`: it answered and said no (a wrong password, for instance)."""

    def __init__(self, reason: str, refused: bool = False) -> None:
        super().__init__(reason)
        self.refused = refused


class AddressError(LocalError):
    """A broker URL that is none."""


@dataclass(frozen=True)
class Address:
    """Where the broker is: `mqtt://host:port` or `mqtts://host:port`."""

    host: str
    port: int
    tls: bool = False

    @classmethod
    def parse(cls, url: str) -> Address:
        """`mqtt[s]://host[:port]`, or `host[:port]`, else AddressError."""
        try:
            parts = urlsplit(url if "://" in url else f"mqtt://{url}")
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in PORTS or not parts.hostname or parts.path not in ("", "/"):
            raise AddressError(f"The broker address {url!r} must look like mqtt://host:1883 or mqtts://host:8883.")
        return cls(parts.hostname, port or PORTS[parts.scheme], parts.scheme == "mqtts")

    def __str__(self) -> str:
        return f"mqtt{'s' if self.tls else ''}://{self.host}:{self.port}"


@dataclass(frozen=True)
class Message:
    """One message from the broker. Unacknowledged QoS 1 messages come again after a reconnect."""

    topic: str
    payload: bytes
    retain: bool
    qos: int
    ack: Callable[[], None] = field(repr=False, compare=False, default=lambda: None)
    dup: bool = False  # sent again by the broker: it may have been seen before


@dataclass(frozen=True)
class _Outgoing:
    topic: str
    payload: bytes
    qos: int
    retain: bool
    done: asyncio.Future[None] | None


class Link:
    """`async with Link(url, client_id, …) as link:` is connected; the body may publish, subscribe and iterate.

    `will`: (topic, payload), published retained by the broker when this side vanishes. `connect_timeout_s`: how
    long the first connect may be tried, None for ever; a refusal ends it at once. `on_connect`, `on_disconnect`:
    called after each (re)connect and each loss, in the loop. Leaving the body waits up to DRAIN_S for what is still
    to be acknowledged."""

    def __init__(
        self,
        url: str,
        client_id: str,
        *,
        username: str | None = None,
        password: str | None = None,
        will: tuple[str, bytes] | None = None,
        keepalive_s: int = 20,
        connect_timeout_s: float | None = 10.0,
        rng: random.Random | None = None,
        clean_session: bool = False,
    ) -> None:
        self.address = Address.parse(url)
        self.client_id = client_id
        self.username = username
        self.on_connect: list[Callable[[], None]] = []
        self.on_disconnect: list[Callable[[], None]] = []
        self._keepalive_s = keepalive_s
        self._connect_timeout_s = connect_timeout_s
        self._rng = rng or random.Random()
        self._inbox: asyncio.Queue[Message | None] = asyncio.Queue()
        self._filters: dict[str, int] = {}
        self._agreeing: dict[str, asyncio.Future[None]] = {}  # filter -> the broker's yes or no, still to come
        self._asked: dict[int, str] = {}  # message number of a SUBSCRIBE -> its filter
        self._outbox: deque[_Outgoing] = deque()  # what was published while nobody could take it
        self._unacknowledged: dict[int, asyncio.Future[None] | None] = {}
        self._quiet = asyncio.Event()  # nothing left to be acknowledged
        self._quiet.set()
        self._connected = asyncio.Event()
        self._lost = asyncio.Event()
        self._sending = False
        self._refusal: ConnectError | None = None
        self._connection = 0
        self._closing = False
        self._attempt: asyncio.Future[Any] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=clean_session,
            protocol=paho.MQTTv311, manual_ack=True, reconnect_on_failure=False,
        )
        self._client.max_inflight_messages_set(IN_FLIGHT)
        self._client.connect_timeout = TCP_TIMEOUT_S
        if username is not None:
            self._client.username_pw_set(username, password)
        if will is not None:
            self._client.will_set(will[0], will[1], qos=1, retain=True)
        if self.address.tls:
            self._client.tls_set_context(ssl.create_default_context())

    # -- what a user of the link does ---------------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted the present connection."""
        return self._connected.is_set()

    async def wait_connected(self) -> None:
        """Return once connected (at once if so already)."""
        await self._connected.wait()

    async def subscribe(self, filter: str, qos: int = 1) -> None:
        """Ask for `filter` from now on, across reconnects; returns once the broker agreed, or RemoteError."""
        agreed: asyncio.Future[None] = self._loop.create_future()
        self._filters[filter] = qos
        self._agreeing[filter] = agreed
        if self.connected:
            self._send_subscribe(filter, qos)
        await agreed

    async def unsubscribe(self, filter: str) -> None:
        """Want `filter` no more. Messages already on their way may still come."""
        self._filters.pop(filter, None)
        if self.connected:
            self._client.unsubscribe(filter)

    async def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> None:
        """Return once the broker has acknowledged (QoS 1), however many reconnects that takes."""
        done: asyncio.Future[None] = self._loop.create_future()
        self._send(_Outgoing(topic, payload, qos, retain, done))
        await done

    def publish_soon(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> None:
        """Queue and return; sent in order. QoS 0 is dropped while the line is down, QoS 1 is not."""
        self._send(_Outgoing(topic, payload, qos, retain, None))

    async def __aiter__(self) -> AsyncIterator[Message]:
        while (message := await self._inbox.get()) is not None:
            yield message

    # -- life ---------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        client = self._client
        client.on_socket_open = self._socket_opened
        client.on_socket_close = self._socket_closed
        client.on_socket_register_write = self._wants_write
        client.on_socket_unregister_write = self._wants_no_write
        client.on_connect = self._answered
        client.on_disconnect = self._disconnected
        client.on_message = self._received
        client.on_publish = self._published
        client.on_subscribe = self._subscribed
        client.connect_async(self.address.host, self.address.port, self._keepalive_s)
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                await self._connect(give_up=True)
        except BaseException as error:
            await self._close()
            if isinstance(error, TimeoutError):
                raise ConnectError(
                    f"Nobody answers at {self.address}; is the broker running? Start one with 'motewise broker'."
                ) from None
            raise
        self._tasks = [
            asyncio.create_task(self._stay_connected(), name=f"link {self.client_id}"),
            asyncio.create_task(self._keep_alive(), name=f"link {self.client_id} keep-alive"),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.connected:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._quiet.wait(), DRAIN_S)
        await self._close()

    async def _close(self) -> None:
        self._closing = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._attempt is not None:  # a thread cannot be stopped, and must not leave a second self behind
            await asyncio.wait((self._attempt,))
        if self.connected:
            self._client.disconnect()
            self._client.loop_write()
        self._drop_socket()
        for waiting in (*self._unacknowledged.values(), *self._agreeing.values()):
            if waiting is not None:
                waiting.cancel()
        self._inbox.put_nowait(None)

    async def _stay_connected(self) -> None:
        loop, attempt, since = asyncio.get_running_loop(), 0, asyncio.get_running_loop().time()
        while True:
            await self._lost.wait()
            attempt = 0 if loop.time() - since > BACKOFF_FORGET_S else attempt + 1
            log.info("%s lost the broker at %s; connecting again", self.client_id, self.address)
            await self._connect(give_up=False, attempt=attempt)
            since = loop.time()

    async def _connect(self, give_up: bool, attempt: int = 0) -> None:
        """Try until connected, with jittered backoff. `give_up`: a refusal is raised, not outwaited."""
        while True:
            if attempt:
                most_s = min(BACKOFF_MOST_S, BACKOFF_FIRST_S * 2**min(attempt, 16))
                await asyncio.sleep(most_s * self._rng.uniform(0.5, 1.0))
            attempt += 1
            self._lost.clear()
            self._refusal = None
            self._drop_socket()
            try:
                self._attempt = self._loop.run_in_executor(None, self._client.reconnect)
                await asyncio.shield(self._attempt)
            except ssl.SSLError as error:
                if give_up:
                    raise ConnectError(
                        f"The broker at {self.address} cannot be trusted: {error.reason}. Check its certificate.", True
                    ) from None
                continue
            except OSError as error:
                log.debug("connect to %s: %s", self.address, error)
                if give_up and isinstance(error, socket.gaierror):
                    raise ConnectError(f"No machine is called {self.address.host!r}; check the address.") from None
                continue
            waits = [asyncio.create_task(self._connected.wait()), asyncio.create_task(self._lost.wait())]
            try:
                await asyncio.wait(waits, timeout=TCP_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()
            if self.connected:
                return
            refusal: ConnectError | None = self._refusal
            if refusal is not None:
                if give_up:
                    raise refusal
                log.warning("%s", refusal)

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            self._client.loop_misc()

    # -- paho's callbacks: in the loop, except for the socket's while `reconnect` runs in its thread -----------------

    def _in_loop(self, function: Callable[..., Any], *args: Any) -> None:
        if threading.get_ident() == self._thread:
            function(*args)
        else:
            self._loop.call_soon_threadsafe(function, *args)

    def _socket_opened(self, client: paho.Client, userdata: Any, sock: Any) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._in_loop(self._add_reader, sock)

    def _add_reader(self, sock: socket.socket) -> None:
        if sock.fileno() >= 0:
            self._loop.add_reader(sock, self._read, sock)

    def _read(self, sock: Any) -> None:
        self._client.loop_read()
        # TLS may hold decrypted bytes that the selector cannot see.
        while isinstance(sock, ssl.SSLSocket) and sock.fileno() >= 0 and sock.pending():
            self._client.loop_read()

    def _socket_closed(self, client: paho.Client, userdata: Any, sock: Any) -> None:
        # Now, not later: the descriptor is closed right after, and its number is soon someone else's.
        self._loop.remove_reader(sock)
        self._loop.remove_writer(sock)

    def _wants_write(self, client: paho.Client, userdata: Any, sock: Any) -> None:
        self._in_loop(self._add_writer, sock)

    def _add_writer(self, sock: socket.socket) -> None:
        if sock.fileno() >= 0:
            self._loop.add_writer(sock, self._client.loop_write)

    def _wants_no_write(self, client: paho.Client, userdata: Any, sock: Any) -> None:
        self._in_loop(self._loop.remove_writer, sock)

    def _answered(self, client: paho.Client, userdata: Any, flags: Any, code: ReasonCode, properties: Any) -> None:
        if code.is_failure:
            who = f"the user {self.username!r}" if self.username else "a client without user name"
            if code.value in (134, 135):  # bad user name or password, not authorised
                reason = f"The broker at {self.address} refused {who}; check the user name and the password."
            else:
                reason = f"The broker at {self.address} refused the connection: {code}."
            self._refusal = ConnectError(reason, refused=True)
            self._lost.set()
            return
        self._connection += 1
        self._connected.set()
        for filter, qos in self._filters.items():
            self._send_subscribe(filter, qos)
        for hook in self.on_connect:
            hook()
        self._loop.call_soon(self._send_outbox)  # after paho has sent again what the last connection left open

    def _disconnected(self, client: paho.Client, userdata: Any, flags: Any, code: ReasonCode, properties: Any) -> None:
        self._connected.clear()
        self._sending = False
        self._connection += 1
        self._asked.clear()
        if not self._closing:
            self._lost.set()
            for hook in self.on_disconnect:
                hook()

    def _received(self, client: paho.Client, userdata: Any, message: paho.MQTTMessage) -> None:
        connection, mid, qos = self._connection, message.mid, message.qos

        def ack() -> None:
            # After a reconnect the number may mean another message; the broker will send this one again.
            if qos and connection == self._connection:
                self._client.ack(mid, qos)

        self._inbox.put_nowait(Message(message.topic, bytes(message.payload), bool(message.retain), qos, ack,
                                       bool(message.dup)))

    def _send(self, message: _Outgoing) -> None:
        """Give `message` to paho, but only while connected: offline its `publish` says no and delivers later."""
        if message.qos == 0 and not self.connected:
            if message.done is not None:
                message.done.set_result(None)
            return
        self._quiet.clear()
        if self._sending:
            self._give(message)
        else:
            self._outbox.append(message)

    def _send_outbox(self) -> None:
        if self.connected:
            self._sending = True
            while self._outbox:
                self._give(self._outbox.popleft())

    def _give(self, message: _Outgoing) -> None:
        info = self._client.publish(message.topic, message.payload, qos=message.qos, retain=message.retain)
        self._unacknowledged[info.mid] = message.done

    def _published(self, client: paho.Client, userdata: Any, mid: int, code: ReasonCode, properties: Any) -> None:
        done = self._unacknowledged.pop(mid, None)
        if done is not None and not done.done():
            done.set_result(None)
        if not self._unacknowledged and not self._outbox:
            self._quiet.set()

    def _send_subscribe(self, filter: str, qos: int) -> None:
        _, mid = self._client.subscribe(filter, qos)
        if mid is not None:
            self._asked[mid] = filter

    def _subscribed(
        self, client: paho.Client, userdata: Any, mid: int, codes: list[ReasonCode], properties: Any
    ) -> None:
        filter = self._asked.pop(mid, "")
        agreed = self._agreeing.pop(filter, None)
        refused = any(code.is_failure for code in codes)
        if agreed is None or agreed.done():
            if refused:
                log.warning("The broker at %s no longer lets %s subscribe to %s", self.address, self.username, filter)
        elif refused:
            self._filters.pop(filter, None)
            agreed.set_exception(RemoteError(
                f"The broker at {self.address} does not let {self.username or 'us'} subscribe to {filter}."))
        else:
            agreed.set_result(None)

    def _drop_socket(self) -> None:
        sock = self._client.socket()
        if sock is not None:
            self._loop.remove_reader(sock)
            self._loop.remove_writer(sock)
            self._client._sock_close()  # paho has no public way to drop a connection without a farewell
