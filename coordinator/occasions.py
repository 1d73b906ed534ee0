"""What an order waits for, as it is said: "when the door opens", "five minutes after …", "unless …".

Does: find these stretches in a sentence, with the word that opens each.
Does not: say what they mean (conditions.py)."""

from __future__ import annotations

from dataclasses import dataclass

from coordinator import times
from coordinator.phrases import Token, phrase_at, words
from coordinator.sentence import STOPS, Sentence


@dataclass(frozen=True)
class Condition:
    """ "when/if/… X": its opening word, the tokens of X, and where in the text it begins."""

    opener: str
    tokens: tuple[Token, ...]
    start: int = 0


def occasions(sentence: Sentence) -> list[tuple[int, int, Condition]]:
    found, at, tokens = [], 0, sentence.tokens
    while at < len(tokens):
        length = 0 if at in sentence.protected else phrase_at(tokens, at, words("conditions.open"))
        word, following = sentence.word(at), sentence.word(at + 1)
        if (
            not length
            or (word == "once" and sentence.word(at - 1) == "at")
            or (word == "after" and (following == "that" or times.duration(tokens, at + 1)))
        ):
            at += 1
            continue
        if word in ("if",) and following in ("possible", "you", "necessary", "needed"):
            at += 1
            continue
        opener = " ".join(token.word for token in tokens[at : at + length])
        end = _condition_end(sentence, at + length)
        lead = _delay_before(tokens, at) if opener == "after" else 0
        lasting = (Token(0, 0, "for", "for"), *tokens[at - lead : at]) if lead else ()
        said = (*tokens[at + length : end], *lasting)
        found.append((at - lead, end, Condition(opener, said, tokens[at - lead].start)))
        at = end
    return found


def _delay_before(tokens: tuple[Token, ...], at: int) -> int:
    """How many tokens before "after" say a length of time: "five minutes after the door closes"."""
    for length in (4, 3, 2):
        if at >= length and (found := times.duration(tokens, at - length)) and found[1] == length:
            return length
    return 0


def _condition_end(sentence: Sentence, start: int) -> int:
    tokens = sentence.tokens
    for at in range(start, len(tokens)):
        word = sentence.word(at)
        if word in STOPS or word in ("then", "but"):
            return at
        if at > start and phrase_at(tokens, at, words("conditions.open")) and word not in ("after", "once", "while"):
            return at
        if word == ",":
            following = at + 1 + (sentence.word(at + 1) in ("and", "or"))
            if following == at + 1 or sentence.begins_order(following):
                return at
        elif word in ("and", "or"):
            if sentence.begins_order(at + 1) or sentence.begins_question(at + 1):
                return at
        elif (
            at > start + 1
            and sentence.begins_order(at)
            and word not in ("i", "you", "we", "is", "are", "it", "there", "be", "been", "has", "have", "not", "to")
        ):
            if word in words("words.polite") and not sentence.begins_order(at + 1):
                continue
            return at
    return len(tokens)
