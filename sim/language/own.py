"""The sets of our own making (sim/sets), sentence by sentence through every variant of the path.

`arguments.*`: percent of orders to one device from which exactly the expected calls came; `paraphrase`, `noisy`,
`languages.*`: percent of sentences in a house after which all is as it should be. `retrieval` is in ranking.py."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from typing import TypeVar

from ontology.description import read
from sim.language.path import Variants
from sim.language.tally import Tally
from sim.sets import arguments, said
from sim.sets.cases import failure, right

Case = TypeVar("Case")


def some(cases: Sequence[Case], limit: int | None) -> Sequence[Case]:
    """All cases, or `limit` of them, always the same."""
    return cases if limit is None or limit >= len(cases) else random.Random(limit).sample(cases, limit)


async def measure_arguments(kind: str, variants: Variants, limit: int | None = None) -> dict[str, Tally]:
    """{variant: Tally} of `llmind` or `extended`; `limit`: only so many orders."""
    tallies = {variant: Tally() for variant in variants}
    for case in some(arguments.cases(kind), limit):
        thing = read(case.td)
        for variant, ours in variants.items():
            ours.heard = []
            found = await ours.device(thing, case.sentence, case.present)
            good = right(case, found)
            tallies[variant].add(good, "" if good else failure(case, found))
            tallies[variant].took({**found.ms, "total": sum(found.ms.values())})
            ours.note(tallies[variant], None, good)
    return tallies


async def measure_said(name: str, variants: Variants, limit: int | None = None) -> dict[str, Tally]:
    """{variant: Tally} of `paraphrase`, `noisy` or `languages.de`, …; `limit`: only so many sentences."""
    tallies = {variant: Tally() for variant in variants}
    houses: dict[str, tuple[said.House, said.States]] = {}
    for case in some(said.cases(name), limit):
        key = json.dumps(case.things)
        if key not in houses:
            houses[key] = said.house_of(case), said.state_of(said.devices(case.things))
        for variant, ours in variants.items():
            said_ms = int(time.time() * 1000)
            row = await ours.run(case.sentence, case.room, *houses[key])
            why = said.failure(case, row, said_ms)
            tallies[variant].add(not why, f"{case.kind}: {why}")
            ours.note(tallies[variant], row, not why)
    return tallies


async def measure(
    name: str, variants: Variants, limit: int | None
) -> dict[str, dict[str, Tally]]:
    """{figure: its tallies} of the sets that go by one name."""
    if name == "arguments":
        return {f"{name}.{kind}": await measure_arguments(kind, variants, limit) for kind in arguments.KINDS}
    if name == "languages":
        return {one: await measure_said(one, variants, limit) for one in said.SETS if one.startswith("languages.")}
    return {name: await measure_said(name, variants, limit)}
