"""Whether two rules of one Thing pull it both ways: opposite calls under guards that can hold at once.

Guards overlap if they watch something in common and no common source tells them apart (above 25 and below 20 can never
hold together); guards without a common source are independent, and nobody's mistake. It only compares."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from device_agent.compile import Call, affordance
from ontology.description import Thing

# Alternatives of one guard that are compared; more of them count as overlapping.
ALTERNATIVES_MAX = 64


def opposite(thing: Thing, one: Sequence[Call], other: Sequence[Call]) -> bool:
    """Whether some call of `one` and some call of `other` leave the same property different."""
    return any(_target(thing, a) == _target(thing, b) is not None and a != b
               for a, b in itertools.product(one, other))


def _target(thing: Thing, call: Call) -> str | None:
    used = affordance(thing, call)
    return used.affects if used is not None else None


def overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two guards watch something in common and can be true together."""
    ours, theirs = _alternatives(one), _alternatives(other)
    if len(ours) * len(theirs) > ALTERNATIVES_MAX**2:
        return True
    return any(_meet(a, b) for a, b in itertools.product(ours, theirs))


def _alternatives(guard: Mapping[str, Any]) -> list[list[Mapping[str, Any]]]:
    """A guard as alternatives, each a list of leaves that hold together."""
    if "any" in guard:
        return [alternative for inner in guard["any"] for alternative in _alternatives(inner)]
    if "all" in guard:
        parts = [_alternatives(inner) for inner in guard["all"]]
        if math.prod(len(part) for part in parts) > ALTERNATIVES_MAX:
            return [[leaf for part in parts for alternative in part for leaf in alternative]]
        return [list(itertools.chain(*chosen)) for chosen in itertools.product(*parts)]
    return [[guard]]


def _meet(one: Iterable[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]) -> bool:
    shared = False
    for a in one:
        for b in other:
            met = _leaves_meet(a, b)
            if met is False:
                return False
            shared = shared or met is True
    return shared


def _leaves_meet(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool | None:
    """True: both can hold together; False: never; None: they have nothing in common."""
    if "property" in a and "property" in b:
        same = (a["thing"], a["property"]) == (b["thing"], b["property"])
        return _values_of(a).meet(_values_of(b)) if same else None
    if "at" in a and "at" in b:
        days = set(a.get("days") or ()), set(b.get("days") or ())
        return True if a["at"] == b["at"] and (not all(days) or days[0] & days[1]) else None
    if "at_ms" in a and "at_ms" in b:
        return True if a["at_ms"] == b["at_ms"] else None
    return True if "every_s" in a and "every_s" in b else None


@dataclass(frozen=True)
class _Values:
    """Values that a leaf holds for: an interval of numbers, or one value or all but one."""

    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False
    only: Any = None
    but: Any = None

    def meet(self, other: _Values) -> bool:
        """Whether some value is in both."""
        for one, two in ((self, other), (other, self)):
            if one.only is not None:
                return two.holds(one.only)
        low = max((self.low, self.open_low), (other.low, other.open_low))
        high = min((self.high, not self.open_high), (other.high, not other.open_high))
        return low[0] < high[0] or (low[0] == high[0] and not low[1] and high[1])

    def holds(self, value: Any) -> bool:
        """Whether this value is one of them."""
        if self.only is not None:
            return bool(self.only == value)
        if self.but is not None:
            return bool(self.but != value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        above = value > self.low or (value == self.low and not self.open_low)
        return above and (value < self.high or (value == self.high and not self.open_high))


def _values_of(leaf: Mapping[str, Any]) -> _Values:
    op, value = leaf.get("op", "eq"), leaf.get("value")
    if op in ("eq", "ne"):
        if isinstance(value, bool) and op == "ne":
            op, value = "eq", not value
        return _Values(only=value) if op == "eq" else _Values(but=value)
    if not isinstance(value, (int, float)):
        return _Values()
    return {"lt": _Values(high=value, open_high=True), "le": _Values(high=value),
            "gt": _Values(low=value, open_low=True), "ge": _Values(low=value)}.get(str(op), _Values())
