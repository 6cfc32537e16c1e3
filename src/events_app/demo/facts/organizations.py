"""Unions in their tree, and the schools, companies, agencies, law firms and platforms they work with."""

from events_app.accounts.tables import OrganizationKind as Kind
from events_app.accounts.tables import Role
from events_app.demo.plan import Organization, Staff

# Its presence says that the demo is there.
MARKER = "yunnan-zonggonghui"

ORGANIZATIONS = (
    Organization("quanguo-zonggonghui", "中华全国总工会", Kind.UNION, "100000"),
    Organization(MARKER, "云南省总工会", Kind.UNION, "530000", "quanguo-zonggonghui"),
    Organization("kunming-zonggonghui", "昆明市总工会", Kind.UNION, "530100", MARKER),
    Organization("qinghai-zonggonghui", "青海省总工会", Kind.UNION, "630000", "quanguo-zonggonghui"),
    Organization("haixi-zonggonghui", "海西州总工会", Kind.UNION, "632800", "qinghai-zonggonghui"),
    Organization("zhejiang-zonggonghui", "浙江省总工会", Kind.UNION, "330000", "quanguo-zonggonghui"),
    Organization("ningbo-zonggonghui", "宁波市总工会", Kind.UNION, "330200", "zhejiang-zonggonghui"),
    Organization("beijing-zonggonghui", "北京市总工会", Kind.UNION, "110000", "quanguo-zonggonghui"),
    Organization("tongzhou-zonggonghui", "北京市通州区总工会", Kind.UNION, "110112", "beijing-zonggonghui"),
    Organization("yongshun-zonggonghui", "永顺镇总工会", Kind.UNION, "110112", "tongzhou-zonggonghui"),
    Organization("anhui-zonggonghui", "安徽省总工会", Kind.UNION, "340000", "quanguo-zonggonghui"),
    Organization("huaibei-zonggonghui", "淮北市总工会", Kind.UNION, "340600", "anhui-zonggonghui"),
    Organization("guangdong-zonggonghui", "广东省总工会", Kind.UNION, "440000", "quanguo-zonggonghui"),
    Organization("guangzhou-zonggonghui", "广州市总工会", Kind.UNION, "440100", "guangdong-zonggonghui"),
    Organization("baiyun-zonggonghui", "广州市白云区总工会", Kind.UNION, "440111", "guangzhou-zonggonghui"),
    Organization("shimen-zonggonghui", "石门街道总工会", Kind.UNION, "440111", "baiyun-zonggonghui"),
    Organization("ningxia-zonggonghui", "宁夏回族自治区总工会", Kind.UNION, "640000", "quanguo-zonggonghui"),
    Organization("yinchuan-zonggonghui", "银川市总工会", Kind.UNION, "640100", "ningxia-zonggonghui"),
    Organization("yinchuan-jingkai", "银川经济技术开发区工会", Kind.UNION, "640105", "yinchuan-zonggonghui"),
    Organization(
        "fengcheng-gongyou",
        "银川市总工会“新时代凤城工友”宣讲团",
        Kind.UNION,
        "640100",
        "yinchuan-zonggonghui",
    ),
    Organization("renshebu", "人力资源和社会保障部", Kind.AGENCY, "100000"),
    Organization("weijianwei", "国家卫生健康委员会", Kind.AGENCY, "100000"),
    Organization("zhongqilian", "中国企业联合会", Kind.AGENCY, "100000"),
    Organization("gongshanglian", "中华全国工商业联合会", Kind.AGENCY, "100000"),
    Organization("yunnan-jiaoyu-gongwei", "云南省委教育工委", Kind.AGENCY, "530000"),
    Organization("yunnan-jiaoyuting", "云南省教育厅", Kind.AGENCY, "530000"),
    Organization("ningbo-jinrongju", "宁波市地方金融监督管理局", Kind.AGENCY, "330200"),
    Organization("ningbo-baoxianju", "国家金融监督管理总局宁波监管局", Kind.AGENCY, "330200"),
    Organization("ningbo-weijianwei", "宁波市卫生健康委员会", Kind.AGENCY, "330200"),
    Organization("ningbo-yibaoju", "宁波市医疗保障局", Kind.AGENCY, "330200"),
    Organization("yongshun-sifasuo", "永顺镇司法所", Kind.AGENCY, "110112"),
    Organization("shimen-baozhang", "石门街道综合保障中心", Kind.AGENCY, "440111"),
    Organization("ynjd", "云南机电职业技术学院", Kind.SCHOOL, "530181"),
    Organization("ynjt", "云南交通职业技术学院", Kind.SCHOOL, "530181"),
    Organization("kmyz", "昆明冶金高等专科学校", Kind.SCHOOL, "530181"),
    Organization("yngf", "云南国防工业职业技术学院", Kind.SCHOOL, "530114"),
    Organization("qujing-jishi", "曲靖技师学院", Kind.SCHOOL, "530302"),
    Organization("dali-nonglin", "大理农林职业技术学院", Kind.SCHOOL, "532901"),
    Organization("fuxi-chengxiao", "德清县阜溪街道成人文化技术学校", Kind.SCHOOL, "330521"),
    Organization("lenghu-jidi", "冷湖天文观测基地", Kind.AGENCY, "632803"),
    Organization("zhihong", "致宏律师事务所", Kind.LAW_FIRM, "110112"),
    Organization("huinuo", "辉诺律师事务所", Kind.LAW_FIRM, "110112"),
    Organization("dingdong", "叮咚买菜永顺站", Kind.PLATFORM, "110112"),
    Organization("meituan", "美团外卖永顺站", Kind.PLATFORM, "110112"),
    Organization("xiaoxiang", "小象超市永顺站", Kind.PLATFORM, "110112"),
    Organization("nanya", "南亚塑胶工业（广州）有限公司", Kind.COMPANY, "440111"),
    Organization("huanle", "欢乐实业有限公司", Kind.COMPANY, "440111"),
    Organization("anfa", "安发物流有限公司", Kind.COMPANY, "440111"),
    Organization("xinjingsheng", "宁夏鑫晶盛电子材料有限公司", Kind.COMPANY, "640105"),
    Organization("xiayuan", "宁夏夏源聚芯半导体有限公司", Kind.COMPANY, "640105"),
    Organization("weili", "银川威力传动技术股份有限公司", Kind.COMPANY, "640105"),
    Organization("hanas", "宁夏哈纳斯液化天然气有限公司", Kind.COMPANY, "640105"),
)

STAFF = (
    Staff("yang", "杨丽华", Role.OWNER, MARKER),
    Staff("wang", "王建国", Role.ORGANIZER, MARKER),
    Staff("gao", "高雪梅", Role.ORGANIZER, "kunming-zonggonghui"),
    Staff("li", "李卫东", Role.GATE, MARKER),
    Staff("he", "和志强", Role.VIEWER, "ynjd"),
    Staff("qian", "钱海燕", Role.ORGANIZER, "qinghai-zonggonghui"),
)

# It approves what unions below it publish.
REVIEWER = MARKER

# Acts for scripts, with the token that is printed; nobody logs in with it.
ROBOT = "demo-api"
