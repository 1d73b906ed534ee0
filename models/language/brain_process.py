"""`python -m models.language.brain_process MODEL.gguf [THREADS]`: the process in which the language model lives.

JSON lines: the first one out tells what was loaded or why not; then one line in, one line out: {"do": "complete",
"parts" | "messages", "grammar"} or {"do": "embed", "texts"}. Logs go to stderr. It ends when its stdin closes. Apart
from the agent, so that a crash of llama.cpp costs one question and no device."""

from __future__ import annotations

import base64
import gc
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, TextIO

from firmware_py.core.errors import MotewiseError


def main() -> int:
    """Serve until stdin closes; 0 then, 1 if the model cannot be loaded."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the agent, which then closes our stdin
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints is a log
    path, threads = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2
    try:
        from models.language.engine import Engine  # noqa: PLC0415 (its library may be missing: told as a sentence)

        engine = Engine(path, threads)
    except ImportError as error:
        _say(answers, {"error": f"The model needs llama-cpp-python: pip install 'motewise[agent]' ({error})."})
        return 1
    except MotewiseError as error:
        _say(answers, {"error": str(error)})
        return 1
    gc.freeze()  # what was loaded stays: no answer waits for it to be looked through
    _say(answers, {"ready": engine.name, "ours": engine.ours})
    for line in sys.stdin:
        try:
            reply = _reply(engine, json.loads(line))
        except MotewiseError as error:
            reply = {"error": str(error)}
        except (ValueError, KeyError, TypeError) as error:
            reply = {"error": f"The model process was asked something that it does not know: {error!r}."}
        _say(answers, reply)
    return 0


def _reply(engine: Any, asked: dict[str, Any]) -> dict[str, Any]:
    if asked["do"] == "complete":
        parts = [engine.chat(asked["messages"])] if "messages" in asked else asked["parts"]
        answer = engine.answer(parts, asked["grammar"])
        return {"text": answer.text, "confidence": answer.confidence, "ms": answer.ms, "tokens": answer.tokens,
                "sampled": answer.sampled, "reading_ms": answer.reading_ms}
    if asked["do"] == "embed":
        rows = engine.embed(asked["texts"])
        return {"width": rows.shape[1], "rows": base64.b64encode(rows.astype("<f4").tobytes()).decode()}
    raise ValueError(asked["do"])


def _say(answers: TextIO, fields: dict[str, Any]) -> None:
    answers.write(json.dumps(fields) + "\n")
    answers.flush()


if __name__ == "__main__":
    sys.exit(main())
