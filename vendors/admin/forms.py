"""What VM types in about a vendor: adding one, changing an address, giving a reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity import text_direction
from identity.invitations.lifecycle import AddressNotInvitable, check_address
from identity.models import User
from identity.typed.fields import AddressToJudge, Name
from vendors import addresses
from vendors.email_change import lifecycle as email_change
from vendors.models import EmailChange, Vendor


def link(vendor: Vendor) -> str:
    return format_html(
        '<a href="{}"><bdi translate="no">{}</bdi></a>',
        reverse("admin:vendors_vendor_change", args=[vendor.pk]),
        vendor,
    )


def taken(error: addresses.AddressTaken) -> ValidationError:
    """The refusal as a sentence that leads to the vendor who has the address."""
    text = (
        _("This address is part of an open email change for {}.")
        if error.in_change
        else _("This address is already the primary email of {}.")
    )
    return ValidationError(format_html(text, link(error.vendor)), code="taken")


class AsksOnce(forms.Form):
    """Raises doubts about an address once; sending the same address again overrules them."""

    address_field = ""

    confirmed_address = forms.CharField(required=False, widget=forms.HiddenInput)

    def doubts(self, address: str) -> Iterable[str]:
        meant = addresses.suggestion(address)
        if meant:
            yield format_html(_("Did you mean {}?"), text_direction.isolated(meant))
        former = addresses.former_holders(address, besides=self.vendor)
        if former:
            names = format_html_join(", ", "{}", [(link(vendor),) for vendor in former])
            yield format_html(_("This address once belonged to {}."), names)

    @property
    def vendor(self) -> Vendor | None:
        return None

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        address = values.get(self.address_field)
        if address and values.get("confirmed_address") != address:
            doubts = list(self.doubts(address))
            if doubts:
                doubts.append(_("If the address is right, press the button again."))
                text = format_html_join(" ", "{}", [(doubt,) for doubt in doubts])
                self.add_error(self.address_field, ValidationError(text, code="doubtful"))
                self.data = {**self.data.dict(), self.add_prefix("confirmed_address"): address}  # type: ignore[attr-defined]
        return values


class AddVendorForm(AsksOnce):
    address_field = "primary_email"

    name = Name(
        label=gettext_lazy("Name"),
        max_length=200,
        help_text=gettext_lazy("A person's or a company's name."),
        error_messages={"required": gettext_lazy("Enter the vendor's name.")},
    )
    primary_email = AddressToJudge(
        label=gettext_lazy("Primary email"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("The vendor is invited at this address and signs in with it."),
        error_messages={"required": gettext_lazy("Enter the vendor's email address.")},
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of Microsoft's invitation email"), choices=settings.VENDOR_LANGUAGES
    )
    owner = forms.ModelChoiceField(
        label=gettext_lazy("VM owner"), queryset=User.objects.filter(is_staff=True).order_by("email"), required=False
    )

    def clean_primary_email(self) -> str:
        try:
            address = check_address(self.cleaned_data["primary_email"])
            addresses.check_free(address)
        except AddressNotInvitable as error:
            raise ValidationError(str(error), code="not_invitable") from error
        except addresses.AddressTaken as error:
            raise taken(error) from error
        return address


class ChangeEmailForm(AsksOnce):
    address_field = "new"

    new = AddressToJudge(
        label=gettext_lazy("New address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Enter the new email address.")},
    )
    mode = forms.ChoiceField(
        label=gettext_lazy("The old address"),
        choices=[
            (
                EmailChange.Mode.PLANNED,
                gettext_lazy("works until the vendor signs in with the new one (planned move)"),
            ),
            (EmailChange.Mode.CUT_OFF, gettext_lazy("stops working now (lost, or in the wrong hands)")),
        ],
        widget=forms.RadioSelect,
        initial=EmailChange.Mode.PLANNED,
        error_messages={"required": gettext_lazy("Choose what happens to the old address.")},
    )
    how_known = forms.ChoiceField(
        label=gettext_lazy("How you know that it is them"),
        choices=[("", gettext_lazy("Choose one")), *EmailChange.HowKnown.choices],
        error_messages={"required": gettext_lazy("Choose how you know that it is them.")},
    )
    reason = Name(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("For your colleagues. Kept in the vendor's timeline."),
        error_messages={"required": gettext_lazy("Enter a reason.")},
    )

    def __init__(self, *args: Any, vendor: Vendor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._vendor = vendor
        if email_change.mode_for(vendor, cut_off=False) != EmailChange.Mode.PLANNED:
            # Nothing to choose: the old address was never used, or is cut off already.
            del self.fields["mode"]
        if email_change.mode_for(vendor, cut_off=False) == EmailChange.Mode.CORRECTION:
            del self.fields["how_known"]

    @property
    def vendor(self) -> Vendor:
        return self._vendor

    def clean_new(self) -> str:
        try:
            return email_change.check(self.vendor, new=self.cleaned_data["new"])
        except addresses.AddressTaken as error:
            raise taken(error) from error
        except (AddressNotInvitable, email_change.SameAddress, email_change.AddressBeforeOpenChange) as error:
            raise ValidationError(str(error), code="not_possible") from error

    @property
    def wants_cut_off(self) -> bool:
        return self.cleaned_data.get("mode") == EmailChange.Mode.CUT_OFF


class ReasonForm(forms.Form):
    reason = Name(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("For your colleagues. Kept in the vendor's timeline."),
        error_messages={"required": gettext_lazy("Enter a reason.")},
    )
