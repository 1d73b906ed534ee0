"""One host's conversation: what it takes, does once, refuses and answers; everything in memory."""

import pytest
from small_host import BELL, HOST, LAMP, LOCK, SITE, Answer, SmallHost, by_heart, states

from device_agent.compile import compile_program
from device_agent.outbox import Act, Outcome, Refresh, Understand
from device_agent.store import Store
from firmware_py.core import topics
from firmware_py.core.messages import Subtask


@pytest.fixture
def host():
    """A running agent."""
    return SmallHost()


def test_subtask_is_accepted_run_and_done(host):
    reports = host.say("turn on")
    assert states(reports) == ["accepted", "running", "done"]
    assert reports[1].step == "do1_turn_on"
    assert reports[2].calls == [{"action": "turn_on", "input": {}}]
    assert reports[0].ms["model"] == 12.0
    assert set(reports[2].ms) == {"model", "compile"}
    assert host.devices[LAMP].read("on") is True
    assert host.value(LAMP, "on") is True


def test_one_commit_stands_before_the_driver_acts(host):
    host.hold = {Act}
    before = host.commits
    assert states(host.say("turn on")) == ["accepted", "running"]
    assert host.commits - before == 1
    assert host.devices[LAMP].read("on") is False
    assert host.acknowledged == [topics.subtask(SITE, HOST, LAMP)]
    assert host.store.task(LAMP, "1").intent["call"] == {"action": "turn_on", "input": {}}


def test_message_is_acknowledged_only_once_it_is_stored(host):
    host.hold = {Understand}
    host.say("turn on")
    host.say("turn on")
    assert host.acknowledged == []
    host.release()
    assert len(host.acknowledged) == 2
    assert states(host.reports()) == ["accepted", "running", "done"]


def test_repeated_subtask_is_answered_with_the_stored_report(host):
    first = host.say("ring", BELL)
    again = host.say("ring", BELL)
    assert again == first[-1:]
    assert host.devices[BELL].read("rings") == 1


def test_attempt_rises_only_after_a_report_of_not_having_acted(host):
    host.say("ring", BELL)
    assert states(host.say("ring", BELL, attempt=2)) == ["done"]
    assert host.devices[BELL].read("rings") == 1
    assert states(host.say("dance", BELL, id="2")) == ["rejected"]
    assert states(host.say("ring", BELL, id="2", attempt=2)) == ["accepted", "running", "done"]
    assert states(host.say("ring", BELL, id="2", attempt=1)) == ["done"]
    assert host.devices[BELL].read("rings") == 2


def test_what_cannot_be_done_is_rejected_with_a_reason_and_a_code(host):
    [report] = host.say("dance")
    assert (report.state, report.code, report.reason) == ("rejected", "cannot", "It cannot do that.")
    assert report.ms == {"model": 12.0}


def test_value_outside_the_description_is_refused_whatever_was_understood(host):
    host.think = lambda text, present: Answer(({"property": "brightness", "value": 500},))
    [report] = host.say("brightness 500")
    assert (report.state, report.code) == ("rejected", "out_of_range")


def test_deadline_that_passed_is_expired(host):
    [report] = host.say("turn on", deadline_ms=host.now_ms - 1)
    assert report.state == "expired"
    assert host.devices[LAMP].read("on") is False
    assert states(host.say("turn on", deadline_ms=host.now_ms - 1)) == ["expired"]


def test_deadline_that_passes_while_it_waits_for_its_turn_is_expired(host):
    host.hold = {Act}
    host.say("turn on")
    host.say("turn off", id="2", deadline_ms=host.now_ms + 5000)
    host.wait(10)
    host.release()
    assert [(report.id, report.state) for report in host.reports()][-2:] == [("1", "done"), ("2", "expired")]


def test_risky_action_needs_the_grant_of_the_next_attempt(host):
    [report] = host.say("unlock", LOCK)
    assert (report.state, report.code) == ("rejected", "needs_confirmation")
    assert host.devices[LOCK].read("locked") is True
    assert states(host.say("unlock", LOCK, attempt=2, grant="hash")) == ["accepted", "running", "done"]
    assert host.devices[LOCK].read("locked") is False


def test_lock_is_not_moved_over_a_broker_that_lets_strangers_in():
    host = SmallHost(strangers=True)
    assert host.say("lock", LOCK)[-1].code == "strangers"
    assert host.say("unlock", LOCK, id="2", grant="hash")[-1].code == "strangers"
    assert states(host.say("what locked", LOCK, id="3"))[-1] == "done"


def test_question_is_answered_with_values_and_units(host):
    report = host.say("what brightness; what on")[-1]
    assert report.state == "done"
    assert report.reads == [{"property": "brightness", "value": 100, "unit": "percent"},
                            {"property": "on", "value": False}]


def test_order_is_kept_and_each_sees_what_the_one_before_did(host):
    host.hold = {Act}
    host.say("brightness 40")
    host.say("brighter", id="2")
    assert [job for job in host.held if isinstance(job, Understand)] == []
    host.release()
    assert host.devices[LAMP].read("brightness") == 60
    assert [(report.id, report.state) for report in host.reports()] == [
        (id, state) for id in "12" for state in ("accepted", "running", "done")]


def test_one_thing_does_not_wait_for_another(host):
    host.hold = {Act}
    host.say("ring", BELL)
    host.hold = set()
    assert states(host.say("turn on", id="2"))[-1] == "done"


def test_subtask_whose_turn_is_long_in_coming_is_stored_and_accepted(host):
    host.hold = {Understand}
    host.say("turn on")
    assert states(host.wait(2)) == ["accepted"]
    assert len(host.acknowledged) == 1
    host.release()
    assert states(host.reports()) == ["accepted", "running", "done"]


def test_answer_that_is_too_long_for_a_message_ends_all_the_same(host, monkeypatch):
    act = host.act
    monkeypatch.setattr(host, "act", lambda device, job: Outcome("ok", "x" * 70_000) if job.read else act(device, job))
    report = host.say("what on")[-1]
    assert (report.state, report.reads, report.code) == ("done", None, "too_long")


def test_failing_call_is_tried_again_if_it_may_be(host):
    host.broken[LAMP] = [RuntimeError("No power.")]
    assert states(host.say("turn on")) == ["accepted", "running", "running"]
    assert states(host.wait(1)) == ["running", "done"]
    host.broken[BELL] = [RuntimeError("No power.")]
    report = host.say("ring", BELL, id="2")[-1]
    assert (report.state, report.reason, report.code) == ("failed", "No power.", "driver")


def test_call_without_an_answer_is_unknown(host):
    host.broken[BELL] = ["timeout"]
    report = host.say("ring", BELL)[-1]
    assert (report.state, report.code) == ("unknown", "timeout")


def test_what_was_done_before_a_failure_is_taken_back(host):
    host.broken[LAMP] = ["works", RuntimeError("No."), RuntimeError("No.")]
    host.say("turn on; brightness 5")
    assert host.devices[LAMP].read("on") is True
    report = host.wait(1)[-1]
    assert (report.state, report.reason, report.calls) == ("failed", "No.", None)
    assert host.devices[LAMP].read("on") is False


def test_what_a_retry_did_is_taken_back_too(host):
    host.broken[LAMP] = [RuntimeError("No."), "works", RuntimeError("No."), RuntimeError("No.")]
    host.say("turn on; brightness 5")
    host.wait(1)
    assert host.wait(1)[-1].state == "failed"
    assert host.devices[LAMP].read("on") is False


# -- cancel -----------------------------------------------------------------------------------------------------------


def test_cancel_before_it_began(host):
    host.hold = {Understand}
    host.say("turn on")
    assert states(host.cancel()) == ["cancelled"]
    host.release()
    assert states(host.reports()) == ["cancelled"]
    assert states(host.say("turn on")) == ["cancelled"]
    assert states(host.say("turn off", id="2"))[-1] == "done"


def test_cancel_in_its_turn_in_the_lane(host):
    host.hold = {Act}
    host.say("turn on")
    host.say("turn off", id="2")
    host.wait(2)
    assert states(host.cancel("2")) == ["cancelled"]
    host.release()
    assert host.devices[LAMP].read("on") is True
    assert host.store.task(LAMP, "2").state == "cancelled"


def test_cancel_in_the_middle_ends_before_the_next_call(host):
    host.hold = {Act}
    host.say("turn on; brightness 5")
    assert host.cancel() == []
    host.release()
    report = host.reports()[-1]
    assert (report.state, report.calls) == ("cancelled", [{"action": "turn_on", "input": {}}])
    assert host.devices[LAMP].read("brightness") == 100


def test_cancel_that_comes_too_late_is_answered_with_the_end(host):
    host.hold = {Act}
    host.say("turn on")
    host.cancel()
    host.release()
    assert states(host.reports())[-1] == "done"
    assert states(host.cancel()) == ["done"]


def test_cancel_that_overtakes_its_subtask_holds(host):
    assert states(host.cancel()) == ["cancelled"]
    assert states(host.say("turn on")) == ["cancelled"]
    assert host.devices[LAMP].read("on") is False


def test_cancel_of_a_refused_attempt_covers_the_next_one(host):
    host.say("unlock", LOCK)
    reports = host.cancel(thing=LOCK)
    assert [(report.attempt, report.state) for report in reports] == [(1, "rejected"), (2, "cancelled")]
    assert states(host.say("unlock", LOCK, attempt=2, grant="hash")) == ["cancelled"]
    assert host.devices[LOCK].read("locked") is True


# -- property/set, program, and messages that are none ----------------------------------------------------------------


def test_property_is_set_and_answered_on_report(host):
    topic = topics.prop_set(SITE, HOST, LAMP, "brightness")
    reports = host.heard(topic, {"id": "a1", "value": 20})
    assert states(reports) == ["accepted", "running", "done"]
    assert {report.id for report in reports} == {"a1"}
    assert host.value(LAMP, "brightness") == 20
    assert states(host.heard(topic, {"id": "a1", "value": 20})) == ["done"]
    [report] = host.heard(topic, {"id": "a2", "value": 200})
    assert (report.state, report.code) == ("rejected", "out_of_range")
    [report] = host.heard(topics.prop_set(SITE, HOST, LAMP, "on"), {"id": "a3", "value": True})
    assert (report.state, report.code) == ("rejected", "cannot")


def test_compiled_program_is_run_without_being_understood(host):
    host.hold = {Understand}
    thing = host.devices[LAMP].thing
    made = compile_program(thing, [{"action": "turn_on", "input": {}}], ["on"])
    fields = {"id": "p", "command": "c", "deadline_ms": host.now_ms + 1000, "program": made}
    report = host.heard(topics.program(SITE, HOST, LAMP), fields)[-1]
    assert (report.state, report.reads) == ("done", [{"property": "on", "value": True}])
    bad = {**fields, "id": "q", "program": {**made, "thing": "urn:x:other"}}
    assert host.heard(topics.program(SITE, HOST, LAMP), bad)[-1].state == "rejected"
    unsound = {**fields, "id": "r", "program": {**made, "states": {}}}
    assert host.heard(topics.program(SITE, HOST, LAMP), unsound)[-1].code == "program"


def test_rest_that_is_cancelled_does_not_end_later_all_the_same(host):
    made = {"thing": f"urn:motewise:{LAMP}", "initial": "rest", "states": {
        "rest": {"do": ["pause", 1000], "on": {"ok": "done", "cancel": "tidy"}},
        "tidy": {"do": ["call", {"action": "turn_off", "input": {}}], "on": {"ok": "off", "error": "off"}},
        "off": {"end": "cancelled"}, "done": {"end": "done"}}}
    host.hold = {Act}
    host.heard(topics.program(SITE, HOST, LAMP), {
        "id": "p", "command": "c", "deadline_ms": host.now_ms + 9, "attempt": 1, "program": made})
    host.cancel("p")
    assert host.wait(2) == []
    host.release()
    assert host.reports()[-1].state == "cancelled"


@pytest.mark.parametrize("payload", [b"", b"{", b"[1]", b'{"text": "x"}', b"\xff", b'{"id": 5}'])
def test_bad_message_is_acknowledged_and_changes_nothing(host, payload):
    assert host.heard(topics.subtask(SITE, HOST, LAMP), payload) == []
    assert len(host.acknowledged) == 1
    assert states(host.say("turn on"))[-1] == "done"


def test_bad_subtask_that_says_which_one_it_is_gets_a_reason(host):
    [report] = host.heard(topics.subtask(SITE, HOST, LAMP), {"id": "1", "text": 5})
    assert (report.state, report.code, report.id) == ("rejected", "malformed", "1")
    [report] = host.say("turn on", guard={"thing": "x"})
    assert (report.state, report.code) == ("rejected", "bad_guard")


def test_retained_order_is_not_obeyed(host):
    fields = {"id": "1", "command": "c", "text": "turn on", "deadline_ms": host.now_ms + 9}
    host.heard(topics.subtask(SITE, HOST, LAMP), fields, retain=True)
    assert host.devices[LAMP].read("on") is False


def test_bad_copy_of_an_order_that_was_taken_is_answered_with_what_became_of_it(host):
    host.hold = {Act}
    host.say("turn on")
    fields = {"id": "1", "command": "c", "text": "turn on", "deadline_ms": host.now_ms + 9}
    assert states(host.heard(topics.subtask(SITE, HOST, LAMP), fields, retain=True)) == ["running"]
    assert states(host.heard(topics.subtask(SITE, HOST, LAMP), {"id": "1", "text": 5})) == ["running"]
    host.release()
    assert host.reports()[-1].state == "done"


def test_old_ends_are_forgotten_while_it_runs_too(host, monkeypatch):
    host.say("turn on")
    host.say("turn off", id="2")
    monkeypatch.setattr(host.store, "prune", lambda: Store.prune(host.store, kept=0))
    host.wait(60)
    assert host.store.task(LAMP, "1") is not None
    host.wait(3600, step_s=30)
    assert host.store.task(LAMP, "1") is None


def test_thing_that_is_not_served_is_refused(host):
    [report] = host.say("turn on", "kitchen-lamp")
    assert (report.state, report.code) == ("rejected", "no_such_thing")


def test_fault_of_ours_ends_the_subtask_and_the_lane_goes_on(host, caplog):
    host.think = lambda text, present: Answer((5,))
    [report] = host.say("turn on")
    assert (report.state, report.code) == ("rejected", "internal")
    assert "Traceback" in caplog.text
    host.think = by_heart
    assert states(host.say("turn on", id="2"))[-1] == "done"


def test_fault_of_ours_in_a_program_ends_it_and_the_lane_goes_on(host, monkeypatch):
    made = compile_program(host.devices[LAMP].thing, [{"action": "turn_on", "input": {}}], ())
    fields = {"id": "p", "command": "c", "deadline_ms": host.now_ms + 9, "attempt": 1, "program": made}
    monkeypatch.setattr(host.agent._work, "go", lambda task, now: 1 / 0)
    [report] = host.heard(topics.program(SITE, HOST, LAMP), fields)
    assert (report.state, report.code) == ("failed", "internal")
    monkeypatch.undo()
    assert host.say("turn on", id="2")[-1].state == "done"


# -- what the world is told -------------------------------------------------------------------------------------------


def test_who_is_here_is_said_before_what_there_is(host):
    assert host.published[0] == (topics.status(SITE, HOST), {"state": "ready", "epoch": 1}, True)
    said = [topic for topic, _, retain in host.published if retain]
    assert topics.description(SITE, HOST, LAMP) in said
    assert said.count(topics.prop(SITE, HOST, LAMP, "on")) == 1


def test_property_is_published_when_it_changes_and_not_else(host):
    mark = len(host.published)
    host.wait(20)
    assert host.published[mark:] == []
    host.devices[LAMP].put("on", True)
    host.wait(6)
    [(topic, fields, retain)] = host.published[mark:]
    assert (topic, fields["value"], fields["epoch"], retain) == (topics.prop(SITE, HOST, LAMP, "on"), True, 1, True)


def test_news_during_a_reading_is_read_again(host):
    host.hold = {Refresh}
    host.give(host.agent.changed, LAMP)
    host.leave()
    host.give(host.agent.changed, LAMP)
    host.leave()
    assert len(host.held) == 1
    held, host.held = host.held, []
    host.give(host.agent.refreshed, held[0], {"on": False})
    host.devices[LAMP].put("on", True)
    host.hold = set()
    host.leave()
    assert host.value(LAMP, "on") is True


def test_late_will_of_ours_is_corrected_with_all_that_was_lost_by_it(host):
    mark = len(host.published)
    host.heard(topics.status(SITE, HOST), {"state": "lost", "epoch": 1})
    said = [topic for topic, _, _ in host.published[mark:]]
    assert said[0] == topics.status(SITE, HOST)
    assert topics.prop(SITE, HOST, LAMP, "on") in said
    mark = len(host.published)
    host.heard(topics.status(SITE, HOST), {"state": "ready", "epoch": 1})
    assert host.published[mark:] == []


def test_what_is_not_served_any_more_is_taken_off_the_broker():
    host = SmallHost()
    gone = topics.description(SITE, HOST, "old-lamp")
    host.start(epoch=2, retained=(gone, topics.description(SITE, HOST, LAMP)))
    emptied = [topic for topic, fields, _ in host.published if fields is None]
    assert emptied == [gone]


def test_reports_are_said_again_when_the_line_was_down(host):
    host.say("turn on")
    mark = len(host.published)
    host.give(host.agent.hello)
    host.leave()
    assert [(report.id, report.state) for report in host.reports(since=mark)] == [("1", "done")]
    host.wait(200, step_s=50)
    mark = len(host.published)
    host.give(host.agent.hello)
    host.leave()
    assert host.reports(since=mark) == []


# -- after a kill -9 --------------------------------------------------------------------------------------------------


@pytest.fixture
def lasting(tmp_path):
    """An agent whose store outlives it."""
    return SmallHost(tmp_path / "store.db")


def test_killed_before_the_commit_it_never_had_it(lasting):
    lasting.hold = {Understand}
    lasting.say("ring", BELL)
    lasting.kill()
    lasting.start(2)
    assert lasting.reports() == []
    lasting.hold = set()
    assert states(lasting.say("ring", BELL)) == ["accepted", "running", "done"]
    assert lasting.devices[BELL].read("rings") == 1


def test_killed_in_an_act_that_cannot_be_repeated_it_is_unknown(lasting):
    lasting.hold = {Act}
    lasting.say("ring", BELL)
    lasting.kill()
    lasting.hold = set()
    lasting.start(2)
    report = lasting.reports()[-1]
    assert (report.state, report.code) == ("unknown", "interrupted")
    assert lasting.devices[BELL].read("rings") == 0
    assert states(lasting.say("ring", BELL)) == ["unknown"]


def test_killed_in_an_act_that_can_be_repeated_it_is_done(lasting):
    lasting.hold = {Act}
    lasting.say("turn on")
    lasting.kill()
    lasting.hold = set()
    lasting.start(2)
    assert lasting.reports()[-1].state == "done"
    assert lasting.devices[LAMP].read("on") is True


def test_cancel_in_the_middle_outlives_a_kill(lasting):
    lasting.hold = {Act}
    lasting.say("turn on; brightness 10")
    lasting.say("what rings; what rings", BELL, id="2")
    assert lasting.cancel() == []
    assert lasting.cancel("2", thing=BELL) == []
    lasting.kill()
    lasting.hold = set()
    lasting.start(2)
    report = lasting.store.task(LAMP, "1").report
    assert (report.state, report.calls) == ("cancelled", [{"action": "turn_on", "input": {}}])
    assert (lasting.store.task(BELL, "2").state, lasting.store.task(BELL, "2").report.reads) == ("cancelled", None)


def test_act_that_is_long_overdue_is_not_repeated(lasting):
    lasting.hold = {Act}
    lasting.say("turn on")
    lasting.kill()
    lasting.hold = set()
    lasting.now_ms += 3_600_000
    lasting.start(2)
    assert lasting.reports()[-1].state == "unknown"
    assert lasting.devices[LAMP].read("on") is False


def test_killed_after_the_act_it_says_what_was_stored(lasting):
    lasting.say("ring", BELL)
    lasting.kill()
    mark = len(lasting.published)
    lasting.start(2)
    assert "done" in states(lasting.reports(since=mark))
    assert states(lasting.say("ring", BELL)) == ["done"]
    assert lasting.devices[BELL].read("rings") == 1


def test_killed_while_it_waited_for_its_turn_it_goes_on(lasting):
    lasting.hold = {Act, Understand}
    lasting.say("turn on")
    lasting.wait(2)
    lasting.kill()
    lasting.hold = set()
    lasting.start(2)
    assert lasting.reports()[-1].state == "done"


def test_killed_between_two_calls_it_goes_on_with_the_second(lasting):
    lasting.broken[LAMP] = ["works", RuntimeError("No.")]
    lasting.say("turn on; brightness 5")
    lasting.kill()
    lasting.broken.clear()
    lasting.start(2)
    report = lasting.wait(1)[-1]
    assert (report.state, len(report.calls)) == ("done", 2)


def test_clock_that_fell_back_is_noticed_and_time_of_reports_does_not_go_back(lasting, caplog):
    lasting.hold = {Act}
    lasting.say("turn on")
    told_ms = lasting.reports()[-1].t_ms
    lasting.kill()
    lasting.hold = set()
    lasting.now_ms -= 3_600_000
    lasting.start(2)
    assert "behind" in caplog.text
    assert lasting.reports()[-1].t_ms >= told_ms


def test_thing_that_is_gone_after_a_restart_ends_what_it_had(lasting):
    lasting.say("turn off", guard={"every_s": 60, "repeat": True})
    lasting.kill()
    lamp = lasting.devices.pop(LAMP)
    lasting.start(2)
    assert (lasting.reports()[-1].state, lasting.reports()[-1].code) == ("cancelled", "no_such_thing")
    lamp.close()


def test_exactly_the_same_message_again_after_a_kill_acts_once(lasting):
    subtask = Subtask(id="1", command="c", text="ring", guard=None, deadline_ms=lasting.now_ms + 9, attempt=1,
                      owner=None, grant=None, undo=None)
    lasting.again(subtask, BELL)
    lasting.kill()
    lasting.start(2)
    lasting.again(subtask, BELL)
    assert lasting.devices[BELL].read("rings") == 1
