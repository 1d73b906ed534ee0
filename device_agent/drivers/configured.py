"""Devices that need no code: their properties and actions are tables of things.toml.

A property has a data schema (`type`, `minimum`, `maximum`, `multipleOf`, `enum`, `unit`), how to `get` it and perhaps
how to `set` it; an action has its `input` (name -> data schema) and how to `do` it. What stands behind these three
words is up to the driver (command.py, http.py). In it `{value}` (of a property) or `{name}` (of an input) stands for a
value; a value is put in once, whole, and never read as anything else."""

from __future__ import annotations

import difflib
import json
import re
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from device_agent.affordances import Action, Notes, Offers, Property, checked
from device_agent.thing import Driver, DriverError
from firmware_py.core.errors import SchemaError
from firmware_py.core.schema import check

SCHEMA = ("type", "minimum", "maximum", "multipleOf", "enum", "unit", "description")
TYPES = ("boolean", "integer", "number", "string")
_SAID = ("title", "description", "risk")
PROPERTY = (*SCHEMA, *_SAID, "max_age_s", "values", "get", "set")
ACTION = (*_SAID, "idempotent", "affects", "input", "do")
_PLACE = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_TRUE, _FALSE = ("true", "on", "yes", "1"), ("false", "off", "no", "0")
_KINDS = {"boolean": "on or off", "integer": "a whole number", "number": "a number"}
Values = Mapping[str, Any]


class Configured(Driver):
    """The common part. A driver says how to read (`_reading`) and how to act (`_doing`)."""

    def __init__(self, properties: Mapping[str, Any], actions: Mapping[str, Any]) -> None:
        made = Offers(
            "Device", "",
            {name: self._action(name, _table(row, f"action '{name}'", ACTION)) for name, row in actions.items()},
            {name: self._property(name, _table(row, f"property '{name}'", PROPERTY))
             for name, row in properties.items()},
        )
        self._made = checked(made, "The device")

    def offers(self) -> Offers:
        return self._made

    @abstractmethod
    def _reading(self, get: Any, what: str) -> Callable[[], Any]:
        """A function that gets a value as `get` says: a text, or what JSON can hold."""

    @abstractmethod
    def _doing(self, do: Any, names: tuple[str, ...], what: str) -> Callable[[Values], None]:
        """A function that acts as `do` says, given values by these names."""

    def _property(self, name: str, row: Mapping[str, Any]) -> Property:
        what = f"property '{name}'"
        schema = _schema({key: row[key] for key in SCHEMA if key in row and key != "description"}, what)
        meanings = _table(row.get("values", {}), f"'values' of the {what}")
        for said, value in meanings.items():
            try:
                check(schema, value, said)
            except SchemaError as error:
                raise DriverError(f"The 'values' of the {what} do not fit its schema: {error}") from None
        if "get" not in row:
            raise DriverError(f"The {what} does not say how to 'get' it.")
        get = self._reading(row["get"], what)
        write = None
        if "set" in row:
            put = self._doing(row["set"], ("value",), what)
            said_for = {_key(value): said for said, value in meanings.items()}

            def write(value: Any) -> None:
                put({"value": said_for.get(_key(value), value)})

        return Property(
            name, lambda: _meant(get(), schema, meanings, what), write, schema, _title(name, row),
            row.get("description", ""), Notes(risk=row.get("risk"), max_age_s=row.get("max_age_s")),
        )

    def _action(self, name: str, row: Mapping[str, Any]) -> Action:
        what = f"action '{name}'"
        rows = _table(row.get("input", {}), f"'input' of the {what}")
        inputs = {key: _schema(_table(inner, f"input '{key}'", SCHEMA), f"input '{key}' of the {what}")
                  for key, inner in rows.items()}
        for key in inputs:
            if not _PLACE.fullmatch("{" + key + "}"):
                raise DriverError(f"The input {key!r} of the {what} may only contain a-z, 0-9 and '_'.")
        if "do" not in row:
            raise DriverError(f"The {what} does not say how to 'do' it.")
        do = self._doing(row["do"], tuple(inputs), what)
        notes = Notes(idempotent=row.get("idempotent", False), affects=row.get("affects"), risk=row.get("risk"))
        return Action(name, lambda **values: do(values), _title(name, row), row.get("description", ""), inputs,
                      tuple(inputs), None, notes)


def _table(row: Any, what: str, keys: tuple[str, ...] | None = None) -> Mapping[str, Any]:
    """`row` if it is a table with no other keys than `keys`."""
    if not isinstance(row, dict):
        raise DriverError(f"The {what} must be a table.")
    for key in row if keys is not None else ():
        if key not in (keys or ()):
            near = difflib.get_close_matches(key, keys or (), 1)
            hint = f"did you mean '{near[0]}'?" if near else f"it may have: {', '.join(keys or ())}."
            raise DriverError(f"The {what} has an unknown key '{key}'; {hint}")
    for key in ("title", "description", "unit", "affects"):
        if keys is not None and not isinstance(row.get(key, ""), str):
            raise DriverError(f"The '{key}' of the {what} must be a text.")
    if keys is not None and not isinstance(row.get("idempotent", False), bool):
        raise DriverError(f"The 'idempotent' of the {what} must be true or false.")
    if keys is not None and row.get("risk", "none") not in ("none", "confirm"):
        raise DriverError(f"The 'risk' of the {what} must be \"confirm\" or \"none\".")
    return row


def _schema(row: Mapping[str, Any], what: str) -> dict[str, Any]:
    if row.get("type") not in TYPES:
        raise DriverError(f"The 'type' of the {what} must be one of: {', '.join(TYPES)}.")
    return dict(row)


def _title(name: str, row: Mapping[str, Any]) -> str:
    return str(row.get("title") or name.replace("_", " ").capitalize())


def _key(value: Any) -> str:
    """The same for 1 and 1.0, not for 1 and true."""
    return json.dumps(float(value) if isinstance(value, int) and not isinstance(value, bool) else value)


def text_of(value: Any) -> str:
    """A value as it stands in a command line or a URL."""
    return value if isinstance(value, str) else json.dumps(value)


def places(text: str) -> list[str]:
    """The names in braces."""
    return _PLACE.findall(text)


def filled(text: str, values: Values, form: Callable[[str], str] = str) -> str:
    """`text` with every `{name}` replaced by its value, once; each value goes through `form` first."""
    return _PLACE.sub(lambda found: form(text_of(values[found[1]])), text)


def check_places(texts: Iterable[str], names: tuple[str, ...], what: str) -> None:
    """DriverError if one of the texts has a `{name}` that there is no value for."""
    for name in (name for text in texts for name in places(text)):
        if name not in names:
            known = ", ".join("{" + known + "}" for known in names) or "no values"
            raise DriverError(f"The {what} uses {{{name}}}, but it has {known}.")


def _meant(got: Any, schema: Mapping[str, Any], meanings: Mapping[str, Any], what: str) -> Any:
    """What was got -> the property's value."""
    if meanings:
        said = text_of(got).strip()
        if said not in meanings:
            raise DriverError(f"The {what} was answered by {said[:80]!r}, which its 'values' do not know.")
        return meanings[said]
    if isinstance(got, str) and schema["type"] != "string":
        return _parsed(got.strip(), schema["type"], what)
    return got.strip() if isinstance(got, str) else got


def _parsed(text: str, kind: str, what: str) -> Any:
    if kind == "boolean":
        if text.lower() in (*_TRUE, *_FALSE):
            return text.lower() in _TRUE
    else:
        try:
            return int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)
        except ValueError:
            pass
    raise DriverError(f"The {what} was answered by {text[:80]!r}, which is not {_KINDS[kind]}.")
