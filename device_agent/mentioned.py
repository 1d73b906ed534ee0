"""What a sentence names and what it says for values: arguments; numbers, choices, yes and no, quotes, colours.

Rules: names and choices come first, the longest first, so that a number or a colour within one is none; what is found
is hidden, so that the words around are left; those that nobody knows may be a choice that there is not. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from device_agent import resolve, wording
from device_agent.features import stem
from device_agent.naming import is_colour, more_words, rows_of_names
from device_agent.weighing import View
from models.language.prompt import Option, name_words
from models.language.words import Number, normalise

HIDDEN = "ª"
# What a word must be worth to an option to mean something.
KNOWN = 0.4
NUMBER, WORD, QUOTE, SWITCH, STRANGE = "number", "word", "quote", "switch", "strange"
_WORDS = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|->|[^\w\s]")
_QUOTE = re.compile(r"\"([^\"]+)\"|“([^”]+)”|(?<!\w)['‘]([^'’]+(?:['’]\w[^'’]*)*)['’](?!\w)|«([^»]+)»")
_HEX = re.compile(r"(?<!\w)#[0-9a-fA-F]{3,8}(?!\w)")
_ONE = re.compile(r"(?<!every )(?<!each )(?<!this )(?<!that )(?<!the )(?<!\w)one(?!\w)(?! of\b| by\b| after\b)")
_COUNT = re.compile(
    r"(?<!\w)(?:all|the|these|those|its|following|each of the|both)\s+(?:of the\s+)?(?P<count>[^\W_]+)(?!\w)")
_SLASHED = re.compile(rf"{HIDDEN}\s*/\s*{HIDDEN}")


@dataclass(frozen=True)
class Name:
    """Where an argument is named. `owners`: the (option, place) that are called so; `fixed`: it can only be read."""

    start: int
    end: int
    owners: frozenset[tuple[int, int]]
    fixed: bool = False


@dataclass(frozen=True)
class Worth:
    """Where something is said that may be a value. `kind`: NUMBER, WORD (a choice or a colour), QUOTE, SWITCH (yes or
    no) or STRANGE (a word that nobody knows); `text`: of all but numbers, as it is said."""

    start: int
    end: int
    kind: str
    text: str = ""
    number: Number | None = None


Item = Name | Worth


@dataclass(frozen=True)
class Mentioned:
    """`text`: the sentence in lower case, all that was found but numbers hidden, every letter in its place; `own`: it
    says that each name has its own value."""

    text: str
    names: tuple[Name, ...]
    values: tuple[Worth, ...]
    own: bool


@lru_cache(maxsize=32)
def known(part: str, key: str) -> frozenset[str]:
    """Words of a table of assigned.toml."""
    return frozenset(wording.around()[part][key])


def words_in(text: str) -> list[str]:
    """Words and signs of a text that is in lower case."""
    return [word.removesuffix("'s") if len(word) > 4 else word
            for word in (found.group().replace("’", "'") for found in _WORDS.finditer(text))]


def mentioned(sentence: str, view: View) -> Mentioned | None:
    """What a sentence names and says; None if it names nothing."""
    spoken, text = _spoken(view), sentence.lower()
    if spoken.pattern is None or len(text) != len(sentence):
        return None
    values: list[Worth] = []
    for pattern in (_QUOTE, _HEX):
        for found in pattern.finditer(sentence):
            said = next((group for group in found.groups() if group is not None), found.group()).strip()
            values.append(Worth(*found.span(), QUOTE, said))
            text = _hidden(text, *found.span())
    measured = [(number.start, number.end) for number in normalise(text).numbers if number.unit]
    names: list[Name] = []
    for found in spoken.pattern.finditer(text):
        start, end = found.span()
        letters = _letters(found.group())
        if letters in spoken.names:
            if any(begin < start and end == stop for begin, stop in measured):
                continue  # the unit of a number
            names.append(Name(start, end, spoken.names[letters], letters in spoken.fixed))
        elif not any(begin <= start and end <= stop for begin, stop in _phrase_places(text)):
            values.append(Worth(start, end, WORD, sentence[start:end]))
    if not sentence.isupper():  # an attribute that is called "A", or "TO"
        names += [Name(*found.span(), whose) for word, whose in spoken.capitals.items()
                  for found in re.finditer(rf"(?<=[\s,(]){word}(?!\w)", sentence)]
    if not names:
        return None
    names.sort(key=lambda one: one.start)
    for start, end in [(one.start, one.end) for one in names] + [(one.start, one.end) for one in values]:
        text = _hidden(text, start, end)
    text, own = _without_phrases(text)
    if spoken.switches:
        values += _switches(text)
        for one in values:
            text = _hidden(text, one.start, one.end)
    text = _with_ones(_without_counts(text, len(names)))
    values += [Worth(one.start, one.end, NUMBER, one.said, one) for one in normalise(text).numbers]
    return Mentioned(text, tuple(names), tuple(sorted(values, key=lambda one: one.start)), own)


def names_in(sentence: str, view: View) -> list[Name]:
    """The names alone, in their order."""
    spoken, text = _spoken(view), sentence.lower()
    if spoken.pattern is None or len(text) != len(sentence):
        return []
    found = [(_letters(one.group()), one.span()) for one in spoken.pattern.finditer(text)]
    return [Name(*span, spoken.names[letters]) for letters, span in found if spoken.names.get(letters)]


def _letters(said: str) -> str:
    return re.sub(r"[\W_]+", "", said.removesuffix("'s").removesuffix("’s"))


def _hidden(text: str, start: int, end: int) -> str:
    return text[:start] + HIDDEN * (end - start) + text[end:]


# What a Thing's names and choices sound like


@dataclass(frozen=True)
class _Spoken:
    pattern: re.Pattern[str] | None
    names: Mapping[str, frozenset[tuple[int, int]]]
    capitals: Mapping[str, frozenset[tuple[int, int]]]
    fixed: frozenset[str]
    switches: bool


@lru_cache(maxsize=256)
def _spoken(view: View) -> _Spoken:
    """The names and choices of a Thing, by their letters; nobody's is the name of a number that is itself a change."""
    names: dict[str, set[tuple[int, int]]] = {}
    capitals: dict[str, set[tuple[int, int]]] = {}
    rows: dict[str, tuple[str, ...]] = {}
    slots = [(number, place, option) for number, option in enumerate(view.options) if option.verb != "get"
             for place in range(len(option.slots))]
    for number, place, option in slots:
        for row in rows_of_names(option, place):
            if len(row) == 1 and row[0] in known("names", "never") and row[0] != "i":
                capitals.setdefault(row[0].upper(), set()).add((number, place))
            if len(row) > 1 or row[0] not in known("names", "never"):
                rows["".join(row)] = row
                names.setdefault("".join(row), set()).update(() if _is_change(option, place) else {(number, place)})
    fixed = {"".join(words): tuple(words) for option in view.options if option.verb == "get"
             for words in (name_words(option.label), name_words(option.title))
             if words and "".join(words) not in names and (len(words) > 1 or words[0] not in known("names", "never"))}
    rows.update(fixed)
    colours = any(option.slots[place].type == "text" and is_colour(option.slots[place], option)
                  for _, place, option in slots)
    words = {choice for _, place, option in slots for choice in option.slots[place].choices} | (
        set(wording.table()["colours"]) if colours else set())
    for choice in words:
        row = tuple(name_words(choice))
        if row and not choice.strip().replace(".", "", 1).isdecimal() and row not in (("on",), ("off",)):
            rows.setdefault("".join(row), row)
    switches = any(option.slots[place].type == "boolean" or {"on", "off"} & set(map(str.lower, option.slots[
        place].choices)) for _, place, option in slots)
    capital = {word: frozenset(whose) for word, whose in capitals.items()}
    if not names and not fixed:
        return _Spoken(None, {}, capital, frozenset(), switches)
    order = sorted(rows.values(), key=lambda row: -len("".join(row)))
    pattern = "|".join(r"[\s_./:-]*".join(map(re.escape, row)) for row in order)
    return _Spoken(re.compile(rf"(?<![^\W_])(?:{pattern})(?![^\W_])(?:['’]s(?![^\W_]))?"),
                   {letters: frozenset(whose) for letters, whose in (*names.items(), *((one, ()) for one in fixed))},
                   capital, frozenset(fixed), switches)


def _is_change(option: Option, place: int) -> bool:
    """Whether a number is a change itself: increase_volume(by), not configure(down_slope) or set_max_step(value)."""
    slot = option.slots[place].name
    slot = "" if len(name_words(slot)) > 1 else slot
    return option.slots[place].type == "number" and not option.label.startswith("set ") and resolve.is_step_name(
        option.verb, slot, option.name)


# Words around them


def _without_phrases(text: str) -> tuple[str, bool]:
    """(the text without phrases that say nothing of a value, whether one says that each name has its own)."""
    own = False
    for found in _phrases().finditer(text):
        own = own or found.group() in known("ways", "own")
        left = "and" if found.group() in known("list", "both") else ""
        text = text[:found.start()] + left.ljust(len(found.group())) + text[found.end():]
    return text, own


@lru_cache(maxsize=64)
def _phrase_places(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(one.span() for one in _phrases().finditer(text))


@lru_cache(maxsize=1)
def _phrases() -> re.Pattern[str]:
    phrases = sorted((*known("around", "phrases"), *known("ways", "own")), key=len, reverse=True)
    said = (rf"(?<!\w){re.escape(phrase)}" if phrase[0].isalnum() else re.escape(phrase) for phrase in phrases)
    return re.compile(rf"(?:{'|'.join(said)})(?!\w)")


def _switches(text: str) -> list[Worth]:
    """Where "on", "off", "true" and the like are values; an "on" before something is none."""
    found = [(one.group().replace("’", "'"), *one.span()) for one in _WORDS.finditer(text)]
    words = [word for word, _, _ in found]
    rules, values = wording.table()["on"], []
    for at, (word, start, end) in enumerate(found):
        before, after = words[at - 1] if at else "", words[at + 1] if at + 1 < len(words) else "."
        if word in ("up", "down") and before in known("values", "powering"):
            values.append(Worth(start, end, SWITCH, "on" if word == "up" else "off"))
            continue
        names = words[at + 1:at + 2] if after not in known("list", "before_names") else words[at + 2:at + 3]
        if word in known("values", "starts") | known("values", "stops") and names and names[0][0] == HIDDEN:
            values.append(Worth(start, end, SWITCH, "on" if word in known("values", "starts") else "off"))
            continue
        if word == "on":
            is_value = before in known("values", "switching") or before in ("to", "be", "is", "=", ":") \
                or after in rules["ends"] or after in known("list", "ends")
            if after.startswith(HIDDEN) and before not in known("values", "switching"):
                continue
        elif word == "off" and not known("changes", "adding").isdisjoint(words[:at]):
            is_value = False  # "knock 5 off the gain"
        else:
            is_value = word in known("values", "yes") or word in known("values", "no")
        if is_value:
            values.append(Worth(start, end, SWITCH, word))
    return values


def _without_counts(text: str, count: int) -> str:
    """The text without "all three", "the two" and the like, where that tells how many names there are; "A/B to 1/2" as
    lists."""
    if _SLASHED.search(text):
        text = text.replace("/", "&")
    numbers = normalise(text).numbers
    for found in _COUNT.finditer(text):
        mine = [one for one in numbers if one.start == found.start("count") and one.end <= found.end("count")]
        if mine and mine[0].value == count and len(numbers) > 1:
            text = text[:found.start()] + " " * len(found.group()) + text[found.end():]
    return text


def _with_ones(text: str) -> str:
    """The text with every "one" that is a number by itself as a digit, every letter in its place."""
    numbers = normalise(text).numbers
    for found in _ONE.finditer(text):
        if not any(number.start <= found.start() < number.end for number in numbers):
            text = f"{text[:found.start()]}1  {text[found.end():]}"
    return text


def strange_words(found: Mentioned, items: Sequence[Name | Worth], around: Iterable[str], view: View) -> list[Worth]:
    """Words between the names and values that nobody knows, those that stand together as one."""
    plain, values = found.text, list[Worth]()
    for one in items:
        plain = _hidden(plain, one.start, one.end)
    usual = frozenset(around)
    for found_at in _WORDS.finditer(plain):
        word, (start, end) = found_at.group(), found_at.span()
        if word[0] == HIDDEN or not word[0].isalpha() or word.removesuffix("'s") in usual or word in usual or (
                stem(word) in view.context) or (
                word.endswith("ly") and word not in known("talk", "never") and stem(word) not in view.index.words):
            continue
        if values and not plain[values[-1].end:start].strip():
            start = values.pop().start
        values.append(Worth(start, end, STRANGE, plain[start:end]))
    return values


def without_talk(found: Mentioned, strange: Sequence[Worth], view: View) -> Mentioned | None:
    """The same without the words that nobody knows, where they stand in one clause with a name or a value and no option
    knows them either; None if they may mean something."""
    text, starts = found.text, [one.start for one in found.names] + [one.start for one in found.values]
    for one in strange:
        words = words_in(one.text)
        if not known("talk", "never").isdisjoint(words) or any((word,) in more_words()[1] for word in words) or any(
                view.index.worth((stem(word),)).max(initial=0.0) >= KNOWN or word in wording.table()["mood"]["orders"]
                for word in words):
            return None
        following = min((start for start in starts if start >= one.end), default=None)
        before = max(start for start in (0, *starts) if start <= one.start)
        beside = text[one.end:following] if following is not None else text[before:one.start]
        if not known("list", "ends").isdisjoint(words_in(beside)):
            return None
        text = text[:one.start] + " " * (one.end - one.start) + text[one.end:]
    return Mentioned(text, found.names, found.values, found.own)
