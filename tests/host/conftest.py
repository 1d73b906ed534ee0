"""Tests of firmware_py.host against real brokers."""

import pytest

from firmware_py.host.broker import mosquitto_path


@pytest.fixture(params=["mosquitto", "amqtt"])
def kind(request):
    """Each kind of broker in turn."""
    if request.param == "mosquitto" and mosquitto_path() is None:
        pytest.skip("NOT TESTED: mosquitto is not installed; 'apt install mosquitto' and run again")
    return request.param


@pytest.fixture
def mosquitto():
    """The kind mosquitto, for what amqtt cannot do."""
    if mosquitto_path() is None:
        pytest.skip("NOT TESTED: mosquitto is not installed; 'apt install mosquitto' and run again")
    return "mosquitto"
