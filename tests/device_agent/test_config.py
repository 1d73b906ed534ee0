"""things.toml: what it says, and one sentence for what it cannot say."""

import sys

import pytest

from device_agent.config import Config, ConfigError, find_drivers_in
from device_agent.thing import Device
from firmware_py.core.errors import MotewiseError
from firmware_py.host.settings import BROKER_DIRECTORY

THING = '[[thing]]\nid = "urn:motewise:lamp"\ndriver = "device_agent.drivers.simulated:Light"\n'


def config(tmp_path, text):
    path = tmp_path / "things.toml"
    path.write_text(text)
    return Config.read(path)


def test_smallest_file(tmp_path):
    found = config(tmp_path, '[host]\nname = "hall-pi"\n' + THING)
    assert (found.name, found.user, found.site, found.zone) == ("hall-pi", "hall-pi", "home", None)
    assert found.store == tmp_path / "hall-pi.db"
    assert found.things[0]["driver"].endswith("Light")


def test_account_of_the_broker_on_this_machine_needs_no_password(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    BROKER_DIRECTORY.expanduser().mkdir(parents=True)
    (BROKER_DIRECTORY.expanduser() / "hall-pi.password").write_text("kept\n")
    assert config(tmp_path, '[host]\nname = "hall-pi"\n' + THING).password == "kept"
    assert config(tmp_path, '[host]\nname = "hall-pi"\nbroker = "mqtt://x"\n' + THING).password is None


def test_everything_and_paths_are_relative_to_the_file(tmp_path):
    (tmp_path / "secret").write_text("hush\n")
    found = config(tmp_path, '[host]\nname = "a"\nsite = "work"\nuser = "b"\nbroker = "mqtts://x"\nzone = "UTC"\n'
                   'password_file = "secret"\nstore = "s/x.db"\nmodel = "m.gguf"\npoll_s = 2\n' + THING)
    assert (found.user, found.password, found.poll_s) == ("b", "hush", 2)
    assert (found.store, found.model) == (tmp_path / "s" / "x.db", tmp_path / "m.gguf")


@pytest.mark.parametrize(("text", "words"), [
    ("", "[host]"), ("[host", "TOML"), ('[host]\nname = "a"\n', "[[thing]]"), ('[host]\n' + THING, "'name'"),
    ('[host]\nname = "A b"\n' + THING, "host"), ('[host]\nname = "time"\n' + THING, "reserved"),
    ('[host]\nname = "a"\ncolour = "red"\n' + THING, "'colour'"), ('[host]\nname = 5\n' + THING, "text"),
    ('[host]\nname = "a"\npoll_s = 0\n' + THING, "poll_s"), ('[host]\nname = "a"\nzone = "Mars"\n' + THING, "Mars"),
    ('[host]\nname = "a"\nbroker = "http://x"\n' + THING, "broker"),
    ('[host]\nname = "a"\nmodel = "m"\nmodel_url = "u"\n' + THING, "not both"),
    ('[host]\nname = "a"\npassword_file = "none"\n' + THING, "none"),
    ('[host]\nname = "a"\n' + THING + THING, "lamp"), ('[host]\nname = "a"\n[[thing]]\ntitle = "x"\n', "'id'"),
    ('[host]\nname = "a"\n[[thing]]\nid = "urn:x:A b"\n', "urn:x:A b"), ('[hosts]\nname = "a"\n' + THING, "hosts"),
])
def test_file_that_cannot_be_used_is_one_sentence(tmp_path, text, words):
    with pytest.raises(MotewiseError) as error:
        config(tmp_path, text)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        Config.read(tmp_path / "none.toml")


def test_driver_beside_the_file_is_found_after_ours(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.path", ["/ours"])
    (tmp_path / "driver_of_mine.py").write_text('"""A lamp."""\ndef blink() -> None:\n    """Blink."""\n')
    find_drivers_in(tmp_path)
    find_drivers_in(tmp_path)
    assert sys.path == ["/ours", str(tmp_path)]
    device = Device.load({"id": "urn:x:mine", "driver": "driver_of_mine"})
    assert device.thing.affordance("action", "blink")
    device.close()
