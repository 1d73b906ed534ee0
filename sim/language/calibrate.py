"""`python -m sim.language.calibrate MODEL.gguf`: as `models.language.calibrate`, over the questions that the rules of a
device really leave to the model.

The invented Things become Thing Descriptions, their sentences go through `device_agent.understand`, and what reaches
the model is what counts: with the options that the plain words leave, and without the sentences that need no model."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from device_agent.understand import understand
from models.language.brain import Completion
from models.language.calibrate import command
from models.language.calibration import Raw
from models.language.engine import Answer, Engine
from models.language.people import Mixture
from models.language.prompt import NONE, Option, Prompt, Slot
from ontology.description import DescriptionError, Thing, read


def described(kinds: str, title: str, options: Sequence[Option]) -> Thing:
    """A Thing that offers these options; DescriptionError if there is none such."""
    actions: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    for option in options:
        name = "_".join(option.label.split())
        about = {"description": option.about} if option.about else {}
        if option.verb == "do":
            actions[name] = {**about, **({"input": _input(option.slots)} if option.slots else {})}
            continue
        schema = _schema(option.slots[0]) if option.slots else {"type": "string"}
        before = properties.get(name)
        if before is None:
            properties[name] = {**about, **schema, "readOnly": option.verb == "get", "writeOnly": option.verb == "set"}
        else:
            properties[name] = {**before, **about, **(schema if option.slots else {}), "readOnly": False,
                                "writeOnly": False}
    return read({"id": "urn:invented:thing", "title": title or "Thing", "@type": kinds.title().replace(" ", ""),
                 "actions": actions, "properties": properties})


def _input(slots: Sequence[Slot]) -> dict[str, Any]:
    if len(slots) == 1 and not slots[0].name:
        return _schema(slots[0])
    return {"type": "object", "properties": {slot.name.replace(" ", "_") or "value": _schema(slot) for slot in slots},
            "required": [slot.name.replace(" ", "_") or "value" for slot in slots if slot.required]}


def _schema(slot: Slot) -> dict[str, Any]:
    bounds = {key: bound for key, bound in (("minimum", slot.low), ("maximum", slot.high)) if bound is not None}
    schemas: dict[str, dict[str, Any]] = {
        "number": {"type": "number", **bounds, **({"unit": slot.unit} if slot.unit else {})},
        "boolean": {"type": "boolean"}, "choice": {"type": "string", "enum": list(slot.choices)},
        "text": {"type": "string"}}
    return schemas[slot.type]


class Asked:
    """The engine as a device's brain. `last`: the last question and its answer."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.last: tuple[Prompt, Answer] | None = None

    async def complete(self, prompt: Prompt) -> Completion:
        """Ask, and remember."""
        found = self._engine.answer([prompt.prefix, prompt.suffix], prompt.grammar)
        self.last = prompt, found
        return Completion(found.text, found.confidence, found.ms, found.tokens, found.sampled, found.reading_ms)

    async def embed(self, texts: Sequence[str]) -> np.ndarray:
        """As the engine does."""
        return self._engine.embed(texts)


def asked(engine: Engine, seed: int, groups: int) -> Iterator[tuple[int, Raw, bool]]:
    """(number of the Thing, what the network said, whether it was right) of each question that it was computed for."""
    mixture, brain = Mixture(seed, held_out=True), Asked(engine)
    for number in range(groups):
        for example in mixture.group()[0]:
            prompt = example.prompt
            try:
                thing = described(prompt.kinds, prompt.title, prompt.options)
            except DescriptionError:
                break
            brain.last = None
            asyncio.run(understand(thing, prompt.sentence, {}, brain))
            if brain.last is None or not brain.last[1].sampled:
                continue
            calls = {option.call for option in brain.last[0].options}
            if all(prompt.options[choice.option].call in calls for choice in prompt.parse(example.answer)):
                yield number, brain.last[1].raw, brain.last[1].text.strip() == (example.answer.strip() or NONE)


if __name__ == "__main__":
    command(asked)
