"""What a clause gives to the arguments of an option, by rule: which number, choice, yes or no, or text is whose.

Rules: a value belongs to the argument whose name stands nearest before it, else nearest after it; a unit, a range and a
preposition decide where no name does; "to 40" is a value, "by 40" and "40 warmer" are changes. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from device_agent import resolve, wording
from device_agent.clause import Clause
from device_agent.features import stem
from device_agent.naming import TIMES, WHITES, Bound, is_part, label_stems, names_of, takes, unit_of
from device_agent.picking import Picking
from models.language.prompt import Option, Value, name_words
from models.language.words import convert

IMPOSSIBLE = 1e6
# Costs: a number that no argument takes, an argument that must have one and does not, one that may.
UNUSED, MISSING, ABSENT = 7.0, 6.0, 1.2
# What a name beside a number is worth; a number that costs less than BESIDE has one.
FIRM, BESIDE = 10.0, -5.0
# What "open" says of a number that tells how far open: less than an action that opens.
OPENED = 0.31
_CUTS = frozenset((",", ";", ".", "and", "then", "while", "plus", "also", "well"))
# Before "half the range", which is a value.
_AT = frozenset(("to", "at", "by", "open", "close", "is", "be", "=", ":", "of", "until", "about", "only"))
# Arguments that are the ends of a range: "from 100 to 200".
_FROM = frozenset(("start", "from", "begin", "low", "lower", "minimum", "min", "first", "initial"))
_TO = frozenset(("stop", "to", "end", "high", "upper", "maximum", "max", "last", "final", "until", "target"))
# How many arguments a number is tried for, the cheapest first.
TRIED = 3


def bind(clause: Clause, option: Option) -> Bound:
    """What a clause gives to an option."""
    return _Binding(clause, option).bound()


class _Binding(Picking):
    """All values of one option."""

    spans = False

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

    def _numbers(self, values: list[Value | None]) -> None:
        clause = self.clause
        slots = [place for place, slot in enumerate(self.option.slots) if slot.type == "number"]
        self.spans = any(not _FROM.isdisjoint(name_words(self.option.slots[place].name)) for place in slots) and any(
            not _TO.isdisjoint(name_words(self.option.slots[place].name)) for place in slots)
        free = [index for index, number in enumerate(clause.numbers) if not self._went(index, number)
                and (self.spans or clause.before(clause.place_at(number.start)) != "from")
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
        if (number.unit and unit and convert(1, number.unit, unit) is not None) or (
                number.unit in TIMES and wording.is_time(slot.name, self.option.label)):
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
        ends = {"from": _FROM, "to": _TO, "until": _TO}.get(self.clause.before(start), frozenset())
        if self.spans and not ends.isdisjoint(name_words(slot.name)):
            cost -= 3.0
        hints = wording.table()["amount"]["hints"].get(self.clause.before(start), ())
        if hints and set(hints) & set(name_words(f"{slot.name} {slot.unit}")):
            cost -= 0.8
        return cost

    def _is_factor(self, index: int) -> bool:
        """Whether a number only says how often more: "3 times as bright"."""
        start, end = self._range(index)
        before, after = self.clause.before(start), self.clause.words[end:end + 1]
        halved = self.clause.words[start:end] == ("half",) and (
            before == "in" or after == ("as",) or (after in (("the",), ("its",)) and before not in _AT))
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
        if sign and is_part(number) and (before == "by" or following):  # "by half", "a third less"
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

    def _changes(self, values: list[Value | None]) -> None:
        """Changes without a number of their own: a bit, the most, double."""
        slots = [place for place, slot in enumerate(self.option.slots)
                 if slot.type == "number" and values[place] is None
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
        names = {*name_words(slot.name), *name_words(self.option.label)}
        if self.clause.numbers or names.isdisjoint(("open", "openness", "opening", "position")) or (
                slot.low is None and slot.unit != "percent"):
            return 0
        words = set(self.clause.words)
        one, other = not words.isdisjoint(("open",)), not words.isdisjoint(("close", "shut"))
        return one - other

    def _factor(self) -> tuple[float, list[int]]:
        rules = wording.table()["change"]["factors"]
        for at, word in enumerate(self.clause.words):
            for length in (3, 2, 1):
                phrase = " ".join(self.clause.words[at:at + length])
                measured = any(self.clause.numbers[self.clause.of_number[one]].unit not in ("", "percent")
                               for one in range(at, at + length) if one in self.clause.of_number)
                if phrase in rules and not measured and not set(range(at, at + length)) <= self.named:
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


def _cheapest(
    slots: Sequence[int], free: Sequence[int], costs: Mapping[tuple[int, int], float], without: Mapping[int, float]
) -> dict[int, int]:
    """Slot -> number, at most one for each, so that the sum of costs is least; each number tries the few nearest."""
    nearest = {index: sorted((place for place in slots if costs[place, index] < IMPOSSIBLE),
                             key=lambda place: costs[place, index] - without[place])[:TRIED] for index in free}
    for index in free:  # whose name stands beside it takes it, unless that name is another number's
        if beside := [place for place in slots if costs[place, index] < BESIDE
                      and costs[place, index] <= min(costs[place, other] for other in free)]:
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
