"""SLURP: `frame`, `action`: percent right (sim/slurp.py); `false_trigger`: percent of sentences on other topics that
led to a call, a read or a rule, `things`: percent of them for which the planner chose a Thing or asked back."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from sim import rival, slurp
from sim.language.homes import why_nothing_planned
from sim.language.path import HOME_ASSISTANT, Ours, Variants
from sim.language.tally import WHOLE, Tally

FIGURES = ("frame", "action", "false_trigger", "things")
# Those of which the share that was not right is told.
FAILING = ("false_trigger", "things")
Tallies = dict[str, dict[str, Tally]]


async def measure_slurp(
    rows: Sequence[slurp.Row], everything: Iterable[slurp.Row], variants: Variants, against: bool,
    elsewhere: Variants | None = None,
) -> Tallies:
    """{figure: {variant: Tally}}; of `false_trigger` what is `right` are the sentences that led to nothing, of `things`
    those on other topics for which the planner chose no Thing. `elsewhere`: the variants for the sentences on other
    topics, which are many."""
    house = slurp.SlurpHouse()
    elsewhere = variants if elsewhere is None else elsewhere
    names = [*variants, *([HOME_ASSISTANT] if against else [])]
    found: Tallies = {figure: {name: Tally() for name in names} for figure in FIGURES}
    engine = rival.HomeAssistant(house.home) if against else None
    for row in rows:
        for name, ours in variants.items():
            await _act(house, row, ours, found["action"][name], found["frame"][name])
        if engine is not None:
            acts, spent = _heard(engine, house, row)
            why = "nothing called" if not acts else "another action"
            _score(house, row, acts, False, why, found["action"][HOME_ASSISTANT], found["frame"][HOME_ASSISTANT])
            found["action"][HOME_ASSISTANT].took(spent)
    for row in everything:
        if row.scenario == slurp.HOME:
            continue
        for name, ours in elsewhere.items():
            said = await ours.run(row.sentence, slurp.ROOM, house.house, house.state)
            kind = "called" if said["calls"] else "ruled" if said["guards"] else "read" if said["reads"] else ""
            tally = found["false_trigger"][name]
            tally.add(not kind, f"{kind}: {row.scenario}")
            ours.note(tally, said, not kind)
            if name == WHOLE:
                asked = said["status"] == "clarify"
                found["things"][name].add(not said["subtasks"] and not asked,
                                          f"{'asked back' if asked else 'planned'}: {row.scenario}")
        if engine is not None:
            acts, spent = _heard(engine, house, row)
            found["false_trigger"][HOME_ASSISTANT].add(not acts, f"called: {row.scenario}")
            found["false_trigger"][HOME_ASSISTANT].took(spent)
    return found


async def _act(house: slurp.SlurpHouse, row: slurp.Row, ours: Ours, action: Tally, frame: Tally) -> None:
    """One sentence for the house through our path."""
    said = await ours.run(row.sentence, slurp.ROOM, house.house, house.state)
    guarded = [call for guard in said["guards"] for call in guard["calls"]]
    acts = house.acts_of_calls([*said["calls"], *guarded])
    why = why_nothing_planned(said) or (
        "another action" if acts else f"device: {ours.codes[0]}" if ours.codes else "read, not acted")
    ours.note(action, said, _score(house, row, acts, bool(guarded), why, action, frame))


def _heard(
    engine: rival.HomeAssistant, house: slurp.SlurpHouse, row: slurp.Row
) -> tuple[list[slurp.Act], dict[str, float]]:
    start = time.perf_counter()
    services = engine.services(row.sentence, slurp.ROOM)
    return house.acts_of_services(services), {"total": (time.perf_counter() - start) * 1000}


def _score(
    house: slurp.SlurpHouse, row: slurp.Row, acts: Sequence[slurp.Act], guarded: bool, why: str, action: Tally,
    frame: Tally,
) -> bool:
    """Whether the frame was right."""
    right, whole = house.action_is_right(row, acts), house.frame_is_right(row, acts, guarded)
    action.add(right, f"{why}: {row.action}")
    kinds = "+".join(sorted({kind for kind, _ in row.entities})) or "nothing"
    frame.add(whole, f"{kinds} not shown" if right else why)
    return whole
