"""A sentence becomes clauses: one order, question or wish each, with the guard phrases that belong to it.

Does: put typing errors right, protect the names of Things ("Salt and Pepper lamp" is one name), take out
conditions ("when …") and times ("at 7:30"), split at "and", "then", ",", "but" where a new order begins.
Does not: decide which Things are meant (ground.py) or what a condition says (conditions.py)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from coordinator import phrases, times
from coordinator.house import House
from coordinator.lists import Entry
from coordinator.phrases import Token, contains, phrase_at, stem, words
from coordinator.times import Now, When

_STOPS = frozenset(".;!?")
_SUBJECTS = frozenset(
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
# Verbs with which an order may begin after a remark without a pause.
_STRONG = frozenset({"turn", "switch", "shut", "dim", "make", "set", "vacuum", "clean", "open", "close", "lock", "put"})


@dataclass(frozen=True)
class Mark:
    """A name of the house in the sentence: tokens [start, end). `kind`: title, room, floor or sort; `value`: Thing
    ids, the rooms, the floors it means, or the kinds that a brand or a name of several words stands for."""

    start: int
    end: int
    kind: str
    value: tuple[str, ...]


@dataclass(frozen=True)
class Condition:
    """ "when/if/… X": its opening word, the tokens of X, and where in the text it begins."""

    opener: str
    tokens: tuple[Token, ...]
    start: int = 0


@dataclass(frozen=True)
class Clause:
    """`words`: what is left of the clause; `joined`: how it hangs on the one before ("", and, then, stop);
    `comma`: whether a comma stood before it; `entry`: what it puts on a list."""

    words: tuple[Token, ...]
    conditions: tuple[Condition, ...] = ()
    whens: tuple[When, ...] = ()
    joined: str = ""
    comma: bool = False
    leading: bool = False
    entry: Entry | None = None

    @property
    def guarded(self) -> bool:
        return bool(self.conditions) or any(when.seconds is None for when in self.whens)


def marks(tokens: tuple[Token, ...], house: House) -> tuple[Mark, ...]:
    """Names of Things, rooms and floors, longest first, never overlapping, in the order of the sentence."""
    stems = [token.stem for token in tokens]
    found: list[Mark] = []
    for at, first in enumerate(stems):
        found += [
            Mark(at, at + len(name.stems), "title", name.ids)
            for name in house.titles.get(first, ())
            if tuple(stems[at : at + len(name.stems)]) == name.stems
            and (name.plural or not phrases.is_plural(tokens[at + len(name.stems) - 1].word))
        ]
    if any(token.word == "-" for token in tokens):
        for fact in house.facts:
            length = 2 * len(fact.thing.segment.split("-")) - 1
            found += [
                Mark(at, at + length, "title", (fact.id,))
                for at in range(len(tokens))
                if length > 1 and "".join(token.word for token in tokens[at : at + length]) == fact.thing.segment
            ]
    for at in range(len(tokens)):
        for length in (4, 3, 2, 1):
            if at + length > len(tokens) or not tokens[at].word[0].isalnum():
                continue
            said = " ".join(token.word for token in tokens[at : at + length])
            rooms = house.rooms_named(said) or house.rooms_named(said.removesuffix("'s"))
            following = tokens[at + length].word if at + length < len(tokens) else ""
            if rooms and following.isdigit() and rooms != (said,) and any(one.isdigit() for one in "".join(rooms)):
                continue
            if rooms and not (said in ("bed", "bath") and following in phrases.kind_words()):
                found.append(Mark(at, at + length, "room", rooms))
            elif said in _floor_words() or said in house.floors:
                found.append(Mark(at, at + length, "floor", (said,)))
            elif (kinds := phrases.sorts().get(tuple(stems[at : at + length]))) and _is_sort(tokens, at, length):
                found.append(Mark(at, at + length, "sort", kinds))
    places = [mark for mark in found if mark.kind != "title"]
    found = [
        mark
        for mark in found
        if mark.kind != "title"
        or not any(place.kind == "room" and place.start < mark.start < place.end < mark.end for place in places)
    ]
    found.sort(key=lambda mark: (mark.start - mark.end, mark.kind != "title", mark.start))
    taken: set[int] = set()
    kept = []
    for mark in found:
        span = set(range(mark.start, mark.end))
        if not span & taken:
            kept.append(mark)
            taken |= span
    return tuple(sorted(kept, key=lambda mark: mark.start))


def _is_sort(tokens: tuple[Token, ...], at: int, length: int) -> bool:
    """Whether a brand stands there as a Thing; one that is an ordinary word only after an article or "on", "off"."""
    word, following = tokens[at].word, tokens[at + length].word if at + length < len(tokens) else ""
    if length > 1 or word not in phrases.lexicon()["careful"]["words"]:
        return True
    if following == "of":
        return False
    before = tokens[at - 1].word if at else ""
    beside = stem(following) in phrases.kind_words()
    return beside or before in words("words.determiner") | {"on", "off", "mute", "pause"}


@lru_cache(maxsize=1)
def _floor_words() -> frozenset[str]:
    levels = phrases.table()["floors"]
    named = {f"{word} floor" for word in levels["levels"]} | {f"floor {word}" for word in levels["levels"]}
    return frozenset(named | set(levels["up"]) | set(levels["down"]) | set(levels["top"]))


class _Sentence:
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
        if word not in words("verbs.plain") or (at == first and self.word(at - 1) in _SUBJECTS):
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


def split(tokens: tuple[Token, ...], marks_: tuple[Mark, ...], house: House, now: Now) -> tuple[Clause, ...]:
    """The clauses of a command, in the order said, guards handed on to the clauses that share them."""
    sentence = _Sentence(tokens, marks_, house)
    conditions = _conditions(sentence)
    inside = {at for start, end, _ in conditions for at in range(start, end)}
    whens = [
        when
        for when in _times(tokens, inside, now)
        if not (set(range(when.start, when.end)) & (sentence.named | inside))
    ]
    taken = inside | {at for when in whens for at in range(when.start, when.end)}
    starts = {start: condition for start, _, condition in conditions}
    timed = {when.start: when for when in whens}
    clauses: list[Clause] = []
    content: list[int] = []
    held: dict[str, list] = {"conditions": [], "whens": []}
    joined, comma, leading = "", False, False

    def close(join: str, with_comma: bool = False) -> None:
        nonlocal joined, comma, leading
        if any(tokens[at].word not in (",", "and", "so") for at in content):
            clauses.append(
                Clause(
                    tuple(tokens[at] for at in content),
                    tuple(held["conditions"]),
                    tuple(held["whens"]),
                    joined,
                    comma,
                    leading,
                )
            )
            held["conditions"], held["whens"], leading = [], [], False
            joined, comma = join, with_comma
        else:
            joined = join if join != "and" or not joined else joined
        content.clear()

    at = 0
    while at < len(tokens):
        if at in starts or at in timed:
            if at in starts:
                held["conditions"].append(starts[at])
            else:
                held["whens"].append(timed[at])
            if not any(
                tokens[n].word not in words("words.polite") and tokens[n].word not in (",", "and") for n in content
            ):
                leading = True
                content.clear()
            at += 1
            continue
        if at in taken:
            at += 1
            continue
        join, length = _boundary(sentence, at, content, taken)
        if join:
            close("stop" if join == "stop" else "then" if join == "then" else "and", tokens[at].word == ",")
            at += length
            continue
        content.append(at)
        at += 1
    close("")
    if clauses and (held["conditions"] or held["whens"]):
        last = clauses[-1]
        clauses[-1] = replace(
            last, conditions=last.conditions + tuple(held["conditions"]), whens=last.whens + tuple(held["whens"])
        )
    elif held["conditions"] or held["whens"]:
        clauses.append(Clause((), tuple(held["conditions"]), tuple(held["whens"])))
    return _shared(clauses)


def _times(tokens: tuple[Token, ...], inside: set[int], now: Now) -> list[When]:
    """Time phrases outside of conditions; each stretch between conditions is looked at by itself."""
    found: list[When] = []
    start = 0
    for at in range(len(tokens) + 1):
        if at == len(tokens) or at in inside:
            found += [
                replace(when, start=when.start + start, end=when.end + start)
                for when in times.find(tokens[start:at], now)
            ]
            start = at + 1
    return found


def _conditions(sentence: _Sentence) -> list[tuple[int, int, Condition]]:
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


def _condition_end(sentence: _Sentence, start: int) -> int:
    tokens = sentence.tokens
    for at in range(start, len(tokens)):
        word = sentence.word(at)
        if word in _STOPS or word in ("then", "but"):
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


def _boundary(sentence: _Sentence, at: int, content: list[int], taken: set[int]) -> tuple[str, int]:
    """How a clause ends at `at`: ("", 0) if it does not, else (stop | then | and, tokens to leave out)."""
    tokens, word = sentence.tokens, sentence.word(at)
    if word in _STOPS:
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
    if first >= len(tokens) or sentence.word(first) in _STOPS or sentence.word(first) in words("words.then"):
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


def _follows(sentence: _Sentence, at: int, content: list[int]) -> bool:
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


def _runs_on(sentence: _Sentence, at: int, content: list[int]) -> bool:
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
        and last not in _SUBJECTS | words("words.polite") | words("words.preposition") | words("verbs.plain")
        and not any(word in words("verbs.plain") and word not in words("verbs.shy") for word in said)
    ) or (said[:2] in (["good", "night"], ["good", "morning"]) and len(said) == 2)


def _is_named_value(sentence: _Sentence, right: set[int]) -> bool:
    """ "the red and blue lamps": a colour that stands before a noun is part of the name."""
    order = sorted(right)
    return (
        bool(order)
        and sentence.is_noun(order[-1])
        and "colour" in phrases.senses().get(sentence.tokens[order[0]].word, ())
        and not any(sentence.tokens[n].word in ("to",) for n in right)
    )


def _stretch(sentence: _Sentence, start: int, taken: set[int]) -> set[int]:
    found = set()
    for at in range(start, len(sentence.tokens)):
        word = sentence.word(at)
        if at in taken or word in _STOPS or word in words("words.join") or word in (",", "then", "but"):
            break
        found.add(at)
    return found


def _numbers_meet(sentence: _Sentence, at: int) -> bool:
    return (
        bool(times.number(sentence.tokens, at - 1))
        and bool(times.number(sentence.tokens, at + 1))
        and (sentence.word(at - 1) in ("hundred", "one", "two", "three"))
    )


def _has_value(sentence: _Sentence, places: set[int]) -> bool:
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


def _shared(clauses: list[Clause]) -> tuple[Clause, ...]:
    """A guard that opens a sentence holds for the clauses joined after it; one that ends it, for those before."""
    done = list(clauses)
    for at in range(1, len(done)):
        before, clause = done[at - 1], done[at]
        if clause.joined in ("and", "then") and before.guarded and before.leading and not clause.guarded:
            done[at] = replace(
                clause,
                conditions=before.conditions,
                leading=True,
                whens=clause.whens + tuple(when for when in before.whens if when.seconds is None),
            )
    for at in range(len(done) - 1, 0, -1):
        clause, before = done[at], done[at - 1]
        refers = any(token.word in words("words.it") | words("words.them") for token in clause.words)
        if (
            clause.joined == "and"
            and not clause.comma
            and clause.guarded
            and not clause.leading
            and not refers
            and not before.guarded
            and not before.whens
            and not _asks(before)
            and not _says_now(before)
            and not contains(clause.words[:2], words("verbs.tell"))
        ):
            done[at - 1] = replace(
                before, conditions=clause.conditions, whens=tuple(when for when in clause.whens if when.seconds is None)
            )
    return tuple(done)


def _asks(clause: Clause) -> bool:
    return bool(clause.words) and clause.words[0].word in words("words.question")


def _says_now(clause: Clause) -> bool:
    return any(token.word in ("now", "immediately") for token in clause.words)
