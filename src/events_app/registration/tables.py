"""Who takes part: people, their registrations, and the seats these hold in sessions."""

from enum import StrEnum

from piccolo.columns import (
    JSONB,
    BigSerial,
    Boolean,
    Bytea,
    ForeignKey,
    Integer,
    OnDelete,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Unique
from piccolo.table import Table

from events_app.accounts.tables import Token
from events_app.programmes.tables import Activity, Session


class SeatState(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    RELEASED = "released"


class Evidence(StrEnum):
    SCAN = "scan"
    SELF = "self"
    ROSTER = "roster"
    PAPER = "paper"
    LATER = "later"


class Person(Table):
    """A participant, known by name and phone: several people may share one phone."""

    id = BigSerial(primary_key=True)
    name = Varchar(length=50)
    phone = Varchar(length=15)
    created_at = Timestamptz()

    person_phone_name_uq = Unique([phone, name])


class Registration(Table):
    """One person's registration for one activity. `ticket` and `signature` make its QR; `pin` finds it again."""

    id = BigSerial(primary_key=True)
    activity = ForeignKey(Activity, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict, index=True)
    unit = Varchar(length=100, default="")
    answers = JSONB(default="{}")
    ticket = Varchar(length=26, unique=True)
    signature = Bytea()
    pin = Varchar(length=6)
    phone_digest = Bytea(null=True, default=None)
    consented_at = Timestamptz()
    created_at = Timestamptz()

    registration_activity_person_uq = Unique([activity, person])


class Seat(Table):
    """A registration's place in one session, and whether somebody came to it.

    `attended_at` is the first arrival and stays; `inside` falls when the holder is scanned out.
    """

    id = BigSerial(primary_key=True)
    registration = ForeignKey(Registration, null=False, on_delete=OnDelete.restrict)
    session = ForeignKey(Session, null=False, on_delete=OnDelete.restrict)
    state = Varchar(length=10, choices=SeatState)
    waiting_number = Integer(null=True, default=None)
    joined_at = Timestamptz()
    released_at = Timestamptz(null=True, default=None)
    attended_at = Timestamptz(null=True, default=None)
    inside = Boolean(default=False)
    evidence = Varchar(length=10, null=True, default=None, choices=Evidence)

    seat_registration_session_uq = Unique([registration, session])


class IdempotencyKey(Table):
    """The first answer to a registration sent with this key, given again to every repetition."""

    id = BigSerial(primary_key=True)
    token = ForeignKey(Token, null=False, on_delete=OnDelete.restrict)
    key = Varchar(length=255)
    fingerprint = Bytea()
    seat = ForeignKey(Seat, null=False, on_delete=OnDelete.restrict, index=True)
    state = Varchar(length=10, choices=SeatState)
    position = Integer(null=True, default=None)
    created_at = Timestamptz()

    idempotency_key_token_key_uq = Unique([token, key])
