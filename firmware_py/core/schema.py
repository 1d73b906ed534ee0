"""Check a value against a Thing Description's data schema (the part of JSON Schema that W3C TD uses).

Kept: type, const, enum, minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, minLength,
maxLength, items, minItems, maxItems, properties, required. Any other key is a note, not a rule."""

from firmware_py.core.errors import SchemaError

_NAMES = {
    "string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
    "object": "an object", "array": "a list", "null": "null",
}


def _is(kind, value):
    if kind == "string":
        return isinstance(value, str)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "integer":
        return _is("number", value) and (isinstance(value, int) or value == int(value))
    if kind == "number":  # neither infinite nor no number at all
        return not isinstance(value, bool) and isinstance(value, (int, float)) and value - value == 0
    if kind == "object":
        return isinstance(value, dict)
    if kind == "array":
        return isinstance(value, list)
    if kind == "null":
        return value is None
    return True


def check(schema, value, path="value"):
    """Return None if `value` keeps `schema` (a dict), else raise SchemaError with one sentence naming `path`."""
    kind = schema.get("type")
    if kind in _NAMES and not _is(kind, value):
        raise SchemaError("The %s must be %s." % (path, _NAMES[kind]), path)
    if "const" in schema and value != schema["const"]:
        raise SchemaError("The %s must be %r." % (path, schema["const"]), path)
    if "enum" in schema and value not in schema["enum"]:
        choices = ", ".join([str(choice) for choice in schema["enum"]])
        raise SchemaError("The %s must be one of: %s." % (path, choices), path)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        _check_number(schema, value, path)
    elif isinstance(value, str):
        _check_size(schema, "minLength", "maxLength", value, path, "characters")
    elif isinstance(value, list):
        _check_size(schema, "minItems", "maxItems", value, path, "items")
        if isinstance(schema.get("items"), dict):
            for index, item in enumerate(value):
                check(schema["items"], item, "%s[%d]" % (path, index))
    elif isinstance(value, dict):
        for name in schema.get("required", ()):
            if name not in value:
                raise SchemaError("The %s needs '%s'." % (path, name), path)
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                check(inner, value[name], name)


def _check_number(schema, value, path):
    unit = " %s" % schema["unit"] if schema.get("unit") else ""
    low, high = schema.get("minimum"), schema.get("maximum")
    if (low is not None and value < low) or (high is not None and value > high):
        if low is not None and high is not None:
            raise SchemaError("The %s %s is outside %s to %s%s." % (path, value, low, high, unit), path)
        limit = "at least %s" % low if low is not None else "at most %s" % high
        raise SchemaError("The %s must be %s%s." % (path, limit, unit), path)
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if above is not None and value <= above:
        raise SchemaError("The %s must be above %s%s." % (path, above, unit), path)
    if below is not None and value >= below:
        raise SchemaError("The %s must be below %s%s." % (path, below, unit), path)
    step = schema.get("multipleOf")
    if step:
        times = value / step
        if abs(times - round(times)) > 1e-6:
            raise SchemaError("The %s must be a multiple of %s%s." % (path, step, unit), path)


def _check_size(schema, least, most, value, path, what):
    if len(value) < schema.get(least, 0) or len(value) > schema.get(most, len(value)):
        raise SchemaError("The %s has %d %s; %s to %s are allowed."
                          % (path, len(value), what, schema.get(least, 0), schema.get(most, "any number")), path)
