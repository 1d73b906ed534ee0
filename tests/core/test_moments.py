"""Guards: moments of the wall and the monotonic clock, restarts, and when a watch wants to be asked again."""

import json

from core_helper import DAY, HOUR, MINUTE, Dice, Local, raises, steps
from guard_helper import DOOR, MOTION, NOW, SECOND, UTC, armed, leaf, play, saw

from firmware_py.core.errors import MessageError
from firmware_py.core.guards import Watch

# -- moments of the day ------------------------------------------------------------------------------------------------

BREAKFAST = NOW + 7 * HOUR + 30 * MINUTE


def fired_at(watch, moments, mono_ms=0):
    """The wall times of `moments` at which the watch fires."""
    return [now_ms for now_ms in moments if watch.poll(now_ms, mono_ms)]


def test_a_daily_moment_fires_once_a_day_and_not_before():
    watch = armed({"at": "07:30"})
    assert watch.poll(BREAKFAST - 1, 0) is False
    assert watch.state(BREAKFAST, 0) is True
    assert watch.poll(BREAKFAST, 0) is True
    assert watch.poll(BREAKFAST, 0) is False
    assert watch.state(BREAKFAST, 0) is False
    assert fired_at(watch, steps(BREAKFAST + MINUTE, BREAKFAST + 3 * DAY, 10 * MINUTE)) == [
        BREAKFAST + DAY + MINUTE, BREAKFAST + 2 * DAY + MINUTE]


def test_a_daily_moment_armed_at_that_moment_is_tomorrows():
    watch = Watch({"at": "07:30"}, BREAKFAST, 0, UTC)
    assert watch.poll(BREAKFAST, 0) is False
    assert watch.poll(BREAKFAST + DAY, 0) is True


def test_days_of_the_week():
    watch = armed({"at": "07:30", "days": ["sat", "mon"]})  # NOW is a Friday
    assert fired_at(watch, [BREAKFAST + day * DAY for day in range(8)]) == [BREAKFAST + day * DAY for day in (1, 3)]


def test_late_is_in_time_for_ten_minutes():
    for late, fires in ((0, True), (10 * MINUTE, True), (10 * MINUTE + 1, False), (5 * HOUR, False)):
        watch = armed({"at": "07:30"})
        assert watch.poll(BREAKFAST + late, 0) is fires, late
        assert watch.poll(BREAKFAST + late + 1, 0) is False
        assert watch.poll(BREAKFAST + DAY, 0) is True
        assert watch.missed is False


def test_a_clock_set_back_does_not_fire_the_same_days_moment_twice():
    for back in (1, MINUTE, HOUR, 7 * HOUR, 30 * HOUR):
        watch = armed({"at": "07:30"})
        assert watch.poll(BREAKFAST, 0) is True
        moments = steps(BREAKFAST - back, BREAKFAST + HOUR, MINUTE)
        assert fired_at(watch, moments) == [], back
        assert watch.poll(BREAKFAST + DAY, 0) is True


def test_a_moment_skipped_by_a_wrong_clock_comes_when_the_clock_is_right_again():
    watch = armed({"at": "07:30"})
    assert watch.poll(NOW + 20 * HOUR, 0) is False
    assert watch.poll(BREAKFAST - HOUR, 0) is False
    assert watch.poll(BREAKFAST, 0) is True


def test_a_clock_that_was_a_year_ahead_costs_no_year():
    watch = armed({"at": "07:30"})
    assert watch.poll(BREAKFAST + 365 * DAY + HOUR, 0) is False
    assert watch.poll(BREAKFAST + 366 * DAY, 0) is True
    assert watch.poll(BREAKFAST - MINUTE, 0) is False
    assert watch.poll(BREAKFAST, 0) is True
    assert watch.poll(BREAKFAST, 0) is False


def test_a_clock_that_was_two_days_ahead_costs_no_day():
    watch = armed({"at": "07:30"})
    assert watch.poll(BREAKFAST + 2 * DAY, 0) is True
    noon = NOW + 12 * HOUR
    assert fired_at(watch, steps(noon, noon + 2 * DAY, 30 * MINUTE)) == [BREAKFAST + DAY, BREAKFAST + 2 * DAY]


def test_what_comes_again_is_never_missed():
    for spec in ({"at": "07:30"}, {"every_s": 60}, MOTION, {"at": "07:30", "repeat": True},
                 {"every_s": 60, "repeat": True}):
        watch = armed(spec)
        assert watch.missed is False
        for now_ms, mono_ms in ((NOW, 0), (BREAKFAST, 60 * SECOND), (BREAKFAST, 61 * SECOND), (BREAKFAST + HOUR, HOUR)):
            watch.poll(now_ms, mono_ms)
            assert watch.missed is False, spec
            watch.skip(now_ms, mono_ms)
            assert watch.missed is False, spec


def test_a_wall_clock_that_stands_still_fires_nothing():
    watch = armed({"any": [{"at": "07:30"}, {"at_ms": BREAKFAST}]})
    for hour in range(48):
        assert watch.poll(BREAKFAST - 1, hour * HOUR) is False
    assert watch.missed is False


SPRING = Local(HOUR, 2 * HOUR, NOW + HOUR)  # 02:00 becomes 03:00
AUTUMN = Local(2 * HOUR, HOUR, NOW + HOUR)  # 03:00 becomes 02:00


def test_daily_times_follow_the_clock_through_both_changes():
    for port, hours in ((SPRING, 5.5), (AUTUMN, 6.5)):
        watch = Watch({"at": "07:30"}, NOW - 12 * HOUR, 0, port)
        first = NOW + int(hours * HOUR)
        assert fired_at(watch, steps(NOW - 12 * HOUR, NOW + 2 * DAY, 30 * MINUTE)) == [first, first + DAY]


def test_a_time_that_comes_twice_or_never_fires_once():
    for port in (SPRING, AUTUMN):
        watch = Watch({"at": "02:30"}, NOW - 12 * HOUR, 0, port)
        assert len(fired_at(watch, steps(NOW - 12 * HOUR, NOW + 12 * HOUR, 10 * MINUTE))) == 1


def test_a_port_that_names_both_of_a_doubled_hour_fires_once():
    def both(at, days, after_ms):
        for moment in (NOW, NOW + HOUR, NOW + 25 * HOUR):
            if moment > after_ms:
                return moment
        return NOW + 49 * HOUR

    watch = Watch({"at": "02:30"}, NOW - HOUR, 0, both)
    assert fired_at(watch, steps(NOW - HOUR, NOW + 30 * HOUR, 30 * MINUTE)) == [NOW, NOW + 25 * HOUR]


def test_a_new_zone_counts_from_the_next_look():
    place = Local()
    watch = armed({"at": "07:30"}, port=place)
    place.before = place.after = HOUR
    assert watch.poll(NOW + HOUR, 0) is False
    assert watch.poll(BREAKFAST - HOUR, 0) is True
    assert watch.poll(BREAKFAST, 0) is False


# -- moments and properties together -----------------------------------------------------------------------------------


def test_a_moment_with_a_condition_fires_only_if_it_holds_then():
    for motion, fires in ((True, True), (False, False), (None, False), ("odd", False)):
        watch = armed({"all": [{"at": "07:30"}, MOTION]})
        if motion is not None:
            saw(watch, motion, NOW, False, NOW, 0)
        assert watch.poll(BREAKFAST - 1, 0) is False
        assert watch.poll(BREAKFAST, 0) is fires, motion
        saw(watch, True, NOW + 1, False, NOW, 0)
        assert watch.poll(BREAKFAST + 1, 0) is False, motion  # it is not remembered
        assert watch.poll(BREAKFAST + DAY, 0) is True


def test_a_lost_source_lets_the_moment_go():
    watch = armed({"all": [{"every_s": 60}, MOTION]})
    saw(watch, True, NOW, False, NOW, 0)
    assert watch.poll(NOW, 60 * SECOND) is True
    watch.lost("pi")
    assert watch.poll(NOW, 120 * SECOND) is False
    assert watch.state(NOW, 180 * SECOND) is None
    saw(watch, True, NOW + 5, False, NOW, 130 * SECOND)
    assert watch.poll(NOW, 130 * SECOND) is False
    assert watch.poll(NOW, 180 * SECOND) is True


def test_a_moment_or_a_condition_each_fires_by_itself():
    watch = armed({"any": [{"at": "07:30"}, MOTION]})
    saw(watch, True, NOW, False, NOW, 0)
    assert watch.poll(NOW, 0) is True
    assert watch.poll(NOW + 1, 0) is False
    assert watch.poll(BREAKFAST, 0) is True
    watch.lost("pi")
    assert watch.poll(BREAKFAST + DAY, 0) is True


def test_a_moment_and_an_edge_at_once_fire_once():
    watch = armed({"any": [{"at": "07:30"}, MOTION]})
    saw(watch, True, NOW, False, NOW, 0)
    assert watch.poll(BREAKFAST, 0) is True
    assert watch.poll(BREAKFAST, 0) is False


# -- one moment --------------------------------------------------------------------------------------------------------


def test_one_moment_fires_once():
    watch = armed({"at_ms": BREAKFAST})
    assert watch.poll(BREAKFAST - 1, 0) is False
    assert watch.poll(BREAKFAST, 0) is True
    assert watch.missed is False
    for now_ms in (BREAKFAST, BREAKFAST + 1, BREAKFAST - HOUR, BREAKFAST, BREAKFAST + DAY):
        assert watch.poll(now_ms, 0) is False
    assert watch.missed is False
    assert watch.next_mono_ms(BREAKFAST + DAY, 0) is None


def test_one_moment_that_passed_fires_late_or_is_missed():
    for late, fires in ((0, True), (10 * MINUTE, True), (10 * MINUTE + 1, False), (DAY, False)):
        watch = Watch({"at_ms": BREAKFAST}, BREAKFAST + late, 0, UTC)
        assert watch.poll(BREAKFAST + late, 0) is fires, late
        assert watch.missed is not fires, late


def test_one_moment_whose_condition_does_not_hold_is_missed():
    for motion in (False, None):
        watch = armed({"all": [{"at_ms": BREAKFAST}, MOTION]})
        if motion is not None:
            saw(watch, motion, NOW, False, NOW, 0)
        assert watch.poll(BREAKFAST - 1, 0) is False
        assert watch.missed is False
        assert watch.poll(BREAKFAST, 0) is False
        assert watch.missed is True


def test_a_guard_that_can_still_fire_otherwise_is_not_missed():
    watch = armed({"any": [{"at_ms": BREAKFAST}, MOTION]})
    assert watch.poll(BREAKFAST + DAY, 0) is False
    assert watch.missed is False
    saw(watch, True, NOW, False, NOW, 0)
    assert watch.poll(BREAKFAST + DAY, 0) is True


def test_the_last_of_a_repeating_guard_is_over_after_it_fired_not_in_the_same_breath():
    watch = armed({"at_ms": BREAKFAST, "repeat": True})
    assert watch.poll(BREAKFAST, 0) is True
    assert watch.missed is False
    assert watch.poll(BREAKFAST + 1, 0) is False
    assert watch.missed is True


def test_one_moment_while_the_rule_rests_is_missed():
    watch = armed({"at_ms": BREAKFAST})
    watch.skip(BREAKFAST, 0)
    assert watch.missed is True
    assert watch.poll(BREAKFAST + 1, 0) is False
    watch = armed({"at_ms": BREAKFAST, "repeat": True})
    assert watch.poll(BREAKFAST, 0) is True
    watch.skip(BREAKFAST, 0)
    assert watch.missed is True


# -- every so often ----------------------------------------------------------------------------------------------------


def test_every_period_fires_once_by_monotonic_time():
    for jump in (0, -400 * DAY, 400 * DAY):
        watch = armed({"every_s": 60})
        fired = [second for second in range(0, 301) if watch.poll(NOW + jump * (second % 2), second * SECOND)]
        assert fired == [60, 120, 180, 240, 300], jump


def test_a_late_look_fires_once_and_keeps_the_beat():
    watch = armed({"every_s": 60})
    assert watch.poll(NOW, 250 * SECOND) is True
    assert watch.poll(NOW, 250 * SECOND) is False
    assert watch.poll(NOW, 299 * SECOND) is False
    assert watch.poll(NOW, 300 * SECOND) is True


# -- restarts ----------------------------------------------------------------------------------------------------------


def again(watch, spec, now_ms, mono_ms=0):
    """The watch after a restart: what was saved went through JSON, the monotonic clock begins anew."""
    return Watch(spec, now_ms, mono_ms, UTC, json.loads(json.dumps(watch.saved())))


def test_a_daily_moment_survives_a_restart_and_is_not_fired_twice():
    spec = {"at": "07:30"}
    for back_ms, fires in ((BREAKFAST - 1, False), (BREAKFAST, True), (BREAKFAST + 9 * MINUTE, True),
                           (BREAKFAST + 11 * MINUTE, False), (BREAKFAST + 3 * DAY + MINUTE, True)):
        later = again(armed(spec), spec, back_ms)
        assert later.poll(back_ms, 0) is fires, back_ms
        assert later.poll(back_ms, 0) is False, back_ms
    watch = armed(spec)
    assert watch.poll(BREAKFAST, 0) is True
    for now_ms in (BREAKFAST - 5 * MINUTE, BREAKFAST, BREAKFAST + 1):
        later = again(watch, spec, now_ms)
        assert fired_at(later, steps(now_ms, BREAKFAST + HOUR, MINUTE)) == []
        assert later.poll(BREAKFAST + DAY, 0) is True


def test_one_moment_survives_a_restart_and_is_not_fired_twice():
    spec = {"at_ms": BREAKFAST}
    for back_ms, fires in ((BREAKFAST - 1, False), (BREAKFAST + 5 * MINUTE, True), (BREAKFAST + HOUR, False)):
        later = again(armed(spec), spec, back_ms)
        assert later.poll(back_ms, 0) is fires
        assert later.missed is (back_ms == BREAKFAST + HOUR)
    watch = armed(spec)
    assert watch.poll(BREAKFAST, 0) is True
    assert again(watch, spec, BREAKFAST).poll(BREAKFAST, 0) is False


PERIODS = (  # seconds between arming and the restart, seconds from the restart to the next moment, of 3600
    (0, 3600), (1000, 2600), (3599, 1), (3600, 0), (3700, 0), (4200, 0), (4201, 2999), (7200, 3600), (9000, 1800),
    (-5000, 3600),
)


def test_a_period_goes_on_after_a_restart():
    spec = {"every_s": 3600}
    for away_s, left_s in PERIODS:
        now_ms = NOW + away_s * SECOND
        later = again(armed(spec), spec, now_ms)
        assert later.next_mono_ms(now_ms, 0) == left_s * SECOND, away_s
        assert later.poll(now_ms, max(0, left_s * SECOND - 1)) is (left_s == 0), away_s
        if left_s:
            assert later.poll(now_ms, left_s * SECOND) is True, away_s


def test_a_period_goes_on_after_a_restart_from_wherever_the_monotonic_clock_was():
    spec = {"every_s": 3600}
    watch = Watch(spec, NOW, 5000 * SECOND, UTC)
    assert watch.poll(NOW + 4000 * SECOND, 9000 * SECOND) is True
    later = again(watch, spec, NOW + 5000 * SECOND, 70 * SECOND)
    assert later.next_mono_ms(NOW, 70 * SECOND) == (70 + 7200 - 5000) * SECOND


def test_what_was_true_before_a_restart_is_no_edge_after_it():
    for before, fires in ((True, False), (False, True), (None, True)):
        watch = armed(MOTION)
        if before is not None:
            saw(watch, before, NOW, False, NOW, 0)
        assert watch.poll(NOW, 0) is (before is True)
        later = again(watch, MOTION, NOW)
        assert later.poll(NOW, 0) is False
        saw(later, True, NOW, True, NOW, 0)
        assert later.poll(NOW, 0) is fires, before


def test_a_duration_starts_again_after_a_restart():
    spec = leaf(for_s=300)
    watch = play(spec, ((0, True, None), (299, "poll", False)))
    later = again(watch, spec, NOW)
    saw(later, True, NOW, True, NOW, 0)
    assert later.poll(NOW, 299999) is False
    assert later.poll(NOW, 300000) is True


def test_a_saved_state_of_another_guard_is_refused():
    saved = armed({"any": [{"at": "07:30"}, {"every_s": 60}]}).saved()
    for spec in (MOTION, {"at": "07:30"}, {"any": [{"at": "07:30"}, {"every_s": 60}, {"every_s": 60}]}):
        raises(MessageError, Watch, spec, NOW, 0, UTC, saved)


# -- when to look again ------------------------------------------------------------------------------------------------


def test_when_to_look_again():
    second = SECOND
    for spec, told, expected in (
        (MOTION, None, None), (leaf(for_s=300), None, None), (leaf(for_s=300), False, None),
        (leaf(for_s=300), True, 300 * second), (leaf(max_age_s=100), False, 100 * second + 1),
        (leaf(max_age_s=100, for_s=300), True, 100 * second + 1), (leaf(max_age_s=100, for_s=50), True, 50 * second),
        ({"every_s": 60}, None, 60 * second), ({"at": "00:00"}, None, 30 * second), ({"at_ms": NOW + 5}, None, 5),
        ({"at_ms": NOW - HOUR}, None, None), ({"any": [{"every_s": 60}, {"every_s": 40}]}, None, 40 * second),
    ):
        watch = armed(spec)
        if told is not None:
            saw(watch, told, NOW, False, NOW, 0)
        watch.poll(NOW, 0)
        assert watch.next_mono_ms(NOW, 0) == expected, spec
    watch = armed(MOTION)
    saw(watch, True, NOW, False, NOW, 7)
    assert watch.next_mono_ms(NOW, 7) == 7  # an edge waits
    watch = armed(leaf(max_age_s=100))
    saw(watch, False, NOW, False, NOW, 0)
    assert watch.next_mono_ms(NOW, 100 * SECOND + 1) is None  # stale already


LIVELY = (
    leaf(for_s=20), leaf(max_age_s=15), leaf(for_s=20, max_age_s=15), {"every_s": 7}, {"at": "00:01"},
    {"all": [{"every_s": 7}, leaf(max_age_s=15)]}, {"any": [leaf(for_s=20), DOOR, {"at_ms": NOW + 90 * SECOND}]},
    {"all": [leaf(for_s=9, max_age_s=15), {"any": [DOOR, {"every_s": 30}]}]},
)


def random_events(seed):
    """{second: [(host, thing, name, value) or None for a loss]} over five minutes."""
    dice, events = Dice(seed), {}
    for second in range(300):
        happened = []
        if dice.roll(6) == 0:
            happened.append(("pi", "hall-motion", "occupied", dice.roll(4) > 0))
        if dice.roll(12) == 0:
            happened.append(("esp", "door", "open", dice.roll(2) == 0))
        if dice.roll(60) == 0:
            happened.append(None)
        events[second] = happened
    return events


def run(spec, events, sparing):
    """The seconds at which a watch fires, looked at each second, or only when it asks for it or something came."""
    watch, fired, next_ms = armed(spec), [], 0
    for second in range(300):
        mono_ms, now_ms = second * SECOND, NOW + second * SECOND
        for event in events[second]:
            if event is None:
                watch.lost("pi")
            else:
                watch.saw(event[0], event[1], event[2], event[3], now_ms, False, now_ms, mono_ms)
        if not sparing or events[second] or (next_ms is not None and mono_ms >= next_ms):
            if watch.poll(now_ms, mono_ms):
                fired.append(second)
            next_ms = watch.next_mono_ms(now_ms, mono_ms)
    return fired


def test_looking_only_when_asked_to_misses_nothing():
    several = 0
    for number, spec in enumerate(LIVELY):
        for seed in (1, 2, 3):
            events = random_events(100 * number + seed)
            often = run(spec, events, False)
            assert run(spec, events, True) == often, (spec, seed)
            several += len(often)
    assert several > 100


def test_a_duration_is_what_the_history_says():
    """The oracle looks at the whole past each second: known and true at each of the seconds that count."""
    for seed in range(8):
        events, values = random_events(seed), []
        watch, value, told = armed(leaf(for_s=20, max_age_s=15)), None, None
        for second in range(300):
            mono_ms, now_ms = second * SECOND, NOW + second * SECOND
            broken = False
            for event in events[second]:
                if event is None:
                    watch.lost("pi")
                    value, broken = None, True
                elif event[0] == "pi":
                    watch.saw(event[0], event[1], event[2], event[3], now_ms, False, now_ms, mono_ms)
                    stale = value is not None and second - told > 15
                    broken = broken or stale
                    value, told = event[3], second
            known = None if value is None or second - told > 15 else value
            if broken:
                values = []
            values.append(known)
            held = 0
            while held < len(values) and values[-1 - held] is True:
                held += 1
            expected = None if known is None else held > 20
            assert watch.state(now_ms, mono_ms) is expected, (seed, second)
