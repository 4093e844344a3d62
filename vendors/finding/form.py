"""What is typed into "Find vendors". It comes by GET, so that what was looked for is an address that can be kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from identity.models import User
from identity.text_direction import gettext as _
from identity.whole_numbers import is_whole_number
from vendors.answers import countries, languages, money
from vendors.answers.fields import AmountField, LanguageField
from vendors.answers.keeping_odd_answers import MayKeep
from vendors.answers.service_catalogue import SERVICES, UNITS
from vendors.finding import criteria
from vendors.finding.query import BY_NAME, BY_RATE, Query
from vendors.models import Measure
from vendors.models.exchange_rate import BASE
from vendors.qualifications import measures
from vendors.tags import lifecycle as tags

MAY_FIND = ("vendors.view_vendor", "vendors.view_profile", "vendors.view_languagepair", "vendors.view_rate")
# Of the results, which are no criteria.
PAGE, GROUP = "page", "group"


class WideLanguageField(LanguageField):
    """Also takes what comes in more than one form, such as Portuguese."""

    def parsed(self, text: str) -> str:
        return languages.parse_wide(text)


class FindForm(MayKeep):
    use_required_attribute = False
    may_keep = ("source", "target")

    source = WideLanguageField(label=gettext_lazy("From"), required=False)
    target = WideLanguageField(label=gettext_lazy("Into"), required=False)
    service = criteria.choice(gettext_lazy("Service"), SERVICES)
    up_to = AmountField(label=gettext_lazy("Rate up to"), decimals=4, required=False)
    currency = criteria.choice(
        gettext_lazy("Currency"), [(code, countries.currency_name(code)) for code in countries.CURRENCIES], empty=None
    )
    unit = criteria.choice(gettext_lazy("Unit"), UNITS, empty=gettext_lazy("the usual unit for the service"))
    order = criteria.choice(
        gettext_lazy("Order"),
        [(BY_RATE, gettext_lazy("by rate")), (BY_NAME, gettext_lazy("by name"))],
        empty=gettext_lazy("by rate if a service is chosen"),
    )

    def __init__(self, data: QueryDict | None, *, by: User) -> None:
        self.by = by
        self.criteria = criteria.for_user(by)
        defaults = {"currency": BASE} | {one.name: one.default for one in self.criteria if one.default}
        if data is not None:
            data = data.copy()
            for name, value in defaults.items():
                data.setdefault(name, value)
        super().__init__(data, initial=defaults, label_suffix="")
        self.defaults = defaults
        self.fields |= {one.name: one.field(by) for one in self.criteria}
        for field in self.fields.values():
            field.is_conditional = True  # type: ignore[attr-defined]  # all are optional, so none says so
        self.add_kept()

    @property
    def pair_and_rate(self) -> list[forms.BoundField]:
        return [self[name] for name in self.base_fields]

    @property
    def others(self) -> list[forms.BoundField]:
        return [self[one.name] for one in self.criteria if one.name != criteria.CHOSEN]

    @property
    def uses_others(self) -> bool:
        return self.is_bound and any(self[one.name].value() not in (None, "", one.default) for one in self.criteria)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("service"):
            wanted = values.get("up_to"), values.get("unit"), values.get("order") == BY_RATE
            if any(wanted) and "service" not in self.errors:
                self.add_error("service", _("Choose a service: rates of different services can't be compared."))
        if values.get("up_to") and values.get("currency"):
            typed = money.parts(self["up_to"].value() or "")
            if typed.currencies and values["currency"] not in typed.currencies:
                self.add_error("up_to", _("You typed a different currency from the one you chose. Change one of them."))
            elif typed.units and values.get("unit") and values["unit"] not in typed.units:
                self.add_error("up_to", _("You typed a different unit from the one you chose. Change one of them."))
        if values.get("qualified"):
            self._check_qualified(values)
        return values

    def _check_qualified(self, values: Mapping[str, Any]) -> None:
        asked = ("source", "target", "service")
        if any(name in self.errors for name in asked):
            return
        if not all(values.get(name) for name in asked):
            self.add_error(
                "qualified",
                _("Choose a service and both languages: a vendor is qualified for a service in a language pair."),
            )
        elif measures.of_service(values["service"]) == Measure.NONE:
            self.add_error("qualified", _("No standard applies to this service, so no one can be qualified for it."))

    def query(self) -> Query:
        """Of a valid form."""
        values: Mapping[str, Any] = self.cleaned_data
        where, told = Q(), criteria.Asked(self.by, values)
        for one in self.criteria:
            if value := values.get(one.name):
                where &= one.where(value, told)
        asked = ("source", "target", "service", "unit", "up_to", "currency", "order", "specialism", "qualified")
        return Query(**{name: values[name] for name in asked if values.get(name)}, where=where)

    def address(self, **changed: str | int) -> str:
        """The query of the address that asks the same, with these changed; what is not said is left out."""
        asked = QueryDict(mutable=True)
        for name in self.fields:
            value = self.data.get(name, "")
            if value and value != self.defaults.get(name):
                asked[name] = value
        for name, value in changed.items():
            asked[name] = str(value)
        return asked.urlencode()


def on_page(user: User, data: QueryDict | None = None) -> dict[str, Any]:
    """The form and its suggestions, for whatever page shows it."""
    return {
        "form": FindForm(data, by=user),
        "language_names": languages.names_usual_first(),
        "known_tags": tags.known(),
    }


def page_number(text: str, *, most: int) -> int:
    """Of the address; 0 if there is no such page."""
    number = int(text) if is_whole_number(text) else 0
    return number if number <= most else 0
