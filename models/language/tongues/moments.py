"""Times in the units of a sentence: clock times, lengths of time, days and parts of the day become one unit each.

Rules: a time of day is told on the 24-hour clock ("um halb acht abends" is "at 19:30"); a part of the day that a clock
time has taken in is left out. Does not: decide whether there is something to wait for. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.language.tongues.fold import fold
from models.language.tongues.lexicon import Entry
from models.language.tongues.units import Unit

_UNITS = ("second", "minute", "hour", "day", "week")
_LATE = ("evening", "afternoon", "tonight", "at night", "every night")
_QUARTERS = {"viertel": 15, "quart": 15, "cuarto": 15, "demie": 30, "demi": 30, "media": 30}


def merge(units: Sequence[Unit], language: str) -> list[Unit]:
    """The units with those that tell a time put together (kind "when")."""
    found: list[Unit] = []
    at = 0
    while at < len(units):
        made = _moment(units, at, language, found)
        if made is None:
            found.append(units[at])
            at += 1
            continue
        english, length = made
        if english.startswith("-"):  # it takes in the unit before
            found.pop()
            english = english[1:]
        first, last = units[at], units[at + length - 1]
        found.append(Unit("when", english, first.text, first.start, last.end, (Entry("when", english),)))
        at += length
    return _settled(found)


def _said(units: Sequence[Unit], at: int) -> str:
    return fold(units[at].text) if 0 <= at < len(units) else ""


def _number(units: Sequence[Unit], at: int) -> float | None:
    if not 0 <= at < len(units):
        return None
    entry = units[at].get("number")
    return float(entry.english) if entry else None


def _unit(units: Sequence[Unit], at: int) -> str:
    entry = units[at].get("time") if 0 <= at < len(units) else None
    return entry.english if entry and entry.english in _UNITS else ""


def length_of(units: Sequence[Unit], at: int) -> tuple[str, int] | None:
    """A length of time at a unit -> (English, units used)."""
    if at >= len(units):
        return None
    fixed = units[at].get("time")
    if fixed and re.match(r"\d", fixed.english):
        return fixed.english, 1
    determiner = units[at].get("determiner")
    if determiner and determiner.english == "a" and at + 1 < len(units):
        inner = units[at + 1].get("time")
        if inner and re.match(r"\d", inner.english):
            return inner.english, 2
    value = 1.0 if determiner and determiner.english == "a" else _number(units, at)
    unit = _unit(units, at + 1)
    if value is None or not unit:
        return None
    used = 2
    if _said(units, at + 2) in ("et", "y", "und") and _said(units, at + 3) in ("demie", "demi", "media", "halbe"):
        value, used = value + 0.5, 4
    text = f"{value:g} {unit}{'' if value == 1 else 's'}"
    follow = at + used + (_said(units, at + used) in ("und", "et", "y"))
    more = length_of(units, follow)
    if more and _UNITS.index(_unit(units, follow + 1) or "week") < _UNITS.index(unit):
        return f"{text} and {more[0]}", follow - at + more[1]
    return text, used


def _clock(units: Sequence[Unit], at: int, language: str) -> tuple[int, int, int, bool] | None:
    """A time of day at a unit -> (hour, minute, units used, whether nothing else can be meant)."""
    if at >= len(units):
        return None
    written = units[at].get("clock")
    if written:
        hours, _, minutes = written.english.replace("h", ":").partition(":")
        used = 2 if _said(units, at + 1) in ("uhr", "horas", "heures", "h") else 1
        return int(hours), int(minutes[:2] or 0), used, True
    if language == "de":
        return _german(units, at)
    hour_said = _number(units, at)
    article = units[at].get("determiner")
    if hour_said is None and article and article.english == "a":
        hour_said = 1.0
    if hour_said is None or hour_said != int(hour_said) or not 0 <= hour_said <= 24:
        return None
    hour, minute, used, sure = int(hour_said), 0, 1, False
    if language == "fr":
        if _said(units, at + 1) not in ("heure", "heures", "h"):
            return None
        used, sure = 2, True
        if _said(units, at + used) == "moins":
            late = 15 if _said(units, at + used + 2) == "quart" else _number(units, at + used + 1)
            if late:
                return hour - 1, 60 - int(late), used + (3 if late == 15 and _said(units, at + used + 2) == "quart"
                                                         else 2), True
    if _said(units, at + used) in ("horas", "hora"):
        used, sure = used + 1, True
    joined = _said(units, at + used)
    following = _said(units, at + used + 1)
    if joined in ("et", "y") and following in _QUARTERS:
        return hour, _QUARTERS[following], used + 2, True
    if joined == "menos" and following in _QUARTERS:
        return hour - 1, 60 - _QUARTERS[following], used + 2, True
    skip = used + (joined in ("y", "et"))
    rest = _number(units, at + skip)
    if joined == "menos":
        rest = _number(units, at + used + 1)
        return (hour - 1, 60 - int(rest), used + 2, True) if rest else None
    if rest is not None and rest == int(rest) and 0 < rest < 60 and not _unit(units, at + skip + 1) and (
            language == "fr" or joined == "y"):
        return hour, int(rest), skip + 1, True
    return hour, minute, used, sure


def _german(units: Sequence[Unit], at: int) -> tuple[int, int, int, bool] | None:
    said = _said(units, at)
    if said in ("halb", "viertel", "dreiviertel"):
        skip = 1
        side = _said(units, at + 1)
        skip += side in ("nach", "vor")
        hour = _number(units, at + skip)
        if hour is None or not 1 <= hour <= 12:
            return None
        used = skip + 1 + (_said(units, at + skip + 1) == "uhr")
        if said == "halb":
            return int(hour) - 1, 30, used, True
        minute = 45 if said == "dreiviertel" or side == "vor" else 15
        before = said == "dreiviertel" or side != "nach"
        return int(hour) - before, minute, used, True
    value = _number(units, at)
    if value is None or value != int(value):
        return None
    side = _said(units, at + 1)
    minutes = side in ("minuten", "min")
    side = _said(units, at + 2) if minutes else side
    hour = _number(units, at + 2 + minutes)
    if side in ("vor", "nach") and hour is not None and 0 < value < 60 and hour <= 24:
        used = 3 + minutes + (_said(units, at + 3 + minutes) == "uhr")
        return (int(hour), int(value), used, True) if side == "nach" else (int(hour) - 1, 60 - int(value), used, True)
    if not 0 <= value <= 24:
        return None
    if side != "uhr":
        return int(value), 0, 1, False
    rest = _number(units, at + 2)
    if rest is not None and 0 < rest < 60 and not _unit(units, at + 3):
        return int(value), int(rest), 3, True
    return int(value), 0, 2, True


def _moment(units: Sequence[Unit], at: int, language: str, before: list[Unit]) -> tuple[str, int] | None:
    """The time that begins at a unit -> (English, units used)."""
    unit = units[at]
    time = unit.get("time")
    if time and time.english.startswith(("every ", "on week", "at noon", "at midnight", "at sun")):
        return time.english, 1
    if time and time.english in ("tomorrow", "tomorrow morning", "tomorrow evening", "tonight", "today"):
        follow = at + 1
        clock = _clock(units, follow, language) if language == "de" else None
        if clock and clock[3]:
            return f"{time.english} at {clock[0] % 24:02}:{clock[1]:02}", 1 + clock[2]
        return time.english, 1
    if time and time.english.startswith(("in the ", "at night")):
        return time.english, 1
    day = _days(units, at)
    if day:
        return day
    at_word = bool(time and time.english == "at") or fold(unit.text) in ("ab", "a las", "a la", "des")
    if at_word and (clock := _clock(units, at + 1, language)):
        hour, minute, used, sure = clock
        follows = units[at + 1 + used] if at + 1 + used < len(units) else None
        measured = follows is not None and follows.get("unit", "time", "noun", "name") is not None
        if follows is not None and (part := follows.get("time")) and part.english.startswith(("in the", "at night")):
            measured = False
        least = fold(unit.text) in ("um", "gegen", "a las", "a la", "vers", "sobre las")
        if sure or (least and not measured and (follows is None or follows.get("determiner") is None or True)):
            if not sure and language == "de" and any(
                    one.kind == "verb" and "turn " in one.english for one in units[:at + 4] if one.get("verb")
                    and one.get("verb").english in ("turn up", "turn down")):  # type: ignore[union-attr]
                return None
            return f"at {hour % 24:02}:{minute % 60:02}", 1 + used
    if (clock := _clock(units, at, language)) and clock[3] and not (language == "fr" and _after_length(before)) \
            and not (unit.get("number") and language != "de"):
        return f"at {clock[0] % 24:02}:{clock[1]:02}", clock[2]
    if time and time.english == "every":
        if (found := length_of(units, at + 1)):
            return f"every {found[0]}", 1 + found[1]
        if _unit(units, at + 1):
            return f"every {_unit(units, at + 1)}", 2
    if unit.get("all", "time") and fold(unit.text) in ("jede", "chaque", "cada") and _unit(units, at + 1):
        return f"every {_unit(units, at + 1)}", 2
    if fold(unit.text) in ("nach", "apres", "despues de", "al cabo de", "tras") and (found := length_of(units, at + 1)):
        return f"in {found[0]}", 1 + found[1]
    if fold(unit.text) in ("langer als", "plus de", "mas de", "mehr als") and (found := length_of(units, at + 1)):
        return f"for more than {found[0]}", 1 + found[1]
    if fold(unit.text) in ("en un", "en una") and at + 1 < len(units) and (later := units[at + 1].get("time")):
        if re.match(r"\d", later.english):
            return f"in {later.english}", 2
        if later.english in _UNITS:
            return f"in 1 {later.english}", 2
    if time and time.english in ("in", "for") and (found := length_of(units, at + 1)):
        used = 1 + found[1]
        used += _said(units, at + used) in ("lang", "lange")
        return f"{time.english} {found[0]}", used
    if (found := length_of(units, at)) and not (unit.get("determiner") and not unit.get("time") and found[1] < 2):
        following = units[at + found[1]].get("time") if at + found[1] < len(units) else None
        if following and following.english == "for" and _said(units, at + found[1]) in ("lang", "lange"):
            return f"for {found[0]}", found[1] + 1
        return f"for {found[0]}", found[1]
    return None


def _after_length(before: Sequence[Unit]) -> bool:
    time = before[-1].get("time") if before else None
    return bool(time and time.english in ("in", "for", "every"))


def _days(units: Sequence[Unit], at: int) -> tuple[str, int] | None:
    """ "jeden Montag", "am Montag und Freitag", "los lunes", "le lundi", "de lunes a viernes"."""
    begin, every = at, False
    while begin < len(units) and begin - at < 2 and not units[begin].get("day") and (
            fold(units[begin].text) in ("jeden", "am", "chaque", "tous les", "le", "los", "el", "cada", "todos los",
                                        "de", "von", "du", "an", "les", "immer", "an jedem")):
        every |= fold(units[begin].text) in ("jeden", "chaque", "tous les", "los", "cada", "todos los", "le", "les",
                                             "an jedem")
        begin += 1
    if begin >= len(units) or not (day := units[begin].get("day")):
        return None
    names, end = [day.english], begin + 1
    every |= fold(units[begin].text) in ("montags", "dienstags", "mittwochs", "donnerstags", "freitags", "samstags",
                                         "sonntags")
    while end + 1 < len(units):
        skip = end + 1
        join = fold(units[end].text)
        while skip < len(units) and fold(units[skip].text) in ("am", "le", "los", "el"):
            skip += 1
        if skip >= len(units) or not (other := units[skip].get("day")) or join not in (
                "und", "et", "y", ",", "bis", "au", "a", "al", "e"):
            break
        names.append("to" if join in ("bis", "au", "a", "al") else "and")
        names.append(other.english)
        end = skip + 1
    return f"{'every' if every else 'on'} {' '.join(names)}", end - at


def _settled(units: list[Unit]) -> list[Unit]:
    """Parts of the day taken into the clock times they belong to."""
    whens = [unit for unit in units if unit.kind == "when"]
    clock = next((unit for unit in whens if re.search(r"\bat \d\d:\d\d", unit.english)), None)
    if clock is None:
        return units
    gone: list[Unit] = []
    for unit in whens:
        late = any(word in unit.english for word in _LATE)
        if late:
            clock.english = re.sub(r"(\d\d):(\d\d)", lambda m: _later(m[1], m[2]), clock.english)
        if unit.english in ("in the morning", "in the evening", "in the afternoon", "at night", "tonight"):
            gone.append(unit)
            continue
        for part in ("evening", "night", "morning"):
            unit.english = unit.english.replace(f"tomorrow {part}", "tomorrow").replace(f"every {part}", "every day")
        if unit is clock:
            unit.english = unit.english.replace("tonight at", "at").replace("today at", "at")
    return [unit for unit in units if not any(unit is one for one in gone)]


def _later(hour: str, minute: str) -> str:
    value = int(hour)
    return f"{value + 12 if 1 <= value < 12 else value:02}:{minute}"
