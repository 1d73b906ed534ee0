"""The path that is measured, whole or with pieces taken out: a sentence in a house -> the record of `motewise plan`.

    rules_only     a rule chooses in the model's place (sim/rules_only.py)
    model_only     the plain words limit no answer and check none: the model decides alone, under the grammar
    no_retrieval   of a Thing's many options the first are shown, in the order of its description

The planner, the values and the schemas are the same in all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from coordinator.house import House
from device_agent.escalate import Escalation
from device_agent.understand import Parts, Thinker, Understanding, understand
from firmware_py.host.clock import SystemClock
from models.language.brain import Completion
from models.language.prompt import Prompt
from ontology.description import Thing
from sim.language.tally import WHOLE, Tally
from sim.planning import Command, State, record
from sim.rules_only import RulesOnly

# Questions kept, to ask them again where speed is measured.
PROMPTS_KEPT = 400
HOME_ASSISTANT = "home_assistant"


class Heard:
    """A brain, and the questions for which it computed something."""

    def __init__(self, brain: Thinker) -> None:
        self._brain = brain
        self.prompts: dict[tuple[str, str], Prompt] = {}

    async def complete(self, prompt: Prompt) -> Completion:
        """Ask, and keep the question."""
        found = await self._brain.complete(prompt)
        if found.tokens and len(self.prompts) < PROMPTS_KEPT:
            self.prompts.setdefault((prompt.prefix, prompt.suffix), prompt)
        return found

    async def embed(self, texts: Sequence[str]) -> np.ndarray:
        """As the brain does."""
        return await self._brain.embed(texts)


class Ours:
    """Our path. Without a brain devices understand nothing: then only the planner is measured. `heard`: what devices
    made of the last sentence."""

    def __init__(self, brain: Thinker | None, parts: Parts | None = None, larger: Escalation | None = None) -> None:
        self.brain = brain
        self._parts, self._larger = parts or Parts(), larger
        self._clock = SystemClock()
        self.heard: list[Understanding] = []

    @property
    def codes(self) -> list[str]:
        """Why devices refused, one word each."""
        return [found.code for found in self.heard if found.status != "ok"]

    async def understood(self, thing: Thing, text: str, present: Mapping[str, Any]) -> Understanding:
        """What a Thing makes of its sentence."""
        if self.brain is None:
            return Understanding("cannot", reason="Nobody asked a model.", code="no_model")
        return await understand(thing, text, present, self.brain, self._larger, self._parts)

    async def device(self, thing: Thing, text: str, present: Mapping[str, Any]) -> Understanding:
        """The same, remembered as what was heard."""
        found = await self.understood(thing, text, present)
        self.heard.append(found)
        return found

    async def run(self, sentence: str, room: str | None, house: House, state: State) -> dict[str, Any]:
        """The record of one sentence."""
        self.heard = []
        return await record(Command("1", sentence, room), house, state, self.device, now_ms=self._clock.now_ms())

    def note(self, tally: Tally, row: Mapping[str, Any] | None, right: bool) -> None:
        """Add to a tally what the last sentence took, who decided it and how sure that was."""
        if row is not None:
            tally.took(row["ms"])
            if len(row["subtasks"]) == 1:
                tally.whole_ms.append(row["ms"]["total"])
        for found in self.heard:
            tally.decided[found.decided] += 1
        asked = [found.confidence for found in self.heard if found.decided != "rules"]
        if asked:
            tally.sure.append((min(asked), right))
        if self.heard:
            tally.told.append((min(asked, default=1.0), right))


Variants = Mapping[str, Ours]


def variants_of(brain: Thinker, larger: Escalation | None, pieces: bool) -> dict[str, Ours]:
    """The whole path and, with `pieces`, those with pieces taken out; the whole one comes first, so that it alone pays
    for what the others find remembered."""
    found = {WHOLE: Ours(brain, larger=larger)}
    if pieces:
        found |= {"rules_only": Ours(RulesOnly()), "model_only": Ours(brain, Parts(rules=False)),
                  "no_retrieval": Ours(brain, Parts(retrieval=False))}
    return found
