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

_WORDS = re.compile(r"\d+(?:[.,]\d+)?|%|k?m/[sh]|[a-z][a-z'-]*|[\u4e00-\u9fff]+")
_QUOTED = re.compile(r'["“„«]([^"”“»]*)["”“»]')
# The least letters that a listed word must have to count within a compound, and to count with any ending.
_INNER, _BEGINS = 4, 3
# How many words may stand before a verb's particle.
_APART = 8


@lru_cache(maxsize=1)
def _tables() -> dict[str, dict[str, str]]:
    read: dict[str, dict[str, str]] = tomllib.loads(
        resources.files("device_agent").joinpath("glosses.toml").read_text("utf-8"))
    return read


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    return {form.strip(): told for told, forms in _tables()["words"].items() for form in forms.split(",")}


@lru_cache(maxsize=1)
def _by_length() -> tuple[str, ...]:
    return tuple(sorted((form for form in _table() if " " not in form and "…" not in form), key=len, reverse=True))


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """What stands in several words, longest first, and its English."""
    forms = sorted((form for form in _table() if " " in form or "…" in form), key=len, reverse=True)
    return tuple((re.compile(rf"\b{re.escape(form).replace('…', rf'[a-z]*((?: [^ .,?!]+){{0,{_APART}}}?) ')}"
                             rf"{'[a-z]*' if '…' not in form else chr(92) + 'b'}"), _table()[form]) for form in forms)


@lru_cache(maxsize=1)
def _dropped() -> frozenset[str]:
    return frozenset(word.strip() for word in _tables()["drop"]["words"].split(","))


def asks(text: str) -> bool:
    """Whether a sentence of these languages is a question."""
    rows = _tables()["asking"]
    low = _folded(text).strip()
    return (low.endswith(tuple(one.strip() for one in rows["endings"].split(",")))
            or any(f"{low} ".startswith((f"{one.strip()} ", f"{one.strip()}-")) for one in rows["words"].split(","))
            or any(one.strip() in low for one in rows["inner"].split(",")))


def _folded(text: str) -> str:
    """Lower case, words of a name apart, umlauts spelled out, without accents."""
    text = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", text.replace("_", " ").replace("’", "'")).lower()
    for sign, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("œ", "oe")):
        text = text.replace(sign, letters)
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))


@lru_cache(maxsize=4096)
def glossed(text: str) -> str:
    """The English words for the foreign ones of a text, in their order; what is quoted stays as it is."""
    quoted = [f'"{said}"' for said in _QUOTED.findall(text)]
    folded, found = _folded(_QUOTED.sub(" ", text)), list[str]()
    for pattern, told in _patterns():
        if pattern.search(folded):
            found.append(told)
            folded = pattern.sub(r" \1 " if pattern.groups else " ", folded)
    for word in _WORDS.findall(folded):
        if word in _dropped():
            continue
        if word[0].isdigit() or word == "%":
            found.append("percent" if word == "%" else word)
        elif "/" in word or (word.isascii() and word not in _table() and word in english()):
            found.append(word)
        else:
            found += _parts(word)
    return " ".join([*dict.fromkeys(" ".join(found).split()), *quoted])


def _parts(word: str) -> list[str]:
    """The English of a word, of the listed ones that it begins with and holds."""
    found, at = [], 0
    bare = re.sub(r"^[a-z]{1,2}'", "", word)
    while at < len(bare):
        form = next((form for form in _by_length() if bare.startswith(form, at) and (
            not bare.isascii() or form == bare or (at == 0 and len(form) >= _BEGINS) or len(form) >= _INNER)), "")
        if form:
            found.append(_table()[form])
        at += len(form) or 1
    return found
