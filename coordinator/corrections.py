"""“No, the other lamp”, “I meant the blinds”, “wrong room”, “no, 40 percent”, “undo that”: what puts a command right.

A correction becomes the whole sentence that was meant: the one before, with another name, place, value or state in it.
It is planned like any other, so that policy judges it and an ambiguous one is asked back. What is learned from it is
another matter (lessons.py). Pure: it acts on nothing and keeps nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from coordinator import ground, phrases, times
from coordinator.denial import AGAIN, Rest, rest_of
from coordinator.house import Facts, House
from coordinator.memory import table
from coordinator.phrases import words
from coordinator.plan import Plan
from coordinator.questions import Question, cancel_hint, trimmed, which_one
from coordinator.reading import Part, Phrase, read
from coordinator.render import article
from coordinator.spoken import Spoken, called, room_in
from coordinator.times import Now

MEANT, UNDO, WHICH = "meant", "undo", "which"


@dataclass(frozen=True)
class Before:
    """The command that is put right. `said`: its first words; `text`: the sentence as it was put right so far; `plan`:
    what was made of it; `command`: its number in the journal; `whole`: it was a learned sentence."""

    said: str
    text: str
    room: str | None
    plan: Plan
    command: int
    whole: bool = False

    @property
    def things(self) -> tuple[str, ...]:
        """Ids of the Things that it moved or asked."""
        return tuple(dict.fromkeys(step.thing.id for step in self.plan.steps))


@dataclass(frozen=True)
class Correction:
    """`kind`: meant (do `text` instead), undo, or which (`question` asks for what was meant)."""

    kind: str
    text: str = ""
    question: Question | None = None


def understand(text: str, before: Before, house: House) -> Correction | None:
    """What a sentence puts right of the one before; None if it is no correction."""
    rest = rest_of(phrases.clean(text))
    if rest is None:
        return None
    said = trimmed(phrases.tokens(rest.text))
    if " ".join(token.word for token in said if token.word[0].isalnum()) in table()["undo"]["alone"]:
        return Correction(UNDO)
    if not (rest.strong or rest.weak) or cancel_hint(phrases.tokens(rest.text)) is not None:
        return None
    if not said:
        return _which(rest.wrong, before, house) if rest.strong else None
    return _Correcting(rest, before, house).made()


def _which(wrong: str, before: Before, house: House) -> Correction | None:
    """ "Not that one", "wrong room": the other Things that may have been meant."""
    taken = [fact for thing in before.things if (fact := house.fact(thing)) is not None]
    if not taken:
        return None
    others = _others(taken, house, (), elsewhere=wrong in table()["deny"]["places"])
    return _one_of(others, before, house) if others else Correction(UNDO)


def _others(
    taken: Sequence[Facts], house: House, parts: Sequence[Part], room: str = "", elsewhere: bool = False
) -> tuple[Facts, ...]:
    """Things like those taken: explained by `parts`, or of the same kind; nearest first: their room, the speaker's."""
    kinds, rooms = frozenset().union(*(fact.kinds for fact in taken)), {fact.room for fact in taken}
    acting = any(fact.can_act for fact in taken)
    ids = {fact.id for fact in taken}
    pool = [fact for fact in house.facts if fact.id not in ids and (fact.can_act or not acting)]
    if parts:
        pool = [fact for fact in pool if all(ground.explains(fact, part, house) for part in parts)]
    else:
        pool = [fact for fact in pool if fact.kinds & kinds]
    if elsewhere:
        return tuple(fact for fact in pool if fact.room not in rooms)
    for near in (rooms, {room} if room else set()):
        if here := [fact for fact in pool if fact.room in near]:
            return tuple(here)
    return tuple(pool)


def _one_of(others: Sequence[Facts], before: Before, house: House) -> Correction:
    """The one Thing that is left, or the question which it is."""
    if len(others) == 1:
        return Correction(MEANT, _with_name(before, called(others[0], house), house))
    return Correction(WHICH, question=which_one(tuple(others), lambda name: f"{AGAIN}{article(name)}"))


def _with_name(before: Before, name: str, house: House) -> str:
    """The sentence before, with another name in the place of the one that was misunderstood."""
    spoken = Spoken.of(before.text, house)
    phrase = _misnamed(spoken, _kind_of(name))
    if phrase is not None:
        attributes = f"the {' '.join(phrase.attributes)} of " if phrase.attributes else ""
        return spoken.put(phrase.start, phrase.end, attributes + name)
    pronoun = next((reading.pronoun for _, reading in spoken.readings if reading.pronoun), None)
    if not before.plan.steps:
        return spoken.put(pronoun.start, pronoun.end, name) if pronoun and pronoun.end else spoken.text
    step = before.plan.steps[-1]
    title = article(step.thing.title)
    return step.text.replace(title if title in step.text else step.thing.title, name, 1)


def _misnamed(spoken: Spoken, like: str) -> Phrase | None:
    """The name that is put right: of the same kind as the new one (`like`) if one is, else the last."""
    if like and len(spoken.names) > 1:
        same = [phrase for phrase in spoken.names if _kind_of(spoken.said(phrase)) == like]
        if same:
            return same[-1]
    return spoken.names[-1] if spoken.names else None


def _kind_of(name: str) -> str:
    """The kind that the noun of a name tells: "light" of "the desk lamp in the study"."""
    table_ = phrases.kind_words()
    nouns = [token.stem for token in phrases.tokens(name.lower().split(" in ")[0]) if token.stem in table_]
    return table_[nouns[-1]][0] if nouns else ""


class _Correcting:
    """One correction that says something: what kind of thing it says decides what becomes of the sentence before."""

    def __init__(self, rest: Rest, before: Before, house: House) -> None:
        self.rest, self.before, self.house = rest, before, house
        self.new = Spoken.of(self._named_in_full(rest.text), house)
        reading = self.new.readings[0][1] if self.new.readings else None
        self.reading = reading or read((), (), house)
        self.value = _value(self.new)

    def _named_in_full(self, text: str) -> str:
        """ "the left one" -> "the left lamp"."""
        tokens = phrases.tokens(text)
        at = next((at for at, token in enumerate(tokens) if token.word in ("one", "ones") and at and (
            tokens[at - 1].word not in words("verbs.plain"))), None)
        head = self._head()
        if at is None or not head or tokens[at - 1].word in ("that", "this"):
            return text
        noun = head + ("s" if tokens[at].word == "ones" else "")
        return text[:tokens[at].start] + noun + text[tokens[at].end:]

    def _head(self) -> str:
        """The noun of the name before: "lamp" of "the kitchen lamp"."""
        spoken = Spoken.of(self.before.text, self.house)
        phrase = spoken.names[-1] if spoken.names else None
        if phrase is not None:
            found = [token for token in spoken.tokens if phrase.start <= token.start and token.end <= phrase.end]
            places = {mark.start for mark in spoken.marks if mark.kind in ("room", "floor")}
            nouns = [token for token in found if token.stem in phrases.kind_words() and token.start not in places]
            if nouns:
                return nouns[-1].stem
        titles = [step.thing.title for step in self.before.plan.steps]
        return phrases.stem(titles[-1].split()[-1]) if titles else ""

    def made(self) -> Correction | None:
        """The correction, or None."""
        names = self.new.names
        nouns = [phrase for phrase in names if phrase.has("title", "kind", "word", "unknown") or phrase.other]
        ordered = self.reading.verb is not None and bool(nouns or self.reading.pronoun or names)
        if ordered:
            return self._order()
        if nouns and not _is_value(nouns[0], self.value, self.new):
            return self._thing(nouns[-1])
        if names:
            return self._place(names[-1])
        if times.find(self.new.tokens, Now(0)):
            return Correction(MEANT, f"{self.before.text.rstrip(' .!?')} {self.new.text}")
        if self.value:
            return Correction(MEANT, self._with_value())
        if state := self._state():
            return Correction(MEANT, self._with_state(state))
        return None

    def _order(self) -> Correction | None:
        if not self.rest.strong:
            return None
        return Correction(MEANT, self.new.text)

    def _thing(self, phrase: Phrase) -> Correction | None:
        if phrase.other:
            taken = [fact for thing in self.before.things if (fact := self.house.fact(thing)) is not None]
            parts = [part for part in phrase.parts if part.role not in ("attribute", "plain")]
            others = _others(taken, self.house, parts, room_in(self.house, self.before.room))
            if not taken or phrase.every or phrase.plural:
                return Correction(MEANT, _with_name(self.before, self.new.said(phrase), self.house))
            return _one_of(others, self.before, self.house) if others else None
        name = self.new.said(phrase)
        if name.split()[0].lower() not in words("words.determiner") | words("words.all"):
            name = article(name)
        text = _with_name(self.before, name, self.house)
        return Correction(MEANT, _valued(text, self.value, self.house) if self.value else text)

    def _place(self, phrase: Phrase) -> Correction:
        """ "in the kitchen", "the kitchen", "upstairs"."""
        mark = next((mark for mark in self.new.marks if phrase.start <= mark.start and mark.end <= phrase.end), None)
        said = self.new.text[mark.start:mark.end] if mark is not None else self.new.said(phrase)
        spoken = Spoken.of(self.before.text, self.house)
        where = said if mark is not None and mark.kind == "floor" and " " not in said else (
            f"{'on' if mark is not None and mark.kind == 'floor' else 'in'} the {said}")
        name = spoken.names[-1] if spoken.names else None
        if name is None:
            return Correction(MEANT, f"{spoken.text.rstrip(' .!?')} {where}")
        old = [one for one in spoken.marks if name.start <= one.start and one.end <= name.end]
        place = next((one for one in old if one.kind in ("room", "floor")), None)
        if place is not None:
            return Correction(MEANT, spoken.put(place.start, place.end, said))
        if old and (head := self._head()):  # a title: "the Hall lamp" becomes "the lamp in the kitchen"
            return Correction(MEANT, spoken.put(name.start, name.end, f"the {head} {where}"))
        return Correction(MEANT, spoken.put(name.end, name.end, f" {where}"))

    def _state(self) -> str:
        return next((token.word for token in self.new.tokens if token.word in words("verbs.states")
                     or token.word in phrases.table()["verbs"]["undo"]), "")

    def _with_value(self) -> str:
        return _valued(self.before.text, self.value, self.house)

    def _with_state(self, state: str) -> str:
        """ "off": in the place of the state that was said, or as an order of its own."""
        spoken = Spoken.of(self.before.text, self.house)
        inside = [(phrase.start, phrase.end) for phrase in spoken.names]
        free = [token for token in spoken.tokens if not any(a <= token.start < b for a, b in inside)]
        opposite = phrases.table()["verbs"]["undo"]
        ordered = phrases.table()["verbs"]["ordered"]
        verb = str(ordered.get(state, state))
        comparing = set(table()["relative"]["words"])
        for token in free:
            if {state, token.word} <= comparing & words("verbs.states"):
                return spoken.put(token.start, token.end, state)
            if state in ("on", "off") and token.word in ("on", "off"):
                return spoken.put(token.start, token.end, state)
            if opposite.get(token.word) == verb or opposite.get(verb) == token.word:
                return spoken.put(token.start, token.end, verb)
        target = _targets(spoken, self.before)
        if state in comparing:
            return f"make {target} {state}"
        return f"turn {state} {target}" if state in ("on", "off") else f"{verb} {target}"


def _value(spoken: Spoken) -> str:
    """The amount or the colour that a correction names, with its unit: "40 percent", "blue"."""
    spans = values_of(spoken)
    return spoken.text[spans[0][0]:spans[-1][1]] if spans else ""


def values_of(spoken: Spoken) -> list[tuple[int, int]]:
    """Places of the amounts and colours outside of names."""
    inside = [(phrase.start, phrase.end) for phrase in spoken.names if phrase.has("title", "room", "floor")]
    found: list[tuple[int, int]] = []
    at, tokens = 0, spoken.tokens
    while at < len(tokens):
        token = tokens[at]
        if any(start <= token.start < end for start, end in inside):
            at += 1
            continue
        number = times.number(tokens, at)
        if number is not None and token.word not in ("a", "an", "one"):
            end = at + number[1]
            while end < len(tokens) and (tokens[end].word in "%°" or tokens[end].stem in (
                    "percent", "degree", "celsius", "fahrenheit", "kelvin", "c", "f")):
                end += 1
            found.append((token.start, tokens[end - 1].end))
            at = end
            continue
        if "colour" in phrases.senses_of_word(token.word) and token.word not in ("colour", "color", "hue"):
            found.append((token.start, token.end))
        at += 1
    return found


def _is_value(phrase: Phrase, value: str, spoken: Spoken) -> bool:
    """Whether a phrase is no name but the value itself ("warm white")."""
    return bool(value) and spoken.said(phrase).lower() in value.lower() and not phrase.has("title")


def _valued(text: str, value: str, house: House) -> str:
    """The sentence with another value: in the place of the one that was said, or at its end."""
    spoken = Spoken.of(text, house)
    spans = values_of(spoken)
    if spans:
        start, end = spans[-1]
        kept = spoken.text[start:end]
        unit = "" if any(not letter.isdigit() and letter not in ".," for letter in value) else _unit(kept)
        return spoken.put(start, end, value + unit)
    free = {token.word for token in spoken.tokens}
    if free & {"on", "off"} and spoken.names:
        name = spoken.names[-1]
        return f"set {spoken.said(name)} to {value}"
    return f"{spoken.text.rstrip(' .!?')} to {value}"


def _unit(said: str) -> str:
    """The unit of an amount, as it followed the number."""
    at = next((at for at, letter in enumerate(said) if letter in " %°"), len(said))
    return said[at:] if said[:1].isdigit() else ""


def _targets(spoken: Spoken, before: Before) -> str:
    if spoken.names:
        return spoken.said(spoken.names[-1])
    return " and ".join(dict.fromkeys(article(step.thing.title) for step in before.plan.steps)) or "it"
