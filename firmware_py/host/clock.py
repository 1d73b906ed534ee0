"""Time as a port: whoever needs the time is given a `Clock`.

Wall time (`now_ms`, Unix milliseconds) may jump; monotonic time never goes back. `sleep` counts monotonic time,
`wait_until` wall time. The simulator passes an `AdjustableClock` and changes nothing else."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

# How long wall time may jump unnoticed while somebody waits for a wall time.
_WALL_LOOK_S = 1.0


class Clock(Protocol):
    """What the time is, and waiting for it."""

    def now_ms(self) -> int:
        """Wall time in Unix milliseconds."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment; never goes back."""

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` of monotonic time."""

    async def wait_until(self, t_ms: int) -> None:
        """Return once the wall time is `t_ms` or later."""


class SystemClock:
    """The machine's own time."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def wait_until(self, t_ms: int) -> None:
        while (left_s := (t_ms - self.now_ms()) / 1000) > 0:
            await asyncio.sleep(min(left_s, _WALL_LOOK_S))


class AdjustableClock:
    """The machine's time plus what `advance` added; sleepers wake when their moment is reached that way.

    `running=False` stops the machine's part: time then moves by `advance` alone (deterministic tests)."""

    def __init__(self, start_ms: int | None = None, running: bool = True) -> None:
        self._running = running
        self._origin_s = time.monotonic()
        self._start_ms = time.time_ns() // 1_000_000 if start_ms is None else start_ms
        self._added_s = 0.0
        self._jumped_ms = 0
        self._waiting: set[asyncio.Future[None]] = set()

    def now_ms(self) -> int:
        return self._start_ms + int(self.monotonic() * 1000) + self._jumped_ms

    def monotonic(self) -> float:
        real_s = time.monotonic() - self._origin_s if self._running else 0.0
        return real_s + self._added_s

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once, on the wall and monotonic alike."""
        if seconds < 0:
            raise ValueError("Time does not go back; use jump_wall for a wall clock that is corrected.")
        self._added_s += seconds
        self._wake()

    def jump_wall(self, seconds: float) -> None:
        """Correct the wall clock by `seconds` (either way); no time passes."""
        self._jumped_ms += int(seconds * 1000)
        self._wake()

    async def sleep(self, seconds: float) -> None:
        end = self.monotonic() + seconds
        await asyncio.sleep(0)
        while (left_s := end - self.monotonic()) > 1e-9:
            await self._until_changed(left_s)

    async def wait_until(self, t_ms: int) -> None:
        while (left_ms := t_ms - self.now_ms()) > 0:
            await self._until_changed(left_ms / 1000)

    async def _until_changed(self, at_most_s: float) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            await asyncio.wait((waiter,), timeout=at_most_s if self._running else None)
        finally:
            self._waiting.discard(waiter)
            waiter.cancel()

    def _wake(self) -> None:
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
