"""The approved profile."""

from __future__ import annotations

from functools import partial

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from identity.encrypted import EncryptedJSONField
from identity.models import protected_rows
from identity.models.found_by import Copied
from vendors.answers.fingerprints import FingerprintsField
from vendors.answers.search_words_field import UpdatesWords, WordsField, WritesWords
from vendors.models import feed_triggers
from vendors.models.exchange_rate import BASE, DECIMALS, LOCK
from vendors.models.history import with_history
from vendors.models.payment_dispute import PaymentDispute
from vendors.models.vendor import Vendor, VendorState


class VendorKind(models.TextChoices):
    FREELANCER = "freelancer", _("a freelancer")
    COMPANY = "company", _("a company")
    THROUGH_COMPANY = "freelancer_via_company", _("a freelancer working through a company")


class VatStatus(models.TextChoices):
    REGISTERED = "registered", _("registered for VAT")
    EXEMPT_SMALL = "exempt_small", _("small business, charges no VAT")
    NOT_IN_SCOPE = "not_in_scope", _("outside the scope of VAT")


class Notice(models.TextChoices):
    SAME_DAY = "same_day", _("a few hours")
    DAY = "day", _("a day")
    FEW_DAYS = "few_days", _("two or three days")
    WEEK = "week", _("a week or more")


class Backwards(models.Transform):
    """The digits of a phone number from the last to the first: its end is the same with and without the country."""

    lookup_name = "backwards"
    template = "reverse(substring(%(expressions)s from '^[+0-9]*'))"
    output_field = models.TextField()


models.CharField.register_lookup(Backwards)


class Language(models.Func):
    """Of a tag, whatever its script and region: en of en-GB. A private tag is a language of its own."""

    template = "substring(%(expressions)s from '^(x-.*|[^-]+)')"
    output_field = models.CharField(max_length=35)


def language_of(field: str) -> models.GeneratedField:
    return models.GeneratedField(
        expression=Language(field), output_field=models.CharField(max_length=35), db_persist=True
    )


class CopiedCode(Copied, models.CharField):
    pass


class WorkedOutAmount(Copied, models.DecimalField):
    pass


# The search looks at the vendor's row alone. By the database, so that no way of writing a profile is left out.
WORDS_OF_VENDOR = pgtrigger.Trigger(
    name="words_of_vendor",
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("search_words") | pgtrigger.Delete,
    func="""
        IF TG_OP = 'DELETE' THEN
            UPDATE vendors_vendor SET profile_words = '{}' WHERE id = OLD.vendor_id;
        ELSE
            UPDATE vendors_vendor SET profile_words = NEW.search_words
            WHERE id = NEW.vendor_id AND profile_words <> NEW.search_words;
        END IF;
        RETURN NULL;
    """,
)


class ProfileQuerySet(UpdatesWords, models.QuerySet["Profile"]):
    pass


@with_history
class Profile(WritesWords, models.Model):
    """What VM approved about who the vendor is. Made and replaced by profile.adopt() only.

    A company's numbers are in columns of their own. A freelancer's may say who somebody is (a tax number is a personal
    number in many countries), so they are encrypted, all of them, and found by their fingerprints.
    """

    NUMBERS = ("registration_number", "vat_number", "tax_id")

    vendor = models.OneToOneField(Vendor, on_delete=models.CASCADE, related_name="profile")
    kind = models.CharField(max_length=32, choices=VendorKind.choices)
    full_name = models.CharField(max_length=200)
    display_name = models.CharField(max_length=100, blank=True)
    company_legal_name = models.CharField(max_length=200, blank=True)
    registration_number = models.CharField(max_length=40, blank=True)
    phone = models.CharField(max_length=32, help_text=_("E.164, and the extension"))
    phone_as_typed = models.CharField(max_length=60, blank=True, help_text=_("As the vendor writes it."))
    contact_email = models.EmailField(blank=True, help_text=_("Never used to recognise anyone."))
    billing_email = models.EmailField(blank=True, help_text=_("Never used to recognise anyone."))
    address_lines = models.CharField(max_length=300)
    locality = models.CharField(max_length=100)
    region = models.CharField(max_length=100, blank=True, help_text=_("ISO 3166-2 where we have a list"))
    postal_code = models.CharField(max_length=40, blank=True)
    country = models.CharField(max_length=2, help_text=_("ISO 3166-1"))
    time_zone = models.CharField(max_length=64, help_text=_("IANA name"))
    weekly_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    working_days = ArrayField(models.CharField(max_length=3), default=list, blank=True)
    notice = models.CharField(max_length=16, choices=Notice.choices, blank=True)
    tax_residence = models.CharField(max_length=2, blank=True, help_text=_("ISO 3166-1"))
    tax_id = models.CharField(max_length=40, blank=True)
    vat_status = models.CharField(max_length=16, choices=VatStatus.choices, blank=True)
    vat_number = models.CharField(max_length=40, blank=True, help_text=_("With its country prefix"))
    native_languages = ArrayField(models.CharField(max_length=35), default=list, help_text=_("BCP 47"))
    specialisms = ArrayField(models.CharField(max_length=32), default=list)
    cat_tools = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    sworn_authority = models.CharField(max_length=200, blank=True)
    sworn_number = models.CharField(max_length=60, blank=True)
    sworn_until = models.DateField(null=True, blank=True)
    minimum_fee = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, help_text=_("ISO 4217"))
    personal_numbers = EncryptedJSONField(
        default=dict, help_text=_("The numbers in NUMBERS that a freelancer has given.")
    )
    number_fingerprints = FingerprintsField(source="numbers_in_full")
    adopted_at = models.DateTimeField(auto_now=True)
    search_words = WordsField(sources=["full_name", "display_name", "company_legal_name"])

    objects = ProfileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="company") | Q(registration_number="", vat_number="", tax_id=""),
                name="numbers_of_a_person_are_encrypted",
            ),
        ]
        indexes = [
            GinIndex(fields=["number_fingerprints"], name="profile_by_number"),
            models.Index(OpClass("phone", name="text_pattern_ops"), name="profile_by_phone"),
            models.Index(OpClass(Backwards("phone"), name="text_pattern_ops"), name="profile_by_end_of_phone"),
            GinIndex(fields=["specialisms"], name="profile_by_specialism"),
            GinIndex(fields=["cat_tools"], name="profile_by_cat_tool"),
            models.Index(fields=["country"], name="profile_by_country"),
            models.Index(fields=["sworn_until"], condition=~Q(sworn_authority=""), name="profile_sworn"),
        ]
        triggers = [WORDS_OF_VENDOR, *feed_triggers.OF_PROFILE]

    def __str__(self) -> str:
        return self.full_name

    @property
    def numbers(self) -> dict[str, str]:
        """In full, by name, wherever they are kept."""
        in_clear = {name: getattr(self, name) for name in self.NUMBERS}
        kept = in_clear | self.personal_numbers
        return {name: kept[name] for name in self.NUMBERS if kept[name]}

    @property
    def numbers_in_full(self) -> list[str]:
        return list(self.numbers.values())

    @property
    def has_personal_numbers(self) -> bool:
        return bool(self.personal_numbers)


# What rates are compared by stands on the rate itself, so that one index finds those of a pair in order. By the
# database, so that no way of writing leaves it behind.
LANGUAGES_OF_RATES = pgtrigger.Trigger(
    name="languages_of_rates",
    when=pgtrigger.After,
    operation=pgtrigger.UpdateOf("source", "target"),
    func="""
        UPDATE vendors_rate SET source_language = NEW.source_language, target_language = NEW.target_language
        WHERE pair_id = NEW.id;
        RETURN NULL;
    """,
)
COMPARED_BY = pgtrigger.Trigger(
    name="compared_by",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("pair_id", "amount", "currency"),
    func=f"""
        PERFORM pg_advisory_xact_lock_shared({LOCK});
        SELECT source_language, target_language INTO NEW.source_language, NEW.target_language
        FROM vendors_languagepair WHERE id = NEW.pair_id;
        NEW.in_euros := round(NEW.amount / CASE WHEN NEW.currency = '{BASE}' THEN 1 ELSE (
            SELECT per_euro FROM vendors_exchangerate WHERE currency = NEW.currency
            ORDER BY valid_on DESC, id DESC LIMIT 1
        ) END, {DECIMALS});
        RETURN NEW;
    """,
)


@partial(
    with_history,
    # Who offered this direction on a day that is over.
    indexes=[models.Index(fields=["source", "target", "pgh_obj", "-pgh_created_at"], name="language_pairs_of_a_day")],
)
class LanguagePair(models.Model):
    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="language_pairs")
    source = models.CharField(max_length=35, help_text=_("BCP 47"))
    target = models.CharField(max_length=35, help_text=_("BCP 47"))
    services = ArrayField(models.CharField(max_length=32), default=list)
    source_language = language_of("source")
    target_language = language_of("target")

    class Meta:
        ordering = ["source", "target"]
        indexes = [
            models.Index(fields=["source_language", "target_language"], name="pair_by_languages"),
            models.Index(fields=["target_language"], name="pair_by_target_language"),
            GinIndex(fields=["services"], name="pair_by_service"),
        ]
        triggers = [LANGUAGES_OF_RATES, *feed_triggers.of_its_rows("source", "target", "services")]
        constraints = [
            models.UniqueConstraint(fields=["vendor", "source", "target"], name="language_pair_once"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="language_pair_differs"),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


@with_history
class Rate(models.Model):
    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="rates")
    pair = models.ForeignKey(LanguagePair, on_delete=models.CASCADE, related_name="rates")
    service = models.CharField(max_length=32)
    unit = models.CharField(max_length=16)
    amount = models.DecimalField(max_digits=10, decimal_places=4)
    currency = models.CharField(max_length=3, help_text=_("ISO 4217"))
    source_language = CopiedCode(max_length=35, blank=True, default="", editable=False)
    target_language = CopiedCode(max_length=35, blank=True, default="", editable=False)
    in_euros = WorkedOutAmount(
        max_digits=20,
        decimal_places=DECIMALS,
        null=True,
        editable=False,
        help_text=_("At the newest exchange rate; empty while there is none."),
    )

    class Meta:
        indexes = [
            models.Index(
                fields=[
                    "source_language",
                    "target_language",
                    "service",
                    "unit",
                    "in_euros",
                    "currency",
                    "amount",
                    "id",
                ],
                name="rate_to_compare",
            ),
            models.Index(
                fields=["service", "unit", "in_euros", "currency", "amount", "id"], name="rate_of_service_to_compare"
            ),
        ]
        triggers = [COMPARED_BY, *feed_triggers.of_its_rows("service", "unit", "amount", "currency")]
        constraints = [
            models.UniqueConstraint(fields=["pair", "service", "unit"], name="rate_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.amount} {self.currency} per {self.unit}"


@with_history
class Qualification(models.Model):
    """ISO 17100 3.1.4: by which route the translator's competence is shown."""

    class Route(models.TextChoices):
        TRANSLATION_DEGREE = "translation_degree", _("degree in translation, linguistics or languages")
        OTHER_DEGREE = "other_degree", _("another degree and two years of full-time experience")
        EXPERIENCE = "experience", _("five years of full-time experience")
        NONE = "none", _("none of the three routes yet")

    vendor = models.OneToOneField(Vendor, on_delete=models.CASCADE, related_name="qualification")
    route = models.CharField(max_length=32, choices=Route.choices)
    degrees = models.JSONField(default=list, blank=True, help_text=_("Subject, title, institution, country, year"))
    experience = models.JSONField(default=list, blank=True, help_text=_("See vendors.qualifications.experience.Period"))
    experience_months = models.PositiveSmallIntegerField(
        default=0, help_text=_("Months of translation work (full-time equivalent) at approval")
    )
    notes = models.CharField(max_length=1000, blank=True)

    def __str__(self) -> str:
        return self.get_route_display()


class PaymentDetailsQuerySet(models.QuerySet["PaymentDetails"]):
    def to_take_over(self) -> PaymentDetailsQuerySet:
        """What Finance has not entered yet in the payment system. Nothing is paid to what is disputed."""
        disputed = PaymentDispute.objects.filter(vendor=OuterRef("vendor"), ended_at=None)
        of_approved = self.filter(taken_over_at=None, vendor__state=VendorState.APPROVED)
        return of_approved.filter(~Exists(disputed))


class PaymentDetails(models.Model):
    """How we pay the vendor: encrypted at rest, masked on screen, every look at the whole recorded.

    Not under pghistory: a history row would keep what erasing must remove.
    """

    vendor = models.OneToOneField(Vendor, on_delete=models.CASCADE, related_name="payment_details")
    method = models.CharField(max_length=16)
    masked = models.CharField(max_length=60)
    details = EncryptedJSONField()
    iban_fingerprints = FingerprintsField(source="ibans")
    adopted_at = models.DateTimeField(_("in force since"), auto_now=True)
    taken_over_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When Finance entered them in the payment system.")
    )
    taken_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = PaymentDetailsQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("payment details")
        indexes = [
            models.Index(fields=["adopted_at"], condition=Q(taken_over_at=None), name="payment_to_take_over"),
            GinIndex(fields=["iban_fingerprints"], name="payment_details_by_iban"),
        ]

    def __str__(self) -> str:
        return self.masked

    @property
    def iban(self) -> str:
        return str(self.details.get("iban") or "")

    @property
    def ibans(self) -> list[str]:
        return [self.iban] if self.iban else []


class Acceptance(models.Model):
    """That this version of this document was accepted, by which account at which address, and when. Append-only.

    For a company somebody accepts who may sign for it. Erasing the vendor takes account, address and signatory, and
    leaves the rest.
    """

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="acceptances")
    document = models.CharField(max_length=32)
    version = models.CharField(max_length=16)
    language = models.CharField(max_length=16, default="en")
    sha256 = models.CharField(max_length=64, help_text=_("Of the text shown."))
    accepted_at = models.DateTimeField()
    oid = models.UUIDField(null=True, blank=True, help_text=_("The Entra account at that moment."))
    address = models.EmailField(help_text=_("The primary email at that moment."))
    audience = models.CharField(
        max_length=16,
        blank=True,
        help_text=_("Who it was accepted for. Empty before agreements named their audience."),
    )
    signatory = models.CharField(max_length=200, blank=True, help_text=_("Who accepted it for the company."))
    position = models.CharField(max_length=100, blank=True, help_text=_("Position of the signatory in the company."))
    may_sign = models.BooleanField(
        default=False, help_text=_("The signatory confirmed that they are authorised to sign for it.")
    )

    class Meta:
        ordering = ["-accepted_at"]
        constraints = [
            models.UniqueConstraint(fields=["vendor", "document", "version", "audience"], name="acceptance_once"),
        ]
        triggers = [protected_rows.append_only()]

    def __str__(self) -> str:
        return f"{self.document} {self.version}"
