"""An activity planned like another one asks the same and lets the same people in."""

from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests.people import Union, let_in, make_organization, make_terms, make_union, register

from events_app.lib import database
from events_app.programmes.tables import Activity
from events_app.registration.actions.terms import latest_terms
from events_app.registration.queries.terms import find_latest_terms
from events_app.registration.rules.questions import Question, QuestionKind
from events_app.registration.tables import EligibleUnit

SIZE = Question("size", QuestionKind.NUMBER, "衣服尺码", purpose="准备工作服", keep_days=3)
RULES: dict[Any, Any] = {
    "admission": "draw", "extent": "several", "most_sessions": 2, "eligible_only": True, "unit_quota": 5,
    "walk_ins": True, "minimum_age": 16, "asks_birth_year": True, "offer_minutes": 90, "group_most": 3,
    "minimum_minutes": 45, "must_check_out": True, "session_hours": Decimal("1.5"), "certificates": True,
    "certificate_hours": Decimal("6.0"),
}  # fmt: skip


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def wang(client: httpx.AsyncClient, union: Union) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


async def copied(wang: httpx.AsyncClient, union: Union) -> Activity:
    answer = await wang.post(f"/manage/activities/{union.activity.code}/copy", data={"title": "再来一次"})
    assert answer.status_code == 303, answer.text
    copy = await Activity.objects().where(Activity.title == "再来一次").first()
    assert copy is not None
    return copy


async def test_copy_asks_and_tells_what_stands_now(wang: httpx.AsyncClient, union: Union) -> None:
    await make_terms(union.activity, [])
    await register(union.session)
    words = {"purpose": "宣讲", "recipients": "承办的学校", "text": "联系人：王老师", "keep_days": 30}
    await make_terms(union.activity, [SIZE], **words)

    copy = await copied(wang, union)

    new = await latest_terms(copy.id)
    assert (new.number, new.questions, new.activity) == (1, [SIZE], copy.id)
    assert {name: getattr(new, name) for name in words} == words


async def test_copy_has_the_rules_and_the_units(wang: httpx.AsyncClient, union: Union) -> None:
    await Activity.update(RULES).where(Activity.id == union.activity.id)
    school = await make_organization("昆明一中", "school")
    await EligibleUnit(activity=union.activity.id, organization=school.id, quota=7).save()

    copy = await copied(wang, union)

    assert {name: getattr(copy, name) for name in RULES} == RULES
    units = await database.fetch("SELECT organization, quota FROM eligible_unit WHERE activity = $1", copy.id)
    assert [tuple(unit) for unit in units] == [(school.id, 7)]


async def test_copy_of_what_never_asked_anything_has_no_version_yet(
    wang: httpx.AsyncClient, union: Union
) -> None:
    copy = await copied(wang, union)

    assert await find_latest_terms(copy.id) is None
    assert (await wang.get(f"/manage/activities/{copy.code}/questions")).status_code == 200
