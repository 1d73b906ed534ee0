"""Control messages: JSON objects that a person can type.

One table row a field: name, type, whether it must be there, default. Unknown fields are ignored; a
missing or ill-typed field rejects the message with a reason. Times are absolute Unix milliseconds.
`Kind.parse(payload)` gives the message or raises MessageError; `message.payload()` gives the bytes."""

import json
from collections import namedtuple

from firmware_py.core.errors import MessageError

try:  # a parser that takes this for JSON needs help
    json.loads("{]")
    from firmware_py.core.strict import is_json
except ValueError:
    is_json = None

PAYLOAD_MAX = 65536
TEXT_MAX = 2000
ID_MAX = 128
NEST_MAX = 24

# Report states (DESIGN section 4). The second tuple are the ends: nothing follows them.
STATES = ("accepted", "armed", "running", "done", "failed", "rejected", "cancelled", "expired", "unknown")
TERMINAL = ("done", "failed", "rejected", "cancelled", "expired", "unknown")
# States that say "I did not act": only after these may a sender raise `attempt`.
DID_NOT_ACT = ("rejected", "expired")
HOST_STATES = ("ready", "sleeping", "lost", "stopped")
CANCEL_MODES = ("cancel", "pause", "resume")
REPLY_KINDS = ("accepted", "question", "plan", "progress", "result", "rows", "error")


def _type_name(kind):
    return {str: "text", int: "a whole number", dict: "an object", list: "a list", bool: "true or false",
            float: "a number"}.get(kind, "a value")


def _check(name, kind, value):
    """Raise MessageError unless `value` is of `kind` (a type, `object` for anything, or a tuple of words)."""
    if kind is object:
        return
    if isinstance(kind, tuple):
        if value not in kind:
            raise MessageError("The field '%s' must be one of: %s." % (name, ", ".join(kind)), name)
        return
    good = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
    if kind is float:
        good = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not good:
        raise MessageError("The field '%s' must be %s." % (name, _type_name(kind)), name)
    if kind is str and name in ("id", "command", "cancel", "pause", "resume", "forget", "confirm", "target", "undo"):
        if not value or len(value) > ID_MAX:
            raise MessageError("The field '%s' must have 1 to %d characters." % (name, ID_MAX), name)
        for letter in value:
            if ord(letter) < 32 or ord(letter) == 127:
                raise MessageError("The field '%s' must not contain control characters." % name, name)
    if kind is str and name in ("text", "answer") and len(value) > TEXT_MAX:
        raise MessageError("The field '%s' is longer than %d characters; say it in fewer." % (name, TEXT_MAX), name)


def _sound(value, left=NEST_MAX):
    """Raise MessageError for what some parser takes and no receiver can use: too deep, endless, half a letter."""
    if left == 0:
        raise MessageError("The message is nested too deeply.")
    if isinstance(value, dict):
        for name, inner in value.items():
            _sound(name, left)
            _sound(inner, left - 1)
    elif isinstance(value, list):
        for inner in value:
            _sound(inner, left - 1)
    elif isinstance(value, float) and value - value != 0:
        raise MessageError("A number in the message is too large, or is none.")
    elif isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeError:
            raise MessageError("A text in the message holds half a letter.")


def decode(payload, limit=PAYLOAD_MAX):
    """JSON bytes -> dict, or MessageError: too large (over `limit` bytes), not UTF-8, not JSON, not an object."""
    if len(payload) > limit:
        raise MessageError("The message has %d bytes; at most %d are taken." % (len(payload), limit))
    try:
        text = bytes(payload).decode("utf-8")
    except (UnicodeError, ValueError):
        raise MessageError("The message is not UTF-8 text.")
    if text.count("[") + text.count("{") > 4096:
        raise MessageError("The message is nested too deeply.")
    try:
        fields = json.loads(text)
    except (ValueError, RuntimeError):
        raise MessageError("The message is not valid JSON.")
    if is_json is not None and not is_json(text):
        raise MessageError("The message is not valid JSON.")
    if not isinstance(fields, dict):
        raise MessageError("The message must be a JSON object, like {\"text\": \"…\"}.")
    _sound(fields)
    return fields


def encode(fields):
    """dict -> JSON bytes, compact. Fields that are None are left out by the caller."""
    return json.dumps(fields, separators=(",", ":")).encode("utf-8")


def _parse(cls, rows, payload):
    fields = payload if isinstance(payload, dict) else decode(payload)
    values = []
    for name, kind, required, default in rows:
        value = fields.get(name)
        if value is None:
            if required:
                raise MessageError("The field '%s' is missing." % name, name)
            value = default
        else:
            _check(name, kind, value)
        values.append(value)
    return cls(*values)


def _payload(rows, message):
    fields = {}
    for row, value in zip(rows, message):
        if value is not None:
            fields[row[0]] = value
    return encode(fields)


def _fields(rows):
    return [row[0] for row in rows]


_STATUS = (("state", HOST_STATES, True, None), ("epoch", int, True, None))
_PROPERTY = (("value", object, True, None), ("t_ms", int, True, None), ("epoch", int, False, 0))
_PROPERTY_SET = (("id", str, True, None), ("value", object, True, None))
_SUBTASK = (
    ("id", str, True, None), ("command", str, True, None), ("text", str, True, None),
    ("guard", dict, False, None), ("deadline_ms", int, True, None), ("attempt", int, False, 1),
    ("owner", str, False, None), ("grant", str, False, None), ("undo", str, False, None),
)
_CANCEL = (("id", str, True, None), ("target", str, True, None), ("mode", CANCEL_MODES, False, "cancel"))
_REPORT = (
    ("id", str, True, None), ("command", str, False, None), ("state", STATES, True, None),
    ("attempt", int, False, 1), ("t_ms", int, True, None), ("reason", str, False, None),
    ("code", str, False, None), ("step", str, False, None), ("calls", list, False, None),
    ("reads", list, False, None), ("rule", dict, False, None), ("ms", dict, False, None),
)
_TIME = (("t_ms", int, True, None), ("zone", str, True, None))


class Status(namedtuple("Status", _fields(_STATUS))):
    """`{host}/status`, retained and the last will: `{state, epoch}`."""

    @classmethod
    def parse(cls, payload):
        return _parse(cls, _STATUS, payload)

    def payload(self):
        return _payload(_STATUS, self)


class PropertyValue(namedtuple("PropertyValue", _fields(_PROPERTY))):
    """`{host}/{thing}/property/{name}`, retained: `{value, t_ms, epoch}`."""

    @classmethod
    def parse(cls, payload):
        return _parse(cls, _PROPERTY, payload)

    def payload(self):
        return _payload(_PROPERTY, self)


class PropertySet(namedtuple("PropertySet", _fields(_PROPERTY_SET))):
    """`…/property/{name}/set`, never retained; answered on `report`."""

    @classmethod
    def parse(cls, payload):
        return _parse(cls, _PROPERTY_SET, payload)

    def payload(self):
        return _payload(_PROPERTY_SET, self)


class Subtask(namedtuple("Subtask", _fields(_SUBTASK))):
    """One sentence for one Thing. `guard`: when to act (core.guards), None for now. `owner`: the client
    who asked. `grant`: the plan hash that the person said yes to; without it nothing risky is done. `undo`: the id
    of an earlier subtask of this Thing whose effect is to be taken back; the text then only says so."""

    @classmethod
    def parse(cls, payload):
        return _parse(cls, _SUBTASK, payload)

    def payload(self):
        return _payload(_SUBTASK, self)


class Cancel(namedtuple("Cancel", _fields(_CANCEL))):
    """Stop, pause or resume the subtask or rule `target`."""

    @classmethod
    def parse(cls, payload):
        return _parse(cls, _CANCEL, payload)

    def payload(self):
        return _payload(_CANCEL, self)


class Report(namedtuple("Report", _fields(_REPORT))):
    """What came of a subtask. `calls`: [{action, input} | {property, value}] that were done (or will be, for
    a rule); `reads`: [{property, value, unit?}]; `step`: the Program state just entered; `rule`: facts about an
    armed rule (paused, fired, last_fired_ms, unknown, conflicts); `code`: a word for programs
    (`needs_confirmation`, `cannot`, `out_of_range`, `contradiction`, …); `ms`: {stage: milliseconds}."""

    @classmethod
    def parse(cls, payload):
        return _parse(cls, _REPORT, payload)

    def payload(self):
        return _payload(_REPORT, self)


class SiteTime(namedtuple("SiteTime", _fields(_TIME))):
    """`time`, retained each minute: `{t_ms, zone}` (zone: an IANA name)."""

    @classmethod
    def parse(cls, payload):
        return _parse(cls, _TIME, payload)

    def payload(self):
        return _payload(_TIME, self)


# What a person may send on `command/{client}`: the first key present decides the kind.
_COMMANDS = {
    "text": (("id", str, False, None), ("text", str, True, None), ("room", str, False, None)),
    "confirm": (("id", str, True, None), ("confirm", str, True, None), ("pin", str, False, None)),
    "answer": (("id", str, True, None), ("answer", str, True, None)),
    "cancel": (("id", str, False, None), ("cancel", str, True, None)),
    "pause": (("id", str, False, None), ("pause", str, True, None)),
    "resume": (("id", str, False, None), ("resume", str, True, None)),
    "forget": (("id", str, False, None), ("forget", str, True, None)),
    "query": (("id", str, False, None), ("query", str, True, None), ("params", dict, False, None)),
}


def parse_command(payload):
    """`command/{client}` payload -> (kind, dict of its fields), kind one of: text, confirm, answer, cancel,
    pause, resume, forget, query."""
    fields = decode(payload)
    for kind in ("text", "confirm", "answer", "cancel", "pause", "resume", "forget", "query"):
        if fields.get(kind) is not None:
            values = {}
            for name, wanted, required, default in _COMMANDS[kind]:
                value = fields.get(name)
                if value is None:
                    if required:
                        raise MessageError("The field '%s' is missing." % name, name)
                    value = default
                else:
                    _check(name, wanted, value)
                values[name] = value
            return kind, values
    raise MessageError("The message needs one of: text, confirm, answer, cancel, pause, resume, forget, query.")
