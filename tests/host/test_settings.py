"""Settings: options before environment before file before defaults."""

import pytest

from firmware_py.core.errors import MessageError
from firmware_py.host import accounts
from firmware_py.host.settings import BROKER_DIRECTORY, Settings, SettingsError, resolve, says_who


@pytest.fixture
def env(tmp_path):
    (tmp_path / "ann.password").write_text("from-file\nnot this\n")
    (tmp_path / "motewise.toml").write_text(
        'broker = "mqtt://file:1"\nsite = "cabin"\nuser = "ann"\npassword_file = "ann.password"\n')
    return {"MOTEWISE_CONFIG": str(tmp_path / "motewise.toml")}


def test_the_file_counts_where_nothing_else_is_said(env):
    assert resolve(env=env) == Settings("mqtt://file:1", "cabin", "ann", "from-file")


def test_the_environment_goes_before_the_file(env):
    env |= {"MOTEWISE_BROKER": "mqtt://env:2", "MOTEWISE_PASSWORD": "from-env"}
    assert resolve(env=env) == Settings("mqtt://env:2", "cabin", "ann", "from-env")


def test_an_option_goes_before_the_environment(env, tmp_path):
    env |= {"MOTEWISE_BROKER": "mqtt://env:2"}
    (tmp_path / "p").write_text("given")
    found = resolve("mqtt://option:3", "home", "bob", tmp_path / "p", env=env)
    assert found == Settings("mqtt://option:3", "home", "bob", "given")


def test_the_stored_password_is_not_given_to_another_user(env):
    assert resolve(user="bob", env=env).password is None


def test_the_password_of_the_environment_is_not_given_to_another_user(env):
    env |= {"MOTEWISE_USER": "ann", "MOTEWISE_PASSWORD": "from-env"}
    assert resolve(user="bob", env=env).password is None
    assert resolve(user="ann", env=env).password == "from-env"


@pytest.mark.parametrize(("broker", "user", "password"), [
    (None, "ann", "kept"), ("mqtt://localhost:9", "ann", "kept"), ("mqtt://elsewhere", "ann", None),
    (None, "bob", None), (None, "../ann", None), (None, None, None),
])
def test_an_account_of_the_broker_on_this_machine_has_its_password(tmp_path, monkeypatch, broker, user, password):
    monkeypatch.setenv("HOME", str(tmp_path))
    BROKER_DIRECTORY.expanduser().mkdir(parents=True)
    accounts.write_password(BROKER_DIRECTORY.expanduser(), "ann", "kept")
    assert resolve(broker, user=user, env={"MOTEWISE_CONFIG": "/nowhere"}).password == password


def test_who_is_said_is_known(env):
    nothing = {"MOTEWISE_CONFIG": "/nowhere"}
    assert not says_who(None, None, nothing)
    assert says_who("mqtt://x", None, nothing)
    assert says_who(None, "ann", nothing)
    assert says_who(None, None, {**nothing, "MOTEWISE_USER": "ann"})
    assert says_who(None, None, env)


def test_without_anything_it_is_the_broker_on_this_machine(tmp_path):
    assert resolve(env={"MOTEWISE_CONFIG": str(tmp_path / "none")}) == Settings(
        "mqtt://127.0.0.1:1883", "home", None, None)


def test_the_password_is_not_shown(env):
    assert "from-file" not in repr(resolve(env=env))


@pytest.mark.parametrize("content", ["broker = ", "broker = 5", "\0"])
def test_a_broken_file_is_one_sentence(tmp_path, content):
    (tmp_path / "motewise.toml").write_text(content)
    with pytest.raises(SettingsError, match="settings file"):
        resolve(env={"MOTEWISE_CONFIG": str(tmp_path / "motewise.toml")})


def test_a_missing_password_file_is_one_sentence(tmp_path):
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        resolve(password_file=tmp_path / "none", env={})


def test_a_site_that_is_no_topic_level_is_refused():
    with pytest.raises(MessageError):
        resolve(site="a/b", env={"MOTEWISE_CONFIG": "/nowhere"})
