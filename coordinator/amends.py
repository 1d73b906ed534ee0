"""What is left to do when a command is put right: which of its steps are taken back, which are stopped, which new ones
are done.

Rules: what was meant after all stays and is not done again; what is still to come is stopped; what was done is taken
back, unless the right order moves the same Thing anyway. Pure: it reads steps and sends nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coordinator.journal import HELD, WAITING, Step
from coordinator.plan import Plan
from coordinator.plan import Step as PlannedStep


@dataclass(frozen=True)
class Amends:
    """`back`: steps to take back; `stopping`: steps to cancel; `fresh`: planned steps to do."""

    back: tuple[Step, ...]
    stopping: tuple[Step, ...]
    fresh: tuple[PlannedStep, ...]


def amends(earlier: Sequence[Step], plan: Plan, undoing: bool) -> Amends:
    """What makes up for the steps `earlier`, where `plan` is what was meant, or nothing was (`undoing`). Where nothing
    could be made of what was meant, all stays as it is."""
    if not plan.steps and not undoing:
        return Amends((), (), ())
    known = {_aim(step.thing, step.text, step.guard) for step in earlier if step.state == "done" or not step.ended}
    meant = {_aim(step.thing.id, step.text, guard_of(step)) for step in plan.steps}
    moved = {step.thing.id for step in plan.steps if step.guard is None and not step.read}
    wrong = [step for step in earlier if _aim(step.thing, step.text, step.guard) not in meant]
    stopping = tuple(step for step in wrong if _to_come(step))
    back = tuple(step for step in wrong if not _to_come(step) and _has_effect(step) and (
        undoing or not (step.undo or step.thing in moved)))
    fresh = tuple(step for step in plan.steps if _aim(step.thing.id, step.text, guard_of(step)) not in known)
    return Amends(back, stopping, fresh or plan.steps)


def guard_of(planned: PlannedStep) -> dict[str, Any] | None:
    """The guard as the device gets it: `repeat` says that the rule stays armed after it fired."""
    return {**planned.guard, "repeat": True} if planned.guard is not None and planned.repeat else planned.guard


def _to_come(step: Step) -> bool:
    return not step.ended and (step.state in (HELD, WAITING) or step.guard is not None)


def _has_effect(step: Step) -> bool:
    """Whether a step has moved something, or is about to."""
    if step.read or step.notify:
        return False
    return not step.ended or step.state == "done" or bool((step.report or {}).get("calls"))


def _aim(thing: str, text: str, guard: Mapping[str, Any] | None) -> tuple[str, str, str]:
    """What a step is for, whichever command it belongs to."""
    return thing, text, json.dumps(guard, sort_keys=True)
