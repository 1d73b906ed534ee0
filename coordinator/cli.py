"""Commands of the coordinator: `coordinator`, `ask`, `things`, `rules`, `memory`, `query`.

All but the first are clients on the wire like any other. Results go to stdout; exit status 0 only for success."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import json
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from coordinator.client import Client, NoAnswer
from coordinator.memory import ALL
from coordinator.policy import hash_pin
from coordinator.service import Config, ConfigError, run
from firmware_py.core.errors import RemoteError
from firmware_py.host import settings
from firmware_py.host.cli import BrokerOption, JsonOption, PasswordFileOption, SiteOption, UserOption
from firmware_py.host.settings import Settings
from ontology import home_assistant

ANSWER_TIMEOUT_S = 10.0
DIRECTORY = Path("~/.local/share/motewise/coordinator")

TimeoutOption = Annotated[float, typer.Option("--timeout", help="Seconds to wait for the coordinator to answer.")]


def register(app: typer.Typer) -> None:
    """Add this package's commands."""
    app.command("coordinator")(coordinator)
    app.command("ask")(ask)
    listing = typer.Typer(help="List the Things of the house, or make Things of another house.")
    listing.callback(invoke_without_command=True)(things)
    imports = typer.Typer(help="Make Thing Descriptions of the devices of another system.", no_args_is_help=True)
    imports.command("home-assistant")(import_home_assistant)
    listing.add_typer(imports, name="import")
    app.add_typer(listing, name="things")
    app.command("rules")(rules)
    app.command("memory")(memory)
    app.command("query")(query)


def coordinator(
    config: Annotated[Path | None, typer.Argument(help="A file with a table [coordinator].")] = None,
    broker: BrokerOption = None,
    site: SiteOption = None,
    password_file: PasswordFileOption = None,
    zone: Annotated[str | None, typer.Option(help="Time zone of the site, like Europe/Berlin.")] = None,
    directory: Annotated[Path, typer.Option(help="Where journal and registry are kept, without a file.")] = DIRECTORY,
    make_pin: Annotated[bool, typer.Option("--hash-pin", help="Ask for a PIN; print its line for the file.")] = False,
) -> None:
    """Plan, check, journal and dispatch what people say, for one site."""
    if make_pin:
        pin = typer.prompt("PIN", hide_input=True, confirmation_prompt=True)
        typer.echo(f'pin = "{hash_pin(pin)}"')
        return
    if config is not None:
        chosen = Config.read(config)
    else:
        home = directory.expanduser()
        named = settings.resolve(broker, site, "coordinator", password_file)
        chosen = Config(home / "journal.db", site=named.site, broker=named.broker, password=named.password)
    if config is not None and (broker is not None or site is not None):
        raise ConfigError("Give either a file or options, not both.")
    if password_file is not None:
        chosen = replace(chosen, password=settings.read_password(password_file))
    if zone is not None:
        chosen = replace(chosen, zone=settings.check_zone(zone))
    asyncio.run(_until_signal(chosen))


async def _until_signal(config: Config) -> None:
    task = asyncio.ensure_future(run(config, ready=lambda: typer.echo(
        f"The coordinator of '{config.site}' serves at {config.broker}; journal: {config.journal}. Ctrl-C stops it.")))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


def ask(
    text: Annotated[list[str], typer.Argument(help="What you want, in plain words.")],
    room: Annotated[str | None, typer.Option(help="The room you are in.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Say yes to the plan without being asked.")] = False,
    pin: Annotated[str | None, typer.Option(help="The PIN, if the site wants one with a yes.")] = None,
    timeout_s: TimeoutOption = ANSWER_TIMEOUT_S,
    as_json: JsonOption = False,
    broker: BrokerOption = None,
    site: SiteOption = None,
    user: UserOption = None,
    password_file: PasswordFileOption = None,
) -> None:
    """Say something to the house, and hear what came of it."""
    who = settings.resolve(broker, site, user, password_file)
    asking = _Asking(" ".join(text), room, yes, pin, as_json, timeout_s)
    raise typer.Exit(0 if asyncio.run(asking.go(who)) == "ok" else 1)


class _Asking:
    """One `motewise ask`: the status of its result."""

    def __init__(
        self, text: str, room: str | None, yes: bool, pin: str | None, as_json: bool, timeout_s: float
    ) -> None:
        self._fields = {"text": text, **({"room": room} if room else {})}
        self._yes, self._pin, self._json, self._timeout_s = yes, pin, as_json, timeout_s
        self._console = Console(stderr=False, highlight=False)

    async def go(self, who: Settings) -> str:
        """Ask, answer what is asked back, and return the result's status."""
        async with Client(who) as client:
            order = await client.send(**self._fields)
            replies, accepted, question = client.replies(), False, dict[str, Any]()
            while True:
                try:
                    async with asyncio.timeout(None if accepted else self._timeout_s):
                        reply = await anext(replies)
                except TimeoutError:
                    raise NoAnswer("The coordinator does not answer; is it running? Start it with "
                                   "'motewise coordinator'.") from None
                about_answer = bool(question) and reply.get("id") == question["question"]
                if reply.get("id") != order and not about_answer:
                    continue
                if self._json:
                    typer.echo(json.dumps(reply))
                accepted = accepted or reply["kind"] in ("accepted", "error")
                if reply["kind"] == "question":
                    question = reply
                    await self._answer(client, question)
                elif reply["kind"] == "error":
                    if not self._json:
                        self._console.print(_clean(reply["reason"]), markup=False)
                    if not about_answer or not sys.stdin.isatty():
                        return "error"
                    await self._answer(client, question)
                elif reply["kind"] == "result":
                    if not self._json:
                        self._console.print(_clean(reply["reply"]), markup=False)
                    return str(reply["status"])
                elif not self._json:
                    self._show(reply)

    def _show(self, reply: Mapping[str, Any]) -> None:
        if reply["kind"] == "plan" and len(reply["steps"]) > 0:
            for step in reply["steps"]:
                thing = str(step["thing"]).rpartition(":")[2]
                waits = "  (waits for its moment)" if step.get("guard") else ""
                self._console.print(_clean(f"  {step['id']:>3}  {thing}: {step['text']}{waits}"), style="dim",
                                    markup=False)
        elif reply["kind"] == "progress" and reply["state"] == "waiting":
            self._console.print(_clean(f"  {reply['reason']}"), style="dim", markup=False)

    async def _answer(self, client: Client, question: Mapping[str, Any]) -> None:
        confirm = question["type"] == "confirm"
        if confirm and self._yes:
            await self._confirm(client, question, self._pin)
            return
        if not sys.stdin.isatty():
            raise RemoteError(_clean(f"The house asks: {question['text']} Answer with " + (
                "--yes." if confirm else f"one of: {', '.join(question['choices'])}.")))
        choices = "  ".join(f"{number} {choice}" for number, choice in enumerate(question["choices"], 1))
        said = (await asyncio.to_thread(input, _clean(f"{question['text']}\n  {choices}\n> "))).strip()
        if confirm and said.casefold() in ("1", "y", "yes"):
            pin = self._pin
            if question.get("pin") and pin is None:
                pin = await asyncio.to_thread(typer.prompt, "PIN", hide_input=True)
            await self._confirm(client, question, pin)
        else:
            await client.send(id=question["question"], answer="no" if confirm else said)

    async def _confirm(self, client: Client, question: Mapping[str, Any], pin: str | None) -> None:
        more = {"pin": pin} if pin is not None else {}
        await client.send(id=question["question"], confirm=question["plan"], **more)


async def _rows(who: Settings, name: str, params: Mapping[str, str], timeout_s: float) -> list[dict[str, Any]]:
    reply = await _once(who, timeout_s, query=name, params=dict(params))
    rows: list[dict[str, Any]] = reply["rows"]
    return rows


async def _once(who: Settings, timeout_s: float, **fields: Any) -> dict[str, Any]:
    """Send one message and return the reply that ends it: rows or result; RemoteError for an error."""
    async with Client(who) as client:
        order = await client.send(**fields)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                async for reply in client.replies(order):
                    if reply["kind"] == "error":
                        raise RemoteError(reply["reason"])
                    if reply["kind"] in ("rows", "result"):
                        return reply
    raise NoAnswer("The coordinator does not answer; is it running? Start it with 'motewise coordinator'.")


def things(
    context: typer.Context,
    room: Annotated[str | None, typer.Option(help="Only in this room.")] = None,
    floor: Annotated[str | None, typer.Option(help="Only on this floor.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only of this kind, like Light.")] = None,
    can: Annotated[str | None, typer.Option(help="Only with this action or property.")] = None,
    timeout_s: TimeoutOption = ANSWER_TIMEOUT_S,
    as_json: JsonOption = False,
    broker: BrokerOption = None,
    site: SiteOption = None,
    user: UserOption = None,
    password_file: PasswordFileOption = None,
) -> None:
    """List the Things of the house, and the descriptions that were refused."""
    if context.invoked_subcommand is not None:
        return
    who = settings.resolve(broker, site, user, password_file)
    questions = {"things_in_room": ("room", room), "things_on_floor": ("floor", floor),
                 "things_of_kind": ("kind", kind), "things_that_can": ("capability", can)}
    asked = [(name, {key: value}) for name, (key, value) in questions.items() if value is not None]
    answers = [asyncio.run(_rows(who, name, params, timeout_s)) for name, params in asked or [("things", {})]]
    common = set.intersection(*({row["id"] for row in rows} for rows in answers))
    rows = [row for row in answers[0] if row["id"] in common]
    refused = asyncio.run(_rows(who, "refused", {}, timeout_s))
    if as_json:
        _print_json(rows)
        return
    _print_table(("Thing", "kind", "room", "floor", "host", "state"), [
        (row["title"], ", ".join(row.get("kinds", ())), row.get("in_room", ""), row.get("on_floor", ""), row["host"],
         row.get("state", "")) for row in rows], "There are no such Things.")
    for row in refused:
        typer.echo(_clean(f"Refused: {row['host']}/{row['thing']}: {row['reason']}"), err=True)


def import_home_assistant(
    file: Annotated[Path, typer.Argument(help="A fixture file (YAML), saved states (JSON) or the folder .storage.")],
    state_out: Annotated[Path | None, typer.Option(help="Write what is now, for 'motewise plan --state'.")] = None,
) -> None:
    """Print the entities of a Home Assistant house as a JSON array of Thing Descriptions."""
    home = home_assistant.read_home(file)
    if state_out is not None:
        try:
            state_out.write_text(json.dumps(home_assistant.state_of(home), indent=1) + "\n", "utf-8")
        except OSError as error:
            raise home_assistant.HomeError(f"The file {state_out} cannot be written: {error.strerror}.") from None
    typer.echo(json.dumps(home_assistant.things_of(home), indent=1, ensure_ascii=False))


def rules(
    action: Annotated[str, typer.Argument(help="list, explain, pause, resume or delete.")] = "list",
    rule: Annotated[str | None, typer.Argument(help="The rule's id, as listed.")] = None,
    timeout_s: TimeoutOption = ANSWER_TIMEOUT_S,
    as_json: JsonOption = False,
    broker: BrokerOption = None,
    site: SiteOption = None,
    user: UserOption = None,
    password_file: PasswordFileOption = None,
) -> None:
    """List, explain, pause, resume or delete the rules that devices keep armed."""
    who = settings.resolve(broker, site, user, password_file)
    words = {"pause": "pause", "resume": "resume", "delete": "cancel"}
    if action not in ("list", "explain", *words):
        raise typer.BadParameter("Say list, explain, pause, resume or delete.")
    if action != "list" and rule is None:
        raise typer.BadParameter(f"Say which rule to {action}: motewise rules {action} ID.")
    if action in words:
        reply = asyncio.run(_once(who, timeout_s, **{words[action]: rule}))
        typer.echo(json.dumps(reply) if as_json else reply["reply"])
        raise typer.Exit(0 if reply["status"] == "ok" else 1)
    rows = [row for row in asyncio.run(_rows(who, "rules", {}, timeout_s)) if rule in (None, row["id"])]
    if action == "explain" and not rows:
        raise RemoteError(f"There is no rule {rule!r}.")
    if as_json:
        _print_json(rows)
    elif action == "explain":
        for row in rows:
            typer.echo(_clean(_explained(row)))
    else:
        _print_table(("id", "Thing", "does", "when", "owner", "state", "fired", "last"), [
            (row["id"], row["title"], row["text"], row["when"], row["owner"], _rule_state(row), str(row["fired"]),
             _moment(row["last_fired_ms"])) for row in rows], "There are no rules.")


def memory(
    action: Annotated[str, typer.Argument(help="list or forget.")] = "list",
    lesson: Annotated[str | None, typer.Argument(help="What to forget: its id, as listed.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Forget everything.")] = False,
    timeout_s: TimeoutOption = ANSWER_TIMEOUT_S,
    as_json: JsonOption = False,
    broker: BrokerOption = None,
    site: SiteOption = None,
    user: UserOption = None,
    password_file: PasswordFileOption = None,
) -> None:
    """List what the house has learned from corrections, or forget it."""
    who = settings.resolve(broker, site, user, password_file)
    if action not in ("list", "forget"):
        raise typer.BadParameter("Say list or forget.")
    if (action == "forget") != ((lesson is not None) != everything) or (action == "list" and (lesson or everything)):
        raise typer.BadParameter("Say which to forget, or all of it: motewise memory forget ID, or --all.")
    if action == "forget":
        reply = asyncio.run(_once(who, timeout_s, forget=ALL if everything else lesson))
        typer.echo(json.dumps(reply) if as_json else _clean(reply["reply"]))
        raise typer.Exit(0 if reply["status"] == "ok" else 1)
    rows = asyncio.run(_rows(who, "memory", {}, timeout_s))
    if as_json:
        _print_json(rows)
        return
    _print_table(("id", "said", "in", "means", "owner", "state"), [
        (row["id"], row["said"], {"*": "every room", "": "no room"}.get(row["room"], row["room"]), row["means"],
         row["owner"], row["problem"] or {"heard": "heard once, not used yet"}.get(row["state"], row["state"]))
        for row in rows], "Nothing was learned.")


def query(
    name: Annotated[str, typer.Argument(help="Name of the question, like things_in_room; a wrong one lists them all.")],
    param: Annotated[list[str] | None, typer.Option(help="A parameter, as key=value; repeatable.")] = None,
    timeout_s: TimeoutOption = ANSWER_TIMEOUT_S,
    as_json: JsonOption = False,
    broker: BrokerOption = None,
    site: SiteOption = None,
    user: UserOption = None,
    password_file: PasswordFileOption = None,
) -> None:
    """Ask the registry or the journal a named question."""
    params = {}
    for pair in param or ():
        key, equals, value = pair.partition("=")
        if not equals:
            raise typer.BadParameter(f"Write a parameter as key=value, not {pair!r}.")
        params[key] = value
    rows = asyncio.run(_rows(settings.resolve(broker, site, user, password_file), name, params, timeout_s))
    if as_json:
        _print_json(rows)
        return
    columns = tuple(dict.fromkeys(key for row in rows for key in row))
    _print_table(columns, [tuple(_cell(row.get(key)) for key in columns) for row in rows], "No rows.")


def _print_json(rows: Sequence[Mapping[str, Any]]) -> None:
    for row in rows:
        typer.echo(json.dumps(row))


def _print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], nothing: str) -> None:
    if not rows:
        typer.echo(nothing)
        return
    table = Table(box=None, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_clean(cell).replace("[", "\\[") for cell in row))
    console = Console(highlight=False)
    console.print(table, width=None if console.is_terminal else 200)


def _clean(text: str) -> str:
    """What others wrote, as a terminal may have it: nothing in it moves the cursor or changes colours."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _rule_state(row: Mapping[str, Any]) -> str:
    if row["paused"]:
        return "paused"
    return f"unknown: {_cell(row['unknown'])}" if row["unknown"] else str(row["state"])


def _moment(t_ms: int | None) -> str:
    if not t_ms:
        return "never"
    return datetime.datetime.fromtimestamp(t_ms / 1000).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _explained(row: Mapping[str, Any]) -> str:
    lines = [f"{row['owner']} said: “{row['said']}”.",
             f"The {row['title']} keeps it by itself: {row['text']}; condition: {row['when']}.",
             f"It is {_rule_state(row)}, has fired {row['fired']} times, last: {_moment(row['last_fired_ms'])}."]
    if row["conflicts"]:
        lines.append(f"It contradicts: {', '.join(map(_cell, row['conflicts']))}.")
    if row["calls"]:
        lines.append(f"What it does: {json.dumps(row['calls'])}.")
    return "\n".join(lines)
