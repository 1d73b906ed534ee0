"""Where the broker is and who we are: an option, else the environment, else the settings file, else the default.

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

from firmware_py.core import topics
from firmware_py.core.errors import LocalError

BROKER, SITE = "mqtt://127.0.0.1:1883", "home"


class SettingsError(LocalError):
    """Settings that cannot be read."""


@dataclass(frozen=True)
class Settings:
    """What a client needs to reach its site."""

    broker: str
    site: str
    user: str | None
    password: str | None = field(repr=False)


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


def resolve(
    broker: str | None = None, site: str | None = None, user: str | None = None, password_file: Path | None = None,
    env: Mapping[str, str] = os.environ,
) -> Settings:
    """Put the settings together, the arguments first."""
    path = settings_path(env)
    stored = _read(path)
    password = None
    if password_file is not None:
        password = read_password(password_file)
    elif "MOTEWISE_PASSWORD" in env:
        password = env["MOTEWISE_PASSWORD"]
    elif "MOTEWISE_PASSWORD_FILE" in env:
        password = read_password(Path(env["MOTEWISE_PASSWORD_FILE"]))
    elif user is None or user == stored.get("user"):
        password = stored.get("password")
        if password is None and "password_file" in stored:
            password = read_password(path.parent / stored["password_file"])
    return Settings(
        broker=broker or env.get("MOTEWISE_BROKER") or stored.get("broker") or BROKER,
        site=topics.check_name(site or env.get("MOTEWISE_SITE") or stored.get("site") or SITE, "site"),
        user=user or env.get("MOTEWISE_USER") or stored.get("user"),
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
