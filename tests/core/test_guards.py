"""Guards: what is well formed, what is true, what is unknown, and when one fires by its properties.

Most tests are scripts: lines of (monotonic second, what happens, what is expected), played by `play`."""

import json

from core_helper import DAY, HOUR, raises
from guard_helper import DOOR, MOTION, NOW, SECOND, armed, leaf, play, saw

from firmware_py.core import guards
from firmware_py.core.errors import MessageError


def nested(depth):
    guard = MOTION
    for _ in range(depth):
        guard = {"all": [guard]}
    return guard


# -- what is well formed -----------------------------------------------------------------------------------------------

GOOD = (
    MOTION,
    DOOR,
    leaf(host=None),
    leaf(op="lt", value=20),
    leaf(op="ge", value=-1.5, for_s=300, max_age_s=0.5),
    leaf(op="ne", value="open"),
    leaf(for_s=0),
    leaf(more="unknown fields are ignored"),
    leaf(repeat=True),
    leaf(repeat=False),
    {"every_s": 1},
    {"every_s": 0.5 + 1},
    {"at": "00:00"},
    {"at": "23:59", "days": ["mon", "sun"]},
    {"at_ms": 1},
    {"all": [MOTION]},
    {"all": [{"at": "07:30"}, MOTION, DOOR], "repeat": True},
    {"any": [{"at": "07:30"}, {"at": "08:30"}, {"every_s": 60}]},
    {"all": [{"any": [{"at": "07:30"}, MOTION]}, {"any": [{"at": "08:30"}, DOOR]}]},
    {"all": [DOOR] * 16},
    nested(3),
)

BAD = (
    ("not an object", None), ("not an object", []), ("not an object", "07:30"), ("not an object", 1),
    ("no kind", {}), ("no kind", {"op": "eq", "value": 1}), ("no kind", {"thing": "door"}),
    ("no kind", {"not": MOTION}), ("two kinds", {"at": "07:30", "every_s": 5}), ("two kinds", leaf(any=[DOOR])),
    ("two kinds", leaf(at="07:30")), ("too deep", nested(4)), ("too deep", nested(20)),
    ("too many", {"all": [DOOR] * 17}), ("too many", {"any": [{"all": [DOOR] * 9}, {"all": [MOTION] * 8}]}),
    ("empty", {"all": []}), ("empty", {"any": []}), ("no list", {"all": MOTION}), ("no list", {"any": "x"}),
    ("bad part", {"all": [MOTION, None]}), ("bad part", {"all": [MOTION, []]}), ("bad part", {"any": [{}]}),
    ("two moments", {"all": [{"at": "07:30"}, {"at": "08:30"}]}),
    ("two moments", {"all": [{"any": [{"at": "07:30"}, {"every_s": 5}]}, {"at_ms": 5}]}),
    ("two moments", {"any": [DOOR, {"all": [{"at_ms": 5}, {"all": [DOOR, {"at": "07:30"}]}]}]}),
    ("repeat inside", {"all": [leaf(repeat=True)]}), ("repeat", leaf(repeat=1)), ("repeat", leaf(repeat="yes")),
    ("no thing", {"property": "open", "op": "eq", "value": True}), ("thing", leaf(thing="")), ("thing", leaf(thing=5)),
    ("thing", leaf(thing="+")), ("thing", leaf(thing="a/b")), ("thing", leaf(thing="#")),
    ("thing", leaf(thing="urn:x:")), ("thing", leaf(thing="Door")),
    ("thing", leaf(thing="d" * 65)), ("thing", leaf(thing="u:" * 300 + "door")),
    ("property", leaf(property="")), ("property", leaf(property="+")), ("property", leaf(property="a/set")),
    ("property", leaf(property=5)), ("property", leaf(property=["a"])),
    ("host", leaf(host="+")), ("host", leaf(host="")), ("host", leaf(host=5)), ("host", leaf(host="command")),
    ("op", leaf(op="=")), ("op", leaf(op=None)), ("op", leaf(op=["eq"])), ("op", leaf(op="__eq__")),
    ("value", leaf(value=None)), ("value", leaf(value=[])), ("value", leaf(value={})), ("value", leaf(value="x" * 257)),
    ("value", leaf(value=float("nan"))), ("value", leaf(value=float("inf"))), ("value", leaf(op="lt", value=True)),
    ("value", leaf(op="ge", value="20")), ("for_s", leaf(for_s=-1)), ("for_s", leaf(for_s="300")),
    ("for_s", leaf(for_s=True)), ("for_s", leaf(for_s=float("inf"))), ("for_s", leaf(for_s=1e12)),
    ("max_age_s", leaf(max_age_s=0)), ("max_age_s", leaf(max_age_s=-5)), ("max_age_s", leaf(max_age_s="5")),
    ("for_s", {"all": [MOTION], "for_s": 300}), ("for_s", {"at": "07:30", "for_s": 300}),
    ("max_age_s", {"every_s": 60, "max_age_s": 5}), ("host", {"any": [MOTION], "host": "pi"}),
    ("days", leaf(days=["mon"])), ("every_s", {"every_s": 0}), ("every_s", {"every_s": 0.999}),
    ("every_s", {"every_s": True}), ("every_s", {"every_s": "60"}), ("every_s", {"every_s": float("nan")}),
    ("at", {"at": "7:30"}), ("at", {"at": "07:60"}), ("at", {"at": "24:00"}), ("at", {"at": "07-30"}),
    ("at", {"at": "07:3a"}), ("at", {"at": "-7:30"}), ("at", {"at": "+7:30"}), ("at", {"at": " 7:30"}),
    ("at", {"at": "07:30:00"}), ("at", {"at": 730}), ("at", {"at": "٠٧:٣٠"}), ("days", {"at": "07:30", "days": []}),
    ("days", {"at": "07:30", "days": "mon"}), ("days", {"at": "07:30", "days": ["monday"]}),
    ("days", {"at": "07:30", "days": ["mon", "mon"]}), ("days", {"at": "07:30", "days": [1]}),
    ("at_ms", {"at_ms": 0}), ("at_ms", {"at_ms": -5}), ("at_ms", {"at_ms": 1.5}), ("at_ms", {"at_ms": "5"}),
    ("at_ms", {"at_ms": True}), ("at_ms", {"at_ms": 10**18}),
)


def test_well_formed_guards_are_taken():
    for spec in GOOD:
        before = json.dumps(spec)
        assert guards.check(spec) is spec
        assert json.dumps(spec) == before
        armed(spec)


def test_other_guards_are_refused_in_a_sentence_and_are_never_watched():
    for why, spec in BAD:
        error = raises(MessageError, guards.check, spec)
        assert str(error), (why, spec)
        raises(MessageError, armed, spec)


def test_a_refused_guard_names_the_field_at_fault():
    for why, spec in BAD:
        if why in ("op", "value", "for_s", "max_age_s", "every_s", "at", "days", "at_ms", "host", "property", "thing"):
            assert raises(MessageError, guards.check, spec).field == why, (why, spec)


def test_sources_come_once_and_as_written():
    spec = {"any": [MOTION, {"at": "07:30"}, {"all": [DOOR, leaf(op="ne"), leaf(host=None)]}, DOOR]}
    motion = "urn:motewise:hall-motion"
    assert guards.sources(spec) == [("pi", motion, "occupied"), (None, "door", "open"), (None, motion, "occupied")]
    assert guards.sources({"at": "07:30"}) == []


def test_leaves_come_in_order():
    spec = {"any": [{"all": [MOTION, {"every_s": 5}]}, DOOR]}
    assert guards.leaves(spec) == [MOTION, {"every_s": 5}, DOOR]
    assert guards.leaves(DOOR) == [DOOR]


EXPLAINED = (
    (leaf(value=False, for_s=300), "hall-motion occupied is false for 300 s"),
    (DOOR, "door open is true"),
    (leaf(op="ne", value="on"), "hall-motion occupied is not on"),
    (leaf(op="lt", value=20), "hall-motion occupied is below 20"),
    (leaf(op="le", value=20), "hall-motion occupied is at most 20"),
    (leaf(op="gt", value=20.5), "hall-motion occupied is above 20.5"),
    (leaf(op="ge", value=20, for_s=0), "hall-motion occupied is at least 20"),
    ({"every_s": 600}, "every 600 s"),
    ({"at": "07:30"}, "at 07:30 every day"),
    ({"at": "07:30", "days": ["mon", "fri"]}, "at 07:30 on mon, fri"),
    ({"at_ms": 5}, "at one set moment"),
    ({"all": [{"at": "07:30"}, DOOR]}, "at 07:30 every day and door open is true"),
    ({"all": [DOOR, {"any": [DOOR, {"every_s": 5}]}]}, "door open is true and (door open is true or every 5 s)"),
    ({"any": [{"all": [DOOR]}, {"all": [DOOR, {"at": "07:30"}]}]},
     "door open is true or (door open is true and at 07:30 every day)"),
)


def test_a_guard_is_explained_in_one_phrase():
    for spec, words in EXPLAINED:
        assert guards.explain(spec) == words


# -- comparisons -------------------------------------------------------------------------------------------------------

COMPARED = (  # what the guard wants, what comes, and whether eq, ne, lt, le, gt, ge
    (20, 20, (True, False, False, True, False, True)),
    (20, 19.5, (False, True, True, True, False, False)),
    (20.5, 21, (False, True, False, False, True, True)),
    (0, -0.0, (True, False, False, True, False, True)),
    (20, 10**400, (False, True, False, False, True, True)),
    (20, "20", (None,) * 6), (1, True, (None,) * 6), (0, False, (None,) * 6), (20, None, (None,) * 6),
    (20, [20], (None,) * 6), (20, {"v": 20}, (None,) * 6),
    (20, float("nan"), (None,) * 6), (20, float("inf"), (None,) * 6), (20, -float("inf"), (None,) * 6),
)
COMPARED_EQUAL = (
    (True, True, True), (True, False, False), (True, 1, None), (False, 0, None), (True, "true", None),
    ("on", "on", True), ("on", "On", False), ("on", "", False), ("on", True, None), ("on", ["on"], None),
    (False, None, None),
)


def compared(op, wanted, value):
    watch = armed(leaf(op=op, value=wanted))
    watch.saw("pi", "hall-motion", "occupied", value, NOW, False, NOW, 0)
    return watch.state(NOW, 0)


def test_comparisons_with_numbers():
    for wanted, value, expected in COMPARED:
        for op, truth in zip(guards.OPS, expected):
            assert compared(op, wanted, value) is truth, (op, wanted, value)


def test_a_value_of_another_type_is_unknown_not_unequal():
    for wanted, value, truth in COMPARED_EQUAL:
        assert compared("eq", wanted, value) is truth, (wanted, value)
        assert compared("ne", wanted, value) is (None if truth is None else not truth), (wanted, value)


# -- three values ------------------------------------------------------------------------------------------------------

T, F, U = True, False, None
ALL = ((T, T, T), (T, F, F), (T, U, U), (F, T, F), (F, F, F), (F, U, F), (U, T, U), (U, F, F), (U, U, U))
ANY = ((T, T, T), (T, F, T), (T, U, T), (F, T, T), (F, F, F), (F, U, U), (U, T, T), (U, F, U), (U, U, U))


def tell(watch, motion, door):
    for host, thing, name, value in (("pi", "hall-motion", "occupied", motion), ("esp", "door", "open", door)):
        if value is not None:
            watch.saw(host, thing, name, value, NOW, False, NOW, 0)


def test_all_and_any_know_three_values_and_only_true_fires():
    for kind, table in (("all", ALL), ("any", ANY)):
        for motion, door, truth in table:
            watch = armed({kind: [MOTION, DOOR]})
            tell(watch, motion, door)
            assert watch.state(NOW, 0) is truth, (kind, motion, door)
            assert watch.poll(NOW, 0) is (truth is True), (kind, motion, door)


def test_nesting_keeps_the_three_values():
    for motion, door, both in ALL:
        watch = armed({"any": [{"all": [MOTION, {"any": [DOOR]}]}]})
        tell(watch, motion, door)
        assert watch.state(NOW, 0) is both


def test_what_is_unknown_is_named_once():
    watch = armed({"any": [MOTION, leaf(op="ne"), DOOR, {"at": "07:30"}]})
    assert watch.unknown(NOW, 0) == ["hall-motion/occupied", "door/open"]
    tell(watch, True, None)
    assert watch.unknown(NOW, 0) == ["door/open"]
    tell(watch, None, "a word")
    assert watch.unknown(NOW, 0) == ["door/open"]
    tell(watch, None, False)
    assert watch.unknown(NOW, 0) == []


# -- whose values ------------------------------------------------------------------------------------------------------


def test_a_leaf_with_a_host_takes_no_other_hosts_word():
    watch = armed(MOTION)
    watch.saw("liar", "hall-motion", "occupied", True, NOW, False, NOW, 0)
    assert watch.state(NOW, 0) is None
    watch.saw("pi", "hall-motion", "occupied", False, NOW, False, NOW, 0)
    watch.saw("liar", "hall-motion", "occupied", True, NOW, False, NOW, 0)
    assert watch.state(NOW, 0) is False
    watch.lost("liar")
    assert watch.state(NOW, 0) is False


def test_other_things_and_properties_are_not_heard():
    watch = armed(MOTION)
    for thing, name in (("hall", "occupied"), ("hall-motion", "occupie"), ("hall-motion2", "occupied"), ("", "")):
        watch.saw("pi", thing, name, True, NOW, False, NOW, 0)
    assert watch.state(NOW, 0) is None


def test_a_thing_is_known_by_its_id_and_by_its_segment():
    for thing in ("hall-motion", "urn:motewise:hall-motion"):
        watch = armed(MOTION)
        watch.saw("pi", thing, "occupied", True, NOW, False, NOW, 0)
        assert watch.state(NOW, 0) is True


def test_without_a_host_the_last_who_spoke_counts_and_only_its_loss():
    watch = armed(DOOR)
    watch.saw("one", "door", "open", True, NOW, False, NOW, 0)
    watch.saw("two", "door", "open", False, NOW, False, NOW, 0)
    watch.lost("one")
    assert watch.state(NOW, 0) is False
    watch.lost("two")
    assert watch.state(NOW, 0) is None


# -- edges -------------------------------------------------------------------------------------------------------------

EDGES = {
    "what is true when armed fires at once, and once": (
        (0, True, None), (0, "poll", True), (0, "poll", False), (9, "poll", False), (9, True, None),
        (9, "poll", False)),
    "nothing fires without a value": ((0, "poll", False), (99999, "poll", False), (99999, "state", None)),
    "each edge fires once": (
        (0, False, None), (0, "poll", False), (1, True, None), (1, "poll", True), (2, False, None), (2, "poll", False),
        (3, True, None), (3, "poll", True), (4, "poll", False)),
    "a press between two looks is not missed": (
        (0, False, None), (0, "poll", False), (1, True, None), (1, False, None), (1, "poll", True), (1, "poll", False)),
    "two presses between two looks fire once": (
        (0, False, None), (1, True, None), (1, False, None), (1.5, True, None), (2, "poll", True), (2, "poll", False)),
    "a source that is lost makes it unknown, and what was true is no edge when it returns": (
        (0, True, None), (0, "poll", True), (1, "lost", None), (1, "state", None), (1, "poll", False),
        (1, "unknown", ["hall-motion/occupied"]), (2, True, None), (2, "state", True), (2, "poll", False)),
    "what was false before a loss and is true after is an edge": (
        (0, False, None), (0, "poll", False), (1, "lost", None), (1, "poll", False), (2, True, None),
        (2, "poll", True)),
    "false seen between makes it an edge": (
        (0, True, None), (0, "poll", True), (1, "lost", None), (2, False, None), (3, True, None), (3, "poll", True)),
    "a press of a host that is lost before anybody looked does not fire, its return does": (
        (0, False, None), (0, "poll", False), (1, True, None), (1, "lost", None), (1, "poll", False),
        (2, True, None), (2, "poll", True), (2, "poll", False)),
    "a value of another type does not fire": (
        (0, False, None), (0, "poll", False), (1, 1, None), (1, "poll", False), (1, "state", None),
        (2, True, None), (2, "poll", True)),
    "a rule that rests makes nothing up": (
        (0, False, None), (0, "skip", None), (1, True, None), (1, "skip", None), (2, "poll", False),
        (3, False, None), (4, True, None), (4, "poll", True)),
}


def test_edges():
    for name, script in EDGES.items():
        try:
            play(MOTION, script)
        except AssertionError as error:
            raise AssertionError("%s: %s" % (name, error))


def test_an_edge_of_a_host_that_was_lost_since_does_not_fire_whatever_else_is_known():
    watch = armed({"all": [MOTION, DOOR]})
    tell(watch, True, True)
    tell(watch, None, False)
    watch.lost("pi")
    assert watch.state(NOW, 0) is False
    assert watch.poll(NOW, 0) is False
    tell(watch, True, True)
    assert watch.poll(NOW, 0) is True


def test_state_and_unknown_change_nothing():
    watch = armed({"all": [MOTION, {"every_s": 5}]})
    tell(watch, True, None)
    for _ in range(3):
        assert watch.state(NOW, 5 * SECOND) is True
        assert watch.unknown(NOW, 5 * SECOND) == []
    assert watch.poll(NOW, 5 * SECOND) is True
    assert watch.state(NOW, 5 * SECOND) is False


# -- durations ---------------------------------------------------------------------------------------------------------

DURATIONS = {
    "it counts from the first true, to the millisecond": (
        (10, True, None), (10, "poll", False), (309.999, "poll", False), (309.999, "state", False),
        (310, "state", True), (310, "poll", True), (310.001, "poll", False), (900, "poll", False)),
    "the same value again does not start it again": (
        (0, True, None), (100, True, None), (200, True, None), (299, "poll", False), (300, "poll", True)),
    "false starts it again": (
        (0, True, None), (200, False, None), (201, True, None), (300, "poll", False), (500, "poll", False),
        (501, "poll", True)),
    "false for an instant starts it again": (
        (0, True, None), (200, False, None), (200, True, None), (300, "poll", False), (500, "poll", True)),
    "a loss starts it again": (
        (0, True, None), (200, "lost", None), (250, True, None), (300, "poll", False), (549, "poll", False),
        (550, "poll", True)),
    "a loss starts it again although nobody looked": (
        (0, True, None), (299, "lost", None), (299, True, None), (301, "poll", False), (599, "poll", True)),
    "a value of another type starts it again": (
        (0, True, None), (200, "no boolean", None), (210, True, None), (300, "poll", False), (510, "poll", True)),
    "while it counts it is false, not unknown": ((0, True, None), (1, "state", False), (1, "unknown", [])),
    "someone comes in the last moment and nobody has looked: it does not fire": (
        (0, True, None), (300.001, False, None), (300.001, "poll", False), (301, "poll", False)),
    "after it fired it fires again after a break of the same length": (
        (0, True, None), (300, "poll", True), (400, False, None), (410, True, None), (709, "poll", False),
        (710, "poll", True)),
    "after it fired and was lost, it counts again": (
        (0, True, None), (300, "poll", True), (400, "lost", None), (500, True, None), (799, "poll", False),
        (800, "poll", True)),
    "never told, never done": ((300, "poll", False), (600, "state", None)),
    "a rule that rests lets its moment go": (
        (0, True, None), (300, "skip", None), (301, "poll", False), (400, False, None), (401, True, None),
        (701, "poll", True)),
}


def test_durations():
    for name, script in DURATIONS.items():
        try:
            play(leaf(for_s=300), script)
        except AssertionError as error:
            raise AssertionError("%s: %s" % (name, error))


STALE = {
    "a value is unknown when it is older than its age": (
        (0, True, None), (100, "state", True), (100.001, "state", None), (100.001, "unknown", ["hall-motion/occupied"]),
        (200, True, None), (200, "state", True)),
    "what was stale when it became due does not fire": ((0, True, None), (101, "poll", False), (101, "state", None)),
    "a press that went stale before anybody looked does not fire": (
        (0, False, None), (0, "poll", False), (50, True, None), (151, "poll", False), (152, True, None),
        (152, "poll", True)),
}
STALE_DURATION = {
    "heartbeats keep a duration": (
        (0, True, None), (90, True, None), (180, True, None), (270, True, None), (299, "poll", False),
        (300, "poll", True)),
    "a heartbeat that comes too late starts it again": (
        (0, True, None), (90, True, None), (191, True, None), (280, True, None), (370, True, None), (460, True, None),
        (490.999, "poll", False), (491, "poll", True)),
    "it does not run out on a stale value": (
        (0, True, None), (90, True, None), (180, True, None), (300, "poll", False)),
}


def test_stale_values_are_unknown():
    for spec, table in ((leaf(max_age_s=100), STALE), (leaf(max_age_s=100, for_s=300), STALE_DURATION)):
        for name, script in table.items():
            try:
                play(spec, script)
            except AssertionError as error:
                raise AssertionError("%s: %s" % (name, error))


def test_durations_do_not_care_for_the_wall_clock():
    for jump in (-10 * DAY, -1, 0, HOUR, 400 * DAY):
        watch = armed(leaf(for_s=300, max_age_s=1000))
        watch.saw("pi", "hall-motion", "occupied", True, NOW, False, NOW, 0)
        assert watch.poll(NOW + jump, 299999) is False
        assert watch.state(NOW + jump, 300000) is True
        assert watch.poll(NOW + jump, 300000) is True


def test_durations_of_two_leaves_are_counted_apart():
    watch = armed({"all": [leaf(for_s=10), leaf(thing="door", property="open", for_s=5)]})
    watch.saw("pi", "hall-motion", "occupied", True, NOW, False, NOW, 0)
    watch.saw("pi", "door", "open", True, NOW, False, NOW, 7000)
    assert watch.next_mono_ms(NOW, 7000) == 10000
    assert watch.poll(NOW, 11999) is False
    assert watch.poll(NOW, 12000) is True


# -- retained values ---------------------------------------------------------------------------------------------------


def test_a_retained_value_is_as_old_as_it_says():
    for age_s, truth in ((0, True), (99, True), (100, True), (101, None), (99999, None), (-99999, True)):
        watch = armed(leaf(max_age_s=100))
        saw(watch, True, NOW - age_s * SECOND, True, NOW, 0)
        assert watch.state(NOW, 0) is truth, age_s
        assert watch.poll(NOW, 0) is (truth is True), age_s
    watch = armed(leaf(max_age_s=100))
    saw(watch, True, NOW - 60 * SECOND, True, NOW, 0)
    assert watch.state(NOW, 40 * SECOND) is True
    assert watch.state(NOW, 40 * SECOND + 1) is None


def test_a_live_value_is_new_whatever_its_clock_says():
    for t_ms in (1, NOW - 400 * DAY, NOW + 400 * DAY):
        watch = armed(leaf(max_age_s=100))
        saw(watch, True, t_ms, False, NOW, 0)
        assert watch.state(NOW, 100 * SECOND) is True


def test_a_retained_value_told_again_is_no_younger_and_breaks_nothing():
    watch = armed(leaf(max_age_s=100, for_s=60))
    saw(watch, True, NOW + HOUR, False, NOW, 0)  # the source's clock is an hour ahead
    saw(watch, True, NOW + HOUR, True, NOW, 50 * SECOND)
    assert watch.poll(NOW, 60 * SECOND) is True
    assert watch.state(NOW, 100 * SECOND + 1) is None
    saw(watch, True, NOW + HOUR, True, NOW, 200 * SECOND)
    assert watch.state(NOW, 200 * SECOND) is None


def test_a_newer_retained_value_is_news():
    watch = armed(leaf(for_s=60))
    saw(watch, True, NOW, False, NOW, 0)
    saw(watch, False, NOW + 5, True, NOW + 9, 9 * SECOND)
    assert watch.state(NOW, 9 * SECOND) is False
    assert watch.poll(NOW, 60 * SECOND) is False


def test_after_a_loss_the_same_retained_value_counts_once_the_host_is_ready_and_from_then():
    watch = armed(leaf(for_s=60, max_age_s=300))
    saw(watch, True, NOW, False, NOW, 0)
    watch.lost("pi")
    watch.ready("pi")
    assert watch.state(NOW, 50 * SECOND) is None
    saw(watch, True, NOW, True, NOW + 50 * SECOND, 50 * SECOND)
    assert watch.poll(NOW, 109 * SECOND) is False
    assert watch.poll(NOW, 110 * SECOND) is True
    assert watch.state(NOW, 300 * SECOND) is True
    assert watch.state(NOW, 300 * SECOND + 1) is None


def test_a_duration_counts_from_arming_not_from_what_a_retained_value_says():
    watch = armed(leaf(for_s=300))
    saw(watch, True, NOW - HOUR, True, NOW, 5 * SECOND)
    assert watch.poll(NOW, 5 * SECOND) is False
    assert watch.poll(NOW, 304999) is False
    assert watch.poll(NOW, 305000) is True


def test_a_retained_value_of_a_lost_host_counts_for_nothing_until_it_is_ready():
    watch = armed(MOTION)
    watch.lost("pi")
    saw(watch, True, NOW, True, NOW, 0)
    saw(watch, True, NOW + 1, True, NOW, 0)
    assert watch.poll(NOW, 0) is False
    assert watch.state(NOW, 0) is None
    watch.ready("pi")
    saw(watch, True, NOW, True, NOW, 0)
    assert watch.poll(NOW, 0) is True


def test_a_live_value_of_a_lost_host_counts_its_retained_ones_still_do_not():
    watch = armed({"all": [MOTION, leaf(thing="door", property="open")]})
    watch.lost("pi")
    saw(watch, True, NOW, False, NOW, 0)
    watch.saw("pi", "door", "open", True, NOW, True, NOW, 0)
    assert watch.unknown(NOW, 0) == ["door/open"]


def test_an_older_value_delivered_again_is_no_edge():
    watch = armed(MOTION)
    saw(watch, True, NOW, False, NOW, 0)
    saw(watch, False, NOW + 5, False, NOW, 5)
    assert watch.poll(NOW, 5) is True
    saw(watch, True, NOW, False, NOW, 6)
    assert watch.state(NOW, 6) is False
    saw(watch, False, NOW + 5, False, NOW, 7)
    assert watch.poll(NOW, 7) is False


def test_a_source_whose_clock_goes_back_is_still_heard():
    watch = armed(MOTION)
    saw(watch, False, NOW, False, NOW, 0)
    saw(watch, True, NOW - HOUR, False, NOW, 1)
    assert watch.poll(NOW, 1) is True
    saw(watch, False, NOW - HOUR, False, NOW, 2)
    saw(watch, True, NOW - HOUR, False, NOW, 3)
    assert watch.poll(NOW, 3) is True
