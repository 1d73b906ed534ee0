"""A clause said plainly: without the ways to begin an order, complaints as what they want, words as numbers. Pure."""

from __future__ import annotations

import re

from device_agent import wording
from device_agent.clause import Clause

_SWITCHING = re.compile(r"(?i)^\W*(?:shut|power|boot|fire)\s+(?P<what>(?:it|the [\w-]+)\s+)?(?P<way>down|up)\b")


def plainly(text: str) -> str:
    """A complaint as the order that it means: "it's too dark" -> "make it brighter"."""
    rules = wording.table()["talk"]
    text = _unled(text)
    words = wording.words_of(text)
    if switching := _SWITCHING.search(text):
        side = "off" if switching["way"].lower() == "down" else "on"
        return f"{text[:switching.start()]}turn {switching['what'] or ''}{side}{text[switching.end():]}"
    if not words or wording.mood(text) == wording.ASK or "?" in words or words[0] in wording.table()["mood"]["orders"]:
        return text
    for at, word in enumerate(words):
        opposite = rules["too"].get(word)
        if opposite and ("too" in words[:at] or (words[0] in rules["begins"] and at < 4)):
            return f"make it {opposite}"
        if at and word == "enough" and words[at - 1] in rules["too"] and {"not", "isn't"} & set(words[:at]):
            return f"make it {rules['enough'][words[at - 1]]}"
    return text


def _unled(text: str) -> str:
    """Without the ways to begin an order: "may I ask you to open it" -> "open it"."""
    rules, polite = wording.table()["talk"], wording.table()["mood"]["polite"]
    while True:
        low = text.lower().lstrip(" ,.")
        text = text[len(text) - len(low):]
        for lead in (*rules["leads"], *polite):
            if low.startswith(lead) and low[len(lead):len(lead) + 1] in (" ", ","):
                text = text[len(lead):].lstrip(" ,")
                break
        else:
            break
    low = text.lower()
    for lead in rules["states"]:
        if low.startswith(f"{lead} "):
            return f"make {text[len(lead):].lstrip()}"
    return text


def as_numbers(clause: Clause) -> list[str]:
    """The clause with an ordinal, or with a word that sounds like a number, as a number: where one is wanted."""
    rules, texts = wording.table()["talk"], []
    for at in reversed(range(len(clause.words))):
        word, (_, start, end) = clause.words[at], clause.found[at]
        said = str(rules["ordinals"].index(word) + 1) if word in rules["ordinals"] else ""
        if word[0].isdecimal() and word.rstrip("stndrh").isdecimal() and word[-2:] in ("st", "nd", "rd", "th"):
            said = word[:-2]
        after = clause.words[at + 1] if at + 1 < len(clause.words) else ""
        last = not after or not after[0].isalpha() or after in ("please", "percent", "degrees", "minutes", "seconds")
        if word == "one" or (word in ("a", "an") and at + 1 < len(clause.words)
                             and clause.words[at + 1] in wording.table()["talk"]["measures"]):
            said = "1"
        if word in rules["homophones"] and last and at > 0:
            said = rules["homophones"][word]
        if said:
            texts.append(f"{clause.text[:start]}{said}{clause.text[end:]}")
    return texts
