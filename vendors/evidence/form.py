"""What VM types when it verifies evidence, revokes a verification, grants an exception or asks who is qualified."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from identity.typed.fields import Prose
from vendors.answers import languages, service_catalogue
from vendors.answers.fields import DayField
from vendors.evidence.report import Question
from vendors.evidence.verification import METHODS, NEEDS_NOTE
from vendors.models import Measure
from vendors.qualification_claims import Claims
from vendors.qualifications import measures

FROM_THE_LIST = _("Choose one from the list.")
NOT_YET = _("Choose today or a day in the past: the report shows what was on record at the end of that day.")


class VerifyForm(forms.Form):
    method = forms.ChoiceField(
        label=_("How do you know that it is true?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose how you know that it is true."),
            "invalid_choice": _("Choose how you know that it is true."),
        },
    )
    note = Prose(
        label=_("What did you find out, and from whom?"),
        help_text=_(
            "For example: the university confirmed it by email on 3 March. Auditors and the vendor can read this."
        ),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any = None, *, kind: str) -> None:
        super().__init__(data, prefix="verify", label_suffix="")
        known = METHODS[kind]
        self.fields["method"].choices = [(method.value, capfirst(str(method.label))) for method in known]  # type: ignore[attr-defined]
        if len(known) == 1:
            self.initial["method"] = known[0].value

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("method") in {method.value for method in NEEDS_NOTE} and not cleaned.get("note"):
            self.add_error("note", _("Say what you found out, and from whom."))
        return cleaned


class WhyForm(forms.Form):
    why = Prose(max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, data: Any = None, *, label: str, hint: str, prefix: str) -> None:
        super().__init__(data, prefix=prefix, label_suffix="")
        field = self.fields["why"]
        field.label, field.help_text = label, hint
        field.error_messages["required"] = _("Give a reason. Auditors can read it.")


class ExceptionForm(forms.Form):
    what = forms.ChoiceField(
        label=_("Pair and service"),
        error_messages={"required": _("Choose the pair and the service."), "invalid_choice": FROM_THE_LIST},
    )
    specialism = forms.ChoiceField(label=_("Subject"), required=False, error_messages={"invalid_choice": FROM_THE_LIST})
    until = DayField(
        label=_("Last day"),
        help_text=_("For example, 31 March 2027. The exception ends automatically after this day."),
        error_messages={"required": _("Enter the last day of the exception.")},
    )
    reason = Prose(
        label=_("Why is an exception needed?"),
        help_text=_(
            "For example: the only translator for this pair, and everything is revised. Auditors can read this."
        ),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Give a reason. Auditors can read it.")},
    )

    def __init__(self, data: Any = None, *, claims: Claims) -> None:
        super().__init__(data, prefix="exception", label_suffix="")
        self.fields["what"].choices = [("", _("Choose one")), *_judged_services(claims)]  # type: ignore[attr-defined]
        subjects = [(code, service_catalogue.specialism_name(code)) for code in claims.specialisms]
        self.fields["specialism"].choices = [("", _("All subjects")), *subjects]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, Any]:
        source, target, service = self.cleaned_data["what"].split("|")
        rest = {name: self.cleaned_data[name] for name in ("specialism", "until", "reason")}
        return {"source": source, "target": target, "service": service, **rest}


def _judged_services(claims: Claims) -> Iterable[tuple[str, str]]:
    for pair in claims.pairs:
        source, target = pair["source"], pair["target"]
        for service in pair["services"]:
            if measures.of_service(service) != Measure.NONE:
                label = f"{languages.pair_name(source, target)}: {service_catalogue.service_name(service)}"
                yield f"{source}|{target}|{service}", label


class QuestionForm(forms.Form):
    source = forms.ChoiceField(
        label=_("From"), error_messages={"required": _("Choose the language to translate from.")}
    )
    target = forms.ChoiceField(
        label=_("Into"), error_messages={"required": _("Choose the language to translate into.")}
    )
    service = forms.ChoiceField(label=_("Service"), error_messages={"required": _("Choose a service.")})
    specialism = forms.ChoiceField(label=_("Subject"), required=False)
    day = DayField(
        label=_("On which day?"), help_text=_("For example, 31 March 2026. Leave it empty for today."), required=False
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        tags = [("", _("Choose one")), *languages.choices()]
        services = [row for row in service_catalogue.SERVICES if measures.of_service(row[0]) != Measure.NONE]
        for name, choices in (
            ("source", tags),
            ("target", tags),
            ("service", [("", _("Choose one")), *services]),
            ("specialism", [("", _("Any subject")), *service_catalogue.SPECIALISMS]),
        ):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
            self.fields[name].error_messages["invalid_choice"] = FROM_THE_LIST

    def clean_day(self) -> dt.date:
        today = timezone.localdate()
        day = self.cleaned_data["day"] or today
        if day > today:
            raise forms.ValidationError(NOT_YET, code="not_yet")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("source") and cleaned.get("source") == cleaned.get("target"):
            self.add_error("target", _("Choose two different languages."))
        return cleaned

    @property
    def question(self) -> Question:
        return Question(**self.cleaned_data)


class ExportForm(forms.Form):
    reason = Prose(
        label=_("What is the export for?"),
        help_text=_("For example: surveillance audit 2027. It is kept with your name."),
        max_length=300,
        widget=forms.TextInput(),
        error_messages={"required": _("Say what the export is for.")},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="export", label_suffix="")
