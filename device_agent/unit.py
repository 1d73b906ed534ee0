"""The systemd unit of an agent: for the whole machine, or for one user. It only makes the text and writes the file."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from string import Template

NAME = "motewise-agent.service"
RUNNING = Path("/run/systemd/system")
FOLDER_FOR_ALL = Path("/etc/systemd/system")


def owner(things: Path) -> str | None:
    """The user whose file `things` is, if that is not root: a service needs no more rights than its owner has."""
    try:
        name = things.owner()
    except KeyError:
        return None
    return None if name == "root" else name


def text(python: str, things: Path, *, for_all: bool, user: str | None = None) -> str:
    """The unit that serves `things` (an absolute path) with this Python, as `user`."""
    template = Template(resources.files("device_agent").joinpath("agent.service.in").read_text("utf-8"))
    return template.substitute(
        user=f"User={user}\n" if user else "", python=_quoted(python), things=_quoted(str(things)),
        folder=str(things.parent).replace("%", "%%"), target="multi-user.target" if for_all else "default.target")


def _quoted(word: str) -> str:
    """One word of a systemd command line."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


def folder(*, for_all: bool, home: Path | None = None) -> Path:
    """Where units are kept."""
    return FOLDER_FOR_ALL if for_all else (home or Path.home()) / ".config" / "systemd" / "user"


def write(unit: str, *, for_all: bool, home: Path | None = None) -> Path:
    """Write the unit; its path."""
    path = folder(for_all=for_all, home=home) / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(unit, "utf-8")
    return path
