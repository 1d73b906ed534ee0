"""The names of one house as a reader must protect them: they are copied as they stand, whatever language they are in.

Does: find names in a sentence, adjectives in any case ("der roten Lampe" for "Rote Lampe"). Does not: translate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from models.language.tongues.fold import Word, words

_ENDINGS = ("en", "em", "er", "es", "e", "n", "s")


@dataclass(frozen=True)
class Named:
    """A name found in a sentence. `kind`: title, room, floor or value; `length`: in words."""

    kind: str
    text: str
    length: int


class Names:
    """Titles, rooms, floors of a house; `values`: the words that its devices take as settings; `also`: other words for
    its names, which are no evidence for a language either; `placed`: the pairs of title and room that there are."""

    def __init__(self, titles: Iterable[str] = (), rooms: Iterable[str] = (), floors: Iterable[str] = (),
                 values: Iterable[str] = (), also: Iterable[str] = (),
                 placed: Iterable[tuple[str, str]] = ()) -> None:
        self.placed = frozenset(placed)
        self.rows = [("title", name) for name in dict.fromkeys(titles)]
        self.rows += [("room", name) for name in dict.fromkeys(rooms)]
        self.rows += [("floor", name) for name in dict.fromkeys(floors)]
        self.also = frozenset(word.fold for name in also for word in words(name))
        self.rows += [("value", name) for name in dict.fromkeys(values)]

    @cached_property
    def index(self) -> dict[str, list[tuple[tuple[str, ...], str, str]]]:
        """Stem of the first word -> (folded words, kind, the name as it stands), longest first."""
        found: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
        for kind, name in self.rows:
            folds = tuple(word.fold for word in words(name))
            if folds:
                found.setdefault(_stem(folds[0]), []).append((folds, kind, name))
        return {first: sorted(rows, key=lambda row: -len(row[0])) for first, rows in found.items()}

    @cached_property
    def known(self) -> frozenset[str]:
        """Every folded word of every name: no evidence for a language."""
        return self.also | {word.fold for _, name in self.rows for word in words(name)}

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The words of names that may begin a compound."""
        return tuple(sorted(word for word in self.known if len(word) > 3))

    def at(self, said: Sequence[Word], at: int) -> Named | None:
        """The longest name that begins at a word."""
        for folds, kind, name in self.index.get(_stem(said[at].fold), ()):
            part = said[at: at + len(folds)]
            if len(part) == len(folds) and _same(part, folds):
                return Named(kind, name, len(folds))
        return None


def _same(said: Sequence[Word], name: tuple[str, ...]) -> bool:
    *first, last = zip(said, name, strict=True)
    head, wanted = last
    if head.fold not in (wanted, wanted + "s") and not (len(first) == 0 and head.fold == wanted + "es"):
        return False
    return all(word.fold == other or _stem(word.fold) == _stem(other) for word, other in first)


@lru_cache(maxsize=8192)
def _stem(word: str) -> str:
    if len(word) >= 4:
        for end in _ENDINGS:
            if word.endswith(end) and len(word) - len(end) >= 3:
                return word[: -len(end)]
    return word
