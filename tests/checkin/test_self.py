"""Checking oneself in by the screen in the hall."""

import asyncio
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import pytest
from tests.conftest import new_client
from tests.gates import make_gate
from tests.pages import fields_of
from tests.people import Union, let_in, make_activity, make_session, make_union, register
from tests.races import scan_of

from events_app.checkin.actions import selves
from events_app.checkin.actions.admitting import admit
from events_app.checkin.forms.selves import PersonForm
from events_app.checkin.rules.venue_codes import is_said, is_shown, qr_code, spoken_digits
from events_app.lib import clock, database
from events_app.lib.errors import Refused, TooMany
from events_app.lib.request_context import address
from events_app.programmes.tables import Session
from events_app.registration.queries import SeatTaken
from events_app.web.edge import Edge

SECRET = b"0" * 64
Move = Callable[[int], None]


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def seat(union: Union) -> SeatTaken:
    return await register(union.session)


@pytest.fixture
def phone(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """The one that registered."""
    client.cookies.set("events_phone", "a-phone")
    return client


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Move:
    """So many seconds pass."""
    start = clock.now()

    def move(seconds: int) -> None:
        monkeypatch.setattr(clock, "now", lambda: start + timedelta(seconds=seconds))

    return move


def seen(session: Session, at: datetime | None = None) -> str:
    return f"/c/{session.code}?k={qr_code(SECRET, session.code, at or clock.now())}"


async def tap(phone: httpx.AsyncClient, session: Session, opened: str, /, **more: str) -> httpx.Response:
    fields = {name: values[0] for name, values in fields_of(opened).items()}
    return await phone.post(f"/c/{session.code}/check-ins", data=fields | more)


async def scans() -> list[tuple[str, str]]:
    rows = await database.fetch("SELECT verdict, evidence FROM scan ORDER BY id")
    return [(row["verdict"], row["evidence"]) for row in rows]


async def test_phone_that_registered_is_in_by_one_tap(
    phone: httpx.AsyncClient, union: Union, seat: SeatTaken
) -> None:
    opened = await phone.get(seen(union.session))
    assert (opened.status_code, await scans()) == (200, [])

    answer = await tap(phone, union.session, opened.text, distance="120")

    assert answer.status_code == 200
    assert "签到成功" in answer.text
    assert await scans() == [("admitted", "self")]
    assert await database.value("SELECT distance FROM scan") == 120
    assert await database.value("SELECT evidence FROM seat WHERE id = $1", seat.seat) == "self"
    assert await database.value("SELECT attended FROM session WHERE id = $1", union.session.id) == 1


async def test_same_page_sent_again_is_one_check_in(
    phone: httpx.AsyncClient, union: Union, seat: SeatTaken
) -> None:
    opened = await phone.get(seen(union.session))

    answers = [await tap(phone, union.session, opened.text) for _time in range(2)]

    assert ["签到成功" in answer.text for answer in answers] == [True, True]
    assert await scans() == [("admitted", "self")]


async def test_other_phone_says_who_it_is(client: httpx.AsyncClient, union: Union, seat: SeatTaken) -> None:
    opened = await client.get(seen(union.session))
    pin = await database.value("SELECT pin FROM registration")
    who = {"ticket": "", "name": "赵敏", "phone": "19900001234"}

    wrong = await tap(client, union.session, opened.text, **who, pin="000000" if pin != "000000" else "1" * 6)
    right = await tap(client, union.session, opened.text, **who, pin=pin)

    assert "赵敏" not in opened.text
    assert (wrong.status_code, right.status_code) == (409, 200)
    assert 'value="19900001234"' in wrong.text
    assert await scans() == [("admitted", "self")]


@pytest.mark.parametrize(("seconds", "status"), [(0, 200), (14, 200), (31, 409), (60, 409), (3600, 409)])
async def test_screenshot_is_good_for_two_steps_at_most(
    phone: httpx.AsyncClient, union: Union, seat: SeatTaken, later: Move, seconds: int, status: int
) -> None:
    address = seen(union.session)
    later(seconds)

    answer = await phone.get(address)

    assert answer.status_code == status
    assert ("已经过期" in answer.text) == (status == 409)


@pytest.mark.parametrize("digits_only", [False, True])
def test_each_code_is_shown_and_then_good_for_one_step_more(*, digits_only: bool) -> None:
    make, check, step = (spoken_digits, is_said, 30) if digits_only else (qr_code, is_shown, 15)
    start = datetime.fromtimestamp(1_800_000_000, clock.ZONE)
    code = make(SECRET, "s", start)

    good = [
        second for second in range(-60, 120) if check(SECRET, "s", code, start + timedelta(seconds=second))
    ]

    assert good == list(range(2 * step))
    assert not check(SECRET, "other", code, start)
    assert not check(b"1" * 64, "s", code, start)


async def test_code_of_another_session_is_refused(phone: httpx.AsyncClient, union: Union) -> None:
    other = await make_session(union.activity)

    answer = await phone.get(seen(other).replace(other.code, union.session.code))

    assert answer.status_code == 409


@pytest.mark.parametrize(("seconds", "came"), [(170, True), (200, False)])
async def test_opened_page_keeps_its_right_for_three_minutes(
    phone: httpx.AsyncClient, union: Union, seat: SeatTaken, later: Move, seconds: int, *, came: bool
) -> None:
    opened = await phone.get(seen(union.session))
    later(seconds)

    answer = await tap(phone, union.session, opened.text)

    assert ("签到成功" in answer.text) == came
    assert len(await scans()) == came


async def test_right_is_worth_nothing_on_another_phone_or_in_another_session(
    app: Edge, phone: httpx.AsyncClient, union: Union, seat: SeatTaken
) -> None:
    opened = await phone.get(seen(union.session))
    other = await make_session(union.activity)
    async with new_client(app) as friend:
        without = await tap(friend, union.session, opened.text)
        friend.cookies.set("events_phone", "another-phone")
        with_own = await tap(friend, union.session, opened.text)
    elsewhere = await tap(phone, other, opened.text)

    assert [answer.status_code for answer in (without, with_own, elsewhere)] == [409, 409, 409]
    assert await scans() == []


async def test_digits_open_the_page_and_wrong_ones_do_not(
    phone: httpx.AsyncClient, union: Union, seat: SeatTaken
) -> None:
    right = spoken_digits(SECRET, union.session.code, clock.now())
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    page = f"/c/{union.session.code}/digits"

    refused = await phone.post(page, data={"digits": wrong})
    opened = await phone.post(page, data={"digits": f"{right[:3]} {right[3:]}"})

    assert (refused.status_code, opened.status_code) == (409, 200)
    assert "签到成功" in (await tap(phone, union.session, opened.text)).text


async def hear(session: Session, digits: str, phone: str = "") -> bool:
    """Whether they are right; raises TooMany."""
    try:
        await selves.hear_digits(SECRET, await selves.open_hall(session.code), digits, phone)
    except Refused:
        return False
    return True


def right_and_wrong(session: Session) -> tuple[str, str]:
    right = spoken_digits(SECRET, session.code, clock.now())
    return right, f"{(int(right) + 1) % 1_000_000:06}"


async def test_whole_hall_behind_one_address_types_the_digits(union: Union, later: Move) -> None:
    later(0)
    hall, (right, _wrong) = await selves.open_hall(union.session.code), right_and_wrong(union.session)

    for _person in range(3000):
        await selves.hear_digits(SECRET, hall, right, "")

    assert await database.value("SELECT count(*) FROM throttle") == 0


async def test_whoever_guesses_digits_is_stopped_and_told_the_other_ways(
    client: httpx.AsyncClient, union: Union, seat: SeatTaken, later: Move
) -> None:
    later(0)
    right, wrong = right_and_wrong(union.session)
    guesses = [await hear(union.session, wrong) for _try in range(200)]

    stopped = await client.post(f"/c/{union.session.code}/digits", data={"digits": right})

    assert guesses == [False] * 200
    assert (stopped.status_code, "扫大屏上的二维码，或到签到台" in stopped.text) == (429, True)
    assert int(stopped.headers["retry-after"]) > 0
    assert await hear(union.session, right, "a-phone")  # registered: strangers do not stop it
    assert await hear(other := await make_session(union.activity), right_and_wrong(other)[0])


async def test_phone_that_registered_may_be_wrong_ten_times(
    union: Union, seat: SeatTaken, later: Move
) -> None:
    later(0)
    right, wrong = right_and_wrong(union.session)

    guesses = [await hear(union.session, wrong, "a-phone") for _try in range(10)]

    assert guesses == [False] * 10
    with pytest.raises(TooMany):
        await hear(union.session, right, "a-phone")
    assert await hear(union.session, right)


async def test_guesses_from_many_addresses_are_counted_together(union: Union, later: Move) -> None:
    later(0)
    right, wrong = right_and_wrong(union.session)
    for number in range(400):
        token = address.set(f"2001:db8::{number:x}")
        assert not await hear(union.session, wrong)
        address.reset(token)

    with pytest.raises(TooMany):
        await hear(union.session, right)


async def test_query_code_is_guessed_ten_times_an_hour_and_said_as_often_as_one_likes(
    union: Union, seat: SeatTaken
) -> None:
    hall = await selves.open_hall(union.session.code)
    pin = await database.value("SELECT pin FROM registration")
    own, guess = (
        PersonForm("赵敏", "19900001234", pin),
        PersonForm("赵敏", "19900001234", f"{(int(pin) + 1) % 1_000_000:06}"),
    )

    for _time in range(20):
        assert (await selves.claim_of(hall, own)).seat == seat.seat
    for _try in range(10):
        with pytest.raises(Refused):
            await selves.claim_of(hall, guess)
    with pytest.raises(TooMany):
        await selves.claim_of(hall, own)


async def test_second_person_of_a_phone_waits_for_an_organiser(
    phone: httpx.AsyncClient, union: Union, seat: SeatTaken
) -> None:
    friend = await register(union.session, "钱英", "19900005678")
    await tap(phone, union.session, (await phone.get(seen(union.session))).text, ticket=seat.ticket)

    answers = [
        await tap(phone, union.session, (await phone.get(seen(union.session))).text, ticket=friend.ticket)
        for _time in range(2)
    ]

    assert ["签到台" in answer.text and "签到成功" not in answer.text for answer in answers] == [True, True]
    assert await scans() == [("admitted", "self"), ("flagged", "self")]
    assert await database.value("SELECT attended_at FROM seat WHERE id = $1", friend.seat) is None
    assert await database.value("SELECT attended FROM session WHERE id = $1", union.session.id) == 1


@pytest.mark.parametrize("door", ["", "before", "afterwards"])
async def test_phone_whose_person_was_taken_back_serves_the_next(
    app: Edge, phone: httpx.AsyncClient, union: Union, seat: SeatTaken, door: str
) -> None:
    friend = await register(union.session, "钱英", "19900005678")
    by_the_door = scan_of(union.session.code, seat.ticket, seat.signature, union.li.account)
    if door == "before":
        await admit(by_the_door)
    await tap(phone, union.session, (await phone.get(seen(union.session))).text, ticket=seat.ticket)
    await take_back(app, union, seat)
    if door == "afterwards":
        await admit(by_the_door)

    opened = (await phone.get(seen(union.session))).text
    answer = await tap(phone, union.session, opened, ticket=friend.ticket)

    assert "签到成功" in answer.text
    assert await database.value("SELECT attended_at FROM seat WHERE id = $1", friend.seat) is not None


async def take_back(app: Edge, union: Union, seat: SeatTaken) -> None:
    async with new_client(app) as desk:
        await let_in(desk, union.wang)
        page = f"/manage/sessions/{union.session.code}/seats/{seat.seat}/undo"
        answer = await desk.post(page, data={"nonce": "back", "reason": "点错了人"})
    assert answer.status_code == 303


async def test_two_taps_at_once_let_one_person_in(committed_db: str, app: Edge) -> None:
    union = await make_union()
    people = [await register(union.session, f"赵{n}", f"1990000{n:04}") for n in range(4)]
    async with new_client(app) as phone:
        phone.cookies.set("events_phone", "a-phone")
        opened = (await phone.get(seen(union.session))).text
        await asyncio.gather(*(tap(phone, union.session, opened, ticket=one.ticket) for one in people))

    assert sorted(await scans()) == [("admitted", "self"), *[("flagged", "self")] * 3]
    assert await database.value("SELECT attended FROM session") == 1


async def test_ticket_of_somebody_else_is_not_taken_from_the_form(
    client: httpx.AsyncClient, union: Union, seat: SeatTaken
) -> None:
    client.cookies.set("events_phone", "another-phone")
    opened = await client.get(seen(union.session))

    answer = await tap(client, union.session, opened.text, ticket=seat.ticket)

    assert answer.status_code == 422
    assert await scans() == []


async def test_closed_door_says_so(phone: httpx.AsyncClient, union: Union, seat: SeatTaken) -> None:
    await Session.update({Session.check_in_closes_at: clock.now() - timedelta(minutes=1)}).where(
        Session.id == union.session.id
    )

    answer = await tap(phone, union.session, (await phone.get(seen(union.session))).text)

    assert (answer.status_code, "现在不是签到时间" in answer.text) == (409, True)


async def test_screen_is_for_staff_and_gates_and_shows_a_code_that_works(
    client: httpx.AsyncClient, app: Edge, union: Union, seat: SeatTaken
) -> None:
    stranger = await client.get(f"/screen/{union.session.code}")
    client.cookies.set("events_gate", "a-device")
    await make_gate(union.session, device="a-device")
    foreign = (await make_union("浙江省总工会", "qian", "zhou")).session
    shown = await client.get(f"/screen/{union.session.code}")

    digits = re.findall(r"(\d{3}) (\d{3})</p>", shown.text)
    assert (stranger.status_code, shown.status_code) == (303, 200)
    assert is_said(SECRET, union.session.code, "".join(digits[0]), clock.now())
    assert "赵敏" not in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert (await client.get(f"/screen/{union.session.code}/now")).status_code == 200
    assert (await client.get(f"/screen/{foreign.code}")).status_code == 404


async def test_confidential_session_has_no_title_on_screen_or_phone(
    client: httpx.AsyncClient, union: Union
) -> None:
    activity = await make_activity(union.organization, kind="legal_aid", title="欠薪维权咨询")
    session = await make_session(activity)
    await let_in(client, union.li)

    addresses = (
        *(f"/screen/{session.code}", seen(session)),
        *(f"/c/{session.code}", f"/c/{session.code}?k=late"),
    )
    pages = [await client.get(address) for address in addresses]

    assert [page.status_code for page in pages] == [200, 200, 200, 409]
    assert ["欠薪" in page.text for page in pages] == [False] * 4
    when = clock.span_text(session.starts_at, session.ends_at)
    assert [when in page.text for page in pages[2:]] == [False, False]
    assert ["大礼堂" in page.text for page in pages[2:]] == [False, False]
