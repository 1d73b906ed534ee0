"""Sentences of people, from the *train* material of MOTEWISE_DATA, as training examples about invented Things.

Sources: github.com/allenporter/home-assistant-datasets `device_actions` (Apache-2.0) and github.com/acon96/home-llm
data/piles (MIT). What the test sets say is excluded before anything is read (`excluded`)."""

from __future__ import annotations

import csv
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

from models.language.prompt import Choice, Prompt, Value, answer_of
from models.language.synthesis import GROUP, OPTIONS_MAX, Example, Excluded, Invented, Synthesis, is_held_out, normal

# What they call it -> (kind of Thing, concept, which value).
_ACTIONS = {
    "Turn on": ("on", ""),
    "Turn off": ("off", ""),
    "Set brightness": ("brightness", "number"),
    "Lock": ("lock", ""),
    "Set temperature": ("target_temperature", "number"),
    "Set volume": ("volume", "number"),
    "Unlock": ("unlock", ""),
    "Unpause": ("play", ""),
    "Pause": ("pause", ""),
    "Next track": ("next", ""),
    "Previous track": ("previous", ""),
    "Open": ("open", ""),
    "Close": ("close", ""),
    "Set position": ("position", "number"),
    "Start": ("start", ""),
    "Return to base": ("dock", ""),
}
_TYPES = {
    "light": "light",
    "light-dimmable": "light",
    "hvac": "air conditioner",
    "smart-speaker": "speaker",
    "smart-plug": "plug",
    "smart-tv": "television",
    "switch": "switch",
    "smart-sprinkler": "sprinkler",
    "exhaust-fan": "fan",
    "water-valve": "valve",
    "smart-lock": "lock",
    "heat-pump": "heater",
    "garage-door": "garage door",
    "smart-blinds": "blind",
    "vacuum": "vacuum",
    "fan-oscilating": "fan",
}
_SERVICES = {
    "turn_on": "on",
    "turn_off": "off",
    "toggle": "toggle",
    "open_cover": "open",
    "close_cover": "close",
    "stop_cover": "stop",
    "lock": "lock",
    "unlock": "unlock",
    "start": "start",
    "stop": "stop",
    "pause": "pause",
    "return_to_base": "dock",
    "increase_speed": "faster",
    "decrease_speed": "slower",
    "volume_up": "volume_up",
    "volume_down": "volume_down",
    "volume_mute": "mute",
    "media_play": "play",
    "media_pause": "pause",
    "media_stop": "stop",
    "media_next_track": "next",
    "media_previous_track": "previous",
    "add_item": "add_item",
}
_DOMAINS = {
    "light": "light",
    "switch": "switch",
    "fan": "fan",
    "blinds": "blind",
    "garage_door": "garage door",
    "lock": "lock",
    "vacuum": "vacuum",
    "media_player": "media player",
    "todo": "list",
}
_STATES = {
    "light": "power_flag",
    "switch": "power_flag",
    "fan": "power_flag",
    "lock": "locked",
    "blinds": "contact",
    "garage_door": "contact",
    "vacuum": "status",
}


def data_folder() -> Path:
    """Where third-party data is: MOTEWISE_DATA."""
    return Path(os.environ.get("MOTEWISE_DATA", "../shared/data"))


def excluded(folder: Path) -> Excluded:
    """Every sentence of the test sets, as `normal` writes it."""
    sentences: set[str] = set()
    for name in (
        "home_assistant_datasets/assist-mini.jsonl",
        "home_assistant_datasets/intents.jsonl",
        "slurp_devel/devel_iot.jsonl",
        "slurp_devel/devel_all_text.jsonl",
    ):
        path = folder / name
        if path.exists():
            for line in path.read_text("utf-8").splitlines():
                row = json.loads(line)
                sentences |= {
                    normal(str(row[key])) for key in ("sentence", "text", "input") if isinstance(row.get(key), str)
                }
                for key in ("sentences", "texts"):
                    sentences |= {normal(str(one)) for one in row.get(key, ())}
    return Excluded(frozenset(sentences - {""}))


class People:
    """Groups made of people's sentences: a Thing of the right kind is invented for each. Empty without the data.
    `held_out`: of the sentences that are not trained on."""

    def __init__(self, folder: Path, seed: int, excluded: Excluded, held_out: bool = False) -> None:
        self._rng = random.Random(seed)
        self.making = Synthesis(seed + 1, excluded, held_out)
        rows = [row for row in self._read(folder) if excluded.takes(row[2]) and is_held_out(normal(row[2])) == held_out]
        self._by_kind: dict[str, list[tuple[str, str, str]]] = {}
        for kind, concept, sentence, value in rows:
            self._by_kind.setdefault(kind, []).append((concept, sentence, value))
        self.count = len(rows)

    def group(self, count: int) -> list[Example]:
        """`count` sentences about one Thing of a kind that people spoke about."""
        rng = self._rng
        while True:
            kind = rng.choice(sorted(self._by_kind))
            thing = self.making.thing(kind)
            made = []
            for concept, sentence, value in rng.sample(self._by_kind[kind], min(4 * count, len(self._by_kind[kind]))):
                example = self._example(thing, concept, sentence, value)
                if example is not None:
                    made.append(example)
            while len(made) < count:
                more = self.making.example(thing)
                made += [more] if more is not None else []
            return made[:count]

    def _example(self, thing: Invented, concept: str, sentence: str, value: str) -> Example | None:
        wanted = [
            number
            for number, offer in enumerate(thing.offers)
            if offer.concept == concept and (offer.option.verb == "get") == (value == "get")
        ]
        prompt = Prompt(thing.kinds, "", thing.options, sentence)
        if not wanted:
            groups = {offer.group for offer in thing.offers}
            row = self.making.concepts[concept][1]
            if row["group"] in groups or self._rng.random() < 0.7:
                return None
            return Example(prompt, answer_of(thing.options, ()))
        slots = thing.offers[wanted[0]].option.slots
        if value in ("", "get"):
            return (
                Example(prompt, answer_of(thing.options, (Choice(wanted[0]),)), thing.offers[wanted[0]].option.line)
                if not slots
                else None
            )
        if len(prompt.numbers) != 1 or len(slots) != 1:
            return None
        choice = Choice(wanted[0], (Value("number", 0),))
        return Example(prompt, answer_of(thing.options, (choice,)), thing.offers[wanted[0]].option.line)

    def _read(self, folder: Path) -> Iterator[tuple[str, str, str, str]]:
        """(kind, concept, sentence with the name taken, value)."""
        path = folder / "home_assistant_datasets" / "device_actions.jsonl"
        for line in path.read_text("utf-8").splitlines() if path.exists() else ():
            row = json.loads(line)
            kind = _TYPES.get(row["device_type"])
            if kind is not None and row["action"] in _ACTIONS:
                concept, value = _ACTIONS[row["action"]]
                yield kind, concept, _named(row["sentence"], row["device"]), value
        piles = folder / "home_llm_piles" / "english"
        if not piles.exists():
            return
        for row in _rows(piles / "pile_of_templated_actions.csv"):
            kind, service = _DOMAINS.get(row["device_type"]), row["service"]
            if kind is not None and service in _SERVICES and "<" not in row["phrase"].replace("<device_name>", ""):
                yield kind, _SERVICES[service], _it(row["phrase"]), ""
        for row in _rows(piles / "pile_of_specific_actions.csv"):
            domain, _, service = row["service_name"].partition(".")
            if domain in _DOMAINS and service in _SERVICES:
                yield (
                    _DOMAINS[domain],
                    _SERVICES[service],
                    _named(row["phrase"], row["device_name"].replace("_", " ")),
                    "",
                )
        for row in _rows(piles / "pile_of_status_requests.csv"):
            kind = _DOMAINS.get(row["device_type"])
            if (
                row["device_type"] in _STATES
                and ";" not in row["state"]
                and "<" not in row["phrase"].replace("<device_name>", "")
            ):
                yield kind or "", _STATES[row["device_type"]], _it(row["phrase"]), "get"


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if all(isinstance(value, str) for value in row.values())]


def _it(phrase: str) -> str:
    return phrase.replace("the <device_name>", "it").replace("<device_name>", "it")


def _named(sentence: str, device: str) -> str:
    """The sentence with the device's name taken, however the article stands."""
    low, name = sentence.lower(), device.lower()
    place = low.find(name)
    if place < 0:
        return sentence
    begin = place - 4 if low[max(0, place - 4) : place] == "the " else place
    return sentence[:begin] + "it" + sentence[place + len(name) :]


class Mixture:
    """Endless groups, invented ones and people's. `excluded`: what is not trained on, and how often it came;
    `held_out`: groups to measure with."""

    def __init__(self, seed: int, share: float = 0.25, held_out: bool = False) -> None:
        folder = data_folder()
        self.excluded = excluded(folder)
        self._making = Synthesis(seed, self.excluded, held_out)
        self._people = People(folder, seed + 7, self.excluded, held_out)
        self._rng, self._share = random.Random(seed + 13), share

    @property
    def sentences_of_people(self) -> int:
        """How many there are."""
        return self._people.count

    def group(self, most: int = OPTIONS_MAX) -> tuple[list[Example], str]:
        """A group about a Thing with at most `most` options, and its source."""
        self._making.most = self._people.making.most = most
        if self._people.count and self._rng.random() < self._share:
            return self._people.group(GROUP), "people"
        return self._making.group(GROUP), "invented"
