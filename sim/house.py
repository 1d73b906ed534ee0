"""A simulated house: a broker, a coordinator and one agent process a host, all of them the real ones.

Only time and the world are ours: `advance` moves every process's clock, `put` changes what a sensor sees. The world
itself is data (house.toml)."""

from __future__ import annotations

import asyncio
import datetime
import os
import sys
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

from firmware_py.core.errors import LocalError
from firmware_py.host import accounts
from firmware_py.host.broker import Broker
from sim.process import Child, ChildError

WORLD = Path(__file__).with_name("house.toml")
COORDINATOR = accounts.COORDINATOR


class WorldError(LocalError):
    """A file that describes no house."""


@dataclass(frozen=True)
class Host:
    """One agent process to be: its name and its [[thing]] tables."""

    name: str
    things: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class World:
    """What house.toml says."""

    site: str
    zone: str
    starts_ms: int
    person: str
    hosts: tuple[Host, ...]

    @classmethod
    def read(cls, path: Path = WORLD) -> World:
        """Read a world file, or WorldError with one sentence."""
        try:
            table = tomllib.loads(path.read_text("utf-8"))
            starts = datetime.datetime.fromisoformat(table["starts"]).replace(tzinfo=ZoneInfo(table["zone"]))
            return cls(
                site=table["site"], zone=table["zone"], starts_ms=int(starts.timestamp() * 1000),
                person=table["person"],
                hosts=tuple(Host(host["name"], tuple(host["thing"])) for host in table["host"]),
            )
        except OSError as error:
            raise WorldError(f"The house {path} cannot be read: {error.strerror}.") from None
        except KeyError as error:
            raise WorldError(f"In the house {path}, {error} is missing or not known.") from None
        except (TypeError, ValueError) as error:
            raise WorldError(f"The house {path} is not right: {error}.") from None

    def host_of(self, thing: str) -> str:
        """The host that serves the Thing with this topic segment."""
        return next(host.name for host in self.hosts
                    if any(entry["id"].split(":")[-1] == thing for entry in host.things))


class House:
    """`async with House(world, directory) as house:` runs everything; leaving it ends every process.

    Accounts, stores, journals and logs are kept in `directory`. `model` None: the shipped one, unless `model_url`
    names a server; `cached`: what was understood is used again."""

    def __init__(
        self, world: World, directory: Path, *, broker_kind: str | None = None, port: int = 0,
        model: Path | None = None, model_url: str | None = None, cached: bool = True,
    ) -> None:
        self.world = world
        self.directory = directory.resolve()
        self.broker = Broker(self.directory / "broker", port, broker_kind)
        self.passwords = {name: accounts.new_password()
                          for name in (COORDINATOR, world.person, *(host.name for host in world.hosts))}
        self._offset_ms = world.starts_ms - time.time_ns() // 1_000_000
        self._model = {"model": str(model.absolute())} if model else {"model_url": model_url} if model_url else {}
        self._kept = ({}, {}) if cached else ({"plans_kept": 0}, {"answers_kept": 0})
        self.coordinator = self._child("coordinator", COORDINATOR)
        self.agents: Mapping[str, Child] = {host.name: self._child("agent", host.name) for host in world.hosts}

    @property
    def children(self) -> list[Child]:
        """Every process that has a clock of ours."""
        return [self.coordinator, *self.agents.values()]

    def now_ms(self) -> int:
        """The house's wall time."""
        return time.time_ns() // 1_000_000 + self._offset_ms

    def _child(self, role: str, name: str) -> Child:
        argv = [sys.executable, "-m", "sim.host", role, str(self.directory / f"{name}.toml")]
        return Child(name, argv, self.directory / f"{name}.log", {**os.environ, "PYTHONUNBUFFERED": "1"})

    async def __aenter__(self) -> Self:
        self.directory.mkdir(parents=True, exist_ok=True)
        for name, password in self.passwords.items():
            accounts.add_user(self.broker.directory, name, password, person=name == self.world.person)
            accounts.write_password(self.broker.directory, name, password)
        await self.broker.start()
        try:
            self._write_configs()
            await asyncio.gather(*(self.start(child) for child in self.children))
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def _stop(self) -> None:
        await asyncio.gather(*(child.stop() for child in self.children), return_exceptions=True)
        await self.broker.stop()

    def _write_configs(self) -> None:
        for host in self.world.hosts:
            (self.directory / f"{host.name}.toml").write_text(self._agent_config(host), "utf-8")
        (self.directory / f"{COORDINATOR}.toml").write_text(self._coordinator_config(), "utf-8")

    def _agent_config(self, host: Host) -> str:
        head = {
            "name": host.name, "site": self.world.site, "broker": self.broker.url, "zone": self.world.zone,
            "password_file": str(self.broker.directory / f"{host.name}.password"),
            "store": str(self.directory / f"{host.name}.db"), **self._model, **self._kept[1],
        }
        return _table("[host]", head) + "".join(_table("[[thing]]", thing) for thing in host.things)

    def _coordinator_config(self) -> str:
        return _table("[coordinator]", {
            "site": self.world.site, "broker": self.broker.url, "zone": self.world.zone,
            "user": COORDINATOR, "password_file": str(self.broker.directory / f"{COORDINATOR}.password"),
            "journal": str(self.directory / "journal.db"), **self._kept[0],
        })

    async def start(self, child: Child) -> None:
        """Start (again) one process; its clock shows the house's time."""
        await child.start("--offset-ms", str(self._offset_ms))

    async def advance(self, seconds: float, slice_s: float = 5.0) -> None:
        """Let time pass everywhere, in slices short enough that heartbeats and durations are seen to happen."""
        left_s = seconds
        while left_s > 0:
            now_s = min(left_s, slice_s)
            left_s -= now_s
            self._offset_ms += int(now_s * 1000)
            await asyncio.gather(*(child.tell(advance_s=now_s) for child in self.children if child.running))

    async def put(self, thing: str, prop: str, value: Any) -> None:
        """The world changes: the Thing's property now shows `value`."""
        await self.agents[self.world.host_of(thing)].tell(thing=thing, property=prop, value=value)


    def write_settings(self) -> Path:
        """A settings file with which `motewise ask` and the others reach this house; returns its path."""
        path = self.directory / "motewise.toml"
        path.write_text(_table("# Settings of a client of this house.", {
            "broker": self.broker.url, "site": self.world.site, "user": self.world.person,
            "password_file": str(self.broker.directory / f"{self.world.person}.password"),
        }), "utf-8")
        return path

    async def watch(self) -> None:
        """Return never while all is well; ChildError once a process of the house has ended."""
        ends = {asyncio.create_task(child.wait(), name=f"wait for {child.name}"): child for child in self.children}
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in ends:
                task.cancel()
        child = ends[done.pop()]
        raise ChildError(f"{child.name} ended.{child.last_words()}")


def _table(header: str, entries: Mapping[str, Any]) -> str:
    lines = [header]
    for key, value in entries.items():
        if isinstance(value, bool):
            text = str(value).lower()
        elif isinstance(value, (int, float)):
            text = repr(value)
        else:
            text = '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
        lines.append(f"{key} = {text}")
    return "\n".join(lines) + "\n\n"
