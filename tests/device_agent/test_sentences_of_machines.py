"""What people say to machines comes out by rule alone: the table of sentences_of_machines.toml."""

from __future__ import annotations

import pytest
from told_by_rule import Row, ask, right, rows, shown

TABLE = rows("sentences_of_machines.toml")


@pytest.mark.parametrize("row", TABLE, ids=[f"{row.thing.title}: {row.text}" for row in TABLE])
def test_sentence_comes_out_as_the_table_says(row: Row) -> None:
    found = ask(row)
    assert right(found, row.wanted), f"{shown(found)}, not {row.wanted}: {found.reason}"
