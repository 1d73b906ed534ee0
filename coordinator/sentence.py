"""A command's words with what is known about each place: protected names, nouns, and where an order begins.

Does not: split (clauses.py) or find what an order waits for (occasions.py)."""

from __future__ import annotations

from coordinator import phrases
from coordinator.house import House
from coordinator.marks import Mark
from coordinator.phrases import Token, phrase_at, words

STOPS = frozenset(".;!?")
SUBJECTS = frozenset(
    {
        "i",
        "you",
        "we",
        "they",
        "he",
        "she",
        "it",
        "nobody",
        "somebody",
        "someone",
        "anyone",
        "anybody",
        "everyone",
        "everybody",
        "people",
        "person",
        "to",
        "the",
        "a",
        "an",
        "is",
        "are",
        "be",
        "been",
        "gets",
        "get",
        "goes",
        "has",
        "have",
        "not",
        "was",
        "my",
        "do",
        "does",
        "who",
        "must",
        "should",
    }
)


class Sentence:
    """The tokens with what is known about each position; one per command."""

    def __init__(self, tokens: tuple[Token, ...], marks_: tuple[Mark, ...], house: House) -> None:
        self.tokens, self.house = tokens, house
        self.named = {at for mark in marks_ for at in range(mark.start, mark.end)}
        self.protected = {at for mark in marks_ if mark.kind == "title" for at in range(mark.start, mark.end)}

    def word(self, at: int) -> str:
        return self.tokens[at].word if 0 <= at < len(self.tokens) and at not in self.protected else ""

    def is_noun(self, at: int) -> bool:
        if at in self.named:
            return True
        if not 0 <= at < len(self.tokens):
            return False
        token = self.tokens[at]
        return (token.stem in self.house.names or token.stem in phrases.kind_words()) and not (
            token.word in words("words.polite") or token.word in words("words.preposition")
        )

    def begins_order(self, at: int) -> bool:
        """Whether an order begins at `at` (after "please", "could you", …)."""
        first = at
        while self.word(at) in words("words.polite") and self.word(at) not in ("do", "is", "are") and at - first < 4:
            at += 1
        word, following = self.word(at), self.word(at + 1)
        if not word:
            return False
        if word in ("do", "never") and following in ("not", *words("verbs.plain")):
            return True
        if phrase_at(self.tokens, at, words("verbs.tell")) and following in ("me", "us", "know", "everyone"):
            return True
        if word not in words("verbs.plain") or (at == first and self.word(at - 1) in SUBJECTS):
            return False
        if word not in words("verbs.shy"):
            return True
        return bool(
            following in words("words.determiner")
            or following in words("words.all")
            or self.is_noun(at + 1)
            or following in ("it", "them", "up", "down", "on", "off")
        )

    def begins_question(self, at: int) -> bool:
        word = self.word(at)
        return word in ("what", "how", "which", "where", "who") or (
            word in ("is", "are")
            and (
                self.word(at + 1) in words("words.determiner") | words("words.all") | frozenset({"it", "there"})
                or self.is_noun(at + 1)
            )
        )

    def says(self, start: int, end: int, phrases_: frozenset[str]) -> bool:
        """Whether one of the phrases stands at or after `start` and begins before `end`, outside of names."""
        return any(at not in self.protected and phrase_at(self.tokens, at, phrases_) for at in range(start, end))

    def sets_state(self, at: int) -> bool:
        """Whether a Thing is named at `at`, with or without an article, and then how it shall be: "hall light on"."""
        at += self.word(at) in words("words.determiner") or self.word(at) in words("words.all")
        if not self.is_noun(at):
            return False
        while self.is_noun(at):
            at += 1
        while self.word(at) in words("conditions.becoming"):
            at += 1
        return self.word(at) in words("verbs.states") and self.word(at + 1) in ("", ",", "and", "please", *STOPS)
