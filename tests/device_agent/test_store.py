"""The store: one transaction a turn, rows read back as they were."""

import sqlite3

import pytest

from device_agent.store import Made, Store, Task
from firmware_py.core.conversation import report
from firmware_py.core.messages import Subtask
from firmware_py.host.durable import DurableError

SUBTASK = Subtask(id="1", command="c", text="turn on – ü", guard={"every_s": 5}, deadline_ms=9, attempt=1, owner="ann",
                  grant=None, undo=None)


def task(**more):
    fields = {"number": 0, "thing": "lamp", "id": "1", "attempt": 1, "subtask": SUBTASK, "state": "running",
              "report": report(SUBTASK, "running", 5, step="a")}
    return Task(**{**fields, **more})


def test_task_is_read_back_as_it_was(tmp_path):
    store = Store(tmp_path / "s.db")
    made = Made(({"action": "x", "input": {}},), ({"property": "p", "value": 1.5},), {"a": {"action": "y"}}, "Why.",
                "code", {"model": 1.5})
    put = store.put(task(program={"states": {}}, at="a", intent={"call": {}}, watch={"was": None}, rule={"fired": 1},
                         made=made))
    store.close()
    assert put.number == 1
    assert Store(tmp_path / "s.db").task("lamp", "1") == put


def test_what_was_not_committed_is_gone(tmp_path):
    store = Store(tmp_path / "s.db")
    store.put(task())
    assert store.changed
    store._db.close()
    assert Store(tmp_path / "s.db").task("lamp", "1") is None


def test_failed_attempt_leaves_the_rest_of_the_turn():
    store = Store(":memory:")
    with store.attempt():
        store.put(task())
    with pytest.raises(AttributeError), store.attempt():
        store.put(task(id="2")).nothing_like_that()
    store.commit()
    assert [found.id for found in store.open_tasks()] == ["1"]


def test_attempt_that_changes_nothing_costs_no_commit():
    store = Store(":memory:")
    with store.attempt():
        store.task("lamp", "1")
    assert not store.changed
    store.put(task())
    with store.attempt():
        store.task("lamp", "1")
    assert store.changed


def test_later_attempt_takes_the_place_of_the_earlier_one():
    store = Store(":memory:")
    store.put(task(state="rejected"))
    store.put(task(attempt=2, state="running"))
    assert [found.attempt for found in store.open_tasks()] == [2]


def test_only_the_last_report_is_noted_as_told():
    store = Store(":memory:")
    first = store.put(task())
    last = store.put(task(number=first.number, report=report(SUBTASK, "done", 6), state="done"))
    store.told("lamp", "1", first.report)
    assert store.untold() == [last]
    store.told("lamp", "1", last.report)
    assert store.untold() == []


def test_old_ends_are_forgotten_and_open_or_untold_ones_never():
    store = Store(":memory:")
    for number in range(6):
        store.put(task(id=str(number), state="done" if number else "armed", told=number != 1))
    store.prune(kept=2)
    assert [store.task("lamp", str(number)) is not None for number in range(6)] == [
        True, True, False, False, True, True]


def test_recent_ones_are_those_that_are_open_or_young():
    store = Store(":memory:")
    for number, (state, t_ms) in enumerate([("armed", 1), ("done", 1), ("done", 9)]):
        store.put(task(id=str(number), state=state, report=report(SUBTASK, state, t_ms)))
    assert [found.id for found in store.recent(5)] == ["0", "2"]


def test_facts():
    store = Store(":memory:")
    assert store.fact("epoch") is None
    store.set_fact("epoch", "7")
    store.set_fact("epoch", "8")
    assert store.fact("epoch") == "8"


def test_file_that_is_no_store_is_one_sentence(tmp_path):
    path = tmp_path / "s.db"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(DurableError, match="cannot be opened"):
        Store(path)
    other = sqlite3.connect(tmp_path / "o.db")
    other.execute("PRAGMA user_version=99")
    other.close()
    with pytest.raises(DurableError, match="another version"):
        Store(tmp_path / "o.db")
    with pytest.raises(DurableError):
        Store(tmp_path / "no" / "such" / "folder.db")


def test_store_that_cannot_be_written_is_one_sentence():
    store = Store(":memory:")
    store.set_fact("epoch", "1")
    store._db.set_authorizer(lambda *asked: sqlite3.SQLITE_DENY)
    with pytest.raises(DurableError, match="cannot be written"):
        store.commit()
