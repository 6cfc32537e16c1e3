"""What `events demo` prints: logins, the token, sessions to register for, tickets to check in."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

import msgspec

from events_app.demo import queries
from events_app.demo.crowd import TICKETS
from events_app.demo.facts import ACTIVITIES
from events_app.demo.facts.organizations import ORGANIZATIONS, STAFF
from events_app.demo.loading import DEMO, logins, password_of, session_code
from events_app.demo.plan import Part
from events_app.demo.queries import OpenRow
from events_app.lib import codes
from events_app.settings import Settings

_ORDER = [Part.RACE, Part.WALK, Part.TICKETS, None]


class DemoAccount(msgspec.Struct, frozen=True):
    login: str
    password: str
    role: str
    organization: str


class DemoTicket(msgspec.Struct, frozen=True):
    session: str
    ticket: str


class Description(msgspec.Struct, frozen=True):
    base_url: str
    accounts: list[DemoAccount]
    token: str
    sessions: list[OpenRow]
    tickets: list[DemoTicket]

    def as_json(self) -> str:
        return msgspec.json.encode(self).decode()

    def as_text(self) -> str:
        """The same for people, without the tickets' long codes."""
        logins = [f"  {a.login:<8} {a.password:<18} {a.role:<10} {a.organization}" for a in self.accounts]
        return "\n".join(
            [
                self.base_url,
                *("", "Logins:", *logins),
                *("", f"API token: {self.token}"),
                f"{len(self.sessions)} sessions are open for registration, {len(self.tickets)} tickets can be"
                " checked in; --json lists them.",
            ]
        )


async def describe(settings: Settings) -> Description:
    return Description(
        base_url=settings.base_url,
        accounts=await _accounts(),
        token=demo_token(settings.secret_key),
        sessions=await queries.list_open(_session_codes()),
        tickets=await _tickets(),
    )


def demo_token(secret_key: bytes) -> str:
    """The same at every call, though only its digest is stored: it comes out of the secret key."""
    mac = hmac.digest(secret_key, b"events_app demo token", hashlib.sha256)
    return "demo-" + urlsafe_b64encode(mac).rstrip(b"=").decode()


async def _accounts() -> list[DemoAccount]:
    known = [login for staff in STAFF for login in logins(staff.login)]
    rows = await queries.list_staff(known, [o.code for o in ORGANIZATIONS])
    return [
        DemoAccount(row.login, password_of(row.login.removesuffix(DEMO)), row.role, row.organization)
        for row in rows
    ]


async def _tickets() -> list[DemoTicket]:
    rows = await queries.list_first_tickets(_session_codes(Part.TICKETS)[0], TICKETS)
    return [DemoTicket(row.session, codes.ticket_text(row.ticket, row.signature)) for row in rows]


def _session_codes(*parts: Part) -> list[str]:
    """Those for scripts first: the race, the walk, the tickets."""
    ranked = [
        (_ORDER.index(session.part), session_code(activity.key, index))
        for activity in ACTIVITIES
        for index, session in enumerate(activity.sessions)
        if not parts or session.part in parts
    ]
    return [code for _rank, code in sorted(ranked, key=lambda pair: pair[0])]
