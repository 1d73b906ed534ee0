"""What a turn of the agent wants done once the store has been committed: messages to send, jobs to start, messages to
acknowledge. Values only; the service does them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from firmware_py.core.messages import Report

Key = tuple[str, str]  # Thing segment, id of the subtask


@dataclass(frozen=True)
class Send:
    """One message. `told`: the task and its report that this is, to be noted when the broker has it."""

    topic: str
    payload: bytes
    retain: bool = False
    told: tuple[Key, Report] | None = None


@dataclass(frozen=True)
class Understand:
    """Make something of a sentence; answered by `Agent.understood`."""

    key: Key
    attempt: int
    text: str
    present: dict[str, Any]

    @property
    def segment(self) -> str:
        """The Thing."""
        return self.key[0]


@dataclass(frozen=True)
class Act:
    """Make a call (`{"action", "input"}` or `{"property", "value"}`), or read a property if `read` names one; answered
    by `Agent.acted`. `serial`: which step this is, so that nothing is taken for the outcome of another."""

    key: Key
    serial: int
    call: dict[str, Any] | None
    read: str | None
    timeout_s: float

    @property
    def segment(self) -> str:
        """The Thing."""
        return self.key[0]


@dataclass(frozen=True)
class Refresh:
    """Read every property of a Thing; answered by `Agent.refreshed`. `release`: somebody waits for it to go on."""

    segment: str
    release: bool = False


Job = Understand | Act | Refresh


@dataclass(frozen=True)
class Outcome:
    """What came of an Act. `event`: ok, error or timeout; `value`: what was read or given back."""

    event: str
    value: Any = None
    reason: str | None = None
    code: str | None = None


@dataclass
class Outbox:
    """Everything that one turn wants done, in order."""

    sends: list[Send] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    acks: list[Callable[[], None]] = field(default_factory=list)

    def take(self) -> Outbox:
        """Everything so far; this one is empty then."""
        taken = Outbox(self.sends, self.jobs, self.acks)
        self.sends, self.jobs, self.acks = [], [], []
        return taken
