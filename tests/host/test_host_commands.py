"""The command root, and `motewise broker`."""

import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from firmware_py.host import accounts, doctor
from firmware_py.host.broker import free_port
from firmware_py.host.cli import build
from firmware_py.host.settings import Settings

MOTEWISE = [sys.executable, "-m", "firmware_py.host.cli"]


def motewise(*words, **more):
    return subprocess.run([*MOTEWISE, *words], capture_output=True, text=True, timeout=60, check=False, **more)


def test_an_error_of_ours_is_one_sentence_and_status_1(tmp_path):
    done = motewise("broker", "--directory", str(tmp_path), "--port", "0", "--kind", "hivemq")
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["A broker of the kind 'hivemq' is not known; choose mosquitto or amqtt."]
    assert "Traceback" not in done.stderr


def test_an_error_of_the_system_is_one_sentence_and_status_1(tmp_path):
    (tmp_path / "file").write_text("")
    done = motewise("broker", "--directory", str(tmp_path / "file" / "folder"), "--user", "ann", "--add")
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert str(tmp_path / "file") in line
    assert "Not a directory" in line


def test_an_unknown_command_is_status_2():
    assert motewise("frobnicate").returncode == 2


def test_the_broker_command_makes_accounts_and_stops_on_ctrl_c(tmp_path, kind):
    port = free_port()
    process = subprocess.Popen(
        [*MOTEWISE, "broker", "--directory", str(tmp_path), "--port", str(port), "--kind", kind,
         "--user", "ann", "--host", "pi"], stdout=subprocess.PIPE, text=True)
    try:
        lines = [process.stdout.readline() for _ in range(4)]
        assert f"{kind} listens at mqtt://127.0.0.1:{port}" in lines[3]
        assert {line.split(":")[0] for line in lines[:3]} == {"ann", "pi", "coordinator"}
        password = tmp_path / "ann.password"
        assert password.stat().st_mode & 0o077 == 0
        assert "user ann" in (tmp_path / "access").read_text()
        assert "user pi" not in (tmp_path / "access").read_text()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    finally:
        process.kill()


def test_an_account_keeps_its_password(tmp_path):
    words = ["broker", "--directory", str(tmp_path), "--user", "ann", "--host", "pi", "--add"]
    seen = []
    for _ in range(2):
        done = motewise(*words)
        assert done.returncode == 0, done.stderr
        hashes = accounts.read_passwords(tmp_path)
        for name in ("ann", "pi", "coordinator"):
            seen.append((name, (tmp_path / f"{name}.password").read_text()))
            assert accounts.password_matches(seen[-1][1].strip(), hashes[name])
    assert seen[:3] == seen[3:]
    assert (tmp_path / "access").read_text().count("user ann\n") == 1


def test_the_doctor_looks_with_the_account_of_this_machine(monkeypatch):
    here = Settings("mqtt://127.0.0.1:1", "cabin", "hall-pi", "x")
    seen = []

    async def examine(chosen):
        seen.append(chosen)
        return
        yield

    monkeypatch.setattr(doctor, "examine", examine)
    monkeypatch.setattr(doctor, "account_here", lambda: here)
    monkeypatch.setenv("MOTEWISE_CONFIG", "/nowhere")
    for words in ([], ["--user", "ann"]):
        assert CliRunner().invoke(build()[0], ["doctor", *words]).exit_code == 0
    assert [chosen.user for chosen in seen] == ["hall-pi", "ann"]


def test_every_entry_point_names_a_function_that_registers():
    points = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]["entry-points"]
    assert all(value.endswith(":register") for value in points["motewise.commands"].values())


@pytest.mark.parametrize("word", ["--help", "-h"])
def test_help_lists_the_commands(word):
    done = motewise(word)
    assert done.returncode == 0
    assert "broker" in done.stdout
