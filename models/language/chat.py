"""The same question for a model that was not trained on our prompts: an instruction, a few examples, the question.

For a person's own GGUF (a chat or instruct model) and for servers that speak OpenAI's protocol. Options, grammar and
reading of the answer are those of prompt.py. Everything stands in user and assistant turns, because some templates
know no system turn; the examples come first and never change, so that they are computed once."""

from __future__ import annotations

from functools import lru_cache

from models.language.prompt import Choice, Option, Prompt, Slot, Value, answer_of

INSTRUCTION = """You translate one sentence for one device into its commands. You see the device's options, one a \
line, then the sentence after ">". Answer with one line of commands and nothing else.
do = act, set = give a value, get = only read it. Use get only for questions.
Write the first words of the option as they stand (up to a comma, a sign or a bracket); if it takes values, then a \
colon and the values in order, separated by commas:
- a number the sentence gives is marked #1, #2, ...: write its mark without the sign: 1
- +1 or -1: raised or lowered BY that number; + or - alone: a bit more, a bit less; ^ the most, v the least
- yes or no: y or n; a choice: the word; a text: the sign "; an optional argument not said: _
Several commands are joined by ;  If no option does what is asked, answer none."""

_BRIGHTNESS = Slot("brightness", "number", unit="percent", low=0, high=100)
_LIGHT = (Option("do", "turn_on", "turn on"), Option("do", "turn_off", "turn off"),
          Option("set", "brightness", "brightness", "", (_BRIGHTNESS,)),
          Option("set", "colour", "colour", "", (Slot("colour", "choice", ("red", "green", "blue")),)),
          Option("get", "on", "on"), Option("get", "brightness", "brightness"))
_EXAMPLES = (
    ("turn it off please", (Choice(1),)),
    ("dim it to 40 percent and make it red",
     (Choice(2, (Value("number", 0),)), Choice(3, (Value("choice", text="red"),)))),
    ("a bit brighter", (Choice(2, (Value("up"),)),)),
    ("make it 20 percent darker", (Choice(2, (Value("down", 0),)),)),
    ("how bright is it?", (Choice(5),)),
    ("play some music", ()),
)


@lru_cache(maxsize=1)
def _opening() -> tuple[dict[str, str], ...]:
    turns: list[dict[str, str]] = []
    for sentence, choices in _EXAMPLES:
        prompt = Prompt("light", "Lamp", _LIGHT, sentence)
        asked = prompt.suffix if turns else f"{INSTRUCTION}\n\n{prompt.prefix}{prompt.suffix}"
        turns.append({"role": "user", "content": asked})
        turns.append({"role": "assistant", "content": answer_of(_LIGHT, choices).strip("\n")})
    return tuple(turns)


def messages_of(prompt: Prompt) -> list[dict[str, str]]:
    """The turns of a chat that ask this question; the last one is the user's."""
    asked = f"Another device:\n{prompt.prefix}{prompt.suffix}"
    return [*_opening(), {"role": "user", "content": asked}]
