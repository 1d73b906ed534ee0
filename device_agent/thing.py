"""A Thing as the agent sees it: a driver, its Thing Description, and calls that fail in one sentence.

`Device.load` makes it from one [[thing]] table of things.toml: `driver` names a class (`module:Class`) or a module;
whatever else stands in the table is given to the class. One call at a time reaches a driver, from any thread; calls
block, so the agent makes them in threads of its own. Values are checked against the description both ways."""

from __future__ import annotations

import contextlib
import copy
import importlib
import inspect
import json
import logging
import re
import threading
import types
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

from device_agent.affordances import (
    Action,
    Celsius,
    Driver,
    DriverError,
    Offers,
    Percent,
    Property,
    Range,
    Unit,
    action,
    offers,
    prop,
    schema_of,
)
from firmware_py.core import schema, topics
from firmware_py.core.errors import MessageError, SchemaError
from ontology import description
from ontology.description import DescriptionError, Thing

__all__ = ["Celsius", "Device", "Driver", "DriverError", "Percent", "Range", "Unit", "action", "describe", "prop",
           "with_forms"]

log = logging.getLogger(__name__)
CONTEXT = "https://www.w3.org/2022/wot/td/v1.1"
MQTT_TERMS = "https://www.w3.org/2019/wot/mqtt#"
OURS = "urn:motewise:ns#"
# The keys of a [[thing]] table that are not options of its driver.
ENTRY = ("id", "title", "description", "kind", "room", "floor", "driver")
BUSY_S = 10.0
_REASON_MAX = 300


def describe(
    driver: Any, *, id: str, title: str, room: str | None = None, floor: str | None = None,
    description: str | None = None, kind: str | None = None,
) -> dict[str, Any]:
    """The W3C Thing Description (1.1, still without forms) of a driver: an object, a class or a module."""
    return _describe(offers(driver), id, title, room, floor, description, kind)


def _describe(
    offered: Offers, id: str, title: str, room: str | None, floor: str | None, about: str | None, kind: str | None,
) -> dict[str, Any]:
    kind = kind or offered.kind
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", kind):
        raise DriverError(f"The 'kind' of the {title} must be one word, such as Light or Speaker; it is {kind!r}.")
    td: dict[str, Any] = {
        "@context": [CONTEXT, {"@language": "en", "motewise": OURS, kind: f"motewise:{kind}"}],
        "id": id, "title": title, "@type": kind,
        "securityDefinitions": {"account": {"scheme": "basic", "in": "auto"}}, "security": "account",
    }
    more = {"description": about or offered.description, "motewise:room": room, "motewise:floor": floor}
    td.update((name, value) for name, value in more.items() if value)
    td["actions"] = {name: _action_td(one) for name, one in offered.actions.items()}
    td["properties"] = {name: _property_td(one) for name, one in offered.properties.items()}
    return td


def _named(one: Action | Property) -> dict[str, Any]:
    said = {"title": one.title, "description": one.description, "motewise:risk": one.notes.risk}
    return {name: value for name, value in said.items() if value}


def _action_td(one: Action) -> dict[str, Any]:
    td = {**_named(one), "idempotent": one.notes.idempotent, "safe": False}
    if one.inputs:
        td["input"] = {"type": "object", "properties": {name: dict(inner) for name, inner in one.inputs.items()},
                       "required": list(one.required)}
    if one.output is not None:
        td["output"] = dict(one.output)
    if one.notes.affects is not None:
        td["motewise:affects"] = one.notes.affects
    return td


def _property_td(one: Property) -> dict[str, Any]:
    td = {**one.schema, **_named(one), "readOnly": one.write is None, "observable": True}
    if one.notes.max_age_s is not None:
        td["motewise:maxAge"] = one.notes.max_age_s
    return td


def with_forms(td: Mapping[str, Any], site: str, host: str, broker: str = "") -> dict[str, Any]:
    """A copy of `td` that says where on the wire each affordance is. `broker`: its URL; a password in it is left out.

    A property is read from its retained topic and written on its `/set`; an action is asked for by a subtask."""
    found = copy.deepcopy(dict(td))
    segment = topics.thing_segment(found["id"])
    found["@context"][1]["mqv"] = MQTT_TERMS
    if broker:
        url = urllib.parse.urlsplit(broker)
        found["base"] = urllib.parse.urlunsplit((url.scheme, url.netloc.rpartition("@")[2], "/", "", ""))
    for name, one in found["properties"].items():
        topic = topics.prop(site, host, segment, name)
        one["forms"] = [_form(topic, "subscribe", True, ["readproperty", "observeproperty", "unobserveproperty"])]
        if not one["readOnly"]:
            one["forms"].append(_form(topics.prop_set(site, host, segment, name), "publish", False, ["writeproperty"]))
    for one in found["actions"].values():
        one["forms"] = [_form(topics.subtask(site, host, segment), "publish", False, ["invokeaction"])]
    return found


def _form(topic: str, packet: str, retain: bool, ops: list[str]) -> dict[str, Any]:
    return {"href": topic, "op": ops, "contentType": "application/json", "mqv:controlPacket": packet,
            "mqv:filter" if packet == "subscribe" else "mqv:topic": topic, "mqv:retain": retain, "mqv:qos": "1"}


class Device:
    """One Thing with its driver. `td`: its description without forms; `thing`: the same, checked; `changed`: whoever
    wants to hear that the driver reported new values, called with property names, from any thread.

    Every method that reaches the driver may block, and raises DriverError with one sentence if the driver fails, or
    SchemaError for a value that the description does not allow."""

    def __init__(
        self, driver: Any, *, id: str, title: str, room: str | None = None, floor: str | None = None,
        description: str | None = None, kind: str | None = None,
    ) -> None:
        self._driver = driver
        self._offers = offers(driver)
        self._lock = threading.RLock()
        self.td = _describe(self._offers, id, title, room, floor, description, kind)
        self.thing = _checked(self.td)
        self.changed: list[Callable[..., None]] = []
        self.problems: dict[str, str] = {}
        if isinstance(driver, Driver):
            driver._heard = self._heard

    @classmethod
    def load(cls, entry: Mapping[str, Any]) -> Self:
        """A Device from one [[thing]] table, or DriverError with what is wrong in it."""
        for name in ("id", "driver"):
            if not isinstance(entry.get(name), str) or not entry[name]:
                raise DriverError(f"A [[thing]] needs '{name}', a text.")
        for name in ENTRY:
            if not isinstance(entry.get(name, ""), str):
                raise DriverError(f"The '{name}' of {entry['id']} must be a text.")
        title = entry.get("title") or entry["id"].rpartition(":")[2].replace("-", " ").replace("_", " ").capitalize()
        options = {name: value for name, value in entry.items() if name not in ENTRY}
        made = _make(_find(entry["driver"], title), options, title)
        try:
            return cls(made, id=entry["id"], title=title, room=entry.get("room"), floor=entry.get("floor"),
                       description=entry.get("description"), kind=entry.get("kind"))
        except BaseException:
            _shut_down(made, title)
            raise

    @property
    def title(self) -> str:
        """What people call it."""
        return self.thing.title

    def read(self, name: str) -> Any:
        """The property's value now."""
        one = self._property(name)
        with self._calling(f"tell its {_spoken(one)}"):
            value = one.read()
        return self._given(value, one.schema, f"{one.title} of the {self.title}")

    def write(self, name: str, value: Any) -> None:
        """Set a property."""
        one = self._property(name)
        if one.write is None:
            raise DriverError(f"The {_spoken(one)} of the {self.title} can be read, but not set.")
        schema.check(one.schema, value, name)
        with self._calling(f"set its {_spoken(one)}"):
            one.write(_cast(one.schema, value))

    def call(self, action: str, input: Mapping[str, Any] | None = None) -> Any:
        """Do an action; what it gives, or None."""
        one = self._offers.actions.get(action)
        if one is None:
            raise DriverError(f"The {self.title} has no action '{action}'.")
        values = dict(input or {})
        for name in values:
            if name not in one.inputs:
                raise SchemaError(f"The action '{action}' of the {self.title} takes no '{name}'.", name)
        schema.check({"type": "object", "properties": one.inputs, "required": one.required}, values, action)
        with self._calling(f"do '{one.title}'"):
            result = one.call(**{name: _cast(one.inputs[name], value) for name, value in values.items()})
        return None if one.output is None else self._given(result, one.output, f"The answer of '{one.title}'")

    def state(self) -> dict[str, Any]:
        """Every property that can be read now; why the others cannot is in `problems`."""
        found, problems = {}, {}
        try:
            with self._calling("tell how it is"):
                for name in self._offers.properties:
                    try:
                        found[name] = self.read(name)
                    except DriverError as error:
                        problems[name] = str(error)
        except DriverError as error:  # busy all the time: nothing is known
            problems = dict.fromkeys(self._offers.properties, str(error))
        for problem in dict.fromkeys(problems.values()):
            if problem not in self.problems.values():
                log.warning("%s", problem)
        self.problems = problems
        return found

    def put(self, name: str, value: Any) -> None:
        """Change what a simulated Thing sees; DriverError for a real one."""
        one = self._property(name)
        schema.check(one.schema, value, name)
        if not isinstance(self._driver, Driver):
            raise DriverError(f"The {self.title} is not simulated.")
        with self._calling(f"take a new {_spoken(one)}"):
            self._driver.put(name, value)

    def close(self) -> None:
        """Release the driver."""
        if isinstance(self._driver, Driver):
            self._driver._heard = None
        _shut_down(self._driver, self.title)

    def _property(self, name: str) -> Property:
        one = self._offers.properties.get(name)
        if one is None:
            raise DriverError(f"The {self.title} has no property '{name}'.")
        return one

    def _heard(self, *names: str) -> None:
        known = tuple(name for name in names if name in self._offers.properties)
        if len(known) < len(names):
            log.warning("The driver of %s reports %s, which it does not offer.", self.title,
                        ", ".join(sorted(set(names) - set(known))))
        for callback in tuple(self.changed) if known else ():
            callback(*known)

    @contextlib.contextmanager
    def _calling(self, what: str) -> Iterator[None]:
        if not self._lock.acquire(timeout=BUSY_S):
            raise DriverError(f"The {self.title} could not {what}: it is still busy with something else.")
        try:
            yield
        except DriverError:
            raise
        except (Exception, SystemExit) as error:
            log.debug("The driver of %s failed.", self.title, exc_info=True)
            raise DriverError(f"The {self.title} could not {what}: {_reason(error)}") from error
        finally:
            self._lock.release()

    def _given(self, value: Any, rules: Mapping[str, Any], what: str) -> Any:
        """`value` if the wire can carry it and its schema allows it."""
        try:
            json.dumps(value, allow_nan=False)
            schema.check(dict(rules), value, what)
        except (TypeError, ValueError, SchemaError):
            raise DriverError(f"The {self.title} gave {_short(repr(value))} for '{what}', which it says it never "
                              "does.") from None
        return value


def _checked(td: dict[str, Any]) -> Thing:
    try:
        topics.thing_segment(td["id"])
        return description.read(td)
    except (MessageError, DescriptionError) as error:
        raise DriverError(f"The Thing {td['id']!r} cannot be described: {error}") from None


def _find(path: str, title: str) -> Any:
    """The class `module:Class` or the module `module`."""
    module_name, colon, name = path.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise DriverError(_missing(error.name or module_name, module_name, title)) from None
    except Exception as error:  # whatever a person's own code does when it is loaded
        raise DriverError(f"The driver module '{module_name}' of the {title} cannot be loaded: "
                          f"{type(error).__name__}: {_reason(error)}") from error
    if not colon:
        return module
    found = vars(module).get(name)
    if not isinstance(found, type):
        where = getattr(module, "__file__", None) or "Python itself"
        raise DriverError(f"There is no class '{name}' in the module '{module_name}' ({where}).")
    return found


def _missing(missing: str, module: str, title: str) -> str:
    if missing == "gpiozero":
        return f"The {title} is on pins of this computer, which needs gpiozero: pip install 'motewise[gpio]'."
    if module == missing or module.startswith(missing + "."):
        return (f"There is no driver module '{module}' for the {title}; write it beside things.toml, or correct "
                "'driver' there.")
    return f"The driver of the {title} needs the Python package '{missing}', which is not installed."


def _make(found: Any, options: Mapping[str, Any], title: str) -> Any:
    """The driver with its options; a module is its own driver and takes none."""
    parameters = {} if isinstance(found, types.ModuleType) else _parameters(found)
    takes = ", ".join(parameters) or "none"
    for name, value in options.items():
        if name not in parameters:
            raise DriverError(f"The driver of the {title} has no option '{name}'; its options: {takes}.")
        _check_option(parameters[name], name, value, title)
    for name, parameter in parameters.items():
        if parameter.default is parameter.empty and name not in options:
            raise DriverError(f"The driver of the {title} needs the option '{name}'.")
    if isinstance(found, types.ModuleType):
        return found
    try:
        return found(**options)
    except DriverError as error:
        raise DriverError(f"The {title} cannot be used: {error}") from error
    except (Exception, SystemExit) as error:
        raise DriverError(f"The {title} could not be started: {_reason(error)}") from error


def _parameters(cls: type) -> dict[str, inspect.Parameter]:
    if cls.__init__ is object.__init__:  # type: ignore[misc]
        return {}
    found = list(inspect.signature(cls.__init__, eval_str=True).parameters.values())[1:]  # type: ignore[misc]
    return {one.name: one for one in found if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)}


def _check_option(parameter: inspect.Parameter, name: str, value: Any, title: str) -> None:
    try:
        rules = schema_of(parameter.annotation, name)
    except DriverError:
        return  # a type of the driver's own: it checks for itself
    try:
        schema.check(rules, value, name)
    except SchemaError as error:
        raise DriverError(f"The {title} has a wrong option: {error}") from None


def _shut_down(driver: Any, title: str) -> None:
    if isinstance(driver, Driver):
        try:
            driver.shut_down()
        except Exception:
            log.warning("The driver of %s could not be shut down.", title, exc_info=True)


def _cast(rules: Mapping[str, Any], value: Any) -> Any:
    """A whole number that came as 40.0 is 40, a number that came as 21 is 21.0: what the function was promised."""
    if rules.get("type") == "integer":
        return int(value)
    return float(value) if rules.get("type") == "number" else value


def _spoken(one: Property) -> str:
    return one.title[:1].lower() + one.title[1:]


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _REASON_MAX else text[:_REASON_MAX] + "…"


def _reason(error: BaseException) -> str:
    """What went wrong, ending in a full stop."""
    text = _short(str(error)) or type(error).__name__
    if isinstance(error, KeyError):
        text = f"{text} is missing"
    return text if text.endswith((".", "!", "?")) else text + "."
