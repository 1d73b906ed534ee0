"""How well each option of a Thing fits a clause: what its words explain, how much of its name is said, what values fit.

Rules: words that nobody knows count against every option, least where they only tell a place; a verb that leads
anywhere counts only for options that know it; what contradicts the clause, or leaves a number of it, loses. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from device_agent import binding, features, wording
from device_agent.binding import bind
from device_agent.clause import Clause
from device_agent.features import Index, index_of, senses, stem
from device_agent.naming import Bound, label_stems, says_more
from device_agent.options import bare_words
from models.language.prompt import Option, name_words

# What a clause must be explained to for no doubt.
WHOLE = 0.6
# How much more than others the word after "how" counts, and a word such as "level".
ASKED, GENERIC = 2.5, 0.4
# The pair of more and less (its place in wording.toml).
MORE = 4
# How much a word counts that nobody knows, after "in the"; and the verb that a clause begins with.
PLACE, VERB = 0.15, 2.0
_KINDS = frozenset(stem(word) for word in (
    "lamp", "light", "lights", "bulb", "blind", "curtain", "shutter", "shade", "speaker", "fan", "heater", "radiator",
    "thermostat", "lock", "door", "camera", "pump", "valve", "motor", "robot", "display", "screen", "oven", "socket",
    "plug", "outlet", "vacuum", "cover", "led", "lighting"))
_PARTICLES = frozenset(("out", "up", "down", "in", "back", "away", "over", "on", "off", "go", "aloud", "together"))
OBJECTS = frozenset(("the", "a", "an", "it", "its", "my", "our", "this", "that", "all", "some", "every", "me", "them"))


@dataclass(frozen=True)
class Match:
    """An option weighed for a clause. `explained`: 0 to 1 of the clause's words; `share`: of the option's name that is
    said; `total`: the higher the likelier."""

    option: int
    bound: Bound
    explained: float
    share: float
    total: float


@dataclass(frozen=True, eq=False)
class View:
    """A Thing as clauses are read for it: its options with the index of their words; words that name it; words such as
    "unlock" that lead to nothing here."""

    index: Index
    context: frozenset[str]
    strange: frozenset[str]

    @property
    def options(self) -> tuple[Option, ...]:
        return self.index.options


@lru_cache(maxsize=64)
def _alike(word: str) -> frozenset[str]:
    """Single words that share a sense with a word."""
    mine = senses().get((word,), frozenset())
    return frozenset(phrase[0] for phrase, rows in senses().items() if len(phrase) == 1 and not rows.isdisjoint(mine))


@lru_cache(maxsize=256)
def view_of(options: tuple[Option, ...], *names: str) -> View:
    """`names`: title, kinds, room of the Thing, whose words are no news in its sentences."""
    words = {stem(word) for name in names for word in name_words(name)}
    index = index_of(options)
    alike = {other for word in words & _KINDS for other in _alike(word)}
    return View(index, frozenset((words | (alike & _KINDS)) - index.words), wording.strange_to(index.spoken))


def weigh(clause: Clause, view: View) -> list[Match]:
    """Every option of a Thing, weighed for a clause."""
    index = view.index
    worth, rarity = index.explained(clause.stems)
    places = content_of(clause, index) | _split_phrases(clause, index, worth)
    content = [at for at in sorted(places) if clause.stems[at] not in view.context]
    for at, word in enumerate(clause.words):
        if word in _generic():
            rarity[at] *= GENERIC
        if not worth[at].any() and (is_place(clause, at)
                                    or (clause.before(at) == "of" and at - 2 in clause.of_number)):
            rarity[at] *= PLACE
        if clause.before(at) == "how" and word not in ("much", "many", "about"):
            rarity[at] *= ASKED
    first = next((at for at in content if at not in clause.of_number), None)
    if first is not None and first < 2 and worth[first].any() and clause.words[first] not in any_verb() and (
            first + 1 < len(clause.words) and clause.words[first + 1] in OBJECTS):
        rarity[first] *= VERB
    mood = wording.mood(clause.text)
    matches = [_weighed(clause, number, option, index, worth[:, number], rarity, content, mood)
               for number, option in enumerate(index.options)]
    return [replace(match, total=match.total - loss) if (loss := _outdone(match, matches, clause, view)) else match
            for match in matches]


def _outdone(match: Match, matches: Sequence[Match], clause: Clause, view: View) -> float:
    """What an option loses to an action that is called by what it took for a value: "open", "play the next track"."""
    option = view.options[match.option]
    texts = not clause.quotes and any(slot.type == "text" and value.kind == "text" and value.text
                                      for slot, value in zip(option.slots, match.bound.values, strict=True)) if (
        match.bound.given) else False
    if match.share == 0 and option.verb == "set" and not match.bound.beside and any(
            other.share == 1 and not other.bound.given and view.options[other.option].slots
            and view.options[other.option].verb == "do" for other in matches) and match.bound.evidence <= 0.4:
        return 0.6  # "dose" is no strong pulse
    if match.share == 0 and option.verb == "set" and match.bound.given and clause.quotes and any(
            view.options[other.option].verb == "do" and other.bound.given and other.explained >= WHOLE
            for other in matches):
        return 0.6  # "write 'hello'" is no name, where something shows texts
    if not texts and match.bound.evidence != binding.OPENED:
        return 0.0
    for other in matches:
        rival = view.options[other.option]
        if rival.verb == "do" and not rival.slots and (
                (texts and other.share == 1 and other.explained >= WHOLE and other.option != match.option)
                or (not texts and other.bound.evidence >= 0.35 and other.total > 0)):
            return 0.6
    return 0.0


def content_of(clause: Clause, index: Index) -> set[int]:
    """Places of the words that count: all but those that say nothing, unless they are in a name of the Thing."""
    plain = set(clause.content)
    return {at for at, word in enumerate(clause.words)
            if at in plain or (word[0].isalpha() and at not in clause.of_number and word not in _hard()
                               and clause.stems[at] in index.names)}


def _split_phrases(clause: Clause, index: Index, worth: np.ndarray) -> set[int]:
    """Places of words that say nothing alone, but in a phrase that an option knows: "let go", "take the paper out"."""
    found: set[int] = set()
    for at, word in enumerate(clause.stems):
        for after in range(at + 1, min(at + 5, len(clause.stems))):
            if after > at + 1 and clause.words[after] not in _PARTICLES:
                continue
            phrase = (word, clause.stems[after])
            if phrase in senses() and (after == at + 1 or clause.words[after] in _PARTICLES):
                known = index.worth(phrase)
                if known.any():
                    np.maximum(worth[at], known, out=worth[at])
                    np.maximum(worth[after], known, out=worth[after])
                    found |= {at, after}
    return found


@lru_cache(maxsize=1)
def _hard() -> frozenset[str]:
    return frozenset(wording.table()["find"]["hard"])


def _weighed(
    clause: Clause, number: int, option: Option, index: Index, worth: np.ndarray, rarity: np.ndarray,
    content: Sequence[int], mood: str,
) -> Match:
    bound = bind(clause, option) if option.verb != "get" else _named_only(clause, option)
    evidence, used = bound.evidence, set(bound.used)
    if option.verb == "do" and not option.slots:
        evidence, more = _side(clause, option)
        used |= more
    own = set(bound.named)
    # What was given counts as explained; a verb that leads anywhere counts only where it is known.
    verbs = [at for at in content if at not in used and at not in own and clause.words[at] in any_verb()]
    left = [at for at in content if at not in used and at not in verbs]
    known_verb = max((worth[at] for at in verbs), default=0.0)
    if known_verb >= 0.6 and not left:
        left, known_verb = verbs, 0.0
    weight = sum(rarity[at] for at in left)
    explained = sum(rarity[at] * (1.0 if at in own else worth[at]) for at in left) / weight if weight else 0.0
    share = _share(clause, option)
    if not left:
        explained = 1.0 if evidence > 0.15 or share == 1 else 0.3
    elif evidence >= 0.8 and (given := sum(rarity[at] for at in bound.used)):
        explained = (explained * weight + given) / (weight + given)
    if option.verb == "get" and mood == wording.ASK and own and all(at in own or worth[at] >= 0.4 for at in left):
        explained = max(explained, WHOLE)  # "is it switched on" of "active"
    if option.verb == "do" and not option.slots and evidence:
        if share == 1 and all(clause.stems[at] in index.words for at in left):
            explained = max(explained, WHOLE)  # "stop mixing"
        if all(worth[at] >= 0.6 for at in left):
            explained = 1.0
    total = explained + 0.15 * known_verb + 0.5 * share + 0.35 * evidence + 0.25 * bound.beside
    lost = sum(clause.stems[at] in index.choices and worth[at] < 0.3 for at in left if at not in own)
    total -= 0.3 * lost
    if bound.unused or evidence != bound.evidence:
        bound = replace(bound, evidence=evidence, unused=tuple(
            one for one in bound.unused if not _is_of_place(clause, one)))
    astray = sum(option.verb != "get" or wording.counts(clause.text, clause.numbers[one]) for one in bound.unused)
    total -= (0.03 if bound.beside else 0.5) * len(bound.missing) + 0.8 * astray
    if mood == wording.ASK and option.verb != "get":
        total -= 0.1 if wording.looks(option.name) else 1.5
    elif mood == wording.TELL and option.verb == "get":
        total -= 1.5
    elif option.verb == "get" and mood != wording.ASK and (
            clause.numbers or wording.switched(clause.text) or _orders(clause) or says_more(clause)
            or wording.colour_said(clause.text)):
        total -= 0.7
    if option.verb != "get":
        total -= _contradiction(clause, option, bound, used)
    return Match(number, bound, explained, share, total)


def _is_of_place(clause: Clause, index: int) -> bool:
    """Whether a number only tells a place: "in bedroom 2"."""
    number = clause.numbers[index]
    place = clause.place_at(number.start)
    return not number.unit and place > 1 and clause.words[place - 1] in wording.table()["find"]["rooms"]


def _orders(clause: Clause) -> bool:
    """Whether a clause begins with a verb."""
    first = next((at for at, word in enumerate(clause.words) if word[0].isalnum()
                  and word not in wording.table()["mood"]["polite"]), 0)
    if not clause.words:
        return False
    verb, after = clause.words[first], clause.words[first + 1:first + 2]
    return verb in wording.table()["mood"]["orders"] or (bool(after) and after[0] in OBJECTS and verb in _acts())


@lru_cache(maxsize=1)
def _acts() -> frozenset[str]:
    """Single words for what is done."""
    return frozenset(phrase for row in features.table()["acts"]["rows"] for phrase in row.split(", ")
                     if " " not in phrase)


def _named_only(clause: Clause, option: Option) -> Bound:
    named: set[int] = set()
    if wording.mood(clause.text) == wording.ASK:  # "is it unlocked" of a "lock state"
        named.update(wording.pair_places(clause.words, option.label))
    for phrase in {label_stems(option), ("".join(name_words(option.label)),),
                   tuple(map(stem, name_words(option.title)))}:
        for at in clause.places(phrase):
            named.update(range(at, at + len(phrase)))
    unused = tuple(index for index in range(len(clause.numbers)) if not {
        at for at, one in clause.of_number.items() if one == index} <= named)
    return Bound((), frozenset(), frozenset(named), (), unused)


def _side(clause: Clause, option: Option) -> tuple[float, set[int]]:
    """For an action without arguments: whether the clause says its side of a pair, and the words that do."""
    sides = wording.pole(name_words(option.label))
    said = wording.said_poles(clause.text)
    rest = [word for word in name_words(option.label) if not wording.pole([word])]
    if rest and sides and all(number == MORE for number, _ in sides) and any(
            stem(word) not in clause.stems for word in rest):
        return 0.2 * any(side in said for side in sides), set()  # "slower" is no "cool down"
    if any(side in said for side in sides):
        own = {word for number, one in sides for word in wording.table()["poles"][number]["one" if one else "other"]}
        return 0.5 if own & set(clause.words) else 0.35, set(wording.pair_places(clause.words, option.label)) | set(
            wording.switching_places(clause.words) if any(number in (0, 3) for number, _ in sides) else ())
    return 0.0, set()


def _contradiction(clause: Clause, option: Option, bound: Bound, used: set[int]) -> float:
    """What an option loses because the clause says something that it does not do."""
    loss = 0.0
    if not option.slots and wording.contradicts(clause.text, option.name):
        loss += 2.0
    side = wording.switched(clause.text)
    plain = side > 0 and option.verb == "do" and not option.slots and not wording.pole(name_words(option.label))
    if side and not plain and not used & set(wording.switching_places(clause.words)) and not bound.named & set(
            wording.switching_places(clause.words)):
        loss += 0.5
    if not bound.beside and any(value.kind == "choice" and value.text.lower() != "off" for value in bound.values) and (
            (0, False) in wording.said_poles(clause.text)):
        loss += 0.8  # "turn off the heating" is no mode
    if not option.slots and (says_more(clause) or wording.extreme(clause.text)) \
            and not wording.pole(name_words(option.label)):
        loss += 0.3
    if not option.slots and says_more(clause) and all(number != MORE for number, _ in wording.pole(
            name_words(option.label))) and not bound.named and not _side(clause, option)[0]:
        loss += 0.5  # "louder" is no "mute"
    return loss


def _share(clause: Clause, option: Option) -> float:
    """How much of an option's name is said, by the best of its names."""
    best, said = 0.0, set(clause.stems)
    for words in (bare_words(name_words(option.label)), name_words(option.title)):
        stems = {stem(word) for word in words}
        if stems:
            best = max(best, len(stems & said) / len(stems))
    if "".join(name_words(option.label)) in said:
        return 1.0
    return best


def is_place(clause: Clause, at: int) -> bool:
    """Whether a word stands after "in the", "on my", "of the", maybe with one between."""
    before = ("in", "on", "at", "of", "from", "inside", "near", "by", "above", "under", "behind")
    for begin in range(max(0, at - 3), at):
        if clause.words[begin] in before and (
                all(word in OBJECTS or word[0].isalnum() for word in clause.words[begin + 1:at])):
            return begin > 0
    return False


@lru_cache(maxsize=1)
def _generic() -> frozenset[str]:
    return frozenset(wording.table()["find"]["generic"])


@lru_cache(maxsize=1)
def any_verb() -> frozenset[str]:
    return frozenset(wording.table()["find"]["verbs"])
