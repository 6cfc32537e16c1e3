"""Provinces by the first two digits of their codes (GB/T 2260)."""

from collections.abc import Sequence

from events_app.lib.language import gettext as _


def region_options(provinces: Sequence[str], chosen: str) -> list[tuple[str, str]]:
    """Provinces, and the smaller region that was asked for."""
    names = _provinces()
    options = [("", _("全部地区")), *((code, names.get(code, code)) for code in provinces)]
    if chosen and chosen not in provinces:
        name = names.get(chosen[:2], "")
        options.append((chosen, f"{name} {chosen}" if len(chosen) > 2 else name or chosen))
    return options


def region_name(code: str) -> str:
    """The province of a code, with the code itself where it means a smaller region; "" for none."""
    name = _provinces().get(code[:2], "")
    return f"{name} {code}" if code[2:].strip("0") else name or code


def _provinces() -> dict[str, str]:
    return {
        "10": _("全国"),
        "11": _("北京市"),
        "12": _("天津市"),
        "13": _("河北省"),
        "14": _("山西省"),
        "15": _("内蒙古自治区"),
        "21": _("辽宁省"),
        "22": _("吉林省"),
        "23": _("黑龙江省"),
        "31": _("上海市"),
        "32": _("江苏省"),
        "33": _("浙江省"),
        "34": _("安徽省"),
        "35": _("福建省"),
        "36": _("江西省"),
        "37": _("山东省"),
        "41": _("河南省"),
        "42": _("湖北省"),
        "43": _("湖南省"),
        "44": _("广东省"),
        "45": _("广西壮族自治区"),
        "46": _("海南省"),
        "50": _("重庆市"),
        "51": _("四川省"),
        "52": _("贵州省"),
        "53": _("云南省"),
        "54": _("西藏自治区"),
        "61": _("陕西省"),
        "62": _("甘肃省"),
        "63": _("青海省"),
        "64": _("宁夏回族自治区"),
        "65": _("新疆维吾尔自治区"),
        "71": _("台湾省"),
        "81": _("香港特别行政区"),
        "82": _("澳门特别行政区"),
    }
