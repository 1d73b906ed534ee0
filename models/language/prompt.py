"""What a device's language model is asked, and how its answer is read: one small language for both.

The prompt is the Thing's options, one a line, and then the sentence; the options come first, so that their part is
computed once a device and kept. Numbers are found by rule (words.py) and marked #1, #2, …; the model points at them and
never writes one. Its answer under the grammar is made of exactly the options shown:

    light                                       =set brightness:1             the option with number #1
    do turn on                                  =set brightness:+2            raised by number #2; `+` alone: a bit more
    do turn off                                 =set colour:red               a choice, word for word
    set brightness # percent 0 to 100           =do turn on;set brightness:1  two options
    set colour [red|green|blue]                 =none                         the device cannot do this
    > dim it to #1 40 percent=set brightness:1

Slots stand in the option's order, parted by commas: a number `1`, `+1`, `-1`, `+`, `-`, `^` (the most), `v` (the
least); yes or no `y`, `n`; a choice; a text `"` (copied by rule); `_` for one that was not said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from firmware_py.core.errors import RemoteError
from models.language.words import Number, normalise

OPTIONS_MAX = 16
NUMBERS_MAX = 9
CALLS_MAX = 4
CHOICES_SHOWN = 16
ABOUT_WORDS = 8
NONE = "none"
# Words of an action's name that say no more than "set": set_brightness is brightness.
SETTING = frozenset(("set", "change", "adjust", "to", "the", "update", "put"))
_PLAIN = str.maketrans("’‘“”\n\t#=>|[]", "''\"\"        ")


class AnswerError(RemoteError):
    """A model's answer that does not keep the grammar."""


@dataclass(frozen=True)
class Slot:
    """One argument. `type`: number, boolean, choice or text; `name` "": the value itself."""

    name: str
    type: str
    choices: tuple[str, ...] = ()
    unit: str = ""
    low: float | None = None
    high: float | None = None
    required: bool = True


@dataclass(frozen=True)
class Option:
    """One thing a device offers, as the model sees it. `verb`: do (an action), set (a property) or get (a property);
    `name` as in the Thing Description; `label`: its words; `about`: what its title and description add; `title` and
    `more` (all that is described): for rules alone, the model is not shown them."""

    verb: str
    name: str
    label: str
    about: str = ""
    slots: tuple[Slot, ...] = ()
    title: str = ""
    more: str = ""

    @cached_property
    def call(self) -> str:
        """How an answer names it."""
        return clean(f"{self.verb} {self.label}")

    @cached_property
    def line(self) -> str:
        """How it is shown."""
        words = self.call + (f", {self.about}" if self.about else "")
        return " ".join([words, *(_shown(slot, self.label) for slot in self.slots)])


@dataclass(frozen=True)
class Value:
    """What a slot was given. `kind`: number (`index` of #1 is 0), up, down (`index` None: a bit), most, least, yes, no,
    choice (`text`), text, absent."""

    kind: str
    index: int | None = None
    text: str = ""


@dataclass(frozen=True)
class Choice:
    """One option that the model chose, with a value for each of its slots."""

    option: int
    values: tuple[Value, ...] = ()


def _shown(slot: Slot, label: str) -> str:
    name = "" if slot.name in ("", label) else f"{slot.name} "
    if slot.type == "number":
        bounds = [f"{bound:g}" for bound in (slot.low, slot.high) if bound is not None]
        return " ".join([f"{name}#", *([slot.unit] if slot.unit else []), *([" to ".join(bounds)] if bounds else [])])
    if slot.type == "boolean":
        return f"{name}yes no"
    if slot.type == "choice":
        return f"{name}[{'|'.join(clean(choice) for choice in slot.choices[:CHOICES_SHOWN])}]"
    return f'{name}"'


def clean(text: str) -> str:
    """Lower case, single spaces, no sign that the prompt itself uses, plain quotes."""
    return " ".join(text.lower().translate(_PLAIN).split())


def with_name_taken(sentence: str, title: str) -> str:
    """The sentence with the Thing's own name replaced by "it"."""
    if not title:
        return sentence
    words = r"\s+".join(re.escape(word) for word in title.split())
    return re.sub(rf"(?:\b(?:the|my|our|this|that)\s+)?(?<!\w){words}(?!\w)", "it", sentence, flags=re.IGNORECASE)


@dataclass(frozen=True)
class Prompt:
    """One question to the model. `kinds`: what the Thing is, in a few words; `sentence`: as the device got it.

    What the rules know already limits the answer, not the prompt. `allowed`: the numbers of the options that may be
    answered (None: all). The grammar alone keeps the others: `only`: (option, slot) -> the values that it may get, as
    they are written; `sure`: it is one of the allowed options, "none" is no answer."""

    kinds: str
    title: str
    options: tuple[Option, ...]
    sentence: str
    allowed: frozenset[int] | None = None
    only: Mapping[tuple[int, int], Sequence[str]] = field(default_factory=dict, hash=False)
    sure: bool = False

    @cached_property
    def numbers(self) -> tuple[Number, ...]:
        """The numbers of the sentence without the Thing's name, as #1, #2, … in order."""
        return normalise(self._named).numbers[:NUMBERS_MAX]

    @cached_property
    def _named(self) -> str:
        return with_name_taken(self.sentence, self.title)

    @cached_property
    def prefix(self) -> str:
        """The part that stays the same for a Thing."""
        return "\n".join([clean(self.kinds), *(option.line for option in self.options[:OPTIONS_MAX])]) + "\n"

    @cached_property
    def suffix(self) -> str:
        """The sentence, with its numbers marked and in digits, and the sign after which the answer comes."""
        parts, end = [], 0
        for index, number in enumerate(self.numbers):
            unit = f" {number.unit}" if number.unit else ""
            parts += [clean(self._named[end:number.start]), f"#{index + 1} {number.value:g}{unit}"]
            end = number.end
        parts.append(clean(self._named[end:]))
        return f"> {' '.join(part for part in parts if part)}="

    @cached_property
    def grammar(self) -> str:
        """GBNF: the answers that are possible for exactly these options and numbers. The root ends with a newline."""
        rows = [self._row(number, option) for number, option in enumerate(self.options[:OPTIONS_MAX])]
        rules = [f"c{number} ::= {row}" for number, row in enumerate(rows)]
        may = [number for number in range(len(rows)) if self._may(number)]
        call = " | ".join(f"c{number}" for number in may)
        others = min(CALLS_MAX, len(may) if self.allowed is not None else CALLS_MAX) - 1
        more = "call " + '(";" call ' * others + ")? " * others
        answers = [*([] if self.sure and may else [f'"{NONE}"']), *([more] if may else [])]
        root = f'root ::= ({" | ".join(answers)}) "\\n"'
        lines = [root, *([f"call ::= {call}"] if call else []), *rules]
        if any(slot.type == "number" for option in self.options for slot in option.slots):
            said = " | ".join(f'"{index + 1}"' for index in range(len(self.numbers)))
            sign = f'("+" | "-") ({said})? | {said}' if said else '"+" | "-"'
            lines.append(f'number ::= {sign} | "^" | "v"')
        return "\n".join(lines) + "\n"

    def _may(self, number: int) -> bool:
        return self.allowed is None or number in self.allowed

    def _row(self, number: int, option: Option) -> str:
        parts = [_quoted(option.call)]
        for place, slot in enumerate(option.slots):
            only = self.only.get((number, place))
            alternatives = " | ".join(map(_quoted, only)) if only else {
                "number": "number", "boolean": '"y" | "n"', "text": '"\\""',
                "choice": " | ".join(_quoted(clean(choice)) for choice in slot.choices) or '"_"',
            }[slot.type]
            parts += ['","' if place else '":"', f"({alternatives}{'' if slot.required else ' | ' + _quoted('_')})"]
        return " ".join(parts)

    def parse(self, answer: str) -> tuple[Choice, ...]:
        """The choices of an answer, () for none of the options; AnswerError if it does not keep the grammar."""
        answer = answer.strip("\n")
        if answer.strip() == NONE:
            return ()
        choices: list[Choice] = []
        at = 0
        while at < len(answer):
            if choices:
                if answer[at] != ";" or len(choices) >= CALLS_MAX:
                    raise AnswerError(f"The model's answer {answer!r} is not one of those it was given.")
                at += 1
            number = self._named_at(answer, at)
            option = self.options[number]
            at += len(option.call)
            values = []
            for place, slot in enumerate(option.slots):
                if answer[at:at + 1] != ("," if place else ":"):
                    raise AnswerError(f"The model's answer {answer!r} leaves out an argument.")
                value, at = self._value(slot, answer, at + 1)
                values.append(value)
            choices.append(Choice(number, tuple(values)))
        if not choices:
            raise AnswerError("The model gave no answer.")
        return tuple(choices)

    def _named_at(self, answer: str, at: int) -> int:
        """The option whose name stands at a place of the answer: the longest, the first of equals."""
        named = [number for number, option in enumerate(self.options[:OPTIONS_MAX]) if self._may(number)
                 and answer.startswith(option.call, at)
                 and answer[at + len(option.call):at + len(option.call) + 1] in ("", ";", ":")]
        if not named:
            raise AnswerError(f"The model's answer {answer!r} names an option that it was not given.")
        return max(named, key=lambda number: (len(self.options[number].call), -number))

    def _value(self, slot: Slot, answer: str, at: int) -> tuple[Value, int]:
        sign = answer[at:at + 1]
        if sign == "_" and not slot.required:
            return Value("absent"), at + 1
        if slot.type == "number":
            if sign in ("^", "v"):
                return Value("most" if sign == "^" else "least"), at + 1
            kind = {"+": "up", "-": "down"}.get(sign, "number")
            at += kind != "number"
            if answer[at:at + 1].isdecimal():
                index = int(answer[at]) - 1
                if not 0 <= index < len(self.numbers):
                    raise AnswerError(f"The model's answer {answer!r} points at a number that was not said.")
                return Value(kind, index), at + 1
            if kind != "number":
                return Value(kind), at
        elif slot.type == "boolean" and sign in ("y", "n") and sign:
            return Value("yes" if sign == "y" else "no"), at + 1
        elif slot.type == "text" and sign == '"':
            return Value("text"), at + 1
        elif slot.type == "choice":
            for choice in sorted(slot.choices, key=len, reverse=True):
                if answer.startswith(clean(choice), at):
                    return Value("choice", text=choice), at + len(clean(choice))
        raise AnswerError(f"The model's answer {answer!r} gives '{slot.name or 'value'}' what it does not take.")


def answer_of(options: Sequence[Option], choices: Sequence[Choice]) -> str:
    """The answer that `Prompt.parse` reads as these choices (for training data)."""
    return (";".join(_said(options[choice.option], choice.values) for choice in choices) or NONE) + "\n"


def _said(option: Option, values: Sequence[Value]) -> str:
    said = ",".join(_written(value) for value in values)
    return f"{option.call}:{said}" if said else option.call


def _written(value: Value) -> str:
    index = "" if value.index is None else str(value.index + 1)
    return {"number": index, "up": "+" + index, "down": "-" + index, "most": "^", "least": "v", "yes": "y", "no": "n",
            "choice": clean(value.text), "text": '"', "absent": "_"}[value.kind]


def _quoted(text: str) -> str:
    """A GBNF string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def slot_of(name: str, schema: dict[str, Any], required: bool = True) -> Slot:
    """A Slot of a TD data schema. `enum` of texts: a choice; what is neither number, boolean nor enum: a text."""
    label, kind = " ".join(name_words(name)), schema.get("type")
    if schema.get("enum") and all(isinstance(choice, str) for choice in schema["enum"]):
        return Slot(label, "choice", tuple(schema["enum"]), required=required)
    if kind == "boolean":
        return Slot(label, "boolean", required=required)
    if kind in ("number", "integer"):
        return Slot(label, "number", unit=clean(str(schema.get("unit", "")).replace("_", " "))[:24],
                    low=schema.get("minimum"), high=schema.get("maximum"), required=required)
    return Slot(label, "text", required=required)


def name_words(name: str) -> list[str]:
    """Lower-case words of a name in any writing: setBrightness, turn_on."""
    return list(_name_words(name))


@lru_cache(maxsize=16384)
def _name_words(name: str) -> tuple[str, ...]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return tuple(word.lower() for word in re.findall(r"[^\W_]+", spaced))


def about(label: str, *texts: str) -> str:
    """The words that title and description add to a label, at most ABOUT_WORDS."""
    known, added = set(label.split()), []
    for text in texts:
        for word in clean(text).replace(".", " ").replace(",", " ").split():
            if word not in known and word not in added:
                added.append(word)
    return " ".join(added[:ABOUT_WORDS])


def kinds_of(kinds: Iterable[str]) -> str:
    """What a Thing is, in a few words: ("Light", "OnOffSwitch") -> "light on off switch"."""
    words = [word for kind in kinds for word in name_words(kind.rsplit(":", 1)[-1])]
    return " ".join(dict.fromkeys(words)) or "device"
