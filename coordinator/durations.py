"""Numbers and lengths of time in words: "twenty five", "half an hour", "1 hour and 30 minutes"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from coordinator import phrases
from coordinator.phrases import Token, stem


def number(tokens: tuple[Token, ...], at: int) -> tuple[float, int] | None:
    """A number in digits or words at `at` -> (value, tokens used): "twenty five", "2.5", "half a", "a quarter of"."""
    table = phrases.table()["times"]["numbers"]
    word = tokens[at].word if at < len(tokens) else ""
    if re.fullmatch(r"\d+(?:[.,]\d+)?", word):
        return float(word.replace(",", ".")), 1
    if word == "half":
        return 0.5, 2 if word_at(tokens, at + 1) in ("a", "an") else 1
    if word == "a" and word_at(tokens, at + 1) in ("couple", "few"):
        return float(table[word_at(tokens, at + 1)]), 3 if word_at(tokens, at + 2) == "of" else 2
    if (word == "quarter" or (word == "a" and word_at(tokens, at + 1) == "quarter")) and "hour" in (
        word_at(tokens, at + 2),
        word_at(tokens, at + 3),
        word_at(tokens, at + 4),
    ):
        used = 1 if word == "quarter" else 2
        while word_at(tokens, at + used) in ("of", "an", "a"):
            used += 1
        return 0.25, used
    if word in ("two", "three") and stem(word_at(tokens, at + 1)) == "quarter" and "hour" in (
        word_at(tokens, at + 3),
        word_at(tokens, at + 4),
    ):
        return table[word] / 4, 2 + (word_at(tokens, at + 2) == "of") + (word_at(tokens, at + 3) in ("an", "a"))
    if word not in table or word in ("couple", "few"):
        return None
    value, used = float(table[word]), 1
    following = word_at(tokens, at + 1)
    if 20 <= value <= 90 and 1 <= table.get(following, 0) <= 9 and following not in ("a", "an"):
        return value + table[following], 2
    if following == "hundred":
        value, used = value * 100, 2
        if (rest := number(tokens, at + 2 + (word_at(tokens, at + 2) == "and"))) and word_at(tokens, at + 2) == "and":
            return value + rest[0], 3 + rest[1]
    if (
        word not in ("a", "an")
        and tokens[at + 1 : at + 4]
        and [t.word for t in tokens[at + 1 : at + 4]] == ["and", "a", "half"]
    ):
        return value + 0.5, 4
    return value, used


def duration(tokens: tuple[Token, ...], at: int) -> tuple[float, int] | None:
    """A length of time at `at` -> (seconds, tokens used): "five minutes", "half an hour", "1 hour and 30 minutes"."""
    units = phrases.table()["times"]["units"]
    found = number(tokens, at)
    if found is None:
        return None
    longer = word_at(tokens, at + found[1]) in ("more", "whole", "full", "further", "extra", "good", "long")
    found = (found[0], found[1] + longer)
    unit = word_at(tokens, at + found[1])
    seconds = units.get(unit, units.get(stem(unit)))
    if seconds is None:
        return None
    total, used = found[0] * seconds, found[1] + 1
    part = [word_at(tokens, at + used + n) for n in range(3)]
    if part in (["and", "a", "half"], ["and", "a", "quarter"]):
        return total + seconds / (2 if part[2] == "half" else 4), used + 3
    step = used + (word_at(tokens, at + used) == "and")
    if step < len(tokens) - at and (more := duration(tokens, at + step)) and more[0] < seconds:
        return total + more[0], step + more[1]
    return total, used


def misspelled(tokens: tuple[Token, ...], at: int) -> tuple[float, int] | None:
    """A length of time with a typing error in its number or unit ("tn minutes", "5 minuets"), where both are expected;
    0 seconds if nothing is near what was said."""
    table = phrases.table()["times"]
    units = {form: seconds for unit, seconds in table["units"].items() if len(unit) > 3 for form in (unit, f"{unit}s")}
    found, word = number(tokens, at), word_at(tokens, at)
    if found is not None:
        unit = _nearest(word_at(tokens, at + found[1]), units)
        return (found[0] * units[unit], found[1] + 1) if unit and word not in ("a", "an") else None
    if word_at(tokens, at + 1) not in units or not word.isalpha() or word in phrases.correct():
        return None
    meant = _nearest(word, [name for name, value in table["numbers"].items() if value and len(name) > 2])
    return (table["numbers"][meant] * units[word_at(tokens, at + 1)] if meant else 0.0), 2


def _nearest(word: str, known: Iterable[str]) -> str:
    """The only one of these that is one typing error away; "" if none or several are."""
    near = [one for one in known if phrases.distance(word, one, 1) == 1] if word.isalpha() and len(word) > 1 else []
    return near[0] if len(near) == 1 else ""


def word_at(tokens: tuple[Token, ...], at: int) -> str:
    return tokens[at].word if 0 <= at < len(tokens) else ""
