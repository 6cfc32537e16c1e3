"""云南: model workers and craftsmen visit schools, since 2018."""

from events_app.demo.plan import Activity, Credit, Guest, Part, Place, Programme, Session
from events_app.programmes.tables import HostRole, Kind
from events_app.registration.rules.questions import Condition, Option, Question, QuestionKind

_AUDITORIUM = Place(
    "云南机电职业技术学院大礼堂",
    "云南省昆明市安宁市职教园区宁州大道10号",
    900,
    24.9530,
    102.4430,
    step_free=True,
    hearing_loop=True,
    access="轮椅席位在第一排两侧，无障碍卫生间在一楼",
    hours="07:30-22:00",
)
_WORKSHOP = Place(
    "云南机电职业技术学院实训中心", "云南省昆明市安宁市职教园区宁州大道10号", 800, 24.9541, 102.4452
)
_TRAFFIC = Place("云南交通职业技术学院报告厅", "云南省昆明市安宁市职教园区嵩华路6号", 400, 24.9487, 102.4391)
_METALS = Place(
    "昆明冶金高等专科学校图书馆报告厅",
    "云南省昆明市安宁市职教园区学府南路3号",
    350,
    24.9502,
    102.4510,
    step_free=True,
    access="电梯在图书馆北门",
    hours="08:00-12:00，13:30-21:30",
)
_DEFENCE = Place("云南国防工业职业技术学院学术厅", "云南省昆明市呈贡区景明南路21号", 300, 24.8340, 102.8490)
_QUJING = Place("曲靖技师学院体育馆", "云南省曲靖市麒麟区三江大道88号", 600, 25.4820, 103.7930)
_DALI = Place("大理农林职业技术学院礼堂", "云南省大理州大理市满江街道学院路9号", 420, 25.5890, 100.2670)

PROGRAMMES = (Programme("laomo", "yunnan-zonggonghui", "云南省“劳模工匠进校园”", 2018),)

_HOSTS = (
    (HostRole.HOST, "yunnan-jiaoyu-gongwei"),
    (HostRole.HOST, "yunnan-jiaoyuting"),
    (HostRole.HOST, "yunnan-zonggonghui"),
)
_ROBOTICS = Guest(
    "移动机器人项目冠军", "世界技能大赛移动机器人项目冠军、教师", fields="机器人、机电一体化", region="530100"
)
_SHIPS = Guest(
    "特级技师", "特级技师，船舶装备制造", "船舶设备制造企业", fields="船舶装备、数控", region="530100"
)
_DESIGN = Guest("高级技师", "高级技师，工程设计", "设计公司", fields="工程设计", region="530100")
_TEA = Guest("高级制茶师", "高级制茶师", fields="制茶、茶艺", region="530500")
_TELECOM = Guest("通信工程师", "通信工程师", "通信企业", fields="通信", region="530100")
_WELDING = Guest("焊接高级技师", "焊接高级技师", fields="焊接", region="530300")
_UNITS = (
    "机电一体化2401班",
    "机电一体化2402班",
    "数控技术2403班",
    "焊接技术2401班",
    "工业机器人2402班",
    "汽车检测2401班",
    "茶艺与茶文化2401班",
    "通信技术2402班",
    "教师",
)


def _hosted_by(school: str) -> tuple[tuple[HostRole, str], ...]:
    return (*_HOSTS, (HostRole.ORGANIZER, school))


ACTIVITIES = (
    Activity(
        key="qidong",
        organization="yunnan-zonggonghui",
        programme="laomo",
        kind=Kind.VISIT,
        title="云南省“劳模工匠进校园”活动启动仪式暨走进云南机电职业技术学院专场",
        description="""“劳模工匠进校园”从2018年开始，年年举办，2024年已是**连续第7年**。启动仪式在云南机电职业技术学院举行，6位劳模工匠来到同学们中间。

## 当天安排

- 启动仪式，为劳模工匠颁发校外导师聘书；
- 分享：从职校课堂走到世界技能大赛；
- 问答：同学提问，劳模作答；
- 技能展示：移动机器人、焊接、制茶。

请提前15分钟入场，凭手机上的入场码签到。""",
        hosts=_hosted_by("ynjd"),
        units=_UNITS,
        sessions=(
            Session(
                day=-40,
                lasts=2.5,
                place=_AUDITORIUM,
                site="ynjd",
                capacity=500,
                registered=240,
                given_up=7,
                attended=216,
                guests=(_ROBOTICS, _SHIPS, _DESIGN, _TEA, _TELECOM, _WELDING),
            ),
        ),
    ),
    Activity(
        key="xunhui",
        organization="yunnan-zonggonghui",
        programme="laomo",
        kind=Kind.VISIT,
        title="劳模工匠进校园·全省巡回专场",
        description="""启动仪式之后，劳模工匠走进全省的职业院校。每场由两到三位嘉宾讲述自己的成长故事，回答同学们的问题，并在实训室现场示范一项绝活。

请以班级为单位组织报名，每位同学各自填写姓名和手机号码，入场时各自扫码。带队老师请选择“教师”。

各场次内容不同，可以报名不止一场。""",
        purpose="安排座位、翻译和现场提问",
        credit=Credit(45, "1.5", "3"),
        questions=(
            Question("major", QuestionKind.TEXT, "所学专业或任教科目", purpose="挑选现场示范的内容"),
            Question(
                "question",
                QuestionKind.PARAGRAPH,
                "想向劳模工匠请教什么",
                help="嘉宾会先看，挑几个在现场回答。",
                purpose="准备现场问答",
            ),
        ),
        hosts=(
            *_HOSTS,
            (HostRole.CO_ORGANIZER, "ynjt"),
            (HostRole.CO_ORGANIZER, "kmyz"),
            (HostRole.CO_ORGANIZER, "yngf"),
        ),
        units=_UNITS,
        sessions=(
            Session(
                title="走进云南交通职业技术学院",
                day=-28,
                place=_TRAFFIC,
                site="ynjt",
                capacity=300,
                registered=142,
                given_up=4,
                attended=118,
                guests=(_WELDING, _DESIGN),
            ),
            Session(
                title="走进昆明冶金高等专科学校",
                day=-12,
                at="14:30",
                place=_METALS,
                site="kmyz",
                capacity=120,
                registered=131,
                given_up=3,
                attended=109,
                guests=(_SHIPS, _WELDING),
            ),
            Session(
                title="走进云南国防工业职业技术学院",
                day=6,
                place=_DEFENCE,
                site="yngf",
                capacity=240,
                registered=93,
                given_up=2,
                guests=(_ROBOTICS, _TELECOM),
            ),
            Session(
                title="走进曲靖技师学院",
                day=11,
                at="10:00",
                place=_QUJING,
                site="qujing-jishi",
                capacity=80,
                registered=97,
                given_up=3,
                guests=(_DESIGN, _WELDING),
            ),
            Session(
                title="走进大理农林职业技术学院",
                day=18,
                place=_DALI,
                site="dali-nonglin",
                capacity=260,
                registered=41,
                called_off="礼堂屋面抢修，本场取消；请改报其他场次。",
                guests=(_TEA,),
            ),
            Session(
                title="再访云南机电职业技术学院",
                day=44,
                at="14:30",
                place=_AUDITORIUM,
                site="ynjd",
                capacity=500,
                guests=(_ROBOTICS, _SHIPS, _TELECOM),
            ),
        ),
    ),
    Activity(
        key="zhanshi",
        organization="yunnan-zonggonghui",
        programme="laomo",
        kind=Kind.VISIT,
        title="工匠技艺展示月",
        description="""一个月里，云南机电职业技术学院实训中心每天开放：焊接、数控、移动机器人、制茶四个展位，由劳模工匠和他们的徒弟轮流值守。

报名后任选一天前来，**凭入场码入场一次**。可以动手体验，请穿长裤和平底鞋；护目镜和手套现场提供。

团体参观请在单位一栏写明班级。""",
        walk_ins=True,
        hosts=_hosted_by("ynjd"),
        units=_UNITS,
        sessions=(
            Session(
                day=-1,
                at="09:00",
                lasts=30 * 24,
                place=_WORKSHOP,
                site="ynjd",
                capacity=800,
                registered=126,
                given_up=2,
                attended=38,
                guests=(_WELDING, _TEA),
                part=Part.TICKETS,
            ),
        ),
    ),
    Activity(
        key="caogao",
        organization="yunnan-zonggonghui",
        programme="laomo",
        kind=Kind.VISIT,
        title="劳模工匠进校园·寒假研学营（筹备中）",
        description="""寒假期间在昆明举办三天研学营：白天进车间，晚上听劳模讲故事。食宿由主办单位安排。

*方案待定，尚未对外发布。*""",
        draft=True,
        purpose="安排食宿、分组和购买意外险",
        recipients="承办学校、承保的保险公司",
        keep_days=30,
        questions=(
            Question(
                "shirt",
                QuestionKind.ONE_OF,
                "营服尺码",
                required=True,
                options=[Option("s", "S"), Option("m", "M"), Option("l", "L"), Option("xl", "XL")],
                purpose="定做营服",
            ),
            Question(
                "diet",
                QuestionKind.MANY_OF,
                "饮食上的要求",
                options=[Option("halal", "清真"), Option("vegetarian", "素食"), Option("other", "其他")],
                purpose="安排用餐",
                sensitive=True,
            ),
            Question(
                "diet-other",
                QuestionKind.TEXT,
                "请说明饮食要求",
                required=True,
                only_if=Condition("diet", "other"),
                purpose="安排用餐",
            ),
            Question(
                "insured",
                QuestionKind.ID_NUMBER,
                "身份证号码",
                required=True,
                purpose="购买意外险",
                keep_days=7,
                sensitive=True,
            ),
        ),
        hosts=_HOSTS,
        units=_UNITS,
        sessions=(Session(day=58, lasts=56, place=_WORKSHOP, site="ynjd", capacity=60),),
    ),
    Activity(
        key="kunming",
        organization="kunming-zonggonghui",
        kind=Kind.VISIT,
        title="劳模工匠进校园·昆明市职业学校巡讲",
        description="""两所职业学校各一场，劳模讲岗位故事，工匠现场演示焊接和茶艺，并回答学生的提问。""",
        draft=True,
        submitted=True,
        hosts=((HostRole.HOST, "kunming-zonggonghui"),),
        units=_UNITS,
        sessions=(
            Session(day=34, at="14:00", place=_TRAFFIC, site="ynjt", capacity=300, guests=(_WELDING,)),
            Session(day=36, at="14:00", place=_METALS, site="kmyz", capacity=260, guests=(_TEA,)),
        ),
    ),
)
