"""A sentence becomes clauses: one order, question or wish each, with the guard phrases that belong to it.

Does: take out what orders wait for (occasions.py) and times ("at 7:30"), split where a new order begins (joints.py).
Does not: decide which Things are meant (ground.py) or what a condition says (conditions.py)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from coordinator import times
from coordinator.house import House
from coordinator.joints import boundary
from coordinator.lists import Entry
from coordinator.marks import Mark
from coordinator.occasions import Condition, occasions
from coordinator.phrases import Token, contains, words
from coordinator.sentence import Sentence
from coordinator.times import NO_SPAN, Now, When


@dataclass(frozen=True)
class Clause:
    """`words`: what is left of the clause; `joined`: how it hangs on the one before ("", and, then, stop);
    `comma`: whether a comma stood before it; `entry`: what it puts on a list."""

    words: tuple[Token, ...]
    conditions: tuple[Condition, ...] = ()
    whens: tuple[When, ...] = ()
    joined: str = ""
    comma: bool = False
    leading: bool = False
    entry: Entry | None = None

    @property
    def guarded(self) -> bool:
        return bool(self.conditions) or any(when.seconds is None for when in self.whens)


def split(tokens: tuple[Token, ...], marks_: tuple[Mark, ...], house: House, now: Now) -> tuple[Clause, ...]:
    """The clauses of a command, in the order said, guards handed on to the clauses that share them."""
    sentence = Sentence(tokens, marks_, house)
    conditions, standing = occasions(sentence)
    inside = {at for start, end, _ in conditions for at in range(start, end)}
    whens = [
        when
        for when in _times(tokens, inside, now)
        if not (set(range(when.start, when.end)) & (sentence.named | inside))
    ]
    taken = inside | standing | {at for when in whens for at in range(when.start, when.end)}
    starts = {start: condition for start, _, condition in conditions}
    timed = {when.start: when for when in whens if not when.idle}
    clauses: list[Clause] = []
    content: list[int] = []
    held: dict[str, list] = {"conditions": [], "whens": []}
    joined, comma, leading = "", False, False

    def close(join: str, with_comma: bool = False) -> None:
        nonlocal joined, comma, leading
        if any(tokens[at].word not in (",", "and", "so") for at in content):
            clauses.append(
                Clause(
                    tuple(tokens[at] for at in content),
                    tuple(held["conditions"]),
                    tuple(held["whens"]),
                    joined,
                    comma,
                    leading,
                )
            )
            held["conditions"], held["whens"], leading = [], [], False
            joined, comma = join, with_comma
        else:
            joined = join if join != "and" or not joined else joined
        content.clear()

    at = 0
    while at < len(tokens):
        if at in starts or at in timed:
            if at in starts:
                held["conditions"].append(starts[at])
            else:
                held["whens"].append(timed[at])
            if not any(
                tokens[n].word not in words("words.polite") and tokens[n].word not in (",", "and") for n in content
            ):
                leading = True
                content.clear()
            at += 1
            continue
        if at in taken or (tokens[at].word == ":" and at - 1 in taken):
            at += 1
            continue
        join, length = boundary(sentence, at, content, taken)
        if join:
            close("stop" if join == "stop" else "then" if join == "then" else "and", tokens[at].word == ",")
            at += length
            continue
        content.append(at)
        at += 1
    close("")
    if clauses and (held["conditions"] or held["whens"]):
        last = clauses[-1]
        clauses[-1] = replace(
            last, conditions=last.conditions + tuple(held["conditions"]), whens=last.whens + tuple(held["whens"])
        )
    elif held["conditions"] or held["whens"]:
        clauses.append(Clause((), tuple(held["conditions"]), tuple(held["whens"])))
    return _shared([one for at, one in enumerate(clauses) if not at or not _ends_it(clauses[at - 1], one)])


def _times(tokens: tuple[Token, ...], inside: set[int], now: Now) -> list[When]:
    """Time phrases outside of conditions; each stretch between conditions is looked at by itself."""
    found: list[When] = []
    start = 0
    for at in range(len(tokens) + 1):
        if at == len(tokens) or at in inside:
            found += [
                replace(when, start=when.start + start, end=when.end + start)
                for when in times.find(tokens[start:at], now)
            ]
            start = at + 1
    return found


def _shared(clauses: list[Clause]) -> tuple[Clause, ...]:
    """A guard that opens a sentence holds for the clauses joined after it; one that ends it, for those before."""
    done = list(clauses)
    for at in range(1, len(done)):
        before, clause = done[at - 1], done[at]
        if clause.joined in ("and", "then") and before.guarded and before.leading and not clause.guarded:
            done[at] = replace(
                clause,
                conditions=before.conditions,
                leading=True,
                whens=clause.whens + tuple(when for when in before.whens if when.seconds is None),
            )
    for at in range(len(done) - 1, 0, -1):
        clause, before = done[at], done[at - 1]
        refers = any(token.word in words("words.it") | words("words.them") for token in clause.words)
        if (
            clause.joined == "and"
            and not clause.comma
            and clause.guarded
            and not clause.leading
            and not refers
            and not before.guarded
            and not before.whens
            and not _asks(before)
            and not _says_now(before)
            and not contains(clause.words, ["again", "back"])
            and not contains(clause.words[:2], words("verbs.tell"))
        ):
            done[at - 1] = replace(
                before, conditions=clause.conditions, whens=tuple(when for when in clause.whens if when.seconds is None)
            )
    for at in range(1, len(done)):
        done[at] = _afterwards(done[at - 1], done[at])
    return tuple(_timely(clause) for clause in done)


def _ends_it(before: Clause, clause: Clause) -> bool:
    """ "… for ten minutes, then turn it off": that what lasts a while ends is said already."""
    lasts = any(when.seconds is not None or when.until for when in before.whens)
    lasts = lasts or any(condition.opener in words("conditions.until") for condition in before.conditions)
    said = {token.word for token in clause.words if token.word not in words("words.polite")}
    return lasts and clause.joined in ("and", "then") and not clause.guarded and said <= words("conditions.ending")


def _afterwards(before: Clause, clause: Clause) -> Clause:
    """ "on at 8 pm and off at eleven": the eleven that comes after."""
    first = next((when.guard["at"] for when in before.whens if when.guard and "at" in when.guard), "")
    if not first or not clause.joined:
        return clause
    return replace(clause, whens=tuple(_after(when, first) for when in clause.whens))


def _after(when: When, first: str) -> When:
    """A time of day that comes after another, twelve hours later if that is how it does."""
    at = when.guard["at"] if when.guard and "at" in when.guard else "24:00"
    if when.settled or at[:2] >= min(first[:2], "12"):
        return when
    return replace(when, guard={**(when.guard or {}), "at": f"{int(at[:2]) + 12:02}{at[2:]}"})


def _timely(clause: Clause) -> Clause:
    """A clause that waits for something happens then, not in a span of hours too."""
    if not clause.conditions or not any(when.until for when in clause.whens):
        return clause
    return replace(clause, whens=tuple(replace(when, problem=NO_SPAN) if when.until else when for when in clause.whens))


def _asks(clause: Clause) -> bool:
    return bool(clause.words) and clause.words[0].word in words("words.question")


def _says_now(clause: Clause) -> bool:
    return any(token.word in ("now", "immediately") for token in clause.words)
