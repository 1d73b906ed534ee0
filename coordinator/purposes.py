"""Requests by purpose: "make me a coffee", "mow the lawn", "it is stuffy" say what is wanted, not which Thing does it.

A clause means a purpose only if each of its words is explained by it, by a place, or is a function word; else it is
somebody talking about coffee. The purposes are data (lexicon.toml). Does not: know the house beyond kinds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from coordinator import phrases
from coordinator.house import Facts, House
from coordinator.phrases import Token, contains, stem, words
from ontology.description import words_of

_SKIPPED = frozenset(
    {
        "around",
        "through",
        "throughout",
        "time",
        "that",
        "so",
        "it",
        "is",
        "some",
        "for",
        "to",
        "up",
        "in",
        "on",
        "at",
        "of",
        "and",
        ",",
        "will",
        "would",
        "us",
    }
)
_NEVER = frozenset({"like", "love", "not", "did", "does", "if", "when", "he", "she", "they"})


@dataclass(frozen=True)
class Purpose:
    """`name`: the row of the table; `ends`: it shall stop; `object`: what is wanted, in the words said."""

    name: str
    row: dict[str, Any]
    ends: bool = False
    object: str = ""

    @property
    def order(self) -> str:
        """How it is put to a device that takes it as such."""
        return f"{self.row['verb']} {self.object}".strip()


def purpose_of(said: tuple[Token, ...], full: tuple[Token, ...], placed: frozenset[int]) -> Purpose | None:
    """The purpose of a clause, or None; `full`: with what is polite in it; `placed`: where tokens start that name a
    place."""
    work = phrases.lexicon()["work"]
    wishes = contains(full, work["wish"])
    polite = any(token.word in ("please", "now") for token in full)
    plain = " ".join(
        token.word for token in said if token.word not in words("words.determiner") and token.word.isalnum()
    )
    stems = {token.stem for token in said} | {token.word for token in said}
    for name, row in phrases.lexicon()["does"].items():
        if not stems & _telling(name):
            continue
        for places in (frozenset[int](), placed) if placed else (placed,):
            if found := _read(name, row, said, places, wishes, plain, polite):
                return found
    return None


def _read(
    name: str,
    row: dict[str, Any],
    said: tuple[Token, ...],
    placed: frozenset[int],
    wishes: bool,
    plain: str,
    polite: bool,
) -> Purpose | None:
    work = phrases.lexicon()["work"]
    names = _names(row["kinds"][0])
    own = {*row["verbs"], *row["objects"], *row["works"], *row["extras"]}
    if any(plain == one or plain in (f"it is {one}", f"i think it is {one}", f"the {one}") for one in row["alone"]):
        return Purpose(name, row)
    outside = tuple(token for token in said if token.start not in placed or token.end == 0)
    left = [token.word for token in outside if token.word not in words("words.determiner") | {"it", "is", "in"}]
    small = ("it", "is", "in", "here")
    if len(outside) < len(said) and any(left == [w for w in one.split() if w not in small] for one in row["alone"]):
        return Purpose(name, row)
    kept: list[Token] = []
    opening = {*work["begin"], *work["end"], *work["cause"]}
    for token in outside:
        word, of_it = token.word, {token.word, token.stem} & own or token.stem in names
        if of_it or word in (work["go"] if kept else opening):
            kept.append(token)
        elif (word in _NEVER and not (wishes and word in ("like", "love"))) or not _empty(word):
            return None
    has_place = len(outside) < len(said)
    if not kept:
        return None
    first, rest = kept[0].word, kept[1:]
    objects = [
        token for token in (kept if wishes else rest) if token.word in row["objects"] or token.stem in row["objects"]
    ]
    works = [token for token in rest if token.word in row["works"] or token.stem in row["works"]]
    wanted = " ".join(token.said for token in rest if token.word not in row["verbs"])
    if first in work["end"]:
        ends = works or (objects and not row.get("endless")) or any(token.word in row["verbs"] for token in rest)
        return Purpose(name, row, ends=True) if ends else None
    if _caused(row, kept, names):
        return Purpose(name, row)
    if first in row["verbs"] and (objects or (has_place and first in row.get("places", ()))):
        return Purpose(name, row, object=wanted)
    if first in work["begin"] and works:
        return Purpose(name, row, object="" if works[-1].word.endswith("ing") else wanted)
    if wishes and objects and kept[-1].word in row["verbs"]:
        return Purpose(name, row)
    if wishes and row.get("wish") and any(token.stem in row["objects"] for token in kept):
        return Purpose(name, row, object=" ".join(token.said for token in kept if token.word not in row["verbs"]))
    if row.get("wish") and polite and all(token.stem in {*row["objects"], *row["extras"]} for token in kept):
        asked = any(token.stem in row["objects"] for token in kept)
        return Purpose(name, row, object=" ".join(token.said for token in kept)) if asked else None
    return None


def _caused(row: dict[str, Any], kept: list[Token], names: frozenset[str]) -> bool:
    """ "have the roomba clean the house", "let the vacuum run", "robot, clean my room"."""
    work = phrases.lexicon()["work"]
    called = [at for at, token in enumerate(kept) if token.stem in names]
    if not called or not (kept[0].word in work["cause"] or called[0] == 0):
        return False
    last = next((at for at in range(called[0], len(kept)) if at + 1 >= len(kept) or kept[at + 1].stem not in names), 0)
    rest = kept[last + 1 :]
    if not rest:
        return kept[0].word in work["use"] or (len(called) > 1 and kept[-1].word in row["verbs"])
    return any(token.word in (*row["verbs"], *row["works"], *work["go"]) for token in rest)


@lru_cache(maxsize=64)
def _telling(name: str) -> frozenset[str]:
    """Words of which one stands in whatever means this purpose."""
    row = phrases.lexicon()["does"][name]
    alone = {word for phrase in row["alone"] for word in phrase.split()} - {"it", "is", "in", "here", "some"}
    return frozenset({*row["objects"], *row["works"], *row.get("places", ()), *alone}) | _names(row["kinds"][0])


@lru_cache(maxsize=64)
def _names(kind: str) -> frozenset[str]:
    row = phrases.table()["kinds"][kind]
    brands = [name for name, kinds in phrases.lexicon()["brands"].items() if kinds == [kind]]
    return frozenset(stem(word) for name in (*row["general"], *row["special"], *brands) for word in name.split())


def _empty(word: str) -> bool:
    return (
        not word[0].isalnum()
        or word in _SKIPPED
        or word in words("words.polite")
        or word in words("words.determiner")
        or word in words("words.all")
        or word in words("words.plain")
        or word in ("please", "me", "my", "i", "here", "there", "all", "fancy", "use", "feel", "may", "go")
    )


def able(purpose: Purpose, house: House, rooms: frozenset[str], room: str | None) -> tuple[Facts, ...]:
    """The Things that serve the purpose: those in the rooms said, else near the speaker, else the first kind's."""
    for kind in purpose.row["kinds"]:
        serving = tuple(fact for fact in house.facts if kind in fact.kinds and fact.can_act)
        if rooms and not purpose.row.get("anywhere"):
            serving = tuple(fact for fact in serving if fact.room in rooms)
        elif len(serving) > 1:
            serving = tuple(fact for fact in serving if fact.room in rooms or fact.room == room) or serving
        if serving:
            wanted = {stem(word) for word in purpose.object.lower().split()}
            return tuple(fact for fact in serving if wanted & fact.names) or serving
    return ()


def sentence(purpose: Purpose, fact: Facts, name: str) -> str:
    """The order for one Thing: as it was said where the Thing has an action for it, else to start or switch it."""
    can = {stem(word) for word in ("stop", "end") if stem(word) in fact.able}
    if purpose.ends:
        return f"stop {name}" if can else f"close {name}" if _opens(fact) else f"turn off {name}"
    own = {stem(word) for word in (*purpose.row["verbs"], *purpose.row["objects"])} - {"make", "get", "have", "start"}
    for affordance in fact.thing.affordances:
        if affordance.op == "action" and affordance.fields:
            called = {stem(word) for word in words_of(affordance.name)}
            if called & own:
                return f"{purpose.order} with {name}"
    if "start" in fact.able:
        return f"start {name}"
    if _opens(fact):
        return f"open {name}"
    if "turn" in fact.able or "on" in fact.able or "switch" in fact.able or "power" in fact.able:
        return f"turn on {name}"
    return f"{purpose.order} with {name}"


def _opens(fact: Facts) -> bool:
    return "open" in fact.able and "on" not in fact.able
