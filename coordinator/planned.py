"""What understanding a command comes to: steps for single Things, what was refused, or a question. Values only."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from coordinator import phrases
from coordinator.questions import Question
from ontology.description import Thing

STEPS_MAX = 500


@dataclass(frozen=True)
class Step:
    """One subtask: a sentence for one Thing. `after`: steps that end first; `notify`: tell the person, do not act;
    `read`: a question; `repeat`: the guard stays armed after it fired; `strange`: in words that only the device may
    know (handing.py)."""

    id: str
    thing: Thing
    text: str
    clause: int = 0
    guard: dict[str, Any] | None = None
    after: tuple[str, ...] = ()
    notify: bool = False
    read: bool = False
    repeat: bool = False
    strange: bool = False


@dataclass(frozen=True)
class Rejected:
    """A part of the command that is not done, and why."""

    text: str
    reason: str
    clause: int = 0


@dataclass(frozen=True)
class Plan:
    """What one command means. `kind`: act, cancel or smalltalk; `hint`: the words that name what to cancel;
    `clauses`: what was said, clause by clause, as `Step.clause` and `Rejected.clause` count them; `leans`: what of the
    present it depends on (present.py); `read_as`: the language of a command that was not English ("de") and the
    English that it was read as."""

    text: str
    steps: tuple[Step, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    question: Question | None = None
    kind: str = "act"
    hint: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    leans: frozenset[str] = field(default=frozenset(), compare=False)
    read_as: tuple[str, str] | None = None

    @property
    def status(self) -> str:
        if self.question is not None:
            return "clarify"
        if self.kind == "cancel":
            return "ok"
        return "rejected" if not self.steps else "partial" if self.rejected else "ok"

    def hash(self) -> str:
        """Canonical sha256 of the steps: a yes is bound to exactly this."""
        rows = [
            [step.id, step.thing.id, step.text, step.guard, list(step.after), step.notify, step.read, step.repeat]
            for step in self.steps
        ]
        data = json.dumps([self.kind, rows], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(data.encode("ascii")).hexdigest()


def shorten(text: str) -> str:
    """A text as it is shown: one line, at most 80 letters."""
    text = phrases.clean(text)
    return text if len(text) <= 80 else text[:79] + "…"
