"""A sentence taken apart as the planner takes it apart, with the places of the names in it: who is to act, and where.

Does: find noun phrases so that another name can be put in their place; the plain words by which a sentence or a name
is known again. Does not: decide what is meant (plan.py), or keep anything (memory.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from coordinator import phrases
from coordinator.clauses import Clause, split
from coordinator.house import Facts, House
from coordinator.marks import Mark, marks
from coordinator.phrases import Token, words
from coordinator.questions import trimmed
from coordinator.reading import Phrase, Reading, read
from coordinator.render import article
from coordinator.spelling import corrected
from coordinator.times import Now


@dataclass(frozen=True)
class Spoken:
    """`text`: cleaned; `marks`: by their places in the text; `readings`: of each clause; `names`: the phrases that say
    who is to act, in the order spoken."""

    text: str
    tokens: tuple[Token, ...]
    marks: tuple[Mark, ...]
    readings: tuple[tuple[Clause, Reading], ...]
    names: tuple[Phrase, ...]

    @classmethod
    def of(cls, text: str, house: House) -> Spoken:
        """Take a sentence apart."""
        text = phrases.clean(text)
        raw = phrases.tokens(text)
        tokens = corrected(raw, house)
        found = marks(tokens, house)
        placed = tuple(replace(mark, start=tokens[mark.start].start, end=tokens[mark.end - 1].end) for mark in found)
        clauses = split(tokens, found, house, Now()) if tokens else ()
        readings = tuple((clause, read(trimmed(clause.words), placed, house)) for clause in clauses)
        names = tuple(phrase for _, reading in readings for phrase in reading.phrases if _names(phrase))
        return cls(text, raw, placed, readings, names)

    def said(self, phrase: Phrase) -> str:
        """A phrase as it was spoken."""
        return self.text[phrase.start:phrase.end]

    def put(self, start: int, end: int, said: str) -> str:
        """The sentence with `said` at [start, end)."""
        return f"{self.text[:start]}{said}{self.text[end:]}"


def _names(phrase: Phrase) -> bool:
    return not phrase.excluded and (phrase.has("title", "kind", "word", "unknown", "room", "floor") or phrase.other)


def words_of(tokens: Sequence[Token]) -> str:
    """The words by which a sentence is known again: no signs, nothing polite at its ends."""
    return " ".join(token.word for token in trimmed(tuple(tokens)) if token.word[0].isalnum() or token.word in "%°")


def name_of(spoken: Spoken, phrase: Phrase) -> str:
    """The words by which a name is known again: without its article."""
    found = [token.word for token in spoken.tokens if phrase.start <= token.start and token.end <= phrase.end]
    while found and found[0] in words("words.determiner"):
        found.pop(0)
    return " ".join(found)


def called(fact: Facts, house: House) -> str:
    """What a Thing is called so that no other is meant: "the Reading lamp", "the Lamp in the galley"."""
    same = [other for other in house.facts if other.thing.title.lower() == fact.thing.title.lower()]
    if len(same) == 1:
        return article(fact.thing.title)
    if fact.room and sum(other.room == fact.room for other in same) == 1:
        return article(f"{fact.thing.title} in the {fact.thing.room}")
    return fact.thing.segment


def room_in(house: House, room: str | None) -> str:
    """A speaker's room as the house calls it; "" for none."""
    return (house.room_named(room) or room.lower()) if room else ""
