"""The coordinator's side of talking to people: one message in, replies out, everything journalled in between.

Rules: whoever is `accepted` gets exactly one `result`; a command of an id that was seen is answered with its stored
replies and acts no second time; a question has an id, choices and an expiry, and is answered by one JSON message; a yes
counts for exactly the plan that it names. It has no clock and no socket: messages and the time come in, `Outbox` takes
what goes out once the journal has it."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from coordinator import answer, denial, hearing, phrases
from coordinator.amends import amends, guard_of
from coordinator.corrections import Before
from coordinator.dispatch import Dispatch
from coordinator.hearing import Heard, Hearing, Understand
from coordinator.house import House
from coordinator.journal import HELD, Command, Journal, Lesson, Question, Step
from coordinator.memory import ALL, Draft, Memory, in_words
from coordinator.plan import Plan
from coordinator.plan import Step as PlannedStep
from coordinator.policy import Policy
from firmware_py.core import topics
from firmware_py.core.errors import MessageError, RemoteError
from firmware_py.core.messages import decode, encode, parse_command
from ontology.description import words_of
from ontology.registry import Registry, queries

log = logging.getLogger(__name__)

# A message without an id that the broker sends again is known by its bytes, for this long.
REPEATED_MS = 600_000
HISTORY = 50
# How much of what was learned is told at once.
TOLD_MAX = 8
PRUNE_EVERY_MS = 3_600_000
# Who guesses at the PIN gets no further with more questions.
WRONG_PINS = 10
WRONG_PINS_MS = 3_600_000


class Refused(RemoteError):
    """A message that gets one clear sentence back and changes nothing."""


@dataclass(frozen=True)
class Outgoing:
    """What leaves after the commit. `reply`: the number of the stored reply that this is, if it is one."""

    topic: str
    payload: bytes
    reply: int | None = None


@dataclass
class Outbox:
    """What one turn wants to send, in order."""

    site: str
    waiting: list[Outgoing] = field(default_factory=list)

    def send(self, topic: str, payload: bytes) -> None:
        """To a device."""
        self.waiting.append(Outgoing(topic, payload))

    def reply(self, client: str, fields: Mapping[str, Any], number: int | None = None) -> None:
        """To a person."""
        self.waiting.append(Outgoing(topics.reply(self.site, client), encode(dict(fields)), number))

    def take(self) -> list[Outgoing]:
        """Everything so far; the box is empty then."""
        taken, self.waiting = self.waiting, []
        return taken


class Conversation:
    """Everything said by clients goes through `heard`; what devices say reaches it through `step_changed`.

    `understand`: coordinator.plan.understand_command or its like; `zone`: the site's; `strangers`: the broker lets
    anyone in, so Things that keep people out are not moved."""

    def __init__(
        self, journal: Journal, registry: Registry, policy: Policy, outbox: Outbox, understand: Understand,
        zone: str, *, strangers: bool = False,
    ) -> None:
        self._journal = journal
        self._registry = registry
        self._policy = policy
        self._outbox = outbox
        self._memory = Memory(journal)
        self._hearing = Hearing(journal, self._memory, understand, zone)
        self.strangers = strangers
        self._house: House | None = None
        self._pruned_ms = 0
        self.dispatch = Dispatch(journal, outbox.site, policy.deadline_s, outbox.send, self.step_changed, self.ask_for)

    # -- what comes in --------------------------------------------------------------------------------------------

    def heard(self, client: str, payload: bytes, dup: bool, now_ms: int) -> None:
        """Take one message of a client. Refused with one sentence for what cannot be taken."""
        kind, fields = parse_command(payload)
        if kind == "query":
            self._query(client, fields)
        elif kind in ("confirm", "answer"):
            self._answered(client, kind, fields, now_ms)
        else:
            self._command(client, kind, fields, payload, dup, now_ms)

    def complain(self, client: str, payload: bytes, reason: str) -> None:
        """Reply `error` to a message that was not taken."""
        try:
            given = decode(payload).get("id")
        except MessageError:
            given = None
        self._outbox.reply(client, {"kind": "error", "id": given if isinstance(given, str) else "", "reason": reason})

    def house_changed(self) -> None:
        """A Thing came, changed or went."""
        self._house = None

    def recover(self, now_ms: int) -> None:
        """After a start: send what was said and not delivered, and go on with every open command."""
        for number, client, payload in self._journal.undelivered():
            self._outbox.waiting.append(Outgoing(topics.reply(self._outbox.site, client), payload.encode(), number))
        self.dispatch.recover(now_ms)
        for command in self._journal.open_commands():
            self._settle(command, now_ms)

    def tick(self, now_ms: int) -> None:
        """Time passed: questions expire, steps are sent again or judged, controls are given up."""
        for question in self._journal.open_questions():
            if question.expires_ms <= now_ms:
                self._journal.update(question, state="expired")
                self._give_up(question, "expired", "The question was not answered in time.", now_ms)
        self.dispatch.tick(now_ms)
        if not 0 <= now_ms - self._pruned_ms < PRUNE_EVERY_MS:
            self._pruned_ms = now_ms
            self._journal.prune()
        for command in self._journal.open_controls():
            if command.t_ms + self._policy.deadline_s * 1000 < now_ms:
                self._result(command, "unknown", "The device has not answered; it is told again when it returns.")

    # -- commands -------------------------------------------------------------------------------------------------

    def _command(
        self, client: str, kind: str, fields: Mapping[str, Any], payload: bytes, dup: bool, now_ms: int
    ) -> None:
        given, known = fields["id"], None
        if given is not None:
            known = self._journal.command_of(client, given)
        elif dup:
            known = self._journal.command_with(client, payload.decode(), now_ms - REPEATED_MS)
        if known is not None:
            for number, text in self._journal.replies_of(known.number):
                self._outbox.reply(client, json.loads(text), number)
            return
        if self._journal.open_commands_of(client) >= self._policy.open_commands_per_client:
            raise Refused(f"You have {self._policy.open_commands_per_client} commands that are not done yet; "
                          "wait for one, or cancel it.")
        targets = self._targets(client, fields[kind]) if kind not in ("text", "forget") else []
        lessons = self._lessons(client, fields[kind]) if kind == "forget" else []
        number = self._journal.next_number()
        command = self._journal.insert(Command(
            number, client, given or f"{self._journal.token}-{number}", kind, fields[kind], fields.get("room"), now_ms,
            payload=None if given is not None else payload.decode()))
        self._reply(command, {"kind": "accepted"})
        if kind == "text":
            self._heard(command, now_ms)
        elif kind == "forget":
            self._forget(command, lessons, fields[kind] == ALL)
        else:
            self._control(command, targets, now_ms)

    def _heard(self, command: Command, now_ms: int) -> None:
        """A sentence: "the left one" may answer what the client was asked last, though it came as a new command."""
        asked = [question for question in self._journal.open_questions() if question.client == command.client]
        texts = dict(asked[-1].choices) if asked and asked[-1].type == "clarify" else {}
        label = denial.chosen(command.text, list(texts), self.house) if texts else None
        if label is None:
            self._plan(command, command.text, now_ms)
            return
        earlier = self._journal.command(asked[-1].command)
        self._choose(earlier, command, texts[label], now_ms)
        self._journal.update(asked[-1], state="answered", answer=label)
        self._give_up(asked[-1], "cancelled", "You said which one in another command.", now_ms)

    def _choose(self, asked: Command, command: Command, chosen: str, now_ms: int) -> None:
        """The question of `asked` was answered: `command` goes on with what was chosen."""
        draft = self._hearing.answered(asked, chosen, self.house, now_ms)
        if draft is not None:
            self._memory.answered(draft, command.client, command.number, now_ms)
        self._plan(command, chosen, now_ms, asked)

    def _plan(self, command: Command, text: str, now_ms: int, instead_of: Command | None = None) -> None:
        try:
            heard = self._hearing.hear(command, text, self.house, now_ms, instead_of)
        except Exception:
            log.exception("understanding %r", text)
            self._result(command, "failed", "I could not make anything of that; please say it in other words.")
            return
        plan = heard.plan
        rejected = tuple({"text": refusal.text, "reason": refusal.reason} for refusal in plan.rejected)
        if heard.kind == hearing.TOLD:
            self._result(command, "ok", self._told())
        elif heard.kind == hearing.FORGET:
            about = self._memory.about(heard.hint, self.house)
            about = [lesson for lesson in about if self._may_forget(command.client, lesson)]
            self._forget(command, about, not heard.hint)
        elif heard.before is not None:
            self._correct(command, heard, heard.before, rejected, now_ms)
        elif plan.kind == "cancel":
            self._cancel_last(command, plan.hint, now_ms)
        elif plan.question is not None:
            self._clarify(command, plan, rejected, now_ms)
        else:
            self._judge(command, plan, rejected, now_ms)

    def _correct(
        self, command: Command, heard: Heard, before: Before, rejected: tuple[dict[str, str], ...], now_ms: int
    ) -> None:
        """Do what was meant, and take back what was not."""
        undoing, plan = heard.kind == hearing.UNDO, heard.plan
        made = amends(self._journal.steps_of(before.command), plan, undoing)
        if undoing and not made.back:
            if made.stopping:
                target = self._journal.command(before.command).id
                self._control(self._journal.update(command, kind="cancel", text=target), made.stopping, now_ms)
            else:
                self._result(command, "rejected", "There is nothing to take back.")
            return
        if made.stopping:
            self._close_questions(self._journal.command(before.command), now_ms)
        for step in made.stopping:
            current = self._journal.step(step.id)
            if current is not None and not current.ended:
                self.dispatch.stop(current, "cancel", now_ms)
        self._judge(command, replace(plan, steps=made.fresh), rejected, now_ms, made.back, heard.draft)

    def _clarify(
        self, command: Command, plan: Plan, rejected: tuple[dict[str, str], ...], now_ms: int
    ) -> None:
        assert plan.question is not None
        if command.clarified >= self._policy.clarifications_per_command:
            self._result(command, "rejected", "I still do not know which one you mean; please name it.")
            return
        command = self._journal.update(command, clarified=command.clarified + 1, rejected=rejected)
        choices = tuple((choice.label, choice.text) for choice in plan.question.choices)
        self._ask(command, "clarify", plan.question.text, choices, None, now_ms)

    def _judge(
        self, command: Command, plan: Plan, rejected: tuple[dict[str, str], ...], now_ms: int,
        back: Sequence[Step] = (), draft: Draft | None = None,
    ) -> None:
        """`back`: steps to take back besides; `draft`: what to learn if all of the plan is allowed and comes off."""
        undo: dict[str, str] = {}
        for number, step in enumerate(back, 1):
            known = self._registry.thing(step.thing)
            if known is None:
                rejected += ({"text": step.text, "reason": f"The {step.title} is gone, and stays as it is."},)
                continue
            undo[f"u{number}"] = step.id
            plan = replace(plan, steps=(*plan.steps, PlannedStep(
                f"u{number}", known, f"put the {known.title} back as it was before")))
        rules = sum(self._journal.command(rule.command).client == command.client for rule in self._journal.rules())
        verdict = self._policy.judge(command.client, plan.steps, strangers=self.strangers, rules=rules, back=undo)
        if draft is not None and not any(step.id in verdict.refused for step in plan.steps if step.id not in undo):
            self._memory.teach(draft, command.client, command.number, now_ms)
        plan_hash = plan.hash()
        command = self._journal.update(command, plan=plan_hash, rejected=rejected)
        steps = []
        for planned in plan.steps:
            refusal = verdict.refused.get(planned.id)
            thing = planned.thing
            steps.append(self._journal.insert(Step(
                id=f"{self._journal.token}-{command.number}-{planned.id}", command=command.number, name=planned.id,
                thing=thing.id, segment=thing.segment, host=thing.host or "", title=thing.title, text=planned.text,
                guard=guard_of(planned), after=tuple(planned.after), notify=planned.notify, read=planned.read,
                undo=undo.get(planned.id),
                state="rejected" if refusal else HELD if verdict.doubts else "waiting", ours=refusal is not None,
                report={"reason": refusal, "code": "not_allowed"} if refusal else None)))
        self._reply(command, {
            "kind": "plan", "steps": [_shown(step) for step in steps], "rejected": list(rejected),
            "needs_confirmation": bool(verdict.doubts), "hash": plan_hash})
        if verdict.doubts:
            doubts = " ".join(dict.fromkeys(verdict.doubts.values()))
            self._ask(command, "confirm", f"{doubts} Do it?", (("yes", "yes"), ("no", "no")), plan_hash, now_ms)
            return
        self.dispatch.release(command.number, now_ms)
        for step in steps:
            if step.state == "waiting" and self.dispatch.away(step.host):
                self._progress(command, step, state="waiting", reason=(
                    f"The {step.title} is away. It is told when it returns, within {self._policy.deadline_s:g} s."))
        self._settle(command, now_ms)

    @property
    def house(self) -> House:
        """The Things as the language side sees them."""
        if self._house is None:
            self._house = House(self._registry.things)
        return self._house

    # -- questions ------------------------------------------------------------------------------------------------

    def ask_for(self, step: Step, now_ms: int) -> None:
        """A device refused to do something risky without a yes: ask the person."""
        command = self._journal.command(step.command)
        if any(question.type == "confirm" for question in self._journal.open_questions(command.number)):
            return  # the same yes covers this step too
        self._ask(command, "confirm", f"The {step.title} wants your yes first: “{step.text}”. Do it?",
                  (("yes", "yes"), ("no", "no")), command.plan, now_ms)

    def _ask(
        self, command: Command, kind: str, text: str, choices: tuple[tuple[str, str], ...], plan: str | None,
        now_ms: int,
    ) -> None:
        question = self._journal.insert(Question(
            0, command.number, command.client, kind, text, choices, plan, now_ms + int(self._policy.question_s * 1000)))
        fields: dict[str, Any] = {
            "kind": "question", "question": question.id, "type": kind, "text": text,
            "choices": [label for label, _ in choices], "expires_ms": question.expires_ms}
        if plan is not None:
            fields["plan"] = plan
            fields["pin"] = self._policy.pin is not None
        self._reply(command, fields)

    def _answered(self, client: str, kind: str, fields: Mapping[str, Any], now_ms: int) -> None:
        number = fields["id"].removeprefix("q")
        question = self._journal.question(int(number)) if number.isascii() and number.isdigit() and len(
            number) < 16 else None
        if question is None or question.client != client:
            raise Refused(f"There is no question {fields['id']!r} for you.")
        said = fields[kind]
        if question.state == "answered" and question.answer == said:
            for stored, text in self._journal.replies_of(question.command):
                self._outbox.reply(client, json.loads(text), stored)
            return
        if question.state == "expired" or (question.state == "open" and question.expires_ms <= now_ms):
            raise Refused("The question has expired; give the order again.")
        if question.state != "open":
            raise Refused("The question was answered already.")
        if question.type == "clarify":
            self._clarified(question, said, now_ms)
        else:
            self._confirmed(question, kind, fields, now_ms)

    def _clarified(self, question: Question, said: str, now_ms: int) -> None:
        chosen = _choice(said, question.choices)
        if chosen is None:
            labels = ", ".join(f"{number} {label}" for number, (label, _) in enumerate(question.choices, 1))
            raise Refused(f"Answer with a number or a label: {labels}.")
        self._journal.update(question, state="answered", answer=said)
        command = self._journal.command(question.command)
        self._choose(command, command, chosen, now_ms)

    def _confirmed(self, question: Question, kind: str, fields: Mapping[str, Any], now_ms: int) -> None:
        said = fields[kind]
        if kind == "answer":
            if _choice(said, question.choices) != "no":
                raise Refused(f'Say yes to exactly this plan: {{"id": "{question.id}", "confirm": "{question.plan}"}}; '
                              'or "answer": "no".')
            self._journal.update(question, state="answered", answer=said)
            self._give_up(question, "cancelled", "You said no.", now_ms)
            return
        if said != question.plan:
            raise Refused("That is not the plan that was asked about; confirm the hash of the question.")
        if self._policy.pin is not None and self._journal.wrong_pins(
                question.client, now_ms - WRONG_PINS_MS) >= WRONG_PINS:
            raise Refused("The PIN was wrong too often; wait an hour.")
        if not self._policy.accepts_pin(fields.get("pin")):
            wrong = question.wrong + 1
            self._journal.update(question, wrong=wrong)
            if wrong >= self._policy.wrong_pins_per_question:
                self._journal.update(question, state="refused")
                self._give_up(question, "rejected", "The PIN was wrong too often.", now_ms)
                return
            # The count must outlive the refusal, so this one is a reply and not a raise.
            self._outbox.reply(question.client, {"kind": "error", "id": question.id, "reason": "The PIN is wrong."})
            return
        self._journal.update(question, state="answered", answer=said)
        for step in self._journal.steps_of(question.command):
            if step.state == HELD:
                self.dispatch.grant(step, said, now_ms)
        self._settle(self._journal.command(question.command), now_ms)

    def _give_up(self, question: Question, state: str, reason: str, now_ms: int) -> None:
        command = self._journal.command(question.command)
        steps = self._journal.steps_of(command.number)
        if not steps:
            self._result(command, state, reason)
            return
        for step in steps:
            if step.state == HELD:
                self.dispatch.end(step, state, reason, now_ms)
        self.dispatch.release(command.number, now_ms)
        self._settle(self._journal.command(command.number), now_ms)

    # -- cancel, pause, resume ------------------------------------------------------------------------------------

    def _targets(self, client: str, target: str) -> list[Step]:
        """The steps meant by a command's or a rule's id, or Refused."""
        command = self._journal.command_of(client, target)
        if command is not None:
            steps = self._journal.steps_of(command.number)
            if command.status is not None and all(step.ended for step in steps):
                raise Refused(f"The command {target!r} has ended already: {command.status}.")
            return steps
        step = self._journal.step(target)
        if step is None:
            raise Refused(f"There is no command of yours and no rule with the id {target!r}.")
        if self._journal.command(step.command).client != client and not self._policy.may(client, "manage"):
            raise Refused("That rule is not yours.")
        if step.ended:
            raise Refused(f"That has ended already: {step.state}.")
        return [step]

    def _control(self, control: Command, targets: Sequence[Step], now_ms: int) -> None:
        if control.kind == "cancel":
            meant = self._journal.command_of(control.client, control.text)
            if meant is not None:
                self._close_questions(meant, now_ms)
        open_steps = [step for step in targets if not step.ended]
        if control.kind != "cancel":
            open_steps = [step for step in open_steps if step.rule is not None]
            if not open_steps:
                self._result(control, "rejected", f"Only a rule that is armed can be {control.kind}d.")
                return
        for step in open_steps:
            current = self._journal.step(step.id)
            if current is not None and not current.ended:
                self.dispatch.stop(current, control.kind, now_ms)
        self._settle_controls(now_ms)

    def _close_questions(self, command: Command, now_ms: int) -> None:
        for question in self._journal.open_questions(command.number):
            self._journal.update(question, state="cancelled")
            self._give_up(question, "cancelled", "You cancelled it.", now_ms)

    def _cancel_last(self, command: Command, hint: Sequence[str], now_ms: int) -> None:
        """“Cancel that”, “cancel the hall lamp rule”: the client's last command that has not wholly ended and speaks
        of the words of `hint`."""
        for earlier in self._journal.recent_commands(command.client, HISTORY):
            if earlier.number == command.number or earlier.kind != "text":
                continue
            steps = self._journal.steps_of(earlier.number)
            spoken = words_of(" ".join([earlier.text, *(f"{step.title} {step.text}" for step in steps)]))
            if not {phrases.stem(word) for word in hint} <= {phrases.stem(word) for word in spoken}:
                continue
            if earlier.status is None or any(not step.ended for step in steps):
                control = self._journal.update(command, kind="cancel", text=earlier.id)
                self._control(control, steps, now_ms)
                return
        self._result(command, "rejected", "There is nothing to cancel.")

    def _settle_controls(self, now_ms: int) -> None:
        for control in self._journal.open_controls():
            meant = self._journal.command_of(control.client, control.text)
            step = self._journal.step(control.text)
            steps = self._journal.steps_of(meant.number) if meant else [step] if step else []
            if control.kind == "cancel":
                if all(step.ended for step in steps):
                    late = [step.title for step in steps if step.state == "done"]
                    words = "It is cancelled." if not late else f"Too late for the {' and the '.join(late)}."
                    done = not late or len(late) < len(steps)
                    self._result(control, "ok" if done else "rejected", words)
            elif all(step.ended or step.stopping is None for step in steps):
                self._result(control, "ok", f"The rule {'rests' if control.kind == 'pause' else 'is armed again'}.")

    # -- what devices say -----------------------------------------------------------------------------------------

    def step_changed(self, before: Step, after: Step, now_ms: int) -> None:
        """A step went on: tell its owner, and answer if it was the last."""
        command = self._journal.command(after.command)
        if after.state != before.state or after.rule != before.rule or after.report != before.report:
            self._progress(command, after)
        if command.status is not None:
            self._tell_owner(command, before, after)
        self._settle(command, now_ms)
        self._settle_controls(now_ms)

    def _tell_owner(self, command: Command, before: Step, after: Step) -> None:
        """What an owner must hear of a rule after the answer was given; kept until delivered."""
        fired = (after.rule or {}).get("fired", 0) > (before.rule or {}).get("fired", 0)
        if fired or (before.rule is not None and after.ended and not before.ended):
            self._notify(command, after, "fired" if fired or after.state == "done" else "ended",
                         answer.progress(after, self._registry.thing(after.thing)))
        was, now = (before.rule or {}).get("unknown"), (after.rule or {}).get("unknown")
        if now and not was:
            why = (after.report or {}).get("reason") or (now if isinstance(now, str) else "its source is silent")
            self._notify(command, after, "unknown",
                         f"The rule “{after.text}” of the {after.title} cannot be judged now: {why}")

    def _notify(self, command: Command, step: Step, event: str, text: str) -> None:
        self._reply(command, {"kind": "progress", "step": step.name, "thing": step.thing, "state": step.state,
                              "rule": step.id, "event": event, "text": text})

    def _progress(self, command: Command, step: Step, **more: Any) -> None:
        report = step.report or {}
        fields = {"kind": "progress", "id": command.id, "step": step.name, "subtask": step.id, "thing": step.thing,
                  "state": step.state, "attempt": step.attempt}
        for name in ("reason", "code", "calls", "reads", "ms", "t_ms"):
            if name in report:
                fields[name] = report[name]
        if "step" in report:
            fields["at"] = report["step"]
        if step.rule is not None:
            fields["rule"] = step.rule
        self._outbox.reply(command.client, {**fields, **more})

    def _settle(self, command: Command, now_ms: int) -> None:
        """Give the result once nothing is open, and again if a device's later word changes it."""
        if command.kind != "text" or self._journal.open_questions(command.number):
            return
        steps = self._journal.steps_of(command.number)
        if not all(step.settled for step in steps) or (command.plan is None and command.status is None):
            return
        status = answer.status(steps, command.rejected)
        if command.status is not None and (status == command.status or not self._corrected(command, steps)):
            return
        things = {thing.id: thing for thing in self._registry.things}
        learned = [in_words(lesson, self.house) for lesson in self._learned(command, status)]
        if learned or any(step.undo for step in steps):
            self._result(command, status, answer.corrected(command, steps, things, learned), steps)
        else:
            self._result(command, status, answer.words(command, steps, things), steps)

    def _learned(self, command: Command, status: str) -> list[Lesson]:
        """What a command has taught, now that it has come to this."""
        return self._memory.settle(command.number, status in ("ok", "partial")) if command.status is None else []

    def _corrected(self, command: Command, steps: Sequence[Step]) -> bool:
        """Whether the stored result speaks of a step otherwise than its device does now."""
        last = [json.loads(text) for _, text in self._journal.replies_of(command.number)]
        told: dict[str, Any] = next((reply for reply in reversed(last) if reply["kind"] == "result"), {})
        before = {step["subtask"]: step["state"] for step in told.get("steps", ())}
        return any(before.get(step.id) in ("expired", "unknown", "cancelled") and step.state != before[step.id]
                   for step in steps)

    def _result(self, command: Command, status: str, words: str, steps: Sequence[Step] = ()) -> None:
        fields = {"kind": "result", "status": status, "reply": words,
                  "steps": [{**_shown(step), "state": step.state, **_told(step)} for step in steps],
                  "rejected": list(command.rejected)}
        if command.status is not None:
            fields["corrects"] = command.status
        self._learned(command, status)
        self._reply(self._journal.update(command, status=status), fields)

    def _reply(self, command: Command, fields: dict[str, Any]) -> None:
        """A reply that is kept, delivered surely, and given again to a repeated command."""
        fields = {"kind": fields["kind"], "id": command.id, **fields}
        self._outbox.reply(command.client, fields, self._journal.keep_reply(command, fields))

    # -- questions to us ------------------------------------------------------------------------------------------

    def _told(self) -> str:
        lessons = [in_words(lesson, self.house) for lesson in self._memory.all() if lesson.state == "learned"]
        shown, more = lessons[-TOLD_MAX:], len(lessons) - TOLD_MAX
        rest = f", and {more} more; 'motewise memory' lists them" if more > 0 else ""
        return f"I have learned that {'; that '.join(shown)}{rest}." if lessons else "I have learned nothing yet."

    def _lessons(self, client: str, target: str) -> list[Lesson]:
        """The lessons that a client may forget, or Refused."""
        found = self._memory.find(target)
        if not found and target != ALL:
            raise Refused(f"There is no memory {target!r}; 'motewise memory' lists them.")
        mine = [lesson for lesson in found if self._may_forget(client, lesson)]
        if found and not mine:
            raise Refused("Others taught me that.")
        return mine

    def _may_forget(self, client: str, lesson: Lesson) -> bool:
        return lesson.client == client or self._policy.may(client, "manage")

    def _forget(self, command: Command, lessons: Sequence[Lesson], everything: bool) -> None:
        words = [in_words(lesson, self.house) for lesson in lessons]
        self._memory.forget(lessons)
        if everything:
            self._result(command, "ok", f"I have forgotten all that I learned ({len(words)}).")
        elif words:
            self._result(command, "ok", f"I have forgotten that {'; that '.join(words)}.")
        else:
            self._result(command, "rejected", "I have learned nothing of that.")

    def _query(self, client: str, fields: Mapping[str, Any]) -> None:
        if not self._policy.may(client, "query"):
            raise Refused("You may not ask that.")
        name, params = fields["query"], fields["params"] or {}
        own = {"rules": self._rules, "refused": self._refused, "commands": self._commands, "memory": self._lessons_told}
        if name in own:
            rows = own[name](client)
        elif name in queries():
            rows = self._registry.select(name, params)
            for row in rows:
                thing = self._registry.thing(row.get("id", ""))
                if thing is not None and "title" in row:
                    row["kinds"] = list(thing.kinds)
        else:
            raise Refused(f"There is no question {name!r}; there are: {', '.join(sorted({*own, *queries()}))}.")
        self._outbox.reply(client, {"kind": "rows", "id": fields["id"] or "", "query": name, "rows": rows})

    def _rules(self, client: str) -> list[dict[str, Any]]:
        things = {thing.id: thing for thing in self._registry.things}
        rows = []
        for step in self._journal.rules():
            owner = self._journal.command(step.command)
            facts = step.rule or {}
            rows.append({
                "id": step.id, "owner": owner.client, "command": owner.id, "said": owner.text, "thing": step.thing,
                "title": step.title, "host": step.host, "text": step.text, "guard": step.guard,
                "when": answer.guard_in_words(step.guard or {}, things) if step.guard else "", "state": step.state,
                "paused": bool(facts.get("paused")), "fired": facts.get("fired", 0),
                "last_fired_ms": facts.get("last_fired_ms"), "unknown": facts.get("unknown") or None,
                "conflicts": list(facts.get("conflicts") or ()), "notify": step.notify, "stopping": step.stopping,
                "calls": (step.report or {}).get("calls") or []})
        return rows

    def _lessons_told(self, client: str) -> list[dict[str, Any]]:
        return self._memory.rows(self.house)

    def _refused(self, client: str) -> list[dict[str, Any]]:
        return [{"host": refusal.host, "thing": refusal.thing, "reason": refusal.reason}
                for refusal in self._registry.refused.values()]

    def _commands(self, client: str) -> list[dict[str, Any]]:
        return [{"id": command.id, "text": command.text, "kind": command.kind, "status": command.status or "open",
                 "t_ms": command.t_ms} for command in self._journal.recent_commands(client, HISTORY)]


def _shown(step: Step) -> dict[str, Any]:
    return {"id": step.name, "subtask": step.id, "thing": step.thing, "host": step.host, "text": step.text,
            "guard": step.guard, "after": list(step.after)}


def _told(step: Step) -> dict[str, Any]:
    report = step.report or {}
    return {name: report[name] for name in ("reason", "code", "calls", "reads") if name in report}


def _choice(said: str, choices: Sequence[tuple[str, str]]) -> str | None:
    """What a typed answer means: a number from 1, or a label in any case."""
    said = said.strip().casefold()
    if said.isascii() and said.isdigit():
        return choices[int(said) - 1][1] if 1 <= int(said[:9]) <= len(choices) else None
    return next((meaning for label, meaning in choices if label.casefold() == said), None)
