"""Numbers from 0 to 1000 as each language spells them: a table from words to the value, made by rule. Pure."""

from __future__ import annotations

_DE = "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn"
_DE_TENS = {20: "zwanzig", 30: "dreißig", 40: "vierzig", 50: "fünfzig", 60: "sechzig", 70: "siebzig", 80: "achtzig",
            90: "neunzig"}
_FR = ("zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept "
       "dix-huit dix-neuf")
_FR_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante"}
_ES = ("cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
       "dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete "
       "veintiocho veintinueve")
_ES_TENS = {30: "treinta", 40: "cuarenta", 50: "cincuenta", 60: "sesenta", 70: "setenta", 80: "ochenta", 90: "noventa"}
_ES_HUNDREDS = "cien doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"


def spelled(language: str) -> dict[str, float]:
    """words (parted by single spaces, hyphens as spaces) -> value."""
    table: dict[str, float] = {**{"de": _german, "fr": _french, "es": _spanish}[language]()}
    if language == "de":  # "neunzehneinhalb"
        table |= {f"{words}einhalb": value + 0.5 for words, value in table.items() if 1 < value < 100}
        table |= {"anderthalb": 1.5, "eineinhalb": 1.5}
    return {words.replace("-", " "): value for words, value in table.items()}


def _german() -> dict[str, int]:
    small = dict(enumerate([*_DE.split(), "achtzehn", "neunzehn"]))
    units = {**small, 1: "ein"}
    for tens, word in _DE_TENS.items():
        small[tens] = word
        small.update({tens + unit: f"{units[unit]}und{word}" for unit in range(1, 10)})
    table = {word: value for value, word in small.items()}
    table |= {"zwo": 2, "hundert": 100, "einhundert": 100, "tausend": 1000, "eintausend": 1000, "dutzend": 12}
    for hundreds in range(1, 10):
        head = "hundert" if hundreds == 1 else f"{units[hundreds]}hundert"
        table[head] = 100 * hundreds
        table |= {head + word: 100 * hundreds + value for value, word in small.items() if value}
        table |= {f"ein{head}{word}": 100 + value for value, word in small.items() if value and hundreds == 1}
    return table


def _french() -> dict[str, int]:
    small = dict(enumerate(_FR.split()))
    for tens, word in _FR_TENS.items():
        small[tens] = word
        small.update({tens + unit: f"{word} {small[unit]}" for unit in range(2, 10)})
        small[tens + 1] = f"{word} et un"
    small.update({60 + unit: f"soixante {small[unit]}" for unit in range(10, 20)})
    small[71] = "soixante et onze"
    small[80] = "quatre vingts"
    small.update({80 + unit: f"quatre vingt {small[unit]}" for unit in range(1, 20)})
    table = {word: value for value, word in small.items()}
    table |= {f"{tens} et une": value for tens, value in (("vingt", 21), ("trente", 31), ("quarante", 41))}
    table |= {"septante": 70, "octante": 80, "huitante": 80, "nonante": 90, "quatre vingt": 80, "mille": 1000,
              "douzaine": 12}
    for hundreds in range(1, 10):
        head = "cent" if hundreds == 1 else f"{small[hundreds]} cent"
        table |= {head: 100 * hundreds, f"{head}s": 100 * hundreds}
        table |= {f"{head} {word}": 100 * hundreds + value for value, word in small.items() if value}
    return table


def _spanish() -> dict[str, int]:
    small = dict(enumerate(_ES.split()))
    for tens, word in _ES_TENS.items():
        small[tens] = word
        small.update({tens + unit: f"{word} y {small[unit]}" for unit in range(1, 10)})
    table = {word: value for value, word in small.items()}
    table |= {"veintiún": 21, "veintiuna": 21, "mil": 1000, "docena": 12}
    table |= {f"{word} y un": value + 1 for value, word in small.items() if value in _ES_TENS}
    for hundreds, head in enumerate(_ES_HUNDREDS.split(), 1):
        table[head] = 100 * hundreds
        start = "ciento" if hundreds == 1 else head
        table |= {f"{start} {word}": 100 * hundreds + value for value, word in small.items() if value}
    return table
