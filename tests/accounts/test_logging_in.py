"""Who is let in, for how long, and what a page tells a stranger."""

import asyncio
from datetime import timedelta
from html import unescape

import httpx
import pytest
from piccolo.columns import Column
from tests.conftest import BASE_URL, new_client
from tests.people import (
    PASSWORD,
    Union,
    counted_statements,
    let_in,
    log_in,
    make_account,
    make_organization,
    make_union,
)

from events_app.accounts import actions
from events_app.accounts.tables import Account, Login, Role
from events_app.lib import clock, codes, database, request_context
from events_app.lib.errors import Refused, TooMany
from events_app.web.edge import Edge

WRONG = "用户名或密码不对，请重新输入。"
HERE = "127.0.0.1"


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


async def try_login(client: httpx.AsyncClient, login: str, password: str, next: str = "") -> httpx.Response:
    return await client.post("/login", data={"login": login, "password": password, "next": next})


async def test_login_page_asks_for_name_and_password(client: httpx.AsyncClient) -> None:
    answer = await client.get("/login")

    assert answer.status_code == 200
    assert 'name="login"' in answer.text
    assert 'name="password"' in answer.text


async def test_right_password_leads_to_the_work(union: Union, client: httpx.AsyncClient) -> None:
    answer = await try_login(client, "wang", PASSWORD)

    assert (answer.status_code, answer.headers["location"]) == (303, "/manage")
    assert (await client.get("/manage")).status_code == 200


@pytest.mark.parametrize("login", ["wang", "nobody"])
async def test_wrong_password_and_unknown_login_get_one_answer(
    union: Union, client: httpx.AsyncClient, login: str
) -> None:
    answer = await try_login(client, login, "不是这个密码", "/manage/activities/new")

    assert (answer.status_code, answer.text.count(WRONG)) == (422, 2)
    assert f'value="{login}"' in answer.text
    assert 'name="next" value="/manage/activities/new"' in unescape(answer.text)
    assert "不是这个密码" not in answer.text
    assert "set-cookie" not in answer.headers


async def test_password_is_taken_as_typed(union: Union, client: httpx.AsyncClient) -> None:
    assert (await try_login(client, "wang", f" {PASSWORD}")).status_code == 422
    assert (await try_login(client, "wang", PASSWORD)).status_code == 303


async def test_empty_form_names_what_is_missing(db: object, client: httpx.AsyncClient) -> None:
    answer = await try_login(client, "", "")

    assert (answer.status_code, "这一项必须填写。" in answer.text) == (422, True)


async def test_every_login_gets_a_new_cookie(union: Union, app: Edge) -> None:
    async with new_client(app) as phone, new_client(app) as desk:
        await log_in(phone, "wang")
        await log_in(desk, "wang")
        values = {c.cookies["events_login"] for c in (phone, desk)}
        await log_in(desk, "wang")

    assert len(values | {desk.cookies["events_login"]}) == 3


async def test_planted_cookie_is_refused_and_never_adopted(union: Union, client: httpx.AsyncClient) -> None:
    planted = codes.new_secret()
    client.cookies.set("events_login", planted, domain="testserver.local")

    before = await client.get("/manage")
    answer = await try_login(client, "wang", PASSWORD)

    assert before.status_code == 303
    assert planted not in answer.headers["set-cookie"]
    async with httpx.AsyncClient(
        transport=client._transport, base_url=BASE_URL, cookies={"events_login": planted}
    ) as thief:
        assert (await thief.get("/manage")).status_code == 303


async def test_only_a_digest_of_the_cookie_is_stored(union: Union, client: httpx.AsyncClient) -> None:
    await log_in(client, "wang")

    row = await Login.select().where(Login.account == union.wang.account).first()

    assert row is not None
    assert row["secret_digest"] == codes.digest(client.cookies["events_login"])
    assert client.cookies["events_login"] not in str(row)


async def test_logout_ends_the_login_for_good(union: Union, client: httpx.AsyncClient) -> None:
    await let_in(client, union.wang)
    secret = client.cookies["events_login"]

    answer = await client.post("/logout")

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    client.cookies.set("events_login", secret)
    assert (await client.get("/manage")).status_code == 303


async def test_logout_leaves_other_browsers_logged_in(union: Union, app: Edge) -> None:
    async with new_client(app) as phone, new_client(app) as desk:
        await let_in(phone, union.wang)
        await let_in(desk, union.wang)

        await phone.post("/logout")

        assert (await desk.get("/manage")).status_code == 200


@pytest.mark.parametrize(
    ("column", "age", "status"),
    [
        (Login.seen_at, timedelta(minutes=29), 200),
        (Login.seen_at, timedelta(minutes=31), 303),
        (Login.created_at, timedelta(hours=11, minutes=59), 200),
        (Login.created_at, timedelta(hours=12, minutes=1), 303),
    ],
    ids=["seen 29 minutes ago", "seen 31 minutes ago", "begun 11:59 ago", "begun 12:01 ago"],
)
async def test_login_ends_by_itself(
    union: Union, client: httpx.AsyncClient, column: Column, age: timedelta, status: int
) -> None:
    await let_in(client, union.wang)

    await Login.update({column: clock.now() - age}).where(Login.account == union.wang.account)

    assert (await client.get("/manage")).status_code == status


async def test_working_keeps_a_login_awake(union: Union, client: httpx.AsyncClient) -> None:
    await let_in(client, union.wang)
    mine = Login.account == union.wang.account
    await Login.update({Login.seen_at: clock.now() - timedelta(minutes=20)}).where(mine)

    await client.get("/manage")

    row = await Login.select(Login.seen_at).where(mine).first()
    assert row is not None
    assert clock.now() - row["seen_at"] < timedelta(minutes=1)


async def test_disabled_account_is_out_at_once_and_stays_out(union: Union, client: httpx.AsyncClient) -> None:
    await let_in(client, union.wang)

    await Account.update({Account.disabled_at: clock.now()}).where(Account.id == union.wang.account)

    assert (await client.get("/manage")).status_code == 303
    assert WRONG in (await try_login(client, "wang", PASSWORD)).text


async def test_new_password_ends_every_login(union: Union, client: httpx.AsyncClient) -> None:
    await let_in(client, union.wang)

    await actions.change_password("wang", "另一个足够长的密码")

    assert (await client.get("/manage")).status_code == 303


async def fail(login: str, times: int, monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Wrong passwords for `login`, from each of these addresses in turn, without the slow comparison."""
    with monkeypatch.context() as quick:
        quick.setattr(actions, "_matches", lambda *_: False)
        for n in range(times):
            request_context.address.set(addresses[n % len(addresses)])
            with pytest.raises(Refused):
                await actions.log_in(login, "不是这个密码", user_agent="")


async def test_eleventh_try_of_one_name_has_to_wait(
    union: Union, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fail("wang", 10, monkeypatch, HERE)

    answer = await try_login(client, "WANG", PASSWORD)

    assert (answer.status_code, "操作太频繁" in answer.text) == (429, True)
    assert 1 <= int(answer.headers["retry-after"]) <= 900
    assert (await try_login(client, "li", PASSWORD)).status_code == 303


async def test_stranger_elsewhere_does_not_keep_the_owner_out(
    union: Union, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fail("wang", 10, monkeypatch, "203.0.113.7")

    with pytest.raises(TooMany):
        await fail("wang", 1, monkeypatch, "203.0.113.7")
    assert (await try_login(client, "wang", PASSWORD)).status_code == 303


async def test_fifty_tries_from_many_addresses_are_enough_for_one_name(
    union: Union, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fail("wang", 50, monkeypatch, *(f"203.0.113.{n}" for n in range(5)))

    assert (await try_login(client, "wang", PASSWORD)).status_code == 429


async def test_one_address_has_to_wait_after_sixty_tries(
    union: Union, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(60):
        await fail(f"nobody-{n}", 1, monkeypatch, HERE)

    assert (await try_login(client, "wang", PASSWORD)).status_code == 429


async def test_tries_that_are_written_down_together_are_as_many(db: object) -> None:
    bucket = codes.new_secret()

    async with counted_statements() as statements:
        for _try in range(100):
            await actions.throttle(bucket, 100, 3600, at_once=25)

    assert len(statements) == 4
    with pytest.raises(TooMany):
        await actions.throttle(bucket, 100, 3600, at_once=25)


async def test_logins_and_logouts_are_written_down(union: Union, client: httpx.AsyncClient) -> None:
    await try_login(client, "wang", "不是这个密码")
    await log_in(client, "wang")
    await client.post("/logout")

    rows = await database.fetch(
        "SELECT account, organization, action, subject, address, request_id FROM audit_entry ORDER BY id"
    )
    wang = (union.wang.account, union.organization.id)
    assert [tuple(row)[:5] for row in rows] == [
        (*wang, "login.create", "wang", HERE),
        (*wang, "login.remove", "wang", HERE),
    ]
    assert all(row["request_id"] for row in rows)


@pytest.mark.parametrize(
    ("next", "location"),
    [
        ("/gate", "/gate"),
        ("/manage/statistics?by=unit", "/manage/statistics?by=unit"),
        ("", "/gate"),
        ("https://evil.example/", "/gate"),
        ("//evil.example/", "/gate"),
        ("/\\evil.example/", "/gate"),
        ("/\tevil\r\nset-cookie: a=b", "/gate"),
        ("javascript:alert(1)", "/gate"),
    ],
)
async def test_login_leads_on_to_this_site_alone(
    union: Union, client: httpx.AsyncClient, next: str, location: str
) -> None:
    answer = await try_login(client, "li", PASSWORD, next)

    assert (answer.status_code, answer.headers["location"]) == (303, location)


async def test_stranger_is_led_to_the_login_and_back(union: Union, client: httpx.AsyncClient) -> None:
    answer = await client.get("/manage/activities/new?from=poster")

    location = answer.headers["location"]
    assert (answer.status_code, location) == (303, "/login?next=/manage/activities/new%3Ffrom%3Dposter")
    assert 'value="/manage/activities/new?from=poster"' in unescape((await client.get(location)).text)


@pytest.mark.parametrize(
    ("role", "manage", "gate"),
    [
        (Role.OWNER, 200, 200),
        (Role.ORGANIZER, 200, 200),
        (Role.GATE, 403, 200),
        (Role.VIEWER, 403, 403),
    ],
)
async def test_roles_open_their_own_doors(
    union: Union, client: httpx.AsyncClient, role: Role, manage: int, gate: int
) -> None:
    await let_in(client, await make_account("sun", role, union.organization))

    pages = [(await client.get(path)).status_code for path in ("/manage", "/manage/activities/new", "/gate")]

    assert pages == [manage, manage, gate]


async def test_viewer_is_told_whom_to_ask(union: Union, client: httpx.AsyncClient) -> None:
    await let_in(client, await make_account("sun", Role.VIEWER, union.organization))

    answer = await client.post("/manage/activities", data={"title": "不许"})

    assert (answer.status_code, "请联系本单位的管理员" in answer.text) == (403, True)
    assert await database.value("SELECT count(*) FROM activity") == 1


@pytest.mark.parametrize(
    ("role", "home"), [(Role.OWNER, "/manage"), (Role.ORGANIZER, "/manage"), (Role.GATE, "/gate")]
)
async def test_login_leads_to_the_page_one_works_on(
    union: Union, client: httpx.AsyncClient, role: Role, home: str
) -> None:
    await make_account("zhou", role, union.organization)

    answer = await try_login(client, "zhou", PASSWORD)

    assert answer.headers["location"] == home


async def test_school_is_led_to_what_comes_to_it(union: Union, client: httpx.AsyncClient) -> None:
    school = await make_organization("云南机电职业技术学院", "school")
    await make_account("he", Role.VIEWER, school)

    answer = await try_login(client, "he", PASSWORD)

    assert answer.headers["location"] == f"/o/{school.code}"


async def test_logins_that_succeed_do_not_use_up_the_tries(union: Union, client: httpx.AsyncClient) -> None:
    for _time in range(12):
        answer = await try_login(client, "wang", PASSWORD)

    assert answer.status_code == 303


async def test_many_right_logins_at_once_are_all_let_in(committed_db: str, app: Edge) -> None:
    await make_union()

    async with new_client(app) as desk:
        answers = await asyncio.gather(*(try_login(desk, "wang", PASSWORD) for _time in range(12)))

    assert {answer.status_code for answer in answers} == {303}


async def test_many_wrong_passwords_at_once_do_not_slip_past_the_count(committed_db: str, app: Edge) -> None:
    await make_union()

    async with new_client(app) as stranger:
        answers = await asyncio.gather(*(try_login(stranger, "wang", "不是这个密码") for _time in range(30)))

    assert sum(answer.status_code == 422 for answer in answers) <= 13  # as many more as are compared at once
