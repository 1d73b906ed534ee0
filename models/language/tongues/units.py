"""A sentence as units: each a word or a phrase of the lexicon, a name of the house, a number, a quotation.

Does: longest match, German compounds ("Wohnzimmerlampe" is "living room lamp"), Spanish pronouns that hang on a verb
("apágala"), spelled and written numbers. Does not: choose between the meanings of a unit; order words. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from models.language.tongues.fold import Word, fold, spelled_out
from models.language.tongues.house_names import Named, Names
from models.language.tongues.lexicon import Entry, Lexicon, lexicon

_CLITIC = re.compile(r"^(\w{2,}?)(?:me|te|se|nos)?(lo|la|los|las|le|les|me|nos)$")
_QUOTES = {'"': '"', "«": "»", "„": "“", "“": "”", "‚": "‘", "'": "'"}
# "The light" is all of it, whatever one of the lamps is called; detectors are known by what they detect.
_LIT = ("light", "lamp", "smoke detector", "motion sensor")
_DRINKS = ("coffee", "espresso", "cappuccino", "latte", "tea", "hot chocolate")
_LINKS = ("", "s", "n", "en", "es", "er", "e")


@dataclass(slots=True)
class Unit:
    """One unit. `entries`: what it may be; `text`: what stands in the sentence; `kind`: of the first entry, or name,
    number, quote, unknown, stop; `english`: what is said for it."""

    kind: str
    english: str
    text: str
    start: int
    end: int
    entries: Sequence[Entry] = field(default_factory=tuple)
    plural: bool = False

    def get(self, *kinds: str) -> Entry | None:
        """The first meaning of one of these kinds."""
        for kind in kinds:
            for entry in self.entries:
                if entry.kind == kind:
                    return entry
        return None


def units(text: str, said: Sequence[Word], language: str, names: Names) -> list[Unit]:
    """The units of a sentence, in order."""
    book, found, at = lexicon(language), [], 0
    while at < len(said):
        word = said[at]
        quote = _quoted(text, said, at)
        if quote:
            inner = text[word.end: said[quote - 1].start].strip()
            found.append(Unit("quote", f'"{inner}"', text[word.start: said[quote - 1].end], word.start,
                              said[quote - 1].end))
            at = quote
            continue
        entries, length = book.at(said, at, len(said))
        named = names.at(said, at)
        if named and named.kind == "floor" and any(entry.use == "floors" for entry in entries):
            named = None
        if named and (named.length >= length or named.kind != "value") and not (
                _common(named.kind, named.length, entries, length)
                and not _own(named, entries, _stretch(said, at, book), names)) and not _drunk(named.kind, entries):
            end = said[at + named.length - 1].end
            found.append(Unit("name", named.text, text[word.start:end], word.start, end,
                              (Entry("name", named.text, named.kind),)))
            at += named.length
            continue
        if word.low[0].isdigit() or (word.low[0] == "-" and len(word.low) > 1):
            found.append(_written(word, language))
            at += 1
            continue
        if entries:
            end = said[at + length - 1].end
            ended = at + length < len(said) and said[at + length].said in ",!"
            if at == 0 and ended and (filler := next((one for one in entries if one.kind == "polite"), None)):
                entries = [filler]
            first = entries[0]
            found.append(Unit(first.kind, first.english, text[word.start:end], word.start, end, entries, first.plural))
            at += length
            continue
        found.extend(_other(word, book, names))
        at += 1
    return found


def _common(kind: str, length: int, entries: Sequence[Entry], covered: int) -> bool:
    """Whether a one-word name is also a common word of the language, which then is what was meant."""
    if length > 1 or not entries:
        return False
    if any(entry.kind not in ("noun", "adjective", "value", "state") for entry in entries):
        return any(entry.kind != "verb" for entry in entries) or covered > 1
    return covered > 1 or (kind == "title" and any(
        entry.kind == "noun" and (entry.use == "attributes" or " " not in entry.english) for entry in entries))


def _own(named: Named, entries: Sequence[Entry], said: Sequence[Word], names: Names) -> bool:
    """Whether a title that is a common word is meant as the name: no light is, and it must stand where is said."""
    first = entries[0]
    if named.kind != "title" or first.kind != "noun" or first.use != "devices" or first.plural or first.english in _LIT:
        return False
    places = [place for at in range(len(said)) if (place := names.at(said, at)) and place.kind in ("room", "floor")]
    return all((named.text, place.text) in names.placed for place in places)


def _stretch(said: Sequence[Word], at: int, book: Lexicon) -> Sequence[Word]:
    """The words around one, up to a stop or a word that opens a condition."""
    ends = [place for place, word in enumerate(said) if word.said in ",.;!?" or any(
        entry.kind == "opener" for entry in book.exact.get(word.low, ()))]
    begin = max((place for place in ends if place <= at), default=-1)
    return said[begin + 1: min((place for place in ends if place > at), default=len(said))]


def _drunk(kind: str, entries: Sequence[Entry]) -> bool:
    """Whether a value of the house is a drink: "einen Espresso" is wanted, nothing is set to it."""
    return kind == "value" and any(entry.kind == "noun" and entry.english in _DRINKS for entry in entries)


def _quoted(text: str, said: Sequence[Word], at: int) -> int:
    """Where a quotation that opens at a word ends (in words); 0 if none opens."""
    close = _QUOTES.get(said[at].said)
    if close is None or (said[at].said == "'" and at and said[at].start == said[at - 1].end):
        return 0
    for end in range(at + 1, len(said)):
        if said[end].said in (close, '"', "”"):
            return end + 1
    return 0


def _written(word: Word, language: str) -> Unit:
    number = word.low
    if re.fullmatch(r"-?\d+,\d+", number):
        number = number.replace(",", ".")
    elif re.fullmatch(r"\d{1,3}(\.\d{3})+", number) and language != "en":
        number = number.replace(".", "")
    kind = "clock" if ":" in number or "h" in number else "number"
    return Unit(kind, number, word.said, word.start, word.end, (Entry(kind, number),))


def _other(word: Word, book: Lexicon, names: Names) -> list[Unit]:
    """The units of a word that the lexicon lacks: its parts, or itself as it stands."""
    if not word.said[0].isalnum():
        kind = "stop" if word.said in ".,;:!?¿¡()…" else "unknown"
        return [Unit(kind, word.said, word.said, word.start, word.end)]
    if book.language == "de" and len(word.low) > 5:
        parts = compound(word.low, names)
        if parts:
            *first, head = parts
            made = [Unit("noun", part.english, word.said, word.start, word.end, (part,)) for part in first]
            return [*made, Unit("noun", head.english, word.said, word.start, word.end, (head,), head.plural)]
    if book.language == "es" and (match := _CLITIC.match(word.fold)):
        verbs = [entry for entry in book.exact.get(match[1]) or book.folded.get(match[1], []) if entry.kind == "verb"]
        if verbs:
            made = [Unit("verb", verbs[0].english, word.said, word.start, word.end, verbs)]
            if match[2] not in ("me", "nos", "le", "les"):
                it = "them" if match[2].endswith("s") else "it"
                made.append(Unit("pronoun", it, word.said, word.start, word.end, (Entry("pronoun", it),)))
            return made
    if book.language == "fr" and word.low.endswith("'"):
        return [Unit("polite", "", word.said, word.start, word.end, (Entry("polite", ""),))]
    return [Unit("unknown", word.said, word.said, word.start, word.end)]


def compound(word: str, names: Names) -> list[Entry]:
    """The parts of a German compound, its head last; [] if it is none."""
    return list(_compound(word, frozenset([name for name in names.parts if word.startswith(name)])))


@lru_cache(maxsize=4096)
def _compound(word: str, names: frozenset[str]) -> tuple[Entry, ...]:
    book = lexicon("de")

    def nouns(part: str, head: bool) -> Entry | None:
        rows = book.exact.get(part) or book.folded.get(fold(part)) or book.folded.get(spelled_out(part)) or ()
        kinds = ("noun",) if head else ("noun", "adjective", "value", "state")
        for kind in kinds:
            for entry in rows:
                if entry.kind == kind:
                    return entry
        if not head and fold(part) in names:
            return Entry("noun", part)
        return None

    for cut in range(len(word) - 3, 2, -1):
        tail = nouns(word[cut:], head=True)
        first = word[:cut]
        if tail is None and len(first) > 2:
            continue
        for link in _LINKS:
            if not first.endswith(link):
                continue
            bare = first[: len(first) - len(link)] if link else first
            if len(bare) < 3 or tail is None:
                continue
            whole = nouns(bare, head=False)
            if whole is not None:
                return (Entry(whole.kind, whole.english, whole.use), tail)
            if len(bare) > 6 and (inner := _compound(bare, names)):
                return (*(Entry(part.kind, part.english, part.use) for part in inner), tail)
    return ()
