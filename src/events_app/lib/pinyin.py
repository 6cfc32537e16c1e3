"""The first letters of a name's syllables, as people type them: 赵敏 is zm, 曾 is c or z."""

import importlib.util
import unicodedata
from functools import cache
from pathlib import Path
from sys import intern

import msgspec


def has_initials(name: str, typed: str) -> bool:
    """Whether `typed`, in lower case, is among the initials of `name`; of several readings each will do.

    Letters and digits of a name stand for themselves.
    """
    places = [letters for char in name if (letters := _letters(char))]
    starts = range(len(places) - len(typed) + 1)
    return bool(typed) and any(_fits(places[start:], typed) for start in starts)


def _fits(places: list[str], typed: str) -> bool:
    return all(letter in letters for letter, letters in zip(typed, places, strict=False))


def _letters(char: str) -> str:
    """What may be typed for it; nothing for a dot or a blank."""
    if char.isascii():
        return char.lower() if char.isalnum() else ""
    return _readings().get(char, "")


@cache
def _readings() -> dict[str, str]:
    """By character. The package's data without its code, which would load ten times as much: all of its phrases."""
    found = importlib.util.find_spec("pypinyin")
    assert found
    assert found.submodule_search_locations
    source = Path(found.submodule_search_locations[0], "pinyin_dict.json").read_bytes()
    table = msgspec.json.decode(source, type=dict[str, str])
    return {chr(int(point)): _first_letters(readings) for point, readings in table.items()}


def _first_letters(readings: str) -> str:
    plain = (unicodedata.normalize("NFD", reading)[:1] for reading in readings.split(","))
    return intern("".join(sorted(set(plain))))
