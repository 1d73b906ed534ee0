"""From a sentence to a Plan: subtask sentences for single Things, with guards and order, and what was refused.

`understand_command` is pure: the house, the speaker's room, the time and the plan before come in, a Plan goes
out; it acts on nothing, asks no model and refuses with a reason whatever it cannot place. The device that gets a
step understands its values. A Plan with a question has no steps: nothing happens before the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from coordinator import asides, asking, phrases, questions, reheard
from coordinator.house import House
from coordinator.marks import Mark, marks
from coordinator.planned import Plan, Rejected, Step, shorten
from coordinator.planner import Planner
from coordinator.present import Present
from coordinator.questions import Choice, Question
from coordinator.spelling import awake, corrected
from models.language import tongues

__all__ = ["Choice", "House", "Plan", "Question", "Rejected", "Step", "understand_command"]

TEXT_MAX = 2000


def understand_command(
    text: str,
    house: House,
    room: str | None = None,
    state: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    now_ms: int | None = None,
    zone: str = "UTC",
    previous: Plan | None = None,
) -> Plan:
    """The Plan of a command. `room`: where the speaker is; `now_ms`, `zone`: for "in ten minutes" and "tomorrow at
    eight"; `previous`: the plan before, for "turn it off again". `state` (Thing id -> property -> value) is what
    the house last reported. Never raises on any text."""
    heard = tongues.read(text, house.spoken)
    plan = _understood(heard.text, house, room, state, now_ms, zone, previous)
    return plan if heard.language is None else replace(plan, text=text, read_as=(heard.language, heard.text))


def _understood(
    text: str,
    house: House,
    room: str | None,
    state: Mapping[str, Mapping[str, Any]] | None,
    now_ms: int | None,
    zone: str,
    previous: Plan | None,
) -> Plan:
    """The Plan of a command in English."""
    if len(text) > 8 * TEXT_MAX:
        return Plan(text[:80] + "…", rejected=(Rejected(shorten(text[:400]), _too_long()),))
    said = phrases.clean(text)
    if len(said) > TEXT_MAX:
        return Plan(said[:80] + "…", rejected=(Rejected(shorten(said), _too_long()),))
    raw = awake(phrases.tokens(said))
    if not any(token.word[0].isalnum() for token in raw):
        return Plan(said, rejected=(Rejected(said, "There are no words in this command."),))
    if questions.is_smalltalk(raw):
        return Plan(said, rejected=(Rejected(said, "There is nothing to do in that."),), kind="smalltalk")
    hint = questions.cancel_hint(raw)
    tokens, found = _named(raw, said, house)
    timers = {fact.id for fact in house.facts if "timer" in fact.kinds}
    if hint is not None and not any(timers & set(mark.value) for mark in found if mark.kind == "title"):
        return Plan(said, kind="cancel", hint=hint)
    present = Present()
    playing = present.playing(id_ for id_, values in (state or {}).items() if values.get("playing") is True)
    dark = present.playing(id_ for id_, values in (state or {}).items() if values.get("on") is False)

    def planned(heard: tuple[phrases.Token, ...], names: tuple[Mark, ...], where: str | None) -> Plan:
        now = present.now(now_ms, zone)
        return Planner(said, heard, names, house, where, now, previous, present, playing, dark).plan()

    def again(heard: tuple[phrases.Token, ...]) -> Plan:
        return planned(*_named(heard, said, house), room)

    mended = reheard.mended(tokens, house, again)
    plan = mended or planned(tokens, found, room)
    if plan.rejected:
        for heard, left in asides.readings(tokens, house):
            rooms = [mark.value[0] for mark in marks(left, house) if mark.kind == "room" and len(mark.value) == 1]
            other = planned(heard, marks(heard, house), rooms[-1] if rooms else room)
            if other.steps and not other.rejected:
                plan = other
                break
    if mended is None:
        plan = reheard.better(plan, raw, tokens, house, again) or plan
    if not plan.steps and (plan.question is None or plan.rejected):
        now = present.now(now_ms, zone)
        plan = Planner(said, tokens, found, house, room, now, previous, present, playing, dark).whole() or plan
    return replace(plan, leans=frozenset(present.leans))


def _named(
    raw: tuple[phrases.Token, ...], said: str, house: House
) -> tuple[tuple[phrases.Token, ...], tuple[Mark, ...]]:
    """The words with slips put right and questions as questions, and the names of the house among them."""
    tokens = corrected(raw, house)
    found = marks(tokens, house)
    asked = asking.as_question(tokens, found, said, house)
    return (tokens, found) if asked is tokens else (asked, marks(asked, house))


def _too_long() -> str:
    return f"The command is longer than {TEXT_MAX} characters; say it in fewer."
