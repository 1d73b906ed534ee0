"""Noun phrases of a sentence's units in English order: "la lumière chaude de la cuisine" is "the warm kitchen light".

Rules: what belongs to a thing stands before it ("the kitchen light"), what belongs to a measure after it ("the
temperature of the kitchen"); names of the house and unknown words are copied. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.language.tongues.fold import fold
from models.language.tongues.lexicon import Entry
from models.language.tongues.units import Unit

_PLACE_ONLY = frozenset({"upstairs", "downstairs", "outside", "home", "somebody", "nobody", "everybody", "people"})
_PLURAL = {"shelf": "shelves", "leaf": "leaves", "person": "people", "child": "children", "box": "boxes",
           "switch": "switches", "news": "news", "people": "people", "goods": "goods", "battery": "batteries",
           "fish": "fish", "sheep": "sheep", "dress": "dresses", "glass": "glasses", "fairy lights": "fairy lights",
           "wall switch": "wall switches"}
_ARTICLES = {"de": ("der", "des", "den", "dem"), "fr": (), "es": ()}


@dataclass(slots=True)
class Nouns:
    """A noun phrase: its English `text`, the unit `end` after it, what its head is (`use`: rooms, devices, …)."""

    text: str
    end: int
    use: str = ""
    head: str = ""
    plural: bool = False
    bare: str = ""


def plural_of(english: str) -> str:
    """The English plural of a lexicon noun."""
    first, _, last = english.rpartition(" ")
    if english in _PLURAL:
        return _PLURAL[english]
    if last in _PLURAL:
        return f"{first} {_PLURAL[last]}"
    if english.endswith(("s", "ing")) and not english.endswith(("bus", "building")):
        return english
    if last.endswith("y") and last[-2:-1] not in "aeiou":
        return english[:-1] + "ies"
    return english + ("es" if last.endswith(("x", "ch", "sh", "z")) else "s")


def phrase(units: Sequence[Unit], at: int, stop: int, language: str, inner: bool = False) -> Nouns | None:
    """The noun phrase that begins at a unit, or None."""
    begin = at
    quantity, determiner, other = "", "", ""
    before: list[str] = []
    while at < stop:
        unit = units[at]
        if unit.kind == "name" and unit.entries[0].use != "value":
            break
        if (entry := unit.get("all")) and not (entry.english == "everything" and before):
            if entry.english in ("everything", "everywhere") and not _counts(units, at + 1, stop):
                if quantity or determiner or before:
                    break
                return Nouns(entry.english, at + 1, "all", entry.english)
            if "other" in entry.english:
                other = "other"
                quantity = quantity or ("all" if entry.english != "other" else "")
            else:
                quantity = "all" if entry.english == "everything" else entry.english
            at += 1
        elif (entry := unit.get("determiner")) and _noun_follows(units, at + 1, stop):
            determiner = determiner or entry.english
            at += 1
        elif entry := _described(units, at, stop):
            before.append(entry.english)
            at += 1
        else:
            break
    nouns: list[Unit] = []
    after: list[str] = []
    while at < stop:
        unit = units[at]
        if unit.kind in ("quote", "when", "stop"):
            break
        if nouns and language == "de" and _apart(units, begin, nouns[-1], unit):
            break
        if nouns and (place := unit.get("noun")) and place.english in _PLACE_ONLY:
            break
        if _goes_on(units, at, stop, nouns):
            nouns.append(unit)
            at += 1
        elif nouns and language != "de" and (entry := _following(units, at, stop, after)):
            after.append(entry.english)
            at += 1
        else:
            break
    if not nouns:
        if quantity or other:
            text = " ".join(part for part in (quantity, "the" if other and not quantity else "", other) if part)
            text += " ones" if other and quantity else " one" if other else ""
            return Nouns(text.replace("every ", "all ") if other else text, at, "all", text)
        return None
    return _made(units, at, stop, language, nouns, before + after, quantity, determiner, other, inner)


def _counts(units: Sequence[Unit], at: int, stop: int) -> bool:
    """Whether "everything" counts a noun: "alles Licht"."""
    return at < stop and units[at].kind == "noun"


def _described(units: Sequence[Unit], at: int, stop: int) -> Entry | None:
    """The number, adjective or colour that stands before its noun at a unit."""
    unit = units[at]
    if (entry := unit.get("number")) and _counted(units, at + 1, stop):
        return entry
    if not _describes(units, at, stop):
        return None
    state = unit.get("state")
    return unit.get("adjective", "value") or (state if state and state.use == "inflected" else None)


def _goes_on(units: Sequence[Unit], at: int, stop: int, nouns: Sequence[Unit]) -> bool:
    """Whether a unit is one more noun of a phrase, or the number of its last."""
    unit = units[at]
    if not nouns:
        return _is_noun(unit)
    if unit.get("number"):
        return not _measure(units, at + 1, stop) and not _counted(units, at + 1, stop) and _numbered(nouns[-1], unit)
    names = unit.kind == "name" and nouns[-1].kind == "name"
    return _is_noun(unit) and not names and not unit.get("question", "opener", "join", "preposition")


def _following(units: Sequence[Unit], at: int, stop: int, after: Sequence[str]) -> Entry | None:
    """The adjective that follows its noun at a unit."""
    adjective = units[at].get("adjective")
    if adjective and not after:
        return adjective
    return units[at].get("value") if _coloured(units, at, stop) else None


def _made(units: Sequence[Unit], at: int, stop: int, language: str, nouns: list[Unit], adjectives: list[str],
          quantity: str, determiner: str, other: str, inner: bool) -> Nouns:
    if language != "de" and len(nouns) == 2 and _use(nouns[1]) == "rooms" and _use(nouns[0]) == "devices":
        nouns.reverse()
    head = nouns[-1] if not nouns[-1].get("number") or len(nouns) < 2 else nouns[-2]
    plural = head.kind != "name" and (head.plural or _many(head, quantity, determiner, units, at))
    plural = plural or (quantity == "all" and head.kind == "noun" and _use(head) == "devices")
    parts = []
    for unit in nouns:
        entry = unit.get("noun")
        english = unit.english if unit.kind in ("name", "unknown") or entry is None else entry.english
        if unit is not head and unit.get("adjective") and entry is None:
            english = unit.get("adjective").english  # type: ignore[union-attr]
        parts.append(plural_of(english) if unit is head and plural and unit.kind == "noun" else english)
    use, said = _use(head), parts[nouns.index(head)]
    if parts == ["lamps"]:  # what gives light, however it is called
        parts = ["lights"]
    bare = " ".join([*adjectives, *parts])
    tail = ""
    while at < stop and (link := _link(units, at, stop, language)):
        owner = phrase(units, link, stop, language, inner=True)
        if owner is None or owner.use == "all":
            break
        shared = _shared(units, owner.end, stop, language)
        if owner.use == "floors":
            tail += f" {owner.text}" if owner.head in _PLACE_ONLY else f" on the {owner.bare}"
            at = owner.end
        elif use == "attributes" or shared is not None or (quantity in ("all",) and head.kind == "name"):
            held = units[link - 1].get("preposition")
            the = "the " if held and held.use == "the" and owner.text == owner.bare and owner.use != "unknown" else ""
            tail += f" {'of' if use == 'attributes' else 'in'} {the}{owner.text}"
            at = owner.end
            while shared is not None:
                tail += f" and {shared.text}"
                at, shared = shared.end, _shared(units, shared.end, stop, language)
        else:
            bare = f"{owner.bare} {bare}"
            at = owner.end
    small = determiner if not (quantity in ("all", "every", "both") and determiner == "the") else ""
    if said in _PLACE_ONLY or bare in _PLACE_ONLY:
        small = ""
    small = small or ("the" if other and not quantity else "")
    text = " ".join(part for part in (quantity, small, other, bare) if part)
    return Nouns(text + tail, at, use, said, plural or quantity == "all", bare + tail)


def _many(head: Unit, quantity: str, determiner: str, units: Sequence[Unit], at: int) -> bool:
    """Whether a German noun that is alike in both numbers is meant as many: "die Fenster", "alle Fenster"."""
    entry = head.get("noun")
    if entry is None or entry.lemma != "alike" or entry.use in ("attributes", "floors"):
        return False
    before = [one for one in units[:at] if one.end <= head.start]
    last = before[-1] if before else None
    alike = fold(head.text).endswith(("er", "el", "en", "o"))
    many = last is not None and fold(last.text) in ("die", "welche", "meine", "diese")
    return quantity in ("all", "both") or (alike and many)


def _apart(units: Sequence[Unit], begin: int, room: Unit, noun: Unit) -> bool:
    """Whether a German noun after "im Flur" begins a phrase of its own: "wenn im Flur Bewegung ist"."""
    placed = begin > 0 and units[begin - 1].get("preposition") is not None
    return placed and _use(room) == "rooms" and noun.start > room.end + 1 - (noun.get("number") is None)


def _use(unit: Unit) -> str:
    if unit.kind == "name":
        return {"room": "rooms", "floor": "floors"}.get(unit.entries[0].use, "devices")
    entry = unit.get("noun")
    return entry.use if entry else "unknown"


def _is_noun(unit: Unit) -> bool:
    if unit.kind == "name":
        return unit.entries[0].use != "value"
    if unit.kind == "unknown":
        return unit.text[0].isalnum()
    return unit.get("noun") is not None and unit.get("number") is None


def _noun_follows(units: Sequence[Unit], at: int, stop: int) -> bool:
    if at >= stop:
        return False
    unit = units[at]
    return _is_noun(unit) or unit.get("adjective", "value", "determiner", "all") is not None or (
        unit.get("number") is not None and _counted(units, at + 1, stop)) or (
        (state := unit.get("state")) is not None and state.use == "inflected")


def _counted(units: Sequence[Unit], at: int, stop: int) -> bool:
    return at < stop and (units[at].kind == "noun" and units[at].get("unit", "time") is None and units[at].plural)


def _measure(units: Sequence[Unit], at: int, stop: int) -> bool:
    return at < stop and units[at].get("unit", "time") is not None


def _numbered(noun: Unit, number: Unit) -> bool:
    return _use(noun) not in ("attributes",) and number.english.isdigit()


def _describes(units: Sequence[Unit], at: int, stop: int) -> bool:
    """Whether an adjective stands before the noun it belongs to."""
    while at + 1 < stop and units[at + 1].get("adjective", "value") and not _is_noun(units[at + 1]):
        at += 1
    return at + 1 < stop and _is_noun(units[at + 1]) and units[at + 1].get("determiner") is None


def _coloured(units: Sequence[Unit], at: int, stop: int) -> bool:
    """Whether a colour after a noun is part of the name: "la lampe rouge" does not make it red, unless it ends."""
    return at + 1 < stop and units[at + 1].get("preposition", "state", "number") is not None


def _link(units: Sequence[Unit], at: int, stop: int, language: str) -> int:
    """Where the phrase begins that is linked on by "of"; 0 if none is."""
    entry = units[at].get("preposition")
    if entry and entry.english == "of" and at + 1 < stop and not units[at + 1].get("number"):
        return at + 1
    if language == "de" and at + 1 < stop and fold(units[at].text) in ("der", "des") and (
            _noun_follows(units, at + 1, stop)):
        return at
    return 0


def _shared(units: Sequence[Unit], at: int, stop: int, language: str) -> Nouns | None:
    """A second owner: "du salon et de la cuisine"."""
    join = units[at].get("join") if at < stop else None
    if join is None or join.english not in ("and", "or") or at + 1 >= stop:
        return None
    link = units[at + 1].get("preposition")
    if link is None or link.english != "of":
        return None
    found = phrase(units, at + 2, stop, language, inner=True)
    if found is None or found.use not in ("rooms", "floors", "devices"):
        return None
    if link.use == "the" and found.text == found.bare:
        found.text = f"the {found.text}"
    return found
