"""Data schemas: what keeps them, what does not, and that the refusal says so in a sentence."""

from core_helper import raises

from firmware_py.core import schema
from firmware_py.core.errors import SchemaError

INF, NAN = float("inf"), float("nan")
PERCENT = {"type": "integer", "minimum": 0, "maximum": 100, "unit": "percent"}
POINT = {"type": "object", "required": ["x"], "properties": {"x": {"type": "number"}, "y": {"type": "number"}}}

TABLE = (  # schema, values that keep it, values that do not
    ({}, (None, 1, "a", [], {}), ()),
    ({"title": "a note", "format": "also"}, (1, "x"), ()),
    ({"type": "nothing we know"}, (1, "x"), ()),
    ({"type": "string"}, ("", "a"), (1, None, True, [], {})),
    ({"type": "boolean"}, (True, False), (0, 1, "true", None, [])),
    ({"type": "integer"}, (0, -5, 2.0, 10**20), (True, 2.5, "2", None, INF, -INF, NAN, [])),
    ({"type": "number"}, (0, -5, 2.5), (True, "2", None, INF, -INF, NAN)),
    ({"type": "object"}, ({}, {"a": 1}), ([], "{}", None)),
    ({"type": "array"}, ([], [1]), ({}, "[]", None)),
    ({"type": "null"}, (None,), (0, False, "")),
    ({"const": "on"}, ("on",), ("off", None, 1)),
    ({"enum": ["low", "high"]}, ("low", "high"), ("Low", "", None, 1, ["low"])),
    (PERCENT, (0, 100, 50.0), (-1, 101, 50.5, "50", True)),
    ({"minimum": 5}, (5, 6, "no number, no rule"), (4.9, -INF)),
    ({"maximum": 5}, (5, -INF), (5.1, INF)),
    ({"exclusiveMinimum": 0}, (0.1,), (0, -1)),
    ({"exclusiveMaximum": 10}, (9.9,), (10, 11)),
    ({"type": "number", "multipleOf": 0.5}, (0, 0.5, -2, 20.5), (0.3, 20.75)),
    ({"type": "integer", "multipleOf": 10}, (0, 100), (5, 101)),
    ({"multipleOf": 0}, (1, 2), ()),
    ({"type": "string", "minLength": 2, "maxLength": 3}, ("ab", "abc"), ("a", "abcd")),
    ({"type": "array", "minItems": 1, "maxItems": 2}, ([1], [1, 2]), ([], [1, 2, 3])),
    ({"type": "array", "items": {"type": "integer"}}, ([], [1, 2]), ([1, "2"], [None])),
    (POINT, ({"x": 1}, {"x": 1, "y": 2}, {"x": 1, "z": "free"}), ({}, {"y": 1}, {"x": "1"}, {"x": 1, "y": None})),
    ({"type": "array", "items": POINT}, ([{"x": 1}],), ([{"x": 1}, {}], [5])),
)


def test_values_keep_their_schema_or_are_refused():
    for rule, good, bad in TABLE:
        for value in good:
            assert schema.check(rule, value) is None, (rule, value)
        for value in bad:
            try:
                raises(SchemaError, schema.check, rule, value)
            except AssertionError as error:
                raise AssertionError("%r %r: %s" % (rule, value, error))


SAID = (
    (PERCENT, 120, "level", "The level 120 is outside 0 to 100 percent."),
    ({"minimum": 5, "unit": "lux"}, 4, "value", "The value must be at least 5 lux."),
    ({"maximum": 5}, 6, "value", "The value must be at most 5."),
    ({"type": "integer"}, "5", "value", "The value must be a whole number."),
    ({"enum": ["low", "high"]}, "no", "speed", "The speed must be one of: low, high."),
    ({"type": "string", "maxLength": 2}, "abc", "text", "The text has 3 characters; 0 to 2 are allowed."),
    ({"type": "string", "minLength": 2}, "a", "text", "The text has 1 characters; 2 to any number are allowed."),
    (POINT, {}, "place", "The place needs 'x'."),
    (POINT, {"x": "1"}, "place", "The x must be a number."),
    ({"type": "array", "items": {"type": "integer"}}, [1, "2"], "list", "The list[1] must be a whole number."),
    ({"exclusiveMinimum": 0}, 0, "value", "The value must be above 0."),
    ({"multipleOf": 5, "unit": "percent"}, 7, "value", "The value must be a multiple of 5 percent."),
)


def test_the_refusal_says_what_and_why():
    for rule, value, path, words in SAID:
        assert str(raises(SchemaError, schema.check, rule, value, path)) == words


def test_the_refusal_names_the_value():
    assert raises(SchemaError, schema.check, PERCENT, 120, "level").path == "level"
    assert raises(SchemaError, schema.check, POINT, {"x": 1, "y": "2"}).path == "y"
