"""What colleagues say about themselves and each other: who is away, who takes over, what they want to see."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.models import User
from vendors.answers.first_and_last_day import FirstAndLastDay
from vendors.colleagues.preferences import FirstPage


class ColleagueField(forms.ModelChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(User.objects.filter(is_staff=True, is_active=True).order_by("email"), **kwargs)


class AbsenceForm(FirstAndLastDay):
    field_order = ["colleague", "starts_on", "ends_on", "cover"]

    colleague = ColleagueField(
        label=gettext_lazy("Who is away"),
        empty_label=None,
        error_messages={"required": gettext_lazy("Choose who is away.")},
    )
    cover = ColleagueField(
        label=gettext_lazy("Covered by"),
        help_text=gettext_lazy("Gets the emails about their vendors, and sees those vendors under “mine”."),
        required=False,
        empty_label=gettext_lazy("No one: emails go to the shared mailbox"),
    )

    def __init__(self, data: Any = None, *, today: dt.date, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day is before the first. Choose a later one."))
        elif last and last < self.today:
            self.add_error("ends_on", _("The last day has passed. Check the year."))
        if cleaned.get("cover") and cleaned.get("cover") == cleaned.get("colleague"):
            self.add_error("cover", _("This colleague is the one who is away. Choose someone else."))
        return cleaned


class HandOverForm(forms.Form):
    # Also whoever has left: it is their vendors that need another owner.
    previous = forms.ModelChoiceField(
        User.objects.filter(is_staff=True).order_by("email"),
        label=gettext_lazy("From"),
        error_messages={"required": gettext_lazy("Choose whose vendors you want to hand over.")},
    )
    owner = ColleagueField(
        label=gettext_lazy("To"), error_messages={"required": gettext_lazy("Choose who becomes their owner.")}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("owner") and cleaned.get("owner") == cleaned.get("previous"):
            self.add_error("owner", _("Choose someone else: this is the current owner."))
        return cleaned


class PreferencesForm(forms.Form):
    first_page = forms.ChoiceField(
        label=gettext_lazy("Your home page shows"),
        choices=FirstPage.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what your home page shows.")},
    )
    morning_email = forms.BooleanField(
        label=gettext_lazy("Email me every morning if something is waiting"),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
