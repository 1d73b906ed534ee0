"""Devices of the houses in `said/*.toml` that `device_agent.drivers.simulated` does not have.

They behave as those do: what is asked happens at once, and every property's first value may be given."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from device_agent.drivers.simulated import Simulated
from device_agent.thing import Percent, Range, Unit, action

Kelvin = Annotated[int, Range(2200, 6500), Unit("kelvin")]
Level = Annotated[int, Range(1, 3)]
Moisture = Annotated[float, Range(0, 100), Unit("percent")]
Minutes = Annotated[int, Range(1, 60), Unit("minute")]
Input = Literal["tv", "hdmi 1", "hdmi 2", "cast"]
Drink = Literal["espresso", "coffee", "cappuccino", "hot water"]
Programme = Literal["cotton", "eco", "wool", "quick"]


class Lamp(Simulated):
    """A light that is on or off."""

    def __init__(self, on: bool = False, **more: Any) -> None:
        super().__init__(on=on, **more)

    @action(idempotent=True, affects="on")
    def turn_on(self) -> None:
        """Turn it on."""
        self._set(on=True)

    @action(idempotent=True, affects="on")
    def turn_off(self) -> None:
        """Turn it off."""
        self._set(on=False)

    @property
    def on(self) -> bool:
        """On"""
        return bool(self._now["on"])


class WhiteLight(Lamp):
    """White light, from warm to cold, that can be dimmed."""

    def __init__(self, on: bool = False, brightness: Percent = 100, colour_temperature: Kelvin = 4000) -> None:
        super().__init__(on, brightness=brightness, colour_temperature=colour_temperature)

    @property
    def brightness(self) -> Percent:
        """Brightness"""
        return int(self._now["brightness"])

    @brightness.setter
    def brightness(self, value: int) -> None:
        self._set(on=value > 0, brightness=value)

    @property
    def colour_temperature(self) -> Kelvin:
        """Colour temperature

        2200 is warm, 6500 is cold."""
        return int(self._now["colour_temperature"])

    @colour_temperature.setter
    def colour_temperature(self, value: int) -> None:
        self._set(on=True, colour_temperature=value)


class Television(Lamp):
    """A screen with sound."""

    def __init__(self, on: bool = False, volume: Percent = 20, muted: bool = False, source: Input = "tv") -> None:
        super().__init__(on, volume=volume, muted=muted, source=source)

    @action(idempotent=True, affects="muted")
    def mute(self) -> None:
        """Mute the sound."""
        self._set(muted=True)

    @action(idempotent=True, affects="muted")
    def unmute(self) -> None:
        """Unmute the sound."""
        self._set(muted=False)

    @property
    def muted(self) -> bool:
        """Muted"""
        return bool(self._now["muted"])

    @property
    def volume(self) -> Percent:
        """Volume"""
        return int(self._now["volume"])

    @volume.setter
    def volume(self, value: int) -> None:
        self._set(volume=value)

    @property
    def source(self) -> Input:
        """Source

        What is shown."""
        return self._now["source"]

    @source.setter
    def source(self, value: Input) -> None:
        self._set(on=True, source=value)


class Door(Simulated):
    """A door or gate that opens by motor."""

    def __init__(self, is_open: bool = False) -> None:
        super().__init__(is_open=is_open)

    @action(idempotent=True, affects="is_open", risk="confirm")
    def open(self) -> None:
        """Open it."""
        self._set(is_open=True)

    @action(idempotent=True, affects="is_open")
    def close(self) -> None:
        """Close it."""
        self._set(is_open=False)

    @property
    def is_open(self) -> bool:
        """Open"""
        return bool(self._now["is_open"])


class Valve(Simulated):
    """A valve of a water pipe."""

    def __init__(self, is_open: bool = False) -> None:
        super().__init__(is_open=is_open)

    @action(idempotent=True, affects="is_open")
    def open(self) -> None:
        """Open the valve."""
        self._set(is_open=True)

    @action(idempotent=True, affects="is_open")
    def close(self) -> None:
        """Close the valve."""
        self._set(is_open=False)

    @property
    def is_open(self) -> bool:
        """Open"""
        return bool(self._now["is_open"])


class AirPurifier(Lamp):
    """A purifier that filters the air."""

    def __init__(self, on: bool = False, mode: Literal["low", "medium", "high"] = "low", dust: float = 8.0) -> None:
        super().__init__(on, mode=mode, dust=dust)

    @property
    def mode(self) -> Literal["low", "medium", "high"]:
        """Mode

        How hard it works."""
        return self._now["mode"]

    @mode.setter
    def mode(self, value: Literal["low", "medium", "high"]) -> None:
        self._set(on=True, mode=value)

    @property
    def dust(self) -> Annotated[float, Range(0, 1000), Unit("microgram per cubic metre")]:
        """Fine dust"""
        return float(self._now["dust"])


class Humidifier(Lamp):
    """A humidifier that moistens the air."""

    def __init__(self, on: bool = False, target_humidity: int = 50, humidity: float = 45.0) -> None:
        super().__init__(on, target_humidity=target_humidity, humidity=humidity)

    @property
    def target_humidity(self) -> Annotated[int, Range(30, 80), Unit("percent")]:
        """Target humidity"""
        return int(self._now["target_humidity"])

    @target_humidity.setter
    def target_humidity(self, value: int) -> None:
        self._set(target_humidity=value)

    @property
    def humidity(self) -> Moisture:
        """Humidity"""
        return float(self._now["humidity"])


class Kettle(Lamp):
    """A kettle that heats water."""

    def __init__(self, on: bool = False, target_temperature: int = 100, water_temperature: float = 22.0) -> None:
        super().__init__(on, target_temperature=target_temperature, water_temperature=water_temperature)

    @property
    def target_temperature(self) -> Annotated[int, Range(40, 100), Unit("celsius")]:
        """Target temperature

        How hot the water should become."""
        return int(self._now["target_temperature"])

    @target_temperature.setter
    def target_temperature(self, value: int) -> None:
        self._set(target_temperature=value)

    @property
    def water_temperature(self) -> Annotated[float, Range(0, 100), Unit("celsius")]:
        """Water temperature"""
        return float(self._now["water_temperature"])


class CoffeeMachine(Lamp):
    """A machine that makes coffee."""

    def __init__(self, on: bool = True, making: str = "", cups: int = 0) -> None:
        super().__init__(on, making=making, cups=cups)

    @action(affects="making")
    def make(self, drink: Drink, cups: Annotated[int, Range(1, 4)] = 1) -> None:
        """Make a drink."""
        self._set(on=True, making=drink, cups=cups)

    @property
    def making(self) -> str:
        """What is being made"""
        return str(self._now["making"] or "")

    @property
    def cups(self) -> int:
        """Cups"""
        return int(self._now["cups"] or 0)


class Heater(Lamp):
    """An electric heater with three levels."""

    def __init__(self, on: bool = False, level: Level = 1) -> None:
        super().__init__(on, level=level)

    @property
    def level(self) -> Level:
        """Heat level"""
        return int(self._now["level"])

    @level.setter
    def level(self, value: int) -> None:
        self._set(on=True, level=value)


class Sauna(Lamp):
    """The stove of a sauna."""

    def __init__(self, on: bool = False, target_temperature: int = 80, current_temperature: float = 15.0) -> None:
        super().__init__(on, target_temperature=target_temperature, current_temperature=current_temperature)

    @property
    def target_temperature(self) -> Annotated[int, Range(40, 100), Unit("celsius")]:
        """Target temperature"""
        return int(self._now["target_temperature"])

    @target_temperature.setter
    def target_temperature(self, value: int) -> None:
        self._set(target_temperature=value)

    @property
    def current_temperature(self) -> Annotated[float, Range(-40, 120), Unit("celsius")]:
        """Current temperature"""
        return float(self._now["current_temperature"])


class Alarm(Simulated):
    """A burglar alarm."""

    def __init__(self, armed: Literal["off", "home", "away"] = "off") -> None:
        super().__init__(armed=armed)

    @action(idempotent=True, affects="armed")
    def arm(self, mode: Literal["home", "away"] = "away") -> None:
        """Arm the alarm."""
        self._set(armed=mode)

    @action(idempotent=True, affects="armed", risk="confirm")
    def disarm(self) -> None:
        """Disarm the alarm."""
        self._set(armed="off")

    @property
    def armed(self) -> Literal["off", "home", "away"]:
        """Armed"""
        return self._now["armed"]


class Washer(Simulated):
    """A washing machine."""

    def __init__(self, running: bool = False, programme: str = "", minutes_left: int = 0) -> None:
        super().__init__(running=running, programme=programme, minutes_left=minutes_left)

    @action(affects="running")
    def start(self, programme: Programme = "cotton") -> None:
        """Start washing."""
        self._set(running=True, programme=programme)

    @action(idempotent=True, affects="running")
    def stop(self) -> None:
        """Stop washing."""
        self._set(running=False)

    @property
    def running(self) -> bool:
        """Running"""
        return bool(self._now["running"])

    @property
    def programme(self) -> str:
        """Programme"""
        return str(self._now["programme"])

    @property
    def minutes_left(self) -> Annotated[int, Range(0, 300), Unit("minute")]:
        """Time left

        Until the wash is done."""
        return int(self._now["minutes_left"])


class Sprinkler(Simulated):
    """A sprinkler that waters the ground."""

    def __init__(self, watering: bool = False, minutes: int = 0) -> None:
        super().__init__(watering=watering, minutes=minutes)

    @action(affects="watering")
    def water(self, minutes: Minutes = 10) -> None:
        """Water for some minutes."""
        self._set(watering=True, minutes=minutes)

    @action(idempotent=True, affects="watering")
    def stop(self) -> None:
        """Stop watering."""
        self._set(watering=False, minutes=0)

    @property
    def watering(self) -> bool:
        """Watering"""
        return bool(self._now["watering"])

    @property
    def minutes(self) -> int:
        """Minutes"""
        return int(self._now["minutes"] or 0)


class Feeder(Simulated):
    """A machine that gives animals their feed."""

    def __init__(self, portions: int = 0) -> None:
        super().__init__(portions=portions)

    @action(affects="portions")
    def feed(self, portions: Annotated[int, Range(1, 5)] = 1) -> None:
        """Give portions of feed."""
        self._set(portions=portions)

    @property
    def portions(self) -> int:
        """Portions given last"""
        return int(self._now["portions"] or 0)


class Meter(Simulated):
    """A sensor of one number."""


class LightMeter(Meter):
    """A sensor of daylight."""

    @property
    def illuminance(self) -> Annotated[float, Range(0, 100000), Unit("lux")]:
        """Illuminance"""
        return float(self._now["illuminance"])


class SoilProbe(Meter):
    """A sensor in the soil."""

    @property
    def moisture(self) -> Moisture:
        """Soil moisture"""
        return float(self._now["moisture"])


class AirSensor(Meter):
    """A sensor of the air in a room."""

    @property
    def co2(self) -> Annotated[int, Range(0, 10000), Unit("ppm")]:
        """Carbon dioxide"""
        return int(self._now["co2"])


class WindMeter(Meter):
    """A sensor of the wind."""

    @property
    def wind_speed(self) -> Annotated[float, Range(0, 250), Unit("kilometre per hour")]:
        """Wind speed"""
        return float(self._now["wind_speed"])


class LeakSensor(Meter):
    """A sensor that feels water on the floor."""

    @property
    def wet(self) -> bool:
        """Wet

        Whether there is water."""
        return bool(self._now["wet"])


class SmokeSensor(Meter):
    """A smoke detector."""

    @property
    def smoke(self) -> bool:
        """Smoke

        Whether there is smoke."""
        return bool(self._now["smoke"])
