"""Guards: conditions over properties and moments, and the watch that says when one fires.

Unknown is neither true nor false: nothing fires on a value that is lost, stale, never reported or of another type.
Truth of properties is a level, and its edge fires; a moment (`at`, `at_ms`, `every_s`) is an instant, and fires if
the rest of its `all` is true then. Durations and ages count monotonic milliseconds, that never wrap; `at` and `at_ms`
are Unix milliseconds. A Watch reads no clock, asks for local time through a port, and acts on nothing."""

from firmware_py.core import topics
from firmware_py.core.errors import MessageError

DEPTH_MAX = 4
LEAVES_MAX = 16
VALUE_MAX = 256
SECONDS_MAX = 10 * 366 * 86400
AT_MS_MAX = 253402300799999  # the end of the year 9999
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# A moment that is noticed later than this is gone.
LATE_MS = 600000
# How long the wall clock may be corrected before a waiting moment notices.
WALL_LOOK_MS = 30000
# Two local days' moments are never nearer than this; a clock set back further than BACK_MS was wrong before.
APART_MS = 12 * 3600000
BACK_MS = 36 * 3600000

_WORDS = {"eq": "is", "ne": "is not", "lt": "is below", "le": "is at most", "gt": "is above", "ge": "is at least"}
OPS = ("eq", "ne", "lt", "le", "gt", "ge")
_KINDS = ("all", "any", "property", "every_s", "at", "at_ms")
_SEEN_MAX = 8


# -- the spec ---------------------------------------------------------------------------------------------------------


def _is_number(value):
    """A finite number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value - value == 0


def _kind(value):
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "text"
    return "number" if _is_number(value) else None


def _seconds(leaf, name, least):
    value = leaf.get(name)
    if value is not None and not (_is_number(value) and least <= value <= SECONDS_MAX):
        raise MessageError("In a guard '%s' must be a number of seconds, %s to %d." % (name, least, SECONDS_MAX), name)


def _check_property(leaf):
    thing, name, op, value = leaf.get("thing"), leaf.get("property"), leaf.get("op"), leaf.get("value")
    if not isinstance(thing, str) or not 0 < len(thing) <= VALUE_MAX:
        raise MessageError("In a guard 'thing' must name a Thing.", "thing")
    topics.thing_segment(thing)
    topics.check_name(name, "property")
    if leaf.get("host") is not None:
        topics.check_host(leaf["host"])
    if op not in OPS:
        raise MessageError("In a guard 'op' must be one of: %s." % ", ".join(OPS), "op")
    kind = _kind(value)
    if kind is None or (kind == "text" and len(value) > VALUE_MAX):
        raise MessageError("In a guard 'value' must be a number, true, false or a text of at most %d characters."
                           % VALUE_MAX, "value")
    if op not in ("eq", "ne") and kind != "number":
        raise MessageError("In a guard '%s' compares with a number only." % op, "value")
    _seconds(leaf, "for_s", 0)
    _seconds(leaf, "max_age_s", 0.001)


def _check_at(leaf):
    at, days = leaf["at"], leaf.get("days")
    good = isinstance(at, str) and len(at) == 5 and at[2] == ":"
    for place in (0, 1, 3, 4):
        good = good and at[place] in "0123456789"
    if not good or int(at[:2]) > 23 or int(at[3:]) > 59:
        raise MessageError("In a guard 'at' must be a time of day like \"07:30\".", "at")
    if days is not None:
        if not isinstance(days, list) or not days:
            raise MessageError("In a guard 'days' must be a list of: %s." % ", ".join(DAYS), "days")
        for day in days:
            if day not in DAYS or days.count(day) > 1:
                raise MessageError("In a guard 'days' must be a list of: %s." % ", ".join(DAYS), "days")


def _check_node(node, depth, counted):
    """Raise MessageError unless well formed; return whether it can be true only at a moment."""
    if not isinstance(node, dict):
        raise MessageError("A guard must be an object, like {\"at\": \"07:30\"}.")
    if depth > DEPTH_MAX:
        raise MessageError("A guard may be nested %d deep at most." % DEPTH_MAX)
    kinds = [kind for kind in _KINDS if node.get(kind) is not None]
    if len(kinds) != 1:
        raise MessageError("Each part of a guard needs exactly one of: %s." % ", ".join(_KINDS))
    kind = kinds[0]
    if depth > 1 and node.get("repeat") is not None:
        raise MessageError("In a guard 'repeat' stands at the top only.", "repeat")
    # A duration in a place where nothing counts it would make the guard fire too early.
    for name, owner in (("for_s", "property"), ("max_age_s", "property"), ("host", "property"), ("days", "at")):
        if kind != owner and node.get(name) is not None:
            raise MessageError("In a guard '%s' belongs beside '%s', not beside '%s'." % (name, owner, kind), name)
    if kind in ("all", "any"):
        parts = node[kind]
        if not isinstance(parts, list) or not parts:
            raise MessageError("In a guard '%s' must be a list of guards." % kind, kind)
        moments = 0
        for part in parts:
            moments += _check_node(part, depth + 1, counted)
        if kind == "any":
            return moments == len(parts)
        if moments > 1:
            raise MessageError("A guard cannot ask for two moments at once; use 'any'.", "all")
        return moments == 1
    counted[0] += 1
    if counted[0] > LEAVES_MAX:
        raise MessageError("A guard may have %d conditions at most." % LEAVES_MAX)
    if kind == "property":
        _check_property(node)
        return False
    if kind == "every_s":
        _seconds(node, "every_s", 1)
    elif kind == "at":
        _check_at(node)
    else:
        moment = node["at_ms"]
        if not isinstance(moment, int) or isinstance(moment, bool) or not 0 < moment <= AT_MS_MAX:
            raise MessageError("In a guard 'at_ms' must be a whole number of Unix milliseconds.", "at_ms")
    return True


def check(spec):
    """Return `spec` if it is a well-formed guard, else raise MessageError."""
    _check_node(spec, 1, [0])
    if spec.get("repeat") is not None and not isinstance(spec["repeat"], bool):
        raise MessageError("In a guard 'repeat' must be true or false.", "repeat")
    return spec


def leaves(spec):
    """The leaf objects of a checked guard, in order."""
    for kind in ("all", "any"):
        if spec.get(kind) is not None:
            found = []
            for part in spec[kind]:
                found += leaves(part)
            return found
    return [spec]


def sources(spec):
    """What a checked guard listens to: [(host or None, thing as the guard writes it, property)], each once."""
    found = []
    for leaf in leaves(spec):
        if leaf.get("property") is not None:
            source = (leaf.get("host"), leaf["thing"], leaf["property"])
            if source not in found:
                found.append(source)
    return found


def explain(spec):
    """A checked guard as one English phrase: `hall-motion occupied is false for 300 s`."""
    for kind, joint in (("all", " and "), ("any", " or ")):
        if spec.get(kind) is not None:
            parts = []
            for part in spec[kind]:
                other = "any" if kind == "all" else "all"
                several = part.get(other) is not None and len(part[other]) > 1
                parts.append("(%s)" % explain(part) if several else explain(part))
            return joint.join(parts)
    if spec.get("every_s") is not None:
        return "every %s s" % spec["every_s"]
    if spec.get("at") is not None:
        return "at %s %s" % (spec["at"], "on " + ", ".join(spec["days"]) if spec.get("days") else "every day")
    if spec.get("at_ms") is not None:
        return "at one set moment"
    value = spec["value"]
    if isinstance(value, bool):
        value = "true" if value else "false"
    text = "%s %s %s %s" % (topics.thing_segment(spec["thing"]), spec["property"], _WORDS[spec["op"]], value)
    return text + (" for %s s" % spec["for_s"] if spec.get("for_s") else "")


# -- the leaves at work -----------------------------------------------------------------------------------------------


def _compare(op, seen, wanted):
    """True, False, or None where the two cannot be compared."""
    if _kind(seen) != _kind(wanted):
        return None
    if op == "eq":
        return seen == wanted
    if op == "ne":
        return seen != wanted
    if op == "lt":
        return seen < wanted
    if op == "le":
        return seen <= wanted
    return seen > wanted if op == "gt" else seen >= wanted


class _Comparison:
    """A property against a value. `since`: monotonic ms since when it is known and true without a break."""

    def __init__(self, leaf):
        self.host, self.thing, self.name = leaf.get("host"), topics.thing_segment(leaf["thing"]), leaf["property"]
        self.op, self.wanted = leaf["op"], leaf["value"]
        self.for_ms = int((leaf.get("for_s") or 0) * 1000)
        age_s = leaf.get("max_age_s")
        self.age_ms = None if age_s is None else int(age_s * 1000)
        self.has = False
        self.value = None
        self.giver = None
        self.received_ms = 0
        self.since = None
        self._seen = []  # the last (host, t_ms, value) that were taken

    def saw(self, host, value, t_ms, retained, now_ms, mono_ms):
        """Take a value, unless it is no news. `level` must be asked before time goes on: it begins a duration."""
        age_ms = 0
        sample = (host, t_ms, value)
        if retained:
            # The broker tells again what we know: no younger for that, and no break either.
            if self.has and sample in self._seen:
                return
            age_ms = max(0, now_ms - t_ms)
        elif sample in self._seen and t_ms < self._seen[-1][1] and host == self._seen[-1][0]:
            return  # delivered again after a newer one
        if self.known(mono_ms) is not True:
            self.since = None
        self.has, self.value, self.giver = True, value, host
        self.received_ms = mono_ms - age_ms
        self._seen = self._seen[1 - _SEEN_MAX:] + [sample]

    def lost(self, host):
        """Forget what this host said; return whether it had said anything."""
        told = self.giver == host
        if told:
            self.has, self.value, self.giver, self.since = False, None, None, None
        return told

    def known(self, mono_ms):
        """The comparison alone: True, False, or None for unknown."""
        if not self.has or (self.age_ms is not None and mono_ms - self.received_ms > self.age_ms):
            return None
        return _compare(self.op, self.value, self.wanted)

    def level(self, mono_ms):
        """The comparison and its duration."""
        known = self.known(mono_ms)
        if known is not True:
            self.since = None
            return known
        if self.since is None:
            self.since = mono_ms
        return mono_ms - self.since >= self.for_ms

    def next_mono_ms(self, now_ms, mono_ms):
        if self.known(mono_ms) is None:
            return None
        moments = []
        if self.age_ms is not None:
            moments.append(self.received_ms + self.age_ms + 1)
        if self.since is not None and mono_ms - self.since < self.for_ms:
            moments.append(self.since + self.for_ms)
        return min(moments) if moments else None


class _Daily:
    """`at`: a moment each (chosen) day. `done_ms`: the last one that came in time, so that none comes twice."""

    def __init__(self, leaf, now_ms, mono_ms, next_daily, saved):
        self.at, self.days, self._next_daily = leaf["at"], leaf.get("days"), next_daily
        self.due_ms, self.done_ms = saved or (None, None)
        if self.due_ms is None:
            self._plan(now_ms)

    def _plan(self, now_ms):
        after_ms = now_ms
        if self.done_ms is not None:
            if self.done_ms - now_ms > BACK_MS:
                self.done_ms = None
            else:
                after_ms = max(now_ms, self.done_ms + APART_MS)
        self.due_ms = self._next_daily(self.at, self.days, after_ms)

    def is_due(self, now_ms, mono_ms):
        if now_ms - self.due_ms > LATE_MS:  # gone; but a later day's may be now
            self._plan(now_ms - LATE_MS - 1)
        return self.due_ms <= now_ms

    def take(self, now_ms, mono_ms):
        due = self.is_due(now_ms, mono_ms)
        if due:
            self.done_ms = self.due_ms
        self._plan(now_ms)
        return due

    def may_come(self, now_ms):
        return True

    def saved(self):
        return [self.due_ms, self.done_ms]

    def next_mono_ms(self, now_ms, mono_ms):
        return mono_ms + min(max(0, self.due_ms - now_ms), WALL_LOOK_MS)


class _Once:
    """`at_ms`: one moment. `done`: it came in time."""

    def __init__(self, leaf, now_ms, mono_ms, next_daily, saved):
        self.at_ms = leaf["at_ms"]
        self.done = saved[0] if saved else False

    def is_due(self, now_ms, mono_ms):
        return not self.done and 0 <= now_ms - self.at_ms <= LATE_MS

    def take(self, now_ms, mono_ms):
        due = self.is_due(now_ms, mono_ms)
        self.done = self.done or due
        return due

    def may_come(self, now_ms):
        return not self.done and now_ms - self.at_ms <= LATE_MS

    def saved(self):
        return [self.done]

    def next_mono_ms(self, now_ms, mono_ms):
        if not self.may_come(now_ms):
            return None
        return mono_ms + min(max(0, self.at_ms - now_ms), WALL_LOOK_MS)


class _Every:
    """`every_s`: a moment each so many monotonic seconds. Across a restart only the wall clock can tell the next."""

    def __init__(self, leaf, now_ms, mono_ms, next_daily, saved):
        self.every_ms = int(leaf["every_s"] * 1000)
        left_ms = self.every_ms
        if saved:
            left_ms = min(saved[0] - now_ms, self.every_ms)
            if left_ms < -LATE_MS:
                left_ms = self.every_ms - (-left_ms) % self.every_ms
        self._due(mono_ms + left_ms, now_ms, mono_ms)

    def _due(self, due_mono_ms, now_ms, mono_ms):
        self.due_mono_ms = due_mono_ms
        self.due_ms = now_ms + due_mono_ms - mono_ms

    def is_due(self, now_ms, mono_ms):
        return mono_ms >= self.due_mono_ms

    def take(self, now_ms, mono_ms):
        due = self.is_due(now_ms, mono_ms)
        if due:
            periods = (mono_ms - self.due_mono_ms) // self.every_ms + 1
            self._due(self.due_mono_ms + periods * self.every_ms, now_ms, mono_ms)
        return due

    def may_come(self, now_ms):
        return True

    def saved(self):
        return [self.due_ms]

    def next_mono_ms(self, now_ms, mono_ms):
        return max(mono_ms, self.due_mono_ms)


_MOMENTS = (("every_s", _Every), ("at", _Daily), ("at_ms", _Once))


# -- the tree at work -------------------------------------------------------------------------------------------------


def _all(truths):
    if False in truths:
        return False
    return None if None in truths else True


def _any(truths):
    if True in truths:
        return True
    return None if None in truths else False


class Watch:
    """One armed guard. MessageError for a `spec` that `check` refuses, or a `saved` that is of another guard.

    `next_daily(at, days or None, after_ms)`: Unix ms of the next local moment "HH:MM" strictly after `after_ms`.
    `missed`: since the last `poll`, the guard's one moment is over without a firing and it can fire no more."""

    def __init__(self, spec, now_ms, mono_ms, next_daily, saved=None):
        check(spec)
        saved = saved or {"was": None, "fired": False, "moments": []}
        self.missed = False
        self._repeat = spec.get("repeat") is True
        self._was = saved["was"]  # what the level was when it was last known
        self._fired = saved["fired"]
        self._edge = False  # a value came that made it true, and nobody has polled since
        self._lost = set()
        self._comparisons, self._moments = [], []
        moments = list(saved["moments"])
        wanted = len([leaf for leaf in leaves(spec) if leaf.get("property") is None])
        if moments and len(moments) != wanted:
            raise MessageError("The saved state belongs to another guard.")
        self._root = self._build(spec, now_ms, mono_ms, next_daily, moments)

    def _build(self, node, now_ms, mono_ms, next_daily, moments):
        """(kind, parts) for all and any; (kind, leaf) below."""
        for kind in ("all", "any"):
            if node.get(kind) is not None:
                return kind, [self._build(part, now_ms, mono_ms, next_daily, moments) for part in node[kind]]
        for kind, make in _MOMENTS:
            if node.get(kind) is not None:
                moment = make(node, now_ms, mono_ms, next_daily, moments.pop(0) if moments else None)
                self._moments.append(moment)
                return "moment", moment
        comparison = _Comparison(node)
        self._comparisons.append(comparison)
        return "property", comparison

    # -- what comes in --

    def saw(self, host, thing, name, value, t_ms, retained, now_ms, mono_ms):
        """A property has a value, measured at `t_ms`. A live value is new; a retained one is as old as it says, and
        counts for nothing from a host that is lost. The caller drops values of an epoch before the host's own."""
        if retained and host in self._lost:
            return
        segment = str(thing).split(":")[-1]
        for leaf in self._comparisons:
            if leaf.thing == segment and leaf.name == name and leaf.host in (None, host):
                leaf.saw(host, value, t_ms, retained, now_ms, mono_ms)
        self._settle(mono_ms)

    def lost(self, host):
        """A host is lost or stopped: what it said is unknown until it says something new."""
        self._lost.add(host)
        for leaf in self._comparisons:
            if leaf.lost(host) and self._edge:
                self._edge, self._was = False, None

    def ready(self, host):
        """A host says that it is there: its retained values count again, by their age."""
        self._lost.discard(host)

    # -- what it is --

    def _truth(self, node, mono_ms, due):
        """(level, pulse) of a node: true by its properties; true because one of the moments `due` is now."""
        kind, part = node
        if kind == "property":
            return part.level(mono_ms), False
        if kind == "moment":
            return False, part in due
        levels, pulses, either = [], [], []
        for inner in part:
            level, pulse = self._truth(inner, mono_ms, due)
            levels.append(level)
            pulses.append(pulse)
            either.append(_any((level, pulse)))
        if kind == "any":
            return _any(levels), _any(pulses)
        return _all(levels), _all(either + [_any(pulses)])

    def _due(self, now_ms, mono_ms):
        return [moment for moment in self._moments if moment.is_due(now_ms, mono_ms)]

    def state(self, now_ms, mono_ms):
        """True, False, or None for unknown. A moment is true while it is due and not polled."""
        return _any(self._truth(self._root, mono_ms, self._due(now_ms, mono_ms)))

    def unknown(self, now_ms, mono_ms):
        """["thing/property"] that are unknown now, each once."""
        found = []
        for leaf in self._comparisons:
            source = "%s/%s" % (leaf.thing, leaf.name)
            if leaf.known(mono_ms) is None and source not in found:
                found.append(source)
        return found

    # -- when it fires --

    def _settle(self, mono_ms):
        level = self._truth(self._root, mono_ms, ())[0]
        if level is True and self._was is not True:
            self._edge = True
        if level is None and self._edge:
            self._edge, self._was = False, None
        elif level is not None:
            self._was = level

    def _pass(self, now_ms, mono_ms):
        """Let the time come to now; return whether the guard fires."""
        due = [moment for moment in self._moments if moment.take(now_ms, mono_ms)]
        pulse = self._truth(self._root, mono_ms, due)[1]
        self._settle(mono_ms)
        edge, self._edge = self._edge, False
        return edge or pulse is True

    def poll(self, now_ms, mono_ms):
        """True exactly once each time the guard fires."""
        fires = self._pass(now_ms, mono_ms)
        self._fired = self._fired or fires
        self.missed = not fires and self._is_over(now_ms)
        return fires

    def skip(self, now_ms, mono_ms):
        """For a rule that rests: as `poll`, but what would have fired is gone, and not made up for."""
        self._pass(now_ms, mono_ms)
        self.missed = self._is_over(now_ms)

    def _is_over(self, now_ms):
        """Whether it never fires any more; of one that does not repeat and has fired, nobody asks."""
        return (self._repeat or not self._fired) and not self._may_fire(self._root, now_ms)

    def _may_fire(self, node, now_ms):
        kind, part = node
        if kind == "property":
            return True
        if kind == "moment":
            return part.may_come(now_ms)
        chances = [self._may_fire(inner, now_ms) for inner in part]
        return _all(chances) if kind == "all" else _any(chances)

    def next_mono_ms(self, now_ms, mono_ms):
        """When to poll again at the latest (monotonic ms), or None: only a value can change anything."""
        if self._edge:
            return mono_ms
        found = None
        for leaf in self._comparisons + self._moments:
            moment = leaf.next_mono_ms(now_ms, mono_ms)
            if moment is not None and (found is None or moment < found):
                found = moment
        return None if found is None else max(mono_ms, found)

    def saved(self):
        """What must survive a restart, fit for JSON. Store it whenever it has changed, `poll` having been called,
        in the same transaction as what the firing led to."""
        return {"was": self._was, "fired": self._fired, "moments": [moment.saved() for moment in self._moments]}
