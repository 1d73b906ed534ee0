"""Which of many affordances a sentence is about, and that none is: queries_of_machines.toml, queries_of_makers.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from device_agent.options import offers_of
from device_agent.reading import View, view_of
from device_agent.retrieve import in_english, ranked
from ontology.description import Thing, read

# Shares that the whole table must reach.
FIRST, FIVE, ABSTAIN = 0.97, 0.995, 0.95
# The same for Things of many makers in four languages, asked in other words; of this table every third query is taken.
FIRST_OTHER, FIVE_OTHER, ABSTAIN_OTHER, TAKEN = 0.9, 0.98, 0.75, 3
NONE = "none"
NOTHING = (NONE, "near", "off")


@dataclass(frozen=True)
class Outcome:
    wanted: str
    # Names best first, and whether one serves.
    names: tuple[str, ...]
    serves: bool


def outcome(thing: Thing, query: str, wanted: str) -> Outcome:
    affordances, said = in_english(thing, query)
    own = {(double.op, double.name): one.name for one, double in zip(thing.affordances, affordances, strict=True)}
    offers = offers_of(affordances)
    view: View = view_of(tuple(offer.option for offer in offers), thing.title, *thing.kinds)
    order, serves = ranked(said, view, title=thing.title)
    told = [offers[number].affordance for number, _ in order]
    return Outcome(wanted, tuple(dict.fromkeys(own[one.op, one.name] for one in told)), serves)


def outcomes(name: str, every: int = 1) -> list[Outcome]:
    table = tomllib.loads(Path(__file__).with_name(name).read_text("utf-8"))
    made, at = [], 0
    for key, given in table["things"].items():
        thing = read({"id": f"urn:x:{key}", "title": given["title"], "@type": given["kind"],
                      "actions": given.get("actions", {}), "properties": given.get("properties", {})})
        for wanted, queries in given["queries"].items():
            for query in queries:
                at += 1
                if at % every == 0:
                    made.append(outcome(thing, query, NONE if wanted in NOTHING else wanted))
    return made


@pytest.mark.parametrize(("name", "taken", "first", "five", "abstain"), [
    ("queries_of_machines.toml", 1, FIRST, FIVE, ABSTAIN),
    ("queries_of_makers.toml", TAKEN, FIRST_OTHER, FIVE_OTHER, ABSTAIN_OTHER),
])
def test_the_right_affordance_is_among_the_first_and_none_is_recognised(
    name: str, taken: int, first: float, five: float, abstain: float
) -> None:
    every = outcomes(name, taken)
    served = [one for one in every if one.wanted != NONE]
    assert len(served) >= 120
    assert sum(one.names[0] in one.wanted.split("|") for one in served) >= first * len(served)
    assert sum(not set(one.names[:5]).isdisjoint(one.wanted.split("|")) for one in served) >= five * len(served)
    refused, right = [one for one in every if not one.serves], [one for one in every if one.wanted == NONE]
    both = sum(one.wanted == NONE for one in refused)
    assert 2 * both >= abstain * (len(refused) + len(right))
