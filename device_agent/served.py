"""One Thing that this host serves: what its properties were last seen to be, and when the world must be told.

Rules: a value is published when it changes, and again well before rules elsewhere would stop trusting it
(`motewise:maxAge`); a value that cannot be read is not published, and so grows old. It does not reach the driver."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from device_agent.outbox import Key
from ontology.description import Thing

# A value is repeated this many times within its maximum age.
BEATS = 3


class Device(Protocol):
    """What the agent needs of `device_agent.thing.Device`."""

    td: dict[str, Any]
    thing: Thing
    changed: list[Any]

    def read(self, name: str) -> Any: ...
    def write(self, name: str, value: Any) -> None: ...
    def call(self, action: str, input: Mapping[str, Any] | None = None) -> Any: ...
    def state(self) -> dict[str, Any]: ...
    def put(self, name: str, value: Any) -> None: ...
    def close(self) -> None: ...


@dataclass
class Value:
    """A property as last seen. `told_ms`: monotonic time at which it was last published."""

    value: Any
    t_ms: int
    told_ms: float


@dataclass
class Served:
    """A Thing and its lane: subtasks go through it one at a time, in order. `worker`: the one whose turn it is;
    `touched`: a call was made since the properties were last read; `refreshing`: they are being read; `outdated`: they
    changed meanwhile."""

    device: Device
    poll_s: float
    values: dict[str, Value] = field(default_factory=dict)
    lane: deque[Key] = field(default_factory=deque)
    worker: Key | None = None
    touched: bool = False
    refreshing: bool = False
    outdated: bool = False
    due_ms: float = 0.0

    def __post_init__(self) -> None:
        self.thing = self.device.thing
        self.ages = {affordance.name: affordance.max_age_s for affordance in self.thing.affordances
                     if affordance.op == "read" and affordance.max_age_s is not None}
        self._poll_ms = min((self.poll_s, *(age / BEATS for age in self.ages.values()))) * 1000

    @property
    def present(self) -> dict[str, Any]:
        """Its properties, as far as they are known."""
        return {name: seen.value for name, seen in self.values.items()}

    def poll(self, mono_ms: float) -> bool:
        """Whether its driver must be looked at now."""
        if self.refreshing or mono_ms < self.due_ms:
            return False
        self.due_ms = mono_ms + self._poll_ms
        return True

    def saw(self, found: Mapping[str, Any], now_ms: int, mono_ms: float) -> Iterator[tuple[str, Value, bool]]:
        """Its properties were read: (name, value, whether to publish)."""
        for name, value in found.items():
            before = self.values.get(name)
            fresh = before is None or before.value != value or type(before.value) is not type(value)
            age_s = self.ages.get(name)
            tell = fresh or (age_s is not None and before is not None
                             and mono_ms - before.told_ms >= age_s * 1000 / BEATS - self._poll_ms / 2)
            told_ms = mono_ms if tell or before is None else before.told_ms
            self.values[name] = Value(value, now_ms, told_ms)
            yield name, self.values[name], tell
