"""Units of measure after numbers: 5 km, 20 °C, 60 mph, 5GB, 10%, 6'2"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from intone.text.english.counting import plural, spoken_number

if TYPE_CHECKING:
    from intone.text.english.written import Item

NUMBER = r"[-+±]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|[-+±]?\.\d+"
"""A number as digits, with a sign, commas and decimals."""
IS_NUMBER = re.compile(NUMBER)

# As it is written: what one is called; the plural adds s unless it is given after a slash.
_TABLE = """
ug microgram|uL microliter|ul microliter|uF microfarad|uA microamp|uV microvolt|uW microwatt
km kilometer|m meter|cm centimeter|mm millimeter|nm nanometer|um micrometer
mi mile|ft foot/feet|yd yard|yds yard|in inch/inches|sq square/square
kg kilogram|g gram|mg milligram|lb pound|lbs pound|oz ounce|t ton
l liter|L liter|ml milliliter|mL milliliter|cl centiliter|dl deciliter|gal gallon|qt quart|pt pint
tsp teaspoon|tbsp tablespoon|cal calorie|kcal kilocalorie
s second|sec second|secs second|ms millisecond|us microsecond|ns nanosecond
min minute|mins minute|h hour|hr hour|hrs hour|yr year|yrs year|wk week|wks week|mo month|mos month
mph mile_per_hour/miles_per_hour|kph kilometer_per_hour/kilometers_per_hour
km/h kilometer_per_hour/kilometers_per_hour|kmh kilometer_per_hour/kilometers_per_hour
m/s meter_per_second/meters_per_second
Hz hertz/hertz|kHz kilohertz/kilohertz|MHz megahertz/megahertz|GHz gigahertz/gigahertz
B byte|KB kilobyte|kB kilobyte|MB megabyte|GB gigabyte|TB terabyte|PB petabyte
Mb megabit|Gb gigabit|kbps kilobit_per_second/kilobits_per_second
Mbps megabit_per_second/megabits_per_second|Gbps gigabit_per_second/gigabits_per_second
GiB gibibyte|MiB mebibyte
W watt|kW kilowatt|MW megawatt|GW gigawatt|kWh kilowatt_hour|MWh megawatt_hour
V volt|kV kilovolt|mV millivolt|A amp|mA milliamp|mAh milliamp_hour|J joule|kJ kilojoule
Pa pascal/pascals|kPa kilopascal|hPa hectopascal|dB decibel|N newton|mol mole
px pixel|fps frame_per_second/frames_per_second|bpm beat_per_minute/beats_per_minute
rpm revolution_per_minute/revolutions_per_minute|ha hectare|ac acre
% percent/percent|° degree|°C degree_celsius/degrees_celsius|°F degree_fahrenheit/degrees_fahrenheit
°K degree_kelvin/degrees_kelvin|K kelvin/kelvin
m² square_meter|km² square_kilometer|cm² square_centimeter|mm² square_millimeter
ft² square_foot/square_feet|mi² square_mile|m2 square_meter|km2 square_kilometer|m³ cubic_meter
cm³ cubic_centimeter|m3 cubic_meter
x time|× time|' foot/feet|" inch/inches
"""


def _read_table() -> dict[str, tuple[list[str], list[str]]]:
    units: dict[str, tuple[list[str], list[str]]] = {}
    for entry in _TABLE.replace("\n", "|").split("|"):
        if not entry:
            continue
        sign, _, names = entry.partition(" ")
        one, _, many = names.partition("/")
        units[sign] = (one.split("_"), (many or one + "s").split("_"))
    return units


UNITS = _read_table()
_NEEDS_CONTACT = frozenset(
    ["in", "t", "x", "K", "A", "B", "us", "'", '"', "ac", "ha", "N", "mo", "pt"]
)
"""Units that are also words or names: only right after the digits, as in 5in, 4K."""
_CONTACT_LETTERS = {"K": ["k."], "x": ["times"], "B": ["billion"], "N": ["n."], "t": ["tons"]}

_ATTACHED = re.compile(
    rf"({NUMBER})[-]?({'|'.join(sorted(map(re.escape, UNITS), key=len, reverse=True))})"
)
_RANGE = re.compile(
    rf"({NUMBER})[-–]({NUMBER})({'|'.join(sorted(map(re.escape, UNITS), key=len, reverse=True))})"
)
_HOURS = re.compile(r"\d+(?:h|hr|hrs)")
_SECONDS = re.compile(r"\d+(?:s|sec|secs)")
_JETS = re.compile(r"7[0-8]7")
"""Airliners, of which there are several: 747s."""
_LENGTH_OF_TIME = re.compile(r"(?:(\d+)h)?(\d{1,2})m(?:(\d{1,2})s)?")
_FEET_AND_INCHES = re.compile(r"(\d{1,2})'(\d{1,2})\"?")


def named(sign: str, number: str) -> list[str] | None:
    """What the unit `sign` is called after `number`; None if there is no such unit."""
    names = UNITS.get(sign) or UNITS.get(sign.lower() if len(sign) > 1 else sign)
    if names is None:
        return None
    return names[0] if number in ("1", "-1") else names[1]


def after_number(items: list[Item], i: int) -> bool:
    """A unit as a word of its own after a number: 5 km, 10 %, 20 °C."""
    if i == 0 or items[i - 1].mark != " ":
        return False
    core = items[i].core
    if core in _NEEDS_CONTACT or core.lower() in _NEEDS_CONTACT:
        return False
    if not (items[i - 1].core[-1:].isdecimal() or items[i - 1].core[-1:] in "½¼¾⅓⅔") or (
        items[i].dotted and core.isalpha() and core.isupper()
    ):
        return False
    number = items[i - 1].core.lstrip("<>≤≥≈~")
    if number[-1:] in "½¼¾⅓⅔":
        number = number[:-1] or "1"
        names = named(core, "1" if number == "1" and len(items[i - 1].core) == 1 else "2")
        items[i].spoken = list(names) if names else None
        return names is not None
    if IS_NUMBER.fullmatch(re.split("[-–/x×]", number)[-1]) is None:
        return False
    if core == "m" and items[i - 1].core[0] in "$£€¥":
        return False
    names = named(core, number)
    if names is None:
        return False
    items[i].spoken = list(names)
    return True


def _are_billions(items: list[Item], i: int) -> bool:
    """Whether 7B counts what follows (7B parameters), and is no flat or gate (221B)."""
    follows = items[i + 1].core if i + 1 < len(items) and items[i].mark == " " else ""
    return follows.islower() and (follows == "people" or (len(follows) > 4 and follows[-1] == "s"))


def _in_sum(items: list[Item], i: int) -> bool:
    """Whether 2x stands in a sum and is no factor: y = 2x + 1."""
    around = {items[j].core for j in (i - 1, i + 1) if 0 <= j < len(items)}
    return bool(around & set("+-=*/<>^"))


def _describes(items: list[Item], i: int) -> bool:
    """Whether 12" stands before the thing that it describes: a 12" ruler."""
    follows = items[i + 1].core if i + 1 < len(items) and items[i].mark == " " else ""
    return follows.islower() and follows not in _NO_THINGS


_NO_THINGS = frozenset(
    "long wide tall deep high thick across apart by and or of in is are was were from to at on "
    "when but so".split()
)


def _counts_minutes(items: list[Item], i: int) -> bool:
    """Whether m counts minutes: hours before it or seconds behind it, as in 3h 20m, 5m 30s."""
    hours = i > 0 and items[i - 1].mark == " " and _HOURS.fullmatch(items[i - 1].core)
    seconds = i + 1 < len(items) and items[i].mark == " " and _SECONDS.fullmatch(items[i + 1].core)
    return bool(hours or seconds)


def attached(items: list[Item], i: int) -> bool:
    """A number and its unit in one: 5km, 20°C, 10%, 5-10km, 6'2"."""
    core = items[i].core
    if match := _FEET_AND_INCHES.fullmatch(core):
        items[i].spoken = [*spoken_number(match[1]), "foot", *spoken_number(match[2])]
        return True
    if match := _ATTACHED.fullmatch(core):
        number, sign = match[1], match[2]
        if sign == "B" and not _are_billions(items, i):
            items[i].spoken = [*spoken_number(number), "b."]
        elif sign == "x" and _in_sum(items, i):
            items[i].spoken = [*spoken_number(number), "x."]
        elif sign == "in" and items[i].text.endswith('"') and _describes(items, i):
            items[i].spoken = [*spoken_number(number), "inch"]
        elif sign == "m" and _counts_minutes(items, i):
            items[i].spoken = [*spoken_number(number), "minute" if number == "1" else "minutes"]
        elif sign == "s" and _JETS.fullmatch(number):
            *said, last = [*spoken_number(number[0]), *spoken_number(number[1:])]
            items[i].spoken = [*said, plural(last)]
        elif sign in _CONTACT_LETTERS:
            items[i].spoken = [*spoken_number(number), *_CONTACT_LETTERS[sign]]
        else:
            items[i].spoken = [*spoken_number(number), *(named(sign, number) or [])]
        return True
    if (match := _LENGTH_OF_TIME.fullmatch(core)) and (match[1] or match[3]):
        parts = zip(match.groups(), ("h", "min", "s"), strict=True)
        items[i].spoken = [
            word
            for number, sign in parts
            if number
            for word in (*spoken_number(number), *(named(sign, number) or []))
        ]
        return True
    if match := _RANGE.fullmatch(core):
        items[i].spoken = [
            *spoken_number(match[1]), "to", *spoken_number(match[2]), *(named(match[3], "2") or []),
        ]  # fmt: skip
        return True
    return False
