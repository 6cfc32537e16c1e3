"""What is personal goes when its time is over; the counts stay."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.people import Union, let_in, make_activity, make_session, make_terms, make_union, register
from tests.races import scan_of

from events_app.checkin.queries import admitting as checkin_admitting
from events_app.lib import clock, database
from events_app.lib.codes import ticket_text
from events_app.notifications.actions import tell
from events_app.notifications.tables import Recipient
from events_app.programmes.tables import Session
from events_app.registration.actions.retention import Erased, erase_due
from events_app.registration.queries import SeatTaken
from events_app.registration.queries.erasure import NOBODY
from events_app.registration.rules.questions import Question, QuestionKind

SIZE = Question("q1", QuestionKind.TEXT, "衣服尺码")
ILLNESS = Question("q2", QuestionKind.TEXT, "既往病史", keep_days=7)
DAY = timedelta(days=1)


@pytest.fixture
async def union(db: object) -> Union:
    union = await make_union()
    await make_terms(union.activity, [SIZE, ILLNESS], keep_days=30)
    return union


async def full_registration(union: Union, name: str = "赵敏") -> SeatTaken:
    seat = await register(union.session, name, unit="昆明机床厂")
    await database.fetch(
        """UPDATE registration
              SET answers = '{"q1": "L", "q2": "高血压"}', birth_year = 2015, guardian_name = '赵大', terms = 1,
                  guardian_phone = '19900000001', guardian_consented_at = now(), sensitive_consented_at = now()
            WHERE ticket = $1""",
        seat.ticket,
    )
    registration = await registration_of(seat)
    await database.fetch(
        """INSERT INTO attachment (code, activity, registration, question, name, media_type, content, created_at)
                VALUES ('f' || $1::text, $2, $1::text::bigint, 'q2', '赵敏病历.pdf', 'application/pdf', 'x', now())""",
        str(registration),
        union.activity.id,
    )
    await tell(
        union.organization.id, Recipient.REGISTRATION, [registration], union.session.code, "赵敏，您好"
    )
    return seat


async def registration_of(seat: SeatTaken) -> int:
    number: int = await database.value("SELECT id FROM registration WHERE ticket = $1", seat.ticket)
    return number


def after(session: Session, days: int) -> datetime:
    end: datetime = session.ends_at
    return end + days * DAY


async def everything_stored() -> str:
    """All rows of all tables that could hold a name, as text."""
    tables = (
        "person",
        "registration",
        "seat",
        "attachment",
        "message",
        "idempotency_key",
        "scan",
        "audit_entry",
    )
    rows = [await database.fetch(f"SELECT t::text AS row FROM {table} t") for table in tables]
    return "\n".join(row["row"] for some in rows for row in some)


async def counts(session: Session) -> dict[str, Any]:
    row = await database.find(
        """SELECT taken, waiting, attended, (SELECT count(*) FROM seat WHERE session = s.id) AS seats,
                  (SELECT count(DISTINCT participant) FROM registration WHERE activity = s.activity) AS people
             FROM session s WHERE id = $1""",
        session.id,
    )
    assert row
    return dict(row)


async def test_nothing_goes_before_its_time(union: Union) -> None:
    await full_registration(union)
    before = await everything_stored()

    erased = [await erase_due(now) for now in (clock.now(), after(union.session, 6))]

    assert erased == [Erased(), Erased()]
    assert await everything_stored() == before


async def test_everything_personal_goes_when_its_time_is_over(union: Union) -> None:
    await full_registration(union)
    personal = (
        "赵敏",
        "19900001234",
        "昆明机床厂",
        "高血压",
        "2015",
        "赵大",
        "19900000001",
        "赵敏病历.pdf",
        "您好",
    )
    stored = await everything_stored()
    assert [word for word in personal if word not in stored] == []

    erased = await erase_due(after(union.session, 31))

    left = await everything_stored()
    assert await database.value("SELECT birth_year FROM registration") is None
    assert erased == Erased(registrations=1)
    assert [word for word in personal if word in left] == []
    assert NOBODY in left


async def test_counts_stay(union: Union) -> None:
    zhao = await full_registration(union)
    await full_registration(union, "钱伟")
    scan = scan_of(union.session.code, zhao.ticket, zhao.signature, union.li.account)
    await checkin_admitting.admit([scan])
    before = await counts(union.session)

    await erase_due(after(union.session, 31))

    assert await counts(union.session) == before
    assert (before["taken"], before["attended"], before["people"]) == (2, 1, 2)


async def test_answer_that_is_kept_shorter_goes_first(union: Union) -> None:
    seat = await full_registration(union)

    erased = await erase_due(after(union.session, 8))

    row = await database.find(
        """SELECT answers::text, unit, erased_at, (SELECT count(*) FROM attachment WHERE registration = r.id) AS files
             FROM registration r WHERE ticket = $1""",
        seat.ticket,
    )
    assert row
    assert erased == Erased(answers=1)
    assert tuple(row) == ('{"q1": "L"}', "昆明机床厂", None, 0)


async def test_again_finds_nothing(union: Union) -> None:
    await full_registration(union)
    await erase_due(after(union.session, 31))
    before = await everything_stored()

    erased = await erase_due(after(union.session, 32))

    assert erased == Erased()
    assert await everything_stored() == before


async def test_late_registration_goes_within_a_month(union: Union) -> None:
    await erase_due(after(union.session, 31))
    await full_registration(union)

    erased = [await erase_due(after(union.session, days)) for days in (32, 62)]

    assert erased == [Erased(), Erased(registrations=1)]


async def test_each_version_keeps_its_own_time(union: Union) -> None:
    await full_registration(union)
    await make_terms(union.activity, keep_days=90)
    await register(union.session, "钱伟")

    erased = [await erase_due(after(union.session, days)) for days in (31, 91)]

    assert erased == [Erased(registrations=1), Erased(registrations=1)]


async def test_activity_without_terms_keeps_half_a_year(union: Union) -> None:
    session = await make_session(await make_activity(union.organization))
    await register(session)

    erased = [await erase_due(after(session, days)) for days in (179, 181)]

    assert erased == [Erased(), Erased(registrations=1)]


async def test_activity_that_goes_on_is_kept(union: Union) -> None:
    await full_registration(union)
    later = union.session.ends_at + 100 * DAY
    await make_session(union.activity, starts_at=later - timedelta(hours=2), ends_at=later)

    assert await erase_due(after(union.session, 31)) == Erased()


async def test_postponed_session_is_still_to_come(union: Union) -> None:
    await full_registration(union)
    await database.fetch("UPDATE session SET postponed_at = now() WHERE id = $1", union.session.id)

    assert await erase_due(after(union.session, 31)) == Erased()


async def test_person_stays_who_they_are_elsewhere(union: Union) -> None:
    await full_registration(union)
    end = union.session.ends_at + 100 * DAY
    other = await make_session(
        await make_activity(union.organization),
        starts_at=end - timedelta(hours=2),
        ends_at=end,
        closes_at=end,
    )
    seat = await register(other)

    await erase_due(after(union.session, 31))

    sql = "SELECT p.name FROM registration r JOIN person p ON p.id = r.person WHERE ticket = $1"
    assert await database.value(sql, seat.ticket) == "赵敏"


async def test_erased_ticket_opens_nothing(union: Union, client: httpx.AsyncClient) -> None:
    seat = await full_registration(union)
    path = f"/t/{ticket_text(seat.ticket, seat.signature)}"
    pin = await database.value("SELECT pin FROM registration WHERE ticket = $1", seat.ticket)
    assert (await client.get(path)).status_code == 200

    await erase_due(after(union.session, 31))

    fresh = await database.value("SELECT phone FROM person WHERE name = $1", NOBODY)
    found = [
        await client.post("/tickets/find", data={"name": name, "phone": phone, "pin": pin})
        for name, phone in (("赵敏", "19900001234"), (NOBODY, fresh))
    ]
    assert (await client.get(path)).status_code == 404
    assert [answer.status_code for answer in found] == [422, 422]


async def test_organisers_pages_show_the_list_without_people(union: Union, client: httpx.AsyncClient) -> None:
    await full_registration(union)
    await let_in(client, union.wang)
    path = f"/manage/sessions/{union.session.code}"
    before = (await client.get(path)).text

    await erase_due(after(union.session, 31))

    page, sheet = await client.get(path), await client.get(f"{path}/attendees.xlsx")
    assert "名单中的个人信息将在" in before
    assert ("赵敏" in before, "赵敏" in page.text, NOBODY in page.text) == (True, False, True)
    assert sheet.status_code == 200
