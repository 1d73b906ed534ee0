"""The device's side of the conversation: what to do with a subtask that came in, and after a crash.

A repeated (id, attempt) is answered with the stored report and acts no second time. `attempt` rises by one, and only
after a report that says "I did not act". An intent without an outcome is repeated only where twice is the same as once.
Pure decisions: who calls them stores the subtask before it says "accepted", and the intent before it acts."""

from firmware_py.core.errors import LocalError
from firmware_py.core.messages import DID_NOT_ACT, STATES, Report

VERDICTS = ("take", "answer", "refuse", "expired")


def decide(subtask, known, now_ms):
    """What to do with `subtask`, `known` being the last report that is stored for its id, or None.

    ("take", None): do it. ("answer", known): it came again; say the report again. ("refuse", report): this attempt may
    not be; say the report. ("expired", report): its deadline has passed; store and say the report."""
    if known is None:
        if subtask.attempt < 1:
            why = "The attempts are counted from 1."
            return "refuse", report(subtask, "rejected", now_ms, reason=why, code="attempt")
    elif subtask.attempt == known.attempt:
        return "answer", known
    elif subtask.attempt != known.attempt + 1 or known.state not in DID_NOT_ACT:
        return "refuse", known
    if now_ms > subtask.deadline_ms:
        return "expired", report(subtask, "expired", now_ms, reason="It came too late to be done.", code="expired")
    return "take", None


def after_crash(intent, idempotent):
    """What to do on start with a step whose outcome is not stored: "resume" (do it, perhaps again) or "unknown".

    `intent`: what was stored before it acted, None if nothing was and so nothing was done; `idempotent`: whether doing
    it twice is the same as once, as far as that is known."""
    return "resume" if intent is None or idempotent is True else "unknown"


def report(subtask, state, t_ms, reason=None, code=None, step=None, calls=None, reads=None, rule=None, ms=None):
    """The Report of `subtask` in `state`; what is not given is None. LocalError for a state that there is not."""
    if state not in STATES:
        raise LocalError("There is no report state %r." % (state,))
    return Report(subtask.id, subtask.command, state, subtask.attempt, t_ms, reason, code, step, calls, reads, rule, ms)
