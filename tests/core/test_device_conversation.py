"""The device's side of the conversation: what acts once, what is answered again, what is never repeated."""

from core_helper import raises

from firmware_py.core import conversation
from firmware_py.core.errors import LocalError
from firmware_py.core.messages import DID_NOT_ACT, STATES, TERMINAL, Report, Subtask

NOW = 1764000000000


def subtask(attempt=1, deadline_ms=NOW + 1000, **more):
    fields = {"id": "c1.1", "command": "c1", "text": "turn on", "deadline_ms": deadline_ms, "attempt": attempt}
    fields.update(more)
    return Subtask.parse(fields)


def stored(state, attempt=1):
    return conversation.report(subtask(attempt), state, NOW - 5, reason="Because.")


def test_what_is_new_is_taken():
    assert conversation.decide(subtask(), None, NOW) == ("take", None)
    assert conversation.decide(subtask(7), None, NOW) == ("take", None)


def test_every_pair_of_attempt_and_stored_state():
    for state in STATES:
        known = stored(state, 3)
        for attempt in range(0, 7):
            verdict, report = conversation.decide(subtask(attempt), known, NOW)
            if attempt == 3:
                assert (verdict, report) == ("answer", known), (state, attempt)
            elif attempt == 4 and state in ("rejected", "expired"):
                assert (verdict, report) == ("take", None), (state, attempt)
            else:
                assert (verdict, report) == ("refuse", known), (state, attempt)


def test_a_subtask_acts_once_however_often_it_comes():
    """Play a device that loses each answer: the same subtask a hundred times, acted on once."""
    known, acted = None, 0
    for state in ("accepted", "running", "done") + ("done",) * 97:
        verdict, report = conversation.decide(subtask(), known, NOW)
        if verdict == "take":
            acted += 1
        else:
            assert (verdict, report) == ("answer", known)
        known = conversation.report(subtask(), state, NOW)
    assert acted == 1


def test_attempts_rise_only_while_nothing_was_done():
    assert set(DID_NOT_ACT) == {"rejected", "expired"}
    for state in TERMINAL:
        verdict = conversation.decide(subtask(2), stored(state), NOW)[0]
        assert verdict == ("take" if state in DID_NOT_ACT else "refuse"), state


def test_a_deadline_that_passed_expires_and_one_that_is_now_does_not():
    for late_ms, expected in ((-1000, "take"), (0, "take"), (1, "expired"), (10**10, "expired")):
        for attempt, known in ((1, None), (2, stored("rejected")), (2, stored("expired"))):
            verdict, report = conversation.decide(subtask(attempt, NOW - late_ms), known, NOW)
            assert verdict == expected, late_ms
            assert (report is None) == (verdict == "take")
            if report is not None:
                assert (report.state, report.attempt, report.t_ms, report.code) == ("expired", attempt, NOW, "expired")
                assert report.id == "c1.1"
                assert report.reason.endswith(".")


def test_what_was_done_is_answered_after_the_deadline_too():
    for state in STATES:
        assert conversation.decide(subtask(1, NOW - 1), stored(state), NOW) == ("answer", stored(state))


def test_an_attempt_below_one_is_refused():
    for attempt in (0, -1):
        verdict, report = conversation.decide(subtask(attempt), None, NOW)
        assert verdict == "refuse"
        assert report.state == "rejected"
        assert report.attempt == attempt
        assert report.state in DID_NOT_ACT


def test_after_a_crash_only_what_can_be_repeated_is_repeated():
    intent = {"state": "do1_ring", "call": {"action": "ring"}}
    assert conversation.after_crash(intent, True) == "resume"
    for not_known_to_be in (False, None, 1, "yes"):
        assert conversation.after_crash(intent, not_known_to_be) == "unknown"
    for nothing in (True, False, None):
        assert conversation.after_crash(None, nothing) == "resume"
    assert conversation.after_crash({}, False) == "unknown"


def test_a_report_is_its_subtasks_and_what_is_not_known_is_left_out():
    report = conversation.report(subtask(2), "running", NOW, step="do1_ring")
    assert report == Report("c1.1", "c1", "running", 2, NOW, None, None, "do1_ring", None, None, None, None)
    assert Report.parse(report.payload()) == report
    assert b"reason" not in report.payload()
    full = conversation.report(subtask(), "done", NOW, reason="r", code="c", step="s", calls=[{"action": "ring"}],
                               reads=[{"property": "p", "value": 1}], rule={"paused": False}, ms={"model": 1.5})
    assert Report.parse(full.payload()) == full


def test_there_is_no_report_in_a_state_that_there_is_not():
    for state in ("finished", "", None, "Done"):
        raises(LocalError, conversation.report, subtask(), state, NOW)
