"""How near two words are: by their letters on a keyboard, and by the sounds that English letters stand for.

Costs are small numbers: 0 the same, about 0.4 one likely slip in a word of usual length, over 1 another word. The
letter groups and their sounds are data (misheard.toml). Does not: know which words a house or a command has."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any

# A word this long takes the costs as they are; in shorter ones a slip weighs more, in longer ones less.
_USUAL_LETTERS = 5
_FEW_LETTERS = 4
_USUAL_SOUNDS = 4
_VOWELS = frozenset("aeiou")
_NEXT_KEY, _OTHER_KEY, _SWAP, _DOUBLED, _MISSED = 0.6, 1.0, 0.45, 0.35, 0.8
_NO_VOWEL, _FIRST = 0.45, 0.1
# The least that a consonant costs that is not a mere breath.
_CONSONANT = 0.5


@lru_cache(maxsize=1)
def table() -> dict[str, Any]:
    """misheard.toml as it stands."""
    return tomllib.loads(resources.files("coordinator").joinpath("misheard.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def _neighbours() -> frozenset[tuple[str, str]]:
    """Pairs of keys that lie side by side."""
    rows: list[str] = table()["keyboard"]["rows"]
    places = {key: (y, x + y / 2) for y, row in enumerate(rows) for x, key in enumerate(row)}
    return frozenset(
        (a, b) for a, (y, x) in places.items() for b, (v, u) in places.items() if a != b and abs(y - v) <= 1 and
        abs(x - u) <= 1
    )


def typed(said: str, meant: str, limit: float = 9.0) -> float:
    """The cost of `said` as a slip of the fingers for `meant`, for a word of its length."""
    near, size = _neighbours(), _USUAL_LETTERS / max(len(meant), _FEW_LETTERS)
    most = limit / size
    older: list[float] = []
    before: list[float] = []
    row = [0.0]
    for j, b in enumerate(meant):
        row.append(row[-1] + _left_out(meant, j, b))
    for i, a in enumerate(said):
        older, before = before, row
        extra = _DOUBLED if i and said[i - 1] == a else _MISSED
        row = [before[0] + extra]
        for j, b in enumerate(meant):
            change = before[j] if a == b else before[j] + (_NEXT_KEY if (a, b) in near else _OTHER_KEY)
            cost = min(change, before[j + 1] + extra, row[j] + _left_out(meant, j, b))
            if i and j and a == meant[j - 1] and said[i - 1] == b and a != b:
                cost = min(cost, older[j - 1] + _SWAP)
            row.append(cost)
        if min(*row, min(before) + _SWAP) > most:
            return limit + 1
    other_first = said[:1] != meant[:1] and sorted(said[:2]) != sorted(meant[:2])
    return row[-1] * size + (_FIRST if other_first else 0.0)


def _left_out(meant: str, at: int, letter: str) -> float:
    if at and meant[at - 1] == letter:
        return _DOUBLED
    return _NO_VOWEL if at and letter in _VOWELS else _MISSED


def typed_at_least(others: int, meant: str) -> float:
    """What `typed` comes to at least where `others` letters are in only one of the two words."""
    return others * _NEXT_KEY / 2 * _USUAL_LETTERS / max(len(meant), _FEW_LETTERS)


def heard_at_least(others: int, meant: str) -> float:
    """What `between` comes to at least where `others` kinds of consonants are in only one of the two words."""
    return others * _CONSONANT * _USUAL_SOUNDS / max(len(meant), 2)


@lru_cache(maxsize=8192)
def sounds(text: str) -> str:
    """The sounds of words as letters of a small alphabet (misheard.toml), vowels in lower case; spaces do not count."""
    found = "".join(_word_sounds(word) for word in text.lower().split())
    return "".join(sound for n, sound in enumerate(found) if not n or sound != found[n - 1])


def _word_sounds(word: str) -> str:
    spelled: dict[str, str] = table()["spelling"]
    longest = max(map(len, spelled))
    rest, found = f"^{word.replace(chr(39), '')}$", ""
    at = 1
    while at < len(rest) - 1:
        for length in range(longest, 0, -1):
            here = rest[at:at + length]
            if at == 1 and (first := f"^{here}") in spelled:
                key = first
            elif (last := f"{here}$") in spelled and at + length == len(rest) - 1 and len(here) == length:
                key = last
            elif here in spelled and "$" not in here:
                key = here
            else:
                continue
            found += spelled[key]
            at += length
            break
        else:
            at += 1
    return found


def heard(said: str, meant: str, limit: float = 9.0) -> float:
    """The cost of `said` as a mishearing of `meant`; either may be more than one word."""
    return between(sounds(said), sounds(meant), limit)


def between(one: str, other: str, limit: float = 9.0) -> float:
    """The cost of the sounds `one` for the sounds `other`, for a word of its length."""
    size = _USUAL_SOUNDS / max(len(other), 2)
    most = limit / size
    missing = [_dropped(b) for b in other]
    row = [0.0]
    for cost in missing:
        row.append(row[-1] + cost)
    for a in one:
        extra, left, upper = _dropped(a), row[0], row
        cost = left + extra
        row = [cost]
        for j, b in enumerate(other):
            cost += missing[j]
            change, above = (left if a == b else left + _unlike(a, b)), upper[j + 1] + extra
            cost = min(cost, change, above)
            row.append(cost)
            left = upper[j + 1]
        if min(row) > most:
            return limit + 1
    return row[-1] * size + (_FIRST if one[:1] != other[:1] else 0.0)


@lru_cache(maxsize=64)
def _dropped(sound: str) -> float:
    costs: dict[str, float] = table()["dropped"]
    return costs.get(sound, costs["vowel"] if sound.islower() else costs["other"])


@lru_cache(maxsize=2048)
def _unlike(one: str, other: str) -> float:
    if one == other:
        return 0.0
    costs = table()["unlike"]
    for row in costs["near"]:
        if one in row and other in row:
            return float(costs["alike"])
    if one.islower() and other.islower():
        return float(costs["vowels"])
    return float(costs["mixed"] if one.islower() != other.islower() else costs["other"])
