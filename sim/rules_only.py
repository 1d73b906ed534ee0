"""In the model's place: the option whose words explain most of the sentence, its arguments by the plain words.

What `motewise bench language --rules-only` measures, to see what the model earns. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from device_agent import retrieve, wording
from models.language.brain import BrainError, Completion
from models.language.prompt import NONE, Choice, Option, Prompt, Slot, Value, answer_of, name_words

# The least of the sentence that an option must explain.
LEAST = 0.1


class RulesOnly:
    """Answers as a model does, by rule; it has no embeddings."""

    async def complete(self, prompt: Prompt) -> Completion:
        return Completion(answer(prompt), 1.0, 0.0, 0)

    async def embed(self, texts: Sequence[str]) -> np.ndarray:
        raise BrainError("Rules have no embeddings.")


def answer(prompt: Prompt) -> str:
    """The best option that may be answered and whose arguments the sentence gives."""
    scores = retrieve.lexical(prompt.sentence, prompt.options)
    allowed = prompt.allowed if prompt.allowed is not None else range(len(prompt.options))
    asks = wording.mood(prompt.sentence) == wording.ASK
    for number in sorted(allowed, key=lambda number: (
            (prompt.options[number].verb == "get") != asks, -scores[number], number)):
        values = _values(prompt.options[number], prompt)
        if values is not None and (scores[number] >= LEAST or len(list(allowed)) == 1):
            return answer_of(prompt.options, [Choice(number, values)])
    return f"{NONE}\n"


def _values(option: Option, prompt: Prompt) -> tuple[Value, ...] | None:
    if option.verb == "get":
        return ()
    found = [_value(slot, prompt) for slot in option.slots]
    return None if None in found else tuple(value for value in found if value is not None)


def _value(slot: Slot, prompt: Prompt) -> Value | None:
    direction = wording.direction(prompt.sentence)
    given: Value | None = None
    if slot.type == "number" and prompt.numbers:
        before = wording.words_of(prompt.sentence[:prompt.sentence.lower().find(prompt.numbers[0].said.lower())])[-1:]
        given = Value({1: "up", -1: "down"}[direction] if direction and before == ["by"] else "number", 0)
    elif slot.type == "number" and direction:
        given = Value("up" if direction > 0 else "down")
    elif slot.type == "boolean":
        given = Value("no" if any(not side for _, side in wording.said_poles(prompt.sentence)) else "yes")
    elif slot.type == "choice":
        spoken = f" {' '.join(wording.words_of(prompt.sentence))} "
        said = [choice for choice in slot.choices if f" {' '.join(name_words(choice))} " in spoken]
        given = Value("choice", text=max(said, key=len)) if said else None
    elif slot.type == "text":
        given = Value("text")
    return given if given is not None or slot.required else Value("absent")
