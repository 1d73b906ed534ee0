"""What the planner cannot read but names a Thing plainly goes to that Thing, word for word; and the Thing refuses what
is not for it, with the shipped model."""

from __future__ import annotations

import asyncio

import pytest
from test_requests import HOUSES, IDS, TALK, planned

from coordinator.planned import Plan
from device_agent.understand import Understanding, understand
from models.language.brain import Brain


def handed(text: str, home: str = "flat", room: str | None = None) -> list[tuple[str, str]]:
    """The entity and the sentence of each step that was handed on."""
    return [(IDS[step.thing.id], step.text) for step in planned(text, home, room).steps if step.strange]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("let the kitchen light work its magic", "let the Kitchen light work its magic"),
        ("the kitchen light is killing my eyes, do something", "the Kitchen light is killing my eyes, do something"),
        ("knock the kitchen light back a good bit", "knock the Kitchen light back a good bit"),
    ],
)
def test_order_in_strange_words_reaches_the_thing_that_it_names(text: str, sentence: str) -> None:
    assert handed(text) == [("light.kitchen_main", sentence)]


@pytest.mark.parametrize(
    "text",
    [
        "bring the attic light to life",  # the house has no attic
        "bring the light in my sister's house to life",
        "why is the kitchen light killing my eyes",
        "text anna that the kitchen light is killing me",
        "yesterday the kitchen light was killing my eyes",
        "when anna comes home bring the kitchen light to life",  # a condition is never dropped
        "dinosaurs turn off the kitchen light",
    ],
)
def test_talk_conditions_and_other_places_are_not_handed_on(text: str) -> None:
    assert handed(text) == []


def test_things_refuse_talk_that_names_them() -> None:
    plans = [planned(text, "flat", room) for _, text in TALK for room in (None, "Living room")]
    answers = asyncio.run(_answers([plan for plan in plans if plan.steps]))
    assert len(answers) >= 3
    assert [(text, found.calls) for text, found in answers if found.calls] == []


async def _answers(plans: list[Plan]) -> list[tuple[str, Understanding]]:
    async with Brain(None, None) as brain:
        return [
            (step.text, await understand(step.thing, step.text, {}, brain)) for plan in plans for step in plan.steps
        ]


def test_the_flat_of_these_tests_has_the_light_that_they_name() -> None:
    assert "light.kitchen_main" in {IDS[thing.id] for thing in HOUSES["flat"].things}
