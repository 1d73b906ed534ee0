"""Whether a text is JSON, for interpreters whose own parser does not look closely.

MicroPython takes commas and colons for blanks, any bracket for any other, and stops at a NUL: `{]` is an object to
it. Messages must be refused alike everywhere. It builds nothing and does not recurse; numbers keep JSON's grammar."""

_DIGITS = "0123456789"
_LITERALS = ("true", "false", "null")


def _unit(text, place):
    """The number of the four hexadecimal digits at `place`, or -1."""
    digits = text[place:place + 4]
    for digit in digits:
        if digit not in "0123456789abcdefABCDEF":
            return -1
    return int(digits, 16) if len(digits) == 4 else -1


def _string(text, place):
    """The place after the string that opens at `place`, or -1. Half a letter (a lone surrogate) is none."""
    place += 1
    while place < len(text):
        letter = text[place]
        if letter == '"':
            return place + 1
        if ord(letter) < 32 or 0xD800 <= ord(letter) < 0xE000:
            return -1
        if letter == "\\":
            place += 1
            escaped = text[place:place + 1]
            if escaped == "u":
                unit = _unit(text, place + 1)
                place += 4
                if 0xD800 <= unit < 0xDC00 and text[place + 1:place + 3] == "\\u":
                    unit = 0 if 0xDC00 <= _unit(text, place + 3) < 0xE000 else -1
                    place += 6
                if unit < 0 or 0xD800 <= unit < 0xE000:
                    return -1
            elif not escaped or escaped not in '"\\/bfnrt':
                return -1
        place += 1
    return -1


def _digits(text, place):
    while place < len(text) and text[place] in _DIGITS:
        place += 1
    return place


def _number(text, place):
    """The place after the number that begins at `place`, or -1."""
    begin = place + (text[place] == "-")
    place = _digits(text, begin)
    if place == begin or (text[begin] == "0" and place - begin > 1):
        return -1
    if text[place:place + 1] == ".":
        begin = place + 1
        place = _digits(text, begin)
        if place == begin:
            return -1
    if text[place:place + 1] in ("e", "E"):
        begin = place + 1 + (text[place + 1:place + 2] in ("+", "-"))
        place = _digits(text, begin)
        if place == begin:
            return -1
    return place


def _scalar(text, place):
    if text[place] == '"':
        return _string(text, place)
    for literal in _LITERALS:
        if text[place:place + len(literal)] == literal:
            return place + len(literal)
    return _number(text, place) if text[place] in "-0123456789" else -1


def is_json(text):
    """Whether `text` is exactly one JSON value."""
    place, open_ones = 0, []
    want = "value"  # value, item (value or ]), name (or }), next name, colon, more (comma or the end)
    while place < len(text):
        letter = text[place]
        if letter in " \t\r\n":
            place += 1
            continue
        if want in ("name", "next name"):
            if letter == '"':
                place, want = _string(text, place), "colon"
                if place < 0:
                    return False
                continue
            if letter != "}" or want == "next name":
                return False
        elif want == "colon":
            if letter != ":":
                return False
            place, want = place + 1, "value"
            continue
        elif want == "more" and letter == "," and open_ones:
            place, want = place + 1, "next name" if open_ones[-1] == "}" else "value"
            continue
        elif want == "more" or (want == "item" and letter == "]"):
            if letter not in "]}":
                return False
        elif letter in "[{":
            open_ones.append("]" if letter == "[" else "}")
            place, want = place + 1, "item" if letter == "[" else "name"
            continue
        else:
            place, want = _scalar(text, place), "more"
            if place < 0:
                return False
            continue
        if not open_ones or open_ones.pop() != letter:
            return False
        place, want = place + 1, "more"
    return want == "more" and not open_ones
