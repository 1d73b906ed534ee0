"""Which language a sentence is in: by its small words, and by how much of it a lexicon knows.

Rules: names of the house, numbers and quotations are no evidence; nor is a word that English has too, or that is the
same in English. A sentence that opens like an English order or question is English. No evidence is English. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources

from models.language.tongues.fold import Word, fold
from models.language.tongues.house_names import Names
from models.language.tongues.lexicon import LANGUAGES, Lexicon, lexicon
from models.language.tongues.units import _CLITIC, compound


@lru_cache(maxsize=1)
def _openers() -> frozenset[str]:
    """Words with which English orders and questions open."""
    return frozenset(_table()["openers"].split())


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    text = resources.files("models.language.tongues").joinpath("english.toml").read_text("utf-8")
    table: dict[str, str] = tomllib.loads(text)["english"]
    return table


@lru_cache(maxsize=1)
def english() -> frozenset[str]:
    """Words that English people say to a house."""
    known = _table()["words"].split()
    return frozenset([*known, *(f"{word}s" for word in known if len(word) > 3 and not word.endswith("s"))])


def language_of(said: Sequence[Word], names: Names) -> str | None:
    """de, fr or es; None for English and for what none of them explains."""
    common, known = english(), names.known
    heard = _counted(said, names)
    counted = [word for word in heard if word.fold not in known]
    foreign = [word for word in counted if word.fold not in common or word.low != word.fold]
    if not foreign:
        return _small(heard, counted, common)
    opens = counted[0].fold in _openers() and not _begins_foreign(counted)
    best, most = None, 0.0
    for language in LANGUAGES:
        if opens and not _all_known(heard, counted, lexicon(language)):
            continue
        score = _score(counted, foreign, lexicon(language), names)
        if score > most:
            best, most = language, score
    return best


def _all_known(heard: Sequence[Word], counted: Sequence[Word], book: Lexicon) -> bool:
    """Whether a language has every word of a sentence that opens like an English one ("reduce la luz a la mitad")."""
    own = {word.fold for word in heard if book.own.get(word.fold) and word.fold not in english()}
    return all(book.knows(word.fold) for word in counted) and len(own) > 1 and any(word.fold in own for word in counted)


def _small(heard: Sequence[Word], counted: Sequence[Word], common: frozenset[str]) -> str | None:
    """The language of a sentence of names and of words that English has too ("Licht an"): that of the names, if it
    has all of the others."""
    marked = [word for word in heard if word.low != word.fold]
    names = [word for word in heard if word not in counted and (word.fold not in common or word in marked)]
    for language in LANGUAGES if names and (counted or marked) else ():
        book = lexicon(language)
        if all(book.knows(word.fold) for word in counted) and any(book.own.get(word.fold) for word in names):
            return language
    return None


def _begins_foreign(counted: Sequence[Word]) -> bool:
    return counted[0].fold in ("die", "is", "i") and len(counted) > 1 and counted[1].fold not in english()


def _counted(said: Sequence[Word], names: Names) -> list[Word]:
    """The words that may tell a language."""
    found, at = [], 0
    while at < len(said):
        if said[at].said in ('"', "«", "„", "“"):
            end = next((n for n in range(at + 1, len(said)) if said[n].said in ('"', "»", "”", "“")), at)
            at = end + 1
            continue
        named = names.at(said, at)
        if named and named.length > 1:
            at += named.length
            continue
        if said[at].said[0].isalpha():
            found.append(said[at])
        at += 1
    return found


def _score(counted: Sequence[Word], foreign: Sequence[Word], book: Lexicon, names: Names) -> float:
    """How much speaks for a language: its own words less those of English that it lacks; 0 if too little does."""
    known = [word for word in foreign if word.fold in book.own]
    made = sum(_made(word, book, names) for word in foreign if word.fold not in book.own)
    own = made + sum(book.own[word.fold] for word in known)
    strange = len(foreign) - len(known) - made
    both = sum(word.fold in book.own for word in counted)
    shared = both - len(known)
    plain = len(counted) - len(foreign) - shared
    if not own or 2 * strange > len(counted) + 1 or plain >= own + (shared + 1) // 2:
        return 0.0
    return own + 0.4 * shared - 0.6 * strange - 0.6 * plain


def _made(word: Word, book: Lexicon, names: Names) -> bool:
    """Whether a language makes a word that its lexicon lacks."""
    if book.language == "de":
        return len(word.low) > 5 and bool(compound(word.low, names))
    if book.language == "es" and (match := _CLITIC.match(word.fold)):
        return any(entry.kind == "verb" for entry in book.exact.get(match[1]) or book.folded.get(match[1]) or ())
    return book.language == "fr" and fold(word.low).endswith("'")
