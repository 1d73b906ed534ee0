"""How the rules read a sentence for one Thing: which options its clauses mean, with which values, and how sure that is.

Rules: a sentence is cut into clauses (pieces.py), and a clause that lacks its verb or its value takes it from its
neighbour. Each option is weighed for a clause (weighing.py). SURE: the words leave no doubt, the answer is theirs.
SOME: several may be meant, the language model decides among them. NONE: no word leads to anything here. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from device_agent import wording
from device_agent.assigned import Given, assigned
from device_agent.clause import Clause, clause_of
from device_agent.literal import literal
from device_agent.naming import Bound, label_stems, names_of, says_more
from device_agent.nudged import nudged
from device_agent.pieces import CUT, pieces_of
from device_agent.plainly import as_numbers, plainly
from device_agent.prepared import counting, often, prepared
from device_agent.unwanted import apart, unwanted
from device_agent.weighing import OBJECTS, WHOLE, Match, View, any_verb, view_of, weigh
from models.language.prompt import Option, Value

__all__ = ["LEAST", "NONE", "SOME", "SURE", "Match", "Part", "Reading", "View", "prepared", "read", "view_of",
           "weighed"]


NONE, SOME, SURE = 0, 1, 2
# What a clause must be explained to for no doubt where names stand beside values; how far the next option must stay
# behind; the least that leads anywhere.
BESIDE, MARGIN, LEAST = 0.3, 0.12, 0.25
# The least total of what is meant, and of what could be.
CALLED, FAINT = 0.6, 0.15
# What an option comes to that is contradicted.
DENIED = -1.0
# How a number is given: as it is, or as what there is more or less.
_KINDS = {0: "number", 1: "up", -1: "down"}
# What an option comes to that a sentence of nothing but names and values gives some to.
ASSIGNED = 2.0
# How near the best an option must come for the model to choose it.
NEAR = 0.7


@dataclass(frozen=True)
class Part:
    """What one clause comes to: `matches` best first, the best of which is meant if `strength` is SURE; `name`: the
    stems of its option's name."""

    clause: Clause
    strength: int
    matches: tuple[Match, ...]
    name: tuple[str, ...] = ()

    @property
    def best(self) -> Match:
        return self.matches[0]

    @property
    def says_else(self) -> bool:
        """Whether words that count are neither the name nor a value of what is meant."""
        known = self.best.bound.used | self.best.bound.named
        return any(at not in known and self.clause.stems[at] not in self.name for at in self.clause.content)


@dataclass(frozen=True)
class Reading:
    """`strength` of the whole; `parts` in the order said; `near`: the options that the model may choose from."""

    strength: int
    parts: tuple[Part, ...] = ()
    near: frozenset[int] = field(default_factory=frozenset)


def read(sentence: str, view: View, said: str = "") -> Reading:
    """`sentence`: as `prepared` makes it of what was `said`. Refusal if it says nothing that could be done."""
    if (plain := unwanted(sentence, view)) != sentence:
        sentence = said = plain
    if given := literal(said or sentence, view):
        return Reading(SURE, _parts_of(given, said or sentence, view))
    if given := assigned(sentence, view):
        return Reading(SURE, _parts_of(given, sentence, view))
    return weighed(sentence, view)


def weighed(sentence: str, view: View) -> Reading:
    """The same by the weights of words alone, whatever values were given to several names: what ranking needs."""
    parts = _parts(apart(sentence, view), view)
    strength = min((part.strength for part in parts), default=NONE)
    if strength < SURE and not view.strange.isdisjoint(clause_of(sentence).words):
        return Reading(NONE, tuple(parts))
    near = frozenset(match.option for part in parts for match in part.matches if _is_near(match, part))
    return Reading(strength, tuple(parts), near)


def _parts_of(given: Sequence[Given], sentence: str, view: View) -> tuple[Part, ...]:
    """One part for each option that a sentence of nothing but names and values gives some to."""
    clause = Clause(sentence, tuple(dict.fromkeys(one.number for one in given if one.number is not None)))
    parts = []
    for number in dict.fromkeys(one.option for one in given):
        option = view.options[number]
        values = {one.place: one.value or Value(_KINDS[one.change], clause.numbers.index(one.number))
                  for one in given if one.option == number}
        missing = tuple(place for place, slot in enumerate(option.slots) if slot.required and place not in values)
        bound = Bound(tuple(values.get(place, Value("absent")) for place in range(len(option.slots))), frozenset(),
                      frozenset(), missing, (), 1.0, len(values), True)
        parts.append(Part(clause, SURE, (Match(number, bound, 1.0, 1.0, ASSIGNED),), label_stems(option)))
    return tuple(parts)


def _is_near(match: Match, part: Part) -> bool:
    """Whether the model may choose an option: those near the best; all that may be, where the best is faint."""
    if match is part.best or part.best.total < CALLED:
        return match is part.best or match.total > DENIED
    return match.total >= part.best.total - NEAR and bool(
        match.explained >= LEAST / 2 or match.bound.given or match.bound.evidence)


def _parts(sentence: str, view: View) -> list[Part]:
    whole = _part(sentence, view)
    pieces = pieces_of(sentence, view)
    if len(pieces) < 2:
        if halves := _halves(whole, view):
            return halves
        listed = _part(pieces[0], view) if pieces else whole
        return [listed if listed.strength == SURE and listed.clause.numbers else whole]
    if whole.strength == SURE and _is_one_text(whole, view):
        return [whole]
    parts = _read_pieces(pieces, view)
    if all(part.strength == SURE for part in parts):
        return parts
    if whole.strength == SURE:
        return [whole]
    return parts if min(part.strength for part in parts) >= whole.strength else [whole]


def _is_one_text(whole: Part, view: View) -> bool:
    """Whether all that a sentence of several clauses says is a text: "say dinner is ready, and hurry"."""
    option, bound = view.options[whole.best.option], whole.best.bound
    texts = any(slot.type == "text" and value.kind == "text"
                for slot, value in zip(option.slots, bound.values, strict=True))
    return texts and not whole.clause.quotes and not _says_more(whole.clause, bound, view)


def _says_more(clause: Clause, bound: Bound, view: View) -> bool:
    """Whether another order follows "and" in what was taken for a text."""
    for found in CUT.finditer(clause.text):
        rest = clause.text[found.end():]
        first = wording.first_word(rest)
        if first in wording.table()["mood"]["orders"] and _part(rest, view).strength == SURE:
            return True
    return False


def _read_pieces(pieces: list[str], view: View) -> list[Part]:
    """Each piece read by itself, or with what it lacks from its neighbours, or joined to the one before."""
    parts: list[Part] = []
    at = 0
    while at < len(pieces):
        part = _part(pieces[at], view)
        if parts and _only_reads(part, view) and not _only_reads(parts[-1], view):
            part = replace(part, strength=SOME)  # "turn off the light and the pump"
        if parts and part.matches and part.best.share == 0 and not part.best.bound.beside and (
                joined := _part(f"{parts[-1].clause.text}, {pieces[at]}", view)).strength == SURE \
                and joined.best.option == parts[-1].best.option and not joined.best.bound.unused \
                and joined.best.bound.given > parts[-1].best.bound.given:
            parts[-1] = joined  # "brew a coffee, 200 ml"
            at += 1
            continue
        if parts and parts[-1].best.bound.missing and (joined := _part(
                f"{parts[-1].clause.text}, {pieces[at]}", view)).best.option == parts[-1].best.option \
                and joined.strength == SURE and len(joined.best.bound.missing) < len(parts[-1].best.bound.missing):
            parts[-1] = joined  # "wash for an hour, cotton"
            at += 1
            continue
        lead = _lead(parts[-1], view) if parts else ""
        lacks = not part.clause.numbers and not (part.matches and part.best.bound.given)
        tail = _tail(pieces[at + 1], view) if lacks and at + 1 < len(pieces) else ""
        by = parts and " by " in pieces[at] and lead and not says_more(part.clause) and wording.mood(pieces[at]) == ""
        if by and (joined := _part(f"{lead} {pieces[at]}", view)).strength == SURE:
            part = joined  # "lower the fan by 5 and the pump by 10"
        elif part.strength < SURE or (lacks and part.best.bound.missing):
            tried = [_part(text, view) for text in _completed(pieces[at], lead, tail)]
            part = max([part, *tried], key=lambda one: (one.strength, one.strength == SURE and one.best.total))
        if part.strength < SURE and parts and (joined := _part(
                f"{parts[-1].clause.text}, {pieces[at]}", view)).strength == SURE \
                and joined.best.bound.given > parts[-1].best.bound.given:
            parts[-1] = joined
            at += 1
            continue
        if part.strength < SURE and at + 1 < len(pieces) and (joined := _part(
                f"{pieces[at]} and {pieces[at + 1]}", view)).strength == SURE \
                and _part(pieces[at + 1], view).strength < SURE:
            parts.append(joined)
            at += 2
            continue
        parts += _halves(part, view) or [part]
        at += 1
    said = [part for part in parts if not _is_talk(part)]
    return said or parts


_WITHIN = re.compile(r"(?i)\s+(?P<word>at|with|of|in|on)\s+(?:an?\s+|the\s+)?")


def _halves(part: Part, view: View) -> list[Part]:
    """Two orders in one clause, "rainbow at 30 percent": where each half leaves no doubt, and the whole does."""
    if not part.matches or (part.strength == SURE and not part.best.bound.unused and not part.says_else):
        return []
    if any(value.kind == "text" for value in part.best.bound.values):
        return []
    text = part.clause.text
    for found in _WITHIN.finditer(text):
        some, other = _part(text[:found.start()], view), _part(text[found.end():], view)
        if some.strength < SURE or other.strength < SURE:
            continue
        one, two = some.best, other.best
        if any(other.clause.places(phrase) for place in range(len(view.options[one.option].slots))
               for phrase in names_of(view.options[one.option], place)):
            continue  # its own argument
        if not part.best.bound.unused and any(value.kind in ("yes", "no") for value in one.bound.values):
            continue  # "run it in reverse"
        plain = view.options[one.option].verb == "do" and not view.options[one.option].slots
        fits = (one.option != two.option and (one.bound.given or plain) and two.bound.given
                and view.options[two.option].verb == "set" and (two.bound.evidence >= 0.4 or two.share > 0))
        if fits and not (one.bound.missing or one.bound.unused or two.bound.missing or two.bound.unused) and (
                found["word"].lower() not in ("in", "on") or not other.clause.numbers):
            return [some, other]
    return []


def _only_reads(part: Part, view: View) -> bool:
    """Whether what a clause means is a read, without being a question."""
    return bool(part.matches) and view.options[part.best.option].verb == "get" and wording.mood(
        part.clause.text) != wording.ASK


def _completed(piece: str, lead: str, tail: str) -> list[str]:
    texts = []
    if lead:
        texts.append(f"{lead} {piece}")
    if tail:
        texts.append(f"{piece} {tail}")
    if lead and tail:
        texts.append(f"{lead} {piece} {tail}")
    return texts


def _lead(part: Part, view: View) -> str:
    """What stands before the name in a clause: "turn off", "increase"."""
    clause = part.clause
    names = sorted(part.best.bound.named) if part.matches else []
    stop = names[0] if names else next((at for at, word in enumerate(clause.words) if word in ("the", "it")), 0)
    while stop > 0 and clause.words[stop - 1] in ("the", "its", "a", "my"):
        stop -= 1
    return clause.text[:clause.found[stop][1]].strip() if 0 < stop < len(clause.found) else ""


def _tail(piece: str, view: View) -> str:
    """What is said about the name in the next clause: "to 12", "off"."""
    part = _part(piece, view)
    if not part.matches or not part.best.bound.named:
        return ""
    end = max(part.best.bound.named) + 1
    return part.clause.text[part.clause.found[end][1]:].strip() if end < len(part.clause.found) else ""


def _is_talk(part: Part) -> bool:
    """Whether a clause orders nothing: "it's freezing", "so I can read", "thanks"."""
    words = [word for word in part.clause.words if word[0].isalnum()]
    rules = wording.table()["talk"]
    if not words or all(word in rules["empty"] for word in words):
        return True
    return (part.strength < SURE and words[0] in rules["begins"] and not part.clause.numbers
            and wording.mood(part.clause.text) == "")


@lru_cache(maxsize=512)
def _part(text: str, view: View) -> Part:
    plain = often(unwanted(plainly(text), view), view)
    part = _read_part(plain, view)
    if part.strength < SURE and (loose := nudged(plain)) != plain and (
            again := _read_part(loose, view)).strength == SURE:
        part = again
    option = view.options[part.best.option] if part.matches else None
    if option is None or (option.verb == "get" and wording.mood(text) == wording.ASK) or (
            part.clause.numbers and not part.best.bound.missing) or not any(
            slot.type == "number" for one in view.options for slot in one.slots):
        return part
    for other in as_numbers(part.clause):
        again = _read_part(other, view)
        if again.strength == SURE and not again.best.bound.unused and again.best.bound.given > part.best.bound.given:
            return again
    return part


def _read_part(text: str, view: View) -> Part:
    clause = counting(clause_of(text), view)
    matches = tuple(sorted(weigh(clause, view), key=lambda match: (-match.total, match.option)))
    name = label_stems(view.options[matches[0].option]) if matches else ()
    return Part(clause, _strength(clause, matches, view), matches, name)


def _strength(clause: Clause, matches: Sequence[Match], view: View) -> int:
    if not matches:
        return NONE
    best = matches[0]
    option = view.options[best.option]
    if best.total < CALLED and (_is_foreign(clause) or _asks_how_it_is(clause)):
        return SOME
    least = LEAST / 2 if best.bound.given and best.bound.evidence else LEAST
    faint = best.explained < least or best.total < FAINT
    if (faint and best.bound.evidence < 0.3 and not _verb_is_known(clause, view)) or (
            best.bound.unused and best.total < CALLED):
        return NONE
    if not set(clause.words).isdisjoint(_denials()) and option.verb != "get" and not any(
            slot.type in ("boolean", "text") for slot in option.slots):
        return SOME
    rivals = [match for match in matches[1:] if match.total > best.total - MARGIN]
    if best.bound.unused and any(match.bound.given and not match.bound.unused and match.total > 0
                                 for match in matches[1:]):
        return SOME
    unsaid = 0.5 * len(best.bound.missing) if best.explained >= 0.8 else 0.0
    if best.total + unsaid < CALLED or rivals:
        return SOME
    plain = best.explained >= WHOLE and not _does_else(clause, best, option, view)
    beside = best.bound.beside and best.explained >= BESIDE and (
        best.share >= 0.5 or best.explained >= 0.5 or best.bound.evidence >= 0.6)
    first = clause.stems[0] if clause.stems else ""
    called = not option.slots and option.verb == "do" and best.share == 1 and best.explained >= 0.45 and (
        first in label_stems(option))
    if (option.verb == "get" and wording.mood(clause.text) == "" and not clause.text.rstrip().endswith("?")
            and (best.explained < 0.99 or clause.words[:1] in (("it's",), ("it",), ("i'm",), ("i",)))):
        return SOME
    return SURE if plain or beside or called else SOME


def _asks_how_it_is(clause: Clause) -> bool:
    """Whether a clause is about the state of the Thing as a whole: "any news of it?"."""
    said = [clause.words[at] for at in clause.content]
    return bool(said) and all(word in wording.table()["find"]["whole_state"] for word in said)


def _is_foreign(clause: Clause) -> bool:
    return len(set(clause.words) & set(wording.table()["find"]["foreign"])) >= 1 and not set(clause.words) & {
        "the", "is", "to", "what", "how", "of"}


def _verb_is_known(clause: Clause, view: View) -> bool:
    """Whether a clause begins with a verb that an option knows."""
    first = next((at for at, word in enumerate(clause.words) if word[0].isalpha()
                  and word not in wording.table()["mood"]["polite"]), None)
    return first is not None and wording.mood(clause.text) != wording.ASK and clause.words[first] not in (
        "set", "make", "turn", "put", "change", "switch", "get", "give", "take", "use") and bool(
        view.index.worth((clause.stems[first],)).max(initial=0.0) >= 0.4)


def _does_else(clause: Clause, best: Match, option: Option, view: View) -> bool:
    """Whether a clause begins with a verb that the option does not know: "delete the photo" does not take one."""
    first = next((at for at, word in enumerate(clause.words) if word[0].isalpha() and at in clause.content), None)
    if first is None or option.verb == "get" or first in best.bound.used or first in best.bound.named \
            or clause.words[first] in any_verb() or clause.stems[first] in view.context:
        return False
    known = float(view.index.explained(clause.stems)[0][first, best.option])
    return known < 0.3 and (not clause.words[first + 1:] or clause.words[first + 1] in OBJECTS)


@lru_cache(maxsize=1)
def _denials() -> frozenset[str]:
    return frozenset(word for word in wording.table()["mood"]["not"] if word not in ("no", "without"))
