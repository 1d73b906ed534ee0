"""`motewise agent` and what doctor looks at on a host."""

import asyncio
import shlex
from pathlib import Path

import pytest
from small_host import by_heart
from typer.testing import CliRunner

from device_agent import checks, cli, unit
from firmware_py.core.errors import MotewiseError
from firmware_py.host.cli import build
from firmware_py.host.settings import Settings
from models.language.brain import BrainError

LAMP = '[[thing]]\nid = "urn:motewise:lamp"\ntitle = "Lamp"\ndriver = "device_agent.drivers.simulated:Light"\n'
SETTINGS = Settings("mqtt://127.0.0.1:1", "home", None, None)


class Mind:
    """In place of the language model."""

    name = "by heart"

    def __init__(self, *_):
        pass

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        pass


async def understood(thing, text, present, brain, larger=None):
    return by_heart(text.replace(" the lamp", ""), present)


@pytest.fixture
def things(tmp_path, monkeypatch):
    """A things.toml, and a mind that knows sentences by heart."""
    for module in (cli, checks):
        monkeypatch.setattr(module, "Brain", Mind)
        monkeypatch.setattr(module, "understand", understood)
    path = tmp_path / "things.toml"
    path.write_text('[host]\nname = "hall-pi"\n' + LAMP)
    monkeypatch.setenv("MOTEWISE_THINGS", str(path))
    return path


def invoke(*words):
    return CliRunner().invoke(build()[0], ["agent", *map(str, words)])


def findings(check):
    async def collect():
        return [finding async for finding in check(SETTINGS)]

    return asyncio.run(collect())


def test_sentence_is_drawn_as_a_state_machine(things):
    drawn = invoke(things, "--draw", "turn on the lamp")
    assert drawn.exit_code == 0, drawn.output
    assert "stateDiagram-v2" in drawn.stdout
    assert "do1_turn_on --> rest_do1_turn_on: error" in drawn.stdout


def test_sentence_that_is_not_understood_is_not_drawn(things):
    found = invoke(things, "--draw", "dance")
    assert isinstance(found.exception, MotewiseError)
    assert "stateDiagram" not in found.output


def test_one_of_several_things_must_be_named(things):
    things.write_text(things.read_text() + LAMP.replace(":lamp", ":lamp2"))
    assert "lamp, lamp2" in str(invoke(things, "--draw", "turn on").exception)
    assert invoke(things, "--draw", "turn on", "--thing", "lamp2").exit_code == 0


@pytest.mark.parametrize("words", [["--print"], ["--thing", "lamp"]])
def test_options_that_need_another_say_so(things, words):
    assert "together" in str(invoke(things, *words).exception)


@pytest.mark.parametrize(("words", "reason"), [
    (["--model", "m.gguf", "--model-url", "http://x"], "not both"),
    (["--service", "--model", "m.gguf"], "things.toml"),
])
def test_model_is_named_once_and_in_the_file_for_a_service(things, words, reason):
    assert reason in str(invoke(things, *words).exception)


def test_model_of_the_command_line_is_taken(things, monkeypatch):
    taken = []
    monkeypatch.setattr(cli, "Brain", lambda *words: taken.append(words) or Mind())
    assert invoke(things, "--draw", "turn on the lamp", "--model", "m.gguf").exit_code == 0
    assert taken == [(Path("m.gguf"), None)]


def test_unit_is_printed(things):
    printed = invoke(things, "--service", "--print")
    assert printed.exit_code == 0
    [start] = [line for line in printed.stdout.splitlines() if line.startswith("ExecStart=")]
    assert shlex.split(start.removeprefix("ExecStart="))[1:] == [
        "-P", "-m", "firmware_py.host.cli", "agent", str(things)]
    assert "Restart=always" in printed.stdout


def test_where_there_is_no_systemd_nothing_is_installed(things, monkeypatch, tmp_path):
    monkeypatch.setattr(unit, "RUNNING", tmp_path / "none")
    monkeypatch.setattr(unit, "write", lambda *args, **more: pytest.fail("written"))
    assert "does not run systemd" in str(invoke(things, "--service").exception)


def test_unit_of_a_user_and_of_the_machine(tmp_path):
    nasty = Path('/a "b"/50%/$x/things.toml')
    for for_all, target in ((True, "multi-user.target"), (False, "default.target")):
        text = unit.text("/py", nasty, for_all=for_all)
        assert f"WantedBy={target}" in text
        assert r'"/a \"b\"/50%%/$$x/things.toml"' in text
        assert "User=" not in text
    assert "\nUser=pi\n" in unit.text("/py", nasty, for_all=True, user="pi")
    path = unit.write("x", for_all=False, home=tmp_path)
    assert path == tmp_path / ".config/systemd/user/motewise-agent.service"
    assert path.read_text() == "x"
    assert unit.folder(for_all=True) == Path("/etc/systemd/system")


def test_model_that_understands_is_good(things):
    [finding] = findings(checks.model)
    assert (finding.level, "by heart" in finding.what) == ("good", True)


def test_model_that_does_not_load_or_understand_is_a_problem(things, monkeypatch):
    class Missing(Mind):
        async def __aenter__(self):
            raise BrainError("The model x cannot be read.")

    async def confused(thing, text, present, brain):
        return by_heart("dance", present)

    monkeypatch.setattr(checks, "understand", confused)
    assert findings(checks.model)[0].level == "problem"
    monkeypatch.setattr(checks, "Brain", Missing)
    [finding] = findings(checks.model)
    assert (finding.level, finding.what) == ("problem", "The model x cannot be read.")
    assert finding.advice


def test_drivers_are_loaded_and_looked_at(things):
    things.write_text(things.read_text() + '[[thing]]\nid = "urn:x:y"\ntitle = "Y"\ndriver = "no.such:Driver"\n')
    assert [finding.level for finding in findings(checks.drivers)] == ["good", "problem"]


def test_account_of_the_machine_is_that_of_its_things(things):
    things.write_text('[host]\nname = "hall-pi"\nsite = "cabin"\npassword = "x"\n' + LAMP)
    assert checks.account() == Settings("mqtt://127.0.0.1:1883", "cabin", "hall-pi", "x")


def test_file_that_is_wrong_is_told_once(things):
    things.write_text("[hosts]")
    assert [finding.level for finding in findings(checks.model)] == ["good"]
    with pytest.raises(MotewiseError, match="hosts"):
        findings(checks.drivers)


def test_machine_without_things_is_a_note(tmp_path, monkeypatch):
    monkeypatch.delenv("MOTEWISE_THINGS", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    [finding] = findings(checks.drivers)
    assert finding.level == "note"
    assert checks.account() is None
    monkeypatch.setattr(checks.importlib.util, "find_spec", lambda name: None)
    [finding] = findings(checks.model)
    assert finding.level == "note"
