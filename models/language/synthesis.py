"""Training data for the device's language model: invented Things, what people say to them, and the right answers.

One group is a Thing and several sentences about it, made by one seeded generator from synthesis.toml; sentences of
people are mixed in by people.py. Every sentence goes through the very Prompt that the device uses, so that training and
use see the same text. A sentence that could mean two of a Thing's options is never made. Sentences of the test sets are
dropped (`Excluded`). One wording in twelve is held out: sentences of those tell how well wordings are understood that
were never trained on."""

from __future__ import annotations

import random
import tomllib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from typing import Any

from models.language.prompt import Choice, Option, Prompt, Slot, Value, answer_of, name_words, slot_of

OPTIONS_MAX = 12
GROUP = 12
HELD_OUT = 12
# How often a sentence is an idiom where there is one.
IDIOMS = 0.4
_SET = (
    "set the {a} of {it} to {n}",
    "set {it} {a} to {n}",
    "change the {a} of {it} to {n}",
    "{a} of {it} to {n}",
    "put the {a} of {it} at {n}",
    "adjust the {a} of {it} to {n}",
    "make the {a} of {it} {n}",
    "{it} {a} {n}",
    "bring the {a} of {it} to {n}",
    "set {a} to {n}",
    "i want a {a} of {n} on {it}",
    "give {it} a {a} of {n}",
    "lower the {a} of {it} to {n}",
    "raise the {a} of {it} to {n}",
    "increase the {a} of {it} to {n}",
    "decrease the {a} of {it} to {n}",
    "set {it} to {n} {a}",
    "turn the {a} of {it} to {n}",
    "{a} {n} for {it}",
    "use {n} as {a} of {it}",
    "the {a} of {it} should be {n}",
    "set the {a} to {n} on {it}",
)
_UP = (
    "increase the {a} of {it}",
    "raise the {a} of {it}",
    "turn up the {a} of {it}",
    "more {a} for {it}",
    "higher {a} on {it}",
    "bump up the {a} of {it}",
    "the {a} of {it} is too low",
    "a bit more {a} on {it}",
    "increase the {a} of {it} a little",
    "{a} of {it} up",
)
_DOWN = (
    "decrease the {a} of {it}",
    "lower the {a} of {it}",
    "turn down the {a} of {it}",
    "less {a} for {it}",
    "reduce the {a} of {it}",
    "the {a} of {it} is too high",
    "a bit less {a} on {it}",
    "{a} of {it} down",
    "decrease the {a} of {it} a little",
    "drop the {a} of {it}",
)
_UP_BY = (
    "increase the {a} of {it} by {n}",
    "raise the {a} of {it} by {n}",
    "turn up the {a} of {it} by {n}",
    "add {n} to the {a} of {it}",
    "{a} of {it} up by {n}",
    "turn the {a} of {it} up {n}",
)
_DOWN_BY = (
    "decrease the {a} of {it} by {n}",
    "lower the {a} of {it} by {n}",
    "turn down the {a} of {it} by {n}",
    "reduce the {a} of {it} by {n}",
    "take {n} off the {a} of {it}",
    "turn the {a} of {it} down {n}",
)
_MOST = (
    "set the {a} of {it} to maximum",
    "maximum {a} on {it}",
    "{a} of {it} all the way up",
    "highest {a} for {it}",
    "put the {a} of {it} to the max",
    "max out the {a} of {it}",
)
_LEAST = (
    "set the {a} of {it} to minimum",
    "minimum {a} on {it}",
    "{a} of {it} all the way down",
    "lowest {a} for {it}",
    "put the {a} of {it} to the min",
)
_GET = (
    "what is the {a} of {it}",
    "what's the {a} of {it}",
    "tell me the {a} of {it}",
    "{a} of {it}",
    "give me the {a} of {it}",
    "read the {a} of {it}",
    "show me the {a} of {it}",
    "check the {a} of {it}",
    "what is the current {a} of {it}",
    "what {a} does {it} have",
    "which {a} does {it} have",
    "{it} {a}",
    "get the {a} of {it}",
    "i want to know the {a} of {it}",
    "do you know the {a} of {it}",
    "report the {a} of {it}",
    "how high is the {a} of {it}",
    "what is {it} {a}",
    "what {a} is {it} at",
    "what is the {a}",
    "how is the {a}",
)
_CHOICE = (
    "set the {a} of {it} to {c}",
    "change the {a} of {it} to {c}",
    "{a} {c} on {it}",
    "switch the {a} of {it} to {c}",
    "make the {a} of {it} {c}",
    "set {it} {a} to {c}",
    "put the {a} of {it} on {c}",
    "{a} of {it} to {c}",
    "i want the {a} of {it} to be {c}",
    "choose {c} as {a} of {it}",
)
_YES = (
    "turn on the {a} of {it}",
    "enable the {a} of {it}",
    "switch on the {a} of {it}",
    "activate the {a} on {it}",
    "set the {a} of {it} to true",
    "{a} on for {it}",
    "turn the {a} on at {it}",
    "start the {a} of {it}",
)
_NO = (
    "turn off the {a} of {it}",
    "disable the {a} of {it}",
    "switch off the {a} of {it}",
    "deactivate the {a} on {it}",
    "set the {a} of {it} to false",
    "{a} off for {it}",
    "turn the {a} off at {it}",
    "stop the {a} of {it}",
)
_DO = (
    "{a} {it}",
    "{a} on {it}",
    "please {a} with {it}",
    "run {a} on {it}",
    "do {a} with {it}",
    "{a}",
    "start {a} on {it}",
    "execute {a} on {it}",
    "let {it} {a}",
    "make {it} {a}",
    "have {it} {a}",
    "call {a} on {it}",
    "{it} {a}",
)
# Kinds of Things that people speak of in the same words.
_RELATIVES = (
    ("light", "lamp", "dimmer"),
    ("switch", "socket", "plug"),
    ("blind", "curtain", "shutter", "cover"),
    ("speaker", "media player", "television"),
    ("lock", "door lock"),
)
# unit -> how it is said.
_SPOKEN = {
    "percent": (" percent", "%", " %", " percent", ""),
    "%": (" percent", "%", ""),
    "celsius": (" degrees", "°", "", " degrees celsius", " celsius", "°c"),
    "°C": (" degrees", "°c", "", " celsius"),
    "degree_celsius": (" degrees", "", "°c"),
    "fahrenheit": (" degrees", "", " fahrenheit", "°f"),
    "kelvin": (" kelvin", "k", " kelvin", ""),
    "K": (" kelvin", "k", ""),
    "second": (" seconds", " s", " minutes", "", " hours"),
    "s": (" seconds", " minutes", "s"),
    "minutes": (" minutes", " min", ""),
    "hour": (" hours", " hour"),
    "ms": (" milliseconds", " ms", " seconds"),
    "degree": (" degrees", "°"),
    "degrees": (" degrees", "°"),
    "W": (" watts", " watt", "w", ""),
    "watt": (" watts", ""),
    "A": (" amps", ""),
    "rpm": (" rpm", ""),
    "mired": (" mired", ""),
    "m/s": (" m/s", " metres per second"),
    "ppm": (" ppm", ""),
}


@lru_cache(maxsize=1)
def table() -> dict[str, Any]:
    """synthesis.toml."""
    return tomllib.loads(resources.files("models.language").joinpath("synthesis.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def idioms() -> dict[str, dict[str, dict[str, list[str]]]]:
    """Concept -> key of its wordings -> kind of Thing ("any": all) -> how people say it without the usual words."""
    found: dict[str, dict[str, dict[str, list[str]]]] = {}
    for name in ("idioms_actions.toml", "idioms_values.toml"):
        found.update(tomllib.loads(resources.files("models.language").joinpath(name).read_text("utf-8")))
    return found


@dataclass(frozen=True)
class Phrase:
    """A way to say something: its template, the values it gives, and whether it is an idiom."""

    template: str
    values: tuple[Value, ...] = ()
    idiom: bool = False


@dataclass(frozen=True)
class Offer:
    """An option of a Thing and every phrase for it. `group`: what may stand in for it."""

    concept: str
    group: str
    option: Option
    phrases: tuple[Phrase, ...]
    attribute: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Invented:
    """An invented Thing."""

    kinds: str
    title: str
    offers: tuple[Offer, ...]

    @property
    def options(self) -> tuple[Option, ...]:
        return tuple(offer.option for offer in self.offers)


@dataclass(frozen=True)
class Example:
    """One sentence and its answer; `line`: what the first chosen option is called ("" for none)."""

    prompt: Prompt
    answer: str
    line: str = ""


@dataclass
class Excluded:
    """Sentences that must not be trained on; counts what was dropped."""

    sentences: frozenset[str] = frozenset()
    dropped: int = field(default=0)

    def takes(self, sentence: str) -> bool:
        """Whether a sentence may be used."""
        if normal(sentence) in self.sentences:
            self.dropped += 1
            return False
        return True


def is_held_out(wording: str) -> bool:
    """Whether a wording is kept for measuring: one in HELD_OUT, always the same ones."""
    return zlib.crc32(wording.encode()) % HELD_OUT == 0


def normal(sentence: str) -> str:
    """A sentence as it is compared: lower-case words, no signs."""
    return " ".join(name_words(sentence.lower()))


def _concepts() -> dict[str, tuple[str, dict[str, Any]]]:
    return {
        row["id"]: (form, row)
        for form in ("action", "number", "choice", "boolean", "read", "text")
        for row in table()[form]
    }


def spelled(number: int) -> str:
    """An integer from 0 to 9999 in words."""
    ones = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ]
    tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
    if number < 20:
        return ones[number]
    if number < 100:
        return tens[number // 10 - 2] + (f"-{ones[number % 10]}" if number % 10 else "")
    if number < 1000:
        rest = f" and {spelled(number % 100)}" if number % 100 else ""
        return f"{ones[number // 100]} hundred{rest}"
    rest = f" {spelled(number % 1000)}" if number % 1000 else ""
    return f"{spelled(number // 1000)} thousand{rest}"


class Synthesis:
    """Groups of training examples, for ever, from one seed. `most`: how many options a Thing has at most; `held_out`:
    of the wordings that are not trained on, as far as an option has such."""

    def __init__(self, seed: int, excluded: Excluded | None = None, held_out: bool = False) -> None:
        self.most = OPTIONS_MAX
        self._held_out = held_out
        self._rng = random.Random(seed)
        self._excluded = excluded or Excluded()
        self.concepts = _concepts()

    # -- Things -------------------------------------------------------------------------------------------------------

    def thing(self, kind: str = "") -> Invented:
        """An invented Thing with 1 to 12 options, in any order; `kind`: what it is, any kind if not given."""
        rng = self._rng
        if not kind and rng.random() < 0.2:
            kind, offers = rng.choice(table()["random"]["things"]), self._strange(rng.randint(2, 6))
            kind_concepts = rng.sample(sorted(self.concepts), rng.randint(0, 3))
        else:
            kind = kind or rng.choice(sorted(table()["kinds"]))
            known = table()["kinds"][kind]
            kind_concepts = rng.sample(known, rng.randint(min(2, len(known)), min(len(known), 7)))
            if "on" in kind_concepts or "off" in kind_concepts:
                kind_concepts = list(dict.fromkeys([*kind_concepts, "on", "off"]))
            if "open" in kind_concepts or "close" in kind_concepts:
                kind_concepts = list(dict.fromkeys([*kind_concepts, "open", "close"]))
            if "lock" in kind_concepts or "unlock" in kind_concepts:
                kind_concepts = list(dict.fromkeys([*kind_concepts, "lock", "unlock"]))
            if rng.random() < 0.15:
                kind_concepts.append(rng.choice(sorted(self.concepts)))
            offers = self._strange(rng.randint(1, 2)) if rng.random() < 0.12 else []
        acting = {self.concepts[one][1]["group"] for one in kind_concepts if self.concepts[one][0] == "action"}
        seen: set[str] = set()
        for one in dict.fromkeys(kind_concepts):
            offers += [offer for offer in self._offers(one, kind, acting) if offer.option.line not in seen]
            seen |= {offer.option.line for offer in offers}
        if rng.random() < 0.7:
            rng.shuffle(offers)
        offers = offers[: self.most]
        room = rng.choice(table()["rooms"])
        shown = kind if rng.random() < 0.8 else f"{kind} {rng.choice(('device', 'actuator', 'sensor', 'switch', room))}"
        return Invented(shown, f"{room} {kind}", tuple(offers))

    def _offers(self, concept: str, kind: str, acting: set[str]) -> list[Offer]:
        rng, (form, row) = self._rng, self.concepts[concept]
        name, about = rng.choice(row["names"]), rng.choice(row["about"]).replace("{kind}", kind)
        about = about if rng.random() < 0.6 else ""
        label, group = " ".join(name_words(name)), row["group"]
        if form == "action":
            extra = tuple(Phrase(one) for one in (f"{label} {{it}}", f"{{it}} {label}"))
            said = _phrases(row["say"]) + extra + _idioms(row, "say", kind)
            return [Offer(concept, group, _option("do", name, about), said, label)]
        if form == "text":
            slot = Slot("" if rng.random() < 0.3 else rng.choice(row["slot"]), "text")
            said = _phrases(row["say"], Value("text")) + _idioms(row, "say", kind, Value("text"))
            return [Offer(concept, group, _option("do", name, about, slot), said, label)]
        if form == "read":
            return [
                Offer(
                    concept,
                    group,
                    _option("get", name, about),
                    _phrases((*row["get"], *(rng.sample(_GET, 5) if _noun(row) else ()))) + _idioms(row, "get", kind),
                    label,
                )
            ]
        option, unit, phrases = self._settable(form, row, label, name, kind)
        write = Offer(concept, group, replace(option, about=_about(option.label, about)), phrases, label, unit)
        shown = Option("get", name, label, _about(label, about if rng.random() < 0.5 else ""))
        asked = _phrases((*row["get"], *(_GET if form != "boolean" else ()))) + _idioms(row, "get", kind)
        read = Offer(concept, group, shown, asked, label)
        if form in ("boolean", "choice") and group in acting and form == "boolean":
            return [read]
        return [write, read] if rng.random() < 0.75 else [write]

    def _settable(
        self, form: str, row: dict[str, Any], label: str, name: str, kind: str
    ) -> tuple[Option, str, tuple[Phrase, ...]]:
        """The option that sets something, the unit of its number, and every way to say it."""
        rng, unit = self._rng, ""
        if form == "number":
            unit, low, high = rng.choice(row["units"])
            bounded = {"minimum": low, "maximum": high} if rng.random() < 0.85 else {}
            schema: dict[str, Any] = {"type": "number", **bounded, **({"unit": unit} if unit else {})}
            number, up, down = Value("number", 0), Value("up"), Value("down")
            phrases = (
                _phrases((*row["set"], *_SET), number)
                + _phrases((*row["up"], *_UP), up)
                + _phrases((*row["down"], *_DOWN), down)
                + _phrases((*row["up_by"], *_UP_BY), Value("up", 0))
                + _phrases((*row["down_by"], *_DOWN_BY), Value("down", 0))
                + _phrases((*row["most"], *_MOST), Value("most"))
                + _phrases((*row["least"], *_LEAST), Value("least"))
                + _idioms(row, "set", kind, number)
                + _idioms(row, "up", kind, up)
                + _idioms(row, "down", kind, down)
                + _idioms(row, "up_by", kind, Value("up", 0))
                + _idioms(row, "down_by", kind, Value("down", 0))
                + _idioms(row, "most", kind, Value("most"))
                + _idioms(row, "least", kind, Value("least"))
            )
        elif form == "choice":
            choices = list(rng.choice(row["choices"]))
            if row["pick"]:
                choices = rng.sample(choices, rng.randint(3, row["pick"]))
            if rng.random() < 0.15:
                choices = rng.sample(table()["random"]["nouns"], rng.randint(2, 5))
            schema = {"type": "string", "enum": choices}
            phrases = tuple(
                Phrase(one, (Value("choice", text=choice),)) for one in (*row["set"], *_CHOICE) for choice in choices
            ) + tuple(
                phrase for choice in choices for phrase in _idioms(row, "set", kind, Value("choice", text=choice))
            )
        else:
            schema = {"type": "boolean"}
            yes, no = row["yes"], row["no"]
            phrases = (
                _phrases((*yes, *_YES), Value("yes"))
                + _phrases((*no, *_NO), Value("no"))
                + _idioms(row, "yes", kind, Value("yes"))
                + _idioms(row, "no", kind, Value("no"))
            )
        if form != "boolean" and rng.random() < 0.4:
            slot = slot_of(
                "" if rng.random() < 0.5 else rng.choice((label, "value", label.rsplit(maxsplit=1)[-1])), schema
            )
            prefix = rng.choice(("set", "set", "change", "adjust", ""))
            shown = f"{prefix} {label}".strip()
            return Option("do", name, shown, "", (slot,)), unit, phrases
        return Option("set", name, label, "", (slot_of("", schema),)), unit, phrases

    def _strange(self, count: int) -> list[Offer]:
        """Offers that no list foresaw."""
        rng, words = self._rng, table()["random"]
        offers = []
        for _ in range(count):
            form = rng.random()
            if form < 0.35:
                verb, noun = rng.choice(words["verbs"]), rng.choice(words["nouns"])
                label = f"{verb} {noun}"
                said = [
                    *_DO,
                    f"{verb} the {noun}",
                    f"{verb} the {noun} of {{it}}",
                    f"{verb} {noun} on {{it}}",
                    f"have {{it}} {verb} the {noun}",
                    f"{verb} its {noun}",
                ]
                offers.append(Offer(label, label, Option("do", label, label), _phrases(said), label))
                continue
            label = self._name()
            if form < 0.75:
                unit, low, high = rng.choice(
                    (
                        ("", 0, 100),
                        ("", 0, 255),
                        ("percent", 0, 100),
                        ("second", 0, 3600),
                        ("", 1, 10),
                        ("W", 0, 2000),
                        ("", -50, 50),
                    )
                )
                schema: dict[str, Any] = {
                    "type": "number",
                    **({"unit": unit} if unit else {}),
                    **({"minimum": low, "maximum": high} if rng.random() < 0.6 else {}),
                }
                phrases = (
                    _phrases(_SET, Value("number", 0))
                    + _phrases(_UP, Value("up"))
                    + _phrases(_DOWN, Value("down"))
                    + _phrases(_UP_BY, Value("up", 0))
                    + _phrases(_DOWN_BY, Value("down", 0))
                    + _phrases(_MOST, Value("most"))
                    + _phrases(_LEAST, Value("least"))
                )
                offers.append(
                    Offer(label, label, Option("set", label, label, "", (slot_of("", schema),)), phrases, label, unit)
                )
            elif form < 0.85:
                choices = rng.sample(words["nouns"], rng.randint(2, 4))
                phrases = tuple(Phrase(one, (Value("choice", text=choice),)) for one in _CHOICE for choice in choices)
                option = Option("set", label, label, "", (slot_of("", {"enum": choices}),))
                offers.append(Offer(label, label, option, phrases, label))
            else:
                schema = {"type": "boolean"}
                offers.append(
                    Offer(
                        label,
                        label,
                        Option("set", label, label, "", (slot_of("", schema),)),
                        _phrases(_YES, Value("yes")) + _phrases(_NO, Value("no")),
                        label,
                    )
                )
            if rng.random() < 0.5:
                offers.append(Offer(label, label, Option("get", label, label), _phrases(_GET), label))
        return offers

    def _name(self) -> str:
        """A name that nobody has seen: letters, or words put together."""
        rng, words = self._rng, table()["random"]
        kind = rng.random()
        if kind < 0.5:
            return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(2, 6)))
        if kind < 0.8:
            return f"{rng.choice(words['nouns'])} {rng.choice(words['nouns'])}"
        return rng.choice(words["nouns"])

    # -- sentences ----------------------------------------------------------------------------------------------------

    def group(self, count: int) -> list[Example]:
        """`count` sentences about one Thing."""
        while True:
            thing = self._many() if self._rng.random() < 0.06 else self.thing()
            if not thing.offers:
                continue
            made: list[Example] = []
            for _ in range(6 * count):
                example = self._arguments(thing) if thing.kinds == "configurable" else self.example(thing)
                if example is not None and self._excluded.takes(example.prompt.sentence):
                    made.append(example)
                if len(made) == count:
                    return made

    def example(self, thing: Invented) -> Example | None:
        """One sentence about a Thing, or None if what came out could mean two things."""
        rng = self._rng
        kind = rng.random()
        if kind < 0.05:
            talk = self._off_topic() if rng.random() < 0.5 else self._talk(thing)
            return self._finish(thing, self._around(talk), (), "")
        if kind < 0.15:
            return self._impossible(thing)
        clauses: list[tuple[str, Choice, Offer]] = []
        for _ in range(1 if kind < 0.80 else 2 if kind < 0.93 else 3):
            clause = self._clause(thing, sum(value.index is not None for one in clauses for value in one[1].values))
            if clause is None or clause[1].option in {choice.option for _, choice, _ in clauses}:
                return None
            clauses.append(clause)
        sentence = clauses[0][0]
        for said, _, _ in clauses[1:]:
            sentence += rng.choice((" and ", " and ", " and then ", ", ", ", then ", " and also ", " then ")) + said
        return self._finish(
            thing, self._around(sentence), tuple(choice for _, choice, _ in clauses), clauses[0][2].option.line
        )

    def _off_topic(self) -> str:
        """Something that is no request to a device: a listed sentence, or a frame with any words in it."""
        rng, said, words = self._rng, table()["offtopic"], table()["random"]
        if rng.random() < 0.5:
            return str(rng.choice(said["say"]))
        text = str(rng.choice(said["frames"]))
        return text.replace("{n}", rng.choice(words["nouns"])).replace("{v}", rng.choice(words["verbs"]))

    def _talk(self, thing: Invented) -> str:
        """Something about the Thing that is neither an order nor a question to it."""
        said = [one for one in _kept(idioms()["none"]["say"], thing.kinds) if is_held_out(one) == self._held_out]
        return self._named(self._rng.choice(said), thing)

    def _clause(self, thing: Invented, numbers: int) -> tuple[str, Choice, Offer] | None:
        rng = self._rng
        index = rng.randrange(len(thing.offers))
        offer = thing.offers[index]
        # Every way to say it gets its share: values first, then the words.
        by_value: dict[str, list[Phrase]] = {}
        for phrase in self._wordings(offer):
            by_value.setdefault(
                phrase.values[0].kind + str(phrase.values[0].index) if phrase.values else "", []
            ).append(phrase)
        keys = [key for key in by_value for _ in range(4 if key.startswith("number") else 1)]
        phrase = self._one_of(by_value[rng.choice(keys)])
        if "{a}" not in phrase.template and any(
            other is not offer and phrase.template in {one.template for one in other.phrases} for other in thing.offers
        ):
            return None
        values = tuple(
            replace(value, index=value.index + numbers) if value.index is not None else value for value in phrase.values
        )
        return self._said(phrase, offer, thing), Choice(index, values), offer

    def _one_of(self, phrases: list[Phrase]) -> Phrase:
        """A phrase: an idiom as often as IDIOMS says, however many there are."""
        idiom = self._rng.random() < IDIOMS
        return self._rng.choice([phrase for phrase in phrases if phrase.idiom == idiom] or phrases)

    def _wordings(self, offer: Offer) -> list[Phrase]:
        """The phrases of an offer that are for training, or those held out."""
        mine = [phrase for phrase in offer.phrases if is_held_out(phrase.template) == self._held_out]
        return mine or list(offer.phrases)

    def _impossible(self, thing: Invented) -> Example | None:
        """Something that this Thing cannot do."""
        rng = self._rng
        concept = rng.choice(sorted(self.concepts))
        form, row = self.concepts[concept]
        here = {offer.group for offer in thing.offers}
        if row["group"] in here:
            return None
        offer = rng.choice(self._offers(concept, thing.kinds, set()))
        phrase = self._one_of(self._wordings(offer))
        named = "{a}" in phrase.template
        shared = any(phrase.template in {one.template for one in other.phrases} for other in thing.offers)
        if shared and (not named or offer.attribute in {other.attribute for other in thing.offers}):
            return None
        takes_number = any(slot.type == "number" for other in thing.offers for slot in other.option.slots)
        if not named and form == "number" and takes_number and "{n}" in phrase.template:
            return None
        return self._finish(thing, self._around(self._said(phrase, offer, thing)), (), "")

    def _many(self) -> Invented:
        """A Thing whose one action takes one to four arguments nobody has seen (LLMind's recipe)."""
        rng = self._rng
        names: list[str] = []
        while len(names) < rng.randint(1, 4):
            name = self._name()
            if name not in names:
                names.append(name)
        action = rng.choice(("configure", "set parameters", "apply settings", "update", "set", "tune"))
        slots = tuple(Slot(name, "number", required=rng.random() < 0.8) for name in names)
        offers = [Offer("many", "many", Option("do", action, action, "", slots), ())]
        if rng.random() < 0.5:
            offers += self._strange(rng.randint(1, 2))
        rng.shuffle(offers)
        return Invented("configurable", f"{rng.choice(table()['rooms'])} device", tuple(offers))

    def _arguments(self, thing: Invented) -> Example | None:
        rng, said = self._rng, table()["attributes"]
        index = next(number for number, offer in enumerate(thing.offers) if offer.concept == "many")
        if rng.random() < 0.3:
            first = self._clause(
                replace(
                    thing,
                    offers=tuple(
                        offer if offer.phrases else replace(offer, phrases=(Phrase("configure {it}"),))
                        for offer in thing.offers
                    ),
                ),
                0,
            )
            if first is None or first[2].concept == "many":
                return None
            return self._finish(thing, self._around(first[0]), (first[1],), first[2].option.line)
        slots = thing.offers[index].option.slots
        given = [number for number, slot in enumerate(slots) if slot.required or rng.random() < 0.5]
        if not given:
            return None
        rng.shuffle(given)
        clauses, values = [], [Value("absent")] * len(slots)
        for order, number in enumerate(given):
            owner = rng.choice(("{x}", "{x}", "the {x}", "the device's {x}", "its {x}", "the {x} of it"))
            template = rng.choice(said["one"]).replace("the {x}", "{x}")
            clauses.append(
                template.replace("{x}", owner.replace("{x}", slots[number].name)).replace(
                    "{n}", self._number("", 0, 100)
                )
            )
            values[number] = Value("number", order)
        return self._finish(
            thing,
            self._around(rng.choice(said["joins"]).join(clauses)),
            (Choice(index, tuple(values)),),
            thing.offers[index].option.line,
        )

    def _said(self, phrase: Phrase, offer: Offer, thing: Invented) -> str:
        rng, text = self._rng, phrase.template if phrase.idiom else self._reworded(phrase.template)
        text = self._named(text, thing).replace("{a}", offer.attribute)
        if "{n}" in text:
            slot = next((slot for slot in offer.option.slots if slot.type == "number"), Slot("", "number"))
            low, high = slot.low if slot.low is not None else 0, slot.high if slot.high is not None else 100
            if phrase.values and phrase.values[0].kind in ("up", "down"):
                low, high = 1, max(2, (high - low) / 3)
            text = text.replace("{n}", self._number(offer.unit, low, high))
        if "{c}" in text:
            choice = next((value.text for value in phrase.values if value.kind == "choice"), "")
            if not choice:
                choices = next((slot.choices for slot in offer.option.slots if slot.choices), ("red", "auto", "high"))
                choice = rng.choice(choices)
            text = text.replace("{c}", choice)
        if "{t}" in text:
            words = rng.choice(table()["random"]["texts"])
            text = text.replace("{t}", f'"{words}"' if rng.random() < 0.4 else words)
        return " ".join(text.split()) or thing.title.split(" ", 1)[-1]

    def _named(self, text: str, thing: Invented) -> str:
        """A template with the Thing in its place, or nothing there."""
        rng = self._rng
        kind = rng.random()
        noun = thing.title.split(" ", 1)[-1]
        if kind < 0.65:
            it = "it"
        elif kind < 0.8:
            it = f"the {noun}" if kind < 0.75 else f"the {noun}s"
        elif kind < 0.92:
            it = f"the {thing.title}" if kind < 0.86 else f"my {thing.title}" if kind < 0.88 else thing.title
        else:
            it = ""
        if not it:
            for word in ("with", "on", "of", "at", "for", "from", "over", "through", "by", "to", ","):
                text = text.replace(f" {word} {{it}}", "").replace(f"{word} {{it}}", "")
        return text.replace("{it}", it)

    def _reworded(self, template: str) -> str:
        """A template, some of its words changed for others that say the same."""
        rng, text = self._rng, f" {template} "
        for words in table()["same"]["words"]:
            for word in words:
                if f" {word} " in text and rng.random() < 0.3:
                    text = text.replace(f" {word} ", f" {rng.choice(words)} ", 1)
                    break
        text = text.strip()
        return text if is_held_out(text) == is_held_out(template) else template

    def _number(self, unit: str, low: float, high: float) -> str:
        rng = self._rng
        value: float = rng.uniform(low, high) if rng.random() > 0.04 else rng.uniform(high, 3 * abs(high) + 5)
        whole = high - low > 4 and rng.random() < 0.9
        number = round(value) if whole else round(value, 1)
        after = rng.choice(_SPOKEN.get(unit, ("",)))
        if after in (" minutes", " hours") and unit in ("second", "s"):
            number = rng.randint(1, 90)
        if rng.random() < 0.2 and number == int(number) and 0 <= number < 10000 and after[:1] in ("", " "):
            return spelled(int(number)) + after
        return f"{number:g}{after}"

    def _around(self, sentence: str) -> str:
        """Politeness, a room, what is lost or put in on the way through a mouth and a microphone."""
        rng = self._rng
        if rng.random() < 0.18:
            sentence = f"{rng.choice(table()['polite_before'])} {sentence}"
        if rng.random() < 0.10:
            sentence = f"{sentence} {rng.choice(table()['polite_after'])}"
        if rng.random() < 0.05:
            sentence = f"{sentence} in the {rng.choice(table()['rooms'])}"
        if rng.random() < 0.10:
            sentence += rng.choice("?.!,")
        if rng.random() < 0.12:
            words = sentence.split(" ")
            sentence = " ".join(word for word in words if word != "the" or rng.random() < 0.3) or sentence
        if rng.random() < 0.05:
            words = sentence.split(" ")
            words.insert(rng.randrange(len(words)), rng.choice(("um", "uh", "er", "well", "like", "you know")))
            sentence = " ".join(words)
        if rng.random() < 0.08 and len(sentence) > 6:
            sentence = _slip(rng, sentence)
        return sentence

    def _finish(self, thing: Invented, sentence: str, choices: tuple[Choice, ...], line: str) -> Example | None:
        prompt = Prompt(thing.kinds, "", thing.options, sentence)
        wanted = [value.index for choice in choices for value in choice.values if value.index is not None]
        if wanted and len(prompt.numbers) != len(wanted):
            return None
        return Example(prompt, answer_of(thing.options, choices), line)


def _option(verb: str, name: str, about: str, slot: Slot | None = None) -> Option:
    label = " ".join(name_words(name))
    return Option(verb, name, label, _about(label, about), (slot,) if slot is not None else ())


def _about(label: str, text: str) -> str:
    known = set(label.split())
    return " ".join(word for word in dict.fromkeys(text.split()) if word not in known)


def _phrases(templates: Iterable[str], *values: Value) -> tuple[Phrase, ...]:
    return tuple(Phrase(template, tuple(values)) for template in templates)


def _idioms(row: dict[str, Any], key: str, kind: str, *values: Value) -> tuple[Phrase, ...]:
    """The idioms for a concept, those for one kind of Things among them."""
    return tuple(Phrase(one, values, True) for one in _kept(idioms().get(row["id"], {}).get(key, {}), kind))


def _kept(by_kind: dict[str, list[str]], kind: str) -> list[str]:
    """The wordings for every kind of Things, and those for this kind and its relatives."""
    alike = next((row for row in _RELATIVES if kind in row), (kind,))
    return [*by_kind.get("any", ()), *(one for other in alike for one in by_kind.get(other, ()))]


def _noun(row: dict[str, Any]) -> bool:
    return bool(row["types"][0] != "boolean")


def _slip(rng: random.Random, sentence: str) -> str:
    """One letter left out, doubled, or swapped with its neighbour."""
    places = [place for place in range(1, len(sentence) - 1) if sentence[place - 1 : place + 2].isalpha()]
    if not places:
        return sentence
    place = rng.choice(places)
    before, letter, after = sentence[:place], sentence[place], sentence[place + 1 :]
    kind = rng.random()
    if kind < 0.4:
        return before + after
    return before + letter + letter + after if kind < 0.6 else before + after[:1] + letter + after[1:]


def shown(examples: Sequence[Example]) -> str:
    """A group as text, to be looked at."""
    rows = [f"{example.prompt.suffix}{example.answer.rstrip()}" for example in examples]
    return examples[0].prompt.prefix + "\n".join(rows)
