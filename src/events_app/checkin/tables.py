"""Who came through the door: every scan, admitted or refused, kept for ever."""

from enum import StrEnum

from piccolo.columns import BigSerial, Boolean, ForeignKey, Integer, OnDelete, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from events_app.accounts.tables import Account
from events_app.programmes.tables import Session
from events_app.registration.tables import Seat


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class Verdict(StrEnum):
    ADMITTED = "admitted"
    ALREADY_IN = "already_in"
    WRONG_SESSION = "wrong_session"
    CANCELLED = "cancelled"
    WAITLISTED = "waitlisted"
    PENDING = "pending"
    NOT_OPEN = "not_open"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


class Scan(Table):
    """One physical scan. `at` is the device's clock, `received_at` ours; `nonce` makes a repetition harmless.

    `first_at`, `attended` and `expected` are what was answered, so that a repetition gets the same answer.
    """

    id = BigSerial(primary_key=True)
    nonce = Varchar(length=64)
    session = ForeignKey(Session, null=False, on_delete=OnDelete.restrict)
    seat = ForeignKey(Seat, null=True, on_delete=OnDelete.restrict, index=True)
    ticket = Varchar(length=26)
    direction = Varchar(length=3, choices=Direction)
    verdict = Varchar(length=20, choices=Verdict)
    offline = Boolean(default=False)
    gate = Varchar(length=40, default="")
    at = Timestamptz()
    received_at = Timestamptz()
    first_at = Timestamptz(null=True, default=None)
    attended = Integer(default=0)
    expected = Integer(default=0)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.restrict)

    scan_session_nonce_uq = Unique([session, nonce])
