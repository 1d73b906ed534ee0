"""`motewise bench language`: counting, what is taken out of the path, memory, decode speed, and the record's keys."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from coordinator.house import House
from device_agent.options import options_of
from device_agent.understand import Parts, understand
from firmware_py.core.errors import LocalError
from firmware_py.host.cli import build
from models.language.brain import SHIPPED, Brain, Completion
from models.language.engine import Engine
from models.language.prompt import Option, Prompt, Slot
from ontology.description import Thing, read
from sim.cli import register
from sim.language import calibrate, memory, own, ranking, speed
from sim.language.path import Heard, Ours, variants_of
from sim.language.sets import OTHERS, OWN, count_runs
from sim.language.tally import Tally, calibration_error, put


def heater(count: int = 0) -> Thing:
    """A heater, with as many strange actions before its own."""
    strange = {f"zork_{number}": {} for number in range(count)}
    return read({"id": "urn:x:heater", "title": "Heater", "@type": "Heater", "motewise:room": "shed",
                 "actions": {**strange, "turn_on": {}, "turn_off": {}, "descale": {}},
                 "properties": {"target": {"type": "number", "minimum": 5, "maximum": 30, "unit": "celsius"}}})


class Chooser:
    """Answers one option, whatever is asked."""

    def __init__(self, answer: str, confidence: float = 0.9) -> None:
        self.answer, self.confidence = answer, confidence
        self.asked: list[Prompt] = []

    async def complete(self, prompt: Prompt) -> Completion:
        self.asked.append(prompt)
        return Completion(f"{self.answer}\n", self.confidence, 1.0, 7, 2, 0.5)

    async def embed(self, texts: Sequence[str]) -> np.ndarray:
        rows = np.eye(len(texts), 64, dtype=np.float32)
        return rows


def test_without_rules_the_model_decides_alone_under_the_grammar() -> None:
    """The words say off; only the rules know that this is not on."""
    model = Chooser("do turn on")
    alone = asyncio.run(understand(heater(), "turn the heater off", {}, model, parts=Parts(rules=False)))
    assert (alone.status, alone.calls, alone.decided) == ("ok", ({"action": "turn_on", "input": {}},), "model")
    assert model.asked[0].allowed == frozenset(range(len(model.asked[0].options)))
    assert (model.asked[0].only, model.asked[0].sure) == ({}, False)
    whole = asyncio.run(understand(heater(), "turn the heater off", {}, Chooser("do turn off")))
    assert whole.calls == ({"action": "turn_off", "input": {}},)


def test_without_retrieval_the_first_options_are_shown() -> None:
    model = Chooser("none")
    asyncio.run(understand(heater(30), "descale the heater", {}, model, parts=Parts(rules=False, retrieval=False)))
    assert [option.name for option in model.asked[0].options] == [f"zork_{number}" for number in range(12)]
    asyncio.run(understand(heater(30), "descale the heater", {}, model, parts=Parts(rules=False)))
    assert "descale" in {option.name for option in model.asked[1].options[:1]}


def test_the_whole_path_comes_first_and_pieces_are_taken_out_by_name() -> None:
    assert list(variants_of(Chooser("none"), None, True)) == ["", "rules_only", "model_only", "no_retrieval"]
    assert list(variants_of(Chooser("none"), None, False)) == [""]


def test_questions_for_which_nothing_was_computed_are_not_kept() -> None:
    class Rules(Chooser):
        async def complete(self, prompt: Prompt) -> Completion:
            return Completion("none\n", 1.0, 0.0, 0)

    for brain, kept in ((Chooser("none"), 1), (Rules("none"), 0)):
        heard = Heard(brain)
        for _ in range(2):
            asyncio.run(heard.complete(Prompt("x", "", (Option("do", "a", "a"),), "a")))
        assert len(heard.prompts) == kept


def test_who_decided_and_how_sure_it_was_is_counted() -> None:
    house = House.of([heater()])
    ours, tally = Ours(Chooser("do turn on", 0.7), Parts(rules=False)), Tally()
    row = asyncio.run(ours.run("turn on the heater", None, house, {}))
    ours.note(tally, row, True)
    assert row["calls"] == [{"thing": "urn:x:heater", "action": "turn_on", "input": {}}]
    assert (tally.decided, tally.sure, tally.told) == ({"model": 1}, [(0.7, True)], [(0.7, True)])
    assert {"plan", "rules", "retrieve", "model", "reading", "resolve", "total"} == set(tally.ms)
    asyncio.run(ours.run("abracadabra", None, house, {}))
    assert ours.heard == []


def test_a_records_figures_and_their_intervals_by_variant() -> None:
    good, bad = Tally(), Tally()
    for number in range(20):
        good.add(number > 0, "fell")
        bad.add(False, "fell")
    details: dict[str, Any] = {}
    figures: dict[str, Any] = {}
    put("set", {"": good, "rules_only": bad, "empty": Tally()}, details, figures)
    assert list(figures) == ["set", "set.interval", "set.rules_only", "set.rules_only.interval"]
    assert (figures["set"], figures["set.rules_only"]) == (95.0, 0.0)
    assert details["set"]["failures"] == {"fell": 1}
    put("set", {"": good}, details, figures, failing=True)
    low, high = figures["set.interval"]
    assert figures["set"] == 5.0
    assert low < 5.0 < high


def test_calibration_error_of_what_was_sure() -> None:
    assert calibration_error([(1.0, True)] * 10 + [(0.0, False)] * 10) == 0.0
    assert calibration_error([(1.0, False)] * 20) == 1.0


def test_what_rules_decide_is_told_for_certain_and_is_no_networks_confidence() -> None:
    class Rules(Chooser):
        async def complete(self, prompt: Prompt) -> Completion:
            return Completion("do turn on\n", 1.0, 0.0, 0)

    ours, tally = Ours(Rules("")), Tally()
    row = asyncio.run(ours.run("turn on the heater", None, House.of([heater()]), {}))
    ours.note(tally, row, False)
    assert (tally.decided, tally.sure, tally.told) == ({"rules": 1}, [], [(1.0, False)])


# Calibration over what the rules leave open


def test_an_invented_thing_offers_the_options_that_it_was_made_of() -> None:
    options = (Option("do", "turn_on", "turn on"), Option("do", "beep", "beep", "", (Slot("times", "number"),)),
               Option("do", "mode", "run mode", "", (Slot("", "choice", ("calm", "wild")),)),
               Option("set", "level", "level", "", (Slot("", "number", unit="percent", low=0, high=100),)),
               Option("get", "level", "level"), Option("get", "humidity", "humidity"))
    thing = calibrate.described("strange machine", "Attic machine", options)
    assert {option.line for option in options_of(thing.affordances)} == {option.line for option in options}
    assert (thing.title, thing.kinds) == ("Attic machine", ("StrangeMachine",))


def test_only_questions_that_the_network_decides_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MOTEWISE_DATA", str(tmp_path))
    rows = list(calibrate.asked(Engine(SHIPPED, 1), 4, 8))
    assert rows
    assert all(raw.sampled and number < 8 for number, raw, _ in rows)
    assert list(calibrate.asked(Engine(SHIPPED, 1), 4, 8)) == rows


# Runs of test sets


def test_runs_of_other_peoples_sets_are_counted_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "runs.json"
    assert count_runs(file, ("intents", "arguments")) == {"intents": 1}
    assert count_runs(file, OTHERS) == {"assist_mini": 1, "intents": 2, "slurp_devel": 1}
    assert json.loads(file.read_text())["intents"] == 2
    file.write_text("[]")
    with pytest.raises(LocalError, match="JSON object"):
        count_runs(file, OTHERS)
    with pytest.raises(LocalError, match="cannot be kept"):
        count_runs(tmp_path / "absent" / "runs.json", OTHERS)


# Memory and speed


def test_memory_is_what_the_kernel_tells_and_shared_pages_count_once() -> None:
    one, kind = memory.kept_mb([os.getpid()])
    status = Path(f"/proc/{os.getpid()}/status").read_text()
    rss = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) * 1024 / 1e6
    assert kind in ("pss", "rss")
    assert 5 < one <= rss * 1.02
    assert memory.kept_mb([os.getpid()] * 2)[0] == pytest.approx(2 * one, rel=0.05)
    assert memory.kept_mb([2**22 + 1])[1] == "unknown"


SLOTS = (Slot("speed", "number", low=0, high=9), Slot("mode", "choice", ("calm", "wild")))
QUESTIONS = [Prompt("fan", "", (Option("do", "run", "run", "", SLOTS), Option("do", "halt", "halt"),
                               Option("do", f"zig_{number}", f"zig {number}")), f"run it at {number} and then {number}")
             for number in range(12)]


def test_both_speeds_and_their_ratio_come_of_the_same_questions() -> None:
    facts, figures = speed.measured(None, [*QUESTIONS, QUESTIONS[0]])
    assert (facts["questions"], facts["turns"]) == (12, 10)
    assert facts["tokens"] >= 1
    assert figures["tokens_per_s"] > 0 < figures["tokens_per_s.llama_cpp"]
    assert speed.measured(None, []) == ({"questions": 0, "tokens": 0}, {})


def test_sampled_tokens_are_those_at_which_there_was_a_choice() -> None:
    async def use() -> tuple[Completion, Completion]:
        async with Brain() as brain:
            options = (Option("do", "run", "run"), Option("do", "halt", "halt"))
            return (await brain.complete(Prompt("fan", "", options, "run", frozenset({0}), {}, True)),
                    await brain.complete(Prompt("fan", "", options, "run")))

    forced, free = asyncio.run(use())
    assert (forced.text, forced.sampled, forced.reading_ms) == ("do run\n", 0, 0.0)
    assert free.sampled >= 1
    assert 0 < free.reading_ms <= free.ms


# Sets of our own


@pytest.mark.parametrize("name", ["arguments", "paraphrase", "noisy", "languages"])
def test_every_set_of_our_own_goes_through_every_variant(name: str) -> None:
    variants = {"": Ours(Chooser("none")), "model_only": Ours(Chooser("none"), Parts(rules=False))}
    found = asyncio.run(own.measure(name, variants, 3))
    assert found
    for tallies in found.values():
        assert [tally.of for tally in tallies.values()] == [3, 3]


def test_a_limit_takes_always_the_same() -> None:
    assert own.some(range(100), 7) == own.some(range(100), 7)
    assert len(set(own.some(range(100), 7))) == 7
    assert own.some([1, 2], 7) == [1, 2]


def test_a_ranking_is_one_of_the_things_affordances_and_knows_what_it_cannot_serve() -> None:
    thing = heater(20)
    ranked, answerable = asyncio.run(ranking.ranked(None, thing, "descale the heater"))
    assert (ranked[0][0], answerable) == ("descale", True)
    assert not asyncio.run(ranking.ranked(None, thing, "who won the cup in 1966"))[1]
    described = asyncio.run(ranking.as_described(thing, "descale the heater"))[0]
    assert described[0][0] == "zork_0"
    assert {name for name, _ in ranked} == {name for name, _ in described}


# The command


def bench(*words: str) -> Mapping[str, Any]:
    app, _ = build()
    if "bench" not in {group.name for group in app.registered_groups}:
        register(app)
    done = CliRunner().invoke(app, ["bench", "language", "--json", *words])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_one_run_has_the_keys_of_the_table_for_our_own_sets() -> None:
    only = [word for name in OWN for word in ("--only", name)]
    found = bench(*only, "--limit", "4")
    for key in ("arguments.llmind", "arguments.extended", "retrieval.top1", "retrieval.top3", "retrieval.top5",
                "paraphrase", "noisy", "languages.de", "languages.fr", "languages.es"):
        low, high = found[f"{key}.interval"]
        assert 0 <= low <= found[key] <= high <= 100
    assert 0 <= found["retrieval.abstain_f1"] <= 1
    assert {"retrieval.top1.rules_only", "retrieval.top1.model_only", "retrieval.top1.no_retrieval"} <= set(found)
    assert found["rss_mb"] > 20
    assert found["weights_mb"] > 1
    assert set(found["decided"]) <= {"rules", "model", "larger", "network_percent"}
    assert "run_of_test_set" not in found
    assert list(found)[:2] == ["bench", "hardware"]
