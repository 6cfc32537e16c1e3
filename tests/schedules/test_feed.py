"""What a calendar program fetches every hour."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from piccolo.columns import Column
from tests.people import make_activity, make_organization, make_session
from tests.schedules.conftest import Counting, World

from events_app.lib import clock
from events_app.programmes.tables import Activity, Kind, Session, Venue

FEED = "/o/ynmec.ics"


@pytest.fixture
async def session(world: World) -> Session:
    return await make_session(world.wang.activity, site=world.school.id, sequence=2)


async def events_of(client: httpx.AsyncClient, address: str = FEED) -> list[Any]:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return Calendar.from_ical(answer.content).events


async def test_a_session_becomes_an_entry(client: httpx.AsyncClient, session: Session) -> None:
    (event,) = await events_of(client)

    assert event["UID"] == f"{session.code}@testserver"
    assert event["SEQUENCE"] == 2
    assert event["SUMMARY"] == "劳模工匠进校园"
    assert event["STATUS"] == "CONFIRMED"
    assert event["LOCATION"] == "云南机电职业技术学院 大礼堂，昆明市安宁市宁波路1号"
    assert event["URL"] == f"http://testserver/s/{session.code}"
    assert event["DESCRIPTION"] == "类型：劳模工匠进校园\n主办：云南省总工会"
    assert event.start == session.starts_at.replace(microsecond=0)
    assert event["DTSTART"].params["TZID"] == "Asia/Shanghai"
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == session.updated_at.replace(microsecond=0)
    assert "GEO" not in event


async def test_an_entry_lies_on_the_map_where_its_venue_does(
    client: httpx.AsyncClient, session: Session
) -> None:
    await Venue.update({Venue.latitude: 25.0389, Venue.longitude: 102.7183}).where(Venue.id == session.venue)

    (event,) = await events_of(client)

    assert (event["GEO"].latitude, event["GEO"].longitude) == (25.0389, 102.7183)


async def test_a_called_off_session_stays_as_cancelled(client: httpx.AsyncClient, session: Session) -> None:
    called_off: dict[Column | str, Any] = {
        Session.called_off_at: clock.now(),
        Session.called_off_reason: "台风",
        Session.sequence: 3,
    }
    await Session.update(called_off).where(Session.id == session.id)

    (event,) = await events_of(client)

    assert (event["SUMMARY"], event["STATUS"]) == ("【已取消】劳模工匠进校园", "CANCELLED")
    assert event["DESCRIPTION"].startswith("取消原因：台风")
    assert (event["UID"], event["SEQUENCE"]) == (f"{session.code}@testserver", 3)


async def test_the_feed_tells_what_it_is(client: httpx.AsyncClient, session: Session) -> None:
    answer = await client.get(FEED)

    assert answer.headers.get_list("content-type") == ["text/calendar; charset=utf-8"]
    assert answer.headers["last-modified"].endswith("GMT")
    lines = answer.content.split(b"\r\n")
    assert "X-WR-CALNAME:云南机电职业技术学院".encode() in lines
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in lines
    assert b"URL:http://testserver/o/ynmec" in lines


@pytest.mark.parametrize("accept", ["*/*", "text/html", "application/json", "image/png", "nonsense", ""])
async def test_any_client_is_answered(client: httpx.AsyncClient, session: Session, accept: str) -> None:
    answer = await client.get(FEED, headers={"accept": accept})

    assert answer.status_code == 200
    assert answer.content.startswith(b"BEGIN:VCALENDAR\r\n")


async def test_a_client_that_has_it_gets_nothing(client: httpx.AsyncClient, session: Session) -> None:
    first = await client.get(FEED)
    tag = first.headers["etag"]

    for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = await client.get(FEED, headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)

    assert (await client.get(FEED, headers={"if-none-match": '"other"'})).status_code == 200


async def test_every_change_that_is_seen_changes_the_tag(client: httpx.AsyncClient, session: Session) -> None:
    tags = [(await client.get(FEED)).headers["etag"]]

    for change in (
        Session.update({Session.sequence: 3}).where(Session.id == session.id),
        Activity.update({Activity.title: "大国工匠进校园"}).where(Activity.id == session.activity),
        Venue.update({Venue.name: "图书馆"}).where(Venue.id == session.venue),
        Session.delete().where(Session.id == session.id),
    ):
        await change
        tags.append((await client.get(FEED)).headers["etag"])

    assert len(set(tags)) == len(tags)


async def test_the_same_answer_has_the_same_bytes(client: httpx.AsyncClient, session: Session) -> None:
    assert (await client.get(FEED)).content == (await client.get(FEED)).content


async def test_each_language_has_its_own_tag(client: httpx.AsyncClient, session: Session) -> None:
    chinese = await client.get(FEED)
    client.cookies.set("language", "en")

    assert (await client.get(FEED)).headers["etag"] != chinese.headers["etag"]


async def test_each_coding_has_its_own_tag(client: httpx.AsyncClient, session: Session) -> None:
    answers = [
        await client.get(FEED, headers={"accept-encoding": coding}) for coding in ("br", "gzip", "identity")
    ]

    assert [a.headers.get("content-encoding") for a in answers] == ["br", "gzip", None]
    assert len({a.headers["etag"] for a in answers}) == 3
    assert [a.headers["vary"].lower() for a in answers] == ["accept-encoding"] * 3
    assert len({a.content for a in answers}) == 1


async def test_head_is_answered_without_a_body(client: httpx.AsyncClient, session: Session) -> None:
    answer = await client.head(FEED)

    assert (answer.status_code, answer.content) == (200, b"")
    assert "etag" in answer.headers


async def test_drafts_and_confidential_sessions_are_not_in_the_feed(
    world: World, client: httpx.AsyncClient, session: Session
) -> None:
    await make_session(world.qian.activity, site=world.school.id)
    assert len(await events_of(client)) == 2

    await Activity.update({Activity.published_at: None}).where(Activity.id == world.qian.activity.id)
    await Activity.update({Activity.kind: Kind.LEGAL_AID}).where(Activity.id == session.activity)

    assert await events_of(client) == []


async def test_what_was_lately_stays_in_the_calendar(world: World, client: httpx.AsyncClient) -> None:
    for days in (100, 200):
        start = clock.now() - timedelta(days=days)
        await make_session(
            world.wang.activity,
            title=f"{days}天前",
            site=world.school.id,
            starts_at=start,
            ends_at=start + timedelta(hours=2),
            opens_at=start - timedelta(days=1),
            closes_at=start,
        )

    assert [event["SUMMARY"] for event in await events_of(client)] == ["劳模工匠进校园：100天前"]


async def test_an_organization_without_sessions_has_an_empty_feed(
    world: World, client: httpx.AsyncClient
) -> None:
    await make_organization("云南省教育厅", "agency", code="yn-edu")

    assert await events_of(client, "/o/yn-edu.ics") == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=120))
async def test_whatever_a_title_holds_the_feed_can_be_read(
    client: httpx.AsyncClient, session: Session, title: str
) -> None:
    await Session.update({Session.title: title}).where(Session.id == session.id)

    answer = await client.get(FEED)

    assert len(Calendar.from_ical(answer.content).events) == 1
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    assert b"\r" not in answer.content.replace(b"\r\n", b"")


@pytest.mark.parametrize("sessions", [1, 3, 30])
async def test_every_length_of_feed_costs_the_same(
    world: World, client: httpx.AsyncClient, counting: Counting, sessions: int
) -> None:
    activity = await make_activity(world.wang.organization)
    for _ in range(sessions):
        await make_session(activity, site=world.school.id)

    async with counting() as statements:
        assert len(await events_of(client)) == sessions

    assert len(statements) == 2
