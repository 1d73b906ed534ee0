"""From words to Things: the noun phrases of a clause, and which Things of the house they mean.

A phrase means the Things that explain every one of its words (by title, kind, room, floor). A whole title beats
a kind; the speaker's room and the rest of the sentence settle what is left; if several remain for one, `Many`.
Does not: split sentences (clauses.py), understand values (the device does)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from coordinator import phrases, times
from coordinator.clauses import Mark
from coordinator.house import Facts, House
from coordinator.phrases import Token, is_plural, stem, words


@dataclass(frozen=True)
class Part:
    """One word (or name) of a noun phrase. `role`: title, room, floor, kind, word, attribute, unknown."""

    role: str
    token: Token
    value: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        return " ".join(self.value) if self.role in ("room", "floor") else self.token.said


@dataclass(frozen=True)
class Phrase:
    """A noun phrase: its place in the text (characters) and its parts."""

    start: int
    end: int
    parts: tuple[Part, ...]
    plural: bool = False
    every: bool = False
    other: bool = False
    excluded: bool = False

    def has(self, *roles: str) -> bool:
        return any(part.role in roles for part in self.parts)

    @property
    def attributes(self) -> tuple[str, ...]:
        return tuple(part.token.said for part in self.parts if part.role == "attribute")


@dataclass(frozen=True)
class Reading:
    """A clause taken apart: who it names, what it is about (`senses`), and the words for that."""

    phrases: tuple[Phrase, ...]
    senses: frozenset[str]
    pronoun: Token | None = None
    there: Token | None = None
    unknown: tuple[str, ...] = ()
    verb: Token | None = None
    has_state: bool = False
    stray: int = 0


@dataclass(frozen=True)
class Context:
    """What a clause may lean on: where the speaker is, and what was meant before it."""

    room: str | None = None
    targets: tuple[Facts, ...] = ()
    mentioned: frozenset[str] = frozenset()
    near: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """The Things meant; `several` when one was asked for and these are the candidates; `problem` when none is."""

    things: tuple[Facts, ...] = ()
    several: tuple[Facts, ...] = ()
    problem: str = ""
    left_out: tuple[str, ...] = field(default=())


def read(tokens: tuple[Token, ...], marks: tuple[Mark, ...], house: House, asking: bool = False) -> Reading:
    """Take a clause apart. `asking`: it is a question, so that states are what is asked for, not names."""
    return _Reader(tokens, marks, house, asking).read()


class _Reader:
    def __init__(self, tokens: tuple[Token, ...], marks: tuple[Mark, ...], house: House, asking: bool) -> None:
        self.tokens, self.house, self.asking = tokens, house, asking
        places = {token.start: at for at, token in enumerate(tokens)}
        ends = {token.end: at for at, token in enumerate(tokens)}
        self.marks = {}
        for mark in marks:
            start, end = places.get(mark.start), ends.get(mark.end)
            if start is not None and end is not None:
                self.marks[start] = (end + 1, mark)
        self.senses: set[str] = set()
        self.unknown: list[str] = []
        self.stray = 0

    def word(self, at: int) -> str:
        return self.tokens[at].word if 0 <= at < len(self.tokens) else ""

    def role(self, at: int) -> str:
        """What a word is in its place, when it belongs to no name."""
        token, word = self.tokens[at], self.tokens[at].word
        noun = token.stem in phrases.kind_words() or token.stem in self.house.names
        if not word[0].isalnum():
            return "join" if word in (",", "&") else "value" if word in "%°" else "sign"
        if word in words("words.except") or (word == "but" and at):
            return "except"
        if word in ("one", "ones") and at and self.word(at - 1) in words("words.other") | words("words.determiner"):
            return "filler"
        if word in words("words.other") and word not in self.house.names:
            return "other"
        if word in words("words.all") and word != "whole":
            return "all"
        if word in ("that", "this", "these", "those") and (self._noun(at + 1) or self.word(at + 1) in ("one", "ones")):
            return "determiner"
        if word in words("words.it") or (word in words("words.them")):
            return "pronoun"
        if word in words("words.join"):
            return "join"
        if word in ("on", "off", "up", "down", "in", "over"):
            return self._particle(at)
        if word in words("words.preposition"):
            return "preposition"
        if word in words("words.determiner"):
            return "determiner"
        if self._verb_here(at):
            return "verb"
        if word in words("verbs.states") and not (noun and self._next_is_head(at)):
            return "state"
        if word in words("attributes.nouns"):
            return "attribute"
        if word in words("words.there") and not (self.asking and at <= 1):
            return "there"
        if noun and {word, token.stem} & words("words.plain") and not self.asking:
            return "plain" if token.stem in self.house.names else "filler"
        if (
            noun
            and word not in words("words.polite")
            and (token.stem in self.house.names or not times.number(self.tokens, at))
        ):
            return "kind" if token.stem in phrases.kind_words() else "word"
        if times.number(self.tokens, at) or word[0].isdigit():
            counts = at + 1 < len(self.tokens) and self._noun(at + 1) and is_plural(self.word(at + 1))
            return "plain" if counts and self.word(at - 1) in words("words.determiner") else "value"
        if phrases.senses_of_word(word):
            return "state"
        if (
            word in words("words.polite")
            or word in words("words.plain")
            or word in words("words.question")
            or (word.endswith("ly") and len(word) > 4)
            or word in ("percent", "half", "up", "down", "most", "max", "least")
        ):
            return "filler"
        if word in words("words.here"):
            return "filler"
        return "unknown"

    def _noun(self, at: int) -> bool:
        if not 0 <= at < len(self.tokens):
            return False
        return (
            at in self.marks or self.tokens[at].stem in self.house.names or self.tokens[at].stem in phrases.kind_words()
        )

    def _next_is_head(self, at: int) -> bool:
        return self._noun(at + 1) or (at > 0 and self.word(at - 1) in words("words.determiner"))

    def _verb_here(self, at: int) -> bool:
        word = self.word(at)
        if word not in words("verbs.plain") and not phrases.phrase_at(self.tokens, at, words("verbs.tell")):
            return False
        before = [self.word(n) for n in range(at)]
        if any(
            w not in words("words.polite") and w not in ("do", "not", "never", "make", "sure", "so") for w in before
        ):
            return False
        return not (
            word in words("verbs.shy")
            and self.word(at + 1) in ("on", "off")
            and self._noun(at)
            and word not in ("switch", "dim", "run", "stop", "start", "power", "keep", "light")
        )

    def _particle(self, at: int) -> str:
        """ "on", "off", "up", "down", "in": a state ("turn on") or a preposition ("on the desk")."""
        word, before, after = self.word(at), self.word(at - 1), self.word(at + 1)
        if word in ("in", "over"):
            return "preposition"
        if word in ("off", "up", "down"):
            return "state"
        if before in words("verbs.plain") and at and self.role(at - 1) == "verb":
            return (
                "preposition"
                if before in ("play", "set", "start", "put")
                and after in words("words.determiner")
                and before in ("play",)
                else "state"
            )
        named = after in words("words.determiner") or self._noun(at + 1) or after in words("words.all")
        return "preposition" if named and at and before not in ("is", "are", "be") else "state"

    def read(self) -> Reading:  # noqa: PLR0915 (one pass over the words, one case a role)
        found: list[Phrase] = []
        parts: list[Part] = []
        flags = {"plural": False, "every": False, "other": False, "excluded": False}
        start, end, linked, quantity = -1, -1, False, -1
        pronoun = there = verb = None
        has_state, excluded, quoting, to_value = False, False, False, False

        def close() -> None:
            nonlocal parts, start, quantity, linked
            if start >= 0 and (parts or flags["every"] or flags["other"]):
                found.append(Phrase(self.tokens[start].start, self.tokens[end].end, tuple(parts), **flags))
            parts, start, linked, quantity = [], -1, False, -1
            flags.update(plural=False, every=False, other=False, excluded=excluded)

        at = 0
        while at < len(self.tokens):
            token = self.tokens[at]
            if at in self.marks:
                stop, mark = self.marks[at]
                value = mark.value
                if mark.kind == "title" and any(part.role == "title" for part in parts) and not linked:
                    close()
                if quoting and mark.kind == "title":
                    quoting = False
                start = at if start < 0 else start
                end = stop - 1
                if not (to_value and mark.kind not in {"room", "floor"} and not linked and found):
                    parts.append(Part(mark.kind, token, value))
                if mark.kind == "title" and is_plural(self.tokens[stop - 1].word):
                    pass
                at, to_value = stop, False
                continue
            role = self.role(at)
            if phrases.senses_of_word(token.word) and role in (
                "verb",
                "state",
                "attribute",
                "kind",
                "value",
                "unknown",
            ):
                self.senses |= self._sense(at, role)
            if to_value and role not in ("preposition", "join", "all", "except", "there", "state"):
                self.senses |= phrases.senses_of_word(token.word) & {"colour", "temperature", "brightness"}
                role = "value" if role not in ("value",) else role
            elif to_value and role == "preposition" and (token.word == "of" or not self._place(at + 1)):
                role = "value"
            if role == "verb":
                verb = verb or token
                quoting = token.word in words("verbs.quoting")
                has_state = has_state or token.word in words("verbs.states")
                close()
            elif (
                token.word == "to"
                and at
                and (verb is not None or found or parts)
                and self.word(at - 1) not in ("want", "like", "need", "have", "love", "going")
            ) or (token.word == "by" and (times.number(self.tokens, at + 1))):
                close()
                to_value = True
            elif role in {"state", "value"}:
                has_state = True
                if token.word in {"%", "percent"}:
                    self.senses.add("percent")
                close()
            elif role in ("determiner", "all", "other"):
                if parts and not linked:
                    close()
                if role != "determiner" or self._starts(at + 1):
                    start = at if start < 0 else start
                    end = at
                    linked = False
                flags["every"] |= role == "all"
                flags["other"] |= role == "other"
                to_value = False
            elif role == "except":
                close()
                excluded = True
                flags["excluded"] = True
            elif role in ("title", "room", "floor", "kind", "word", "attribute", "plain") or (
                role == "unknown" and not quoting
            ):
                if role == "unknown" and not self._named_unknown(at, bool(parts), start):
                    self.unknown.append(token.said)
                    self.stray += 1
                    if parts:
                        close()
                else:
                    start = at if start < 0 else start
                    end = at
                    parts.append(Part(role, token))
                    flags["plural"] |= role in ("kind", "word") and is_plural(token.word)
                    linked = False
                quoting = quoting and role not in ("kind", "word")
            elif role == "preposition":
                if parts and (self._starts(at + 1) or self._place(at + 1)):
                    linked, to_value = True, False
                elif parts:
                    close()
                elif self._place(at + 1):
                    to_value = False
            elif role == "join":
                if not self._joined_inside(at):
                    close()
            elif role == "pronoun":
                pronoun = pronoun or token
                close()
            elif role == "there":
                there = token
                close()
            elif (
                role == "filler"
                and token.word in ("one", "ones", "device", "devices", "thing", "things", "room")
                and (end == at - 1 and start >= 0)
            ):
                end = at
            at += 1
        close()
        return Reading(
            _linked(found, self.tokens),
            frozenset(self.senses),
            pronoun,
            there,
            tuple(self.unknown),
            verb,
            has_state,
            self.stray,
        )

    def _sense(self, at: int, role: str) -> set[str]:
        word = self.word(at)
        found = set(phrases.senses_of_word(word))
        if word in ("light",) and role != "verb":
            return set()
        if word in ("power", "charge", "water", "using", "move", "leave") and role in ("verb", "kind"):
            return {"power"} if word == "power" else set()
        return found

    def _joined_inside(self, at: int) -> bool:
        return False

    def _place(self, at: int) -> bool:
        while self.word(at) in words("words.determiner") or self.word(at) in words("words.all"):
            at += 1
        return at in self.marks or self._noun(at) or self._unknown_room(at)

    def _unknown_room(self, at: int) -> bool:
        return bool(phrases.phrase_at(self.tokens, at, words("known.rooms")))

    def _starts(self, at: int) -> bool:
        while self.word(at) in words("words.plain") or self.word(at) in words("words.determiner"):
            at += 1
        if at >= len(self.tokens):
            return False
        return at in self.marks or self.role(at) in ("kind", "word", "attribute", "unknown", "all", "other", "plain")

    def _named_unknown(self, at: int, parts: bool, start: int) -> bool:
        """Whether an unknown word stands where a name stands: after an article, before a noun, after the verb."""
        word = self.word(at)
        if (
            self._unknown_room(at)
            or phrases.phrase_at(self.tokens, at, words("known.things"))
            or word in words("known.things")
        ):
            return True
        before = self.word(at - 1)
        if before in words("words.determiner") or before in words("words.all") or (start == at - 1 and start >= 0):
            return True
        if self._noun(at + 1) and self.role(at + 1) != "verb" and not self.asking:
            return True
        return not self.asking and at > 0 and self.role(at - 1) in ("verb", "state", "join") and not parts


def _linked(found: list[Phrase], tokens: tuple[Token, ...]) -> tuple[Phrase, ...]:
    """Coordinated phrases share what one of them leaves out: "kitchen and hall lights", "lamp and fan in the hall"."""
    done = list(found)
    between = [
        [token.word for token in tokens if one.end <= token.start < two.start] for one, two in itertools.pairwise(done)
    ]
    for at in range(len(done) - 2, -1, -1):
        left, right = done[at], done[at + 1]
        if (
            not between[at]
            or not set(between[at]) <= {"and", ",", "or", "&", "plus", "the", "in", "on", "of", "at", "my"}
            or (left.excluded != right.excluded)
        ):
            continue
        if not set(between[at]) & {"and", ",", "or", "&", "plus"}:
            continue
        heads = [part for part in right.parts if part.role == "kind"] or _title_head(right, tokens)
        if (
            heads
            and not left.has("kind", "title", "attribute", "unknown")
            and left.parts
            and right.parts[-1].role in ("kind", "title")
        ):
            left = Phrase(
                left.start,
                left.end,
                (*left.parts, *heads),
                right.plural or left.plural,
                left.every,
                left.other,
                left.excluded,
            )
        elif right.parts and all(part.role in ("room", "floor") for part in right.parts) and left.has("kind"):
            nouns = tuple(part for part in left.parts if part.role not in ("room", "floor"))
            done[at + 1] = Phrase(right.start, right.end, nouns + right.parts, left.plural, left.every)
        places = [part for part in right.parts if part.role in ("room", "floor")]
        if (
            places
            and right.parts[-1].role in ("room", "floor")
            and not left.has("room", "floor", "title")
            and len(right.parts) > 1
            and left.parts
            and done[at + 1] is right
        ):
            left = Phrase(
                left.start, left.end, (*left.parts, *places), left.plural, left.every, left.other, left.excluded
            )
        done[at] = left
    return tuple(done)


def _title_head(phrase: Phrase, tokens: tuple[Token, ...]) -> list[Part]:
    """The plural kind word that ends a name in "hall and mirror lamps"; two names may share it."""
    last = next((token for token in tokens if token.end == phrase.end), None)
    if (
        phrase.parts
        and phrase.parts[-1].role == "title"
        and last
        and last.stem in phrases.kind_words()
        and is_plural(last.word)
    ):
        return [Part("kind", last)]
    return []


def explains(fact: Facts, part: Part, house: House) -> int:
    """How well a Thing answers to one part of a phrase: 4 its title, 3 its own word, 2 its kind or place, 0 not."""
    if part.role == "title":
        return 4 if fact.id in part.value else 0
    if part.role == "room":
        if fact.room == part.value[0]:
            return 2
        return 3 if set(part.value[0].split()) <= set(fact.title) else 0
    if part.role == "floor":
        floor = (fact.thing.floor or "").lower()
        return 2 if floor and floor in house.floors_named(part.value[0]) else 0
    word = part.token.stem
    if word in fact.names or part.token.word in fact.names or part.token.word == fact.thing.segment:
        return 3
    kind = phrases.kind_words().get(word)
    if word == "door" and "lock" in fact.kinds:
        return 1
    return 2 if kind and kind[0] in fact.kinds else 0


def find(phrase: Phrase, reading: Reading, house: House, context: Context, asking: bool = False) -> Found:
    """The Things that a phrase means, in the order of the house."""
    required = tuple(part for part in phrase.parts if part.role not in ("attribute", "plain"))
    hints = tuple(part for part in phrase.parts if part.role == "plain")
    pool = house.facts
    if phrase.other:
        mentioned = context.mentioned
        pool = tuple(fact for fact in pool if fact.id not in mentioned)
    able = _able(reading, asking)
    nouns = [part for part in required if part.role in ("title", "kind", "word", "unknown")]
    if not nouns and "clean" in reading.senses and not asking:
        return by_sense(house.facts, reading, context, asking, False, "")
    if not nouns:
        return _by_ability(phrase, required, reading, house, context, pool, able, asking)
    matching = _explaining(required, pool, house)
    if not matching and nouns and all(part.role in {"kind", "unknown"} for part in nouns):
        matching = (
            tuple(
                fact
                for fact in pool
                if nouns
                and all(part.token.stem in fact.about for part in nouns if part.role == "unknown")
                and _explaining(tuple(part for part in required if part.role != "unknown"), (fact,), house)
            )
            if any(part.role == "unknown" for part in nouns)
            else ()
        )
    rooms = {part.value[0] for part in required if part.role == "room"}
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
    if exact and (not phrase.every or phrase.has("title")):
        useful = exact
    if asking:
        useful = tuple(fact for fact in useful if able(fact)) or useful
    group = phrase.every or (phrase.plural and len(exact) != 1)
    if group:
        useful = _literal(required, useful)
        if not phrase.every and not phrase.has("room", "floor") and context.room and not asking:
            useful = tuple(fact for fact in useful if fact.room == context.room) or useful
        return Found(useful)
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
    if len(useful) > 1 and asking and len({fact.room for fact in useful}) == 1:
        useful = tuple(fact for fact in useful if not fact.can_act)[:1] or useful
    if len(useful) == 1:
        return Found(useful)
    return Found(several=useful)


def _pure_kind(fact: Facts) -> frozenset[str]:
    return fact.kinds


def _head(required: tuple[Part, ...], facts: tuple[Facts, ...]) -> tuple[Facts, ...]:
    """Among Things of different kinds, those that are what the last noun says."""
    nouns = [part for part in required if part.role in ("kind", "word")]
    if not nouns:
        return ()
    kind = phrases.kind_words().get(nouns[-1].token.stem, ("", False))[0]
    return tuple(fact for fact in facts if kind in fact.kinds)


def _exact(phrase: Phrase, required: tuple[Part, ...], facts: tuple[Facts, ...]) -> tuple[Facts, ...]:
    """Things whose whole title is said."""
    said = {part.token.stem for part in phrase.parts if part.role not in ("title", "room", "floor")}
    for part in required:
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
    return tuple(fact for fact in pool if all(explains(fact, part, house) for part in required))


def _literal(required: tuple[Part, ...], facts: tuple[Facts, ...]) -> tuple[Facts, ...]:
    """For words that name no whole kind ("curtains"): Things that are called so, if there are any."""
    table = phrases.kind_words()
    for part in required:
        if part.role != "kind" or table[part.token.stem][1]:
            kind = table.get(part.token.stem, ("", False))[0]
            if part.role == "kind" and kind:
                facts = tuple(fact for fact in facts if kind in fact.kinds) or facts
            continue
        facts = tuple(fact for fact in facts if part.token.stem in fact.names) or facts
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
    if not asking:
        typical = [fact for fact in pool if fact.kinds & kinds]
        serving = [fact for fact in serving if fact.kinds & kinds] or (
            typical if wanted == {"power"} or not serving else serving
        )
    if not placed:
        for room in (context.room, *context.near, *dict.fromkeys(fact.room for fact in context.targets)):
            near = [fact for fact in serving if room and fact.room == room]
            if near:
                serving = near
                break
    if not serving:
        return Found(problem=f"Nothing {where or 'here'} can {'tell' if asking else 'do'} that.")
    if asking:
        rooms: dict[str | None, list[Facts]] = {}
        for fact in serving:
            rooms.setdefault(fact.room, []).append(fact)
        return Found(
            tuple(fact for group in rooms.values() for fact in ([fact for fact in group if not fact.can_act] or group))
        )
    one_room = len({fact.room for fact in serving}) == 1
    choosy = wanted & {"media", "volume", "music"}
    if len(serving) == 1 or (placed and not choosy) or (one_room and wanted & {"brightness", "colour", "power"}):
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
