"""What stands around an order and is no part of it: who is spoken to, why it is given, what it is for.

Only a command that came to nothing is read again without them; the first reading that leaves nothing over counts.
What may hide an order that is none ("i do not want you to …", "how do i …", "she said …") is never cut off."""

from __future__ import annotations

from collections.abc import Iterator

from coordinator import phrases, times
from coordinator.house import House
from coordinator.marks import marks
from coordinator.occasions import occasions
from coordinator.phrases import Token, stem, words
from coordinator.sentence import Sentence

Tokens = tuple[Token, ...]


def readings(tokens: Tokens, house: House) -> Iterator[tuple[Tokens, Tokens]]:
    """The command without an aside, the likeliest first, each with the tokens that were left out."""
    table = phrases.table()["asides"]
    if any(token.word in table["binding"] for token in tokens):
        return
    if occasions(Sentence(tokens, marks(tokens, house), house))[0]:
        return
    bare = _uncalled(tokens, house)
    if bare != tokens:
        yield bare, ()
    for start in range(2, len(bare) - 1):
        if _ends_remark(bare, start, house):
            rest = bare[start:]
            while rest and (rest[0].word in ("so", "now", "and") or not rest[0].word[0].isalnum()):
                rest = rest[1:]
            if len(rest) > 1 and rest[0].word not in words("words.question"):
                yield rest, bare[:start]
    for end in range(2, len(bare)):
        if _begins_remark(bare, end, house):
            yield bare[:end], ()


def _uncalled(tokens: Tokens, house: House) -> Tokens:
    """The tokens without a name that is called first or last: a word that is nothing of this house."""
    called = phrases.table()["asides"]["called"]
    first = 1 if len(tokens) > 2 and tokens[0].word in ("hey", "hi", "hello", "ok", "okay", "oh") else 0
    following = tokens[first + 1].word if len(tokens) > first + 2 else ""
    asked = tokens[first + 2].word if len(tokens) > first + 2 else ""
    opens = following in words("verbs.plain") or following in ("please", "is", "are", ",")
    if following in ("could", "can", "would", "will"):
        opens = asked == "you"
    if len(tokens) > first + 2 and opens and _is_name(tokens[first], house):
        tokens = tokens[first + 1 :]
        while len(tokens) > 1 and not tokens[0].word[0].isalnum():
            tokens = tokens[1:]
    end = len(tokens)
    while end > 2 and tokens[end - 1].word in ("please", "thanks"):
        end -= 1
    if end > 2:
        last, before = tokens[end - 1], tokens[end - 2]
        parted = before.word in ("please", "thanks", ",", "bit", "little") or before.word in words("verbs.states")
        whole = before.word not in ("up", "down", "on", "off") or stem(tokens[end - 3].word) in phrases.kind_words()
        noun = stem(before.word) in phrases.kind_words() and phrases.is_plural(before.word)
        if (last.word in called and before.word not in words("words.determiner")) or (
            ((parted and whole) or noun) and _is_name(last, house)
        ):
            tokens = tokens[: end - 1]
    return tokens


def _is_name(token: Token, house: House) -> bool:
    """Whether a word may be somebody's name: no word of the vocabulary or of this house."""
    if token.word in phrases.table()["asides"]["called"]:
        return token.stem not in house.names
    if phrases.is_plural(token.word):
        return False
    known = phrases.correct() | house.names | house.said
    return token.word.isalpha() and len(token.word) > 2 and token.word not in known and token.stem not in known


def _ends_remark(tokens: Tokens, start: int, house: House) -> bool:
    """Whether what stands before `start` is a remark, and an order may begin there."""
    table = phrases.table()["asides"]
    said = [token.word for token in tokens[:start] if token.word[0].isalnum()]
    while said and said[0] in ("okay", "ok", "so", "well", "oh"):
        said = said[1:]
    if len(said) < 2 or said[0] not in table["subjects"] or set(said) & set(table["reported"]):
        return False
    parted = tokens[start].word in (",", "so", "now") or not tokens[start].word[0].isalnum()
    if parted:
        return True
    stated = bool(set(said[1:]) & set(table["stating"]))
    ended = said[-1] not in words("words.preposition") | words("words.determiner") | set(table["stating"])
    ended = ended and said[-1] not in ("to", "and", "not", "always", "never", "often", "usually", "only")
    return stated and ended and tokens[start].word in words("verbs.plain") | {"can", "could", "please"}


def _begins_remark(tokens: Tokens, end: int, house: House) -> bool:
    """Whether a remark begins at `end`: "… i am freezing", "… for the party", where that is nothing of this house."""
    rest = tokens[end:]
    heard = [token.word for token in rest]
    if tokens[end - 1].word in words("words.preposition") | words("words.determiner") | {"to", "and"}:
        return False
    if heard[:2] in (["i", "am"], ["i", "have"], ["we", "are"], ["i", "need"], ["it", "is"], ["my", "eyes"]):
        return len(rest) > 2
    if heard[0] == "so" and len(rest) > 1:
        return True
    named = any(token.stem in house.names or token.stem in phrases.kind_words() for token in rest[1:])
    if heard[0] in ("for", "before", "after") and len(rest) > 1:
        counted = any(
            times.number(tokens, at) and tokens[at].word not in ("a", "an") for at in range(end + 1, len(tokens))
        )
        asked = set(heard) & words("words.question")
        return len(rest) < 6 and not named and not counted and not asked
    return False
