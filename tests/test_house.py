"""The house keeps its shape: imports point one way, core stays within MicroPython, entry points load."""

import ast
import re
import shlex
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import typer

from firmware_py.host.cli import build

ROOT = Path(__file__).parent.parent
# Modules that MicroPython has, of those that shared code may want (STYLE: the common subset).
ON_THE_BOARD = {"array", "binascii", "collections", "errno", "hashlib", "json", "math", "struct", "firmware_py"}


def test_imports_point_one_way():
    linted = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize("path", sorted((ROOT / "firmware_py" / "core").glob("*.py")), ids=lambda path: path.name)
def test_core_imports_only_what_a_board_has(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module]
        else:
            continue
        assert {name.split(".")[0] for name in names} <= ON_THE_BOARD


@pytest.mark.parametrize("group", ["motewise.commands", "motewise.checks", "motewise.accounts"])
def test_every_entry_point_loads(group):
    ours = [point for point in entry_points(group=group) if point.dist and point.dist.name == "motewise"]
    assert ours
    assert all(callable(point.load()) for point in ours)


def commands_of(text):
    """The words of each `motewise …` that a page shows: on a line of its own, or as code between words."""
    found = re.findall(r"^(?:\.venv/bin/)?motewise ([a-z][^#\n]*)", text, re.MULTILINE)
    return [shlex.split(line) for line in found + re.findall(r"`motewise\s+([a-z][^`]*)`", text)]


@pytest.mark.parametrize("page", ["README.md", "docs/decisions/0005-people-are-not-hosts.md", "examples/things.toml",
                                  "examples/simulated.toml", "examples/coordinator.toml"])
def test_commands_that_are_shown_have_these_options(page):
    text = (ROOT / page).read_text("utf-8")
    shown = commands_of(re.sub(r"(?m)^.*#.*?: motewise ([^.\n]*)", r"motewise \1", text))
    assert shown
    for words in shown:
        command = typer.main.get_command(build()[0])
        while words and hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, words
