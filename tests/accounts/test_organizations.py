"""Schools and companies that organisers add, and accounts that administrators make."""

import asyncio

import httpx
import pytest
from tests.people import Union, let_in, make_organization, make_union

from events_app.accounts import actions
from events_app.accounts.tables import Organization, OrganizationKind, Role
from events_app.lib import codes, database
from events_app.lib.errors import NotFound, Refused

SCHOOL = {"name": "云南技师学院", "kind": "school", "region": "530100"}


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def wang(union: Union, client: httpx.AsyncClient) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


async def test_organiser_adds_a_school(wang: httpx.AsyncClient, union: Union) -> None:
    answer = await wang.post("/manage/organizations", data=SCHOOL)

    school = await Organization.select().where(Organization.name == "云南技师学院").first()
    assert school is not None
    assert (answer.status_code, answer.headers["location"]) == (303, f"/o/{school['code']}")
    assert (school["kind"], school["region"]) == ("school", "530100")


async def test_adding_a_school_is_written_down(wang: httpx.AsyncClient, union: Union) -> None:
    await wang.post("/manage/organizations", data=SCHOOL)

    row = await database.find(
        "SELECT account, organization, action, detail->>'name' AS name FROM audit_entry"
    )

    assert row is not None
    assert tuple(row) == (
        union.wang.account,
        union.organization.id,
        "organization.create",
        "云南技师学院",
    )


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "云南省总工会", "已有同名的组织，请直接使用它。"),
        ("name", "", "这一项必须填写。"),
        ("kind", "castle", "请从列表中选择一项。"),
        ("region", "53", "请填写6位数字。"),
    ],
)
async def test_wrong_school_is_refused_and_stays_typed(
    wang: httpx.AsyncClient, field: str, value: str, sentence: str
) -> None:
    answer = await wang.post("/manage/organizations", data=SCHOOL | {field: value})

    assert (answer.status_code, answer.text.count(sentence)) == (422, 2)
    assert all(f'value="{v}"' in answer.text for k, v in SCHOOL.items() if k != field)
    assert await database.value("SELECT count(*) FROM organization") == 1


async def test_account_needs_an_organization_and_a_free_login(union: Union) -> None:
    with pytest.raises(NotFound):
        await actions.create_account("sun", "孙", "密码", "nowhere", Role.VIEWER)
    with pytest.raises(Refused) as refused:
        await actions.create_account("wang", "王", "密码", union.organization.code, Role.VIEWER)

    assert refused.value.reason == "taken"
    assert await database.value("SELECT count(*) FROM account") == 2


async def test_token_is_shown_once_and_stored_as_a_digest(union: Union) -> None:
    secret = await actions.create_token("wang", "script")

    kept = await database.value("SELECT secret_digest FROM token WHERE name = 'script'")

    assert kept == codes.digest(secret)


async def test_two_accounts_of_one_login_at_once_are_one(committed_db: str) -> None:
    union = await make_organization()

    made = await asyncio.gather(
        *(actions.create_account("sun", name, "密码", union.code, Role.VIEWER) for name in ("孙一", "孙二")),
        return_exceptions=True,
    )

    assert sorted(type(result).__name__ for result in made) == ["Refused", "int"]


async def test_what_is_done_at_the_terminal_is_written_down(db: object) -> None:
    await actions.found_organization("yn", "云南省总工会", OrganizationKind.UNION, "530000")
    await actions.create_account("sun", "孙", "密码", "yn", Role.OWNER)
    await actions.change_password("sun", "另一个密码")
    await actions.create_token("sun", "script")

    rows = await database.fetch("SELECT account, action, subject FROM audit_entry ORDER BY id")
    assert [tuple(row) for row in rows] == [
        (None, "organization.create", "yn"),
        (None, "account.create", "sun"),
        (None, "password.update", "sun"),
        (None, "token.create", "sun"),
    ]
