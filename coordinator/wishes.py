"""A wish about how something shall be, as the order that brings it about: "i want the curtains drawn" is "draw the
curtains", "could the radio be turned down" is "turn the radio down". Pure."""

from __future__ import annotations

from functools import lru_cache

from coordinator import phrases
from coordinator.phrases import Token, words


def active(said: tuple[Token, ...]) -> tuple[Token, ...]:
    """A clause without a verb that names something and how it shall have been treated, with that verb in front; any
    other clause as it is."""
    if not said or said[0].word in words("verbs.plain") or {token.word for token in said} & _told():
        return said
    for at, token in enumerate(said):
        verb = _verbs().get(token.word)
        if verb is None or at == 0 or (at + 1 < len(said) and _is_noun(said[at + 1])):
            continue
        before = said[:at]
        while before and before[-1].word in ("be", "get", "getting", "being", "to"):
            before = before[:-1]
        if not any(_is_noun(one) for one in before):
            return said
        return (*phrases.unsaid(verb), *before, *said[at + 1 :])
    return said


def _is_noun(token: Token) -> bool:
    return token.stem in phrases.kind_words() or token.word in words("attributes.nouns")


def _told() -> frozenset[str]:
    """What tells of something that was, or asks."""
    return frozenset({"was", "were", "had", "has", "did", "is", "are", "who", "yesterday", "not"})


@lru_cache(maxsize=1)
def _verbs() -> dict[str, str]:
    """Participle -> the verb."""
    found = {irregular: verb for verb, irregular in phrases.table()["participles"].items()}
    for verb in words("verbs.plain"):
        if " " in verb or verb in phrases.table()["participles"]:
            continue
        found.setdefault(_participle(verb), verb)
    return found


def _participle(verb: str) -> str:
    if verb.endswith("e"):
        return verb + "d"
    return verb[:-1] + "ied" if verb[-1] == "y" and verb[-2] not in "aeo" else verb + "ed"
