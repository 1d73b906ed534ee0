"""Every Thing of the house as an RDF graph, and the named questions over it.

Rules: a Thing's triples are one named graph, replaced as a whole, so that no Thing can say anything about another;
a topic segment and an id belong to the host that had them first, across restarts, until that host gives them up;
a question is a file in queries/ whose parameters are bound as terms, never pasted into its text. It does not talk to
devices and does not decide what is allowed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from firmware_py.core.errors import LocalError, RemoteError
from ontology import description
from ontology.description import DescriptionError, Thing, words_of

TD = "https://www.w3.org/2019/wot/td#"
SOSA = "http://www.w3.org/ns/sosa/"
BRICK = "https://brickschema.org/schema/Brick#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OURS = "urn:motewise:ns#"
REFUSED_MAX = 100

_A = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_LABEL = ox.NamedNode(RDFS + "label")
_PARAMETERS = re.compile(r"^# parameters:(.*)$", re.MULTILINE)


class QueryError(RemoteError):
    """A question that does not exist, or lacks a parameter."""


class StoreError(LocalError):
    """The store's directory cannot be used."""


@dataclass(frozen=True)
class Refusal:
    """A Thing Description that was not taken in, and why."""

    host: str
    thing: str
    reason: str


@dataclass(frozen=True)
class Query:
    """A named question: SPARQL and the names of its parameters."""

    name: str
    text: str
    parameters: tuple[str, ...]


@cache
def queries() -> Mapping[str, Query]:
    """The questions in queries/*.rq by name."""
    found = {}
    for entry in resources.files("ontology").joinpath("queries").iterdir():
        if entry.name.endswith(".rq"):
            text = entry.read_text("utf-8")
            line = _PARAMETERS.search(text)
            name = entry.name.removesuffix(".rq")
            found[name] = Query(name, text, tuple(line[1].split()) if line else ())
    return found


def key(name: str) -> str:
    """A name as it is looked up: `Living  Room` -> `living room`, `TemperatureSensor` -> `temperature sensor`."""
    return " ".join(words_of(name))


class Registry:
    """The Things of one house. `directory` None: in memory, else kept there across restarts (one process only)."""

    def __init__(self, directory: Path | None = None) -> None:
        try:
            self.store = ox.Store() if directory is None else ox.Store(str(directory))
        except OSError as error:
            raise StoreError(f"The registry in {directory} cannot be opened; is another coordinator running? "
                             f"({error})") from None
        self.refused: dict[tuple[str, str], Refusal] = {}
        self._things: dict[str, Thing] = {}
        for quad in list(self.store.quads_for_pattern(None, _ours("description"), None, None)):
            try:
                thing = description.read(json.loads(_python(quad.object)), self._host_of(quad.subject))
            except DescriptionError:  # taken in by an older version; its host will say it again
                self.store.remove_graph(quad.graph_name)
                continue
            self._things[thing.id] = thing

    @property
    def things(self) -> tuple[Thing, ...]:
        """Every Thing, by id."""
        return tuple(thing for _, thing in sorted(self._things.items()))

    def thing(self, thing_id: str) -> Thing | None:
        """The Thing of that id, or None."""
        return self._things.get(thing_id)

    def served(self, host: str, segment: str) -> Thing | None:
        """The Thing under the topic `{host}/{segment}`, or None."""
        return next((thing for thing in self._things.values() if (thing.host, thing.segment) == (host, segment)), None)

    def add(self, td: Any, host: str, segment: str) -> Thing:
        """Take in the description that `host` published under the topic level `segment`; it replaces an older one.

        DescriptionError (kept in `refused`) if it breaks its schema or claims what another host owns."""
        try:
            thing = self._check(td, host, segment)
        except DescriptionError as error:
            self.refuse(host, segment, str(error))
            raise
        self.refused.pop((host, segment), None)
        before = self.served(host, segment)
        if before == thing and before.td == thing.td:
            return before
        if before is not None:
            self._drop(before)
        graph = ox.NamedNode(thing.id)
        self.store.extend(ox.Quad(*triple, graph) for triple in _triples(thing))
        self._things[thing.id] = thing
        return thing

    def refuse(self, host: str, segment: str, reason: str) -> None:
        """Keep why a description was not taken in, for whoever asks."""
        if len(self.refused) >= REFUSED_MAX and (host, segment) not in self.refused:
            del self.refused[next(iter(self.refused))]
        self.refused[host, segment] = Refusal(host, segment, reason)

    def remove(self, host: str, segment: str) -> Thing | None:
        """Forget what `host` served there; segment and id are free again."""
        self.refused.pop((host, segment), None)
        thing = self.served(host, segment)
        if thing is not None:
            self._drop(thing)
        return thing

    def set_state(self, host: str, state: str) -> None:
        """Note how a host is: ready, sleeping, stopped or lost."""
        node, graph = _host(host), _host(host)
        self.store.remove_graph(graph)
        self.store.extend((ox.Quad(node, _A, _ours("Host"), graph),
                           ox.Quad(node, _LABEL, ox.Literal(host), graph),
                           ox.Quad(node, _ours("state"), ox.Literal(state), graph)))

    def select(self, name: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Answer the named question: one dict a row, absent values left out. QueryError if it cannot be asked."""
        query = queries().get(name)
        if query is None:
            raise QueryError(f"There is no question {name!r}; there are: {', '.join(sorted(queries()))}.")
        params = params or {}
        for given in params:
            if given not in query.parameters:
                takes = ", ".join(query.parameters) or "none"
                raise QueryError(f"The question {name!r} has no parameter {given!r}; its parameters: {takes}.")
        bound: dict[ox.Variable, Any] = {}
        for parameter in query.parameters:
            value = params.get(parameter)
            if not isinstance(value, str) or not key(value):
                raise QueryError(f"The question {name!r} needs the parameter {parameter!r}, a text.")
            bound[ox.Variable(parameter)] = ox.Literal(key(value))
        answer = self.store.query(query.text, use_default_graph_as_union=True, substitutions=bound)
        assert isinstance(answer, ox.QuerySolutions)
        names = [variable.value for variable in answer.variables if variable not in bound]
        return [{name: _python(row[name]) for name in names if row[name] is not None} for row in answer]

    def find(
        self, *, room: str | None = None, floor: str | None = None, kind: str | None = None,
        capability: str | None = None, name: str | None = None,
    ) -> tuple[Thing, ...]:
        """The Things that meet every condition given."""
        asked = {"things_in_room": ("room", room), "things_on_floor": ("floor", floor),
                 "things_of_kind": ("kind", kind), "things_that_can": ("capability", capability),
                 "things_named": ("name", name)}
        found = set(self._things)
        for question, (parameter, value) in asked.items():
            if value is not None:
                found &= {row["id"] for row in self.select(question, {parameter: value})}
        return tuple(self._things[thing_id] for thing_id in sorted(found))

    def graph(self) -> Any:
        """The same store as an rdflib Dataset, for whoever writes Turtle or checks shapes."""
        import rdflib  # noqa: PLC0415  slow to import, and hot questions never need it

        return rdflib.Dataset(store=_oxigraph(self.store), default_union=True)

    def _check(self, td: Any, host: str, segment: str) -> Thing:
        thing = description.read(td, host)
        if thing.segment != segment:
            raise DescriptionError(
                f"The description under {host}/{segment} says that it is {thing.id!r}; a Thing speaks for itself only.")
        try:
            _iri(thing.id)
        except ValueError:
            raise DescriptionError(f"The id {thing.id!r} is not a URN, such as urn:motewise:hall-lamp.") from None
        for other in self._things.values():
            if other.host != host and (other.id == thing.id or other.segment == segment):
                raise DescriptionError(
                    f"The Thing {segment!r} belongs to the host {other.host!r}; {host!r} cannot have it.")
        return thing

    def _drop(self, thing: Thing) -> None:
        self.store.remove_graph(ox.NamedNode(thing.id))
        del self._things[thing.id]

    def _host_of(self, node: Any) -> str:
        quad = next(self.store.quads_for_pattern(node, _ours("host"), None, None))
        return str(_python(quad.object)).removeprefix("urn:motewise:host:")


def _oxigraph(store: ox.Store) -> Any:
    from oxrdflib import OxigraphStore  # noqa: PLC0415  needs rdflib

    return OxigraphStore(store=store)


def _python(term: Any) -> Any:
    if isinstance(term, ox.Literal):
        if term.datatype.value.endswith("#boolean"):
            return term.value == "true"
        if term.datatype.value.endswith(("#integer", "#decimal", "#double")):
            return float(term.value) if "." in term.value or "e" in term.value.lower() else int(term.value)
    return term.value


def _ours(name: str) -> ox.NamedNode:
    return ox.NamedNode(OURS + name)


def _host(name: str) -> ox.NamedNode:
    return ox.NamedNode(f"urn:motewise:host:{name}")


def _iri(text: str) -> ox.NamedNode:
    """ValueError unless `text` is an absolute IRI (letters that would end it in Turtle are not)."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+", text):
        raise ValueError(text)
    return ox.NamedNode(text)


def _place(*names: str) -> ox.NamedNode:
    return ox.NamedNode("urn:motewise:place:" + ":".join(key(name).replace(" ", "-") or "_" for name in names))


def _triples(thing: Thing) -> Iterator[tuple[Any, Any, Any]]:
    me, text = ox.NamedNode(thing.id), ox.Literal
    yield me, _A, ox.NamedNode(TD + "Thing")
    yield me, ox.NamedNode(TD + "title"), text(thing.title)
    yield me, _ours("key"), text(key(thing.title))
    yield me, _ours("description"), text(json.dumps(thing.td))
    yield me, _ours("host"), _host(thing.host or "")
    for kind in thing.kinds:
        yield me, _ours("kind"), text(kind)
        yield me, _ours("kindKey"), text(key(kind.rpartition(":")[2]))
    if any(affordance.op == "read" for affordance in thing.affordances):
        yield me, _A, ox.NamedNode(SOSA + "Sensor")
    if any(affordance.op != "read" for affordance in thing.affordances):
        yield me, _A, ox.NamedNode(SOSA + "Actuator")
    yield from _places(me, thing.room, thing.floor)
    for affordance in thing.affordances:
        group = "actions" if affordance.op == "action" else "properties"
        node = ox.NamedNode(f"{thing.id}/{group}/{key(affordance.name).replace(' ', '-') or '_'}")
        relation = "hasActionAffordance" if affordance.op == "action" else "hasPropertyAffordance"
        yield me, ox.NamedNode(TD + relation), node
        yield node, ox.NamedNode(TD + "name"), text(affordance.name)
        yield node, _ours("key"), text(key(affordance.name))
        if affordance.title:
            yield node, ox.NamedNode(TD + "title"), text(affordance.title)
            yield node, _ours("key"), text(key(affordance.title))
        if affordance.op != "action":
            yield node, _ours("reads" if affordance.op == "read" else "writes"), ox.Literal(True)
        if affordance.risky:
            yield node, _ours("risky"), ox.Literal(True)


def _places(me: ox.NamedNode, room: str | None, floor: str | None) -> Iterator[tuple[Any, Any, Any]]:
    inside, part = ox.NamedNode(BRICK + "hasLocation"), ox.NamedNode(BRICK + "isPartOf")
    places = []
    if room:
        places.append(("Room", room, _place(floor or "", room)))
    if floor:
        places.append(("Floor", floor, _place(floor)))
    for kind, name, node in places:
        yield node, _A, ox.NamedNode(BRICK + kind)
        yield node, _LABEL, ox.Literal(name)
        yield node, _ours("key"), ox.Literal(key(name))
    if places:
        yield me, inside, places[0][2]
    if len(places) == 2:
        yield places[0][2], part, places[1][2]
