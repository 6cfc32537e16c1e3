"""青海: oxygen for the people of the observatory at 4,000 metres."""

from events_app.demo.plan import Activity, Part, Place, Programme, Session
from events_app.programmes.tables import HostRole, Kind

_CABINS = Place(
    "冷湖“高原氧吧”四人氧舱", "青海省海西州茫崖市冷湖镇赛什腾山天文观测基地", 60, 38.6068, 93.8961
)
_DESK = Place("冷湖“高原氧吧”借用处", "青海省海西州茫崖市冷湖镇科研人员生活基地", 60, 38.7410, 93.3330)

PROGRAMMES = (Programme("yangba", "qinghai-zonggonghui", "“高原氧吧”职工健康工程"),)

_HOSTS = (
    (HostRole.HOST, "qinghai-zonggonghui"),
    (HostRole.ORGANIZER, "haixi-zonggonghui"),
    (HostRole.SUPPORTER, "lenghu-jidi"),
)
_UNITS = (
    "光学望远镜观测组",
    "台址监测站",
    "太阳观测课题组",
    "行星科学课题组",
    "道路养护班",
    "后勤保障队",
    "供电抢修班",
    "气象观测站",
)

ACTIVITIES = (
    Activity(
        key="yangcang",
        organization="qinghai-zonggonghui",
        programme="yangba",
        kind=Kind.FACILITY,
        title="冷湖天文观测基地“高原氧吧”氧舱预约",
        description="""基地海拔约**4000米**，11家科研单位的人员长期在这里工作。青海省总工会和海西州总工会建起“高原氧吧”：5处加4处供氧设施、2个四人氧舱，每年6月开放。

工程投入746.28万元，其中设备和安装692万元，运行维护54.28万元。

## 使用须知

- 每个时段8人，每次一小时；
- 有感冒发热、中耳炎或鼻窦炎的，请先问值班医生；
- 舱内禁止携带打火机、充电宝等物品。""",
        hosts=_HOSTS,
        units=_UNITS,
        sessions=(
            Session(
                title="氧舱体验月",
                day=-1,
                at="08:00",
                lasts=30 * 24,
                place=_CABINS,
                capacity=50,
                part=Part.RACE,
            ),
            Session(
                title="上午时段",
                day=-8,
                at="10:00",
                lasts=1,
                place=_CABINS,
                capacity=8,
                registered=8,
                attended=8,
            ),
            Session(
                title="晚间时段",
                day=-3,
                at="20:00",
                lasts=1,
                place=_CABINS,
                capacity=8,
                registered=11,
                attended=7,
            ),
            Session(
                title="晚间时段",
                day=3,
                at="20:00",
                lasts=1,
                place=_CABINS,
                capacity=8,
                registered=14,
                given_up=1,
            ),
        ),
    ),
    Activity(
        key="jieyong",
        organization="qinghai-zonggonghui",
        programme="yangba",
        kind=Kind.FACILITY,
        title="便携式制氧机借用",
        description="""60台便携式制氧机供上山人员借用，一次最长两周。领取时由值班员讲解用法，并登记归还日期。

外出观测、抢修和养护班组优先。归还时请擦净鼻氧管接头，电量低于两格请告诉值班员。""",
        hosts=_HOSTS,
        units=_UNITS,
        sessions=(Session(day=7, at="09:00", lasts=8, place=_DESK, capacity=60, registered=37, given_up=1),),
    ),
)
