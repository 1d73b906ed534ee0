"""What people say to machines comes out by rule alone: the tables of this folder."""

from __future__ import annotations

import pytest
from told_by_rule import Row, ask, right, rows, shown

TABLES = ("sentences_of_machines.toml", "sentences_of_fresh_machines.toml", "sentences_of_values.toml",
          "sentences_of_later_machines.toml", "sentences_of_last_machines.toml")
TABLE = [row for name in TABLES for row in rows(name)]


@pytest.mark.parametrize("row", TABLE, ids=[f"{row.thing.title}: {row.text}" for row in TABLE])
def test_sentence_comes_out_as_the_table_says(row: Row) -> None:
    found = ask(row)
    assert right(found, row.wanted), f"{shown(found)}, not {row.wanted}: {found.reason}"
