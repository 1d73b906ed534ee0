"""A bell that counts its rings outside of everything the runtime keeps, and kills its own process when told to.

In the folder that the process runs in: a line of RINGS (the machine's monotonic nanoseconds, synchronised) for every
ring; FAULT holds `before` or `after`, the moment of the next ring at which the process dies, once."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

RINGS, FAULT = "rings", "fault"


class Bell:
    """A bell at the door."""

    kind = "Doorbell"

    def ring(self) -> None:
        """Ring the doorbell."""
        ring(Path.cwd())


def ring(directory: Path) -> None:
    """Ring once, or die trying."""
    now_ns = time.monotonic_ns()
    fault = _take(directory / FAULT)
    if fault == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    with (directory / RINGS).open("ab") as file:
        file.write(b"%d\n" % now_ns)
        file.flush()
        os.fsync(file.fileno())
    if fault == "after":
        os.kill(os.getpid(), signal.SIGKILL)


def _take(path: Path) -> str:
    """The fault asked for, which counts once."""
    try:
        fault = path.read_text("utf-8")
        path.unlink()
    except FileNotFoundError:
        return ""
    return fault
