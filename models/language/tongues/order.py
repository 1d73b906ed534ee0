"""One clause in English: its verb first, then whom it is about, then the value, then the time.

Does: find the verb and its particle wherever they stand, tell what is wished without one, keep what is to be played or
said. Does not: split sentences, or choose the English verb by what it acts on (acting.py). Pure."""

from __future__ import annotations

from collections.abc import Sequence

from models.language.tongues.acting import DRINKS, MUSIC, ORDERED, fed, more_light, worded
from models.language.tongues.clauses import Part, verb_of
from models.language.tongues.fold import fold
from models.language.tongues.inflect import DONE, FINITE, INFINITIVE
from models.language.tongues.lexicon import Entry, lexicon
from models.language.tongues.nouns import phrase
from models.language.tongues.taking import Taken, noun_after, take, value_at
from models.language.tongues.units import Unit

_ROBOTS = ("vacuum", "robot vacuum", "mop", "robot", "mower", "drone")
_LETTING = ("lassen", "faire", "laisser", "hacer", "dejar")


def english_verb(part: Part, language: str) -> tuple[str, frozenset[int], Entry | None]:
    """The English verb of a clause ("" if it has none), the places of the verb and its particle, and the verb."""
    units, frames = part.units, lexicon(language).frames
    at = next((place for place in range(len(units)) if (one := verb_of(units, place)) and not (
        one.use == FINITE and language != "de")), None)
    if at is None and language == "es":  # "ve apagando las luces"
        at = next((place for place in range(len(units)) if verb_of(units, place) and fold(units[place].text).endswith(
            ("ando", "iendo", "yendo"))), None)
    if at is None:
        for place in range(len(units) - 1, -1, -1):
            entry = next((one for one in units[place].entries if one.kind == "particle" and one.english), None)
            if entry and entry.english == "dock" and not any(
                    unit.kind == "name" or ((noun := unit.get("noun")) and noun.english in _ROBOTS) for unit in units):
                continue
            if entry and units[place].kind not in ("name", "noun") and not (
                    noun_after(units, place, language, frozenset()) or value_at(units, place, frozenset())):
                return entry.english, frozenset({place}), None
        return "", frozenset(), None
    verb = verb_of(units, at)
    assert verb is not None
    if verb.lemma in _LETTING:
        later = next((place for place in range(len(units) - 1, at, -1) if (one := verb_of(units, place))
                      and one.use.startswith(INFINITIVE) and one.english), None)
        if later is not None and (made := verb_of(units, later)):
            return made.english, frozenset({at, later}), made
        shown = next((place for place in range(len(units) - 1, at, -1) if (one := units[place].get("happen"))
                      and one.use.startswith(INFINITIVE) and one.english in _HAPPENS), None)
        if shown is not None and (happens := units[shown].get("happen")):
            return _HAPPENS[happens.english], frozenset({at, shown}), verb
    english, places = verb.english, {at}
    if at and fold(units[at - 1].text) == "zu" and language == "de":
        places.add(at - 1)
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
        if said == "zu" and place + 1 == verb and units[verb].text.lower().endswith("n"):
            continue
        if units[place].get("value") and place and units[place - 1].get("towards"):
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
    if english == "listen":  # to music, not to a person
        small = ("polite", "person", "pronoun", "stop")
        english = "play" if any(unit.kind not in small for at, unit in enumerate(units) if at not in places) else ""
    if english in ("set", "make") and _plays(units, places):
        english = "play"
    if english in ("play", "say", "announce", "speak", "show", "print"):
        units, places = _free(units, places, language, english, text)
    if (feeding := fed(units, verb, language)) is not None:
        return feeding, "feed"
    taken = take(units, language, places)
    told = next((entry.english for unit in units if (entry := unit.get("tell"))), "")
    if told:
        pieces = [told, *taken.question, taken.object, *taken.states, *taken.times]
        return " ".join(piece for piece in pieces if piece), ""
    if not english and taken.whole == ["boil water"] and taken.nouns and taken.nouns[0].use == "devices":
        return f"turn on {taken.nouns[0].text}", "turn on"
    if not english and taken.whole:
        whom = "" if taken.object in ("it",) else taken.object
        return " ".join(piece for piece in (*taken.whole, whom, *taken.values, *taken.times) if piece), ""
    if not english and (unneeded := _unneeded(part, taken)):
        return unneeded, ""
    if not english and (stated := _stated(part, taken)):
        part.kind = "remark"
        return stated, ""
    if (lit := more_light(english, taken)) is not None:
        return lit, "make"
    english = english or _wished(part, taken) or _unsaid(taken, inherited)
    if english == "wait":
        taken.times = [time.removeprefix("for ") for time in taken.times]
    verb_said, rest = worded(english, taken)
    said = " ".join(piece for piece in (verb_said, *rest, *taken.times) if piece)
    return (f"do not {said}" if taken.negative and verb_said else said), english


# What is to happen -> the order that brings it about; what an order is wished with.
_HAPPENS = {"is on": "turn on", "is off": "turn off", "opens": "open", "closes": "close", "is running": "start"}
_WISHES = ("soll", "muss", "mussen", "sollte", "doit", "doivent", "debe", "debes", "hay que", "tiene", "il faut")
_ENSURES = ("sicher", "dass", "sorg", "acht", "bestatig", "assure", "que", "veill", "fais", "faites", "confirm",
            "asegur", "procura", "haz", "haga", "comprueba bien", *_WISHES)


def _said(part: Part) -> str:
    return " ".join(fold(unit.text) for unit in part.units if unit.kind == "polite")


def _stated(part: Part, taken: Taken) -> str:
    """A remark that only tells how things are: "the light is on", "the air in the bathroom is bad"."""
    if not taken.copula or not taken.states or not taken.nouns or any(word in _said(part) for word in _ENSURES):
        return ""
    be = "are" if taken.copula == "are" or taken.nouns[0].plural else "is"
    return " ".join([taken.object, be, " and ".join(taken.states), *taken.times])


def _unneeded(part: Part, taken: Taken) -> str:
    """ "I do not need the light any more"."""
    said = " ".join(fold(unit.text) for unit in part.units)
    needs = any(word in said for word in ("brauche", "necesit", "besoin", "hace falta"))
    denied = taken.negative or any(word in said for word in ("n'ai plus", "n'ai pas", "no hace", "n'a plus"))
    return f"I do not need {taken.object} anymore" if needs and denied and taken.nouns else ""


def _wished(part: Part, taken: Taken) -> str:
    """The verb of "the light should go on", "the lawn must be mown", "I would like a coffee"."""
    happened = next((_HAPPENS[one.english] for one in taken.happens if one.english in _HAPPENS), "")
    if happened:
        return happened
    if any(word in _said(part) for word in _WISHES):
        done = next((entry.english for unit in part.units for entry in unit.entries
                     if entry.kind == "verb" and entry.use.startswith(DONE) and entry.english), "")
        if done:
            return done
    if taken.about(DRINKS) and len(taken.nouns) == 1 and any(unit.kind == "polite" for unit in part.units):
        return "brew"
    if taken.about(DRINKS) and len(taken.nouns) == 1 and not part.asked and len(taken.objects) == 1 and (
            taken.object.startswith("a ") and not taken.states and not taken.copula):
        return "brew"
    alone = len(part.units) <= 2 and not taken.times and not part.asked and len(taken.nouns) == 1
    return "turn on" if alone and taken.nouns[0].head in ("light", "lamp") and not taken.states and not taken.values \
        else ""


def _plays(units: Sequence[Unit], places: frozenset[int]) -> bool:
    """ "pon la canción …", "mets la playlist …": what is to be set is music."""
    rest = [unit for unit in units[min(places) + 1:] if not unit.get("determiner", "polite", "person")]
    if rest and rest[0].kind == "unknown" and rest[0].text[:1].isupper() and not any(
            unit.get("number", "state", "value") for unit in rest):
        return True
    noun = next((unit for at, unit in enumerate(units) if at > min(places) and unit.get("noun")), None)
    entry = noun.get("noun") if noun else None
    said = any(unit.get("state") and not unit.get("preposition") for at, unit in enumerate(units) if at not in places)
    return entry is not None and entry.english in MUSIC and entry.english != "radio" and not said


def _unsaid(taken: Taken, inherited: str) -> str:
    """The verb of an order that has none."""
    if taken.states and taken.states[0] in ORDERED:
        return ORDERED[taken.states.pop(0)]
    if taken.states:
        return "make"
    if any(value.startswith(("to ", "by ")) or value[0].isdigit() for value in taken.values):
        return "set" if not inherited or inherited in ("turn on", "turn off", "open", "close") else inherited
    return inherited or ("set" if taken.values and taken.objects else "")


def _free(units: list[Unit], places: frozenset[int], language: str, english: str,
          text: str) -> tuple[list[Unit], frozenset[int]]:
    """The words that a device is to play or say, as one unit that is copied as it stands."""
    verb = min(places)
    start = verb + 1
    while start < len(units) and (units[start].kind in ("polite", "person") or start in places or (
            (bit := units[start].get("state")) and bit.english == "a bit")) and (
            english == "play" or units[start].get("determiner") is None):
        start += 1
    if language == "es" and start + 1 < len(units) and fold(units[start].text) == "a" and (
            units[start + 1].text[:1].isupper()):  # "escuchar a Rosalía"
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
        if start < end and start and (by := units[start].get("preposition")) and by.english in ("of", "from") and (
                music := units[start - 1].get("noun")) and music.english in ("music", "song"):
            begin = start - 1
            start += 1 + bool(start + 1 < end and units[start + 1].get("determiner")
                              and not units[start + 1].text[:1].isupper())
            units = [*units[:begin], *units[start:]]
            end, start = end - (start - begin), begin
        if not any(unit.kind == "unknown" for unit in units[start:end]):
            return units, places
    if start >= end or any(unit.kind == "quote" for unit in units[start:end]):
        return units, places
    copied = text[units[start].start: units[end - 1].end]
    said = Unit("quote", copied, copied, units[start].start, units[end - 1].end)
    article = units[start - 1].get("determiner") is not None and start - 1 not in places
    begin = start - article
    kept = [*units[:begin], said, *units[end:]]
    moved = frozenset(place if place < start else place - (end - begin) + 1 for place in places)
    return kept, moved
