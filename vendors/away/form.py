"""When a vendor is away, as they type it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.typed.fields import Name, WholeNumber
from vendors.answers.first_and_last_day import FirstAndLastDay
from vendors.answers.keeping_odd_answers import MayKeep
from vendors.away.lifecycle import LONGEST_AHEAD
from vendors.models import AwayPeriod

Kind = AwayPeriod.Kind


class AwayForm(FirstAndLastDay, MayKeep):
    kind = forms.ChoiceField(
        label=gettext_lazy("Will you be away or partly available?"),
        choices=[
            (Kind.AWAY, gettext_lazy("I'm away: no jobs, please")),
            (Kind.PARTLY, gettext_lazy("I'm partly available")),
        ],
        initial=Kind.AWAY,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose whether you're away or partly available.")},
    )
    weekly_hours = WholeNumber(
        label=gettext_lazy("How many hours a week will you have?"),
        min_value=1,
        max_value=100,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "invalid": gettext_lazy("Enter the hours a week as a whole number, like 10."),
            "min_value": gettext_lazy(
                "Enter 1 hour a week or more. If you won't have any, choose “I'm away: no jobs, please”."
            ),
            "max_value": gettext_lazy("Enter 100 hours a week or fewer."),
        },
    )
    note = Name(
        label=gettext_lazy("A note for project managers"),
        help_text=gettext_lazy("For example, “urgent jobs by phone”. You don't have to say why you're away."),
        max_length=200,
        required=False,
        error_messages={"max_length": gettext_lazy("Shorten the note to 200 characters or fewer.")},
    )

    def __init__(self, data: Any = None, *, today: dt.date, period: AwayPeriod | None = None) -> None:
        super().__init__(data, label_suffix="", initial=_initial(period))
        self.today = today
        self.period = period
        self.fields["weekly_hours"].css_class = "narrow"  # type: ignore[attr-defined]
        self.fields["weekly_hours"].is_conditional = True  # type: ignore[attr-defined]

    @property
    def earliest(self) -> dt.date:
        """Of a time that has begun, the first day may stay what it was."""
        return min(self.today, self.period.starts_on) if self.period else self.today

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if cleaned.get("kind") == Kind.AWAY:
            self.errors.pop("weekly_hours", None)
            cleaned["weekly_hours"] = None
        if first and last:
            self._judge(first, last)
        return cleaned

    def _judge(self, first: dt.date, last: dt.date) -> None:
        if last < first:
            self.add_error("ends_on", _("The last day, %(day)s, is before the first.") % {"day": _written(last)})
        elif last < self.today and not (self.period and self.period.starts_on <= self.today):
            self.add_error("ends_on", _("%(day)s has passed. Check the year.") % {"day": _written(last)})
        elif last > self.today + LONGEST_AHEAD:
            self.add_error(
                "ends_on", _("%(day)s is more than three years away. Check the year.") % {"day": _written(last)}
            )

    def filled(self) -> AwayPeriod:
        period = self.period or AwayPeriod()
        for name in ("starts_on", "ends_on", "kind", "weekly_hours", "note"):
            setattr(period, name, self.cleaned_data[name])
        return period


def _initial(period: AwayPeriod | None) -> dict[str, Any]:
    if period is None:
        return {}
    days = {"starts_on": _written(period.starts_on), "ends_on": _written(period.ends_on)}
    return {**days, "kind": period.kind, "weekly_hours": period.weekly_hours, "note": period.note}


def _written(day: dt.date) -> str:
    return date_format(day, "j F Y")
