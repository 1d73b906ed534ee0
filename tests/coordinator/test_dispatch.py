"""Steps that are never dropped and never sent as something else, two ends in memory."""

import pytest
from small_house import SmallHouse


@pytest.fixture
def house():
    """A running coordinator."""
    return SmallHouse()


def test_subtask_is_sent_again_as_the_same_until_a_report_comes(house):
    house.say(id="1", text="hall-lamp: turn on")
    house.wait(10)
    sent = house.subtasks()
    assert len(sent) > 1
    assert len(set(sent)) == 1
    house.report("done")
    house.wait(60)
    assert len(house.subtasks()) == len(sent)


def test_device_that_was_away_gets_its_subtask_when_it_returns(house):
    house.status("hall-pi", "lost", 1)
    replies = house.say(id="1", text="hall-lamp: turn on")
    assert replies[-1]["state"] == "waiting"
    house.wait(60)
    assert house.subtasks() == []
    house.status("hall-pi", "ready", 2)
    assert len(house.subtasks()) == 1


def test_device_that_never_took_it_makes_it_expire_and_its_later_word_corrects_that(house):
    house.say(id="1", text="hall-lamp: turn on")
    house.wait(130)
    assert house.result()["status"] == "expired"
    replies = house.report("done", calls=[{"property": "on", "value": True}])
    assert replies[-1]["status"] == "ok"
    assert replies[-1]["corrects"] == "expired"
    assert house.report("failed") == []


def test_device_that_took_it_and_is_gone_makes_it_unknown(house):
    house.say(id="1", text="hall-lamp: turn on")
    house.report("accepted")
    house.status("hall-pi", "lost", 1)
    house.wait(130)
    assert house.result()["status"] == "unknown"
    house.status("hall-pi", "ready", 2)
    house.report("failed", reason="No power.")
    assert house.result()["status"] == "failed"


def test_device_that_is_busy_past_the_deadline_is_waited_for(house):
    house.say(id="1", text="hall-lamp: turn on")
    house.report("running")
    house.wait(300)
    assert house.result() is None
    house.report("done")
    assert house.result()["status"] == "ok"


def test_later_step_waits_and_is_cancelled_when_the_first_fails(house):
    house.say(id="1", text="hall-lamp: turn on; > front-door-lock: lock")
    assert len(house.subtasks()) == 1
    house.report("failed", reason="No power.")
    result = house.result()
    assert [step["state"] for step in result["steps"]] == ["failed", "cancelled"]
    assert len(house.subtasks()) == 1


def test_no_other_host_can_report_for_a_device(house):
    house.say(id="1", text="hall-lamp: turn on")
    assert house.report("done", host="kitchen-pi") == []
    assert house.result() is None


def test_redelivered_and_late_reports_change_nothing(house):
    house.say(id="1", text="hall-lamp: turn on")
    house.report("running")
    assert house.report("accepted") == []
    house.report("done")
    for state in ("running", "done", "failed", "armed"):
        assert house.report(state) == []
    assert house.result()["status"] == "ok"


@pytest.mark.parametrize("heard", [(), ("accepted",), ("accepted", "running")])
def test_killed_coordinator_goes_on_with_the_same_attempt(tmp_path, heard):
    house = SmallHouse(tmp_path / "journal.db")
    house.say(id="1", text="hall-lamp: turn on")
    for state in heard:
        house.report(state)
    house.kill()
    house.start()
    assert len(house.subtasks()) == 2
    assert len(set(house.subtasks())) == 1
    assert house.say(id="1", text="hall-lamp: turn on")[0]["kind"] == "accepted"
    assert len(house.subtasks()) == 2
    house.report("done")
    assert house.result()["status"] == "ok"


def test_command_killed_before_its_commit_was_never_accepted(tmp_path):
    house = SmallHouse(tmp_path / "journal.db")
    leave, house.leave = house.leave, lambda: None
    house.say(id="1", text="hall-lamp: turn on")
    house.kill()
    house.leave = leave
    house.start()
    assert house.replies() == []
    house.say(id="1", text="hall-lamp: turn on")
    assert len(house.subtasks()) == 1


def test_reply_that_was_not_delivered_is_said_after_the_restart(tmp_path):
    house = SmallHouse(tmp_path / "journal.db")
    house.say(id="1", text="hall-lamp: turn on")
    house.report("done")
    house.journal._db.execute("UPDATE reply SET delivered = 0 WHERE payload LIKE '%\"result\"%'")
    house.kill()
    mark = len(house.published)
    house.start()
    assert [reply["kind"] for reply in house.replies(since=mark)] == ["result"]


@pytest.mark.parametrize("text", ["front-door-lock: unlock"])
def test_question_survives_a_restart(tmp_path, text):
    house = SmallHouse(tmp_path / "journal.db")
    question = house.say(id="1", text=text)[-1]
    house.kill()
    house.start()
    house.say(id=question["question"], confirm=question["plan"])
    assert len(house.subtasks()) == 1


def test_clock_that_jumps_to_the_future_expires_and_is_corrected(house):
    house.say(id="1", text="hall-lamp: turn on")
    house.now_ms += 86_400_000
    house.wait(1)
    assert house.result()["status"] == "expired"
    house.report("done")
    assert house.result()["status"] == "ok"


def test_device_that_says_nonsense_besides_is_believed_that_it_has_ended(house):
    house.say(id="1", text="hall-lamp: turn on")
    house.report("done", calls=[5, {"action": "turn_on"}], reads=["x", {"property": "on", "value": 1, "unit": [1]}],
                 rule={"fired": "often", "conflicts": 3, "unknown": 7})
    assert house.result()["status"] == "ok"
    house.say(id="2", text="hall-lamp: turn on @ every 60")
    house.report("armed", rule={"fired": 0})
    assert house.report("armed", rule={"fired": [], "paused": "no"}) != []
    assert house.report("armed", rule={"fired": 1})[-1]["event"] == "fired"


def test_text_of_a_device_reaches_a_person_without_control_characters(house):
    house.say(id="1", text="hall-lamp: turn on")
    house.report("failed", reason="No\x1b[2J power.\u202e", reads=[{"property": "a\x07", "value": {"b": ["\x1b"]}}])
    said = str(house.result()) + str(house.replies())
    assert "power" in said
    assert not any(mark in said for mark in ("\\x1b", "\\u202e", "\\x07"))
