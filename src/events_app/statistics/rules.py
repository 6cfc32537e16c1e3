"""What the measures mean, and how they are shown."""

from collections.abc import Sequence
from enum import StrEnum

from events_app.lib.language import gettext as _

# Fewer people than this are not shown as a unit of their own where who came is nobody's business.
FEWEST = 5
# More columns than this cannot be told apart in a picture; the table beside it has them all.
MONTHS_IN_CHART = 12
_STEPS = 4


class Stage(StrEnum):
    """How far a session is, for counting it."""

    HELD = "held"
    PLANNED = "planned"
    CALLED_OFF = "called_off"


def stage_name(stage: str) -> str:
    names = {Stage.HELD: _("已举办"), Stage.PLANNED: _("未结束"), Stage.CALLED_OFF: _("已取消")}
    return names[Stage(stage)]


def rate(came: int, due: int) -> float | None:
    """The share of those expected who came; None when nobody was expected."""
    return came / due if due else None


def percent(share: float | None) -> float | None:
    """With one decimal, and 100 only when all came."""
    return None if share is None else min(round(share * 100, 1), 100.0 if share == 1 else 99.9)


def concealed(number: int) -> str | int:
    """A number that cannot point at somebody: 1 to 4 are “<5”."""
    return f"<{FEWEST}" if 0 < number < FEWEST else number


def visible_rate(came: int, due: int) -> float | None:
    """The rate, unless one could reckon from it how few came or stayed away."""
    return rate(came, due) if came >= FEWEST and due - came not in range(1, FEWEST) else None


def ticks(most: int) -> list[int]:
    """Round numbers from 0 up to the first that is not below `most`."""
    least_step = max(-(-most // _STEPS), 1)
    magnitude = 10 ** (len(str(least_step)) - 1)
    step = next(m * magnitude for m in (1, 2, 5, 10) if m * magnitude >= least_step)
    return [step * n for n in range(max(-(-most // step), 1) + 1)]


def chart_sentence(points: Sequence[tuple[str, int, int]]) -> str:
    """What the picture shows: points of (month, attended, registered)."""
    if not points:
        return _("没有数据。")
    best = max(points, key=lambda point: point[1])
    return _(
        "%(first)s至%(last)s，每月的报名人次和签到人次；%(best)s签到最多，为%(attended)s人次。",
        first=points[0][0],
        last=points[-1][0],
        best=best[0],
        attended=best[1],
    )


def definitions() -> list[tuple[str, str]]:
    """Each measure with what is counted, for the page and for the workbook."""
    return [
        (
            _("范围"),
            _("本单位已发布的活动，按场次的开始日期归入时段。已取消场次的报名和签到不计入任何一项。"),
        ),
        (
            _("场次"),
            _(
                "已经结束、没有取消的场次。尚未结束的和已取消的另外列出。按单位统计时，为该单位有人报名的场次。"
            ),
        ),
        (
            _("报名人次"),
            _("占有名额的报名：报名成功、待审核、待确认。一人报两个场次计两次。候补和取消另外列出。"),
        ),
        (_("签到人次"), _("有人到场的报名。一人参加两个场次计两次，同一场次进出几次只计一次。")),
        (
            _("人数"),
            _(
                "到场的不同的人，姓名和电话都相同的为同一人。各行分别去重，合计也重新去重，所以各行相加不等于合计。"
            ),
        ),
        (_("到场率"), _("已举办场次中，签到人次除以报名成功的人次。没有已举办的场次时不计算。")),
        (
            _("保密"),
            _(
                "法律援助活动中，报名不足%(n)s人或到场不足%(n)s人的单位并入“其他”，小于%(n)s的数显示为“<%(n)s”。",
                n=FEWEST,
            ),
        ),
    ]
