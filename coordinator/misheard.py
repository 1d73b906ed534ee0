"""What was meant by words that were mistyped or misheard: readings of a command, the likeliest first.

A noisy channel: a reading costs what its slips cost (keyboard, sound, words split or run together, fillers and
repeats left in) and what its words cost where they stand (an article before a verb). Only words of this house and of
orders are ever put in the place of others; a word that is right as it stands is only taken for one that sounds alike.
Does not: decide whether a reading is an order; the planner does, and nothing that it does not explain is taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from coordinator import lists, phrases, sounds
from coordinator.house import House
from coordinator.known import END, JOIN_MAX, JOIN_RIGHT, START, WORD_MAX, Known, known_in, misfit, noises
from coordinator.marks import marks
from coordinator.phrases import Token

Tokens = tuple[Token, ...]
_State = tuple[float, float, Tokens, frozenset[str]]  # cost, that of the slips, the words so far, what the last may be

_TOKENS_MAX = 40
_BEAM = 60
# What the slips of a reading may cost, and how much more with each letter.
_BASE, _EACH = 0.7, 0.05
# What it costs to leave out a filler, a word said twice, one begun; to join two; to change a common English word.
_FILLER, _REPEAT, _FALSE_START, _JOINED, _NEAR_WORD = 0.05, 0.1, 0.25, 0.15, 0.25
# What it costs that words stand there twice.
_TWICE = 0.4


@dataclass(frozen=True)
class Reading:
    """`tokens`: the words as they may have been meant; `cost`: of its slips and of words out of place; `unknown`:
    whether a word is left that is none of this house or of orders."""

    tokens: Tokens
    cost: float
    unknown: bool = False


@dataclass(frozen=True)
class _Arc:
    """`tokens` may stand for the words up to `end`, at a cost."""

    end: int
    tokens: Tokens
    cost: float


def strangeness(tokens: Tokens, house: House) -> float:
    """What the words of a command cost as they stand: 0 where each is known and in its place."""
    known, cost, before, last = known_in(house), 0.0, START, ""
    for token in tokens:
        kinds = known.classes(token.word)
        cost += known.strange(token.word) + misfit(before, kinds) + known.apart(last, token.word)
        before, last = kinds, token.word
    return cost + misfit(before, END) + _twice(tokens)


def _twice(tokens: Tokens) -> float:
    """What it costs that the same words stand there twice, one behind the other."""
    said = [token.word for token in tokens]
    repeated = any(
        said[at:at + length] == said[at + length:at + 2 * length] for length in (1, 2, 3) for at in range(len(said))
        if at + 2 * length <= len(said) and said[at].isalpha()
    )
    return _TWICE if repeated else 0.0


def slips(tokens: Tokens, heard: Tokens) -> float:
    """What the slips cost that were put right between `tokens` and `heard`."""
    if len(tokens) != len(heard):
        return 0.0
    pairs = ((one.word, other.word) for one, other in zip(tokens, heard, strict=True))
    return sum(min(sounds.typed(one, other), WORD_MAX) for one, other in pairs if one != other)


def kinds_of(word: str, house: House) -> frozenset[str]:
    """What a word may be in a house: verb, particle, name, state, digits, … ([follows] of misheard.toml)."""
    return known_in(house).classes(word)


def readings(tokens: Tokens, house: House) -> Iterator[Reading]:
    """Readings of a command other than as it stands, the likeliest first."""
    if not tokens or len(tokens) > _TOKENS_MAX:
        return
    known = known_in(house)
    kept = _kept(tokens, house)
    beams: list[list[_State]] = [[] for _ in range(len(tokens) + 1)]
    beams[0] = [(0.0, 0.0, (), START)]
    safe = {tokens[at].start for at in kept}
    limit = _BASE + _EACH * sum(len(token.word) for token in tokens)
    for at in range(len(tokens)):
        states = _best(beams[at])
        if not states:
            continue
        arcs = [_Arc(at + 1, (tokens[at],), 0.0)] if at in kept else list(_arcs(tokens, at, kept, known))
        for arc in arcs:
            for cost, slips, said, before in states:
                if slips + arc.cost > limit:
                    continue
                more, last, word = 0.0, before, said[-1].word if said else ""
                for token in arc.tokens:
                    kinds = known.classes(token.word)
                    more += (0.0 if at in kept else known.strange(token.word)) + misfit(last, kinds)
                    more -= known.together(word, token.word) if arc.cost else 0.0
                    last, word = kinds, token.word
                beams[arc.end].append((cost + arc.cost + more, slips + arc.cost, said + arc.tokens, last))
    seen = {tuple(token.word for token in tokens)}
    ended = [(cost + misfit(last, END) + _twice(said), slips, said) for cost, slips, said, last in _best(beams[-1])]
    for cost, _, said in sorted(ended, key=lambda one: one[:2]):
        spoken = tuple(token.word for token in said)
        if spoken and spoken not in seen:
            seen.add(spoken)
            unknown = any(known.is_unknown(token.word) and token.start not in safe for token in said)
            yield Reading(_apart(said), cost, unknown)


def _apart(said: Tokens) -> Tokens:
    """The tokens with a sign's width before a word that was written close behind a number."""
    return tuple(
        replace(token, start=token.start + 1)
        if n and token.start == said[n - 1].end and token.word.isalpha() and token.end - token.start > 1
        else token
        for n, token in enumerate(said)
    )


def _best(states: list[_State]) -> list[_State]:
    """The cheapest states, each wording once."""
    found: dict[tuple[str, ...], _State] = {}
    for state in sorted(states, key=lambda one: one[:2]):
        found.setdefault(tuple(token.word for token in state[2]), state)
        if len(found) >= _BEAM:
            break
    return list(found.values())


def _kept(tokens: Tokens, house: House) -> frozenset[int]:
    """Where words stand that are nobody's slips: names of this house, and what is put on a list."""
    kept = {at for mark in marks(tokens, house) if mark.kind == "title" for at in range(mark.start, mark.end)}
    text = " ".join(token.said for token in tokens)
    for entry in lists.entries(text, tokens, house):
        kept |= set(range(entry.start, entry.end))
    return frozenset(kept)


# Arcs.


def _arcs(tokens: Tokens, at: int, kept: frozenset[int], known: Known) -> Iterator[_Arc]:
    token = tokens[at]
    yield _Arc(at + 1, (token,), 0.0)
    if not token.word[0].isalnum():
        yield from _skipped(tokens, at, known)
        return
    yield from _skipped(tokens, at, known)
    for length in (1, 2):
        if at + length <= len(tokens) and not kept & set(range(at, at + length)):
            said = " ".join(one.word for one in tokens[at:at + length])
            for meant, cost in known.alike(said):
                yield _Arc(at + length, _put(tokens[at:at + length], meant), cost)
    if not known.is_right(token.word):
        extra = _NEAR_WORD if token.word in phrases.correct() else 0.0
        for meant, cost in known.near(token.word, WORD_MAX):
            yield _Arc(at + 1, _put((token,), meant), cost + extra)
        for parts, cost in known.parts(token.word):
            yield _Arc(at + 1, _put((token,), parts), cost)
    for length in (2, 3):
        group = tokens[at:at + length]
        if len(group) < length or kept & set(range(at, at + length)):
            break
        yield from _joins(at, group, known)


def _joins(at: int, group: Tokens, known: Known) -> Iterator[_Arc]:
    """Words that are one: "liv ing", "six tea", "4 o"."""
    if not all(token.word.isalnum() for token in group):
        return
    end, whole = at + len(group), "".join(token.word for token in group)
    digits = sounds.table()["digits"]
    if len(group) == 2 and group[0].word.isdigit() and group[1].word in digits:
        yield _Arc(end, _put(group, group[0].word + digits[group[1].word]), _JOINED)
    if not whole.isalpha():
        return
    if whole in known.targets:
        yield _Arc(end, _put(group, whole), _JOINED)
        return
    said = " ".join(token.word for token in group)
    right = all(known.is_right(token.word) for token in group)
    for meant, cost in known.near(said, JOIN_RIGHT if right else JOIN_MAX):
        if len(meant) >= max(len(token.word) for token in group):
            yield _Arc(end, _put(group, meant), _JOINED + cost)


def _skipped(tokens: Tokens, at: int, known: Known) -> Iterator[_Arc]:
    """What is left out: fillers, words said twice, words begun and begun again."""
    length = phrases.phrase_at(tokens, at, _fillers())
    if length and (length > 1 or tokens[at].word in noises() or _is_aside(tokens, at, known)):
        end = at + length
        while end < len(tokens) and at == 0 and tokens[end].word == ",":
            end += 1
        yield _Arc(end, (), _FILLER)
    said = [token.word for token in tokens]
    for length in (1, 2, 3):
        if at + 2 * length <= len(said) and said[at:at + length] == said[at + length:at + 2 * length]:
            yield _Arc(at + length, (), _REPEAT)
    if at + 1 < len(said) and 2 <= len(said[at]) < len(said[at + 1]) and said[at + 1].startswith(said[at]):
        yield _Arc(at + 1, (), _FALSE_START)


def _is_aside(tokens: Tokens, at: int, known: Known) -> bool:
    """Whether a word that can also mean something says nothing there: first, last, before a verb, beside a sound."""
    if at in (0, len(tokens) - 1):
        return True
    beside = {tokens[at - 1].word, tokens[at + 1].word}
    return bool(beside & (noises() | {","})) or "verb" in known.classes(tokens[at + 1].word)


@lru_cache(maxsize=1)
def _fillers() -> tuple[str, ...]:
    return tuple(sounds.table()["fillers"]["words"])


def _put(group: Tokens, meant: str) -> Tokens:
    """Tokens for the words `meant` in the place of a group: each with its share of the text."""
    parts = meant.split()
    start, end = group[0].start, group[-1].end
    if len(parts) == 1:
        return (Token(start, end, meant, meant),)
    room, done, found = end - start, 0, []
    whole = sum(map(len, parts))
    for n, part in enumerate(parts):
        left = start + done * room // whole
        done += len(part)
        # A sign's width between them, or they would be taken for one word again.
        right = end if n + 1 == len(parts) else max(left + 1, start + done * room // whole - 1)
        found.append(Token(left, right, part, part))
    return tuple(found)
