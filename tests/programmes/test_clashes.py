"""Clashes against what is saved: seen on the form, accepted by a tick, recorded, and found by indexes."""

import random
import re
from datetime import datetime, time, timedelta
from html import unescape
from typing import Any

import httpx
import msgspec
import pytest
from tests.people import (
    Union,
    counted_statements,
    let_in,
    make_account,
    make_activity,
    make_organization,
    make_session,
    make_union,
    moment_field,
)

from events_app.accounts.tables import Organization, Role
from events_app.lib import clock, codes, database
from events_app.programmes.actions.clashes import find_clashes
from events_app.programmes.queries.clashes import LIST_NEAR, find_facts, list_near, near_values
from events_app.programmes.queries.venues import find_or_add_venue
from events_app.programmes.queries.workdays import find_workdays
from events_app.programmes.rules.clashes import Planned, judge
from events_app.programmes.tables import (
    Appearance,
    Guest,
    Invitation,
    Kind,
    OpeningHours,
    Policy,
    Session,
    Venue,
)

# A Monday without holidays around it.
MONDAY = datetime(2027, 3, 8, 9, tzinfo=clock.ZONE)
TICK = "知道有冲突，仍然保存"


@pytest.fixture
async def school(db: object) -> Organization:
    return await make_organization("云南技师学院", "school", code="school")


@pytest.fixture
async def union(school: Organization) -> Union:
    return await make_union()


@pytest.fixture
async def wang(union: Union, client: httpx.AsyncClient) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


def session_form(start: datetime = MONDAY, hours: int = 2, **changes: Any) -> dict[str, Any]:
    return {
        "starts_at": moment_field(start),
        "ends_at": moment_field(start + timedelta(hours=hours)),
        "opens_at": moment_field(clock.now() - timedelta(days=1)),
        "closes_at": "",
        "title": "第二场",
        "venue": "报告厅",
        "address": "",
        "site": "",
        "capacity": "200",
        "check_in_lead": "60",
        "guests": "",
        **changes,
    }


async def make_guest(union: Union, name: str = "耿家盛", **columns: Any) -> Guest:
    guest = Guest(code=codes.new_code(), organization=union.organization.id, name=name, **columns)
    await guest.save()
    return guest


async def planned_session(union: Union, guests: list[Guest] | None = None, **columns: Any) -> Session:
    """On Monday from nine to eleven, in a hall of its own."""
    times = {"starts_at": MONDAY, "ends_at": MONDAY + timedelta(hours=2)}
    venue = await find_or_add_venue(union.organization.id, "小礼堂", "滨江路1号")
    window = {"check_in_opens_at": MONDAY, "check_in_closes_at": MONDAY + timedelta(hours=2)}
    given = {**times, **window, "closes_at": MONDAY, "venue": venue, **columns}
    session = await make_session(given.pop("activity", union.activity), **given)
    for guest in guests or []:
        await Appearance(session=session.id, guest=guest.id).save()
    return session


async def planned(union: Union, **changes: Any) -> list[str]:
    """Kinds of what a session at that time clashes with, and the codes of the other sessions."""
    given = {"venue": None, "site": None, "in_charge": None, "guests": [], "capacity": 50, **changes}
    one = Planned(MONDAY, MONDAY + timedelta(hours=2), **given)
    found = (await find_clashes(union.organization.id, [one]))[0]
    return [f"{clash.kind} {clash.session}".strip() for clash in found]


def sessions_address(union: Union) -> str:
    return f"/manage/activities/{union.activity.code}/sessions"


def keys(html: str) -> list[str]:
    return [unescape(key) for key in re.findall(r'name="accepted" value="([^"]*)"', html)]


async def count_sessions() -> int:
    return int(await database.value("SELECT count(*) FROM session"))


async def test_clash_is_shown_with_the_other_session_and_nothing_is_saved(
    wang: httpx.AsyncClient, union: Union
) -> None:
    other = await planned_session(union, [await make_guest(union)])
    before = await count_sessions()

    answer = await wang.post(sessions_address(union), data=session_form(guests="耿家盛\n李师傅"))

    assert answer.status_code == 409
    link = re.search(rf'<a href="/manage/sessions/{other.code}"[^>]*>([^<]*)<', answer.text)
    assert link
    assert link[1] == (
        "嘉宾耿家盛同时在另一场：《劳模工匠进校园》（2027年3月8日（周一）09:00–11:00、小礼堂）。"
    )
    assert TICK in answer.text
    assert "耿家盛\n李师傅</textarea>" in unescape(answer.text)
    assert await count_sessions() == before
    assert await database.value("SELECT count(*) FROM venue WHERE name = '报告厅'") == 0
    assert await database.value("SELECT count(*) FROM audit_entry") == 0


async def test_tick_saves_and_is_recorded_with_the_name(wang: httpx.AsyncClient, union: Union) -> None:
    await planned_session(union, [await make_guest(union)])
    form = session_form(guests="耿家盛")
    shown = await wang.post(sessions_address(union), data=form)

    saved = await wang.post(
        sessions_address(union), data=form | {"accepted": keys(shown.text), "accept_clashes": "yes"}
    )

    assert saved.status_code == 303
    row = await database.find("SELECT * FROM audit_entry WHERE action = 'clash.accept'")
    assert row is not None
    assert (row["account"], row["organization"]) == (union.wang.account, union.organization.id)
    assert row["subject"] == await database.value("SELECT code FROM session WHERE title = '第二场'")
    detail = msgspec.json.decode(row["detail"])
    assert detail["name"] == "wang"
    assert [text.startswith("嘉宾耿家盛同时在另一场：") for text in detail["clashes"]] == [True]
    page = await wang.get(f"/manage/sessions/{row['subject']}")
    assert detail["clashes"][0] in page.text


async def test_without_the_tick_the_keys_are_worth_nothing(wang: httpx.AsyncClient, union: Union) -> None:
    await planned_session(union, [await make_guest(union)])
    form = session_form(guests="耿家盛")
    shown = await wang.post(sessions_address(union), data=form)

    again = await wang.post(sessions_address(union), data=form | {"accepted": keys(shown.text)})
    ticked = await wang.post(sessions_address(union), data=form | {"accept_clashes": "yes"})

    assert (again.status_code, ticked.status_code) == (409, 409)


async def test_clash_that_appeared_meanwhile_is_shown_again(wang: httpx.AsyncClient, union: Union) -> None:
    geng = await make_guest(union)
    await planned_session(union, [geng])
    form = session_form(guests="耿家盛")
    shown = await wang.post(sessions_address(union), data=form)
    later = await planned_session(union, [geng], title="刚加的", venue=union.session.venue)

    again = await wang.post(
        sessions_address(union), data=form | {"accepted": keys(shown.text), "accept_clashes": "yes"}
    )

    assert again.status_code == 409
    assert f"/manage/sessions/{later.code}" in again.text
    assert len(keys(again.text)) == 2
    assert not re.search(r'name="accept_clashes"[^>]*checked', again.text)


async def test_what_does_not_take_place_is_in_nobodys_way(union: Union) -> None:
    geng, now = await make_guest(union), clock.now()
    off = await make_activity(union.organization, state="called_off")
    await planned_session(union, [geng], called_off_at=now, called_off_by=union.wang.account)
    await planned_session(union, [geng], postponed_at=now)
    await planned_session(union, [geng], activity=off)
    declined = await planned_session(union, [geng])
    await Invitation(
        session=declined.id, guest=geng.id, secret="x" * 43, answer="declined", asked_at=now
    ).save()

    assert await planned(union, guests=[geng.id]) == []


async def test_session_that_has_a_time_again_is_in_the_way_before_its_activity_is_resumed(
    union: Union,
) -> None:
    geng = await make_guest(union)
    postponed = await make_activity(union.organization, state="postponed")
    dated = await planned_session(union, [geng], activity=postponed)

    assert await planned(union, guests=[geng.id]) == [f"guest {dated.code}"]


async def test_session_does_not_clash_with_itself(union: Union) -> None:
    geng = await make_guest(union)
    session = await planned_session(union, [geng], in_charge=union.wang.account)
    same = {"guests": [geng.id], "venue": session.venue, "in_charge": union.wang.account}

    assert await planned(union, **same) == [
        f"{kind} {session.code}" for kind in ("guest", "venue", "in_charge")
    ]
    assert await planned(union, **same, session=session.id) == []


async def test_draft_of_ones_own_union_is_a_clash(union: Union) -> None:
    draft = await make_activity(union.organization, published_at=None)
    session = await planned_session(union, activity=draft, in_charge=union.wang.account)

    assert await planned(union, in_charge=union.wang.account) == [f"in_charge {session.code}"]


async def test_school_that_another_union_visits_too(
    wang: httpx.AsyncClient, union: Union, school: Organization
) -> None:
    other = await make_union("昆明市总工会", "qian", "sun")
    public = await planned_session(other, site=school.id)
    secret = await make_activity(other.organization, published_at=None, title="还没有公布的活动")
    aid = await make_activity(other.organization, kind=Kind.LEGAL_AID, title="谁来求助")
    await planned_session(other, activity=secret, site=school.id)
    await planned_session(other, activity=aid, site=school.id)

    assert await planned(union, site=school.id) == [f"site {public.code}"]
    page = (await wang.post(sessions_address(union), data=session_form(site="云南技师学院"))).text
    assert f'href="/s/{public.code}"' in page
    assert "/manage/sessions/" not in page
    assert "还没有公布" not in page
    assert "谁来求助" not in page


async def test_other_unions_guests_venues_and_organisers_are_not_known(union: Union) -> None:
    other = await make_union("昆明市总工会", "qian", "sun")
    guest = await make_guest(other, "别家的嘉宾", weekdays=0)
    session = await planned_session(other, [guest], in_charge=other.wang.account)
    await Venue.update({Venue.capacity: 1}).where(Venue.id == session.venue)

    foreign = {"guests": [guest.id], "venue": session.venue, "in_charge": other.wang.account}
    assert await planned(union, **foreign) == []
    assert len(await planned(other, **foreign)) == 5


async def test_organiser_of_two_unions_gives_nothing_away(union: Union) -> None:
    """Who else is in charge of what elsewhere is not for everybody to see."""
    other = await make_union("昆明市总工会", "qian", "sun")
    both = await make_account("zhou", Role.ORGANIZER, union.organization)
    await planned_session(other, in_charge=both.account)

    assert await planned(union, in_charge=both.account) == []


async def test_room_and_building_by_the_register(union: Union) -> None:
    organization = union.organization.id
    building = await find_or_add_venue(organization, "教学楼", "学府路1号")
    rooms = []
    for name in ("101", "102"):
        room = Venue(code=codes.new_code(), organization=organization, parent=building, name=name)
        await room.save()
        rooms.append(room.id)
    session = await planned_session(union, venue=rooms[0])

    assert await planned(union, venue=building) == [f"venue {session.code}"]
    assert await planned(union, venue=rooms[0]) == [f"venue {session.code}"]
    assert await planned(union, venue=rooms[1]) == []


async def test_speed_capacity_and_hours_are_those_of_the_union(union: Union) -> None:
    geng, organization = await make_guest(union), union.organization.id
    near = Venue(
        code=codes.new_code(),
        organization=organization,
        name="甲",
        latitude=25.0,
        longitude=102.5,
        capacity=10,
    )
    far = Venue(code=codes.new_code(), organization=organization, name="乙", latitude=25.0, longitude=102.6)
    await near.save()
    await far.save()
    start = MONDAY + timedelta(hours=2, minutes=12)  # 10.1 km away
    after = await planned_session(
        union, [geng], venue=far.id, starts_at=start, ends_at=start + timedelta(hours=1)
    )
    await OpeningHours(venue=near.id, weekday=0, opens=time(10), closes=time(17)).save()

    usual = await planned(union, venue=near.id, guests=[geng.id])
    await Policy(organization=organization, travel_speed=100).save()
    fast = await planned(union, venue=near.id, guests=[geng.id], capacity=10)

    assert usual == [f"travel {after.code}", "capacity", "hours"]
    assert fast == ["hours"]


async def test_form_tells_of_clashes_while_it_is_filled_in(wang: httpx.AsyncClient, union: Union) -> None:
    other = await planned_session(union, [await make_guest(union)])
    address, form = f"{sessions_address(union)}/clashes", session_form(guests="耿家盛，全国劳动模范\n新人")
    await database.fetch("UPDATE guest SET honour = '全国劳动模范'")

    answer = await wang.post(address, data=form)
    ticked = await wang.post(address, data=form | {"accepted": keys(answer.text), "accept_clashes": "yes"})
    itself = await wang.post(f"{address}?session={other.code}", data=form)
    unfinished = await wang.post(address, data=form | {"ends_at": ""})

    assert [a.status_code for a in (answer, ticked, itself, unfinished)] == [200] * 4
    assert f"/manage/sessions/{other.code}" in answer.text
    assert "<html" not in answer.text
    assert "checked" not in answer.text
    assert "checked" in ticked.text
    assert (itself.text.strip(), unfinished.text.strip()) == ("", "")
    assert await database.value("SELECT count(*) FROM guest") == 1


async def test_stranger_sees_no_clashes(client: httpx.AsyncClient, union: Union) -> None:
    qian = (await make_union("昆明市总工会", "qian", "sun")).wang
    await let_in(client, qian)

    answers = [
        await client.post(f"{sessions_address(union)}{path}", data=session_form())
        for path in ("", "/clashes")
    ]

    assert [answer.status_code for answer in answers] == [404, 404]


async def test_further_session_begins_as_the_last_one_a_week_later(
    wang: httpx.AsyncClient, union: Union, school: Organization
) -> None:
    geng = await make_guest(union, honour="全国劳动模范")
    await planned_session(union, [geng], site=school.id, capacity=77, waiting_list=False)

    page = unescape((await wang.get(f"{sessions_address(union)}/new")).text)

    assert 'name="starts_at" value="2027-03-15T09:00"' in page
    assert 'name="ends_at" value="2027-03-15T11:00"' in page
    assert 'name="capacity" value="77"' in page
    assert 'value="小礼堂"' in page
    assert 'value="滨江路1号"' in page
    assert 'value="云南技师学院" maxlength' in page
    assert "耿家盛，全国劳动模范</textarea>" in page
    assert f'<option value="{union.wang.account}" selected>wang</option>' in page
    assert f'value="{union.li.account}"' not in page
    assert not re.search(r'name="waiting_list"[^>]*checked', page)


async def test_session_saved_with_who_is_in_charge_and_closing_at_its_start(
    wang: httpx.AsyncClient, union: Union
) -> None:
    answer = await wang.post(
        sessions_address(union), data=session_form(in_charge=str(union.wang.account), closes_at="")
    )

    row = await database.find("SELECT in_charge, closes_at FROM session WHERE title = '第二场'")
    assert answer.status_code == 303
    assert row is not None
    assert tuple(row) == (union.wang.account, MONDAY)


@pytest.mark.parametrize("whose", ["qian", "li", "0", "-1", "九", "1; DROP TABLE a", "9" * 20])
async def test_nobody_else_can_be_put_in_charge(wang: httpx.AsyncClient, union: Union, whose: str) -> None:
    other = await make_union("昆明市总工会", "qian", "sun")
    accounts = {"qian": other.wang.account, "li": union.li.account}
    before = await count_sessions()

    answer = await wang.post(
        sessions_address(union), data=session_form(in_charge=str(accounts.get(whose, whose)))
    )

    assert answer.status_code == 422
    assert "请从列表中选择一位本工会的组织者。" in answer.text
    assert await count_sessions() == before


@pytest.mark.parametrize(
    "bad",
    [
        {"accepted": ["钥匙" * 200]},
        {"accepted": ["k"] * 61},
        {"accepted": ["a\x00b"]},
        {"guests": "，".join(["长" * 100] * 3)},
        {"venue": "场" * 204},
        {"venue": "场" * 101},
        {"starts_at": "9999-99-99"},
        {"ends_at": moment_field(MONDAY)},
    ],
    ids=["long key", "many keys", "NUL", "long guest", "long venue", "new venue", "no day", "no time"],
)
async def test_odd_forms_are_refused_in_words(
    wang: httpx.AsyncClient, union: Union, bad: dict[str, Any]
) -> None:
    form = session_form(**bad)

    saved = await wang.post(sessions_address(union), data=form)
    foreseen = await wang.post(f"{sessions_address(union)}/clashes", data=form)

    assert saved.status_code == 422
    assert "请改正后再提交" in saved.text
    assert (foreseen.status_code, foreseen.text.strip()) == (200, "")


async def test_venue_of_another_union_is_a_new_one_of_that_name(
    wang: httpx.AsyncClient, union: Union
) -> None:
    other = await make_union("昆明市总工会", "qian", "sun")
    await planned_session(other)

    answer = await wang.post(sessions_address(union), data=session_form(venue="小礼堂", address="滨江路1号"))

    assert answer.status_code == 303
    assert await database.value("SELECT count(DISTINCT organization) FROM venue WHERE name = '小礼堂'") == 2


@pytest.mark.parametrize("seed", range(6))
async def test_search_leaves_out_nothing_that_clashes(union: Union, school: Organization, seed: int) -> None:
    """Held against a judgement over all the sessions that there are."""
    chance = random.Random(seed)
    organization, guests = union.organization.id, [(await make_guest(union, name)).id for name in "甲乙丙丁"]
    venues = [await find_or_add_venue(organization, name, "") for name in "东西"]
    for number, parent in enumerate(venues[:1] * 2):
        room = Venue(code=codes.new_code(), organization=organization, parent=parent, name=f"{number}")
        await room.save()
        venues.append(room.id)
    await database.fetch("UPDATE venue SET latitude = 20 + id % 7, longitude = 100 WHERE parent IS NULL")

    def times() -> tuple[datetime, datetime]:
        start = MONDAY + timedelta(hours=chance.randrange(24 * 20))
        lasts = chance.choice([*[1, 2, 3] * 5, 12, 24 * 3, 24 * 30, 24 * 31])
        return start, start + timedelta(hours=lasts)

    def who() -> dict[str, Any]:
        return {
            "venue": chance.choice(venues),
            "site": chance.choice([school.id, None, None]),
            "in_charge": chance.choice([union.wang.account, None, None]),
            "guests": chance.sample(guests, chance.randrange(3)),
        }

    for _n in range(60):
        (start, end), bound = times(), who()
        there = bound.pop("guests")
        window: dict[str, Any] = {"check_in_opens_at": start, "check_in_closes_at": end, "closes_at": start}
        session = await planned_session(union, starts_at=start, ends_at=end, **window, **bound)
        for guest in there:
            await Appearance(session=session.id, guest=guest).save()
    wanted = [Planned(*times(), **who(), capacity=1) for _n in range(10)]
    everything = Planned(
        MONDAY - timedelta(days=100),
        MONDAY + timedelta(days=200),
        None,
        school.id,
        union.wang.account,
        guests,
        1,
    )
    all_sessions = [
        other
        for venue in venues
        for other in await list_near(organization, [msgspec.structs.replace(everything, venue=venue)])
    ]
    all_sessions = list({other.session: other for other in all_sessions}.values())
    facts, workdays = await find_facts(organization, wanted, 40), await find_workdays(organization)

    found = await find_clashes(organization, wanted)

    assert len(all_sessions) > 50
    assert found == judge(wanted, all_sessions, facts, workdays)
    assert sum(map(len, found)) > 20


async def test_looking_for_clashes_costs_the_same_for_one_and_for_thirty(union: Union) -> None:
    geng = await make_guest(union)
    await planned_session(union, [geng], in_charge=union.wang.account)
    one = Planned(MONDAY, MONDAY + timedelta(hours=2), union.session.venue, None, None, [geng.id], 50)
    counts = []

    for many in (1, 3, 30):
        async with counted_statements() as statements:
            await find_clashes(union.organization.id, [one] * many)
        counts.append(len(statements))

    assert counts == [5, 5, 5]
    assert await find_clashes(union.organization.id, []) == []


# Ten years of a union, thinned out; the bench measures 100,000.
TEN_YEARS = """
    INSERT INTO session (code, activity, starts_at, ends_at, venue, site, in_charge, capacity,
                         opens_at, closes_at, check_in_opens_at, check_in_closes_at, created_at, updated_at)
         SELECT 'x' || n, $1, at, at + interval '2 hours', ($2::int[])[1 + n % 50], ($3::int[])[1 + n % 20], $4, 100,
                at - interval '7 days', at, at, at + interval '2 hours', now(), now()
           FROM generate_series(1, 20000) n, LATERAL (SELECT $5::timestamptz + n * interval '4 hours' AS at) t
"""


async def test_indexes_carry_the_search(union: Union, school: Organization) -> None:
    organization = union.organization.id
    venues = [await find_or_add_venue(organization, f"场地{n}", "") for n in range(50)]
    guests = [(await make_guest(union, f"嘉宾{n}")).id for n in range(200)]
    first = MONDAY - timedelta(days=1700)
    sites = [school.id, *[(await make_organization(kind="school")).id for _n in range(19)]]
    await database.fetch(TEN_YEARS, union.activity.id, venues, sites, union.wang.account, first)
    await database.fetch(
        "INSERT INTO appearance (session, guest) SELECT s.id, g FROM session s, LATERAL"
        " (SELECT $1::int[] AS all_guests) a, LATERAL unnest(a.all_guests[1 + s.id % 199 : 2 + s.id % 199]) g",
        guests,
    )
    for table in ("session", "appearance", "venue", "guest"):
        await database.fetch(f"ANALYZE {table}")
    one = Planned(
        MONDAY, MONDAY + timedelta(hours=2), venues[7], school.id, union.wang.account, guests[:6], 50
    )

    for planned in ([one], [one] * 50):
        rows = await database.fetch("EXPLAIN " + LIST_NEAR, *near_values(organization, planned))
        plan = "\n".join(row[0] for row in rows)

        assert not re.findall(r"Seq Scan on (?:session|appearance)\b", plan), plan
        assert {"session_venue_starts_at", "appearance_guest"} <= set(
            re.findall(r"Scan (?:using|on) (\w+)", plan)
        )
