"""The list of exchange rates in the admin. Finance adds to it; nothing in it is changed or removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy

from identity.admin_lists import ReadOnlyAdmin
from identity.models import User
from identity.text_direction import gettext as _
from identity.text_direction import ours
from vendors.answers import countries
from vendors.answers.fields import AmountField, DayField
from vendors.exchange_rates import lifecycle as exchange_rates
from vendors.models import ExchangeRate
from vendors.models.exchange_rate import BASE

OTHERS = [(code, countries.currency_name(code)) for code in countries.CURRENCIES if code != BASE]


class ExchangeRateForm(forms.Form):
    """Asks once about an exchange rate that is far from the one in force; the same again is taken."""

    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"),
        choices=[("", gettext_lazy("Choose one")), *OTHERS],
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Choose a currency.")),
    )
    per_euro = AmountField(
        label=gettext_lazy("One euro buys"),
        decimals=6,
        help_text=gettext_lazy("As the European Central Bank publishes it: for Swedish kronor, about 11."),
        error_messages={"required": gettext_lazy("Enter how much of the currency one euro buys.")},
    )
    valid_on = DayField(
        label=gettext_lazy("Date"),
        help_text=gettext_lazy(
            "The date the exchange rate was published. It is shown wherever rates are compared using this exchange "
            "rate."
        ),
        error_messages={"required": gettext_lazy("Enter the date of the exchange rate.")},
    )
    asked_about = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        currency, per_euro = values.get("currency"), values.get("per_euro")
        if not (currency and per_euro):
            return values
        mark = f"{currency} {per_euro}"
        doubt = exchange_rates.doubt(currency=currency, per_euro=per_euro)
        if doubt and values.get("asked_about") != mark:
            text = f"{doubt} {_('If what you typed is right, press the button again.')}"
            self.add_error("per_euro", ValidationError(text, code="doubtful"))
            self.data = {**self.data.dict(), "asked_about": mark}  # type: ignore[attr-defined]
        return values


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ReadOnlyAdmin):
    list_display = ["currency", "shown_rate", "shown_day", "by", "added_at"]
    list_select_related = ["by"]
    search_help_text = gettext_lazy("The three-letter code of a currency, such as SEK.")

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        return ["currency", "-valid_on", "-id"]

    def ways_to_find(self, request: HttpRequest, term: str) -> Sequence[Q]:
        return [Q(currency=term.upper())]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("vendors.add_exchangerate")

    @admin.display(description=gettext_lazy("one euro buys"))
    def shown_rate(self, rate: ExchangeRate) -> str:
        return rate.shown

    @admin.display(description=gettext_lazy("date"))
    def shown_day(self, rate: ExchangeRate) -> str:
        return date_format(rate.valid_on, "j F Y")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        today = date_format(timezone.localdate(), "j F Y")
        form = ExchangeRateForm(request.POST or None, initial={"valid_on": today})
        if request.method == "POST" and form.is_valid():
            given = {name: form.cleaned_data[name] for name in ("currency", "per_euro", "valid_on")}
            try:
                rate = exchange_rates.record(**given, by=cast(User, request.user))
            except exchange_rates.NotADayForIt as error:
                form.add_error("valid_on", str(error))
            else:
                day = ours(date_format(rate.valid_on, "j F Y"))
                messages.success(request, _("Saved: %(rate)s on %(day)s.") % {"rate": str(rate), "day": day})
                return redirect("admin:vendors_exchangerate_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Add an exchange rate"),
            "opts": self.opts,
            "form": form,
        }
        return TemplateResponse(request, "admin/vendors/exchangerate/add.html", context)
