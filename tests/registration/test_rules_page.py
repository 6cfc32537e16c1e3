"""An organiser's page of registration rules: what may be changed, what may not any more, and what people read of it."""

from datetime import timedelta
from decimal import Decimal
from html import unescape
from types import SimpleNamespace
from typing import Any

import httpx
import msgspec
import pytest
from tests.pages import fields_of
from tests.people import (
    Union,
    let_in,
    make_activity,
    make_organization,
    make_session,
    make_union,
    register,
)

from events_app.lib import clock, codes, database
from events_app.programmes.rules.admission import minutes_text, rule_sentences
from events_app.programmes.tables import Activity, ActivityState, Admission, Extent, Programme, Session
from events_app.registration.rules.rule_changes import Held, Rules, rule_errors


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def wang(union: Union, client: httpx.AsyncClient) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


def address(activity: Activity) -> str:
    return f"/manage/activities/{activity.code}/rules"


async def form_of(wang: httpx.AsyncClient, activity: Activity, **changes: Any) -> dict[str, Any]:
    """What the page sends when only these fields are touched."""
    fields = fields_of((await wang.get(address(activity))).text)
    fields.pop("", None)
    return {**fields, **changes}


async def save(wang: httpx.AsyncClient, activity: Activity, **changes: Any) -> httpx.Response:
    return await wang.post(address(activity), data=await form_of(wang, activity, **changes))


async def stored(activity: Activity) -> dict[str, Any]:
    row = await database.find("SELECT * FROM activity WHERE id = $1", activity.id)
    assert row
    return dict(row)


async def units_of(activity: Activity) -> list[tuple[str, int | None]]:
    rows = await database.fetch(
        """SELECT o.name, e.quota FROM eligible_unit e JOIN organization o ON o.id = e.organization
            WHERE e.activity = $1 ORDER BY o.name""",
        activity.id,
    )
    return [(row["name"], row["quota"]) for row in rows]


async def test_saving_what_nobody_touched_changes_nothing(wang: httpx.AsyncClient, union: Union) -> None:
    before = await stored(union.activity)

    answer = await save(wang, union.activity)

    after = await stored(union.activity)
    assert answer.status_code == 303
    assert before | {"updated_at": None} == after | {"updated_at": None}


async def test_every_rule_is_saved_and_shown_again(wang: httpx.AsyncClient, union: Union) -> None:
    numbers = {"most_sessions": 2, "unit_quota": 30, "minimum_age": 18, "offer_minutes": 90, "group_most": 4}
    chosen = {"admission": "approval", "extent": "several", **{k: str(v) for k, v in numbers.items()}}

    answer = await save(wang, union.activity, **chosen, walk_ins="yes", asks_birth_year="yes")

    kept = await stored(union.activity)
    shown = fields_of((await wang.get(address(union.activity))).text)
    assert answer.status_code == 303
    assert {name: kept[name] for name in numbers} == numbers
    assert (kept["admission"], kept["walk_ins"], kept["asks_birth_year"]) == ("approval", True, True)
    assert {name: shown[name] for name in chosen} == {name: [value] for name, value in chosen.items()}


async def test_units_with_places_of_their_own_are_saved_and_taken_away(
    wang: httpx.AsyncClient, union: Union
) -> None:
    for name in ("第一小学", "第二小学"):
        await make_organization(name, "school")
    two = {"unit_name": ["第一小学", "", "第二小学"], "unit_places": ["", "", "40"]}

    await save(wang, union.activity, **two, eligible_only="yes")
    assert await units_of(union.activity) == [("第一小学", None), ("第二小学", 40)]
    assert (await stored(union.activity))["eligible_only"] is True

    await save(wang, union.activity, unit_name=["第二小学"], unit_places=["50"])
    assert await units_of(union.activity) == [("第二小学", 50)]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"eligible_only": "yes"}, "请写上哪些单位可以报名"),
        ({"unit_name": ["没有的单位"], "unit_places": [""]}, "没有这些组织：没有的单位"),
        ({"unit_name": ["云南省总工会"] * 2, "unit_places": ["", ""]}, "写了不止一次：云南省总工会"),
        ({"unit_name": ["云南省总工会"], "unit_places": ["0"]}, "请填写1到1000000之间的整数。"),
        ({"group_most": "21"}, "请填写1到20之间的整数。"),
        ({"minimum_age": "二十"}, "请填写1到120之间的整数。"),
        ({"offer_minutes": "0"}, "请填写1到43200之间的整数。"),
        ({"session_hours": "1.25"}, "请填写0.1到999之间的数，最多一位小数。"),
        ({"session_hours": "0"}, "请填写0.1到999之间的数，最多一位小数。"),
        ({"certificates": "yes", "certificate_hours": "8"}, "请写上每场多少学时"),
        ({"minimum_minutes": "1441"}, "请填写1到1440之间的整数。"),
        ({"admission": "lottery"}, "请从列表中选择一项。"),
        ({"admission": "draw", "extent": "course"}, "整门课程不能抽签"),
    ],
)
async def test_what_does_not_fit_is_said_and_kept(
    wang: httpx.AsyncClient, union: Union, changes: dict[str, Any], sentence: str
) -> None:
    before = await stored(union.activity)

    answer = await save(wang, union.activity, walk_ins="yes", **changes)

    assert (answer.status_code, sentence in unescape(answer.text)) == (422, True)
    assert fields_of(answer.text)["walk_ins"] == ["yes"]
    assert await stored(union.activity) == before


async def test_what_coming_is_worth_is_saved_shown_again_and_said(
    wang: httpx.AsyncClient, union: Union
) -> None:
    worth = {"minimum_minutes": "45", "session_hours": "1.5", "certificate_hours": "１２"}

    answer = await save(wang, union.activity, **worth, must_check_out="yes", certificates="yes")

    kept = await stored(union.activity)
    shown = fields_of((await wang.get(address(union.activity))).text)
    public = (await wang.get(f"/s/{union.session.code}")).text
    assert answer.status_code == 303
    assert (kept["minimum_minutes"], kept["must_check_out"], kept["certificates"]) == (45, True, True)
    assert (kept["session_hours"], kept["certificate_hours"]) == (Decimal("1.5"), Decimal("12.0"))
    assert {name: shown[name] for name in worth} == {
        "minimum_minutes": ["45"], "session_hours": ["1.5"], "certificate_hours": ["12"],
    }  # fmt: skip
    for sentence in ("在场满45分钟并登记离场", "参加一场计1.5学时", "满12学时，可以在入场码页面领取"):
        assert sentence in public


async def test_hours_for_a_certificate_go_with_the_certificate(wang: httpx.AsyncClient, union: Union) -> None:
    await save(wang, union.activity, session_hours="2", certificate_hours="4")

    assert (await stored(union.activity))["certificate_hours"] is None


async def test_full_width_digits_are_digits(wang: httpx.AsyncClient, union: Union) -> None:
    await save(wang, union.activity, minimum_age="１８")

    assert (await stored(union.activity))["minimum_age"] == 18


# What may still change


OPEN = Rules(Admission.OPEN, Extent.SEVERAL, None, None, False, None, False, None, False, None, 1)


@pytest.mark.parametrize(
    ("before", "after", "held", "wrong"),
    [
        ({}, {"admission": Admission.DRAW}, Held(0, 0, 0), []),
        ({}, {"admission": Admission.DRAW}, Held(0, 0, 3), ["admission"]),
        ({}, {"admission": Admission.APPROVAL}, Held(0, 0, 3), []),
        ({"admission": Admission.APPROVAL}, {}, Held(0, 2, 3), ["admission"]),
        ({"admission": Admission.APPROVAL}, {}, Held(0, 0, 3), []),
        ({"admission": Admission.DRAW}, {}, Held(5, 0, 0), ["admission"]),
        ({"admission": Admission.DRAW}, {}, Held(0, 0, 5), []),
        ({"admission": Admission.DRAW}, {"admission": Admission.DRAW}, Held(5, 0, 0), []),
        ({}, {"extent": Extent.COURSE}, Held(0, 0, 1), ["extent"]),
        ({"extent": Extent.COURSE}, {}, Held(0, 0, 1), ["extent"]),
        ({}, {"extent": Extent.COURSE}, Held(0, 0, 0), []),
        ({}, {"extent": Extent.ONE}, Held(0, 0, 9), []),
        ({}, {"admission": Admission.DRAW, "extent": Extent.COURSE}, Held(0, 0, 0), ["extent"]),
        ({}, {"unit_quota": 1, "group_most": 3}, Held(0, 0, 9), []),
    ],
)
def test_rules_change_only_where_nobody_loses_by_it(
    before: dict[str, Any], after: dict[str, Any], held: Held, wrong: list[str]
) -> None:
    old, new = msgspec.structs.replace(OPEN, **before), msgspec.structs.replace(OPEN, **after)

    assert list(rule_errors(old, new, held, 0)) == wrong


async def test_a_draw_is_not_called_off_while_people_wait_for_it(
    wang: httpx.AsyncClient, union: Union
) -> None:
    activity = await make_activity(union.organization, admission=Admission.DRAW)
    await register(await make_session(activity))

    answer = await save(wang, activity, admission="open")

    assert (answer.status_code, "有1人报名等抽签" in answer.text) == (422, True)
    assert (await stored(activity))["admission"] == "draw"


async def test_people_of_sessions_that_are_over_stand_against_nothing(
    wang: httpx.AsyncClient, union: Union
) -> None:
    await register(union.session)
    now = clock.now()
    past: dict[Any, Any] = {
        Session.starts_at: now - timedelta(hours=3),
        Session.ends_at: now - timedelta(hours=1),
        Session.closes_at: now - timedelta(hours=3),
    }
    await Session.update(past).where(Session.id == union.session.id)

    answer = await save(wang, union.activity, admission="draw")

    assert answer.status_code == 303


async def test_whoever_is_registered_stays_under_stricter_rules(
    wang: httpx.AsyncClient, union: Union
) -> None:
    await register(union.session, unit="第一小学")
    await register(union.session, "钱二", unit="第一小学")

    answer = await save(wang, union.activity, unit_quota="1", extent="one", minimum_age="60")

    rows = await database.fetch("SELECT state FROM seat WHERE session = $1", union.session.id)
    assert answer.status_code == 303
    assert [row["state"] for row in rows] == ["confirmed", "confirmed"]


async def test_what_a_colleague_changed_meanwhile_is_named(wang: httpx.AsyncClient, union: Union) -> None:
    opened = await form_of(wang, union.activity, group_most="5")
    await save(wang, union.activity, minimum_age="18")

    answer = await wang.post(address(union.activity), data=opened)
    assert (answer.status_code, "有人改过：最低年龄" in answer.text) == (409, True)
    assert (await stored(union.activity))["group_most"] == 1

    again = fields_of(answer.text)
    again.pop("", None)
    saved = await wang.post(address(union.activity), data=again)
    assert (saved.status_code, (await stored(union.activity))["group_most"]) == (303, 5)


async def test_rules_are_not_changed_while_they_are_reviewed(wang: httpx.AsyncClient, union: Union) -> None:
    opened = await form_of(wang, union.activity, group_most="5")
    submitted: dict[Any, Any] = {Activity.state: ActivityState.SUBMITTED, Activity.published_at: None}
    await Activity.update(submitted).where(Activity.id == union.activity.id)

    answers = [await wang.get(address(union.activity)), await wang.post(address(union.activity), data=opened)]

    assert [answer.status_code for answer in answers] == [409, 409]


# The programme


async def test_limit_of_the_whole_programme_is_its_own_unions_to_set(
    wang: httpx.AsyncClient, union: Union
) -> None:
    other = await make_organization("浙江省总工会")
    ours, theirs = [
        Programme(code=codes.new_code(), organization=organization.id, name=name)
        for organization, name in ((union.organization, "匠心凤城"), (other, "浙江工匠"))
    ]
    await ours.save()
    await theirs.save()

    for programme in (ours, theirs):
        await Activity.update({Activity.programme: programme.id}).where(Activity.id == union.activity.id)
        await save(wang, union.activity, programme_most="2")

    limits = [
        await database.value("SELECT most_sessions FROM programme WHERE id = $1", p.id)
        for p in (ours, theirs)
    ]
    assert limits == [2, None]


# What people read


async def test_rules_are_said_in_plain_words_on_the_public_pages(
    wang: httpx.AsyncClient, union: Union
) -> None:
    await save(wang, union.activity, extent="one", minimum_age="18", offer_minutes="120", walk_ins="yes")
    said = [
        *("先到先得", "每人只能参加其中一场。", "须年满18周岁", "2小时内不确认"),
        "现场还有空位时也可以参加",
    ]

    for page in (f"/s/{union.session.code}", f"/activities/{union.activity.code}"):
        text = (await wang.get(page)).text
        assert [sentence for sentence in said if sentence not in text] == []


def test_minutes_are_said_as_people_say_them() -> None:
    assert [minutes_text(n) for n in (1440, 2880, 60, 90, 1)] == ["1天", "2天", "1小时", "90分钟", "1分钟"]


async def test_every_rule_has_its_sentence(union: Union) -> None:
    rules = SimpleNamespace(
        admission=Admission.DRAW,
        extent=Extent.SEVERAL,
        most_sessions=3,
        programme_name="匠心凤城",
        programme_most=5,
        eligible_only=True,
        unit_quota=20,
        walk_ins=True,
        minimum_age=16,
        offer_minutes=None,
        group_most=3,
        minimum_minutes=45,
        must_check_out=True,
        session_hours=Decimal("1.5"),
        certificates=True,
        certificate_hours=Decimal("12.0"),
    )

    assert len(rule_sentences(rules)) == 12


async def test_change_is_written_down(wang: httpx.AsyncClient, union: Union) -> None:
    await save(wang, union.activity, group_most="3")

    detail = await database.value(
        "SELECT detail ->> 'changes' FROM audit_entry WHERE action = 'activity.rules'"
    )
    assert detail == '{"group_most": ["1", "3"]}'


async def test_another_unions_organiser_sees_and_changes_nothing(
    client: httpx.AsyncClient, union: Union
) -> None:
    theirs = await make_union("浙江省总工会", "qian", "zhou")
    await let_in(client, theirs.wang)
    form = await form_of(client, theirs.activity, group_most="5")

    answers = [
        await client.get(address(union.activity)),
        await client.post(address(union.activity), data=form),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert (await stored(union.activity))["group_most"] == 1
