"""A complaint that means an order: "it is too dark", "i'm roasting in here", "the tv is a bit loud".

Two readings, of the whole clause: as phrases.toml writes complaints out, or composed of a feeling, how much of it, and
small words (lexicon.toml, [feelings]). What is named or a place may stand beside it; any other word makes it no
complaint. Pure."""

from __future__ import annotations

from functools import lru_cache

from coordinator import phrases
from coordinator.clauses import Clause
from coordinator.marks import Mark
from coordinator.phrases import Token, words
from coordinator.proper import places

_TAGS = (["is", "not", "it"], ["are", "not", "they"], ["is", "it", "not"], ["right"], ["innit"])
_PEOPLE = frozenset({"i", "we"})


def order_of(clause: Clause, marks: tuple[Mark, ...]) -> str | None:
    """What a complaint asks for ("make it brighter"), or None if a clause is none."""
    said = clause.words
    if any(token.word in ("you", "he", "she", "they", "was", "will", "she", "how") for token in said[:2]):
        return None
    return _written(said, marks) or _composed(said, marks)


# As it is written.


def _written(said: tuple[Token, ...], marks: tuple[Mark, ...]) -> str | None:
    heard = [token.word for token in said]
    keys = (
        key
        for at, word in enumerate(heard)
        for key in _complaints().get(word, ())
        if heard[at : at + key.count(" ") + 1] == key.split()
    )
    found = max(keys, key=len, default=None)
    if found is None:
        return None
    explained = words("complaint.beside") | _complaining() | {"please", "thanks"}
    placed = places(said, marks)
    rest = [token for token in said if token.start not in placed and token.word[0].isalnum()]
    order: str = phrases.table()["complaints"][found]
    return order if all(token.word in explained for token in rest) else None


@lru_cache(maxsize=1)
def _complaints() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key in phrases.table()["complaints"]:
        first = key.partition(" ")[0]
        found[first] = (*found.get(first, ()), key)
    return found


@lru_cache(maxsize=1)
def _complaining() -> frozenset[str]:
    return frozenset(word for key in phrases.table()["complaints"] for word in key.split())


# As it is composed.


def _composed(said: tuple[Token, ...], marks: tuple[Mark, ...]) -> str | None:
    named = places(said, marks) | frozenset(
        token.start
        for token in said
        if token.stem in phrases.kind_words()
        or any(mark.kind in ("title", "sort") and mark.start <= token.start < mark.end for mark in marks)
    )
    heard = _without_tag([token.word for token in said if token.word[0].isalnum() and token.start not in named])
    if not named and not set(heard) & _small("subjects"):
        return None
    for feeling, (order, degrees) in _feelings().items():
        parts = feeling.split()
        at = next((n for n in range(len(heard)) if heard[n : n + len(parts)] == parts), None)
        if at is None:
            continue
        before, after = heard[:at], heard[at + len(parts) :]
        felt = bool(_PEOPLE & set(before))
        if felt and order not in _small("felt"):
            return None
        enough = "bare" in degrees or bool(set(before) & _small("too")) or (
            ("any" in degrees or felt) and bool(set(before) & _small("very"))
        )
        small = _small("subjects") | _small("too") | _small("very")
        rest = [word for word in (*before, *_without_purpose(after)) if word not in small]
        return order if enough and not rest else None
    return None


def _without_tag(heard: list[str]) -> list[str]:
    for tag in _TAGS:
        if heard[-len(tag) :] == tag and len(heard) > len(tag):
            return heard[: -len(tag)]
    return heard


def _without_purpose(after: list[str]) -> list[str]:
    """What stands after a feeling, less what it is too much for: "for a film", "to read"."""
    at = next((n for n, word in enumerate(after) if word in ("for", "to")), None)
    return after if at is None or len(after) - at > 4 else after[:at]


@lru_cache(maxsize=8)
def _small(kind: str) -> frozenset[str]:
    return frozenset(phrases.lexicon()["feelings"][kind])


@lru_cache(maxsize=1)
def _feelings() -> dict[str, tuple[str, str]]:
    """Feeling -> (order, how it must be said: bare, any or too), the longest first."""
    rows = phrases.lexicon()["feelings"]["order"]
    found = {word: (order, form) for order, forms in rows.items() for form, listed in forms.items() for word in listed}
    return dict(sorted(found.items(), key=lambda one: -len(one[0])))
