"""For how long: a Thing that is told itself how long it is to run ends by itself, and is not changed back.

Rules: a length of time is an argument where an action of the Thing takes one (a unit of time, or a name like
"minutes"), and the order starts something; else the coordinator ends what it began. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from coordinator.house import Facts
from coordinator.times import When
from ontology.description import Thing, words_of

_UNITS = frozenset(("second", "seconds", "s", "minute", "minutes", "min", "hour", "hours", "h"))
_NAMES = frozenset(("duration", "seconds", "minutes", "hours", "runtime"))
_STARTS = ("start ", "turn on ", "switch on ", "run ", "water ", "irrigate ", "heat ", "charge ", "play ", "spin ",
           "ventilate ", "activate ", "open ")
_LENGTHS = (("hour", 3600), ("minute", 60), ("second", 1))


def takes(thing: Thing) -> bool:
    """Whether one of its actions takes how long it lasts."""
    return any(
        field.schema.get("unit") in _UNITS or set(words_of(field.name)) & _NAMES
        for affordance in thing.affordances
        if affordance.op == "action"
        for field in affordance.fields
    )


def told(
    rendered: Sequence[tuple[Facts, str]], whens: Sequence[When]
) -> tuple[list[tuple[Facts, str]], frozenset[str]]:
    """Orders with how long they are to last where the Thing can be told that, and which Things those are."""
    seconds = next((when.seconds for when in whens if when.seconds is not None), None)
    length = next(((name, seconds / one) for name, one in _LENGTHS if seconds and seconds % one == 0), None)
    ends: set[str] = set()
    made = []
    for fact, text in rendered:
        if length is None or not text.startswith(_STARTS) or not takes(fact.thing):
            made.append((fact, text))
            continue
        ends.add(fact.id)
        made.append((fact, f"{text} for {length[1]:g} {length[0]}{'' if length[1] == 1 else 's'}"))
    return made, frozenset(ends)
