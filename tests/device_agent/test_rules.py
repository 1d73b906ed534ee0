"""Armed rules of one host: when they fire, rest, cannot be judged, contradict each other, and survive."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from small_host import BELL, HOST, LAMP, LOCK, MOTION, SITE, SmallHost, states

from device_agent.outbox import Act, Understand
from device_agent.rules import next_daily
from firmware_py.core import topics

REPEAT = {**MOTION, "repeat": True}
DARK = {"thing": f"urn:motewise:{LAMP}", "property": "on", "op": "eq", "value": False, "host": HOST}


@pytest.fixture
def host():
    """A running agent."""
    return SmallHost()


def on(host):
    """Whether the lamp is on."""
    return host.devices[LAMP].read("on")


def test_guarded_subtask_is_armed_and_acts_when_its_guard_comes_true(host):
    reports = host.say("turn on", guard=MOTION)
    assert states(reports) == ["accepted", "armed"]
    assert reports[-1].rule == {"paused": False, "fired": 0, "last_fired_ms": None, "unknown": [], "conflicts": []}
    assert reports[-1].calls == [{"action": "turn_on", "input": {}}]
    host.sees(False)
    assert not on(host)
    reports = host.sees(True)
    assert states(reports) == ["running", "done"]
    assert (reports[-1].rule["fired"], reports[-1].rule["last_fired_ms"]) == (1, host.now_ms)
    assert on(host)
    assert host.agent.rules.armed == []


def test_only_what_is_watched_is_listened_to(host):
    assert host.agent.rules.filters() == []
    host.say("turn on", guard=MOTION)
    host.say("turn on", id="2", guard=DARK)
    assert host.agent.rules.filters() == [
        topics.status(SITE, "motion-pi"), topics.prop(SITE, "motion-pi", "hall-motion", "occupied")]
    host.cancel()
    assert host.agent.rules.filters() == []


def test_source_without_a_host_is_heard_from_whoever_has_it(host):
    host.say("turn on", guard={name: value for name, value in MOTION.items() if name != "host"})
    assert host.agent.rules.filters() == [
        topics.status(SITE, "+"), topics.prop(SITE, "+", "hall-motion", "occupied")]
    assert states(host.sees(True, host="other-pi")) == ["running", "done"]


def test_duration_counts_without_a_break(host):
    host.say("turn on", guard={**MOTION, "for_s": 60})
    host.sees(True)
    host.wait(40)
    host.sees(False)
    host.sees(True)
    assert host.wait(50) == []
    assert states(host.wait(15)) == ["running", "done"]


def test_own_properties_are_watched_without_the_broker(host):
    host.devices[LAMP].put("on", True)
    host.wait(6)
    host.say("ring", BELL, guard={**DARK, "repeat": True})
    host.give(host.agent.cut_off)
    host.devices[LAMP].put("on", False)
    assert states(host.wait(6)) == ["running", "armed"]
    assert host.devices[BELL].read("rings") == 1


def test_rule_that_repeats_stays_armed_and_counts(host):
    host.say("turn on", guard=REPEAT)
    host.sees(True)
    host.sees(False)
    reports = host.sees(True)
    assert states(reports) == ["running", "armed"]
    assert reports[-1].rule["fired"] == 2
    assert reports[-1].calls == [{"action": "turn_on", "input": {}}]


def test_rule_outlives_a_firing_that_failed_and_says_so(host):
    host.say("ring", BELL, guard=REPEAT)
    host.broken[BELL] = [RuntimeError("No power.")]
    report = host.sees(True)[-1]
    assert (report.state, report.reason, report.code, report.rule["fired"]) == ("armed", "No power.", "driver", 1)
    assert report.calls is None
    host.sees(False)
    report = host.sees(True)[-1]
    assert (report.reason, report.code, report.rule["fired"]) == (None, None, 2)


def test_change_is_reckoned_from_what_is_when_the_rule_fires(host):
    host.say("brightness 10")
    assert host.say("brighter", id="2", guard=REPEAT)[-1].state == "armed"
    host.say("brightness 50", id="3")
    report = host.sees(True)[-1]
    assert (report.state, report.calls) == ("armed", [{"property": "brightness", "value": 70}])
    host.sees(False)
    host.sees(True)
    assert host.value(LAMP, "brightness") == 90
    assert host.agent.store.task(LAMP, "2").rule["fired"] == 2


def test_change_that_cannot_be_reckoned_when_the_rule_fires_is_told(host):
    host.say("brighter", guard=REPEAT)
    host.say("brighter", id="2", guard=MOTION)
    host.agent.things[LAMP].values.pop("brightness")
    repeats, once = host.sees(True)
    assert (repeats.id, repeats.state, repeats.code, repeats.rule["fired"]) == ("1", "armed", "unknown_state", 1)
    assert (once.id, once.state, once.code) == ("2", "failed", "unknown_state")
    host.sees(False)
    host.devices[LAMP].put("brightness", 30)
    host.wait(6)
    assert host.sees(True)[-1].calls == [{"property": "brightness", "value": 50}]


def test_firing_that_is_being_understood_can_be_cancelled(host):
    before = host.devices[LAMP].read("brightness")
    host.say("brighter", guard=REPEAT)
    host.hold = {Understand}
    host.sees(True)
    assert states(host.cancel()) == ["cancelled"]
    host.release()
    assert host.devices[LAMP].read("brightness") == before
    assert host.say("turn on", id="2")[-1].state == "done"


def test_firing_that_was_being_understood_is_not_forgotten_by_a_kill(tmp_path):
    host = SmallHost(tmp_path / "store.db")
    host.say("brightness 10")
    host.say("brighter", id="2", guard=REPEAT)
    host.hold = {Understand}
    host.sees(True)
    host.kill()
    host.hold = set()
    host.devices[LAMP].put("brightness", 50)
    host.start(2)
    assert host.devices[LAMP].read("brightness") == 70
    assert host.store.task(LAMP, "2").rule["fired"] == 1


def test_fault_of_ours_in_one_firing_costs_no_other_rule_its_own(host, monkeypatch):
    host.say("turn on", guard=MOTION)
    host.say("ring", BELL, id="2", guard=MOTION)
    fire = host.agent._work.fire

    def broken(task, now):
        return fire(task, now) if task.thing == BELL else 1 / 0

    monkeypatch.setattr(host.agent._work, "fire", broken)
    host.sees(True)
    assert host.devices[BELL].read("rings") == 1
    assert (host.store.task(LAMP, "1").state, host.store.task(LAMP, "1").report.code) == ("failed", "internal")
    monkeypatch.undo()
    assert host.say("turn on", id="3")[-1].state == "done"


def test_notice_reads_when_it_fires(host):
    report = host.say("what on; what brightness", guard=REPEAT)[-1]
    assert (report.state, report.reads) == ("armed", None)
    report = host.sees(True)[-1]
    assert [read["property"] for read in report.reads] == ["on", "brightness"]


def test_risky_rule_needs_a_yes_when_it_is_armed(host):
    assert host.say("unlock", LOCK, guard=MOTION)[-1].code == "needs_confirmation"
    assert states(host.say("unlock", LOCK, attempt=2, grant="h", guard=MOTION))[-1] == "armed"
    host.sees(True)
    assert host.devices[LOCK].read("locked") is False


def test_daily_time_comes_in_the_zone_of_the_site():
    host = SmallHost(zone="Europe/Berlin")  # 23:13:20 local
    host.say("turn on", guard={"at": "07:30", "repeat": True})
    assert host.wait(8 * 3600, step_s=20) == []
    assert states(host.wait(1200, step_s=20)) == ["running", "armed"]


def test_zone_is_the_coordinator_s_if_none_is_given():
    host = SmallHost(zone=None)
    host.say("turn on", guard={"at": "07:30", "repeat": True})
    host.heard(topics.time(SITE), {"t_ms": host.now_ms, "zone": "Europe/Berlin"}, retain=True)
    assert host.store.fact("zone") == "Europe/Berlin"
    assert host.wait(8 * 3600, step_s=20) == []
    assert states(host.wait(1200, step_s=20)) == ["running", "armed"]
    host.heard(topics.time(SITE), {"t_ms": host.now_ms, "zone": "Mars"}, retain=True)
    assert host.store.fact("zone") == "Europe/Berlin"


def test_new_zone_leaves_all_but_local_times_alone():
    host = SmallHost(zone=None)
    host.say("ring", BELL, guard=REPEAT)
    host.say("ring", BELL, id="2", guard={**MOTION, "for_s": 60})
    host.say("ring", BELL, id="3", guard={"every_s": 70, "repeat": True})
    host.sees(True)
    host.wait(40)
    host.heard(topics.time(SITE), {"t_ms": host.now_ms, "zone": "Europe/Berlin"}, retain=True)
    assert host.devices[BELL].read("rings") == 1
    host.wait(40)
    assert host.devices[BELL].read("rings") == 3


def test_moment_that_passed_while_off_is_reported_missed(tmp_path):
    host = SmallHost(tmp_path / "store.db")
    host.say("turn on", guard={"at_ms": host.now_ms + 60_000})
    host.kill()
    host.now_ms += 3_600_000
    host.start(2)
    report = host.reports()[-1]
    assert (report.state, report.code) == ("expired", "missed")
    assert not on(host)


def test_moment_that_passed_just_now_still_comes(tmp_path):
    host = SmallHost(tmp_path / "store.db")
    host.say("turn on", guard={"at_ms": host.now_ms + 60_000})
    host.kill()
    host.now_ms += 120_000
    host.start(2)
    assert host.reports()[-1].state == "done"
    assert on(host)


# -- what is not known ------------------------------------------------------------------------------------------------


def test_source_that_says_nothing_is_told_after_a_while_and_taken_back(host):
    host.say("turn on", guard=REPEAT)
    assert host.wait(4) == []
    [report] = host.wait(3)
    assert (report.state, report.rule["unknown"]) == ("armed", ["hall-motion/occupied"])
    assert "hall-motion/occupied" in report.reason
    [report] = host.sees(False)
    assert (report.rule["unknown"], report.reason) == ([], None)


def test_lost_source_starts_the_duration_again_when_it_returns(host):
    host.say("turn on", guard={**MOTION, "for_s": 60})
    host.sees(True)
    host.wait(40)
    host.host_is("lost")
    assert states(host.wait(300)) == ["armed"]
    host.host_is("ready", epoch=2)
    host.sees(True, epoch=2)
    host.wait(50)
    assert not on(host)
    host.wait(15)
    assert on(host)


def test_retained_value_of_a_lost_host_counts_for_nothing(host):
    host.say("turn on", guard=MOTION)
    host.host_is("lost")
    host.sees(True, retain=True)
    assert not on(host)
    host.host_is("ready")
    host.sees(True, retain=True)
    assert on(host)


def test_value_from_before_the_host_started_again_counts_for_nothing(host):
    host.say("turn on", guard=MOTION)
    host.host_is("ready", epoch=3)
    host.sees(True, epoch=2)
    assert not on(host)
    host.sees(True, epoch=3)
    assert on(host)


def test_host_that_started_again_is_not_believed_until_it_tells_anew(host):
    host.say("turn on", guard={**MOTION, "for_s": 60})
    host.host_is("ready")
    host.sees(True)
    host.wait(40)
    host.host_is("ready", epoch=2)
    host.wait(40)
    assert not on(host)


def test_value_that_is_too_old_is_unknown(host):
    host.say("turn on", guard={**REPEAT, "max_age_s": 30, "for_s": 60})
    host.sees(True)
    reports = host.wait(120)
    assert states(reports) == ["armed"]
    assert reports[-1].rule["unknown"]
    assert not on(host)


def test_what_the_broker_saved_while_we_were_away_is_no_news(tmp_path):
    host = SmallHost(tmp_path / "store.db")
    host.say("ring", BELL, guard=REPEAT)
    host.host_is("ready")
    host.sees(False)
    host.give(host.agent.cut_off)
    host.sees(True, age_ms=3_600_000)
    host.sees(False)
    host.kill()
    host.start(2, alone=True)
    host.sees(True, age_ms=3_600_000)
    host.sees(False)
    host.host_is("ready")
    assert host.devices[BELL].read("rings") == 0
    host.sees(True)
    assert host.devices[BELL].read("rings") == 1


def test_retained_value_that_comes_before_its_host_s_status_counts_after_it(host):
    host.say("turn on", guard=MOTION)
    host.host_is("ready")
    host.give(host.agent.cut_off)
    host.sees(True, retain=True)
    assert not on(host)
    host.host_is("ready")
    assert on(host)


def test_retained_value_that_comes_before_the_word_that_its_host_is_lost_counts_for_nothing(host):
    host.say("turn on", guard=MOTION)
    host.give(host.agent.cut_off)
    host.sees(True, retain=True)
    host.host_is("lost")
    host.host_is("ready")
    assert not on(host)


def test_lock_is_not_moved_by_an_earlier_rule_once_strangers_are_let_in(tmp_path):
    host = SmallHost(tmp_path / "store.db")
    host.say("unlock", LOCK, guard=MOTION, grant="h")
    host.kill()
    host.strangers = True
    host.start(2)
    host.sees(True)
    assert host.devices[LOCK].read("locked") is True
    assert (host.store.task(LOCK, "1").state, host.store.task(LOCK, "1").report.code) == ("failed", "strangers")


def test_while_the_line_is_down_nothing_is_known_of_others(host):
    host.say("turn on", guard={**MOTION, "for_s": 60})
    host.host_is("ready")
    host.sees(True)
    host.wait(40)
    host.give(host.agent.cut_off)
    host.wait(40)
    assert not on(host)
    host.host_is("ready")
    host.sees(True, retain=True)
    host.wait(40)
    assert not on(host)
    host.wait(25)
    assert on(host)


# -- pause, resume, cancel --------------------------------------------------------------------------------------------


def test_rule_rests_and_what_happened_meanwhile_is_not_made_up_for(host):
    host.say("ring", BELL, guard=REPEAT)
    host.sees(False)
    [report] = host.cancel(mode="pause", thing=BELL)
    assert (report.state, report.rule["paused"]) == ("armed", True)
    host.sees(True)
    assert host.devices[BELL].read("rings") == 0
    [report] = host.cancel(mode="resume", thing=BELL)
    assert (report.state, report.rule["paused"]) == ("armed", False)
    assert host.devices[BELL].read("rings") == 0
    host.sees(False)
    host.sees(True)
    assert host.devices[BELL].read("rings") == 1


def test_pause_outlives_a_kill(tmp_path):
    host = SmallHost(tmp_path / "store.db")
    host.say("ring", BELL, guard=REPEAT)
    host.cancel(mode="pause", thing=BELL)
    host.kill()
    host.start(2)
    host.sees(True)
    assert host.devices[BELL].read("rings") == 0


def test_cancelled_rule_is_watched_no_more(host):
    host.say("turn on", guard=REPEAT)
    assert states(host.cancel()) == ["cancelled"]
    host.sees(True)
    assert not on(host)
    assert states(host.cancel()) == ["cancelled"]


def test_rule_that_is_cancelled_while_a_failed_firing_is_taken_back_ends(host):
    host.say("turn on; brightness 40", guard=REPEAT)
    host.hold = {Act}
    host.sees(True)
    [first] = host.held
    host.held = []
    host.do(first)
    host.leave()
    [second] = host.held
    host.held = []
    for _ in range(2):
        host.broken[LAMP] = [RuntimeError("No power.")]
        host.do(second)
        host.wait(1)
        [second] = host.held
        host.held = []
    assert second.call == {"action": "turn_off", "input": {}}
    assert host.cancel() == []
    host.do(second)
    host.leave()
    assert host.reports()[-1].state == "cancelled"
    assert host.agent.rules.armed == []


def test_program_whose_guard_does_not_stand_first_can_be_paused_before_it_is_armed(host):
    call = {"action": "turn_on", "input": {}}
    made = {"thing": f"urn:motewise:{LAMP}", "initial": "first", "guard": REPEAT, "states": {
        "first": {"do": ["call", call], "on": {"ok": "waiting", "error": "failed"}},
        "waiting": {"do": ["guard"], "on": {"fired": "then", "cancel": "off"}},
        "then": {"do": ["call", {"action": "turn_off", "input": {}}], "on": {"ok": "again", "error": "failed"}},
        "again": {"do": ["again"], "on": {"ok": "waiting", "cancel": "off"}},
        "failed": {"end": "failed"}, "off": {"end": "cancelled"}}}
    host.hold = {Act}
    host.heard(topics.program(SITE, HOST, LAMP), {
        "id": "1", "command": "c", "deadline_ms": host.now_ms + 60_000, "attempt": 1, "program": made})
    [report] = host.cancel(mode="pause")
    assert (report.state, report.rule["paused"]) == ("running", True)
    host.release()
    host.sees(True)
    assert on(host)
    host.cancel(mode="resume")
    host.sees(False)
    host.sees(True)
    assert not on(host)


def test_pausing_what_is_no_rule_is_answered_with_its_report(host):
    host.say("turn on")
    assert states(host.cancel(mode="pause")) == ["done"]


# -- contradictions ---------------------------------------------------------------------------------------------------


def test_contradicting_rules_are_told_to_both(host):
    host.say("turn on", guard=REPEAT)
    reports = host.say("turn off", id="2", guard={**REPEAT, "for_s": 60})
    first = next(report for report in reports if report.id == "1")
    assert (first.state, first.rule["conflicts"]) == ("armed", ["2"])
    last = reports[-1]
    assert (last.state, last.code, last.rule["conflicts"]) == ("armed", "contradiction", ["1"])
    assert "“turn on” (1)" in last.reason
    [report, gone] = host.cancel("2")[::-1]
    assert {report.id, gone.id} == {"1", "2"}
    assert host.store.task(LAMP, "1").rule["conflicts"] == []


def test_rules_that_do_not_meet_are_no_contradiction(host):
    host.say("turn on", guard=REPEAT)
    assert host.say("turn off", id="2", guard={**REPEAT, "value": False})[-1].code is None
    assert host.say("turn off", id="3", guard={"at": "22:00", "repeat": True})[-1].code is None
    assert host.say("ring", BELL, id="4", guard=REPEAT)[-1].code is None


# -- kills ------------------------------------------------------------------------------------------------------------


def test_rule_is_armed_again_after_a_kill_and_keeps_its_count(tmp_path):
    host = SmallHost(tmp_path / "store.db")
    host.say("turn on", guard=REPEAT)
    host.sees(True)
    host.kill()
    host.devices[LAMP].put("on", False)
    host.start(2)
    host.sees(True)
    assert not on(host)  # it had fired for that
    host.sees(False)
    report = host.sees(True)[-1]
    assert (report.state, report.rule["fired"]) == ("armed", 2)
    assert on(host)


def test_firing_that_waited_for_its_turn_is_not_forgotten_by_a_kill(tmp_path):
    host = SmallHost(tmp_path / "store.db")
    host.say("ring", BELL, guard={"every_s": 60, "repeat": True})
    host.hold = {Act}
    host.say("ring", BELL, id="2")
    host.wait(61)
    host.kill()
    host.hold = set()
    host.start(2)
    assert host.store.task(BELL, "2").state == "unknown"
    assert host.store.task(BELL, "1").rule["fired"] == 1
    assert host.devices[BELL].read("rings") == 1


def test_rule_that_was_killed_in_the_middle_says_so_and_goes_on(tmp_path):
    host = SmallHost(tmp_path / "store.db")
    host.say("ring", BELL, guard=REPEAT)
    host.hold = {Act}
    host.sees(True)
    host.kill()
    host.hold = set()
    host.start(2)
    report = host.reports()[-1]
    assert (report.state, report.code, report.rule["fired"]) == ("armed", "interrupted", 1)
    host.sees(False)
    host.sees(True)
    assert host.devices[BELL].read("rings") == 1


def test_rule_that_was_cancelled_and_killed_in_the_middle_is_not_armed_again(tmp_path):
    host = SmallHost(tmp_path / "store.db")
    host.say("ring", BELL, guard=REPEAT)
    host.hold = {Act}
    host.sees(True)
    host.cancel(thing=BELL)
    host.kill()
    host.hold = set()
    host.start(2)
    assert host.store.task(BELL, "1").state == "cancelled"
    assert host.agent.rules.armed == []


def test_rule_that_fires_during_its_own_work_fires_afterwards(host):
    host.say("ring", BELL, guard={"every_s": 60, "repeat": True})
    host.hold = {Act}
    host.wait(130)
    assert len(host.held) == 1
    host.release()
    assert host.devices[BELL].read("rings") == 2


# -- local time -------------------------------------------------------------------------------------------------------


def moment(zone, text):
    return int(datetime.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(("at", "days", "after", "wanted"), [
    ("07:30", None, "2026-03-02T06:55", "2026-03-02T07:30"),
    ("07:30", None, "2026-03-02T07:30", "2026-03-03T07:30"),
    ("07:30", ["sun"], "2026-03-02T06:55", "2026-03-08T07:30"),
    ("07:30", ["mon"], "2026-03-02T07:30", "2026-03-09T07:30"),
    ("00:00", None, "2026-12-31T23:59", "2027-01-01T00:00"),
    ("07:30", None, "2026-03-28T12:00", "2026-03-29T07:30"),  # the night is an hour short
    ("02:30", None, "2026-03-28T12:00", "2026-03-29T03:30"),  # there is no such time that day
    ("02:30", None, "2026-10-24T12:00", "2026-10-25T02:30"),  # twice: the first
])
def test_next_daily_moment(at, days, after, wanted):
    zone = "Europe/Berlin"
    assert next_daily(ZoneInfo(zone), at, days, moment(zone, after)) == moment(zone, wanted)
