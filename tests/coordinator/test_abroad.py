"""People who speak German, French or Spanish in a house of their own language are understood like English ones."""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path
from typing import Any

import pytest
from houses_abroad import house_of
from hypothesis import given
from hypothesis import strategies as st

from coordinator.house import House
from coordinator.plan import understand_command
from device_agent.understand import understand
from models.language.brain import BrainError
from ontology.description import read

NOW = {"now_ms": 1_700_000_000_000, "zone": "Europe/Berlin"}
TABLE = tomllib.loads(Path(__file__).with_name("abroad.toml").read_text("utf-8"))
ROWS = [(language, *row) for language in ("de", "fr", "es") for row in TABLE[language]["rows"]]
HOUSES = {language: house_of(language) for language in ("de", "fr", "es")}


class NoModel:
    """Nobody to ask: the rules decide alone."""

    async def complete(self, prompt: object) -> Any:
        raise BrainError("There is no model.")

    async def embed(self, texts: object) -> Any:
        raise BrainError("There is no model.")


@pytest.mark.parametrize(("language", "said", "english", "things"), ROWS, ids=[row[1] for row in ROWS])
def test_command_in_another_language_is_read_and_planned(language, said, english, things):
    plan = understand_command(said, HOUSES[language], **NOW)
    assert plan.read_as == (language, english)
    assert plan.text == said
    assert list(dict.fromkeys(step.thing.segment for step in plan.steps)) == things.split()


@pytest.mark.parametrize("language", ["de", "fr", "es"])
def test_every_language_has_sixty_sentences(language):
    assert len(TABLE[language]["rows"]) >= 60


@pytest.mark.parametrize(("language", "said", "thing"), [
    ("de", "turn on the floor lamp in the living room", "floor-lamp"),
    ("de", "close the shutter in the bedroom", "shutter-bedroom"),
    ("de", "set the heating in the bathroom to 21 degrees", "heating-bath"),
    ("de", "turn off the Stehlampe", "floor-lamp"),
    ("fr", "turn off the bedside lamp", "bedside-lamp"),
    ("fr", "is the front door locked?", "front-door"),
    ("fr", "turn on the coffee machine", "coffee"),
    ("es", "turn on the floor lamp", "floor-lamp"),
    ("es", "turn off the kitchen light", "kitchen-light"),
    ("es", "turn off the bedside lamp upstairs", "bedside-lamp"),
])
def test_english_speaker_finds_things_titled_in_another_language(language, said, thing):
    plan = understand_command(said, HOUSES[language], **NOW)
    assert plan.read_as is None
    assert [step.thing.segment for step in plan.steps] == [thing]


LAMP = {"id": "urn:test:lamp", "title": "Kitchen lamp", "motewise:room": "Kitchen",
        "actions": {"turn_on": {}, "turn_off": {}}}


@pytest.mark.parametrize("said", [
    "mach die kitchen lamp an", "Licht in der Küche an", "allume la kitchen lamp", "enciende la lámpara de la cocina",
    "allume la lumière de la cuisine", "Mach die Küchenlampe an"])
def test_house_with_english_titles_serves_speakers_of_other_languages(said):
    plan = understand_command(said, House.of([read(LAMP)]), **NOW)
    assert [(step.thing.segment, step.text) for step in plan.steps] == [("lamp", "turn on the Kitchen lamp")]


@pytest.mark.parametrize(("language", "thing", "said", "call"), [
    ("de", "floor-lamp", "turn on Stehlampe", {"action": "einschalten", "input": {}}),
    ("de", "floor-lamp", "set Stehlampe to 40 percent", {"action": "helligkeit_setzen", "input": {"helligkeit": 40}}),
    ("de", "floor-lamp", "make Stehlampe red", {"action": "farbe_setzen", "input": {"farbe": "rot"}}),
    ("de", "front-door", "lock Haustürschloss", {"action": "abschließen", "input": {}}),
    ("de", "heating-bath", "set Heizung to 21.5 degrees",
     {"action": "temperatur_setzen", "input": {"temperatur": 21.5}}),
    ("fr", "floor-lamp", "turn off Lampadaire", {"action": "éteindre", "input": {}}),
    ("fr", "floor-lamp", "make Lampadaire blue", {"action": "régler_couleur", "input": {"couleur": "bleu"}}),
    ("fr", "shutter-living", "open Volet", {"action": "ouvrir", "input": {}}),
    ("es", "floor-lamp", "turn on Lámpara de pie", {"action": "encender", "input": {}}),
    ("es", "shutter-bedroom", "set Persiana to 30 percent", {"action": "ajustar_posición", "input": {"position": 30}}),
    ("es", "radio", "turn off the Radio", {"action": "apagar", "input": {}}),
])
def test_device_documented_in_another_language_is_called_by_its_own_names(language, thing, said, call):
    fact = HOUSES[language].fact(f"urn:test:{thing}")
    assert fact is not None
    found = asyncio.run(understand(fact.thing, said, {}, NoModel()))
    assert (found.status, list(found.calls)) == ("ok", [call])


def test_present_state_is_found_under_the_things_own_names():
    lamp = read({"id": "urn:test:l", "title": "Lampe", "actions": {}, "properties": {
        "helligkeit": {"type": "integer", "minimum": 0, "maximum": 100, "unit": "percent"}}})
    found = asyncio.run(understand(lamp, "increase the brightness by 20", {"helligkeit": 30}, NoModel()))
    assert list(found.calls) == [{"property": "helligkeit", "value": 50}]


def test_question_of_a_person_never_becomes_an_order():
    for language, said in (("de", "Ist der Rollladen im Wohnzimmer zu?"), ("de", "Ist es im Bad zu kalt?"),
                           ("fr", "Le volet du salon est-il fermé ?"), ("fr", "Le volet du salon se ferme-t-il ?"),
                           ("es", "¿Está cerrada la persiana del salón?"), ("de", "Läuft der Ventilator?"),
                           ("es", "¿La persiana del salón se está cerrando?")):
        plan = understand_command(said, HOUSES[language], **NOW)
        assert all(step.read for step in plan.steps), said


@given(st.text(max_size=60), st.sampled_from(["de", "fr", "es"]))
def test_no_text_raises(text, language):
    understand_command(text, HOUSES[language], **NOW)
