"""From words to Things: which Things of the house a noun phrase means.

A phrase means the Things that explain every one of its words (by title, kind, room, floor). A whole title beats
a kind; the speaker's room and the rest of the sentence settle what is left; if several remain for one, `several`.
Does not: take sentences apart (clauses.py, reading.py), understand values (the device does)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from coordinator import phrases
from coordinator.house import Facts, House
from coordinator.phrases import is_plural, stem, words
from coordinator.reading import Part, Phrase, Reading

_ANSWERS_MAX = 4000


@dataclass(frozen=True)
class Context:
    """What a clause may lean on: the speaker's room, what was meant before it, which Things play or are off now."""

    room: str | None = None
    targets: tuple[Facts, ...] = ()
    mentioned: frozenset[str] = frozenset()
    near: tuple[str, ...] = ()
    playing: frozenset[str] = frozenset()
    dark: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Found:
    """The Things meant; `several` when one was asked for and these are the candidates; `problem` when none is."""

    things: tuple[Facts, ...] = ()
    several: tuple[Facts, ...] = ()
    problem: str = ""
    left_out: tuple[str, ...] = field(default=())


def explains(fact: Facts, part: Part, house: House) -> int:
    """How well a Thing answers to one part of a phrase: 4 its title, 3 its own word, 2 its kind or place, 0 not."""
    if part.role == "title":
        return 4 if fact.id in part.value else 0
    if part.role == "room":
        if fact.room in part.value:
            return 2
        return 3 if len(part.value) == 1 and set(part.value[0].split()) <= set(fact.title) else 0
    if part.role == "floor":
        floor = (fact.thing.floor or "").lower()
        return 2 if floor and floor in house.floors_named(part.value[0]) else 0
    if part.role == "sort":
        if set(part.stems) <= fact.names:
            return 3
        kind = next((kind for kind in part.value if kind in house.kinds), None)
        return 2 if kind in fact.kinds else 0
    word = part.stem
    if word in fact.names or part.token.word in fact.names or part.token.word == fact.thing.segment:
        return 3
    if phrases.alike().get(word, frozenset()) & fact.names:
        return 3
    named = phrases.kind_words().get(word)
    if word == "door" and "lock" in fact.kinds:
        return 1
    return 2 if named and named[0] in fact.kinds else 0


def find(phrase: Phrase, reading: Reading, house: House, context: Context, asking: bool = False) -> Found:
    """The Things that a phrase means, in the order of the house."""
    found = _find(phrase, reading, house, context, asking)
    titles = [part for part in phrase.parts if part.role == "title"]
    if not titles or len(titles[0].stems) < 2:
        return found
    able = _able(reading, asking)
    if found.problem or (found.things and not any(able(fact) for fact in found.things)):
        # The name of something that cannot do it is part of what can: "lock the front door", where that is a sensor.
        apart = tuple(
            part
            for whole in phrase.parts
            for part in (
                [
                    Part(
                        "kind" if word in phrases.kind_words() else "word",
                        replace(whole.token, word=word),
                        stems=(word,),
                    )
                    for word in whole.stems
                ]
                if whole.role == "title"
                else [whole]
            )
        )
        willing = tuple(fact for fact in house.facts if able(fact))
        other = _find(replace(phrase, parts=apart), reading, house, context, asking, willing)
        return other if other.things or other.several else found
    return found


def _find(
    phrase: Phrase,
    reading: Reading,
    house: House,
    context: Context,
    asking: bool,
    willing: tuple[Facts, ...] | None = None,
) -> Found:
    required = tuple(part for part in phrase.parts if part.role not in ("attribute", "plain"))
    hints = tuple(part for part in phrase.parts if part.role == "plain" and part.stem != "room")
    pool = house.facts if willing is None else willing
    if phrase.other:
        pool = tuple(fact for fact in pool if fact.id not in context.mentioned)
    able = _able(reading, asking)
    nouns = [part for part in required if part.role in ("title", "sort", "kind", "word", "unknown")]
    if not nouns:
        return _by_ability(phrase, required, reading, house, context, pool, able, asking)
    matching = _explaining(required, pool, house)
    if (
        not matching
        and any(part.role == "unknown" for part in nouns)
        and all(part.role in {"kind", "sort", "unknown"} for part in nouns)
    ):
        matching = tuple(
            fact
            for fact in pool
            if all(part.token.stem in fact.about for part in nouns if part.role == "unknown")
            and _explaining(tuple(part for part in required if part.role != "unknown"), (fact,), house)
        )
    if not matching:
        matching = _loosely(required, pool, house, context)
    rooms = {room for part in required if part.role == "room" for room in part.value}
    matching = tuple(fact for fact in matching if fact.room in rooms) or matching
    matching = _explaining(hints, matching, house) or matching
    if not matching:
        return Found(problem=_missing(required, house))
    useful = tuple(fact for fact in matching if (asking or fact.can_act))
    if not useful:
        names = " and ".join(fact.thing.title for fact in matching[:3])
        return Found(problem=f"{names} only measures; it cannot act.")
    exact = _exact(phrase, required, useful)
    if phrase.plural:
        exact = tuple(fact for fact in exact if is_plural(fact.thing.title.lower().split()[-1]))
    if (
        exact
        and not phrase.has("title", "room")
        and all(set(fact.title) <= phrases.kind_words().keys() for fact in exact)
    ):
        near = [fact for fact in useful if context.room and fact.room == context.room]
        exact = exact if not near or set(near) & set(exact) else ()
    if exact and (not phrase.every or phrase.has("title")):
        useful = exact
    if asking:
        useful = tuple(fact for fact in useful if able(fact)) or useful
    spread = phrase.has("floor") and any(part.stem in ("heating", "heat") for part in phrase.parts)
    group = phrase.every or spread or (phrase.plural and len(exact) != 1)
    if group:
        useful = _literal(required, useful)
        useful = tuple(fact for fact in useful if able(fact)) or useful
        if not phrase.every and not phrase.has("room", "floor") and context.room and not asking and not reading.whole:
            useful = tuple(fact for fact in useful if fact.room == context.room) or useful
        return Found(useful)
    return _one(phrase, required, reading, useful, context, able, asking)


def _loosely(required: tuple[Part, ...], pool: tuple[Facts, ...], house: House, context: Context) -> tuple[Facts, ...]:
    """What nearly answers: a vacuum in whatever room; the only light of a room, whatever it is said to hang on."""
    nouns = tuple(part for part in required if part.role not in ("room", "floor"))
    if all(_kind_said(part, house) in ("vacuum", "mower") for part in nouns):
        return _explaining(nouns, pool, house)
    lights = tuple(part for part in nouns if _kind_said(part, house) == "light")
    rest = [part for part in nouns if part not in lights]
    if (
        not lights
        or not rest
        or any(part.role == "title" or part.stem not in words("words.describing") for part in rest)
    ):
        return ()
    places = tuple(part for part in required if part not in nouns)
    here = _explaining((*lights, *places), pool, house)
    if not places:
        here = tuple(fact for fact in here if context.room and fact.room == context.room)
    return here if len(here) == 1 else ()


def _kind_said(part: Part, house: House) -> str:
    if part.role == "sort":
        return next((kind for kind in part.value if kind in house.kinds), "")
    return phrases.kind_words().get(part.stem, ("", False))[0] if part.role == "kind" else ""


def _one(
    phrase: Phrase,
    required: tuple[Part, ...],
    reading: Reading,
    useful: tuple[Facts, ...],
    context: Context,
    able: Callable[[Facts], bool],
    asking: bool,
) -> Found:
    """One was said: the one that fits best; or all the lights of a room; or several, to be asked about."""
    if len(useful) > 1:
        useful = tuple(fact for fact in useful if able(fact)) or useful
    if len(useful) > 1:
        useful = _literal(required, useful)
    if len(useful) > 1 and len({_pure_kind(fact) for fact in useful}) > 1:
        useful = _head(required, useful) or useful
    if len(useful) > 1 and not phrase.has("room"):
        for room in (context.room, *context.near, *dict.fromkeys(fact.room for fact in context.targets)):
            here = tuple(fact for fact in useful if room and fact.room == room)
            if here:
                useful = here
                break
    if len(useful) > 1:
        homes = tuple(
            fact for fact in useful if fact.room and {stem(word) for word in fact.room.split()} < set(fact.title)
        )
        useful = homes if len(homes) == 1 and phrase.has("title") else useful
    if len(useful) > 1 and all(fact.kinds & {"media", "tv"} for fact in useful):
        useful = tuple(fact for fact in useful if fact.id in context.playing) or useful
    if len(useful) > 1 and asking and len({fact.room for fact in useful}) == 1:
        useful = tuple(fact for fact in useful if not fact.can_act)[:1] or useful
    if len(useful) == 1 or _together(phrase, reading, useful) or (asking and phrase.has("floor")):
        return Found(useful)
    return Found(several=useful)


def _together(phrase: Phrase, reading: Reading, facts: tuple[Facts, ...]) -> bool:
    """Whether "the den light" means all of these: lights of one room, called by nothing but their kind, switched."""
    table = phrases.kind_words()
    bare = all(
        part.role in ("room", "floor", "attribute", "plain", "sort")
        or (part.role == "kind" and table.get(part.stem, ("", False)) == ("light", True))
        for part in phrase.parts
    )
    return (
        bare
        and (len({fact.room for fact in facts}) == 1 or reading.whole or not phrase.has("kind"))
        and all("light" in fact.kinds for fact in facts)
        and reading.senses <= {"power", "brightness", "colour", "percent", "temperature"}
    )


def _pure_kind(fact: Facts) -> frozenset[str]:
    return fact.kinds


def _head(required: tuple[Part, ...], facts: tuple[Facts, ...]) -> tuple[Facts, ...]:
    """Among Things of different kinds, those that are what the last noun says."""
    nouns = [part for part in required if part.role in ("kind", "word")]
    if not nouns:
        return ()
    kind = phrases.kind_words().get(nouns[-1].stem, ("", False))[0]
    return tuple(fact for fact in facts if kind in fact.kinds)


def _exact(phrase: Phrase, required: tuple[Part, ...], facts: tuple[Facts, ...]) -> tuple[Facts, ...]:
    """Things whose whole title is said."""
    said = {part.stem for part in phrase.parts if part.role not in ("title", "room", "floor", "sort")}
    for part in required:
        said |= set(part.stems)
        if part.role in ("room", "floor"):
            said |= {stem(word) for word in " ".join(part.value).split()} | {part.token.stem}
    whole = tuple(
        fact
        for fact in facts
        if any(part.role == "title" and fact.id in part.value for part in required) or set(fact.title) <= said
    )
    most = max((len(set(fact.title)) for fact in whole), default=0)
    return tuple(fact for fact in whole if len(set(fact.title)) == most)


def _explaining(required: tuple[Part, ...], pool: Iterable[Facts], house: House) -> tuple[Facts, ...]:
    answering = [_answering(part, house) for part in required]
    return tuple(fact for fact in pool if all(fact.id in ids for ids in answering))


def _answering(part: Part, house: House) -> frozenset[str]:
    """The ids of the Things that answer to a part at all, found once per house."""
    key = (part.role, part.value, part.stem, part.stems, part.token.word)
    found = house.answers.get(key)
    if found is None:
        if len(house.answers) >= _ANSWERS_MAX:
            house.answers.clear()
        found = house.answers[key] = frozenset(fact.id for fact in house.facts if explains(fact, part, house))
    return found


def _literal(required: tuple[Part, ...], facts: tuple[Facts, ...]) -> tuple[Facts, ...]:
    """For words that name no whole kind ("curtains"): Things that are called so, if there are any."""
    table = phrases.kind_words()
    for part in required:
        kind, general = table.get(part.stem, ("", False))
        if part.role == "sort":
            facts = tuple(fact for fact in facts if set(part.stems) <= fact.names) or facts
            if part.value[0] == "climate":
                facts = tuple(fact for fact in facts if "thermostat" in fact.title) or facts
        elif part.role == "kind" and general:
            locks = kind == "door"
            facts = tuple(fact for fact in facts if kind in fact.kinds or (locks and "lock" in fact.kinds)) or facts
            if kind in ("gate", "fan"):
                facts = tuple(fact for fact in facts if part.stem in fact.title) or facts
        elif part.role == "kind":
            same = phrases.alike().get(part.stem, frozenset()) | {part.stem}
            facts = tuple(fact for fact in facts if same & {*fact.names, "".join(fact.title)}) or facts
    return facts


def _able(reading: Reading, asking: bool) -> Callable[[Facts], bool]:
    wanted = _wanted(reading)

    def able(fact: Facts) -> bool:
        return not wanted or bool(wanted & (fact.reads if asking else fact.acts))

    return able


def _wanted(reading: Reading) -> frozenset[str]:
    senses = reading.senses - {"percent"}
    return senses - {"power"} if len(senses) > 1 else senses


def _by_ability(
    phrase: Phrase,
    required: tuple[Part, ...],
    reading: Reading,
    house: House,
    context: Context,
    pool: tuple[Facts, ...],
    able: Callable[[Facts], bool],
    asking: bool,
) -> Found:
    """Only a place, an attribute or "everything": the Things there that can do what is asked."""
    here = _explaining(required, pool, house)
    for part in required:
        if not _explaining((part,), house.facts, house):
            return Found(problem=f"There is no {part.said} here.")
    if required and not here:
        return Found(problem=f"There is nothing of that kind {_where(required)}.")
    useful = tuple(fact for fact in here if asking or fact.can_act)
    everything = phrase.every or phrase.other
    if everything and not phrase.attributes:
        capable = tuple(fact for fact in useful if able(fact))
        if not required and not phrase.other and reading.there:
            capable = (
                tuple(fact for fact in capable if fact.room in {target.room for target in context.targets}) or capable
            )
        return Found(capable) if capable else Found(problem=f"Nothing {_where(required) or 'here'} can do that.")
    return by_sense(useful, reading, context, asking, bool(required), _where(required))


def by_sense(
    pool: tuple[Facts, ...],
    reading: Reading,
    context: Context,
    asking: bool,
    placed: bool,
    where: str,
) -> Found:
    """Nobody is named ("a bit warmer"): the Things that serve what is asked, near the speaker."""
    wanted = _wanted(reading)
    table = phrases.table()["senses"]
    if not wanted and "percent" in reading.senses:
        wanted = frozenset({"brightness"})
    if not wanted:
        return Found(problem="I do not know what to do with that.")
    kinds = {kind for sense in wanted for kind in table[sense]["kinds"]}
    serving = [fact for fact in pool if wanted & (fact.reads if asking else fact.acts)]
    if "music" in wanted and not asking:
        serving = [fact for fact in serving if "media" in fact.kinds] or serving
    if asking and wanted == {"temperature"}:
        serving = [fact for fact in serving if "light" not in fact.kinds] or serving
    if asking and "target" in wanted:
        serving = [fact for fact in serving if "target" in fact.reads] or serving
    if not asking:
        typical = [fact for fact in pool if fact.kinds & kinds]
        called = [fact for fact in serving if fact.room and {stem(word) for word in fact.room.split()} <= fact.names]
        serving = [fact for fact in serving if fact.kinds & kinds] or (
            typical or (called if placed else []) if wanted == {"power"} or not serving else serving
        )
    if wanted & {"media", "volume", "music"} and not asking and len(serving) > 1:
        serving = [fact for fact in serving if fact.id in context.playing] or serving
    if not placed and not reading.whole:
        for room in (context.room, *context.near, *dict.fromkeys(fact.room for fact in context.targets)):
            near = [fact for fact in serving if room and fact.room == room]
            if near:
                serving = near
                break
    if wanted & {"media", "music"} and not asking and len({fact.room for fact in serving}) == 1:
        serving = [fact for fact in serving if "media" in fact.kinds] or serving
    if not serving:
        return Found(problem=f"Nothing {where or 'here'} can {'tell' if asking else 'do'} that.")
    if asking:
        rooms: dict[str | None, list[Facts]] = {}
        for fact in serving:
            rooms.setdefault(fact.room, []).append(fact)
        return Found(
            tuple(fact for group in rooms.values() for fact in ([fact for fact in group if not fact.can_act] or group))
        )
    choosy = wanted & {"media", "volume", "music"}
    if wanted == {"brightness"} and len(serving) > 1:
        serving = [fact for fact in serving if fact.id not in context.dark] or serving
    lights = wanted <= {"brightness", "colour", "power"} and all("light" in fact.kinds for fact in serving)
    locks = reading.whole and wanted == {"lock"}
    if len(serving) == 1 or (placed and not choosy) or lights or locks:
        return Found(tuple(serving))
    return Found(several=tuple(serving))


def _where(required: tuple[Part, ...]) -> str:
    places = [part for part in required if part.role in ("room", "floor")]
    if not places:
        return ""
    name = " ".join(places[0].value)
    return (
        name
        if places[0].role == "floor" and "floor" not in name
        else f"{'on' if places[0].role == 'floor' else 'in'} the {name}"
    )


def _missing(required: tuple[Part, ...], house: House) -> str:
    """Why no Thing answers to this phrase, in one sentence."""
    unknown = [part for part in required if not _explaining((part,), house.facts, house)]
    nouns = [part for part in required if part.role not in ("room", "floor")]
    rooms = [part for part in unknown if part.token.word in words("known.rooms")]
    if unknown and rooms and len(unknown) == len(rooms):
        return f"There is no {' '.join(part.token.said for part in rooms).lower()} here."
    name = " ".join(dict.fromkeys(part.token.said for part in nouns)).lower() or "such device"
    where = _where(required) if not unknown else ""
    if is_plural(name.split()[-1]):
        return f"There are no {name} {where or 'here'}."
    return f"There is no {name} {where or 'here'}."


def explains_any(part: Part, house: House) -> bool:
    """Whether any Thing of the house answers to this word."""
    return bool(_explaining((part,), house.facts, house))
