"""What a driver offers, taken from its annotated, documented functions.

A class: properties (`@property`) are readable, with a setter writable; public methods are actions. A module: functions
that take nothing and return something are properties, the others are actions. Names that begin with `_`, class and
static methods, and what `Driver` itself defines are private. The first line of a docstring is the title, the rest the
description. Does not: run anything, check values, know the wire."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeVar

from firmware_py.core import topics
from firmware_py.core.errors import LocalError, MessageError
from ontology.description import words_of

TITLE_LENGTH = 60
_TYPES: Mapping[Any, str] = {bool: "boolean", int: "integer", float: "number", str: "string", dict: "object",
                             list: "array"}
_NOTES = "_motewise_notes"
F = TypeVar("F")


class DriverError(LocalError):
    """A driver that cannot be used, or could not do what it was asked; one sentence."""


@dataclass(frozen=True)
class Range:
    """Smallest and largest value (None: no bound) and the step between allowed values, of a number."""

    low: float | None = None
    high: float | None = None
    step: float | None = None


@dataclass(frozen=True)
class Unit:
    """The unit of a number, as a word: `percent`, `celsius`, `watt`, `second`, …"""

    name: str


Percent = Annotated[int, Range(0, 100), Unit("percent")]
Celsius = Annotated[float, Unit("celsius")]


@dataclass(frozen=True)
class Notes:
    """What the decorators say about a function."""

    title: str | None = None
    idempotent: bool = False
    affects: str | None = None
    risk: Literal["confirm", "none"] | None = None
    max_age_s: float | None = None


def action(
    *, idempotent: bool = False, affects: str | None = None, risk: Literal["confirm", "none"] | None = None,
    title: str | None = None,
) -> Callable[[F], F]:
    """More about an action. `idempotent`: doing it twice is the same as once, so it may be repeated after a crash;
    `affects`: the property that it changes; `risk="confirm"`: a person must say yes first."""
    return _noting(Notes(title, idempotent, affects, risk))


def prop(
    *, max_age_s: float | None = None, risk: Literal["confirm", "none"] | None = None, title: str | None = None,
) -> Callable[[F], F]:
    """More about a property, above or below `@property`. `max_age_s`: rules do not trust an older value;
    `risk="confirm"`: a person must say yes before it is written."""
    return _noting(Notes(title, risk=risk, max_age_s=max_age_s))


def _noting(notes: Notes) -> Callable[[F], F]:
    def note(function: F) -> F:
        setattr(function.fget if isinstance(function, property) else function, _NOTES, notes)
        return function

    return note


class Driver:
    """Optional base of a driver that reports changes by itself, or has something to release."""

    _heard: Callable[..., None] | None = None

    def changed(self, *names: str) -> None:
        """Tell that these properties have new values; from any thread."""
        if self._heard is not None:
            self._heard(*names)

    def put(self, name: str, value: Any) -> None:
        """Simulation only: the world changes, and the property now shows `value`."""
        raise DriverError(f"The property '{name}' belongs to a real device; the world cannot be changed from here.")

    def shut_down(self) -> None:
        """Release what the driver holds; called once, at the end."""

    def offers(self) -> Offers | None:
        """What is offered, for drivers that learn it from their options; None: their functions are."""
        return None


@dataclass(frozen=True)
class Action:
    """One action: `call(**values)` does it. `inputs`: name -> data schema; a schema with a default may be left out."""

    name: str
    call: Callable[..., Any]
    title: str
    description: str = ""
    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    output: Mapping[str, Any] | None = None
    notes: Notes = Notes()


@dataclass(frozen=True)
class Property:
    """One property: `read()` gives its value, `write(value)` sets it (None: it cannot be written)."""

    name: str
    read: Callable[[], Any]
    write: Callable[[Any], Any] | None
    schema: Mapping[str, Any]
    title: str
    description: str = ""
    notes: Notes = Notes()


@dataclass(frozen=True)
class Offers:
    """All that a driver offers. `kind`: the @type; `description`: what it is, in a sentence."""

    kind: str
    description: str
    actions: Mapping[str, Action]
    properties: Mapping[str, Property]


def offers(driver: Any) -> Offers:
    """What a driver (an object, a class or a module) offers, or DriverError with what its author should do.

    A class is described without being made: its functions can then not be called."""
    if isinstance(driver, Driver) and (own := driver.offers()) is not None:
        return own
    found = list(_functions(driver) if isinstance(driver, types.ModuleType) else _members(driver))
    source = driver if isinstance(driver, (type, types.ModuleType)) else type(driver)
    name = source.__name__.rpartition(".")[2]
    kind = getattr(source, "kind", None)
    made = Offers(
        kind=kind if isinstance(kind, str) else name if isinstance(source, type) else _camel(name),
        description=_paragraph(source.__doc__ if isinstance(source, types.ModuleType) else _own_doc(source)),
        actions={one.name: one for one in found if isinstance(one, Action)},
        properties={one.name: one for one in found if isinstance(one, Property)},
    )
    return checked(made, name)


def checked(made: Offers, source: str) -> Offers:
    """`made` itself, or DriverError: nothing offered, a name that cannot be a topic, `affects` something unknown."""
    if not made.actions and not made.properties:
        raise DriverError(f"{source} offers nothing: write a public function with annotations and a docstring.")
    for name in (*made.actions, *made.properties):
        try:
            topics.check_name(name)
        except MessageError:
            raise DriverError(f"The name '{name}' in {source} may only contain a-z, 0-9 and '_'.") from None
    for one in made.actions.values():
        if one.notes.affects is not None and one.notes.affects not in made.properties:
            raise DriverError(f"The action '{one.name}' of {source} affects '{one.notes.affects}', which is not one of "
                              "its properties.")
    return made


def _members(driver: Any) -> list[Action | Property]:
    cls = driver if isinstance(driver, type) else type(driver)
    found: dict[str, Action | Property] = {}
    for base in reversed(cls.__mro__):
        if base in (object, Driver):
            continue
        for name, member in vars(base).items():
            if name.startswith("_") or name in vars(Driver):
                continue
            found.pop(name, None)
            if isinstance(member, property):
                found[name] = _property(name, member, driver, cls)
            elif isinstance(member, types.FunctionType):
                found[name] = _action(name, member, getattr(driver, name), f"{cls.__name__}.{name}", bound=True)
    return list(found.values())


def _functions(module: types.ModuleType) -> list[Action | Property]:
    found: list[Action | Property] = []
    for name, member in vars(module).items():
        if name.startswith("_") or not isinstance(member, types.FunctionType) or member.__module__ != module.__name__:
            continue
        where = f"{module.__name__}.{name}"
        gives = _hints(member, where).get("return", type(None))
        if inspect.signature(member).parameters or gives is type(None):
            found.append(_action(name, member, member, where, bound=False))
        else:
            notes = getattr(member, _NOTES, Notes())
            title, about = _title(name, member.__doc__, notes)
            found.append(Property(name, member, None, schema_of(gives, where), title, about, notes))
    return found


def _property(name: str, member: property, driver: Any, cls: type) -> Property:
    where = f"{cls.__name__}.{name}"
    getter, setter = member.fget, member.fset
    if getter is None:
        raise DriverError(f"The property {where} has no getter.")
    hints = _hints(getter, where)
    if "return" not in hints:
        raise DriverError(f"Say what {where} gives, for example: def {name}(self) -> int.")
    notes = getattr(getter, _NOTES, Notes())
    title, about = _title(name, getter.__doc__, notes)

    def read() -> Any:
        return getter(driver)

    def write(value: Any) -> None:
        assert setter is not None
        setter(driver, value)

    return Property(name, read, write if setter is not None else None, schema_of(hints["return"], where), title, about,
                    notes)


def _action(name: str, function: types.FunctionType, call: Callable[..., Any], where: str, *, bound: bool) -> Action:
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        raise DriverError(f"{where} must be a plain function, without async or yield.")
    hints = _hints(function, where)
    inputs: dict[str, dict[str, Any]] = {}
    required = []
    for parameter in list(inspect.signature(function).parameters.values())[1 if bound else 0:]:
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise DriverError(f"{where} may only take named parameters; '{parameter}' is none.")
        if parameter.name not in hints:
            raise DriverError(f"Give the parameter '{parameter.name}' of {where} a type, for example "
                              f"{parameter.name}: int; or begin the function's name with '_' to keep it private.")
        schema = schema_of(hints[parameter.name], f"{parameter.name} of {where}")
        if parameter.default is parameter.empty:
            required.append(parameter.name)
        elif parameter.default is not None:
            schema["default"] = parameter.default
        inputs[parameter.name] = schema
    notes = getattr(function, _NOTES, Notes())
    title, about = _title(name, function.__doc__, notes)
    gives = hints.get("return", type(None))
    output = None if gives is type(None) else schema_of(gives, f"what {where} gives")
    return Action(name, call, title, about, inputs, tuple(required), output, notes)


def _hints(function: Callable[..., Any], where: str) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function, include_extras=True)
    except (NameError, TypeError, AttributeError) as error:
        raise DriverError(f"The annotations of {where} cannot be read: {error}.") from None


def schema_of(annotation: Any, where: str) -> dict[str, Any]:
    """The W3C TD data schema of an annotation, or DriverError: bool, int, float, str, Literal, list, dict, each
    with `Annotated` and Range, Unit, or a text that describes it. `X | None` is X."""
    annotation = getattr(annotation, "__value__", annotation)
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        return _annotated(schema_of(inner[0], where), inner[1:], where)
    if origin in (types.UnionType, typing.Union):
        kinds = [kind for kind in inner if kind is not type(None)]
        if len(kinds) == 1:
            return schema_of(kinds[0], where)
    if origin is Literal:
        sorts = {type(choice) for choice in inner}
        if sorts in ({str}, {int}):
            return {"type": _TYPES[sorts.pop()], "enum": list(inner)}
        raise DriverError(f"The choices of {where} must all be texts, or all be whole numbers.")
    if origin in (list, Sequence):
        return {"type": "array", "items": schema_of(inner[0], where)}
    kind = "object" if origin in (dict, Mapping) else _TYPES.get(annotation)
    if kind is None:
        shown = annotation.__name__ if isinstance(annotation, type) else annotation
        raise DriverError(f"The type {shown} of {where} is none of: bool, int, float, str, Literal, list, dict.")
    return {"type": kind}


def _annotated(schema: dict[str, Any], marks: Sequence[Any], where: str) -> dict[str, Any]:
    for mark in marks:
        if isinstance(mark, Range):
            if schema["type"] not in ("integer", "number"):
                raise DriverError(f"Only numbers have a Range; {where} is none.")
            if mark.low is not None and mark.high is not None and mark.low > mark.high:
                raise DriverError(f"The Range of {where} ends below its beginning.")
            bounds = {"minimum": mark.low, "maximum": mark.high, "multipleOf": mark.step}
            schema.update((name, bound) for name, bound in bounds.items() if bound is not None)
        elif isinstance(mark, Unit):
            schema["unit"] = mark.name
        elif isinstance(mark, str):
            schema["description"] = mark
    return schema


def _title(name: str, doc: str | None, notes: Notes) -> tuple[str, str]:
    """(title, description) of a function."""
    lines = inspect.cleandoc(doc or "").split("\n", 1)
    first, rest = lines[0].strip().removesuffix("."), _paragraph(lines[1] if len(lines) > 1 else "")
    if first and len(first) <= TITLE_LENGTH:
        return notes.title or first, rest
    spoken = " ".join(words_of(name))
    return notes.title or spoken[:1].upper() + spoken[1:], " ".join(filter(None, (lines[0].strip(), rest)))


def _own_doc(cls: type) -> str | None:
    doc = cls.__doc__
    return None if doc is not None and doc is getattr(cls.__mro__[1], "__doc__", None) else doc


def _paragraph(doc: str | None) -> str:
    """The first paragraph, on one line."""
    return " ".join(inspect.cleandoc(doc or "").split("\n\n", 1)[0].split())


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in words_of(name))
