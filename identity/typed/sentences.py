"""What every form says where it has no sentence of its own: Django's are a programmer's, so ours take their place."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.typed.fields import NO_ADDRESS

_OURS = {
    forms.Field: {
        "required": _("Answer this question."),
        "max_length": _("Shorten your answer to %(limit_value)s characters or fewer."),
        "min_length": _("Enter at least %(limit_value)s characters."),
        "min_value": _("Enter a number of %(limit_value)s or more."),
        "max_value": _("Enter a number of %(limit_value)s or less."),
        "null_characters_not_allowed": _("Enter this again: it has a character in it that we can't read."),
    },
    forms.IntegerField: {"invalid": _("Enter a whole number, for example 30.")},
    forms.DecimalField: {"invalid": _("Enter a number, for example 12.50.")},
    forms.DateField: {"invalid": _("Enter a date, for example 2027-03-31.")},
    forms.DateTimeField: {"invalid": _("Enter a date and a time, for example 2027-03-31 14:30.")},
    forms.TimeField: {"invalid": _("Enter a time, for example 14:30.")},
    forms.SplitDateTimeField: {
        "invalid_date": _("Enter a date, for example 2027-03-31."),
        "invalid_time": _("Enter a time, for example 14:30."),
    },
    forms.EmailField: {"invalid": NO_ADDRESS},
    forms.URLField: {"invalid": _("Enter a web address, for example https://example.com.")},
    forms.FileField: {
        "required": _("Choose a file."),
        "invalid": _("The file didn't arrive. Choose it again."),
        "missing": _("The file didn't arrive. Choose it again."),
        "empty": _("This file is empty. Choose another."),
        "max_length": _("The file's name is too long: use no more than %(max)d characters."),
        "contradiction": _("Either choose a new file or tick the box to remove the old one, not both."),
    },
    forms.ChoiceField: {"invalid_choice": _("Choose an answer from the list.")},
    forms.MultipleChoiceField: {
        "invalid_choice": _("Choose answers from the list."),
        "invalid_list": _("Choose answers from the list."),
    },
    forms.ModelChoiceField: {"invalid_choice": _("Choose an answer from the list.")},
}


def replace_djangos() -> None:
    """Once, before any form is declared: a field copies what its classes say."""
    for field, sentences in _OURS.items():
        own = dict(vars(field).get("default_error_messages", {}))
        field.default_error_messages = own | sentences  # type: ignore[attr-defined]
