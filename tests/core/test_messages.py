"""Messages: there and back, broken at every byte, each field missing and ill-typed, unknown fields ignored."""

import json

from core_helper import Dice, raises

from firmware_py.core import messages, strict
from firmware_py.core.errors import MessageError

GUARD = {"thing": "urn:x:door", "property": "open", "op": "eq", "value": True}
# kind, the fewest fields, all fields
SIMPLE_CASES = (
    (messages.Status, {"state": "ready", "epoch": 7}, {"state": "lost", "epoch": 0}),
    (messages.PropertyValue, {"value": 21.5, "t_ms": 1764000000000},
     {"value": {"r": 1, "g": [2, "drei"]}, "t_ms": 1764000000000, "epoch": 7}),
    (messages.PropertySet, {"id": "a1", "value": False}, {"id": "a1", "value": ""}),
    (messages.Subtask, {"id": "c1.1", "command": "c1", "text": "turn on", "deadline_ms": 1764000000000},
     {"id": "c1.1", "command": "c1", "text": "Küche: an „jetzt“", "guard": GUARD, "deadline_ms": 1764000000000,
      "attempt": 2, "owner": "ann", "grant": "f00"}),
    (messages.Cancel, {"id": "x", "target": "c1.1"}, {"id": "x", "target": "c1.1", "mode": "pause"}),
    (messages.Report, {"id": "c1.1", "state": "done", "t_ms": 1764000000000},
     {"id": "c1.1", "command": "c1", "state": "failed", "attempt": 3, "t_ms": 1764000000000, "reason": "It broke.",
      "code": "cannot", "step": "do1", "calls": [{"action": "turn_on", "input": {}}], "reads": [], "rule": {"fired": 2},
      "ms": {"model": 12.5}}),
    (messages.SiteTime, {"t_ms": 1764000000000, "zone": "Europe/Berlin"}, {"t_ms": 0, "zone": "UTC"}),
)
COMMANDS = (
    ("text", {"text": "turn on the lamp"}, {"id": "1", "text": "turn on the lamp", "room": "hall"}),
    ("confirm", {"id": "q1", "confirm": "f00"}, {"id": "q1", "confirm": "f00", "pin": "1234"}),
    ("answer", {"id": "q1", "answer": "2"}, {"id": "q1", "answer": "the hall lamp"}),
    ("cancel", {"cancel": "c1"}, {"id": "1", "cancel": "c1"}),
    ("pause", {"pause": "c1.1"}, {"id": "1", "pause": "c1.1"}),
    ("resume", {"resume": "c1.1"}, {"id": "1", "resume": "c1.1"}),
    ("query", {"query": "things"}, {"id": "1", "query": "things", "params": {"room": "hall"}}),
)
ILL = {  # by a field's name: what it must not be
    "state": ("Ready", "", 1, True, [], {}, ["ready"]), "mode": ("stop", 1, []), "epoch": (1.5, "7", True, [], {}),
    "t_ms": (1.5, "7", True, [], {}), "deadline_ms": (1.5, "7", False, [], {}), "attempt": (1.5, "1", True, []),
    "id": ("", 5, True, [], {}, "x" * 129, "a\nb", "a\x00", "\x7f"), "command": ("", 5, [], "x" * 129, "\x1b[2J"),
    "target": ("", 5, "x" * 129, "\t"), "text": (5, True, [], {}, "x" * 2001), "guard": (5, "x", [], True),
    "owner": (5, [], {}), "grant": (5, True), "reason": (5, []), "code": (5, []), "step": (5, []), "zone": (5, []),
    "calls": ({}, "x", 5), "reads": ({}, "x", 5), "rule": ([], "x", 5), "ms": ([], "x", 5), "room": (5, []),
    "pin": (1234, []),
    "confirm": ("", 5, "x" * 129, "\n"), "answer": (2, [], "x" * 2001), "cancel": ("", 5, [], "x" * 129),
    "pause": ("", 5, [], "\r"), "resume": ("", 5, [], "\r"), "query": (5, [], True), "params": ([], "x", 5),
}


def bytes_of(fields):
    return json.dumps(fields).encode("utf-8")


def copy(fields, **changes):
    made = json.loads(json.dumps(fields))
    for name, value in changes.items():
        made[name] = value
    return made


def parsers():
    """(parse bytes, fewest fields, all fields) of everything that can be parsed."""
    for kind, fewest, everything in SIMPLE_CASES:
        yield kind.parse, fewest, everything
    for _, fewest, everything in COMMANDS:
        yield messages.parse_command, fewest, everything


def test_messages_go_there_and_back():
    for kind, fewest, everything in SIMPLE_CASES:
        for fields in (fewest, everything):
            message = kind.parse(bytes_of(fields))
            assert kind.parse(fields) == message
            assert kind.parse(message.payload()) == message
            said = json.loads(message.payload().decode("utf-8"))
            for name in fields:
                assert said[name] == fields[name], (kind, name)
                assert getattr(message, name) == fields[name]


def test_commands_are_known_by_their_first_key():
    for word, fewest, everything in COMMANDS:
        for fields in (fewest, everything):
            kind, values = messages.parse_command(bytes_of(fields))
            assert kind == word
            for name in values:
                assert values[name] == fields.get(name)
    assert messages.parse_command(b'{"text": "x", "cancel": "y"}')[0] == "text"
    raises(MessageError, messages.parse_command, b'{"id": "1"}')
    raises(MessageError, messages.parse_command, b'{"text": null}')


def test_unknown_fields_are_ignored():
    for parse, fewest, everything in parsers():
        for fields in (fewest, everything):
            assert parse(bytes_of(copy(fields, later={"x": [1]}))) == parse(bytes_of(fields))


def test_what_is_not_said_has_its_default():
    assert messages.Subtask.parse(bytes_of(SIMPLE_CASES[3][1])).attempt == 1
    assert messages.Cancel.parse(bytes_of(SIMPLE_CASES[4][1])).mode == "cancel"
    assert messages.Report.parse(bytes_of(SIMPLE_CASES[5][1])).attempt == 1
    assert messages.PropertyValue.parse(bytes_of(SIMPLE_CASES[1][1])).epoch == 0


def test_each_needed_field_must_be_there():
    for parse, fewest, _ in parsers():
        for name in fewest:
            for broken in (dict([(key, fewest[key]) for key in fewest if key != name]), copy(fewest, **{name: None})):
                error = raises(MessageError, parse, bytes_of(broken))
                assert error.field in (name, None), name
                assert error.field or parse is messages.parse_command


def test_each_field_must_be_of_its_type():
    tried = 0
    for parse, _, everything in parsers():
        for name in everything:
            for value in ILL.get(name, ()):
                if name == "id" and parse is messages.parse_command and value is None:
                    continue
                error = raises(MessageError, parse, bytes_of(copy(everything, **{name: value})))
                assert error.field == name, (name, value)
                tried += 1
    assert tried > 150


def test_a_message_cut_anywhere_is_refused():
    for parse, _, everything in parsers():
        data = bytes_of(everything)
        for length in range(len(data)):
            raises(MessageError, parse, data[:length])


def test_a_message_with_more_after_it_is_refused():
    for parse, fewest, _ in parsers():
        for more in (b"x", b"{}", b"}", b"\x00", b",", bytes_of(fewest)):
            raises(MessageError, parse, bytes_of(fewest) + more)


def test_a_message_damaged_in_any_byte_is_refused_or_still_keeps_the_contract():
    """A changed byte may be another good message (a letter of a text); nothing but MessageError ever comes of it."""
    refused = 0
    for parse, _, everything in parsers():
        data = bytes_of(everything)
        for place in range(len(data)):
            for byte in (0, 0x22, 0x5B, 0x7D, 0x80, 0xFF):
                broken = data[:place] + bytes([byte]) + data[place + 1:]
                try:
                    parse(broken)
                except MessageError as error:
                    assert str(error)
                    refused += 1
    assert refused > 1000


def test_noise_is_refused():
    dice = Dice(3)
    for length in range(200):
        noise = bytes([dice.roll(256) for _ in range(length)])
        raises(MessageError, messages.decode, noise)
        raises(MessageError, messages.parse_command, b"{" + noise)


NOT_JSON = (
    "", " ", "{", "{]", "[}", "{'a': 1}", "{a: 1}", '{"a" 1}', '{"a": 1 "b": 2}', '{"a": 1,}', '{,"a": 1}', '{"a"}',
    '{"a",}', '{"a": }', '{"a":: 1}', '{"a": 1,, "b": 2}', '{"a": [1 2]}', '{"a": [1,]}', '{"a": [,1]}', '{"a": [1:2]}',
    '{"a": {]}', '{"a": [}}', '{"a": 01}', '{"a": +1}', '{"a": .5}', '{"a": 1.}', '{"a": 1e}', '{"a": -}', '{"a": 1e+}',
    '{"a": 0x10}', '{"a": 1_000}', '{"a": --1}', '{"a": 1-1}', '{"a": tru}', '{"a": True}', '{"a": nul}',
    '{"a": nullx}',
    '{"a": NaN}', '{"a": Infinity}', '{"a": -Infinity}', '{"a": 1e999}', '{"a": [{"b": -1e999}]}', '{"a": "x}',
    '{"a": "\\x"}', '{"a": "\\u12"}', '{"a": "\\u12g4"}', '{"a": "line\nbreak"}', '{"a": "\x00"}', '{"a": 1}\x00',
    "{}{}",
    '{"a": 1}}', '{"a": 1}]', '{"a": 1},', '{"a": 1} x', "// {}", "{/**/}", '{1: 2}', '{null: 2}', '{"a": \xa01}',
    '{"a": "x" "y"}', '{"a": 1 : 2}', "\ufeff{}", '{"a": "\\ud83d"}', '{"a": "\\ude00"}',
    '{"a": "\\ud83d\\ud83d"}', '{"a": "\\ud83dx"}', '{"a": "\\ud83d\\n"}', '{"a": "\\ud83d\\ude0"}',
)
IS_JSON = (
    "{}", " {} ", "\t\r\n{}\n", '{"a":1}', '{ "a" : [ 1 , 2.5 , -0 , 0.5e-3 , 1E+2 ] , "b" : null }', '{"": ""}',
    '{"a": {"b": [[], {}, [{}]]}}', '{"a": "\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4"}', '{"a": true, "b": false}',
    '{"a": "ä{]:,"}',
    '{"a": "\\ud83d\\ude00"}', '{"a": "\U0001f600"}', '{"a": 1, "a": 2}', '{"a": -12.5E10}',
)


def test_only_objects_in_json_are_messages():
    for text in IS_JSON:
        assert isinstance(messages.decode(text.encode("utf-8")), dict)
        assert strict.is_json(text), text
    for text in NOT_JSON:
        raises(MessageError, messages.decode, text.encode("utf-8"))
        assert "e999" in text or not strict.is_json(text), text
    for payload in (b"null", b"5", b'"text"', b"[]", b"[{}]", b"true", b"-0.5"):
        raises(MessageError, messages.decode, payload)
        assert strict.is_json(payload.decode("utf-8"))
    for payload in (b"\xff\xfe{}", b'{"a": "\xff"}', b'{"a": \x80}', b'{"a": "\xed\xa0\x80"}'):
        raises(MessageError, messages.decode, payload)
    assert messages.decode(bytearray(b'{"a": 1}')) == {"a": 1}


def test_json_cut_anywhere_is_no_json():
    for text in IS_JSON:
        whole = text.strip()
        for length in range(len(whole)):
            assert not strict.is_json(whole[:length]), whole[:length]


def test_a_message_that_is_too_large_is_refused_before_it_is_read():
    small = b'{"text": "' + b"x" * 80 + b'"}'
    assert messages.decode(small, len(small))
    raises(MessageError, messages.decode, small, len(small) - 1)
    raises(MessageError, messages.decode, b'"' * (messages.PAYLOAD_MAX + 1))


def test_a_message_that_is_nested_too_deeply_is_refused():
    for depth in (1, 10, messages.NEST_MAX - 2, messages.NEST_MAX, 100, 500, 3000):
        for inner in (b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth):
            payload = b'{"value": ' + inner + b"}"
            if depth < messages.NEST_MAX - 1:
                assert messages.decode(payload)
            else:
                raises(MessageError, messages.decode, payload)


def test_a_text_has_a_limit_in_characters_not_bytes():
    assert messages.parse_command(bytes_of({"text": "ü" * messages.TEXT_MAX}))[0] == "text"
    raises(MessageError, messages.parse_command, bytes_of({"text": "ü" * (messages.TEXT_MAX + 1)}))


def test_ends_and_what_did_not_act_are_states():
    assert set(messages.DID_NOT_ACT) < set(messages.TERMINAL) < set(messages.STATES)
