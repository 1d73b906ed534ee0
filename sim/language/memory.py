"""What the processes of the path keep in memory: `python -m sim.language.memory [MODEL.gguf]` runs the path alone, with
nothing of a benchmark beside it, over a small house of its own, and prints {"mb", "kind", "processes"} as JSON.

`kind`: "pss" (each shared page counted once, /proc/*/smaps_rollup), or "rss" on kernels that do not tell."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from coordinator.house import House
from device_agent.understand import Understanding, understand
from firmware_py.host.clock import SystemClock
from models.language.brain import Brain
from ontology.description import Thing, read
from sim.planning import Command, record

_KIB = {"pss": ("smaps_rollup", r"^Pss:\s+(\d+) kB"), "rss": ("status", r"^VmRSS:\s+(\d+) kB")}
_ROOMS = ("kitchen", "hall", "bath", "attic")
_SAID = ("turn on the {} light", "dim the {} light to 30 percent", "is the {} light on", "make the {} light brighter",
         "the {} light should glow gently", "turn off the {} light when it is 7 pm")


def kept_mb(processes: Iterable[int]) -> tuple[float, str]:
    """(megabytes (10^6) that processes keep, by which measure); (nan, "unknown") where the system does not tell."""
    processes = tuple(processes)
    for kind, (name, pattern) in _KIB.items():
        try:
            texts = [Path(f"/proc/{process}/{name}").read_text("utf-8") for process in processes]
        except OSError:
            continue
        found = [re.search(pattern, text, re.MULTILINE) for text in texts]
        if all(found):
            return round(sum(int(one[1]) for one in found if one) * 1024 / 1e6, 1), kind
    return float("nan"), "unknown"


def _light(room: str) -> Thing:
    percent = {"type": "integer", "minimum": 0, "maximum": 100, "unit": "percent"}
    return read({"id": f"urn:memory:{room}", "title": f"{room.capitalize()} light", "@type": "Light",
                 "motewise:room": room, "actions": {"turn_on": {}, "turn_off": {}},
                 "properties": {"on": {"type": "boolean", "readOnly": True}, "brightness": percent}})


async def path_mb(model: Path | None) -> dict[str, Any]:
    """What this process and the model's keep after some sentences."""
    house = House.of(_light(room) for room in _ROOMS)
    state = {f"urn:memory:{room}": {"on": False, "brightness": 50} for room in _ROOMS}
    async with Brain(model) as brain:

        async def understood(thing: Thing, text: str, present: Any) -> Understanding:
            return await understand(thing, text, present, brain)

        for said in _SAID:
            for room in _ROOMS:
                await record(Command("1", said.format(room)), house, state, understood, now_ms=SystemClock().now_ms())
        await brain.embed([said.format("hall") for said in _SAID])
        mb, kind = kept_mb(pid for pid in (os.getpid(), brain.pid) if pid is not None)
    return {"mb": mb, "kind": kind, "processes": 2}


async def measured(model: Path | None) -> dict[str, Any]:
    """The same, measured in a process of its own."""
    words = [sys.executable, "-m", "sim.language.memory", *([str(model)] if model is not None else [])]
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    found: dict[str, Any] = json.loads(said) if process.returncode == 0 else {"mb": float("nan"), "kind": "unknown"}
    return found


if __name__ == "__main__":
    print(json.dumps(asyncio.run(path_mb(Path(sys.argv[1]) if len(sys.argv) > 1 else None))))
