"""What only CPython can do: run the same test files in a real MicroPython, and ask Python's own JSON parser."""

import ast
import contextlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from core_helper import Dice
from test_messages import IS_JSON, NOT_JSON

from firmware_py.core.strict import is_json

HERE = Path(__file__).parent
FILES = sorted(path for path in HERE.glob("test_*.py") if path.name != Path(__file__).name)


@pytest.fixture(scope="module")
def printed():
    """What the runner prints, in lines."""
    node = shutil.which("node")
    assert node is not None, "node is missing; run scripts/setup test."
    run = subprocess.run([node, HERE / "micropython.mjs"], capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode in (0, 1), run.stderr
    lines = run.stdout.splitlines()
    assert (run.returncode == 1) == any(line.startswith("FAIL") for line in lines), run.stdout + run.stderr
    return lines


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_passes_on_micropython(path, printed):
    failures = [line for line in printed if line.startswith((f"FAIL {path.stem}.", f"FAIL {path.stem}:"))]
    assert not failures, "\n".join(failures)
    tests = [node.name for node in ast.parse(path.read_text("utf-8")).body
             if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    assert tests
    assert any(line.startswith(f"{path.stem}: {len(tests)} of {len(tests)} passed") for line in printed), printed


@pytest.mark.parametrize(("text", "line", "status"), [
    ("def test_good():\n    pass\ndef test_bad():\n    assert 1 == 2, 'one is not two'\n",
     "FAIL test_tried.test_bad: ", 1),
    ("def test_bad(:\n", "FAIL test_tried: cannot be loaded: SyntaxError", 1),
    ("import asyncio.nowhere\ndef test_good():\n    pass\n", "FAIL test_tried: cannot be loaded: ImportError", 1),
    ("def helper():\n    pass\n", "FAIL test_tried: has no tests", 1),
    ("KEPT = [bytes(99) for _ in range(2000)]\ndef test_good():\n    pass\n", "FAIL test_tried: the core and", 1),
    ("def test_good():\n    pass\n", "test_tried: 1 of 1 passed", 0),
])
def test_the_runner_tells_what_fails(text, line, status, tmp_path):
    (tmp_path / "test_tried.py").write_text(text, "utf-8")
    run = subprocess.run(["node", HERE / "micropython.mjs", tmp_path / "test_tried.py"], capture_output=True, text=True,
                         check=False, timeout=60)
    assert line in run.stdout, run.stdout + run.stderr
    assert run.returncode == status


LETTERS = '{}[]:,"\\u0 1-.eE+tfna\n'


def pythons_own(text):
    def refuse(word):
        raise ValueError(word)

    with contextlib.suppress(ValueError):
        json.dumps(json.loads(text, parse_constant=refuse), ensure_ascii=False).encode("utf-8")
        return True
    return False


def test_what_is_json_is_what_python_says():
    dice, good, tried = Dice(11), 0, 0
    for text in IS_JSON + NOT_JSON:
        assert is_json(text) == pythons_own(text), text
        for _ in range(200):
            broken = list(text)
            for _ in range(1 + dice.roll(3)):
                place = dice.roll(len(broken) + 1)
                broken[place:place + dice.roll(2)] = LETTERS[dice.roll(len(LETTERS))] * dice.roll(2)
            tried += 1
            changed = "".join(broken)
            good += is_json(changed)
            assert is_json(changed) == pythons_own(changed), changed
    assert 0 < good < tried
