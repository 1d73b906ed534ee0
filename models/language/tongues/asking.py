"""Questions and conditions in English: "¿Está encendida la luz?" is "is the light on", "wenn das Fenster offen ist" is
"when the window is open". An order that only ends with a question mark stays an order. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from models.language.tongues.clauses import Part, verb_of
from models.language.tongues.fold import fold
from models.language.tongues.inflect import DONE, FINITE, ORDER
from models.language.tongues.lexicon import lexicon
from models.language.tongues.taking import Taken, take
from models.language.tongues.units import Unit

# A verb of an order in a condition -> what is then the case.
_CASES = {"open": "opens", "close": "closes", "turn on": "is on", "turn off": "is off", "lock": "is locked",
          "unlock": "is unlocked", "start": "is running", "stop": "is stopped", "play": "is playing",
          "turn up": "rises", "turn down": "falls", "raise": "rises", "lower": "falls", "show": "is",
          "measure": "is", "ring": "rings", "move": "moves", "pause": "is paused", "leave": "leaves",
          "return": "comes", "make": "is", "set": "is", "rotate": "is running", "wash": "is running",
          "clean": "is running"}
# A verb of an order in a question -> the state that is asked for.
_PREDICATES = {"turn on": "on", "turn off": "off", "open": "open", "close": "closed", "lock": "locked",
               "unlock": "unlocked", "start": "running", "stop": "stopped", "play": "playing", "pause": "paused",
               "raise": "open", "lower": "closed", "mute": "muted", "rotate": "on", "clean": "running",
               "charge": "charging", "heat": "on", "cool": "on", "vacuum": "running"}
# What runs until it has finished; anything else that runs is on.
_CYCLES = ("machine", "dryer", "dishwasher", "vacuum", "mower", "robot", "sprinkler", "irrigation", "lave", "sèche",
           "lava", "seca", "maschine", "trockner", "spüler", "roboter", "robot", "aspira", "tond", "corta", "sauger",
           "mäh", "spreng", "arros", "aspers", "program", "cleaning")
_HELD = ("water", "food", "portion", "milk", "bean", "detergent", "salt", "fuel", "oil", "paper")
_PLANTED = ("garden", "garten", "jardin", "jardín", "yard", "greenhouse", "gewächshaus", "bed", "beet", "lawn", "rasen")
_DETECTED = ("motion", "movement", "smoke", "leak", "fire", "rain", "presence", "water")


def question(part: Part, language: str) -> str:
    """A question in English; "" if the clause asks nothing."""
    units = part.units
    if any(unit.get("tell") for unit in units) or _only_measure(part, language):
        taken = take(units, language)
        return "" if any(unit.get("tell") for unit in units) else f"what is {taken.object}"
    if not _asks(part, language):
        return ""
    taken = take(units, language)
    if taken.whole and not any(text.startswith(("how", "what")) for text in taken.whole):
        told = taken.whole[0].removeprefix("it is ")
        return f"is it {told} {taken.object}".strip() if part.asked and told != taken.whole[0] else ""
    if taken.whole and taken.whole[0].startswith(("how warm", "how cold", "what is the temp")) and (
            held := _holding(taken)):
        return f"what is the temperature of {held}"
    if taken.whole:
        rest = taken.object if taken.object not in ("it", "them") else ""
        return " ".join(piece for piece in (taken.whole[0], rest, *taken.times) if piece)
    if part.kind != "question" and not (taken.copula or taken.happens or taken.verbs or _asks_value(taken)):
        return ""
    if not part.asked and not taken.question and any(state.startswith("too ") for state in taken.states):
        return ""
    taken.states = [state for state in taken.states if state not in ("more", "less")]
    return _worded(taken, units)


def _holding(taken: Taken) -> str:
    """What holds the water that is asked about: "the pool" of "the pool water"."""
    said = [nouns for nouns in taken.nouns if nouns.head == "water"]
    others = [nouns for nouns in taken.nouns if nouns.head != "water" and nouns.use in ("devices", "rooms")]
    if not said:
        return ""
    inner = said[0].bare.removesuffix("water").strip()
    inner = others[0].text.removeprefix("the ") if others else inner
    return f"the {inner}" if inner else ""


def _only_measure(part: Part, language: str) -> bool:
    """ "Temperatur im Bad": a measure that is only named is asked for."""
    units = [unit for unit in part.units if unit.kind not in ("polite", "stop")]
    if not units or part.kind != "order" or any(verb_of(units, at) for at in range(len(units))):
        return False
    taken = take(units, language)
    first = taken.nouns[0] if taken.nouns else None
    named = bool(taken.objects) and taken.objects[0][0] == "noun" and first is not None and first.use == "attributes"
    told = taken.states or taken.values or taken.copula or taken.whole or taken.times or any(
        entry.kind == "particle" and entry.english for unit in units for entry in unit.entries)
    return named and not told and first is not None and first.head not in ("scene", "program", "timer", "mode")


def _asks(part: Part, language: str) -> bool:
    """Whether a clause asks: it opens so, or ends so and orders nothing."""
    units = part.units
    verb = next((at for at in range(len(units)) if verb_of(units, at)), None)
    copula = next((at for at, unit in enumerate(units) if (unit.get("copula") and unit.kind in ("copula", "particle"))
                   or _turned(unit)), None)
    if any(_turned(unit) for unit in units) or _inverted(units) or part.kind == "question":
        return True
    if not part.asked:
        return False
    if verb is None or (copula is not None and copula <= verb):
        return True
    first = verb_of(units, verb)
    if part.opened and first is not None and language == "es" and not units[verb].text.endswith("s") and all(
            unit.kind == "stop" for unit in units[:verb]) and first.use == ORDER and units[verb].text[-1:] in "ae":
        return True
    requested = any(unit.kind == "polite" for unit in units[:verb])
    if language != "de":
        return not requested and first is not None and first.use == ORDER and any(
            unit.get("noun") or unit.kind == "name" for unit in units[:verb])
    return language == "de" and first is not None and first.use == FINITE and not requested


def _inverted(units: Sequence[Unit]) -> bool:
    """ "s'ouvre-t-il"."""
    said = [fold(unit.text) for unit in units]
    return any(word == "t" and after in ("il", "elle", "ils", "elles", "on") for word, after in pairwise(said))


def _turned(unit: Unit) -> bool:
    """ "est-il": a verb that has changed places with its pronoun."""
    return bool(unit.get("copula")) and fold(unit.text).replace("-", " ").endswith((" il", " elle", " ils", " elles"))


def _worded(taken: Taken, units: Sequence[Unit]) -> str:
    """The words of a question in English order."""
    if (known := _especially(taken, units)):
        return known
    subject = taken.object or "it"
    subject = subject.removeprefix("with ").removeprefix("on ").removeprefix("in ") if not any(
        kind == "noun" for kind, _ in taken.objects) and taken.question[:1] in (["what"], ["how"]) else subject
    if taken.question and taken.question[0] in ("is", "is there") and len(taken.question) > 1:
        taken.question.pop(0)
    plural = taken.copula == "are" or any(nouns.plural for nouns in taken.nouns[:1])
    copula = "are" if plural else "is"
    taken.states = [_asked_state(state, subject) for state in taken.states]
    happens = [_asked_state(_state_of(entry.english), subject) for entry in taken.happens]
    verbs = [_asked_state(_PREDICATES.get(english, ""), subject) for english in taken.verbs]
    state = " ".join(piece for piece in (*taken.states, *taken.compared, *taken.values, *happens, *verbs) if piece)
    asked = taken.question[0] if taken.question else ""
    if subject.startswith(("a light", "a lamp")) and copula == "is":
        subject, copula = f"any lights{subject[7 if subject.startswith('a light') else 6:]}", "are"
    if subject.startswith("light ") and copula == "is":
        subject = f"the {subject}"
    if not asked:
        if not taken.copula and not taken.happens and not taken.verbs:
            return f"what is {subject}"
        clear = len(taken.objects) == 1 and not any(nouns.use in ("unknown", "other") for nouns in taken.nouns)
        return f"{copula} {subject} {state or ('on' if clear else '')}".strip()
    if asked in ("is", "is there", "are"):
        return f"{copula} {subject} {state}".strip() if state else f"{copula} there {subject}"
    if asked == "what" and state and taken.nouns and taken.nouns[0].use == "devices" and not taken.verbs and plural:
        asked = "which"
    if asked in ("how much", "which", "what") and len(taken.nouns) == 2 and taken.nouns[0].head == "battery":
        return f"what is the battery level of {taken.nouns[1].text}"
    if asked in ("what", "how") and not state and taken.nouns and taken.nouns[0].use not in ("attributes", "other"):
        return f"what is the status of {subject}"
    if asked in ("what is", "how") and not state:
        return f"what {copula} {subject}"
    if asked == "what is":
        return f"what {copula} {subject} {state}".strip()
    if asked == "how much" and taken.nouns and any(entry.english == "uses" for entry in taken.happens):
        owner = " ".join(text for kind, text in taken.objects[1:] if kind in ("noun", "place"))
        return f"what is the power of {owner}" if owner else "what is the power"
    if asked in ("which", "how many", "how much") and taken.nouns:
        nouns = taken.nouns[0]
        if state and nouns.use != "attributes":
            places = [text for kind, text in taken.objects if kind == "place"]
            return " ".join([asked, nouns.text.removeprefix("the "), copula, state, *places])
        if nouns.use == "attributes":
            owner = next((text for kind, text in taken.objects[1:] if kind == "noun"), "")
            where = " ".join(text for kind, text in taken.objects if kind == "place")
            of = f"of {owner}" if owner else ""
            return " ".join(f"what is the {nouns.text.removeprefix('the ')} {of} {where}".split())
        return f"{asked} {subject.removeprefix('the ')} {copula} there"
    if asked == "how" and state:
        return f"how {state} {copula} {subject}"
    return f"{asked} {copula} {subject} {state}".strip()


def _especially(taken: Taken, units: Sequence[Unit]) -> str:
    """Questions that English puts in other words: how long it takes, how full it is, what it is set to; else ""."""
    asked = taken.question[0] if taken.question else ""
    devices = [nouns for nouns in taken.nouns if nouns.use == "devices"]
    whom = devices[0].text if devices else ""
    whom = whom if whom.startswith(("the ", "my ")) or not devices or devices[0].bare != whom or whom != whom.lower() \
        else f"the {whom}"
    first = taken.nouns[0] if taken.nouns else None
    ends = any(entry.english in ("takes", "finishes") for entry in taken.happens) or "ready" in taken.states or (
        first is not None and first.bare == "time")
    if devices and (asked == "how long" or (asked in ("when", "how much") and ends)):
        return f"how much time is left on {whom}"
    if devices and first is not None and first.head.removesuffix("s") in _HELD and first.bare == first.head and (
            asked in ("how much", "how many", "is", "is there", "") and len(taken.nouns) == 2):
        return f"how full is {whom}"
    degrees = any((unit := one.get("unit")) and unit.english.startswith("degree") and not (at and units[at - 1].get(
        "number")) for at, one in enumerate(units))
    places = " ".join(text for kind, text in taken.objects if kind == "place")
    if degrees and asked in ("how much", "how many") and first is not None:
        return f"what is the temperature of {whom} {places}".rstrip() if whom else f"what is the temperature {places}"
    if asked in ("what", "what is", "which", "how much") and len(taken.nouns) == 2 and not taken.states and (
            taken.nouns[0].use == "attributes" and taken.nouns[1].use in ("devices", "unknown")):
        return f"what is the {taken.nouns[0].bare} of {taken.nouns[1].text}"
    if asked == "how much" and (held := _holding(taken)) and taken.copula and taken.nouns[0].bare != "water":
        return f"what is the temperature of {held}"
    if asked == "how much" and len(devices) == 1 and not taken.happens and set(taken.verbs) <= {"set"} and all(
            nouns.use in ("devices", "rooms", "floors") for nouns in taken.nouns):
        if devices[0].bare.endswith(" battery"):
            return f"what is the battery level of the {devices[0].bare.removesuffix(' battery')}"
        return " ".join(f"what is {whom} {places} set to".split())
    if first is not None and first.head == "soil" and any(state in ("dry", "wet", "humid") for state in taken.states):
        return "what is the moisture of the soil"
    return ""


def _asks_value(taken: Taken) -> bool:
    return any(nouns.use == "attributes" for nouns in taken.nouns) and not taken.values and not taken.states


def _asked_state(state: str, subject: str) -> str:
    """A state as it is asked for: what has a program is running or done, anything else is on."""
    said = subject.lower()
    if state == "ready":
        return "done"
    return "on" if state == "running" and not any(word in said for word in _CYCLES) else state


def _state_of(english: str) -> str:
    bare = {"rains": "raining", "snows": "snowing", "opens": "open", "closes": "closed", "uses": ""}.get(
        english, english.removeprefix("is "))
    return "" if bare in ("is",) else bare


def condition(part: Part, language: str) -> str:
    """A condition in English, its opener first."""
    units, frames = part.units, lexicon(language).frames
    opener = "when" if part.opener == "upon" else part.opener
    verbs, skip = [], set()
    for at, unit in enumerate(units):
        entry = unit.get("happen") or verb_of(units, at)
        if entry is not None and entry.use.startswith(DONE) and unit.get("state"):
            continue
        if entry is None or unit.kind in ("name", "determiner") or unit.get("copula"):
            continue
        english = entry.english
        if entry.lemma:
            frame = frames.get(f"{entry.kind} {entry.lemma}", {})
            english = frame.get("", english)
            for place, other in enumerate(units):
                if place != at and other.text.lower() in frame and place > 0 and not (
                        other.get("preposition") and place + 1 < len(units) and units[place + 1].get(
                            "number", "noun", "determiner")):
                    english = frame[other.text.lower()]
                    skip.add(place)
        verbs.append(english if entry.kind == "happen" else _CASES.get(english, f"is {english}"))
        skip.add(at)
    taken = take(units, language, frozenset(skip))
    return _told(opener, taken, verbs, language)


def _told(opener: str, taken: Taken, verbs: list[str], language: str) -> str:
    places = [text for kind, text in taken.objects if kind == "place"]
    nouns = [text for kind, text in taken.objects if kind in ("noun", "join")]
    while nouns and nouns[-1] in ("and", "or"):
        nouns.pop()
    subject = " ".join(nouns)
    heads = [one.head for one in taken.nouns]
    verb = next((one for one in verbs if one), "")
    compared, values = " ".join(taken.compared), " ".join(taken.values)
    state = " ".join(one for one in taken.states if one not in ("more", "less"))
    if taken.whole:
        return " ".join(piece for piece in (opener, *taken.whole, subject, *places, *taken.times) if piece)
    if verb in ("rises", "falls") and values:
        verb = "rises above" if verb == "rises" else "falls below"
        values = values.removeprefix("to ").removeprefix("by ").removeprefix("of ")
    if compared and verb in ("rises", "falls"):
        bare = compared.removeprefix("above ").removeprefix("below ")
        verb, compared = ("rises above" if verb == "rises" else "falls below"), bare
    if verb in ("exceeds", "rises") and values:
        verb = "rises above"
    if not subject:
        subject = "it"
    if "nobody" in heads:
        taken.negative = False
    are = taken.copula == "are" or (bool(taken.nouns) and taken.nouns[0].plural)
    be = "are" if are else "is"
    if subject == "the floor" and any(word in place.lower() for place in places for word in _PLANTED):
        subject, places = "the soil", []
    if subject == "the soil" and compared:
        subject = "the moisture of the soil"
    smoke = any(word in subject.lower() for word in ("smoke", "rauch", "fumée", "humo")) and not state
    if smoke and verb in ("is on", "rings", "detected", "", "is", "is running") and not taken.negative:
        subject = subject if " " in subject.removeprefix("the ") else "the smoke detector"
        return " ".join(piece for piece in (opener, subject, "detects smoke", *places, *taken.times) if piece)
    if subject.removeprefix("the ").removeprefix("a ") in _DETECTED and not state and not compared and not values:
        verb = "is detected" if not taken.negative else "is not detected"
        taken.negative = False
    if not verb:
        verb = be
    elif verb.startswith("is ") and are:
        verb = "are" + verb[2:]
    if verb in ("is", "are", "detected") and verb == "detected":
        verb = f"{be} detected"
    if state and verb not in ("is", "are"):
        verb = be
    verb = f"{verb} not" if taken.negative and verb in ("is", "are") else verb
    people = any(head in ("nobody", "somebody", "everybody") for head in heads)
    pieces = [opener, subject, verb, state, compared, values, *places] if people or "detected" in verb else \
        [opener, subject, *(places if subject != "it" else ()), verb, state, compared, values,
         *(places if subject == "it" else ())]
    return " ".join(piece for piece in (*pieces, *taken.times) if piece)
