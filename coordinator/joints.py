"""Where one clause ends and the next begins: at "and", "then", ",", "but", or at an order without a pause."""

from __future__ import annotations

from coordinator import phrases, times
from coordinator.phrases import words
from coordinator.sentence import STOPS, SUBJECTS, Sentence

# Verbs with which an order may begin after a remark without a pause.
_STRONG = frozenset({"turn", "switch", "shut", "dim", "make", "set", "vacuum", "clean", "open", "close", "lock", "put"})


def boundary(sentence: Sentence, at: int, content: list[int], taken: set[int]) -> tuple[str, int]:
    """How a clause ends at `at`: ("", 0) if it does not, else (stop | then | and, tokens to leave out)."""
    tokens, word = sentence.tokens, sentence.word(at)
    if word in STOPS:
        return "stop", 1
    if word == "after" and sentence.word(at + 1) == "that":
        return "then", 2
    if word in words("words.then") and (word == "then" or sentence.begins_order(at + 1)):
        return "then", 1
    if word == "-" and at > 0 and sentence.begins_order(at + 1):
        return "and", 1
    if word in words("words.opposite"):
        if word == "but" and (
            sentence.word(at + 1) == "not"
            or (content and tokens[content[-1]].word in words("words.all"))
            or not (sentence.begins_order(at + 1) or sentence.begins_question(at + 1))
        ):
            return ("", 0)
        return ("and", 1) if word != "also" or sentence.begins_order(at + 1) else ("", 0)
    if word not in words("words.join") and word != ",":
        if (
            content
            and sentence.begins_order(at)
            and (at - 1 in taken or _runs_on(sentence, at, content) or _follows(sentence, at, content))
        ):
            return "and", 0
        return "", 0
    if word in ("or", "nor"):
        return "", 0
    first = at + 1
    while first < len(tokens) and sentence.word(first) in ("and", ",", "also"):
        first += 1
    length = first - at
    if first >= len(tokens) or sentence.word(first) in STOPS or sentence.word(first) in words("words.then"):
        return "and", length
    if sentence.begins_order(first) or sentence.begins_question(first):
        return "and", length
    if first in taken:
        while first in taken or sentence.word(first) == ",":
            first += 1
        return ("and", length) if sentence.begins_order(first) else ("", 0)
    right = _stretch(sentence, first, taken)
    left = set(content)
    if not left:
        return "and", length
    if _numbers_meet(sentence, at):
        return "", 0
    if (_has_value(sentence, left) and _has_value(sentence, right)) and not (_is_named_value(sentence, right)):
        return "and", length
    if not right or any(sentence.is_noun(n) for n in right) or tokens[first].word in words("words.determiner"):
        return "", 0
    known = words("words.all") | words("words.except") | words("words.other") | words("words.it") | words("words.them")
    if tokens[first].word in known or tokens[first].word in words("attributes.nouns"):
        return "", 0
    return ("and", length) if word != "," or len(right) > 1 else ("", 0)


def _follows(sentence: Sentence, at: int, content: list[int]) -> bool:
    """ "turn off the hall light close the blinds": an order right behind the name that ends the one before."""
    first = next((sentence.word(n) for n in content if sentence.word(n) not in words("words.polite")), "")
    word, following = sentence.word(at), sentence.word(at + 1)
    named = sentence.is_noun(at + 1) or following in words("words.determiner") or following in words("words.all")
    return (
        first in words("verbs.plain")
        and content[-1] == at - 1
        and at - 1 in sentence.named
        and (named or (following in ("on", "off", "up", "down") and at + 2 < len(sentence.tokens)))
        and word not in ("light", "fan", "lock", "alarm", "heat", "vacuum", "power", "color", "colour", "water")
    ) or (first in words("verbs.plain") and at - 1 in sentence.protected and at + 1 in sentence.protected)


def _runs_on(sentence: Sentence, at: int, content: list[int]) -> bool:
    """ "i am leaving turn off the lights": an order after a remark, without a pause."""
    said = [sentence.word(n) for n in content]
    remark = said[0] in ("i", "we", "it", "my", "the") or said[:2] in (["good", "night"], ["good", "morning"])
    last, following = said[-1], sentence.word(at + 1)
    strong = sentence.word(at) in _STRONG or following in words("words.it")
    return (
        remark
        and strong
        and len(said) > 1
        and last not in ("always", "often", "usually", "sometimes", "just", "never", "ever")
        and last not in SUBJECTS | words("words.polite") | words("words.preposition") | words("verbs.plain")
        and not any(word in words("verbs.plain") and word not in words("verbs.shy") for word in said)
    ) or (said[:2] in (["good", "night"], ["good", "morning"]) and len(said) == 2)


def _is_named_value(sentence: Sentence, right: set[int]) -> bool:
    """ "the red and blue lamps": a colour that stands before a noun is part of the name."""
    order = sorted(right)
    return (
        bool(order)
        and sentence.is_noun(order[-1])
        and "colour" in phrases.senses().get(sentence.tokens[order[0]].word, ())
        and not any(sentence.tokens[n].word in ("to",) for n in right)
    )


def _stretch(sentence: Sentence, start: int, taken: set[int]) -> set[int]:
    found = set()
    for at in range(start, len(sentence.tokens)):
        word = sentence.word(at)
        if at in taken or word in STOPS or word in words("words.join") or word in (",", "then", "but"):
            break
        found.add(at)
    return found


def _numbers_meet(sentence: Sentence, at: int) -> bool:
    return (
        bool(times.number(sentence.tokens, at - 1))
        and bool(times.number(sentence.tokens, at + 1))
        and (sentence.word(at - 1) in ("hundred", "one", "two", "three"))
    )


def _has_value(sentence: Sentence, places: set[int]) -> bool:
    """Whether a state or a value stands among these places: "off", "to 30", "red"."""
    for at in places - sentence.named:
        word = sentence.tokens[at].word
        if (
            word == "on"
            and sentence.is_noun(at + 1 + (sentence.word(at + 1) in words("words.determiner")))
            and (at - 1 in places and sentence.word(at - 1) not in words("verbs.plain"))
        ):
            continue
        if (
            word in words("verbs.states")
            or word[0].isdigit()
            or word == "%"
            or (times.number(sentence.tokens, at) and word not in ("a", "an", "one"))
            or ("colour" in phrases.senses().get(word, ()) and word not in ("colour", "color", "hue"))
        ):
            return True
    return False
