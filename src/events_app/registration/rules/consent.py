"""What somebody who registers has to agree to beyond the notice, and who has to agree for a child."""

from typing import Protocol

import msgspec

from events_app.lib.language import gettext as _
from events_app.programmes.tables import Kind
from events_app.registration.rules.terms import TermsVersion, is_sensitive

# Personal Information Protection Law of the PRC, article 31: under 14 a guardian consents.
GUARDED_UNDER = 14
OLDEST = 120


class Asking(Protocol):
    """What the session says: OpenSession and SessionPage are such."""

    @property
    def kind(self) -> Kind: ...
    @property
    def minimum_age(self) -> int | None: ...
    @property
    def asks_birth_year(self) -> bool: ...


class Given(Protocol):
    """What was typed: RegistrationForm and RegistrationBody are such.

    `terms` is the number of the version that the page showed, where a page was shown.
    """

    @property
    def birth_year(self) -> int | None: ...
    @property
    def guardian_name(self) -> str: ...
    @property
    def guardian_phone(self) -> str: ...
    @property
    def guardian_consent(self) -> bool: ...
    @property
    def sensitive_consent(self) -> bool: ...
    @property
    def terms(self) -> int | None: ...


class Consent(msgspec.Struct, frozen=True):
    """What is kept of it: nothing that was not asked for."""

    birth_year: int | None = None
    guardian_name: str = ""
    guardian_phone: str = ""
    sensitive: bool = False


def needs_birth_year(session: Asking) -> bool:
    return session.asks_birth_year or session.minimum_age is not None


def child_from(year: int) -> int:
    """Who was born in that year or later may be under 14 all through `year`: the birthday is not asked for."""
    return year - GUARDED_UNDER


def needs_guardian(birth_year: int | None, year: int) -> bool:
    return birth_year is not None and birth_year >= child_from(year)


def consent_errors(session: Asking, terms: TermsVersion, given: Given, year: int) -> dict[str, str]:
    """Sentences by field; empty when all that is needed was agreed to. `year` is the present one.

    Whether somebody is old enough for the activity is said elsewhere.
    """
    errors: dict[str, str] = {}
    if given.terms is not None and given.terms != terms.number:
        errors["consent"] = _("告知刚刚有更新，请再读一遍，同意后重新勾选。")
    if is_sensitive(session.kind, terms) and not given.sensitive_consent:
        errors["sensitive_consent"] = _("这项活动涉及敏感个人信息，须另行勾选同意才能报名。")
    if not needs_birth_year(session):
        return errors
    if wrong := _birth_year_error(given.birth_year, year):
        errors["birth_year"] = wrong
    elif needs_guardian(given.birth_year, year):
        errors |= _guardian_errors(given)
    return errors


def consent_of(session: Asking, terms: TermsVersion, given: Given, year: int) -> Consent:
    """What to keep of what was typed without errors: an adult's guardian, or an age nobody asked for, is not."""
    birth_year = given.birth_year if needs_birth_year(session) else None
    sensitive = is_sensitive(session.kind, terms) and given.sensitive_consent
    if not needs_guardian(birth_year, year):
        return Consent(birth_year, sensitive=sensitive)
    return Consent(birth_year, given.guardian_name, given.guardian_phone, sensitive)


def _birth_year_error(birth_year: int | None, year: int) -> str:
    if birth_year is None:
        return _("请填写出生年份，如1990。")
    if not year - OLDEST <= birth_year <= year:
        return _("请核对出生年份：应在%(least)s到%(most)s之间。", least=year - OLDEST, most=year)
    return ""


def _guardian_errors(given: Given) -> dict[str, str]:
    errors = {}
    if not given.guardian_name:
        errors["guardian_name"] = _("未满14周岁，请填写监护人姓名。")
    if not given.guardian_phone:
        errors["guardian_phone"] = _("未满14周岁，请填写监护人的手机号码。")
    if not given.guardian_consent:
        errors["guardian_consent"] = _("未满14周岁，须由监护人阅读告知并勾选同意。")
    return errors
