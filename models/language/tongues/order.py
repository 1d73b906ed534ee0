"""One clause in English: its verb first, then whom it is about, then the value, then the time.

Does: find the verb and its particle wherever they stand, choose the English verb by what it acts on ("baisser" a blind
is to lower it, the volume to turn it down), word questions and conditions. Does not: split sentences. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from models.language.tongues.clauses import Part, verb_of
from models.language.tongues.fold import fold
from models.language.tongues.inflect import FINITE
from models.language.tongues.lexicon import Entry, lexicon
from models.language.tongues.nouns import phrase
from models.language.tongues.taking import Taken, noun_after, take, value_at
from models.language.tongues.units import Unit

_COVERS = ("blind", "shutter", "curtain", "awning", "garage door", "gate", "screen", "lift", "desk", "bed", "arm",
           "rollladen", "jalousie", "rollo", "store", "volet", "persiana", "toldo", "rideau", "cortina", "vorhang")
_LIGHTS = ("light", "lamp", "spotlight", "strip", "bulb", "lampe", "licht", "lumière", "luz", "lámpara", "chandelier")
_MUSIC = ("music", "song", "playlist", "album", "podcast", "radio", "news", "film")
_DRINKS = ("coffee", "tea")
_COMPARED = ("brighter", "darker", "warmer", "cooler", "louder", "quieter", "faster", "slower", "higher", "lower")
_ORDERED = {"on": "turn on", "off": "turn off", "open": "open", "closed": "close", "locked": "lock",
            "unlocked": "unlock", "muted": "mute", "paused": "pause", "stopped": "stop", "running": "start",
            "armed": "arm", "disarmed": "disarm", "dimmed": "dim"}
_OPENING = tuple('"«„“')


def english_verb(part: Part, language: str) -> tuple[str, frozenset[int], Entry | None]:
    """The English verb of a clause ("" if it has none), the places of the verb and its particle, and the verb."""
    units, frames = part.units, lexicon(language).frames
    at = next((place for place in range(len(units)) if (one := verb_of(units, place)) and not (
        one.use == FINITE and language != "de")), None)
    if at is None:
        for place in range(len(units) - 1, -1, -1):
            entry = next((one for one in units[place].entries if one.kind == "particle" and one.english), None)
            if entry and units[place].kind not in ("name", "noun") and not (
                    noun_after(units, place, language, frozenset()) or value_at(units, place, frozenset())):
                return entry.english, frozenset({place}), None
        return "", frozenset(), None
    verb = verb_of(units, at)
    assert verb is not None
    english, places = verb.english, {at}
    if verb.lemma:
        frame = frames.get(f"verb {verb.lemma}", {})
        english = frame.get("", english)
        particle = _particle(units, at, frame, language)
        if particle is not None:
            english = frame[units[particle].text.lower()]
            places.add(particle)
    return english, frozenset(places), verb


def _particle(units: Sequence[Unit], verb: int, frame: dict[str, str], language: str) -> int | None:
    """Where the particle of a verb stands, or None."""
    for place in range(len(units) - 1, -1, -1):
        said = units[place].text.lower()
        if place == verb or not said or said not in frame:
            continue
        after = units[place + 1] if place + 1 < len(units) else None
        if after is not None and units[place].get("preposition", "determiner", "towards") and (
                after.get("number", "determiner", "noun", "all", "value") or after.kind in ("name", "unknown")):
            continue
        return place
    return None


def order(part: Part, language: str, inherited: str = "", text: str = "") -> tuple[str, str]:
    """An order in English, and its verb (for the clause after it); `text`: the sentence, for what is copied."""
    english, places, verb = english_verb(part, language)
    units = list(part.units)
    if verb and language == "de":
        at = min(places)
        if "infinitive" in verb.use and at + 1 < len(units) and fold(units[at + 1].text) == "sie":
            places |= {at + 1}
    if english in ("set", "make") and _plays(units, places):
        english = "play"
    if english in ("play", "say", "announce", "speak", "show", "print"):
        units, places = _free(units, places, language, english, text)
    taken = take(units, language, places)
    told = next((entry.english for unit in units if (entry := unit.get("tell"))), "")
    if told:
        pieces = [told, *taken.question, taken.object, *taken.states, *taken.times]
        return " ".join(piece for piece in pieces if piece), ""
    if not english and taken.whole:
        whom = "" if taken.object in ("it",) else taken.object
        return " ".join(piece for piece in (*taken.whole, whom, *taken.values, *taken.times) if piece), ""
    english = english or _unsaid(taken, inherited)
    verb_said, rest = _worded(english, taken)
    worded = " ".join(piece for piece in (verb_said, *rest, *taken.times) if piece)
    return (f"do not {worded}" if taken.negative and verb_said else worded), english


def _plays(units: Sequence[Unit], places: frozenset[int]) -> bool:
    """ "pon la canción …", "mets la playlist …": what is to be set is music."""
    noun = next((unit for at, unit in enumerate(units) if at > min(places) and unit.get("noun")), None)
    entry = noun.get("noun") if noun else None
    return entry is not None and entry.english in _MUSIC and entry.english != "radio"


def _unsaid(taken: Taken, inherited: str) -> str:
    """The verb of an order that has none."""
    if taken.states and taken.states[0] in _ORDERED:
        return _ORDERED[taken.states.pop(0)]
    if taken.states:
        return "make"
    if any(value.startswith(("to ", "by ")) or value[0].isdigit() for value in taken.values):
        return "set" if not inherited or inherited in ("turn on", "turn off", "open", "close") else inherited
    return inherited or ("set" if taken.values and taken.objects else "")


def _worded(english: str, taken: Taken) -> tuple[str, list[str]]:
    """The English verb and what follows it, chosen by what is acted on."""
    object_, values, states = taken.object, list(taken.values), list(taken.states)
    covers = taken.about(_COVERS) and not any(nouns.use == "attributes" for nouns in taken.nouns)
    number = any(value.startswith("to ") or value[0].isdigit() for value in values)
    by = any(value.startswith("by ") for value in values)
    if english in ("raise", "turn up", "lower", "turn down"):
        values = [f"by {value}" if value[0].isdigit() and " " in value else value for value in values]
        number, by = any(value.startswith("to ") for value in values), any(value.startswith("by ") for value in values)
        up = english in ("raise", "turn up")
        attributes = any(nouns.use == "attributes" for nouns in taken.nouns)
        if covers:
            english = "raise" if up else "lower"
        elif by:
            english = "increase" if up else "decrease"
        elif number:
            english = "set"
        elif not attributes and taken.about(_LIGHTS):
            english = "brighten" if up else "dim"
        else:
            english = "turn up" if up else "turn down"
    if english in ("set", "make", "change", "leave", "keep", "get") and states and states[0] in _ORDERED and not values:
        if english in ("leave", "keep"):
            return english, [object_ or "it", states[0]]
        english, states = _ORDERED[states[0]], states[1:]
    if english in ("set", "make") and not values and not states:
        if taken.about(_MUSIC) or object_[:1] in _OPENING:
            english = "play"
        elif taken.about(_DRINKS):
            english = "brew"
        else:
            english = "turn on"
    if english in ("set", "change") and states and not number:
        english = "make"
    if english == "make" and any(value.startswith("to ") for value in values):
        english = "set"
    if english in ("make",) or (english.startswith("turn ") and states):
        english = "make" if states and states[0].removeprefix("a bit ") in _COMPARED else english
        return english, [object_ or "it", *states, *values]
    if english in ("set", "change") and not object_ and not taken.nouns and values:
        object_ = "it"
    if english in ("set", "change"):
        values = [value if value.startswith(("to ", "by ")) or value in ("a bit", "halfway") else f"to {value}"
                  for value in values]
    if object_ in ("it", "them") and english.startswith("turn ") and " " in english:
        return f"turn {object_} {english.partition(' ')[2]}", [*values, *states]
    return english, [object_, *values, *[state for state in states if state in _COMPARED or not values]]


def _free(units: list[Unit], places: frozenset[int], language: str, english: str,
          text: str) -> tuple[list[Unit], frozenset[int]]:
    """The words that a device is to play or say, as one unit that is copied as it stands."""
    verb = min(places)
    start = verb + 1
    while start < len(units) and (units[start].kind in ("polite", "person") or start in places) and (
            english == "play" or units[start].get("determiner") is None):
        start += 1
    end = start
    while end < len(units) and end not in places and units[end].kind != "when":
        entry = units[end].get("preposition")
        if entry and entry.english in ("in", "on", "at", "to") and end > start and (
                nouns := phrase(units, end + 1, len(units), language)) and nouns.use in ("rooms", "devices", "floors"):
            break
        end += 1
    if english in ("play", "show", "print"):
        while start < end and (units[start].kind == "name" or (
                units[start].get("determiner", "noun", "all", "adjective") and (
                    units[start].get("noun") or not units[start].text[:1].isupper()))):
            start += 1
        if not any(unit.kind == "unknown" for unit in units[start:end]):
            return units, places
    if start >= end or any(unit.kind == "quote" for unit in units[start:end]):
        return units, places
    copied = text[units[start].start: units[end - 1].end]
    said = Unit("quote", copied, copied, units[start].start, units[end - 1].end)
    kept = [*units[:start], said, *units[end:]]
    moved = frozenset(place if place < start else place - (end - start) + 1 for place in places)
    return kept, moved
