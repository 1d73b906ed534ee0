"""What a clause gives to the arguments of an option, by rule: which number, choice, yes or no, or text is whose.

Rules: a value belongs to the argument whose name stands nearest before it, else nearest after it; a unit, a range and a
preposition decide where no name does; "to 40" is a value, "by 40" and "40 warmer" are changes; what is part of a name
says nothing else. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from device_agent import resolve, wording
from device_agent.clause import Clause
from device_agent.features import senses, stem, table
from device_agent.options import bare_words
from models.language.prompt import Option, Slot, Value, name_words
from models.language.words import Number, canonical, convert

TIMES = ("second", "minute", "hour", "day", "week", "millisecond", "microsecond")
WHITES = ("kelvin", "mired")
IMPOSSIBLE = 1e6
# Costs: a number that no argument takes, an argument that must have one and does not, one that may.
UNUSED, MISSING, ABSENT = 7.0, 6.0, 1.2
# What a name beside a number is worth; a number that costs less than BESIDE has one.
FIRM, BESIDE = 10.0, -5.0
# What "open" says of a number that tells how far open: less than an action that opens.
OPENED = 0.31
_CUTS = frozenset((",", ";", ".", "and", "then", "while", "plus", "also", "well"))
# How many arguments a number is tried for, the cheapest first.
TRIED = 3


@dataclass(frozen=True)
class Bound:
    """The values of an option's slots (`absent` where nothing was said), the places of the words that gave them or
    name them, required slots without a value, numbers that went nowhere, and how sure the kind of a value says that this
    option is meant (0 to 1)."""

    values: tuple[Value, ...]
    used: frozenset[int]
    named: frozenset[int]
    missing: tuple[int, ...] = ()
    unused: tuple[int, ...] = ()
    evidence: float = 0.0
    given: int = 0
    # Names of arguments stand beside their values.
    beside: bool = False


def bind(clause: Clause, option: Option) -> Bound:
    """What a clause gives to an option."""
    return _Binder(clause, option).bound()


@lru_cache(maxsize=4096)
def unit_of(option: Option, place: int) -> str:
    """The canonical unit of a slot, told by its schema or by its name."""
    slot = option.slots[place]
    return resolve.unit_of({"unit": slot.unit, "maximum": 40 if slot.high is None else slot.high},
                           slot.name or option.name)


@lru_cache(maxsize=4096)
def names_of(option: Option, place: int) -> tuple[tuple[str, ...], ...]:
    """Stems of what a slot is called, longest first."""
    slot = option.slots[place]
    rows = [name_words(slot.name)]
    if option.verb == "set" or len(option.slots) == 1:
        rows += [bare_words(name_words(option.label)), name_words(option.title)]
    found: set[tuple[str, ...]] = set()
    for row in rows:
        words = list(row)
        while len(words) > 1 and canonical(words[-1]) in wording.table()["amount"]["of_names"]:
            words = words[:-1]
        if words and words != ["value"]:
            found.add(tuple(map(stem, words)))
            found.add(("".join(row),))
    return tuple(sorted(found, key=len, reverse=True))


@lru_cache(maxsize=4096)
def label_stems(option: Option) -> tuple[str, ...]:
    return tuple(stem(word) for word in bare_words(name_words(option.label)))


@lru_cache(maxsize=1)
def _more() -> tuple[dict[tuple[str, ...], int], ...]:
    """Words and phrases for more (1) and less (-1): those about anything, and all."""
    rules = wording.table()["change"]
    plain, every = {}, {}
    for key, sign in (("up", 1), ("down", -1)):
        for word in rules[key]:
            every[(word,)] = sign
            if word in rules["plain"]:
                plain[(word,)] = sign
        for row in table()["more"]:
            every.update({tuple(phrase.split()): sign for phrase in row[key].split(", ")})
    return plain, every


def says_more(clause: Clause) -> int:
    """1 where a clause says only more, -1 only less, of anything."""
    _, every = _more()
    signs = {every[(word,)] for at, word in enumerate(clause.words) if (word,) in every and at not in clause.quoted}
    return signs.pop() if len(signs) == 1 else 0


class _Binder:
    def __init__(self, clause: Clause, option: Option) -> None:
        self.clause, self.option = clause, option
        self.used: set[int] = set()
        self.named: set[int] = set()
        self.mentions: dict[int, list[tuple[int, int]]] = {}
        self.evidence = 0.0
        self.beside = False

    def bound(self) -> Bound:
        clause, option = self.clause, self.option
        label = label_stems(option)
        joined = ("".join(name_words(option.label)),)
        for phrase in (label, joined, tuple(map(stem, name_words(option.title)))):
            for at in clause.places(phrase):
                self.named.update(range(at, at + len(phrase)))
        if not option.slots:
            return self._plain()
        for place in range(len(option.slots)):
            self.mentions[place] = [(at, at + len(phrase)) for phrase in names_of(option, place)
                                    for at in clause.places(phrase)]
            for start, end in self.mentions[place]:
                self.named.update(range(start, end))
        values: list[Value | None] = [None] * len(option.slots)
        self._texts(values)
        self._choices(values)
        self._numbers(values)
        self._changes(values)
        self._switches(values)
        self._loose_choices(values)
        missing = tuple(place for place, value in enumerate(values) if value is None and option.slots[place].required)
        unused = tuple(index for index, number in enumerate(clause.numbers) if not self._went(index, number))
        return Bound(tuple(value or Value("absent") for value in values), frozenset(self.used), frozenset(self.named),
                     missing, unused, self.evidence, sum(value is not None for value in values), self.beside)

    def _plain(self) -> Bound:
        unused = tuple(index for index, number in enumerate(self.clause.numbers) if not self._went(index, number))
        return Bound((), frozenset(self.used), frozenset(self.named), (), unused)

    def _went(self, index: int, number: Number) -> bool:
        """Whether a number is part of a name or a value that was found."""
        places = [place for place, one in self.clause.of_number.items() if one == index]
        return bool(places) and all(place in self.used or place in self.named for place in places)

    # Texts

    def _texts(self, values: list[Value | None]) -> None:
        texts = [place for place, slot in enumerate(self.option.slots) if slot.type == "text"]
        quotes = list(self.clause.quotes)
        for place in texts:
            slot = self.option.slots[place]
            if quotes:
                start, end, text = self._quote_of(place, quotes) if len(texts) > 1 else quotes[0]
                quotes.remove((start, end, text))
                values[place] = Value("text", text=text)
                self.used.update(at for at, (_, begin, stop) in enumerate(self.clause.found)
                                 if start <= begin and stop <= end)
                self.evidence = max(self.evidence, 0.5)
            elif is_colour(slot, self.option):
                self._colour(place, values)
            elif len(texts) == 1 or self.mentions.get(place):
                self._unquoted(place, values)

    def _quote_of(self, place: int, quotes: Sequence[tuple[int, int, str]]) -> tuple[int, int, str]:
        """The quote that stands nearest to a name of the slot."""
        def far(quote: tuple[int, int, str]) -> float:
            at = self.clause.place_at(quote[0])
            return min((at - end if end <= at else start - at + 2 for start, end in self.mentions[place]), default=99)
        return min(quotes, key=far)

    def _colour(self, place: int, values: list[Value | None]) -> None:
        colour = wording.colour_said(self.clause.text)
        if colour:
            values[place] = Value("text")
            stems = tuple(stem(word) for word in colour.split())
            for at in self.clause.places(stems):
                self.used.update(range(at, at + len(stems)))
            self.evidence = max(self.evidence, 0.8)

    def _unquoted(self, place: int, values: list[Value | None]) -> None:
        clause = self.clause
        begin = self._text_begins(place)
        if begin is None:
            return
        end = len(clause.words)
        while end > begin and (not clause.words[end - 1][0].isalnum() or clause.words[end - 1] in _endings()):
            end -= 1
        skip = frozenset(("to", "as", "is", "be", "=", ":", ",", "that", "it", "the", "text", "message", "reads", "says",
                          "with", "of", "called", "named", "should", "read", "must", "will", "saying", "reading", "me", "us", "out", "loud", "everyone",
                          "everybody", "word", "words", "-", "song", "track", "station", "album", "playlist", "now"))
        while begin < end and (clause.words[begin] in skip or begin in self.named):
            begin += 1
        end = self._tail_of_others(place, begin, end)
        if clause.words[end - 2:end] in (("on", "it"), ("over", "it"), ("in", "it"), ("through", "it"), ("to", "it"),
                                         ("from", "it"), ("via", "it"), ("at", "it"), ("with", "it"), ("for", "it")):
            end -= 2
        if begin >= end:
            return
        text = clause.text[clause.found[begin][1]:clause.found[end - 1][2]]
        if clause.text[clause.found[end - 1][2]:].strip()[:1] in ("!", "?") and wording.speaks(clause.text):
            text += clause.text[clause.found[end - 1][2]:].strip()[:1] if clause.text.rstrip()[-1:] in "!?" else ""
        values[place] = Value("text", text=text.strip())
        self.used.update(range(begin, end))
        self.named -= set(range(begin, end))
        self.evidence = max(self.evidence, 0.3)

    def _text_begins(self, place: int) -> int | None:
        """After the verb that is the option's name, or after the slot's name."""
        clause = self.clause
        spoken = {stem(word) for word in wording.table()["text"]["verbs_of_names"]}
        label = [word for word in label_stems(self.option) if word in spoken or self.option.verb == "do"]
        first = next((at for at, word in enumerate(clause.words) if word[0].isalnum() and word not in _polite()), 0)
        near = {sense for word in label for sense in senses().get((word,), ())}
        if self.option.verb == "do" and first < len(clause.words):
            word = clause.stems[first]
            if word in label or (word in spoken and not near.isdisjoint(senses().get((word,), ()))):
                return first + 1
        ends = [end for _, end in self.mentions.get(place, ())]
        if not ends:
            ends = [at + 1 for at, word in enumerate(clause.stems) if word in label]
        if ends:
            return min(ends) if self.option.verb == "do" and not self.mentions.get(place) else max(ends)
        after = [at + 1 for at, word in enumerate(clause.words) if word in ("to", "as", "called", "named")]
        if after and self.option.verb == "set" and len(self.option.slots) == 1 and len(clause.content) <= 2:
            return None
        return None

    def _tail_of_others(self, place: int, begin: int, end: int) -> int:
        """Where a text ends, since "for 10 seconds" is another argument's."""
        others = [slot for at, slot in enumerate(self.option.slots) if at != place]
        if not others:
            return end
        for at in range(begin + 1, end):
            if self.clause.words[at] not in ("for", "at", "in", "with", "on", "using", "times", ","):
                continue
            rest = range(at + 1, end)
            numbers = {self.clause.of_number[one] for one in rest if one in self.clause.of_number}
            takes = any(slot.type == "number" for slot in others) and numbers
            said = any(slot.type == "choice" and _said(self.clause, slot, set(range(at))) for slot in others)
            coloured = any(slot.type == "text" and is_colour(slot, self.option) for slot in others)
            if takes or said or (coloured and wording.colour_said(self.clause.text[self.clause.found[at][1]:])):
                return at
        return end

    # Choices

    def _choices(self, values: list[Value | None]) -> None:
        slots = [place for place, slot in enumerate(self.option.slots) if slot.type == "choice"]
        taken: set[int] = set()
        found = {place: _said(self.clause, self.option.slots[place], self._names_but_choices(place)) for place in slots}
        for place in sorted(slots, key=lambda place: len(found[place])):
            rows = [row for row in found[place] if taken.isdisjoint(range(row[0], row[1]))]
            if not rows:
                continue
            rows.sort(key=lambda row: (self._away(place, row[0], row[1]), -row[0]))
            if len({row[2] for row in rows}) > 1 and len(rows) > 1 and not self.mentions[place]:
                rows = self._meant(rows)
            start, end, choice = rows[0]
            values[place] = Value("choice", text=choice)
            taken.update(range(start, end))
            self.used.update(range(start, end))
            self.beside = self.beside or self._away(place, start, end) < 4
            switch = choice.lower() in ("on", "off") and not self.mentions[place]
            self.evidence = max(self.evidence, 0.3 if switch else 1.0)

    def _meant(self, rows: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
        """ "from eco to boost", "boost instead of eco": what comes after "to" first, after "from" last."""
        def rank(row: tuple[int, int, str]) -> tuple[int, int]:
            before = self.clause.before(row[0])
            return (0 if before in ("to", "into") else 2 if before in ("from", "of", "than", "not") else 1, -row[0])
        return sorted(rows, key=rank)

    def _names_but_choices(self, place: int) -> set[int]:
        """Words of names that are no choices of a slot."""
        choices = {stem(word) for choice in self.option.slots[place].choices for word in name_words(choice)}
        return {at for at in self.named if self.clause.stems[at] not in choices} | set(self.used)

    def _away(self, place: int, start: int, end: int) -> float:
        """How far a value is from a name of its slot."""
        return min((0.1 * (start - stop) if stop <= start else 1.0 + 0.1 * (begin - end) if begin >= end else 0.5
                    for begin, stop in self.mentions[place]), default=4.0)

    def _loose_choices(self, values: list[Value | None]) -> None:
        """A choice that is said in other words, if it is the only one."""
        for place, slot in enumerate(self.option.slots):
            if values[place] is not None or slot.type != "choice":
                continue
            side = wording.switched(self.clause.text)
            plain = [choice for choice in slot.choices if name_words(choice) in ([["on"]] if side > 0 else [["off"]])]
            if side and plain:
                values[place] = Value("choice", text=plain[0])
                self.evidence = max(self.evidence, 0.4)
                self.used.update(wording.switching_places(self.clause.words))
                continue
            rows: dict[str, list[int]] = {}
            meanings = _meanings(slot.choices)
            for at, word in enumerate(self.clause.stems):
                if at in self.used or at in self.named or at in self.clause.of_number or (
                        self.clause.words[at] in wording.table()["colours"] or (self.clause.words[at],) in _more()[1]):
                    continue
                mine = senses().get((word,), frozenset())
                for choice, meaning in meanings.items():
                    if not mine.isdisjoint(meaning):
                        rows.setdefault(choice, []).append(at)
            if len(rows) == 1:
                choice, places = next(iter(rows.items()))
                values[place] = Value("choice", text=choice)
                self.used.update(places)
                self.evidence = max(self.evidence, 0.4)

    # Numbers

    def _numbers(self, values: list[Value | None]) -> None:
        clause = self.clause
        slots = [place for place, slot in enumerate(self.option.slots) if slot.type == "number"]
        free = [index for index, number in enumerate(clause.numbers) if not self._went(index, number)
                and clause.before(clause.place_at(number.start)) != "from"
                and not self._is_factor(index)]
        if not slots or not free:
            return
        costs = {(place, index): self._cost(place, index) for place in slots for index in free}
        chosen = _cheapest(slots, free, costs, {
            place: MISSING if self.option.slots[place].required else ABSENT for place in slots})
        for place, index in chosen.items():
            values[place] = self._kind(place, index)
            number = clause.numbers[index]
            self.used.update(at for at, one in clause.of_number.items() if one == index)
            unit = unit_of(self.option, place)
            fits = number.unit and unit and convert(1, number.unit, unit) is not None
            start, end = self._range(index)
            self.beside = self.beside or self._away(place, start, end) < 2.5
            self.evidence = max(self.evidence, 0.6 if fits else 0.2)

    def _range(self, index: int) -> tuple[int, int]:
        places = [at for at, one in self.clause.of_number.items() if one == index]
        return min(places), max(places) + 1

    def _cost(self, place: int, index: int) -> float:
        slot, number = self.option.slots[place], self.clause.numbers[index]
        unit, (start, end) = unit_of(self.option, place), self._range(index)
        cost = 3.0 + 0.05 * abs(index - place)
        if not takes(self.option, place, number):
            return IMPOSSIBLE
        others = [span for other, spans in self.mentions.items() if other != place for span in spans]
        blocks = [*others, *(self._range(other) for other in range(len(self.clause.numbers)) if other != index)]
        for begin, stop in self.mentions[place]:
            if any(self.clause.of_number.get(at, index) != index for at in range(begin, stop)):
                continue  # the unit of another number
            low, high = (stop, start) if stop <= start else (end, begin)
            if low <= high and not any(low <= one and two <= high for one, two in blocks):
                cuts = sum(self.clause.words[at] in _CUTS for at in range(low, high))
                cost = min(cost, 0.1 * (high - low) + 1.2 * cuts + (0.0 if stop <= start else 1.0) - FIRM)
        if number.unit and unit and convert(1, number.unit, unit) is not None:
            cost -= 1.5
        elif number.unit in TIMES and wording.is_time(slot.name, self.option.label):
            cost -= 1.5
        elif number.unit and not unit and number.unit != "percent":
            cost += 0.5
        value = convert(number.value, number.unit, unit)
        if value is not None and ((slot.low is not None and value < slot.low)
                                  or (slot.high is not None and value > slot.high)):
            cost += 1.5
        after = self.clause.words[end] if end < len(self.clause.words) else ""
        if after in ("times", "time", "x") and {"count", "times", "repeat", "repeats", "repetitions", "number"} & set(
                name_words(slot.name)):
            cost -= 1.5
        hints = wording.table()["amount"]["hints"].get(self.clause.before(start), ())
        if hints and set(hints) & set(name_words(f"{slot.name} {slot.unit}")):
            cost -= 0.8
        return cost

    def _is_factor(self, index: int) -> bool:
        """Whether a number only says how often more: "3 times as bright"."""
        start, end = self._range(index)
        halved = self.clause.before(start) == "in" and self.clause.words[start] == "half"
        return halved or self.clause.words[end:end + 2] == ("times", "as")

    def _kind(self, place: int, index: int) -> Value:
        """A value, or a change by it."""
        start, end = self._range(index)
        words, number = self.clause.words, self.clause.numbers[index]
        if resolve.is_step_name(self.option.verb, self.option.slots[place].name, self.option.name):
            return Value("number", index)
        before = self.clause.before(start)
        at = start - 1
        while at >= 0 and words[at] in ("about", "around", "exactly", "roughly", "another", "an", "additional", "extra",
                                        "just", "only", "the", "approximately", "some", "further"):
            at -= 1
        before = words[at] if at >= 0 else ""
        following = self._direction_at(end)
        sign = following or self.direction(place)
        if before == "to" or (before in ("at", "=", ":", "equals", "exactly", "is", "be") and not following):
            return Value("number", index)
        whole = number.unit == "percent" and "%" not in number.said and "per" not in number.said
        if before == "by" and sign and whole:  # "by half", "by a third"
            self._take_direction(place)
            return Value("times", text=f"{1 + sign * number.value / 100:.6g}")
        more = any(word in ("another", "additional", "extra", "further") for word in words[max(0, start - 2):start])
        adding = next((word for word in words[:start] if word in ("add", "extend", "prolong")), "") \
            if wording.is_time(self.option.slots[place].name, self.option.label, unit_of(self.option, place)) else ""
        if not sign and (more or adding):
            sign = 1
        verb = next((word for word in words[:start] if word in wording.table()["change"]["verbs"]), "")
        if sign and (before == "by" or following or more or adding or verb):
            self._take_direction(place)
            if unit_of(self.option, place) in WHITES and self._of_heat():
                sign = -sign
            return Value("up" if sign > 0 else "down", index)
        return Value("number", index)

    def _direction_at(self, end: int) -> int:
        """The comparative right after a number: "five degrees warmer", "10 percent more"."""
        _, every = _more()
        for length in (2, 1):
            sign = every.get(tuple(self.clause.words[end:end + length]), 0)
            if sign and self.clause.words[end] not in ("up", "down", "dim", "slow"):
                return sign
        return 1 if self.clause.words[end:end + 1] in (("above",), ("extra",)) else 0

    def _of_heat(self) -> bool:
        return not set(self.clause.stems).isdisjoint(("warm", "cool", "cold", "hot"))

    # More and less

    def direction(self, place: int) -> int:
        """1 for more, -1 for less, 0 where neither or both are said; names say neither."""
        _, every = _more()
        signs, words = set(), self.clause.words
        own = self._own_name()
        for at in range(len(words)):
            if at in own or at in self.clause.quoted:
                continue
            for length in (3, 2, 1):
                sign = every.get(tuple(words[at:at + length]))
                if sign:
                    signs.add(sign)
                    break
        return signs.pop() if len(signs) == 1 else 0

    def _own_name(self) -> set[int]:
        """Places of names that are longer than a word, or of arguments: "low" in "low limit" is no direction."""
        exact = {word for slot in self.option.slots for word in name_words(slot.name)} | {
            *name_words(self.option.label), *name_words(self.option.title)}
        return {at for spans in self.mentions.values() for start, end in spans for at in range(start, end)
                if self.clause.words[at] in exact}

    def _take_direction(self, place: int) -> None:
        plain, _ = _more()
        self.used.update(at for at, word in enumerate(self.clause.words) if (word,) in plain)

    def _changes(self, values: list[Value | None]) -> None:
        """Changes without a number of their own: a bit, the most, double."""
        slots = [place for place, slot in enumerate(self.option.slots) if slot.type == "number" and values[place] is None
                 and not resolve.is_step_name(self.option.verb, slot.name, self.option.name)]
        if not slots or any(value is not None and value.kind in ("number", "up", "down", "times") for value in values):
            return
        place = min(slots, key=lambda place: (not self.mentions[place], not self.option.slots[place].required, place))
        if len(slots) > 1 and not self.mentions[place] and not self.option.slots[place].required:
            return
        factor, places = self._factor()
        if factor:
            values[place] = Value("times", text=f"{factor:.6g}")
            self.used.update(places)
            self.evidence = max(self.evidence, 0.4)
            return
        extreme, places = self._extreme(place)
        if extreme:
            values[place] = Value("most" if extreme > 0 else "least")
            self.used.update(places)
            self._take_direction(place)
            self.evidence = max(self.evidence, 0.4)
            return
        side = self._opens(place)
        if side:
            values[place] = Value("most" if side > 0 else "least")
            self.used.update(wording.pair_places(self.clause.words, "open"))
            self.evidence = max(self.evidence, OPENED)
            return
        sign = self.direction(place)
        if sign and not any(index for index in range(len(self.clause.numbers))):
            if unit_of(self.option, place) in WHITES and self._of_heat():
                sign = -sign
            values[place] = Value("up" if sign > 0 else "down")
            self._take_direction(place)
            self.evidence = max(self.evidence, 0.3)

    def _opens(self, place: int) -> int:
        """1 where a clause opens and the number is how far open, -1 where it closes."""
        slot = self.option.slots[place]
        if self.clause.numbers or {"open", "openness", "opening", "position"}.isdisjoint(
                (*name_words(slot.name), *name_words(self.option.label))) or slot.low is None and slot.unit != "percent":
            return 0
        words = set(self.clause.words)
        one, other = not words.isdisjoint(("open",)), not words.isdisjoint(("close", "shut"))
        return one - other

    def _factor(self) -> tuple[float, list[int]]:
        rules = wording.table()["change"]["factors"]
        for at, word in enumerate(self.clause.words):
            for length in (3, 2, 1):
                phrase = " ".join(self.clause.words[at:at + length])
                if phrase in rules and not set(range(at, at + length)) <= self.named:
                    return float(rules[phrase]), list(range(at, at + length))
            if word == "times" and self.clause.words[at + 1:at + 2] == ("as",) and at - 1 in self.clause.of_number:
                number = self.clause.numbers[self.clause.of_number[at - 1]]
                return number.value, [*range(*self._range(self.clause.of_number[at - 1])), at]
        return 0.0, []

    def _extreme(self, place: int) -> tuple[int, list[int]]:
        rules, own = wording.table()["change"], self._own_name()
        words = ["" if at in own else word for at, word in enumerate(self.clause.words)]
        for sign, key in ((1, "most"), (-1, "least")):
            places = [at for at, word in enumerate(words) if word in rules[key]]
            if places:
                return sign, places
        joined = f" {' '.join(words)} "
        for phrase in rules["utmost"]:
            if f" {phrase} " in joined:
                at = next(at for at in range(len(words)) if " ".join(words[at:]).startswith(phrase))
                sign = self.direction(place)
                bad = set(words) & set(rules["down_as"])
                sign = sign or (-1 if bad else 1)
                return sign, [one for one in range(at, at + len(phrase.split())) if words[one] in rules["around"]]
        return 0, []

    # Yes and no

    def _is_meant(self, name: str) -> bool:
        """Whether all of a name but its side is said somewhere: "open the dome" of "dome_open"."""
        words = [word for word in name_words(name) if not _is_of_pairs(word)
                 and word not in wording.table()["switching"]["around"]]
        return bool(words) and all(stem(word) in self.clause.stems for word in words)

    def _switches(self, values: list[Value | None]) -> None:
        slots = [place for place, slot in enumerate(self.option.slots) if slot.type == "boolean"]
        for place in slots:
            name = self.option.slots[place].name or self.option.label
            side = wording.side_of(self.clause.text, name, bool(self.mentions[place]) or self._is_meant(name))
            if side == 0 and self.mentions[place] and len(self.option.slots) > 1 and self.option.verb == "do":
                side = 1  # "heat it to 200 with steam"
                first = min(start for start, _ in self.mentions[place])
                if self.clause.before(first) in ("no", "without", "not"):
                    side = -1
            if side and values[place] is None and (len(slots) == 1 or self.mentions[place]):
                values[place] = Value("yes" if side > 0 else "no")
                self.used.update(wording.switching_places(self.clause.words))
                self.used.update(wording.pair_places(self.clause.words, name))
                ours = self.mentions[place] or self._is_meant(name) or wording.pole(name_words(name)) or wording.is_generic(name)
                self.evidence = max(self.evidence, 0.4 if ours else 0.1)
                self.beside = self.beside or bool(self.mentions[place])


def _cheapest(
    slots: Sequence[int], free: Sequence[int], costs: Mapping[tuple[int, int], float], without: Mapping[int, float]
) -> dict[int, int]:
    """Slot -> number, at most one for each, so that the sum of costs is least; each number tries the few nearest."""
    nearest = {index: sorted((place for place in slots if costs[place, index] < IMPOSSIBLE),
                             key=lambda place: costs[place, index] - without[place])[:TRIED] for index in free}
    for index in free:  # whose name stands beside it takes it
        if beside := [place for place in slots if costs[place, index] < BESIDE]:
            nearest[index] = sorted(beside, key=lambda place: costs[place, index])[:TRIED]
    best: tuple[float, dict[int, int]] = (math.inf, {})

    def try_from(at: int, cost: float, taken: dict[int, int]) -> None:
        nonlocal best
        if at == len(free):
            if cost < best[0]:
                best = (cost, dict(taken))
            return
        index = free[at]
        for place in nearest[index]:
            if place not in taken:
                taken[place] = index
                try_from(at + 1, cost + costs[place, index] - without[place], taken)
                del taken[place]
        try_from(at + 1, cost + UNUSED, taken)

    try_from(0, 0.0, {})
    return best[1]


def _is_of_pairs(word: str) -> bool:
    return any(word in pair[side] for pair in wording.table()["poles"] for side in ("one", "other"))


def takes(option: Option, place: int, number: Number) -> bool:
    """Whether an amount could be an argument, by its unit."""
    slot, unit = option.slots[place], unit_of(option, place)
    if number.unit in TIMES and not unit:
        return wording.is_time(slot.name, option.name, option.label)
    if convert(1.0, number.unit, unit) is not None:
        return True
    return number.unit == "percent" and (unit not in resolve.TEMPERATURES or None not in (slot.low, slot.high))


def is_colour(slot: Slot, option: Option) -> bool:
    """Whether a text is a colour."""
    return not {*name_words(slot.name), *name_words(option.label)}.isdisjoint(("colour", "color"))


def _said(clause: Clause, slot: Slot, without: set[int]) -> list[tuple[int, int, str]]:
    """(start, end, choice) of the choices that stand in a clause, not within a longer one."""
    rows: list[tuple[int, int, str]] = []
    for choice in slot.choices:
        for phrase in _choice_phrases(choice):
            rows += [(at, at + len(phrase), choice) for at in clause.places(phrase)
                     if without.isdisjoint(range(at, at + len(phrase)))]
        if choice.strip().replace(".", "", 1).isdecimal():
            rows += [(*_places_of(clause, index), choice) for index, number in enumerate(clause.numbers)
                     if f"{number.value:g}" == choice.strip()]
    _, comparing = _more()  # "cooler" is no "cool"
    rows = [row for row in rows if (clause.words[row[0]],) not in comparing
            or clause.words[row[0]] in name_words(row[2])]
    rows = [row for row in rows if not (row[2].lower() in ("on", "off") and row[1] - row[0] == 1
                                        and not wording.switched(clause.text))]
    return [row for row in rows if not any(
        other[0] <= row[0] and row[1] <= other[1] and other[1] - other[0] > row[1] - row[0] for other in rows)]


def _places_of(clause: Clause, index: int) -> tuple[int, int]:
    places = [at for at, one in clause.of_number.items() if one == index]
    return min(places), max(places) + 1


@lru_cache(maxsize=1024)
def _meanings(choices: tuple[str, ...]) -> dict[str, frozenset[int]]:
    """The senses of choices of one word that no other choice has."""
    found = {choice: senses().get((stem(words[0]),), frozenset()) if len(words := name_words(choice)) == 1 else
             frozenset() for choice in choices}
    return {choice: frozenset(sense for sense in mine if not any(
        sense in others for other, others in found.items() if other != choice)) for choice, mine in found.items()}


@lru_cache(maxsize=4096)
def _choice_phrases(choice: str) -> tuple[tuple[str, ...], ...]:
    words = name_words(choice)
    rows = [tuple(map(stem, words))]
    if len(words) > 1:
        rows.append(("".join(words),))
    return tuple(rows)


@lru_cache(maxsize=1)
def _endings() -> frozenset[str]:
    return frozenset(("please", "thanks", "thank", "you", "now", "ok", "okay"))


@lru_cache(maxsize=1)
def _polite() -> frozenset[str]:
    return frozenset((*wording.table()["mood"]["polite"], *wording.table()["mood"]["modals"], "you", "i", "want", "it",
                      "let", "have", "make", "would", "like", "we", "me", "us", "to", "the", "need", "i'd", "want"))
