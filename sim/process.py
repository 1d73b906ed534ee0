"""A child process that is told things: one JSON line in, one JSON line back, on its pipes.

It ends when its stdin closes, so that no child outlives whoever started it, not even one that was killed."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

from firmware_py.core.errors import LocalError

STOP_TIMEOUT_S = 5.0
TELL_TIMEOUT_S = 20.0


class ChildError(LocalError):
    """A process of the simulation that ended or did not answer."""


class Child:
    """One process: `argv`, run in the folder of `log`, where its stderr goes."""

    def __init__(self, name: str, argv: list[str], log: Path, env: dict[str, str] | None = None) -> None:
        self.name = name
        self.argv = argv
        self.log = log
        self.env = env
        self._process: asyncio.subprocess.Process | None = None
        self._talking = asyncio.Lock()

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.returncode is None

    async def start(self, *more: str) -> None:
        """Start it, with `more` arguments."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.argv, *more, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log,
                cwd=self.log.parent, env=self.env,
                start_new_session=True,  # Ctrl-C reaches us only; we end the children in order
            )

    async def tell(self, **fields: Any) -> dict[str, Any]:
        """Send one line and return the answer; ChildError if it is gone or says that it could not."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None or not self.running:
            raise ChildError(f"{self.name} is not running.{self.last_words()}")
        async with self._talking:
            process.stdin.write(json.dumps(fields).encode() + b"\n")
            try:
                await process.stdin.drain()
                line = await asyncio.wait_for(process.stdout.readline(), TELL_TIMEOUT_S)
            except (ConnectionError, TimeoutError):
                line = b""
        if not line:
            raise ChildError(f"{self.name} ended or hangs.{self.last_words()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise ChildError(f"{self.name}: {answer['error']}")
        return answer

    async def wait(self) -> int:
        """Return its exit status once it has ended (minus the signal's number if one ended it)."""
        assert self._process is not None
        return await self._process.wait()

    async def kill(self) -> None:
        """`kill -9`."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def stop(self) -> None:
        """Close its stdin and wait; by force after STOP_TIMEOUT_S."""
        process = self._process
        if process is None or process.stdin is None or process.returncode is not None:
            return
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
        except TimeoutError:
            process.send_signal(signal.SIGKILL)
            await process.wait()

    def last_words(self) -> str:
        """The last line of its log, as the end of a sentence."""
        lines = self.log.read_text("utf-8", "replace").strip().splitlines() if self.log.exists() else []
        return f" It said last: {lines[-1].strip()}" if lines else ""
