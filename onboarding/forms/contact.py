"""Where the vendor is and how to reach them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onboarding.forms.base import StepForm
from vendors import catalogue
from vendors.form_fields import Text, phone_number


class ContactForm(StepForm):
    phone = Text(
        label=gettext_lazy("Telephone number"),
        help_text=gettext_lazy("We call only when a mail would be too slow, or to make sure that a request is yours."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
    contact_email = forms.EmailField(
        label=gettext_lazy("Another email address for job offers"),
        help_text=gettext_lazy("Only if offers should go elsewhere. You always sign in with the address above."),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    address_lines = Text(
        label=gettext_lazy("Street address"),
        help_text=gettext_lazy("One to three lines. It goes on contracts and purchase orders."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
    )
    postal_code = Text(
        label=gettext_lazy("Postal code"),
        max_length=12,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
    )
    locality = Text(
        label=gettext_lazy("Town or city"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
    )
    region = Text(
        label=gettext_lazy("State, province or region"),
        help_text=gettext_lazy("Needed for Australia, Brazil, Canada, India and the United States."),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-level1"}),
    )
    country = forms.ChoiceField(label=gettext_lazy("Country"))
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy(
            "So that deadlines mean the same to both of us. "
            "You may leave it empty if the clocks are the same everywhere in your country."
        ),
        required=False,
    )
    conditional = ["region", "time_zone"]
    css = {"postal_code": "narrow"}

    NEEDS_REGION = {"AU", "BR", "CA", "IN", "US"}

    def build(self) -> None:
        country, time_zone = self.fields["country"], self.fields["time_zone"]
        country.choices = [("", _("Choose a country")), *catalogue.countries()]  # type: ignore[attr-defined]
        country.widget.attrs["autocomplete"] = "country"
        time_zone.choices = [("", _("Choose the nearest place")), *catalogue.time_zones()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        country = cleaned.get("country", "")
        if country in self.NEEDS_REGION:
            self.require("region")
        if country and not cleaned.get("time_zone") and "time_zone" in cleaned:
            cleaned["time_zone"] = catalogue.only_time_zone(country)
            self.require("time_zone")
        if cleaned.get("address_lines", "").count("\n") > 2:
            self.add_error("address_lines", _("Please write the street address in at most three lines."))
        # Without the country that is still to be chosen, a number as it is dialled there means nothing yet.
        if cleaned.get("phone") and (country or cleaned["phone"].startswith("+")):
            try:
                cleaned["phone"] = phone_number(cleaned["phone"], country=country)
            except ValidationError as error:
                self.add_error("phone", error)
        return cleaned
