"""Options asked for in other words than their names, near misses, and the units that sentences are cut into."""

from __future__ import annotations

import pytest

from device_agent import likelihood as module
from device_agent.clause import clause_of
from device_agent.features import index_of
from device_agent.glossed import asks, glossed
from device_agent.likelihood import EVIDENCE, FEATURES, weights
from device_agent.meanings import meanings_of
from device_agent.options import offers_of
from device_agent.reading import View, view_of
from device_agent.retrieve import in_english, likely, ranked
from ontology.description import Thing, read

NUMBER = {"type": "number"}
LAMP = read({"id": "urn:x:lamp", "title": "Desk lamp", "@type": "Light", "actions": {"switchOn": {}, "switchOff": {}},
             "properties": {"burningHours": {"type": "integer", "unit": "hour", "readOnly": True}}})
FAN = read({
    "id": "urn:x:fan", "title": "Breeze", "@type": "Ventilator",
    "actions": {
        "setAirflow": {"description": "Blows more.", "input": {"type": "object", "properties": {"level": NUMBER}}},
        "resetFilter": {"description": "After it was replaced."}, "nightMode": {}, "openFlap": {}, "closeFlap": {}},
    "properties": {
        "airQuality": {"type": "integer", "unit": "ppm", "readOnly": True},
        "outdoorTemperature": {"type": "number", "unit": "celsius", "readOnly": True},
        "targetHumidity": {"type": "number", "unit": "percent"}, "keyLock": {"type": "boolean"},
        "humidity": {"type": "number", "unit": "percent", "readOnly": True}}})
ROBOTER = read({
    "id": "urn:x:r", "title": "Roboter 9", "@type": "Robot",
    "actions": {"fahreZuRegal": {"input": {"type": "object", "properties": {"regal": NUMBER}}}, "nothalt": {},
                "bildAufnehmen": {}, "zurLadestation": {}, "karteErstellen": {},
                "freiePlaetzeErkennen": {"input": {"type": "object", "properties": {"regal": NUMBER}}}},
    "properties": {"akkustand": {"type": "integer", "unit": "percent", "readOnly": True},
                   "standort": {"type": "string", "readOnly": True}}})


def order(thing: Thing, sentence: str) -> tuple[list[str], bool]:
    affordances, said = in_english(thing, sentence)
    own = {(double.op, double.name): one.name for one, double in zip(thing.affordances, affordances, strict=True)}
    offers = offers_of(affordances)
    found, serves = ranked(said, view(thing), title=thing.title)
    made = [offers[number].affordance for number, _ in found]
    return list(dict.fromkeys(own[one.op, one.name] for one in made)), serves


def view(thing: Thing) -> View:
    affordances, _ = in_english(thing, "")
    return view_of(tuple(offer.option for offer in offers_of(affordances)), thing.title, *thing.kinds)


@pytest.mark.parametrize(("thing", "sentence", "wanted"), [
    (LAMP, "let there be light", "switchOn"),
    (LAMP, "time to go dark", "switchOff"),
    (FAN, "it is rather stuffy, let it blow stronger", "setAirflow"),
    (FAN, "I put in a new filter", "resetFilter"),
    (FAN, "be less noisy while we sleep", "nightMode"),
    (FAN, "do I need a jacket", "outdoorTemperature"),
    (FAN, "how damp is it", "humidity"),
    (FAN, "lock the buttons, the kids play with them", "keyLock"),
    (ROBOTER, "head over to rack 4", "fahreZuRegal"),
    (ROBOTER, "snap a photo", "bildAufnehmen"),
    (ROBOTER, "any room left on shelf 2", "freiePlaetzeErkennen"),
    (ROBOTER, "stop everything at once", "nothalt"),
    (ROBOTER, "fahr mal rüber zu Regal 3", "fahreZuRegal"),
    (ROBOTER, "wie voll ist die Batterie?", "akkustand"),
    (ROBOTER, "wo bist du gerade?", "standort"),
    (ROBOTER, "va te recharger", "zurLadestation"),
    (ROBOTER, "你在哪里", "standort"),
    (ROBOTER, "画一张地图", "karteErstellen"),
])
def test_other_words_than_the_names_find_the_option_first(thing: Thing, sentence: str, wanted: str) -> None:
    names, serves = order(thing, sentence)
    assert (names[0], serves) == (wanted, True)


@pytest.mark.parametrize(("thing", "sentence"), [
    (LAMP, "how warm is it"), (LAMP, "raise the volume"), (LAMP, "play some music"), (LAMP, "water the roses"),
    (FAN, "how loud is the music"), (FAN, "mow the lawn"), (FAN, "what is the salt content"),
    (ROBOTER, "how humid is it"), (ROBOTER, "water the plants"), (ROBOTER, "Wie feucht ist es?"),
    (ROBOTER, "erzähl mir einen Witz"),
])
def test_what_a_thing_does_not_have_is_refused(thing: Thing, sentence: str) -> None:
    assert not order(thing, sentence)[1]


def test_what_is_measured_comes_before_what_is_wanted_unless_that_is_asked_for() -> None:
    assert order(FAN, "what is the humidity")[0][0] == "humidity"
    assert order(FAN, "what is the target humidity")[0][0] == "targetHumidity"


def test_a_noun_may_stand_within_a_phrase() -> None:
    options = view(LAMP).options
    clause = clause_of("switch the lamp off")
    units = meanings_of(index_of(options)).units(clause, frozenset(), [0, 2])
    off = next(number for number, option in enumerate(options) if option.name == "switchOff")
    assert ("switch", "off") in [unit.stems for unit in units]
    assert max(units, key=lambda unit: unit.worth[off]).stems == ("switch", "off")


def test_embeddings_are_left_out_where_a_word_leads_anywhere() -> None:
    assert likely("let there be light", view(LAMP)).led
    assert not likely("frobnicate", view(LAMP)).led


def test_every_feature_has_a_weight_and_every_weight_a_feature() -> None:
    assert set(weights()["features"]) == set(FEATURES)
    assert set(weights()["evidence"]) == set(EVIDENCE)


def test_an_unexplained_word_of_other_things_counts_against_serving(monkeypatch: pytest.MonkeyPatch) -> None:
    known = likely("what is the humidity of the soil", view(FAN))
    assert known.evidence[EVIDENCE.index("known_nowhere")] > 0
    sure = likely("what is the humidity", view(FAN))
    assert sure.serves > known.serves
    heavier = {**weights(), "evidence": {**weights()["evidence"], "known_nowhere": -50.0}}
    monkeypatch.setattr(module, "weights", lambda: heavier)
    assert likely("what is the humidity of the soil", view(FAN)).serves < known.serves


@pytest.mark.parametrize(("text", "english"), [
    ("Mach die Heizung an", "turn on heating"), ("mets la ventilation en marche", "turn on ventilation"),
    ("把它关掉", "turn off"), ("Regal 7", "shelf 7"), ('verbinde dich mit "Lager"', 'connect "Lager"'),
    ("à 60 %", "60 percent"), ("capteur inconnu xyz", "")])
def test_words_are_told_in_english_and_unknown_ones_left_out(text: str, english: str) -> None:
    assert glossed(text) == english


@pytest.mark.parametrize(("text", "question"), [
    ("Wie kalt ist es", True), ("combien de batterie te reste-t-il", True), ("还剩多少电", True), ("门关了吗", True),
    ("Mach das Fenster auf", False), ("allume la lumière", False), ("去充电吧", False)])
def test_questions_are_known_in_each_language(text: str, question: bool) -> None:
    assert asks(text) is question
