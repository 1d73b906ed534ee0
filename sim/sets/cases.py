"""One case of a set of arguments: a Thing, its present values, a sentence, and what must come of it.

Expected calls look as `device_agent.understand` makes them. A value in them is plain JSON, or one of
{"near": x, "within": w}, {"one_of": [...]}, {"above": x}, {"below": x}. Order does not count, number does."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

from device_agent.understand import Understanding

_TESTS = frozenset({"near", "one_of", "above", "below"})
# Numbers nearer than this are the same.
_EXACT = 1e-6


@dataclass(frozen=True)
class Case:
    """`kind`: what it tests, never a sentence; `td`: a W3C Thing Description; `refuse`: nothing may be done."""

    name: str
    kind: str
    td: dict[str, Any]
    sentence: str
    present: dict[str, Any] = field(default_factory=dict)
    calls: tuple[dict[str, Any], ...] = ()
    refuse: bool = False


def right(case: Case, found: Understanding) -> bool:
    """Whether the answer is the expected one: refused, or exactly the expected calls in any order."""
    if case.refuse or found.status != "ok":
        return case.refuse and found.status == "cannot" and not found.calls
    left = list(found.calls)
    for wanted in case.calls:
        at = next((at for at, call in enumerate(left) if _same_call(wanted, call)), None)
        if at is None:
            return False
        del left[at]
    return not left


def failure(case: Case, found: Understanding) -> str:
    """The kind of a failure: what was tested, and what came instead."""
    if case.refuse:
        return f"{case.kind}: wrong call" if found.calls else f"{case.kind}: not refused"
    if found.status != "ok":
        return f"{case.kind}: refused ({found.code})"
    if len(found.calls) != len(case.calls):
        return f"{case.kind}: {'too few' if len(found.calls) < len(case.calls) else 'too many'} calls"
    wanted = sorted(_target(call) for call in case.calls)
    return f"{case.kind}: {'wrong value' if wanted == sorted(map(_target, found.calls)) else 'wrong function'}"


def _target(call: Mapping[str, Any]) -> str:
    return f"{'property' if 'property' in call else 'action'} {call.get('property', call.get('action'))}"


def _same_call(wanted: Mapping[str, Any], call: Mapping[str, Any]) -> bool:
    if _target(wanted) != _target(call):
        return False
    if "property" in wanted:
        return same_value(wanted["value"], call.get("value"))
    inputs, given = wanted["input"], call.get("input")
    return isinstance(given, Mapping) and set(inputs) == set(given) and all(
        same_value(value, given[name]) for name, value in inputs.items())


def same_value(wanted: Any, value: Any) -> bool:
    """Whether a value is what was expected; true is not 1, and text is the same letter by letter."""
    if isinstance(wanted, Mapping) and _TESTS & set(wanted):
        if "one_of" in wanted:
            return any(same_value(one, value) for one in wanted["one_of"])
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        if "near" in wanted:
            return bool(abs(value - wanted["near"]) <= wanted["within"] + _EXACT)
        return bool(value > wanted["above"] if "above" in wanted else value < wanted["below"])
    if isinstance(wanted, bool) or isinstance(value, bool) or isinstance(wanted, str) or isinstance(value, str):
        return type(wanted) is type(value) and bool(wanted == value)
    return isinstance(value, (int, float)) and abs(wanted - value) <= _EXACT


@lru_cache(maxsize=4)
def lists(name: str = "arguments") -> dict[str, Any]:
    """A file of word lists beside this module."""
    return tomllib.loads(resources.files("sim.sets").joinpath(f"{name}.toml").read_text("utf-8"))
