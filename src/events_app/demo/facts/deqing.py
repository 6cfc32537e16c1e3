"""德清: pilots for crop-protection drones."""

from events_app.demo.plan import Activity, Credit, Guest, Place, Programme, Session
from events_app.programmes.tables import HostRole, Kind
from events_app.registration.rules.questions import Option, Question, QuestionKind

_FIELD = Place("乾元镇城北村小麦种植基地", "浙江省湖州市德清县乾元镇城北村", 80, 30.5710, 120.0870)
_SCHOOL = Place(
    "阜溪街道成人文化技术学校实训室", "浙江省湖州市德清县阜溪街道长虹中街333号", 60, 30.5580, 119.9600
)

PROGRAMMES: tuple[Programme, ...] = ()

_INSTRUCTOR = Guest(
    "植保无人机教员",
    "民用无人驾驶航空器操控员教员",
    "阜溪街道成人文化技术学校",
    fields="无人机、植保",
    region="330500",
)
_AGRONOMIST = Guest(
    "高级农艺师", "高级农艺师，小麦病虫害防治", "县农业技术推广中心", fields="农艺、植保", region="330500"
)

ACTIVITIES = (
    Activity(
        key="feishou",
        organization="zhejiang-zonggonghui",
        kind=Kind.TRAINING,
        title="植保无人机“飞手”培训班",
        description="""面向种粮大户和农机手的实操培训。课堂就在麦田边：先在**模拟器**上练起降和航线，再到田里飞真机，学会配药、设航线、处理失联和避让。

## 内容

1. 飞行安全与空域常识；
2. 模拟器练习；
3. 小麦“一喷三防”作业示范；
4. 电池保养与简单维修。

请穿长袖和防滑鞋，戴遮阳帽。雨天或四级以上大风改在室内上课，时间不变。""",
        purpose="分组实训和安排练习机",
        credit=Credit(90, "3", "6"),
        questions=(
            Question(
                "flown",
                QuestionKind.ONE_OF,
                "以前飞过植保无人机吗",
                options=[Option("never", "没有"), Option("some", "飞过几次"), Option("often", "经常飞")],
                purpose="按熟练程度分组",
            ),
            Question(
                "fields", QuestionKind.NUMBER, "家里种多少亩", least=0, most=10_000, purpose="挑选练习的机型"
            ),
        ),
        hosts=((HostRole.HOST, "zhejiang-zonggonghui"), (HostRole.ORGANIZER, "fuxi-chengxiao")),
        units=(
            "乾元镇种粮大户",
            "城北村股份经济合作社",
            "新市镇农机专业合作社",
            "钟管镇家庭农场",
            "洛舍镇植保服务队",
        ),
        sessions=(
            Session(
                title="第一期·田间实操",
                day=-30,
                at="08:30",
                lasts=7,
                place=_FIELD,
                site="fuxi-chengxiao",
                capacity=60,
                registered=58,
                given_up=2,
                attended=52,
                guests=(_INSTRUCTOR, _AGRONOMIST),
            ),
            Session(
                title="第二期·田间实操",
                day=8,
                at="08:30",
                lasts=7,
                place=_FIELD,
                site="fuxi-chengxiao",
                capacity=60,
                registered=75,
                given_up=2,
                guests=(_INSTRUCTOR, _AGRONOMIST),
            ),
            Session(
                title="第三期·模拟器与考证辅导",
                day=22,
                lasts=6,
                place=_SCHOOL,
                site="fuxi-chengxiao",
                capacity=60,
                registered=19,
                guests=(_INSTRUCTOR,),
            ),
        ),
    ),
)
