"""Killing parts of the runtime in the middle of an order, and what must come of it.

An order rings a bell: an action that is not idempotent, counted in a file of its own that is synchronised at every
ring, outside of everything that the runtime keeps. A Point says what is killed when; `trial` gives the order, kills,
starts again and reports what came: the terminal state that the person was told, and how often the bell rang. If no
answer comes, the person asks again under the same id, as anybody would; that must never ring it a second time."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.audience import Observer, Person
from sim.demo import audience, wait_ready
from sim.faulty import FAULT, RINGS
from sim.house import House, World

WORLD = Path(__file__).with_name("recovery.toml")
HOST, THING, ORDER = "bell-pi", "doorbell", "ring the doorbell"
ANSWER_S = 2.0
ASKS = 15


@dataclass(frozen=True)
class Point:
    """What is killed, when, and which (terminal state, rings) are right afterwards.

    `fault`: the driver kills its own process there (`before` or `after` acting). `after`: the kind of reply that
    triggers the kill, "" for the moment the order is sent; then up to `delay_s` (random) passes."""

    victim: str
    right: frozenset[tuple[str, int]]
    fault: str = ""
    after: str = ""
    delay_s: float = 0.0


DONE = ("done", 1)
# Killed at a random moment, an agent may not have begun (done after the restart), or cannot know.
CANNOT_KNOW = frozenset({DONE, ("unknown", 0), ("unknown", 1)})

POINTS: dict[str, Point] = {
    "agent between intent and action": Point("agent", frozenset({("unknown", 0)}), fault="before"),
    "agent between action and report": Point("agent", frozenset({("unknown", 1)}), fault="after"),
    "agent at any moment": Point("agent", CANNOT_KNOW, delay_s=0.12),
    "coordinator at any moment": Point("coordinator", frozenset({DONE}), delay_s=0.12),
    "coordinator after accepting": Point("coordinator", frozenset({DONE}), after="accepted", delay_s=0.05),
    "broker at any moment": Point("broker", frozenset({DONE}), delay_s=0.12),
    "broker after accepting": Point("broker", frozenset({DONE}), after="accepted", delay_s=0.05),
}


@dataclass(frozen=True)
class Came:
    """What came of one trial. `state` None: the person was never told an end; `midway`: the kill came before the
    person had been told the end."""

    point: str
    order: str
    state: str | None
    rings: int
    midway: bool
    seconds: float

    @property
    def lost(self) -> bool:
        return self.state is None

    @property
    def acted_twice(self) -> bool:
        return self.rings > 1

    @property
    def wrong_state(self) -> bool:
        return self.state is not None and (self.state, self.rings) not in POINTS[self.point].right


class Bench:
    """A running house with a bell, its person and its observer."""

    def __init__(self, house: House, observer: Observer, person: Person) -> None:
        self.house = house
        self.observer = observer
        self.person = person

    @property
    def rings(self) -> int:
        """How often the bell has rung since it was made."""
        path = self.house.directory / RINGS
        return len(path.read_bytes().splitlines()) if path.exists() else 0

    @property
    def last_ring_ns(self) -> int:
        """When it last rang, on the machine's monotonic clock."""
        return int((self.house.directory / RINGS).read_bytes().splitlines()[-1])

    def arm(self, fault: str) -> None:
        """Let the driver kill its process at the next ring: `before` or `after` acting."""
        (self.house.directory / FAULT).write_text(fault)

    async def order(self, order: str, wait_s: float = ANSWER_S) -> dict[str, Any] | None:
        """Send the order under this id (once more is allowed) and give its result, None if none came in time."""
        await self.person.send(id=order, text=ORDER)
        return await self.person.reply(order, "result", timeout_s=wait_s)

    async def kill(self, victim: str) -> None:
        """`kill -9` of the agent, the coordinator or the broker."""
        if victim == "broker":
            await self.house.broker.kill()
        else:
            await self._child(victim).kill()

    async def restart(self, victim: str) -> None:
        """Start it again."""
        if victim == "broker":
            await self.house.broker.start()
        else:
            await self.house.start(self._child(victim))

    def _child(self, victim: str) -> Any:
        return self.house.coordinator if victim == "coordinator" else self.house.agents[HOST]


@contextlib.asynccontextmanager
async def bench(directory: Path, **more: Any) -> AsyncIterator[Bench]:
    """A house with a bell, ready."""
    async with House(World.read(WORLD), directory, **more) as house, audience(house) as (observer, person):
        await wait_ready(house, observer, person)
        yield Bench(house, observer, person)


async def trial(bench: Bench, name: str, rng: random.Random) -> Came:
    """One order, one kill."""
    point, order, start = POINTS[name], f"trial-{rng.getrandbits(48):012x}", time.monotonic()
    before = bench.rings
    if point.fault:
        bench.arm(point.fault)
    await bench.person.send(id=order, text=ORDER)
    if point.fault:
        await bench.house.agents[HOST].wait()
    else:
        if point.after:
            await bench.person.reply(order, point.after, timeout_s=ANSWER_S)
        await asyncio.sleep(rng.uniform(0, point.delay_s))
        await bench.kill(point.victim)
    midway = await bench.person.reply(order, "result", timeout_s=0) is None
    await bench.restart(point.victim)
    result = None
    for ask in range(ASKS):
        if ask:
            await bench.person.send(id=order, text=ORDER)
        result = await bench.person.reply(order, "result", timeout_s=ANSWER_S)
        if result is not None:
            break
    state = result["steps"][0]["state"] if result and result.get("steps") else None
    return Came(name, order, state, bench.rings - before, midway, time.monotonic() - start)
