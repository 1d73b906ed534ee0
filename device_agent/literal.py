"""Texts that a sentence gives to a text that it names, as they are written: "use lab east as the label".

Rules: the text is what stands between the name and the end, or between the verb and the name, less politeness; what
holds another name or another order is no text, so that a sentence that names others too is cut where both sides say
what they give; "something" is no text either. Quotes are assigned.py's. Pure."""

from __future__ import annotations

import itertools
import re
from functools import lru_cache

from device_agent import resolve, wording
from device_agent.assigned import Given, assigned
from device_agent.clause import clause_of
from device_agent.features import stem
from device_agent.mentioned import Name, known, names_in, words_in
from device_agent.naming import is_colour, rows_of_names
from device_agent.weighing import View
from models.language.prompt import Value

_ENDS = re.compile(r"[\s,]*(?<!\w)(?:please|thanks|thank you|thank you very much|thanks a lot|right away|immediately|"
                   r"for me|if you would|if you can|when you can|now)\W*$")
_SIGNS = " .,;:!?"
_CUT = re.compile(r"(?i)\s*(?:[;.]\s+|,\s+(?:and\s+|then\s+|and then\s+)?|"
                  r"\b(?:and then|and also|and|then|plus|as well as)\b\s+)")


def literal(sentence: str, view: View) -> list[Given]:
    """The texts and whose they are, with what the sentence gives to other names; none if there is no text. Refusal if
    it is only said that there shall be one."""
    if found := _literal(sentence, view):
        return [found]
    names = names_in(sentence, view) if _has_texts(view) else []
    if len(names) < 2 or not any(_owner(name, view) for name in names) or clause_of(sentence).quotes:
        return []
    for cut in _CUT.finditer(sentence):
        sides = [_side(side, view) for side in (sentence[:cut.start()], sentence[cut.end():])]
        if all(sides):
            return [given for side in sides for given in side]
    return []


def _side(sentence: str, view: View) -> list[Given]:
    try:
        return literal(sentence, view) or assigned(sentence, view)
    except resolve.Refusal:
        return []


def _literal(sentence: str, view: View) -> Given | None:
    if not _has_texts(view) or clause_of(sentence).quotes or wording.mood(sentence) == wording.ASK:
        return None
    if found := _called(sentence, view):
        return found
    names = names_in(sentence, view)
    if not names:
        return None
    for name, (start, end) in ((names[0], _after(sentence, names[0], view)), (names[-1], _before(sentence, names[-1]))):
        owner = _owner(name, view)
        if owner is None or start >= end or any(one is not name and start < one.end and one.start < end
                                                for one in names):
            continue
        text = sentence[start:end].strip(_SIGNS)
        if text.lower() in known("texts", "vague"):
            called = sentence[name.start:name.end]
            raise resolve.Refusal("missing_value", f"There is no text for the {called}; say which.")
        if text and not _orders_more(text):
            return Given(*owner, value=Value("text", text=text))
    return None


def _called(sentence: str, view: View) -> Given | None:
    """The text of "call the run plasma batch 4", "name it winter", "the job is called side panel"."""
    called, plain = _aliases(view), sentence[:_end(sentence.lower())]
    if (found := _NAMED.match(plain)) is None:
        found = _IS_NAMED.match(plain)
        whose = called.get(found["rest"].lower()) if found else None
        return Given(*whose, value=Value("text", text=found["text"].strip(_SIGNS))) if found and whose else None
    words = found["rest"].split()
    for length in range(min(len(words) - 1, 3), -1, -1):
        whose = called.get(" ".join(words[:length]).lower())
        text = re.sub(r"^(?:as|to|with)\s+", "", " ".join(words[length:])).strip(_SIGNS)
        if whose is not None and text and not _orders_more(text):
            return Given(*whose, value=Value("text", text=text))
    return None


@lru_cache(maxsize=256)
def _aliases(view: View) -> dict[str, tuple[int, int]]:
    """What is given a name, a label or a title -> the argument that takes it."""
    found: dict[str, set[tuple[int, int]]] = {}
    for number, option in enumerate(view.options):
        if option.verb == "get" or len(option.slots) != 1 or option.slots[0].type != "text":
            continue
        for row in rows_of_names(option, 0):
            if row[-1] in known("texts", "titles"):
                alone = " ".join(row[:-1])
                for word in (alone, " ".join(row)) if alone else (" ".join(row), "it", "this", *view.context):
                    found.setdefault(word, set()).add((number, 0))
            elif option.verb == "set":
                found.setdefault(" ".join(row), set()).add((number, 0))
    return {word: next(iter(whose)) for word, whose in found.items() if len(whose) == 1}


_THE = r"(?:(?:the|this|its|my|our)\s+)?"
_NAMED = re.compile(r"(?i)^\W*(?:please\s+)?(?:(?:can|could|would) you\s+)?(?:please\s+)?(?:call|name|rename|label|"
                    rf"title|relabel|retitle|christen|dub|entitle)\s+{_THE}(?P<rest>.+)$")
_IS_NAMED = re.compile(rf"(?i)^\W*(?:let\s+|have\s+)?{_THE}(?P<rest>[\w ]{{1,30}}?)\s+"
                       r"(?:is|be|should be|shall be|must be|will be|is to be|becomes)\s+(?:now\s+)?"
                       r"(?:called|named|labelled|titled|known as)\s+(?P<text>.+)$")


@lru_cache(maxsize=256)
def _has_texts(view: View) -> bool:
    return any(slot.type == "text" for option in view.options for slot in option.slots)


def _owner(name: Name, view: View) -> tuple[int, int] | None:
    """The one argument of that name, if it is a text."""
    owners = [(option, place) for option, place in name.owners if not any(
        slot.required and other != place for other, slot in enumerate(view.options[option].slots))]
    if len(owners) != 1:
        return None
    option, place = owners[0]
    slot = view.options[option].slots[place]
    return owners[0] if slot.type == "text" and not is_colour(slot, view.options[option]) else None


def _after(sentence: str, name: Name, view: View) -> tuple[int, int]:
    """Where the text after a name stands: "set the label to lab east"."""
    low = sentence.lower()
    usual = known("around", "verbs") | known("around", "others")
    link = _links().match(low, name.end) or _bare(low, name.end)
    if link is None or any(word not in usual and stem(word) not in view.context for word in words_in(low[:name.start])):
        return 0, 0
    return link.end(), _end(low)


def _bare(low: str, end: int) -> re.Match[str] | None:
    """The gap of "set the label workshop", where what follows is nothing that is said around values."""
    gap = re.compile(r"\s+(?=[^\W_])").match(low, end)
    following = words_in(low[gap.end():])[:1] if gap else []
    usual = known("around", "others") | known("onward", "words") | known("around", "verbs")
    return gap if following and not usual & set(following) and low.startswith("set ") else None


def _before(sentence: str, name: Name) -> tuple[int, int]:
    """Where the text before a name stands: "use lab east as the label"."""
    low = sentence.lower()
    verb = _verbs().search(low)
    join = _joins().search(low, 0, name.start)
    if verb is None or join is None or low[name.end:_end(low)].strip(_SIGNS) not in ("", "text", "field", "value"):
        return 0, 0
    if any(word not in known("around", "others") for word in words_in(low[:verb.start()])):
        return 0, 0
    if not join["join"] and verb["verb"] not in ("make", "call"):
        return 0, 0
    return verb.end(), join.start()


def _end(low: str) -> int:
    end = len(low)
    while found := _ENDS.search(low, 0, end):
        end = found.start()
    return end


def _orders_more(text: str) -> bool:
    """Whether another order follows in what would be a text."""
    words = words_in(text.lower())
    verbs = known("around", "verbs") | frozenset(wording.table()["mood"]["orders"])
    return any(before in (",", ";", ".", "and", "then") and after in verbs
               for before, after in itertools.pairwise(words))


@lru_cache(maxsize=1)
def _links() -> re.Pattern[str]:
    links = "|".join(re.escape(one) for one in sorted(known("texts", "links"), key=len, reverse=True))
    return re.compile(rf"(?:\s+(?:text|field|value))?(?:\s*[:=]|\s+(?:{links})\s*:?)\s+")


@lru_cache(maxsize=1)
def _verbs() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?P<verb>{'|'.join(sorted(known('texts', 'verbs')))})\s+")


@lru_cache(maxsize=1)
def _joins() -> re.Pattern[str]:
    joins = "|".join(sorted(known("texts", "joins")))
    return re.compile(rf"\s+(?P<join>{joins}|)(?:\s+(?:the|its|it's|my|our|a|new|device's|value|of))*\s*$")
