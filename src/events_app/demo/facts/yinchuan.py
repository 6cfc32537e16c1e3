"""银川经开区: contests, culture brought to companies, and touring lectures."""

from events_app.demo.plan import Activity, Guest, Place, Programme, Session
from events_app.programmes.tables import HostRole, Kind

_XINJINGSHENG = Place("鑫晶盛电子材料培训车间", "宁夏银川市西夏区光明西路28号", 150, 38.4830, 106.1080)
_XIAYUAN = Place("夏源聚芯半导体实训室", "宁夏银川市西夏区宏图南街15号", 120, 38.4760, 106.1190)
_WEILI = Place("威力传动总装车间", "宁夏银川市西夏区文萃南街60号", 160, 38.4700, 106.1330)
_HANAS = Place("哈纳斯液化天然气职工之家", "宁夏银川市西夏区六盘山西路9号", 200, 38.4920, 106.1010)
_HOME = Place("经开区职工之家剧场", "宁夏银川市西夏区金波南街4号", 260, 38.4790, 106.1250)

PROGRAMMES = (
    Programme("jiangxin", "yinchuan-jingkai", "“匠心凤城、筑梦硅都”劳动和技能竞赛"),
    Programme("songwenhua", "yinchuan-jingkai", "“送文化、进企业、惠职工”"),
)

_COMPANIES = (
    (HostRole.CO_ORGANIZER, "xinjingsheng"),
    (HostRole.CO_ORGANIZER, "xiayuan"),
    (HostRole.CO_ORGANIZER, "weili"),
    (HostRole.CO_ORGANIZER, "hanas"),
)
_CRAFTSMAN = Guest(
    "经开工匠", "“经开工匠”称号获得者", "银川经济技术开发区", fields="半导体材料", region="640100"
)
_SPEAKER = Guest("凤城工友宣讲员", "“新时代凤城工友”宣讲团成员", fields="宣讲", region="640100")
_UNITS = (
    "宁夏鑫晶盛电子材料",
    "宁夏夏源聚芯半导体",
    "银川威力传动",
    "宁夏哈纳斯液化天然气",
    "经开区物业联合工会",
)

ACTIVITIES = (
    Activity(
        key="jiangxin",
        organization="yinchuan-jingkai",
        programme="jiangxin",
        kind=Kind.CONTEST,
        title="“匠心凤城、筑梦硅都”职工技能竞赛",
        description="""两年来，经开区举办竞赛**39场次**，**2.5万余人次**参与，选树“经开工匠”20名，建起创新工作室39个，十分钟服务圈内有13个职工之家。

比赛分理论和实操两部分，设备、量具由承办企业提供。选手凭入场码检录，观摩职工从东侧门入场。

一线职工、劳务派遣工和实习生都可以报名，不限工龄。""",
        hosts=(
            (HostRole.HOST, "yinchuan-jingkai"),
            (HostRole.SUPPORTER, "yinchuan-zonggonghui"),
            *_COMPANIES,
        ),
        units=_UNITS,
        sessions=(
            Session(
                title="单晶硅切片",
                day=-80,
                at="08:30",
                lasts=7,
                place=_XINJINGSHENG,
                site="xinjingsheng",
                capacity=120,
                registered=96,
                given_up=2,
                attended=87,
                guests=(_CRAFTSMAN,),
            ),
            Session(
                title="半导体设备点检",
                day=-26,
                at="08:30",
                lasts=6,
                place=_XIAYUAN,
                site="xiayuan",
                capacity=90,
                registered=99,
                attended=84,
                guests=(_CRAFTSMAN,),
            ),
            Session(
                title="减速机装配",
                day=17,
                at="08:30",
                lasts=7,
                place=_WEILI,
                site="weili",
                capacity=120,
                registered=58,
                given_up=2,
            ),
        ),
    ),
    Activity(
        key="wenhua",
        organization="yinchuan-jingkai",
        programme="songwenhua",
        kind=Kind.CULTURE,
        title="“送文化、进企业、惠职工”文艺演出",
        description="""职工自己演、演给职工看：秦腔、快板、合唱、小品，节目都由各企业职工社团排练。演出前半小时有书法和剪纸体验，可以带孩子来。

场内无固定座位，先到先坐；轮椅席请在到场时告诉工作人员。""",
        hosts=((HostRole.HOST, "yinchuan-jingkai"), (HostRole.CO_ORGANIZER, "hanas")),
        units=_UNITS,
        sessions=(
            Session(
                title="哈纳斯专场",
                day=-18,
                at="18:30",
                place=_HANAS,
                site="hanas",
                capacity=180,
                registered=132,
                given_up=3,
                attended=108,
            ),
            Session(
                title="迎新专场", day=15, at="18:30", place=_HOME, capacity=240, registered=71, given_up=2
            ),
        ),
    ),
    Activity(
        key="xuanjiang",
        organization="yinchuan-jingkai",
        kind=Kind.LECTURE,
        title="“新时代凤城工友”巡回宣讲",
        description="""宣讲团的成员就是身边的工友：焊工、快递员、护士、公交司机。每场三个故事，一个小时，讲自己怎样学手艺、带徒弟、过日子。

讲完留半小时聊天。各班组可以集体报名，请填写班组所在企业。""",
        hosts=((HostRole.HOST, "yinchuan-jingkai"), (HostRole.ORGANIZER, "fengcheng-gongyou")),
        units=_UNITS,
        sessions=(
            Session(
                title="走进威力传动",
                day=-14,
                at="16:00",
                lasts=1.5,
                place=_WEILI,
                site="weili",
                capacity=140,
                registered=88,
                given_up=1,
                attended=76,
                guests=(_SPEAKER,),
            ),
            Session(
                title="走进夏源聚芯",
                day=7,
                at="16:00",
                lasts=1.5,
                place=_XIAYUAN,
                site="xiayuan",
                capacity=100,
                registered=34,
                guests=(_SPEAKER,),
            ),
        ),
    ),
)
