"""What VM types: the words of an email, and the settings of its own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from identity.typed.fields import Name, Prose, WholeNumber
from vendors.texts import rendering
from vendors.texts.choices import LATEST_REMINDER, LONGEST_NOTE, LONGEST_TURNAROUND, REMINDERS, Choices
from vendors.texts.emails import Email
from vendors.texts.rendering import Words


class Seen(forms.Form):
    """Carries the version of what the page shows; 0 is the original."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=10**9)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class EmailForm(Seen):
    subject = Name(
        label=gettext_lazy("Subject"),
        max_length=200,
        help_text=gettext_lazy("Only the first 69 characters are sent."),
        error_messages={"required": gettext_lazy("Enter a subject.")},
    )
    body = Prose(
        label=gettext_lazy("Text"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 18}),
        error_messages={"required": gettext_lazy("Enter the text of the email.")},
    )

    def __init__(self, *args: Any, email: Email, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_subject(self) -> str:
        subject: str = self.cleaned_data["subject"]
        _refuse(list(rendering.problems_of_subject(self.email, subject)))
        return subject

    def clean_body(self) -> str:
        body: str = self.cleaned_data["body"].replace("\r\n", "\n")
        _refuse(list(rendering.problems_of_body(self.email, body)))
        return body

    @property
    def words(self) -> Words:
        """Of a valid form."""
        return Words(self.cleaned_data["subject"], self.cleaned_data["body"])


def _refuse(problems: list[str]) -> None:
    if problems:
        raise ValidationError([ValidationError(problem, code="placeholders") for problem in problems])


class Days(Name):
    """Whole numbers, each bigger than the one before."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, tuple | list) else value

    def clean(self, value: Any) -> Any:
        words = str(super().clean(value)).replace(",", " ").split()
        days = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 4]
        in_order = days == sorted(set(days)) and all(0 < day <= LATEST_REMINDER for day in days)
        if len(days) != len(words) or len(days) != REMINDERS or not in_order:
            raise ValidationError(
                _("Enter three numbers from 1 to %(latest)s, each higher than the one before, like 3, 7, 14.")
                % {"latest": LATEST_REMINDER},
                code="not_days",
            )
        return days


class ChoicesForm(Seen):
    invitation_days = Days(
        label=gettext_lazy("Reminders about an invitation"),
        help_text=gettext_lazy("Days after it was sent."),
        error_messages={"required": gettext_lazy("Enter three numbers, like 3, 7, 14.")},
    )
    onboarding_days = Days(
        label=gettext_lazy("Reminders about unfinished onboarding"),
        help_text=gettext_lazy("Days after the vendor last saved something."),
        error_messages={"required": gettext_lazy("Enter three numbers, like 3, 10, 21.")},
    )
    turnaround_days = WholeNumber(
        label=gettext_lazy("How long a review usually takes"),
        help_text=gettext_lazy("Working days. Vendors see this on their pages and in emails."),
        min_value=1,
        max_value=LONGEST_TURNAROUND,
        error_messages={
            "required": gettext_lazy("Enter a number of working days, like 5."),
            "invalid": gettext_lazy("Enter a number of working days, like 5."),
            "min_value": gettext_lazy("Enter 1 working day or more."),
            "max_value": ngettext(
                "Enter %(count)s working day or fewer.", "Enter %(count)s working days or fewer.", LONGEST_TURNAROUND
            )
            % {"count": LONGEST_TURNAROUND},
        },
    )
    invoice_to = Prose(
        label=gettext_lazy("Who to invoice"),
        help_text=gettext_lazy("Name, address and VAT number, as they must appear on an invoice."),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    invoice_note = Prose(
        label=gettext_lazy("How to invoice"),
        help_text=gettext_lazy(
            "Where to send invoices, by when, and what to write on them. Approved vendors see this in their profile."
        ),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    @property
    def chosen(self) -> Choices:
        """Of a valid form."""
        return Choices(**{name: self.cleaned_data[name] for name in Choices._fields})
