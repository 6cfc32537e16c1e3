"""How a union plans: its owners decide, its organisers read, and others see nothing of it."""

from typing import Any

import httpx
import pytest
from tests.hostile import HOSTILE
from tests.people import Union, counted_statements, let_in, make_account, make_organization, make_union

from events_app.accounts.rules import Me
from events_app.accounts.tables import Role
from events_app.lib import database
from events_app.programmes.queries.policies import PolicyRow, find_policy

SETTINGS = "/manage/settings"


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def yang(union: Union) -> Me:
    """Owns the union that Wang organises for."""
    return await make_account("yang", Role.OWNER, union.organization)


@pytest.fixture
async def owner(yang: Me, client: httpx.AsyncClient) -> httpx.AsyncClient:
    await let_in(client, yang)
    return client


def policy(union: Union, **changes: Any) -> dict[str, Any]:
    return {"organization": union.organization.code, "travel_speed": "60", "reviews": "yes"} | changes


def days(union: Union, **changes: Any) -> dict[str, Any]:
    return {
        "organization": union.organization.code,
        "first": "2027-02-20",
        "works": "yes",
        "name": "调休上班",
    } | changes


async def own_days() -> list[tuple[str, bool, str]]:
    rows = await database.fetch("SELECT day, works, name FROM holiday ORDER BY day")
    return [(row["day"].isoformat(), row["works"], row["name"]) for row in rows]


async def audited() -> list[tuple[str, str]]:
    rows = await database.fetch("SELECT action, subject FROM audit_entry ORDER BY id")
    return [(row["action"], row["subject"]) for row in rows]


async def test_owner_decides_on_speed_and_reviews(owner: httpx.AsyncClient, union: Union) -> None:
    answer = await owner.post(f"{SETTINGS}/policy", data=policy(union))
    shown = await owner.get(answer.headers["location"])

    assert answer.status_code == 303
    assert await find_policy(union.organization.id) == PolicyRow(60, True)
    assert 'value="60"' in shown.text
    assert await audited() == [("policy.update", union.organization.code)]


async def test_policy_is_changed_in_place(owner: httpx.AsyncClient, union: Union) -> None:
    for changes in ({}, {"travel_speed": "30", "reviews": ""}):
        await owner.post(f"{SETTINGS}/policy", data=policy(union, **changes))

    assert await find_policy(union.organization.id) == PolicyRow(30, False)
    assert await database.value("SELECT count(*) FROM policy") == 1


async def test_who_decided_nothing_has_40_km_an_hour_and_no_reviews(union: Union) -> None:
    assert await find_policy(union.organization.id) == PolicyRow(40, False)


@pytest.mark.parametrize("speed", ["", "0", "301", "-1", "很快", "4" * 50, "1e2", "<b>"])
async def test_speed_that_is_none_keeps_what_was_typed(
    owner: httpx.AsyncClient, union: Union, speed: str
) -> None:
    answer = await owner.post(f"{SETTINGS}/policy", data=policy(union, travel_speed=speed))

    assert answer.status_code == 422
    assert "<b>" not in answer.text
    assert 'name="reviews" value="yes" checked' in answer.text
    assert await find_policy(union.organization.id) == PolicyRow()


async def test_owner_adds_changes_and_removes_days(owner: httpx.AsyncClient, union: Union) -> None:
    added = await owner.post(f"{SETTINGS}/days", data=days(union))
    shown = await owner.get(added.headers["location"])
    await owner.post(f"{SETTINGS}/days", data=days(union, name="补班"))
    off = days(union, first="2027-05-03", last="2027-05-05", works="", name="劳动节")
    await owner.post(f"{SETTINGS}/days", data=off)
    changed = await own_days()
    removal = {"organization": union.organization.code, "day": "2027-02-20"}
    removed = await owner.post(f"{SETTINGS}/day-removals", data=removal)
    again = await owner.post(f"{SETTINGS}/day-removals", data=removal)

    assert [a.status_code for a in (added, removed, again)] == [303] * 3
    assert "本会修改" in shown.text
    assert "2027年2月20日（周六）" in shown.text
    assert changed == [
        ("2027-02-20", True, "补班"),
        ("2027-05-03", False, "劳动节"),
        ("2027-05-04", False, "劳动节"),
        ("2027-05-05", False, "劳动节"),
    ]
    assert [d for d, _works, _name in await own_days()] == ["2027-05-03", "2027-05-04", "2027-05-05"]
    assert await audited() == [
        ("workday.save", "2027-02-20"),
        ("workday.save", "2027-02-20"),
        ("workday.save", "2027-05-03"),
        ("workday.remove", "2027-02-20"),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"first": ""},
        {"first": "2027-02-30"},
        {"first": "明天"},
        {"first": "1999-12-31"},
        {"first": "9999-12-31"},
        {"last": "2027-02-19"},
        {"last": "2027-03-23"},
        {"last": "x"},
        {"name": ""},
        {"name": "节" * 61},
        {"name": "节\u202e"},
    ],
)
async def test_days_that_are_none_are_kept_as_typed(
    owner: httpx.AsyncClient, union: Union, changes: dict[str, str]
) -> None:
    answer = await owner.post(f"{SETTINGS}/days", data=days(union, **changes))

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert all(f'value="{typed}"' in answer.text for typed in changes.values() if typed.isprintable())
    assert await own_days() == []


async def test_organiser_reads_and_cannot_change(client: httpx.AsyncClient, union: Union) -> None:
    await let_in(client, union.wang)

    shown = await client.get(SETTINGS)
    refused = [
        await client.post(f"{SETTINGS}/policy", data=policy(union)),
        await client.post(f"{SETTINGS}/days", data=days(union)),
        await client.post(
            f"{SETTINGS}/day-removals", data={"organization": union.organization.code, "day": "2027-02-20"}
        ),
    ]

    assert shown.status_code == 200
    assert "这里只能查看" in shown.text
    assert '<form method="post" action="/manage/settings' not in shown.text
    assert [answer.status_code for answer in refused] == [403] * 3
    assert (await own_days(), await find_policy(union.organization.id)) == ([], PolicyRow())


async def test_owner_of_another_union_finds_nothing(client: httpx.AsyncClient, union: Union) -> None:
    qian = await make_account("qian", Role.OWNER, await make_organization("宁波市总工会"))
    await let_in(client, qian)

    answers = [
        await client.get(f"{SETTINGS}?organization={union.organization.code}"),
        await client.post(f"{SETTINGS}/policy", data=policy(union)),
        await client.post(f"{SETTINGS}/days", data=days(union)),
        await client.post(
            f"{SETTINGS}/day-removals", data={"organization": union.organization.code, "day": "2027-02-20"}
        ),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert (await own_days(), await find_policy(union.organization.id)) == ([], PolicyRow())


async def test_gate_staff_are_refused_and_strangers_log_in(client: httpx.AsyncClient, union: Union) -> None:
    stranger = await client.get(SETTINGS)
    await let_in(client, union.li)
    gate = await client.get(SETTINGS)

    assert (stranger.status_code, gate.status_code) == (303, 403)


async def test_one_who_owns_one_union_and_organises_another_changes_only_the_first(
    client: httpx.AsyncClient, union: Union, yang: Me
) -> None:
    from events_app.accounts.actions import join

    other = await make_organization("昆明市总工会", code="kunming")
    await join(yang.account, other.id, Role.ORGANIZER)
    await let_in(client, yang)

    shown = await client.get(f"{SETTINGS}?organization=kunming")
    refused = await client.post(f"{SETTINGS}/policy", data=policy(union, organization="kunming"))
    done = await client.post(f"{SETTINGS}/policy", data=policy(union))

    assert "这里只能查看" in shown.text
    assert (refused.status_code, done.status_code) == (403, 303)


async def test_year_lists_holidays_and_weekends_that_are_worked(
    owner: httpx.AsyncClient, union: Union
) -> None:
    page = (await owner.get(f"{SETTINGS}?year=2026")).text

    for text in (
        "2026年2月17日（周二） – 2026年2月23日（周一）",
        "2026年10月10日（周六）",
        "调休上班",
        "国庆节",
    ):
        assert text in page
    assert "还没有收录" not in page


async def test_year_without_a_notice_says_so_until_the_union_settles_it(
    owner: httpx.AsyncClient, union: Union
) -> None:
    before = (await owner.get(f"{SETTINGS}?year=2060")).text
    await owner.post(f"{SETTINGS}/days", data=days(union, first="2060-10-09"))
    after = (await owner.get(f"{SETTINGS}?year=2060")).text

    assert "2060年的调休安排还没有收录" in before
    assert "还没有收录" not in after


@pytest.mark.parametrize("year", ["", "0", "1999", "2101", "九", "9" * 30, "-1", "2026'"])
async def test_any_year_in_the_address_shows_a_year(owner: httpx.AsyncClient, year: str) -> None:
    answer = await owner.get(SETTINGS, params={"year": year})

    assert answer.status_code == 200


async def test_page_costs_the_same_for_one_and_for_thirty_days(
    owner: httpx.AsyncClient, union: Union
) -> None:
    costs = []
    for last in ("2027-02-20", "2027-02-22", "2027-03-21"):
        await owner.post(f"{SETTINGS}/days", data=days(union, last=last))
        async with counted_statements() as statements:
            await owner.get(f"{SETTINGS}?year=2027")
        costs.append(len(statements))

    assert costs[0] == costs[1] == costs[2]


@pytest.mark.parametrize(
    ("page", "field"),
    [
        *[("policy", field) for field in ("organization", "travel_speed", "reviews")],
        *[("days", field) for field in ("organization", "first", "last", "works", "name")],
        *[("day-removals", field) for field in ("organization", "day")],
    ],
)
async def test_hostile_words_in_any_field_are_answered(
    owner: httpx.AsyncClient, union: Union, page: str, field: str
) -> None:
    whole = policy(union) | days(union) | {"day": "2027-02-20"}

    for word in HOSTILE:
        answer = await owner.post(f"{SETTINGS}/{page}", data=whole | {field: word})
        assert answer.status_code in (303, 404, 422), word
        assert "<script>alert" not in answer.text
