"""People with meaning, and plain makers without surprises.

Wang organises for 云南省总工会, Li stands at its gate, Zhao registers; Qian organises for another union and must see
nothing of it.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import httpx
import msgspec
from asyncpg.connection import LoggedQuery

from events_app.accounts import queries as accounts
from events_app.accounts.actions import hash_password, join
from events_app.accounts.rules import Me
from events_app.accounts.tables import Account, Login, Organization, Role, Token
from events_app.lib import clock, codes, database
from events_app.lib.codes import Signer
from events_app.programmes.queries.venues import find_or_add_venue
from events_app.programmes.rules.workdays import Workdays
from events_app.programmes.tables import Activity, ActivityState, Host, HostRole, Kind, Session
from events_app.registration.actions import taking as registration
from events_app.registration.forms import RegistrationForm
from events_app.registration.queries import SeatTaken
from events_app.registration.queries.terms import add_terms, find_latest_terms
from events_app.registration.rules.questions import Question
from events_app.registration.rules.terms import TermsVersion

_OF_THE_DRIVER = ("typeinfo_tree", "current_setting('jit')")
PASSWORD = "一个足够长的密码 2026"
_PASSWORD_HASH = hash_password(PASSWORD)
_numbers = count(1)

SIGNER = Signer(b"0" * 64)


async def make_organization(name: str = "", kind: str = "union", **columns: Any) -> Organization:
    number = next(_numbers)
    code = columns.pop("code", f"org-{number}")
    organization = Organization(
        code=code, name=name or f"第{number}工会", kind=kind, created_at=clock.now(), **columns
    )
    await organization.save()
    return organization


async def make_account(login: str, role: Role, organization: Organization) -> Me:
    """Somebody with a role in an organization, as the guards see them."""
    account = Account(login=login, name=login, password_hash=_PASSWORD_HASH, created_at=clock.now())
    await account.save()
    await join(account.id, organization.id, role)
    me = await accounts.find_token(codes.digest(await make_token(account.id)))
    assert me is not None
    return me


async def make_token(account: int) -> str:
    secret = codes.new_secret()
    await Token(
        account=account, name="test", secret_digest=codes.digest(secret), created_at=clock.now()
    ).save()
    return secret


async def make_activity(organization: Organization, **columns: Any) -> Activity:
    """Published, unless told `published_at=None`."""
    now = clock.now()
    given: dict[str, Any] = {
        "code": codes.new_code(),
        "organization": organization.id,
        "kind": Kind.VISIT,
        "title": "劳模工匠进校园",
        "created_at": now,
        "updated_at": now,
        "published_at": now,
    }
    given |= columns
    given.setdefault("state", ActivityState.PUBLISHED if given["published_at"] else ActivityState.DRAFT)
    activity = Activity(**given)
    await activity.save()
    await Host(activity=activity.id, organization=organization.id, role=HostRole.HOST).save()
    return activity


async def make_session(activity: Activity, capacity: int = 50, **columns: Any) -> Session:
    """In an hour, open for registration and for check-in now."""
    now = clock.now()
    given: dict[str, Any] = {
        "code": codes.new_code(),
        "activity": activity.id,
        "capacity": capacity,
        "venue": await find_or_add_venue(activity.organization, "大礼堂", "昆明市安宁市宁波路1号"),
        "starts_at": now + timedelta(hours=1),
        "ends_at": now + timedelta(hours=3),
        "opens_at": now - timedelta(days=7),
        "closes_at": now + timedelta(hours=2),
        "check_in_opens_at": now - timedelta(hours=1),
        "check_in_closes_at": now + timedelta(hours=3),
        "created_at": now,
        "updated_at": now,
    }
    session = Session(**given | columns)
    await session.save()
    return session


async def make_terms(activity: Activity, questions: Sequence[Question] = (), **columns: Any) -> TermsVersion:
    """The activity's next version of what is asked and agreed to."""
    last = await find_latest_terms(activity.id)
    blank = TermsVersion(activity.id, 0, [], "", "", "", 180, clock.now())
    number = last.number + 1 if last else 1
    terms = msgspec.structs.replace(blank, number=number, questions=list(questions), **columns)
    assert await add_terms(terms, None)
    return terms


async def register(
    session: Session, name: str = "赵敏", phone: str = "19900001234", unit: str = ""
) -> SeatTaken:
    form = RegistrationForm(name=name, phone=phone, unit=unit, consent=True, sensitive_consent=True)
    return await registration.register(session.code, form, SIGNER, "a-phone")


@dataclass
class Union:
    """A union with an organiser and gate staff, and one open session."""

    organization: Organization
    wang: Me
    li: Me
    activity: Activity
    session: Session


async def make_union(name: str = "云南省总工会", organiser: str = "wang", gate: str = "li") -> Union:
    organization = await make_organization(name)
    wang = await make_account(organiser, Role.ORGANIZER, organization)
    li = await make_account(gate, Role.GATE, organization)
    activity = await make_activity(organization)
    return Union(organization, wang, li, activity, await make_session(activity))


async def log_in(client: httpx.AsyncClient, login: str) -> None:
    answer = await client.post("/login", data={"login": login, "password": PASSWORD})
    assert answer.status_code == 303, answer.text


def in_days(days: int) -> datetime:
    """So many days from now, or later: never on a public holiday, on which planning warns."""
    moment, calendar = clock.now() + timedelta(days=days), Workdays()
    while calendar.holiday(clock.local(moment).date()) or calendar.holiday(
        clock.local(moment + timedelta(hours=2)).date()
    ):
        moment += timedelta(days=1)
    return moment


def moment_field(moment: datetime) -> str:
    """As <input type=datetime-local> sends it."""
    return clock.local(moment).strftime("%Y-%m-%dT%H:%M")


async def authorization(me: Me) -> dict[str, str]:
    """The header of a script that acts for `me`."""
    return {"authorization": f"Bearer {await make_token(me.account)}"}


async def let_in(client: httpx.AsyncClient, me: Me) -> None:
    """The same as `log_in` for the pages, without the slow password."""
    secret, now = codes.new_secret(), clock.now()
    await Login(account=me.account, secret_digest=codes.digest(secret), created_at=now, seen_at=now).save()
    client.cookies.set("events_login", secret)


@asynccontextmanager
async def counted_statements() -> AsyncIterator[list[str]]:
    """The statements that are sent inside a test's transaction while this is open.

    What the driver asks about a type, once per connection, is not among them.
    """
    running = database.engine.current_transaction.get()
    assert running is not None
    statements: list[str] = []

    def note(record: LoggedQuery) -> None:
        if not any(sign in record.query for sign in _OF_THE_DRIVER):
            statements.append(record.query)

    with running.connection.query_logger(note):
        yield statements
        await asyncio.sleep(0)  # the driver tells of a statement in the loop's next round
