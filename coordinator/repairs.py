"""What a person puts right while speaking: "the kitchen, no sorry, the hall light" is "the hall light".

What follows a word of correction takes the place of what it fits: of the same word ("the … no the …", "in … no in …")
or else of the last word of its kind (a number, a colour, "on" for "off", a name); a whole order takes the place of the
order before it. Does not: put right an earlier command (corrections.py), or decide which reading counts (plan.py)."""

from __future__ import annotations

from collections.abc import Iterator

from coordinator import misheard, phrases, sounds
from coordinator.house import House
from coordinator.known import noises
from coordinator.phrases import Token, words

Tokens = tuple[Token, ...]


def readings(tokens: Tokens, house: House) -> Iterator[Tokens]:
    """The command as it was put right, the likeliest first; nothing where no word of correction stands within it."""
    table = sounds.table()["repairs"]
    for start in range(1, len(tokens)):
        length = phrases.phrase_at(tokens, start, table["terms"])
        if not length or (length == 1 and not _alone(tokens, start, table)):
            continue
        before, after = _bare_end(tokens[:start]), _bare_start(tokens[start + length:], table)
        if before and after:
            for reading in _aligned(before, after, house):
                # What was put right may be put right again.
                yield from readings(reading, house)
                yield reading
            return


def _alone(tokens: Tokens, at: int, table: dict[str, list[str]]) -> bool:
    """Whether a single word is one of correction where it stands: not the "no" of "there is no motion"."""
    following = tokens[at + 1].word if at + 1 < len(tokens) else ""
    return tokens[at - 1].word not in table["bound"] and following not in table["binding"]


def _bare_end(tokens: Tokens) -> Tokens:
    while tokens and (not tokens[-1].word[0].isalnum() or tokens[-1].word in noises()):
        tokens = tokens[:-1]
    return tokens


def _bare_start(tokens: Tokens, table: dict[str, list[str]]) -> Tokens:
    while tokens:
        length = phrases.phrase_at(tokens, 0, table["terms"])
        if not length and (not tokens[0].word[0].isalnum() or tokens[0].word in noises()):
            length = 1
        if not length:
            break
        tokens = tokens[length:]
    return tokens


def _aligned(before: Tokens, after: Tokens, house: House) -> Iterator[Tokens]:
    """`after` in the place of that part of `before` which it fits."""
    first = next((n for n, token in enumerate(after) if token.word not in words("words.polite")), 0)
    kinds = misheard.kinds_of(after[first].word, house)
    if "verb" in kinds:
        orders = [n for n in range(len(before)) if _opens(before, n, house)]
        for at in reversed(orders):
            its = next((n for n, token in enumerate(after) if token.word in ("it", "that", "them", "those")), -1)
            if its > 0:
                yield before[:at] + after[:its] + _named(before[at + 1:]) + after[its + 1:]
            yield before[:at] + after
        return
    places = [n for n in reversed(range(len(before))) if before[n].word == after[0].word]
    places += [n for n in reversed(range(len(before))) if _same(before[n], after[0], house) and n not in places]
    for at in places[:4]:
        begins = at
        while begins and "name" in kinds and _same(before[begins - 1], after[0], house):
            begins -= 1
        yield before[:begins] + after
        ends = begins + 1
        while ends < len(before) and _same(before[ends], after[0], house):
            ends += 1
        if ends < len(before) and not _same(before[-1], after[-1], house):
            yield before[:begins] + after + before[ends:]


def _opens(tokens: Tokens, at: int, house: House) -> bool:
    """Whether the verb of an order stands there: first, or after a small word or a condition."""
    kinds = misheard.kinds_of(tokens[at].word, house)
    if "verb" not in kinds or (at and "name" in kinds):
        return False
    before = tokens[at - 1].word if at else ""
    return not before or before not in words("words.determiner") | words("words.preposition") | {"to"}


def _named(tokens: Tokens) -> Tokens:
    """What an order names, without its "on" or "up"."""
    while tokens and tokens[0].word in ("on", "off", "up", "down"):
        tokens = tokens[1:]
    return tokens


def _same(one: Token, other: Token, house: House) -> bool:
    """Whether two words are of one kind, of those that tell values and names apart."""
    telling = {"name", "digits", "ones", "tens", "particle", "state", "unit", "verb"}
    mine, theirs = misheard.kinds_of(one.word, house) & telling, misheard.kinds_of(other.word, house) & telling
    numbers = {"digits", "ones", "tens"}
    return bool(mine & theirs) or bool(mine & numbers and theirs & numbers)
