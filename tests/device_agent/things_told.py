"""Things for the tests of understanding, and a brain that says what it is told to say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from models.language.brain import BrainError, Completion
from models.language.prompt import Prompt
from ontology.description import Thing, read

PERCENT = {"type": "integer", "minimum": 0, "maximum": 100, "unit": "percent"}
CELSIUS = {"type": "number", "minimum": 5, "maximum": 30, "unit": "celsius"}


def thing(
    title: str, kind: str, actions: dict[str, Any] | None = None, properties: dict[str, Any] | None = None
) -> Thing:
    """A Thing of a short description."""
    return read(
        {
            "id": f"urn:x:{title.lower().replace(' ', '-')}",
            "title": title,
            "@type": kind,
            "actions": actions or {},
            "properties": properties or {},
        }
    )


def takes(**schemas: Any) -> dict[str, Any]:
    """An action's description with these arguments, all required."""
    return {"input": {"type": "object", "properties": schemas}}


LAMP = thing(
    "Desk lamp",
    "Light",
    {"turn_on": {}, "turn_off": {}},
    {
        "on": {"type": "boolean", "readOnly": True},
        "brightness": PERCENT,
        "colour": {"type": "string", "enum": ["Red", "warm white", "White"]},
        "colour_temperature": {"type": "integer", "minimum": 2000, "maximum": 6500, "unit": "kelvin"},
    },
)
HEATING = thing(
    "Bedroom thermostat",
    "Thermostat",
    {"set_target_temperature": takes(temperature=CELSIUS)},
    {
        "temperature": {"type": "number", "unit": "celsius", "readOnly": True},
        "target_temperature": {**CELSIUS, "readOnly": True},
    },
)
SPEAKER = thing(
    "Stereo",
    "Speaker",
    {"play": takes(what={"type": "string"}), "say": takes(text={"type": "string"}), "pause": {}},
    {"volume": {"type": "integer", "minimum": 0, "maximum": 50}},
)
LOCK = thing("Front door lock", "Lock", {"lock": {}, "unlock": {}}, {"locked": {"type": "boolean", "readOnly": True}})


class Parrot:
    """A brain that gives one answer, and keeps what it was asked. `embeds`: rows for embeddings, or none."""

    def __init__(self, answer: str, confidence: float = 1.0, embeds: np.ndarray | None = None) -> None:
        self.answer, self.confidence, self.embeds = answer, confidence, embeds
        self.asked: list[Prompt] = []

    async def complete(self, prompt: Prompt) -> Completion:
        self.asked.append(prompt)
        return Completion(self.answer + "\n", self.confidence, 1.0, 1)

    async def embed(self, texts: Sequence[str]) -> np.ndarray:
        if self.embeds is None:
            raise BrainError("A parrot has no embeddings.")
        return self.embeds[: len(texts)]
