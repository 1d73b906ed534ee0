"""The English of an order by what is acted on: "baisser" a blind is to lower it, the volume to turn it down.

Does: choose the English verb, put values and states behind it, know the Things of which something else is said (half
a blind, the sound, water, programs, animals that are fed). Does not: find the verb in the sentence (order.py). Pure."""

from __future__ import annotations

from collections.abc import Sequence

from models.language.tongues.lexicon import Entry
from models.language.tongues.taking import Taken, take
from models.language.tongues.units import Unit

_COVERS = ("blind", "shutter", "curtain", "awning", "garage door", "gate", "screen", "lift", "desk", "bed", "arm",
           "rollladen", "jalousie", "rollo", "store", "volet", "persiana", "toldo", "rideau", "cortina", "vorhang")
_LIGHTS = ("light", "lamp", "spotlight", "strip", "bulb", "lampe", "licht", "lumière", "luz", "lámpara", "chandelier")
MUSIC = ("music", "jazz", "rock", "pop", "classical", "techno", "song", "playlist", "album", "podcast", "radio",
          "news", "film")
DRINKS = ("coffee", "tea", "cappuccino", "espresso", "latte", "hot chocolate")
_ANIMALS = ("cat", "dog", "fish", "rabbit", "bird", "chicken", "hen", "horse", "cow", "pig", "sheep", "hamster",
            "kitten", "puppy", "turtle", "guinea pig", "animal")
_FOOD = ("food", "portion")
_GIVING = ("geben", "donner", "servir", "dar", "echar", "poner", "mettre", "füttern")
_FLOWS = ("water", "valve", "tap", "vanne", "robinet", "válvula", "llave", "grifo")
_BLOWING = ("fan", "ventila", "lüfter", "hotte", "campana", "extractor", "haube")
_SOUNDS = ("volume", "sound")
_COLOURS = ("red", "green", "blue", "yellow", "orange", "purple", "violet", "pink", "white", "warm white", "cold white",
            "turquoise", "cyan", "magenta")
_COMPARED = ("brighter", "darker", "warmer", "cooler", "louder", "quieter", "faster", "slower", "higher", "lower")
ORDERED = {"on": "turn on", "off": "turn off", "open": "open", "closed": "close", "locked": "lock",
            "unlocked": "unlock", "muted": "mute", "paused": "pause", "stopped": "stop", "running": "start",
            "armed": "arm", "disarmed": "disarm", "dimmed": "dim"}
_OPENING = tuple('"«„“')


def worded(english: str, taken: Taken) -> tuple[str, list[str]]:
    """The English verb and what follows it, chosen by what is acted on."""
    object_, values, states = taken.object, list(taken.values), list(taken.states)
    if (more := next((state for state in states if state in ("more", "less")), "")) and english in _SETTING:
        return _by_more(more, taken, values)
    if english in ("raise", "turn up", "lower", "turn down"):
        values = [f"by {value}" if value[0].isdigit() and " " in value else value for value in values]
        english = _up_or_down(english, taken, values)
    if english in ("turn on", "turn off") and taken.nouns and taken.nouns[0].head == "alarm":
        english = "arm" if english == "turn on" else "disarm"
    if english in ("set", "make", "change", "leave", "keep", "get") and states and states[0] in ORDERED and not values:
        if english in ("leave", "keep"):
            return english, [object_ or "it", states[0]]
        english, states = ORDERED[states[0]], states[1:]
    if english in ("leave", "keep") and states and states[0] in ("dark", "bright", "dimmed"):
        english = "make"
    if english == "brew" and object_ in ("water", "the water"):
        english = "boil"
    if (settled := _especially(english, taken, values, states)) is not None:
        return settled
    if english == "start" and taken.nouns and taken.nouns[0].head in MUSIC:
        english = "play"
    if english in ("set", "make") and not values and not states:
        english = _made_of(taken, object_)
    if english in ("set", "change") and states and not any(_is_aim(value) for value in values):
        english = "make"
    if english == "make" and any(value.startswith("to ") for value in values):
        english = "set"
    if english == "make" or (english.startswith("turn ") and states):
        values = [f"by {value}" if value[:1].isdigit() else value for value in values]
        english = "make" if states and states[0].removeprefix("a bit ") in _COMPARED else english
        if object_ and not any(kind in ("noun", "pronoun") for kind, _ in taken.objects):
            return english, ["it", *states, *values, object_]
        return english, [object_ or "it", *states, *values]
    if english == "play":
        values = [value for value in values if value != "a bit"]
    if english == "set" and any("degree" in value for value in values) and not any(
            kind in ("noun", "pronoun") for kind, _ in taken.objects):
        object_ = f"the temperature {object_}".strip()
    if english in ("set", "change") and not object_ and not taken.nouns and values:
        object_ = "it"
    if english in ("set", "change"):
        values = [value if value.startswith(("to ", "by ")) or value in ("a bit", "halfway") else f"to {value}"
                  for value in values]
    if object_ in ("it", "them") and english.startswith("turn ") and " " in english:
        return f"turn {object_} {english.partition(' ')[2]}", [*values, *states]
    return english, [object_, *values, *[state for state in states if state in _COMPARED or not values]]


def _especially(english: str, taken: Taken, values: list[str], states: list[str]) -> tuple[str, list[str]] | None:
    """What is said otherwise of some Things: a cover half way, the sound, water, a program; None for all others."""
    object_, switches = taken.object, english in ("turn on", "turn off", "open", "close")
    head = _single(taken.nouns[0].head) if taken.nouns else ""
    if "halfway" in values and taken.about(_COVERS) and english in ("raise", "lower", "close", "set"):
        return "set", [object_, "to 50 percent"]
    if values == ["a bit"] and taken.about(_COVERS) and english in ("raise", "lower", "open", "close"):
        return ("increase" if english in ("raise", "open") else "decrease"), [f"the position of {object_} a bit"]
    if switches and head in _SOUNDS and not values and not states:
        owner = object_.partition(" of ")[2] or object_.partition(" on ")[2] or " ".join(
            word for word in object_.split() if word not in _SOUNDS)
        return ("unmute" if english in ("turn on", "open") else "mute"), ["it" if owner in ("", "the") else owner]
    if english in ("turn on", "turn off", "lock", "unlock") and _flows(object_):
        return ("open" if english in ("turn on", "unlock") else "shut off"), [object_, *values]
    if head in MUSIC and head != "radio" and english in ("turn off", "stop") and not states:
        return "stop", [object_]
    if len(taken.nouns) == 2 and english in ("vacuum", "clean", "mow") and taken.nouns[0].use == "devices" and all(
            kind == "noun" for kind, _ in taken.objects):
        return "start", [taken.nouns[0].text]
    if values and values[0].startswith("to program ") and taken.about(("tv", "fernseh", "télé", "televis", "tele")):
        return "set", [object_, values[0].replace("program", "channel")]
    if english in ("set", "turn on", "play") and head == "channel" and values:
        owner = " ".join(text for kind, text in taken.objects if kind == "place")
        owner = owner.removeprefix("on ").removeprefix("of ") or "the tv"
        return "set", [owner, f"to channel {values[0].removeprefix('to ')}"]
    if head in _WASHING and english in ("turn on", "start", "set", "make", "wash", "play") and values and (
            values[0].removeprefix("to ")[:1].isalpha() and values[0] not in ("a bit", "halfway")):
        named = "the washing machine" if head == "laundry" else object_.replace("a ", "the ", 1)
        program = values[0].removeprefix("to ")
        return ("set", [named, f"to {program}"]) if english == "set" else ("start", [named, f"with program {program}"])
    if english == "turn on" and values and all(value.removeprefix("to ") in _COLOURS for value in values):
        return "set", [object_, *(value if value.startswith("to ") else f"to {value}" for value in values)]
    louder = english == "turn up" or (states and states[-1] == "louder")
    if (english in ("turn up", "turn down") or (english in ("make", "set", "turn on") and states and states[-1] in (
            "louder", "quieter"))) and (head == "music" or head in _SOUNDS):
        placed = any(kind == "place" for kind, _ in taken.objects)
        whom = f"the {object_.removeprefix('the ')}".replace("the music", "the volume") if head == "music" and placed \
            else object_
        return ("turn up" if louder else "turn down"), [whom, *values]
    if english in ("make", "set", "turn on") and taken.about(_BLOWING) and states and states[-1] in (
            "louder", "quieter"):
        return "make", [object_, "faster" if states[-1] == "louder" else "slower", *values]
    if english in ("heat", "boil") and head == "water" and (owner := next((
            nouns.text for nouns in taken.nouns[1:] if nouns.use == "devices"), "")):
        return "turn on", [f"the {owner}" if owner == owner.lower() and not owner.startswith("the ") else owner]
    if english in ("turn on", "turn off") and object_.startswith("everywhere"):
        return english, [f"the lights {object_}"]
    placed = not any(kind == "noun" for kind, _ in taken.objects)
    if english in ("make", "set") and placed and states == ["bright"] and not values:
        return "turn on", [f"the lights {object_}"]
    degrees = next((value for value in values if not value.startswith("by ") and (
        "degree" in value or value.removeprefix("to ").isdigit())), "")
    if english in ("make", "set") and placed and degrees and states in ([], ["warm"], ["hot"], ["cold"], ["cool"]):
        where = " ".join(text for kind, text in taken.objects if kind == "place")
        return "set", [f"the temperature {where}", degrees if degrees.startswith("to ") else f"to {degrees}"]
    return None


_WASHING = ("laundry", "washing machine", "dryer", "dishwasher", "washer", "waschmaschine", "lave-linge", "lavadora")


def _flows(object_: str) -> bool:
    """Whether what is acted on lets water through."""
    said = object_.lower().split()
    return any(word in _FLOWS or word.endswith(("ventil", "hahn")) for word in said) and not any(
        word in ("pump", "heater", "machine", "temperature", "heating", "level", "boiler", "tank") for word in said)


_SETTING = ("set", "make", "turn up", "turn down", "raise", "lower", "change")


def _is_aim(value: str) -> bool:
    return value.startswith("to ") or value[:1].isdigit()


def _by_more(more: str, taken: Taken, values: list[str]) -> tuple[str, list[str]]:
    """ "two degrees more": what is to change by how much."""
    by = [value if value.startswith("by ") else f"by {value.removeprefix('to ')}" for value in values]
    named = any(kind == "noun" for kind, _ in taken.objects)
    measure = "the temperature" if not named and any("degree" in value for value in by) else ""
    return "increase" if more == "more" else "decrease", [measure, taken.object, *by]


def _up_or_down(english: str, taken: Taken, values: list[str]) -> str:
    """What it is to raise or to lower this: a blind, a value, a light."""
    up = english in ("raise", "turn up")
    measured = any(nouns.use == "attributes" for nouns in taken.nouns)
    if taken.about(_COVERS) and not measured:
        return "raise" if up else "lower"
    if any(value.startswith("by ") for value in values):
        return "increase" if up else "decrease"
    if any(_is_aim(value) for value in values):
        return "set"
    if not measured and taken.about(_LIGHTS):
        return "brighten" if up else "dim"
    return "turn up" if up else "turn down"


def _made_of(taken: Taken, object_: str) -> str:
    """What it is to "make" or "put" something without saying how: music, coffee, a lamp."""
    some = taken.partitive and not taken.about(DRINKS) and not taken.about(_LIGHTS)
    if some or taken.about(MUSIC) or object_[:1] in _OPENING:
        return "play"
    return "brew" if taken.about(DRINKS) else "turn on"


def more_light(english: str, taken: Taken) -> str | None:
    """ "A bit more light in the office": brighter or darker, not more lamps."""
    way = next((state for state in taken.states if state.removeprefix("a bit ") in ("more", "less")), "")
    if not way or english not in ("", "set", "make", "turn on") or not taken.nouns or taken.nouns[0].head not in (
            "light", "brightness") or any(value[-1:].isdigit() or "percent" in value for value in taken.values):
        return None
    state = "brighter" if way.endswith("more") else "darker"
    places = " ".join(text for kind, text in taken.objects if kind == "place")
    whom = "the light" if taken.nouns[0].text in ("light", "brightness") else taken.nouns[0].text
    bit = "a bit " if "a bit" in taken.values or way.startswith("a bit") else ""
    return " ".join(f"make {whom} {places} {bit}{state}".split() + list(taken.times))


def fed(units: Sequence[Unit], verb: Entry | None, language: str) -> str | None:
    """ "Gib der Katze zwei Portionen": who gives food to an animal feeds it."""
    if verb is None or (verb.lemma not in _GIVING and verb.english != "feed"):
        return None
    taken = take([unit for unit in units if not unit.get("verb")], language)
    animal = next((nouns for nouns in taken.nouns if _single(nouns.head) in _ANIMALS), None)
    given = any(_single(nouns.head) in _FOOD for nouns in taken.nouns)
    if animal is None or not (given or verb.english == "feed"):
        return None
    portions = next((nouns.text for nouns in taken.nouns if _single(nouns.head) == "portion"), "")
    name = animal.text if animal.text.startswith(("the ", "my ", "our ", "all ")) else f"the {animal.bare}"
    return " ".join(piece for piece in ("feed", name, portions, *taken.times) if piece)


def _single(noun: str) -> str:
    return noun.removesuffix("s")
