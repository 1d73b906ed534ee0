"""What the tests of the core share on both interpreters: errors expected, local time without a clock, dice that
always fall the same. No pytest here, and nothing that MicroPython lacks."""

MINUTE = 60000
HOUR = 3600000
DAY = 86400000
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def raises(error, function, *arguments):
    """The error that `function(*arguments)` raises; AssertionError if it raises none, or is no sentence."""
    try:
        given = function(*arguments)
    except error as raised:
        assert str(raised).endswith("."), "not a sentence: %s" % raised
        return raised
    raise AssertionError("%s%r gave %r and no %s" % (function.__name__, arguments, given, error.__name__))


def steps(start, stop, step):
    """`range` for numbers of milliseconds, which are too large for MicroPython's."""
    while start < stop:
        yield start
        start += step


class Local:
    """A `next_daily` port for a place whose clock is changed once: `before` and `after` are ms ahead of UTC."""

    def __init__(self, before=0, after=0, change_ms=0):
        self.before, self.after, self.change_ms = before, after, change_ms

    def offset(self, t_ms):
        return self.after if t_ms >= self.change_ms else self.before

    def moment(self, wall_ms):
        """The first Unix ms at which the local clock shows `wall_ms`, or would have but for the change."""
        for offset in (self.before, self.after):
            if self.offset(wall_ms - offset) == offset:
                return wall_ms - offset
        return wall_ms - self.before

    def __call__(self, at, days, after_ms):
        day = (after_ms + self.offset(after_ms)) // DAY - 1
        while True:
            wall_ms = day * DAY + int(at[:2]) * HOUR + int(at[3:]) * MINUTE
            moment = self.moment(wall_ms)
            if moment > after_ms and (not days or _DAYS[(day + 3) % 7] in days):
                return moment
            day += 1


class Dice:
    """Numbers that look random and are the same everywhere."""

    def __init__(self, seed):
        self.state = seed

    def roll(self, sides):
        self.state = (self.state * 1103515245 + 12345) % 2147483648
        return self.state // 65536 % sides
