"""Sets of houses: percent of sentences after which exactly the expected states changed (sim/scoring.py).

`things`: the planner alone, percent for which it chose exactly the Things that should change."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from coordinator.house import House
from ontology import home_assistant
from ontology.description import read
from sim import rival
from sim.language.path import HOME_ASSISTANT, Variants
from sim.language.tally import WHOLE, Tally
from sim.scoring import Case, after, wrong

THINGS = "things"


def why_nothing_planned(row: Mapping[str, Any]) -> str:
    """Why the planner chose no Thing; "" if it did."""
    if row["status"] == "clarify":
        return "asked back"
    if row["subtasks"]:
        return ""
    nothing = any(one["reason"].startswith("There is no") for one in row["rejected"])
    return "planner: no such Thing or place" if nothing else "planner: refused"


def why_not_planned(case: Case, row: Mapping[str, Any]) -> str:
    """How the planner chose other Things than those that should change; "" if it chose them."""
    if nothing := why_nothing_planned(row):
        return nothing
    planned = {subtask["thing"] for subtask in row["subtasks"]}
    expected = {entity.thing for entity in case.home if entity.id in case.expected}
    if planned != expected:
        return f"planner: {'too many' if planned > expected else 'too few' if planned < expected else 'other'} Things"
    return ""


def why_not(case: Case, row: Mapping[str, Any], codes: Sequence[str]) -> str:
    """The kind of a failure, without its words."""
    if planning := why_not_planned(case, row):
        return planning
    if codes:
        return f"device: {codes[0]}"
    if row["guards"]:
        return "kept a rule"
    if not row["calls"]:
        return "read, not acted"
    return "device: wrong call or value"


async def measure_homes(cases: Iterable[Case], variants: Variants, against: bool) -> dict[str, Tally]:
    """{variant: Tally} over the sentences of a set, with `things` and, if asked for, Home Assistant's engine."""
    names = (*variants, THINGS, *([HOME_ASSISTANT] if against else []))
    tallies: dict[str, Tally] = {name: Tally() for name in names}
    houses: dict[str, House] = {}
    for case in cases:
        described = home_assistant.things_of(case.home)
        key = json.dumps(described)
        if key not in houses:
            houses[key] = House.of(read(td) for td in described)
        by_thing = {entity.thing: entity for entity in case.home}
        state = home_assistant.state_of(case.home)
        for name, ours in variants.items():
            row = await ours.run(case.sentence, case.room, houses[key], state)
            services = [home_assistant.service_of(by_thing[call["thing"]], call) for call in row["calls"]]
            right = not wrong(case.home, after(case.home, services), case.expected, case.ignored) and not row["guards"]
            tallies[name].add(right, why_not(case, row, ours.codes))
            ours.note(tallies[name], row, right)
            if name == WHOLE:
                planning = why_not_planned(case, row)
                tallies[THINGS].add(not planning, planning)
        if against:
            engine = rival.HomeAssistant(case.home)
            start = time.perf_counter()
            called = engine.services(case.sentence, case.room)
            tallies[HOME_ASSISTANT].took({"total": (time.perf_counter() - start) * 1000})
            tallies[HOME_ASSISTANT].add(
                not wrong(case.home, after(case.home, called), case.expected, case.ignored),
                "no match" if not called else "wrong call or value")
    return tallies
