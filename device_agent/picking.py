"""Which texts, choices and yeses or noes a clause gives to the arguments of an option.

Rules: what stands in quotes is the text; else what follows the verb or the name, up to what is another argument's; a
choice that is said is taken, the one that is nearest to the name first, then one that is said in other words if it is
the only one; "off", "without" and the like are a no. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from device_agent import wording
from device_agent.clause import Clause
from device_agent.features import senses, stem
from device_agent.naming import Naming, is_colour, label_stems, more_words, takes
from models.language.prompt import Slot, Value, name_words

_HEX = re.compile(r"(?<!\w)#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})(?!\w)")
# Before the value of another argument, at the end of a text; words that say nothing there; of colours.
_TAILS = frozenset(("for", "at", "in", "with", "on", "using", "over", "through", "via", "by", "as", ",", "without"))
_LITTLE = frozenset(("the", "a", "an", "of", "its", "to", "about", "around", "and", ","))
_SHADES = frozenset(("letters", "colour", "color", "deep", "dark", "light", "bright", "pale", "text"))
# Up to this, "at nine" may be a time of day.
HOURS = 24
# Letters at the beginning of a word and a choice that must be the same for the word to mean the choice.
ALIKE = 6


class Picking(Naming):
    """Values that are words."""

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
        if code := _HEX.search(self.clause.text):
            values[place] = Value("text", text=code.group())
            self.used.update(at for at, (_, start, end) in enumerate(self.clause.found)
                             if code.start() <= start and end <= code.end())
            self.evidence = max(self.evidence, 0.8)
        elif colour:
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
        skip = wording.table()["text"]["before"]
        while begin < end and (begin in self.named or (clause.words[begin] in skip and not (
                clause.words[begin] == "the" and begin + 1 < end and clause.words[begin + 1] not in skip
                and begin + 1 not in self.named))):
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
        if self.option.verb == "do" and not _titles().isdisjoint(name_words(self.option.slots[place].name)):
            after = [at + 1 for at, word in enumerate(clause.words) if word in ("as", "called", "named") and at > first]
            if after:
                return after[0]
        speaks = self.option.slots[place].required or not spoken.isdisjoint(label) or not any(
            slot.required for slot in self.option.slots)
        if self.option.verb == "do" and first < len(clause.words) and speaks:
            word = clause.stems[first]
            if word in label or (word in spoken and not near.isdisjoint(senses().get((word,), ()))):
                return first + 1
        ends = [end for _, end in self.mentions.get(place, ())]
        if not ends and (speaks or self.option.verb != "do"):
            exact = name_words(self.option.label)  # a "speaker" does not speak
            ends = [at + 1 for at, word in enumerate(clause.words) if word in exact and clause.stems[at] in label]
        if ends:
            return min(ends) if self.option.verb == "do" and not self.mentions.get(place) else max(ends)
        after = [at + 1 for at, word in enumerate(clause.words) if word in ("to", "as", "called", "named")]
        if after and self.option.verb == "set" and len(self.option.slots) == 1 and len(clause.content) <= 2:
            return None
        return None

    def _tail_of_others(self, place: int, begin: int, end: int) -> int:
        """Where a text ends, since "in red for 10 seconds" is other arguments'."""
        others = [at for at in range(len(self.option.slots)) if at != place]
        if not others:
            return end
        while True:
            cut = next((at for at in range(end - 1, begin - 1, -1) if self.clause.words[at] in _TAILS and any(
                self._is_all_of(other, at, end) for other in others)), None)
            if cut is None:
                return end
            end = cut

    def _is_all_of(self, place: int, at: int, end: int) -> bool:
        """Whether what follows a preposition says the value of an argument, and nothing else."""
        clause, slot = self.clause, self.option.slots[place]
        rest = [one for one in range(at + 1, end) if clause.words[one] not in _LITTLE]
        named = {one for start, stop in self.mentions.get(place, ()) for one in range(start, stop)}
        numbers = {clause.of_number[one] for one in rest if one in clause.of_number}
        left = [one for one in rest if one not in named]
        if slot.type == "number" and len(numbers) == 1:
            number = clause.numbers[next(iter(numbers))]
            hints = set(wording.table()["amount"]["hints"].get(clause.words[at], ()))
            meant = bool(number.unit) or len(left) < len(rest) or clause.words[at] == "," or (
                not hints.isdisjoint(name_words(f"{slot.name} {slot.unit}"))
                and not (clause.words[at] == "at" and number.value <= HOURS))
            return meant and takes(self.option, place, number) and all(
                one in clause.of_number or clause.words[one] in ("times", "time") for one in left)
        if slot.type == "choice":
            said = _said(clause, slot, set(range(at + 1)))
            covered = {one for start, stop, _ in said for one in range(start, stop)}
            return bool(said) and all(one in covered for one in left)
        if slot.type == "boolean":
            return bool(rest) and not left
        if slot.type == "text" and is_colour(slot, self.option):
            colour = wording.colour_said(clause.text[clause.found[at][1]:])
            return bool(colour) and all(clause.words[one] in colour.split() or clause.words[one] in _SHADES
                                        for one in left)
        return False

    def _choices(self, values: list[Value | None]) -> None:
        slots = [place for place, slot in enumerate(self.option.slots) if slot.type == "choice"]
        taken: set[int] = set()
        found = {place: _said(self.clause, self.option.slots[place], self._names_but_choices(place)) for place in slots}
        for place in sorted(slots, key=lambda place: len(found[place])):
            rows = [row for row in found[place] if taken.isdisjoint(range(row[0], row[1]))]
            if len(rows) > 1:
                rows = [row for row in rows if not self._is_switch(row[0])] or rows
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

    def _is_switch(self, at: int) -> bool:
        """Whether "with steam" says the yes or no of that name, not a choice."""
        return self.clause.before(at) in ("with", "without", "no") and any(
            self.option.slots[place].type == "boolean" and at in range(start, end)
            for place, spans in self.mentions.items() for start, end in spans)

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
                said = self.clause.words[at]
                if at in self.used or at in self.named or at in self.clause.of_number or (
                        said in wording.table()["colours"] or (said,) in more_words()[1]):
                    continue
                mine = senses().get((word,), frozenset())
                for choice, meaning in meanings.items():
                    if not mine.isdisjoint(meaning):
                        rows.setdefault(choice, []).append(at)
            rows = rows or self._alike(slot)
            if len(rows) == 1:
                choice, places = next(iter(rows.items()))
                values[place] = Value("choice", text=choice)
                self.used.update(places)
                self.evidence = max(self.evidence, 0.4)

    def _alike(self, slot: Slot) -> dict[str, list[int]]:
        """Choices that begin as a word does: "triangular" and triangle."""
        rows: dict[str, list[int]] = {}
        for at, word in enumerate(self.clause.words):
            if at in self.used or at in self.named or len(word) < ALIKE:
                continue
            for choice in slot.choices:
                if word[:ALIKE] == choice.lower()[:ALIKE] and choice.isalpha():
                    rows.setdefault(choice, []).append(at)
        return rows

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
                ours = self.mentions[place] or self._is_meant(name) or wording.pole(name_words(name)) \
                    or wording.is_generic(name)
                self.evidence = max(self.evidence, 0.4 if ours else 0.1)
                self.beside = self.beside or bool(self.mentions[place])


@lru_cache(maxsize=1)
def _titles() -> frozenset[str]:
    return frozenset(wording.around()["texts"]["titles"])


def _is_of_pairs(word: str) -> bool:
    return any(word in pair[side] for pair in wording.table()["poles"] for side in ("one", "other"))


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
        elif not all(letter.isalnum() or letter in " _-" for letter in choice):  # "65:35"
            for found in re.finditer(rf"(?<!\w){re.escape(choice.lower())}(?!\w)", clause.text.lower()):
                at = [one for one, (_, start, end) in enumerate(clause.found)
                      if found.start() <= start and end <= found.end()]
                rows += [(at[0], at[-1] + 1, choice)] if at else []
    _, comparing = more_words()  # "cooler" is no "cool"
    rows = [row for row in rows if (clause.words[row[0]],) not in comparing or not clause.words[row[0]].endswith("er")
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
