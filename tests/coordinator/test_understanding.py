"""Understanding of commands without any model: a table of sentences over two houses, and laws for all texts."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from houses import HOME, ODD, house
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.house import House
from coordinator.plan import Plan, understand_command
from ontology.description import read

HOUSES = {"home": house(HOME), "odd": house(ODD)}
NOW_MS = 1764000000000  # 2025-11-24 17:00 in Berlin
TABLE = tomllib.loads((Path(__file__).parent / "sentences.toml").read_text("utf-8"))
ROWS = [(name, row) for name, rows in TABLE.items() for row in rows]


def said(text: str, room: str | None = None, home: str = "home", **given_: Any) -> Plan:
    return understand_command(text, HOUSES[home], room, now_ms=NOW_MS, zone="Europe/Berlin", **given_)


def short(guard: Any) -> Any:
    if isinstance(guard, dict):
        return {
            key: value.removeprefix("urn:motewise:") if key == "thing" else short(value) for key, value in guard.items()
        }
    return [short(inner) for inner in guard] if isinstance(guard, list) else guard


def steps_of(plan: Plan) -> list[str]:
    return [
        f"{step.thing.segment}: {step.text}{' !' * step.notify}{' ?' * step.read}{' *' * step.repeat}"
        for step in plan.steps
    ]


@pytest.mark.parametrize(("home", "row"), ROWS, ids=[f"{name}-{row['say'][:60]}" for name, row in ROWS])
def test_sentence_becomes_the_plan_of_the_table(home: str, row: dict[str, Any]) -> None:
    plan = said(row["say"], row.get("room"), home)
    guards: list[Any] = []
    for step in plan.steps:
        if step.guard is not None and short(step.guard) not in guards:
            guards.append(short(step.guard))
    assert steps_of(plan) == row.get("steps", [])
    assert guards == row.get("guards", [])
    assert [refusal.reason for refusal in plan.rejected] == row.get("rejected", [])
    assert ([choice.label for choice in plan.question.choices] if plan.question else []) == row.get("ask", [])


def test_each_choice_of_a_question_is_a_command_without_a_question() -> None:
    for home, row in ROWS:
        if "ask" not in row:
            continue
        question = said(row["say"], row.get("room"), home).question
        assert question is not None
        meant = [said(choice.text, None, home) for choice in question.choices]
        assert [plan.question for plan in meant] == [None] * len(meant)
        assert len({plan.steps[0].thing.id for plan in meant}) == len(meant)


def test_a_question_back_leaves_no_step() -> None:
    assert said("turn on the lamp and turn off the fan").steps == ()


def test_then_waits_and_and_does_not() -> None:
    assert [step.after for step in said("turn on the fan, then turn off the stereo").steps] == [(), ("s1",)]
    assert [step.after for step in said("turn on the fan and turn off the stereo").steps] == [(), ()]


def test_taking_back_after_a_time_waits_for_the_act() -> None:
    assert [step.after for step in said("turn on the fan for ten minutes").steps] == [(), ("s1",)]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("cancel that", ()),
        ("never mind", ()),
        ("forget it", ()),
        ("delete the rule about the corridor lights", ("corridor", "lights")),
        ("stop telling me about the front door", ("front", "door")),
        ("please cancel the timer for the fan", ("fan",)),
    ],
)
def test_cancels_name_their_target(text: str, hint: tuple[str, ...]) -> None:
    plan = said(text)
    assert (plan.kind, plan.hint, plan.steps) == ("cancel", hint, ())


@pytest.mark.parametrize("text", ["hello", "thank you!", "good morning"])
def test_small_talk_acts_on_nothing(text: str) -> None:
    assert (said(text).kind, said(text).steps) == ("smalltalk", ())


def test_it_and_the_other_one_refer_to_the_plan_before() -> None:
    first = said("turn on the coat rack light")
    assert steps_of(said("turn it off again", previous=first)) == ["coat-light: turn the Coat rack light off"]
    assert steps_of(said("turn off the other one", previous=first)) == ["corridor-light: turn off the Corridor light"]


def test_in_ten_minutes_without_a_clock_is_refused() -> None:
    plan = understand_command("turn on the fan in ten minutes", HOUSES["home"])
    assert plan.steps == ()
    assert plan.rejected[0].reason == "I do not know what time it is now."


def test_guards_carry_what_the_device_needs_to_watch() -> None:
    guard = said("turn on the fan when the front door opens").steps[0].guard
    assert guard == {"thing": "urn:motewise:entry-contact", "property": "open", "op": "eq", "value": True}


def test_hash_is_bound_to_the_steps() -> None:
    assert said("unlock the front door").hash() == said("please unlock the front door").hash()
    assert said("unlock the front door").hash() != said("lock the front door").hash()


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00\x07\x1b",
        "?!",
        "🙂",
        "x" * 1_000_000,
        "turn on " * 1000,
        "ок " * 500,
        "\u202eturn on the light",
        "and and and then , ; but",
        "to to to to",
    ],
)
def test_odd_texts_are_refused_in_words(text: str) -> None:
    plan = said(text)
    assert plan.steps or plan.rejected or plan.question
    assert all(refusal.reason.endswith(".") and len(refusal.text) <= 80 for refusal in plan.rejected)


def test_control_characters_do_not_reach_a_step() -> None:
    assert steps_of(said("turn\x00on\x1b the\tkitchen\nlight")) == ["kitchen-light: turn on the Kitchen light"]


_SAID = """turn on off set dim open close lock unlock the a all every other except but and or then when if until for in
at by to kitchen corridor bedroom light lights lamp blind fan door front thermostat warmer 20 30 percent half five
minutes 7:30 pm every day nobody is it them there upstairs what how tell me not do between 10 everything , . ;
temperature above below unless toaster please another quarter past i am too cold dark here need more coffee make add
milk list remind play music next alexa good night"""
_WORDS = st.sampled_from(_SAID.split())


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.lists(_WORDS, max_size=14).map(" ".join), st.text(max_size=120)))
def test_no_text_raises_and_every_text_is_answered(text: str) -> None:
    for home in HOUSES:
        plan = said(text, "kitchen", home)
        assert plan.kind == "cancel" or plan.steps or plan.rejected or plan.question
        assert all(step.text for step in plan.steps)


def test_music_is_not_sent_to_what_can_merely_pause() -> None:
    vacuum = read({"id": "urn:x:robot", "title": "Robot", "@type": "Vacuum", "motewise:room": "hall",
                   "actions": {"start": {}, "pause": {}, "dock": {}}})
    plan = understand_command("play some jazz", House.of([vacuum]))
    assert not plan.steps
    assert plan.rejected
    assert understand_command("pause the robot", House.of([vacuum])).steps
