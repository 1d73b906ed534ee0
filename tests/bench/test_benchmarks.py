"""The benchmarks, small: they run to the end and their records have the promised keys, last."""

import json
import subprocess
import sys

import pytest

from firmware_py.host.broker import mosquitto_path

if mosquitto_path() is None:
    pytest.skip("NOT TESTED: mosquitto is not installed", allow_module_level=True)


def record(*words):
    done = subprocess.run([sys.executable, "-m", "firmware_py.host.cli", "bench", *words, "--json"],
                          capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_latency_has_its_keys_and_acts_once():
    found = record("latency", "--commands", "20")
    assert list(found)[-5:] == [
        "rtt_p50_ms", "paho_default_rtt_p50_ms", "overhead_p50_ms", "overhead_p99_ms", "acted_once"]
    assert found["acted_once"] is True
    assert found["rtt_p50_ms"] < found["paho_default_rtt_p50_ms"]
    assert found["hardware"]["cores"] >= 1


def test_recovery_has_its_keys_and_loses_nothing():
    found = record("recovery", "--kills", "7", "--seed", "5")
    assert list(found)[-4:] == ["kills", "lost", "acted_twice", "wrong_state"]
    assert [found[key] for key in ("kills", "lost", "acted_twice", "wrong_state")] == [7, 0, 0, 0]
    assert found["seed"] == 5
