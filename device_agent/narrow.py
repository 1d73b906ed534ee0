"""What the plain words of a sentence leave possible, before the language model is asked: options and values.

Rules: a question leads to reading, an order to acting; "off" never to "on"; "to 40" is a value and "by 40" a change; a
choice that is said is the one that is meant; an amount goes to an argument that takes it. A sentence of several orders
is narrowed by the first two only. Where the words leave a doubt, everything is left to the model. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from device_agent import wording
from device_agent.features import alike, content, features_of
from models.language.prompt import NUMBERS_MAX, Option, Slot, clean, name_words
from models.language.words import Number, canonical, convert, normalise

# Units of which a percentage is no part of the range.
DEGREES = ("celsius", "fahrenheit", "kelvin")
# Whites: their "warmer" is a lower number.
WHITES = ("kelvin", "mired")


def options_left(sentence: str, options: Sequence[Option]) -> list[bool]:
    """Which of a Thing's options a sentence may lead to. `sentence`: with the Thing's name taken out."""
    names = [name for option in options for name in (option.label, option.about, *(
        word for slot in option.slots for word in (slot.name, *slot.choices)))]
    if wording.is_about_nothing_here(sentence, names):
        return [False] * len(options)
    may = [_permitted(sentence, option) for option in options]
    if wording.joins(sentence):
        return may
    left = _only_named(sentence, options, may)
    if wording.mood(sentence) == wording.ASK:
        return _asked_about(sentence, options, left)
    amounts = [number for number in normalise(sentence).numbers if wording.counts(sentence, number)]
    if amounts:  # an amount must go somewhere, even if then nothing is left
        able = [one and any(_takes(sentence, option, number) for number in amounts)
                for one, option in zip(left, options, strict=True)]
        within = [one and any(_within(sentence, option, number) for number in amounts)
                  for one, option in zip(able, options, strict=True)]
        numeric = [one and any(slot.type == "number" for slot in option.slots)
                   for one, option in zip(left, options, strict=True)]
        return next((kept for kept in (within, able) if any(kept)), numeric)
    fit = [_mentions(sentence, option) for option in options]
    if wording.direction(sentence) or wording.extreme(sentence):
        fit = [one or other for one, other in zip(fit, _changes(sentence, options), strict=True)]
    elif not any(fit):
        return left
    kept = [one and (good or (option.verb != "get" and _is_named(sentence, option)))
            for one, good, option in zip(left, fit, options, strict=True)]
    return kept if any(kept) else left


def values_left(sentence: str, option: Option) -> dict[int, tuple[str, ...]]:
    """Place of a slot -> the values (as an answer writes them) that the words leave it, where they leave not all."""
    left: dict[int, tuple[str, ...]] = {}
    named = _named_numbers(sentence, option)
    for place, slot in enumerate(option.slots):
        if place in named:
            found: tuple[str, ...] = (str(named[place] + 1),)
        elif named and slot.type == "number" and not slot.required:
            found = ("_",)
        elif slot.type == "choice":
            found = tuple(clean(choice) for choice in _said_choices(sentence, slot))
        elif wording.joins(sentence):
            found = ()
        elif slot.type == "boolean":
            name = slot.name or option.name
            found = tuple(written for written, value in (("y", True), ("n", False))
                          if not wording.contradicts(sentence, name, value))
            found = found if len(found) == 1 else ()
        else:
            found = _numbers_left(sentence, option, slot) if slot.type == "number" else ()
        if found:
            left[place] = found
    return left


def _named_numbers(sentence: str, option: Option) -> dict[int, int]:
    """Place of a slot -> the number that stands with its name in a clause of the sentence: "torque 12, grip 7"."""
    numbers = normalise(sentence).numbers[:NUMBERS_MAX]
    places = [place for place, slot in enumerate(option.slots) if slot.type == "number"]
    if len(places) < 2 or not numbers:
        return {}
    found: dict[int, int] = {}
    for begin, end in wording.clauses(sentence, [(number.start, number.end) for number in numbers]):
        said = f" {' '.join(name_words(sentence[begin:end]))} "
        here = [index for index, number in enumerate(numbers) if begin <= number.start < end]
        slots = [place for place in places if f" {' '.join(name_words(option.slots[place].name))} " in said]
        names = {place: option.slots[place].name for place in slots}
        slots = [place for place in slots
                 if not any(names[place] != other and names[place] in other for other in names.values())]
        if len(here) != 1 or len(slots) != 1 or slots[0] in found or wording.direction(sentence[begin:end]):
            return {}
        found[slots[0]] = here[0]
    return found


def _numbers_left(sentence: str, option: Option, slot: Slot) -> tuple[str, ...]:
    """The values left for a number; () for all. "+1": raised by the first number of the sentence."""
    if len([one for one in option.slots if one.type == "number"]) > 1 or wording.is_step(option.name, slot.name):
        return ()
    numbers = normalise(sentence).numbers[:NUMBERS_MAX]
    white = canonical(slot.unit) in WHITES
    direction, extreme = (0, 0) if white else (wording.direction(sentence), wording.extreme(sentence))
    sign = {1: "+", -1: "-", 0: ""}[direction]
    if not numbers:
        if extreme and direction * extreme >= 0:
            return ("^",) if extreme > 0 else ("v",)
        return {1: ("+", "^"), -1: ("-", "v"), 0: ()}[direction]
    if len(numbers) > 1 or not wording.counts(sentence, numbers[0]):
        return ()
    before = wording.words_of(sentence[:numbers[0].start])[-1:]
    if before == ["to"]:
        return ("1",)
    if before == ["by"]:
        return (f"{sign}1",) if sign else ("+1", "-1")
    return ("1", f"{sign}1") if sign else ("1", "+1", "-1")


def says_only(sentence: str, option: Option) -> bool:
    """Whether a sentence says nothing beyond an option's name and a value for it, so that it must be meant."""
    if wording.joins(sentence) or wording.forbids(sentence) or len(option.slots) > 1:
        return False
    said = content(wording.words_of(sentence))
    label = content(name_words(option.label))
    if not option.slots:
        return said == label or (option.verb == "get" and wording.mood(sentence) == wording.ASK
                                 and _explains(sentence, option))
    if _switches(sentence, option) or _speaks(sentence, option):
        return True
    slot = option.slots[0]
    rest, given = said - label - content(name_words(slot.name)), False
    if slot.type == "choice":
        choices = _said_choices(sentence, slot)
        given = len(choices) == 1
        rest -= {word for choice in choices for word in name_words(choice)}
    elif slot.type == "number":
        numbers = normalise(sentence).numbers
        given = len(numbers) == 1 and wording.counts(sentence, numbers[0]) and _takes(sentence, option, numbers[0])
        changing = {word for word in (*wording.table()["change"]["up"], *wording.table()["change"]["down"])
                    if word in wording.table()["change"]["plain"] or label & {word, *alike().get(word, ())}}
        given = given or (not numbers and wording.direction(sentence) != 0 and not rest.isdisjoint(changing))
        rest -= changing
        for number in numbers:
            rest -= set(wording.words_of(number.said))
    return given and not rest


def _permitted(sentence: str, option: Option) -> bool:
    """Whether a sentence of this mood and these plain words may lead to an option at all."""
    mood = wording.mood(sentence)
    if mood == wording.ASK and option.verb != "get":
        return wording.looks(option.name)
    if mood == wording.TELL and option.verb == "get":
        return False
    return option.verb == "get" or bool(option.slots) or not wording.contradicts(sentence, option.name)


def _only_named(sentence: str, options: Sequence[Option], may: Sequence[bool]) -> list[bool]:
    """Those whose name is all that the sentence says; else those whose name means the same, those that are switched by
    it, those that speak, those that all words lead to; else all."""
    said = content(wording.words_of(sentence))
    if not said:
        return list(may)
    labels = [content(name_words(option.label)) for option in options]
    plain = [one and not option.slots for one, option in zip(may, options, strict=True)]
    for rule in (
        [one and label == said for one, label in zip(plain, labels, strict=True)],
        [one and bool(label) and wording.same_pole(label, said) for one, label in zip(plain, labels, strict=True)],
        [one and _switches(sentence, option) for one, option in zip(may, options, strict=True)],
        [one and _speaks(sentence, option) for one, option in zip(may, options, strict=True)],
        [one and option.verb == "do" and _explains(sentence, option) and not _misses_change(sentence, option)
         for one, option in zip(plain, options, strict=True)],
    ):
        if any(rule):
            return rule
    return list(may)


def _asked_about(sentence: str, options: Sequence[Option], may: Sequence[bool]) -> list[bool]:
    """Those that a question names, less those within a longer name; else those that its words lead to; else all. What
    is measured comes before what is wanted, unless that is asked for."""
    said = content(wording.words_of(sentence))
    labels = [content(name_words(option.label)) if one else frozenset()
              for one, option in zip(may, options, strict=True)]
    named = [bool(label) and label <= said for label in labels]
    named = [one and not any(label < other for other, too in zip(labels, named, strict=True) if too)
             for one, label in zip(named, labels, strict=True)]
    near = [one and not said.isdisjoint(features_of(option)) for one, option in zip(may, options, strict=True)]
    left = named if any(named) else near if any(near) else list(may)
    wanted = frozenset(wording.table()["mood"]["wanted"])
    if wanted.isdisjoint(wording.words_of(sentence)):
        measured = [one and label.isdisjoint(wanted) for one, label in zip(left, labels, strict=True)]
        left = measured if any(measured) else left
    return left


def _explains(sentence: str, option: Option) -> bool:
    """Whether all that a sentence says leads to an option."""
    said = content(wording.words_of(sentence))
    return bool(said) and said <= set(features_of(option))


def _switches(sentence: str, option: Option) -> bool:
    """Whether an option is a yes or no that the sentence says, and nothing else: power, by "turn it off"."""
    if len(option.slots) != 1 or option.slots[0].type != "boolean" or len(values_left(sentence, option)) != 1:
        return False
    names = {*name_words(option.slots[0].name), *name_words(option.label)}
    return content(wording.words_of(sentence)) <= content(names) | wording.words_of_pairs(names)


def _speaks(sentence: str, option: Option) -> bool:
    """Whether an option takes a text and the sentence begins with its name: "announce dinner is ready"."""
    return (any(slot.type == "text" for slot in option.slots) and wording.speaks(sentence)
            and wording.first_word(sentence) in name_words(option.label))


def _is_named(sentence: str, option: Option) -> bool:
    """Whether all words of an option's name stand in the sentence."""
    label = content(name_words(option.label))
    return bool(label) and label <= content(wording.words_of(sentence))


def _takes(sentence: str, option: Option, number: Number) -> bool:
    """Whether an amount could be one of an option's arguments."""
    for slot in option.slots:
        unit = canonical(slot.unit)
        if slot.type == "text" and wording.speaks(sentence) and not is_colour(slot, option):
            return True
        if slot.type == "choice" and any(f"{number.value:g}" in name_words(choice) for choice in slot.choices):
            return True
        if number.unit in wording.table()["amount"]["times"] and not wording.is_time(
                slot.name, slot.unit, option.name, option.label):
            continue
        if slot.type == "number" and (
                convert(1.0, number.unit, unit) is not None
                or (number.unit == "percent" and (_is_change(sentence, number)
                                                  or (None not in (slot.low, slot.high) and unit not in DEGREES)))):
            return True
    return False


def _within(sentence: str, option: Option, number: Number) -> bool:
    """Whether an amount is within the range of one of an option's arguments, or none is to be kept."""
    if _is_change(sentence, number) or _is_named(sentence, option):
        return True
    for slot in option.slots:
        value = convert(number.value, number.unit, canonical(slot.unit)) if slot.type == "number" else None
        if slot.type != "number" or value is None:
            return True  # a text, a choice, a part of the range
        if (slot.low is None or value >= slot.low) and (slot.high is None or value <= slot.high):
            return True
    return False


def _is_change(sentence: str, number: Number) -> bool:
    return wording.words_of(sentence[:number.start])[-1:] == ["by"]


def _changes(sentence: str, options: Sequence[Option]) -> list[bool]:
    """Which options can be what "more" or "less" is about; those that the word itself is about ("louder"), if any."""
    able = [any(slot.type == "number" for slot in option.slots) if option.slots
            else option.verb == "do" and not _misses_change(sentence, option)
            for option in options]
    rules = wording.table()["change"]
    changing = content(wording.words_of(sentence)) & {*rules["up"], *rules["down"], *rules["most"], *rules["least"]}
    about = [one and not changing.isdisjoint(features_of(option)) for one, option in zip(able, options, strict=True)]
    return about if any(about) else able


def _misses_change(sentence: str, option: Option) -> bool:
    """Whether a sentence is about more or less, and an option switches: "a bit warmer" does not turn the heating on."""
    about_change = wording.direction(sentence) or wording.extreme(sentence)
    return bool(about_change) and not {"on", "off", "toggle"}.isdisjoint(name_words(option.label))


def _said_choices(sentence: str, slot: Slot) -> list[str]:
    """Its choices that stand in the sentence, not within a longer one, and are no words for a state such as "off"."""
    spoken = f" {' '.join(name_words(sentence))} "
    words = {choice: f" {' '.join(name_words(choice))} " for choice in slot.choices}
    said = [choice for choice in slot.choices if words[choice] in spoken and not wording.pole(name_words(choice))]
    return [choice for choice in said
            if not any(words[choice] != words[other] and words[choice] in words[other] for other in said)]


def _mentions(sentence: str, option: Option) -> bool:
    """Whether one of its choices is said, or whether it takes any colour and one is said."""
    return any(_said_choices(sentence, slot) or (
        slot.type == "text" and is_colour(slot, option) and wording.colour_said(sentence)) for slot in option.slots)


def is_colour(slot: Slot, option: Option) -> bool:
    return not {*name_words(slot.name), *name_words(option.label)}.isdisjoint(("colour", "color"))
