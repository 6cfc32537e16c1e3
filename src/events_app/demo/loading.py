"""The facts become rows: organizations and people first, then what they do."""

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

import msgspec

from events_app.accounts.actions import hash_password
from events_app.accounts.tables import Account, Membership, Organization, Role
from events_app.demo import chance, gates, plan, queries, rosters, seats
from events_app.demo.calendar import Times, times
from events_app.demo.crowd import Crowd, fill
from events_app.demo.facts import ACTIVITIES, PROGRAMMES
from events_app.demo.facts.organizations import MARKER, ORGANIZATIONS, REVIEWER, ROBOT, STAFF
from events_app.demo.progress import Report
from events_app.lib import clock
from events_app.lib.codes import Signer, new_secret
from events_app.programmes.queries.activities import add_hosts
from events_app.programmes.queries.guests import GuestRow, set_guests
from events_app.programmes.queries.policies import PolicyRow, save_policy
from events_app.programmes.queries.venues import find_or_add_venue, set_opening_hours
from events_app.programmes.rules.venues import read_spans
from events_app.programmes.tables import Activity, ActivityState, Guest, Programme, Session, Transition, Venue
from events_app.registration.tables import Terms

# Appended to what somebody outside the demo is called already.
DEMO = "-demo"
_DEMO_NAME = "（演示）"
Ids: TypeAlias = dict[str, int]


async def load_everything(signer: Signer, now: datetime, progress: Report) -> None:
    """Inside a transaction."""
    organizations = await _organizations(now)
    staff = await _staff(organizations, now)
    brands = {p.key: await _programme(p, organizations) for p in PROGRAMMES}
    crowd = Crowd()
    total = sum(len(activity.sessions) for activity in ACTIVITIES)
    done = 0
    for activity in ACTIVITIES:
        await _Story(activity, organizations, staff, brands, now).tell(crowd, signer)
        done += len(activity.sessions)
        progress(done, total)
    await rosters.hand_out(organizations[rosters.SCHOOL], staff[MARKER], now)
    await gates.set_up(staff[MARKER], now)
    await save_policy(organizations[REVIEWER], PolicyRow(reviews=True))
    await queries.refresh_statistics()


def logins(login: str) -> list[str]:
    """What a demo account may be called: its name, or another one where that was taken."""
    return [login, login + DEMO]


def session_code(activity: str, index: int) -> str:
    return chance.code("session", activity, index)


def password_of(login: str) -> str:
    return f"demo-{login}-2026"


async def _organizations(now: datetime) -> Ids:
    """Ids by code. A name that somebody gave to an organization of their own is left to it."""
    taken = await queries.list_taken_names("organization", "name", [o.name for o in ORGANIZATIONS])
    ids: Ids = {}
    for given in ORGANIZATIONS:
        organization = Organization(
            code=given.code,
            name=given.name + _DEMO_NAME * (given.name in taken),
            kind=given.kind,
            parent=ids.get(given.parent),
            region=given.region,
            created_at=now,
        )
        await organization.save()
        ids[given.code] = organization.id
    return ids


async def _staff(organizations: Ids, now: datetime) -> Ids:
    """Account ids by organization: who acts for it. The robot organizes wherever there are activities."""
    taken = await queries.list_taken_names("account", "login", [ROBOT, *(s.login for s in STAFF)])
    robot = await _account(ROBOT, "演示接口", new_secret(), taken, now)
    owners = dict.fromkeys([MARKER, *(activity.organization for activity in ACTIVITIES)])
    for owner in owners:
        await _join(robot, organizations[owner], Role.ORGANIZER, now)
    acting = dict.fromkeys(owners, robot)
    for person in STAFF:
        account = await _account(person.login, person.name, password_of(person.login), taken, now)
        await _join(account, organizations[person.organization], person.role, now)
        if person.role == Role.ORGANIZER:
            acting[person.organization] = account
    return acting


async def _account(login: str, name: str, password: str, taken: set[str], now: datetime) -> int:
    account = Account(
        login=login + DEMO * (login in taken),
        name=name,
        password_hash=await asyncio.to_thread(hash_password, password),
        created_at=now,
    )
    await account.save()
    return int(account.id)


async def _join(account: int, organization: int, role: Role, now: datetime) -> None:
    await Membership(account=account, organization=organization, role=role, created_at=now).save()


async def _programme(given: plan.Programme, organizations: Ids) -> int:
    programme = Programme(
        code=chance.code("programme", given.key),
        organization=organizations[given.organization],
        name=given.name,
        since_year=given.since_year,
    )
    await programme.save()
    return int(programme.id)


class _Story:
    """One activity with its hosts, sessions, guests and everybody who registered."""

    def __init__(
        self, activity: plan.Activity, organizations: Ids, staff: Ids, brands: Ids, now: datetime
    ) -> None:
        self.activity = activity
        self.organizations = organizations
        self.owner = organizations[activity.organization]
        self.acting = staff[activity.organization]
        self.brands = brands
        self.now = now
        self.times = [times(session, clock.local(now).date()) for session in activity.sessions]
        opens = min(when.opens_at for when in self.times)
        self.created_at = min(opens, now) - timedelta(days=3)

    async def tell(self, crowd: Crowd, signer: Signer) -> None:
        activity = await self._announce()
        sessions = [
            await self._schedule(activity, index, given, when)
            for index, (given, when) in enumerate(zip(self.activity.sessions, self.times, strict=True))
        ]
        taken = fill(self.activity, self.times, crowd, self.now)
        await seats.save(activity, self.acting, sessions, taken, signer)

    async def _announce(self) -> int:
        given = self.activity
        published_at = None if given.draft else self.created_at + timedelta(days=1)
        activity = Activity(
            code=chance.code("activity", given.key),
            organization=self.owner,
            programme=self.brands.get(given.programme),
            kind=given.kind,
            title=given.title,
            description=given.description,
            admission=given.admission,
            walk_ins=given.walk_ins,
            state=_state(given),
            created_at=self.created_at,
            created_by=self.acting,
            updated_at=published_at or self.created_at,
            published_at=published_at,
            published_by=published_at and self.acting,
            **_credit(given),
        )
        await activity.save()
        await Terms(
            activity=activity.id,
            number=1,
            questions=msgspec.json.encode(given.questions).decode(),
            purpose=given.purpose,
            recipients=given.recipients,
            text=given.notice,
            keep_days=given.keep_days,
            created_at=self.created_at,
        ).save()
        await add_hosts(activity.id, [(self.organizations[code], role) for role, code in given.hosts])
        await self._note(activity)
        return int(activity.id)

    async def _note(self, activity: Activity) -> None:
        """The step that led out of the draft, if one did."""
        if activity.state == ActivityState.DRAFT:
            return
        await Transition(
            activity=activity.id,
            at=activity.updated_at,
            account=self.acting,
            from_state=ActivityState.DRAFT,
            to_state=activity.state,
        ).save()

    async def _schedule(self, activity: int, index: int, given: plan.Session, when: Times) -> int:
        called_off_at = self.now - timedelta(days=1) if given.called_off else None
        session = Session(
            code=session_code(self.activity.key, index),
            activity=activity,
            title=given.title,
            venue=await self._venue(given.place),
            site=self.organizations.get(given.site),
            capacity=given.capacity,
            starts_at=when.starts_at,
            ends_at=when.ends_at,
            opens_at=when.opens_at,
            closes_at=when.closes_at,
            check_in_opens_at=when.check_in_opens_at,
            check_in_closes_at=when.check_in_closes_at,
            called_off_at=called_off_at,
            called_off_by=called_off_at and self.acting,
            called_off_reason=given.called_off,
            sequence=int(bool(called_off_at)),
            created_at=self.created_at,
            updated_at=called_off_at or self.created_at,
        )
        await session.save()
        guests = [GuestRow(guest.name, guest.honour, guest.unit) for guest in given.guests]
        await set_guests(session.id, self.owner, guests)
        for guest in given.guests:
            await Guest.update({Guest.fields: guest.fields, Guest.region: guest.region}).where(
                Guest.organization == self.owner, Guest.honour == guest.honour
            )
        return int(session.id)

    async def _venue(self, place: plan.Place) -> int:
        venue = await find_or_add_venue(self.owner, place.name, place.address)
        await Venue.update(
            {
                Venue.capacity: place.capacity,
                Venue.latitude: place.latitude,
                Venue.longitude: place.longitude,
                Venue.step_free: place.step_free,
                Venue.hearing_loop: place.hearing_loop,
                Venue.access: place.access,
            }
        ).where(Venue.id == venue)
        spans = read_spans(place.hours)
        await set_opening_hours(venue, [(day, span) for day in range(7) for span in spans])
        return venue


def _credit(given: plan.Activity) -> dict[str, Any]:
    """The columns that say what coming is worth."""
    credit = given.credit
    if credit is None:
        return {}
    return {
        "minimum_minutes": credit.minutes,
        "session_hours": Decimal(credit.hours),
        "certificates": True,
        "certificate_hours": Decimal(credit.certificate),
    }


def _state(given: plan.Activity) -> ActivityState:
    if given.draft:
        return ActivityState.SUBMITTED if given.submitted else ActivityState.DRAFT
    return ActivityState.PUBLISHED
