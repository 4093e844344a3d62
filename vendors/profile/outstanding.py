"""What was left for after approval, for the vendor and for VM alike: leaving it for later never hides it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vendors.models import Document
from vendors.onboarding_interface import onboarding
from vendors.qualifications.findings import Finding


@dataclass(frozen=True)
class Item:
    title: str | Promise
    why: str | Promise
    button: str | Promise
    url: Callable[[], str]  # where it is given


PAYMENT = Item(
    _("payment details"),
    _("We need them before we can pay your first invoice."),
    _("Add payment details"),
    lambda: reverse("vendors:payment"),
)
DEGREE = Item(
    _("degree certificate"),
    _("Your qualification under ISO 17100 depends on it, and an auditor will ask for it."),
    _("Send the certificate"),
    lambda: onboarding().change_urls()["qualifications"],
)
ISO_17100 = Item(
    _("evidence for ISO 17100"),
    _("Without your own certificate or an undertaking, we can't offer you work that has to meet the standard."),
    _("Add your certificate or undertaking"),
    lambda: onboarding().change_urls()["certificates"],
)


def of(*, has_payment: bool, findings: Iterable[Finding], documents: Iterable[Document]) -> list[Item]:
    """Ask the database nothing. A file that waits for VM is there already, and so is an account that waits."""
    kinds = {document.kind for document in documents if document.replaced_at is None}
    items = [] if has_payment else [PAYMENT]
    findings = list(findings)
    if any(finding.lacks_basis for finding in findings):
        items.append(ISO_17100)
    if Document.Kind.DEGREE not in kinds and any(finding.lacks_degree_copy for finding in findings):
        items.append(DEGREE)
    return items
