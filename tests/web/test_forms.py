"""What a field takes, whichever way it was sent."""

from typing import Any

import pytest

from events_app.web.forms import line, many


@pytest.mark.parametrize(("sent", "read"), [(None, []), ([], []), (["甲 ", "乙"], ["甲", "乙"])])
def test_many_reads_each_value(sent: Any, read: list[str]) -> None:
    assert many(line(5)).read(sent) == read


def test_many_takes_no_more_than_it_says() -> None:
    assert len(many(line(5)).read(["甲"] * 100)) == 100
    with pytest.raises(ValueError, match="太多了，最多100项，现在有101项。"):
        many(line(5)).read(["甲"] * 101)
    with pytest.raises(ValueError, match="太多了，最多2项，现在有3项。"):
        many(line(5), 2).read(["甲"] * 3)


@pytest.mark.parametrize("sent", [0, 1, 1.5, True, "甲乙", {"a": 1}])
def test_many_is_told_what_is_no_list(sent: Any) -> None:
    with pytest.raises(ValueError, match="这里应是一个列表。"):
        many(line(5)).read(sent)
