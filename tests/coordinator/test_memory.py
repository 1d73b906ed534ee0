"""What a house has learned: kept, shown, erased, and never used where it does not fit any more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lived_in import LivedIn
from typer.testing import CliRunner

from coordinator import cli
from coordinator.cli import register
from coordinator.journal import Journal
from coordinator.memory import Draft, Memory
from coordinator.policy import Policy
from firmware_py.host.cli import build

FLOOR, TV, OFFICE = "floor-lamp", "tv-lamp", "office-light"


def taught(house: LivedIn) -> LivedIn:
    """The light in the office is the floor lamp."""
    house.ask("turn on the light", "office")
    assert house.ask("no, the floor lamp", "office")["status"] == "ok"
    return house


def means(house: LivedIn, room: str | None = "office") -> str:
    """Which Thing "the light" is."""
    house.ask("turn on the light", room)
    return house.told[-1][0]


def test_it_survives_a_kill_and_a_restart(tmp_path: Path) -> None:
    house = taught(LivedIn(path=tmp_path / "journal.db"))
    house.kill()
    house.start()
    assert means(house) == FLOOR


def test_correction_after_a_restart_speaks_of_the_command_before_it(tmp_path: Path) -> None:
    house = LivedIn(path=tmp_path / "journal.db")
    house.ask("turn on the light", "office")
    house.kill()
    house.start()
    assert house.ask("no, the floor lamp", "office")["status"] == "ok"
    assert house.state == {OFFICE: "off", FLOOR: "on"}
    assert means(house) == FLOOR


def test_correction_that_a_kill_interrupts_is_done_and_learned_after_the_restart(tmp_path: Path) -> None:
    house = LivedIn(path=tmp_path / "journal.db")
    house.ask("turn on the light", "office")
    house.say(id="1", text="no, the floor lamp", room="office")
    assert house.lessons() == []
    house.kill()
    house.start()
    house.obey()
    assert house.state == {OFFICE: "off", FLOOR: "on"}
    assert "I will remember" in house.result("1")["reply"]
    assert means(house) == FLOOR


def test_journal_of_the_version_before_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    old = Journal(path)
    old._db.executescript(  # as version 1 was
        "DROP TABLE lesson; ALTER TABLE step DROP COLUMN undo; PRAGMA user_version=1")
    old.close()
    assert means(taught(LivedIn(path=path))) == FLOOR


def test_it_is_shown_with_the_name_that_the_thing_has_now() -> None:
    house = taught(LivedIn())
    house.describe(FLOOR, title="Arc lamp")
    [row] = house.lessons()
    assert row == {
        "id": "m1", "kind": "name", "said": "light", "room": "office", "means": "the Arc lamp",
        "things": ["urn:motewise:floor-lamp"], "state": "learned", "owner": "ann", "t_ms": house.now_ms, "problem": ""}
    house.ask("turn on the light", "office")
    assert house.told[-1] == (FLOOR, "turn on the Arc lamp")


def test_memory_of_a_thing_that_is_gone_is_told_and_not_used_until_it_is_back() -> None:
    house = taught(LivedIn())
    kept = house.tds[FLOOR]
    house.gone(FLOOR)
    assert house.lessons()[0]["problem"] == "There is no floor-lamp any more; it is not used."
    assert means(house) == OFFICE
    house.tds[FLOOR] = kept
    house.describe(FLOOR)
    assert house.lessons()[0]["problem"] == ""
    assert means(house) == FLOOR


def test_plans_made_before_are_not_used_once_something_was_learned() -> None:
    house = LivedIn()
    for _ in range(3):
        assert means(house) == OFFICE
    house.ask("no, the floor lamp", "office")
    for _ in range(2):
        assert means(house) == FLOOR
    house.say(forget="all")
    assert means(house) == OFFICE


@pytest.mark.parametrize("said", [
    "what have you learned?", "What did you learn", "please tell me what you have learned"])
def test_it_is_told_by_word(said: str) -> None:
    house = LivedIn()
    assert house.ask(said)["reply"] == "I have learned nothing yet."
    taught(house)
    assert house.ask(said)["reply"] == "I have learned that “light” in the office means the Floor lamp."


@pytest.mark.parametrize(("said", "left"), [
    ("forget what I said about the light", ["gizmo"]), ("forget what I told you about the floor lamp", ["gizmo"]),
    ("forget what you learned about the gizmo", ["light"]), ("forget everything you learned", []),
    ("forget what I said about the heating", ["light", "gizmo"])])
def test_it_is_forgotten_by_word(said: str, left: list[str]) -> None:
    house = taught(LivedIn())
    house.ask("turn on the gizmo")
    house.ask("I meant the TV lamp")
    status = house.ask(said)["status"]
    assert [row["said"] for row in house.lessons()] == left
    assert status == ("ok" if len(left) < 2 else "rejected")


def test_it_is_forgotten_by_its_id_or_all_at_once() -> None:
    house = taught(LivedIn())
    [error] = house.say(id="1", forget="m9")
    assert (error["kind"], "no memory 'm9'" in error["reason"]) == ("error", True)
    assert [reply["kind"] for reply in house.say(id="2", forget="m1")] == ["accepted", "result"]
    assert house.result("2")["reply"] == "I have forgotten that “light” in the office means the Floor lamp."
    assert means(house) == OFFICE
    taught(house)
    house.say(id="3", forget="all")
    assert (house.result("3")["status"], house.lessons()) == ("ok", [])


def test_what_was_forgotten_is_not_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = Journal(path)
    memory = Memory(journal)
    memory.answered(Draft("sentence", "xyzzy plugh", "", "turn on the xyzzy", ()), "ann", 1, 1)
    memory.answered(Draft("sentence", "plover", "", "turn on the lamp", ()), "ann", 1, 1)
    for forgotten in (False, True):
        if forgotten:
            memory.forget(memory.find("m1"))
        journal.commit()
        journal._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        assert (b"xyzzy" in path.read_bytes()) is not forgotten
    assert b"plover" in path.read_bytes()


def test_others_lessons_are_forgotten_only_by_who_may_manage(tmp_path: Path) -> None:
    shipped = Path(cli.__file__).with_name("policy.toml").read_text("utf-8")
    file = tmp_path / "policy.toml"
    file.write_text(shipped.replace('"query", "manage"]', '"query"]'))
    house = taught(LivedIn(policy=Policy.read(file)))
    [error] = house.say("bob", id="1", forget="m1")
    assert error["reason"] == "Others taught me that."
    house.ask("forget what I said about the light", client="bob")
    assert len(house.lessons()) == 1
    house.say("ann", id="2", forget="m1")
    assert house.lessons() == []


def test_it_holds_for_everybody_in_the_house() -> None:
    house = taught(LivedIn())
    house.ask("turn on the light", "office", client="bob")
    assert house.told[-1][0] == FLOOR


# -- answers to questions --


def chosen(house: LivedIn, label: str, room: str | None = "living room") -> dict[str, Any]:
    question = house.ask("turn on the lamp", room)
    assert question["kind"] == "question", question
    return house.answer(question, label)


def test_answer_is_remembered_when_it_was_given_twice() -> None:
    house = LivedIn()
    chosen(house, "TV lamp")
    assert [row["state"] for row in house.lessons()] == ["heard"]
    assert "I will remember" in chosen(house, "TV lamp")["reply"]
    assert house.ask("turn on the lamp", "living room")["status"] == "ok"
    assert house.told[-1][0] == TV
    assert [row["state"] for row in house.lessons()] == ["learned"]


def test_answers_that_differ_are_not_remembered() -> None:
    house = LivedIn()
    for label in ("TV lamp", "Floor lamp", "TV lamp", "Floor lamp"):
        chosen(house, label)
    assert [row["state"] for row in house.lessons()] == ["heard"]


def test_answer_in_one_room_says_nothing_of_another() -> None:
    house = LivedIn()
    chosen(house, "TV lamp")
    chosen(house, "TV lamp", "kitchen")
    assert house.ask("turn on the lamp", "living room")["kind"] == "question"


# -- the command line --


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Run `motewise memory …` on a house that was taught, without a broker."""
    monkeypatch.setenv("MOTEWISE_CONFIG", str(tmp_path / "none.toml"))
    app, _ = build()
    if not {"memory"} <= {command.callback.__name__ for command in app.registered_commands if command.callback}:
        register(app)
    house = taught(LivedIn())

    async def rows(who: Any, name: str, params: Any, timeout_s: float) -> Any:
        return house.lessons()

    async def once(who: Any, timeout_s: float, **fields: Any) -> Any:
        return house.say(id="cli", **fields)[-1]

    monkeypatch.setattr(cli, "_rows", rows)
    monkeypatch.setattr(cli, "_once", once)
    return lambda *words: CliRunner().invoke(app, ["memory", *words, "--user", "ann"])


def test_command_line_lists_and_forgets(run: Any) -> None:
    shown = run("list").output
    assert all(word in shown for word in ("m1", "light", "office", "the Floor lamp", "ann", "learned"))
    assert '"said": "light"' in run("--json").output
    assert "I have forgotten" in run("forget", "m1").output
    assert "Nothing was learned." in run().output
    assert run("forget", "--all").exit_code == 0


@pytest.mark.parametrize("words", [
    ("burn",), ("forget",), ("forget", "m1", "--all"), ("list", "m1"), ("list", "--all")])
def test_wrong_words_on_the_command_line_are_a_usage_error(run: Any, words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2
