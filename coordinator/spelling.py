"""Words as they were meant: typing and hearing errors put right, an assistant's name left out.

A word is only changed towards words of this house and words of orders, never if it is a right word itself
(phrases.correct). Does not: judge what the words mean."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from coordinator import phrases
from coordinator.house import House
from coordinator.phrases import Token, phrase_at, stem, words

# After these an assistant's name at the end of a sentence is what is meant, not who is spoken to.
_BEFORE_NAMES = frozenset({"on", "off", "up", "down", "in", "to", "of", "at", "from", "with", "and"})


def corrected(tokens: tuple[Token, ...], house: House) -> tuple[Token, ...]:
    """The tokens with small typing errors put right: towards words of this house and words of orders."""
    known, targets = _right_words(house.names)
    near = [_nearest(token.word, known, targets) for token in tokens]
    right = tuple(
        token if word == token.word else replace(token, word=word, said=word)
        for token, word in zip(tokens, near, strict=True)
    )
    return tuple(
        _imperative(token)
        if at and right[at - 1].word in ("mind", "about")
        else replace(token, word="off")
        if token.word == "of" and at and _meant_off(right, at)
        else token
        for at, token in enumerate(right)
    )


def _meant_off(tokens: tuple[Token, ...], at: int) -> bool:
    """ "turn of the lights": "off" that was written or heard short."""
    following = tokens[at + 1].word if at + 1 < len(tokens) else ""
    return tokens[at - 1].word in ("turn", "switch", "shut", "power", "turned", "switched") and (
        not following
        or following in words("words.determiner") | words("words.all")
        or stem(following) in phrases.kind_words()
    )


def awake(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """The tokens without the name of an assistant that is called first ("alexa, …", "ok google …")."""
    called = phrases.lexicon()["careful"]["wake"]
    for at in range(max(1, len(tokens) - 2), len(tokens)):
        last = phrase_at(tokens, at, called)
        if last and at + last == len(tokens) and tokens[at - 1].word not in words("words.determiner") | _BEFORE_NAMES:
            tokens = tokens[:at]
            break
    length = phrase_at(tokens, 0, called)
    rest = tokens[length:]
    while rest and not rest[0].word[0].isalnum():
        rest = rest[1:]
    return rest if length and rest and rest[0].word not in ("on", "off", "up", "down") else tokens


@lru_cache(maxsize=8)
def _right_words(names: frozenset[str]) -> tuple[frozenset[str], list[str]]:
    """(words that are right as they are, words that may be meant) in a house with these names."""
    targets = [
        word
        for word in names
        | frozenset(phrases.kind_words())
        | words("verbs.plain")
        | words("attributes.nouns")
        | _room_words()
        | _words_of_time()
        if len(word) >= 4 and word.isalpha()
    ]
    return phrases.correct() | names, targets


@lru_cache(maxsize=1)
def _room_words() -> frozenset[str]:
    return frozenset(part for row in phrases.table()["rooms"]["same"] for name in row for part in name.split())


@lru_cache(maxsize=1)
def _words_of_time() -> frozenset[str]:
    """The words in which people say when something shall be done."""
    conditions, times = phrases.table()["conditions"], phrases.table()["times"]
    said = [conditions[key] for key in ("open", "event", "happens", "ended", "subject", "nobody", "above", "below")]
    said += [*conditions["yes"].values(), *conditions["no"].values(), conditions["done"]["words"]]
    said += [*(conditions["people"].values()), *(row["words"] for row in conditions["weather"].values())]
    said += [times[key] for key in ("units", "numbers", "days", "parts", "named", "every_day")]
    said += [[f"{day}s" for day in (*times["days"], *times["parts"])], ["weekday", "weekdays", "weekend", "quarter"]]
    return frozenset(part for row in said for name in row for part in name.split()) - words("verbs.plain")


def _imperative(token: Token) -> Token:
    """ "(would you mind) closing" -> "close"."""
    bare = token.word.removesuffix("ing")
    base = next((word for word in (bare, bare + "e", bare[:-1]) if word in words("verbs.plain")), None)
    return replace(token, word=base, said=base) if base and token.word.endswith("ing") else token


def _nearest(word: str, known: frozenset[str], targets: list[str]) -> str:
    if len(word) < 4 or not word.isalpha() or word in known or stem(word) in known:
        return word
    plural = stem(word) != word
    limit = 2 if len(word) >= 8 else 1
    best, near = word, limit + 1
    for target in targets:
        if target[0] != word[0] and sorted(target[:2]) != sorted(word[:2]):
            continue
        timely = target in _words_of_time()
        for form in (target,) if timely else (target, target + "s"):
            edits = phrases.distance(word, form, 1 if timely else limit)
            edits = limit + 1 if timely and edits > 1 else edits
            if len(word) < 5 and edits and sorted(form) != sorted(word) and len(form) == len(word):
                continue
            verb, held = target not in phrases.kind_words(), stem(best) not in phrases.kind_words()
            if edits < near or (edits == near and edits <= limit and (verb, form) < (held, best)):
                best, near = form, edits
    return best if near <= limit and (not plural or best.endswith("s") or near <= 1) else word
