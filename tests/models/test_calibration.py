"""How sure an answer is: from hand-made probabilities, fits against known odds, and a GGUF that keeps its fit."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import tiny
from gguf import GGUFReader

from models.language import calibrate
from models.language.calibration import KEY, Calibration, CalibrationError, Doubt, Raw, expected_error
from models.language.engine import Engine


def test_what_is_told_of_an_answer_by_hand() -> None:
    doubt = Doubt()
    logits = [math.log(share) for share in (0.6, 0.3, 0.1)]
    assert doubt.choose(logits, [0, 1, 2]) == 0
    assert doubt.choose([math.log(0.8), 5.0, math.log(0.2)], [0, 2]) == 0  # what is not permitted does not count
    raw = doubt.told("do turn on\n")
    assert raw.likely == pytest.approx(0.48)
    assert raw.other == pytest.approx(0.3)  # the other way at the first token; at the second it were 0.12
    assert raw.entropy == pytest.approx(-sum(share * math.log(share) for share in (0.6, 0.3, 0.1)))
    assert (raw.none, raw.sampled) == (False, 2)


def test_an_answer_without_a_choice_is_certain_whatever_the_fit() -> None:
    raw = Doubt().told("none\n")
    assert raw == Raw(1.0, 0.0, 0.0, True, 0)
    assert Calibration((1.0, 0.0, 0.0, 0.0), -9.0).probability(raw) == 1.0


def test_a_model_without_a_fit_tells_its_own_probability() -> None:
    assert Calibration.read("").probability(Raw(0.37, 0.2, 1.0, False, 2)) == 0.37


def test_one_permitted_token_is_taken_for_certain() -> None:
    doubt = Doubt()
    assert doubt.choose([1.0, 2.0], [0]) == 0
    assert doubt.told("x\n").likely == 1.0
    assert np.isfinite(doubt.told("x\n").features()).all()


def test_the_fit_finds_the_odds_that_made_the_data() -> None:
    rng = np.random.default_rng(3)
    features = rng.normal(0, 1, (20_000, 4)) * (2.0, 1.0, 0.5, 1.0)
    weights, bias = np.array((0.7, -0.4, 1.1, 0.0)), 0.3
    right = rng.random(20_000) < 1 / (1 + np.exp(-(features @ weights + bias)))
    found = calibrate.fit(features, right.astype(float))
    assert found.weights == pytest.approx(weights, abs=0.08)
    assert found.bias == pytest.approx(bias, abs=0.05)


@pytest.mark.parametrize("right", [0.0, 1.0])
def test_a_fit_of_nothing_but_one_kind_stays_finite(right: float) -> None:
    features = np.random.default_rng(1).normal(0, 1, (200, 4))
    found = calibrate.fit(features, np.full(200, right))
    told = [1 / (1 + math.exp(-(float(np.dot(found.weights, row)) + found.bias))) for row in features]
    assert max(abs(one - right) for one in told) < 0.1


def test_expected_calibration_error_by_hand() -> None:
    confidence, right = np.array([0.9, 0.9, 0.9, 0.9, 0.2, 0.2, 0.2, 0.2]), np.array([1, 1, 1, 0, 0, 0, 0, 1.0])
    assert expected_error(confidence, right, bins=2) == pytest.approx((0.15 + 0.05) / 2)
    assert expected_error(np.array([0.5, 1.0]), np.array([1.0, 1.0]), bins=10) == pytest.approx(0.25)
    assert math.isnan(expected_error(np.array([]), np.array([])))


def test_a_fit_is_read_as_it_was_written() -> None:
    made = Calibration((0.5, -0.25, 1.0, 2.0), -0.125)
    assert Calibration.read(made.written()) == made


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"weights": [1], "bias": 0}', '{"weights": "x", "bias": 0}',
                                  '{"weights": [1, 2, 3, 4], "bias": null}'])
def test_a_fit_that_cannot_be_read_is_one_sentence(text: str) -> None:
    with pytest.raises(CalibrationError, match="calibrate it again"):
        Calibration.read(text)


def test_a_model_keeps_its_fit_and_everything_else(tmp_path: Path) -> None:
    path = tiny.write(tmp_path / "tiny.gguf")
    before = {tensor.name: tensor.data.tobytes() for tensor in GGUFReader(path).tensors}
    said = Engine(path, 1).answer(["light\ndo a\n", "> a="], 'root ::= ("none" | "do a") "\\n"')
    for bias in (-2.0, 3.0):  # the second one takes the place of the first
        calibrate.write(path, Calibration((0.0, 0.0, 0.0, 0.0), bias))
    assert {tensor.name: tensor.data.tobytes() for tensor in GGUFReader(path).tensors} == before
    engine = Engine(path, 1)
    again = engine.answer(["light\ndo a\n", "> a="], 'root ::= ("none" | "do a") "\\n"')
    assert (engine.ours, engine.name, again.text) == (True, "motewise", said.text)
    assert again.confidence == pytest.approx(1 / (1 + math.exp(-3.0)))
    assert json.loads(GGUFReader(path).fields[KEY].contents())["bias"] == 3.0


def test_one_command_calibrates_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tiny.write(tmp_path / "tiny.gguf")
    monkeypatch.setenv("MOTEWISE_DATA", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["calibrate", str(path), "--groups", "6"])
    calibrate.command(calibrate.asked)
    told = json.loads(capsys.readouterr().out)
    assert told["questions"] > 20
    assert 0 <= told["ece_after"] <= 1
    assert tuple(told["weights"].values()) == Engine(path, 1).calibration.weights
