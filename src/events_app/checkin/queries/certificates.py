"""Certificates: giving them out, finding them, taking them back."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from events_app.lib import database
from events_app.programmes.tables import Kind


class Certified(msgspec.Struct, frozen=True):
    """What one certificate is going to say; `code` counts only where there is none yet."""

    registration: int
    code: str
    name_digest: str
    hours: Decimal | None
    sessions: int


class Held(msgspec.Struct, frozen=True):
    """A certificate that somebody has, with the name that goes on it."""

    registration: int
    name: str
    code: str | None


# Which codes are there already, so that the digest of the name is made with the right one. Nobody erased gets any.
LIST_HELD = """
    SELECT r.id AS registration, p.name, c.code
      FROM registration r
      JOIN person p ON p.id = r.person
      LEFT JOIN certificate c ON c.registration = r.id
     WHERE r.activity = $1 AND r.id = ANY($2) AND r.erased_at IS NULL AND c.revoked_at IS NULL
  ORDER BY r.id
"""


async def list_held(activity: int, registrations: Sequence[int]) -> list[Held]:
    return await database.fetch_as(Held, LIST_HELD, activity, registrations)


# The number comes from the sequence, so no two are alike, whoever issues at this moment. Somebody else may have issued
# the same one since we looked: theirs stays.
ISSUE = """
    WITH told AS (
        SELECT told.*, nextval(pg_get_serial_sequence('certificate', 'id')) AS id
          FROM json_to_recordset($1::json) AS told (
               registration bigint, code text, name_digest text, hours numeric, sessions int)
         WHERE NOT EXISTS (SELECT FROM certificate c WHERE c.registration = told.registration)
    )
    INSERT INTO certificate (id, code, number, registration, name_digest, hours, sessions, issued_at)
         SELECT id, code,
                to_char(now() AT TIME ZONE 'Asia/Shanghai', 'YYYY-')
                || lpad(id::text, greatest(6, length(id::text)), '0'),
                registration, decode(name_digest, 'hex'), hours, sessions, now()
           FROM told
    ON CONFLICT (registration) DO NOTHING
      RETURNING registration
"""

RENEW = """
    UPDATE certificate c
       SET hours = told.hours, sessions = told.sessions, name_digest = decode(told.name_digest, 'hex'),
           issued_at = now()
      FROM json_to_recordset($1::json) AS told (
           registration bigint, code text, name_digest text, hours numeric, sessions int)
     WHERE c.registration = told.registration AND c.code = told.code AND c.revoked_at IS NULL
       AND (c.hours, c.sessions) IS DISTINCT FROM (told.hours, told.sessions)
 RETURNING c.registration
"""


async def issue(certified: Sequence[Certified]) -> list[int]:
    """The registrations that have their first certificate now."""
    return await _write(ISSUE, certified)


async def renew(certified: Sequence[Certified]) -> list[int]:
    """The registrations whose certificate says something else now."""
    return await _write(RENEW, certified)


async def _write(sql: str, certified: Sequence[Certified]) -> list[int]:
    rows = await database.fetch(sql, msgspec.json.encode(certified).decode())
    return [row["registration"] for row in rows]


class CertificateRow(msgspec.Struct, frozen=True):
    """A certificate with what it is about; `name` is None once the registration is erased."""

    code: str
    number: str
    registration: int
    name: str | None
    unit: str
    name_digest: bytes
    hours: Decimal | None
    sessions: int
    issued_at: datetime
    revoked_at: datetime | None
    activity: int
    activity_title: str
    kind: Kind
    organization_name: str


FIND_CERTIFICATE = """
    SELECT c.code, c.number, c.registration, CASE WHEN r.erased_at IS NULL THEN p.name END AS name, r.unit,
           c.name_digest, c.hours, c.sessions, c.issued_at, c.revoked_at, r.activity, a.title AS activity_title, a.kind,
           o.name AS organization_name
      FROM certificate c
      JOIN registration r ON r.id = c.registration
      JOIN person p ON p.id = r.person
      JOIN activity a ON a.id = r.activity
      JOIN organization o ON o.id = a.organization
"""


async def find_certificate(code: str) -> CertificateRow | None:
    return await database.find_as(CertificateRow, f"{FIND_CERTIFICATE} WHERE c.code = $1", code)


async def find_certificate_of(registration: int) -> CertificateRow | None:
    return await database.find_as(
        CertificateRow, f"{FIND_CERTIFICATE} WHERE c.registration = $1", registration
    )


class OwnCertificate(msgspec.Struct, frozen=True):
    """A certificate among what is stored about somebody."""

    registration: int
    number: str
    hours: Decimal | None
    sessions: int
    issued_at: datetime
    revoked_at: datetime | None


async def list_certificates_of(registrations: Sequence[int]) -> list[OwnCertificate]:
    return await database.fetch_as(
        OwnCertificate,
        """SELECT registration, number, hours, sessions, issued_at, revoked_at FROM certificate
            WHERE registration = ANY($1) ORDER BY id""",
        registrations,
    )


SET_REVOKED = """
    UPDATE certificate c SET revoked_at = CASE WHEN $3 THEN now() END
      FROM registration r
     WHERE r.id = c.registration AND r.activity = $1 AND c.code = $2 AND (c.revoked_at IS NULL) = $3
 RETURNING c.number
"""


async def set_revoked(activity: int, code: str, *, revoked: bool) -> str | None:
    """The number of the certificate that is revoked, or good again, by this; None where nothing changed."""
    number: str | None = await database.value(SET_REVOKED, activity, code, revoked)
    return number
