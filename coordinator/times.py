"""Times in a sentence: "at half past seven", "every day at 22:00", "in ten minutes", "for an hour".

Does: find them among tokens and say what guard they are. A time of day without "every …" fires once; `repeat`
says whether the step stays armed. Does not: know the present; "in ten minutes" comes with `now_ms` from outside."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from coordinator import phrases
from coordinator.durations import duration, number, word_at
from coordinator.phrases import Token, stem

_CLOCK = re.compile(r"^(\d{1,2})[:.](\d{2})$")
_VALUE_UNITS = frozenset(
    {"%", "percent", "per", "°", "degree", "celsius", "fahrenheit", "kelvin", "c", "f", "lux", "watt"}
)
_SETTERS = frozenset({"set", "put", "keep", "hold", "maintain", "dim", "heating", "volume", "brightness"})


@dataclass(frozen=True)
class When:
    """A time phrase: tokens [start, end) and what it means; `seconds` for "for an hour" (no guard then)."""

    start: int
    end: int
    guard: dict | None = None
    seconds: float | None = None
    repeat: bool = False
    problem: str = ""


@dataclass(frozen=True)
class Now:
    """The present, given from outside."""

    ms: int | None = None
    zone: str = "UTC"


def find(tokens: tuple[Token, ...], now: Now) -> tuple[When, ...]:
    """All time phrases of a sentence, from left to right; neighbours that belong together are one."""
    found, at = [], 0
    while at < len(tokens):
        when = _interval(tokens, at, now) or _schedule(tokens, at, now)
        if when is None:
            at += 1
            continue
        found.append(when)
        at = when.end
    return tuple(found)


def _interval(tokens: tuple[Token, ...], at: int, now: Now) -> When | None:
    """ "in ten minutes", "after an hour", "ten minutes from now", "for an hour", "every ten minutes"."""
    word = word_at(tokens, at)
    if word in ("in", "after", "within") and (found := duration(tokens, at + 1)):
        end = at + 1 + found[1]
        end += 2 if [word_at(tokens, end), word_at(tokens, end + 1)] == ["from", "now"] else 0
        return _later(at, end, found[0], now)
    if (
        word == "for"
        and word_at(tokens, at + 1) in ("the", "about", "at", "another", "over")
        and (found := duration(tokens, skip := at + 2 + (word_at(tokens, at + 2) in ("next", "least"))))
    ):
        return When(at, skip + found[1], seconds=found[0])
    if (
        word == "for"
        and [word_at(tokens, at + 1), word_at(tokens, at + 2)] in (["more", "than"], ["longer", "than"])
        and (found := duration(tokens, at + 3))
    ):
        return When(at, at + 3 + found[1], seconds=found[0])
    if word == "for" and (found := duration(tokens, at + 1)):
        return When(at, at + 1 + found[1], seconds=found[0])
    if word in ("every", "each"):
        if found := duration(tokens, at + 1):
            return When(at, at + 1 + found[1], {"every_s": _whole(found[0])}, repeat=True)
        unit = word_at(tokens, at + 1)
        units = phrases.table()["times"]["units"]
        if unit in units and unit not in ("day", "s", "h"):
            return When(at, at + 2, {"every_s": units[unit]}, repeat=True)
    if word == "hourly":
        return When(at, at + 1, {"every_s": 3600}, repeat=True)
    if found := duration(tokens, at):
        end = at + found[1]
        if word_at(tokens, end) == "later":
            return _later(at, end + 1, found[0], now)
        if [word_at(tokens, end), word_at(tokens, end + 1)] == ["from", "now"]:
            return _later(at, end + 2, found[0], now)
    return None


def _later(start: int, end: int, seconds: float, now: Now) -> When:
    if now.ms is None:
        return When(start, end, problem="I do not know what time it is now.")
    return When(start, end, {"at_ms": now.ms + int(seconds * 1000)})


def _clock(tokens: tuple[Token, ...], at: int) -> tuple[int, int, int, bool] | None:
    """A time of day at `at` -> (hour, minute, tokens used, whether am or pm is settled)."""
    word, table = word_at(tokens, at), phrases.table()["times"]
    if word in table["named"]:
        hour, minute = map(int, table["named"][word].split(":"))
        return hour, minute, 1, True
    if word in ("half", "quarter") or (word == "a" and word_at(tokens, at + 1) == "quarter"):
        skip = 2 if word == "a" else 1
        side, hour_found = word_at(tokens, at + skip), number(tokens, at + skip + 1)
        if side in ("past", "to", "after") and hour_found and hour_found[0] <= 24:
            minute = 30 if word == "half" else 15
            hour = int(hour_found[0])
            hour, minute = (hour - 1, 60 - minute) if side == "to" else (hour, minute)
            return _half_day(tokens, at, skip + 1 + hour_found[1], hour, minute)
        return None
    if match := _CLOCK.match(word):
        hour, minute = int(match[1]), int(match[2])
        return _half_day(tokens, at, 1, hour, minute, settled=hour > 12 or match[1].startswith("0"))
    found = number(tokens, at)
    if found is None or word in ("a", "an") or found[0] != int(found[0]):
        return None
    if (side := word_at(tokens, at + found[1])) in ("past", "to") or (
        side in ("minute", "minutes") and word_at(tokens, at + found[1] + 1) in ("past", "to")
    ):
        skip = found[1] + (side not in ("past", "to"))
        after = number(tokens, at + skip + 1)
        if after is None or after[0] > 24 or found[0] >= 60:
            return None
        past = word_at(tokens, at + skip) == "past"
        hour, minute = (int(after[0]), int(found[0])) if past else (int(after[0]) - 1, 60 - int(found[0]))
        return _half_day(tokens, at, skip + 1 + after[1], hour, minute)
    used, minute = found[1], 0
    if used == 1 and not word[0].isdigit() and (rest := number(tokens, at + 1)) and 10 <= rest[0] < 60:
        used, minute = used + rest[1], int(rest[0])
    if used == 2 and found[0] > 24:
        return None
    return _half_day(tokens, at, used, int(found[0]), minute)


def _half_day(
    tokens: tuple[Token, ...],
    at: int,
    used: int,
    hour: int,
    minute: int,
    settled: bool = False,
) -> tuple[int, int, int, bool] | None:
    if word_at(tokens, at + used) == "oclock":
        used += 1
    mark = word_at(tokens, at + used)
    if mark in ("am", "pm", "a.m", "p.m"):
        used, settled = used + 1, True
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if mark.startswith("p") else 0)
    if not 0 <= hour <= 24 or minute > 59:
        return None
    return hour % 24, minute, used, settled or hour > 12


def _days(tokens: tuple[Token, ...], at: int) -> tuple[tuple[str, ...], int] | None:
    """ "weekdays", "mondays and fridays", "monday to friday" at `at` -> (days, tokens used); () means each day."""
    table, word = phrases.table()["times"], stem(word_at(tokens, at))
    if word in ("weekday", "workday"):
        return tuple(table["weekday"]), 1
    if word == "weekend":
        return tuple(table["weekend"]), 1
    if word not in table["days"]:
        return None
    order, days, used = list(table["days"].values()), [table["days"][word]], 1
    while True:
        join, following = word_at(tokens, at + used), stem(word_at(tokens, at + used + 1))
        if join in ("and", ",", "or") and following in table["days"]:
            days.append(table["days"][following])
        elif join in ("to", "through", "till", "until") and following in table["days"]:
            first, last = order.index(days[-1]), order.index(table["days"][following])
            days += [order[n % 7] for n in range(first + 1, (last if last > first else last + 7) + 1)]
        else:
            return tuple(day for day in order if day in days), used
        used += 2


def _schedule(tokens: tuple[Token, ...], start: int, now: Now) -> When | None:
    """A time of day with its days, in any order: "on weekdays at seven", "at 10 pm every day", "tomorrow at 8"."""
    table = phrases.table()["times"]
    if span := _span(tokens, start):
        return When(start, span, problem="I can wait for a time of day, not for a span of hours.")
    at, clock, days, repeat, part, date = start, None, None, False, "", ""
    while at < len(tokens):
        word = word_at(tokens, at)
        following = word_at(tokens, at + 1)
        if word in ("every", "each", "on") and (found := _days(tokens, at + 1)) and days is None:
            days, repeat = found[0], word != "on" or word_at(tokens, at + 1).endswith("s") or repeat
            at += 1 + found[1]
        elif word in ("every", "each") and (following in ("day",) or following in table["parts"]):
            days, repeat, part = days or (), True, table["parts"].get(following, part)
            at += 2
        elif word in ("daily", "nightly"):
            days, repeat, at = days or (), True, at + 1
        elif (found := _days(tokens, at)) and days is None and (at > start or word_at(tokens, at + found[1]) == "at"):
            days, repeat, at = found[0], repeat or word_at(tokens, at).endswith("s"), at + found[1]
        elif word in ("tomorrow", "tonight", "today") and not date and (clock or _ahead(tokens, at + 1)):
            date, part, at = word, table["parts"].get(word, part), at + 1
        elif (
            word in ("this", "in")
            and (following in table["parts"] or (following == "the" and word_at(tokens, at + 2) in table["parts"]))
            and (clock or _ahead(tokens, at + (3 if following == "the" else 2)))
        ):
            last = word_at(tokens, at + 2) if following == "the" else following
            part, at = table["parts"][last], at + (3 if following == "the" else 2)
        elif word in ("morning", "evening", "night", "afternoon") and (date or days) and at > start:
            part, at = table["parts"][word], at + 1
        elif word in ("at", "around", "about", "@") and clock is None and following in table["unknown"]:
            return When(start, at + 2, problem=f"I have no times for {following} here; say a time of day.")
        elif (
            clock is None
            and word in ("at", "around", "@")
            and (found_clock := _clock(tokens, at + 1))
            and not _is_value(tokens, at, found_clock[2])
        ) or (
            clock is None
            and word in ("by", "for", "before")
            and (found_clock := _clock(tokens, at + 1))
            and (_is_exact(tokens, at + 1, found_clock[2]) or (word == "by" and word_at(tokens, at - 1) == "ready"))
        ):
            clock, at = found_clock, at + 1 + found_clock[2]
        elif word == "at" and following == "night" and clock:
            part, at = "pm", at + 2
        elif clock is None and (date or days is not None) and (found_clock := _clock(tokens, at)):
            clock, at = found_clock, at + found_clock[2]
        elif word == "," and clock is None and (date or days is not None) and word_at(tokens, at + 1) == "at":
            at += 1
        else:
            break
    if at == start:
        return _vague(tokens, start)
    if clock is None:
        return When(start, at, problem="Say at what time of day.") if repeat or date == "tomorrow" else None
    hour, minute, _, settled = clock
    if part == "pm" and not settled and hour < 12:
        hour += 12
    text = f"{hour:02}:{minute:02}"
    if date == "tomorrow":
        if now.ms is None:
            return When(start, at, problem="I do not know what day it is now.")
        zone = ZoneInfo(now.zone)
        day = datetime.fromtimestamp(now.ms / 1000, zone) + timedelta(days=1)
        moment = day.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return When(start, at, {"at_ms": int(moment.timestamp() * 1000)})
    guard: dict = {"at": text}
    if days:
        guard["days"] = list(days)
    return When(start, at, guard, repeat=repeat)


def _vague(tokens: tuple[Token, ...], at: int) -> When | None:
    """ "in the morning", "tonight", "tomorrow" without a time of day."""
    parts = phrases.table()["times"]["parts"]
    said = [word_at(tokens, at + n) for n in range(3)]
    length = 0
    if said[:2] == ["in", "the"] and said[2] in parts:
        length = 3
    elif (said[0] == "this" and said[1] in parts) or said[:2] == ["at", "night"]:
        length = 2
    elif said[0] in ("tonight", "tomorrow"):
        length = 1
    return When(at, at + length, problem="Say at what time of day.") if length else None


def _span(tokens: tuple[Token, ...], at: int) -> int:
    """Where "between 22:00 and 6:00" or "from 8 am to 10 am" ends; 0 if none begins at `at`."""
    if word_at(tokens, at) not in ("between", "from"):
        return 0
    first = _clock(tokens, at + 1)
    middle = at + 1 + first[2] if first else at
    if first is None or word_at(tokens, middle) not in ("and", "to", "till", "until"):
        return 0
    second = _clock(tokens, middle + 1)
    clear = ":" in word_at(tokens, at + 1) or word_at(tokens, middle - 1) in ("am", "pm", "oclock", "midnight", "noon")
    return middle + 1 + second[2] if second and (clear or word_at(tokens, middle + second[2]) in ("am", "pm")) else 0


def _ahead(tokens: tuple[Token, ...], at: int) -> bool:
    while word_at(tokens, at) in ("morning", "evening", "night", "afternoon"):
        at += 1
    return word_at(tokens, at) == "at" and _clock(tokens, at + 1) is not None


def _is_value(tokens: tuple[Token, ...], at: int, used: int) -> bool:
    """Whether the number after "at" is a setting and no time: "at 30 percent", "set the heating at 20"."""
    if stem(word_at(tokens, at + 1 + used)) in _VALUE_UNITS:
        return True
    said = word_at(tokens, at + 1)
    bare = used == 1 and (said.isdigit() or not said[0].isdigit()) and ":" not in said
    return (
        bare
        and said not in ("noon", "midday", "midnight")
        and any(token.word in _SETTERS or _warms(token, said) for token in tokens[:at])
        and not any(token.word[0].isdigit() for token in tokens[:at])
    )


def _warms(token: Token, said: str) -> bool:
    """ "heater on at 20": a number of degrees, as whoever heats takes one, rather than eight in the evening."""
    degrees = said.isdigit() and 15 <= int(said) <= 30
    return degrees and phrases.kind_words().get(token.stem, ("",))[0] == "climate"


def _is_exact(tokens: tuple[Token, ...], at: int, used: int) -> bool:
    """Whether a number can only be a time of day: "7:30", "six am", "noon"."""
    last = word_at(tokens, at + used - 1)
    return ":" in word_at(tokens, at) or last in ("am", "pm", "oclock", "noon", "midday", "midnight")


def _whole(seconds: float) -> int | float:
    return int(seconds) if seconds == int(seconds) else seconds
