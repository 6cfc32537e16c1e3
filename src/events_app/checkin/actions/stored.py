"""Everything that is stored about whoever registered with this phone: to read, and as JSON to take along."""

from datetime import datetime

import msgspec

from events_app.checkin.queries.certificates import OwnCertificate, list_certificates_of
from events_app.checkin.queries.scans import OwnScan, list_scans_of
from events_app.lib.codes import digest
from events_app.programmes.tables import Kind
from events_app.registration.actions.terms import find_version
from events_app.registration.queries.attachments import list_file_names
from events_app.registration.queries.mine import Stored, StoredFile, StoredMessage, StoredSeat, list_stored
from events_app.registration.rules.answers import worded


class Answer(msgspec.Struct, frozen=True):
    """In the words it was asked and given in."""

    question: str
    answer: str


class StoredRegistration(msgspec.Struct, frozen=True):
    """`terms` is the number of the notice that was agreed to; so many days after the activity all this is erased."""

    activity: str
    activity_code: str
    kind: Kind
    organization: str
    ticket: str
    name: str
    phone: str
    unit: str
    registered_by_unit: str
    birth_year: int | None
    guardian_name: str
    guardian_phone: str
    answers: list[Answer]
    files: list[StoredFile]
    terms: int
    keep_days: int
    consented_at: datetime
    sensitive_consented_at: datetime | None
    guardian_consented_at: datetime | None
    created_at: datetime
    seats: list[StoredSeat]
    scans: list[OwnScan]
    certificates: list[OwnCertificate]
    messages: list[StoredMessage]


async def stored_of(phone_secret: str) -> list[StoredRegistration]:
    rows = await list_stored(digest(phone_secret))
    scans = await list_scans_of([seat.seat for row in rows for seat in row.seats])
    certificates = await list_certificates_of([row.id for row in rows])
    return [await _told(row, scans, certificates) for row in rows]


async def _told(row: Stored, scans: list[OwnScan], certificates: list[OwnCertificate]) -> StoredRegistration:
    seats = {seat.seat for seat in row.seats}
    kept = {name: getattr(row, name) for name in StoredRegistration.__struct_fields__ if hasattr(row, name)}
    own = {
        "activity": row.activity_title,
        "registered_by_unit": row.roster,
        "answers": await _answers(row),
        "scans": [scan for scan in scans if scan.seat in seats],
        "certificates": [one for one in certificates if one.registration == row.id],
    }
    return StoredRegistration(**kept | own)


async def _answers(row: Stored) -> list[Answer]:
    terms = await find_version(row.activity, row.terms)
    names = await list_file_names(row.id) if row.files else {}
    return [Answer(a.label, a.text) for a in worded(terms.questions if terms else [], row.answers, names)]
