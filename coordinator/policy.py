"""What is allowed, after a sentence was understood and before anything leaves.

Rules: deny by default, rows of policy.toml allow; a step that could reach something risky makes the whole plan need
a yes, bound to the plan's hash; who is in doubt asks. The device has the last word: without a grant it does nothing
risky, whatever was thought here. It sees the plan only, never text that a device wrote as anything but a name."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Protocol

from firmware_py.core.errors import LocalError
from ontology.description import Thing, risky_verbs, words_of

ROUNDS = 200_000
# Words of affordance names that say nothing about what is done.
_EMPTY = frozenset(("set", "turn", "switch", "the", "a", "to", "make", "get", "state", "up", "and"))


class PolicyError(LocalError):
    """A policy that cannot be read."""


class Step(Protocol):
    """What policy needs to see of a planned step."""

    @property
    def id(self) -> str: ...
    @property
    def thing(self) -> Thing: ...
    @property
    def text(self) -> str: ...
    @property
    def guard(self) -> dict[str, Any] | None: ...
    @property
    def read(self) -> bool: ...


@dataclass(frozen=True)
class Verdict:
    """`refused`: step id -> one sentence; `doubts`: step id -> why it needs a yes (asked once for the whole plan)."""

    refused: dict[str, str]
    doubts: dict[str, str]


@dataclass(frozen=True)
class Allow:
    """One row: these clients may do this to these Things."""

    who: frozenset[str]
    may: frozenset[str]
    kinds: frozenset[str]
    rooms: frozenset[str]

    def covers(self, client: str, verb: str) -> bool:
        """Whether the row speaks of this client and verb."""
        return bool(self.who & {client, "*"}) and verb in self.may

    def covers_thing(self, thing: Thing) -> bool:
        """Whether the row speaks of this Thing."""
        return (bool(self.kinds & (_names(thing) | {"*"}))
                and bool(self.rooms & {(thing.room or "").lower(), "*"}))


@dataclass(frozen=True)
class Policy:
    """The rules of one site. `pin`: a PIN's hash as made by `hash_pin`, or None if no PIN is wanted."""

    allow: tuple[Allow, ...]
    confirm_kinds: frozenset[str]
    more_things_than: int
    steps_per_command: int
    open_commands_per_client: int
    rules_per_client: int
    clarifications_per_command: int
    wrong_pins_per_question: int
    deadline_s: float
    question_s: float
    pin: str | None = None

    @classmethod
    def read(cls, path: Path | None = None, *, pin: str | None = None) -> Policy:
        """Read a policy file (None: the shipped one), or PolicyError."""
        source = resources.files("coordinator").joinpath("policy.toml") if path is None else path
        try:
            table = tomllib.loads(source.read_text("utf-8"))
            rows = tuple(Allow(*(frozenset(str(word).lower() for word in row[name])
                                 for name in ("who", "may", "kinds", "rooms"))) for row in table.get("allow", ()))
            limits = table["limits"]
            return cls(
                rows, frozenset(map(str.lower, table["confirm"]["kinds"])), int(table["confirm"]["more_things_than"]),
                **{name: int(limits[name]) for name in (
                    "steps_per_command", "open_commands_per_client", "rules_per_client",
                    "clarifications_per_command", "wrong_pins_per_question")},
                deadline_s=float(table["seconds"]["deadline"]), question_s=float(table["seconds"]["question"]), pin=pin,
            )
        except KeyError as error:
            raise PolicyError(f"The policy {path} lacks {error}.") from None
        except (OSError, UnicodeError, tomllib.TOMLDecodeError, TypeError, ValueError, AttributeError) as error:
            raise PolicyError(f"The policy {path} cannot be read: {error}.") from None

    def may(self, client: str, verb: str) -> bool:
        """Whether any row lets this client do `verb` to anything."""
        return any(row.covers(client, verb) for row in self.allow)

    def judge(
        self, client: str, steps: Sequence[Step], *, strangers: bool, rules: int = 0, back: Collection[str] = ()
    ) -> Verdict:
        """Judge a plan. `strangers`: the broker lets anyone in; `rules`: how many the client has armed already; `back`:
        ids of steps that take an earlier one back, for which a device calls nothing risky."""
        refused: dict[str, str] = {}
        doubts: dict[str, str] = {}
        for number, step in enumerate(steps, 1):
            reason = self._refusal(client, step, strangers)
            if reason is None and number > self.steps_per_command:
                reason = f"One command may have at most {self.steps_per_command} steps."
            if reason is None and step.guard is not None:
                rules += 1
                if rules > self.rules_per_client:
                    reason = f"You have {self.rules_per_client} rules already; delete one first."
            if reason is not None:
                refused[step.id] = reason
            elif not step.read and (doubt := self._doubt(step, step.id in back)):
                doubts[step.id] = doubt
        allowed = [step for step in steps if step.id not in refused and not step.read]
        if self.moves_many(allowed):
            doubts.setdefault(allowed[0].id, f"This moves more than {self.more_things_than} Things.")
        return Verdict(refused, doubts)

    def moves_many(self, steps: Sequence[Step]) -> bool:
        """Whether steps are for so many Things that they need a yes for that alone."""
        return len({step.thing.id for step in steps if not step.read}) > self.more_things_than

    def _refusal(self, client: str, step: Step, strangers: bool) -> str | None:
        wanted = ["read" if step.read else "act"] + (["arm"] if step.guard is not None else [])
        for verb in wanted:
            if not any(row.covers(client, verb) and row.covers_thing(step.thing) for row in self.allow):
                deed = {"act": "move", "read": "read", "arm": "set rules for"}[verb]
                return f"You may not {deed} the {step.thing.title}."
        if strangers and step.thing.guarded and not step.read:
            return (f"The {step.thing.title} is not moved over a broker that lets strangers in; "
                    "start one with passwords by 'motewise broker'.")
        return None

    def _doubt(self, step: Step, back: bool) -> str | None:
        if self.confirm_kinds & _names(step.thing):
            return f"Moving the {step.thing.title} needs your yes."
        risky = not back and reaches_risk(step.thing, step.text)
        return f"This could {_risk_in_words(step.thing)}." if risky else None

    def accepts_pin(self, pin: str | None) -> bool:
        """Whether this PIN is the site's, or none is wanted."""
        if self.pin is None:
            return True
        try:
            _, rounds, salt, digest = self.pin.split("$")
            made = hashlib.pbkdf2_hmac("sha256", (pin or "").encode(), base64.b64decode(salt), int(rounds))
            return hmac.compare_digest(made, base64.b64decode(digest))
        except ValueError:
            raise PolicyError("The pin of the coordinator is not a hash; make one by 'motewise coordinator --hash-pin'."
                              ) from None


def hash_pin(pin: str) -> str:
    """What to put into the coordinator's file as `pin`."""
    salt = secrets.token_bytes(16)
    digest = hashlib.pbkdf2_hmac("sha256", pin.encode(), salt, ROUNDS)
    return f"pbkdf2-sha256${ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def reaches_risk(thing: Thing, sentence: str) -> bool:
    """Whether the sentence could make the Thing do something risky: yes, unless it plainly names a harmless action."""
    risky = [affordance for affordance in thing.affordances if affordance.risky]
    if not risky:
        return False
    bare = re.sub(rf"\b{re.escape(thing.title.lower())}\b", " ", sentence.lower())
    said = set(words_of(bare))
    dangerous = set(risky_verbs(thing))
    for affordance in risky:
        if affordance.op == "action":
            dangerous |= set(words_of(affordance.name)) | set(words_of(affordance.title))
    harmless = {word for affordance in thing.affordances if affordance.op == "action" and not affordance.risky
                for word in words_of(affordance.name)} - _EMPTY
    return bool(said & (dangerous - _EMPTY)) or not said & harmless


def _risk_in_words(thing: Thing) -> str:
    actions = [" ".join(words_of(affordance.name)) for affordance in thing.affordances
               if affordance.risky and affordance.op == "action"]
    return f"{' or '.join(actions[:3]) or 'move'} the {thing.title}"


def _names(thing: Thing) -> frozenset[str]:
    return frozenset(word for text in (*thing.kinds, thing.title) for word in words_of(text))
