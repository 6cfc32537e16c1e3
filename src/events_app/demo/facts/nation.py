"""全国: good examples of family-friendly workplaces, collected by five national departments."""

from events_app.demo.plan import Activity, Guest, Place, Programme, Session
from events_app.programmes.tables import Admission, HostRole, Kind

_HALL = Place("中国职工之家多功能厅", "北京市西城区真武庙路1号", 320, 39.9073, 116.3430)
_ROOM = Place("中国职工之家第三会议室", "北京市西城区真武庙路1号", 120, 39.9075, 116.3432)

PROGRAMMES = (Programme("jiating", "quanguo-zonggonghui", "家庭友好型工作场所建设"),)

_HOSTS = (
    (HostRole.HOST, "quanguo-zonggonghui"),
    (HostRole.HOST, "renshebu"),
    (HostRole.HOST, "weijianwei"),
    (HostRole.HOST, "zhongqilian"),
    (HostRole.HOST, "gongshanglian"),
)
_UNITS = (
    "天津港集装箱码头工会",
    "杭州云帆软件工会",
    "成都青禾纺织工会",
    "西安华山机械工会",
    "厦门海悦酒店工会",
    "长春一汽锻造分厂工会",
    "佛山顺德家电行业工会",
    "呼和浩特乳业工会",
    "贵阳南明社区医院工会",
)
_SURVEYOR = Guest(
    "女职工工作专家", "全国五一巾帼奖章获得者", "女职工工作研究中心", fields="女职工工作", region="110000"
)
_DOCTOR = Guest(
    "职业健康医师", "主任医师，职业健康科普专家", "职业健康中心", fields="职业健康", region="110000"
)

ACTIVITIES = (
    Activity(
        key="anli",
        organization="quanguo-zonggonghui",
        programme="jiating",
        kind=Kind.SOLICITATION,
        title="家庭友好型工作场所典型案例征集",
        description="""全国总工会、人力资源社会保障部、国家卫生健康委、中国企业联合会、全国工商联五部门联合开展。征集活动共收到**175个**案例，**100个**入围。

## 六项标准

1. 理念态度
2. 职业发展
3. 生育保护
4. 照护支持
5. 工作安排
6. 职业健康友好

## 怎样参加

每个单位报送一个案例，正文不超过3000字，附照片和制度文本。说明会和解读会欢迎单位工会、人力资源部门和女职工委员会一起参加，会后提供全部材料。""",
        hosts=_HOSTS,
        units=_UNITS,
        sessions=(
            Session(
                title="征集说明会",
                day=-75,
                place=_HALL,
                capacity=300,
                registered=175,
                attended=163,
                guests=(_SURVEYOR,),
            ),
            Session(
                title="入围案例评审会",
                day=-20,
                lasts=6,
                place=_ROOM,
                capacity=100,
                registered=100,
                attended=97,
                guests=(_SURVEYOR, _DOCTOR),
            ),
            Session(
                title="六项标准解读会",
                day=14,
                at="14:00",
                place=_HALL,
                capacity=200,
                registered=112,
                given_up=4,
                guests=(_DOCTOR,),
            ),
        ),
    ),
    Activity(
        key="jiaoliu",
        organization="quanguo-zonggonghui",
        programme="jiating",
        kind=Kind.SOLICITATION,
        title="家庭友好型工作场所入围案例现场交流会",
        description="""从100个入围案例中选出不同行业、不同规模的单位，面对面讲做法、讲成本、讲效果。上午交流，下午分组参观母婴室、职工托育点和弹性排班示范班组。

会场座位有限，报名后由主办单位审核，**审核通过才算报名成功**，结果会显示在您的入场码页面上。

请每个单位不超过两人报名，并写明所在单位全称。""",
        admission=Admission.APPROVAL,
        hosts=_HOSTS,
        units=_UNITS,
        sessions=(
            Session(
                day=25,
                lasts=7,
                place=_ROOM,
                capacity=60,
                registered=47,
                given_up=2,
                pending=18,
                guests=(_SURVEYOR,),
            ),
        ),
    ),
)
