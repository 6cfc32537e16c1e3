"""A batch out of a table, and an empty table to fill."""

from datetime import timedelta

from events_app.accounts.rules import Me
from events_app.lib import clock
from events_app.lib.language import gettext as _
from events_app.lib.language import listed
from events_app.lib.sheets import Book, Column, Kind, read_table, read_text
from events_app.programmes.actions.activities import own_activity
from events_app.programmes.actions.batches import create_batch
from events_app.programmes.forms.batches import TableForm
from events_app.programmes.rules.headers import EXAMPLE, rows_of
from events_app.programmes.tables import BatchSource


async def create_table_batch(me: Me, activity_code: str, form: TableForm, file: bytes) -> str:
    """A batch of the file's rows, or of what was pasted when there is none; returns its code.

    Raises NotFound, and Refused for what is no table of sessions.
    """
    await own_activity(me, activity_code)
    rows, ignored = rows_of(await read_table(file) if file else read_text(form.table))
    remarks = [_("没有用到这些列：%(names)s。", names=listed(ignored))] if ignored else []
    return await create_batch(me, activity_code, BatchSource.TABLE, rows, form.defaults(remarks))


def template() -> bytes:
    """A workbook with the columns that are understood, and two examples that are never taken for sessions."""
    titles = [
        (_("学校"), 30),
        (_("场地"), 24),
        (_("地址"), 36),
        (_("日期"), 14),
        (_("开始"), 9),
        (_("结束"), 9),
        (_("名额"), 8),
        (_("名称"), 24),
        (_("嘉宾"), 36),
        (_("负责人"), 12),
    ]
    day = clock.today() + timedelta(days=14)
    example = [_("%(mark)s第一中学", mark=EXAMPLE), _("大礼堂"), _("人民路1号")]
    people = [_("第一场"), _("耿家盛，全国劳动模范，昆明机床厂"), ""]
    rows = [[*example, f"{day + timedelta(days=n)}", "09:00", "11:00", "300", *people] for n in (0, 1)]
    with Book() as book:
        book.sheet(_("场次"), [Column(title, Kind.TEXT, width) for title, width in titles]).add(rows)
        return book.finish()
