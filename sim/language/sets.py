"""Where other people's test sets are: paths, public sources, how often each was run, and which kinds there are."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from firmware_py.core.errors import LocalError

OTHERS = ("assist_mini", "intents", "slurp_devel")
OWN = ("arguments", "retrieval", "paraphrase", "noisy", "languages")
SETS = (*OTHERS, *OWN)
_DATASETS = "github.com/allenporter/home-assistant-datasets, folder datasets"
SOURCES = {
    "assist_mini": f"{_DATASETS}/assist-mini (Apache-2.0)",
    "intents": f"{_DATASETS}/intents (Apache-2.0)",
    "slurp_devel": "github.com/pswietojanski/slurp, dataset/slurp/devel.jsonl (CC BY 4.0)",
}


class NoData(LocalError):
    """There is nothing to measure; one sentence."""


@dataclass(frozen=True)
class Sets:
    """Where other people's sets are."""

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
        """The paths of a set that do not exist; our own are always there."""
        paths = {"assist_mini": [self.assist_mini], "intents": [self.intents],
                 "slurp_devel": [self.slurp, self.slurp_all]}
        return [path for path in paths.get(name, ()) if not path.exists()]


def count_runs(file: Path, names: Iterable[str]) -> dict[str, int]:
    """Count one run more of each of other people's sets in a JSON file {set: runs}; the counts. LocalError if it is
    something else."""
    try:
        counts = json.loads(file.read_text("utf-8")) if file.exists() else {}
        counts.update({name: int(counts.get(name, 0)) + 1 for name in names if name in OTHERS})
        file.write_text(json.dumps(counts) + "\n", "utf-8")
    except OSError as error:
        raise LocalError(f"The counts of runs {file} cannot be kept: {error.strerror}.") from None
    except (ValueError, TypeError, AttributeError):
        raise LocalError(f"The counts of runs {file} must be a JSON object of numbers.") from None
    return {name: counts[name] for name in OTHERS if name in counts}
