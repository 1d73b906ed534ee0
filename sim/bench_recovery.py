"""`motewise bench recovery`: seeded kills over every point of recovery.py; nothing may be lost, act twice or end in a
state that is not true. The rival column is not another runtime but the truth: the bell's own count."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.bench import median
from sim.recovery import POINTS, Came, bench, trial


async def measure(kills: int, seed: int, progress: Callable[[Came], None] = lambda came: None) -> tuple[
        dict[str, Any], dict[str, Any]]:
    """(facts, figures) of `kills` kills, the points taking turns."""
    rng, names, all_came = random.Random(seed), list(POINTS), []
    with tempfile.TemporaryDirectory(prefix="motewise-bench-") as directory:
        async with bench(Path(directory)) as bell:
            for number in range(kills):
                came = await trial(bell, names[number % len(names)], rng)
                all_came.append(came)
                progress(came)
    states: dict[str, dict[str, int]] = {name: {} for name in names}
    for came in all_came:
        states[came.point][str(came.state)] = states[came.point].get(str(came.state), 0) + 1
    facts = {
        "seed": seed, "midway": sum(came.midway for came in all_came), "points": states,
        "seconds_p50": round(median([came.seconds for came in all_came]), 2),
    }
    figures = {
        "kills": len(all_came), "lost": sum(came.lost for came in all_came),
        "acted_twice": sum(came.acted_twice for came in all_came),
        "wrong_state": sum(came.wrong_state for came in all_came),
    }
    return facts, figures
