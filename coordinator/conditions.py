"""Guard phrases: "nobody has been there for five minutes" becomes a guard over the right sensor's property.

What has a number is read by measures.py, what is so or not by states.py, who can tell by sources.py. Does not: watch
anything (devices do), decide whether a guard fires once or again (`Guarded.repeat` says what was said)."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from coordinator import phrases, times
from coordinator.ground import Context
from coordinator.happenings import named
from coordinator.house import Facts, House, senses_of
from coordinator.marks import Mark
from coordinator.measures import comparison, measured, number_after
from coordinator.occasions import Condition
from coordinator.phrases import Token, contains, words
from coordinator.reading import Phrase, read
from coordinator.sources import Guarded
from coordinator.states import is_so, stated
from coordinator.times import Now, local

_OPPOSITE = {"eq": "ne", "ne": "eq", "lt": "ge", "le": "gt", "gt": "le", "ge": "lt"}


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
    if condition.opener == "before":
        return Guarded(problem="I cannot tell what is going to happen; say when it has happened.")
    found: list[Guarded] = []
    joins: list[str] = []
    if condition.opener in words("conditions.until") | {"after"} and (clock := _clock_at(condition.tokens, now)):
        return Guarded(clock)
    for join, tokens in _pieces(condition.tokens):
        if found and found[-1].problem:
            break
        found.append(_atom(tokens, marks, house, context, now, found[-1] if found else before))
        joins.append(join)
    bad = next((one for one in found if one.problem or one.several), None)
    repeat = condition.always or condition.opener in words("conditions.repeat")
    if not found:
        return Guarded(problem="I did not understand the condition.")
    if bad:
        return bad
    guards = [one.guard for one in found if one.guard]
    guard = guards[0] if len(guards) == 1 else {"any" if "or" in joins else "all": guards}
    if condition.opener in words("conditions.not"):
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


def held(fact: Facts, text: str, seconds: float) -> dict[str, Any] | None:
    """The guard that what an order brings about has lasted for `seconds`: "the light on for two minutes"."""
    table = phrases.table()["conditions"]["brings"]
    for token in phrases.tokens(text):
        sense, value = table.get(token.word, ("", False))
        for affordance in fact.thing.affordances:
            if sense and affordance.op == "read" and sense in senses_of(affordance):
                guard = is_so(fact, affordance, sense, value)
                if guard is not None:
                    return _lasting(guard, seconds)
    return None


def subjects(
    conditions: tuple[Condition, ...], marks: tuple[Mark, ...], house: House, context: Context
) -> tuple[Facts, ...]:
    """The Things that conditions speak of and that can act: who "it" is in "when the gate is open, close it"."""
    found: list[Facts] = []
    for condition in conditions:
        reading = read(_plainly(condition.tokens), marks, house, asking=True)
        names = tuple(phrase for phrase in reading.phrases if phrase.has("title", "kind", "sort"))
        found += [fact for fact in named(names, house, context) if fact.can_act and fact not in found]
    return tuple(found)


def _pieces(tokens: tuple[Token, ...]) -> list[tuple[str, tuple[Token, ...]]]:
    """A condition split at "and"/"or" where both sides say something of their own."""
    pieces: list[tuple[str, list[Token]]] = [("", [])]
    for at, token in enumerate(tokens):
        rest = tokens[at + 1 :]
        if (
            token.word in ("and", "or")
            and pieces[-1][1]
            and _says(rest)
            and _says(tuple(pieces[-1][1]))
            and not contains(tuple(pieces[-1][1][-3:]), ["between"])
            and (
                not any(one.word == "between" for one in pieces[-1][1])
                or number_after(tuple(pieces[-1][1]), 0) is None
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
        contains(found, words("conditions.above") | words("conditions.below")) and number_after(found, 0) is not None
    )


def _state_words() -> frozenset[str]:
    table = phrases.table()["conditions"]
    rows = [row for side in ("yes", "no") for row in table[side].values()]
    rows += [table["done"]["words"], table["happens"], ["home", "away"]]
    return frozenset(word for row in rows for word in row)


def _atom(
    tokens: tuple[Token, ...],
    marks: tuple[Mark, ...],
    house: House,
    context: Context,
    now: Now,
    before: Guarded | None,
) -> Guarded:
    tokens = _plainly(tokens)
    for_s, moment, timed = None, None, set()
    for when in times.find(tokens, now):
        if when.seconds is not None:
            for_s = when.seconds
        elif when.problem or when.until:
            return Guarded(problem=when.problem or times.NO_SPAN)
        elif when.guard is not None and _only_time(tokens, when):
            return Guarded(when.guard, repeat=when.repeat)
        else:
            moment = when.guard
        timed |= set(range(when.start, when.end))
    kept = tuple(token for at, token in enumerate(tokens) if at not in timed)
    if any(token.word in ("after", "before") and times.time_of_day(kept, at + 1) for at, token in enumerate(kept)):
        return Guarded(problem=times.NO_SPAN)
    if clock := _clock_only(kept):
        return Guarded({"at": clock})
    unknown = any(token.word in phrases.table()["times"]["unknown"] for token in kept)
    if unknown or contains(kept, words("conditions.unknown")):
        return Guarded(problem="I have no sensor or calendar that tells that; say a time of day.")
    reading = read(tuple(token for token in kept if token.word != "than"), marks, house, asking=True)
    number = comparison(kept)
    guarded = None
    for names in _each(tuple(phrase for phrase in reading.phrases if phrase.parts), kept):
        if number is not None:
            one = measured(kept, number, reading, names, house, context, before)
        else:
            one = stated(kept, reading, names, house, context)
        guarded = one if guarded is None else _joined(guarded, one, "any" if _either(kept) else "all")
    assert guarded is not None
    if guarded.guard is not None and for_s is not None:
        guarded = replace(guarded, guard=_lasting(guarded.guard, for_s))
    if guarded.guard is not None and moment is not None:
        guarded = replace(guarded, guard={"all": [guarded.guard, moment]})
    return guarded


def _only_time(tokens: tuple[Token, ...], when: times.When) -> bool:
    """Whether a condition says nothing but a time of day: "it is seven o'clock"."""
    rest = {token.word for at, token in enumerate(tokens) if not when.start <= at < when.end}
    return rest <= {"it", "is", "the", "time", "clock", "gets", "becomes", "at", "of", "day", "about", ","}


def _plainly(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """The words of a condition as conditions.said has them; what stands for others has the place of the first."""
    said: list[Token] = []
    table, at = phrases.table()["conditions"]["said"], 0
    while at < len(tokens):
        length = phrases.phrase_at(tokens, at, table)
        lasting = _lasts(tokens, at)
        if length or lasting:
            length = length or lasting
            plain = "for" if lasting else table[" ".join(token.word for token in tokens[at : at + length])]
            said += [replace(tokens[at], word=word, said=word) for word in plain.split()]
            at += length
        else:
            said.append(tokens[at])
            at += 1
    return tuple(said)


def _lasts(tokens: tuple[Token, ...], at: int) -> int:
    """ "open longer than ten minutes", "still open after ten minutes": the words that stand for "for" there."""
    length = phrases.phrase_at(tokens, at, ("longer than", "more than", "over", "after", "at least"))
    before = tokens[at - 1].word if at else ""
    return length if length and at and before != "for" and times.duration(tokens, at + length) else 0


def _each(names: tuple[Phrase, ...], tokens: tuple[Token, ...]) -> list[tuple[Phrase, ...]]:
    """Names that "and" or "or" joins, one by one, as each of them is watched for itself; else all of them together."""
    joins = words("words.join") | {",", "either", "both"}
    apart = len(names) > 1 and all(phrase.has("title", "kind", "sort", "word") for phrase in names)
    for one, other in pairwise(names):
        between = [token.word for token in tokens if one.end <= token.start < other.start]
        apart = apart and bool(between) and set(between) <= joins
    return [(name,) for name in names] if apart else [names]


def _either(tokens: tuple[Token, ...]) -> bool:
    return any(token.word in ("or", "nor", "either") for token in tokens)


def _joined(one: Guarded, other: Guarded, how: str) -> Guarded:
    """Two guards as one; a problem or a choice of the first that has one is that of both."""
    for guarded in (one, other):
        if guarded.guard is None:
            return guarded
    parts = one.guard[how] if one.guard is not None and how in one.guard else [one.guard]
    return Guarded({how: [*parts, other.guard]}, (*one.sources, *other.sources))


def _clock_at(tokens: tuple[Token, ...], now: Now) -> dict[str, Any] | None:
    """ "10 pm" or "the evening at ten" alone, as after "until"; "ten" is the next ten there is, by day or by night."""
    hour = local(now).hour if now.ms is not None else 0
    if [token.word for token in tokens] == ["half", "past"] and now.ms is not None:
        return {"at": f"{(hour + (local(now).minute >= 30)) % 24:02}:30"}
    for said in ((Token(0, 0, "at", "at"), *tokens), tokens):
        found = times.find(said, Now())
        if len(found) == 1 and found[0].guard is not None and found[0].end - found[0].start == len(said):
            guard = found[0].guard
            if not found[0].settled and not found[0].repeat and now.ms is not None and set(guard) == {"at"}:
                morning = int(guard["at"][:2])
                if (morning, guard["at"][3:]) <= (hour, f"{local(now).minute:02}") and morning < 12:
                    return {"at": f"{morning + 12:02}{guard['at'][2:]}"}
            return guard
    return None


def _clock_only(tokens: tuple[Token, ...]) -> str | None:
    """ "it is half past seven" -> "07:30"."""
    said = [token.word for token in tokens]
    skip = phrases.phrase_at(tokens, 0, words("conditions.clock"))
    if not skip:
        return None
    found = times.find((Token(0, 0, "at", "at"), *tokens[skip:]), Now())
    exact = found and found[0].guard and found[0].end == len(tokens) + 1 - skip
    plain = said[0] == "it" and len(tokens) == skip + 1 and tokens[skip].word.isdigit()
    return str(found[0].guard["at"]) if exact and not plain and found[0].guard and "at" in found[0].guard else None


def _lasting(guard: dict[str, Any], seconds: float) -> dict[str, Any]:
    for key in ("all", "any"):
        if key in guard:
            return {key: [_lasting(inner, seconds) for inner in guard[key]]}
    return {**guard, "for_s": int(seconds) if seconds == int(seconds) else seconds}
