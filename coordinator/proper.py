"""Whether a clause is an order or a question for this house, or talk that only sounds like one.

The rule behind them all: each content word must be explained, as a verb, a Thing, a place, a value or one of the
Thing's own words; what nothing explains is a sign that the sentence is not for the house. Pure; plans nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from coordinator import phrases, questions, times
from coordinator.clauses import Clause
from coordinator.house import Facts, House
from coordinator.marks import Mark
from coordinator.phrases import Token, contains, phrase_at, stem, words
from coordinator.reading import Phrase, Reading
from models.language.words import normalise

# Degrees that a room may have.
WARM = (10, 30)


def unexplained(reading: Reading, found: tuple[Facts, ...]) -> str:
    """A word of the clause that neither the vocabulary nor any of the Things meant explains; "" if there is none."""
    return next((word for word in reading.unknown if not any(stem(word) in fact.said for fact in found)), "")


def is_foreign(reading: Reading, house: House) -> bool:
    """Whether a word of the clause is unknown to every Thing of the house."""
    return any(stem(word) not in house.said for word in reading.unknown)


def is_fitting(reading: Reading, found: tuple[Facts, ...]) -> bool:
    """Whether the Things can do what a verb says that not everything can do ("play", "print")."""
    if reading.verb is None or reading.verb.word not in words("verbs.special"):
        return True
    senses, able = phrases.senses_of_word(reading.verb.word), stem(reading.verb.word)
    return all(able in fact.able or able in fact.said or senses & fact.acts for fact in found)


def is_possible(verb: Token, house: House) -> bool:
    """Whether anything in the house can do what a verb says that not everything can do."""
    if verb.word not in words("verbs.special"):
        return True
    senses, able = phrases.senses_of_word(verb.word), stem(verb.word)
    return any(able in fact.able or able in fact.said or senses & fact.acts for fact in house.facts)


def with_amount(said: tuple[Token, ...], reading: Reading) -> Reading:
    """An order that says only a place and an amount: a part is of the light, a few degrees are of the heating."""
    placed = bool(reading.phrases) and all(part.role in ("room", "floor") for p in reading.phrases for part in p.parts)
    if not placed or reading.unknown or reading.senses - {"power"} - {"percent"}:
        return reading
    numbers = normalise(" ".join(token.said for token in said)).numbers
    if len(numbers) != 1:
        return reading
    if numbers[0].unit == "percent":
        return replace(reading, senses=frozenset({"brightness"}))
    few = numbers[0].unit in ("", "celsius", "degree") and WARM[0] <= numbers[0].value <= WARM[1]
    return replace(reading, senses=frozenset({"temperature"})) if few else reading


def is_wish(said: tuple[Token, ...], reading: Reading) -> bool:
    """Whether a clause that names nothing and has no verb asks for something: "brighter", "volume 30"."""
    amount = any(times.number(said, at) and token.word not in ("a", "an", "one") for at, token in enumerate(said))
    spoken = {token.word for token in said if token.word[0].isalnum()}
    wished = spoken & words("verbs.wished")
    return (bool(wished) and (len(spoken) <= len(wished) + 4)) or bool(amount and reading.senses)


def is_vague(said: tuple[Token, ...], reading: Reading, facts: tuple[Facts, ...]) -> bool:
    """Whether a question names nothing of this house for certain: "is a tomato red", "how fast is light"."""
    named = [phrase for phrase in reading.phrases if phrase.parts]
    if any(one.has("room", "floor", "title", "sort") or one.plural or one.every for one in named):
        return False
    stems = {token.stem for token in said}
    heard, small = {token.word for token in said}, phrases.asking()["small"]
    if not named:
        return not heard & {*small["certain"], *small["impersonal"]} or bool(
            heard & {"a", "an"} and "there" not in heard
        )
    if any(set(fact.title) <= stems for fact in facts) or heard & set(small["certain"]):
        return False
    before: list[str] = []
    for token in said:
        if any(part.token is token and part.role in ("kind", "word") for phrase in named for part in phrase.parts):
            break
        before = [] if token.word in words("words.preposition") else [*before, token.word]
    return not set(before) & words("words.definite")


def makes_alarm(said: tuple[Token, ...], reading: Reading) -> bool:
    """ "set an alarm for seven": something new, not a Thing of the house."""
    alarm = any(part.stem == "alarm" for phrase in reading.phrases for part in phrase.parts)
    first = reading.verb.word if reading.verb is not None else ""
    return alarm and (
        first in ("set", "make", "put", "change") or contains(said, ["an alarm", "my alarm", "alarm for"])
    )


def is_message(clause: Clause) -> bool:
    """ "remind me to …", "text anna that …": what is joined to it belongs to the message."""
    said = questions.trimmed(clause.words)
    first = said[0].word if said else ""
    tells = first in words("verbs.tell") and not clause.conditions
    return first in words("verbs.messages") or (tells and contains(said[1:4], ["to", "that"]))


def is_remark(clause: Clause) -> bool:
    """ "i am leaving", "good night" before an order: why it is given, nothing to do."""
    first = [token.word for token in clause.words[:2]]
    return first in (["good", "night"], ["good", "morning"]) or (
        first[:1] in (["i"], ["we"], ["it"], ["my"], ["there"])
        and contains(clause.words[1:4], ["am", "are", "is", "will", "have", "love", "feel", "think", "got"])
        and not contains(clause.words, ["want", "need", "would like"])
    )


def unneeded(clause: Clause) -> tuple[Token, ...]:
    """What of a clause is named in "i do not need the hall light any more"; empty if it says nothing like it."""
    said = tuple(token for token in clause.words if token.word[0].isalnum() and token.word != "please")
    length = phrase_at(said, 0, words("verbs.unneeded"))
    rest = said[length:]
    if not length or not rest or rest[0].word in ("to", "you", "it"):
        return ()
    return tuple(
        token for token in rest if token.word not in ("on", "anymore", "any", "more", "now", "longer", "running")
    )


def mood(said: tuple[Token, ...], marks: tuple[Mark, ...], house: House) -> str:
    """ "soft" or "bright", if a clause asks for lights of a mood and nothing else."""
    table = phrases.lexicon()["moods"]
    moods = [(name, token) for name in ("soft", "bright") for token in said if token.word in table[name]]
    lights = any(phrases.kind_words().get(token.stem, ("",))[0] == "light" for token in said)
    if not moods or not lights or any(token.stem in house.said for _, token in moods):
        return ""
    placed = places(said, marks)
    small = words("words.polite") | words("words.determiner") | words("words.preposition") | words("words.plain")
    explained = small | words("words.all") | set(table["beside"]) | {token.word for _, token in moods}
    rest = [token for token in said if token.start not in placed and token.word[0].isalnum()]
    return moods[0][0] if all(token.word in explained for token in rest) else ""


def points_back(said: tuple[Token, ...]) -> bool:
    """Whether an order is about what was spoken of before: "turn it down", "send him home"."""
    pointing = words("words.it") | words("words.them") | {"him", "her"}
    return bool(said) and said[0].word in words("verbs.plain") and any(token.word in pointing for token in said[1:4])


def is_idle(clause: Clause) -> bool:
    """Whether a clause says nothing."""
    said = [token.word for token in clause.words if token.word[0].isalnum()]
    empty = all(word in words("words.polite") or word in ("let", "much", "kind", "appreciated", "so") for word in said)
    return not clause.conditions and not clause.whens and empty and not set(said) & words("verbs.states")


def is_coordinated(phrase: Phrase, named: tuple[Phrase, ...], said: tuple[Token, ...]) -> bool:
    """Whether a phrase stands in a row with another ("the lamp and the toaster"), rather than beside it."""
    joins = words("words.join") | {",", "also", "too", "then"}
    for left, right in pairwise(sorted(named, key=lambda one: one.start)):
        between = {token.word for token in said if left.end <= token.start < right.start}
        if phrase in (left, right) and between & joins:
            return True
    return False


def routine(said: tuple[Token, ...], house: House) -> Facts | None:
    """The scene or script whose name is all that is said."""
    kinds = set(phrases.lexicon()["routines"]["kinds"])
    if not kinds & house.kinds:
        return None
    polite = words("words.polite") | words("words.determiner")
    stems = tuple(token.stem for token in said if token.word[0].isalnum() and token.word not in polite)
    for fact in house.facts:
        if fact.kinds & kinds and stems in (fact.title, (*fact.title, "scene"), (*fact.title, "mode")):
            return fact
    return None


def places(said: tuple[Token, ...], marks: tuple[Mark, ...]) -> frozenset[int]:
    """Where tokens start that name a room or a floor."""
    spans = [(mark.start, mark.end) for mark in marks if mark.kind in ("room", "floor")]
    return frozenset(token.start for token in said if any(start <= token.start < end for start, end in spans))


def rooms_said(clause: Clause, marks: tuple[Mark, ...], house: House) -> frozenset[str]:
    """The rooms that a clause names, those of its floors among them."""
    starts = {token.start for token in clause.words}
    found: set[str] = set()
    for mark in marks:
        if mark.start not in starts:
            continue
        if mark.kind == "room":
            found |= set(mark.value)
        elif mark.kind == "floor":
            floors = house.floors_named(mark.value[0])
            found |= {fact.room for fact in house.facts if fact.room and (fact.thing.floor or "").lower() in floors}
    return frozenset(found)
