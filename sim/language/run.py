"""One run over the sets that are there, as facts and figures of one record.

Pieces are taken out for the small sets; for the big ones (arguments, sentences on other topics, paraphrase, noisy,
languages) only if asked for, since each variant costs as much as the whole path."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from device_agent.escalate import Settings
from device_agent.understand import Thinker
from models.language.brain import Brain
from sim import rival, slurp
from sim.bench import percentile
from sim.language import frames, memory, own, ranking, speed
from sim.language.homes import measure_homes
from sim.language.path import HOME_ASSISTANT, Heard, Ours, Variants, variants_of
from sim.language.sets import OTHERS, SETS, SOURCES, NoData, Sets, count_runs
from sim.language.tally import WHOLE, Tally, calibration_error, put, stages
from sim.rules_only import RulesOnly
from sim.scoring import cases_of

Progress = Callable[[str], None]
PLANNER, RULES = "devices", "model"


@dataclass(frozen=True)
class Asked:
    """What to measure. `only`: these sets; `without`: "" for the whole path, "model" to let rules choose in its place,
    "devices" to measure the planner alone; `pieces`: take pieces out for the big sets too; `limit`: only so many
    sentences of each of our own sets; `count`: a file that counts the runs of other people's sets; `larger`: a larger
    brain beside the model."""

    sets: Sets
    model: Path | None = None
    url: str | None = None
    only: Sequence[str] = ()
    without: str = ""
    pieces: bool = False
    limit: int | None = None
    count: Path | None = None
    larger: Settings = field(default_factory=Settings)


class _Run:
    """What has been measured so far."""

    def __init__(self, asked: Asked, variants: dict[str, Ours], against: bool, progress: Progress) -> None:
        self.asked, self.variants, self.against, self.progress = asked, variants, against, progress
        self.whole: Variants = {WHOLE: variants[WHOLE]}
        self.details: dict[str, Any] = {}
        self.figures: dict[str, Any] = {}
        self.tallies: list[Tally] = []
        self.own: list[Tally] = []

    def keep(self, name: str, tallies: Mapping[str, Tally], failing: bool = False) -> None:
        """Put one set's tallies."""
        put(name, tallies, self.details, self.figures, failing)
        self.tallies.append(tallies[WHOLE])

    async def others(self, name: str) -> None:
        """One of other people's sets."""
        sets = self.asked.sets
        if name != "slurp_devel":
            self.keep(name, await measure_homes(cases_of(getattr(sets, name)), self.variants, self.against))
            return
        found = await frames.measure_slurp(
            slurp.read_rows(sets.slurp), slurp.read_rows(sets.slurp_all), self.variants, self.against,
            self.variants if self.asked.pieces else self.whole)
        for figure, tallies in found.items():
            self.keep(f"{name}.{figure}", tallies, figure in frames.FAILING)

    async def ours(self, name: str) -> None:
        """Those of our own sets that go by a name."""
        limit = self.asked.limit
        if name == "retrieval":
            places, abstain, details = await ranking.measure(self.variants[WHOLE].brain, limit)
            for place, tallies in places.items():
                put(f"retrieval.{place}", tallies, self.details, self.figures)
            self.figures |= {f"retrieval.{figure}": value for figure, value in abstain.items()}
            self.details |= details
            return
        few = self.variants if self.asked.pieces else self.whole
        for figure, tallies in (await own.measure(name, few, limit)).items():
            self.keep(figure, tallies)
            self.own.append(tallies[WHOLE])


async def measure(asked: Asked, progress: Progress) -> tuple[dict[str, Any], dict[str, Any]]:
    """(facts, figures); NoData if every set that was asked for is missing."""
    chosen = _chosen(asked, progress)
    against = rival.version() is not None
    if not against:
        progress("Home Assistant's engine is not measured: install the extra 'bench'.")
    counts = count_runs(asked.count, chosen) if asked.count is not None else None
    facts: dict[str, Any] = {"model": None, "without": asked.without or None, "rival": rival.version(),
                             "intervals": "Wilson, 95 %"}
    if counts is not None:
        facts["run_of_test_set"] = counts
    if asked.without:
        thinker: Thinker | None = RulesOnly() if asked.without == RULES else None
        run = await _sets(asked, {WHOLE: Ours(thinker)}, against, chosen, progress)
        figures = run.figures
        if asked.without == PLANNER:
            figures = {key: value for key, value in figures.items() if ".things" in key}
        else:
            figures |= _times(run)
        return {**facts, "details": run.details}, figures
    async with contextlib.AsyncExitStack() as stack:
        brain = await stack.enter_async_context(Brain(asked.model, asked.url))
        larger = await stack.enter_async_context(asked.larger.opened())
        heard = Heard(brain)
        run = await _sets(asked, variants_of(heard, larger, True), against, chosen, progress)
    figures = run.figures | _times(run)
    facts |= {"model": asked.url or brain.path.name, "larger": str(asked.larger.larger_url or asked.larger.larger_model)
              if asked.larger.escalate else None, "stages": _stages(run), "decided": _decided(run)}
    if asked.url is None:
        progress("speed and memory …")
        told, speeds = speed.measured(asked.model, tuple(heard.prompts.values()))
        kept = await memory.measured(asked.model)
        facts |= {"speed": told, "memory": kept}
        figures |= {**speeds, "rss_mb": kept["mb"], "weights_mb": round(brain.path.stat().st_size / 1e6, 1)}
    # Of what the network decided, and of all that reached a device; rules decide for certain.
    for key, rows in (("ece", [one for tally in run.own for one in tally.sure]),
                      ("ece.all", [one for tally in run.own for one in tally.told])):
        if rows:
            figures[key] = calibration_error(rows)
            facts[f"{key}_of"] = len(rows)
    return {**facts, "details": run.details}, figures


def _chosen(asked: Asked, progress: Progress) -> list[str]:
    names = asked.only or (OTHERS if asked.without == PLANNER else SETS)
    found = []
    for name in names:
        if missing := asked.sets.missing(name):
            progress(f"{name} is left out: {missing[0]} is not there. Its public source: {SOURCES[name]}.")
        else:
            found.append(name)
    if not found:
        raise NoData("None of the test sets is there; set MOTEWISE_DATA, or give their paths.")
    return found


async def _sets(
    asked: Asked, variants: dict[str, Ours], against: bool, chosen: Sequence[str], progress: Progress
) -> _Run:
    run = _Run(asked, variants, against, progress)
    house = slurp.SlurpHouse()
    await variants[WHOLE].run("turn off the smart plug", None, house.house, house.state)  # no set pays for starting
    for name in chosen:
        progress(f"{name} …")
        await (run.others(name) if name in OTHERS else run.ours(name))
    return run


def _times(run: _Run) -> dict[str, float]:
    """Of the sentences that led to one subtask."""
    spent = [ms for tally in run.tallies for ms in tally.whole_ms]
    return {"ms_p50": round(percentile(spent, 50), 1), "ms_p95": round(percentile(spent, 95), 1)} if spent else {}


def _stages(run: _Run) -> dict[str, dict[str, float]]:
    """p50 and p95 of each stage over all sets. plan: the planner; rules: what the plain words leave; retrieve, embed:
    the nearest options; reading: of the question by the network; model: its answer, and the way to its process;
    resolve: values, and the rules once more."""
    found: dict[str, list[float]] = {}
    for tally in run.tallies:
        for stage, spent in tally.ms.items():
            found.setdefault(stage, []).extend(spent)
    return stages(found)


def _decided(run: _Run) -> dict[str, Any]:
    """How many questions to devices were decided by whom, and the share for which the network was computed."""
    found: dict[str, int] = {}
    for tally in run.tallies:
        for who, count in tally.decided.items():
            found[who] = found.get(who, 0) + count
    total = sum(found.values())
    return {**found, "network_percent": round(100 * (total - found.get("rules", 0)) / total, 1) if total else None}


__all__ = ["HOME_ASSISTANT", "Asked", "measure"]
