"""Times of day in words: "half past seven", "7:30 pm", "1930 hours", "ten to eight", "half six", "noon".

Does: read one where it stands. Does not: decide whether a number is a time at all (times.py asks `is_exact`)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from coordinator import phrases
from coordinator.durations import number, word_at
from coordinator.phrases import Token, phrase_at, words

_COLON = re.compile(r"^(\d{1,2})[:.](\d{2})$")
_FOUR = re.compile(r"^([01]\d|2[0-3])([0-5]\d)$")


@dataclass(frozen=True)
class Clock:
    """A time of day, the tokens it took, and whether it is told apart from the one twelve hours later."""

    hour: int
    minute: int
    used: int
    settled: bool

    @property
    def text(self) -> str:
        return f"{self.hour:02}:{self.minute:02}"


def time_of_day(tokens: tuple[Token, ...], at: int) -> Clock | None:
    """The time of day that stands at `at`; its hour is the earlier one where that is not said."""
    found = _spoken(tokens, at)
    if found is None:
        return None
    hour, minute, used, settled = found
    used += word_at(tokens, at + used) == "oclock"
    mark = word_at(tokens, at + used)
    if mark in ("am", "pm"):
        if not 1 <= hour <= 12:
            return None
        used, settled, hour = used + 1, True, hour % 12 + (12 if mark == "pm" else 0)
    elif mark in ("noon", "midnight") and hour == 12 and not minute:
        used, settled, hour = used + 1, True, 12 if mark == "noon" else 0
    used += phrase_at(tokens, at + used, words("times.exactly"))
    if not 0 <= hour <= 24 or minute > 59:
        return None
    return Clock(hour % 24, minute, used, settled or hour > 12)


def is_exact(tokens: tuple[Token, ...], at: int, used: int) -> bool:
    """Whether a number can only be a time of day: "7:30", "six am", "noon", "half past six"."""
    said = [word_at(tokens, at + n) for n in range(used)]
    exact = ("am", "pm", "oclock", "noon", "midday", "midnight", "past", "hours")
    return ":" in said[0] or any(word in exact for word in said)


def _spoken(tokens: tuple[Token, ...], at: int) -> tuple[int, int, int, bool] | None:
    """(hour, minute, tokens used, settled) before "am", "o'clock" and the like."""
    word, named = word_at(tokens, at), phrases.table()["times"]["named"]
    if word in named:
        hour, minute = map(int, named[word].split(":"))
        return hour, minute, 1, True
    if word in ("half", "quarter") or (word == "a" and word_at(tokens, at + 1) == "quarter"):
        return _half(tokens, at, 2 if word == "a" else 1, 30 if word == "half" else 15)
    if match := _COLON.match(word):
        return int(match[1]), int(match[2]), 1, int(match[1]) > 12 or match[1].startswith("0")
    if (match := _FOUR.match(word)) and not phrase_at(tokens, at + 1, ("kelvin", "k", "lux", "watt", "watts", "ppm")):
        return int(match[1]), int(match[2]), 1 + (word_at(tokens, at + 1) in ("hours", "hrs", "h")), True
    found = number(tokens, at)
    if found is None or word in ("a", "an") or found[0] != int(found[0]):
        return None
    value, used = int(found[0]), found[1]
    side = used + (word_at(tokens, at + used) in ("minute", "minutes"))
    if word_at(tokens, at + side) in ("past", "to"):
        after = number(tokens, at + side + 1)
        if after is None or after[0] > 24 or value >= 60:
            return None
        past = word_at(tokens, at + side) == "past"
        hour, minute = (int(after[0]), value) if past else (int(after[0]) - 1, 60 - value)
        return hour, minute, side + 1 + after[1], False
    if used == 1 and not word[0].isdigit():
        zero = word_at(tokens, at + 1) in ("oh", "o")
        rest = number(tokens, at + 1 + zero)
        if rest and (1 <= rest[0] <= 9 if zero else 10 <= rest[0] < 60):
            return value, int(rest[0]), used + zero + rest[1], False
    return None if used == 2 and value > 24 else (value, 0, used, False)


def _half(tokens: tuple[Token, ...], at: int, skip: int, minute: int) -> tuple[int, int, int, bool] | None:
    """ "half past six", "a quarter to seven"; "half six" is half past six."""
    side = word_at(tokens, at + skip)
    if side in ("past", "to", "after", "before", "of"):
        hour = number(tokens, at + skip + 1)
        if hour is None or hour[0] > 24:
            return None
        early = side in ("to", "before", "of")
        if early and minute == 30:
            return None
        return (int(hour[0]) - 1, 60 - minute, skip + 1 + hour[1], False) if early else (
            int(hour[0]), minute, skip + 1 + hour[1], False
        )
    hour = number(tokens, at + skip)
    if minute != 30 or hour is None or side in ("a", "an") or not 1 <= hour[0] <= 12 or hour[0] != int(hour[0]):
        return None
    return int(hour[0]), 30, skip + hour[1], False
