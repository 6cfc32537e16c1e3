"""Batches: sessions that are planned and not saved yet."""

import msgspec

from events_app.lib import database
from events_app.programmes.rules.rows import Defaults, Row
from events_app.programmes.tables import BatchSource


class BatchRow(msgspec.Struct, frozen=True):
    id: int
    code: str
    source: BatchSource
    activity: int
    activity_code: str
    activity_title: str
    organization: int
    rows: list[Row]
    defaults: Defaults


_BATCH = """
    SELECT b.id, b.code, b.source, b.activity, a.code AS activity_code, a.title AS activity_title, a.organization,
           b.rows::text AS rows, b.defaults::text AS defaults
      FROM batch b JOIN activity a ON a.id = b.activity
     WHERE b.code = $1 AND a.organization = ANY($2)
"""


async def find_own_batch(code: str, organizations: list[int]) -> BatchRow | None:
    return _batch(await database.find(_BATCH, code, organizations))


async def lock_own_batch(code: str, organizations: list[int]) -> BatchRow | None:
    """Two tabs that save or edit the same batch come one after the other."""
    return _batch(await database.find(f"{_BATCH} FOR UPDATE OF b", code, organizations))


ADD_BATCH = """
    INSERT INTO batch (code, activity, source, rows, defaults, created_at, created_by)
         VALUES ($1, $2, $3, $4::jsonb, $5::jsonb, now(), $6)
"""


async def add_batch(
    code: str, activity: int, source: BatchSource, rows: list[Row], defaults: Defaults, account: int
) -> None:
    await database.fetch(ADD_BATCH, code, activity, str(source), _json(rows), _json(defaults), account)


async def keep_rows(batch: int, rows: list[Row], defaults: Defaults) -> None:
    """What is left of the batch; without rows there is none."""
    if rows:
        sql = "UPDATE batch SET rows = $2::jsonb, defaults = $3::jsonb WHERE id = $1"
        await database.fetch(sql, batch, _json(rows), _json(defaults))
    else:
        await database.fetch("DELETE FROM batch WHERE id = $1", batch)


def _batch(row: database.Row | None) -> BatchRow | None:
    if row is None:
        return None
    decoded = {name: msgspec.json.decode(row[name]) for name in ("rows", "defaults")}
    return msgspec.convert({**row, **decoded}, BatchRow)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
