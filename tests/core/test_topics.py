"""Topics: each is built and taken apart alike, and nothing else is taken for one."""

from core_helper import raises

from firmware_py.core import topics
from firmware_py.core.errors import MessageError

BUILT = (
    (topics.status("home", "pi"), "motewise/1/home/pi/status", ("status", "home", ("pi",))),
    (topics.description("home", "pi", "lamp"), "motewise/1/home/pi/lamp/td", ("td", "home", ("pi", "lamp"))),
    (topics.prop("home", "pi", "lamp", "on"), "motewise/1/home/pi/lamp/property/on",
     ("property", "home", ("pi", "lamp", "on"))),
    (topics.prop_set("home", "pi", "lamp", "on"), "motewise/1/home/pi/lamp/property/on/set",
     ("property/set", "home", ("pi", "lamp", "on"))),
    (topics.subtask("home", "pi", "lamp"), "motewise/1/home/pi/lamp/subtask", ("subtask", "home", ("pi", "lamp"))),
    (topics.program("home", "pi", "lamp"), "motewise/1/home/pi/lamp/program", ("program", "home", ("pi", "lamp"))),
    (topics.cancel("home", "pi", "lamp"), "motewise/1/home/pi/lamp/cancel", ("cancel", "home", ("pi", "lamp"))),
    (topics.report("home", "pi", "lamp"), "motewise/1/home/pi/lamp/report", ("report", "home", ("pi", "lamp"))),
    (topics.command("home", "ann"), "motewise/1/home/command/ann", ("command", "home", ("ann",))),
    (topics.reply("home", "ann"), "motewise/1/home/reply/ann", ("reply", "home", ("ann",))),
    (topics.time("home"), "motewise/1/home/time", ("time", "home", ())),
)

FOREIGN = (
    "", "/", "motewise", "motewise/1", "motewise/1/home", "motewise/1/home/", "motewise/1//time",
    "motewise/2/home/time",
    "Motewise/1/home/time", "/motewise/1/home/time", "motewise/1/home/time/", "motewise/1/home/time/x",
    "motewise/1/home/pi", "motewise/1/home/pi/", "motewise/1/home/pi//td", "motewise/1/home/pi/lamp",
    "motewise/1/home/pi/lamp/tds", "motewise/1/home/pi/lamp/td/x", "motewise/1/home/pi/lamp/property",
    "motewise/1/home/pi/lamp/property/", "motewise/1/home/pi/lamp/property/on/get",
    "motewise/1/home/pi/lamp/property/on/set/x", "motewise/1/home/command", "motewise/1/home/command/ann/x",
    "motewise/1/home/command/lamp/td", "motewise/1/home/reply/x/property/on", "motewise/1/home/model/x/td",
    "motewise/1/home/time/status", "motewise/1/home/command/x/property/on/set", "motewise/1/home/round/status",
)


def test_each_topic_is_built_and_taken_apart():
    for built, text, parts in BUILT:
        assert built == text
        assert topics.parse(text) == parts


def test_what_is_no_topic_of_the_contract_is_refused():
    for text in FOREIGN:
        raises(MessageError, topics.parse, text)


def test_a_topic_cut_anywhere_is_refused_or_is_a_topic():
    for _, text, parts in BUILT:
        for length in range(len(text)):
            try:
                assert topics.parse(text[:length]) != parts
            except MessageError:
                pass


def test_names():
    for name in ("a", "hall-lamp", "lamp_2", "0", "-", "x" * 64):
        assert topics.check_name(name) == name
    for name in ("", "x" * 65, "Lamp", "a b", "a/b", "+", "#", "a+", "$sys", "ä", "a\n", "a\x00", ".", "а", None,
                 5, ["a"], b"a"):
        raises(MessageError, topics.check_name, name)
    assert raises(MessageError, topics.check_name, "A", "thing").field == "thing"


def test_a_host_does_not_bear_a_reserved_name():
    assert topics.check_host("pi") == "pi"
    for name in topics.RESERVED + ("", "+", None):
        assert raises(MessageError, topics.check_host, name).field == "host"


def test_a_thing_is_the_last_part_of_its_id():
    for name in ("urn:motewise:hall-lamp", "hall-lamp", "urn:dev:ops:32473-hall-lamp:hall-lamp"):
        assert topics.thing_segment(name) == "hall-lamp"
    for name in ("", "urn:motewise:", "urn:motewise:Hall Lamp", "https://example.org/lamp", "urn:x:+", "urn:x:a/b"):
        raises(MessageError, topics.thing_segment, name)


def test_wildcards_stand_where_they_are_put():
    assert topics.site_topic("home", "+", "lamp", "property", "on") == "motewise/1/home/+/lamp/property/on"
