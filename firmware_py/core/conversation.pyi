"""Types of conversation.py for checkers; the board never sees this file."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from firmware_py.core.messages import Report, Subtask

VERDICTS: tuple[str, ...]

def decide(
    subtask: Subtask, known: Report | None, now_ms: int
) -> tuple[Literal["take", "answer", "refuse", "expired"], Report | None]: ...
def after_crash(intent: Any, idempotent: bool | None) -> Literal["resume", "unknown"]: ...
def report(
    subtask: Subtask,
    state: str,
    t_ms: int,
    reason: str | None = None,
    code: str | None = None,
    step: str | None = None,
    calls: Sequence[Mapping[str, Any]] | None = None,
    reads: Sequence[Mapping[str, Any]] | None = None,
    rule: Mapping[str, Any] | None = None,
    ms: Mapping[str, float] | None = None,
) -> Report: ...
