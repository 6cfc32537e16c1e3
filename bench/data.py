"""What the rounds work on: a union, its sessions, seats to be scanned, names to register."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from bench import bare
from events_app.accounts.actions import create_token, hash_password, join
from events_app.accounts.tables import Account, Organization, Role
from events_app.lib import clock, codes
from events_app.lib.codes import Signer
from events_app.lib.database import connection
from events_app.programmes.queries.venues import find_or_add_venue
from events_app.programmes.tables import Activity, Host, Kind, Session
from events_app.registration.queries.terms import add_terms
from events_app.registration.rules.questions import Option, Question, QuestionKind
from events_app.registration.rules.terms import TermsVersion

HALLS, HALL = 8, 5000
REGISTERING = 200_000
_REGISTRATION = ["id", "activity", "person", "participant", "unit", "ticket", "signature", "pin"]
_REGISTRATION += ["consented_at", "created_at", "answers"]
_SEAT = ["registration", "session", "state", "joined_at", "inside"]
QUESTIONS = [
    Question("team", QuestionKind.TEXT, "班组", required=True),
    Question("years", QuestionKind.NUMBER, "从事本工种的年数", required=True),
    Question(
        "trade",
        QuestionKind.ONE_OF,
        "工种",
        required=True,
        options=[Option("a", "车工"), Option("b", "钳工")],
    ),
    Question("meals", QuestionKind.MANY_OF, "用餐", options=[Option("a", "午餐"), Option("b", "晚餐")]),
    Question("day", QuestionKind.DATE, "入会日期"),
]
ANSWERS: dict[str, str | list[str]] = {
    "team": "维修一班", "years": "12", "trade": "b", "meals": ["a", "b"], "day": "2014-05-01",
}  # fmt: skip
LOGIN, PASSWORD = "bench", "a password for the bench"


@dataclass(frozen=True)
class World:
    """What a round needs to address. `hall` is a session of 5,000 seats, `hot` the one that everybody registers for,
    `fifty` the one of fifty places."""

    token: str
    hall: str
    hot: str
    fifty: str


async def build(secret: bytes, lines: Path) -> World:
    """Fill an empty, migrated database and write the request lines of both sides below `lines`."""
    organization = Organization(code="bench", name="测试总工会", kind="union", created_at=clock.now())
    await organization.save()
    account = Account(login=LOGIN, name="测试", password_hash=hash_password(PASSWORD), created_at=clock.now())
    await account.save()
    await join(account.id, organization.id, Role.ORGANIZER)
    halls = [await _session(organization, "劳模工匠进校园", HALL) for _ in range(HALLS)]
    hot = await _session(organization, "集体协商竞赛", 1_000_000)
    await add_terms(TermsVersion(hot.activity, 1, QUESTIONS, "", "", "", 180, clock.now()), account.id)
    fifty = await _session(organization, "五十个名额", 50)
    for number in range(190):
        await _session(organization, f"宣讲 {number}", 200)
    tickets = await _seats(halls, Signer(secret))
    await _bare(tickets)
    _write(lines, halls, hot, tickets)
    return World(await create_token(LOGIN, "bench"), halls[0].code, hot.code, fifty.code)


async def rewind() -> None:
    """Every seat free to be scanned again, and nothing left of what earlier rounds wrote."""
    async with connection() as c:
        await c.execute(
            """UPDATE seat SET attended_at = NULL, inside = false, evidence = NULL, moved_at = NULL, seconds = 0
                WHERE attended_at IS NOT NULL"""
        )
        await c.execute("UPDATE bare_seat SET attended_at = NULL WHERE attended_at IS NOT NULL")
        await c.execute("UPDATE session SET attended = 0")
        await c.execute("TRUNCATE scan, audit_entry")
        await c.execute("VACUUM ANALYZE seat")
        await c.execute("VACUUM ANALYZE bare_seat")


async def _session(organization: Organization, title: str, capacity: int) -> Session:
    now = clock.now()
    activity = Activity(
        code=codes.new_code(), organization=organization.id, kind=Kind.VISIT, title=title, description="说明。\n\n" * 5,
        created_at=now, updated_at=now, published_at=now,
    )  # fmt: skip
    await activity.save()
    await Host(activity=activity.id, organization=organization.id, role="host").save()
    session = Session(
        code=codes.new_code(), activity=activity.id, capacity=capacity,
        venue=await find_or_add_venue(organization.id, "大礼堂", "昆明市安宁市宁波路1号"),
        starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=9),
        opens_at=now - timedelta(days=1), closes_at=now + timedelta(hours=8),
        check_in_opens_at=now - timedelta(hours=1), check_in_closes_at=now + timedelta(hours=9),
        created_at=now, updated_at=now,
    )  # fmt: skip
    await session.save()
    return session


async def _seats(halls: list[Session], signer: Signer) -> list[tuple[Session, str, bytes]]:
    now = clock.now()
    tickets = [(hall, code, signer.sign(code)) for hall in halls for code in _codes(HALL)]
    async with connection() as c:
        people = [(n, f"赵{n}", f"199{n:08}", now) for n in range(1, len(tickets) + 1)]
        await c.copy_records_to_table("person", records=people, columns=["id", "name", "phone", "created_at"])
        rows = [
            (n, hall.activity, n, n, "昆明机床厂", code, signature, "123456", now, now, "{}")
            for n, (hall, code, signature) in enumerate(tickets, 1)
        ]
        await c.copy_records_to_table("registration", records=rows, columns=_REGISTRATION)
        seats = [(n, hall.id, "confirmed", now, False) for n, (hall, _, _) in enumerate(tickets, 1)]
        await c.copy_records_to_table("seat", records=seats, columns=_SEAT)
        await c.execute("SELECT setval('person_id_seq', 1000000), setval('registration_id_seq', 1000000)")
        await c.execute("UPDATE session SET taken = $1 WHERE id = ANY($2)", HALL, [hall.id for hall in halls])
        await c.execute("ANALYZE")
    return tickets


def _codes(count: int) -> list[str]:
    return [codes.new_ticket_code() for _ in range(count)]


async def _bare(tickets: list[tuple[Session, str, bytes]]) -> None:
    async with connection() as c:
        await c.execute(bare.TABLES)
        await c.execute("INSERT INTO bare_session (id, capacity) VALUES (1, 10000000)")
        rows = [(code, hall.id, "赵敏") for hall, code, _ in tickets]
        await c.copy_records_to_table("bare_seat", records=rows, columns=["ticket", "session", "holder"])
        await c.execute("ANALYZE")


def _write(
    lines: Path, halls: list[Session], hot: Session, tickets: list[tuple[Session, str, bytes]]
) -> None:
    # Scans come from all the halls at once, as on a busy morning.
    mixed = [tickets[hall * HALL + seat] for seat in range(HALL) for hall in range(HALLS)]
    _save(lines / "check-ins", (_scan(hall, code, signature) for hall, code, signature in mixed))
    _save(lines / "bare-check-ins", (f'POST\t/check-ins\t{{"ticket":"{code}"}}' for _, code, _ in mixed))
    people = [(f"钱{n}", f"198{n:08}") for n in range(REGISTERING)]
    body = {"session": hot.code, "unit": "昆明机床厂", "consent": True, "answers": ANSWERS}
    _save(
        lines / "registrations",
        (_post("/api/v1/registrations", body | {"name": name, "phone": phone}) for name, phone in people),
    )
    _save(
        lines / "registrations by page",
        (f"POST\t/s/{hot.code}/registrations\t{_fields(name, phone)}" for name, phone in people),
    )
    _save(
        lines / "bare-registrations",
        (_post("/registrations", {"session": 1, "name": name, "phone": phone}) for name, phone in people),
    )
    (lines / "bare-registrations by page").symlink_to(lines / "bare-registrations")
    _save(lines / "session", [f"GET\t/s/{halls[0].code}"])
    _save(lines / "bare-session", [f"GET\t/s/{halls[0].code}"])
    _save(lines / "agenda", ["GET\t/"])
    _save(lines / "bare-agenda", ["GET\t/sessions"])
    _save(lines / "attendees", [f"GET\t/manage/sessions/{halls[0].code}?page=41"])
    _save(lines / "bare-attendees", [f"GET\t/attendees/{halls[0].code}"])


def _scan(hall: Session, code: str, signature: bytes) -> str:
    body = {
        "session": hall.code,
        "ticket": codes.ticket_text(code, signature),
        "nonce": code,
        "direction": "in",
    }
    return _post("/api/v1/check-ins", body)


def _fields(name: str, phone: str) -> str:
    """The form of the session's page, as a browser sends it."""
    typed = {f"q-{code}": answer for code, answer in ANSWERS.items()}
    base = {"name": name, "phone": phone, "unit": "昆明机床厂", "consent": "yes", "terms": "1"}
    return urlencode(base | typed, doseq=True)


def _post(path: str, body: Mapping[str, object]) -> str:
    return f"POST\t{path}\t{json.dumps(body)}"


def _save(file: Path, lines: Iterable[str]) -> None:
    file.write_text("\n".join(lines) + "\n")
