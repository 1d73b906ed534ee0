"""The forms of nouns, adjectives and verbs, made by rule: one function a language and kind of word.

Does: give every form that a command is likely to use. Does not: know exceptions; those are in the language's own
table (`[forms]`, "=plural"). A form that no grammar has does no harm: nobody says it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

_INSEPARABLE = ("be", "ge", "ent", "er", "ver", "zer", "emp", "über", "unter")
# What a verb's form is used as.
ORDER, FINITE, INFINITIVE, DONE = "order", "finite", "infinitive", "done"


def split_plural(written: str) -> tuple[str, str]:
    """A dictionary entry "lampe/n" -> ("lampe", "lampen"); "ofen/=öfen"; without a stroke the plural is ""."""
    word, _, plural = written.partition("/")
    return word, plural[1:] if plural.startswith("=") else word + plural if plural else ""


def plurals(language: str, word: str, given: str) -> list[str]:
    """The plural forms of a noun, in all cases."""
    if given:
        many = [given]
        if language == "de" and not given.endswith(("n", "s")):
            many.append(given + "n")
        return many
    if language == "de":
        return [word + "n"] if word.endswith(("er", "el")) else [word]
    first, _, rest = word.partition(" ")
    rest = f" {rest}" if rest else ""
    if language == "fr":
        if first.endswith(("s", "x", "z")):
            return [word]
        made = first[:-2] + "aux" if first.endswith("al") else first + ("x" if first.endswith("eau") else "s")
        return [made + rest, made + rest + "s"] if rest and " " not in rest.strip() else [made + rest]
    made = first
    if first.endswith("z"):
        made = first[:-1] + "ces"
    elif first[-1] in "aeiouáéóú":
        made = first + "s"
    elif not first.endswith("s"):
        made = first + "es"
    return [made + rest, *([made + rest + "s"] if rest and " " not in rest.strip() else [])]


def genitives(language: str, word: str) -> list[str]:
    """German genitives: "des Ventilators"."""
    return [word + "s", word + "es"] if language == "de" and not word.endswith(("s", "e")) else []


def adjectives(language: str, word: str) -> list[str]:
    """An adjective in every gender, number and case."""
    if language == "de":
        return [word, *(word + end for end in ("e", "en", "er", "es", "em", "ere", "eren"))]
    if language == "fr":
        return [word, word + "e", word + "s", word + "es", *([word + "le"] if word.endswith("el") else [])]
    if word.endswith("o"):
        return [word, word[:-1] + "a", word[:-1] + "os", word[:-1] + "as"]
    return [word, word + "s", word + "es"]


def verb_forms(language: str, verb: str, given: str = "") -> Iterator[tuple[str, str]]:
    """(form, use) of a verb; `given`: its exceptions as the table writes them."""
    yield verb, INFINITIVE
    yield from {"de": _german, "fr": _french, "es": _spanish}[language](verb, given)


def _german(verb: str, given: str) -> Iterator[tuple[str, str]]:
    stem = verb[:-2] if verb.endswith("en") else verb[:-1]
    soft = stem + ("e" if stem.endswith(("t", "d", "fn", "chn")) else "")
    order, finite, done = stem, soft + "t", ("" if _no_ge(verb) else "ge") + soft + "t"
    if given:
        order, finite, done = (part.strip() for part in given.split(","))
    for form in dict.fromkeys((order, stem, stem + "e", soft + "st", order + "st", order + "e")):
        yield form, ORDER
    if stem.endswith(("el", "er")):
        yield stem[:-2] + stem[-1] + "e", ORDER
    yield finite, FINITE
    yield soft + "t", FINITE
    yield done, DONE


def _no_ge(verb: str) -> bool:
    return verb.startswith(_INSEPARABLE) or verb.endswith("ieren")


def _french(verb: str, given: str) -> Iterator[tuple[str, str]]:
    if given:
        finite, _, done = given.partition(";")
        yield from ((form.strip(), ORDER) for form in finite.split(","))
        done = done.strip()
        yield from ((done + end, DONE) for end in ("", "e", "s", "es"))
        return
    stem = verb[:-2]
    if verb.endswith("er"):
        soft = stem + "e" if stem.endswith("g") else stem[:-1] + "ç" if stem.endswith("c") else stem
        yield from ((form, ORDER) for form in (stem + "e", stem + "ez", stem + "es", soft + "ons", stem + "iez"))
        yield from ((verb + end, ORDER) for end in ("ais", "ait", "iez", "as", "ez", "a"))
        yield stem + "ent", FINITE
        yield stem + "ant", FINITE
        yield from ((stem + "é" + end, DONE) for end in ("", "e", "s", "es"))
    elif verb.endswith("ir"):
        yield from ((stem + end, ORDER) for end in ("is", "it", "issez", "isse", "isses", "issent"))
        yield from ((stem + "i" + end, DONE) for end in ("", "e", "s", "es"))


def _spanish(verb: str, given: str) -> Iterator[tuple[str, str]]:
    stem = verb[:-2]
    if given:
        orders, done, *_ = (part.strip() for part in given.split(";"))
        for form in map(str.strip, orders.split(",")):
            yield form, ORDER
            if form.endswith(("a", "e")) and " " not in form:
                yield form + "s", ORDER
        yield from _gendered(done)
        yield from ((form, ORDER) for form in _wished(verb))
        if not verb.endswith("se"):
            yield stem + ("ando" if verb.endswith("ar") else "iendo"), FINITE
            yield stem + ("ar" if verb.endswith("ar") else verb[-2:]), INFINITIVE
        return
    if verb.endswith("ar"):
        soft = stem
        for hard, written in (("c", "qu"), ("g", "gu"), ("z", "c")):
            if stem.endswith(hard):
                soft = stem[: -len(hard)] + written
        ends = [stem + "a", stem + "á", stem + "as", soft + "e", soft + "es", soft + "en", stem + "ad", soft + "emos"]
        ends += [stem + "aras", stem + "ara", stem + "arais", verb + "ás", verb + "ías", verb + "ía"]
        finite, done = [stem + "an", stem + "ando"], stem + "ado"
    else:
        thematic = "e" if verb.endswith(("er", "ir")) else ""
        ends = [stem + thematic, stem + "es", stem + "a", stem + "as", stem + "an", stem + verb[-2] + "d"]
        ends += [stem + "ieras", stem + "iera", verb + "ás", verb + "ías", verb + "ía"]
        finite, done = [stem + "en", stem + "iendo"], stem + "ido"
    yield from ((form, ORDER) for form in ends)
    yield from ((form, FINITE) for form in finite)
    yield from _gendered(done)


def _wished(verb: str) -> list[str]:
    """ "que encendieras": as a wish puts it, of a verb with exceptions; made by the plain rule, some are nobody's."""
    stem = verb[:-2]
    return [stem + ("aras" if verb.endswith("ar") else "ieras"), stem + ("ara" if verb.endswith("ar") else "iera")]


def _gendered(done: str) -> Iterator[tuple[str, str]]:
    for end in ("o", "a", "os", "as"):
        yield done.removesuffix("o") + end, DONE
