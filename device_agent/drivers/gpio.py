"""Devices on the pins of a Raspberry Pi, by gpiozero. `pin` is a BCM number (17) or any name that gpiozero knows
("GPIO17", "BOARD11"). Inputs tell of every change at once.

A pin is released when the agent ends: what it drives goes off then, and is off when the agent begins, unless `on` says
otherwise. `active_high = false`: the pin is low when the device is on, as on most relay boards."""

from __future__ import annotations

from typing import Annotated

import gpiozero

from device_agent.thing import Driver, DriverError, Percent, Range, Unit, action, prop

# The agent repeats values well within this; an older one is not trusted by rules.
SENSOR_AGE_S = 120
Seconds = Annotated[float, Range(0, 60), Unit("second")]


class _Pin(Driver):
    """Whatever sits on one pin."""

    _device: gpiozero.GPIODevice

    def shut_down(self) -> None:
        self._device.close()


class _Output(_Pin):
    """Something that a pin switches."""

    _device: gpiozero.OutputDevice

    @property
    def on(self) -> bool:
        """On"""
        return bool(self._device.value)


class Light(_Output):
    """A light."""

    def __init__(self, pin: int | str, active_high: bool = True, on: bool = False) -> None:
        self._device = gpiozero.LED(_pin(pin), active_high=active_high, initial_value=on)

    @action(idempotent=True, affects="on")
    def turn_on(self) -> None:
        """Turn the light on."""
        self._device.on()

    @action(idempotent=True, affects="on")
    def turn_off(self) -> None:
        """Turn the light off."""
        self._device.off()

    @action(affects="on")
    def toggle(self) -> None:
        """Toggle the light."""
        self._device.toggle()


class DimmableLight(_Output):
    """A light that can be dimmed."""

    kind = "Light"

    def __init__(
        self, pin: int | str, active_high: bool = True, on: bool = False, brightness: Percent = 100,
        frequency: Annotated[int, Range(1, 20000), Unit("hertz")] = 100,
    ) -> None:
        self._brightness = brightness
        self._device = gpiozero.PWMLED(_pin(pin), active_high=active_high, frequency=frequency,
                                       initial_value=brightness / 100 if on else 0)

    @action(idempotent=True, affects="on")
    def turn_on(self) -> None:
        """Turn the light on."""
        self._brightness = self._brightness or 100
        self._device.value = self._brightness / 100

    @action(idempotent=True, affects="on")
    def turn_off(self) -> None:
        """Turn the light off."""
        self._device.off()

    @action(affects="on")
    def toggle(self) -> None:
        """Toggle the light."""
        if self._device.value:
            self.turn_off()
        else:
            self.turn_on()

    @property
    def brightness(self) -> Percent:
        """Brightness"""
        return self._brightness

    @brightness.setter
    def brightness(self, value: int) -> None:
        self._brightness = value
        self._device.value = value / 100


class Socket(_Output):
    """A socket that a relay switches."""

    def __init__(self, pin: int | str, active_high: bool = True, on: bool = False) -> None:
        self._device = gpiozero.OutputDevice(_pin(pin), active_high=active_high, initial_value=on)

    @action(idempotent=True, affects="on")
    def turn_on(self) -> None:
        """Turn the socket on."""
        self._device.on()

    @action(idempotent=True, affects="on")
    def turn_off(self) -> None:
        """Turn the socket off."""
        self._device.off()


class Button(_Pin):
    """A push button."""

    def __init__(self, pin: int | str, pull_up: bool = True, bounce: Seconds = 0.0) -> None:
        self._presses = 0
        self._device = gpiozero.Button(_pin(pin), pull_up=pull_up, bounce_time=bounce or None)
        self._device.when_pressed = self._pressed
        self._device.when_released = self._released

    def _pressed(self) -> None:
        self._presses += 1
        self.changed("pressed", "presses")

    def _released(self) -> None:
        self.changed("pressed")

    @property
    @prop(max_age_s=SENSOR_AGE_S)
    def pressed(self) -> bool:
        """Pressed"""
        return self._device.is_pressed

    @property
    def presses(self) -> Annotated[int, Range(0)]:
        """Number of presses

        How often the button was pressed since the agent began."""
        return self._presses


class DoorSensor(_Pin):
    """A contact that sees whether a door or a window is open."""

    def __init__(self, pin: int | str, pull_up: bool = True, bounce: Seconds = 0.05) -> None:
        self._device = gpiozero.Button(_pin(pin), pull_up=pull_up, bounce_time=bounce or None)
        self._device.when_pressed = self._device.when_released = self._moved

    def _moved(self) -> None:
        self.changed("open")

    @property
    @prop(max_age_s=SENSOR_AGE_S)
    def open(self) -> bool:
        """Open"""
        return not self._device.is_pressed


class MotionSensor(_Pin):
    """A sensor that sees whether somebody is there."""

    def __init__(self, pin: int | str) -> None:
        self._device = gpiozero.MotionSensor(_pin(pin))
        self._device.value  # noqa: B018  waits for the first sample: a change before it would not be told
        self._device.when_motion = self._device.when_no_motion = self._moved

    def _moved(self) -> None:
        self.changed("occupied")

    @property
    @prop(max_age_s=SENSOR_AGE_S)
    def occupied(self) -> bool:
        """Occupied

        Whether somebody is there."""
        return self._device.motion_detected


def _pin(pin: int | str) -> int | str:
    if isinstance(pin, bool) or not isinstance(pin, (int, str)) or pin == "":
        raise DriverError(f"The option 'pin' must be a number or a name, such as 17 or \"GPIO17\"; it is {pin!r}.")
    return pin
