from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.typed.fields import Name
from vendors.answers import languages, service_catalogue
from vendors.answers.fields import AmountField
from vendors.models import Vendor
from vendors.rate_proposals import lifecycle as rate_proposals


class ProposalForm(forms.Form):
    what = forms.ChoiceField(
        label=gettext_lazy("Pair and service"),
        error_messages={"required": gettext_lazy("Choose a pair and a service.")},
    )
    amount = AmountField(
        label=gettext_lazy("Rate"),
        decimals=4,
        error_messages={"required": gettext_lazy("Enter the rate, like 0.09.")},
    )
    unit = forms.ChoiceField(
        label=gettext_lazy("Unit"),
        choices=service_catalogue.UNITS,
        error_messages={"required": gettext_lazy("Choose a unit.")},
    )
    why = Name(
        label=gettext_lazy("Message to the vendor"),
        max_length=300,
        required=False,
        error_messages={"max_length": gettext_lazy("Shorten this to %(limit_value)s characters or fewer.")},
    )

    def __init__(self, *args: Any, vendor: Vendor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].label = _("Rate in %(currency)s") % {"currency": vendor.profile.currency}
        self.fields["what"].choices = [  # type: ignore[attr-defined]
            (
                f"{pair.source}.{pair.target}.{service}",
                f"{languages.pair_name(pair.source, pair.target)}: {service_catalogue.service_name(service)}",
            )
            for pair, service in rate_proposals.offered(vendor)
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "what" in cleaned:
            cleaned["source"], cleaned["target"], cleaned["service"] = cleaned["what"].split(".")
            unit = cleaned.get("unit")
            if unit and unit not in service_catalogue.UNITS_OF_SERVICE[cleaned["service"]]:
                self.add_error("unit", ValidationError(_("This unit is not available for this service."), code="unit"))
        return cleaned
