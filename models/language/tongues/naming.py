"""English words for names and documentation in German, French, Spanish or Chinese: of them a house's aliases,
retrieval and the model's options are made.

Rules: an English name gives None, so that nothing that was English changes; so does one that no lexicon explains in
whole; Chinese is cut by longest match, its romanised form ("yidong_dao_huojia") word by word. Pure, cached."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from models.language.tongues import chinese
from models.language.tongues.detect import english
from models.language.tongues.fold import Word, clean, words
from models.language.tongues.house_names import Names
from models.language.tongues.inflect import DONE, FINITE
from models.language.tongues.lexicon import LANGUAGES, Lexicon, lexicon
from models.language.tongues.nouns import phrase
from models.language.tongues.units import Unit, compound, units

_NOBODY = Names()
# Words that only English texts have.
_ENGLISH = frozenset(("the", "and", "of", "with", "is", "are", "to", "by", "from", "or", "this", "that", "if", "it",
                      "at"))
_SAYING = ("noun", "verb", "adjective", "state", "value", "happen")
_DROPPED = ("polite", "person", "stop")


def language_of_names(names: Iterable[str]) -> str | None:
    """The language that at least a third of a house's names are in (de, fr or es), or None."""
    spoken = [language for name in names if (language := _language(name)) is not None or name]
    best = max(LANGUAGES, key=spoken.count)
    return best if 3 * spoken.count(best) >= max(len(spoken), 1) else None


@lru_cache(maxsize=8192)
def _language(name: str) -> str | None:
    said = [word for word in words(_parted(clean(name[:300]))) if word.said[0].isalpha()]
    foreign = [word for word in said if _is_foreign(word)]
    if not foreign or _brief(name):
        return None
    best = max(LANGUAGES, key=lambda language: _explained(said, foreign, lexicon(language)))
    return best if _explains(said, foreign, lexicon(best)) else None


@lru_cache(maxsize=8192)
def english_of(name: str, hint: str | None = None) -> str | None:
    """The English of a name ("Stehlampe": "floor lamp"), or None if it is English or unknown. `hint`: the language of
    the names beside it, which settles a word that English has too ("Salon")."""
    if not name or len(name) > 300:
        return None
    if chinese.written(name):
        return chinese.english_of(name)
    said = words(_parted(clean(name)))
    spoken = [word for word in said if word.said[0].isalpha()]
    if not spoken or (_brief(name) and hint is None) or any(word.low in _ENGLISH for word in spoken):
        return None
    foreign = [word for word in spoken if _is_foreign(word)]
    if hint in LANGUAGES and all(lexicon(hint).knows(word.fold) or _made(word, lexicon(hint)) for word in spoken):
        return _told(said, hint)
    if not foreign:
        return chinese.romanised([word.low for word in spoken])
    best = max(LANGUAGES, key=lambda language: _explained(spoken, foreign, lexicon(language)))
    book = lexicon(best)
    if not _explains(spoken, foreign, book):
        return chinese.romanised([word.low for word in spoken])
    return _told(said, best)


def _is_foreign(word: Word) -> bool:
    """Whether a word is not English, nor an abbreviation within a name: "set_AULA"."""
    return (word.fold not in english() or word.low != word.fold) and not (word.said.isupper() and word.said.isascii())


def _brief(name: str) -> bool:
    """Whether a name may as well be an abbreviation: "MUR", "sol"."""
    letters = [letter for letter in name if letter.isalpha()]
    return name.isupper() or (len(letters) < 4 and all(letter.isascii() for letter in letters))


def _parted(name: str) -> str:
    """A name with its words apart: "bewegeZuRegal" -> "bewege Zu Regal"."""
    parted = "".join(f" {letter}" if at and letter.isupper() and name[at - 1].islower() else letter
                     for at, letter in enumerate(name))
    return parted.replace("_", " ").replace("-", " ")


def _explained(spoken: list[Word], foreign: list[Word], book: Lexicon) -> float:
    own = sum(1.0 for word in foreign if book.own.get(word.fold) or _made(word, book))
    return own + 0.3 * sum(1 for word in spoken if book.knows(word.fold)) + 0.1 * sum(
        1 for word in spoken if word.low in book.exact)


def _explains(spoken: list[Word], foreign: list[Word], book: Lexicon) -> bool:
    """Whether a name is in this language: something only it has, and at most a third unknown."""
    own = [word for word in spoken if word not in foreign or book.own.get(word.fold) or _made(word, book)]
    strange = len(spoken) - len(own)
    meant = any(book.own.get(word.fold) or _made(word, book) for word in foreign)
    known = sum(1 for word in spoken if book.knows(word.fold) or _made(word, book))
    return meant and 3 * strange <= len(spoken) and 2 * known >= len(spoken)


def _made(word: Word, book: Lexicon) -> bool:
    return book.language == "de" and len(word.low) > 5 and word.fold not in book.own and bool(
        compound(word.low, _NOBODY))


def _told(said: tuple[Word, ...], language: str) -> str | None:
    """The words of a name in English order, without articles."""
    found = [unit for unit in units(" ".join(word.said for word in said), said, language, _NOBODY)
             if unit.kind not in _DROPPED]
    out: list[str] = []
    frames = lexicon(language).frames
    at, skip = 0, _particle(found, frames)
    if skip is not None:
        verb, place, english_verb = skip
        out.append(english_verb)
        found = [unit for number, unit in enumerate(found) if number not in (verb, place)]
    while at < len(found):
        unit = found[at]
        verb_entry = unit.get("verb")
        state = unit.get("state")
        uses = [one.use for one in unit.entries if one.kind == "verb"]
        if state and uses and not unit.get("noun") and all(use.startswith((DONE, FINITE)) for use in uses):
            out.append(state.english)  # "eingeschaltet" tells how it is
            at += 1
            continue
        if verb_entry and unit.kind in ("verb", "state") and not unit.get("noun"):
            english_verb = verb_entry.english or frames.get(f"verb {verb_entry.lemma}", {}).get("", "")
            out.insert(0, english_verb) if "infinitive" in verb_entry.use else out.append(english_verb)
            at += 1
            continue
        nouns = phrase(found, at, len(found), language)
        if nouns is not None:
            out.append(nouns.bare)
            at = nouns.end
            continue
        entry = unit.get("preposition", "towards")
        if entry is not None:
            following = found[at + 1] if at + 1 < len(found) else None
            noun = following.get("noun") if following else None
            valued = following is not None and (following.get("number", "value") or (noun and noun.use == "attributes"))
            to = entry.english == "at" or (valued and unit.get("towards"))
            out.append("to" if to else entry.english)
        elif not unit.get("determiner", "pronoun"):
            out.append(unit.english)
        at += 1
    text = " ".join(" ".join(out).split())
    if not any(unit.get(*_SAYING) for unit in found) and skip is None:
        return None
    return text if text and text != " ".join(word.low for word in said) else None


def _particle(found: list[Unit], frames: dict[str, dict[str, str]]) -> tuple[int, int, str] | None:
    """A verb and its particle in a name, with their English: "schalte_ein"."""
    for at, unit in enumerate(found):
        verb = unit.get("verb")
        if verb is None or not verb.lemma:
            continue
        frame = frames.get(f"verb {verb.lemma}", {})
        for place, other in enumerate(found):
            if place != at and (said := other.text.lower()) and said in frame and place == len(found) - 1:
                return at, place, frame[said]
    return None
