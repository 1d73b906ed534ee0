"""Devices that are not there, and behave like real ones: for the simulated house, and to try the agent on a desk.

Nothing moves by itself: a blind arrives at once, a room keeps its temperature. Every property's first value may be
given as an option of that name in things.toml; `put` changes what a device sees."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from device_agent.thing import Driver, Percent, Range, Unit, action, prop

Colour = Literal["white", "warm white", "cold white", "red", "orange", "yellow", "green", "turquoise", "blue", "purple",
                 "pink"]
RoomTemperature = Annotated[float, Range(-40, 80), Unit("celsius")]
Target = Annotated[float, Range(5, 30, 0.5), Unit("celsius")]
Watt = Annotated[float, Range(0, 4000), Unit("watt")]
# A sensor's host repeats its values well within this; an older one is not trusted by rules.
SENSOR_AGE_S = 120
SLOW_SENSOR_AGE_S = 600


class Simulated(Driver):
    """A device whose properties are what `_now` says."""

    def __init__(self, **now: Any) -> None:
        self._now = now

    def _set(self, **values: Any) -> None:
        """These properties become these values; whatever is new is told."""
        new = [name for name, value in values.items() if self._now.get(name) != value]
        self._now.update(values)
        if new:
            self.changed(*new)

    def put(self, name: str, value: Any) -> None:
        self._now[name] = value
        self.changed(name)


class _Switched(Simulated):
    """Something that is on or off."""

    @property
    def on(self) -> bool:
        """On"""
        return self._now["on"]


class Light(_Switched):
    """A light that can be dimmed and coloured."""

    def __init__(self, on: bool = False, brightness: Percent = 100, colour: Colour = "white") -> None:
        super().__init__(on=on, brightness=brightness, colour=colour)
        self._last_brightness = brightness or 100

    @action(idempotent=True, affects="on")
    def turn_on(self) -> None:
        """Turn the light on."""
        self._set(on=True, brightness=self._now["brightness"] or self._last_brightness)

    @action(idempotent=True, affects="on")
    def turn_off(self) -> None:
        """Turn the light off."""
        self._set(on=False)

    @action(affects="on")
    def toggle(self) -> None:
        """Toggle the light."""
        if self._now["on"]:
            self.turn_off()
        else:
            self.turn_on()

    @property
    def brightness(self) -> Percent:
        """Brightness"""
        return self._now["brightness"]

    @brightness.setter
    def brightness(self, value: int) -> None:
        self._last_brightness = value or self._now["brightness"] or self._last_brightness
        self._set(on=value > 0, brightness=value)

    @property
    def colour(self) -> Colour:
        """Colour"""
        return self._now["colour"]

    @colour.setter
    def colour(self, value: Colour) -> None:
        self._set(on=True, colour=value)
        self._set(brightness=self._now["brightness"] or self._last_brightness)


class Socket(_Switched):
    """A socket that switches what is plugged in, and measures its power."""

    def __init__(self, on: bool = False, load: Watt = 60.0) -> None:
        super().__init__(on=on, power=load if on else 0.0)
        self._load = load

    @action(idempotent=True, affects="on")
    def turn_on(self) -> None:
        """Turn the socket on."""
        self._set(on=True, power=self._load)

    @action(idempotent=True, affects="on")
    def turn_off(self) -> None:
        """Turn the socket off."""
        self._set(on=False, power=0.0)

    @property
    @prop(max_age_s=SENSOR_AGE_S)
    def power(self) -> Watt:
        """Power"""
        return self._now["power"]


class Fan(_Switched):
    """A fan with a speed."""

    def __init__(self, on: bool = False, speed: Percent = 50) -> None:
        super().__init__(on=on, speed=speed)
        self._last_speed = speed or 50

    @action(idempotent=True, affects="on")
    def turn_on(self) -> None:
        """Turn the fan on."""
        self._set(on=True, speed=self._now["speed"] or self._last_speed)

    @action(idempotent=True, affects="on")
    def turn_off(self) -> None:
        """Turn the fan off."""
        self._set(on=False)

    @property
    def speed(self) -> Percent:
        """Speed"""
        return self._now["speed"]

    @speed.setter
    def speed(self, value: int) -> None:
        self._last_speed = value or self._now["speed"] or self._last_speed
        self._set(on=value > 0, speed=value)


class Blind(Simulated):
    """A blind before a window."""

    def __init__(self, position: Percent = 0) -> None:
        super().__init__(position=position)

    @action(idempotent=True, affects="position")
    def open(self) -> None:
        """Open the blind."""
        self._set(position=100)

    @action(idempotent=True, affects="position")
    def close(self) -> None:
        """Close the blind."""
        self._set(position=0)

    @property
    def position(self) -> Percent:
        """Position

        How far the blind is open: 0 is closed, 100 is open."""
        return self._now["position"]

    @position.setter
    def position(self, value: int) -> None:
        self._set(position=value)


class Thermostat(Simulated):
    """A thermostat that heats or cools a room."""

    def __init__(
        self, target_temperature: Target = 20.0, current_temperature: RoomTemperature = 19.5,
        mode: Literal["off", "heat", "cool"] = "heat",
    ) -> None:
        super().__init__(target_temperature=target_temperature, current_temperature=current_temperature, mode=mode)

    @action(idempotent=True, affects="mode")
    def turn_on(self) -> None:
        """Turn the heating on."""
        self._set(mode="heat")

    @action(idempotent=True, affects="mode")
    def turn_off(self) -> None:
        """Turn the heating off."""
        self._set(mode="off")

    @property
    def target_temperature(self) -> Target:
        """Target temperature

        How warm the room should be."""
        return self._now["target_temperature"]

    @target_temperature.setter
    def target_temperature(self, value: float) -> None:
        self._set(target_temperature=value)

    @property
    @prop(max_age_s=SLOW_SENSOR_AGE_S)
    def current_temperature(self) -> RoomTemperature:
        """Current temperature

        How warm the room is."""
        return self._now["current_temperature"]

    @property
    def mode(self) -> Literal["off", "heat", "cool"]:
        """Mode"""
        return self._now["mode"]

    @mode.setter
    def mode(self, value: Literal["off", "heat", "cool"]) -> None:
        self._set(mode=value)


class Lock(Simulated):
    """A lock of a door."""

    def __init__(self, locked: bool = True) -> None:
        super().__init__(locked=locked)

    @action(idempotent=True, affects="locked")
    def lock(self) -> None:
        """Lock the door."""
        self._set(locked=True)

    @action(idempotent=True, affects="locked", risk="confirm")
    def unlock(self) -> None:
        """Unlock the door."""
        self._set(locked=False)

    @property
    def locked(self) -> bool:
        """Locked"""
        return self._now["locked"]


class Speaker(_Switched):
    """A speaker that plays music."""

    def __init__(self, on: bool = True, playing: bool = False, volume: Percent = 30, muted: bool = False,
                 music: str = "") -> None:
        super().__init__(on=on, playing=playing, volume=volume, muted=muted, music=music)

    @action(idempotent=True, affects="on")
    def turn_on(self) -> None:
        """Turn the speaker on."""
        self._set(on=True)

    @action(idempotent=True, affects="on")
    def turn_off(self) -> None:
        """Turn the speaker off."""
        self._set(on=False, playing=False)

    @action(idempotent=True, affects="playing")
    def play(self, music: Annotated[str, "a song, an artist, a style or a station"] = "") -> None:
        """Play music."""
        self._set(on=True, playing=True, music=music or self._now["music"])

    @action(idempotent=True, affects="playing")
    def pause(self) -> None:
        """Pause the music."""
        self._set(playing=False)

    @action(idempotent=True, affects="playing")
    def stop(self) -> None:
        """Stop the music."""
        self._set(playing=False, music="")

    @action(idempotent=True, affects="muted")
    def mute(self) -> None:
        """Mute the sound."""
        self._set(muted=True)

    @action(idempotent=True, affects="muted")
    def unmute(self) -> None:
        """Unmute the sound."""
        self._set(muted=False)

    @property
    def volume(self) -> Percent:
        """Volume"""
        return self._now["volume"]

    @volume.setter
    def volume(self, value: int) -> None:
        self._set(volume=value)

    @property
    def playing(self) -> bool:
        """Playing"""
        return self._now["playing"]

    @property
    def muted(self) -> bool:
        """Muted"""
        return self._now["muted"]

    @property
    def music(self) -> str:
        """What was asked to be played"""
        return self._now["music"]


class Vacuum(Simulated):
    """A robot that vacuums the floor."""

    def __init__(self, state: Literal["docked", "cleaning", "paused"] = "docked", battery: Percent = 100) -> None:
        super().__init__(state=state, battery=battery)

    @action(idempotent=True, affects="state")
    def start(self) -> None:
        """Start cleaning."""
        self._set(state="cleaning")

    @action(idempotent=True, affects="state")
    def pause(self) -> None:
        """Pause or stop cleaning."""
        self._set(state="docked" if self._now["state"] == "docked" else "paused")

    @action(idempotent=True, affects="state")
    def dock(self) -> None:
        """Go back to the dock."""
        self._set(state="docked")

    @property
    def state(self) -> Literal["docked", "cleaning", "paused"]:
        """What the vacuum is doing"""
        return self._now["state"]

    @property
    @prop(max_age_s=SLOW_SENSOR_AGE_S)
    def battery(self) -> Percent:
        """Battery charge"""
        return self._now["battery"]


class MotionSensor(Simulated):
    """A sensor that sees whether somebody is there."""

    def __init__(self, occupied: bool = False) -> None:
        super().__init__(occupied=occupied)

    @property
    @prop(max_age_s=SENSOR_AGE_S)
    def occupied(self) -> bool:
        """Occupied

        Whether somebody is there."""
        return self._now["occupied"]


class DoorSensor(Simulated):
    """A sensor that sees whether a door or a window is open."""

    def __init__(self, open: bool = False) -> None:
        super().__init__(open=open)

    @property
    @prop(max_age_s=SENSOR_AGE_S)
    def open(self) -> bool:
        """Open"""
        return self._now["open"]


class TemperatureSensor(Simulated):
    """A thermometer."""

    def __init__(self, temperature: RoomTemperature = 21.5) -> None:
        super().__init__(temperature=temperature)

    @property
    @prop(max_age_s=SLOW_SENSOR_AGE_S)
    def temperature(self) -> RoomTemperature:
        """Temperature"""
        return self._now["temperature"]


class HumiditySensor(Simulated):
    """A sensor of the humidity of the air."""

    def __init__(self, humidity: Annotated[float, Range(0, 100), Unit("percent")] = 55.0) -> None:
        super().__init__(humidity=humidity)

    @property
    @prop(max_age_s=SLOW_SENSOR_AGE_S)
    def humidity(self) -> Annotated[float, Range(0, 100), Unit("percent")]:
        """Humidity"""
        return self._now["humidity"]
