"""Many sessions at once: a batch is checked as often as one likes, and its good rows are saved together."""

from events_app.accounts.actions import audit
from events_app.accounts.rules import Me
from events_app.lib import codes
from events_app.lib.database import transaction
from events_app.lib.errors import Refused
from events_app.lib.language import gettext as _
from events_app.programmes.actions.activities import own_activity
from events_app.programmes.queries import batches as queries
from events_app.programmes.rules.rows import FIELDS, Defaults, Row
from events_app.programmes.tables import BatchSource

MOST_ROWS = 1000


async def create_batch(
    me: Me, activity_code: str, source: BatchSource, rows: list[Row], defaults: Defaults
) -> str:
    """Rows to look through before they are saved, at /manage/batches/{code}; returns the code.

    A row need not have all FIELDS. Raises NotFound, and Refused for no row or more than MOST_ROWS.
    """
    activity = await own_activity(me, activity_code)
    if not rows:
        raise Refused(_("没有要添加的场次：请至少写一行。"), "no_row")
    if len(rows) > MOST_ROWS:
        raise Refused(
            _("一次最多%(most)s行，现在有%(count)s行。请分成几次。", most=MOST_ROWS, count=len(rows)),
            "too_many_rows",
        )
    code = codes.new_code()
    async with transaction():
        await queries.add_batch(code, activity.id, source, _numbered(rows), defaults, me.account)
        await audit(me, "batch.create", code, organization=activity.organization, rows=len(rows))
    return code


def _numbered(rows: list[Row]) -> list[Row]:
    """Each row with all its fields and the line it stood in; a NUL is nothing that a database keeps."""
    nothing = dict.fromkeys((*FIELDS, "accepted"), "")
    given = [{name: value.replace("\0", "\ufffd") for name, value in row.items()} for row in rows]
    return [nothing | {"line": str(number)} | row for number, row in enumerate(given, 1)]
