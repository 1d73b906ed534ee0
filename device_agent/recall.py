"""Answers of the language model that were given already, used again: it is not asked twice for the same sentence.

Rules: an answer is found again by everything that it was made from: the file of the model (by its hash), the Thing's
options as they are shown, the sentence with its numbers, and what the rules left possible. What is kept is the choice,
as it was before any value was reckoned against the Thing's state. An error is never kept, nor an answer of a server,
whose model may be another one tomorrow."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from models.language.brain import Completion
from models.language.prompt import Prompt

KEPT = 1024


class Brain(Protocol):
    """What can be asked, and which model it is ("" if that cannot be told)."""

    @property
    def fingerprint(self) -> str: ...

    async def complete(self, prompt: Prompt) -> Completion: ...

    async def embed(self, texts: Sequence[str]) -> np.ndarray: ...


class Recall:
    """A brain with a memory of `kept` answers, the least used of which go first; 0 keeps none."""

    def __init__(self, brain: Brain, kept: int = KEPT) -> None:
        self._brain = brain
        self._kept = kept
        self._answers: OrderedDict[tuple[Any, ...], Completion] = OrderedDict()

    def __len__(self) -> int:
        return len(self._answers)

    async def complete(self, prompt: Prompt) -> Completion:
        """The model's answer; `recalled` if it was given before."""
        model = self._brain.fingerprint
        if not model or self._kept <= 0:
            return await self._brain.complete(prompt)
        question = _key(prompt)
        known = self._answers.get((model, *question))
        if known is not None:
            self._answers.move_to_end((model, *question))
            return known
        found = await self._brain.complete(prompt)
        # Which model that was is known now: it may have been started anew for this question.
        self._answers[(self._brain.fingerprint, *question)] = replace(found, ms=0.0, reading_ms=0.0, recalled=True)
        if len(self._answers) > self._kept:
            self._answers.popitem(last=False)
        return found

    async def embed(self, texts: Sequence[str]) -> np.ndarray:
        """As the brain does, which keeps what it has embedded."""
        return await self._brain.embed(texts)


def _key(prompt: Prompt) -> tuple[Any, ...]:
    only = tuple(sorted((place, tuple(values)) for place, values in prompt.only.items()))
    allowed = None if prompt.allowed is None else tuple(sorted(prompt.allowed))
    return prompt.prefix, prompt.suffix, prompt.options, allowed, only, prompt.sure
