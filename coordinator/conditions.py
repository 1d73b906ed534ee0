"""Guard phrases: "nobody has been there for five minutes" becomes a guard over the right sensor's property.

A guard names a Thing that exists and a property that it has, or there is no guard but a reason. Does not:
watch anything (devices do), decide whether a guard fires once or again (`Guarded.repeat` says what was said)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from coordinator import ground, phrases, times
from coordinator.clauses import Condition, Mark
from coordinator.ground import Context
from coordinator.house import Facts, House, senses_of
from coordinator.phrases import Token, contains, phrase_at, stem, words
from coordinator.reading import Phrase, Reading, read
from coordinator.times import Now
from ontology.description import Affordance, words_of

_INVERSE_NAMES = {
    "position": {"closed", "shut", "contact"},
    "lock": {"locked", "lock"},
    "motion": {"empty", "vacant", "absence"},
    "power": {"off"},
    "media": {"paused"},
}
_NUMERIC = (
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
_OPPOSITE = {"eq": "ne", "ne": "eq", "lt": "ge", "le": "gt", "gt": "le", "ge": "lt"}
_BOOLEAN_WORDS = {
    "true": {
        "open",
        "opened",
        "unlocked",
        "on",
        "detected",
        "occupied",
        "present",
        "playing",
        "active",
        "running",
        "wet",
        "motion",
    },
    "false": {
        "closed",
        "shut",
        "locked",
        "off",
        "clear",
        "vacant",
        "empty",
        "absent",
        "paused",
        "stopped",
        "idle",
        "none",
        "dry",
    },
}


@dataclass(frozen=True)
class Guarded:
    """A guard and the Things that it watches; or `problem`; or `several` Things, of which `phrase` means one."""

    guard: dict[str, Any] | None = None
    sources: tuple[Facts, ...] = ()
    repeat: bool = False
    problem: str = ""
    several: tuple[Facts, ...] = ()
    phrase: Phrase | None = None


def guard_of(
    condition: Condition,
    marks: tuple[Mark, ...],
    house: House,
    context: Context,
    now: Now,
    before: Guarded | None = None,
) -> Guarded:
    """What a condition says as a guard; `context.targets` are the Things that are to act ("there"); `before`: the
    guard said before, for "when it falls below 60 again"."""
    found: list[Guarded] = []
    joins: list[str] = []
    if condition.opener in words("conditions.until") | {"after"} and (clock := _clock_at(condition.tokens)):
        return Guarded(clock)
    for join, tokens in _pieces(condition.tokens):
        if found and found[-1].problem:
            break
        found.append(_atom(tokens, marks, house, context, now, found[-1] if found else before))
        joins.append(join)
    bad = next((one for one in found if one.problem or one.several), None)
    repeat = condition.opener in words("conditions.repeat")
    if not found:
        return Guarded(problem="I did not understand the condition.")
    if bad:
        return bad
    guards = [one.guard for one in found if one.guard]
    guard = guards[0] if len(guards) == 1 else {"any" if "or" in joins else "all": guards}
    if condition.opener in words("conditions.not") | words("conditions.until") and condition.opener in words(
        "conditions.not"
    ):
        guard = negated(guard)
    return Guarded(guard, tuple(fact for one in found for fact in one.sources), repeat)


def negated(guard: dict[str, Any]) -> dict[str, Any]:
    """The guard that holds when this one does not."""
    if "all" in guard:
        return {"any": [negated(inner) for inner in guard["all"]]}
    if "any" in guard:
        return {"all": [negated(inner) for inner in guard["any"]]}
    if "op" not in guard:
        return guard
    if isinstance(guard["value"], bool) and guard["op"] == "eq":
        return {**guard, "value": not guard["value"]}
    return {**guard, "op": _OPPOSITE[guard["op"]]}


def later(guard: dict[str, Any] | None, seconds: float, now: Now) -> dict[str, Any] | None:
    """The guard that comes `seconds` after: from now, or after a time of day; None if that cannot be told."""
    if guard is None:
        return None if now.ms is None else {"at_ms": now.ms + int(seconds * 1000)}
    if "at_ms" in guard:
        return {"at_ms": guard["at_ms"] + int(seconds * 1000)}
    if "at" not in guard:
        return None
    minutes = sum(int(part) * scale for part, scale in zip(guard["at"].split(":"), (60, 1), strict=True)) + int(
        seconds // 60
    )
    days, minutes = divmod(minutes, 1440)
    week = list(phrases.table()["times"]["days"].values())
    shifted = {"days": [week[(week.index(day) + days) % 7] for day in guard["days"]]} if "days" in guard else {}
    return {"at": f"{minutes // 60:02}:{minutes % 60:02}", **shifted}


def _pieces(tokens: tuple[Token, ...]) -> list[tuple[str, tuple[Token, ...]]]:
    """A condition split at "and"/"or" where both sides say something of their own."""
    pieces: list[tuple[str, list[Token]]] = [("", [])]
    for at, token in enumerate(tokens):
        rest = tokens[at + 1 :]
        if (
            token.word in ("and", "or")
            and pieces[-1][1]
            and _says(rest)
            and not contains(tuple(pieces[-1][1][-3:]), ["between"])
            and (
                not any(one.word == "between" for one in pieces[-1][1])
                or _number_after(tuple(pieces[-1][1]), 0) is None
                or sum(times.number((one,), 0) is not None for one in pieces[-1][1]) > 1
            )
        ):
            pieces.append((token.word, []))
        else:
            pieces[-1][1].append(token)
    return [(join, tuple(piece)) for join, piece in pieces if piece]


def _says(tokens: tuple[Token, ...]) -> bool:
    head = []
    for token in tokens:
        if token.word in ("and", "or"):
            break
        head.append(token)
    found = tuple(head)
    return any(
        token.word in ("is", "are", "gets", "has", "have") or token.word in _state_words() for token in found
    ) or (
        contains(found, words("conditions.above") | words("conditions.below")) and _number_after(found, 0) is not None
    )


def _state_words() -> frozenset[str]:
    table = phrases.table()["conditions"]
    return frozenset(word for side in ("yes", "no") for row in table[side].values() for word in row)


def _number_after(tokens: tuple[Token, ...], at: int) -> tuple[float, int] | None:
    for place in range(at, len(tokens)):
        if tokens[place].word in ("a", "an", "half", "one") and not (
            tokens[place].word == "one" and place + 1 < len(tokens)
        ):
            continue
        if found := times.number(tokens, place):
            return found[0], place
    return None


def _atom(
    tokens: tuple[Token, ...],
    marks: tuple[Mark, ...],
    house: House,
    context: Context,
    now: Now,
    before: Guarded | None,
) -> Guarded:
    for_s, kept = None, tokens
    for when in times.find(tokens, now):
        if when.seconds is not None:
            for_s = when.seconds
        elif when.problem:
            return Guarded(problem=when.problem)
        elif when.guard is not None and not phrases.senses().keys() & {token.word for token in tokens[: when.start]}:
            return Guarded(when.guard, repeat=when.repeat)
        kept = tuple(token for at, token in enumerate(tokens) if not when.start <= at < when.end)
    clock = _clock_only(kept)
    if clock:
        return Guarded({"at": clock})
    if any(token.word in phrases.table()["times"]["unknown"] for token in kept):
        return Guarded(problem="I have no sensor or calendar that tells that; say a time of day.")
    reading = read(kept, marks, house, asking=True)
    number = _comparison(kept)
    names = tuple(phrase for phrase in reading.phrases if phrase.parts)
    if number is not None:
        guarded = _numeric(kept, number, reading, names, house, context, before)
    else:
        guarded = _state(kept, reading, names, house, context)
    if guarded.guard is not None and for_s is not None:
        guarded = replace(guarded, guard=_lasting(guarded.guard, for_s))
    return guarded


def _clock_at(tokens: tuple[Token, ...]) -> dict[str, Any] | None:
    """ "10 pm" or "the evening at ten" alone, as after "until"."""
    for said in ((Token(0, 0, "at", "at"), *tokens), tokens):
        found = times.find(said, Now())
        if len(found) == 1 and found[0].guard is not None and found[0].end - found[0].start == len(said):
            return found[0].guard
    return None


def _clock_only(tokens: tuple[Token, ...]) -> str | None:
    """ "it is half past seven" -> "07:30"."""
    said = [token.word for token in tokens]
    if said[:2] != ["it", "is"] and said[:2] != ["the", "clock"]:
        return None
    found = times.find((Token(0, 0, "at", "at"), *tokens[2:]), Now())
    exact = found and found[0].guard and found[0].end == len(tokens) - 1
    plain = len(tokens) == 3 and tokens[2].word.isdigit()
    return str(found[0].guard["at"]) if exact and not plain and found[0].guard and "at" in found[0].guard else None


def _lasting(guard: dict[str, Any], seconds: float) -> dict[str, Any]:
    for key in ("all", "any"):
        if key in guard:
            return {key: [_lasting(inner, seconds) for inner in guard[key]]}
    return {**guard, "for_s": int(seconds) if seconds == int(seconds) else seconds}


def _comparison(tokens: tuple[Token, ...]) -> tuple[str, float, float | None] | None:
    """(operator, value, upper value of "between") if the condition compares with a number."""
    for at, token in enumerate(tokens):
        if token.word == "between" and (low := _number_after(tokens, at)):
            following = low[1] + 1
            while following < len(tokens) and tokens[following].word != "and":
                following += 1
            if high := _number_after(tokens, following):
                return "between", low[0], high[0]
    for side, limit, ops in (("above", "at_least", ("gt", "ge")), ("below", "at_most", ("lt", "le"))):
        for at in range(len(tokens)):
            length = phrase_at(tokens, at, words(f"conditions.{side}"))
            if length and (found := _number_after(tokens, at + length)) and found[1] <= at + length + 2:
                exact = phrase_at(tokens, at, words(f"conditions.{limit}")) == length
                return ops[exact], _negative(tokens, found), None
    found = _number_after(tokens, 0)
    if (
        found
        and found[1]
        and tokens[found[1] - 1].word in ("is", "equals", "to", "at", "exactly", "gets", "equal", "becomes")
    ):
        return "eq", _negative(tokens, found), None
    return None


def _negative(tokens: tuple[Token, ...], found: tuple[float, int]) -> float:
    return -found[0] if found[1] and tokens[found[1] - 1].word in ("-", "minus") else found[0]


def _plain(value: float) -> int | float:
    return int(value) if value == int(value) else value


def _numeric(
    tokens: tuple[Token, ...],
    comparison: tuple[str, float, float | None],
    reading: Reading,
    names: tuple[Phrase, ...],
    house: House,
    context: Context,
    before: Guarded | None,
) -> Guarded:
    wanted = [sense for sense in _NUMERIC if sense in reading.senses]
    if not wanted and before is not None and before.guard and "property" in before.guard and not names:
        source, name = before.sources, str(before.guard["property"])
    else:
        chosen = _sources(wanted or ["temperature"], names, house, context, numeric=True)
        if isinstance(chosen, Guarded):
            return chosen
        source, name = tuple(fact for fact, _ in chosen), chosen[0][1].name
        if len(chosen) > 1:
            return Guarded(
                several=source,
                phrase=names[0] if names else None,
                problem="" if names else "Several sensors could be meant: " + _titles(source) + ".",
            )
    op, value, upper = comparison
    fact = source[0]
    value = _in_unit(value, fact, name, tokens)
    if op == "between":
        assert upper is not None
        guard: dict[str, Any] = {
            "all": [_guard(fact, name, "ge", _plain(value)), _guard(fact, name, "le", _plain(upper))]
        }
        return Guarded(guard, source)
    return Guarded(_guard(fact, name, op, _plain(value)), source)


def _in_unit(value: float, fact: Facts, name: str, tokens: tuple[Token, ...]) -> float:
    """Fahrenheit said where the sensor measures Celsius, and the other way round."""
    affordance = fact.thing.affordance("read", name)
    unit = str(affordance.schema.get("unit", "") if affordance else "").lower()
    said = {token.word for token in tokens}
    if said & {"fahrenheit", "f"} and unit[-1:] != "f" and "fahrenheit" not in unit and unit:
        return round((value - 32) * 5 / 9, 1)
    if said & {"celsius", "c"} and "fahrenheit" in unit:
        return round(value * 9 / 5 + 32, 1)
    return value


def _guard(fact: Facts, name: str, op: str, value: Any) -> dict[str, Any]:
    guard: dict[str, Any] = {"thing": fact.id, "property": name, "op": op, "value": value}
    if fact.thing.host is not None:
        guard["host"] = fact.thing.host
    affordance = fact.thing.affordance("read", name)
    if affordance is not None and affordance.max_age_s is not None:
        guard["max_age_s"] = affordance.max_age_s
    return guard


def _state(
    tokens: tuple[Token, ...],
    reading: Reading,
    names: tuple[Phrase, ...],
    house: House,
    context: Context,
) -> Guarded:
    table = phrases.table()["conditions"]
    absent = contains(tokens, words("conditions.nobody"))
    present = contains(tokens, table["yes"]["motion"])
    choices: list[tuple[str, bool]] = []
    if any(token.word in ("nobody", "empty", "vacant", "unoccupied") for token in tokens) or (
        absent
        and (
            present or any(token.word in ("motion", "movement", "everyone", "everybody", "i", "we") for token in tokens)
        )
    ):
        choices.append(("motion", False))
    for positive, side in ((True, "yes"), (False, "no")):
        for sense, row in table[side].items():
            said = [word for word in row if contains(tokens, [word])]
            if said and not (sense == "motion" and (absent or choices)) and not _is_name(tokens, said, names, sense):
                choices.append((sense, positive != _denied(tokens)))
    order = ["motion", "lock", "position", "smoke", "leak", "media", "power"]
    choices.sort(key=lambda choice: order.index(choice[0]))
    problem = None
    if any(token.word in ("everyone", "everybody", *words("words.whole_home")) for token in tokens):
        context = Context()
    for sense, value in choices:
        chosen = _sources([sense], names, house, context, numeric=False)
        if isinstance(chosen, Guarded):
            problem = problem or chosen
            continue
        sources = tuple(fact for fact, _ in chosen)
        guards = [guard for fact, affordance in chosen if (guard := _is(fact, affordance, sense, value)) is not None]
        if not guards:
            continue
        if len(guards) == 1:
            return Guarded(guards[0], sources[:1])
        if sense == "motion" or any(phrase.every or phrase.plural for phrase in names) or _any(tokens):
            each = (sense == "motion" and not value) or (sense != "motion" and not _any(tokens))
            return Guarded({"all" if each else "any": guards}, sources)
        return Guarded(
            several=sources,
            phrase=names[0] if names else None,
            problem="" if names else f"Several Things could be meant: {_titles(sources)}.",
        )
    if problem is not None:
        return problem
    named = _named_state(tokens, names, house, context)
    if named is not None:
        return named
    measured = [sense for sense in _NUMERIC if sense in reading.senses]
    if measured:
        chosen = _sources(measured, names, house, context, numeric=True)
        return chosen if isinstance(chosen, Guarded) else Guarded(problem='Say at which value, like "below 18".')
    return Guarded(problem="There is no sensor here that tells that.")


def _any(tokens: tuple[Token, ...]) -> bool:
    return any(token.word in ("any", "a", "an", "one", "either") for token in tokens)


def _denied(tokens: tuple[Token, ...]) -> bool:
    return any(token.word == "not" for token in tokens)


def _is_name(tokens: tuple[Token, ...], said: Iterable[str], names: tuple[Phrase, ...], sense: str) -> bool:
    """Whether the words only stand as part of a noun phrase ("the lock", "on the desk")."""
    last = {token.word for token in tokens[-1:]}
    verbs = {
        tokens[at + 1].word
        for at in range(len(tokens) - 1)
        if tokens[at].word
        in (
            "is",
            "are",
            "goes",
            "gets",
            "turns",
            "comes",
            "switches",
            "turned",
            "switched",
            "left",
            "been",
            "not",
            "still",
        )
    }
    nouns = {
        stem(part.token.word) for phrase in names for part in phrase.parts if part.role in ("kind", "word", "title")
    }
    for word in said:
        parts = word.split()
        if sense == "power" and word in ("on", "off") and word not in last | verbs:
            continue
        if len(parts) == 1 and stem(word) in nouns and word not in last | verbs:
            continue
        return False
    return True


def _is(fact: Facts, affordance: Affordance, sense: str, value: bool) -> dict[str, Any] | None:
    """The guard that this yes/no (or enumerated, or numbered) property says `value` in this sense."""
    schema, name = affordance.schema, affordance.name
    inverse = set(words_of(name)) & _INVERSE_NAMES.get(sense, set())
    if schema.get("enum"):
        wanted = _BOOLEAN_WORDS["true" if value else "false"]
        for choice in schema["enum"]:
            if set(words_of(str(choice))) & wanted and not isinstance(choice, bool):
                if sense == "motion" and choice in ("off", "on"):
                    continue
                return _guard(fact, name, "eq", choice)
        return None
    kind = schema.get("type")
    if kind == "boolean" or (kind is None and not schema):
        return _guard(fact, name, "eq", value != bool(inverse))
    if kind in ("integer", "number") and sense in ("position", "power"):
        low = schema.get("minimum", 0)
        return _guard(fact, name, "gt", low) if value else _guard(fact, name, "eq", low)
    return None


def _named_state(
    tokens: tuple[Token, ...], names: tuple[Phrase, ...], house: House, context: Context
) -> Guarded | None:
    """ "when the vacuum is docked", "when the wash is finished": a choice of an enumerated property that is said."""
    said = {token.stem for token in tokens} | {token.word for token in tokens}
    subjects = [
        ground.find(phrase, Reading((phrase,), frozenset()), house, context, asking=True) for phrase in names
    ]
    if not names and said & {"it", "they"}:
        subjects = [ground.Found(context.targets)]
    phrase_words = {part.token.stem for phrase in names for part in phrase.parts}
    for found in subjects:
        for fact in found.things or found.several:
            for affordance in fact.thing.affordances:
                if affordance.op != "read":
                    continue
                for choice in affordance.schema.get("enum", ()):
                    if isinstance(choice, str) and {stem(word) for word in words_of(choice)} <= said:
                        return Guarded(_guard(fact, affordance.name, "eq", choice), (fact,))
                if (
                    affordance.schema.get("type") == "boolean"
                    and {stem(w) for w in words_of(affordance.name)} & said - phrase_words
                ):
                    return Guarded(_guard(fact, affordance.name, "eq", not _denied(tokens)), (fact,))
    return None


def _sources(
    senses: list[str],
    names: tuple[Phrase, ...],
    house: House,
    context: Context,
    numeric: bool,
) -> list[tuple[Facts, Affordance]] | Guarded:
    """The Things (with the property) that can tell this, narrowed by the names said, the place, the context."""
    pairs = [
        (fact, affordance)
        for fact in house.facts
        for affordance in fact.thing.affordances
        if affordance.op == "read" and senses_of(affordance) & set(senses) and _fits(affordance, numeric, senses)
    ]
    if not pairs and senses == ["lock"]:
        pairs = []
    nouns = [
        part
        for phrase in names
        for part in phrase.parts
        if part.role != "attribute" and part.token.stem not in ("sensor", "detector")
    ]
    if senses[0] in ("motion",) or numeric:
        nouns = [
            part
            for part in nouns
            if part.role in ("room", "floor", "title", "kind", "word", "unknown")
            and part.token.word not in ("motion", "movement", "presence", *words("words.whole_home"))
        ]
    rooms = [part for part in nouns if part.role == "room"]
    for part in nouns:
        same = rooms if part.role == "room" else [part]
        narrowed = [(fact, item) for fact, item in pairs if any(ground.explains(fact, one, house) for one in same)]
        if not narrowed and part.role == "kind" and part.token.stem in ("door", "window", "gate", "garage"):
            narrowed = [
                (fact, item) for fact, item in pairs if {stem(word) for word in words_of(item.name)} & {part.token.stem}
            ]
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
        name = set(words_of(affordance.name))
        rank = (
            bool(name & {"target", "setpoint", "set", "desired"}),
            affordance.schema.get("type") != "boolean",
            not (set(phrases.table()["senses"][senses[0]]["can"]) & name),
            len(name),
        )
        held = chosen.get(fact.id)
        if held is None or rank < _rank(held[1], senses):
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


def _titles(facts: Iterable[Facts]) -> str:
    return ", ".join(fact.thing.title for fact in facts)
