"""Numbers as people write them out: 125 -> "one hundred and twenty-five", "a hundred twenty five", "1.25" -> "one
point two five", 21.5 -> "twenty-one and a half". Only for test sets; it shares nothing with what reads numbers."""

from __future__ import annotations

from random import Random

_ONES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
         "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
HALF = 0.5


def spelled(number: float, luck: Random) -> str:
    """The number in words, -99,999 to 99,999; a fraction is "and a half" or digit after digit."""
    if number < 0:
        return f"minus {spelled(-number, luck)}"
    whole, hyphen, joiner = int(number), luck.choice(("-", "-", " ")), luck.choice((" and ", " and ", " "))
    words = _whole(whole, hyphen, joiner)
    rest = f"{number:g}".partition(".")[2]
    if not rest:
        return words
    if number - whole == HALF and whole and luck.random() < HALF:
        return f"{words} and a half"
    return f"{words} point {' '.join(_ONES[int(digit)] for digit in rest)}"


def _whole(number: int, hyphen: str, joiner: str) -> str:
    if number >= 1000:
        thousands, rest = divmod(number, 1000)
        tail = "" if not rest else (joiner if rest < 100 else " ") + _whole(rest, hyphen, joiner)
        return f"{_whole(thousands, hyphen, joiner)} thousand{tail}"
    if number >= 100:
        hundreds, rest = divmod(number, 100)
        return f"{_ONES[hundreds]} hundred" + (joiner + _whole(rest, hyphen, joiner) if rest else "")
    if number < 20:
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens] + (hyphen + _ONES[ones] if ones else "")
