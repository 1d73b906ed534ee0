"""Words of a text in any of the languages, and how two spellings of one word are held to be the same.

Rules: an apostrophe ends a French article ("l'", "d'", "qu'"), a hyphen or an underscore parts words, digits stand
alone ("co2" stays whole, "7h30" is one). Folded: lower case, no accents, "ß" is "ss". Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(
    r"\d{1,2}h\d{0,2}(?![^\W_])|(?<![\w-])-\d+(?:[.,]\d+)?|\d+(?:[.,:]\d+)*|°[cCfF]?(?![^\W\d_])|%"
    r"|(?:[ljmtsndcLJMTSNDC]|[qQ]u|[jJ]usqu|[lL]orsqu|[pP]uisqu|[qQ]uelqu|[pP]arce ?qu)'(?=[^\W\d_]|$)"
    r"|[^\W\d_]+(?:'[^\W\d_]+)*\d*|[^\w\s]"
)
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True, slots=True)
class Word:
    """One word or sign: `start`, `end` in the text; `low`: in lower case; `fold`: without accents too."""

    start: int
    end: int
    said: str
    low: str
    fold: str


@lru_cache(maxsize=16384)
def fold(word: str) -> str:
    """A word without case and accents: "Küche" -> "kuche"."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.lower().replace("ß", "ss").replace("œ", "oe"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def spelled_out(word: str) -> str:
    """A German word as typed without its own letters: "küche" -> "kueche"."""
    return word.translate(_GERMAN)


def words(text: str) -> tuple[Word, ...]:
    """The words and signs of a text, in order; hyphens and underscores between them are left out."""
    text = text.replace("’", "'").replace("_", " ")
    found = []
    for match in _WORD.finditer(text):
        said = match.group()
        if said in "-–":
            continue
        found.append(Word(match.start(), match.end(), said, said.lower(), fold(said)))
    return tuple(found)


def clean(text: str) -> str:
    """One line of plain text, composed letters, plain quotes."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'").replace("`", "'")
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
