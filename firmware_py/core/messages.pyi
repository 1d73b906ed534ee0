"""Types of messages.py for checkers; the board never sees this file."""

from typing import Any, NamedTuple, Self

PAYLOAD_MAX: int
TEXT_MAX: int
ID_MAX: int
NEST_MAX: int
STATES: tuple[str, ...]
TERMINAL: tuple[str, ...]
DID_NOT_ACT: tuple[str, ...]
HOST_STATES: tuple[str, ...]
CANCEL_MODES: tuple[str, ...]
REPLY_KINDS: tuple[str, ...]

def decode(payload: bytes, limit: int = ...) -> dict[str, Any]: ...
def encode(fields: dict[str, Any]) -> bytes: ...
def parse_command(payload: bytes) -> tuple[str, dict[str, Any]]: ...

class Status(NamedTuple):
    state: str
    epoch: int
    @classmethod
    def parse(cls, payload: bytes | dict[str, Any]) -> Self: ...
    def payload(self) -> bytes: ...

class PropertyValue(NamedTuple):
    value: Any
    t_ms: int
    epoch: int
    @classmethod
    def parse(cls, payload: bytes | dict[str, Any]) -> Self: ...
    def payload(self) -> bytes: ...

class PropertySet(NamedTuple):
    id: str
    value: Any
    @classmethod
    def parse(cls, payload: bytes | dict[str, Any]) -> Self: ...
    def payload(self) -> bytes: ...

class Subtask(NamedTuple):
    id: str
    command: str
    text: str
    guard: dict[str, Any] | None
    deadline_ms: int
    attempt: int
    owner: str | None
    grant: str | None
    undo: str | None
    @classmethod
    def parse(cls, payload: bytes | dict[str, Any]) -> Self: ...
    def payload(self) -> bytes: ...

class Cancel(NamedTuple):
    id: str
    target: str
    mode: str
    @classmethod
    def parse(cls, payload: bytes | dict[str, Any]) -> Self: ...
    def payload(self) -> bytes: ...

class Report(NamedTuple):
    id: str
    command: str | None
    state: str
    attempt: int
    t_ms: int
    reason: str | None
    code: str | None
    step: str | None
    calls: list[dict[str, Any]] | None
    reads: list[dict[str, Any]] | None
    rule: dict[str, Any] | None
    ms: dict[str, float] | None
    @classmethod
    def parse(cls, payload: bytes | dict[str, Any]) -> Self: ...
    def payload(self) -> bytes: ...

class SiteTime(NamedTuple):
    t_ms: int
    zone: str
    @classmethod
    def parse(cls, payload: bytes | dict[str, Any]) -> Self: ...
    def payload(self) -> bytes: ...
