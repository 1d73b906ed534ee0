"""What a clause holds beside its verb: nouns, places, values, states, times, each in English.

Rules: a number takes the unit that follows it; "to" and "by" before a value are kept, before a noun they are places.
Does not: know the verb (order.py), or word questions (asking.py). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from models.language.tongues.fold import fold
from models.language.tongues.lexicon import Entry
from models.language.tongues.nouns import Nouns, phrase
from models.language.tongues.units import Unit

# What a number may be said to be of; the first are percentages.
# What a thing is set to by number or by name.
_SETTINGS = ("level", "step", "position", "mode", "channel", "program")
_HALVES = ("demi", "demie", "medio", "media")
# A state after "mode" -> the mode.
_MODES = {"cold": "cool", "cool": "cool", "warm": "heat", "hot": "heat", "dry": "dry", "quiet": "silent"}
_MODES_OF = {"dehumidifier": "dry", "heating": "heat", "air conditioner": "cool", "ventilation": "fan", "fan": "fan"}
_MEASURES = ("volume", "brightness", "humidity", "temperature", "speed")


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
    partitive: bool = False

    @property
    def object(self) -> str:
        """The objects in English order: what is acted on, then where."""
        rows = list(self.objects)
        if any(nouns.use == "all" for nouns in self.nouns):
            rows = [row for row in rows if row[0] != "pronoun"]
        while rows and rows[0][0] == "join":
            rows.pop(0)
        while rows and rows[-1][0] == "join":
            rows.pop()
        leading = []
        while rows and rows[0][0] in ("place", "join") and any(kind == "noun" for kind, _ in rows):
            leading.append(rows.pop(0))
        if leading:
            spared = next((at for at, row in enumerate(rows) if row == ("join", "except")), len(rows))
            last = max((at for at, (kind, _) in enumerate(rows[:spared]) if kind == "noun"), default=0)
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
        elif (found := value_at(units, at, skip)) is not None:
            text, at = found
            taken.values.append(text)
        elif (unit.kind in ("noun", "name", "unknown", "determiner", "all", "adjective", "value", "number", "state")
              or (unit.get("determiner", "all", "noun") and unit.kind not in ("not", "copula"))) and (
                  nouns := phrase(units, at, _end(units, at, skip), language)) is not None and not unit.get("whole"):
            kind = "place" if nouns.head in ("upstairs", "downstairs", "outside", "everywhere") else "noun"
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
    elif _too(unit) and at + 1 < len(units) and (state := units[at + 1].get("state")) and " " not in state.english:
        taken.states.append(f"too {state.english}")
        return at + 2
    elif (entry := unit.get("state")) and not (unit.get("preposition") and noun_after(units, at, language, skip)):
        text = entry.english
        if text == "a bit":
            follow = units[at + 1].get("state") if at + 1 < len(units) and at + 1 not in skip else None
            if follow:
                taken.states.append(f"a bit {follow.english}")
                return at + 2
            taken.values.append("a bit")
        elif text == "halfway":
            taken.values.append("halfway")
        elif text not in ("much", "too") and not (text == "more" and taken.negative):
            taken.states.append(text)
    elif (entry := unit.get("preposition", "towards")) and (
            nouns := phrase(units, at + 1, _end(units, at + 1, skip), language)) is not None:
        if nouns.head == "program" and nouns.bare != nouns.head and " " not in nouns.bare.removesuffix(" program"):
            taken.values.append(f"to {nouns.bare.removesuffix(' program')}")
            return nouns.end
        if nouns.bare == "program":
            return nouns.end
        if entry.english == "of" and not taken.nouns and not taken.whole:
            taken.partitive = True
            taken.objects.append(("noun", nouns.bare))
        elif language == "es" and entry.english == "to" and nouns.use not in ("rooms", "floors") and not any(
                kind == "noun" for kind, _ in taken.objects):
            the = "the " if entry.use == "the" and nouns.text == nouns.bare else ""
            taken.objects.append(("noun", the + nouns.text))
        else:
            placed = _placed(entry, nouns)
            measured = taken.nouns and taken.nouns[-1].use == "attributes" and nouns.use == "devices"
            taken.objects.append(("place", f"of {placed.removeprefix('to ')}" if measured and placed.startswith("to ")
                                  else placed))
        taken.nouns.append(nouns)
        return nouns.end
    else:
        _plain(unit, taken)
    return at + 1


def _plain(unit: Unit, taken: Taken) -> None:
    """Take a unit that stands for itself."""
    if (entry := unit.get("question")):
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


def _is_article(units: Sequence[Unit], at: int) -> bool:
    """Whether "un" is an article: "fais-moi un café"."""
    following = units[at + 1] if at + 1 < len(units) else None
    return bool(units[at].get("determiner") and following and following.get("noun") and not following.get("unit"))


def _too(unit: Unit) -> bool:
    return fold(unit.text) in ("zu", "trop", "demasiado", "muy", "tres", "so", "sehr") and unit.kind != "name"


def noun_after(units: Sequence[Unit], at: int, language: str, skip: frozenset[int]) -> bool:
    return phrase(units, at + 1, _end(units, at + 1, skip), language) is not None


def _placed(entry: Entry, nouns: Nouns) -> str:
    if nouns.head in ("upstairs", "downstairs", "outside"):
        return nouns.head
    if nouns.head == "home":
        return "at home"
    word = "on" if nouns.use == "floors" else "in" if entry.english == "to" and nouns.use == "rooms" else entry.english
    word = "in" if word == "at" and nouns.use == "rooms" else word
    word = "on" if word == "in" and nouns.use == "devices" else word
    the = "the " if entry.use == "the" and not nouns.text.startswith(("the ", "all ", "a ", "my ", "this ")) else ""
    return f"{word} {the}{nouns.text}"


def _measured(units: Sequence[Unit], at: int) -> tuple[str, int] | None:
    """A number with its unit at a place -> (English, where to go on)."""
    if at < len(units) and (units[at].get("determiner") or fold(units[at].text) in ("les", "los")) and (
            at + 1 < len(units) and units[at + 1].get("number")):
        at += 1
    one = units[at].get("determiner") if at < len(units) else None
    if one and one.english == "a" and at + 1 < len(units) and (unit := units[at + 1].get("unit")):
        half = _half(units, at + 2)
        return (f"1.5 {unit.english}", at + 2 + half) if half else (f"1 {_one_of(unit.english)}", at + 2)
    if at >= len(units) or (entry := units[at].get("number")) is None:
        return None
    number, at = entry.english, at + 1
    if at + 1 < len(units) and fold(units[at].text) in ("komma", "virgule", "coma") and units[at + 1].get("number"):
        number, at = f"{number}.{units[at + 1].english}", at + 2
    half = _half(units, at)
    at += half
    unit = units[at].get("unit") if at < len(units) else None
    if unit:
        at += 1
        after = 0 if half else _half(units, at)
        half, at = half + after, at + after
    number = f"{float(number) + 0.5:g}" if half else number
    if unit:
        return f"{number} {_one_of(unit.english) if number == '1' else unit.english}", at
    return number, at


def _half(units: Sequence[Unit], at: int) -> int:
    """How many units say "and a half" here: "19 et demi", "19 y medio"."""
    said = [fold(unit.text) for unit in units[at: at + 2]]
    return 2 if len(said) == 2 and said[0] in ("et", "y") and said[1] in _HALVES else 0


def _chosen(units: Sequence[Unit], at: int) -> bool:
    """Whether a number, a value, or what is set by them stands here."""
    noun = units[at].get("noun") if at < len(units) else None
    return at < len(units) and bool(units[at].get("number", "value") or (noun and noun.english in _SETTINGS))


def _mode(units: Sequence[Unit], at: int, place: int) -> tuple[str, int] | None:
    """ "en mode froid", "auf den Modus Kühlen": a mode that is told by a state."""
    noun = units[place].get("noun")
    if not fold(units[at].text).endswith(("mode", "modo")) and not (noun and noun.english == "mode"):
        return None
    place += bool(noun and noun.english == "mode")
    state = units[place].get("state") if place < len(units) else None
    sort = units[place].get("noun") if place < len(units) else None
    if state is None and sort and sort.english in _MODES_OF:
        return f"to {_MODES_OF[sort.english]}", place + 1
    return (f"to {_MODES[state.english]}", place + 1) if state and state.english in _MODES else None


def _one_of(unit: str) -> str:
    """A unit in the singular: "degrees celsius" -> "degree celsius"."""
    first, space, rest = unit.partition(" ")
    return (first.removesuffix("s") if first != "lux" else first) + space + rest


def value_at(units: Sequence[Unit], at: int, skip: frozenset[int]) -> tuple[str, int] | None:
    """A value at a place, with "to" or "by" -> (English, where to go on)."""
    unit = units[at]
    towards, preposition = unit.get("towards"), unit.get("preposition")
    if towards and at + 1 < len(units) and at + 1 not in skip:
        inner = units[at + 1]
        word = towards.english
        if word == "to" and fold(unit.text) == "en" and inner.get("determiner"):
            word = "by"
        place = at + 1 + (bool(inner.get("determiner")) and _chosen(units, at + 2))
        if place in skip:
            return None
        inner = units[place]
        if word == "by" and (one := inner.get("unit")) and inner.get("number") is None:
            half = _half(units, place + 1)
            return (f"by 1.5 {one.english}", place + 1 + half) if half else (f"by 1 {_one_of(one.english)}", place + 1)
        if (found := _measured(units, place)) is not None:
            return f"{word} {found[0]}", found[1]
        if (mode := _mode(units, at, place)) is not None:
            return mode
        if inner.kind == "name" and inner.entries[0].use == "value":
            return f"to {inner.english}", place + 1
        if (entry := inner.get("value")) and not (place + 1 < len(units) and units[place + 1].kind in ("noun", "name")
                                                  and place + 1 not in skip):
            return f"to {entry.english}", place + 1
        noun = inner.get("noun")
        if noun and noun.english in _MEASURES and (found := _measured(units, place + 1)) is not None:
            percent = " percent" if noun.english in _MEASURES[:3] and " " not in found[0] else ""
            return f"to {found[0]}{percent}", found[1]
        if noun and noun.english in _SETTINGS:
            if (found := _measured(units, place + 1)) is not None:
                return f"to {noun.english} {found[0]}", found[1]
            if place + 1 < len(units) and (entry := units[place + 1].get("value", "adjective", "name")):
                return f"to {entry.english}", place + 2
        return None
    if preposition and preposition.english in ("in", "on") and not towards and at not in skip:
        place = at + 1 + bool(at + 1 < len(units) and units[at + 1].get("determiner"))
        noun = units[place].get("noun") if place < len(units) else None
        if noun and noun.english == "channel" and (found := _measured(units, place + 1)) is not None:
            return f"to channel {found[0]}", found[1]
    article = unit.get("determiner")
    if article and article.english == "a" and at + 1 < len(units) and units[at + 1].get("number") and (
            found := _measured(units, at)) and found[1] > at + 2:
        return f"by {found[0]}", found[1]
    if unit.kind == "number" and not preposition and not _is_article(units, at) and (found := _measured(units, at)):
        counts = found[1] == at + 1 < len(units) and units[at + 1].kind == "noun" and units[at + 1].plural
        return None if counts else found
    if unit.kind == "name" and unit.entries[0].use == "value":
        return unit.english, at + 1
    return None
