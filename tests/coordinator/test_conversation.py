"""Talking to people and devices, two ends in memory."""

import pytest
from small_house import SmallHouse

from coordinator.plan import Choice, Plan, Question, understand_command
from coordinator.policy import Policy, hash_pin


@pytest.fixture
def house():
    """A running coordinator with a lamp, a lock and a thermometer."""
    return SmallHouse()


def kinds(replies):
    return [reply["kind"] for reply in replies]


def test_command_travels_to_the_device_and_back_as_words(house):
    replies = house.say(id="1", text="hall-lamp: turn on the Hall lamp")
    assert kinds(replies) == ["accepted", "plan"]
    [subtask] = house.subtasks()
    assert subtask.text == "turn on the Hall lamp"
    assert subtask.owner == "ann"
    assert subtask.command == "1"
    assert subtask.deadline_ms == house.now_ms + 120_000
    assert kinds(house.report("accepted")) == ["progress"]
    replies = house.report("done", calls=[{"action": "turn_on"}])
    assert kinds(replies) == ["progress", "result"]
    assert replies[-1]["status"] == "ok"
    assert replies[-1]["reply"] == "The Hall lamp is on."


def test_real_planner_is_understood():
    house = SmallHouse(planner=understand_command)
    house.say(id="1", text="turn on the hall lamp and open the skylight")
    house.report("done", calls=[{"property": "on", "value": True}])
    result = house.result()
    assert result["status"] == "partial"
    assert result["reply"].startswith("The Hall lamp is on. ")
    assert len(result["rejected"]) == 1


def test_reading_is_answered_with_its_unit(house):
    house.say(id="1", text="kitchen-thermometer? what is the temperature")
    house.report("done", "kitchen-thermometer", reads=[{"property": "temperature", "value": 21.5}])
    assert house.result()["reply"] == "The temperature in the kitchen is 21.5 °C."


def test_repeated_command_gets_its_replies_again_and_acts_once(house):
    first = house.say(id="1", text="hall-lamp: turn on")
    assert house.say(id="1", text="hall-lamp: turn on") == first
    house.report("done")
    assert kinds(house.say(id="1", text="hall-lamp: turn on")) == ["accepted", "plan", "result"]
    assert len(house.subtasks()) == 1


def test_same_id_of_another_client_is_another_command(house):
    house.say(id="1", text="hall-lamp: turn on")
    house.say("bob", id="1", text="hall-lamp: turn on")
    assert len({subtask.id for subtask in house.subtasks()}) == 2


def test_redelivered_command_without_an_id_acts_once_but_a_new_one_acts_again(house):
    house.say(text="hall-lamp: turn on")
    house.say(text="hall-lamp: turn on", dup=True)
    assert len(house.subtasks()) == 1
    house.say(text="hall-lamp: turn on")
    assert len(house.subtasks()) == 2


def test_what_is_not_possible_is_said_once_with_its_reason(house):
    result = house.say(id="1", text="toaster: toast; toaster: toast")[-1]
    assert (result["kind"], result["status"], result["reply"]) == ("result", "rejected", "There is no toaster.")


def test_things_that_did_the_same_share_a_sentence(house):
    house.say(id="1", text="hall-lamp: turn on; front-door-lock: lock")
    lamp, lock = house.subtasks()
    house.report("done", subtask=lamp, calls=[{"action": "lock"}])
    house.report("done", "front-door-lock", subtask=lock, calls=[{"action": "lock"}])
    assert house.result()["reply"] == "The Hall lamp and the Front door lock are locked."


# -- questions ----------------------------------------------------------------------------------------------------


def which(text, house, room=None, **_):
    if text == "hall-lamp":
        from small_house import plan_by_names  # noqa: PLC0415
        return plan_by_names("hall-lamp: turn on", house)
    choices = (Choice("Hall lamp", "hall-lamp"), Choice("Mirror lamp", "mirror"))
    return Plan(text, question=Question("clarify", "Which lamp?", choices))


@pytest.mark.parametrize("said", ["1", "Hall lamp", " hall LAMP "])
def test_ambiguous_command_is_asked_back_and_goes_on_with_the_answer(said):
    house = SmallHouse(planner=which)
    question = house.say(id="1", text="the lamp")[-1]
    assert question["kind"] == "question"
    assert question["type"] == "clarify"
    assert question["choices"] == ["Hall lamp", "Mirror lamp"]
    assert question["expires_ms"] == house.now_ms + 120_000
    assert [reply["id"] for reply in house.say(id=question["question"], answer=said)] == ["1"]
    house.report("done")
    assert house.result()["status"] == "ok"


@pytest.mark.parametrize("said", ["3", "0", "sofa", "", "-1", "99999999999999999999"])
def test_answer_that_is_no_choice_is_refused_and_the_question_stays(said):
    house = SmallHouse(planner=which)
    question = house.say(id="1", text="the lamp")[-1]
    [error] = house.say(id=question["question"], answer=said)
    assert error["kind"] == "error"
    assert "1 Hall lamp" in error["reason"]
    house.say(id=question["question"], answer="1")
    assert len(house.subtasks()) == 1


def test_endless_ambiguity_ends():
    house = SmallHouse(planner=which)
    reply = house.say(id="1", text="the lamp")[-1]
    for _ in range(5):
        if reply["kind"] == "question":
            reply = house.say(id=reply["question"], answer="2")[-1]
    assert (reply["kind"], reply["status"]) == ("result", "rejected")


def test_question_that_expires_ends_the_command_and_takes_no_answer():
    house = SmallHouse(planner=which)
    question = house.say(id="1", text="the lamp")[-1]
    house.wait(121)
    assert house.result()["status"] == "expired"
    [error] = house.say(id=question["question"], answer="1")
    assert "expired" in error["reason"]
    assert house.subtasks() == []


@pytest.mark.parametrize("qid", ["q99", "nonsense", "q", "q²", "q1.5"])
def test_answer_to_no_question_is_an_error(house, qid):
    [error] = house.say(id=qid, answer="1")
    assert error["kind"] == "error"
    assert error["id"] == qid


def test_question_of_another_client_cannot_be_answered(house):
    question = house.say(id="1", text="front-door-lock: unlock")[-1]
    [error] = house.say("eve", id=question["question"], confirm=question["plan"])
    assert error["kind"] == "error"
    assert house.subtasks() == []


# -- yes ----------------------------------------------------------------------------------------------------------


def test_lock_waits_for_a_yes_to_exactly_that_plan(house):
    replies = house.say(id="1", text="front-door-lock: unlock the Front door lock")
    assert kinds(replies) == ["accepted", "plan", "question"]
    assert replies[1]["needs_confirmation"] is True
    question = replies[-1]
    assert house.subtasks() == []
    [error] = house.say(id=question["question"], confirm="0" * 64)
    assert error["kind"] == "error"
    [error] = house.say(id=question["question"], answer="yes")
    assert question["plan"] in error["reason"]
    assert house.subtasks() == []
    house.say(id=question["question"], confirm=question["plan"])
    [subtask] = house.subtasks()
    assert subtask.grant == question["plan"]
    house.report("done", "front-door-lock", calls=[{"action": "unlock"}])
    assert house.result()["reply"] == "The Front door lock is unlocked."


def test_yes_that_comes_twice_acts_once(house):
    question = house.say(id="1", text="front-door-lock: unlock")[-1]
    house.say(id=question["question"], confirm=question["plan"])
    house.say(id=question["question"], confirm=question["plan"])
    assert len(house.subtasks()) == 1


def test_no_cancels(house):
    question = house.say(id="1", text="front-door-lock: unlock; hall-lamp: turn on")[-1]
    house.say(id=question["question"], answer="no")
    assert house.result()["status"] == "cancelled"
    assert house.subtasks() == []


def test_one_yes_covers_the_whole_plan(house):
    question = house.say(id="1", text="front-door-lock: unlock; > hall-lamp: turn on")[-1]
    house.say(id=question["question"], confirm=question["plan"])
    assert [subtask.id for subtask in house.subtasks()] == ["t-1-s1"]
    house.report("done", "front-door-lock")
    assert [subtask.id for subtask in house.subtasks()] == ["t-1-s1", "t-1-s2"]


def test_pin_is_wanted_and_guessing_ends():
    house = SmallHouse(policy=Policy.read(pin=hash_pin("2468")))
    for attempt, pins in enumerate((["2468"], ["1", "2468"], ["1", "2", "3"])):
        question = house.say(id=str(attempt), text="front-door-lock: unlock")[-1]
        assert question["pin"] is True
        for pin in pins:
            house.say(id=question["question"], confirm=question["plan"], pin=pin)
    assert len(house.subtasks()) == 2
    assert house.result("2")["status"] == "rejected"
    [error] = house.say(id=question["question"], confirm=question["plan"], pin="2468")
    assert error["kind"] == "error"


def test_device_that_wants_a_yes_gets_the_next_attempt_with_a_grant(house):
    house.say(id="1", text="hall-lamp: do what the coordinator took for harmless")
    question = house.report("rejected", code="needs_confirmation")[-1]
    assert (question["kind"], question["type"]) == ("question", "confirm")
    assert house.result() is None
    house.report("rejected", code="needs_confirmation")
    house.say(id=question["question"], confirm=question["plan"])
    first, second = house.subtasks()
    assert (first.attempt, first.grant) == (1, None)
    assert (second.attempt, second.grant, second.id) == (2, question["plan"], first.id)
    house.report("done", subtask=first)
    assert house.result() is None
    house.report("done", subtask=second)
    assert house.result()["status"] == "ok"


def test_lock_is_not_moved_over_a_broker_that_lets_strangers_in():
    house = SmallHouse(strangers=True)
    result = house.say(id="1", text="front-door-lock: lock; hall-lamp: turn on")
    assert kinds(result) == ["accepted", "plan"]
    assert len(house.subtasks()) == 1
    house.report("done")
    assert house.result()["status"] == "partial"
    assert "strangers" in house.result()["reply"]


# -- cancel, rules ------------------------------------------------------------------------------------------------


def test_cancel_reaches_the_device_and_its_word_wins(house):
    house.say(id="1", text="hall-lamp: turn on")
    house.report("running")
    house.say(id="2", cancel="1")
    assert house.cancels() == [{"id": "t-1-s1-cancel", "target": "t-1-s1", "mode": "cancel"}]
    assert house.result() is None
    house.report("cancelled")
    assert house.result()["status"] == "cancelled"
    assert house.result("2")["status"] == "ok"


def test_cancel_that_is_too_late_says_so(house):
    house.say(id="1", text="hall-lamp: turn on")
    house.say(id="2", cancel="1")
    house.report("done")
    assert house.result()["status"] == "ok"
    assert house.result("2")["status"] == "rejected"
    [error] = house.say(id="3", cancel="1")
    assert error["kind"] == "error"


def test_cancel_closes_an_open_question(house):
    question = house.say(id="1", text="front-door-lock: unlock")[-1]
    house.say(id="2", cancel="1")
    assert house.result()["status"] == "cancelled"
    assert house.result("2")["status"] == "ok"
    assert house.say(id=question["question"], confirm=question["plan"])[0]["kind"] == "error"


@pytest.mark.parametrize("target", ["nothing", "t-1-s9", "q1"])
def test_cancel_of_nothing_is_an_error(house, target):
    assert kinds(house.say(id="9", cancel=target)) == ["error"]


def test_cancel_in_words_takes_the_last_that_is_open():
    house = SmallHouse(planner=understand_command)
    house.say(id="1", text="turn on the hall lamp")
    house.say(id="2", text="cancel that")
    assert house.cancels()[0]["target"] == "t-1-s1"
    house.report("cancelled")
    assert house.result("2")["status"] == "ok"


def arm(house):
    house.say(id="1", text="hall-lamp: turn on @ every 60")
    return house.report("armed", rule={"paused": False, "fired": 0}, calls=[{"action": "turn_on"}])


def test_armed_rule_is_a_result_and_is_listed(house):
    result = arm(house)[-1]
    assert (result["status"], result["reply"]) == ("ok", "Armed for the Hall lamp: turn on, every 1 minute.")
    [row] = house.say(id="r", query="rules")[-1]["rows"]
    assert (row["id"], row["owner"], row["fired"], row["paused"]) == ("t-1-s1", "ann", 0, False)
    assert row["when"] == "every 1 minute"


def test_rule_that_fires_tells_its_owner(house):
    arm(house)
    house.now_ms += 1000
    [progress, told] = house.report("armed", rule={"paused": False, "fired": 1, "last_fired_ms": 5},
                                    calls=[{"action": "turn_on"}])
    assert progress["rule"]["fired"] == 1
    assert (told["event"], told["text"]) == ("fired", "The Hall lamp is on.")
    assert house.say(id="r", query="rules")[-1]["rows"][0]["last_fired_ms"] == 5


def test_owner_is_told_of_a_firing_that_came_to_nothing(house):
    arm(house)
    told = house.report("armed", rule={"paused": False, "fired": 1}, code="driver", reason="No power.")[-1]
    assert (told["event"], told["text"]) == ("fired", "The Hall lamp: No power.")


def test_rule_whose_source_is_lost_tells_its_owner(house):
    arm(house)
    told = house.report("armed", rule={"paused": False, "fired": 0, "unknown": True}, reason="hall-motion is lost.")[-1]
    assert told["event"] == "unknown"
    assert "hall-motion is lost" in told["text"]


def test_rule_is_paused_resumed_and_deleted(house):
    arm(house)
    house.say(id="2", pause="t-1-s1")
    assert house.result("2") is None
    house.now_ms += 10
    house.report("armed", rule={"paused": True, "fired": 0})
    assert house.result("2")["status"] == "ok"
    [row] = house.say(id="r", query="rules")[-1]["rows"]
    assert row["paused"] is True
    assert row["calls"] == [{"action": "turn_on"}]
    house.say(id="3", resume="t-1-s1")
    house.now_ms += 10
    house.report("armed", rule={"paused": False, "fired": 0})
    assert house.result("3")["status"] == "ok"
    house.say("bob", id="4", cancel="t-1-s1")
    house.report("cancelled")
    assert house.result("4", "bob")["status"] == "ok"
    assert house.say(id="r", query="rules")[-1]["rows"] == []


# -- bad input ----------------------------------------------------------------------------------------------------

BAD = [
    b"", b"{", b"[]", b"\xff\xfe", b"null", b'{"text": 3}', b'{"text": null}', b'{"id": 7, "text": "x"}', b"{}",
    b'{"id": "", "text": "x"}', b'{"id": "a\\u0000", "text": "x"}', b'{"confirm": "x"}', b'{"answer": "x"}',
    b'{"query": "no such question"}', b'{"query": "things_in_room"}',
    b'{"query": "things_in_room", "params": {"x": 1}}',
    b'{"query": "things", "params": 5}', b'{"cancel": {}}', b'{"text": "' + b"a" * 1_000_000 + b'"}', b"[" * 100_000,
    b'{"text": "' + b"\\ud800" * 10 + b'", "room": 3}',
]


@pytest.mark.parametrize("payload", BAD, ids=range(len(BAD)))
def test_bad_command_gets_one_sentence_and_everything_goes_on(house, payload):
    mark = len(house.published)
    house.heard("motewise/1/home/command/ann", payload)
    [error] = house.replies(since=mark)
    assert error["kind"] == "error"
    assert error["reason"].endswith((".", ")"))
    house.say(id="1", text="hall-lamp: turn on")
    assert len(house.subtasks()) == 1


@pytest.mark.parametrize(
    "text", ["", " ", "\x00\x07", "灯をつけて", "включи свет", "🙂", "turn on \u202e the lamp", "a" * 2000])
def test_any_text_gets_a_result(text):
    house = SmallHouse(planner=understand_command)
    replies = house.say(id="1", text=text)
    assert replies[-1]["kind"] in ("result", "question", "plan")


def test_planner_that_breaks_costs_one_command():
    def broken(*_, **__):
        raise RecursionError

    house = SmallHouse(planner=broken)
    assert house.say(id="1", text="x")[-1]["status"] == "failed"


@pytest.mark.parametrize("topic", ["hall-pi/status", "hall-pi/hall-lamp/td", "hall-pi/hall-lamp/report", "command/A B"])
@pytest.mark.parametrize("payload", [b"{", b"7", b"{}", b'{"id": "x", "state": "melted", "t_ms": 1}', b"\x00" * 9])
def test_bad_message_of_a_device_changes_nothing(house, topic, payload):
    house.heard(f"motewise/1/home/{topic}", payload)
    assert len(house.say(id="q", query="things")[-1]["rows"]) == 3


def test_retained_command_is_refused(house):
    house.heard("motewise/1/home/command/ann", {"id": "1", "text": "hall-lamp: turn on"}, retain=True)
    assert house.subtasks() == []
    assert "retained" in house.replies()[-1]["reason"]


def test_refused_descriptions_are_listed(house):
    house.heard("motewise/1/home/evil-pi/hall-lamp/td", {"id": "urn:motewise:hall-lamp", "title": "Mine"})
    [row] = house.say(id="q", query="refused")[-1]["rows"]
    assert (row["host"], row["thing"]) == ("evil-pi", "hall-lamp")
    assert "belongs to the host 'hall-pi'" in row["reason"]
    house.say(id="1", text="hall-lamp: turn on")
    assert house.published[-1][0] == "motewise/1/home/hall-pi/hall-lamp/subtask"


def test_who_guesses_at_the_pin_gets_no_further_with_more_questions():
    house = SmallHouse(policy=Policy.read(pin=hash_pin("2468")))

    def guess(number, pin):
        question = house.say(id=str(number), text="front-door-lock: unlock")[-1]
        return house.say(id=question["question"], confirm=question["plan"], pin=pin)

    for number in range(10):
        guess(number, "1")
    [error] = guess(10, "2468")
    assert (error["kind"], house.subtasks("front-door-lock")) == ("error", [])
    house.now_ms += 2 * 3_600_000
    house.wait(1)
    guess(11, "2468")
    assert len(house.subtasks("front-door-lock")) == 1


def test_journal_forgets_what_is_over_and_nothing_else():
    house = SmallHouse()
    house.say(id="rule", text="hall-lamp: turn on @ every 60")
    house.report("armed", rule={"fired": 0})
    for fired in range(1, 6):
        house.report("armed", rule={"fired": fired})
    house.say(id="asked", text="front-door-lock: unlock")
    for number in range(4):
        house.say(id=str(number), text="hall-lamp: turn on")
        house.report("done")
    house.journal.prune(kept=2, notices=3)
    house.leave()
    left = {command.id for command in house.journal.recent_commands("ann", 100)}
    assert left == {"rule", "asked", "2", "3"}
    rule = house.journal.command_of("ann", "rule")
    kept = [text for _, text in house.journal.replies_of(rule.number)]
    assert sum('"fired"' in text and '"progress"' in text for text in kept) == 3
    assert any('"kind":"result"' in text for text in kept)
    house.say(id="3", text="hall-lamp: turn on")
    assert len(house.subtasks("hall-lamp")) == 5


def test_journal_is_pruned_while_it_serves(monkeypatch):
    house = SmallHouse()
    pruned = []
    monkeypatch.setattr(house.journal, "prune", lambda: pruned.append(house.now_ms))
    house.wait(7300, step_s=10)
    assert len(pruned) == 3
