"""A sentence as it is read for one Thing: its name taken out, slips mended, names put together, what is counted told.

Rules: the Thing's own name is no news, unless it is part of a name within ("fridge temperature"); "on the display" is
no part of what is shown there; "three cups" are plain numbers where cups are counted, not measured. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from device_agent import wording
from device_agent.clause import Clause, mended
from device_agent.features import stem
from device_agent.naming import unit_of
from device_agent.weighing import View
from models.language.prompt import name_words, with_name_taken
from models.language.words import canonical

_PLACE = re.compile(r"(?i)\s+(?:on|in|over|through|via|from|using)\s+(?:the|my|our|this|that)\s+"
                    r"(?P<where>[\w'-]+(?:\s+[\w'-]+){0,2})\s*[.!]?$")



@lru_cache(maxsize=256)
def _names_in(view: View) -> tuple[tuple[str, ...], ...]:
    """The words of every name of a Thing that has several."""
    names = {tuple(name_words(name)) for option in view.options
             for name in (option.label, option.title, *(slot.name for slot in option.slots))}
    return tuple(sorted((name for name in names if len(name) > 1), key=len, reverse=True))


@lru_cache(maxsize=256)
def _long_words(view: View) -> tuple[str, ...]:
    """Names of one word, which may be said in two: "hang up" of hangup."""
    return tuple({words[0] for option in view.options if len(words := name_words(option.label)) == 1
                  and len(words[0]) > 5 and words[0].isalpha()})


@lru_cache(maxsize=1024)
def _joined(word: str) -> re.Pattern[str]:
    return re.compile("(?i)\\b(?:" + "|".join(f"{word[:at]}[ -]{word[at:]}" for at in range(2, len(word) - 1)) + ")\\b")


def prepared(text: str, title: str, view: View) -> str:
    """A sentence as `read` wants it: the Thing's name taken out, unless it is part of a name within ("fridge
    temperature"); names with a "not" as one word; slips mended."""
    for word in _long_words(view):
        text = _joined(word).sub(word, text)
    taken = set(name_words(title))
    if wording.speaks(text):
        text = _without_place(text, taken, view)
    for name in _names_in(view):
        pattern = r"[\s_-]+".join(map(re.escape, name))
        if taken & set(name) and re.search(rf"(?i)\b{pattern}\b", text):
            title = ""
        if not set(name).isdisjoint(wording.table()["mood"]["not"]):
            text = re.sub(rf"(?i)\b{pattern}\b", "".join(name), text)
    return mended(with_name_taken(text, title), view.index.spoken | {"".join(name) for name in _names_in(view)})


def _without_place(text: str, title: set[str], view: View) -> str:
    """ "show welcome on the display": what shows it is no part of a text."""
    found = _PLACE.search(text)
    words = name_words(found["where"]) if found else []
    here = bool(words) and all(word in title or stem(word) in view.context for word in words)
    return text[:found.start()] if found and here and any(
        slot.type == "text" for option in view.options for slot in option.slots) else text


_OFTEN = {"once": 1, "twice": 2, "thrice": 3}
_TIMES = re.compile(r"(?i)\b(?:once|twice|thrice)\b(?!\s+(?:as|the|its))")


@lru_cache(maxsize=256)
def _counts_times(view: View) -> bool:
    """Whether an action tells how often."""
    counts = ("count", "times", "repeat", "repeats", "repetitions", "cycles")
    return any(slot.type == "number" and not set(name_words(slot.name)).isdisjoint(counts)
               for option in view.options if option.verb == "do" for slot in option.slots)


@lru_cache(maxsize=256)
def _counted(view: View) -> frozenset[str]:
    """The units that are names here: "three cups" of an argument that is called so, and has none itself."""
    return frozenset(canonical(word) for option in view.options for place, slot in enumerate(option.slots)
                     if slot.type == "number" and not unit_of(option, place) for word in name_words(slot.name)
                     if canonical(word) != word)


def counting(clause: Clause, view: View) -> Clause:
    """The clause with what is counted here as plain numbers."""
    units = _counted(view)
    if not any(number.unit in units for number in clause.numbers):
        return clause
    return Clause(clause.text, tuple(replace(number, unit="") if number.unit in units else number
                                     for number in clause.numbers))


def often(text: str, view: View) -> str:
    """ "blink twice" as "blink 2 times", where an action tells how often."""
    return _TIMES.sub(lambda found: f"{_OFTEN[found.group().lower()]} times", text) if _counts_times(view) else text
