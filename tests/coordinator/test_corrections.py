"""Putting a command right: the wrong is taken back, the right is done, and the same words are right the next time."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lived_in import LivedIn, td

from coordinator.policy import Policy


@pytest.fixture
def house() -> LivedIn:
    """A house with its lamps off."""
    return LivedIn()


def on(house: LivedIn) -> set[str]:
    return {segment for segment, state in house.state.items() if state != "off"}


FLOOR, TV, BED, OFFICE = "floor-lamp", "tv-lamp", "bed-lamp", "office-light"

# what was said in which room, what was said then, what is on then, and what the first sentence does afterwards
PUT_RIGHT = [
    ("turn on the light", "office", "no, the floor lamp", {FLOOR}, {FLOOR}),
    ("turn on the light", "office", "not that one, the floor lamp", {FLOOR}, {FLOOR}),
    ("turn on the light", "office", "not the office light, the floor lamp", {FLOOR}, {FLOOR}),
    ("turn on the light", "office", "the floor lamp, not the office light", {FLOOR}, {FLOOR}),
    ("turn on the light", "office", "I meant the TV lamp", {TV}, {TV}),
    ("turn on the light", "office", "that's wrong, I meant the TV one", {TV}, {TV}),
    ("turn on the light", "office", "sorry, the TV lamp", {TV}, {TV}),
    ("turn on the light", "office", "no, turn on the floor lamp", {FLOOR}, {FLOOR}),
    ("turn on the light", "office", "no, in the kitchen", {"kitchen-light"}, {"kitchen-light"}),
    ("turn on the light", "office", "I meant the kitchen", {"kitchen-light"}, {"kitchen-light"}),
    ("turn on the light", "office", "no, the one in the kitchen", {"kitchen-light"}, {"kitchen-light"}),
    ("turn on the gizmo", "office", "I meant the floor lamp", {FLOOR}, {FLOOR}),
    ("turn on the gizmo", None, "I meant the floor lamp", {FLOOR}, {FLOOR}),
    ("turn on the floor lamp", None, "no, the other lamp", {TV}, {FLOOR}),
    ("turn on the floor lamp", None, "not that one", {TV}, {FLOOR}),
    ("turn on the floor lamp", None, "I meant the other one", {TV}, {FLOOR}),
]


@pytest.mark.parametrize(("said", "room", "then", "right", "next_time"), PUT_RIGHT)
def test_wrong_is_taken_back_right_is_done_and_the_same_sentence_is_right_next_time(
    house: LivedIn, said: str, room: str | None, then: str, right: set[str], next_time: set[str]
) -> None:
    house.ask(said, room)
    result = house.ask(then, room)
    assert (result["status"], on(house)) == ("ok", right)
    assert result["reply"].count(". ") == 0
    house.state.clear()
    assert house.ask(said, room)["status"] == "ok"
    assert on(house) == next_time


@pytest.mark.parametrize(("said", "then"), [
    ("schalte das Licht ein", "nein, die Stehlampe"), ("schalte das Licht ein", "ich meinte die Stehlampe"),
    ("turn on the light", "nein, die Stehlampe"), ("schalte das Licht ein", "no, the floor lamp"),
    ("enciende la luz", "no, la lámpara de pie"), ("allume la lumière", "non, le lampadaire")])
def test_corrections_in_other_languages_and_what_they_teach_in_all(house: LivedIn, said: str, then: str) -> None:
    house.ask(said, "office")
    assert on(house) == {OFFICE}
    assert house.ask(then, "office")["status"] == "ok"
    assert on(house) == {FLOOR}
    for again in (said, "turn on the light"):
        house.state.clear()
        house.ask(again, "office")
        assert on(house) == {FLOOR}


def test_undo_in_another_language(house: LivedIn) -> None:
    house.ask("schalte das Licht ein", "office")
    assert house.ask("mach das rückgängig")["status"] == "ok"
    assert on(house) == set()


def test_undo_can_be_undone_and_then_put_right(house: LivedIn) -> None:
    house.ask("turn on the light", "office")
    for lit in (set(), {OFFICE}, set()):
        assert house.ask("undo that")["status"] == "ok"
        assert on(house) == lit
    house.ask("I meant the floor lamp", "office")
    assert on(house) == {FLOOR}
    assert [row["means"] for row in house.lessons()] == ["the Floor lamp"]


def test_answer_tells_in_one_sentence_what_was_taken_back_done_and_learned(house: LivedIn) -> None:
    house.ask("turn on the light", "office")
    assert house.ask("no, the floor lamp", "office")["reply"] == (
        "The Floor lamp is on and the Office light is off again; "
        "I will remember that “light” in the office means the Floor lamp.")


def test_value_and_state_are_put_right_without_taking_back(house: LivedIn) -> None:
    house.ask("set the floor lamp to 30 percent")
    assert house.ask("no, 40 percent")["status"] == "ok"
    house.ask("turn on the bathroom fan")
    assert house.ask("no I meant off")["status"] == "ok"
    assert [text for _, text in house.told] == [
        "set the Floor lamp to 30 percent", "set the Floor lamp to 40 percent",
        "turn on the Bathroom fan", "turn off the Bathroom fan"]
    assert not any(subtask.undo for subtask in house.subtasks())


@pytest.mark.parametrize(("said", "then"), [
    ("set the floor lamp to 30 percent", "no, 40 percent"), ("turn on the bathroom fan", "no I meant off"),
    ("turn on the floor lamp", "no, the TV lamp"), ("turn on the kitchen light", "no, in the bathroom"),
    ("make the floor lamp red", "no, blue"), ("turn off the lights in the kitchen", "no, in the bathroom")])
def test_words_that_say_what_they_mean_are_never_learned_otherwise(house: LivedIn, said: str, then: str) -> None:
    house.ask(said)
    assert house.ask(then)["status"] == "ok"
    assert house.lessons() == []


def test_value_that_was_left_open_is_learned_for_that_sentence(house: LivedIn) -> None:
    house.ask("dim the floor lamp")
    house.ask("no, 40 percent")
    house.ask("dim the floor lamp")
    assert house.told[-1] == (FLOOR, "dim the Floor lamp to 40 percent")
    house.ask("dim the TV lamp")
    assert house.told[-1] == (TV, "dim the TV lamp")


def test_learned_name_holds_in_other_sentences_and_not_in_other_rooms(house: LivedIn) -> None:
    house.ask("turn on the light", "office")
    house.ask("no, the floor lamp", "office")
    house.ask("set the light to 20 percent", "office")
    assert house.told[-1] == (FLOOR, "set the Floor lamp to 20 percent")
    house.ask("turn on the light", "bathroom")
    assert house.told[-1] == ("bath-light", "turn on the Bathroom light")
    house.ask("turn on the lights", "office")
    assert house.told[-1] == (OFFICE, "turn on the Office light")
    house.ask("turn on the light in the office", "office")
    assert house.told[-1] == (OFFICE, "turn on the Office light")


def test_name_that_nothing_has_is_learned_for_every_room(house: LivedIn) -> None:
    assert house.ask("turn on the gizmo", "office")["status"] == "rejected"
    house.ask("I meant the floor lamp", "office")
    house.ask("dim the gizmo to 10 percent", "bathroom")
    assert house.told[-1] == (FLOOR, "dim the Floor lamp to 10 percent")


def test_name_that_a_thing_has_is_that_thing_whatever_was_learned(house: LivedIn) -> None:
    house.ask("turn on the gizmo")
    house.ask("I meant the floor lamp")
    house.tds["gizmo"] = td("gizmo", "Gizmo", "Socket", "office")
    house.describe("gizmo")
    house.ask("turn on the gizmo")
    assert house.told[-1] == ("gizmo", "turn on Gizmo")


def test_wrong_room_asks_which_and_the_answer_is_the_correction(house: LivedIn) -> None:
    house.ask("turn on the light", "office")
    question = house.ask("wrong room", "office")
    assert (question["kind"], "Bathroom light" in question["choices"]) == ("question", True)
    assert on(house) == {OFFICE}
    result = house.answer(question, "Bathroom light")
    assert (result["status"], on(house)) == ("ok", {"bath-light"})
    house.state.clear()
    house.ask("turn on the light", "office")
    assert on(house) == {"bath-light"}


def test_correction_that_names_two_things_asks_back_first_and_then_puts_right(house: LivedIn) -> None:
    house.ask("turn on the light", "office")
    question = house.ask("no, the lamp", "office")
    assert question["kind"] == "question"
    house.ask("turn on the bathroom fan", "bathroom")  # something else is said meanwhile
    assert house.answer(question, "TV lamp")["status"] == "ok"
    assert on(house) == {TV, "bath-fan"}


def test_correction_of_a_correction_speaks_of_the_first_words(house: LivedIn) -> None:
    house.ask("turn on the light", "office")
    house.ask("no, the floor lamp", "office")
    house.ask("no, the TV lamp", "office")
    assert on(house) == {TV}
    assert [(row["said"], row["means"]) for row in house.lessons()] == [("light", "the TV lamp")]


def test_learned_sentence_can_be_learned_anew(house: LivedIn) -> None:
    house.ask("turn on the light", "office")
    house.ask("no, in the kitchen", "office")
    house.state.clear()
    house.ask("turn on the light", "office")
    house.ask("no, in the bathroom", "office")
    assert on(house) == {"bath-light"}
    house.state.clear()
    house.ask("turn on the light", "office")
    assert on(house) == {"bath-light"}
    assert len(house.lessons()) == 1


@pytest.mark.parametrize(("said", "then", "next_time"), [
    ("it's too dark in here", "no, the floor lamp", FLOOR), ("brighter", "I meant the TV lamp", TV)])
def test_sentence_that_names_nobody_is_learned(house: LivedIn, said: str, then: str, next_time: str) -> None:
    house.ask(said, "office")
    house.ask(then, "office")
    house.state.clear()
    house.ask(said, "office")
    assert on(house) == {next_time}


@pytest.mark.parametrize(("said", "then"), [
    ("turn off all the lights", "no, only the kitchen light"), ("turn on the light", "no, in ten minutes"),
    ("close the garden blind", "no, 50 percent"), ("turn it off", "I meant the stereo")])
def test_what_would_harm_another_time_is_not_learned(house: LivedIn, said: str, then: str) -> None:
    house.ask(said, "office")
    assert house.ask(then, "office")["status"] == "ok"
    assert house.lessons() == []


def test_later_instead_of_now_is_taken_back_and_armed(house: LivedIn) -> None:
    house.ask("turn on the light", "office")
    house.ask("no, in ten minutes", "office")
    assert on(house) == set()
    assert house.subtasks(OFFICE)[-2].guard == {"at_ms": house.now_ms + 600_000}


@pytest.mark.parametrize("then", ["I said the TV one", "the TV lamp", "the tv one please", "no, the TV lamp"])
def test_question_is_answered_in_words_and_both_commands_end(house: LivedIn, then: str) -> None:
    question = house.ask("turn on the lamp", "living room")
    assert question["kind"] == "question"
    result = house.ask(then, "living room")
    assert (result["status"], on(house)) == ("ok", {TV})
    assert house.result(question["id"])["status"] == "cancelled"
    assert house.ask("no, the other lamp", "living room")["status"] == "ok"
    assert on(house) == {FLOOR}
    assert [(row["said"], row["means"]) for row in house.lessons()] == [("lamp", "the Floor lamp")]


@pytest.mark.parametrize("then", ["turn on the TV lamp", "the lamp", "the kettle", "what time is it"])
def test_other_words_are_no_answer(house: LivedIn, then: str) -> None:
    question = house.ask("turn on the lamp", "living room")
    house.ask(then, "living room")
    assert house.result(question["id"]) is None
    assert house.answer(question, "Floor lamp")["status"] == "ok"


def test_wrong_room_is_answered_in_words(house: LivedIn) -> None:
    house.ask("turn on the light", "office")
    assert house.ask("wrong room", "office")["kind"] == "question"
    assert house.ask("the bathroom", "office")["status"] == "ok"
    assert on(house) == {"bath-light"}


def test_only_what_differs_is_done(house: LivedIn) -> None:
    house.ask("turn on the light and close the garden blind", "office")
    house.ask("no, the floor lamp", "office")
    assert [segment for segment, _ in house.told] == [OFFICE, "garden-blind", FLOOR]
    assert on(house) == {FLOOR, "garden-blind"}


def test_rule_of_the_wrong_thing_is_cancelled_and_the_right_one_armed(house: LivedIn) -> None:
    house.ask("turn off the light when nobody is in the corridor for five minutes", "office")
    house.ask("no, the floor lamp", "office")
    assert [cancel["target"] for cancel in house.cancels()] == [house.subtasks("office-light")[-1].id]
    assert house.subtasks("floor-lamp")[-1].guard is not None


@pytest.mark.parametrize("then", ["undo that", "no, undo that", "take that back please", "put it back"])
def test_undo_takes_back_what_was_done(house: LivedIn, then: str) -> None:
    house.state[OFFICE] = "on"
    house.ask("turn off the office light and turn on the floor lamp")
    result = house.ask(then)
    assert (result["status"], on(house)) == ("ok", {OFFICE})
    assert result["reply"] == "The Office light is on again and the Floor lamp is off again."
    assert house.lessons() == []


def test_undo_without_anything_done_says_so(house: LivedIn) -> None:
    assert house.ask("undo that")["status"] == "rejected"
    house.ask("what is the temperature in the kitchen")
    assert house.ask("undo that")["reply"] == "There is nothing to take back."


def test_undo_of_what_is_still_armed_cancels_it(house: LivedIn) -> None:
    house.ask("turn on the floor lamp in ten minutes")
    house.ask("undo that")
    assert [cancel["target"] for cancel in house.cancels()] == [house.subtasks(FLOOR)[-1].id]


def test_what_cannot_be_taken_back_is_said_and_the_right_is_done(house: LivedIn) -> None:
    house.ask("turn on the light", "office")
    house._earlier.clear()
    result = house.ask("no, the floor lamp", "office")
    assert (result["status"], on(house)) == ("partial", {OFFICE, FLOOR})
    assert "the Office light cannot go back by itself" in result["reply"]


def test_thing_that_is_gone_meanwhile_is_said(house: LivedIn) -> None:
    house.ask("turn on the light", "office")
    house.gone(OFFICE)
    result = house.ask("no, the floor lamp", "office")
    assert result["status"] == "partial"
    assert "the Office light is gone" in result["reply"]


@pytest.mark.parametrize("said", [
    "no", "no thanks", "not too bright in here", "not now", "turn on the floor lamp",
    "actually turn on the floor lamp", "the floor lamp please", "no motion in the corridor", "nobody is here"])
def test_other_sentences_are_no_corrections(house: LivedIn, said: str) -> None:
    house.ask("turn on the light", "office")
    house.ask(said, "office")
    assert not any(subtask.undo for subtask in house.subtasks())
    assert OFFICE in on(house)
    assert house.lessons() == []


def test_correction_speaks_of_nothing_old_and_of_nobody_elses_command(house: LivedIn) -> None:
    house.ask("turn on the light", "office")
    house.ask("no, the floor lamp", "office", client="bob")
    assert OFFICE in on(house)
    house.wait(301, 10)
    house.ask("no, the floor lamp", "office")
    assert OFFICE in on(house)
    assert house.lessons() == []


def test_correction_that_fails_teaches_nothing(house: LivedIn) -> None:
    house.ask("turn on the gizmo")
    house.cannot.add(FLOOR)
    assert house.ask("I meant the floor lamp")["status"] == "rejected"
    assert house.lessons() == []


# -- policy --


def allowing(tmp_path, rows: str) -> Policy:
    file = tmp_path / "policy.toml"
    file.write_text(f"""{rows}
[confirm]
kinds = []
more_things_than = 20
[limits]
steps_per_command = 100
open_commands_per_client = 50
rules_per_client = 200
clarifications_per_command = 3
wrong_pins_per_question = 3
[seconds]
deadline = 120
question = 120
""")
    return Policy.read(file)


def test_correction_permits_nothing_that_is_not_permitted(tmp_path) -> None:
    policy = allowing(tmp_path, '[[allow]]\nwho = ["*"]\nmay = ["act", "query"]\nkinds = ["*"]\nrooms = ["office"]')
    house = LivedIn(policy=policy)
    house.ask("turn on the light", "office")
    result = house.ask("no, the floor lamp", "office")
    assert "You may not move the Floor lamp." in result["reply"]
    assert FLOOR not in on(house)
    assert house.lessons() == []


def test_correction_to_a_lock_needs_a_yes_each_time() -> None:
    house = LivedIn()
    house.ask("turn on the gizmo")
    assert house.ask("I meant the fan")["status"] == "ok"
    house.ask("unlock the gadget")
    for say in ("I meant the front door lock", "unlock the gadget"):
        question = house.ask(say)
        assert (question["kind"], question["type"]) == ("question", "confirm")
        assert not house.subtasks("entry-lock") or say == "unlock the gadget"
        house.confirm(question)
    assert [row["said"] for row in house.lessons()] == ["gizmo", "gadget"]


def test_taking_back_needs_no_yes_for_what_a_device_would_not_do_anyway() -> None:
    house = LivedIn()
    house.confirm(house.ask("unlock the front door"))
    assert house.ask("undo that")["status"] == "ok"
    assert house.subtasks("entry-lock")[-1].grant is None


def test_taking_back_asks_where_the_site_wants_a_yes_for_that_kind() -> None:
    house = LivedIn(policy=replace(Policy.read(), confirm_kinds=frozenset({"light"})))
    house.confirm(house.ask("turn on the floor lamp"))
    assert house.ask("undo that")["kind"] == "question"


def test_correction_that_is_not_confirmed_teaches_nothing(house: LivedIn) -> None:
    house.ask("unlock the gadget")
    question = house.ask("I meant the front door lock")
    house.answer(question, "no")
    assert house.lessons() == []
    assert house.subtasks("entry-lock") == []


# -- laws for whatever is said --

SAID = """no not the other one lamp light that I meant said undo wrong room in kitchen office floor tv 40 percent off on
open blue blinds upstairs , it put back forget what about learned have you nein die Lampe turn gizmo all unlock front
door lock""".split()  # noqa: SIM905
FIRST = ("turn on the light", "turn on the gizmo", "close the garden blind and turn on the fan", "lock the front door",
         "set the TV lamp to 20", "what is the temperature in the kitchen",
         "turn off the light when nobody is in the corridor")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FIRST), st.lists(st.lists(st.sampled_from(SAID), min_size=1, max_size=7), max_size=4))
def test_everything_that_is_said_has_one_end_and_no_lock_moves_without_a_yes(first: str, then: list[list[str]]) -> None:
    house = LivedIn()
    house.ask(first, "office")
    for words in then:
        said = " ".join(words)
        end = house.ask(said, "office")
        assert end.get("kind") in ("result", "question"), said
        assert end.get("status") != "failed", said
    assert all(subtask.grant or ("unlock" not in subtask.text and "open" not in subtask.text)
               for subtask in house.subtasks("entry-lock"))
    assert all(set(row["things"]) <= {thing.id for thing in house.registry.things} for row in house.lessons())
