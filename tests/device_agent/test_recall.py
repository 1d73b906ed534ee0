"""The model's answers used again: the same as asking it again, and gone with the model or the Thing they were for."""

from __future__ import annotations

import asyncio
import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from things_told import LAMP, Parrot

from device_agent.recall import Recall
from device_agent.understand import Parts, understand
from models.language.brain import Brain, BrainError, Completion, fingerprint
from models.language.prompt import Option, Prompt, Slot
from ontology.description import read

TOLD = Path(__file__).parents[1] / "models" / "sentences_told.toml"

DIM = Option("set", "brightness", "brightness", slots=(Slot("", "number", unit="percent", low=0, high=100),))
ON, OFF = Option("do", "turn_on", "turn on"), Option("do", "turn_off", "turn off")


class Model(Parrot):
    """A model that answers by its name and the question, so that no two different questions have the same answer."""

    def __init__(self, name: str = "one") -> None:
        super().__init__("none")
        self.fingerprint = name
        self.broken = False

    async def complete(self, prompt: Prompt) -> Completion:
        self.asked.append(prompt)
        if self.broken:
            raise BrainError("The model is gone.")
        said = f"{self.fingerprint} {prompt.prefix} {prompt.suffix} {prompt.allowed} {dict(prompt.only)} {prompt.sure}"
        return Completion(said, 0.5, 3.0, 7)


def prompt(sentence: str = "dim it to 40 percent", **more: Any) -> Prompt:
    return Prompt(**{"kinds": "light", "title": "Hall lamp", "options": (ON, OFF, DIM), "sentence": sentence, **more})


def ask(brain: Any, asked: Prompt) -> Completion:
    return asyncio.run(brain.complete(asked))


OTHERS: Sequence[Mapping[str, Any]] = (
    {"sentence": "dim it to 41 percent"}, {"sentence": "dim it to 40"},
    {"title": "Mirror lamp", "sentence": "dim the hall lamp to 40"},
    {"kinds": "lamp"}, {"options": (ON, DIM)}, {"options": (OFF, ON, DIM)}, {"allowed": frozenset({2})},
    {"allowed": frozenset({1, 2})}, {"only": {(2, 0): ["1"]}}, {"only": {(2, 0): ["+1"]}}, {"sure": True},
    {"options": (ON, OFF, Option("set", "brightness", "brightness", slots=(Slot("", "number", low=0, high=10),)))},
)


def test_same_question_is_asked_once_and_answered_the_same() -> None:
    model = Model()
    recall = Recall(model)
    first, again = ask(recall, prompt()), ask(recall, prompt("Dim it  to 40 percent"))
    assert len(model.asked) == 1
    assert (again.text, again.confidence, again.tokens) == (first.text, first.confidence, first.tokens)
    assert (first.recalled, again.recalled, again.ms) == (False, True, 0.0)


@pytest.mark.parametrize("seed", range(5))
def test_answers_are_those_of_asking_again_in_any_order(seed: int) -> None:
    rows = [prompt(), *(prompt(**{"sentence": "dim it to 40 percent", **more}) for more in OTHERS)] * 3
    random.Random(seed).shuffle(rows)
    recall, model = Recall(Model(), kept=random.Random(seed).choice([1, 3, 100])), Model()
    assert [ask(recall, row).text for row in rows] == [ask(model, row).text for row in rows]


@pytest.mark.parametrize("more", OTHERS)
def test_another_question_is_asked(more: Mapping[str, Any]) -> None:
    recall = Recall(Model())
    ask(recall, prompt())
    assert not ask(recall, prompt(**more)).recalled


def test_another_model_is_asked_anew() -> None:
    model = Model()
    recall = Recall(model)
    ask(recall, prompt())
    model.fingerprint = "two"
    assert ask(recall, prompt()).text.startswith("two")


def test_model_that_was_started_anew_while_it_was_asked_is_the_one_that_answered() -> None:
    class Restarted(Model):
        async def complete(self, prompt: Prompt) -> Completion:
            self.fingerprint = "two"
            return await super().complete(prompt)

    model = Restarted()
    recall = Recall(model)
    ask(recall, prompt())
    model.fingerprint = "one"
    assert not ask(recall, prompt()).recalled


@pytest.mark.parametrize(("name", "kept"), [("", 100), ("one", 0)])
def test_nothing_is_kept_of_a_server_or_where_nothing_shall_be(name: str, kept: int) -> None:
    model = Model(name)
    recall = Recall(model, kept)
    assert [ask(recall, prompt()).recalled for _ in range(3)] == [False] * 3
    assert len(recall) == 0


def test_error_is_not_kept() -> None:
    model = Model()
    recall = Recall(model)
    model.broken = True
    with pytest.raises(BrainError):
        ask(recall, prompt())
    model.broken = False
    assert not ask(recall, prompt()).recalled


def test_memory_is_bounded_and_the_least_used_goes_first() -> None:
    recall = Recall(Model(), 2)
    for sentence in ("dim it to 1", "dim it to 2", "dim it to 1", "dim it to 3"):
        ask(recall, prompt(sentence))
    assert len(recall) == 2
    assert ask(recall, prompt("dim it to 1")).recalled
    assert not ask(recall, prompt("dim it to 2")).recalled


def test_choice_is_kept_and_the_value_is_reckoned_from_what_is_now() -> None:
    parrot = Parrot("set brightness:+")
    parrot.fingerprint = "parrot"  # type: ignore[attr-defined]
    recall = Recall(parrot)  # type: ignore[arg-type]
    for present, stage in ((10, "model"), (50, "cache")):
        now = {"on": True, "brightness": present}
        found = asyncio.run(understand(LAMP, "brighter", now, recall, parts=Parts(rules=False)))
        plain = asyncio.run(understand(LAMP, "brighter", now, parrot, parts=Parts(rules=False)))
        assert found.calls == plain.calls
        assert found.calls[0]["value"] > present
        assert {"model", "cache"} & set(found.ms) == {stage}


def test_embeddings_come_from_the_brain() -> None:
    parrot = Parrot("none", embeds=np.eye(3, dtype=np.float32))
    assert asyncio.run(Recall(parrot).embed(["a", "b"])).shape == (2, 3)  # type: ignore[arg-type]


def test_fingerprint_is_of_what_is_in_the_file(tmp_path: Any) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"GGUF" + bytes(2000))
    two.write_bytes(b"GGUF" + bytes(2000))
    assert fingerprint(one) == fingerprint(two)
    two.write_bytes(b"GGUF" + bytes(1999) + b"!")
    assert fingerprint(one) != fingerprint(two)


def test_understanding_with_the_shipped_model_is_the_same_in_any_order_and_state() -> None:
    """Each sentence of sentences_told.toml, first as it stands there, then shuffled and with other values now."""
    table = tomllib.loads(TOLD.read_text("utf-8"))
    asked = []
    for name, given in table["things"].items():
        fits = read({"id": f"urn:x:{name}", "title": given["title"], "@type": given["kind"],
                     "actions": given.get("actions", {}), "properties": given.get("properties", {})})
        asked += [(fits, row[0], given.get("now", {})) for row in given["say"][::3]]
    other = [(fits, text, {key: not value if isinstance(value, bool) else value for key, value in now.items()})
             for fits, text, now in asked]
    random.Random(5).shuffle(other)

    async def understood() -> tuple[list[Any], list[Any], int]:
        async with Brain() as brain:
            recall = Recall(brain)
            plain, kept = [], []
            for fits, text, now in (*asked, *other):
                for thinker, found in ((brain, plain), (recall, kept)):
                    found.append(await understand(fits, text, now, thinker, parts=Parts(rules=False)))
            return plain, kept, sum("cache" in found.ms for found in kept)

    plain, kept, recalled = asyncio.run(understood())
    assert [replace(found, ms={}) for found in kept] == [replace(found, ms={}) for found in plain]
    assert recalled >= len(other) * 0.8
