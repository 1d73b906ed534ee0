"""Where the broker is and who we are: an option, else the environment, else the settings file, else the default.
The password of an account that 'motewise broker' made on this machine is found by itself.

The file is `~/.config/motewise/motewise.toml` (or what MOTEWISE_CONFIG names):
    broker = "mqtt://127.0.0.1:1883"
    site = "home"
    user = "ann"
    password_file = "ann.password"    # beside this file; or password = "…"
The environment: MOTEWISE_BROKER, MOTEWISE_SITE, MOTEWISE_USER, MOTEWISE_PASSWORD, MOTEWISE_PASSWORD_FILE."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from firmware_py.core import topics
from firmware_py.core.errors import LocalError
from firmware_py.host.link import Address

BROKER, SITE = "mqtt://127.0.0.1:1883", "home"
# Where 'motewise broker' keeps its accounts, unless it is told otherwise.
BROKER_DIRECTORY = Path("~/.local/share/motewise/broker")
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class SettingsError(LocalError):
    """Settings that cannot be read."""


@dataclass(frozen=True)
class Settings:
    """What a client needs to reach its site."""

    broker: str
    site: str
    user: str | None
    password: str | None = field(repr=False)


def check_zone(zone: str) -> str:
    """Return `zone` if it is a time zone, else SettingsError."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise SettingsError(f"There is no time zone {zone!r}; name one like Europe/Berlin.") from None
    return zone


def settings_path(env: Mapping[str, str] = os.environ) -> Path:
    """Where the settings file is, or would be."""
    if "MOTEWISE_CONFIG" in env:
        return Path(env["MOTEWISE_CONFIG"])
    return Path(env.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "motewise" / "motewise.toml"


def read_password(path: Path) -> str:
    """The first line of a password file."""
    try:
        return path.read_text("utf-8").split("\n", 1)[0].strip()
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"The password file {path} cannot be read: {_why(error)}.") from None


def kept_password(broker: str, user: str) -> str | None:
    """The password of an account that 'motewise broker' made here, if `broker` is on this machine; else None."""
    path = BROKER_DIRECTORY.expanduser() / f"{user}.password"
    there = "/" not in user and Address.parse(broker).host in LOOPBACK and path.is_file()
    return read_password(path) if there else None


def says_who(broker: str | None, user: str | None, env: Mapping[str, str] = os.environ) -> bool:
    """Whether options, the environment or the settings file say where the broker is or who we are."""
    return bool(broker or user or {"MOTEWISE_BROKER", "MOTEWISE_USER"} & set(env)) or settings_path(env).exists()


def resolve(
    broker: str | None = None, site: str | None = None, user: str | None = None, password_file: Path | None = None,
    env: Mapping[str, str] = os.environ,
) -> Settings:
    """Put the settings together, the arguments first."""
    path = settings_path(env)
    stored = _read(path)
    password = None
    ours = user is None or env.get("MOTEWISE_USER", user) == user
    if password_file is not None:
        password = read_password(password_file)
    elif ours and "MOTEWISE_PASSWORD" in env:
        password = env["MOTEWISE_PASSWORD"]
    elif ours and "MOTEWISE_PASSWORD_FILE" in env:
        password = read_password(Path(env["MOTEWISE_PASSWORD_FILE"]))
    elif user is None or user == stored.get("user"):
        password = stored.get("password")
        if password is None and "password_file" in stored:
            password = read_password(path.parent / stored["password_file"])
    url = broker or env.get("MOTEWISE_BROKER") or stored.get("broker") or BROKER
    name = user or env.get("MOTEWISE_USER") or stored.get("user")
    if password is None and name is not None:
        password = kept_password(url, name)
    return Settings(
        broker=url,
        site=topics.check_name(site or env.get("MOTEWISE_SITE") or stored.get("site") or SITE, "site"),
        user=name,
        password=password,
    )


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        stored = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"The settings file {path} cannot be read: {_why(error)}.") from None
    for name in ("broker", "site", "user", "password", "password_file"):
        if not isinstance(stored.get(name, ""), str):
            raise SettingsError(f"In the settings file {path}, '{name}' must be text.")
    return stored


def _why(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
