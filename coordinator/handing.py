"""Which refused clauses are handed on to a device all the same: they order in words that nobody here knows, but name
their Thing plainly.

Rules: the Thing is named for certain (its name, its kind with an article, its kind and room, its kind as the first
word); the clause begins like an order; it speaks of nobody, of no other time and of nothing that the house does not
have; at most two of its words are strange. The device, which knows its own words and has a language model, decides.
Pure; plans nothing."""

from __future__ import annotations

from dataclasses import replace

from coordinator import phrases, questions
from coordinator.clauses import Clause
from coordinator.house import House
from coordinator.phrases import Token, phrase_at, words
from coordinator.reading import Phrase, Reading, targets

# How many words nobody may know, how many of them after the name, and how long such a clause may be.
STRANGE_MAX, STRANGE_AFTER, WORDS_MAX = 2, 1, 14


def handed(clause: Clause, said: tuple[Token, ...], reading: Reading, house: House) -> Reading | None:
    """The reading with only what names the Things left in it, or None if the clause is not to be handed on."""
    spoken = [token for token in said if token.word[0].isalnum()]
    if not 2 <= len(spoken) <= WORDS_MAX or _is_talk(clause, spoken):
        return None
    named = [phrase for one in targets(reading.phrases) if (phrase := _named(one, said))]
    if len(named) != 1 or not _is_certain(named[0], said, house):
        return None
    strange = [token for token in spoken if _is_strange(token, named[0], house)]
    after = sum(token.start > named[0].start for token in strange)
    if len(strange) > STRANGE_MAX or after > STRANGE_AFTER or not _begins_as_order(spoken, named[0]) or _is_of_another(strange, said):
        return None
    return replace(reading, phrases=(named[0],), unknown=())


def _is_talk(clause: Clause, spoken: list[Token]) -> bool:
    table = phrases.table()["handing"]
    said = {token.word for token in spoken}
    return (
        questions.is_talk(tuple(spoken), clause.words)
        or bool(said & set(table["never"]))
        or spoken[0].word in table["opens"]
        or spoken[0].word in words("verbs.tell")
        or spoken[0].word in words("words.question")
    )


def _named(phrase: Phrase, said: tuple[Token, ...]) -> Phrase | None:
    """A phrase that names a Thing, less a strange first word, which is the verb; None if it names none for certain."""
    parts = phrase.parts
    start = phrase.start
    if len(parts) > 1 and parts[0].role == "unknown" and parts[0].token is said[0]:
        parts, start = parts[1:], parts[1].token.start
    if any(part.role == "unknown" for part in parts) or not any(
        part.role in ("title", "sort", "kind", "word") for part in parts
    ):
        return None
    return replace(phrase, parts=parts, start=start)


def _is_certain(phrase: Phrase, said: tuple[Token, ...], house: House) -> bool:
    if phrase.has("title", "room") or phrase.every:
        return True
    before = [token.word for token in said if token.end <= phrase.start]
    inside = [token.word for token in said if phrase.start <= token.start < phrase.end]
    return bool({*before[-1:], *inside[:1]} & words("words.definite")) or not before


def _is_strange(token: Token, phrase: Phrase, house: House) -> bool:
    """Whether no word list and no Thing knows a word outside of the name."""
    if phrase.start <= token.start < phrase.end or token.word[0].isdigit():
        return False
    return token.stem not in house.said and token.word not in phrases.correct()


def _is_of_another(strange: list[Token], said: tuple[Token, ...]) -> bool:
    """Whether a strange word follows a preposition, and makes another thing of what is named: "the light between …"."""
    small = words("words.preposition")
    before = {token.start: [one.word for one in said[max(0, at - 2) : at]] for at, token in enumerate(said)}
    return any(small & set(before[token.start]) for token in strange)


def _begins_as_order(spoken: list[Token], phrase: Phrase) -> bool:
    """ "darken the lamp", "robot go home", "the lamp a little down"."""
    return bool(phrase_at(tuple(spoken), 0, words("verbs.plain"))) or spoken[0].start == phrase.start or (
        len(spoken) > 1 and (spoken[1].start == phrase.start or spoken[1].word in words("words.determiner"))
    )
