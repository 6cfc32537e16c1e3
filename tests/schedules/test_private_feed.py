"""Private calendars: whoever has the address sees what one guest, or one school, does; nobody else does."""

from datetime import timedelta
from html import unescape
from itertools import count
from typing import Any

import httpx
import pytest
from icalendar import Calendar
from tests.people import Union, let_in, make_account, make_activity, make_session
from tests.schedules.conftest import Counting, World

from events_app.accounts.rules import Me
from events_app.accounts.tables import Role
from events_app.lib import clock, codes, database
from events_app.programmes.actions import feeds
from events_app.programmes.actions import invitations as asking
from events_app.programmes.queries.guests import GuestRow, set_guests
from events_app.programmes.tables import Activity, Kind, Session

TOMORROW = timedelta(days=1)
_minutes = count(1)


async def appear(union: Union, activity: Activity | None = None, **columns: Any) -> Session:
    """耿家盛 in a session tomorrow, each one a minute later."""
    start = clock.now() + TOMORROW + timedelta(minutes=next(_minutes))
    times = {"starts_at": start, "ends_at": start + timedelta(hours=2), "closes_at": start}
    session = await make_session(activity or union.activity, **times | columns)
    await set_guests(session.id, union.organization.id, [GuestRow("耿家盛", "全国劳动模范", "")])
    return session


async def secret_of_guest(union: Union) -> str:
    code = await database.value("SELECT code FROM guest WHERE organization = $1", union.organization.id)
    await feeds.renew_feed(union.wang, await feeds.guests_calendar(union.wang, code))
    return str(await database.value("SELECT secret FROM feed WHERE revoked_at IS NULL"))


@pytest.fixture
async def teacher(world: World) -> Me:
    return await make_account("teacher", Role.VIEWER, world.school)


async def secret_of_school(world: World, teacher: Me) -> str:
    await feeds.renew_feed(teacher, feeds.organizations_calendar(teacher, world.school.code))
    return str(await database.value("SELECT secret FROM feed WHERE revoked_at IS NULL"))


async def events_of(client: httpx.AsyncClient, secret: str) -> list[Any]:
    answer = await client.get(f"/calendars/{secret}.ics")
    assert answer.status_code == 200, answer.text
    return sorted(Calendar.from_ical(answer.content).events, key=lambda event: event.start)


async def statuses(client: httpx.AsyncClient, secret: str) -> list[str]:
    return [str(event["STATUS"]) for event in await events_of(client, secret)]


async def answer(client: httpx.AsyncClient, session: Session, said: str) -> None:
    secret = await database.value("SELECT secret FROM invitation WHERE session = $1", session.id)
    answer = await client.post(f"/invitations/{secret}", data={"answer": said, "sequence": "0", "remark": ""})
    assert answer.status_code == 303


async def test_guest_sees_what_they_appear_in_and_what_was_called_off(
    client: httpx.AsyncClient, world: World
) -> None:
    session = await appear(world.wang)
    await appear(world.wang, called_off_at=clock.now(), called_off_reason="台风")
    await make_session(world.wang.activity)

    secret = await secret_of_guest(world.wang)

    held, off = await events_of(client, secret)
    assert (held["UID"], held["STATUS"]) == (f"{session.code}@testserver", "CONFIRMED")
    assert held["URL"] == f"http://testserver/s/{session.code}"
    assert (off["STATUS"], off["DESCRIPTION"].startswith("取消原因：台风")) == ("CANCELLED", True)


async def test_guest_of_two_unions_has_a_calendar_of_each(client: httpx.AsyncClient, world: World) -> None:
    await appear(world.wang)
    theirs = await appear(world.qian)

    (event,) = await events_of(client, await secret_of_guest(world.qian))

    assert event["UID"] == f"{theirs.code}@testserver"


async def test_guests_answer_is_the_entrys_status(client: httpx.AsyncClient, world: World) -> None:
    session = await appear(world.wang)
    secret = await secret_of_guest(world.wang)
    seen = [await statuses(client, secret)]

    await asking.invite_guests(world.wang.wang, session.code)
    seen.append(await statuses(client, secret))
    (event,) = await events_of(client, secret)
    for said in ("accepted", "declined"):
        await answer(client, session, said)
        seen.append(await statuses(client, secret))

    assert seen == [["CONFIRMED"], ["TENTATIVE"], ["CONFIRMED"], []]
    assert event["SUMMARY"] == "【待确认】劳模工匠进校园"


async def test_draft_is_told_to_nobody_who_was_not_asked(client: httpx.AsyncClient, world: World) -> None:
    session = await appear(world.wang, await make_activity(world.wang.organization, published_at=None))
    secret = await secret_of_guest(world.wang)

    before = await events_of(client, secret)
    await asking.invite_guests(world.wang.wang, session.code)
    (event,) = await events_of(client, secret)

    assert before == []
    assert (event["STATUS"], "URL" in event) == ("TENTATIVE", False)


async def test_legal_aid_has_a_neutral_title(client: httpx.AsyncClient, world: World) -> None:
    aid = await make_activity(world.wang.organization, kind=Kind.LEGAL_AID, title="骑手欠薪法律援助")
    await appear(world.wang, aid, title="欠薪专场")

    answer = await client.get(f"/calendars/{await secret_of_guest(world.wang)}.ics")

    (event,) = Calendar.from_ical(answer.content).events
    assert event["SUMMARY"] == "工会服务"
    assert "欠薪" not in answer.text.replace("\r\n ", "")
    assert ("URL" in event, "DESCRIPTION" in event) == (False, False)


async def test_school_sees_proposals_as_tentative_and_no_legal_aid(
    client: httpx.AsyncClient, world: World, teacher: Me
) -> None:
    site: dict[str, Any] = {"site": world.school.id}
    draft = await make_activity(world.wang.organization, published_at=None, title="草稿")
    proposed = await appear(world.wang, draft, **site)
    await asking.ask_site(world.wang.wang, proposed.code)
    await appear(world.wang, draft, **site)
    await appear(world.wang, await make_activity(world.wang.organization, kind=Kind.LEGAL_AID), **site)
    confirmed = await appear(world.wang, **site)
    await appear(world.qian)

    events = await events_of(client, await secret_of_school(world, teacher))

    assert [(event["UID"], event["STATUS"]) for event in events] == [
        (f"{proposed.code}@testserver", "TENTATIVE"),
        (f"{confirmed.code}@testserver", "CONFIRMED"),
    ]


async def test_renewed_and_revoked_addresses_open_nothing(
    client: httpx.AsyncClient, world: World, teacher: Me
) -> None:
    await appear(world.wang)
    first = await secret_of_guest(world.wang)
    second = await secret_of_guest(world.wang)

    seen = [(await client.get(f"/calendars/{secret}.ics")).status_code for secret in (first, second)]
    code = await database.value("SELECT code FROM guest")
    await let_in(client, world.wang.wang)
    removed = await client.post(f"/manage/guests/{code}/feed/removal")
    gone = await client.get(f"/calendars/{second}.ics")

    assert (seen, removed.status_code, gone.status_code) == ([404, 200], 303, 404)
    assert "这个日历地址已经停用或更换。" in gone.text
    actions = await database.fetch("SELECT action FROM audit_entry ORDER BY id")
    assert [row["action"] for row in actions] == ["feed.create", "feed.create", "feed.revoke"]


@pytest.mark.parametrize(
    "file", ["x.ics", "%00.ics", "字.ics", "a" * 43, f"{'a' * 43}.ics", f"{'a' * 5000}.ics"]
)
async def test_address_that_is_none_is_not_found(client: httpx.AsyncClient, world: World, file: str) -> None:
    assert (await client.get(f"/calendars/{file}")).status_code == 404


async def test_guessing_is_slowed(client: httpx.AsyncClient, world: World) -> None:
    await database.fetch(
        "INSERT INTO throttle (bucket, period, hits) SELECT 'calendar-from:127.0.0.1', "
        "floor(extract(epoch FROM now()) / 3600)::bigint, 600"
    )

    assert (await client.get(f"/calendars/{codes.new_secret()}.ics")).status_code == 429


async def test_client_that_has_it_gets_nothing_until_it_changes(
    client: httpx.AsyncClient, world: World
) -> None:
    session = await appear(world.wang)
    address = f"/calendars/{await secret_of_guest(world.wang)}.ics"
    first = await client.get(address)
    known = {"if-none-match": first.headers["etag"]}

    again = await client.get(address, headers=known)
    await asking.invite_guests(world.wang.wang, session.code)
    changed = await client.get(address, headers=known)

    assert (again.status_code, again.content, changed.status_code) == (304, b"", 200)
    assert first.headers["cache-control"].startswith("private")
    assert first.headers["x-robots-tag"] == "noindex"


@pytest.mark.parametrize("rows", [1, 3, 30])
async def test_calendar_costs_the_same(
    client: httpx.AsyncClient, world: World, counting: Counting, rows: int
) -> None:
    for _row in range(rows):
        await appear(world.wang)
    address = f"/calendars/{await secret_of_guest(world.wang)}.ics"

    async with counting() as statements:
        answer = await client.get(address)

    assert (answer.content.count(b"BEGIN:VEVENT"), len(statements)) == (rows, 2)


async def test_member_gives_out_the_schools_address_and_others_do_not(
    client: httpx.AsyncClient, world: World, teacher: Me
) -> None:
    path = f"/invitations/feeds/{world.school.code}"
    stranger = [(await client.post(each)).headers.get("location", "") for each in (path, f"{path}/removal")]
    await let_in(client, world.qian.wang)
    other = [(await client.post(each)).status_code for each in (path, f"{path}/removal")]
    none = await database.value("SELECT count(*) FROM feed")
    await let_in(client, teacher)

    made = await client.post(path)

    secret = await database.value("SELECT secret FROM feed")
    shown = unescape((await client.get("/invitations")).text)
    assert all(way.startswith("/login") for way in stranger)
    assert (other, none, made.headers["location"]) == ([404, 404], 0, "/invitations#feeds")
    assert f"http://testserver/calendars/{secret}.ics" in shown
