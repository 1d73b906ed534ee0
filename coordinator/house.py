"""The house as the language side sees it: Things with the words, kinds, senses, rooms and floors they answer to.

Immutable; made anew when a Thing comes or goes. Does not: understand sentences (ground.py), keep state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from coordinator import phrases
from coordinator.phrases import stem
from ontology.description import Affordance, Thing, words_of

_READING = frozenset({"sensor", "thermometer"})


@dataclass(frozen=True)
class Facts:
    """What is known about one Thing by its words."""

    thing: Thing
    title: tuple[str, ...]
    names: frozenset[str]
    kinds: frozenset[str]
    about: frozenset[str]
    acts: frozenset[str]
    reads: frozenset[str]
    room: str | None
    level: int | None

    @property
    def can_act(self) -> bool:
        return any(affordance.op != "read" for affordance in self.thing.affordances)

    @property
    def id(self) -> str:
        return self.thing.id


def _stems(text: str) -> tuple[str, ...]:
    return tuple(token.stem for token in phrases.tokens(text.replace("_", " ")) if token.word[0].isalnum())


def senses_of(affordance: Affordance) -> frozenset[str]:
    """What an affordance serves (brightness, lock, …), by the words of its name and title."""
    own = {stem(word) for word in words_of(affordance.name) + words_of(affordance.title)}
    own |= {stem(str(choice)) for inner in affordance.fields for choice in inner.schema.get("enum", ())[:20]}
    return frozenset(
        name for name, row in phrases.table()["senses"].items() if own & {stem(word) for word in row["can"]}
    )


def _kinds(thing: Thing) -> frozenset[str]:
    """From @type if it says one; else from the title, its last kind word first."""
    table = phrases.kind_words()
    typed = [stem(word) for kind in thing.kinds for word in words_of(kind)]
    titled = [stem(word) for word in words_of(thing.title)]
    found = [table[word][0] for word in typed if word in table]
    acts = any(affordance.op != "read" for affordance in thing.affordances)
    if not acts and ("sensor" in found or "sensor" in titled or "detector" in titled):
        return frozenset(kind for kind in ["sensor", *found] if kind in _READING)
    if not found:
        found = [table[word][0] for word in reversed(titled) if word in table][:1]
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


def _level(name: str | None) -> int | None:
    if not name:
        return None
    levels = phrases.table()["floors"]["levels"]
    for word in [*words_of(name), name.lower().strip()]:
        if word.lstrip("-") in levels:
            return int(levels[word.lstrip("-")])
    digits = name.strip()
    return int(digits) if digits.lstrip("-").isdigit() else None


@dataclass(frozen=True)
class House:
    """All Things, with lookups. Build it with `House.of(things)`; `House(things)` does the same."""

    things: tuple[Thing, ...]
    facts: tuple[Facts, ...] = field(init=False, repr=False, compare=False)
    rooms: tuple[str, ...] = field(init=False, repr=False, compare=False)
    floors: tuple[str, ...] = field(init=False, repr=False, compare=False)
    names: frozenset[str] = field(init=False, repr=False, compare=False)
    _bare_rooms: dict[str, str] = field(init=False, repr=False, compare=False)  # "livingroom" -> "living room"

    def __post_init__(self) -> None:
        facts = tuple(_facts(thing) for thing in self.things)
        rooms = tuple(dict.fromkeys(fact.room for fact in facts if fact.room))
        floors = tuple(dict.fromkeys(thing.floor.lower() for thing in self.things if thing.floor))
        names = frozenset(word for fact in facts for word in (*fact.title, *fact.names))
        names |= {stem(word) for room in (*rooms, *floors) for word in words_of(room)}
        object.__setattr__(self, "things", tuple(self.things))
        object.__setattr__(self, "facts", facts)
        object.__setattr__(self, "rooms", rooms)
        object.__setattr__(self, "floors", floors)
        object.__setattr__(self, "names", names)
        bare = {room.replace(" ", "").replace("'", ""): room for room in rooms}
        object.__setattr__(self, "_bare_rooms", bare)

    @classmethod
    def of(cls, things: Iterable[Thing]) -> House:
        return cls(tuple(things))

    def fact(self, thing_id: str) -> Facts | None:
        """The facts of one Thing by id."""
        return next((fact for fact in self.facts if fact.id == thing_id), None)

    def room_named(self, said: str) -> str | None:
        """The house's room for what a person calls it, or None."""
        said = " ".join(said.lower().split())
        room = self._bare_rooms.get(said.replace(" ", "").replace("'", ""))
        if room is not None:
            return room
        same = next((row for row in phrases.table()["rooms"]["same"] if said in row), None)
        if same is None and said not in phrases.words("known.rooms"):
            return None
        names = [said, *(same or ())]
        for name in names:
            if name in self.rooms:
                return name
        for name in names:
            parts = set(name.split())
            inside = [room for room in self.rooms if parts <= set(words_of(room))]
            if len(inside) == 1 and (same is not None or said in inside[0]):
                return inside[0]
        return None

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


def _facts(thing: Thing) -> Facts:
    acting = [item for item in thing.affordances if item.op != "read"]
    readable = [item for item in thing.affordances if item.op == "read"]
    typed = {stem(word) for kind in thing.kinds for word in words_of(kind)}
    title = _stems(thing.title)
    return Facts(
        thing=thing,
        title=title,
        names=frozenset(title) | typed | {thing.segment},
        kinds=_kinds(thing),
        about=frozenset(_stems(thing.description)),
        acts=frozenset().union(*(senses_of(item) for item in acting)),
        reads=frozenset().union(*(senses_of(item) for item in readable)),
        room=thing.room.lower() if thing.room else None,
        level=_level(thing.floor),
    )
