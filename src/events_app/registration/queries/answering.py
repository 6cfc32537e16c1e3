"""A registration whose holder changes what they answered."""

from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.programmes.tables import Kind
from events_app.registration.rules.consent import Consent
from events_app.registration.rules.questions import Answers


class Changeable(msgspec.Struct, frozen=True):
    """`terms` is what was agreed to, `latest` what stands now. `until` is when the last registration closes for a
    session in which a place is held, None if none does. `unit_bound`: places are counted by unit.
    """

    registration: int
    activity: int
    kind: Kind
    minimum_age: int | None
    asks_birth_year: bool
    unit_bound: bool
    unit: str
    terms: int
    latest: int
    answers: Answers
    birth_year: int | None
    guardian_name: str
    guardian_phone: str
    until: datetime | None


FIND_CHANGEABLE = """
    SELECT r.id AS registration, r.activity, a.kind, a.minimum_age, a.asks_birth_year, r.unit, r.terms,
           a.eligible_only OR a.unit_quota IS NOT NULL OR r.roster IS NOT NULL
           OR EXISTS (SELECT FROM eligible_unit e WHERE e.activity = a.id AND e.quota IS NOT NULL) AS unit_bound,
           COALESCE((SELECT max(number) FROM terms WHERE activity = a.id), 1)::int AS latest,
           r.answers::text AS answers, r.birth_year, r.guardian_name, r.guardian_phone,
           (SELECT max(s.closes_at) FROM seat JOIN session s ON s.id = seat.session
             WHERE seat.registration = r.id AND seat.state <> 'released' AND seat.attended_at IS NULL
               AND s.called_off_at IS NULL) AS until
      FROM registration r JOIN activity a ON a.id = r.activity
     WHERE r.id = $1 AND r.erased_at IS NULL
       FOR NO KEY UPDATE OF r
"""


async def lock_changeable(registration: int) -> Changeable | None:
    """Nobody else changes it until the transaction ends."""
    row = await database.find(FIND_CHANGEABLE, registration)
    if row is None:
        return None
    return msgspec.convert({**row, "answers": msgspec.json.decode(row["answers"])}, Changeable)


SAVE_CHANGE = """
    UPDATE registration SET unit = $2, answers = $3::jsonb WHERE id = $1
"""
# Agreed to anew: what was agreed to before is no longer what stands.
RENEW_CONSENT = """
    UPDATE registration
       SET terms = $2, consented_at = now(), birth_year = $3, guardian_name = $4::varchar, guardian_phone = $5,
           guardian_consented_at = CASE WHEN $4::varchar <> '' THEN now() END,
           sensitive_consented_at = CASE WHEN $6::bool THEN now() END
     WHERE id = $1
"""


async def save_change(registration: int, unit: str, answers: Answers) -> None:
    await database.fetch(SAVE_CHANGE, registration, unit, msgspec.json.encode(answers).decode())


async def renew_consent(registration: int, terms: int, consent: Consent) -> None:
    c = consent
    values = (c.birth_year, c.guardian_name, c.guardian_phone, c.sensitive)
    await database.fetch(RENEW_CONSENT, registration, terms, *values)
