"""淮北: ten teams bargain for the title."""

from events_app.demo.plan import Activity, Guest, Place, Programme, Session
from events_app.programmes.tables import HostRole, Kind

_PALACE = Place("淮北市工人文化宫剧场", "安徽省淮北市相山区孟山路56号", 400, 33.9560, 116.7900)
_ROOM = Place("淮北市总工会三楼会议室", "安徽省淮北市相山区人民中路211号", 120, 33.9600, 116.8010)

PROGRAMMES = (Programme("xieshang", "huaibei-zonggonghui", "淮北市工会集体协商技能竞赛"),)

_JUDGE = Guest("集体协商指导员", "全国工会集体协商竞赛裁判", fields="集体协商、竞赛裁判", region="340600")
_PROFESSOR = Guest("劳动关系学者", "教授，劳动关系专业", fields="劳动关系", region="340000")

ACTIVITIES = (
    Activity(
        key="jingsai",
        organization="huaibei-zonggonghui",
        programme="xieshang",
        kind=Kind.CONTEST,
        title="淮北市工会集体协商技能竞赛",
        description="""以“**协商共识、和谐发展**”为主题。来自县区、企业和行业工会的**10支队伍**同台，抽签分成企业方和职工方，围绕工资增长、工时休假、劳动安全展开模拟协商。

## 看什么

- 开局：谁先把问题说清楚；
- 交锋：数据和法条用得准不准；
- 收尾：能不能签下双方都认的条款。

欢迎各单位工会主席、职工代表观摩。观摩者凭入场码签到，请将手机调至静音。""",
        hosts=((HostRole.HOST, "huaibei-zonggonghui"), (HostRole.SUPPORTER, "anhui-zonggonghui")),
        units=(
            "相山区总工会",
            "杜集区总工会",
            "烈山区总工会",
            "濉溪县总工会",
            "淮北矿业朱庄矿工会",
            "市建筑行业工会",
            "市餐饮行业工会",
            "高新区工会联合会",
            "平山电厂工会",
            "市快递行业工会",
        ),
        sessions=(
            Session(
                title="预赛",
                day=-36,
                lasts=6,
                place=_ROOM,
                capacity=110,
                registered=104,
                given_up=2,
                attended=95,
                guests=(_JUDGE,),
            ),
            Session(
                title="决赛",
                day=-34,
                at="14:00",
                lasts=3,
                place=_PALACE,
                capacity=300,
                registered=186,
                given_up=5,
                attended=164,
                guests=(_JUDGE, _PROFESSOR),
            ),
            Session(
                title="获奖队伍复盘课",
                day=20,
                at="14:30",
                place=_ROOM,
                capacity=100,
                registered=38,
                guests=(_PROFESSOR,),
            ),
        ),
    ),
)
