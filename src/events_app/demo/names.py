"""Plausible names of people who do not exist, and phone numbers that nobody has."""

from random import Random

_SURNAMES: tuple[str, ...] = (
    *"王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范",
    *"汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常",
    *("欧阳", "诸葛", "司马", "上官", "皇甫"),
)
_GIVEN = (
    "伟芳娜敏静秀丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红建国文辉力志永健世广义兴良海山仁波宁贵福生龙元全胜学祥才发武新利"
    "清飞彬富顺信子博成康星光天达安岩中茂进林有坚和彪诚先敬震振壮会思群豪心邦承乐绍功松善厚庆友裕河哲江浩亮政谦亨奇固之轮翰"
    "朗伯宏言若鸣朋斌栋维启克伦翔旭鹏泽晨辰士以家致树炎德行时泰盛雄琛钧冠策腾榕风航弘𬱖㛃喆犇翀赟昇堃淼"
)
_RARE = "𬱖㛃喆犇翀赟昇堃淼䶮"
_MINORITY = (
    "艾力·买买提",
    "阿依古丽·吐尔逊",
    "古丽娜尔·阿不都",
    "买买提江·依明",
    "努尔兰·哈布力",
    "巴特尔·那顺",
    "其其格·乌兰",
    "扎西·多吉",
    "次仁·拉姆",
    "卓玛·央金",
    "阿卜杜拉·热合曼",
    "帕丽达·玉素甫",
)

COMBINATIONS = len(_SURNAMES) * len(_GIVEN) * (len(_GIVEN) + 1)
_STRIDE = 1_000_003  # prime, so that neighbours in number are strangers in name
DEMO_PHONES = 3_000
SCALE_PHONES = 7_000


def numbered_name(number: int) -> str:
    """A name for every number; the first COMBINATIONS numbers have different ones."""
    rest, surname = divmod(number * _STRIDE % COMBINATIONS, len(_SURNAMES))
    second, first = divmod(rest, len(_GIVEN))
    return _SURNAMES[surname] + _GIVEN[first] + (_GIVEN[second - 1] if second else "")


def some_name(random: Random, number: int) -> str:
    """Like `numbered_name`; now and then with a rare character, or one of another people's names."""
    dice = random.random()
    if dice < 0.015:
        return random.choice(_MINORITY)
    if dice < 0.04:
        return random.choice(_SURNAMES) + random.choice(_GIVEN) + random.choice(_RARE)
    return numbered_name(number)


def demo_phone(number: int) -> str:
    """199-0000-0000 to 2999: a range that is assigned to nobody."""
    return f"1990000{number * 1_009 % DEMO_PHONES:04}"


def scale_phone(number: int) -> str:
    """199-0000-3000 to 9999."""
    return f"1990000{DEMO_PHONES + number % SCALE_PHONES:04}"
