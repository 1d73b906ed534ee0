"""A small German, French and Spanish house, whose Things are titled and documented in their own language."""

from __future__ import annotations

from typing import Any

from coordinator.house import House
from ontology.description import read

PERCENT = {"type": "integer", "minimum": 0, "maximum": 100, "unit": "percent"}
CELSIUS = {"type": "number", "minimum": 5, "maximum": 30, "unit": "celsius"}


def _taking(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"input": {"type": "object", "properties": {name: schema}, "required": [name]}}


def _thing(id_: str, title: str, room: str, floor: str, actions: dict[str, Any] | None = None,
           properties: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"id": f"urn:test:{id_}", "title": title, "motewise:room": room, "motewise:floor": floor,
            "actions": actions or {}, "properties": properties or {}}


def _told(schema_type: str, unit: str = "") -> dict[str, Any]:
    return {"type": schema_type, "readOnly": True, **({"unit": unit} if unit else {})}


def _lamp(words: dict[str, str]) -> dict[str, Any]:
    colours = {"type": "string", "enum": words["colours"].split()}
    return {words["on"]: {}, words["off"]: {}, words["dim"]: _taking(words["brightness"], PERCENT),
            words["paint"]: _taking(words["colour"], colours)}


def _built(words: dict[str, str], rooms: dict[str, tuple[str, str]], titles: dict[str, tuple[str, str]]) -> list[Any]:
    switched = {words["on"]: {}, words["off"]: {}}
    made = {
        "floor-lamp": (_lamp(words), {}), "ceiling-lamp": (_lamp(words), {}), "kitchen-light": (_lamp(words), {}),
        "hall-light": (_lamp(words), {}), "bedside-lamp": (_lamp(words), {}),
        "shutter-living": ({words["open"]: {}, words["close"]: {}, words["place"]: _taking("position", PERCENT)}, {}),
        "shutter-bedroom": ({words["open"]: {}, words["close"]: {}, words["place"]: _taking("position", PERCENT)}, {}),
        "heating-living": ({words["warm"]: _taking(words["temperature"], CELSIUS)},
                           {words["temperature"]: _told("number", "celsius")}),
        "heating-bath": ({words["warm"]: _taking(words["temperature"], CELSIUS)},
                         {words["temperature"]: _told("number", "celsius")}),
        "front-door": ({words["lock"]: {}, words["unlock"]: {}}, {words["locked"]: _told("boolean")}),
        "window": ({}, {words["opened"]: _told("boolean")}),
        "motion": ({}, {words["motion"]: _told("boolean")}),
        "radio": ({**switched, words["play"]: _taking(words["title"], {"type": "string"}),
                   words["loud"]: _taking(words["volume"], PERCENT)}, {}),
        "fan": (switched, {}), "coffee": (switched, {}),
    }
    return [_thing(id_, titles[id_][0], *rooms[titles[id_][1]], *made[id_]) for id_ in made]


GERMAN = _built(
    {"on": "einschalten", "off": "ausschalten", "dim": "helligkeit_setzen", "brightness": "helligkeit",
     "paint": "farbe_setzen", "colour": "farbe", "colours": "rot grün blau weiß", "open": "öffnen",
     "close": "schließen", "place": "position_setzen", "warm": "temperatur_setzen", "temperature": "temperatur",
     "lock": "abschließen", "unlock": "aufschließen", "locked": "verriegelt", "opened": "offen",
     "motion": "bewegung", "play": "abspielen", "title": "titel", "loud": "lautstärke_setzen",
     "volume": "lautstärke"},
    {"living": ("Wohnzimmer", "Erdgeschoss"), "kitchen": ("Küche", "Erdgeschoss"), "hall": ("Flur", "Erdgeschoss"),
     "bedroom": ("Schlafzimmer", "Obergeschoss"), "bath": ("Bad", "Obergeschoss")},
    {"floor-lamp": ("Stehlampe", "living"), "ceiling-lamp": ("Deckenlampe", "living"),
     "kitchen-light": ("Küchenlicht", "kitchen"), "hall-light": ("Licht", "hall"),
     "bedside-lamp": ("Nachttischlampe", "bedroom"), "shutter-living": ("Rollladen", "living"),
     "shutter-bedroom": ("Rollladen", "bedroom"), "heating-living": ("Heizung", "living"),
     "heating-bath": ("Heizung", "bath"), "front-door": ("Haustürschloss", "hall"),
     "window": ("Fensterkontakt", "kitchen"), "motion": ("Bewegungsmelder", "hall"), "radio": ("Radio", "kitchen"),
     "fan": ("Ventilator", "bedroom"), "coffee": ("Kaffeemaschine", "kitchen")})
FRENCH = _built(
    {"on": "allumer", "off": "éteindre", "dim": "régler_luminosité", "brightness": "luminosité",
     "paint": "régler_couleur", "colour": "couleur", "colours": "rouge vert bleu blanc", "open": "ouvrir",
     "close": "fermer", "place": "régler_position", "warm": "régler_température", "temperature": "température",
     "lock": "verrouiller", "unlock": "déverrouiller", "locked": "verrouillée", "opened": "ouverte",
     "motion": "mouvement", "play": "jouer", "title": "titre", "loud": "régler_volume", "volume": "volume"},
    {"living": ("Salon", "Rez-de-chaussée"), "kitchen": ("Cuisine", "Rez-de-chaussée"),
     "hall": ("Couloir", "Rez-de-chaussée"), "bedroom": ("Chambre", "Étage"), "bath": ("Salle de bain", "Étage")},
    {"floor-lamp": ("Lampadaire", "living"), "ceiling-lamp": ("Plafonnier", "living"),
     "kitchen-light": ("Lumière de la cuisine", "kitchen"), "hall-light": ("Lumière", "hall"),
     "bedside-lamp": ("Lampe de chevet", "bedroom"), "shutter-living": ("Volet", "living"),
     "shutter-bedroom": ("Volet", "bedroom"), "heating-living": ("Chauffage", "living"),
     "heating-bath": ("Chauffage", "bath"), "front-door": ("Serrure de la porte d'entrée", "hall"),
     "window": ("Capteur de fenêtre", "kitchen"), "motion": ("Détecteur de mouvement", "hall"),
     "radio": ("Radio", "kitchen"), "fan": ("Ventilateur", "bedroom"), "coffee": ("Cafetière", "kitchen")})
SPANISH = _built(
    {"on": "encender", "off": "apagar", "dim": "ajustar_brillo", "brightness": "brillo", "paint": "cambiar_color",
     "colour": "color", "colours": "rojo verde azul blanco", "open": "abrir", "close": "cerrar",
     "place": "ajustar_posición", "warm": "ajustar_temperatura", "temperature": "temperatura", "lock": "bloquear",
     "unlock": "desbloquear", "locked": "bloqueada", "opened": "abierta", "motion": "movimiento",
     "play": "reproducir", "title": "título", "loud": "ajustar_volumen", "volume": "volumen"},
    {"living": ("Salón", "Planta baja"), "kitchen": ("Cocina", "Planta baja"), "hall": ("Pasillo", "Planta baja"),
     "bedroom": ("Dormitorio", "Planta alta"), "bath": ("Baño", "Planta alta")},
    {"floor-lamp": ("Lámpara de pie", "living"), "ceiling-lamp": ("Lámpara de techo", "living"),
     "kitchen-light": ("Luz de la cocina", "kitchen"), "hall-light": ("Luz", "hall"),
     "bedside-lamp": ("Lámpara de noche", "bedroom"), "shutter-living": ("Persiana", "living"),
     "shutter-bedroom": ("Persiana", "bedroom"), "heating-living": ("Calefacción", "living"),
     "heating-bath": ("Calefacción", "bath"), "front-door": ("Cerradura de la entrada", "hall"),
     "window": ("Sensor de ventana", "kitchen"), "motion": ("Sensor de movimiento", "hall"),
     "radio": ("Radio", "kitchen"), "fan": ("Ventilador", "bedroom"), "coffee": ("Cafetera", "kitchen")})


def house_of(language: str) -> House:
    """The house whose people speak de, fr or es."""
    return House.of(read(td) for td in {"de": GERMAN, "fr": FRENCH, "es": SPANISH}[language])
