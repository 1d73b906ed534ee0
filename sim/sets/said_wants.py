"""What must happen after a sentence, as one line of `said/*.toml` says it. Pure; the words are told at `Want`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from firmware_py.core.errors import LocalError

_OPS = {"=": "eq", ">": "gt", "<": "lt"}


class SetError(LocalError):
    """A file of sentences that cannot be used; one sentence."""


@dataclass(frozen=True)
class Rule:
    """Calls that wait. `conditions`, all or any of them: ("at", …), ("in", …), ("every", …) or a comparison."""

    conditions: frozenset[tuple[Any, ...]]
    any: bool
    calls: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Want:
    """One way to be right. Items of a line are separated by `; `, ways by ` | `:

    `lamp.turn_on`, `tv.play(music=jazz)`, `lamp.brightness = 40`, `lamp.brightness up`; `{a,b}.turn_on` is several;
    `?lamp.on` is a read; `COND: call, call` a rule, `COND: notify` tells somebody; `refuse`: a part is refused, alone:
    all of it (or asked back); `ask`: asked back; `nothing`: it was not for the house. COND is `at 07:00 [mon,tue]`,
    `in SECONDS`, `every SECONDS`, or comparisons `sensor.property < 5 [for SECONDS]` joined by ` & ` or ` or `."""

    calls: tuple[dict[str, Any], ...] = ()
    trends: tuple[tuple[str, str, int], ...] = ()
    reads: frozenset[tuple[str, str]] = frozenset()
    rules: tuple[Rule, ...] = ()
    refuse: bool = False
    ask: bool = False

    @property
    def nothing(self) -> bool:
        """Whether nothing may be done."""
        return not (self.calls or self.trends or self.reads or self.rules)


@lru_cache(maxsize=4096)
def wants(text: str) -> tuple[Want, ...]:
    """What a line says must happen -> the ways to be right; SetError if it cannot be read."""
    return tuple(_want(way) for way in text.split(" | "))


def _want(text: str) -> Want:
    calls: list[dict[str, Any]] = []
    trends: list[tuple[str, str, int]] = []
    reads: list[tuple[str, str]] = []
    rules: list[Rule] = []
    words: set[str] = set()
    for item in _spread(text.split("; ")):
        if item in ("refuse", "ask", "nothing"):
            words.add(item)
        elif item.startswith("?"):
            thing, _, name = item[1:].partition(".")
            reads.append((thing, name))
        elif found := re.fullmatch(r"(\w+)\.(\w+) (up|down)", item):
            trends.append((found[1], found[2], 1 if found[3] == "up" else -1))
        elif ": " in item:
            rules.append(_rule(*item.split(": ", 1)))
        else:
            calls.append(_call(item))
    return Want(tuple(calls), tuple(trends), frozenset(reads), tuple(rules), "refuse" in words, "ask" in words)


def _spread(items: Iterable[str]) -> Iterable[str]:
    """`{a,b}.turn_on` -> `a.turn_on`, `b.turn_on`; a rule keeps its braces."""
    for item in items:
        found = re.fullmatch(r"(\??)\{([\w,]+)\}(\..*)", item)
        yield from (f"{found[1]}{thing}{found[3]}" for thing in found[2].split(",")) if found else (item,)


def _call(text: str) -> dict[str, Any]:
    if found := re.fullmatch(r"(\w+)\.(\w+) = (.+)", text):
        return {"thing": found[1], "property": found[2], "value": _value(found[3])}
    if found := re.fullmatch(r"(\w+)\.(\w+)(?:\((.*)\))?", text):
        pairs = [pair.split("=", 1) for pair in (found[3] or "").split(",") if pair]
        return {"thing": found[1], "action": found[2], "input": {key: _value(value) for key, value in pairs}}
    raise SetError(f"This says nothing that can happen: {text!r}.")


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _rule(when: str, then: str) -> Rule:
    calls = () if then == "notify" else tuple(_call(item) for item in _spread(then.split(", ")))
    parts = when.split(" or ") if " or " in when else when.split(" & ")
    return Rule(frozenset(_condition(part) for part in parts), " or " in when, calls)


def _condition(text: str) -> tuple[Any, ...]:
    if found := re.fullmatch(r"at (\d\d:\d\d)(?: ([a-z,]+))?", text):
        days = frozenset(found[2].split(",")) if found[2] else frozenset()
        return ("at", found[1], days)
    if found := re.fullmatch(r"(in|every) (\d+)", text):
        return (found[1], int(found[2]))
    if found := re.fullmatch(r"(\w+)\.(\w+) ([=<>]) (\S+)(?: for (\d+))?", text):
        return (found[1], found[2], _OPS[found[3]], _value(found[4]), int(found[5] or 0))
    raise SetError(f"This is no condition: {text!r}.")
