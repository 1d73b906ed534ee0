"""Foreign words of names, documentation and sentences as the English words that retrieval compares, one by one.

Rules: no grammar and no guess: what glosses.toml does not list is left out; a German or French word counts by its
beginning, and within a compound; Chinese is cut by longest match. English texts give nothing. Pure."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from importlib import resources

from models.language.tongues.detect import english

_WORDS = re.compile(r"[a-z][a-z'-]*|[\u4e00-\u9fff]+")
# The least letters that a listed word must have to count within a compound.
_INNER = 4


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    text = resources.files("device_agent").joinpath("glosses.toml").read_text("utf-8")
    return {form.strip(): told for told, forms in tomllib.loads(text)["words"].items() for form in forms.split(",")}


@lru_cache(maxsize=1)
def _by_length() -> tuple[str, ...]:
    return tuple(sorted(_table(), key=len, reverse=True))


def _folded(text: str) -> str:
    """Lower case, words of a name apart, umlauts spelled out, without accents."""
    text = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", text.replace("_", " ")).lower()
    for sign, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        text = text.replace(sign, letters)
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))


@lru_cache(maxsize=4096)
def glossed(text: str) -> str:
    """The English words for the foreign ones of a text, in their order."""
    folded, found = _folded(text), []
    for word in _WORDS.findall(folded):
        if word.isascii() and word in english() and word not in _table():
            found.append(word)
            continue
        at = 0
        while at < len(word):
            form = next((form for form in _by_length() if word.startswith(form, at) and (
                not word.isascii() or at == 0 or len(form) >= _INNER)), "")
            if form:
                found.append(_table()[form])
            at += len(form) or 1
    for form in _by_length():
        if form.isascii() and " " in form and form in folded:
            found.append(_table()[form])
    return " ".join(dict.fromkeys(" ".join(found).split()))
