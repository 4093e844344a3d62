"""Form fields that take what people write and give back what we keep."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.typed import cleaning
from identity.typed.fields import Cleaned, Name
from vendors.answers import countries, dates, languages, money, near_misses
from vendors.answers.odd_answers import as_complaint


class LanguageField(Name):
    """A language by name or tag; gives back the tag. Needs a `<datalist id="languages">` on the page."""

    hints = {"autocomplete": "off"}  # and no more: a page may have 120 of them

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 100)
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"list": "languages"}

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        if value in self.empty_values:
            return ""
        try:
            return self.parsed(value)
        except languages.OddLanguage as odd:
            raise as_complaint(odd) from odd
        except languages.UnknownLanguage as error:
            raise ValidationError(str(error), code="unknown_language", params={"meant": error.meant}) from error

    def parsed(self, text: str) -> str:
        return languages.parse(text)


class AmountField(Cleaned, forms.Field):
    """Money with a decimal comma or point; gives back a Decimal or None."""

    kind = "number"
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, *, decimals: int, zero_allowed: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.decimals = decimals
        self.zero_allowed = zero_allowed

    def to_python(self, value: Any) -> Decimal | None:
        text = super().to_python(value) or ""
        if not text:
            return None
        try:
            return money.parse_amount(text, decimals=self.decimals, zero_allowed=self.zero_allowed)
        except money.NotAnAmount as error:
            raise ValidationError(str(error), code="not_an_amount", params={"meant": error.meant}) from error


class MonthField(Name):
    """A month in any spelling; gives back 2012-03. A year alone is its first month."""

    hints = {"autocomplete": "off"}
    of_a_year = 1

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 40)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        if value in self.empty_values:
            return ""
        try:
            return self.month(value).isoformat()[:7]
        except dates.NotADate as error:
            raise ValidationError(str(error), code="not_a_date") from error

    def month(self, text: str) -> dt.date:
        return dates.parse_month(text, of_a_year=self.of_a_year)


class LastMonthField(MonthField):
    """Empty for what goes on. A year alone is its last month, or the present one."""

    of_a_year = 12

    def to_python(self, value: Any) -> Any:
        return "" if dates.is_still(str(value or "")) else super().to_python(value)

    def month(self, text: str) -> dt.date:
        month, today = super().month(text), timezone.localdate()
        is_year_alone = month != dates.parse_month(text)
        return today.replace(day=1) if is_year_alone and month.year == today.year else month


class DayField(Cleaned, forms.Field):
    """A day in any spelling that can be read in one way only; gives back a date or None."""

    kind = "name"
    widget = forms.TextInput(attrs={"autocomplete": "off", "maxlength": 40})

    def to_python(self, value: Any) -> dt.date | None:
        text = super().to_python(value) or ""
        if not text:
            return None
        try:
            return dates.parse_day(text)
        except dates.NotADate as error:
            raise ValidationError(str(error), code="not_a_date", params={"meant": error.meant}) from error


class CountryField(Name):
    """A country by name or code; gives back the code. Needs a `<datalist id="countries">` on the page."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"list": "countries", "autocomplete": "off"}

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        if value in self.empty_values:
            return ""
        if code := countries.code(value):
            return code
        known = {cleaning.folded(name): name for _code, name in countries.choices()}
        raise ValidationError(
            _("We don't know a country called “%(text)s”. Choose one from the list, or enter its name in English.")
            % {"text": value[:60]},
            code="unknown_country",
            params={"meant": near_misses.meant(value, known)},
        )
