"""How a sentence says that the one before was wrong: "no, …", "I meant …", "not that one", "the wrong room", "nein, …".

Does: take the denial off, in English and in the other languages that are read, and tell which of some labels a sentence
names. The words are data (corrections.toml). Does not: know what the rest means for the command (corrections.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from coordinator import phrases, times
from coordinator.house import House
from coordinator.memory import table
from coordinator.phrases import Token, phrase_at, words
from coordinator.questions import trimmed
from models.language import tongues

# How the answer to a question about a correction begins, so that it is one too.
AGAIN = "no, "


@dataclass(frozen=True)
class Rest:
    """What a correction says besides that it is one. `wrong`: the word after "the wrong"; `strong`: it surely is one,
    so that it may be a whole order; `weak`: it may be one."""

    text: str
    wrong: str = ""
    strong: bool = False
    weak: bool = False


def in_english(text: str, house: House) -> str:
    """A correction in another language as one in English; every other sentence as it is."""
    plain = " ".join(text.split()).strip(" .,!?。，！？").lower()
    if plain in table()["undo"]["other"]:
        return "undo that"
    rest, denied = plain, False
    openers = sorted(table()["deny"]["other"], key=len, reverse=True)
    while opener := next((one for one in openers if rest.startswith(one) and _ends(rest, len(one))), ""):
        rest, denied = rest[len(opener):].lstrip(" .,!?。，！？、"), True
    if not denied or not rest:
        return text
    heard = tongues.read(rest, house.spoken)
    return text if heard.language is None else AGAIN + heard.text


def _ends(text: str, at: int) -> bool:
    """Whether a word ends at `at`; Chinese words need no space."""
    return not (text[at:at + 1].isalpha() and text[at - 1].isascii())


def chosen(text: str, labels: Sequence[str], house: House) -> str | None:
    """The label that a sentence names and does nothing else ("the left one", "I meant the reading lamp"), or None."""
    text = phrases.clean(in_english(text, house))
    rest = rest_of(text)
    said = trimmed(phrases.tokens(rest.text if rest is not None and rest.text else text))
    skip = words("words.determiner") | {"one", "ones", "in", "on", "at", "of"}
    wanted = {token.stem for token in said if token.word[0].isalnum() and token.word not in skip}
    found = [label for label in labels if wanted <= {token.stem for token in phrases.tokens(label.lower())}]
    return found[0] if wanted and len(found) == 1 else None


def rest_of(text: str) -> Rest | None:
    """The sentence without its denials; None if it is too long to be a correction."""
    tokens = phrases.tokens(text)
    if not tokens or len(tokens) > 40:
        return None
    deny, at, strong, weak, wrong = table()["deny"], 0, False, False, ""
    while at < len(tokens):
        if not tokens[at].word[0].isalnum():
            at += 1
        elif length := phrase_at(tokens, at, deny["strong"]):
            at, strong = at + length, True
        elif (length := phrase_at(tokens, at, deny["wrong"])) and at + length < len(tokens):
            at, strong, wrong = at + length + 1, True, tokens[at + length].word
        elif tokens[at].word == "no" and _denies(tokens, at + 1):
            at, strong = at + 1, True
        elif tokens[at].word == "not" and (skip := _not_that(tokens, at)):
            at, strong = skip, True
        elif length := phrase_at(tokens, at, deny["weak"]):
            at, weak = at + length, True
        else:
            break
    end = len(tokens)
    again = True
    while again and end > at:
        again = not tokens[end - 1].word[0].isalnum()
        end -= again
        for ends in (deny["ends"], deny["rests"]):
            length = next((n for n in (5, 4, 3, 2, 1)
                           if end - n >= at and phrase_at(tokens[:end], end - n, ends) == n), 0)
            if length:
                weak = weak or tokens[end - length].word in ("i", "that", "not")
                end, again = end - length, True
    for place in range(at + 1, end):
        if tokens[place].word == "not" and (tokens[place - 1].word == "," or strong) and place + 1 < end and (
                tokens[place + 1].word in words("words.determiner")):
            end, weak = place, True
            break
    kept = tokens[at:end]
    return Rest(text[kept[0].start:kept[-1].end].strip(" ,.!") if kept else "", wrong, strong, weak)


def _denies(tokens: Sequence[Token], at: int) -> bool:
    """Whether a "no" before `at` says that something was wrong: "no, …", "no the …", "no 40", but not "no lights"."""
    if at >= len(tokens):
        return False
    word = tokens[at].word
    return (
        not word[0].isalnum()
        or word in words("words.determiner") | words("words.preposition") | words("words.other")
        or word in ("i", "no", "not", "wrong", "off", "upstairs", "downstairs", "undo", "to")
        or word in words("verbs.states")
        or (word in words("verbs.plain") and word not in words("verbs.shy"))
        or times.number(tuple(tokens), at) is not None
    )


def _not_that(tokens: Sequence[Token], at: int) -> int:
    """Where "not the ceiling lamp, the floor lamp" goes on after what was not meant; 0 if it does not."""
    if at + 1 >= len(tokens) or tokens[at + 1].word not in words("words.determiner") | words("words.preposition"):
        return 0
    return next((place + 1 for place in range(at + 2, len(tokens)) if tokens[place].word in (",", "but", ";", ".")), 0)
