"""What one Thing is asked, when it is asked in words that it need not know: the one of its properties that tells it.

Rules: what a question is about (its senses) leads to a property; "set" leads to what is wanted, else to what is; a
question about the Thing as a whole means what its kind tells first (asking.toml [told]). Words that a property has in
its name need no help: such a question stays as it was said. Pure text."""

from __future__ import annotations

from coordinator import phrases
from coordinator.house import Facts, reads_of
from coordinator.phrases import Token, stem, words
from coordinator.reading import Reading, targets
from models.language.tongues import english_of
from ontology.description import Affordance, words_of

# How a question may begin whose word is handed on.
_OPENS = frozenset({"is", "are", "was", "were", "has", "did"})
_SMALL = frozenset({"current", "value", "up", "there", "many"})


def told(said: tuple[Token, ...], reading: Reading, fact: Facts, name: str) -> str | None:
    """The question in plain words, or None where it stays as it was said."""
    outside = _outside(said, reading)
    heard = {token.word for token in outside} | {stem(token.word) for token in outside}
    heard |= {word.lower() for phrase in reading.phrases for word in phrase.attributes}
    own = [item for item in fact.thing.affordances if item.op == "read"]
    known = phrases.asking()["told"]["words"]
    loose = {token.word for token in outside if token.word in known or (
        phrases.senses_asked(token.word) and not phrases.senses_of_word(token.word))}
    if not own:
        return None
    whole = is_whole(said, reading)
    strange = bool(reading.unknown)
    other = strange or "there" in heard or bool(reading.senses & {"power", "volume"})
    only = len(own) == 1 and ("list" in fact.kinds or (not fact.can_act and other))
    only = only or (strange and any(item.name in ("state", "status") for item in own))
    wanted = bool(heard & set(phrases.asking()["told"]["target"])) and "set" in heard
    if not loose and not whole and not only and not wanted:
        return None
    found = own[0] if only and len(own) == 1 else _property(own, reading, heard, whole, fact)
    return None if found is None else _question(found, name)


def handed(said: tuple[Token, ...], reading: Reading) -> bool:
    """Whether a question in a word that nobody here knows is for the Thing that it names: "is the mower parked". The
    device may know the word, or what tells it."""
    named = targets(reading.phrases)
    strange = [token for token in said if token.said in reading.unknown]
    if len(named) != 1 or len(strange) != 1 or said[0].word not in _OPENS or len(reading.unknown) != 1:
        return False
    phrase, at = named[0], said.index(strange[0])
    first = next((token for token in said[1:] if token.word not in words("words.definite")), said[0])
    certain = phrase.has("title") or (phrase.has("kind", "sort") and (
        phrase.has("room") or said[1].word in words("words.definite")))
    subject = phrase.start <= first.start < phrase.end
    bound = words("words.preposition") | words("words.determiner") | {"to", "than", "and", "or", "as"}
    return certain and subject and strange[0].start >= phrase.end and said[at - 1].word not in bound


def _outside(said: tuple[Token, ...], reading: Reading) -> list[Token]:
    """The words of a question beside what it names."""
    named = [phrase for phrase in reading.phrases if phrase.has("title", "kind", "word", "sort", "room", "floor")]
    return [token for token in said if token.word[0].isalnum() and not any(
        one.start <= token.start and token.end <= one.end and token.end for one in named)]


def is_whole(said: tuple[Token, ...], reading: Reading) -> bool:
    """Whether a question is about a Thing as a whole: "what is it doing", "how is it"."""
    if any(token.word in ("a", "an") for token in said):
        return False
    lists = ("words.polite", "words.determiner", "words.preposition", "words.question")
    small = frozenset().union(*(words(one) for one in lists), phrases.asking()["small"]["words"], _SMALL)
    rest = [token.word for token in _outside(said, reading) if token.word not in small]
    return all(word in words("verbs.asked") for word in rest)


def _property(
    own: list[Affordance], reading: Reading, heard: set[str], whole: bool, fact: Facts
) -> Affordance | None:
    table = phrases.asking()["told"]
    asked = heard | {known for word in heard if (known := table["words"].get(word))}
    senses = reading.senses - {"percent"}
    found = [item for item in own if senses & reads_of(item)]
    if len(senses) > 1:
        found = [item for item in found if (senses - {"power"}) & reads_of(item)] or found
    named = [item for item in own if asked & {stem(word) for word in _words(item)}]
    found = [item for item in found if item in named] or named or found
    wanted = heard & set(table["target"])
    if wanted and not found:
        found = [item for item in own if "target" in _words(item)]
        found = found or [item for item in own if item.schema.get("type") in ("number", "integer")]
    if not found:
        strict = {sense for word in heard for sense in phrases.senses_of_word(word)} & senses - {"power"}
        if strict and not strict & fact.reads and (fact.can_act or len(own) > 1):
            return None
        found = [item for name in table["main"] for item in own if name in (item.name, "_".join(_words(item)))][:1]
        found = found or (own if len(own) == 1 else [])
    found = [item for item in found if ("target" in _words(item)) == bool(wanted)] or found
    first = [item for name in table["main"] for item in found if name in (item.name, "_".join(_words(item)))]
    return next(iter(first or found), None)


def _words(item: Affordance) -> list[str]:
    """The words of a property's name, in English."""
    return words_of(english_of(item.name) or item.name)


def _question(item: Affordance, name: str) -> str:
    about = " ".join(_words(item))
    if item.schema.get("type") == "boolean" and about in phrases.asking()["told"]["plainly"]:
        return f"is {name} {about}"
    return f"what is the {about} of {name}"
