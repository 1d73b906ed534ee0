"""things.toml: one host, and the Things that it serves.

    [host]
    name = "hall-pi"                       # its user name at the broker
    site = "home"
    broker = "mqtt://192.168.1.10:1883"
    password_file = "hall-pi.password"     # or password = "…"; an account of 'motewise broker' here needs neither

    [[thing]]
    id = "urn:motewise:hall-lamp"
    title = "Hall lamp"
    room = "hall"
    driver = "device_agent.drivers.gpio:Light"
    pin = 17                               # what else stands here is given to the driver

Paths are relative to the file. Drivers beside the file are found, after ours."""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from device_agent import escalate
from device_agent.recall import KEPT
from firmware_py.core import topics
from firmware_py.core.errors import LocalError, MessageError
from firmware_py.host.link import Address
from firmware_py.host.settings import BROKER, SITE, check_zone, kept_password, read_password

POLL_S = 5.0
_TEXTS = ("name", "site", "broker", "user", "zone", "password", "password_file", "store", "model", "model_url",
          *escalate.TEXTS)
_NUMBERS = ("poll_s", *escalate.NUMBERS)


class ConfigError(LocalError):
    """A things.toml that cannot be used."""


@dataclass(frozen=True)
class Config:
    """What things.toml says.

    `things`: the [[thing]] tables as they stand; `zone`: None for the zone that the coordinator announces; `model`:
    a GGUF file instead of the shipped one; `model_url`: a server instead of a file; `larger`: a larger model beside it
    (escalate.py); `poll_s`: how often drivers that do not report changes by themselves are looked at; `answers_kept`:
    how many answers of the model are kept to be used again, 0 for none."""

    name: str
    things: tuple[dict[str, Any], ...]
    store: Path
    site: str = SITE
    broker: str = BROKER
    user: str = ""
    password: str | None = None
    zone: str | None = None
    model: Path | None = None
    model_url: str | None = None
    larger: escalate.Settings = field(default_factory=escalate.Settings)
    poll_s: float = POLL_S
    answers_kept: int = KEPT

    @classmethod
    def read(cls, path: Path) -> Config:
        """Read things.toml, or ConfigError with one sentence."""
        try:
            table = tomllib.loads(path.read_text("utf-8"))
        except OSError as error:
            raise ConfigError(f"The file {path} cannot be read: {error.strerror}.") from None
        except (UnicodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigError(f"The file {path} is not valid TOML: {error}.") from None
        return cls.of(table, path.resolve().parent)

    @classmethod
    def of(cls, table: dict[str, Any], directory: Path) -> Config:
        """Check what a things.toml in `directory` says."""
        for name in table:
            if name not in ("host", "thing"):
                raise ConfigError(f"things.toml has a table [host] and tables [[thing]], but no '{name}'.")
        host, things = table.get("host"), table.get("thing")
        if not isinstance(host, dict):
            raise ConfigError("things.toml needs a table [host] with a 'name'.")
        if not isinstance(things, list) or not things or not all(isinstance(thing, dict) for thing in things):
            raise ConfigError("things.toml needs at least one table [[thing]].")
        values = _host(host)
        name = values["name"]
        password_file = values.pop("password_file", None)
        if password_file is not None:
            values["password"] = read_password(directory / password_file)
        for key in ("store", "model", "larger_model"):
            if key in values:
                values[key] = directory / Path(values[key]).expanduser()
        values.setdefault("store", directory / f"{name}.db")
        values.setdefault("user", name)
        if "password" not in values:
            values["password"] = kept_password(values.get("broker", BROKER), values["user"])
        return cls(things=_things(things), larger=escalate.Settings.of(values), **values)


def _host(table: dict[str, Any]) -> dict[str, Any]:
    for key, value in table.items():
        if key in _NUMBERS:
            if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
                raise ConfigError(f"In [host], '{key}' must be a positive number.")
        elif key == "answers_kept":
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise ConfigError("In [host], 'answers_kept' must be a whole number, 0 for none.")
        elif key in escalate.FLAGS:
            if not isinstance(value, bool):
                raise ConfigError(f"In [host], '{key}' must be true or false.")
        elif key not in _TEXTS:
            known = ", ".join(sorted((*_TEXTS, *_NUMBERS, *escalate.FLAGS, "answers_kept")))
            raise ConfigError(f"[host] has no '{key}'; it takes: {known}.")
        elif not isinstance(value, str) or not value:
            raise ConfigError(f"In [host], '{key}' must be a text.")
    for one, other in (("password", "password_file"), ("model", "model_url")):
        if one in table and other in table:
            raise ConfigError(f"In [host], give either '{one}' or '{other}', not both.")
    if "name" not in table:
        raise ConfigError("In [host], 'name' is missing: the host's user name at the broker.")
    try:
        topics.check_host(table["name"])
        topics.check_name(table.get("site", SITE), "site")
    except MessageError as error:
        raise ConfigError(f"In [host]: {error}") from None
    Address.parse(table.get("broker", BROKER))
    check_zone(table.get("zone", "UTC"))
    return dict(table)


def _things(tables: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    seen: set[str] = set()
    for table in tables:
        if not isinstance(table.get("id"), str):
            raise ConfigError("A [[thing]] needs an 'id', for example: id = \"urn:motewise:hall-lamp\".")
        try:
            segment = topics.thing_segment(table["id"])
        except MessageError as error:
            raise ConfigError(f"The id {table['id']!r} of a [[thing]] cannot be used: {error}") from None
        if segment in seen:
            raise ConfigError(f"Two [[thing]] tables have an id that ends in '{segment}'.")
        seen.add(segment)
    return tuple(dict(table) for table in tables)


def find_drivers_in(directory: Path) -> None:
    """Let modules in `directory` be imported, after everything installed."""
    if str(directory) not in sys.path:
        sys.path.append(str(directory))
