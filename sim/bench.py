"""What every benchmark shares: the machine it ran on, percentiles, and how its record is printed."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def hardware() -> dict[str, Any]:
    """The machine, in a few words."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return {"cpu": model, "cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which `percent` % of `values` lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def median(values: Sequence[float]) -> float:
    """The middle."""
    return statistics.median(values)


def record(name: str, facts: dict[str, Any], figures: dict[str, Any]) -> str:
    """One JSON object: what was measured where, then the figures last."""
    return json.dumps({"bench": name, "hardware": hardware(), **facts, **figures})
