"""Which of many affordances a sentence is about, and that none is: the table of queries_of_machines.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from device_agent.options import offers_of
from device_agent.reading import View, view_of
from device_agent.retrieve import ranked
from ontology.description import read

# Shares that the whole table must reach.
FIRST, FIVE, ABSTAIN = 0.97, 0.995, 0.95
NONE = "none"


@dataclass(frozen=True)
class Outcome:
    wanted: str
    # Names best first, and whether one serves.
    names: tuple[str, ...]
    serves: bool


def outcomes() -> list[Outcome]:
    table = tomllib.loads(Path(__file__).with_name("queries_of_machines.toml").read_text("utf-8"))
    made = []
    for key, given in table["things"].items():
        thing = read({"id": f"urn:x:{key}", "title": given["title"], "@type": given["kind"],
                      "actions": given.get("actions", {}), "properties": given.get("properties", {})})
        offers = offers_of(thing.affordances)
        view: View = view_of(tuple(offer.option for offer in offers), thing.title, *thing.kinds)
        for wanted, queries in given["queries"].items():
            for query in queries:
                order, serves = ranked(query, view, title=thing.title)
                names = tuple(dict.fromkeys(offers[number].affordance.name for number, _ in order))
                made.append(Outcome(wanted, names, serves))
    return made


def test_the_right_affordance_is_among_the_first_and_none_is_recognised() -> None:
    every = outcomes()
    served = [one for one in every if one.wanted != NONE]
    assert len(served) >= 120
    assert sum(one.names[0] == one.wanted for one in served) >= FIRST * len(served)
    assert sum(one.wanted in one.names[:5] for one in served) >= FIVE * len(served)
    refused, right = [one for one in every if not one.serves], [one for one in every if one.wanted == NONE]
    both = sum(one.wanted == NONE for one in refused)
    assert 2 * both >= ABSTAIN * (len(refused) + len(right))
