"""Units, by what they measure: each with its size in the first of its kind."""

from __future__ import annotations

import math
from difflib import get_close_matches
from fractions import Fraction

# Sizes are exact by definition (inch, pound, gallon …) or, for months and years, conventional.
_KINDS: dict[str, dict[str, str]] = {
    "length": {
        "m metre metres meter meters": "1",
        "km kilometre kilometres kilometer kilometers": "1000",
        "cm centimetre centimetres centimeter centimeters": "1/100",
        "mm millimetre millimetres millimeter millimeters": "1/1000",
        "um µm micrometre micrometres micrometer micrometers": "1/1000000",
        "nm nanometre nanometres nanometer nanometers": "1/1000000000",
        "in inch inches": "0.0254",
        "ft foot feet": "0.3048",
        "yd yard yards": "0.9144",
        "mi mile miles": "1609.344",
        "nmi nautical_mile nautical_miles": "1852",
    },
    "mass": {
        "kg kilogram kilograms": "1",
        "g gram grams": "1/1000",
        "mg milligram milligrams": "1/1000000",
        "t tonne tonnes": "1000",
        "lb lbs pound pounds": "0.45359237",
        "oz ounce ounces": "0.028349523125",
        "st stone stones": "6.35029318",
    },
    "time": {
        "s sec second seconds": "1",
        "ms millisecond milliseconds": "1/1000",
        "min minute minutes": "60",
        "h hr hour hours": "3600",
        "d day days": "86400",
        "week weeks": "604800",
        "month months": "2629746",
        "year years": "31556952",
    },
    "speed": {
        "m/s mps": "1",
        "km/h kmh kph": "1000/3600",
        "mph mi/h": "0.44704",
        "kn knot knots": "1852/3600",
        "ft/s": "0.3048",
    },
    "area": {
        "m2 m² sqm": "1",
        "km2 km²": "1000000",
        "cm2 cm²": "1/10000",
        "ha hectare hectares": "10000",
        "acre acres": "4046.8564224",
        "ft2 ft² sqft": "0.09290304",
    },
    "volume": {
        "l litre litres liter liters": "1",
        "ml millilitre millilitres milliliter milliliters": "1/1000",
        "cl centilitre centilitres": "1/100",
        "m3 m³": "1000",
        "gal gallon gallons": "3.785411784",
        "pt pint pints": "0.473176473",
        "cup cups": "0.2365882365",
        "floz fluid_ounce fluid_ounces": "0.0295735295625",
    },
    "data": {
        "B byte bytes": "1",
        "bit bits": "1/8",
        "Mb Mbit megabit megabits": "125000",
        "Gb Gbit gigabit gigabits": "125000000",
        "kB KB kilobyte kilobytes": "1000",
        "MB megabyte megabytes": "1000000",
        "GB gigabyte gigabytes": "1000000000",
        "TB terabyte terabytes": "1000000000000",
        "KiB kibibyte kibibytes": "1024",
        "MiB mebibyte mebibytes": "1048576",
        "GiB gibibyte gibibytes": "1073741824",
        "TiB tebibyte tebibytes": "1099511627776",
    },
    "energy": {
        "J joule joules": "1",
        "kJ kilojoule kilojoules": "1000",
        "cal calorie calories": "4.184",
        "kcal kilocalorie kilocalories": "4184",
        "Wh": "3600",
        "kWh": "3600000",
    },
    "temperature": {
        "K kelvin": "1",
        "C °C celsius": "1",
        "F °F fahrenheit": "5/9",
    },
}
# Zero of the scale in kelvin.
_ZEROS = {"C": Fraction("273.15"), "F": Fraction("459.67") * 5 / 9}


def convert(value: float, unit: str, to: str) -> float:
    """Convert between two units of one kind.

    Raises:
        ValueError: A unit is unknown, or they measure different things.
    """
    kind, size, zero = _look_up(unit)
    other_kind, other_size, other_zero = _look_up(to)
    if kind != other_kind:
        msg = f"{unit} measures {kind} and {to} {other_kind}; give two units of one kind"
        raise ValueError(msg)
    if not math.isfinite(value):
        msg = f"{value} can't be converted; give a finite number"
        raise ValueError(msg)
    # By its decimal digits, so that 0.1 is a tenth.
    base = Fraction(str(value)) * size + zero
    return float((base - other_zero) / other_size)


def _look_up(unit: str) -> tuple[str, Fraction, Fraction]:
    """Kind, size and zero of a unit: as written, or in any case if only one fits."""
    table = {
        name: (kind, _size(size), _ZEROS.get(names.split()[0], Fraction(0)))
        for kind, units in _KINDS.items()
        for names, size in units.items()
        for name in names.split()
    }
    wanted = "_".join(unit.split())
    fitting = {table[name] for name in table if name.casefold() == wanted.casefold()}
    if wanted in table:
        return table[wanted]
    if len(fitting) == 1:
        return fitting.pop()
    alike = [name for name in table if name.casefold() == wanted.casefold()]
    near = alike or get_close_matches(wanted, table, n=3) or ["km", "kg", "hours", "C", "MB"]
    msg = f"unknown unit {unit!r}; did you mean {', '.join(near)}?"
    raise ValueError(msg)


def _size(text: str) -> Fraction:
    top, _, bottom = text.partition("/")
    return Fraction(top) / Fraction(bottom or "1")
