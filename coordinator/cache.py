"""Plans of sentences that were understood already, used again while nothing they were made from has changed.

Rules: a plan is found again by its sentence, the speaker's room, the zone and a fingerprint of the
house, so that a Thing that comes, goes, is renamed or changes its description makes every older plan unfindable; a
plan that leaned on the time is never kept, one that leaned on what was said before only where nothing had been said
(present.py tells). What the house has learned changes the sentence before it comes here (memory.py)."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from coordinator.house import House
from coordinator.plan import TEXT_MAX, Plan, understand_command
from coordinator.present import TALK, TIME

KEPT = 512


class Plans:
    """`understand_command` with a memory of `kept` plans, the least used of which go first; 0 keeps none.

    `hit`: whether the last plan came from memory."""

    def __init__(self, kept: int = KEPT) -> None:
        self.hit = False
        self._kept = kept
        self._plans: OrderedDict[tuple[Any, ...], Plan] = OrderedDict()
        self._house: House | None = None
        self._fingerprint = ""

    def __len__(self) -> int:
        return len(self._plans)

    def __call__(
        self, text: str, house: House, room: str | None = None, state: Mapping[str, Mapping[str, Any]] | None = None,
        *, now_ms: int | None = None, zone: str = "UTC", previous: Plan | None = None,
    ) -> Plan:
        """As `understand_command`."""
        self.hit = False
        if self._kept <= 0 or len(text) > TEXT_MAX:
            return understand_command(text, house, room, state, now_ms=now_ms, zone=zone, previous=previous)
        if house is not self._house:
            self._house, self._fingerprint = house, fingerprint(house)
        key = (" ".join(text.split()), room, zone, self._fingerprint)
        for alone in (False, True) if previous is None else (False,):
            plan = self._plans.get((*key, alone))
            if plan is not None:
                self.hit = True
                self._plans.move_to_end((*key, alone))
                return _here(plan, house, text)
        plan = understand_command(text, house, room, state, now_ms=now_ms, zone=zone, previous=previous)
        if TIME not in plan.leans and (TALK not in plan.leans or previous is None):
            self._plans[(*key, TALK in plan.leans)] = plan
            if len(self._plans) > self._kept:
                self._plans.popitem(last=False)
        return plan


def fingerprint(house: House) -> str:
    """Of everything that a plan is made from: each Thing's description, host and place in the house."""
    rows = [[thing.td, thing.id, thing.segment, thing.title, thing.room, thing.floor, thing.kinds, thing.host]
            for thing in house.things]
    data = json.dumps(rows, separators=(",", ":"), default=str)
    return hashlib.sha256(data.encode("ascii")).hexdigest()


def _here(plan: Plan, house: House, text: str) -> Plan:
    """The plan with the Things of this very house: equal ones, but not those of a house that is gone; what was said in
    another language stands in it as it was said."""
    plan = replace(plan, text=text) if plan.read_as is not None else plan
    known = {thing.id: thing for thing in house.things}
    if all(known.get(step.thing.id) is step.thing for step in plan.steps):
        return plan
    return replace(plan, steps=tuple(replace(step, thing=known[step.thing.id]) for step in plan.steps))
