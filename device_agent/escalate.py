"""A larger brain beside the small one: when it is asked, and what the owner allows.

Rules: nothing is asked unless the owner says so (`escalate`), and no address outside of the local network unless that
is said too (`larger_outside`), since sentences then leave the house. It is asked when the small one's confidence is
under the bound, or when it says "none" of a sentence whose words lead to the Thing; question and grammar are the same.
If it does not answer in time, what the small one said stands, and the reason is told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from device_agent.retrieve import lexical
from firmware_py.core.errors import LocalError
from models.language.brain import Completion
from models.language.larger import TIMEOUT_S, Larger, is_near
from models.language.prompt import NONE, Option, Prompt

# The bound where the owner gives none.
BELOW = 0.6
# The least that the words of an option must explain of a sentence for a "none" to be doubted.
MATCH = 0.25
# What [host] of things.toml may say of it.
TEXTS, NUMBERS, FLAGS = ("larger_model", "larger_url"), ("escalate_below", "larger_timeout_s"), (
    "escalate", "larger_outside")


class EscalationError(LocalError):
    """Settings of a larger brain that cannot be used. One sentence."""


class Answering(Protocol):
    """What can be asked (`models.language.larger.Larger`)."""

    async def complete(self, prompt: Prompt) -> Completion: ...


@dataclass(frozen=True)
class Escalation:
    """A brain that may be asked. `below`: the confidence under which it is."""

    larger: Answering
    below: float = BELOW

    def wanted(self, sentence: str, prompt: Prompt, completion: Completion) -> bool:
        """Whether the small brain's answer is to be doubted; never where the grammar left it no choice."""
        if not completion.tokens:
            return False
        return completion.confidence < self.below or (
            completion.text.strip() == NONE and matches(sentence, _allowed(prompt)))


def _allowed(prompt: Prompt) -> Sequence[Option]:
    return [option for number, option in enumerate(prompt.options)
            if prompt.allowed is None or number in prompt.allowed]


def matches(sentence: str, options: Sequence[Option]) -> bool:
    """Whether the words of a sentence lead to one of the options."""
    return bool(options) and float(lexical(sentence, options).max()) >= MATCH


@dataclass(frozen=True)
class Settings:
    """What the owner says of it. EscalationError if that cannot be; `escalate` False: nothing is asked."""

    larger_model: Path | None = None
    larger_url: str | None = None
    escalate: bool = False
    escalate_below: float = BELOW
    larger_outside: bool = False
    larger_timeout_s: float = TIMEOUT_S

    def __post_init__(self) -> None:
        if self.larger_model is not None and self.larger_url is not None:
            raise EscalationError("Give either 'larger_model' or 'larger_url', not both.")
        if self.escalate and self.larger_model is None and self.larger_url is None:
            raise EscalationError("To escalate there must be a larger model: give 'larger_model' or 'larger_url'.")
        if not 0 < self.escalate_below <= 1:
            raise EscalationError("'escalate_below' must be a confidence above 0 and up to 1.")
        if self.larger_timeout_s <= 0:
            raise EscalationError("'larger_timeout_s' must be a positive number of seconds.")
        if self.escalate and self.larger_url is not None and not self.larger_outside and not is_near(self.larger_url):
            raise EscalationError(f"The larger model at {self.larger_url} is outside of the local network, and what is "
                                  "said in the house would go there; allow that with 'larger_outside'.")

    @classmethod
    def of(cls, table: dict[str, Any]) -> Settings:
        """Take those of [host] that are about it out of its table."""
        found = {name: table.pop(name) for name in (*TEXTS, *NUMBERS, *FLAGS) if name in table}
        return cls(**found)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Escalation | None]:
        """The larger brain, loading; None if nothing may be asked."""
        if not self.escalate:
            yield None
            return
        async with Larger(self.larger_model, self.larger_url, self.larger_timeout_s) as larger:
            yield Escalation(larger, self.escalate_below)
