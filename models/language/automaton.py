"""A grammar as prompt.py writes it (GBNF: strings, names, groups, `|`, `?`, no recursion), walked over a vocabulary.

    grammar text -> State -> which tokens may come next, each with the State after it

Rules: every text ends with the same sign and that sign stands nowhere else, so that a text is complete where nothing
follows. A token may reach across several strings. Only what is reached is computed, and it is kept with its States;
rules that many grammars share (the options of a Thing) are read once. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from firmware_py.core.errors import RemoteError

# Beginnings of answers of which the tokens are kept.
WITHIN_KEPT = 16384
_TOKEN = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([A-Za-z][A-Za-z0-9_-]*)|([()|?]))')
_ESCAPED = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


class GrammarError(RemoteError):
    """A grammar that is none, or that no text keeps. One sentence."""


# A sequence is a tuple of items: bytes to be written, a name of a rule, or alternatives as a list of sequences.
# A place in a grammar is (bytes, how many of them are written, what follows); what follows is (sequence, index, what
# follows) or None.


@lru_cache(maxsize=4096)
def _rule(line: str) -> tuple[str, list[Any]]:
    """(name, alternatives) of one rule."""
    name, separator, body = line.partition("::=")
    if not separator or "\0" in line:
        raise GrammarError("The grammar for this device cannot be used.")
    alternatives, end = _alternatives(body, 0)
    if body[end:].strip():
        raise GrammarError("The grammar for this device cannot be used.")
    return name.strip(), alternatives


def _alternatives(body: str, at: int) -> tuple[list[Any], int]:
    """The alternatives from a place of a rule's text on, up to its end or a closing bracket, and where that is."""
    found: list[Any] = []
    sequence: list[Any] = []
    while match := _TOKEN.match(body, at):
        text, name, sign = match.groups()
        if sign == ")":
            break
        at = match.end()
        if sign == "|":
            found.append(tuple(sequence))
            sequence = []
        elif sign == "?" and not sequence:
            raise GrammarError("The grammar for this device cannot be used.")
        elif sign == "?":
            sequence[-1] = [(sequence[-1],), ()]
        elif sign == "(":
            inner, at = _alternatives(body, at)
            closing = _TOKEN.match(body, at)
            if closing is None or closing.group(3) != ")":
                raise GrammarError("The grammar for this device cannot be used.")
            at = closing.end()
            sequence.append(inner)
        else:
            sequence.append(name or re.sub(r"\\(.)", lambda one: _ESCAPED.get(one[1], one[1]), text).encode(
                "utf-8", "replace"))
    return [*found, tuple(sequence)], at


class Vocabulary:
    """What each token writes (b"" for those that write nothing), ordered so that beginnings are found fast."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self.pieces = pieces
        self._order = sorted((token for token, piece in enumerate(pieces) if piece), key=lambda token: pieces[token])
        self._sorted = [pieces[token] for token in self._order]
        self._known: dict[bytes, tuple[int, int]] = {}
        self._within: dict[tuple[bytes, int], tuple[tuple[tuple[int, int], ...], bool]] = {}

    def beginning(self, written: bytes) -> tuple[int, int]:
        """The span of the tokens, in their order, that begin with these bytes."""
        found = self._known.get(written)
        if found is None:
            low = bisect_left(self._sorted, written)
            high = low
            if low < len(self._sorted) and self._sorted[low].startswith(written):
                above = written.rstrip(b"\xff")
                bound = above[:-1] + bytes([above[-1] + 1]) if above else None
                high = len(self._sorted) if bound is None else bisect_left(self._sorted, bound, low)
                self._known[written] = low, high
            found = low, high
        return found

    def within(self, text: bytes, beyond: int = 0) -> tuple[tuple[tuple[int, int], ...], bool]:
        """((token, how many bytes it writes), …) of the tokens that write a beginning of `text` longer than `beyond`,
        and whether there are tokens that begin with all of it and are longer."""
        found = self._within.get((text, beyond))
        if found is None:
            tokens: list[tuple[int, int]] = []
            longer = False
            for length in range(1, len(text) + 1):
                low, high = self.beginning(text[:length])
                exact = self._exactly(text[:length], low, high)
                if length > beyond:
                    tokens += [(token, length) for token in exact]
                longer = high - low > len(exact)
                if not longer:
                    break
            found = tuple(tokens), longer and length == len(text)
            if len(self._within) >= WITHIN_KEPT:
                self._within.clear()
            self._within[text, beyond] = found
        return found

    def _exactly(self, written: bytes, low: int, high: int) -> list[int]:
        """The tokens of a span of `beginning` that write just these bytes."""
        end = low
        while end < high and self._sorted[end] == written:
            end += 1
        return self._order[low:end]


class State:
    """Where in a grammar a text stands. `next`: token -> the State after it; none if the text is complete."""

    __slots__ = ("_forced", "_grammar", "_next", "_places")

    def __init__(self, grammar: _Grammar, places: Sequence[Any]) -> None:
        self._grammar, self._places = grammar, places
        self._next: dict[int, State] | None = None
        self._forced: tuple[list[int], State] | None = None

    @property
    def next(self) -> dict[int, State]:
        if self._next is None:
            reached: dict[int, list[Any]] = {}
            for text, at, follows in self._places:
                if at == len(text):
                    self._cross(reached, b"", follows)
                    continue
                rest = text[at:]
                inside, longer = self._grammar.vocabulary.within(rest)
                for token, length in inside:
                    reached.setdefault(token, []).append((text, at + length, follows))
                if longer:
                    self._cross(reached, rest, follows)
            self._next = {token: State(self._grammar, places) for token, places in reached.items()}
        return self._next

    def _cross(self, reached: dict[int, list[Any]], written: bytes, follows: Any) -> None:
        """Add the tokens that begin with what is written and go on into what follows."""
        vocabulary, places = self._grammar.vocabulary, list[Any]()
        self._grammar.starts(follows, places)
        for text, _, up in places:
            inside, longer = vocabulary.within(written + text, len(written))
            for token, length in inside:
                reached.setdefault(token, []).append((text, length - len(written), up))
            if longer:
                self._cross(reached, written + text, up)

    def forced(self) -> tuple[list[int], State]:
        """The tokens that must come next, whatever the network thinks, and the State after them.

        There is no choice as long as all tokens that may come are beginnings of the longest of them."""
        if self._forced is None:
            tokens: list[int] = []
            state, pieces = self, self._grammar.vocabulary.pieces
            while state.next:
                longest = max(state.next, key=lambda token: len(pieces[token]))
                if not all(pieces[longest].startswith(pieces[token]) for token in state.next):
                    break
                tokens.append(longest)
                state = state.next[longest]
            self._forced = tokens, state
        return self._forced


class _Grammar:
    """The rules of one grammar over one vocabulary."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        rules = dict(_rule(line) for line in text.splitlines() if line.strip())
        self._rules = {name: [inner for alternative in alternatives for inner in _named(alternative, rules)]
                       for name, alternatives in rules.items()}

    def starts(self, follows: Any, found: list[Any]) -> None:
        """Add the places at which what follows begins."""
        while follows is not None:
            sequence, at, up = follows
            if at == len(sequence):
                follows = up
                continue
            item, follows = sequence[at], (sequence, at + 1, up)
            if isinstance(item, bytes):
                if item:
                    found.append((item, 0, follows))
                    return
                continue
            if isinstance(item, str):
                if item not in self._rules:
                    raise GrammarError("The grammar for this device cannot be used.")
                item = self._rules[item]
            for alternative in item:
                if alternative and isinstance(alternative[0], bytes) and alternative[0]:
                    found.append((alternative[0], 0, (alternative, 1, follows)))
                else:
                    self.starts((alternative, 0, follows), found)
            return


def _named(alternative: tuple[Any, ...], rules: dict[str, list[Any]]) -> list[Any]:
    """The alternatives of the rule that one is only the name of; else itself."""
    first = alternative[0] if len(alternative) == 1 else None
    return rules[first] if isinstance(first, str) and first in rules else [alternative]


def start(text: str, vocabulary: Vocabulary) -> State:
    """The State before anything is written; GrammarError if the text is no grammar with a rule `root`."""
    grammar = _Grammar(text, vocabulary)
    places: list[Any] = []
    grammar.starts((("root",), 0, None), places)
    return State(grammar, places)
