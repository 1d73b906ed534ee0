"""Conditions that are said in words of their own: who is home, what the weather is, an alarm that goes off, a wash that
is done.

Each reading is a Guarded, or None where the words or the Things for it are missing. The words are in phrases.toml."""

from __future__ import annotations

from collections.abc import Sequence

from coordinator import ground, phrases
from coordinator.ground import Context
from coordinator.house import Facts, House
from coordinator.phrases import Token, contains, words
from coordinator.reading import Phrase, Reading
from coordinator.sources import Guarded, leaf
from ontology.description import words_of

_HOME = "home"


def named(names: tuple[Phrase, ...], house: House, context: Context, told: bool = False) -> tuple[Facts, ...]:
    """The Things that a condition names; with `told` what it speaks of before, if it names none."""
    found: list[Facts] = []
    for phrase in names:
        one = ground.find(phrase, Reading((phrase,), frozenset()), house, context, asking=True)
        found += [fact for fact in (*one.things, *one.several) if fact not in found]
    return tuple(found) or (context.targets if told else ())


def people(tokens: tuple[Token, ...], names: tuple[Phrase, ...], house: House) -> Guarded | None:
    """ "anna comes home", "everybody has left", "nobody is home": over the Things that tell where people are."""
    everybody = {fact.id: (fact, name) for fact in house.facts if (name := _whereabouts(fact))}
    table = phrases.table()["conditions"]["people"]
    away, home = contains(tokens, table["away"]), contains(tokens, table["home"])
    if not everybody or not (away or home) or any(phrase.has("room", "kind", "sort") for phrase in names):
        return None
    called = {id_ for phrase in names for part in phrase.parts if part.role == "title" for id_ in part.value}
    called |= {id_ for id_, (fact, _) in everybody.items() if {token.stem for token in tokens} & set(fact.title)}
    chosen = [everybody[id_] for id_ in everybody if id_ in called]
    none, every, some = (contains(tokens, table[key]) for key in ("none", "all", "any"))
    if called - everybody.keys():
        return None
    if not chosen and not (none or every or some):
        if not any(token.word in ("i", "me") for token in tokens):
            return None
        if len(everybody) > 1:
            titles = " or ".join(fact.thing.title for fact, _ in everybody.values())
            return Guarded(problem=f"I do not know who of you that is; say {titles}.")
    at_home = not (away or contains(tokens, ["not"])) if not none else away
    guards = [
        leaf(fact, name, "eq" if at_home and not none else "ne", _HOME) for fact, name in chosen or everybody.values()
    ]
    sources = tuple(fact for fact, _ in chosen or everybody.values())
    if len(guards) == 1:
        return Guarded(guards[0], sources)
    return Guarded({"any" if some or (at_home and every and not chosen) else "all": guards}, sources)


def _whereabouts(fact: Facts) -> str:
    """The property that tells where somebody is; "" for a Thing that is nobody."""
    place = fact.thing.affordance("read", "place")
    return place.name if place is not None and place.schema.get("type") in ("string", None) and not fact.can_act else ""


def weather(tokens: tuple[Token, ...], house: House) -> Guarded | None:
    """ "it rains", "it is sunny": a sensor for just that, else what the weather is called."""
    for kind, row in phrases.table()["conditions"]["weather"].items():
        if not contains(tokens, row["words"]):
            continue
        dry = contains(tokens, ["not", "stops", "stopped", "no"])
        for fact in house.facts:
            for item in fact.thing.affordances:
                names = (set(words_of(item.name)) | fact.names) & {kind, *row["words"]} and not fact.can_act
                if names and item.op == "read" and item.schema.get("type") == "boolean":
                    return Guarded(leaf(fact, item.name, "eq", not dry), (fact,))
        for fact in house.facts:
            told = fact.thing.affordance("read", "condition")
            if told is not None and told.schema.get("type") == "string" and not fact.can_act:
                known = [value for value in row["values"] if value in told.schema.get("enum", row["values"])]
                guards = [leaf(fact, told.name, "ne" if dry else "eq", value) for value in known]
                if guards:
                    join = "all" if dry else "any"
                    return Guarded(guards[0] if len(guards) == 1 else {join: guards}, (fact,))
    return None


def alarm(tokens: tuple[Token, ...], things: Sequence[Facts]) -> Guarded | None:
    """ "the leak sensor goes off": the sensor that is named says that what it watches for is so."""
    for at, token in enumerate(tokens):
        length = phrases.phrase_at(tokens, at, words("conditions.alarms.words"))
        calm = at and token.word == "off" and tokens[at - 1].word in ("is", "are", "turned", "switched")
        if not length or calm or contains(tokens, ["not"]):
            continue
        for fact in things:
            items = [one for one in fact.thing.affordances if one.op == "read" and one.schema.get("type") == "boolean"]
            if len(items) == 1 and not fact.can_act:
                return Guarded(leaf(fact, items[0].name, "eq", True), (fact,))
    return None


def done(tokens: tuple[Token, ...], things: Sequence[Facts]) -> Guarded | None:
    """ "the dishwasher is done": a state of its own for that, else that it is off."""
    ends = words("conditions.done.words")
    if not contains(tokens, ends) or contains(tokens, ["not"]):
        return None
    for fact in things:
        for item in fact.thing.affordances:
            for choice in item.schema.get("enum", ()) if item.op == "read" else ():
                if isinstance(choice, str) and set(words_of(choice)) & ends:
                    return Guarded(leaf(fact, item.name, "eq", choice), (fact,))
    resting = phrases.table()["conditions"]["done"]["rest"]
    for fact in things:
        told = fact.thing.affordance("read", "state")
        rest = next((resting[kind] for kind in sorted(fact.kinds) if kind in resting), None)
        if told is not None and rest and told.schema.get("type") == "string":
            return Guarded(leaf(fact, told.name, "eq", rest), (fact,))
    for fact in things:
        for name, still in (("running", False), ("playing", False), ("active", False), ("on", False)):
            told = fact.thing.affordance("read", name)
            if told is not None and told.schema.get("type") == "boolean":
                return Guarded(leaf(fact, name, "eq", still), (fact,))
    return None
