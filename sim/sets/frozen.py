"""A set is what it was when it was frozen: the sha256 of its cases as canonical JSON Lines is kept in `frozen.toml`.

A case is any dataclass or dict of JSON values. Keys are sorted, nothing is padded, letters stay as they are (UTF-8),
one case a line. Whoever measures calls `check` first, so that no figure belongs to another set."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tomllib
from collections.abc import Iterable
from importlib import resources
from typing import Any

from firmware_py.core.errors import LocalError


def digest(cases: Iterable[Any]) -> str:
    """sha256 of the cases, in hexadecimal."""
    found = hashlib.sha256()
    for case in cases:
        value = dataclasses.asdict(case) if dataclasses.is_dataclass(case) and not isinstance(case, type) else case
        line = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        found.update(line.encode() + b"\n")
    return found.hexdigest()


def check(name: str, cases: Iterable[Any]) -> None:
    """LocalError unless `cases` are the set that was frozen as `name` ("arguments.llmind")."""
    entry: Any = tomllib.loads(resources.files("sim.sets").joinpath("frozen.toml").read_text("utf-8"))
    for part in name.split("."):
        entry = entry.get(part, {}) if isinstance(entry, dict) else {}
    kept = list(cases)
    if not isinstance(entry, dict) or "sha256" not in entry:
        raise LocalError(f"The set '{name}' was never frozen: write its sha256 and cases into frozen.toml.")
    if len(kept) != entry["cases"] or digest(kept) != entry["sha256"]:
        raise LocalError(f"The set '{name}' is not the frozen one: undo what changed its cases, or give it a new name.")
