"""What the planner cannot read, but names a Thing plainly, is handed on to that Thing as it was said.

    a clause    in words that nobody here knows: "darken the hall lamp", "robot go charge yourself"
    a command   of which nothing was understood: "the hall lamp is blinding me, do something"

Rules: exactly one noun phrase names a Thing for certain (its name; its kind with an article, a room, or at the
beginning); what is said is no talk about the world, is of no other time and hangs on no condition. The device, which
knows its own words and has a language model, does it or refuses. Pure; plans nothing."""

from __future__ import annotations

from dataclasses import replace

from coordinator import phrases, questions
from coordinator.clauses import Clause
from coordinator.house import House
from coordinator.phrases import Token, contains, phrase_at, words
from coordinator.reading import Part, Phrase, Reading, targets

# How long what is handed on may be, in words.
CLAUSE_MAX, COMMAND_MAX = 14, 24


def clause(said: tuple[Token, ...], full: Clause, reading: Reading, house: House) -> Reading | None:
    """The reading of a clause with only what names the Things left in it, or None if it is not to be handed on."""
    spoken = [token for token in said if token.word[0].isalnum()]
    table = phrases.table()["handing"]
    if not 2 <= len(spoken) <= CLAUSE_MAX or questions.is_talk(tuple(spoken), full.words):
        return None
    first = spoken[0].word
    if {token.word for token in spoken} & set(table["never"]) or first in table["opens"]:
        return None
    if first in words("verbs.tell") | words("verbs.messages") | words("words.question") or _asks_the_world(full.words):
        return None
    return _naming(said, reading, house)


def command(tokens: tuple[Token, ...], reading: Reading, house: House) -> Reading | None:
    """The same of a whole command, which may say why and how besides."""
    spoken = tuple(token for token in tokens if token.word[0].isalnum())
    table = phrases.table()["handing"]
    if not 2 <= len(spoken) <= COMMAND_MAX or contains(spoken, table["elsewhere"]):
        return None
    if _asks_the_world(spoken) or any(_opens(spoken, opening) for opening in table["talk"]):
        return None
    return _naming(tokens, reading, house)


def _has_subject(spoken: list[Token], house: House) -> bool:
    """Whether somebody that is nothing of this house is said to do something: "dinosaurs turn off the lights"."""
    first = spoken[0]
    known = first.word in phrases.correct() or first.stem in house.names or first.stem in house.said
    return not known and spoken[1].word in words("verbs.plain") - words("handing.particles")


def _asks_the_world(full: tuple[Token, ...]) -> bool:
    """ "can lamps explode": what some kind of thing can do, not what somebody here shall."""
    heard = [token.word for token in full if token.word[0].isalnum()]
    here = words("words.determiner") | words("words.all") | words("words.it")
    here |= {"you", "we", "i", "somebody", "someone", "please"}
    return len(heard) > 1 and heard[0] in ("can", "could", "do", "may", "would", "will") and heard[1] not in here


def _opens(spoken: tuple[Token, ...], opening: str) -> bool:
    """Whether a command begins so, less what is polite."""
    said = [token.word for token in spoken if token.word not in ("please", "so", "hey", "well", "oh", "ok", "okay")]
    return said[: opening.count(" ") + 1] == opening.split()


def _naming(said: tuple[Token, ...], reading: Reading, house: House) -> Reading | None:
    if _has_subject([token for token in said if token.word[0].isalnum()], house):
        return None
    named = [phrase for one in targets(reading.phrases) if (phrase := _named(one, said))]
    if len(named) != 1 or not _is_certain(named[0], said) or _is_elsewhere(said, reading, house):
        return None
    return replace(reading, phrases=(named[0],), unknown=())


def _is_elsewhere(said: tuple[Token, ...], reading: Reading, house: House) -> bool:
    """Whether a place or a Thing is named that this house has not: "the lights in the boathouse"."""
    named = [part for one in reading.phrases for part in one.parts if part.role in ("room", "floor", "title")]
    here = {part.token.start for part in named}
    missing = words("known.rooms") | words("known.things")
    place = ""
    for at, token in enumerate(said):
        known = token.word in phrases.correct() or token.stem in house.names or token.stem in house.said
        if (not known and place in words("handing.within")) or (
            token.start not in here and token.stem not in house.names and phrase_at(said, at, missing)
        ):
            return True
        place = place if token.word in words("words.determiner") else token.word
    return False


def _named(phrase: Phrase, said: tuple[Token, ...]) -> Phrase | None:
    """What of a phrase names a Thing: a name without the strange words beside it, a kind without a strange first word,
    which is the verb. None if it names none."""
    parts = phrase.parts
    strange = [part for part in parts if part.role == "unknown"]
    if any(part.role in ("title", "sort") for part in parts):
        parts = tuple(part for part in parts if part.role != "unknown")
    elif strange and strange == [parts[0]] and parts[0].token is said[0]:
        parts = parts[1:]
    if any(part.role == "unknown" for part in parts) or not any(
        part.role in ("title", "sort", "kind", "word") for part in parts
    ):
        return None
    return _with_only(phrase, parts, said)


def _with_only(phrase: Phrase, parts: tuple[Part, ...], said: tuple[Token, ...]) -> Phrase:
    """A phrase with only these parts of it, from the first to the last of those in its place."""
    inside = [part for part in parts if phrase.start <= part.token.start < phrase.end]
    at = {token.start: number for number, token in enumerate(said)}
    spans = [
        (at[part.token.start], at[part.token.start] + max(len(part.stems), 1))
        for part in inside
        if part.token.start in at
    ]
    if not spans:
        return replace(phrase, parts=parts)
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    if first and said[first - 1].word in words("words.definite") and said[first - 1].start >= phrase.start:
        first -= 1
    return replace(phrase, parts=parts, start=said[first].start, end=said[min(last, len(said)) - 1].end)


def _is_certain(phrase: Phrase, said: tuple[Token, ...]) -> bool:
    if phrase.has("title", "room") or phrase.every:
        return True
    before = [token.word for token in said if token.end <= phrase.start]
    inside = [token.word for token in said if phrase.start <= token.start < phrase.end]
    return bool({*before[-1:], *inside[:1]} & words("words.definite")) or not before
