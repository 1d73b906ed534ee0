"""From what the model chose to values that a driver takes; everything that arithmetic and copying can do is done here.

Rules: a number is copied and converted to the schema's unit, never clamped when it was said as such; a change is
reckoned from the present value and clamped to the range; a choice is spelled as in the schema; a text is copied from
the sentence letter by letter. Whatever cannot be settled is a `Refusal` with a code and one sentence. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from device_agent import wording
from device_agent.options import Offer, bare_words
from firmware_py.core import schema as schemas
from firmware_py.core.errors import RemoteError, SchemaError
from models.language.prompt import Value, name_words
from models.language.words import Number, canonical, convert
from ontology.description import Field, Thing

TEMPERATURES = ("celsius", "fahrenheit", "kelvin")
# "a bit": points of a percentage, degrees of a temperature, and the part of any other range.
BIT_PERCENT = 10.0
BIT_DEGREES: Mapping[str, float] = {"celsius": 1.0, "fahrenheit": 2.0, "kelvin": 1.0}
BIT_PART = 0.1
_UNIT_OF_NAME = ("second", "minute", "hour", "day", "millisecond", "percent", "celsius", "fahrenheit", "kelvin", "watt",
                 "kilowatt", "lumen", "lux", "rpm", "metre", "centimetre", "millimetre", "kilometre", "litre",
                 "millilitre", "hertz", "kilohertz", "megahertz", "mired", "gram", "kilogram", "volt", "millivolt",
                 "ampere", "milliampere", "psi", "newton", "kmh", "mps", "mph", "inch", "hectopascal",
                 "kilopascal", "decibel", "ppm", "degree")


class Refusal(RemoteError):
    """A value that cannot be had. `code`: out_of_range, missing_value, unknown_state or cannot."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True)
class Spoken:
    """The sentence and its numbers, as the model was shown them; `present`: the Thing's properties now."""

    text: str
    numbers: tuple[Number, ...]
    present: Mapping[str, Any]


def call_of(thing: Thing, offer: Offer, values: Sequence[Value], spoken: Spoken) -> dict[str, Any]:
    """{"action", "input"} or {"property", "value"} as the driver takes it; Refusal if a value cannot be had."""
    return call_with(thing, offer, inputs_of(thing, offer, values, spoken))


def inputs_of(
    thing: Thing, offer: Offer, values: Sequence[Value], spoken: Spoken, *, chosen: bool = True,
) -> dict[str, Any]:
    """The arguments that were given, by name; Refusal if one cannot be had. `chosen`: by a model, so that the words
    beside a value are asked once more."""
    inputs: dict[str, Any] = {}
    for field, value in zip(offer.fields, values, strict=True):
        if value.kind == "absent":
            continue
        found = _value(thing, offer, field, value, spoken, chosen)
        try:
            schemas.check(field.schema, found, _called(offer, field))
        except SchemaError as error:
            raise Refusal("out_of_range", str(error)) from None
        inputs[field.name] = found
    return inputs


def call_with(thing: Thing, offer: Offer, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The call with these arguments; Refusal if one is missing."""
    affordance = offer.affordance
    for field in offer.fields:
        if field.required and field.name not in inputs:
            raise unsaid(thing, offer, field)
    if affordance.op == "write":
        return {"property": affordance.name, "value": inputs[""]}
    # An input that is no object is the value itself.
    return {"action": affordance.name, "input": inputs.get("", dict(inputs))}


def unsaid(thing: Thing, offer: Offer, field: Field) -> Refusal:
    """What is answered where an argument has no value."""
    return Refusal("missing_value", f"{thing.title} needs a value for the {_called(offer, field)}; say which.")


def _called(offer: Offer, field: Field) -> str:
    """What a person calls the value."""
    return " ".join(bare_words(name_words(field.name or offer.affordance.name)))


def _value(thing: Thing, offer: Offer, field: Field, value: Value, spoken: Spoken, chosen: bool) -> Any:
    schema, called = field.schema, _called(offer, field)
    if value.kind in ("yes", "no"):
        return value.kind == "yes"
    if value.kind == "choice":
        return _choice(schema, value.text, called, spoken.text) if chosen else value.text
    if value.kind == "text":
        if "#" in str(schema.get("pattern", "")) and value.text.lower() in _colours():
            return _colours()[value.text.lower()]
        return value.text or _text(thing, offer, schema, called, spoken.text)
    return fitted(schema, _quantity(thing, offer, field, settled(offer, field, value, spoken) if chosen else value,
                                    spoken))


# Numbers


def settled(offer: Offer, field: Field, value: Value, spoken: Spoken) -> Value:
    """What the model chose for a number, where the words beside it leave no choice: "to 40" is no change, "by 40" is.

    Refusal if the words say less and the model more, or the other way round."""
    direction = wording.direction(spoken.text)
    if value.index is not None and not is_step(offer, field):
        before = wording.words_of(spoken.text[:spoken.numbers[value.index].start])[-1:]
        if before == ["to"]:
            value = Value("number", value.index)
        elif before == ["by"] and value.kind == "number":
            if not direction:
                raise Refusal("cannot", f"I do not know whether to raise or to lower it by {_said(value, spoken)}.")
            value = Value("up" if direction > 0 else "down", value.index)
    sign = {"up": 1, "most": 1, "down": -1, "least": -1}.get(value.kind, 0)
    if sign * direction < 0 and unit_of(field.schema, field.name or offer.affordance.name) not in ("kelvin", "mired"):
        raise Refusal("cannot", "I am not sure whether that means more or less; give a number.")
    return value


def is_change(offer: Offer, values: Sequence[Value], spoken: Spoken) -> bool:
    """Whether some value of an option that was chosen is reckoned from the present one."""
    return any(settled(offer, field, value, spoken).kind in ("up", "down")
               for field, value in zip(offer.fields, values, strict=True)
               if value.kind in ("number", "up", "down"))


def _said(value: Value, spoken: Spoken) -> str:
    return spoken.numbers[value.index].said if value.index is not None else ""


def unit_of(schema: Mapping[str, Any], name: str = "") -> str:
    """The canonical unit of a schema, or the one its name tells ("duration_s", "minutes", "temperature"), or ""."""
    if schema.get("unit"):
        return "day" if schema["unit"] == "d" else canonical(str(schema["unit"]))
    words = name_words(name)
    for word in reversed(words):
        if canonical(word) in _UNIT_OF_NAME and (len(word) > 1 or word == "s"):
            return canonical(word)
    high = schema.get("maximum", 40)
    if "temperature" in words and "colour" not in words and "color" not in words and high <= 60:
        return "celsius"
    return ""


def percent_like(schema: Mapping[str, Any], unit: str) -> bool:
    """Whether its numbers are percentages: by unit, or from 0 to 100."""
    return unit == "percent" or (schema.get("minimum") == 0 and schema.get("maximum") == 100)


def fitted(schema: Mapping[str, Any], value: float) -> int | float:
    """Rounded as the schema wants it: whole for an integer, to its step, else to two digits."""
    step = schema.get("multipleOf")
    if step and step > 0:
        value = math.floor(value / step + 0.5) * step
        value = round(value, 6)
    if schema.get("type") == "integer":
        return math.floor(value + 0.5)
    value = round(value, 2) if not step else value
    return int(value) if value == int(value) else value


def _quantity(thing: Thing, offer: Offer, field: Field, value: Value, spoken: Spoken) -> float:
    schema, called = field.schema, _called(offer, field)
    unit = unit_of(schema, field.name or offer.affordance.name)
    low, high = schema.get("minimum"), schema.get("maximum")
    if value.kind in ("most", "least"):
        bound = high if value.kind == "most" else low
        if bound is None and percent_like(schema, unit):
            bound = 100 if value.kind == "most" else 0
        if bound is None:
            raise Refusal("cannot", f"{thing.title} does not say how far its {called} goes; give a number.")
        return float(bound)
    number = spoken.numbers[value.index] if value.index is not None else None
    if value.kind == "number":
        assert number is not None
        if not unit and number.unit in wording.table()["amount"]["times"] and not wording.is_time(
                field.name, offer.affordance.name, offer.affordance.title):
            raise Refusal("cannot", f"The {called} of {thing.title} takes no duration such as {number.said}.")
        return _absolute(thing, schema, unit, number, called)
    return _changed(thing, offer, field, value, number, spoken)


def _absolute(thing: Thing, schema: Mapping[str, Any], unit: str, number: Number, called: str) -> float:
    low, high = schema.get("minimum"), schema.get("maximum")
    if number.unit == "percent" and not percent_like(schema, unit):
        if low is not None and high is not None and unit not in TEMPERATURES:  # a part of the range
            if not 0 <= number.value <= 100:
                raise Refusal("out_of_range", f"The {called} goes from 0 to 100 percent, not {number.said}.")
            return float(low + (high - low) * number.value / 100)
        raise Refusal("cannot", f"The {called} of {thing.title} takes {_units(unit) or 'a number'}, not percent.")
    found = convert(number.value, number.unit, unit)
    if found is None and number.unit == "percent" and unit not in TEMPERATURES:
        found = number.value  # of 0 to 100
    if found is None:
        raise Refusal("cannot", f"The {called} of {thing.title} takes {_units(unit)}, not {_units(number.unit)}.")
    if (low is not None and fitted(schema, found) < low) or (high is not None and fitted(schema, found) > high):
        raise Refusal("out_of_range", _outside(called, number, found, schema, unit))
    return found


def _outside(called: str, number: Number, found: float, schema: Mapping[str, Any], unit: str) -> str:
    said = number.said if number.unit in ("", "degree", unit) else f"{number.said} ({found:g} {unit})"
    after = f" {schema['unit']}" if schema.get("unit") else ""
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"The {called} goes from {low:g} to {high:g}{after}; {said} is outside."
    limit = f"at least {low:g}" if low is not None else f"at most {high:g}"
    return f"The {called} must be {limit}{after}; {said} is outside."


def _units(unit: str) -> str:
    if unit in (*TEMPERATURES, "percent", "", "rpm", "lux"):
        return f"degrees {unit}" if unit in ("celsius", "fahrenheit") else unit
    return unit if unit.endswith("s") else f"{unit}s"


def _changed(
    thing: Thing, offer: Offer, field: Field, value: Value, number: Number | None, spoken: Spoken
) -> float:
    """The present value, raised or lowered by a number that was said or by a bit, or multiplied, within the range."""
    schema, called = field.schema, _called(offer, field)
    sign = 1 if value.kind == "up" else -1
    source = present_name(thing, offer, field)
    if source is None:
        if number is not None and is_step(offer, field):
            return number.value  # the action itself is the change
        raise Refusal("unknown_state", f"{thing.title} does not tell its {called}; give a number.")
    present = spoken.present.get(source)
    if isinstance(present, bool) or not isinstance(present, (int, float)) or not math.isfinite(present):
        raise Refusal("unknown_state", f"The {called} of {thing.title} is not known now; give a number.")
    unit = unit_of(schema, field.name or offer.affordance.name)
    affordance = thing.affordance("read", source)
    from_unit = unit_of(affordance.schema, source) if affordance is not None else unit
    now = convert(float(present), from_unit, unit)
    now = float(present) if now is None else now
    if value.kind == "times":
        sign, step = 1, now * (float(value.text) - 1)
    elif number is None:
        step = _bit(schema, unit, now)
    elif number.unit == "percent":
        step = number.value if percent_like(schema, unit) else abs(now) * number.value / 100
    else:
        converted = convert(number.value, number.unit, unit, difference=True)
        if converted is None:
            raise Refusal("cannot", f"The {called} of {thing.title} takes {_units(unit)}, not {_units(number.unit)}.")
        step = converted
    found = now + sign * step
    low, high = schema.get("minimum"), schema.get("maximum")
    if percent_like(schema, unit):
        low, high = 0 if low is None else low, 100 if high is None else high
    found = max(found, low) if low is not None else found
    found = min(found, high) if high is not None else found
    return _within(schema, found)


def _within(schema: Mapping[str, Any], value: float) -> float:
    """Rounding to a step must not lead out of the range again."""
    step, low, high = schema.get("multipleOf"), schema.get("minimum"), schema.get("maximum")
    rounded = fitted(schema, value)
    if step and high is not None and rounded > high:
        return float(math.floor(high / step + 1e-9) * step)
    if step and low is not None and rounded < low:
        return float(math.ceil(low / step - 1e-9) * step)
    return value


def _bit(schema: Mapping[str, Any], unit: str, now: float) -> float:
    low, high = schema.get("minimum"), schema.get("maximum")
    if unit in TEMPERATURES and not (unit == "kelvin" and (high or 0) > 1000):  # a white's kelvins are a plain range
        step = BIT_DEGREES[unit]
    elif percent_like(schema, unit):
        step = BIT_PERCENT
    elif low is not None and high is not None:
        step = (high - low) * BIT_PART
    else:
        step = abs(now) * BIT_PART or 1.0
    least = schema.get("multipleOf") or (1 if schema.get("type") == "integer" else 0)
    return float(max(step, least))


def is_step(offer: Offer, field: Field) -> bool:
    """Whether the number of an action is a change itself: increase_volume(by)."""
    return is_step_name(offer.option.verb, field.name, offer.affordance.name)


def is_step_name(verb: str, slot: str, name: str) -> bool:
    """The same of an option's verb, argument and name."""
    return verb == "do" and wording.is_step(slot, name)


def present_name(thing: Thing, offer: Offer, field: Field) -> str | None:
    """The readable property whose present value a change starts from, or None."""
    affordance = offer.affordance
    if affordance.op == "write":
        return affordance.name if thing.affordance("read", affordance.name) is not None else None
    numbers = ("number", "integer")
    readable = [one for one in thing.affordances if one.op == "read" and one.schema.get("type") in numbers]
    wanted = [bare_words(name_words(affordance.name)), name_words(field.name)]
    if affordance.affects is not None and any(one.name == affordance.affects for one in readable):
        return affordance.affects
    for words in wanted:
        for one in readable:
            if name_words(one.name) == words:
                return one.name
    # "increase_volume" and "volume_up" are about the volume, "set_target" about the target_temperature.
    about = [one.name for one in readable if set(name_words(one.name)) <= set(wanted[0])]
    about = about or [one.name for one in readable if set(wanted[0]) < set(name_words(one.name))]
    if len(about) > 1:
        aims = set(wording.table()["mood"]["wanted"])
        about = [name for name in about if aims & set(name_words(name))]
    return about[0] if len(about) == 1 else None


# Choices


def refuse_choice(offer: Offer, field: Field) -> None:
    """Refusal that tells the choices, for a sentence that says something else."""
    raise no_choice(_called(offer, field), field.schema.get("enum", ()))


def no_choice(called: str, choices: Iterable[Any]) -> Refusal:
    """What is answered where another choice is said than there are."""
    listed = ", ".join(map(str, choices))
    return Refusal("out_of_range", f"The {' '.join(name_words(called))} must be one of: {listed}.")


def _choice(schema: Mapping[str, Any], chosen: str, called: str, sentence: str) -> str:
    """The schema's own spelling; a choice that was said beats one that was not."""
    choices = [str(choice) for choice in schema.get("enum", ())]
    said = [choice for choice in choices if _says(sentence, choice)] or [
        choice for choice in choices if _does(sentence, choice)]
    within = {choice for choice in said if any(other != choice and _words(choice) in _words(other) for other in said)}
    longest = [choice for choice in said if choice not in within]
    if chosen not in longest and len(longest) == 1:
        return longest[0]
    if not said and (colour := wording.colour_said(sentence)) and any(
            choice.lower() in _colours() for choice in choices):
        raise Refusal("out_of_range", f"The {called} must be one of: {', '.join(choices)}; not {colour}.")
    return chosen


def _words(text: str) -> str:
    return f" {' '.join(name_words(text))} "


def _does(sentence: str, choice: str) -> bool:
    """Whether the sentence begins with what makes the choice so: "unlock it" and unlocked."""
    verb = name_words(sentence)[:1]
    return bool(verb) and name_words(choice) in ([verb[0] + "ed"], [verb[0] + "d"])


def _says(sentence: str, choice: str) -> bool:
    return _words(choice) in _words(sentence)


# Texts


def _colours() -> dict[str, str]:
    colours: dict[str, str] = wording.table()["colours"]
    return colours


def _text(thing: Thing, offer: Offer, schema: Mapping[str, Any], called: str, sentence: str) -> str:
    if not {*name_words(called), *name_words(offer.affordance.name)}.isdisjoint(wording.table()["find"]["coloured"]):
        colour = wording.colour_said(sentence)
        if colour:
            return _colours()[colour] if "#" in str(schema.get("pattern", "")) else colour
    text = copied(sentence)
    if not text:
        raise Refusal("missing_value", f"{thing.title} needs a {called}; put it in quotes.")
    return text


def copied(sentence: str) -> str:
    """The words of a sentence that are meant literally: in quotes, else after a verb such as "say", up to the Thing."""
    quoted = re.search(r"\"([^\"]+)\"|“([^”]+)”|(?<!\w)['‘]([^'’]+(?:'\w[^'’]*)*)['’](?!\w)|«([^»]+)»", sentence)
    if quoted:
        return next(group for group in quoted.groups() if group is not None).strip()
    rules = wording.table()["text"]
    verb = re.search(rf"(?i)\b({_either(rules['verbs'])})\b\s+(?P<rest>.+)$", sentence)
    rest = verb["rest"] if verb else ""
    if not rest:
        after = re.search(rf"(?i)\b({_either(rules['after'])})\b\s+(?P<rest>.+)$", sentence)
        rest = after["rest"] if after else ""
    rest = re.sub(r"(?i)[\s,]*\b(please|thanks|thank you)\W*$", "", rest.strip())
    rest = re.sub(rf"(?i)(^|\s+)({_either(rules['ends'])})\b\W*$", "", rest)
    rest = re.sub(rf"(?i)^({_either(rules['ends'])})\b\s*", "", rest)
    rest = re.sub(rf"(?i)^((?:{_either(rules['skip'])})\b[\s:,]*)+", "", rest)
    return rest.strip(" .!,;:\"")


def _either(phrases: Sequence[str]) -> str:
    return "|".join(re.escape(phrase) for phrase in sorted(phrases, key=len, reverse=True))
