"""What an order waits for, as it is said: "when the door opens", "five minutes after …", "unless …".

Most begin with an opening word (conditions.open); some only look like it ("the second lamp", "if you like"); some need
none: "motion in the hall, light on". A word like "always" beside one says that it holds again and again.
Does: find these stretches in a sentence. Does not: say what they mean (conditions.py)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from coordinator import times
from coordinator.phrases import Token, phrase_at, words
from coordinator.sentence import STOPS, SUBJECTS, Sentence

Span = tuple[int, int]


@dataclass(frozen=True)
class Condition:
    """ "when/if/… X": its opening word, the tokens of X, where in the text it begins, whether it is said to hold
    again and again."""

    opener: str
    tokens: tuple[Token, ...]
    start: int = 0
    always: bool = False


def occasions(sentence: Sentence) -> tuple[list[tuple[int, int, Condition]], set[int]]:
    """The conditions of a sentence with their places (start, end), and the places of words like "always" beside."""
    found: list[tuple[int, int, Condition]] = []
    at = 0
    while at < len(sentence.tokens):
        one = _opened(sentence, at) or _unopened(sentence, at)
        if one is None:
            at += 1
            continue
        found.append(one)
        at = max(one[1], at + 1)
    standing = _standing(sentence) if found else set()
    if standing:
        found = [(start, end, replace(one, always=True)) for start, end, one in found]
    return found, standing


def _opened(sentence: Sentence, at: int) -> tuple[int, int, Condition] | None:
    """The condition that an opening word at `at` begins."""
    tokens = sentence.tokens
    length = 0 if at in sentence.protected else phrase_at(tokens, at, words("conditions.open"))
    if not length:
        length = _event(sentence, at) or _should(sentence, at)
    if not length or not _opens(sentence, at, length):
        return None
    opener = " ".join(token.word for token in tokens[at : at + length])
    first = at + length
    lead = _delay_before(tokens, at) if opener == "after" else 0
    lasting: tuple[Token, ...] = (Token(0, 0, "for", "for"), *tokens[at - lead : at]) if lead else ()
    if opener == "after" and (found := times.duration(tokens, first)):
        # "after ten minutes without motion"
        lasting = (Token(0, 0, "for", "for"), *tokens[first : first + found[1]])
        first += found[1]
    end = _end(sentence, first)
    return at - lead, end, Condition(opener, (*tokens[first:end], *lasting), tokens[at - lead].start)


def _opens(sentence: Sentence, at: int, length: int) -> bool:
    """Whether an opening word opens a condition here, and is no ordinal, time or courtesy."""
    word, following = sentence.word(at), sentence.word(at + length)
    said = " ".join(sentence.word(n) for n in range(at, at + length))
    if said == "once" and (sentence.word(at - 1) == "at" or following in ("a", "an", "every", "per")):
        return False
    if (said == "while" and sentence.word(at - 1) == "a") or _ends_span(sentence.tokens, at):
        return False
    if said == "after" and following == "tomorrow":
        return False
    if said == "after":
        found = times.duration(sentence.tokens, at + 1)
        beyond = at + 1 + (found[1] if found else 0)
        return following != "that" and (not found or sentence.word(beyond) in ("without", "of"))
    if said == "as":
        subject = following in words("words.determiner") | words("conditions.subject") or sentence.is_noun(at + 1)
        return subject and sentence.says(at + 2, min(at + 6, len(sentence.tokens)), words("conditions.happens"))
    if said == "before":
        subject = following in words("conditions.subject") or following in words("words.determiner")
        return subject or at + length in sentence.protected
    if said in words("conditions.instant"):
        tells = following in SUBJECTS or following in words("words.determiner") or following == "there"
        return tells or at + length in sentence.protected or following in words("conditions.yes.motion")
    return not (word in ("if", "when", "whenever") and phrase_at(sentence.tokens, at, words("conditions.courtesy")))


def _ends_span(tokens: tuple[Token, ...], at: int) -> bool:
    """Whether "till" or "until" at `at` belongs to "from six till eight"."""
    for first in range(max(0, at - 4), at):
        found = times.time_of_day(tokens[:at], first + 1) if tokens[first].word == "from" else None
        if found is not None and first + 1 + found.used == at and tokens[at].word in ("till", "until"):
            return True
    return False


def _event(sentence: Sentence, at: int) -> int:
    """ "on motion", "upon opening the door": 1 if a preposition opens what happens there, else 0."""
    if sentence.word(at) not in words("conditions.event_open"):
        return 0
    before, word = sentence.word(at - 1), sentence.word(at)
    begins = at == 0 or before in (",", "and", "on", "off", "then", "me", "us", "know") or word == "upon"
    skip = at + 1 + (sentence.word(at + 1) in words("words.determiner") | {"any"})
    skip += skip < len(sentence.tokens) and sentence.tokens[skip].word.endswith("'s")
    happens = begins and bool(phrase_at(sentence.tokens, skip, words("conditions.event")))
    return int(happens or (word == "with" and _stands(sentence, at)))


def _stands(sentence: Sentence, at: int) -> bool:
    """ "with the window open": whether what follows, to its end, says how something is."""
    end = at + 1
    while end < len(sentence.tokens) and sentence.word(end) not in (",", *STOPS) and not _order_follows(sentence, end):
        end += 1
    return end > at + 2 and sentence.word(end - 1) in words("conditions.standing")


def _should(sentence: Sentence, at: int) -> int:
    """ "should the door open": 1 if this is a condition rather than a wish, else 0."""
    if sentence.word(at) != "should" or sentence.word(at + 1) in ("i", "we", "you", "be", "not", ""):
        return 0
    subject = sentence.word(at + 1) in words("words.determiner") | words("conditions.subject")
    return int((subject or sentence.is_noun(at + 1)) and (at == 0 or subject))


def _unopened(sentence: Sentence, at: int) -> tuple[int, int, Condition] | None:
    """ "motion in the hall, light on", "no motion for five minutes: light off", "smoke detected then …"."""
    tokens = sentence.tokens
    begins = at == 0 or sentence.word(at - 1) in STOPS
    if not begins or sentence.begins_order(at) or sentence.begins_question(at):
        return None
    happens = bool(phrase_at(tokens, at, words("conditions.event")))
    said = [token.word for token in tokens[at:]]
    for end in range(at + 1, len(tokens) - 1):
        word = sentence.word(end)
        if (word in STOPS and word != "?") or (word in ("is", "are", "am", "was") and "?" not in said):
            return None
        modal = word in ("should", "must") and _acts_on(sentence, end + 1)
        if word in (",", ":", "then", "=", "?") or modal:
            acts = modal or sentence.begins_order(end + 1) or word == "then" or sentence.sets_state(end + 1)
            stands = (word in (":", "?") or modal) and sentence.says(at, end, words("conditions.standing"))
            if (happens or stands or sentence.says(at + 1, end, words("conditions.happens"))) and acts:
                return at, end + modal, Condition("when", tokens[at:end], tokens[at].start)
            return None
    return None


def _acts_on(sentence: Sentence, at: int) -> bool:
    """Whether an order with an object stands at `at`, as behind "should"."""
    if sentence.word(at) not in words("verbs.plain"):
        return False
    after = at + 1 + (sentence.word(at + 1) in ("on", "off", "up", "down"))
    return sentence.is_noun(after) or sentence.word(after) in words("words.determiner") | words("words.all")


def _standing(sentence: Sentence) -> set[int]:
    """Where words like "always" and "from now on" stand."""
    found: set[int] = set()
    for at in range(len(sentence.tokens)):
        found |= set(range(at, at + phrase_at(sentence.tokens, at, words("conditions.always"))))
    return found


def _delay_before(tokens: tuple[Token, ...], at: int) -> int:
    """How many tokens before "after" say a length of time: "five minutes after the door closes"."""
    for length in (4, 3, 2):
        if at >= length and (found := times.duration(tokens, at - length)) and found[1] == length:
            return length
    return 0


def _end(sentence: Sentence, start: int) -> int:
    tokens = sentence.tokens
    for at in range(start, len(tokens)):
        word = sentence.word(at)
        if word in STOPS or word in ("then", "but", ":"):
            return at
        opens = at > start and phrase_at(tokens, at, words("conditions.open"))
        if opens and word not in ("after", "once", "before", "if", "the", "next"):
            return at
        if word == ",":
            following = at + 1 + (sentence.word(at + 1) in ("and", "or"))
            if following == at + 1 or sentence.begins_order(following):
                return at
        elif word in ("and", "or"):
            if sentence.begins_order(at + 1) or sentence.begins_question(at + 1):
                return at
        elif at > start + (not sentence.says(start, at, words("conditions.event"))) and (
            _order_follows(sentence, at) or _name_follows(sentence, start, at)
        ):
            return at
    return len(tokens)


def _order_follows(sentence: Sentence, at: int) -> bool:
    """Whether an order begins at `at` right behind a condition, without a pause."""
    word = sentence.word(at)
    no = ("i", "you", "we", "is", "are", "it", "there", "be", "been", "has", "have", "not", "to")
    if not sentence.begins_order(at) or word in no:
        return False
    return word not in words("words.polite") or sentence.begins_order(at + 1)


def _name_follows(sentence: Sentence, start: int, at: int) -> bool:
    """ "when the door opens the hall light goes on": behind what happens a Thing, and how it shall be."""
    if sentence.word(at - 1) in words("conditions.ended"):
        return sentence.sets_state(at)
    placed = sentence.is_noun(at - 1) and sentence.word(at) in words("words.determiner")
    return placed and sentence.says(start, at, words("conditions.event")) and sentence.sets_state(at)
