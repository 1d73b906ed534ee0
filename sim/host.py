"""`python -m sim.host agent|coordinator CONFIG --offset-ms N`: the real agent or coordinator, with a clock that can be
moved and a world that can be changed.

Reads JSON lines on stdin and answers each with one line: `{"advance_s": 60}` lets time pass, `{"thing": "hall-motion",
"property": "occupied", "value": true}` changes what a driver sees. Ends when stdin closes. Nothing else differs from
`motewise agent` and `motewise coordinator`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import json
import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from firmware_py.core.errors import MotewiseError
from firmware_py.host.clock import AdjustableClock

Put = Callable[[str, str, Any], None]
# How long the loop may work off what an advance woke, before the next one comes.
SETTLE_S = 0.005


class Controls:
    """The lines on stdin. `put`: what changes the world, if this process has one."""

    def __init__(self, clock: AdjustableClock, put: Put | None = None) -> None:
        self._clock = clock
        self.put = put

    async def obey(self) -> None:
        """Obey until stdin closes."""
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            try:
                answer = await self._one(json.loads(line))
            except (MotewiseError, ValueError, KeyError, AttributeError) as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer), flush=True)

    async def _one(self, told: dict[str, Any]) -> dict[str, Any]:
        if "advance_s" in told:
            self._clock.advance(told["advance_s"])
            await asyncio.sleep(SETTLE_S)
        elif "thing" in told:
            if self.put is None:
                raise KeyError("this process has no world")
            self.put(told["thing"], told["property"], told["value"])
        return {"done": True}


async def _agent(service: Any, config: Any, clock: AdjustableClock, controls: Controls) -> None:
    def world(put: Put) -> None:
        controls.put = put

    await service.run(config, clock, world=world)


async def _coordinator(service: Any, config: Any, clock: AdjustableClock, controls: Controls) -> None:
    await service.run(config, clock)


# A role and the module that it runs, the only one that is imported: there are many of these processes.
ROLES: dict[str, tuple[str, Callable[[Any, Any, AdjustableClock, Controls], Awaitable[None]]]] = {
    "agent": ("device_agent.service", _agent), "coordinator": ("coordinator.service", _coordinator)}


async def _run(role: str, config: Path, offset_ms: int) -> None:
    clock = AdjustableClock(start_ms=time.time_ns() // 1_000_000 + offset_ms)
    controls = Controls(clock)
    module, serve = ROLES[role]
    service = importlib.import_module(module)
    serving = asyncio.ensure_future(serve(service, service.Config.read(config), clock, controls))
    obeying = asyncio.create_task(controls.obey(), name="controls")
    await asyncio.wait((serving, obeying), return_when=asyncio.FIRST_COMPLETED)
    obeying.cancel()
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


def main() -> None:
    """Be one process of the simulation."""
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=sorted(ROLES))
    parser.add_argument("config", type=Path)
    parser.add_argument("--offset-ms", type=int, default=0)
    words = parser.parse_args()
    logging.basicConfig(level=os.environ.get("MOTEWISE_LOG", "WARNING"), stream=sys.stderr,
                        format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(_run(words.role, words.config, words.offset_ms))
    except ModuleNotFoundError as error:
        sys.exit(f"The simulation needs {error.name}: pip install 'motewise[sim]'.")
    except MotewiseError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
