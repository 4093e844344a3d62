"""Where the vendor is, how to reach them, and when they work."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.typed.fields import Address, Code, Name, Prose, WholeNumber
from onboarding.forms.base import StepForm, Typed
from vendors.answers import countries, phones, postal_codes, regions, service_catalogue
from vendors.answers.choices import FixedChoices
from vendors.answers.keeping_odd_answers import keeping, mark
from vendors.models import Notice

_HOURS = gettext_lazy("Enter your hours a week as a whole number from 1 to 100, for example 30.")
COUNTRY_MISSING = gettext_lazy("Choose a country")


class ContactForm(StepForm):
    phone = Code(
        label=gettext_lazy("Phone number"),
        help_text=gettext_lazy(
            "We only call when an email would be too slow, or to make sure that a request comes from you."
        ),
        max_length=phones.LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
        error_messages={"required": gettext_lazy("Enter your phone number.")},
    )
    contact_email = Address(
        label=gettext_lazy("Another email address for job offers"),
        help_text=gettext_lazy("Only if offers should go elsewhere. You always sign in with the address above."),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    billing_email = Address(
        label=gettext_lazy("Another email address for questions about invoices"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    address_lines = Prose(
        label=gettext_lazy("Street address"),
        help_text=gettext_lazy("One to three lines. It goes on contracts and purchase orders."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
        error_messages={"required": gettext_lazy("Enter your street address.")},
    )
    postal_code = Code(
        label=gettext_lazy("Postcode"),
        help_text=gettext_lazy("Leave this empty if your country has none."),
        max_length=postal_codes.LONGEST,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
        error_messages={"required": gettext_lazy("Enter your postcode.")},
    )
    locality = Name(
        label=gettext_lazy("Town or city"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
        error_messages={"required": gettext_lazy("Enter your town or city.")},
    )
    region = Name(
        label=gettext_lazy("State, province or region"),
        help_text=gettext_lazy("Needed for Australia, Brazil, Canada, India, Italy and the United States."),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-level1", "list": "regions"}),
        error_messages={"required": gettext_lazy("Enter your state, province or region.")},
    )
    country = forms.ChoiceField(
        label=gettext_lazy("Country"),
        choices=countries.usual_first(nothing=COUNTRY_MISSING),
        widget=forms.Select(attrs={"autocomplete": "country"}),
        error_messages={"required": gettext_lazy("Choose your country.")},
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=FixedChoices([("", gettext_lazy("Choose the nearest place")), *countries.time_zones()]),
        help_text=gettext_lazy("So that deadlines mean the same to both of us."),
        required=False,
        error_messages={"required": gettext_lazy("Choose your time zone.")},
    )
    weekly_hours = WholeNumber(
        label=gettext_lazy("Hours a week you are usually available to us and similar clients"),
        min_value=1,
        max_value=100,
        required=False,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _HOURS),
    )
    working_days = forms.MultipleChoiceField(
        label=gettext_lazy("Days you usually work"),
        choices=service_catalogue.WORKING_DAYS,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    notice = forms.ChoiceField(
        label=gettext_lazy("How much notice do you usually need before starting a job?"),
        choices=[("", gettext_lazy("It depends")), *Notice.choices],
        required=False,
    )
    projects_name = Name(
        label=gettext_lazy("Who answers questions about projects?"),
        help_text=gettext_lazy("A person or a team. Leave this empty if it's you."),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    projects_phone = Code(
        label=gettext_lazy("Phone number for projects"),
        max_length=phones.LONGEST,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "type": "tel"}),
    )
    accounts_name = Name(
        label=gettext_lazy("Who answers questions about invoices?"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    accounts_phone = Code(
        label=gettext_lazy("Phone number for invoices"),
        max_length=phones.LONGEST,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "type": "tel"}),
    )
    may_keep = ("phone", "region", "projects_phone", "accounts_phone")
    asks_by_kind = True
    OF_A_COMPANY = ("projects_name", "projects_phone", "accounts_name", "accounts_phone")
    OF_A_PERSON = ("weekly_hours", "working_days", "notice")
    conditional = ["postal_code", "region", "time_zone"]
    css = {"postal_code": "narrow", "weekly_hours": "narrow", "notice": "narrow", "working_days": "columns"}

    def build(self) -> None:
        if likely := countries.of_address(self.vendor.address):
            first = countries.usual_first(likely, nothing=COUNTRY_MISSING)
            self.fields["country"].choices = first  # type: ignore[attr-defined]
        self._offer_likely_time_zones(str(self["country"].value() or ""))
        if not self.is_agency:
            self.ask_not(*self.OF_A_COMPANY)
            return
        self.ask_not(*self.OF_A_PERSON)
        self.fields["contact_email"].label = _("Email address for projects")
        self.fields["contact_email"].help_text = _(
            "Only if job offers should go elsewhere. You always sign in with the address above."
        )
        self.fields["billing_email"].label = _("Email address for invoices")

    @property
    def others_in_words(self) -> str:
        """Whom an agency names besides its contact person."""
        names = (*self.OF_A_COMPANY, "contact_email", "billing_email")
        return ", ".join(filter(None, (self.shown(name) for name in names)))

    @property
    def mistakes_others(self) -> bool:
        return any(self[name].errors for name in (*self.OF_A_COMPANY, "contact_email", "billing_email"))

    def _offer_likely_time_zones(self, country: str) -> None:
        """First, once the country is known; where the clocks are the same everywhere nothing is asked."""
        likely = countries.likely_time_zones(country)
        if len(likely) < 2:
            return
        nothing, *regions = list(self.fields["time_zone"].choices)  # type: ignore[attr-defined]
        in_the_country = (countries.name(country), [(zone, countries.place(zone)) for zone in likely])
        others = [(region, [zone for zone in zones if zone[0] not in likely]) for region, zones in regions]
        self.fields["time_zone"].choices = [nothing, in_the_country, *others]  # type: ignore[attr-defined]

    @property
    def shows_time_zone(self) -> bool:
        return bool(self["time_zone"].value() or self["time_zone"].errors)

    @property
    def when_in_words(self) -> str:
        """When a freelancer works."""
        hours = self.shown("weekly_hours")
        words = [_("%(hours)s hours a week") % {"hours": hours} if hours else ""]
        return ", ".join(filter(None, [*words, self.shown("working_days"), self._notice_in_words()]))

    def _notice_in_words(self) -> str:
        return self.shown("notice") if self["notice"].value() else ""

    @property
    def mistakes_when(self) -> bool:
        return any(self[name].errors for name in self.OF_A_PERSON)

    @property
    def region_names(self) -> list[str]:
        """What the field suggests: the regions of the country, once that is known."""
        candidates = [str(self["country"].value() or "")]
        if candidates == [""]:
            candidates = sorted(regions.COUNTRIES)
        return [name for country in candidates for name in regions.names(country)]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        country = cleaned.get("country", "")
        if country in regions.COUNTRIES:
            self.require("region")
        if country in postal_codes.COUNTRIES:
            self.require("postal_code")
        if country and not cleaned.get("time_zone") and "time_zone" in cleaned:
            cleaned["time_zone"] = countries.only_time_zone(country)
            self.require("time_zone")
        if cleaned.get("address_lines", "").count("\n") > 2:
            self.add_error("address_lines", _("Shorten your street address to three lines or fewer."))
        cleaned["phone_as_typed"] = cleaned.get("phone", "")
        # Without the country that is still to be chosen, a number as it is dialled there means nothing yet.
        if country or "+" in cleaned.get("phone", ""):
            self._read_phone("phone", country)
        for name in ("projects_phone", "accounts_phone"):
            if country or "+" in cleaned.get(name, ""):
                self._read_phone(name, country)
        if cleaned.get("postal_code"):
            cleaned["postal_code"] = postal_codes.parse(cleaned["postal_code"], country=country)
        self.read("region", partial(regions.parse, country=country), code="unknown")
        return cleaned

    def _read_phone(self, name: str, country: str) -> None:
        self.read(name, partial(phones.parse, country=country), phones.NotAPhoneNumber, code="phone")

    @classmethod
    def typed_from(cls, answer: Mapping[str, Any]) -> Typed:
        typed = super().typed_from(answer) | {"region": [regions.name(answer["region"])]}
        if as_typed := answer.get("phone_as_typed"):
            typed |= {"phone": [as_typed], keeping("phone"): [mark(as_typed)]}
        return typed
