"""The words of a house and of orders: what each may be, what it is easily taken for, and what may stand behind what.

Costs as in sounds.py: 0 for a word that is known and in its place. Kinds of words and what may follow what are data
(misheard.toml), the words themselves come from phrases.toml and the house. Does not: read sentences (misheard.py)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from coordinator import phrases, sounds
from coordinator.house import House
from coordinator.phrases import stem, words

_LIKELY = 5
_KEPT_MAX = 20_000
# How long a part of words run together may be, and what a slip in it may cost.
_PART_MAX, _PART = 14, 0.75
# What one mistaken word may cost at most, and what several words that are heard as one.
WORD_MAX, JOIN_MAX, JOIN_RIGHT = 0.9, 0.6, 0.3
# What a word costs that is out of place, a number without "to", a word unknown, a common one of no use in orders, one
# of little use, a sound, a name in two words; what it takes off that two words are neighbours in a name.
_MISFIT, _LOOSE, _UNKNOWN, _RARE, _ASIDE, _NOISE, _APART, _TOGETHER = 0.38, 0.2, 1.0, 0.7, 0.35, 0.2, 0.3, 0.3
# What it costs to take a word for one that sounds the same, or nearly so, or is written short; to split one; that it is
# nearly a sound, or that the word meant is seldom or rarely meant.
_SAME, _HEARD, _SHORT, _SPLIT, _SOUND, _SELDOM, _RARELY = 0.2, 0.45, 0.2, 0.3, 0.08, 0.25, 0.4


class Known:
    """The words of a house and of orders: which may be meant, what they are, how near others lie to them."""

    def __init__(self, house: House) -> None:
        rooms = {part for name in house.rooms for part in name.split()}
        self._places = rooms | _room_words() | {part for name in house.floors for part in name.split()}
        self._names = frozenset(house.names)
        names = [fact.title for fact in house.facts] + [tuple(map(stem, name.split())) for name in house.rooms]
        self._pairs = {pair for name in names for pair in pairwise(name)}
        self._sorts = {part for name, kinds in phrases.sorts().items() if house.kinds & set(kinds) for part in name}
        self.targets: dict[str, float] = {}
        own = {word for fact in house.facts for word in (*fact.thing.title.lower().split(), *fact.alias)}
        for group, cost in (
            (own | {form for name in self._names for form in (name, _plural(name))} | rooms, 0.0),
            (words("verbs.plain") - words("verbs.special"), _SELDOM), (words("verbs.special"), _RARELY),
            (set(sounds.table()["common"]["words"]), 0.0),
            (phrases.kind_words(), _SELDOM), (map(_plural, phrases.kind_words()), _SELDOM),
            (_room_words(), _SELDOM), (words("verbs.states"), _SELDOM),
            (words("attributes.nouns") & house.said, _SELDOM),
            (phrases.table()["times"]["numbers"], 0.0), (phrases.table()["times"]["days"], _SELDOM),
            (phrases.table()["senses"]["colour"]["words"], _SELDOM), (words("verbs.wished"), _SELDOM),
        ):  # fmt: skip
            for word in group:
                if word.isalpha() and (len(word) > 1 or word == "a"):
                    self.targets[word] = min(cost, self.targets.get(word, cost))
        spoken = {word: sounds.sounds(word) for word in self.targets}
        self._shapes = [
            (word, _letters(word), spoken[word], _letters(_skeleton(spoken[word])), cost)
            for word, cost in self.targets.items()
        ]
        self._near: dict[tuple[str, float, bool], tuple[tuple[str, float], ...]] = {}
        self._classes: dict[str, frozenset[str]] = {}

    def together(self, one: str, other: str) -> float:
        """What it takes off the cost that two words stand together in a name of the house."""
        return _TOGETHER if (stem(one), stem(other)) in self._pairs else 0.0

    def is_right(self, word: str) -> bool:
        """Whether a word is one of the house or of orders, and so only taken for another that sounds alike."""
        return not word[0].isalpha() or bool(self.classes(word))

    def strange(self, word: str) -> float:
        """What a word costs wherever it stands."""
        if word in noises():
            return _NOISE
        if self.is_right(word):
            return 0.0
        if word in _common() or word in _alike():
            return _RARE
        return _ASIDE if word in phrases.correct() or stem(word) in phrases.correct() else _UNKNOWN

    def apart(self, one: str, other: str) -> float:
        """What it costs that two words stand side by side that are one in a name of the house."""
        whole = one + other
        known = whole in self._names and len(one) > 1 and len(other) > 1
        return _APART if known and (stem(one), stem(other)) not in self._pairs else 0.0

    def is_unknown(self, word: str) -> bool:
        """Whether a word is none of this house, of orders or of common English."""
        return self.strange(word) >= _UNKNOWN

    def alike(self, said: str) -> tuple[tuple[str, float], ...]:
        """Words that sound like one or two words that are right as they stand, and what short ones stand for."""
        return tuple((meant, cost) for meant, cost in _alike().get(said, ()))

    def near(self, said: str, limit: float, spoken: bool = True) -> tuple[tuple[str, float], ...]:
        """The words that lie nearest to `said` (several words: heard as one), with their costs; only by their letters
        where it was not `spoken`."""
        key = (said, limit, spoken)
        if key not in self._near:
            if len(self._near) >= _KEPT_MAX:
                self._near.clear()
            whole = said.replace(" ", "").replace("'", "")
            uttered = sounds.sounds(said)
            letters, bones, several = _letters(whole), _letters(_skeleton(uttered)), whole != said
            found = []
            for word, shape, sound, frame, cost in self._shapes:
                if abs(len(word) - len(whole)) > 3 or word == whole:
                    continue
                typed = heard = 9.0
                if not several and sounds.typed_at_least((letters ^ shape).bit_count(), word) <= limit:
                    typed = sounds.typed(whole, word, limit)
                if spoken and sounds.heard_at_least((bones ^ frame).bit_count(), sound) <= limit:
                    heard = sounds.between(uttered, sound, limit) + _SOUND + _sized(word)
                best = min(typed, heard) + cost
                if best <= limit:
                    found.append((word, best))
            found.sort(key=lambda one: one[1])
            self._near[key] = tuple(found[:_LIKELY])
        return self._near[key]

    def parts(self, word: str) -> Iterator[tuple[str, float]]:
        """Words that were run together, the likeliest first: "turnoff", "openthedoor", one of them with a slip."""
        if len(word) < 5:
            return
        # The best ways to divide the letters up to each place: with no slip, and with one.
        ways: list[list[tuple[float, str]]] = [[] for _ in range(2 * (len(word) + 1))]
        ways[0] = [(-_SPLIT, "")]
        for start in range(len(word)):
            for slips in (0, 1):
                found = sorted(ways[2 * start + slips])[:_LIKELY]
                if not found:
                    continue
                for end in range(start + 1, min(len(word), start + _PART_MAX) + 1):
                    part = word[start:end]
                    for meant, cost in self._part(part, slips == 0 and len(part) > 3 and len(part) < len(word)):
                        to = 2 * end + (1 if meant != part else slips)
                        ways[to] += [(before + _SPLIT + cost, f"{said} {meant}".strip()) for before, said in found]
        for cost, said in sorted(ways[-2] + ways[-1])[:_LIKELY]:
            if " " in said:
                yield said, min(cost, _SPLIT) + (cost - _SPLIT) / 2 if cost > _SPLIT else cost

    def _part(self, part: str, slip: bool) -> list[tuple[str, float]]:
        """What a part of a word run together may be."""
        if part in self.targets:
            return [(part, 0.0)] if len(part) > 1 else [(part, _SPLIT)]
        return list(self.near(part, _PART, spoken=False)[:2]) if slip else []

    def classes(self, word: str) -> frozenset[str]:
        """What a word may be: verb, particle, name, place, number, …"""
        found = self._classes.get(word)
        if found is None:
            if len(self._classes) >= _KEPT_MAX:
                self._classes.clear()
            found = self._classes[word] = frozenset(self._classes_of(word))
        return found

    def _classes_of(self, word: str) -> Iterator[str]:
        if not word[0].isalnum():
            yield "unit" if word in "%°" else "join"
            return
        if word[0].isdigit():
            yield "digits"
            return
        base = stem(word)
        if word in self._places or base in self._places:
            yield "name"
        if word in self._names or base in self._names or base in phrases.kind_words():
            yield "name"
        if word in words("attributes.nouns") or word in words("known.things") or base in self._sorts:
            yield "name"
        for name, listed in _classed():
            if word in listed:
                yield name


def misfit(before: frozenset[str], here: frozenset[str]) -> float:
    """What it costs that a word follows another: nothing where one of its kinds may."""
    table = _follows()
    if not before or not here:
        return 0.0
    if any(table[one] & here for one in before):
        return 0.0
    return _LOOSE if before & _LOOSELY and here & _NUMBERS else _MISFIT


_LOOSELY, _NUMBERS = frozenset({"name", "state", "determiner"}), frozenset({"digits", "ones", "tens"})
START, END = frozenset({"start"}), frozenset({"end"})


@lru_cache(maxsize=1)
def _follows() -> dict[str, frozenset[str]]:
    rows: dict[str, list[str]] = sounds.table()["follows"]
    return {name: frozenset(row) for name, row in rows.items()}


@lru_cache(maxsize=1)
def _classed() -> tuple[tuple[str, frozenset[str]], ...]:
    """Kind of word -> its words."""
    units = frozenset(phrases.table()["times"]["units"])
    own: dict[str, list[str]] = sounds.table()["classes"]
    counted: dict[str, float] = phrases.table()["times"]["numbers"]
    numbers = frozenset(counted) - {"a", "an"}
    tens = frozenset(word for word in numbers if counted[word] >= 20 or word == "hundred")
    found: dict[str, frozenset[str]] = {name: frozenset(row) for name, row in own.items()}
    taken = frozenset().union(*found.values())
    state = words("verbs.states") | frozenset(phrases.senses()) | words("words.amount")
    for name, listed in (
        ("verb", words("verbs.plain") - taken),
        ("determiner", words("words.determiner")),
        ("preposition", words("words.preposition") - {"of"}),
        ("ones", numbers - tens), ("tens", tens),
        ("unit", units | {one + "s" for one in units}), ("ask", words("words.question")),
        ("when", _openers()), ("join", words("words.join") | words("words.then") | words("words.opposite")),
        ("pronoun", words("words.it") | words("words.them") | words("words.there") | words("words.here")),
        ("state", state - taken - frozenset(phrases.kind_words())),
        ("polite", words("words.polite") - taken - _small() - numbers),
    ):  # fmt: skip
        found[name] = found.get(name, frozenset()) | listed
    return tuple(found.items())


@lru_cache(maxsize=1)
def _small() -> frozenset[str]:
    """Small words that have a place of their own."""
    return words("words.preposition") | _openers() | words("words.it") | words("words.there") | {"to", "by"}


@lru_cache(maxsize=1)
def _openers() -> frozenset[str]:
    return frozenset(part for opener in words("conditions.open") for part in opener.split()[:1])


@lru_cache(maxsize=1)
def _room_words() -> frozenset[str]:
    parts = {part for row in phrases.table()["rooms"]["same"] for name in row for part in name.split()}
    return frozenset(parts) - words("words.preposition")


@lru_cache(maxsize=1)
def noises() -> frozenset[str]:
    """Sounds that are no words."""
    return frozenset(sounds.table()["fillers"]["noises"])


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(phrases.lexicon()["near"]["words"])


@lru_cache(maxsize=1)
def _alike() -> dict[str, tuple[tuple[str, float], ...]]:
    """Words (one or two) -> what they may stand for."""
    table = sounds.table()
    found: dict[str, dict[str, float]] = {}

    def add(said: str, meant: Iterable[str], cost: float) -> None:
        row = found.setdefault(said, {})
        for one in meant:
            if one != said:
                row[one] = min(cost, row.get(one, cost))

    for name, cost in (("same", _SAME), ("heard", _HEARD)):
        for meant, heard in table[name].items():
            for said in heard:
                add(said, [meant], cost)
    for said, meant in table["short"].items():
        add(said, meant, _SHORT)
    return {said: tuple(row.items()) for said, row in found.items()}


def _plural(word: str) -> str:
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


def _letters(word: str) -> int:
    """Which letters a word has, a bit each."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 31)
    return bits


def _skeleton(sound: str) -> str:
    """The consonants, those that are easily confused as one."""
    return sound.translate(_ROUGHLY)


def _sized(word: str) -> float:
    """Short words sound like many others."""
    return max(0.0, 0.15 * (4 - len(word)))


_ROUGHLY = str.maketrans("BDGVXCJQNRZ", "PTKFSTSTML" + "S", "aeiouyxjwqhrHWY")
_houses: dict[int, tuple[House, Known]] = {}


def known_in(house: House) -> Known:
    """The words known in a house, made once."""
    found = _houses.get(id(house))
    if found is None or found[0] is not house:
        if len(_houses) >= 8:
            _houses.clear()
        found = _houses[id(house)] = house, Known(house)
    return found[1]
