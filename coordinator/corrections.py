""""No, the other lamp", "I meant the blinds", "wrong room", "no, 40 percent", "undo that": what puts a command right.

A correction becomes the whole sentence that was meant: the one before, with another name, place, value or state in it.
It is planned like any other, so that policy judges it and an ambiguous one is asked back. What is to be learned from it
follows from the two sentences: a name that stood for another Thing, or a sentence that meant another one; a name said
in full, a number and a state that were said mean what they say and are never learned otherwise. Pure: it acts on
nothing and keeps nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from coordinator import ground, phrases, times
from coordinator.house import Facts, House
from coordinator.memory import ANYWHERE, NAME, SENTENCE, Draft, table, template
from coordinator.phrases import Token, phrase_at, words
from coordinator.plan import Plan, understand_command
from coordinator.present import TIME
from coordinator.questions import Question, cancel_hint, trimmed, which_one
from coordinator.reading import Phrase, read
from coordinator.render import article
from coordinator.spoken import Spoken, called, name_of, room_in, words_of
from coordinator.times import Now
from models.language import tongues

MEANT, UNDO, WHICH = "meant", "undo", "which"
# How the answer to a question about a correction begins, so that it is one too.
AGAIN = "no, "


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


@dataclass(frozen=True)
class _Rest:
    """What a correction says besides that it is one. `wrong`: the word after "the wrong"; `strong`: it surely is one,
    so that it may be a whole order; `weak`: it may be one."""

    text: str
    wrong: str = ""
    strong: bool = False
    weak: bool = False


def understand(text: str, before: Before, house: House) -> Correction | None:
    """What a sentence puts right of the one before; None if it is no correction."""
    rest = _rest(phrases.clean(text))
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


def in_english(text: str, house: House) -> str:
    """A correction in another language as one in English; every other sentence as it is."""
    plain = " ".join(text.split()).strip(" .,!?。，！？").lower()
    if plain in table()["undo"]["other"]:
        return "undo that"
    rest, denied = plain, False
    openers = sorted(table()["deny"]["other"], key=len, reverse=True)
    while opener := next((one for one in openers if rest.startswith(one) and _ends(rest, len(one))), ""):
        rest, denied = rest[len(opener):].lstrip(" .,!?。，！？、"), True
    if not denied or not rest:
        return text
    heard = tongues.read(rest, house.spoken)
    return text if heard.language is None else AGAIN + heard.text


def _ends(text: str, at: int) -> bool:
    """Whether a word ends at `at`; Chinese words need no space."""
    return not (text[at:at + 1].isalpha() and text[at - 1].isascii())


def chosen(text: str, labels: Sequence[str], house: House) -> str | None:
    """The label that a sentence names and does nothing else ("the left one", "I meant the reading lamp"), or None."""
    text = phrases.clean(in_english(text, house))
    rest = _rest(text)
    said = trimmed(phrases.tokens(rest.text if rest is not None and rest.text else text))
    skip = words("words.determiner") | {"one", "ones", "in", "on", "at", "of"}
    wanted = {token.stem for token in said if token.word[0].isalnum() and token.word not in skip}
    found = [label for label in labels if wanted <= {token.stem for token in phrases.tokens(label.lower())}]
    return found[0] if wanted and len(found) == 1 else None


def _rest(text: str) -> _Rest | None:
    """The sentence without its denials; None if it is too long to be a correction."""
    tokens = phrases.tokens(text)
    if not tokens or len(tokens) > 40:
        return None
    deny, at, strong, weak, wrong = table()["deny"], 0, False, False, ""
    while at < len(tokens):
        if not tokens[at].word[0].isalnum():
            at += 1
        elif length := phrase_at(tokens, at, deny["strong"]):
            at, strong = at + length, True
        elif (length := phrase_at(tokens, at, deny["wrong"])) and at + length < len(tokens):
            at, strong, wrong = at + length + 1, True, tokens[at + length].word
        elif tokens[at].word == "no" and _denies(tokens, at + 1):
            at, strong = at + 1, True
        elif tokens[at].word == "not" and (skip := _not_that(tokens, at)):
            at, strong = skip, True
        elif length := phrase_at(tokens, at, deny["weak"]):
            at, weak = at + length, True
        else:
            break
    end = len(tokens)
    again = True
    while again and end > at:
        again = not tokens[end - 1].word[0].isalnum()
        end -= again
        for ends in (deny["ends"], deny["rests"]):
            length = next((n for n in (5, 4, 3, 2, 1)
                           if end - n >= at and phrase_at(tokens[:end], end - n, ends) == n), 0)
            if length:
                weak = weak or tokens[end - length].word in ("i", "that", "not")
                end, again = end - length, True
    for place in range(at + 1, end):
        if tokens[place].word == "not" and (tokens[place - 1].word == "," or strong) and place + 1 < end and (
                tokens[place + 1].word in words("words.determiner")):
            end, weak = place, True
            break
    kept = tokens[at:end]
    return _Rest(text[kept[0].start:kept[-1].end].strip(" ,.!") if kept else "", wrong, strong, weak)


def _denies(tokens: Sequence[Token], at: int) -> bool:
    """Whether a "no" before `at` says that something was wrong: "no, …", "no the …", "no 40", but not "no lights"."""
    if at >= len(tokens):
        return False
    word = tokens[at].word
    return (
        not word[0].isalnum()
        or word in words("words.determiner") | words("words.preposition") | words("words.other")
        or word in ("i", "no", "not", "wrong", "off", "upstairs", "downstairs", "undo", "to")
        or word in words("verbs.states")
        or (word in words("verbs.plain") and word not in words("verbs.shy"))
        or times.number(tuple(tokens), at) is not None
    )


def _not_that(tokens: Sequence[Token], at: int) -> int:
    """Where "not the ceiling lamp, the floor lamp" goes on after what was not meant; 0 if it does not."""
    if at + 1 >= len(tokens) or tokens[at + 1].word not in words("words.determiner") | words("words.preposition"):
        return 0
    return next((place + 1 for place in range(at + 2, len(tokens)) if tokens[place].word in (",", "but", ";", ".")), 0)


def _which(wrong: str, before: Before, house: House) -> Correction | None:
    """ "Not that one", "wrong room": the other Things that may have been meant."""
    taken = [fact for thing in before.things if (fact := house.fact(thing)) is not None]
    if not taken:
        return None
    others = _others(taken, house, (), elsewhere=wrong in table()["deny"]["places"])
    return _one_of(others, before, house) if others else Correction(UNDO)


def _others(
    taken: Sequence[Facts], house: House, parts: Sequence[object], room: str = "", elsewhere: bool = False
) -> tuple[Facts, ...]:
    """Things like those taken: explained by `parts`, or of the same kind; nearest first: their room, the speaker's."""
    kinds, rooms = frozenset().union(*(fact.kinds for fact in taken)), {fact.room for fact in taken}
    acting = any(fact.can_act for fact in taken)
    ids = {fact.id for fact in taken}
    pool = [fact for fact in house.facts if fact.id not in ids and (fact.can_act or not acting)]
    if parts:
        pool = [fact for fact in pool if all(ground.explains(fact, part, house) for part in parts)]  # type: ignore[arg-type]
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

    def __init__(self, rest: _Rest, before: Before, house: House) -> None:
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
    spans = _values(spoken)
    return spoken.text[spans[0][0]:spans[-1][1]] if spans else ""


def _values(spoken: Spoken) -> list[tuple[int, int]]:
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
    spans = _values(spoken)
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


# What is to be learned.


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
    return not said & (ends | set(table()["relative"]["words"])) and not _values(old)
