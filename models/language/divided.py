"""How a run of number words divides into so many numbers: "eight hundred and thirty three" are one, or 800 and 33.

Rules: every word belongs to a number or parts two; a number reaches over a comma only after thousands; parting at a
comma or an "and" is better than without one, and at an "and" before others than the last is worse. Pure."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from models.language.words import Number, normalise, places_of_words

SIGNS = frozenset((",", "&", ";"))
PARTING = frozenset((*SIGNS, "and", "or", "then"))
# What parting costs: at a sign, at "and" before more numbers, where nothing parts.
AT_SIGN, AT_AND, AT_NOTHING = 0.0, 0.1, 1.0
# What it costs that a number reaches over a comma.
AT_COMMA = 0.05
WORDS_MAX = 64


def divided(text: str, start: int, end: int, count: int) -> tuple[Number, ...]:
    """The numbers of text[start:end] if there shall be `count`; none if it does not divide so."""
    words = [(word, begin + start, stop + start) for word, begin, stop in places_of_words(text[start:end])]
    if not 0 < count <= len(words) <= WORDS_MAX:
        return ()
    best: dict[tuple[int, int], tuple[float, tuple[Number, ...]]] = {}

    def from_word(at: int, left: int) -> tuple[float, tuple[Number, ...]]:
        """The cheapest way to read the words from `at` on as `left` numbers."""
        if left == 0 or at >= len(words):
            return (0.0, ()) if left == 0 and at >= len(words) else (float("inf"), ())
        if (at, left) in best:
            return best[at, left]
        found: tuple[float, tuple[Number, ...]] = (float("inf"), ())
        for stop in range(at + 1, len(words) + 1):
            if words[stop - 1][0] in SIGNS:
                if stop > at + 1 and words[stop - 1][0] == "," and words[stop - 2][0] == "thousand":
                    continue
                break
            number = _one(text[words[at][1]:words[stop - 1][2]])
            if number is None:
                continue
            after, cost, over = stop, 0.0, AT_COMMA * any(word == "," for word, _, _ in words[at:stop])
            while after < len(words) and words[after][0] in PARTING:
                after += 1
            if after < len(words):
                signs = {word for word, _, _ in words[stop:after]}
                cost = AT_NOTHING if not signs else AT_SIGN if signs & SIGNS else AT_AND * (left > 2)
            elif after > stop:
                continue
            rest, others = from_word(after, left - 1)
            if cost + over + rest < found[0]:
                start_at = words[at][1]
                found = cost + over + rest, (replace(number, start=start_at, end=start_at + number.end), *others)
        best[at, left] = found
        return found

    return from_word(0, count)[1]


@lru_cache(maxsize=4096)
def _one(text: str) -> Number | None:
    """The number that a text is, from its first letter to its last."""
    before = "to "  # "one" after nothing is no number
    numbers = normalise(before + text).numbers
    if len(numbers) != 1 or numbers[0].start != len(before) or numbers[0].end != len(before) + len(text):
        return None
    return Number(numbers[0].value, numbers[0].unit, 0, len(text), text)
