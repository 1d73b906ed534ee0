"""How the rules read a sentence for one Thing: which options its clauses mean, with which values, and how sure that is.

Rules: a sentence is parted into clauses where each part says something by itself, and a part that lacks its verb or its
value takes it from its neighbour. Each option is weighed for a clause: what its words explain of the clause, how much of
its own name is said, what the values fit. SURE: the words leave no doubt, the answer is theirs. SOME: several could be
meant, the language model decides among them. NONE: no word leads to anything here. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from device_agent import binding, features, wording
from device_agent.binding import Bound, bind
from device_agent.clause import Clause, clause_of, mended
from device_agent.features import Index, index_of, senses, stem
from device_agent.options import bare_words
from models.language.prompt import Option, name_words, with_name_taken

NONE, SOME, SURE = 0, 1, 2
# What a clause must be explained to for no doubt, by the words alone and where names stand beside values; how far the
# next option must stay behind; the least that leads anywhere.
WHOLE, BESIDE, MARGIN, LEAST = 0.6, 0.3, 0.12, 0.25
# The least total of what is meant, and of what could be.
CALLED, FAINT = 0.6, 0.15
# What an option comes to that is contradicted.
DENIED = -1.0
# How near the best an option must come for the model to choose it.
NEAR = 0.7
PARTS_MAX = 8
# How much more than others the word after "how" counts, and a word such as "level".
ASKED, GENERIC = 2.5, 0.4
# How much a word counts that nobody knows, after "in the"; and the verb that a clause begins with.
PLACE, VERB = 0.15, 2.0


@dataclass(frozen=True)
class Match:
    """An option weighed for a clause. `explained`: 0 to 1 of the clause's words; `share`: of the option's name that is
    said; `total`: the higher the likelier."""

    option: int
    bound: Bound
    explained: float
    share: float
    total: float


@dataclass(frozen=True)
class Part:
    """What one clause comes to: `matches` best first, the best of which is meant if `strength` is SURE; `name`: the stems
    of its option's name."""

    clause: Clause
    strength: int
    matches: tuple[Match, ...]
    name: tuple[str, ...] = ()

    @property
    def best(self) -> Match:
        return self.matches[0]

    @property
    def says_else(self) -> bool:
        """Whether words that count are neither the name nor a value of what is meant."""
        known = self.best.bound.used | self.best.bound.named
        return any(at not in known and self.clause.stems[at] not in self.name for at in self.clause.content)


@dataclass(frozen=True)
class Reading:
    """`strength` of the whole; `parts` in the order said; `near`: the options that the model may choose from."""

    strength: int
    parts: tuple[Part, ...] = ()
    near: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True, eq=False)
class View:
    """A Thing as clauses are read for it: its options with the index of their words; words that name it; words such as
    "unlock" that lead to nothing here."""

    index: Index
    context: frozenset[str]
    strange: frozenset[str]

    @property
    def options(self) -> tuple[Option, ...]:
        return self.index.options


@lru_cache(maxsize=256)
def view_of(options: tuple[Option, ...], *names: str) -> View:
    """`names`: title, kinds, room of the Thing, whose words are no news in its sentences."""
    words = {stem(word) for name in names for word in name_words(name)}
    index = index_of(options)
    alike = {phrase[0] for phrase, rows in senses().items() if len(phrase) == 1 and any(
        rows & senses().get((word,), frozenset()) for word in words if word in _KINDS)}
    return View(index, frozenset((words | (alike & _KINDS)) - index.words), wording.strange_to(index.spoken))


_KINDS = frozenset(stem(word) for word in (
    "lamp", "light", "lights", "bulb", "blind", "curtain", "shutter", "shade", "speaker", "fan", "heater", "radiator",
    "thermostat", "lock", "door", "camera", "pump", "valve", "motor", "robot", "display", "screen", "oven", "socket", "plug",
    "outlet", "vacuum", "cover", "led", "lighting"))


@lru_cache(maxsize=256)
def _names_in(view: View) -> tuple[tuple[str, ...], ...]:
    """The words of every name of a Thing that has several."""
    names = {tuple(name_words(name)) for option in view.options
             for name in (option.label, option.title, *(slot.name for slot in option.slots))}
    return tuple(sorted((name for name in names if len(name) > 1), key=len, reverse=True))


def prepared(text: str, title: str, view: View) -> str:
    """A sentence as `read` wants it: the Thing's name taken out, unless it is part of a name within ("fridge
    temperature"); names with a "not" as one word; slips mended."""
    taken = set(name_words(title))
    for name in _names_in(view):
        pattern = r"[\s_-]+".join(map(re.escape, name))
        if taken & set(name) and re.search(rf"(?i)\b{pattern}\b", text):
            title = ""
        if not set(name).isdisjoint(wording.table()["mood"]["not"]):
            text = re.sub(rf"(?i)\b{pattern}\b", "".join(name), text)
    return mended(with_name_taken(text, title), view.index.spoken | {"".join(name) for name in _names_in(view)})


def read(sentence: str, view: View) -> Reading:
    """`sentence`: as `prepared` makes it."""
    parts = _parts(sentence, view)
    strength = min((part.strength for part in parts), default=NONE)
    if strength < SURE and not view.strange.isdisjoint(clause_of(sentence).words):
        return Reading(NONE, tuple(parts))
    near = frozenset(match.option for part in parts for match in part.matches if _is_near(match, part))
    return Reading(strength, tuple(parts), near)


def _is_near(match: Match, part: Part) -> bool:
    """Whether the model may choose an option: those that come near the best; all that may be, where the best is faint."""
    if match is part.best or part.best.total < CALLED:
        return match is part.best or match.total > DENIED
    return match.total >= part.best.total - NEAR and bool(
        match.explained >= LEAST / 2 or match.bound.given or match.bound.evidence)


# Clauses

_CUT = re.compile(r"(?i)\s*(?:[;.!?]+\s+|,?\s*\b(?:and then|and also|and after that|after that|as well as|afterwards|followed by|"
                  r"and|then|plus|but also|while|also)\b\s+|,\s+)")


def _parts(sentence: str, view: View) -> list[Part]:
    whole = _part(sentence, view)
    pieces = _pieces(sentence, view)
    if len(pieces) < 2:
        return [whole]
    if whole.strength == SURE and _is_one_text(whole, view):
        return [whole]
    parts = _read_pieces(pieces, view)
    if all(part.strength == SURE for part in parts):
        return parts
    if whole.strength == SURE:
        return [whole]
    return parts if min(part.strength for part in parts) >= whole.strength else [whole]


def _is_one_text(whole: Part, view: View) -> bool:
    """Whether all that a sentence of several clauses says is a text: "say dinner is ready, and hurry"."""
    option, bound = view.options[whole.best.option], whole.best.bound
    texts = any(slot.type == "text" and value.kind == "text"
                for slot, value in zip(option.slots, bound.values, strict=True))
    return texts and not whole.clause.quotes and not _says_more(whole.clause, bound, view)


def _says_more(clause: Clause, bound: Bound, view: View) -> bool:
    """Whether another order follows "and" in what was taken for a text."""
    for found in _CUT.finditer(clause.text):
        rest = clause.text[found.end():]
        first = wording.first_word(rest)
        if first in wording.table()["mood"]["orders"] and _part(rest, view).strength == SURE:
            return True
    return False


def _pieces(sentence: str, view: View) -> list[str]:
    """The sentence cut wherever it may be cut: not within quotes, numbers and names."""
    if zipped := _zipped(sentence, view):
        return zipped
    clause = clause_of(sentence)
    whole = [(start, end) for start, end, _ in clause.quotes] + [(one.start, one.end) for one in clause.numbers]
    for option in view.options:
        for place in range(len(option.slots)):
            for phrase in binding.names_of(option, place):
                if "and" in phrase or "," in phrase:
                    whole += [(clause.found[at][1], clause.found[at + len(phrase) - 1][2]) for at in clause.places(phrase)]
    cuts = [found.span() for found in _CUT.finditer(sentence)
            if not any(start < found.end() and found.start() < end for start, end in whole)]
    begins, ends = [0, *(end for _, end in cuts)], [*(start for start, _ in cuts), len(sentence)]
    pieces = [sentence[begin:end].strip(" ,;") for begin, end in zip(begins, ends, strict=True)]
    pieces = _without_empty([piece for piece in pieces if any(letter.isalnum() for letter in piece)], view)
    pieces = _with_bare_numbers(pieces)
    pieces = [cut for piece in pieces for cut in _between_pairs(piece, view)]
    return pieces if len(pieces) <= PARTS_MAX else [sentence]


def _without_empty(pieces: list[str], view: View) -> list[str]:
    """Pieces that say nothing by themselves ("for this device") go, unless nothing else is left."""
    said = [piece for piece in pieces if not _is_empty(clause_of(piece), view)]
    return said or pieces


def _zipped(sentence: str, view: View) -> list[str]:
    """ "set the fan and the pump to 5 and 60": one piece for each name; nothing if names and numbers do not pair."""
    clause = clause_of(sentence)
    count = len(clause.numbers)
    if count < 2:
        return []
    between = [sentence[some.end:other.start].strip(" ,").lower() for some, other in itertools.pairwise(clause.numbers)]
    begin = clause.place_at(clause.numbers[0].start)
    if any(word not in ("", "and") for word in between) or clause.before(begin) not in ("to", "at", "of", "="):
        return []
    spans = sorted({(at, at + len(phrase)) for option in view.options if option.verb != "get"
                    for place in range(len(option.slots)) for phrase in binding.names_of(option, place)
                    for at in clause.places(phrase) if at + len(phrase) <= begin})
    spans = [one for one in spans if not any(
        other != one and other[0] <= one[0] and one[1] <= other[1] for other in spans)]
    if len(spans) != count:
        return []
    return [f"set {clause.text[clause.found[start][1]:clause.found[end - 1][2]]} to {number.said}"
            for (start, end), number in zip(spans, clause.numbers, strict=True)]


def _with_bare_numbers(pieces: list[str]) -> list[str]:
    """ "go to 12, 8" is one piece."""
    joined: list[str] = []
    for piece in pieces:
        clause = clause_of(piece)
        if joined and all(at in clause.of_number for at in range(len(clause.words))):
            joined[-1] = f"{joined[-1]}, {piece}"
        else:
            joined.append(piece)
    return joined


def _is_empty(clause: Clause, view: View) -> bool:
    content = [at for at in _content(clause, view.index) if clause.stems[at] not in view.context]
    return not (content or clause.numbers or clause.quotes or wording.switched(clause.text) or binding.says_more(clause)
                or wording.extreme(clause.text) or wording.said_poles(clause.text)
                or any(stem_ in view.index.names for stem_ in clause.stems))


def _between_pairs(piece: str, view: View) -> list[str]:
    """ "torque 12 grip 7": cut where a name follows that has a number of its own, and nothing parts them."""
    clause = clause_of(piece)
    if len(clause.numbers) < 2:
        return [piece]
    names: dict[int, tuple[int, set[tuple[int, int]]]] = {}
    for number, option in enumerate(view.options):
        if option.verb == "get":
            continue
        for place in range(len(option.slots)):
            for phrase in binding.names_of(option, place):
                for at in clause.places(phrase):
                    end, owners = names.get(at, (0, set()))
                    if at + len(phrase) > end:
                        end, owners = at + len(phrase), set()
                    if at + len(phrase) == end:
                        owners.add((number, place))
                    names[at] = (end, owners)
    order = sorted(names)
    if len(order) < 2 or len(order) != len(clause.numbers):
        return [piece]
    numbers = [clause.place_at(number.start) for number in clause.numbers]
    one_option = set.intersection(*({number for number, _ in names[at][1]} for at in order))
    if one_option:
        return [piece]
    if all(name < number for name, number in zip(order, numbers, strict=True)) and all(
            number < name for number, name in zip(numbers, order[1:], strict=False)):
        cuts = [clause.found[at][1] for at in order[1:]]
    elif all(number < name for number, name in zip(numbers, order, strict=True)):
        cuts = [clause.found[at][1] for at in numbers[1:]]
    else:
        return [piece]
    return [piece[begin:end].strip() for begin, end in zip([0, *cuts], [*cuts, len(piece)], strict=True)]


def _read_pieces(pieces: list[str], view: View) -> list[Part]:
    """Each piece read by itself, or with what it lacks from its neighbours, or joined to the one before."""
    parts: list[Part] = []
    at = 0
    while at < len(pieces):
        part = _part(pieces[at], view)
        if parts and _only_reads(part, view) and not _only_reads(parts[-1], view):
            part = replace(part, strength=SOME)  # "turn off the light and the pump"
        if parts and part.matches and part.best.share == 0 and not part.best.bound.beside and (
                joined := _part(f"{parts[-1].clause.text}, {pieces[at]}", view)).strength == SURE \
                and joined.best.option == parts[-1].best.option and not joined.best.bound.unused \
                and joined.best.bound.given > parts[-1].best.bound.given:
            parts[-1] = joined  # "brew a coffee, 200 ml"
            at += 1
            continue
        lead = _lead(parts[-1], view) if parts else ""
        lacks = not part.clause.numbers and not (part.matches and part.best.bound.given)
        tail = _tail(pieces[at + 1], view) if lacks and at + 1 < len(pieces) else ""
        if part.strength < SURE or (lacks and part.best.bound.missing):
            tried = [_part(text, view) for text in _completed(pieces[at], lead, tail)]
            part = max([part, *tried], key=lambda one: (one.strength, one.strength == SURE and one.best.total))
        if part.strength < SURE and parts and (joined := _part(
                f"{parts[-1].clause.text}, {pieces[at]}", view)).strength == SURE \
                and joined.best.bound.given > parts[-1].best.bound.given:
            parts[-1] = joined
            at += 1
            continue
        if part.strength < SURE and at + 1 < len(pieces) and (joined := _part(
                f"{pieces[at]} and {pieces[at + 1]}", view)).strength == SURE \
                and _part(pieces[at + 1], view).strength < SURE:
            parts.append(joined)
            at += 2
            continue
        parts.append(part)
        at += 1
    said = [part for part in parts if not _is_talk(part)]
    return said or parts


def _only_reads(part: Part, view: View) -> bool:
    """Whether what a clause means is a read, without being a question."""
    return bool(part.matches) and view.options[part.best.option].verb == "get" and wording.mood(
        part.clause.text) != wording.ASK


def _completed(piece: str, lead: str, tail: str) -> list[str]:
    texts = []
    if lead:
        texts.append(f"{lead} {piece}")
    if tail:
        texts.append(f"{piece} {tail}")
    if lead and tail:
        texts.append(f"{lead} {piece} {tail}")
    return texts


def _lead(part: Part, view: View) -> str:
    """What stands before the name in a clause: "turn off", "increase"."""
    clause = part.clause
    names = sorted(part.best.bound.named) if part.matches else []
    stop = names[0] if names else next((at for at, word in enumerate(clause.words) if word in ("the", "it")), 0)
    while stop > 0 and clause.words[stop - 1] in ("the", "its", "a", "my"):
        stop -= 1
    return clause.text[:clause.found[stop][1]].strip() if 0 < stop < len(clause.found) else ""


def _tail(piece: str, view: View) -> str:
    """What is said about the name in the next clause: "to 12", "off"."""
    part = _part(piece, view)
    if not part.matches or not part.best.bound.named:
        return ""
    end = max(part.best.bound.named) + 1
    return part.clause.text[part.clause.found[end][1]:].strip() if end < len(part.clause.found) else ""


def _is_talk(part: Part) -> bool:
    """Whether a clause orders nothing: "it's freezing", "so I can read", "thanks"."""
    words = [word for word in part.clause.words if word[0].isalnum()]
    rules = wording.table()["talk"]
    if not words or all(word in rules["empty"] for word in words):
        return True
    return (part.strength < SURE and words[0] in rules["begins"] and not part.clause.numbers
            and wording.mood(part.clause.text) == "")


# One clause


@lru_cache(maxsize=512)
def _part(text: str, view: View) -> Part:
    part = _read_part(_plainly(text), view)
    option = view.options[part.best.option] if part.matches else None
    if option is None or (option.verb == "get" and wording.mood(text) == wording.ASK) or part.clause.numbers or not any(
            slot.type == "number" for one in view.options for slot in one.slots):
        return part
    for other in _as_numbers(part.clause):
        again = _read_part(other, view)
        if again.strength == SURE and not again.best.bound.unused and again.best.bound.given > part.best.bound.given:
            return again
    return part


def _read_part(text: str, view: View) -> Part:
    clause = clause_of(text)
    matches = tuple(sorted(weigh(clause, view), key=lambda match: (-match.total, match.option)))
    name = binding.label_stems(view.options[matches[0].option]) if matches else ()
    return Part(clause, _strength(clause, matches, view), matches, name)


def _as_numbers(clause: Clause) -> list[str]:
    """The clause with an ordinal, or with a word that sounds like a number, as a number: where one is wanted."""
    rules, texts = wording.table()["talk"], []
    for at in reversed(range(len(clause.words))):
        word, (_, start, end) = clause.words[at], clause.found[at]
        said = str(rules["ordinals"].index(word) + 1) if word in rules["ordinals"] else ""
        if word[0].isdecimal() and word.rstrip("stndrh").isdecimal() and word[-2:] in ("st", "nd", "rd", "th"):
            said = word[:-2]
        after = clause.words[at + 1] if at + 1 < len(clause.words) else ""
        last = not after or not after[0].isalpha() or after in ("please", "percent", "degrees", "minutes", "seconds")
        if word == "one" or (word in ("a", "an") and at + 1 < len(clause.words)
                             and clause.words[at + 1] in wording.table()["talk"]["measures"]):
            said = "1"
        if word in rules["homophones"] and last and at > 0:
            said = rules["homophones"][word]
        if said:
            texts.append(f"{clause.text[:start]}{said}{clause.text[end:]}")
    return texts


def _unled(text: str) -> str:
    """Without the ways to begin an order: "may I ask you to open it" -> "open it"."""
    rules, polite = wording.table()["talk"], wording.table()["mood"]["polite"]
    while True:
        low = text.lower().lstrip(" ,.")
        text = text[len(text) - len(low):]
        for lead in (*rules["leads"], *polite):
            if low.startswith(lead) and low[len(lead):len(lead) + 1] in (" ", ","):
                text = text[len(lead):].lstrip(" ,")
                break
        else:
            break
    low = text.lower()
    for lead in rules["states"]:
        if low.startswith(f"{lead} "):
            return f"make {text[len(lead):].lstrip()}"
    return text


_SWITCHING = re.compile(r"(?i)^\W*(?:shut|power|boot|fire)\s+(?P<what>(?:it|the [\w-]+)\s+)?(?P<way>down|up)\b")


def _plainly(text: str) -> str:
    """A complaint as the order that it means: "it's too dark" -> "make it brighter"."""
    rules = wording.table()["talk"]
    text = _unled(text)
    words = wording.words_of(text)
    if switching := _SWITCHING.search(text):
        side = "off" if switching["way"].lower() == "down" else "on"
        return f"{text[:switching.start()]}turn {switching['what'] or ''}{side}{text[switching.end():]}"
    if not words or wording.mood(text) == wording.ASK or "?" in words or words[0] in wording.table()["mood"]["orders"]:
        return text
    for at, word in enumerate(words):
        opposite = rules["too"].get(word)
        if opposite and ("too" in words[:at] or (words[0] in rules["begins"] and at < 4)):
            return f"make it {opposite}"
        if at and word == "enough" and words[at - 1] in rules["too"] and {"not", "isn't"} & set(words[:at]):
            return f"make it {rules['enough'][words[at - 1]]}"
    return text


def weigh(clause: Clause, view: View) -> list[Match]:
    """Every option of a Thing, weighed for a clause."""
    index = view.index
    worth, rarity = index.explained(clause.stems)
    content = _content(clause, index) | _split_phrases(clause, index, worth)
    content = [at for at in sorted(content) if clause.stems[at] not in view.context]
    for at, word in enumerate(clause.words):
        if word in _generic():
            rarity[at] *= GENERIC
        if not worth[at].any() and (_is_place(clause, at) or (clause.before(at) == "of" and at - 2 in clause.of_number)):
            rarity[at] *= PLACE
        if clause.before(at) == "how" and word not in ("much", "many", "about"):
            rarity[at] *= ASKED
    first = next((at for at in content if at not in clause.of_number), None)
    if first is not None and first < 2 and worth[first].any() and clause.words[first] not in _any_verb() and (
            first + 1 < len(clause.words) and clause.words[first + 1] in _OBJECTS):
        rarity[first] *= VERB
    mood = wording.mood(clause.text)
    matches = [_weighed(clause, number, option, index, worth[:, number], rarity, content, mood)
               for number, option in enumerate(index.options)]
    return [replace(match, total=match.total - _outdone(match, matches, clause, view)) for match in matches]


def _outdone(match: Match, matches: Sequence[Match], clause: Clause, view: View) -> float:
    """What an option loses to an action that is called by what it took for a value: "open", "play the next track"."""
    option = view.options[match.option]
    texts = not clause.quotes and any(slot.type == "text" and value.kind == "text" and value.text
                                      for slot, value in zip(option.slots, match.bound.values, strict=True)) if (
        match.bound.given) else False
    if not texts and match.bound.evidence != binding.OPENED:
        return 0.0
    for other in matches:
        rival = view.options[other.option]
        if rival.verb == "do" and not rival.slots and (
                (texts and other.share == 1 and other.explained >= WHOLE and other.option != match.option)
                or (not texts and other.bound.evidence >= 0.35 and other.total > 0)):
            return 0.6
    return 0.0


def _content(clause: Clause, index: Index) -> set[int]:
    """Places of the words that count: all but those that say nothing, unless they are in a name of the Thing."""
    plain = set(clause.content)
    return {at for at, word in enumerate(clause.words)
            if at in plain or (word[0].isalpha() and at not in clause.of_number and word not in _hard()
                               and clause.stems[at] in index.names)}


_PARTICLES = frozenset(("out", "up", "down", "in", "back", "away", "over", "on", "off", "go", "aloud", "together"))


def _split_phrases(clause: Clause, index: Index, worth: np.ndarray) -> set[int]:
    """Places of words that say nothing alone, but in a phrase that some option knows: "let go", "take the paper out"."""
    found: set[int] = set()
    for at, word in enumerate(clause.stems):
        for after in range(at + 1, min(at + 5, len(clause.stems))):
            if after > at + 1 and clause.words[after] not in _PARTICLES:
                continue
            phrase = (word, clause.stems[after])
            if phrase in senses() and (after == at + 1 or clause.words[after] in _PARTICLES):
                known = index.worth(phrase)
                if known.any():
                    np.maximum(worth[at], known, out=worth[at])
                    np.maximum(worth[after], known, out=worth[after])
                    found |= {at, after}
    return found


@lru_cache(maxsize=1)
def _hard() -> frozenset[str]:
    return frozenset(wording.table()["find"]["hard"])


def _weighed(
    clause: Clause, number: int, option: Option, index: Index, worth: np.ndarray, rarity: np.ndarray,
    content: Sequence[int], mood: str,
) -> Match:
    bound = bind(clause, option) if option.verb != "get" else _named_only(clause, option)
    evidence, used = bound.evidence, set(bound.used)
    if option.verb == "do" and not option.slots:
        evidence, more = _side(clause, option)
        used |= more
    own = set(bound.named)
    # What was given counts as explained; a verb that leads anywhere counts only where it is known.
    verbs = [at for at in content if at not in used and at not in own and clause.words[at] in _any_verb()]
    left = [at for at in content if at not in used and at not in verbs]
    known_verb = max((worth[at] for at in verbs), default=0.0)
    if known_verb >= 0.6 and not left:
        left, known_verb = verbs, 0.0
    weight = sum(rarity[at] for at in left)
    explained = sum(rarity[at] * (1.0 if at in own else worth[at]) for at in left) / weight if weight else 0.0
    share = _share(clause, option)
    if not left:
        explained = 1.0 if evidence > 0.15 or share == 1 else 0.3
    elif evidence >= 0.8 and (given := sum(rarity[at] for at in bound.used)):
        explained = (explained * weight + given) / (weight + given)
    if option.verb == "get" and mood == wording.ASK and own and all(at in own or worth[at] >= 0.4 for at in left):
        explained = max(explained, WHOLE)  # "is it switched on" of "active"
    if option.verb == "do" and not option.slots and evidence:
        if share == 1 and all(clause.stems[at] in index.words for at in left):
            explained = max(explained, WHOLE)  # "stop mixing"
        if all(worth[at] >= 0.6 for at in left):
            explained = 1.0
    total = explained + 0.15 * known_verb + 0.5 * share + 0.35 * evidence + 0.25 * bound.beside
    lost = sum(clause.stems[at] in index.choices and worth[at] < 0.3 for at in left if at not in own)
    total -= 0.3 * lost
    bound = replace(bound, unused=tuple(one for one in bound.unused if not _is_of_place(clause, one)))
    total -= (0.03 if bound.beside else 0.5) * len(bound.missing) + 0.8 * sum(wording.counts(clause.text, clause.numbers[one]) or option.verb != "get"
                                                  for one in bound.unused)
    if mood == wording.ASK and option.verb != "get":
        total -= 0.1 if wording.looks(option.name) else 1.5
    elif mood == wording.TELL and option.verb == "get":
        total -= 1.5
    elif option.verb == "get" and mood != wording.ASK and (clause.numbers or wording.switched(clause.text) or _orders(clause)
                                     or (mood != wording.ASK and binding.says_more(clause))):
        total -= 0.5
    if option.verb != "get":
        total -= _contradiction(clause, option, bound, used)
    return Match(number, replace(bound, evidence=evidence), explained, share, total)


def _is_of_place(clause: Clause, index: int) -> bool:
    """Whether a number only tells a place: "in bedroom 2"."""
    number = clause.numbers[index]
    place = clause.place_at(number.start)
    return not number.unit and place > 1 and clause.words[place - 1] in wording.table()["find"]["rooms"]


def _orders(clause: Clause) -> bool:
    """Whether a clause begins with a verb."""
    first = next((at for at, word in enumerate(clause.words) if word[0].isalnum()
                  and word not in wording.table()["mood"]["polite"]), 0)
    if not clause.words:
        return False
    verb, after = clause.words[first], clause.words[first + 1:first + 2]
    return verb in wording.table()["mood"]["orders"] or (bool(after) and after[0] in _OBJECTS and verb in _acts())


@lru_cache(maxsize=1)
def _acts() -> frozenset[str]:
    """Single words for what is done."""
    return frozenset(phrase for row in features.table()["acts"]["rows"] for phrase in row.split(", ") if " " not in phrase)


def _named_only(clause: Clause, option: Option) -> Bound:
    named: set[int] = set()
    if wording.mood(clause.text) == wording.ASK:  # "is it unlocked" of a "lock state"
        named.update(wording.pair_places(clause.words, option.label))
    for phrase in {binding.label_stems(option), ("".join(name_words(option.label)),),
                   tuple(map(stem, name_words(option.title)))}:
        for at in clause.places(phrase):
            named.update(range(at, at + len(phrase)))
    unused = tuple(index for index in range(len(clause.numbers)) if not {
        at for at, one in clause.of_number.items() if one == index} <= named)
    return Bound((), frozenset(), frozenset(named), (), unused)


def _side(clause: Clause, option: Option) -> tuple[float, set[int]]:
    """For an action without arguments: whether the clause says its side of a pair, and the words that do."""
    sides = wording.pole(name_words(option.label))
    said = wording.said_poles(clause.text)
    if any(side in said for side in sides):
        own = {word for number, one in sides for word in wording.table()["poles"][number]["one" if one else "other"]}
        return 0.5 if own & set(clause.words) else 0.35, set(wording.pair_places(clause.words, option.label)) | set(
            wording.switching_places(clause.words) if any(number in (0, 3) for number, _ in sides) else ())
    return 0.0, set()


def _contradiction(clause: Clause, option: Option, bound: Bound, used: set[int]) -> float:
    """What an option loses because the clause says something that it does not do."""
    loss = 0.0
    if not option.slots and wording.contradicts(clause.text, option.name):
        loss += 2.0
    side = wording.switched(clause.text)
    plain = side > 0 and option.verb == "do" and not option.slots and not wording.pole(name_words(option.label))
    if side and not plain and not used & set(wording.switching_places(clause.words)) and not bound.named & set(
            wording.switching_places(clause.words)):
        loss += 0.5
    if not bound.beside and any(value.kind == "choice" and value.text.lower() != "off" for value in bound.values) and (
            (0, False) in wording.said_poles(clause.text)):
        loss += 0.8  # "turn off the heating" is no mode
    if not option.slots and (binding.says_more(clause) or wording.extreme(clause.text)) \
            and not wording.pole(name_words(option.label)):
        loss += 0.3
    return loss


def _share(clause: Clause, option: Option) -> float:
    """How much of an option's name is said, by the best of its names."""
    best, said = 0.0, set(clause.stems)
    for words in (bare_words(name_words(option.label)), name_words(option.title)):
        stems = {stem(word) for word in words}
        if stems:
            best = max(best, len(stems & said) / len(stems))
    if "".join(name_words(option.label)) in said:
        return 1.0
    return best


def _strength(clause: Clause, matches: Sequence[Match], view: View) -> int:
    if not matches:
        return NONE
    best = matches[0]
    option = view.options[best.option]
    if best.total < CALLED and (_is_foreign(clause) or _asks_how_it_is(clause)):
        return SOME
    if (best.explained < (LEAST / 2 if best.bound.given and best.bound.evidence else LEAST) and best.bound.evidence < 0.3 and not _verb_is_known(clause, best, view)) or (best.bound.unused and best.total < CALLED) \
            or (best.total < FAINT and best.bound.evidence < 0.3 and not _verb_is_known(clause, best, view)):
        return NONE
    if not set(clause.words).isdisjoint(_denials()) and option.verb != "get" and not any(
            slot.type in ("boolean", "text") for slot in option.slots):
        return SOME
    rivals = [match for match in matches[1:] if match.total > best.total - MARGIN]
    unsaid = 0.5 * len(best.bound.missing) if best.explained >= 0.8 else 0.0
    if best.total + unsaid < CALLED or rivals:
        return SOME
    plain = best.explained >= WHOLE and not _does_else(clause, best, option, view)
    beside = best.bound.beside and best.explained >= BESIDE and (
        best.share >= 0.5 or best.explained >= 0.5 or best.bound.evidence >= 0.6)
    first = clause.stems[0] if clause.stems else ""
    called = not option.slots and option.verb == "do" and best.share == 1 and best.explained >= 0.45 and (
        first in binding.label_stems(option))
    if (option.verb == "get" and wording.mood(clause.text) == "" and not clause.text.rstrip().endswith("?")
            and (best.explained < 0.99 or clause.words[:1] in (("it's",), ("it",), ("i'm",), ("i",)))):
        return SOME
    return SURE if plain or beside or called else SOME


def _asks_how_it_is(clause: Clause) -> bool:
    """Whether a clause is about the state of the Thing as a whole: "any news of it?"."""
    said = [clause.words[at] for at in clause.content]
    return bool(said) and all(word in wording.table()["find"]["whole_state"] for word in said)


def _is_foreign(clause: Clause) -> bool:
    return len(set(clause.words) & set(wording.table()["find"]["foreign"])) >= 1 and not set(clause.words) & {
        "the", "is", "to", "what", "how", "of"}


def _verb_is_known(clause: Clause, best: Match, view: View) -> bool:
    """Whether a clause begins with a verb that an option knows."""
    first = next((at for at, word in enumerate(clause.words) if word[0].isalpha()
                  and word not in wording.table()["mood"]["polite"]), None)
    return first is not None and wording.mood(clause.text) != wording.ASK and clause.words[first] not in (
        "set", "make", "turn", "put", "change", "switch", "get", "give", "take", "use") and bool(
        view.index.worth((clause.stems[first],)).max(initial=0.0) >= 0.4)


def _does_else(clause: Clause, best: Match, option: Option, view: View) -> bool:
    """Whether a clause begins with a verb that the option does not know: "delete the photo" does not take one."""
    first = next((at for at, word in enumerate(clause.words) if word[0].isalpha() and at in clause.content), None)
    if first is None or option.verb == "get" or first in best.bound.used or first in best.bound.named \
            or clause.words[first] in _any_verb() or clause.stems[first] in view.context:
        return False
    known = float(view.index.explained(clause.stems)[0][first, best.option])
    return known < 0.3 and (not clause.words[first + 1:] or clause.words[first + 1] in _OBJECTS)


_OBJECTS = frozenset(("the", "a", "an", "it", "its", "my", "our", "this", "that", "all", "some", "every", "me", "them"))


def _is_place(clause: Clause, at: int) -> bool:
    """Whether a word stands after "in the", "on my", "of the", maybe with one between."""
    for begin in range(max(0, at - 3), at):
        if clause.words[begin] in ("in", "on", "at", "of", "from", "inside", "near", "by", "above", "under", "behind") and (
                all(word in _OBJECTS or word[0].isalnum() for word in clause.words[begin + 1:at])):
            return begin > 0
    return False


@lru_cache(maxsize=1)
def _generic() -> frozenset[str]:
    return frozenset(wording.table()["find"]["generic"])


@lru_cache(maxsize=1)
def _any_verb() -> frozenset[str]:
    return frozenset(wording.table()["find"]["verbs"])


@lru_cache(maxsize=1)
def _denials() -> frozenset[str]:
    return frozenset(word for word in wording.table()["mood"]["not"] if word not in ("no", "without"))
