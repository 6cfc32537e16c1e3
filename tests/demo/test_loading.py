"""Nine stories are there, whole, and no second time."""

from dataclasses import replace

import pytest
from tests.demo.conftest import quiet
from tests.people import make_union

from events_app import demo
from events_app.demo import Description
from events_app.demo.facts import ACTIVITIES
from events_app.demo.plan import Activity
from events_app.lib import database
from events_app.lib.errors import Refused
from events_app.settings import Settings

pytestmark = pytest.mark.usefixtures("loaded")

TABLES = (
    *("organization", "account", "membership", "token", "programme", "activity", "host", "venue", "guest"),
    *("session", "appearance", "person", "registration", "seat", "scan"),
)


async def count_rows() -> dict[str, int]:
    return {table: await database.value(f"SELECT count(*) FROM {table}") for table in TABLES}


async def test_loading_again_adds_nothing_and_says_the_same(loaded: Description, settings: Settings) -> None:
    before = await count_rows()

    await demo.load(settings, quiet)

    assert await count_rows() == before
    assert await demo.describe(settings) == loaded


async def test_another_database_gets_the_same_people_and_tickets(
    db: object, loaded: Description, settings: Settings
) -> None:
    everybody = (
        "SELECT p.name, p.phone, r.unit, r.ticket, r.pin FROM registration r JOIN person p ON p.id = r.person"
    )
    first = set(await database.fetch(everybody))
    await database.fetch(f"TRUNCATE {', '.join(TABLES)} CASCADE")

    await demo.load(settings, quiet)

    assert set(await database.fetch(everybody)) == first
    assert await demo.describe(settings) == loaded


async def test_a_union_that_is_there_keeps_its_name_and_its_people(db: object, settings: Settings) -> None:
    await database.fetch(f"TRUNCATE {', '.join(TABLES)} CASCADE")
    await make_union()

    await demo.load(settings, quiet)

    accounts = {a.login: a for a in (await demo.describe(settings)).accounts}
    assert list(accounts) == ["yang", "wang-demo", "gao", "li-demo", "he", "qian"]
    assert accounts["wang-demo"].password == "demo-wang-2026"
    assert await database.value("SELECT count(*) FROM organization WHERE name = '云南省总工会（演示）'") == 1


async def test_production_has_no_demo(settings: Settings) -> None:
    with pytest.raises(Refused):
        await demo.load(replace(settings, production=True), quiet)


async def test_size_is_what_was_promised() -> None:
    rows = await count_rows()

    assert 35 <= rows["session"] <= 50
    assert 2_800 <= rows["registration"] <= 3_500
    assert await database.value("SELECT count(DISTINCT kind) FROM activity") == 10


@pytest.mark.parametrize(
    ("title", "hosts"),
    [
        ("“互助保障+工惠保”单位统一参保与健康服务", "host 宁波市总工会"),
        ("家庭友好型工作场所典型案例征集", "host 中华全国总工会, host 人力资源和社会保障部"),
        (
            "云南省“劳模工匠进校园”活动启动仪式暨走进云南机电职业技术学院专场",
            "host 云南省委教育工委, host 云南省教育厅, host 云南省总工会, organizer 云南机电职业技术学院",
        ),
        ("冷湖天文观测基地“高原氧吧”氧舱预约", "host 青海省总工会, organizer 海西州总工会"),
        (
            "“永顺娘家人关爱新业态”法律服务进站点",
            "host 北京市通州区总工会, organizer 永顺镇总工会, co_organizer 永顺镇司法所, "
            "co_organizer 致宏律师事务所, co_organizer 辉诺律师事务所",
        ),
        ("植保无人机“飞手”培训班", "host 浙江省总工会, organizer 德清县阜溪街道成人文化技术学校"),
        ("淮北市工会集体协商技能竞赛", "host 淮北市总工会"),
        ("“全程帮”南亚职工法律援助座谈", "host 石门街道总工会"),
        ("“匠心凤城、筑梦硅都”职工技能竞赛", "host 银川经济技术开发区工会"),
    ],
)
async def test_every_story_has_its_hosts(title: str, hosts: str) -> None:
    found = await database.value(
        """SELECT string_agg(h.role || ' ' || o.name, ', ' ORDER BY h.position)
             FROM activity a JOIN host h ON h.activity = a.id JOIN organization o ON o.id = h.organization
            WHERE a.title = $1""",
        title,
    )

    assert found.startswith(hosts)


async def test_six_guests_open_the_tour_of_schools() -> None:
    found = await database.value(
        """SELECT count(*) FROM appearance JOIN session s ON s.id = session JOIN activity a ON a.id = s.activity
            WHERE a.title LIKE '%启动仪式%'"""
    )

    assert found == 6


async def test_397_of_410_came_to_sign() -> None:
    row = await database.find("SELECT taken, attended FROM session WHERE title = '方案集中签署'")

    assert row is not None
    assert tuple(row) == (410, 397)


async def test_phones_are_nobodys() -> None:
    assert await database.value("SELECT count(*) FROM person WHERE phone !~ '^1990000[0-9]{4}$'") == 0


async def test_rare_and_minority_names_are_among_them() -> None:
    for part in ("𬱖", "㛃", "·"):
        assert await database.value("SELECT count(*) FROM person WHERE name LIKE '%' || $1 || '%'", part) > 0


async def test_every_state_of_a_seat_can_be_seen() -> None:
    rows = await database.fetch("SELECT DISTINCT state FROM seat ORDER BY state")

    assert [row["state"] for row in rows] == ["confirmed", "pending", "released", "waitlisted"]
    assert await database.value("SELECT count(*) FROM session WHERE called_off_at IS NOT NULL") == 1
    assert await database.value("SELECT count(*) FROM activity WHERE published_at IS NULL") == 2


@pytest.mark.parametrize("activity", ACTIVITIES, ids=lambda activity: activity.key)
def test_facts_agree_with_themselves(activity: Activity) -> None:
    for session in activity.sessions:
        assert session.capacity <= session.place.capacity
        assert session.attended <= min(session.capacity, session.registered - session.given_up)
        assert not (session.attended and session.day > 0)
