"""What a sentence wants: an order, a question, a notice, a refusal to act, a cancel, or just talk; and asking back.

Does: recognise these by their opening words; word a question with its choices. Does not: keep questions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from coordinator import phrases
from coordinator.clauses import Clause
from coordinator.house import Facts
from coordinator.phrases import Token, contains, phrase_at, words

_STATES_ASKED = frozenset({"on", "off", "locked", "unlocked", "open", "closed", "shut", "armed", "running", "playing"})


@dataclass(frozen=True)
class Choice:
    """One answer: what is shown, and the whole command that it means."""

    label: str
    text: str


@dataclass(frozen=True)
class Question:
    """What to ask back. `kind` is "clarify"."""

    kind: str
    text: str
    choices: tuple[Choice, ...]


def trimmed(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """The clause without "please", "could you", "and", … at its ends."""
    start, end = 0, len(tokens)
    fillers = words("words.polite") - {
        "is",
        "are",
        "it",
        "do",
        "does",
        "did",
        "that",
        "there",
        "has",
        "have",
        "not",
        "am",
    }
    while start < end and (
        tokens[start].word in fillers
        or tokens[start].word in (",", "and", "then")
        or not tokens[start].word[0].isalnum()
    ):
        following = tokens[start + 1] if start + 1 < end else None
        if (
            tokens[start].word == "right"
            and following
            and (following.stem in phrases.kind_words() or following.word in ("one", "bedside", "hand"))
        ):
            break
        if tokens[start].word == "i" and start + 1 < end and tokens[start + 1].word == "am":
            break
        start += 1
    closing = fillers | {"do"} - {"back", "well", "again"}
    while end > start and (
        (
            tokens[end - 1].word
            in (
                "please",
                "thanks",
                "thank",
                "you",
                "now",
                "ok",
                "okay",
                "too",
                "also",
                "again",
                "pls",
                "then",
                "immediately",
            )
            and tokens[end - 1].word in closing | {"then"}
        )
        or not (tokens[end - 1].word[0].isalnum() or tokens[end - 1].word in "%°")
        or (tokens[end - 2].word == "," and tokens[end - 1].word in phrases.table()["asides"]["called"])
    ):
        end -= 1
    return tokens[start:end]


def without_reason(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """The order without "because …", "so that …", "… it is too bright", "… i have a headache"."""
    for at in range(1, len(tokens)):
        heard = [token.word for token in tokens[at : at + 3]]
        remark = at > 1 and heard[:2] in (["i", "am"], ["i", "have"], ["we", "are"], ["i", "feel"])
        if (
            heard[0] in words("words.reason")
            or (heard[0] == "so" and heard[1:2] in (["that"], ["i"], ["we"], ["it"]))
            or (at > 1 and heard in (["it", "is", "too"], ["it", "is", "so"], ["it", "is", "very"]))
            or (remark and tokens[0].word in words("verbs.plain"))
        ):
            return tokens[:at]
    return tokens


def is_question(clause: Clause, text: str) -> bool:
    """Whether a clause asks something ("is the …", "how warm …", "tell me what …"), rather than orders it."""
    said = trimmed(clause.words)
    if not said:
        return False
    first = said[0].word
    if first in words("verbs.tell") or first in ("check", "show", "see", "know", "find", "give", "read", "report"):
        rest = said[1:6]
        if first in ("read", "report", "check", "show") and not contains(rest, ["whether", "if"]):
            return contains(said, words("attributes.nouns") | frozenset({"status", "state"})) or first == "check"
        if first == "give":
            told = contains(said, words("attributes.nouns") | {"status", "report", "reading"})
            return told and said[1].word == "me" and not contains(said[2:4], ["some", "more", "a bit", "a little"])
        return any(token.word in words("words.question") for token in rest) or (
            first in words("verbs.tell")
            and any(token.word in words("attributes.nouns") | {"state", "status"} for token in said)
        )
    if first == "how" and len(said) > 1 and said[1].word == "about":
        return False
    if first in ("what", "how", "which", "where", "who", "whether"):
        return not (first == "what" and len(said) > 1 and said[1].word == "about")
    if first in ("is", "are", "was", "were", "does", "has", "did", "am", "have", "do"):
        return (
            len(said) > 1
            and not (first == "do" and said[1].word in ("not", *words("verbs.plain")))
            and not (first == "have" and "?" not in text)
        )
    return first in words("attributes.nouns") and text.rstrip().endswith("?")


def is_talk(said: tuple[Token, ...], full: tuple[Token, ...]) -> bool:
    """Whether a clause talks about the world or about people: "how do i …", "why …", "i like …", "are you …"."""
    first = [token.word for token in full if token.word[0].isalnum() and token.word not in ("please", "so", "hey")][:4]
    return (
        not said
        or any(first[: len(talk)] == talk for talk in _talk())
        or any(token.word in words("words.elsewhere") for token in full)
    )


@lru_cache(maxsize=1)
def _talk() -> tuple[list[str], ...]:
    return tuple(phrase.split() for phrase in words("words.talk"))


def asks_state(clause: Clause) -> bool:
    """ "tell me if the door is locked": a question about now, though it begins like a notice."""
    if len(clause.conditions) != 1 or clause.conditions[0].opener != "if":
        return False
    said = clause.conditions[0].tokens
    return bool(said) and any(token.word in ("is", "are") for token in said) and said[-1].word in _STATES_ASKED


def is_notice(clause: Clause) -> bool:
    """ "tell me when …", "let me know if …", "warn me …"."""
    said = trimmed(clause.words)
    full = clause.words
    return bool(clause.conditions) and (
        (bool(said) and said[0].word in words("verbs.tell"))
        or contains(full, words("verbs.noticed"))
    )


def is_refusal(clause: Clause) -> bool:
    """ "do not turn …", "never open …"."""
    said = [token.word for token in clause.words if token.word not in ("please", ",", "and", "just", "you")]
    return (
        said[:2] == ["do", "not"]
        or said[:1] == ["never"]
        or said[:3] == ["i", "do", "not"]
        or (said[:2] == ["can", "not"])
    )


def cancel_hint(tokens: tuple[Token, ...]) -> tuple[str, ...] | None:
    """The words that say what to call off (maybe none), or None if this is no cancel."""
    table = phrases.table()["cancel"]
    said = tuple(
        token
        for token in tokens
        if token.word[0].isalnum()
        and token.word not in ("please", "just", "ok", "okay", "no", "actually", "thanks", "hey", "sorry", "and", "now")
    )
    whole = " ".join(token.word for token in said)
    if whole in table["alone"]:
        return ()
    length = phrase_at(said, 0, table["opens"])
    if not length:
        return None
    opener = " ".join(token.word for token in said[:length])
    if opener in table["careful"] and not contains(said, table["nouns"]):
        return None
    if opener == "abort" or opener in table["opens"]:
        skip = (
            words("words.determiner")
            | frozenset(table["nouns"])
            | {"that", "about", "for", "to", "when", "if", "it", "of", "which", "with", "at", "me", "is", "are"}
        )
        return tuple(token.said for token in said[length:] if token.word not in skip)
    return None


def is_smalltalk(tokens: tuple[Token, ...]) -> bool:
    """A greeting, thanks, a lone yes."""
    return " ".join(token.word for token in tokens if token.word[0].isalnum()) in phrases.table()["smalltalk"]["alone"]


def which_one(candidates: tuple[Facts, ...], command: Callable[[str], str], named: bool = True) -> Question:
    """Ask which of the candidates is meant; `command(name)` is the whole command with that name in it."""
    titles = [fact.thing.title.lower() for fact in candidates]
    places = [(fact.thing.title.lower(), fact.room) for fact in candidates]
    choices = []
    for fact in candidates[:9]:
        label = fact.thing.title
        if titles.count(label.lower()) > 1 and fact.room:
            unique = places.count((label.lower(), fact.room)) == 1
            label = f"{label} in the {fact.thing.room}" if unique else fact.thing.segment
        choices.append(Choice(label, command(label)))
    labels = [choice.label for choice in choices]
    return Question("clarify", f"Which one do you mean: {', '.join(labels[:-1])} or {labels[-1]}?", tuple(choices))
