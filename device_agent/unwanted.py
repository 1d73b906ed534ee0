"""What is wanted or not wanted by its name alone, as the plain order: "no more eco", "get rid of the night mode".

Rules: only where the name is a yes or no, or a choice of which one is none (wording.toml, [wanting]); the name must be
all that is said. "… with the swing on" after another order becomes a clause of its own. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from device_agent import wording
from device_agent.features import stem
from device_agent.naming import names_of
from device_agent.weighing import View
from models.language.prompt import Option, name_words


def unwanted(text: str, view: View) -> str:
    """A clause that wants or does not want something by its name, plainly; any other as it is."""
    if (option := _done(text, view)) is not None:
        return f"set {option.label} to on"
    for side, pattern in enumerate(_patterns()):
        found = pattern.match(text)
        name = found["name"] if found else ""
        while name:
            option = _called(name, view)
            if option is not None and (value := _value(option, side == 1)):
                return f"set {option.label} to {value}"
            end = next((end for end in wording.table()["wanting"]["ends"] if name.lower().endswith(f" {end}")), "")
            name = name[:-len(end) - 1] if end else ""
    return text


def _done(text: str, view: View) -> Option | None:
    """The yes or no whose name is a verb and all that is said: "keep it warm", "boost the hot water"."""
    words = [word for word in wording.words_of(text) if word[0].isalnum() and word not in _AROUND]
    if len(words) < 2 or (words[0] not in wording.table()["mood"]["orders"] and words[0] not in _ACTS):
        return None
    said = sorted(map(stem, words))
    found = [option for option in view.options if option.verb == "set" and len(option.slots) == 1
             and option.slots[0].type == "boolean" and any(sorted(row) == said for row in names_of(option, 0))]
    return found[0] if len(found) == 1 else None


_AROUND = frozenset(("it", "the", "its", "please", "now", "a", "them", "my", "our", "this"))
# Verbs in names, besides those that begin orders.
_ACTS = frozenset(("keep", "hold", "follow", "allow", "save", "hide", "show", "repeat", "protect", "guard", "invert"))


def apart(text: str, view: View) -> str:
    """The sentence with a comma before "with" and "without", where what follows is the name of a yes or no."""
    for found in reversed(list(_WITH.finditer(text))):
        if _called(found["name"], view) is not None and found.start() > 0:
            text = f"{text[:found.start()]}, {text[found.start():].lstrip()}"
    return text


_WITH = re.compile(r"(?i)(?<![,;])\s+(?:and\s+|but\s+)?(?:with|without|with no|no)\s+(?:the\s+|its\s+)?"
                   r"(?P<name>\w+(?:\s\w+)?)(?=\s*(?:$|[,.;!]|\band\b|\bplease\b))")


def _called(name: str, view: View) -> Option | None:
    """The yes or no, or the choice, that is called so, if there is one."""
    said = tuple(stem(word) for word in name_words(name))
    found = [option for option in view.options if option.verb == "set" and len(option.slots) == 1
             and option.slots[0].type in ("boolean", "choice")
             and not {said, ("".join(name_words(name)),)}.isdisjoint(names_of(option, 0))]
    return found[0] if len(found) == 1 and _value(found[0], False) else None


def _value(option: Option, wanted: bool) -> str:
    slot, rules = option.slots[0], wording.table()["wanting"]
    if slot.type == "boolean":
        return "on" if wanted else "off"
    named = [choice for choice in slot.choices if choice.lower() in rules["yes" if wanted else "none"]]
    return named[0] if len(named) == 1 else ""


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], ...]:
    """What leads to a no, and what leads to a yes."""
    rules = wording.table()["wanting"]
    return tuple(re.compile(
        rf"(?i)^\W*(?:{'|'.join(map(re.escape, sorted(rules[key], key=len, reverse=True)))})\s+"
        rf"(?:(?:the|its|it's|any|that|this|my|our|all|some)\s+)?(?P<name>[\w' -]+?)\W*$")
        for key in ("lose", "have"))
