"""`python -m sim.fit_ranking TABLE…`: fits the weights of device_agent/likelihood.toml to tables of queries.

A table: as tests/device_agent/queries_of_makers.toml (Things, and what is asked of them by affordance; `near`, `off`,
`none`: no affordance serves). A random half of the phrases of meanings.toml is taken out, twice, so that the weights
hold for wordings that nobody wrote down. First the options' weights (softmax), then, over the best options, those of
whether it serves (logistic), both written; told is what they come to in cross-validation by Thing."""

from __future__ import annotations

import argparse
import random
import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np

from device_agent import likelihood, meanings, retrieve
from device_agent.options import offers_of
from device_agent.reading import view_of
from ontology.description import read

NOTHING = frozenset(("none", "near", "off"))
FOLDS, KEPT, SEEDS = 6, 0.5, (0, 1)
# L2 of standardised features; steps of Adam, and their size.
RIDGE_RANK, RIDGE_SERVES, STEPS, RATE = 0.02, 0.003, 300, 0.06
WEIGHTS = Path(likelihood.__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Asked:
    """A query of Thing number `thing`: (n,) whether each option is right, and what its words came to."""

    thing: int
    right: np.ndarray
    found: likelihood.Likelihood


def asked(paths: Iterable[Path]) -> list[Asked]:
    """Every query of the tables, by the phrases and weights that there are now."""
    made: list[Asked] = []
    things = [(path.stem, key, given) for path in paths
              for key, given in tomllib.loads(path.read_text("utf-8"))["things"].items()]
    for number, (stem, key, given) in enumerate(things):
        thing = read({"id": f"urn:x:{stem}-{key}", "title": given["title"], "@type": given["kind"],
                      "actions": given.get("actions", {}), "properties": given.get("properties", {})})
        for wanted, sentences in given["queries"].items():
            names = frozenset(wanted.split("|")) - NOTHING
            for sentence in sentences:
                affordances, said = retrieve.in_english(thing, sentence)
                own = {(double.op, double.name): one.name
                       for one, double in zip(thing.affordances, affordances, strict=True)}
                offers = offers_of(affordances)
                view = view_of(tuple(offer.option for offer in offers), thing.title, *thing.kinds)
                right = [own[offer.affordance.op, offer.affordance.name] in names for offer in offers]
                made.append(Asked(number, np.array(right), retrieve.likely(said, view, thing.title)))
    return made


def thinned(paths: Iterable[Path]) -> list[Asked]:
    """The same with a part of the phrases only, once for each seed."""
    whole, made, tables = meanings.rows(), list[Asked](), list(paths)
    for seed in SEEDS:
        dice = random.Random(seed)
        few = tuple((names, tuple(one for one in said if dice.random() < KEPT)) for names, said in whole)
        with mock.patch.object(meanings, "rows", lambda few=few: few):
            meanings.forget()
            made += asked(tables)
    meanings.forget()
    return made


def ranking(queries: list[Asked]) -> np.ndarray:
    """(FEATURES,) weights with which the right option is likeliest."""
    served = [one for one in queries if one.right.any()]
    most, width = max(len(one.right) for one in served), len(likelihood.FEATURES)
    features, lacks = np.zeros((len(served), most, width)), np.full((len(served), most), -1e9)
    right = np.zeros((len(served), most), bool)
    for number, one in enumerate(served):
        count = len(one.right)
        features[number, :count], lacks[number, :count], right[number, :count] = one.found.features, 0.0, one.right
    scale = np.concatenate([one.found.features for one in served]).std(0) + 1e-6
    features /= scale

    def slope(weights: np.ndarray) -> np.ndarray:
        scores = features @ weights + lacks
        chance = np.exp(scores - scores.max(1, keepdims=True))
        chance /= chance.sum(1, keepdims=True)
        target = np.where(right, chance, 0.0)
        target /= target.sum(1, keepdims=True) + 1e-12
        return np.asarray(np.einsum("nm,nmc->c", chance - target, features) / len(served) + 2 * RIDGE_RANK * weights)

    return _descended(slope, width) / scale


def serving(queries: list[Asked]) -> np.ndarray:
    """(EVIDENCE,) weights of whether the best option serves; the first is the bias."""
    evidence = np.stack([one.found.evidence for one in queries])
    serves = np.array([float(one.right.any()) for one in queries])
    scale = evidence.std(0) + 1e-6
    scale[0] = 1.0
    evidence = evidence / scale
    ridge = 2 * RIDGE_SERVES * (np.arange(evidence.shape[1]) > 0)

    def slope(weights: np.ndarray) -> np.ndarray:
        return np.asarray(evidence.T @ (1 / (1 + np.exp(-evidence @ weights)) - serves) / len(serves) + ridge * weights)

    return _descended(slope, evidence.shape[1]) / scale


def _descended(slope: Callable[[np.ndarray], np.ndarray], width: int) -> np.ndarray:
    """Adam from zero."""
    weights, first, second = np.zeros(width), np.zeros(width), np.zeros(width)
    for step in range(1, STEPS + 1):
        found = slope(weights)
        first, second = 0.9 * first + 0.1 * found, 0.99 * second + 0.01 * found**2
        weights -= RATE * first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
    return weights


def write(part: str, names: Iterable[str], weights: np.ndarray) -> None:
    """Put weights into likelihood.toml, and take them from there from now on."""
    rows = "".join(f"{name} = {weight:.2f}\n" for name, weight in zip(names, weights, strict=True))
    told = WEIGHTS.read_text("utf-8")
    WEIGHTS.write_text(re.sub(rf"\[{part}\]\n(?:\w+ = .*\n)*", f"[{part}]\n{rows}", told), "utf-8")
    likelihood.weights.cache_clear()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Fit the weights of the ranking of options.")
    parser.add_argument("tables", type=Path, nargs="+")
    tables = parser.parse_args().tables
    queries = thinned(tables)
    first, count = 0, 0
    for fold in range(FOLDS):
        weights = ranking([one for one in queries if one.thing % FOLDS != fold])
        for one in queries:
            if one.thing % FOLDS == fold and one.right.any():
                first, count = first + int(one.right[np.argmax(one.found.features @ weights)]), count + 1
    print(f"right option first: {100 * first / count:.1f} % of {count}")
    write("features", likelihood.FEATURES, ranking(queries))
    queries = thinned(tables)
    wrong = np.array([0, 0, 0])
    for fold in range(FOLDS):
        weights = serving([one for one in queries if one.thing % FOLDS != fold])
        for one in queries:
            if one.thing % FOLDS == fold:
                refused = 1 / (1 + np.exp(-one.found.evidence @ weights)) < retrieve.SERVES
                wrong += np.array([refused and not one.right.any(), refused, not one.right.any()])
    print(f"refused: F1 {2 * wrong[0] / (wrong[1] + wrong[2]):.3f}")
    write("evidence", likelihood.EVIDENCE, serving(queries))


if __name__ == "__main__":
    main()
