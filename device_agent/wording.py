"""What a sentence says by its plain words: order or question, which of two opposites, more or less, nothing at all.

Pure, over wording.toml. These rules never choose what is done; they say what must not be: a question acts on nothing,
an order is more than a look, "off" never turns on. Where the words leave a doubt they say nothing."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

from models.language.prompt import name_words
from models.language.words import Number

_CUT = re.compile(r"(?i)[,;.]?\s+(?:and then|and also|as well as|and|then|plus)\s+|[,;]\s+")
ASK, TELL = "ask", "tell"
_WORD = re.compile(r"\d+[.,]\d+|[^\W_]+(?:'[^\W_]+)*|[?.,!;]")


@lru_cache(maxsize=1)
def table() -> dict[str, Any]:
    """wording.toml."""
    return tomllib.loads(resources.files("device_agent").joinpath("wording.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def around() -> dict[str, Any]:
    """assigned.toml: the words around names and values."""
    return tomllib.loads(resources.files("device_agent").joinpath("assigned.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def every_word() -> frozenset[str]:
    """Every single word that wording.toml and assigned.toml know."""
    found: set[str] = set()
    rows: list[Any] = [table(), around()]
    while rows:
        row = rows.pop()
        if isinstance(row, str):
            found.update(words_of(row))
        elif isinstance(row, dict):
            rows += row.values()
            found.update(row if "white" in row else ())
        elif isinstance(row, list):
            rows += row
    return frozenset(found)


def words_of(sentence: str) -> list[str]:
    """Its words and signs, in lower case."""
    return list(_words_of(sentence))


@lru_cache(maxsize=1024)
def _words_of(sentence: str) -> list[str]:
    return _WORD.findall(sentence.lower().replace("’", "'"))


def _begins(words: Sequence[str], phrases: Iterable[str]) -> bool:
    return any(list(words[:len(phrase.split())]) == phrase.split() for phrase in phrases)


def forbids(sentence: str) -> bool:
    """Whether it says what not to do."""
    return _begins(_polished(words_of(sentence)), table()["mood"]["forbids"])


@lru_cache(maxsize=256)
def mood(sentence: str) -> str:
    """ASK, TELL, or "" where the words do not decide."""
    rules = table()["mood"]
    words = _polished(words_of(sentence))
    if words and words[0] in rules["modals"] and words[1:2] == ["you"]:
        words = _polished(words[2:])
        return ASK if _begins(words, rules["asking"]) else TELL if words and words[0] in rules["orders"] else ""
    if not words or _begins(words, rules["telling"]):
        return TELL if words and _begins(words, rules["telling"]) else ""
    asks = (words[0] in rules["questions"] or _begins(words, rules["asking"])
            or (words[0] in rules["halves"] and bool(words[1:]) and words[1] in rules["subjects"]))
    if asks:
        return "" if _orders_later(words) else ASK
    return TELL if words[0] in rules["orders"] and "?" not in words and not _asks_later(words) else ""


def _polished(words: Sequence[str]) -> list[str]:
    """Without the polite words and signs that it begins with."""
    at = 0
    while at < len(words) and (words[at] in table()["mood"]["polite"] or not words[at][0].isalnum()):
        at += 1
    return list(words[at:])


def _orders_later(words: Sequence[str]) -> bool:
    """Whether an order follows in another clause: "where is it, make it beep"."""
    orders = table()["mood"]["orders"]
    return any(before in (",", ";", ".", "?", "!", "and", "then") and after in orders
               for before, after in itertools.pairwise(words))


def _asks_later(words: Sequence[str]) -> bool:
    """Whether a question follows in another clause: "turn it on and tell me how bright it is"."""
    return any(_begins(words[at:], table()["mood"]["asking"]) for at in range(1, len(words)))


def looks(name: str) -> bool:
    """Whether an action's name says that it only looks: check_door, getStatus."""
    words = name_words(name)
    return bool(words) and words[0] in table()["mood"]["looking"]


def joins(sentence: str) -> bool:
    """Whether it may hold several orders."""
    return not {"and", "then", ",", ";", ".", "also", "plus"}.isdisjoint(words_of(sentence)[:-1])


def clauses(sentence: str, whole: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Where its clauses stand, parted by commas, "and" and "then". `whole`: stretches that are not cut."""
    cuts = [found.span() for found in _CUT.finditer(sentence)
            if not any(start < found.end() and found.start() < end for start, end in whole)]
    begins, ends = [0, *(end for _, end in cuts)], [*(start for start, _ in cuts), len(sentence)]
    return [(begin, end) for begin, end in zip(begins, ends, strict=True) if sentence[begin:end].strip()]


def first_word(sentence: str) -> str:
    """The first word that is not politeness, "" if none."""
    return next(iter(_polished(words_of(sentence))), "")


def counts(sentence: str, number: Number) -> bool:
    """Whether a number is such an amount, and not part of a name."""
    return number.unit in table()["amount"]["units"] or words_of(sentence[:number.start])[-1:] in (["to"], ["by"])


def speaks(sentence: str) -> bool:
    """Whether it says or shows something: an amount in it may be part of a text."""
    return '"' in sentence or not set(words_of(sentence)).isdisjoint(table()["text"]["speaking"])


def colour_said(sentence: str) -> str:
    """The colour that a sentence names, the longest if several begin alike; "" if none."""
    spoken = f" {' '.join(name_words(sentence))} "
    return max((colour for colour in table()["colours"] if f" {colour} " in spoken), key=len, default="")


# Opposites


def pole(names: Collection[str]) -> list[tuple[int, bool]]:
    """The (pair, whether it is its first side) that the words of a name stand for."""
    return list(_pole(frozenset(names)))


@lru_cache(maxsize=4096)
def _pole(names: frozenset[str]) -> list[tuple[int, bool]]:
    for phrase in table()["phrases"]:
        words = set(phrase["words"].split())
        if names == words or (names > words and len(words) > 1):
            return [(phrase["pair"], phrase["one"]), *([(4, phrase["one"])] if len(words) == 1 else [])]
    found = []
    for number, pair in enumerate(table()["poles"]):
        others = names - {"power"} if len(names) > 1 else names  # "power off" is off
        one, other = not others.isdisjoint(pair["one"]), not others.isdisjoint(pair["other"])
        if one != other:
            found.append((number, one))
    return found


def words_of_pairs(names: Collection[str]) -> set[str]:
    """Every word for either side of the pairs of a name."""
    found = pairs(names) | ({0} if {"state", "switch"} & set(names) else set())
    return {word for number in found for key in ("one", "other", "says_one", "says_other")
            for word in table()["poles"][number][key]}


def pairs(names: Collection[str]) -> set[int]:
    """The pairs of which the words of a name stand for a side."""
    return {number for number, _ in pole(names)}


def same_pole(some: Collection[str], other: Collection[str]) -> bool:
    """Whether all words of both stand for the same side of a pair: "shut" and "close"."""
    for pair in table()["poles"]:
        for side in ("one", "other"):
            words = {*pair[side], *pair[f"says_{side}"]}
            if words >= set(some) and words >= set(other):
                return True
    return False


def is_about_nothing_here(sentence: str, names: Iterable[str]) -> bool:
    """Whether a sentence says a word such as "lock" of which no name of a Thing (affordances, choices) knows."""
    said, known = set(words_of(sentence)), {word for name in names for word in name_words(name)}
    for pair in table()["poles"]:
        words = {*pair["one"], *pair["other"]}
        if pair.get("strict") and said & words and not known & words:
            return True
    return False


def strange_to(known: Collection[str]) -> frozenset[str]:
    """Words such as "lock" that lead to nothing in a Thing whose names are of these words."""
    return frozenset(word for pair in table()["poles"] if pair.get("strict")
                     and set(known).isdisjoint((*pair["one"], *pair["other"]))
                     for word in (*pair["one"], *pair["other"]))


def opposite(some: Collection[str], other: Collection[str]) -> bool:
    """Whether two names stand for the two sides of a pair."""
    return any((number, not side) in pole(other) for number, side in pole(some))


@lru_cache(maxsize=256)
def said_poles(sentence: str) -> tuple[tuple[int, bool], ...]:
    """The (pair, side) that the sentence says, where it says one side only; nothing if it negates."""
    words = words_of(sentence)
    if not set(words).isdisjoint(table()["mood"]["not"]):
        return ()
    said = {word for at, word in enumerate(words) if word != "on" or _is_state(words, at)}
    said -= {"power"} if said & {"on", "off"} else set()
    found = []
    for number, pair in enumerate(table()["poles"]):
        one = not said.isdisjoint((*pair["one"], *pair["says_one"]))
        other = not said.isdisjoint((*pair["other"], *pair["says_other"]))
        if one != other:
            found.append((number, one))
    return tuple(found)


def _is_state(words: Sequence[str], at: int) -> bool:
    """Whether an "on" is the state and not a preposition: "turn on the …", "… on", not "play … on it"."""
    rules = table()["on"]
    return ((at > 0 and words[at - 1] in rules["verbs"]) or at + 1 == len(words) or words[at + 1] in rules["ends"])


def contradicts(sentence: str, name: str, value: bool | None = None) -> bool:
    """Whether doing `name` is the opposite of what the sentence says. `value`: of a boolean property of that name."""
    words = set(name_words(name))
    sides = pole(words)
    if value is not None:
        if not sides and words & {"state", "power", "switch"}:
            sides = [(0, True)]
        sides = [(number, side == value) for number, side in sides]
    said = said_poles(sentence)
    return any((number, not side) in said for number, side in sides) and not any(side in said for side in sides)


# Yes and no


@lru_cache(maxsize=512)
def switched(sentence: str) -> int:
    """1 where it says only "on" (or enable, …), -1 only "off", 0 both, neither or not so."""
    words = words_of(sentence)
    rules = table()["switching"]
    if not set(words).isdisjoint(table()["mood"]["not"]):
        return 0
    said = {word for at, word in enumerate(words) if word != "on" or _is_state(words, at)}
    return (not said.isdisjoint(rules["on"])) - (not said.isdisjoint(rules["off"]))


def side_of(sentence: str, name: str, mentioned: bool) -> int:
    """What a sentence says of a yes or no of that name: 1 yes, -1 no, 0 nothing. `mentioned`: it names it."""
    words, names = words_of(sentence), set(name_words(name))
    rules, side = table()["switching"], switched(sentence)
    own = pole(names) if mentioned or _is_all_pole(names) else []
    if not mentioned and not own and pole(names):
        return side if is_generic(name) else 0
    if side and (mentioned or not own or any(number == 0 for number, _ in own)):
        return side
    said = said_poles(sentence)
    for number, one in own:
        for other, given in said:
            if number == other:
                return 1 if one == given else -1
    if own and not mentioned:
        return 0
    loose = not set(words).isdisjoint(table()["mood"]["not"])
    plain = {word for word in words if word not in names}
    yes, no = not plain.isdisjoint(rules["yes"]), not plain.isdisjoint(rules["no"])
    if mentioned and yes != no:
        return 1 if yes else -1
    generic = not names.isdisjoint(rules["generic"])
    starts, stops = not plain.isdisjoint(rules["starts"]), not plain.isdisjoint(rules["stops"])
    return 0 if loose or starts == stops or not (generic or mentioned) else 1 if starts else -1


def _is_all_pole(names: Collection[str]) -> bool:
    """Whether a name is nothing but a word of a pair: "locked", "is_open", "play_state"."""
    known = {word for pair in table()["poles"] for side in ("one", "other") for word in pair[side]}
    return set(names) <= known | set(table()["switching"]["around"])


def is_generic(name: str) -> bool:
    """Whether a name says no more than that something is on."""
    return not set(name_words(name)).isdisjoint(table()["switching"]["generic"])


def switching_places(words: Sequence[str]) -> list[int]:
    """The places of words that switch."""
    rules = table()["switching"]
    known = {*rules["on"], *rules["off"], *rules["yes"], *rules["no"], *rules["starts"], *rules["stops"]}
    return [at for at, word in enumerate(words) if word in known]


def pair_places(words: Sequence[str], name: str) -> list[int]:
    """The places of words for either side of the pairs of a name."""
    known = {word for number in pairs(name_words(name)) for key in ("one", "other", "says_one", "says_other")
             for word in table()["poles"][number][key]}
    return [at for at, word in enumerate(words) if word in known]


@lru_cache(maxsize=256)
def direction(sentence: str) -> int:
    """1 where the sentence says only more, -1 only less, 0 both or neither."""
    rules, words = table()["change"], set(words_of(sentence))
    if not words.isdisjoint(table()["mood"]["not"]):
        return 0
    return (not words.isdisjoint(rules["up"])) - (not words.isdisjoint(rules["down"]))


def extreme(sentence: str) -> int:
    """1 where it says "the most", -1 "the least", 0 neither."""
    rules, words = table()["change"], set(words_of(sentence))
    most, least = not words.isdisjoint(rules["most"]), not words.isdisjoint(rules["least"])
    if most != least:
        return 1 if most else -1
    return 0 if most or words.isdisjoint(rules["whole"]) else direction(sentence)


def is_time(*names: str) -> bool:
    """Whether the names or units of an argument say that it is a duration."""
    return not {word for name in names for word in name_words(name)}.isdisjoint(table()["amount"]["durations"])


def is_step(*names: str) -> bool:
    """Whether the names of an action and its argument say that the number is a change itself: increase_volume(by)."""
    rules, words = table()["change"], {word for name in names for word in name_words(name)}
    return not words.isdisjoint((*rules["steps"], *rules["up"], *rules["down"]))


def gives_nothing(sentence: str, label_words: Collection[str]) -> bool:
    """Whether it names what is to be set and no value for it: "set the brightness"."""
    bare = set(table()["bare"]["words"]) | set(label_words)
    words = [word for word in words_of(sentence) if word[0].isalnum()]
    named = any(word in label_words for word in words)
    return named and all(word in bare for word in words)
