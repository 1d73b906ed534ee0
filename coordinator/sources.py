"""Who can tell what a condition asks: the sensors of a house, narrowed by the names said, the place, the context.

A guard names a Thing that exists and a property that it has, or there is no guard but a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from coordinator import ground, phrases
from coordinator.ground import Context
from coordinator.house import Facts, House, senses_of
from coordinator.phrases import stem, words
from coordinator.reading import Part, Phrase
from ontology.description import Affordance, words_of


@dataclass(frozen=True)
class Guarded:
    """A guard and the Things that it watches; or `problem`; or `several` Things, of which `phrase` means one."""

    guard: dict[str, Any] | None = None
    sources: tuple[Facts, ...] = ()
    repeat: bool = False
    problem: str = ""
    several: tuple[Facts, ...] = ()
    phrase: Phrase | None = None


def leaf(fact: Facts, name: str, op: str, value: Any) -> dict[str, Any]:
    guard: dict[str, Any] = {"thing": fact.id, "property": name, "op": op, "value": value}
    if fact.thing.host is not None:
        guard["host"] = fact.thing.host
    affordance = fact.thing.affordance("read", name)
    if affordance is not None and affordance.max_age_s is not None:
        guard["max_age_s"] = affordance.max_age_s
    return guard


def sources_of(
    senses: list[str],
    names: tuple[Phrase, ...],
    house: House,
    context: Context,
    numeric: bool,
    told: tuple[Facts, ...] = (),
) -> list[tuple[Facts, Affordance]] | Guarded:
    """The Things (with the property) that can tell this, narrowed by the names said, the place, the context; `told`:
    what "it" is, which tells it itself if it can."""
    pairs = [
        (fact, affordance)
        for fact in house.facts
        for affordance in fact.thing.affordances
        if affordance.op == "read" and senses_of(affordance) & set(senses) and _fits(affordance, numeric, senses)
        and not (senses[0] == "temperature" and {"colour", "color", "humidity"} & set(words_of(affordance.name)))
    ]
    if mine := [pair for pair in pairs if pair[0] in told]:
        return _best(mine, senses)
    own = phrases.table()["senses"][senses[0]]["can"]
    nouns = [
        part
        for phrase in names
        for part in phrase.parts
        if part.role != "attribute" and part.token.stem not in ("sensor", "detector", *own)
    ]
    if senses[0] in ("motion",) or numeric:
        nouns = [
            part
            for part in nouns
            if part.role in ("room", "floor", "title", "kind", "word", "unknown")
            and part.token.word not in ("motion", "movement", "presence", *words("words.whole_home"))
        ]
    nouns = [one for part in nouns for one in _apart(part, pairs, house)]
    rooms = [part for part in nouns if part.role == "room"]
    for part in nouns:
        same = rooms if part.role == "room" else [part]
        narrowed = [(fact, item) for fact, item in pairs if any(ground.explains(fact, one, house) for one in same)]
        if not narrowed and part.role == "kind" and part.token.stem in ("door", "window", "gate", "garage"):
            narrowed = [
                (fact, item) for fact, item in pairs if {stem(word) for word in words_of(item.name)} & {part.token.stem}
            ]
        sort, general = phrases.kind_words().get(part.stem, ("", True))
        if not general:
            own_name = [pair for pair in narrowed if ground.explains(pair[0], part, house) == 3]
            narrowed = own_name or narrowed
        narrowed = [pair for pair in narrowed if sort in pair[0].kinds] or narrowed
        if not narrowed and part.role == "word" and senses[0] in ("leak", "smoke", "motion") and rooms:
            narrowed = pairs
        if not narrowed and {part.stem, *part.stems} & {"door", "gate", "garage"} and senses[0] == "motion":
            beside = {fact.room for fact in house.facts if ground.explains(fact, part, house)}
            narrowed = [(fact, item) for fact, item in pairs if fact.room in beside]
        if not narrowed:
            if not ground.explains_any(part, house):
                return Guarded(problem=f"There is no {part.said.lower()} here.")
            place = f"in the {part.value[0]}" if part.role == "room" else f"of the {part.said.lower()}"
            return Guarded(problem=f"There is no sensor that tells the state {place}.")
        pairs = narrowed
    if not pairs:
        return Guarded(problem="There is no sensor here that tells that.")
    placed = any(part.role in ("room", "floor", "title") for part in nouns)
    whole = bool(names) and any(phrase.every for phrase in names)
    if not placed and not whole:
        for room in (*dict.fromkeys(fact.room for fact in context.targets), context.room):
            near = [pair for pair in pairs if room and pair[0].room == room]
            if near:
                pairs = near
                break
    pairs = _best(pairs, senses)
    return pairs


def _apart(part: Part, pairs: list[tuple[Facts, Affordance]], house: House) -> list[Part]:
    """The name of something that cannot tell this is, word by word, part of what can: "the front door" is a lock, what
    tells that it is open is the "front door contact"."""
    if part.role != "title" or len(part.stems) < 2 or any(ground.explains(fact, part, house) for fact, _ in pairs):
        return [part]
    single = [Part("kind" if one in phrases.kind_words() else "word", part.token, (), (one,)) for one in part.stems]
    able = [one for one in single if any(ground.explains(fact, one, house) for fact, _ in pairs)]
    told = any(all(ground.explains(fact, one, house) for one in single) for fact, _ in pairs)
    return single if told and len(able) == len(single) else [part]


def _fits(affordance: Affordance, numeric: bool, senses: list[str]) -> bool:
    kind = affordance.schema.get("type")
    if numeric:
        return kind in ("number", "integer") or (kind is None and not affordance.schema.get("enum"))
    return (
        kind in ("boolean", None)
        or bool(affordance.schema.get("enum"))
        or (kind in ("number", "integer") and bool(set(senses) & {"position"}))
    )


def _best(pairs: list[tuple[Facts, Affordance]], senses: list[str]) -> list[tuple[Facts, Affordance]]:
    """Per Thing its most fitting property; sensors rather than Things that also act, in the same room."""
    chosen: dict[str, tuple[Facts, Affordance]] = {}
    for fact, affordance in pairs:
        held = chosen.get(fact.id)
        if held is None or _rank(affordance, senses) < _rank(held[1], senses):
            chosen[fact.id] = (fact, affordance)
    only = [pair for pair in chosen.values() if not pair[0].can_act]
    acting_rooms = {pair[0].room for pair in only}
    if only and senses[0] not in ("power", "media", "lock"):
        return only + [
            pair
            for pair in chosen.values()
            if pair[0].can_act and pair[0].room not in acting_rooms and senses[0] not in ("position", "brightness")
        ]
    return list(chosen.values())


def _rank(affordance: Affordance, senses: list[str]) -> tuple[bool, bool, bool, int]:
    name = set(words_of(affordance.name))
    return (
        bool(name & {"target", "setpoint", "set", "desired"}),
        affordance.schema.get("type") != "boolean",
        not (set(phrases.table()["senses"][senses[0]]["can"]) & name),
        len(name),
    )


def titles(facts: Iterable[Facts]) -> str:
    return ", ".join(fact.thing.title for fact in facts)
