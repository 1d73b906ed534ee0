"""Conditions with a number: "above 25 degrees", "falls below 60", "between 10 and 15", in the unit of the sensor."""

from __future__ import annotations

from typing import Any

from coordinator import ground, phrases, times
from coordinator.ground import Context
from coordinator.house import Facts, House
from coordinator.phrases import Token, phrase_at, senses_of_word, stem, words
from coordinator.reading import Phrase, Reading
from coordinator.sources import Guarded, leaf, sources_of, titles
from ontology.description import Affordance, words_of

NUMERIC = (
    "temperature",
    "humidity",
    "brightness",
    "air",
    "battery",
    "energy",
    "volume",
    "speed",
    "position",
    "colour",
)


def number_after(tokens: tuple[Token, ...], at: int) -> tuple[float, int] | None:
    for place in range(at, len(tokens)):
        if tokens[place].word in ("a", "an", "half", "one") and not (
            tokens[place].word == "one" and place + 1 < len(tokens)
        ):
            continue
        if found := times.number(tokens, place):
            return found[0], place
    return None


def comparison(tokens: tuple[Token, ...]) -> tuple[str, float, float | None] | None:
    """(operator, value, upper value of "between") if the condition compares with a number."""
    for at, token in enumerate(tokens):
        if token.word == "between" and (low := number_after(tokens, at)):
            following = low[1] + 1
            while following < len(tokens) and tokens[following].word != "and":
                following += 1
            if high := number_after(tokens, following):
                return "between", low[0], high[0]
    for side, limit, ops in (("above", "at_least", ("gt", "ge")), ("below", "at_most", ("lt", "le"))):
        for at in range(len(tokens)):
            length = phrase_at(tokens, at, words(f"conditions.{side}")) or _than(tokens, at, side)
            if length and (found := number_after(tokens, at + length)) and found[1] <= at + length + 2:
                exact = phrase_at(tokens, at, words(f"conditions.{limit}")) == length
                return ops[exact], _negative(tokens, found), None
    found = number_after(tokens, 0)
    if (
        found
        and found[1]
        and tokens[found[1] - 1 - (tokens[found[1] - 1].word in words("conditions.negative"))].word
        in ("is", "equals", "to", "at", "exactly", "gets", "equal", "becomes")
    ):
        return "eq", _negative(tokens, found), None
    return None


def _than(tokens: tuple[Token, ...], at: int, side: str) -> int:
    """ "colder outside than 3": how many words a comparison takes that is said around a place; 0 if there is none."""
    if f"{tokens[at].word} than" not in words(f"conditions.{side}"):
        return 0
    return next((n + 1 for n in range(2, 5) if at + n < len(tokens) and tokens[at + n].word == "than"), 0)


def _negative(tokens: tuple[Token, ...], found: tuple[float, int]) -> float:
    return -found[0] if found[1] and tokens[found[1] - 1].word in words("conditions.negative") else found[0]


def _plain(value: float) -> int | float:
    return int(value) if value == int(value) else value


def measured(
    tokens: tuple[Token, ...],
    comparison: tuple[str, float, float | None],
    reading: Reading,
    names: tuple[Phrase, ...],
    house: House,
    context: Context,
    before: Guarded | None,
) -> Guarded:
    stems = [one for phrase in names for part in phrase.parts for one in part.stems]
    units = phrases.table()["conditions"]["units"]
    measured_in = {units[token.word] for token in tokens if token.word in units}
    called = frozenset().union(*map(senses_of_word, stems))
    wanted: list[str] = []
    for told in (reading.senses, called, measured_in):
        wanted = wanted or [sense for sense in NUMERIC if sense in told]
    if not wanted and before is not None and before.guard and "property" in before.guard and not names:
        source, name = before.sources, str(before.guard["property"])
    else:
        whole = _said_whole(tokens, house) or ([] if wanted else _only_one(names, house) or _in_part(tokens, house))
        chosen = whole or sources_of(wanted or ["temperature"], names, house, context, numeric=True)
        if isinstance(chosen, Guarded):
            return chosen
        source, name = tuple(fact for fact, _ in chosen), chosen[0][1].name
        if len(chosen) > 1:
            return Guarded(
                several=source,
                phrase=names[0] if names else None,
                problem="" if names else "Several sensors could be meant: " + titles(source) + ".",
            )
    op, value, upper = comparison
    fact = source[0]
    value = _in_unit(value, fact, name, tokens)
    if op == "between":
        assert upper is not None
        guard: dict[str, Any] = {
            "all": [leaf(fact, name, "ge", _plain(value)), leaf(fact, name, "le", _plain(upper))]
        }
        return Guarded(guard, source)
    return Guarded(leaf(fact, name, op, _plain(value)), source)


def _said_whole(tokens: tuple[Token, ...], house: House) -> list[tuple[Facts, Affordance]]:
    """The one property of a name in several words that is said as a whole ("wind speed")."""
    said = {token.stem for token in tokens}
    found = [
        (fact, item)
        for fact in house.facts
        for item in fact.thing.affordances
        if item.op == "read" and len(words_of(item.name)) > 1 and {stem(word) for word in words_of(item.name)} <= said
    ]
    return found if len(found) == 1 else []


def _in_part(tokens: tuple[Token, ...], house: House) -> list[tuple[Facts, Affordance]]:
    """The one property whose name is said in part ("the wind gets over 30"), no word of which means something else."""
    said = {token.stem for token in tokens}
    found = [
        (fact, item)
        for fact in house.facts
        for item in fact.thing.affordances
        if item.op == "read"
        and item.schema.get("type") in ("number", "integer")
        and not fact.can_act
        and said & {stem(word) for word in words_of(item.name) if word not in ("current", "target", "level", "speed")}
    ]
    return found if len(found) == 1 else []


def _only_one(names: tuple[Phrase, ...], house: House) -> list[tuple[Facts, Affordance]]:
    """The only number that a sensor tells which all the names mean ("the orchard soil goes under 15")."""
    parts = [part for phrase in names for part in phrase.parts]
    if not any(part.role in ("title", "word", "sort") for part in parts):
        return []
    found = [
        (fact, item)
        for fact in house.facts
        if not fact.can_act and all(ground.explains(fact, part, house) for part in parts)
        for item in fact.thing.affordances
        if item.op == "read" and item.schema.get("type") in ("number", "integer")
    ]
    return found if len(found) == 1 else []


def _in_unit(value: float, fact: Facts, name: str, tokens: tuple[Token, ...]) -> float:
    """Fahrenheit said where the sensor measures Celsius, and the other way round."""
    affordance = fact.thing.affordance("read", name)
    unit = str(affordance.schema.get("unit", "") if affordance else "").lower()
    said = {token.word for token in tokens}
    if said & {"fahrenheit", "f"} and unit[-1:] != "f" and "fahrenheit" not in unit and unit:
        return round((value - 32) * 5 / 9, 1)
    if said & {"kw", "kilowatt", "kilowatts"} and unit in ("w", "watt"):
        return value * 1000
    if said & {"celsius", "c"} and "fahrenheit" in unit:
        return round(value * 9 / 5 + 32, 1)
    return value
