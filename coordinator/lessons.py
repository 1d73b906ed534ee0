"""What is to be learned from a correction: a name that stood for another Thing, or a sentence that meant another one.

Rules: it follows from the two sentences and the plan of the second; a name said in full, a number and a state that were
said mean what they say and are never learned otherwise; a name holds in other sentences too, so it must be one for the
Thing, or for nothing else here; what depends on the moment or on what was said before teaches nothing. Pure."""

from __future__ import annotations

from coordinator import ground, phrases
from coordinator.corrections import Before, values_of
from coordinator.house import Facts, House
from coordinator.memory import ANYWHERE, NAME, SENTENCE, Draft, table, template
from coordinator.plan import Plan, understand_command
from coordinator.present import TIME
from coordinator.reading import Phrase
from coordinator.spoken import Spoken, name_of, room_in, words_of


def lesson(before: Before, text: str, plan: Plan, house: House) -> Draft | None:
    """What follows from having meant `text` (planned as `plan`) by `before.said`; None if nothing may."""
    old, new = Spoken.of(before.said, house), Spoken.of(text, house)
    if not plan.steps or TIME in plan.leans or old.text.lower() == new.text.lower() or _leaning(old, before, house):
        return None
    start, end, meant = _difference(old.text, new.text)
    things = tuple(dict.fromkeys(step.thing.id for step in plan.steps))
    if not before.whole and [(step.thing.id, step.text) for step in plan.steps] == [
            (step.thing.id, step.text) for step in before.plan.steps]:
        return None
    appended = start == end and meant.split()[:1] == ["to"]
    named = None if appended else next(
        (phrase for phrase in old.names if phrase.start <= start and end <= phrase.end), None)
    fresh = tuple(thing for thing in things if thing not in before.things) or things
    if named is not None and (named.every or _in_full(named, old, house)):
        return None
    placed = meant.split()[:1] in (["in"], ["on"], ["at"]) or (
        bool(meant) and any(mark.kind != "title" and new.text[mark.start:mark.end] == meant for mark in new.marks))
    if named is not None and named.has("room", "floor") and placed:
        return None
    if named is not None and not placed and not before.whole and _free(named) and len(fresh) == 1:
        fact = house.fact(fresh[0])
        # A name holds in other sentences too, so it must be one for this Thing, or for nothing else that is here.
        if fact is not None and ((not named.plural and _answers(fact, named, house)) or not _known(named, house)):
            return Draft(NAME, name_of(old, named), _scope(before, named, house), "{0}", (fact.id,))
    if named is not None and not placed and not before.whole and _free(named) and not _known(named, house):
        phrase = next((one for one in new.names if one.start <= start), None)
        if phrase is not None:
            return Draft(NAME, name_of(old, named), ANYWHERE, new.said(phrase), things)
    if named is None and (old.names or not new.names) and not _may_mean(old, start, end, meant):
        return None
    room = ANYWHERE if _anywhere(before, house) else room_in(house, before.room)
    return Draft(SENTENCE, words_of(old.tokens), room, template(new.text, things, house), things)


def _leaning(spoken: Spoken, before: Before, house: House) -> bool:
    """Whether a sentence means something only after another one: "turn it off", but not "it is too dark"."""
    if not any(reading.pronoun or reading.there for _, reading in spoken.readings):
        return False
    alone = understand_command(before.said, house, before.room)
    return not alone.steps or [step.text for step in alone.steps] != [step.text for step in before.plan.steps]


def _free(phrase: Phrase) -> bool:
    return not (phrase.every or phrase.other or phrase.has("title", "room", "floor"))


def _difference(old: str, new: str) -> tuple[int, int, str]:
    """Where the two differ, in whole words: the place in `old`, and what stands there in `new`."""
    one, two = phrases.tokens(old), phrases.tokens(new)
    first = 0
    while first < min(len(one), len(two)) and one[first].word == two[first].word:
        first += 1
    last = 0
    while last < min(len(one), len(two)) - first and one[-1 - last].word == two[-1 - last].word:
        last += 1
    gone, come = one[first:len(one) - last], two[first:len(two) - last]
    here = one[first].start if first < len(one) else len(old.rstrip(" .!?"))
    meant = new[come[0].start:come[-1].end] if come else ""
    return (gone[0].start, gone[-1].end, meant) if gone else (here, here, meant)


def _in_full(phrase: Phrase, spoken: Spoken, house: House) -> bool:
    """Whether a phrase is the whole name of one Thing: that cannot mean another."""
    said = {phrases.stem(word) for word in name_of(spoken, phrase).split()}
    return any(len(part.value) == 1 for part in phrase.parts if part.role == "title") or any(
        said == set(fact.title) and len([one for one in house.facts if one.title == fact.title]) == 1
        and len(fact.title) > 1 for fact in house.facts)


def _known(phrase: Phrase, house: House) -> bool:
    """Whether anything here answers to a phrase."""
    return any(_answers(fact, phrase, house) for fact in house.facts)


def _answers(fact: Facts, phrase: Phrase, house: House) -> bool:
    return all(ground.explains(fact, part, house) for part in phrase.parts if part.role != "attribute")


def _scope(before: Before, phrase: Phrase, house: House) -> str:
    """The room in which a name holds: every one, if it is no name of anything else or the room made no difference."""
    if not _known(phrase, house) or _anywhere(before, house):
        return ANYWHERE
    return room_in(house, before.room)


def _anywhere(before: Before, house: House) -> bool:
    """Whether the sentence would have been understood the same in no room and in every other."""
    here = understand_command(before.said, house, before.room)
    return all(understand_command(before.said, house, room) == here for room in (None, *house.rooms[:8]))


def _may_mean(old: Spoken, start: int, end: int, meant: str) -> bool:
    """Whether a sentence may mean another one that differs outside of its names: only what was left open may be
    filled in. "dim the lamp" may mean "… to 40 percent"; "… to 30 percent" may not, and "turn on …" never off."""
    if end > start or not meant:
        return False
    said = {token.word for token in old.tokens}
    ends = set(phrases.table()["verbs"]["undo"]) - {"dim"}  # "close" and "on" say how far
    return not said & (ends | set(table()["relative"]["words"])) and not values_of(old)
