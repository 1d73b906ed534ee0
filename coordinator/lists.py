"""What goes on a list and comes off it: "add milk and eggs to the shopping list", taken out of a sentence whole.

The words between the verb and the list are somebody's own text: nothing in them is an order or a name. Does not: know
which lists the house has, beyond the words that name one."""

from __future__ import annotations

from dataclasses import dataclass

from coordinator import phrases
from coordinator.house import House
from coordinator.phrases import Token, words

_NAME_MAX = 4


@dataclass(frozen=True)
class Entry:
    """Tokens [start, end) of a sentence. `verb`: add, remove or complete; `items`: the texts; `name`: the words that
    name the list, without "list"."""

    start: int
    end: int
    verb: str
    items: tuple[str, ...]
    name: tuple[str, ...]

    def order(self, item: str, name: str) -> str:
        """The sentence for the list."""
        return f"{self.verb} {item} {'to' if self.verb == 'add' else 'from' if self.verb == 'remove' else 'on'} {name}"


def entries(text: str, tokens: tuple[Token, ...], house: House) -> tuple[Entry, ...]:
    """What a sentence puts on lists or takes off, from left to right."""
    table = phrases.lexicon()["lists"]
    verbs = {word: verb for verb in ("add", "remove", "complete") for word in table[verb]}
    called = {word for fact in house.facts if "list" in fact.kinds for word in fact.title} | set(table["nouns"])
    found: list[Entry] = []
    at = 0
    while at < len(tokens):
        verb = verbs.get(tokens[at].word)
        entry = _entry(text, tokens, at, verb, called) if verb and _opens(tokens, at) else None
        entry = entry or _passive(text, tokens, at, called)
        if entry is not None:
            found.append(entry)
            at = entry.end
        else:
            at += 1
    return tuple(found)


def _opens(tokens: tuple[Token, ...], at: int) -> bool:
    before = tokens[at - 1].word if at else ","
    return not before[0].isalnum() or before in words("words.polite") | words("words.join") | words("words.then")


def _entry(text: str, tokens: tuple[Token, ...], at: int, verb: str, called: set[str]) -> Entry | None:
    for place in range(at + 1, len(tokens)):
        if tokens[place].word not in phrases.lexicon()["lists"]["prepositions"]:
            continue
        named = _name(tokens, place + 1, called)
        if named is None:
            continue
        first, last = named
        name = tuple(token.stem for token in tokens[first:last] if token.stem not in ("list", "to", "do"))
        inside = tokens[at + 1 : place]
        end = last
        if not inside and verb == "add":
            end = next((n for n in range(last, len(tokens)) if tokens[n].word in (".", ";", "!")), len(tokens))
            inside = tokens[last:end]
        inside = tuple(token for n, token in enumerate(inside) if n or token.word[0].isalnum())
        return Entry(at, end, verb, _items(text, inside), name) if inside else None
    return None


def _passive(text: str, tokens: tuple[Token, ...], at: int, called: set[str]) -> Entry | None:
    """ "(i) need milk added to my list", "if milk could be put on the list"."""
    table = phrases.lexicon()["lists"]
    if tokens[at].word not in table["wanting"]:
        return None
    for place in range(at + 2, len(tokens) - 1):
        named = _name(tokens, place + 2, called) if tokens[place].word in table["added"] else None
        if named and tokens[place + 1].word in table["prepositions"]:
            inside = [token for token in tokens[at + 1 : place] if token.word not in ("could", "be", "to", "can", "is")]
            name = tuple(token.stem for token in tokens[named[0] : named[1]] if token.stem not in ("list", "to", "do"))
            return Entry(at, named[1], "add", _items(text, tuple(inside)), name) if inside else None
    return None


def _name(tokens: tuple[Token, ...], start: int, called: set[str]) -> tuple[int, int] | None:
    """[first, last) of the words that name a list at `start`, after articles."""
    first = start
    while first < len(tokens) and tokens[first].word in words("words.determiner"):
        first += 1
    for last in range(min(len(tokens), first + _NAME_MAX), first, -1):
        inside = tokens[first:last]
        if inside[-1].stem not in called:
            continue
        todo = any(token.word == "do" for token in inside)
        if all(token.word[0].isalnum() or (token.word == "-" and todo) for token in inside) and not any(
            token.word in words("words.preposition") | words("words.determiner") | words("words.join")
            for token in inside
        ):
            return first, last
    return None


def _items(text: str, tokens: tuple[Token, ...]) -> tuple[str, ...]:
    """The texts of an enumeration; what belongs together ("salt and pepper") stays one."""
    whole = text[tokens[0].start : tokens[-1].end]
    if any(together in whole.lower() for together in phrases.lexicon()["lists"]["together"]):
        return (whole,)
    found: list[str] = []
    piece: list[Token] = []
    for token in tokens:
        if token.word in (",", "and", "&", "plus"):
            if piece:
                found.append(text[piece[0].start : piece[-1].end])
            piece = []
        else:
            piece.append(token)
    if piece:
        found.append(text[piece[0].start : piece[-1].end])
    return tuple(found)
