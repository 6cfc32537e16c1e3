"""宁波: “互助保障+工惠保” enrolment and the health service."""

from events_app.demo.plan import Activity, Part, Place, Programme, Session
from events_app.programmes.tables import HostRole, Kind

_PALACE = Place("宁波市工人文化宫报告厅", "浙江省宁波市海曙区镇明路188号", 300, 29.8686, 121.5453)
_YINZHOU = Place("鄞州区职工服务中心", "浙江省宁波市鄞州区惠风东路568号", 220, 29.8170, 121.5500)
_BEILUN = Place("北仑港区职工之家", "浙江省宁波市北仑区明州路301号", 180, 29.8999, 121.8440)
_ONLINE = Place("职工服务一站式大厅", "浙江省宁波市江北区大闸南路88号", 5000, 29.8903, 121.5480)

PROGRAMMES = (Programme("gonghuibao", "ningbo-zonggonghui", "宁波市“互助保障+工惠保”", 2020),)

_HOSTS = (
    (HostRole.HOST, "ningbo-zonggonghui"),
    (HostRole.CO_ORGANIZER, "ningbo-jinrongju"),
    (HostRole.CO_ORGANIZER, "ningbo-baoxianju"),
    (HostRole.CO_ORGANIZER, "ningbo-weijianwei"),
    (HostRole.CO_ORGANIZER, "ningbo-yibaoju"),
)
_UNITS = (
    "宁波舟山港北仑码头公司",
    "宁波轨道交通运营公司",
    "海曙区环卫处",
    "鄞州区塑机行业工会",
    "奉化区纺织行业工会",
    "慈溪市小家电行业工会",
    "宁波市公交集团一公司",
    "镇海石化检修公司",
)

ACTIVITIES = (
    Activity(
        key="gonghuibao",
        organization="ningbo-zonggonghui",
        programme="gonghuibao",
        kind=Kind.HEALTH,
        title="“互助保障+工惠保”单位统一参保与健康服务",
        description="""由宁波市总工会会同金融、保险、卫生健康、医疗保障部门推出，单位统一为全体职工参保，一次办结。

## 这项服务带来什么

- 每年约**200万人次**参保，2020年以来累计约**650万人次**，已赔付**35万余件**；
- 健康服务包分3类11项，从体检解读到就医陪诊；
- 可以预约上海30家医院的专家门诊；
- 参保、理赔、预约全程在线办理，不用跑腿。

## 请带好

单位经办人请带职工名册（姓名、手机号码），现场有工作人员帮助核对。个人咨询只需要说明所在单位。""",
        hosts=_HOSTS,
        units=_UNITS,
        sessions=(
            Session(
                title="线上集中办理月",
                day=-1,
                at="08:30",
                lasts=30 * 24,
                place=_ONLINE,
                capacity=5000,
                part=Part.WALK,
            ),
            Session(
                title="海曙专场",
                day=-60,
                place=_PALACE,
                capacity=200,
                registered=128,
                given_up=6,
                attended=107,
            ),
            Session(
                title="鄞州专场",
                day=-32,
                at="14:00",
                place=_YINZHOU,
                capacity=180,
                registered=152,
                given_up=4,
                attended=128,
            ),
            Session(title="北仑专场", day=9, place=_BEILUN, capacity=150, registered=86, given_up=3),
        ),
    ),
    Activity(
        key="huyin",
        organization="ningbo-zonggonghui",
        programme="gonghuibao",
        kind=Kind.HEALTH,
        title="沪上名医面对面：职工专家门诊预约",
        description="""上海30家合作医院的专家轮流到甬，为参保职工提供一对一咨询。本次安排心血管、骨科、中医三个诊室。

每人限约一个时段，请在约定时间前15分钟到达。名额满了可以登记候补，有人取消时会按顺序自动补上。

请带上近一年的检查报告；行动不便的职工可以由一位家属陪同。""",
        hosts=_HOSTS[:1] + _HOSTS[3:],
        units=_UNITS,
        sessions=(
            Session(day=16, at="13:30", lasts=3.5, place=_YINZHOU, capacity=30, registered=44, given_up=2),
        ),
    ),
)
