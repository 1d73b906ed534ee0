"""Numbers and units in a sentence, found by rule so that no model has to invent them.

Does: find every number, spelled or written ("twenty-six", "2.5", "half", "a quarter of an hour"), with the unit that
follows it; convert units. Does not: decide what a number is for. The vocabulary is words.toml."""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

_TOKEN = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|[^\W\d_]+(?:'[^\W\d_]+)?|[^\w\s]|_")
# A written number that is part of a clock time, a name ("B12") or a date is not one.
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.?"
_CLOCK = re.compile(
    r"\b\d{1,2}:\d{2}(?::\d{2})?\b|\b\d{4}-\d{1,2}-\d{1,2}\b|\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b|\b\d{1,2}\s*[ap]\.?m\b|"
    rf"(?i:\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b(?:,?\s+\d{{4}})?|"
    rf"\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\s+\d{{1,2}}"
    rf"(?:st|nd|rd|th)?\b(?:,?\s+\d{{4}})?)|\b\d+(?:\.\d+){{2,}}\b")


@dataclass(frozen=True)
class Number:
    """A number that was said. `value` without its unit's scale; `unit`: canonical (words.toml) or "";
    `start`, `end`: where it stands in the text, unit included."""

    value: float
    unit: str
    start: int
    end: int
    said: str


@dataclass(frozen=True)
class Said:
    """A text and its numbers, in order."""

    text: str
    numbers: tuple[Number, ...]


@dataclass(frozen=True)
class _Token:
    start: int
    end: int
    word: str


@lru_cache(maxsize=1)
def table() -> dict[str, Any]:
    """words.toml."""
    return tomllib.loads(resources.files("models.language").joinpath("words.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def _unit_words() -> dict[tuple[str, ...], str]:
    """The words of a unit, as tokens -> its canonical name."""
    return {tuple(token.word for token in _tokens(word)): unit
            for unit, words in table()["units"].items() for word in words}


@lru_cache(maxsize=256)
def canonical(unit: str) -> str:
    """The canonical name of a unit as a Thing Description writes it ("%", "degree_celsius"), or it in lower case."""
    words = tuple(token.word for token in _tokens(unit.replace("_", " ")))
    return _unit_words().get(words, unit.lower())


def _tokens(text: str) -> list[_Token]:
    return [_Token(found.start(), found.end(), found.group().lower().replace("−", "-"))
            for found in _TOKEN.finditer(text)]


def places_of_words(text: str) -> list[tuple[str, int, int]]:
    """(word or sign in lower case, start, end) of a text, as numbers are read from."""
    return [(token.word, token.start, token.end) for token in _tokens(text)]


@lru_cache(maxsize=1024)
def normalise(text: str) -> Said:
    """Find the numbers of a text."""
    tokens = _tokens(text)
    clocks = [found.span() for found in _CLOCK.finditer(text)]
    numbers: list[Number] = []
    at = 0
    while at < len(tokens):
        found = None
        if not any(start <= tokens[at].start < end for start, end in clocks):
            found = _number(tokens, at, text)
        if found is None:
            at += 1
            continue
        number, at = found
        between = text[numbers[-1].end:number.start].strip().lower() if numbers else "?"
        joined = _compound(numbers[-1], number, text) if between in ("", "and", ",") else None
        if joined is not None:
            numbers[-1] = joined
        else:
            numbers.append(number)
    return Said(text, tuple(numbers))


def _compound(some: Number, other: Number, text: str) -> Number | None:
    """ "1 hour and 20 minutes", "2 feet 3 inches": one number in the smaller unit; None if they are two."""
    if some.unit == other.unit or some.unit not in table()["compound"]["units"] or other.value < 0:
        return None
    whole = convert(some.value, some.unit, other.unit) if other.unit in table()["compound"]["units"] else None
    if whole is None or whole < abs(some.value) or other.value >= (convert(1, some.unit, other.unit) or 0):
        return None
    value = round(whole + other.value, 6)
    return Number(_plain(value), other.unit, some.start, other.end, text[some.start:other.end])


def _plain(value: float) -> float:
    return int(value) if value == int(value) else value


def _number(tokens: list[_Token], at: int, text: str) -> tuple[Number, int] | None:
    """The number that begins at a token, and where the words go on."""
    begin, sign = at, 1.0
    word = tokens[at].word
    glued = at > 0 and tokens[at - 1].end == tokens[at].start
    if word in ("minus", "negative") or (word == "-" and not (glued and tokens[at - 1].word not in ("=", ":"))):
        if at + 1 >= len(tokens):
            return None
        sign, at, word = -1.0, at + 1, tokens[at + 1].word
        glued = False
    if glued and (tokens[at - 1].word[-1].isalnum() or tokens[at - 1].word == "_") and sign > 0:
        return None  # "B12", "gpio_4"
    part = _part(tokens, at) or _slashed(tokens, at)
    if part is not None:
        value, unit, after = part
    elif word[0].isdecimal():
        value, after = float(word.replace(",", "")), at + 1
        scale = table()["scales"].get(tokens[after].word) if after < len(tokens) else None
        if scale and tokens[after].start > tokens[after - 1].end:  # "2 thousand"
            value, after = value * scale, after + 1
        unit, after = _unit(tokens, after)
        if not unit and after < len(tokens) and tokens[after].start == tokens[after - 1].end \
                and tokens[after].word[0].isalpha():
            return None  # "2nd", "3d"
    else:
        spelled = _spelled(tokens, at)
        if spelled is None:
            return None
        value, after = spelled
        unit, after = _unit(tokens, after)
    alone = after - at == 1 and not unit and word == "one" and sign > 0
    if part is None or unit != "percent":
        value, unit, after = _and_a_half(tokens, value, unit, after)
    if alone and after - at == 1 and (tokens[begin - 1].word if begin else "") not in table()["before"]["words"]:
        return None
    if sign > 0:
        sign, after = _below_zero(tokens, sign, after)
    value *= sign
    span = slice(tokens[begin].start, tokens[after - 1].end)
    return Number(_plain(round(value, 6)), unit, span.start, span.stop, text[span]), after


def _below_zero(tokens: list[_Token], sign: float, after: int) -> tuple[float, int]:
    """ "five degrees below zero"."""
    words = [token.word for token in tokens[after:after + 2]]
    if len(words) == 2 and words[0] == "below" and words[1] in table()["before"]["zeros"]:
        return -sign, after + 2
    return sign, after


def _slashed(tokens: list[_Token], at: int) -> tuple[float, str, int] | None:
    """ "1/2", "3 / 4 of an hour" and "½": (value, unit, after)."""
    word, signs = tokens[at].word, table()["signs"]
    if word in signs:
        value, after = float(signs[word]), at + 1
    else:
        words = [token.word for token in tokens[at:at + 3]]
        if len(words) < 3 or words[1] != "/" or not (words[0].isdecimal() and words[2].isdecimal()) \
                or not 0 < int(words[0]) < int(words[2]) <= 100 or tokens[at].end != tokens[at + 1].start:
            return None
        value, after = int(words[0]) / int(words[2]), at + 3
    return _of_what(tokens, value, after)


def _part(tokens: list[_Token], at: int) -> tuple[float, str, int] | None:
    """ "half", "a quarter", "three quarters", "half an hour", "an hour": (value, unit, after)."""
    fractions, word = table()["fractions"], tokens[at].word
    following = tokens[at + 1].word if at + 1 < len(tokens) else ""
    if word == "a" and following in ("couple", "dozen"):
        of = at + 2 < len(tokens) and tokens[at + 2].word == "of"
        unit, after = _unit(tokens, at + 2 + of)
        return (2.0 if following == "couple" else 12.0), unit, (after if unit or not of else at + 2)
    times, first = 1.0, at
    if following in fractions and (word in ("a", "one") or 0 < table()["numbers"].get(word, 10) < 10):
        times, first = float(table()["numbers"].get(word, 1)), at + 1
    elif word in ("a", "an") and following:
        unit, after = _unit(tokens, at + 1)
        measured = unit and len(following) > 1 and unit not in table()["before"]["not_one"]
        return (1.0, unit, after) if measured else None
    elif word not in fractions or (word in table()["before"]["not_alone"] and not _quarter(tokens, at)):
        return None
    if tokens[first + 1:first + 3] and [token.word for token in tokens[first + 1:first + 3]] == ["a", "dozen"]:
        unit, after = _unit(tokens, first + 3)
        return 12 * fractions[tokens[first].word], unit, after
    return _of_what(tokens, times * fractions[tokens[first].word], first + 1)


def _quarter(tokens: list[_Token], at: int) -> bool:
    """Whether a quarter is one without "a": "set it to quarter"."""
    before, after = (tokens[at - 1].word if at else ""), tokens[at + 1:at + 2]
    return tokens[at].word == "quarter" and before in ("to", "at") and not (after and after[0].word.isalpha())


def _of_what(tokens: list[_Token], value: float, after: int) -> tuple[float, str, int]:
    """A fraction of the unit that follows, or of the whole, which is a percentage."""
    if after < len(tokens) and tokens[after].word in ("a", "an", "of"):
        more = after + 1
        if more < len(tokens) and tokens[more].word in ("a", "an"):
            more += 1
        unit, end = _unit(tokens, more)
        if unit and unit != "percent":
            return value, unit, end
    unit, end = _unit(tokens, after)
    if unit and unit != "percent" and len(tokens[after].word) > 1:
        return value, unit, end
    return round(value * 100, 4), "percent", after


def _spelled(tokens: list[_Token], at: int) -> tuple[float, int] | None:
    """ "twenty-six", "a hundred and five", "two point five": (value, after)."""
    numbers, scales = table()["numbers"], table()["scales"]
    if tokens[at].word == "point":
        value, after = _and_decimals(tokens, 0.0, at)
        return (value, after) if after > at else None
    total, current, seen, first = 0.0, 0.0, False, at
    while at < len(tokens):
        word = tokens[at].word
        following = tokens[at + 1].word if at + 1 < len(tokens) else ""
        if at == first and following and _by_hundreds(tokens, at):  # "two fifty"
            current, seen, at = numbers[word] * 100.0, True, at + 1
            continue
        if word in numbers and not (seen and _ends(current, numbers[word])):
            current, seen, at = current + numbers[word], True, at + 1
        elif word in scales and seen and current >= scales[word]:  # "seven hundred and three hundred" are two
            break
        elif word in scales and (seen or (at > first)):
            scaled = (current or 1) * scales[word]
            total, current = (total + scaled, 0.0) if scales[word] >= 1000 else (total, scaled)
            seen, at = True, at + 1
        elif word in scales and at == first:
            current, seen, at = float(scales[word]), True, at + 1
        elif word == "," and total and not current and following in numbers and [
                token.word for token in tokens[at + 2:at + 3]] == ["hundred"] and numbers[following] < 10:
            at += 1  # "one thousand, two hundred and five"
        elif not _joins(word, following, current or total, seen) or (
                at + 2 < len(tokens) and current >= scales.get(tokens[at + 2].word, math.inf)):
            break
        else:
            at += 1
    if not seen:
        return None
    value = total + current
    return _and_decimals(tokens, value, at)


def _and_decimals(tokens: list[_Token], value: float, at: int) -> tuple[float, int]:
    """ "two point five": the digits after the point."""
    numbers = {**table()["numbers"], "oh": 0, "o": 0}
    if at + 1 < len(tokens) and tokens[at].word in ("point", "dot") and tokens[at + 1].word in numbers:
        at, digits = at + 1, ""
        while at < len(tokens) and numbers.get(tokens[at].word, 100) < 100:
            tens = numbers[tokens[at].word]
            following = numbers.get(tokens[at + 1].word, 0) if at + 1 < len(tokens) else 0
            if tens >= 20 and tens % 10 == 0 and 0 < following < 10:  # "point twenty five"
                tens, at = tens + following, at + 1
            digits += str(tens)
            at += 1
        value += float("0." + digits)
    return value, at


def _by_hundreds(tokens: list[_Token], at: int) -> bool:
    """Whether a number is said as "two fifty" or "one eighty five"."""
    numbers = table()["numbers"]
    one, tens = numbers.get(tokens[at].word, 0), numbers.get(tokens[at + 1].word, 0)
    return 0 < one < 10 and 10 <= tens < 100 and tokens[at + 1].word != "dozen"


def _joins(word: str, following: str, current: float, seen: bool) -> bool:
    """Whether a word holds a spelled number together: "a hundred", "twenty-six", "a hundred and five"."""
    numbers = table()["numbers"]
    if word == "a":
        return not seen and following in table()["scales"]
    if following not in numbers or not seen:
        return False
    return (word == "-" and not _ends(current, numbers[following])) or (word == "and" and current >= 100)


def _ends(current: float, following: float) -> bool:
    """Whether a spelled number is over before `following`: "six seven" are two, "twenty six" is one."""
    rest = current % 100
    return current > 0 and not (rest == 0 or (rest % 10 == 0 and 20 <= rest <= 90 and following < 10))


def _and_a_half(tokens: list[_Token], value: float, unit: str, after: int) -> tuple[float, str, int]:
    """ "two and a half minutes", "an hour and a half", "one and three quarters", "2 1/2", "2½"."""
    words, fractions = [token.word for token in tokens[after: after + 3]], table()["fractions"]
    length, more = 0, 0.0
    if words and words[0] == "and" and len(words) == 3 and words[2] in fractions and words[2] != "halfway":
        times = 1 if words[1] in ("a", "one") else table()["numbers"].get(words[1], 0)
        length, more = (3, times * fractions[words[2]]) if 0 < times < 10 else (0, 0.0)
    elif not unit and words and words[0] in table()["signs"]:
        length, more = 1, table()["signs"][words[0]]
    elif not unit and len(words) == 3 and words[1] == "/" and words[0].isdecimal() and words[2].isdecimal() \
            and 0 < int(words[0]) < int(words[2]) <= 100:
        length, more = 3, int(words[0]) / int(words[2])
    if length and more < 1:
        value, after = value + more, after + length
        if not unit:
            unit, after = _unit(tokens, after)
    return value, unit, after


def _unit(tokens: list[_Token], at: int) -> tuple[str, int]:
    """The unit at a token ("" if none), and where the words go on."""
    if at < len(tokens) and tokens[at].word == "-":  # "a 5-minute pause"
        unit, after = _unit(tokens, at + 1)
        return (unit, after) if unit else ("", at)
    words = _unit_words()
    for length in (5, 4, 3, 2, 1):
        key = tuple(token.word for token in tokens[at: at + length])
        if len(key) == length and key in words and (key != ("a",) or tokens[at].start == tokens[at - 1].end):
            return words[key], at + length
    return "", at


def convert(value: float, unit: str, wanted: str, *, difference: bool = False) -> float | None:
    """`value` in another unit; None if there is no way. `difference`: a change, so offsets do not count.

    A bare number or "degrees" is taken as being in the wanted unit."""
    unit, wanted = canonical(unit), canonical(wanted)
    if not unit or unit == wanted or not wanted or (
            unit == "degree" and wanted in ("celsius", "fahrenheit", "kelvin", "degree")):
        return value
    table_ = table()["conversions"]
    if unit not in table_ or wanted not in table_ or table_[unit][0] != table_[wanted][0]:
        if {unit, wanted} == {"kelvin", "mired"} and value > 0:
            return 1_000_000 / value
        return None
    _, factor, offset = table_[unit]
    _, to_factor, to_offset = table_[wanted]
    if difference:
        offset = to_offset = 0.0
    return round((value * factor + offset - to_offset) / to_factor, 6)
