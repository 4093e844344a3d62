"""What each question is asked for, who sees the answer, and how long it is kept."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise, lazy
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from onboarding.forms import StepForm
from vendors.privacy import periods

Text = str | Promise

_STAFF = _("Vendor Management and the project managers who offer you work.")


def _how_long(sentence: str, **kept: str) -> Text:
    """As the settings of that name say when the page is shown."""
    return lazy(lambda: gettext(sentence) % {name: periods.in_words(of) for name, of in kept.items()}, str)()


_WHILE_WORKING = _how_long(
    gettext_noop(
        "While you work with us, and then for %(ended)s. If we don't start working together, for %(declined)s."
    ),
    ended="KEEP_ENDED_PROFILE_MONTHS",
    declined="KEEP_DECLINED_MONTHS",
)
_AS_EVIDENCE = _how_long(
    gettext_noop(
        "While you work with us, and then for %(evidence)s, because auditors ask who was qualified at the time of a "
        "job. If we don't start working together, for %(declined)s."
    ),
    evidence="KEEP_ENDED_EVIDENCE_MONTHS",
    declined="KEEP_DECLINED_MONTHS",
)
_TAX_LAW = _("While you work with us, and then for as long as tax law requires for invoices: up to ten years.")


@dataclass(frozen=True)
class PrivacyNotice:
    """For a group of questions, named as the forms name them."""

    about: Text
    questions: frozenset[str]
    why: Text
    who: Text
    how_long: Text


def of_page(step: str, form: StepForm) -> list[PrivacyNotice]:
    """About what is asked: an agency is asked other questions than a freelancer."""
    asked = set(map(form.question, form.fields))
    return [notice for notice in NOTICES.get(step, ()) if notice.questions & asked]


def _notice(
    about: Text, questions: str, *, why: Text, who: Text = _STAFF, how_long: Text = _WHILE_WORKING
) -> PrivacyNotice:
    return PrivacyNotice(about, frozenset(questions.split()), why, who, how_long)


NOTICES: dict[str, tuple[PrivacyNotice, ...]] = {
    "about": (
        _notice(
            _("Your name and your business"),
            "kind full_name display_name company_legal_name",
            why=_("The contract is with you or your company, and we want to address you correctly."),
        ),
    ),
    "contact": (
        _notice(
            _("How we reach you"),
            "phone contact_email billing_email",
            why=_("For job offers, for questions, and to make sure that a request comes from you."),
        ),
        _notice(
            _("Who to ask in your company"),
            "projects_name projects_phone accounts_name accounts_phone",
            why=_(
                "So that questions about projects and invoices reach the right person. Please let them know that you "
                "have given us their details."
            ),
            who=_("Vendor Management, project managers and Finance."),
        ),
        _notice(
            _("Your address"),
            "address_lines postal_code locality region country",
            why=_("It appears on contracts and purchase orders, and determines which tax rules apply."),
            who=_("Vendor Management, project managers and Finance."),
            how_long=_TAX_LAW,
        ),
        _notice(
            _("When you work"),
            "time_zone weekly_hours working_days notice",
            why=_("So that offers and deadlines suit you."),
        ),
    ),
    "languages": (
        _notice(
            _("Your languages"),
            "native_1 native_2 pairs",
            why=_("So that we only offer you work in your languages."),
        ),
    ),
    "services": (
        _notice(
            _("Services, subjects and tools"),
            "everywhere only specialisms cat_tools other_tools",
            why=_("So that we only offer you work that suits you."),
        ),
        _notice(
            _("Your authorisation as a sworn translator"),
            "sworn_authority sworn_number sworn_until",
            why=_("Clients and courts ask who swore a translator in."),
            who=_("Vendor Management, project managers and auditors; clients who order sworn translations."),
            how_long=_AS_EVIDENCE,
        ),
    ),
    "rates": (
        _notice(
            _("Your rates"),
            "currency usual unit own minimum_fee",
            why=_("Jobs are offered at these rates, and invoices are checked against them."),
            who=_("Vendor Management, project managers and Finance; never other vendors."),
            how_long=_TAX_LAW,
        ),
    ),
    "qualifications": (
        _notice(
            _("Degrees and experience"),
            "translation_degree degree_title institution institution_country graduated_in other_degree other_title "
            "other_institution other_country other_graduated_in has_worked work notes",
            why=_("ISO 17100 requires us to know how every translator is qualified."),
            who=_("Vendor Management and auditors; clients who ask."),
            how_long=_AS_EVIDENCE,
        ),
        _notice(
            _("Your files"),
            "cv degree degree_remove other_degree_copy other_degree_copy_remove certificates",
            why=_("They are evidence of your qualifications."),
            who=_("Vendor Management and auditors. We record each time someone opens a file."),
            how_long=_AS_EVIDENCE,
        ),
    ),
    "team": (
        _notice(
            _("Your linguists"),
            "linguists_in_house linguists_freelance in_house_pairs in_house_services selection revision working_notes",
            why=_("So that we know what your company can do for us, and how the work is checked."),
            how_long=_AS_EVIDENCE,
        ),
    ),
    "certificates": (
        _notice(
            _("Certificates and insurance"),
            "holds iso_17100 iso_18587 iso_9001 insurance",
            why=_("Clients and auditors ask us what our vendors are certified and insured for."),
            who=_("Vendor Management and auditors. We record each time someone opens a file."),
            how_long=_AS_EVIDENCE,
        ),
        _notice(
            _("Your undertaking and your linguists"),
            "undertakes linguist linguists",
            why=_("ISO 17100 requires us to know how every translator is qualified. Initials are enough."),
            who=_("Vendor Management and auditors."),
            how_long=_AS_EVIDENCE,
        ),
        _notice(
            _("Your references"),
            "client_references",
            why=_("So that we can ask your clients how good your work is."),
            who=_("Vendor Management."),
        ),
    ),
    "tax": (
        _notice(
            _("Your tax details"),
            "tax_residence registration_number vat_status vat_number tax_id",
            why=_("They must appear on invoices, and they determine who pays which tax."),
            who=_(
                "Vendor Management and Finance. A freelancer's numbers are kept encrypted and shown masked, and we "
                "record each time someone sees them in full."
            ),
            how_long=_TAX_LAW,
        ),
    ),
    "payment": (
        _notice(
            _("Your account"),
            "method holder holder_is_vendor holder_reason iban bic bank_country account_number bank_code paypal "
            "payout_currency",
            why=_("To pay you, and to make sure that it's you we pay."),
            who=_(
                "Finance. Your details are kept encrypted and shown masked, and we record each time someone sees them "
                "in full."
            ),
            how_long=_how_long(
                gettext_noop(
                    "Until you give us other details. If you stop working with us, for another %(payment)s, in case a "
                    "payment is late or is returned, unless you ask us to erase your data."
                ),
                payment="KEEP_ENDED_PAYMENT_MONTHS",
            ),
        ),
    ),
    "agreements": (
        _notice(
            _("What you agree to"),
            "confidentiality cooperation privacy",
            why=_("So that we both have proof of which text was accepted, when, and with which email address."),
            who=_("Vendor Management and auditors."),
        ),
        _notice(
            _("Who accepts for a company"),
            "signatory position may_sign",
            why=_("As proof that the person who accepted is authorised to sign for the company."),
            who=_("Vendor Management and auditors."),
        ),
    ),
}
