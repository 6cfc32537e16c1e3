"""What a unit's own table calls its columns."""

import pytest

from events_app.registration.rules.roster_rows import rows_of


@pytest.mark.parametrize("header", [("姓名 Name", "联系电话 Telephone"), ("Name/姓名", "手机号码（Phone）")])
def test_header_may_name_a_column_in_both_languages(header: tuple[str, str]) -> None:
    rows, _remarks = rows_of([header, ("张三", "13900000001")], [])

    assert [(row["name"], row["phone"]) for row in rows] == [("张三", "13900000001")]


def test_header_whose_languages_differ_is_no_column_of_ours() -> None:
    rows, _remarks = rows_of([("姓名", "Guardian 手机", "手机"), ("张三", "1", "13900000001")], [])

    assert rows[0]["phone"] == "13900000001"
