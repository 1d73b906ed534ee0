"""`python -m models.language.calibrate MODEL.gguf`: fit how likely its answers are right, and write that into it.

Questions are groups of the training's own kind in wordings held out of it, never a test set; to one half of them only
some options are allowed, as the rules do it. Two thirds of the Things are for the fit (logistic regression on what
calibration.py takes), one third for the figures: the expected calibration error before and after. One JSON object.
`python -m sim.language.calibrate` fits the same on what the rules of a device really leave open: nearer to use."""

from __future__ import annotations

import argparse
import json
import os
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gguf
import numpy as np

from models.language.brain import threads
from models.language.calibration import FEATURES, KEY, Calibration, CalibrationError, Raw, expected_error
from models.language.engine import Engine
from models.language.people import Mixture
from models.language.prompt import NONE, Prompt
from models.language.synthesis import Example

SEED, GROUPS = 90210, 250
# Every third Thing is for the figures.
MEASURED = 3
RIDGE = 1.0
STEPS = 50


def narrowed(example: Example, luck: random.Random) -> Prompt:
    """The question with some of the options not allowed, those of the right answer always."""
    prompt = example.prompt
    wanted = {choice.option for choice in prompt.parse(example.answer)}
    share = luck.random()
    allowed = {number for number in range(len(prompt.options)) if number in wanted or luck.random() < share}
    return replace(prompt, allowed=frozenset(allowed))


def asked(engine: Engine, seed: int, groups: int) -> Iterator[tuple[int, Raw, bool]]:
    """(number of the Thing, what the network said, whether it was right) of each question that it was computed for."""
    mixture, luck = Mixture(seed, held_out=True), random.Random(seed)
    for number in range(groups):
        for at, example in enumerate(mixture.group()[0]):
            prompt = narrowed(example, luck) if at % 2 else example.prompt
            answer = engine.answer([prompt.prefix, prompt.suffix], prompt.grammar)
            if answer.sampled:
                yield number, answer.raw, answer.text.strip() == (example.answer.strip() or NONE)


def fit(features: np.ndarray, right: np.ndarray) -> Calibration:
    """Logistic regression of (n,) right on (n, 4) features by Newton's steps, with a small ridge."""
    middle, spread = features.mean(0), features.std(0) + 1e-9
    rows = np.hstack([(features - middle) / spread, np.ones((len(features), 1))])
    weights = np.zeros(rows.shape[1])
    ridge = RIDGE * np.diag([1.0] * len(FEATURES) + [0.01])
    for _ in range(STEPS):
        told = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (right - told) - ridge @ weights
        bend = (rows * (told * (1 - told))[:, None]).T @ rows + ridge + 1e-9 * np.eye(len(weights))
        step = np.linalg.solve(bend, slope)
        weights = weights + step
        if np.abs(step).max() < 1e-9:
            break
    own = weights[:-1] / spread
    return Calibration(tuple(round(float(weight), 6) for weight in own), round(float(weights[-1] - own @ middle), 6))


def write(path: Path, calibration: Calibration) -> None:
    """Put a fit into a GGUF, in place of the one it has; everything else stays."""
    reader = gguf.GGUFReader(path)
    new = path.with_name(path.name + ".new")
    writer = gguf.GGUFWriter(new, reader.fields[gguf.Keys.General.ARCHITECTURE].contents())
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name in (gguf.Keys.General.ARCHITECTURE, KEY):
            continue
        kind, inner = field.types[0], field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(name, field.contents(), kind, inner)
    writer.add_string(KEY, calibration.written())
    for tensor in reader.tensors:
        writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    os.replace(new, path)


def calibrated(rows: Iterable[tuple[int, Raw, bool]]) -> tuple[Calibration, dict[str, Any]]:
    """A fit of what `asked` gives, and its figures. CalibrationError if there is nothing to fit."""
    kept = list(rows)
    measured = np.array([number % MEASURED == 0 for number, _, _ in kept], bool)
    if measured.all() or not measured.any():
        raise CalibrationError("There are too few questions that the network decides to calibrate it.")
    features, right = np.array([raw.features() for _, raw, _ in kept]), np.array([good for _, _, good in kept], float)
    calibration = fit(features[~measured], right[~measured])
    before = np.array([raw.likely for _, raw, _ in kept])
    after = np.array([calibration.probability(raw) for _, raw, _ in kept])
    return calibration, {
        "questions": len(kept), "right": round(float(right.mean()), 4), "measured_on": int(measured.sum()),
        "weights": dict(zip(FEATURES, calibration.weights, strict=True)), "bias": calibration.bias,
        "ece_before": round(expected_error(before[measured], right[measured]), 4),
        "ece_after": round(expected_error(after[measured], right[measured]), 4)}


def command(ask: Callable[[Engine, int, int], Iterable[tuple[int, Raw, bool]]]) -> None:
    """The command, over the questions of a function as `asked`."""
    parser = argparse.ArgumentParser(description="Fit how likely a model's answers are right, into its GGUF.")
    parser.add_argument("model", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--groups", type=int, default=GROUPS, help="how many Things, each with some sentences")
    words = parser.parse_args()
    engine = Engine(words.model, threads(words.model.stat().st_size))
    calibration, told = calibrated(ask(engine, words.seed, words.groups))
    write(words.model, calibration)
    print(json.dumps({"file": words.model.name, "seed": words.seed, **told}))


if __name__ == "__main__":
    command(asked)
