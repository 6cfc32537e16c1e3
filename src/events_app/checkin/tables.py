"""The doors, who came through them, and what is given for having come: every scan is kept for ever."""

from enum import StrEnum

from piccolo.columns import (
    JSONB,
    BigSerial,
    Boolean,
    Bytea,
    ForeignKey,
    Integer,
    Numeric,
    OnDelete,
    Serial,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Unique
from piccolo.table import Table

from events_app.accounts.tables import Account
from events_app.programmes.tables import Activity, Session
from events_app.registration.tables import Evidence, Registration, Seat


class Direction(StrEnum):
    """`undo` takes another scan back."""

    IN = "in"
    OUT = "out"
    UNDO = "undo"


class Verdict(StrEnum):
    """`flagged` waits for an organiser: one phone checked in a second person."""

    ADMITTED = "admitted"
    ALREADY_IN = "already_in"
    NOT_IN = "not_in"
    WRONG_SESSION = "wrong_session"
    CANCELLED = "cancelled"
    WAITLISTED = "waitlisted"
    PENDING = "pending"
    NOT_OPEN = "not_open"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    FLAGGED = "flagged"
    TOO_LATE = "too_late"


class Gate(Table):
    """A device that lets people in: into one session, or into all of an activity's; exactly one of them is set.

    Whoever opens `link` first makes their device this gate and uses the link up: `device_digest` is the digest of the
    secret in that device's cookie. One device may be several gates.
    """

    id = Serial(primary_key=True)
    code = Varchar(length=20, unique=True)
    session = ForeignKey(Session, null=True, on_delete=OnDelete.cascade, index=True)
    activity = ForeignKey(Activity, null=True, on_delete=OnDelete.cascade, index=True)
    label = Varchar(length=40)
    opens_at = Timestamptz()
    closes_at = Timestamptz()
    link = Varchar(length=43, null=True, default=None, unique=True)
    device_digest = Bytea(null=True, default=None, index=True)
    opened_at = Timestamptz(null=True, default=None)
    seen_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz()
    created_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict)
    revoked_at = Timestamptz(null=True, default=None)


class Scan(Table):
    """One attempt to come in or to go out, or to take such a one back, however it was made.

    `at` is when it happened, after the device's clock was put right; `device_at` and `sent_at` are what that clock
    said, `received_at` what ours did. `nonce` makes a repetition harmless. `let_in`: somebody went through by it, which
    a refused one can say that a device without network had let through. `undoes` is the nonce of the scan that this
    one takes back. `device` tells phones apart that checked themselves in, `distance` is metres from the venue.
    `place` is what the staff called their door. `first_at`, `attended` and `expected` are what was answered, so that a
    repetition gets the same answer. `settled_at`: an organiser has looked at what is strange about it.
    """

    id = BigSerial(primary_key=True)
    nonce = Varchar(length=64)
    session = ForeignKey(Session, null=False, on_delete=OnDelete.restrict)
    seat = ForeignKey(Seat, null=True, on_delete=OnDelete.restrict, index=True)
    ticket = Varchar(length=26)
    direction = Varchar(length=4, choices=Direction)
    verdict = Varchar(length=20, choices=Verdict)
    evidence = Varchar(length=10, choices=Evidence, default=Evidence.SCAN)
    offline = Boolean(default=False)
    let_in = Boolean(default=False)
    place = Varchar(length=40, default="")
    gate = ForeignKey(Gate, null=True, on_delete=OnDelete.restrict)
    device = Varchar(length=43, default="")
    at = Timestamptz()
    device_at = Timestamptz(null=True, default=None)
    sent_at = Timestamptz(null=True, default=None)
    received_at = Timestamptz()
    first_at = Timestamptz(null=True, default=None)
    attended = Integer(default=0)
    expected = Integer(default=0)
    account = ForeignKey(Account, null=True, on_delete=OnDelete.restrict)
    undoes = Varchar(length=64, null=True, default=None)
    reason = Varchar(length=200, default="")
    distance = Integer(null=True, default=None)
    settled_at = Timestamptz(null=True, default=None)
    settled_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict)

    scan_session_nonce_uq = Unique([session, nonce])


class Sheet(Table):
    """A printed list for signatures: `seats` are the ids in the order of its lines, `blanks` the empty lines below."""

    id = Serial(primary_key=True)
    code = Varchar(length=20, unique=True)
    session = ForeignKey(Session, null=False, on_delete=OnDelete.cascade, index=True)
    seats = JSONB()
    blanks = SmallInt(default=0)
    created_at = Timestamptz()
    created_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict)


class Certificate(Table):
    """That somebody took part in an activity, for so many `hours` (学时) in so many `sessions` when it was issued.

    `number` is for people, `code` for the QR by which anyone can verify it. Whether it still holds is decided anew
    from the attendances. `name_digest` verifies the name on the paper when the registration has been erased.
    """

    id = Serial(primary_key=True)
    code = Varchar(length=26, unique=True)
    number = Varchar(length=20, unique=True)
    registration = ForeignKey(Registration, null=False, on_delete=OnDelete.restrict, unique=True)
    name_digest = Bytea()
    hours = Numeric(digits=(6, 1), null=True, default=None)
    sessions = SmallInt()
    issued_at = Timestamptz()
    revoked_at = Timestamptz(null=True, default=None)
