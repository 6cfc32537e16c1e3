"""Names are found by the first letters of their syllables."""

import sys
from subprocess import run
from time import perf_counter

import pytest

from events_app.lib.pinyin import has_initials


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("赵敏", "zm"),
        ("赵敏", "z"),
        ("赵敏", "m"),
        ("曾国藩", "zgf"),
        ("曾国藩", "cgf"),
        ("单雄信", "sxx"),
        ("单雄信", "dxx"),
        ("𬱖㛃·赵", "djz"),
        ("欧阳 娜娜", "oynn"),
        ("A组 03号", "az03h"),
        ("O'Neil", "oneil"),
    ],
)
def test_initials_find_a_name_by_every_reading(name: str, typed: str) -> None:
    assert has_initials(name, typed)


@pytest.mark.parametrize(("name", "typed"), [("赵敏", "mz"), ("赵敏", "zmm"), ("赵敏", ""), ("·", "a")])
def test_other_letters_do_not(name: str, typed: str) -> None:
    assert not has_initials(name, typed)


def test_five_thousand_names_take_no_time() -> None:
    names = ["赵敏", "曾国藩", "单雄信", "欧阳娜娜", "𬱖㛃·赵"] * 1000
    has_initials("赵", "z")  # reads the table

    begin = perf_counter()
    found = sum(has_initials(name, "zm") for name in names)

    assert found == 1000
    assert perf_counter() - begin < 0.5


def test_phrases_are_not_loaded() -> None:
    code = (
        "import sys; from events_app.lib.pinyin import has_initials; has_initials('赵敏', 'zm');"
        "sys.exit('pypinyin' in sys.modules)"
    )

    assert run([sys.executable, "-c", code], check=False).returncode == 0
