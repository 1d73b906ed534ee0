"""Tasks that go together: what one of them, or whoever started them, raised of ours is told as itself.

A task group wraps whatever ends it; a person is to read the one sentence that is inside."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from firmware_py.core.errors import MotewiseError


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Around a task group: an error of ours that ended it is raised without the group, if nothing else went wrong."""
    try:
        yield
    except BaseExceptionGroup as group:
        ours, rest = group.split(MotewiseError)
        if ours is None or rest is not None:
            raise
        error: BaseException = ours
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        raise error from None
