"""A command that came to nothing, or whose words do not fit, read again as it may have been meant.

The reading that was likeliest to be said so (misheard.py) is taken if the planner understands all of it, and if no
other one that is about as likely means something else. A command that was understood is only read otherwise where its
own words are much stranger than those of the other reading. Does not: change what is shown as the person's text."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from coordinator import misheard, phrases, repairs
from coordinator.house import House
from coordinator.phrases import Token, words
from coordinator.planned import Plan

# How many readings are planned; what a reading may cost beside what was said, and how far ahead of others it must be.
_TRIES = 24
# How many more steps than an order that was understood its other reading may have.
_MORE = 2
_GAIN, _REFUSED, _CLEAR, _ASKED = 0.08, 0.15, 0.1, 0.5


def better(
    plan: Plan,
    tokens: tuple[Token, ...],
    heard: tuple[Token, ...],
    house: House,
    planned: Callable[[tuple[Token, ...]], Plan],
) -> Plan | None:
    """The plan of the likeliest reading of a command other than as it stands; None if there is none to be sure of.
    `plan`: of the command as it stands (`tokens`; `heard`: small slips put right); `planned`: makes that of others."""
    refused = bool(plan.rejected)
    strange = misheard.strangeness(tokens if refused else heard, house)
    if not refused:
        strange += misheard.slips(tokens, heard)
    quoting = any(token.word in words("verbs.quoting") for token in tokens)
    forbidding = any(token.word in words("words.negative") for token in tokens)
    told = tokens[0].word in ("you", "he", "she", "they")
    if forbidding or told or (not refused and (strange <= _GAIN or quoting)):
        return None
    most = strange + (_REFUSED if refused else -_GAIN)
    if tokens[0].word in words("words.question") | {"why"}:
        most = min(most, _ASKED * strange)
    found: Plan | None = None
    cost = 0.0
    for reading in islice(misheard.readings(tokens, house), _TRIES):
        if reading.cost > (most if found is None else cost + _CLEAR):
            break
        if refused and reading.unknown:
            continue
        other = planned(reading.tokens)
        asked = other.question is not None and plan.question is None and reading.cost <= strange / 2
        if other.rejected or not (other.steps or asked) or not _waits_alike(plan, other):
            continue
        if any(step.strange for step in other.steps):
            continue
        if plan.steps and not refused and len(other.steps) > len(plan.steps) + _MORE:
            continue
        if found is None:
            found, cost = other, reading.cost
        elif _orders(other) not in (_orders(found), _orders(plan)):
            return None
    return found


def mended(
    tokens: tuple[Token, ...], house: House, planned: Callable[[tuple[Token, ...]], Plan]
) -> Plan | None:
    """The plan of a command that puts itself right within the sentence (repairs.py); None if it does not."""
    for reading in islice(repairs.readings(tokens, house), _TRIES):
        plan = planned(reading)
        plan = better(plan, reading, reading, house, planned) or plan
        if plan.steps and not plan.rejected:
            return plan
    return None


def _waits_alike(plan: Plan, other: Plan) -> bool:
    """Whether another reading waits for just what the first waits for: "every hour" is no slip of the tongue."""
    waits = {str(step.guard) for step in plan.steps if step.guard}
    return not waits or waits == {str(step.guard) for step in other.steps if step.guard}


def _orders(plan: Plan) -> list[tuple[str, str, str]]:
    """What a plan does, without the small words of its sentences."""
    small = words("words.determiner") | words("words.polite") | words("words.preposition")
    return sorted(
        (
            step.thing.id,
            " ".join(token.word for token in phrases.tokens(step.text) if token.word not in small),
            str(step.guard),
        )
        for step in plan.steps
    )
