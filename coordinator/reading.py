"""A clause taken apart: the noun phrases in it, what it is about, its verb, and the words that nothing explains.

A word is what it is in its place: "light" is a Thing in "the light" and a verb in "light the stove". What follows "to"
is a value and stays word for word. Does not: say which Things are meant (ground.py)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

from coordinator import phrases, times
from coordinator.house import House
from coordinator.marks import Mark
from coordinator.phrases import Token, is_plural, words

# What a word that is also the name of a Thing tells of it, when it is asked for: "any leak", "is there smoke".
_TOLD = frozenset({"leak", "smoke", "motion", "air", "battery", "energy", "humidity"})


@dataclass(frozen=True)
class Part:
    """One word (or name) of a noun phrase. `role`: title, room, floor, sort, kind, word, attribute, unknown."""

    role: str
    token: Token
    value: tuple[str, ...] = ()
    stems: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        return self.stems[0] if len(self.stems) == 1 else self.token.stem

    @property
    def said(self) -> str:
        return self.value[0] if self.role in ("room", "floor") and len(self.value) == 1 else self.token.said


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
    """A clause taken apart: who it names, what it is about (`senses`), and the words for that. `unknown`: words that
    nothing explains; `whole`: it says that the whole house is meant."""

    phrases: tuple[Phrase, ...]
    senses: frozenset[str]
    pronoun: Token | None = None
    there: Token | None = None
    unknown: tuple[str, ...] = ()
    verb: Token | None = None
    has_state: bool = False
    stray: int = 0
    whole: bool = False


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
        self._inside = {at for start, (end, _) in self.marks.items() for at in range(start, end)}
        self.senses: set[str] = set()
        self.verb_senses: set[str] = set()
        self.unknown: list[str] = []
        self.stray = 0

    def word(self, at: int) -> str:
        return self.tokens[at].word if 0 <= at < len(self.tokens) else ""

    def role(self, at: int) -> str:
        """What a word is in its place, when it belongs to no name."""
        token, word = self.tokens[at], self.tokens[at].word
        noun = token.stem in phrases.kind_words() or token.stem in self.house.names
        if self.asking and word in words("verbs.asked") and not noun:
            return "filler"
        if self.asking and word in ("many", "much", "far") and self.word(at - 1) == "how":
            return "filler"
        if self.asking and (role := self._asked(at, noun)):
            return role
        if not word[0].isalnum():
            return "join" if word in (",", "&") else "value" if word in "%°" else "sign"
        if word in words("words.except") or (word == "but" and at):
            return "except"
        if word in ("one", "ones") and at and self.word(at - 1) in words("words.other") | words("words.determiner"):
            return "filler"
        if word in words("words.other") and word not in self.house.names and (
            word != "rest" or self.word(at - 1) not in ("a", "an")
        ):
            return "other"
        if word == "both" and not self._noun(at + 1) and self.word(at + 1) not in words("words.determiner") | {"of"}:
            return "pronoun"
        if word in words("words.all") and word != "whole":
            return "all"
        if word in ("that", "this", "these", "those") and (self._noun(at + 1) or self.word(at + 1) in ("one", "ones")):
            return "determiner"
        if word in words("words.it") or word in words("words.them"):
            return "pronoun"
        if word == "him" or (word == "her" and not self._noun(at + 1)):
            return "pronoun"
        if word in words("words.join"):
            return "join"
        if word in ("on", "off", "up", "down", "in", "over"):
            return self._particle(at)
        if word == "out" and (self.word(at - 1) in words("verbs.plain") or at == len(self.tokens) - 1):
            return "state"
        if word in words("words.preposition"):
            return "preposition"
        if at and times.duration(self.tokens, at - 1):
            return "value"
        if word in words("words.amount") and token.stem not in self.house.names:
            return "value"
        if word in words("words.determiner"):
            return "determiner"
        if not (self.asking and self.word(at - 1) in ("there", "any")) and self._verb_here(at):
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
        if word in words("words.here") or (word in ("f", "c") and self.word(at - 1)[:1].isdigit()):
            return "filler"
        return "unknown"

    def _asked(self, at: int, noun: bool) -> str:
        """What a word is in a question alone: what is asked for, how it is, or nothing; "" if it is what it is."""
        word, asking = self.word(at), phrases.asking()
        if self.word(at - 1) in ("what", "which") and word in asking["small"]["about"]:
            return "attribute" if self.word(at + 1) in ("is", "are", "does") else ""
        if word == "floor" and at - 1 in self._inside and not self._noun(at + 1):
            return "filler"
        if self.word(at - 1) == "how" and phrases.senses_of_word(word):
            return "state"
        if word == "left" and noun and not self._noun(at + 1):
            return "filler"
        if word in words("attributes.nouns") or word in words("verbs.states"):
            return ""
        exists = self.word(at - 1) in ("there", "any") or (self.word(at - 1) == "a" and self.word(at - 2) == "there")
        if exists and not self._noun(at + 1) and phrases.senses_of_word(word) & {"leak", "smoke", "motion"}:
            return "state"
        if word == "out":
            return "filler" if at + 1 < len(self.tokens) else ""
        if phrases.senses_asked(word) and not noun:
            return "state"
        return "filler" if word in asking["small"]["words"] and not noun and word not in words("words.there") else ""

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
        if at and word in words("verbs.after") and not self.asking and self._named_before(at):
            return True
        before = [self.word(n) for n in range(at)]
        if self._noun(at) and word in words("verbs.shy") and any(one.word == "should" for one in self.tokens[at:]):
            return False
        if any(
            w not in words("words.polite") and w not in ("do", "not", "never", "make", "sure", "so") for w in before
        ):
            return False
        return not (
            word in words("verbs.shy")
            and self.word(at + 1) in ("on", "off")
            and self._noun(at)
            and word not in ("switch", "dim", "run", "stop", "start", "power", "keep")
        )

    def _named_before(self, at: int) -> bool:
        """Whether nothing but a name stands before: "the smart plug, please turn on"."""
        named = False
        for n in range(at):
            inside, small = n in self._inside or self._noun(n), words("words.determiner") | words("words.polite")
            if not (inside or self.word(n) in small | words("words.plain") | words("words.all")):
                return False
            named |= inside
        return named

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
        outside = self.asking and after in ("outside", "outdoors", "inside", "downstairs", "upstairs")
        floor = at + 1 in self.marks and (outside or after in words("floors.up") | words("floors.down"))
        named = not floor and (after in words("words.determiner") or self._noun(at + 1) or after in words("words.all"))
        return "preposition" if named and at and before not in ("is", "are", "be") else "state"

    def read(self) -> Reading:  # noqa: PLR0915 (one pass over the words, one case a role)
        found: list[Phrase] = []
        spread: list[int] = []
        parts: list[Part] = []
        flags = {"plural": False, "every": False, "other": False, "excluded": False}
        start, end, linked, quantity = -1, -1, False, -1
        pronoun = there = verb = None
        has_state, excluded, quoting, to_value = False, False, False, False

        def close() -> None:
            nonlocal parts, start, quantity, linked
            named = any(part.role != "plain" or part.stem == "room" for part in parts)
            bare = flags["every"] and not parts and not flags["other"] and self.word(start) in words("words.spread")
            if bare and start >= 0 and start == end:
                spread.append(len(found))
            if start >= 0 and (named or flags["every"] or flags["other"]):
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
                if quoting and mark.kind in ("title", "sort"):
                    quoting = False
                start = at if start < 0 else start
                end = stop - 1
                if not (to_value and mark.kind not in {"room", "floor"} and not linked and found):
                    inside = tuple(one.stem for one in self.tokens[at:stop])
                    parts.append(Part(mark.kind, token, value, inside))
                if mark.kind == "sort" or (mark.kind == "room" and len(value) > 1):
                    flags["plural"] |= is_plural(self.tokens[stop - 1].word)
                at, to_value = stop, False
                continue
            role = self.role(at)
            if self.asking and role in ("state", "attribute", "kind", "word"):
                self.senses |= phrases.senses_asked(token.word) | phrases.senses_of_word(token.word) & _TOLD
            if self.asking and role == "filler":
                self.senses |= phrases.senses_asked(token.word) & {"target"}
            if phrases.senses_of_word(token.word) and role in (
                "verb",
                "state",
                "attribute",
                "kind",
                "value",
                "unknown",
            ):
                (self.verb_senses if role == "verb" else self.senses).update(self._sense(at, role))
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
                if token.word[0].isdigit() and self.word(at + 1) in ("f", "c"):
                    self.senses.add("temperature")
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
        found = _spread(found, spread)
        if not (self.senses - {"power", "percent"} and verb is not None and verb.word in words("verbs.moving")):
            self.senses |= self.verb_senses
        return Reading(
            _linked(found, self.tokens),
            frozenset(self.senses),
            pronoun,
            there,
            tuple(self.unknown),
            verb,
            has_state,
            self.stray,
            any(
                token.word in words("words.whole_home") and n not in self._inside for n, token in enumerate(self.tokens)
            ),
        )

    def _sense(self, at: int, role: str) -> set[str]:
        word = self.word(at)
        found = set(phrases.senses_of_word(word))
        if (word in ("light",) and role != "verb") or (self.asking and role == "kind" and word in ("lock", "fan")):
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
        if self.asking and any(end == at and mark.kind == "title" for end, mark in self.marks.values()):
            return False
        before = self.word(at - 1)
        if before in words("words.determiner") or before in words("words.all") or (start == at - 1 and start >= 0):
            return True
        if self._noun(at + 1) and self.role(at + 1) != "verb" and not self.asking:
            return True
        return not self.asking and at > 0 and self.role(at - 1) in ("verb", "state", "join") and not parts


def _spread(found: list[Phrase], bare: list[int]) -> list[Phrase]:
    """ "the lights everywhere", "the lights all off": a lone "all" beside a kind means all of the kind."""
    kept = [phrase for at, phrase in enumerate(found) if at not in bare]
    if not bare or not any(phrase.has("kind", "sort") and not phrase.excluded for phrase in kept):
        return found
    return [phrase if phrase.excluded else replace(phrase, every=True) for phrase in kept]


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
        heads = [part for part in right.parts if part.role in ("kind", "sort")] or _title_head(right, tokens)
        if (
            heads
            and not left.has("kind", "sort", "title", "attribute", "unknown")
            and left.parts
            and right.parts[-1].role in ("kind", "sort", "title")
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
        elif right.parts and all(part.role in ("room", "floor") for part in right.parts) and left.has("kind", "sort"):
            nouns = tuple(part for part in left.parts if part.role in ("kind", "sort", "word"))
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


def targets(found: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
    """The phrases that name who is to act: not exceptions, not a bare "the brightness" beside a Thing; a bare place
    beside a Thing narrows it."""
    kept = [phrase for phrase in found if not phrase.excluded]
    if any(
        phrase.has("title", "kind", "sort", "word", "unknown", "room", "floor") or phrase.every or phrase.other
        for phrase in kept
    ):
        kept = [phrase for phrase in kept if not phrase.parts or any(part.role != "attribute" for part in phrase.parts)]
    nouns = [
        phrase
        for phrase in kept
        if phrase.has("title", "kind", "word", "unknown")
        or ((phrase.every or phrase.other) and not phrase.has("room", "floor"))
    ]
    places = [
        phrase
        for phrase in kept
        if phrase.parts and all(part.role in ("room", "floor", "attribute") for part in phrase.parts)
    ]
    if len(nouns) == 1 and places and not nouns[0].has("room", "floor"):
        merged = replace(nouns[0], parts=(*nouns[0].parts, *(part for place in places for part in place.parts)))
        return (merged,)
    if len(places) == 1 and nouns and not any(noun.has("room", "floor", "title") for noun in nouns):
        return tuple(replace(noun, parts=(*noun.parts, *places[0].parts)) for noun in nouns)
    return tuple(kept)
