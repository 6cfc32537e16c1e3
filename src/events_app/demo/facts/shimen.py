"""广州石门: 410 workers of a closing plant, helped all the way."""

from events_app.demo.plan import Activity, Guest, Place, Programme, Session
from events_app.programmes.tables import HostRole, Kind
from events_app.registration.rules.questions import Question, QuestionKind

_CANTEEN = Place(
    "南亚塑胶工业（广州）职工食堂", "广东省广州市白云区石门街道石沙路168号", 450, 23.2050, 113.1980
)
_OFFICE = Place("石门街道总工会调解室", "广东省广州市白云区石门街道石丰路26号", 60, 23.1990, 113.2010)
_SQUARE = Place("石门街道综合保障中心广场", "广东省广州市白云区石门街道朝阳中路5号", 500, 23.2010, 113.2050)

PROGRAMMES = (Programme("quanchengbang", "shimen-zonggonghui", "石门街道工会“全程帮”"),)

_UNIONS = (
    (HostRole.HOST, "shimen-zonggonghui"),
    (HostRole.SUPPORTER, "guangzhou-zonggonghui"),
    (HostRole.SUPPORTER, "baiyun-zonggonghui"),
)
_LAWYER = Guest("工会律师", "广州市工会法律服务律师团成员", fields="劳动法、法律援助", region="440100")
_MEDIATOR = Guest("劳动关系协调员", "一级劳动关系协调师", fields="劳动关系、集体协商", region="440100")
_UNITS = ("压延车间", "胶布车间", "仓储物流部", "设备动力部", "品管部", "行政后勤部")


def _meeting(
    day: int, title: str, registered: int, attended: int, place: Place = _OFFICE, capacity: int = 40
) -> Session:
    return Session(
        title=title,
        day=day,
        at="14:30",
        lasts=1.5,
        place=place,
        site="nanya",
        capacity=capacity,
        registered=registered,
        attended=attended,
        guests=(_LAWYER, _MEDIATOR),
    )


ACTIVITIES = (
    Activity(
        key="quanchengbang",
        organization="shimen-zonggonghui",
        programme="quanchengbang",
        kind=Kind.LEGAL_AID,
        title="“全程帮”南亚职工法律援助座谈",
        description="""企业关停涉及**410名**职工。街道工会会同市、区工会和律师，从第一次座谈到签署方案，全程陪同，先后召开15人以上的座谈会6次以上，最终**397人**签署，另有30人由兄弟工厂接收。

座谈会上可以问：

- 经济补偿怎样计算；
- 社会保险、公积金怎样转移；
- 工伤、孕期等特殊情况怎样处理。

不方便当众说的，会后律师单独解答。""",
        purpose="安排座谈和会后单独解答",
        recipients="参加座谈的律师",
        keep_days=60,
        questions=(
            Question(
                "private",
                QuestionKind.AGREEMENT,
                "会后我想请律师单独解答",
                purpose="排好单独解答的时间",
            ),
        ),
        notice="座谈内容和参加名单保密，只用于联系您本人。",
        hosts=_UNIONS,
        units=_UNITS,
        sessions=(
            _meeting(-118, "第一次座谈：听诉求", 26, 25),
            _meeting(-104, "第二次座谈：算补偿", 34, 32),
            _meeting(-90, "第三次座谈：社保与公积金", 22, 21),
            _meeting(-76, "第四次座谈：特殊情况", 18, 18),
            _meeting(-62, "第五次座谈：方案说明", 37, 35),
            _meeting(-50, "第六次座谈：逐条答疑", 29, 27),
            _meeting(-39, "方案集中签署", 410, 397, _CANTEEN, 410),
        ),
    ),
    Activity(
        key="zhaopin",
        organization="shimen-zonggonghui",
        programme="quanchengbang",
        kind=Kind.JOB_FAIR,
        title="援就业南亚专场招聘会",
        description="""街道工会联合综合保障中心，请周边用工企业把岗位送到厂门口：普工、叉车、质检、仓管、文员都有，当场面试、当场答复。

现场另设三个服务台：失业登记、技能培训报名、法律咨询。请带身份证复印件和技能证书。

没有收到通知的职工家属也可以报名。""",
        walk_ins=True,
        hosts=(
            *_UNIONS,
            (HostRole.ORGANIZER, "shimen-baozhang"),
            (HostRole.CO_ORGANIZER, "huanle"),
            (HostRole.CO_ORGANIZER, "anfa"),
        ),
        units=(*_UNITS, "职工家属"),
        sessions=(
            Session(
                title="首场",
                day=-45,
                lasts=3,
                place=_SQUARE,
                site="nanya",
                capacity=300,
                registered=123,
                given_up=5,
                attended=104,
            ),
            Session(
                title="返场：叉车与仓储岗位专场",
                day=12,
                lasts=3,
                place=_SQUARE,
                capacity=200,
                registered=64,
                given_up=1,
            ),
        ),
    ),
)
