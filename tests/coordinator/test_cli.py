"""The coordinator's commands, as far as they need no broker."""

import re

import pytest
from typer.testing import CliRunner

from coordinator import cli
from coordinator.cli import register
from coordinator.policy import Policy
from firmware_py.host.cli import build


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run `motewise …` with no settings file and nobody at the broker."""
    monkeypatch.setenv("MOTEWISE_CONFIG", str(tmp_path / "none.toml"))
    for name in ("MOTEWISE_USER", "MOTEWISE_PASSWORD", "MOTEWISE_BROKER"):
        monkeypatch.delenv(name, raising=False)
    app, _ = build()
    if not {"ask", "rules"} <= {command.callback.__name__ for command in app.registered_commands if command.callback}:
        register(app)
    return lambda *words, **more: CliRunner().invoke(app, list(words), **more)


@pytest.mark.parametrize("words", [("ask", "hello"), ("things",), ("rules",), ("query", "things")])
def test_who_does_not_say_who_they_are_gets_one_sentence(run, words):
    result = run(*words)
    assert result.exit_code == 1
    assert "Say who you are" in str(result.exception)


@pytest.mark.parametrize("words", [("rules", "burn"), ("rules", "pause"), ("query", "things", "--param", "x")])
def test_wrong_words_are_a_usage_error(run, words):
    assert run(*words, "--user", "ann").exit_code == 2


def test_nobody_at_the_broker_is_one_sentence(run, tmp_path):
    (tmp_path / "c.toml").write_text('[coordinator]\nbroker = "mqtt://127.0.0.1:1"\n')
    result = run("coordinator", str(tmp_path / "c.toml"))
    assert result.exit_code == 1
    assert "Nobody answers at" in str(result.exception)


def test_what_others_wrote_cannot_command_the_terminal(run, monkeypatch):
    nasty = "\x1b[31mhall\x07 [red]灯"
    row = {"id": "r1", "owner": nasty, "said": nasty, "title": nasty, "text": nasty, "when": nasty, "state": "armed",
           "paused": False, "unknown": None, "fired": 0, "last_fired_ms": None, "conflicts": [nasty], "calls": []}

    async def rows(*_):
        return [row]

    monkeypatch.setattr(cli, "_rows", rows)
    for words in (("rules",), ("rules", "explain", "r1"), ("query", "rules")):
        shown = run(*words, "--user", "ann").output
        assert "灯" in shown
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", shown)


def test_hashed_pin_is_a_line_for_the_file(run):
    line = re.search(r'pin = "(.*)"', run("coordinator", "--hash-pin", input="2468\n2468\n").output)
    assert Policy.read(pin=line[1]).accepts_pin("2468")
