"""`motewise bench language`: other people's sentences through our whole path (coordinator, device, model), and each
also through Home Assistant's engine where it is installed, the two taking turns.

`assist_mini`, `intents`: percent of sentences after which exactly the expected states changed (scoring.py); `.things`:
the planner alone, percent for which it chose exactly the Things that should change. `slurp_devel.frame`, `.action`:
percent right (slurp.py); `.false_trigger`: percent of sentences on other topics that led to a call, a read or a rule,
`.things`: percent of them for which the planner chose a Thing or asked back.
Intervals are Wilson's at 95 %. Nothing here is trained or tuned on these sets."""

from __future__ import annotations

import collections
import contextlib
import json
import math
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coordinator.house import House
from device_agent.understand import Thinker, Understanding, understand
from firmware_py.core.errors import LocalError
from firmware_py.host.clock import SystemClock
from models.language.brain import Brain
from ontology import home_assistant
from ontology.description import Thing, read
from sim import rival, slurp
from sim.bench import percentile
from sim.planning import Command, State, record
from sim.rules_only import RulesOnly
from sim.scoring import Case, after, cases_of, wrong

Z95 = 1.959964
SETS = ("assist_mini", "intents", "slurp_devel")
_DATASETS = "github.com/allenporter/home-assistant-datasets, folder datasets"
SOURCES = {
    "assist_mini": f"{_DATASETS}/assist-mini (Apache-2.0)",
    "intents": f"{_DATASETS}/intents (Apache-2.0)",
    "slurp_devel": "github.com/pswietojanski/slurp, dataset/slurp/devel.jsonl (CC BY 4.0)",
}
Progress = Callable[[str], None]


class NoData(LocalError):
    """There is nothing to measure; one sentence."""


@dataclass(frozen=True)
class Sets:
    """Where the sets are."""

    assist_mini: Path
    intents: Path
    slurp: Path
    slurp_all: Path

    @classmethod
    def usual(cls) -> Sets:
        """Below MOTEWISE_DATA, else ../shared/data."""
        data = Path(os.environ.get("MOTEWISE_DATA") or "../shared/data")
        homes, said = data / "home_assistant_datasets", data / "slurp_devel"
        return cls(homes / "assist-mini", homes / "intents", said / "devel_iot.jsonl", said / "devel_all_text.jsonl")

    def missing(self, name: str) -> list[Path]:
        """The paths of a set that do not exist."""
        paths = {"assist_mini": [self.assist_mini], "intents": [self.intents],
                 "slurp_devel": [self.slurp, self.slurp_all]}
        return [path for path in paths[name] if not path.exists()]


@dataclass
class Tally:
    """What came of one set for one engine. `ms`: stage -> milliseconds of each sentence; `whole_ms`: of the sentences
    that led to one subtask."""

    right: int = 0
    of: int = 0
    failures: collections.Counter[str] = field(default_factory=collections.Counter)
    ms: dict[str, list[float]] = field(default_factory=lambda: collections.defaultdict(list))
    whole_ms: list[float] = field(default_factory=list)

    def add(self, right: bool, why: str = "") -> None:
        self.of += 1
        self.right += right
        if not right:
            self.failures[why] += 1

    def took(self, ms: Mapping[str, float]) -> None:
        for stage, spent in ms.items():
            self.ms[stage].append(spent)

    @property
    def percent(self) -> float:
        return round(100 * self.right / self.of, 2) if self.of else math.nan

    @property
    def interval(self) -> list[float]:
        return [round(100 * bound, 1) for bound in wilson(self.right, self.of)]

    def stages(self) -> dict[str, dict[str, float]]:
        """p50 and p95 of each stage, over the sentences that reached it."""
        return {stage: {"p50": round(percentile(spent, 50), 2), "p95": round(percentile(spent, 95), 2)}
                for stage, spent in self.ms.items()}

    def shown(self) -> dict[str, Any]:
        return {"right": self.right, "of": self.of, "failures": dict(self.failures.most_common()), "ms": self.stages()}


def wilson(right: int, of: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval of a share (0 to 1) that was `right` out of `of`."""
    if of == 0:
        return 0.0, 1.0
    share, spread = right / of, z * z / of
    middle = share + spread / 2
    half = z * math.sqrt(share * (1 - share) / of + spread / (4 * of))
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


class Ours:
    """Our whole path: a sentence in a house -> the record of `motewise plan`, and the codes of what devices refused.

    Without a brain devices understand nothing: then only the planner is measured."""

    def __init__(self, brain: Thinker | None) -> None:
        self._brain = brain
        self._clock = SystemClock()
        self.codes: list[str] = []

    async def _understood(self, thing: Thing, text: str, present: Mapping[str, Any]) -> Understanding:
        if self._brain is None:
            return Understanding("cannot", reason="Nobody asked a model.", code="no_model")
        found = await understand(thing, text, present, self._brain)
        if found.status != "ok":
            self.codes.append(found.code)
        return found

    async def run(self, sentence: str, room: str | None, house: House, state: State) -> dict[str, Any]:
        self.codes = []
        command = Command("1", sentence, room)
        return await record(command, house, state, self._understood, now_ms=self._clock.now_ms())


# Houses


def why_nothing_planned(row: Mapping[str, Any]) -> str:
    """Why the planner chose no Thing; "" if it did."""
    if row["status"] == "clarify":
        return "asked back"
    if row["subtasks"]:
        return ""
    nothing = any(one["reason"].startswith("There is no") for one in row["rejected"])
    return "planner: no such Thing or place" if nothing else "planner: refused"


def why_not_planned(case: Case, row: Mapping[str, Any]) -> str:
    """How the planner chose other Things than those that should change; "" if it chose them."""
    if nothing := why_nothing_planned(row):
        return nothing
    planned = {subtask["thing"] for subtask in row["subtasks"]}
    expected = {entity.thing for entity in case.home if entity.id in case.expected}
    if planned != expected:
        return f"planner: {'too many' if planned > expected else 'too few' if planned < expected else 'other'} Things"
    return ""


def why_not(case: Case, row: Mapping[str, Any], codes: Sequence[str]) -> str:
    """The kind of a failure, without its words."""
    if planning := why_not_planned(case, row):
        return planning
    if codes:
        return f"device: {codes[0]}"
    if row["guards"]:
        return "kept a rule"
    if not row["calls"]:
        return "read, not acted"
    return "device: wrong call or value"


async def measure_homes(cases: Iterable[Case], ours: Ours, against: bool) -> tuple[Tally, Tally, Tally]:
    """(ours, the planner's choice of Things, Home Assistant's) over the sentences of a set."""
    mine, things, theirs = Tally(), Tally(), Tally()
    houses: dict[str, House] = {}
    for case in cases:
        described = home_assistant.things_of(case.home)
        key = json.dumps(described)
        if key not in houses:
            houses[key] = House.of(read(td) for td in described)
        by_thing = {entity.thing: entity for entity in case.home}
        row = await ours.run(case.sentence, case.room, houses[key], home_assistant.state_of(case.home))
        services = [home_assistant.service_of(by_thing[call["thing"]], call) for call in row["calls"]]
        right = not wrong(case.home, after(case.home, services), case.expected, case.ignored) and not row["guards"]
        mine.add(right, why_not(case, row, ours.codes))
        mine.took(row["ms"])
        if len(row["subtasks"]) == 1:
            mine.whole_ms.append(row["ms"]["total"])
        planning = why_not_planned(case, row)
        things.add(not planning, planning)
        if against:
            engine = rival.HomeAssistant(case.home)
            start = time.perf_counter()
            called = engine.services(case.sentence, case.room)
            theirs.took({"total": (time.perf_counter() - start) * 1000})
            theirs.add(not wrong(case.home, after(case.home, called), case.expected, case.ignored),
                       "no match" if not called else "wrong call or value")
    return mine, things, theirs


# SLURP


async def measure_slurp(
    rows: Sequence[slurp.Row], everything: Sequence[slurp.Row], ours: Ours, against: bool
) -> dict[str, tuple[Tally, Tally]]:
    """{figure: (ours, Home Assistant's)}; of `false_trigger` what is `right` are the sentences that led to nothing, of
    `things` those on other topics for which the planner chose no Thing."""
    house = slurp.SlurpHouse()
    engine = rival.HomeAssistant(house.home) if against else None
    found = {name: (Tally(), Tally()) for name in ("frame", "action", "false_trigger", "things")}
    for row in rows:
        said = await ours.run(row.sentence, slurp.ROOM, house.house, house.state)
        guarded = [call for guard in said["guards"] for call in guard["calls"]]
        acts = house.acts_of_calls([*said["calls"], *guarded])
        why = why_nothing_planned(said) or (
            "another action" if acts else f"device: {ours.codes[0]}" if ours.codes else "read, not acted")
        _score(house, row, acts, bool(guarded), why, found["action"][0], found["frame"][0])
        found["action"][0].took(said["ms"])
        if len(said["subtasks"]) == 1:
            found["action"][0].whole_ms.append(said["ms"]["total"])
        if engine is not None:
            acts, spent = _heard(engine, house, row)
            _score(house, row, acts, False, "nothing called" if not acts else "another action",
                   found["action"][1], found["frame"][1])
            found["action"][1].took(spent)
    for row in everything:
        if row.scenario == slurp.HOME:
            continue
        said = await ours.run(row.sentence, slurp.ROOM, house.house, house.state)
        kind = "called" if said["calls"] else "ruled" if said["guards"] else "read" if said["reads"] else ""
        found["false_trigger"][0].add(not kind, f"{kind}: {row.scenario}")
        found["false_trigger"][0].took(said["ms"])
        found["things"][0].add(not said["subtasks"] and said["status"] != "clarify",
                               f"{'asked back' if said['status'] == 'clarify' else 'planned'}: {row.scenario}")
        if engine is not None:
            acts, spent = _heard(engine, house, row)
            found["false_trigger"][1].add(not acts, f"called: {row.scenario}")
            found["false_trigger"][1].took(spent)
    return found


def _heard(
    engine: rival.HomeAssistant, house: slurp.SlurpHouse, row: slurp.Row
) -> tuple[list[slurp.Act], dict[str, float]]:
    start = time.perf_counter()
    services = engine.services(row.sentence, slurp.ROOM)
    return house.acts_of_services(services), {"total": (time.perf_counter() - start) * 1000}


def _score(
    house: slurp.SlurpHouse, row: slurp.Row, acts: Sequence[slurp.Act], guarded: bool, why: str, action: Tally,
    frame: Tally,
) -> None:
    right = house.action_is_right(row, acts)
    action.add(right, f"{why}: {row.action}")
    kinds = "+".join(sorted({kind for kind, _ in row.entities})) or "nothing"
    frame.add(house.frame_is_right(row, acts, guarded), f"{kinds} not shown" if right else why)


# All of it


async def measure(
    sets: Sets, model: Path | None, url: str | None, only: Sequence[str], without: str, progress: Progress
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(facts, figures); NoData if every set that was asked for is missing. `without`: "" for the whole path, "model" to
    let rules choose in its place, "devices" to measure the planner alone."""
    chosen = []
    for name in only or SETS:
        if missing := sets.missing(name):
            progress(f"{name} is left out: {missing[0]} is not there. Its public source: {SOURCES[name]}.")
        else:
            chosen.append(name)
    if not chosen:
        raise NoData("None of the test sets is there; set MOTEWISE_DATA, or give their paths.")
    against = rival.version() is not None
    if not against:
        progress("Home Assistant's engine is not measured: install the extra 'bench'.")
    async with contextlib.AsyncExitStack() as stack:
        name_of_model: str | None = None
        weights_mb: float | None = None
        thinker: Thinker | None = RulesOnly() if without == "model" else None
        if not without:
            brain = await stack.enter_async_context(Brain(model, url))
            thinker, name_of_model = brain, url or brain.path.name
            weights_mb = None if url else round(brain.path.stat().st_size / 1e6, 1)
        ours = Ours(thinker)
        await _warm_up(ours)
        details: dict[str, Any] = {}
        figures: dict[str, Any] = {}
        whole_ms: list[float] = []
        for name in chosen:
            progress(f"{name} …")
            if name == "slurp_devel":
                rows = await measure_slurp(slurp.read_rows(sets.slurp), slurp.read_rows(sets.slurp_all), ours, against)
                for key, (mine, theirs) in rows.items():
                    _put(f"{name}.{key}", mine, theirs, details, figures, key in ("false_trigger", "things"))
                    whole_ms += mine.whole_ms
            else:
                cases = cases_of(getattr(sets, name))
                mine, things, theirs = await measure_homes(cases, ours, against)
                _put(name, mine, theirs, details, figures)
                _put(f"{name}.things", things, Tally(), details, figures)
                whole_ms += mine.whole_ms
    facts = {"model": name_of_model, "without": without or None, "rival": rival.version(),
             "intervals": "Wilson, 95 %", "details": details}
    if without == "devices":
        figures = {key: value for key, value in figures.items() if ".things" in key}
    elif whole_ms:
        figures.update(ms_p50=round(percentile(whole_ms, 50), 1), ms_p95=round(percentile(whole_ms, 95), 1))
    if weights_mb is not None:
        figures["weights_mb"] = weights_mb
    return facts, figures


async def _warm_up(ours: Ours) -> None:
    """One sentence, so that no set pays for starting."""
    house = slurp.SlurpHouse()
    await ours.run("turn off the smart plug", None, house.house, house.state)


def _put(
    name: str, mine: Tally, theirs: Tally, details: dict[str, Any], figures: dict[str, Any], failing: bool = False
) -> None:
    """`failing`: the figure is the share that was not right."""
    for key, tally in ((name, mine), (f"{name}.home_assistant", theirs)):
        if tally.of == 0:
            continue
        percent, (low, high) = tally.percent, tally.interval
        if failing:
            percent, low, high = round(100 - percent, 2), round(100 - high, 1), round(100 - low, 1)
        figures[key], figures[f"{key}.interval"] = percent, [low, high]
        details[key] = tally.shown()
