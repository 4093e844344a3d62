"""One course, seminar or stretch of practice, as the vendor types it."""

from __future__ import annotations

import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.typed.fields import Name
from vendors.answers import dates
from vendors.answers.fields import AmountField, LastMonthField
from vendors.answers.keeping_odd_answers import MayKeep

MOST_HOURS = 5000
_UNIT = re.compile(r"(?<=\d)\s*(?:h|hrs?|hours?|std|stunden?|heures?|horas?|ore|uur)\.?\s*$", re.IGNORECASE)


class HoursField(AmountField):
    def to_python(self, value: object) -> Decimal | None:
        return super().to_python(_UNIT.sub("", value) if isinstance(value, str) else value)


class TrainingForm(MayKeep):
    what = Name(
        label=gettext_lazy("What was it?"),
        help_text=gettext_lazy("For example, “Webinar on contract terminology, ITI” or “Translating patents”."),
        max_length=200,
        error_messages={
            "required": gettext_lazy("Enter what it was, like “Webinar on contract terminology”."),
            "max_length": gettext_lazy("Shorten it to 200 characters or fewer."),
        },
    )
    month = LastMonthField(
        label=gettext_lazy("When?"),
        help_text=gettext_lazy(
            "The month and year, like 03/2027. If it lasted longer than a month, enter the month it ended."
        ),
        required=False,
    )
    hours = HoursField(
        label=gettext_lazy("How many hours?"),
        decimals=1,
        error_messages={"required": gettext_lazy("Enter the number of hours, like 6.")},
    )

    def __init__(self, data: object = None) -> None:
        super().__init__(data, label_suffix="")  # type: ignore[arg-type]
        for name in ("month", "hours"):
            self.fields[name].css_class = "narrow"  # type: ignore[attr-defined]
        self.fields["month"].is_conditional = True  # type: ignore[attr-defined]

    def clean_month(self) -> str:
        month = self.cleaned_data["month"]
        today = timezone.localdate()
        if not month and not dates.is_still(self.text_of("month").strip() or "?"):
            raise ValidationError(_("Enter the month and the year, like 03/2027."), code="required")
        month = month or today.isoformat()[:7]
        if month > today.isoformat()[:7]:
            raise ValidationError(_("That month is in the future. Add the training once it has ended."), code="future")
        return month

    def clean_hours(self) -> Decimal:
        hours = self.cleaned_data["hours"]
        if hours > MOST_HOURS:
            raise ValidationError(
                _("That's more than %(most)s hours. Check the number.") % {"most": MOST_HOURS}, code="too_many"
            )
        return hours
