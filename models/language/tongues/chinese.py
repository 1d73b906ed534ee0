"""Chinese names and documentation in English words: longest match in zh.toml, which lists signs and romanised forms.

Does: "移动到货架" -> "move to shelf", "yidong_dao_huojia" alike. Does not: grammar; signs that are not listed are left
out if most are known, else the name stays as it is. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources

_LONGEST = 8
# The same sign turns lamps on and opens what can be opened.
_OPENED = {"turn on": "open", "turn off": "close"}
_OPENABLE = frozenset({"curtain", "blind", "shutter", "window", "door", "front door", "back door", "gate", "valve",
                       "awning", "gripper", "drawer", "tap"})


def written(name: str) -> bool:
    """Whether a name holds Chinese signs."""
    return any("\u4e00" <= letter <= "\u9fff" for letter in name)


@lru_cache(maxsize=1)
def _signs() -> dict[str, str]:
    return {sign: english for sign, _, english in _rows()}


@lru_cache(maxsize=1)
def _sounds() -> dict[str, str]:
    found: dict[str, str] = {}
    for _, sound, english in _rows():
        if sound:
            found.setdefault(sound, english)
    return found


def _rows() -> list[tuple[str, str, str]]:
    text = resources.files("models.language.tongues").joinpath("zh.toml").read_text("utf-8")
    return [(form.partition("|")[0].strip(), form.partition("|")[2].strip(), english)
            for section in tomllib.loads(text).values() for english, forms in section.items()
            for form in forms.split(",")]


def segments(text: str) -> list[tuple[str, str | None]]:
    """A text cut by longest match: (piece, its English or None); other letters stay together."""
    table, at = _signs(), 0
    found: list[tuple[str, str | None]] = []
    while at < len(text):
        length = next((n for n in range(min(_LONGEST, len(text) - at), 0, -1) if text[at: at + n] in table), 0)
        if length:
            found.append((text[at: at + length], table[text[at: at + length]]))
            at += length
            continue
        end = at + 1
        if not written(text[at]):
            while end < len(text) and not written(text[end]):
                end += 1
        found.append((text[at:end], None))
        at = end
    return found


def english_of(name: str) -> str | None:
    """The English words of a name, or None if less than half of its signs are listed."""
    said, known, signs = [], 0, 0
    for piece, english in segments(name):
        if english is not None:
            known, signs = known + len(piece), signs + len(piece)
            said.append(english)
        elif written(piece):
            signs += len(piece)
        else:
            said.append(" ".join("".join(letter if letter.isalnum() else " " for letter in piece).split()))
    said = [_OPENED.get(word, word) if said[at + 1: at + 2] and said[at + 1] in _OPENABLE else word
            for at, word in enumerate(said)]
    text = " ".join(word for word in said if word)
    return " ".join(text.split()) if text and 2 * known >= signs else None


def romanised(parts: Sequence[str]) -> str | None:
    """The English of romanised words, or None if one is not listed, or all might be English."""
    table = _sounds()
    found: list[str] = []
    at = 0
    while at < len(parts):
        for length in range(min(4, len(parts) - at), 0, -1):
            sound = "".join(parts[at: at + length])
            if sound in table:
                found.append(table[sound])
                at += length
                break
        else:
            return None
    long = any(len(part) > 3 for part in parts)
    return " ".join(" ".join(found).split()) if found and (len(parts) > 1 or long) else None
