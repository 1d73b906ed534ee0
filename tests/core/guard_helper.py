"""Guards to test with, and ways to tell a watch what happens."""

from core_helper import DAY, Local

from firmware_py.core.guards import Watch

NOW = 20000 * DAY  # midnight, a Friday (UTC)
SECOND = 1000
UTC = Local()

MOTION = {"thing": "urn:motewise:hall-motion", "property": "occupied", "op": "eq", "value": True, "host": "pi"}
DOOR = {"thing": "door", "property": "open", "op": "eq", "value": True}


def leaf(**changes):
    """MOTION with other fields; a field that is None is left out."""
    made = {}
    for source in (MOTION, changes):
        for name in source:
            made[name] = source[name]
    return dict([(name, made[name]) for name in made if made[name] is not None])


def armed(spec, now_ms=NOW, saved=None, port=UTC):
    return Watch(spec, now_ms, 0, port, saved)


def play(spec, script, saved=None, watch=None):
    """Run a script and return the watch. A line is (second, step, expected). Steps: a value (the motion sensor says
    so, and nobody looks); "poll", "state", "unknown" (what is asked); "lost", "ready", "skip" (what happens)."""
    watch = watch or armed(spec, saved=saved)
    for number, (second, what, expected) in enumerate(script):
        mono_ms = int(second * SECOND)
        now_ms = NOW + mono_ms
        given = None
        if isinstance(what, str) and hasattr(watch, what):
            if what in ("lost", "ready"):
                given = getattr(watch, what)("pi")
            else:
                given = getattr(watch, what)(now_ms, mono_ms)
        else:
            watch.saw("pi", "hall-motion", "occupied", what, now_ms, False, now_ms, mono_ms)
        assert given == expected and type(given) is type(expected), "line %d: %r %r gave %r" % (
            number, second, what, given)
    return watch


def saw(watch, value, t_ms, retained, now_ms, mono_ms):
    watch.saw("pi", "hall-motion", "occupied", value, t_ms, retained, now_ms, mono_ms)
