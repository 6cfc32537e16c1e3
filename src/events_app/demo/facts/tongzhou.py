"""北京通州: services for riders, ordered like dishes."""

from events_app.demo.plan import Activity, Guest, Place, Programme, Session
from events_app.programmes.tables import HostRole, Kind
from events_app.registration.rules.questions import Condition, Option, Question, QuestionKind

_DINGDONG = Place("叮咚买菜永顺站休息区", "北京市通州区永顺镇西马庄园12号院", 50, 39.9120, 116.6470)
_MEITUAN = Place("美团外卖永顺站会议室", "北京市通州区永顺镇新华北街117号", 40, 39.9165, 116.6560)
_XIAOXIANG = Place("小象超市永顺站二层", "北京市通州区永顺镇滨惠南三街9号", 45, 39.9190, 116.6660)

PROGRAMMES = (Programme("niangjiaren", "tongzhou-zonggonghui", "“永顺娘家人关爱新业态”"),)

_ZHIHONG = Guest(
    "劳动法律师", "工会法律服务团律师", "致宏律师事务所", fields="劳动法、法律援助", region="110112"
)
_HUINUO = Guest(
    "交通事故律师", "工会法律服务团律师", "辉诺律师事务所", fields="交通事故、法律援助", region="110112"
)

ACTIVITIES = (
    Activity(
        key="diandan",
        organization="tongzhou-zonggonghui",
        programme="niangjiaren",
        kind=Kind.LEGAL_AID,
        title="“永顺娘家人关爱新业态”法律服务进站点",
        description="""骑手和分拣员“点单”，工会“上菜”：法律讲座、普法展板、律师面对面，都送到站点里来。

## 可以点的“菜”

- 配送途中出了交通事故怎么办；
- 合同、押金、扣款怎么看；
- 工伤认定和职业伤害保障；
- 一对一咨询，**内容保密**，不对外公布参加名单。

时间都安排在午高峰之后，一般40分钟讲座，之后律师留下来逐个解答。""",
        purpose="安排法律讲座和一对一咨询",
        recipients="接待您的律师",
        keep_days=90,
        questions=(
            Question(
                "topic",
                QuestionKind.ONE_OF,
                "最想“点”哪道菜",
                options=[
                    Option("accident", "交通事故"),
                    Option("contract", "合同、押金、扣款"),
                    Option("injury", "工伤和职业伤害保障"),
                    Option("other", "别的"),
                ],
                purpose="请对口的律师到场",
            ),
            Question(
                "other",
                QuestionKind.TEXT,
                "想问什么",
                help="一句话就够，不必写姓名和公司。",
                only_if=Condition("topic", "other"),
                purpose="请对口的律师到场",
                keep_days=30,
            ),
        ),
        notice="您的姓名和电话只有主办单位和接待您的律师能够看到，不公开、不转给用工单位。",
        hosts=(
            (HostRole.HOST, "tongzhou-zonggonghui"),
            (HostRole.ORGANIZER, "yongshun-zonggonghui"),
            (HostRole.CO_ORGANIZER, "yongshun-sifasuo"),
            (HostRole.CO_ORGANIZER, "zhihong"),
            (HostRole.CO_ORGANIZER, "huinuo"),
            (HostRole.SUPPORTER, "dingdong"),
            (HostRole.SUPPORTER, "meituan"),
            (HostRole.SUPPORTER, "xiaoxiang"),
        ),
        units=("叮咚买菜永顺站", "美团外卖永顺站", "小象超市永顺站", "永顺镇快递联合工会"),
        sessions=(
            Session(
                title="走进叮咚买菜",
                day=-24,
                at="14:30",
                lasts=1.5,
                place=_DINGDONG,
                site="dingdong",
                capacity=40,
                registered=36,
                given_up=1,
                attended=31,
                guests=(_ZHIHONG,),
            ),
            Session(
                title="走进美团外卖",
                day=-10,
                at="14:30",
                lasts=1.5,
                place=_MEITUAN,
                site="meituan",
                capacity=35,
                registered=39,
                attended=30,
                guests=(_HUINUO,),
            ),
            Session(
                title="走进小象超市",
                day=5,
                at="14:30",
                lasts=1.5,
                place=_XIAOXIANG,
                site="xiaoxiang",
                capacity=40,
                registered=22,
                guests=(_ZHIHONG, _HUINUO),
            ),
        ),
    ),
)
