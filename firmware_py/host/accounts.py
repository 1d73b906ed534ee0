"""Who may use a broker that we start: the password file and the access list, in mosquitto 2's own formats.

A *host* is a device's account: it may speak in its own subtree. A *person* may besides give orders; a host may not,
so that a device that was taken over cannot command others. `coordinator` may do everything on the site.
The amqtt fallback reads the same two files."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from string import Template

from firmware_py.core import topics
from firmware_py.core.errors import LocalError

COORDINATOR = "coordinator"
PASSWORDS, ACCESS = "passwords", "access"
_ITERATIONS = 1000
_SALT_BYTES = 12


class AccountError(LocalError):
    """An account that cannot be made."""


def new_password() -> str:
    """A password that nobody guesses."""
    return secrets.token_urlsafe(18)


def hash_password(password: str, salt: bytes | None = None) -> str:
    """`$7$iterations$salt$hash`: PBKDF2-HMAC-SHA512 as mosquitto 2 writes it."""
    salt = os.urandom(_SALT_BYTES) if salt is None else salt
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    return f"$7${_ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def password_matches(password: str, hashed: str) -> bool:
    """Whether `password` is the one behind a `$7$…` hash."""
    try:
        _, kind, iterations, salt, digest = hashed.split("$")
        found = hashlib.pbkdf2_hmac("sha512", password.encode(), base64.b64decode(salt), int(iterations))
        return kind == "7" and hmac.compare_digest(found, base64.b64decode(digest))
    except ValueError:
        return False


def read_passwords(directory: Path) -> dict[str, str]:
    """User name -> hash."""
    path = directory / PASSWORDS
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return dict(line.split(":", 1) for line in lines if ":" in line)


def add_user(directory: Path, name: str, password: str, *, person: bool = False) -> None:
    """Give `name` this password (a new one if it is known); `person`: it may give orders."""
    if not password:
        raise AccountError(f"The password of {name!r} is empty.")
    topics.check_host(name)
    directory.mkdir(parents=True, exist_ok=True)
    passwords = read_passwords(directory)
    passwords[name] = hash_password(password)
    _write(directory / PASSWORDS, "".join(f"{user}:{hashed}\n" for user, hashed in sorted(passwords.items())))
    access = directory / ACCESS
    rules = access.read_text("utf-8") if access.exists() else _template("access.in").template
    if person and f"user {name}\n" not in rules:
        rules += _template("access_person.in").substitute(name=name)
    _write(access, rules)


def add_account(directory: Path, name: str, *, person: bool = False) -> Path:
    """Make an account whose password is in a file; a password that is there already stays. The file's path."""
    path = directory / f"{topics.check_host(name)}.password"
    kept = path.read_text("utf-8").strip() if path.is_file() else ""
    password = kept or new_password()
    add_user(directory, name, password, person=person)
    return write_password(directory, name, password)


def write_password(directory: Path, name: str, password: str) -> Path:
    """Keep `password` in `{name}.password`, for whoever uses the account; returns the path."""
    path = directory / f"{topics.check_name(name)}.password"
    _write(path, password + "\n")
    return path


def ensure_files(directory: Path) -> None:
    """Make the two files if they are not there: no account, so nobody gets in."""
    directory.mkdir(parents=True, exist_ok=True)
    if not (directory / PASSWORDS).exists():
        _write(directory / PASSWORDS, "")
    if not (directory / ACCESS).exists():
        _write(directory / ACCESS, _template("access.in").template)


def _template(name: str) -> Template:
    return Template(resources.files("firmware_py.host").joinpath(name).read_text("utf-8"))


def _write(path: Path, text: str) -> None:
    """Replace the file at once, readable by its owner only."""
    fresh = path.with_suffix(".new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


@dataclass(frozen=True)
class Rule:
    """One line of the access list. `user` None: a pattern, in which %u stands for whoever asks."""

    user: str | None
    read: bool
    write: bool
    filter: str

    def covers(self, user: str, topic: str) -> bool:
        """Whether everything that `topic` (or filter) can mean lies within this rule for `user`."""
        if self.user not in (None, user):
            return False
        return covers(self.filter.replace("%u", user), topic)


def covers(filter: str, topic: str) -> bool:
    """Whether the MQTT `filter` takes in every topic that `topic` (which may be a filter itself) can mean."""
    wanted, asked = filter.split("/"), topic.split("/")
    for index, level in enumerate(wanted):
        if level == "#":
            return True
        if index >= len(asked) or asked[index] == "#":
            return False
        if level != "+" and level != asked[index]:
            return False
    return len(wanted) == len(asked)


def read_rules(lines: Iterable[str]) -> list[Rule]:
    """The access list's lines -> rules (the part of mosquitto's grammar that access.in uses)."""
    rules, user = [], None
    for line in lines:
        word, _, rest = line.strip().partition(" ")
        if word == "user":
            user = rest
        elif word in ("topic", "pattern"):
            mode, _, filter = rest.partition(" ")
            owner = None if word == "pattern" else user
            rules.append(Rule(owner, mode in ("read", "readwrite"), mode in ("write", "readwrite"), filter))
    return rules
