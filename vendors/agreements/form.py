"""A box to tick for each text, and with it the hash of the text that was shown; and who ticks them for a company."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.typed.fields import Name
from vendors.agreements import texts as agreements
from vendors.agreements.acceptances import Signatory
from vendors.agreements.texts import Agreement


class AgreementTicks(forms.Form):
    signatory = Name(
        label=gettext_lazy("Your full name"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": gettext_lazy("Enter your full name.")},
    )
    position = Name(
        label=gettext_lazy("Your position in the company"),
        help_text=gettext_lazy("For example: managing director, owner, head of vendor management."),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
        error_messages={"required": gettext_lazy("Enter your position in the company.")},
    )
    may_sign = forms.BooleanField(
        label=gettext_lazy("I confirm that I am authorised to sign agreements for the company."),
        error_messages={
            "required": gettext_lazy(
                "Confirm that you are authorised to sign for the company. If you aren't, ask a colleague who is."
            )
        },
    )
    OF_A_COMPANY = ("signatory", "position", "may_sign")
    asked_for: Sequence[Agreement] = ()

    def ask_for(self, asked_for: Sequence[Agreement]) -> None:
        self.asked_for = asked_for
        for agreement in asked_for:
            if agreement.document in agreements.READ_ONLY:
                label = _("I have read: %(title)s") % {"title": agreement.title}
            else:
                label = _("I accept: %(title)s") % {"title": agreement.title}
            missing = _("Read “%(title)s” and tick the box.") % {"title": agreement.title}
            self.fields[agreement.document] = forms.BooleanField(label=label, error_messages={"required": missing})
            self.fields[f"{agreement.document}-text"] = forms.CharField(widget=forms.HiddenInput, required=False)

    @property
    def asks_signatory(self) -> bool:
        return "may_sign" in self.fields

    @property
    def accepted_by(self) -> Signatory | None:
        """Of a valid form."""
        return Signatory(self.cleaned_data["signatory"], self.cleaned_data["position"]) if self.asks_signatory else None

    @property
    def texts(self) -> list[dict[str, Any]]:
        """The hash goes with the text shown now, not with the one that came back from an older page."""
        return [
            {
                "agreement": agreement,
                "tick": self[agreement.document],
                "hash_name": self.add_prefix(f"{agreement.document}-text"),
            }
            for agreement in self.asked_for
        ]

    def clean(self) -> dict[str, Any]:
        for agreement in self.asked_for:
            shown = self.cleaned_data.get(f"{agreement.document}-text")
            if self.cleaned_data.get(agreement.document) and shown != agreement.sha256:
                self._untick(agreement)
                self.add_error(
                    agreement.document,
                    ValidationError(
                        _("The text of “%(title)s” has changed. Read it again and tick the box.")
                        % {"title": agreement.title},
                        code="text_changed",
                    ),
                )
        return self.cleaned_data

    def _untick(self, agreement: Agreement) -> None:
        """The box was ticked under another text: whoever saves the page again must tick it anew."""
        data: Any = self.data  # a QueryDict from the browser, a MultiValueDict from the draft
        self.data = data = data.copy()
        data.pop(self.add_prefix(agreement.document), None)


class AcceptAgreementsForm(AgreementTicks):
    use_required_attribute = False

    def __init__(self, *args: Any, asked_for: Sequence[Agreement], audience: str, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        if audience != agreements.COMPANY:
            for name in self.OF_A_COMPANY:
                del self.fields[name]
        self.ask_for(asked_for)
