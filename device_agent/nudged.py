"""Changes said loosely, as the plain order: "bump it up to 70", "knock ten off the volume", "ease it back a bit".

Rules: a change needs a word that moves things (wording.toml, [nudge]) and a direction or an amount; what it is about is
left word for word. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from device_agent import wording
from models.language.words import normalise

_FROM = re.compile(r"(?i)\bfrom (?P<before>[\w.,%° -]{1,30}?) (?:(?:back |right )?(?:up|down) )?to (?=\S)")


def nudged(text: str) -> str:
    """A clause with a loose change in it said plainly; any other clause as it is."""
    text = _without_start(text)
    for pattern, made in _patterns():
        found = pattern.match(text)
        if found is None:
            continue
        amount = found.groupdict().get("amount")
        if amount is not None and not _is_amount(amount):
            continue
        said = {key: (value or "").strip() for key, value in found.groupdict().items()}
        return made.format(**{**said, "it": said["it"] or "it"}).strip()
    return text


def _without_start(text: str) -> str:
    """ "from eighty down to fifty" is "to fifty"."""
    found = _FROM.search(text)
    if found is None or not _is_amount(found["before"]):
        return text
    return f"{text[:found.start()]}to {text[found.end():]}"


def _is_amount(text: str) -> bool:
    """Whether a text is a number with its unit, and nothing else."""
    numbers = normalise(text).numbers
    left = text
    for number in numbers:
        left = left.replace(number.said, "", 1)
    small = {"a", "an", "another", "of", "or", "so", "by", "percent", "degree", "degrees", "points", "notches"}
    return bool(numbers) and all(word in small for word in wording.words_of(left) if word[0].isalnum())


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """(what is said, the plain order), the first that fits."""
    table = wording.table()["nudge"]
    move, off, onto, less = ("|".join(table[key]) for key in ("move", "off", "onto", "less"))
    lead = r"(?i)^\W*(?:(?:let|have|get|make) )?(?:it )?"
    it = r"(?P<it>it|its [\w ]+?|the [\w ]+?|[\w' ]+?)"
    bit = r"(?P<bit>(?: (?:a bit|a little|some|slightly|a notch|a touch|somewhat|just a bit|a good bit))?)"
    return (
        (re.compile(rf"{lead}(?:{move})(?: {it})?(?: back| right)? (?:up|down|back|over) to (?P<to>.+)$"),
         "set {it} to {to}"),
        (re.compile(rf"{lead}(?:{off}) (?P<amount>[\w.,%° -]+?) off(?: of)? (?P<it>.+)$"), "lower {it} by {amount}"),
        (re.compile(rf"{lead}(?:{off}) {it} (?:down|back) by (?P<amount>.+)$"), "lower {it} by {amount}"),
        (re.compile(rf"{lead}(?:{onto}) (?P<amount>[\w.,%° -]+?) on(?:to)? (?P<it>.+)$"), "raise {it} by {amount}"),
        (re.compile(rf"{lead}(?:{less}) (?:back|off|down)(?: on)? (?P<it>[\w' ]+?){bit}$"), "turn {it} down {bit}"),
        (re.compile(rf"{lead}(?:{less}) {it} (?:back|off|down) (?:by )?(?P<amount>.+)$"), "lower {it} by {amount}"),
        (re.compile(rf"{lead}(?:{less}) {it} (?:back|off|down){bit}$"), "turn {it} down {bit}"),
        (re.compile(rf"{lead}(?:{move}) (?P<way>up|down) (?P<it>[\w' ]+?){bit}$"), "turn {it} {way} {bit}"),
        (re.compile(rf"{lead}(?:{move}) {it} (?:right )?(?P<way>up|down){bit}$"), "turn {it} {way} {bit}"),
    )
