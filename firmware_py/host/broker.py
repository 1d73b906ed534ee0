"""Start an MQTT broker on loopback, with our configuration, accounts and access list.

`mosquitto` if it is on PATH, else `amqtt` in a process of its own. What amqtt does not do: it forgets sessions,
queued and retained messages when it stops, speaks MQTT 3.1.1 only, and refuses a subscription beyond one's rights
where mosquitto takes it and delivers nothing. It is for trying things out."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import importlib.util
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from importlib import resources
from pathlib import Path
from string import Template

from firmware_py.core.errors import LocalError
from firmware_py.host import accounts

START_TIMEOUT_S = 15.0
STOP_TIMEOUT_S = 5.0
_PR_SET_PDEATHSIG = 1
KINDS = ("mosquitto", "amqtt")
INSTALL = "Install one: 'sudo apt install mosquitto', or 'pip install amqtt' for trying things out."


class BrokerError(LocalError):
    """A broker that could not be started."""


def find_kind(kind: str | None = None) -> str:
    """The kind of broker to start: `kind` if given and installed, else the best there is, else BrokerError."""
    installed = [name for name, there in (("mosquitto", mosquitto_path() is not None),
                                          ("amqtt", importlib.util.find_spec("amqtt") is not None)) if there]
    if kind is not None and kind not in KINDS:
        raise BrokerError(f"A broker of the kind {kind!r} is not known; choose mosquitto or amqtt.")
    if kind is not None and kind not in installed:
        raise BrokerError(f"{kind} is not installed. {INSTALL}")
    if not installed:
        raise BrokerError(f"There is no broker on this machine. {INSTALL}")
    return kind or installed[0]


def mosquitto_path() -> str | None:
    """Where mosquitto is; Debian keeps it in /usr/sbin, which is not on everybody's PATH."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")


def free_port() -> int:
    """A loopback port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Broker:
    """One broker process. Accounts and what mosquitto saves are in `directory`."""

    def __init__(self, directory: Path, port: int = 0, kind: str | None = None) -> None:
        self.directory = directory.resolve()
        self.port = port or free_port()
        self.kind = find_kind(kind)
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """What clients connect to."""
        return f"mqtt://127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Return once it takes connections; BrokerError with what it said if it ends instead."""
        accounts.ensure_files(self.directory)
        if _listens(self.port):
            raise BrokerError(f"Something listens on port {self.port} already; choose another with --port, or stop it "
                              "(Debian starts a mosquitto of its own: sudo systemctl disable --now mosquitto).")
        # A session of its own: Ctrl-C reaches us first, and devices can still say goodbye through the broker.
        self._process = await asyncio.create_subprocess_exec(
            *self._command(), stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE, start_new_session=True, preexec_fn=_die_with_parent,
        )
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                while not _listens(self.port):
                    if self._process.returncode is not None:
                        raise BrokerError(f"{self.kind} ended at once: {await self._last_words()}")
                    await asyncio.sleep(0.01)
        except TimeoutError:
            await self.stop()
            raise BrokerError(f"{self.kind} did not listen on port {self.port} in {START_TIMEOUT_S:.0f} s.") from None
        self._drain = asyncio.create_task(_read_away(self._process.stderr), name="broker stderr")

    def _command(self) -> list[str]:
        if self.kind == "amqtt":
            return [sys.executable, "-m", "firmware_py.host.amqtt_process", str(self.directory), str(self.port)]
        template = Template(resources.files("firmware_py.host").joinpath("mosquitto.conf.in").read_text("utf-8"))
        # mosquitto started by root would become another user, who could not read the files.
        user = "root" if os.geteuid() == 0 else "mosquitto"
        config = self.directory / "mosquitto.conf"
        config.write_text(template.substitute(port=self.port, user=user, directory=self.directory), "utf-8")
        path = mosquitto_path()
        assert path is not None
        return [path, "-c", str(config)]

    async def _last_words(self) -> str:
        assert self._process is not None
        assert self._process.stderr is not None
        said = (await self._process.stderr.read()).decode(errors="replace").strip().splitlines()
        return said[-1] if said else f"exit status {self._process.returncode}"

    async def stop(self) -> None:
        """End it cleanly (it saves its state), or by force if it does not."""
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """`kill -9`: what a power cut does."""
        await self._end(signal.SIGKILL)

    async def _end(self, how: signal.Signals) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(how)
        try:
            await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def add_user(self, name: str, password: str, *, person: bool = False) -> None:
        """Add an account (or change its password) while the broker runs."""
        accounts.add_user(self.directory, name, password, person=person)
        if self.running and self.kind == "mosquitto":
            assert self._process is not None
            self._process.send_signal(signal.SIGHUP)
            await asyncio.sleep(0.05)  # it reads its files again between two rounds of its loop; amqtt at every connect

    async def wait(self) -> int:
        """Return its exit status once it has ended."""
        assert self._process is not None
        return await self._process.wait()


def _die_with_parent() -> None:
    """Linux: be ended (cleanly) when whoever started us is gone, even if by `kill -9`. Elsewhere it may stay."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


async def _read_away(stream: asyncio.StreamReader | None) -> None:
    """Keep the pipe empty, so that a talkative broker never blocks; pass errors on."""
    while stream is not None and (line := await stream.readline()):
        if os.environ.get("MOTEWISE_BROKER_LOG"):
            sys.stderr.buffer.write(line)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.asynccontextmanager
async def start_broker(
    directory: Path, users: Mapping[str, str], people: Mapping[str, str] | None = None, port: int = 0,
    kind: str | None = None,
) -> AsyncIterator[Broker]:
    """A running broker for the time of the body. `users` (hosts, `coordinator`) and `people` (who may give orders):
    name -> password. `port` 0: any free one. `kind`: mosquitto or amqtt, the best there is by default."""
    for name, password in users.items():
        accounts.add_user(directory, name, password)
    for name, password in (people or {}).items():
        accounts.add_user(directory, name, password, person=True)
    broker = Broker(directory, port, kind)
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()
