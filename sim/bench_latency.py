"""`motewise bench latency`: a QoS 1 round trip of our link beside bare paho's, and what the runtime itself costs from
an order to the first actuation.

Round trips: request and response between two clients over one broker, the three kinds of client taking turns.
Overhead: real coordinator and agent processes; the time from handing the order to the broker to the moment at which
the driver's function runs, less what the language model took (as the device reports it)."""

from __future__ import annotations

import asyncio
import queue
import socket
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from firmware_py.core.errors import RemoteError
from firmware_py.host.broker import Broker, start_broker
from firmware_py.host.link import Link
from sim.bench import median, percentile
from sim.recovery import Bench, bench

USERS = {"pi": "bench", "coordinator": "bench"}
ASK, ANSWER = "motewise/1/home/pi/lamp/subtask", "motewise/1/home/pi/lamp/report"
BATCH = 10
WARM_UP = 30  # a fresh TCP connection acknowledges at once, which flatters clients without TCP_NODELAY
ORDERS_WARM_UP = 5
# What a report's `ms` counts as the language model's time.
MODEL_STAGES = ("embed", "reading", "model")
PAYLOAD = b'{"id":"0123456789abcdef","command":"0123456789abcdef","text":"turn on the hall lamp","attempt":1}'


class BenchError(RemoteError):
    """What was to be measured did not happen."""


class _Ours:
    """Two of our links in one event loop."""

    def __init__(self, broker: Broker) -> None:
        self._ask = Link(broker.url, "ours-ask", username="coordinator", password="bench", clean_session=True)
        self._answer = Link(broker.url, "ours-answer", username="pi", password="bench", clean_session=True)

    async def start(self) -> None:
        await self._ask.__aenter__()
        await self._answer.__aenter__()
        await self._ask.subscribe(ANSWER)
        await self._answer.subscribe(ASK)
        self._inbox = aiter(self._ask)
        self._responder = asyncio.create_task(self._respond())

    async def _respond(self) -> None:
        async for message in self._answer:
            message.ack()
            self._answer.publish_soon(ANSWER, message.payload)

    async def rtt_ms(self) -> float:
        start = time.perf_counter()
        self._ask.publish_soon(ASK, PAYLOAD)
        message = await anext(self._inbox)
        taken = (time.perf_counter() - start) * 1000
        message.ack()
        return taken

    async def stop(self) -> None:
        self._responder.cancel()
        await asyncio.gather(self._responder, return_exceptions=True)
        await self._ask.__aexit__(None, None, None)
        await self._answer.__aexit__(None, None, None)


class _Paho:
    """Two bare paho clients with their threads, as the library's examples use it."""

    def __init__(self, broker: Broker, nodelay: bool) -> None:
        self._broker = broker
        self._answers: queue.Queue[float] = queue.Queue()
        self._clients = []
        # Every kind of client has its own topics: they share the broker.
        self._ask, self._answer = (topic + ("-nodelay" if nodelay else "-plain") for topic in (ASK, ANSWER))
        for user in ("coordinator", "pi"):
            client = paho.Client(CallbackAPIVersion.VERSION2, f"paho-{user}-{nodelay}", protocol=paho.MQTTv311)
            client.username_pw_set(user, "bench")
            if nodelay:
                client.on_socket_open = _set_nodelay
            self._clients.append(client)

    async def start(self) -> None:
        ready: queue.Queue[int] = queue.Queue()
        asker, responder = self._clients
        asker.on_message = lambda client, userdata, message: self._answers.put(time.perf_counter())
        responder.on_message = self._respond
        for client, topic in ((asker, self._answer), (responder, self._ask)):
            client.on_subscribe = lambda client, userdata, mid, codes, properties: ready.put(mid)
            client.connect("127.0.0.1", self._broker.port)
            client.loop_start()
            client.subscribe(topic, qos=1)
        for _ in self._clients:
            await asyncio.to_thread(ready.get, True, 10)

    def _respond(self, client: paho.Client, userdata: Any, message: paho.MQTTMessage) -> None:
        client.publish(self._answer, message.payload, qos=1)

    async def rtt_ms(self) -> float:
        return await asyncio.to_thread(self._rtt_ms)

    def _rtt_ms(self) -> float:
        start = time.perf_counter()
        self._clients[0].publish(self._ask, PAYLOAD, qos=1)
        return (self._answers.get(timeout=10) - start) * 1000

    async def stop(self) -> None:
        for client in self._clients:
            client.disconnect()
            client.loop_stop()


def _set_nodelay(client: paho.Client, userdata: Any, sock: Any) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


async def round_trips(broker: Broker, count: int) -> dict[str, list[float]]:
    """`count` round trips of each kind of client, in batches that take turns."""
    kinds: dict[str, _Ours | _Paho] = {
        "ours": _Ours(broker), "paho_default": _Paho(broker, False), "paho_nodelay": _Paho(broker, True)}
    taken: dict[str, list[float]] = {name: [] for name in kinds}
    try:
        for kind in kinds.values():
            await kind.start()
            for _ in range(WARM_UP):
                await kind.rtt_ms()
        while len(taken["ours"]) < count:
            for name, kind in kinds.items():
                measure: Callable[[], Awaitable[float]] = kind.rtt_ms
                taken[name] += [await measure() for _ in range(BATCH)]
    finally:
        for kind in kinds.values():
            await kind.stop()
    return taken


async def measure_round_trips(count: int) -> dict[str, Any]:
    """The figures of the round trips."""
    with tempfile.TemporaryDirectory(prefix="motewise-bench-") as directory:
        async with start_broker(Path(directory), USERS) as broker:
            taken = await round_trips(broker, count)
            kind = broker.kind
    ours, default, nodelay = (median(taken[name]) for name in ("ours", "paho_default", "paho_nodelay"))
    return {
        "broker": kind, "round_trips": count, "paho_nodelay_rtt_p50_ms": round(nodelay, 3),
        "ratio_to_paho_default": round(default / ours, 1), "ratio_to_paho_nodelay": round(nodelay / ours, 2),
        "rtt_p50_ms": round(ours, 3), "paho_default_rtt_p50_ms": round(default, 3),
    }


async def order_to_actuation(bell: Bench, count: int) -> tuple[list[float], list[float], int]:
    """(overhead_ms, model_ms, rings) of `count` orders, one after the other."""
    overhead, model, before = [], [], bell.rings
    for number in range(-ORDERS_WARM_UP, count):
        start_ns = time.monotonic_ns()
        result = await bell.order(f"latency-{number}")
        if result is None or result.get("status") != "ok":
            raise BenchError(f"Order {number} was not carried out: {(result or {}).get('reply', 'no answer')}")
        acted_ns = bell.last_ring_ns
        if number >= 0:
            spent = [heard.report.ms for heard in bell.observer.reports if heard.report.ms][-1] or {}
            model_ms = sum(spent.get(stage, 0.0) for stage in MODEL_STAGES)
            model.append(model_ms)
            overhead.append((acted_ns - start_ns) / 1e6 - model_ms)
    return overhead, model, bell.rings - before - ORDERS_WARM_UP


async def measure(count: int, cached: bool = True) -> tuple[dict[str, Any], dict[str, Any]]:
    """(facts, figures) of the whole benchmark. `cached`: the order, always the same, is understood once."""
    trips = await measure_round_trips(count)
    with tempfile.TemporaryDirectory(prefix="motewise-bench-") as directory:
        async with bench(Path(directory), cached=cached) as bell:
            overhead, model, rings = await order_to_actuation(bell, count)
    rtt = {name: trips.pop(name) for name in ("rtt_p50_ms", "paho_default_rtt_p50_ms")}
    facts = {**trips, "orders": count, "cache": "on" if cached else "off", "model_p50_ms": round(median(model), 2),
             # The order of this benchmark leaves the network no choice: its "model time" is the hop to its process.
             "with_model_p50_ms": round(median([sum(pair) for pair in zip(overhead, model, strict=True)]), 3)}
    return facts, {
        **rtt, "overhead_p50_ms": round(median(overhead), 3), "overhead_p99_ms": round(percentile(overhead, 99), 3),
        "acted_once": rings == count,
    }
