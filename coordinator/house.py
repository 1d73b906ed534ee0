"""The house as the language side sees it: Things with the words, kinds, senses, rooms and floors they answer to.

Immutable; made anew when a Thing comes or goes. Does not: understand sentences (ground.py), keep state."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from coordinator import phrases
from coordinator.phrases import stem
from models.language.tongues.house_names import Names
from models.language.tongues.naming import english_of, language_of_names
from ontology.description import Affordance, Thing, words_of

_READING = frozenset({"sensor", "thermometer"})
_PARTS = re.compile(r"[/(),&+]| and | - ")
_NAMED_MAX = 20_000
_ANY_PLACE = frozenset({"room", "area", "house", "space", "place", "floor", "home", "main", "outdoor", "outside"})
_ORDINALS = {
    "first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5",
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
}  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What is known about one Thing by its words. `able`: those of what it can do; `said`: all that it can be told or
    asked, the choices of its values among them."""

    thing: Thing
    title: tuple[str, ...]
    names: frozenset[str]
    kinds: frozenset[str]
    about: frozenset[str]
    acts: frozenset[str]
    reads: frozenset[str]
    able: frozenset[str]
    said: frozenset[str]
    room: str | None
    level: int | None
    # The title in English, where it is in another language that we read: "Stehlampe" is also a "floor lamp".
    alias: tuple[str, ...] = ()

    @property
    def can_act(self) -> bool:
        return any(affordance.op != "read" for affordance in self.thing.affordances)

    @property
    def id(self) -> str:
        return self.thing.id


def _bare(name: str) -> str:
    return name.replace(" ", "").replace("'", "").replace("-", "")


def _numbered(said: str) -> str:
    """ "second bedroom", "bedroom two" -> "bedroom 2"."""
    parts = said.split()
    if len(parts) > 1 and parts[-1] in _ORDINALS:
        return " ".join([*parts[:-1], _ORDINALS[parts[-1]]])
    for at, part in enumerate(parts[:-1]):
        if part in _ORDINALS:
            return " ".join([*parts[:at], *parts[at + 1 :], _ORDINALS[part]])
    return said


def _stems(text: str) -> tuple[str, ...]:
    return tuple(token.stem for token in phrases.tokens(text.replace("_", " ")) if token.word[0].isalnum())


def senses_of(affordance: Affordance) -> frozenset[str]:
    """What an affordance serves (brightness, lock, …), by the words of its name and title."""
    own = {stem(word) for name in (affordance.name, affordance.title) for word in words_of(english_of(name) or name)}
    choices = (str(choice) for inner in affordance.fields for choice in inner.schema.get("enum", ())[:20])
    own |= {stem(english_of(choice) or choice) for choice in choices}
    return frozenset(
        name for name, row in phrases.table()["senses"].items() if own & {stem(word) for word in row["can"]}
    )


def reads_of(affordance: Affordance) -> frozenset[str]:
    """What a property tells, by the words of its name alone."""
    own = {stem(word) for word in words_of(english_of(affordance.name) or affordance.name)}
    return frozenset(
        name for name, row in phrases.table()["senses"].items() if own & {stem(word) for word in row["can"]}
    )


def _kinds(thing: Thing, named: str) -> frozenset[str]:
    """From @type if it says one; else from the title, its last kind word first."""
    table = phrases.kind_words()
    typed = [stem(word) for kind in thing.kinds for word in words_of(english_of(kind) or kind)]
    titled = [stem(word) for word in words_of(named)]
    found = [table[word][0] for word in typed if word in table]
    acts = any(affordance.op != "read" for affordance in thing.affordances)
    if not acts and ("sensor" in found or "sensor" in titled or "detector" in titled):
        return frozenset(kind for kind in ["sensor", *found] if kind in _READING)
    if set(found) <= {"socket", "switch"} and found:
        special = [kind for kind in _titled(titled) if kind not in ("socket", "switch")]
        plain = ["socket"] if "switch" in found and not special else []
        return frozenset([*found, *special[:1], *plain])
    if not found:
        found = _titled(titled)[:1]
    else:
        found += [table[word][0] for word in titled[-1:] if word in table]
    if not found and acts:
        able = frozenset().union(*(senses_of(item) for item in thing.affordances if item.op != "read"))
        for sense, kind in (
            ("brightness", "light"),
            ("colour", "light"),
            ("lock", "lock"),
            ("volume", "media"),
            ("position", "covering"),
            ("temperature", "climate"),
        ):
            if sense in able:
                found = [kind]
                break
    return frozenset(found)


def _titled(title: list[str]) -> list[str]:
    """The kinds that a title names, its last word first; a brand is the least."""
    table, sorts = phrases.kind_words(), phrases.sorts()
    spans = [tuple(title[at : at + length]) for length in (3, 2, 1) for at in range(len(title) - length + 1)]
    several = [sorts[span] for span in spans if span in sorts]
    return [
        *(
            kinds[0]
            for span, kinds in zip([s for s in spans if s in sorts], several, strict=True)
            if len(kinds) == 1 and len(span) > 1
        ),
        *(table[word][0] for word in reversed(title) if word in table),
        *(kinds[0] for kinds in several),
    ]


def _level(name: str | None) -> int | None:
    if not name:
        return None
    levels = phrases.table()["floors"]["levels"]
    name = english_of(name) or name
    for word in [*words_of(name), name.lower().strip()]:
        if word.lstrip("-") in levels:
            return int(levels[word.lstrip("-")])
    digits = name.strip()
    return int(digits) if digits.lstrip("-").isdigit() else None


@dataclass(frozen=True)
class Name:
    """A whole name in stems, the Things that have it, and whether it is one of many ("Tree lights")."""

    stems: tuple[str, ...]
    ids: tuple[str, ...]
    plural: bool


def _titles(facts: tuple[Facts, ...]) -> dict[str, tuple[Name, ...]]:
    """First stem -> the names that begin with it: titles, English titles, other names. One common word is no name."""
    named: dict[tuple[str, ...], dict[str, None]] = {}
    for fact in facts:
        others = [_stems(name) for name in _others(fact.thing.description)]
        own = fact.title[:1]
        if len(fact.title) > 1 or (own and own[0] not in phrases.vocabulary() and len(own[0]) > 2):
            named.setdefault(fact.title, {})[fact.id] = None
        for other in (fact.alias, *others):
            if len(other) > 1 or (other and other[0] not in phrases.vocabulary()):
                named.setdefault(other, {})[fact.id] = None
    plurals = {fact.title for fact in facts if phrases.is_plural(fact.thing.title.lower().split()[-1])}
    found: dict[str, list[Name]] = {}
    for stems, ids in named.items():
        found.setdefault(stems[0], []).append(Name(stems, tuple(ids), stems in plurals))
    return {first: tuple(names) for first, names in found.items()}


def _others(description: str) -> list[str]:
    """The names in "Also called the big one, sun." """
    said = re.search(r"Also called ([^.]+)\.", description)
    return said[1].split(", ") if said else []


@dataclass(frozen=True)
class House:
    """All Things, with lookups. Build it with `House.of(things)`; `House(things)` does the same."""

    things: tuple[Thing, ...]
    facts: tuple[Facts, ...] = field(init=False, repr=False, compare=False)
    rooms: tuple[str, ...] = field(init=False, repr=False, compare=False)
    floors: tuple[str, ...] = field(init=False, repr=False, compare=False)
    names: frozenset[str] = field(init=False, repr=False, compare=False)
    kinds: frozenset[str] = field(init=False, repr=False, compare=False)
    said: frozenset[str] = field(init=False, repr=False, compare=False)
    titles: dict[str, tuple[Name, ...]] = field(init=False, repr=False, compare=False)
    # The names as a reader of other languages must leave them.
    spoken: Names = field(init=False, repr=False, compare=False)
    _room_alias: dict[str, str] = field(init=False, repr=False, compare=False)  # "living room" -> "wohnzimmer"
    _bare_rooms: dict[str, str] = field(init=False, repr=False, compare=False)  # "livingroom" -> "living room"
    _named: dict[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)  # what was asked before
    answers: dict[tuple[object, ...], frozenset[str]] = field(init=False, repr=False, compare=False)  # (ground.py)

    def __post_init__(self) -> None:
        spoken = language_of_names([name for thing in self.things for name in (thing.title, thing.room) if name])
        facts = tuple(_facts(thing, spoken) for thing in self.things)
        rooms = tuple(dict.fromkeys(fact.room for fact in facts if fact.room))
        floors = tuple(dict.fromkeys(thing.floor.lower() for thing in self.things if thing.floor))
        names = frozenset(word for fact in facts for word in (*fact.title, *fact.names))
        names |= {stem(word) for room in (*rooms, *floors) for word in words_of(room)}
        object.__setattr__(self, "things", tuple(self.things))
        object.__setattr__(self, "facts", facts)
        object.__setattr__(self, "rooms", rooms)
        object.__setattr__(self, "floors", floors)
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "titles", _titles(facts))
        object.__setattr__(self, "said", frozenset(word for fact in facts for word in fact.said))
        object.__setattr__(self, "kinds", frozenset(kind for fact in facts for kind in fact.kinds))
        alias = {known.lower(): room for room in rooms if (known := english_of(room, spoken))}
        values = (str(choice) for thing in self.things for item in thing.affordances for inner in item.fields
                  for choice in inner.schema.get("enum", ())
                  if isinstance(choice, str) and english_of(choice, spoken) is None)
        heard = Names((thing.title for thing in self.things), (thing.room for thing in self.things if thing.room),
                      (thing.floor for thing in self.things if thing.floor), values,
                      (" ".join(fact.alias) for fact in facts),
                      ((thing.title, thing.room) for thing in self.things if thing.room))
        object.__setattr__(self, "spoken", heard)
        object.__setattr__(self, "_room_alias", alias)
        bare = {_bare(name): room for name, room in alias.items()}
        bare |= {_bare(part): room for room in rooms for part in _PARTS.split(room) if part.strip()}
        object.__setattr__(self, "_bare_rooms", bare | {_bare(room): room for room in rooms})
        object.__setattr__(self, "_named", {})
        object.__setattr__(self, "answers", {})

    @classmethod
    def of(cls, things: Iterable[Thing]) -> House:
        return cls(tuple(things))

    def fact(self, thing_id: str) -> Facts | None:
        """The facts of one Thing by id."""
        return next((fact for fact in self.facts if fact.id == thing_id), None)

    def room_named(self, said: str) -> str | None:
        """The house's room for what a person calls it, or None."""
        rooms = self.rooms_named(said)
        return rooms[0] if len(rooms) == 1 else None

    def rooms_named(self, said: str) -> tuple[str, ...]:
        """The house's rooms that a person may call so: one, or those of a row ("bedrooms", "guest bedroom" of two)."""
        said = " ".join(said.lower().split())
        found = self._named.get(said)
        if found is None:
            if len(self._named) >= _NAMED_MAX:
                self._named.clear()
            found = self._named[said] = self._rooms_called(said)
        return found

    def _rooms_called(self, said: str) -> tuple[str, ...]:
        if room := self._bare_rooms.get(_bare(said)):
            return (room,)
        if (numbered := _numbered(said)) != said:
            return self._rooms_called(numbered)
        table = phrases.table()["rooms"]
        same = next((row for row in table["same"] if said in row), None)
        known = phrases.words("known.rooms")
        if same is None and said not in known:
            single = " ".join([*said.split()[:-1], stem(said.rsplit(maxsplit=1)[-1])]) if said else ""
            rows = single in known or any(single in row for row in table["same"]) or _bare(single) in self._bare_rooms
            several = self._counted(single)
            if single != said and (rows or several):
                return several or self._rooms_called(single)
            return several if len(several) > 1 else ()
        names = [said, *(same or ())]
        for name in names:
            if name in self.rooms or name in self._room_alias:
                return (name if name in self.rooms else self._room_alias[name],)
        for name in names:
            parts = set(name.split())
            inside = [room for room in self.rooms if parts <= set(words_of(room))]
            if len(inside) == 1 and (same is not None or said in inside[0]):
                return (inside[0],)
        for name in names:
            if several := self._counted(name):
                return several
        for row in table["near"]:
            if said in row and (room := next((name for name in row if name in self.rooms), None)):
                return (room,)
        return ()

    def _counted(self, name: str) -> tuple[str, ...]:
        """The rooms that are called so and differ by a number or a word before it."""
        if name in _ANY_PLACE:
            return ()
        return tuple(
            room for room in self.rooms if name and (room.rstrip("0123456789 ") == name or room.endswith(f" {name}"))
        )

    def floors_named(self, said: str) -> frozenset[str]:
        """The house's floors (lower case) for "upstairs", "first floor", …; empty if there are none."""
        said = said.lower()
        if said in self.floors:
            return frozenset({said})
        if said.endswith(" floor") and said.removesuffix(" floor") in self.floors:
            return frozenset({said.removesuffix(" floor")})
        levels = {floor: level for floor in self.floors if (level := _level(floor)) is not None}
        above = sorted(level for level in levels.values() if level >= 0)
        words = phrases.table()["floors"]
        if not above:
            wanted: set[int] = {level for level in levels.values() if level == _level(said)}
        elif said in words["up"]:
            wanted = {level for level in above if level > above[0]}
        elif said in words["down"]:
            wanted = {above[0]}
        elif said in words["top"]:
            wanted = {above[-1]}
        else:
            wanted = {level for level in levels.values() if level == _level(said)}
        return frozenset(floor for floor, level in levels.items() if level in wanted)


def _said(thing: Thing) -> frozenset[str]:
    texts = [thing.title, thing.description]
    for item in thing.affordances:
        texts += [item.name, item.title, str(item.schema.get("description", ""))]
        for one in item.fields:
            texts += [one.name, *(str(choice) for choice in one.schema.get("enum", ())[:40])]
    texts += [known for text in texts if (known := english_of(text))]
    return frozenset(stem(word) for text in texts for word in words_of(text))


def _facts(thing: Thing, spoken: str | None = None) -> Facts:
    acting = [item for item in thing.affordances if item.op != "read"]
    readable = [item for item in thing.affordances if item.op == "read"]
    typed = {stem(word) for kind in thing.kinds for word in words_of(kind)}
    title = _stems(thing.title)
    alias = english_of(thing.title, spoken)
    described = english_of(thing.description) if thing.description else None
    return Facts(
        thing=thing,
        title=title,
        names=frozenset(title) | typed | {thing.segment} | frozenset(_stems(alias or "")),
        kinds=_kinds(thing, alias or thing.title),
        about=frozenset(_stems(thing.description)) | frozenset(_stems(described or "")),
        acts=frozenset().union(*(senses_of(item) for item in acting)),
        reads=frozenset().union(*(senses_of(item) for item in readable)),
        able=frozenset(stem(word) for item in acting for name in (item.name, item.title)
                       for word in (*words_of(name), *words_of(english_of(name) or ""))),
        said=_said(thing),
        room=thing.room.lower() if thing.room else None,
        level=_level(thing.floor),
        alias=_stems(alias or ""),
    )
