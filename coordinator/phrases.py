"""The coordinator's vocabulary, read once from phrases.toml, and the few rules that go with words.

Does: contractions, plurals (`stem`), tokens with their place in the text. Does not: know the house."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

_TOKEN = re.compile(r"[^\W\d_]+\d\w*|\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*|[%°]|[^\w\s]")
_IRREGULAR = {
    "shelves": "shelf",
    "people": "people",
    "children": "child",
    "is": "is",
    "was": "was",
    "has": "has",
    "does": "does",
    "us": "us",
    "this": "this",
    "always": "always",
    "series": "series",
    "as": "as",
    "christmas": "christmas",
    "upstairs": "upstairs",
    "downstairs": "downstairs",
    "stairs": "stair",
}


@dataclass(frozen=True)
class Token:
    """One word or sign. `start`, `end`: its place in the text; `word`: lower case, typing errors put right."""

    start: int
    end: int
    word: str
    said: str

    @property
    def stem(self) -> str:
        return stem(self.word)


@lru_cache(maxsize=1)
def table() -> dict[str, Any]:
    """phrases.toml as it stands."""
    return tomllib.loads(resources.files("coordinator").joinpath("phrases.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def lexicon() -> dict[str, Any]:
    """lexicon.toml as it stands: brands, purposes, lists."""
    return tomllib.loads(resources.files("coordinator").joinpath("lexicon.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def asking() -> dict[str, Any]:
    """asking.toml as it stands: the words of questions."""
    return tomllib.loads(resources.files("coordinator").joinpath("asking.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def sorts() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Names for kinds that are brands or more than one word, as stems -> kinds, the first that a house has."""
    found = {tuple(stem(word) for word in name.split()): tuple(kinds) for name, kinds in lexicon()["brands"].items()}
    for kind, row in table()["kinds"].items():
        for name in (*row["general"], *row["special"]):
            if " " in name:
                found[tuple(stem(word) for word in name.split())] = (kind,)
    return found


@lru_cache(maxsize=200)
def words(path: str) -> frozenset[str]:
    """A list of phrases.toml by dotted path, as a set."""
    value: Any = table()
    for part in path.split("."):
        value = value[part]
    return frozenset(value)


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """The singular of a word, roughly: "lights" -> "light", "switches" -> "switch", "Anna's" -> "anna"."""
    word = word.lower().replace("’", "'")
    word = word[:-2] if word.endswith("'s") else word[:-1] if word.endswith("'") else word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > 4 and word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us")):
        return word[:-1]
    return word


def is_plural(word: str) -> bool:
    """Whether a word looks like more than one of its kind."""
    return stem(word) != word.lower() and not word.endswith(("'s", "’s"))


def clean(text: str) -> str:
    """One line of plain text: NFKC, no control characters, contractions written out."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'").replace("`", "'")
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return _contractions().sub(lambda match: _expanded(match.group(0)), text)


@lru_cache(maxsize=1)
def _contractions() -> re.Pattern[str]:
    longest = sorted(table()["expand"], key=len, reverse=True)
    return re.compile(r"(?<![\w'])(?:" + "|".join(map(re.escape, longest)) + r")(?![\w'])", re.IGNORECASE)


def _expanded(said: str) -> str:
    full = str(table()["expand"][said.lower()])
    return full.capitalize() if said[:1].isupper() and full[:1] != "i" else full


def tokens(text: str) -> tuple[Token, ...]:
    """The words and signs of a text, in order."""
    found = []
    for match in _TOKEN.finditer(text):
        found.append(Token(match.start(), match.end(), match.group().lower(), match.group()))
    return tuple(found)


def unsaid(text: str) -> tuple[Token, ...]:
    """Words that were not said, so without a place in the text."""
    return tuple(Token(0, 0, word.lower(), word) for word in text.split())


def phrase_at(tokens_: tuple[Token, ...], at: int, phrases: Iterable[str]) -> int:
    """Length in tokens of the longest of `phrases` that stands at `at`; 0 if none does."""
    best, first = 0, tokens_[at].word if at < len(tokens_) else ""
    for phrase in phrases:
        if not first or not phrase.startswith(first):
            continue
        parts = phrase.split()
        if len(parts) > best and [token.word for token in tokens_[at : at + len(parts)]] == parts:
            best = len(parts)
    return best


def contains(tokens_: tuple[Token, ...], phrases: Iterable[str]) -> bool:
    """Whether one of `phrases` stands anywhere among the tokens."""
    phrases = tuple(phrases)
    return any(phrase_at(tokens_, at, phrases) for at in range(len(tokens_)))


@lru_cache(maxsize=1)
def senses() -> dict[str, frozenset[str]]:
    """Single word -> the senses that it can have (brightness, lock, …)."""
    found: dict[str, set[str]] = {}
    for name, row in table()["senses"].items():
        for word in row["words"]:
            found.setdefault(word, set()).add(name)
            found.setdefault(stem(word), set()).add(name)
    return {word: frozenset(names) for word, names in found.items()}


def senses_of_word(word: str) -> frozenset[str]:
    """The senses of one word in any number: "degrees" is about temperature."""
    return senses().get(word) or senses().get(stem(word)) or frozenset()


def senses_asked(word: str) -> frozenset[str]:
    """The senses that a word has in questions alone: a machine that is "finished" is off."""
    return _asked().get(word) or _asked().get(stem(word)) or frozenset()


@lru_cache(maxsize=1)
def _asked() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for name, names in asking()["senses"].items():
        for word in names:
            found[word] = found.get(word, frozenset()) | {name}
    return found


@lru_cache(maxsize=1)
def kind_words() -> dict[str, tuple[str, bool]]:
    """Singular word -> (kind, whether it names the kind as a whole)."""
    found: dict[str, tuple[str, bool]] = {}
    for kind, row in table()["kinds"].items():
        for general, names in ((True, row["general"]), (False, row["special"])):
            found.update((stem(word), (kind, general)) for word in names if " " not in word)
    return found


@lru_cache(maxsize=1)
def vocabulary() -> frozenset[str]:
    """Every single word of phrases.toml."""
    found = {part for word in _strings(table()) for part in word.split()}
    return frozenset(found | {stem(word) for word in found})


@lru_cache(maxsize=1)
def correct() -> frozenset[str]:
    """Words that are right as they stand: the vocabulary, the lexicon, and common words that lie near one of them."""
    found = {part for table_ in (lexicon(), asking()) for word in _strings(table_) for part in word.split()}
    return vocabulary() | found | {stem(word) for word in found}


def _strings(value: Any) -> Iterable[str]:
    """Every text and key of a table, in lower case."""
    if isinstance(value, str):
        yield value.lower()
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key).lower()
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


@lru_cache(maxsize=1)
def alike() -> dict[str, frozenset[str]]:
    """Word of a name -> words of names that mean the same."""
    found: dict[str, frozenset[str]] = {}
    for row in table()["alike"]["words"]:
        for word in row:
            found[stem(word)] = found.get(stem(word), frozenset()) | frozenset(stem(other) for other in row)
    return found


def distance(one: str, other: str, limit: int) -> int:
    """Edits between two words (a swap of neighbours is one), at most `limit` + 1."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        older, before = before, row
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]
