"""A time of day with its days, in any order: "on weekdays at seven", "at 10 pm every day", "tomorrow at 8".

Does: read what stands together and say what guard it is. What comes back other than on days of the week (on a date,
every second day) cannot be kept and says so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from coordinator import phrases
from coordinator.clock import Clock, is_exact, time_of_day
from coordinator.durations import number, word_at
from coordinator.phrases import Token, phrase_at, stem, words

NO_TIME = "Say at what time of day."
NO_DATE = "I can repeat on days of the week, not on a date or every second day; say on which days."
_NO_DAY = "I do not know what day it is now."
_VALUE_UNITS = frozenset(
    {"%", "percent", "per", "°", "degree", "celsius", "fahrenheit", "kelvin", "k", "c", "f", "lux", "watt", "ppm"}
)
_SETTERS = frozenset({"set", "put", "keep", "hold", "maintain", "dim", "heating", "volume", "brightness"})


@dataclass(frozen=True)
class Now:
    """The present, given from outside."""

    ms: int | None = None
    zone: str = "UTC"


def local(now: Now) -> datetime:
    """The present by the clock on the wall; only where it is known."""
    assert now.ms is not None
    return datetime.fromtimestamp(now.ms / 1000, ZoneInfo(now.zone))


@dataclass(frozen=True)
class Schedule:
    """What was said of a time, up to token `end`. `days`: () means each day, None that none was said; `part`: am or pm;
    `ahead`: in how many days; `date`: (month, day)."""

    end: int
    clock: Clock | None = None
    days: tuple[str, ...] | None = None
    repeat: bool = False
    part: str = ""
    ahead: int = 0
    date: tuple[int, int] | None = None
    problem: str = ""

    @property
    def dated(self) -> bool:
        return self.days is not None or bool(self.ahead) or self.date is not None

    @property
    def settled(self) -> bool:
        return self.clock is None or self.clock.settled or bool(self.part)

    def with_days(self, other: Schedule) -> Schedule:
        """This time of day on the days of another."""
        return replace(
            self,
            days=other.days,
            repeat=self.repeat or other.repeat,
            part=self.part or other.part,
            ahead=other.ahead,
            date=other.date,
            problem=self.problem or other.problem,
        )

    def meaning(self, now: Now) -> tuple[dict | None, str]:
        """The guard, or why there is none."""
        if self.problem:
            return None, self.problem
        if self.clock is None:
            return None, NO_TIME
        hour = self.clock.hour + 12 * (self.part == "pm" and not self.clock.settled and self.clock.hour < 12)
        if self.ahead or self.date:
            if now.ms is None:
                return None, _NO_DAY
            return {"at_ms": self._moment(local(now), hour)}, ""
        guard: dict = {"at": f"{hour:02}:{self.clock.minute:02}"}
        if self.days:
            guard["days"] = list(self.days)
        return guard, ""

    def _moment(self, now: datetime, hour: int) -> int:
        assert self.clock is not None
        moment = now.replace(hour=hour, minute=self.clock.minute, second=0, microsecond=0) + timedelta(days=self.ahead)
        if self.date is not None:
            month, day = self.date
            moment = moment.replace(month=month, day=day)
            if moment <= now:
                moment = moment.replace(year=moment.year + 1)
        return int(moment.timestamp() * 1000)


def schedule(tokens: tuple[Token, ...], start: int, now: Now) -> Schedule | None:
    """The time of day, the days, or both, that begin at `start`."""
    said = Schedule(start)
    while said.end < len(tokens):
        more = _date(tokens, said, now) or _day(tokens, said, start) or _part(tokens, said, start)
        more = more or _clock(tokens, said, start)
        if more is None:
            if word_at(tokens, said.end) == "," and said.clock is None and said.dated and said.end > start:
                after = _clock(tokens, replace(said, end=said.end + 1), start)
                if after is not None and word_at(tokens, said.end + 1) == "at":
                    said = after
                    continue
            break
        said = more
    if said.end == start:
        return None
    open_ = said.clock is None and not said.problem
    return None if open_ and not said.repeat and not said.ahead and not said.date and said.days is None else said


def _day(tokens: tuple[Token, ...], said: Schedule, start: int) -> Schedule | None:
    """ "every monday", "on weekdays", "daily", "tomorrow", "today" behind a time or before one."""
    at, word, following = said.end, word_at(tokens, said.end), word_at(tokens, said.end + 1)
    parts = phrases.table()["times"]["parts"]
    if said.days is None:
        skip = phrase_at(tokens, at, words("times.on_days"))
        if skip and (found := _days(tokens, at + skip)):
            plural = word_at(tokens, at + skip).endswith("s") or " " in " ".join(found[0][1:])
            once = word in ("this", "next", "coming") or word_at(tokens, at + 1) in ("this", "next", "coming")
            end = at + skip + found[1]
            repeat = (word in ("every", "each", "during") or plural or len(found[0]) > 1) and not once
            return _also_part(tokens, replace(said, end=end, days=found[0], repeat=repeat or said.repeat))
        first = at > start or at == 0 or word_at(tokens, at - 1) in ("and", ",", "on", "off", "please")
        if (found := _days(tokens, at)) and (first or phrase_at(tokens, at + found[1], ("at", "around"))):
            repeat = word.endswith("s") or word in ("weekday", "weekend")
            repeat = repeat or len(found[0]) > 1
            return _also_part(tokens, replace(said, end=at + found[1], days=found[0], repeat=repeat or said.repeat))
        if word == "nightly":
            return replace(said, end=at + 1, days=(), repeat=True, part="pm")
        if length := phrase_at(tokens, at, words("times.every_day")):
            return replace(said, end=at + length, days=(), repeat=True)
        if word in ("every", "each") and following in phrases.table()["times"]["named"]:
            return replace(said, end=at + 2, days=(), repeat=True, clock=time_of_day(tokens, at + 1))
        if word in ("every", "each") and stem(following) in parts:
            part = parts.get(stem(following), said.part)
            return replace(said, end=at + 2, days=(), repeat=True, part=part)
        if stem(word) in parts and word.endswith("s") and said.end > start:
            return replace(said, end=at + 1, days=(), repeat=True, part=parts[stem(word)])
    if word == "tomorrow" and not said.ahead:
        return _also_part(tokens, replace(said, end=at + 1, ahead=1))
    if (length := phrase_at(tokens, at, ("the day after tomorrow", "day after tomorrow"))) and not said.ahead:
        return _also_part(tokens, replace(said, end=at + length, ahead=2))
    if word in ("tonight", "today") and (said.clock or _clock(tokens, replace(said, end=at + 1), at, bare=True)):
        return replace(said, end=at + 1, part=parts.get(word, said.part))
    return None


def _also_part(tokens: tuple[Token, ...], said: Schedule) -> Schedule:
    """ "tomorrow morning", "monday evenings": the part of the day behind its name."""
    word = stem(word_at(tokens, said.end))
    part = phrases.table()["times"]["parts"].get(word) if word not in ("noon", "tonight") else None
    if part is None:
        return said
    repeat = said.repeat or (word_at(tokens, said.end).endswith("s") and said.days is not None)
    return replace(said, end=said.end + 1, part=part, repeat=repeat)


def _part(tokens: tuple[Token, ...], said: Schedule, start: int) -> Schedule | None:
    """ "in the evening", "this morning", "at night" beside a time of day."""
    at, parts = said.end, phrases.table()["times"]["parts"]
    word, following = word_at(tokens, at), word_at(tokens, at + 1)
    length = 3 if following == "the" else 2
    last = word_at(tokens, at + length - 1)
    if word in ("this", "in") and last in parts and last != "noon":
        beyond = replace(said, end=at + length)
        if said.clock or said.dated or _clock(tokens, beyond, at, bare=True):
            return replace(beyond, part=parts[last])
    if word == "at" and following == "night" and said.clock:
        return replace(said, end=at + 2, part="pm")
    if word in ("morning", "evening", "night", "afternoon") and said.clock and at > start:
        return replace(said, end=at + 1, part=parts[word])
    return None


def _clock(tokens: tuple[Token, ...], said: Schedule, start: int, bare: bool = False) -> Schedule | None:
    """A time of day after "at", "by", "around"; bare beside days, or where it can be nothing else."""
    if said.clock is not None:
        return None
    at, word = said.end, word_at(tokens, said.end)
    length = 0 if _spans(tokens, at) else phrase_at(tokens, at, words("times.at"))
    skip = at + length
    skip += phrase_at(tokens, skip, words("times.about")) if length else 0
    unknown = phrases.table()["times"]["unknown"]
    if length and word != "for" and word_at(tokens, skip + (word_at(tokens, skip) == "the")) in unknown:
        named = word_at(tokens, skip)
        return replace(said, end=skip + 1, problem=f"I have no times for {named} here; say a time of day.")
    found = time_of_day(tokens, skip) if length else None
    if found is not None:
        exact = is_exact(tokens, skip, found.used)
        weak = word in ("by", "for", "before", "from")
        by_then = word == "by" and word_at(tokens, at - 1) == "ready"
        if (exact or by_then) if weak else (exact or not is_value(tokens, skip - 1, found.used)):
            return replace(said, end=skip + found.used, clock=found)
    elif (found := time_of_day(tokens, at)) is not None:
        beside = said.dated or said.part
        alone = _alone(tokens, at, found.used)
        if beside or alone or (bare and is_exact(tokens, at, found.used)):
            return replace(said, end=at + found.used, clock=found)
    return None


def _spans(tokens: tuple[Token, ...], at: int) -> bool:
    """Whether "from" at `at` begins a span of hours."""
    if word_at(tokens, at) != "from":
        return False
    return any(
        word_at(tokens, end) in ("to", "till", "until", "-") and time_of_day(tokens, end + 1)
        for end in range(at + 2, at + 6)
    )


def _alone(tokens: tuple[Token, ...], at: int, used: int) -> bool:
    """Whether "7:15" or "7 am" stands for a time without a word before it."""
    marked = ":" in word_at(tokens, at) or word_at(tokens, at + used - 1) in ("am", "pm", "oclock")
    before = word_at(tokens, at - 1)
    return marked and before not in ("to", "by", "than", "until", "till", "from", "between", "after", "before", "past")


def _days(tokens: tuple[Token, ...], at: int) -> tuple[tuple[str, ...], int] | None:
    """ "weekdays", "mondays and fridays", "monday to friday" at `at` -> (days, tokens used)."""
    table = phrases.table()["times"]
    if length := phrase_at(tokens, at, ("weekday", "weekdays", "workday", "workdays", "working days", "week days")):
        return tuple(table["weekday"]), length
    if length := phrase_at(tokens, at, ("weekend", "weekends", "week ends")):
        return tuple(table["weekend"]), length
    names = {**table["days"], **table["days_short"]}
    word = stem(word_at(tokens, at))
    if word not in names:
        return None
    order, days, used = list(table["days"].values()), [names[word]], 1
    while True:
        join = word_at(tokens, at + used)
        skip = used + 1 + (join == "," and word_at(tokens, at + used + 1) == "and")
        following = stem(word_at(tokens, at + skip))
        if stem(join) in names:
            skip, following = used, stem(join)
            days.append(names[following])
        elif join in ("and", ",", "or", "&") and following in names:
            days.append(names[following])
        elif join in ("to", "through", "till", "until", "-") and following in names:
            first, last = order.index(days[-1]), order.index(names[following])
            days += [order[n % 7] for n in range(first + 1, (last if last > first else last + 7) + 1)]
        else:
            short = used == 1 and word not in table["days"] and word_at(tokens, at - 1) not in ("on", "every", "each")
            return None if short else (tuple(day for day in order if day in days), used)
        used = skip + 1


def _date(tokens: tuple[Token, ...], said: Schedule, now: Now) -> Schedule | None:
    """ "on the 24th of december"; "every other day", "on the first of the month" cannot be kept."""
    at = said.end
    if length := phrase_at(tokens, at, words("times.no_days")):
        return replace(said, end=at + length, problem=NO_DATE, repeat=True)
    skip = at + (word_at(tokens, at) == "on")
    skip += word_at(tokens, skip) == "the"
    table, first = phrases.table()["times"], skip + (skip == at)
    often = word_at(tokens, at) in ("every", "each", "the", "on") and word_at(tokens, first) in table["ordinals"]
    if often and stem(word_at(tokens, first + 1)) in table["days"]:
        end = first + 2
        of = phrase_at(tokens, end, ("of the month", "of every month", "of each month", "in the month", "each month"))
        return replace(said, end=end + of, problem=NO_DATE, repeat=True)
    months, ordinals = phrases.table()["times"]["months"], phrases.table()["times"]["ordinals"]
    if (month := months.get(word_at(tokens, skip))) and (day := number(tokens, skip + 1)) and day[0] <= 31:
        end = skip + 1 + day[1]
        end += word_at(tokens, end) in ("st", "nd", "rd", "th")
        return replace(said, end=end, date=(month, int(day[0]))) if skip > at else None
    counted = number(tokens, skip)
    nth = int(counted[0]) if counted else ordinals.get(word_at(tokens, skip), 0)
    end = skip + (counted[1] if counted else 1)
    end += word_at(tokens, end) in ("st", "nd", "rd", "th")
    if not 1 <= nth <= 31 or word_at(tokens, end) != "of":
        return None
    if phrase_at(tokens, end + 1, ("the month", "every month", "each month")):
        return replace(said, end=end + 3, problem=NO_DATE, repeat=True)
    month = months.get(word_at(tokens, end + 1))
    return replace(said, end=end + 2, date=(month, min(nth, 28 if month == 2 else 31))) if month else None


def is_value(tokens: tuple[Token, ...], at: int, used: int) -> bool:
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
