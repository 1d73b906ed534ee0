"""Tables of what people say to Things, and what the rules alone make of it: a brain that always says "none"."""

from __future__ import annotations

import asyncio
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from things_told import Parrot

from device_agent.understand import Understanding, understand
from ontology.description import Thing, read


@dataclass(frozen=True)
class Row:
    thing: Thing
    text: str
    wanted: str
    now: dict[str, Any]


def rows(name: str) -> list[Row]:
    """The rows of a table of this folder."""
    table = tomllib.loads(Path(__file__).with_name(name).read_text("utf-8"))
    made = []
    for key, given in table["things"].items():
        td = {"id": f"urn:x:{key}", "title": given["title"], "@type": given["kind"]}
        thing = read({**td, "actions": given.get("actions", {}), "properties": given.get("properties", {})})
        made += [Row(thing, text, wanted, given.get("now", {})) for text, wanted in given["say"]]
    return made


def shown(found: Understanding) -> str:
    """An Understanding in the words of the tables."""
    if found.status != "ok":
        return f"-{found.code}"
    return "; ".join([*map(_call, found.calls), *(f"?{name}" for name in found.reads)])


def _call(call: dict[str, Any]) -> str:
    if "property" in call:
        return f"{call['property']}={_plain(call['value'])}"
    return " ".join([call["action"], *(f"{name}={_plain(value)}" for name, value in call["input"].items())])


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def right(found: Understanding, wanted: str) -> bool:
    """Whether it came out as the table says; "-" is any refusal."""
    made = shown(found)
    return made.startswith("-") if wanted == "-" else _sorted(made) == _sorted(wanted)


def _sorted(line: str) -> list[list[str]]:
    """Calls in their order, the arguments of each in any."""
    return [sorted(part.split(" ")) for part in line.split("; ")]


def ask(row: Row) -> Understanding:
    """What the rules alone make of a row."""
    return asyncio.run(understand(row.thing, row.text, row.now, Parrot("none")))
