"""Times in a sentence: "at half past seven", "every day at 22:00", "in ten minutes", "for an hour", "from 6 to 8".

Does: find them among tokens and say what guard they are. A time of day without "every …" fires once; `repeat`
says whether the step stays armed. Does not: know the present; "in ten minutes" comes with `now_ms` from outside."""

from __future__ import annotations

from dataclasses import dataclass, replace

from coordinator import phrases
from coordinator.clock import is_exact, time_of_day
from coordinator.days import NO_TIME, Now, Schedule, is_value, local, schedule
from coordinator.durations import duration, misspelled, number, word_at
from coordinator.phrases import Token, phrase_at, words

__all__ = ["NO_SPAN", "Now", "When", "duration", "find", "local", "number", "time_of_day"]

NO_SPAN = "I can wait for a time of day, not for a span of hours."
_NO_LENGTH = "Say for how long."
_NO_UNIT = "Say whether in minutes or in hours."
_ENDS = frozenset({"", ",", ".", "please", "and", "!", "then"})
_NO_MOMENT = "Say when: at what time of day, or in how many minutes."


@dataclass(frozen=True)
class When:
    """A time phrase: tokens [start, end) and what it means; `seconds` for "for an hour" (no guard then); `until`: the
    guard that ends what the first begins; `settled`: morning or evening was said."""

    start: int
    end: int
    guard: dict | None = None
    seconds: float | None = None
    repeat: bool = False
    problem: str = ""
    until: dict | None = None
    settled: bool = True

    @property
    def idle(self) -> bool:
        """Whether it only says that it is about now ("tonight")."""
        return self.guard is None and self.seconds is None and not self.problem


def find(tokens: tuple[Token, ...], now: Now) -> tuple[When, ...]:
    """All time phrases of a sentence, from left to right; neighbours that belong together are one."""
    found: list[When] = []
    parts: dict[int, Schedule] = {}
    at = 0
    while at < len(tokens):
        when = span(tokens, at) or _interval(tokens, at, now)
        if when is None and (part := schedule(tokens, at, now)):
            guard, problem = part.meaning(now)
            when = When(at, part.end, guard, repeat=part.repeat, problem=problem, settled=part.settled)
            parts[len(found)] = part
        when = when or _vague(tokens, at)
        if when is None:
            at += 1
            continue
        found.append(when)
        at = when.end
    return tuple(_merged(tokens, found, parts, now))


def _merged(tokens: tuple[Token, ...], found: list[When], parts: dict[int, Schedule], now: Now) -> list[When]:
    """Days said in one place and the time of day in another ("on mondays start rosie at ten") are one."""
    open_ = [at for at, part in parts.items() if part.clock is None]
    spans = [at for at, when in enumerate(found) if when.until is not None]
    if len(open_) == 1 and len(spans) == 1 and parts[open_[0]].days is not None:
        return _every(found, found[open_[0]], found[spans[0]], parts[open_[0]])
    timed = [at for at, part in parts.items() if part.clock is not None and not part.dated]
    if len(open_) != 1 or len(timed) != 1:
        return found
    one, other = found[open_[0]], found[timed[0]]
    between = tokens[min(one.end, other.end) : max(one.start, other.start)]
    if any(token.word in ("and", "then", ";", ".") for token in between):
        return found
    both = parts[timed[0]].with_days(parts[open_[0]])
    guard, problem = both.meaning(now)
    merged = replace(other, guard=guard, repeat=both.repeat, problem=problem)
    return [When(one.start, one.end) if when is one else merged if when is other else when for when in found]


def _every(found: list[When], days: When, hours: When, part: Schedule) -> list[When]:
    """A span of hours on the days that were said."""
    on = {"days": list(part.days)} if part.days else {}
    begin, end = ({**guard, **on} for guard in (hours.guard or {}, hours.until or {}))
    both = replace(hours, guard=begin, until=end, repeat=part.repeat)
    return [When(days.start, days.end) if when is days else both if when is hours else when for when in found]


def _interval(tokens: tuple[Token, ...], at: int, now: Now) -> When | None:
    """ "in ten minutes", "after an hour", "ten minutes from now", "for an hour", "every ten minutes"."""
    word = word_at(tokens, at)
    if word in ("in", "after", "within") and (found := _length(tokens, at + 1)):
        end = at + 1 + found[1]
        end += 2 if [word_at(tokens, end), word_at(tokens, end + 1)] == ["from", "now"] else 0
        end += word_at(tokens, end) in ("time", "'")
        return _later(at, end, found[0], now)
    if word == "for" and (found := _length(tokens, at + 1)):
        return When(at, at + 1 + found[1], seconds=found[0] or None, problem="" if found[0] else _NO_LENGTH)
    if waits := phrase_at(tokens, at, words("times.wait")):
        if found := _length(tokens, at + waits):
            end = at + waits + found[1]
            end += word_at(tokens, end) == ","
            end += word_at(tokens, end) in ("and", "then", "before")
            end += word_at(tokens, end) == "then"
            return _later(at, end, found[0], now)
        return None
    if word == "in" and (amount := number(tokens, at + 1)) and word_at(tokens, at + 1 + amount[1]) in _ENDS:
        return When(at, at + 1 + amount[1], problem=_NO_UNIT) if word_at(tokens, at + 1) not in ("a", "an") else None
    if word == "once" and word_at(tokens, at + 1) in ("a", "an", "every", "per"):
        seconds = phrases.table()["times"]["units"].get(word_at(tokens, at + 2), 0)
        return When(at, at + 3, {"every_s": seconds}, repeat=True) if 1 < seconds < 86400 else None
    if word in ("every", "each"):
        if found := duration(tokens, at + 1):
            return When(at, at + 1 + found[1], {"every_s": _whole(found[0])}, repeat=True)
        unit, units = word_at(tokens, at + 1), phrases.table()["times"]["units"]
        if unit in units and unit not in ("day", "s", "h", "week"):
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


def _length(tokens: tuple[Token, ...], at: int) -> tuple[float, int] | None:
    """A length of time after "in" or "for", with words like "about", "the next" before and "or so" behind."""
    first = at
    while at < len(tokens) and (skip := phrase_at(tokens, at, words("times.about"))):
        at += skip
    found = duration(tokens, at)
    if found is None and at > first and word_at(tokens, at - 1) in ("next", "the", "another"):
        units = phrases.table()["times"]["units"]
        unit = units.get(word_at(tokens, at))
        found = (float(unit), 1) if unit else None
    found = found or misspelled(tokens, at)
    if found is None:
        return None
    end = at + found[1]
    end += 2 if [word_at(tokens, end), word_at(tokens, end + 1)] == ["or", "so"] else 0
    return found[0], end - first


def _later(start: int, end: int, seconds: float, now: Now) -> When:
    if not seconds:
        return When(start, end, problem=_NO_MOMENT)
    if now.ms is None:
        return When(start, end, problem="I do not know what time it is now.")
    return When(start, end, {"at_ms": now.ms + int(seconds * 1000)})


def _vague(tokens: tuple[Token, ...], at: int) -> When | None:
    """ "in the morning", "later", "for a while": a time that must still be said; "tonight" means now."""
    parts = phrases.table()["times"]["parts"]
    said = [word_at(tokens, at + n) for n in range(3)]
    if length := phrase_at(tokens, at, words("times.present")):
        asks = any(token.word in words("words.question") | {"will", "do"} for token in tokens[:2])
        return When(at, at + length, problem=NO_TIME if asks else "")
    if length := phrase_at(tokens, at, words("times.some_time")):
        exact = schedule(tokens, at + length, Now())
        return When(at, at + length, problem="" if exact is not None and exact.clock else _NO_MOMENT)
    if length := phrase_at(tokens, at, words("times.some_length")):
        return When(at, at + length)
    length = 0
    if said[:2] == ["in", "the"] and said[2] in parts:
        length = 3
    elif (said[0] == "this" and said[1] in parts) or said[:2] == ["at", "night"]:
        length = 2
    elif said[0] == "tomorrow":
        length = 1
    return When(at, at + length, problem=NO_TIME) if length else None


def span(tokens: tuple[Token, ...], at: int) -> When | None:
    """ "between 22:00 and 6:00", "from 6 to 8": what begins at the first and ends at the second."""
    if word_at(tokens, at) not in ("between", "from"):
        return None
    joints = ("and", "to", "till", "until", "-")
    middle = next((n for n in range(at + 2, min(at + 7, len(tokens))) if tokens[n].word in joints), at)
    first = time_of_day(tokens[:middle], at + 1)
    if first is None or at + 1 + first.used != middle:
        return None
    second = time_of_day(tokens, middle + 1)
    if second is None:
        return None
    exact = is_exact(tokens, at + 1, first.used) or is_exact(tokens, middle + 1, second.used)
    clear = exact or first.used + second.used > 2
    if not clear and (is_value(tokens, at, first.used) or is_value(tokens, middle, second.used)):
        return None
    end = middle + 1 + second.used
    last = word_at(tokens, end - 1)
    parts = phrases.table()["times"]["parts"]
    if word_at(tokens, end) == "in" and word_at(tokens, end + 1) == "the" and word_at(tokens, end + 2) in parts:
        last, end = parts[word_at(tokens, end + 2)], end + 3
        if last == "pm" and not second.settled and second.hour < 12:
            second = replace(second, hour=second.hour + 12, settled=True)
    if last == "pm" and not first.settled and first.hour < 12 and first.hour <= second.hour - 12:
        first = replace(first, hour=first.hour + 12)
    if not second.settled and second.hour < 12 and (second.hour, second.minute) <= (first.hour, first.minute):
        later = second.hour + 12
        second = replace(second, hour=later if (later, second.minute) > (first.hour, first.minute) else second.hour)
    return When(at, end, {"at": first.text}, until={"at": second.text})


def _whole(seconds: float) -> int | float:
    return int(seconds) if seconds == int(seconds) else seconds
