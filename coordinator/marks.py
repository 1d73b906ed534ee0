"""The names of the house in a sentence: Things, rooms, floors and brands ("Salt and Pepper lamp" is one name).

Longest first, never overlapping. Does not: decide which Things are meant (ground.py)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from coordinator import phrases
from coordinator.house import House
from coordinator.phrases import Token, stem, words


@dataclass(frozen=True)
class Mark:
    """A name of the house in the sentence: tokens [start, end). `kind`: title, room, floor or sort; `value`: Thing
    ids, the rooms, the floors it means, or the kinds that a brand or a name of several words stands for."""

    start: int
    end: int
    kind: str
    value: tuple[str, ...]


def marks(tokens: tuple[Token, ...], house: House) -> tuple[Mark, ...]:
    """Names of Things, rooms and floors, longest first, never overlapping, in the order of the sentence."""
    stems = [token.stem for token in tokens]
    found: list[Mark] = []
    for at, first in enumerate(stems):
        found += [
            Mark(at, at + len(name.stems), "title", name.ids)
            for name in house.titles.get(first, ())
            if tuple(stems[at : at + len(name.stems)]) == name.stems
            and (name.plural or not phrases.is_plural(tokens[at + len(name.stems) - 1].word))
        ]
    if any(token.word == "-" for token in tokens):
        for fact in house.facts:
            length = 2 * len(fact.thing.segment.split("-")) - 1
            found += [
                Mark(at, at + length, "title", (fact.id,))
                for at in range(len(tokens))
                if length > 1 and "".join(token.word for token in tokens[at : at + length]) == fact.thing.segment
            ]
    for at in range(len(tokens)):
        for length in (4, 3, 2, 1):
            if at + length > len(tokens) or not tokens[at].word[0].isalnum():
                continue
            said = " ".join(token.word for token in tokens[at : at + length])
            rooms = house.rooms_named(said) or house.rooms_named(said.removesuffix("'s"))
            following = tokens[at + length].word if at + length < len(tokens) else ""
            if rooms and following.isdigit() and rooms != (said,) and any(one.isdigit() for one in "".join(rooms)):
                continue
            if rooms and not (said in ("bed", "bath") and following in phrases.kind_words()):
                found.append(Mark(at, at + length, "room", rooms))
            elif said in _floor_words() or said in house.floors:
                found.append(Mark(at, at + length, "floor", (said,)))
            elif (kinds := phrases.sorts().get(tuple(stems[at : at + length]))) and _is_sort(tokens, at, length):
                found.append(Mark(at, at + length, "sort", kinds))
    places = [mark for mark in found if mark.kind != "title"]
    found = [
        mark
        for mark in found
        if mark.kind != "title"
        or not any(place.kind == "room" and place.start < mark.start < place.end < mark.end for place in places)
    ]
    found.sort(key=lambda mark: (mark.start - mark.end, mark.kind != "title", mark.start))
    taken: set[int] = set()
    kept = []
    for mark in found:
        span = set(range(mark.start, mark.end))
        if not span & taken:
            kept.append(mark)
            taken |= span
    return tuple(sorted(kept, key=lambda mark: mark.start))


def _is_sort(tokens: tuple[Token, ...], at: int, length: int) -> bool:
    """Whether a brand stands there as a Thing; one that is an ordinary word only after an article or "on", "off"."""
    word, following = tokens[at].word, tokens[at + length].word if at + length < len(tokens) else ""
    if length > 1 or word not in phrases.lexicon()["careful"]["words"]:
        return True
    if following == "of":
        return False
    before = tokens[at - 1].word if at else ""
    beside = stem(following) in phrases.kind_words()
    return beside or before in words("words.determiner") | {"on", "off", "mute", "pause"}


@lru_cache(maxsize=1)
def _floor_words() -> frozenset[str]:
    levels = phrases.table()["floors"]
    named = {f"{word} floor" for word in levels["levels"]} | {f"floor {word}" for word in levels["levels"]}
    return frozenset(named | set(levels["up"]) | set(levels["down"]) | set(levels["top"]))
