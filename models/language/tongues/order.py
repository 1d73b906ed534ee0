"""One clause in English: its verb first, then whom it is about, then the value, then the time.

Does: find the verb and its particle wherever they stand, choose the English verb by what it acts on ("baisser" a blind
is to lower it, the volume to turn it down), word questions and conditions. Does not: split sentences. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from models.language.tongues.clauses import Part, verb_of
from models.language.tongues.fold import fold
from models.language.tongues.inflect import FINITE
from models.language.tongues.lexicon import Entry, lexicon
from models.language.tongues.nouns import Nouns, phrase
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
_UNSAID = ("polite", "person", "stop", "particle")


@dataclass
class Taken:
    """The parts of a clause beside its verb: `objects` (nouns, places, joins), `values`, `states`, `times`."""

    objects: list[tuple[str, str]] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    compared: list[str] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)
    nouns: list[Nouns] = field(default_factory=list)
    negative: bool = False
    question: list[str] = field(default_factory=list)
    copula: str = ""
    happens: list[Entry] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)

    @property
    def object(self) -> str:
        """The objects in English order: what is acted on, then where."""
        rows = list(self.objects)
        while rows and rows[0][0] == "join":
            rows.pop(0)
        while rows and rows[-1][0] == "join":
            rows.pop()
        leading = []
        while rows and rows[0][0] == "place" and any(kind == "noun" for kind, _ in rows):
            leading.append(rows.pop(0))
        if leading:
            last = max(at for at, (kind, _) in enumerate(rows) if kind == "noun")
            rows[last + 1: last + 1] = leading
        return " ".join(text for _, text in rows)

    def about(self, words: Sequence[str]) -> bool:
        """Whether one of these words stands in what is acted on."""
        said = self.object.lower()
        return any(word in said for word in words)


def take(units: Sequence[Unit], language: str, skip: frozenset[int] = frozenset()) -> Taken:
    """Take the units of a clause apart; `skip`: places of its verb and particle."""
    taken, at = Taken(), 0
    while at < len(units):
        unit = units[at]
        if at in skip:
            at += 1
        elif unit.kind == "when":
            taken.times.append(unit.english)
            at += 1
        elif unit.kind == "quote":
            taken.objects.append(("noun", unit.english))
            at += 1
        elif (found := _value(units, at, skip)) is not None:
            text, at = found
            taken.values.append(text)
        elif (unit.kind in ("noun", "name", "unknown", "determiner", "all", "adjective", "value", "number", "state")
              or (unit.get("determiner", "all", "noun") and unit.kind not in ("not", "copula"))) and (
                  nouns := phrase(units, at, _end(units, at, skip), language)) is not None and not unit.get("whole"):
            kind = "place" if nouns.use in ("rooms", "floors") and nouns.head in ("upstairs", "downstairs", "outside") \
                else "noun"
            taken.objects.append((kind, nouns.text))
            taken.nouns.append(nouns)
            at = nouns.end
        else:
            at = _one(units, at, language, skip, taken)
    return taken


def _end(units: Sequence[Unit], at: int, skip: frozenset[int]) -> int:
    return next((place for place in range(at, len(units)) if place in skip), len(units))


def _one(units: Sequence[Unit], at: int, language: str, skip: frozenset[int], taken: Taken) -> int:
    """Take one unit that is no noun phrase and no value; returns where to go on."""
    unit = units[at]
    if unit.get("not") and not unit.get("determiner"):
        taken.negative = True
    elif (entry := unit.get("whole")):
        if entry.english in ("here", "there", "in here"):
            taken.objects.append(("place", entry.english))
        else:
            taken.whole.append(entry.english)
    elif unit.get("except"):
        taken.objects.append(("join", "except"))
    elif unit.get("comparison") and _measured(units, at + 1):
        number, end = _measured(units, at + 1)  # type: ignore[misc]
        taken.compared.append(f"{unit.get('comparison').english} {number}")  # type: ignore[union-attr]
        return end
    elif (entry := unit.get("state")) and not (unit.get("preposition") and _noun_after(units, at, language, skip)):
        text = entry.english
        if text == "a bit":
            follow = units[at + 1].get("state") if at + 1 < len(units) and at + 1 not in skip else None
            if follow:
                taken.states.append(f"a bit {follow.english}")
                return at + 2
            taken.values.append("a bit")
        elif text == "halfway":
            taken.values.append("halfway")
        elif text not in ("much", "too"):
            taken.states.append(text)
    elif (entry := unit.get("preposition", "towards")) and (
            nouns := phrase(units, at + 1, _end(units, at + 1, skip), language)) is not None:
        if entry.english == "of" and not taken.nouns and not taken.whole:
            taken.objects.append(("noun", nouns.bare))
        else:
            taken.objects.append(("place", _placed(entry, nouns)))
        taken.nouns.append(nouns)
        return nouns.end
    elif (entry := unit.get("question")):
        taken.question.append(entry.english)
    elif (entry := unit.get("copula")) and not taken.copula:
        taken.copula = entry.english
    elif (entry := unit.get("happen")):
        taken.happens.append(entry)
    elif (entry := unit.get("join")) and entry.english in ("and", "or"):
        taken.objects.append(("join", entry.english))
    elif (entry := unit.get("pronoun")):
        if not any(kind == "noun" for kind, _ in taken.objects):
            taken.objects.append(("pronoun", entry.english))
    elif (entry := unit.get("verb")) and unit.kind == "verb":
        taken.verbs.append(entry.english)
    elif (entry := unit.get("value", "adjective")):
        taken.values.append(entry.english)
    elif (entry := unit.get("comparison")):
        taken.compared.append(entry.english)
    return at + 1


def _noun_after(units: Sequence[Unit], at: int, language: str, skip: frozenset[int]) -> bool:
    return phrase(units, at + 1, _end(units, at + 1, skip), language) is not None


def _placed(entry: Entry, nouns: Nouns) -> str:
    if nouns.head in ("upstairs", "downstairs", "outside"):
        return nouns.head
    if nouns.head == "home":
        return "at home"
    word = "on" if nouns.use == "floors" else "in" if entry.english == "to" and nouns.use == "rooms" else entry.english
    word = "in" if word == "at" and nouns.use == "rooms" else word
    the = "the " if entry.use == "the" and not nouns.text.startswith(("the ", "all ", "a ", "my ", "this ")) else ""
    return f"{word} {the}{nouns.text}"


def _measured(units: Sequence[Unit], at: int) -> tuple[str, int] | None:
    """A number with its unit at a place -> (English, where to go on)."""
    if at < len(units) and (units[at].get("determiner") or fold(units[at].text) in ("les", "los")) and (
            at + 1 < len(units) and units[at + 1].get("number")):
        at += 1
    if at >= len(units) or (entry := units[at].get("number")) is None:
        return None
    number, at = entry.english, at + 1
    if at + 1 < len(units) and fold(units[at].text) in ("komma", "virgule", "coma") and units[at + 1].get("number"):
        number, at = f"{number}.{units[at + 1].english}", at + 2
    if at < len(units) and (unit := units[at].get("unit")):
        return f"{number} {unit.english}", at + 1
    return number, at


def _value(units: Sequence[Unit], at: int, skip: frozenset[int]) -> tuple[str, int] | None:
    """A value at a place, with "to" or "by" -> (English, where to go on)."""
    unit = units[at]
    towards, preposition = unit.get("towards"), unit.get("preposition")
    if towards and at + 1 < len(units) and at + 1 not in skip:
        inner = units[at + 1]
        word = towards.english
        if word == "to" and fold(unit.text) == "en" and inner.get("determiner"):
            word = "by"
        place = at + 1 + bool(inner.get("determiner") and at + 2 < len(units) and units[at + 2].get("number", "value"))
        if place in skip:
            return None
        inner = units[place]
        if (found := _measured(units, place)) is not None:
            return f"{word} {found[0]}", found[1]
        if inner.kind == "name" and inner.entries[0].use == "value":
            return f"to {inner.english}", place + 1
        if (entry := inner.get("value")) and not (place + 1 < len(units) and units[place + 1].kind in ("noun", "name")
                                                  and place + 1 not in skip):
            return f"to {entry.english}", place + 1
        noun = inner.get("noun")
        if noun and noun.english in ("level", "step", "position", "mode", "channel", "program"):
            if (found := _measured(units, place + 1)) is not None:
                return f"to {noun.english} {found[0]}", found[1]
            if place + 1 < len(units) and (entry := units[place + 1].get("value", "adjective", "name")):
                return f"to {entry.english}", place + 2
        return None
    if unit.get("determiner") and at + 1 < len(units) and units[at + 1].get("number") and (
            found := _measured(units, at)) and found[1] > at + 2:
        return f"by {found[0]}", found[1]
    if unit.get("number") and not preposition and unit.kind == "number" and (found := _measured(units, at)) and not (
            found[1] < len(units) and units[found[1]].kind == "noun" and units[found[1]].plural and found[1] == at + 1):
        return found
    if unit.kind == "name" and unit.entries[0].use == "value":
        return unit.english, at + 1
    return None


def english_verb(part: Part, language: str) -> tuple[str, frozenset[int], Entry | None]:
    """The English verb of a clause ("" if it has none), the places of the verb and its particle, and the verb."""
    units, frames = part.units, lexicon(language).frames
    at = next((place for place in range(len(units)) if (one := verb_of(units, place)) and not (
        one.use == FINITE and language != "de")), None)
    if at is None:
        for place in range(len(units) - 1, -1, -1):
            entry = next((one for one in units[place].entries if one.kind == "particle" and one.english), None)
            if entry and units[place].kind not in ("name", "noun") and not (
                    _noun_after(units, place, language, frozenset()) or _value(units, place, frozenset())):
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
    if english in ("play", "say", "announce", "speak", "show", "print"):
        units, places = _free(units, places, language, english, text)
    taken = take(units, language, places)
    told = next((entry.english for unit in units if (entry := unit.get("tell"))), "")
    if told:
        pieces = [told, *taken.question, taken.object, *taken.states, *taken.times]
        return " ".join(piece for piece in pieces if piece), ""
    if not english and taken.whole:
        rest = "" if taken.object in ("it",) else taken.object
        return " ".join(piece for piece in (*taken.whole, rest, *taken.values, *taken.times) if piece), ""
    english = english or _unsaid(taken, inherited)
    verb_said, rest = _worded(english, taken)
    worded = " ".join(piece for piece in (verb_said, *rest, *taken.times) if piece)
    return (f"do not {worded}" if taken.negative and verb_said else worded), english


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
        if taken.about(_MUSIC):
            english = "play"
        elif taken.about(_DRINKS):
            english = "brew"
        else:
            english = "turn on"
    if english in ("set", "change") and states and not number:
        english = "make"
    if english == "make" and any(value.startswith("to ") for value in values):
        english = "set"
    if english in ("make",) or english.startswith("turn ") and states:
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
        while start < end and (units[start].get("determiner", "noun", "all", "adjective") or units[start].kind == "name"):
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
