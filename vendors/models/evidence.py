"""What shows that a vendor is qualified, what VM has found out about it, and what follows from it today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models import protected_rows
from identity.models.found_by import CopiedWordsField
from identity.models.found_by import index as index_of_words
from vendors.models.document import EXPIRES_SOON, Document
from vendors.models.vendor import Vendor, VendorState


class EvidenceKind(models.TextChoices):
    CV = "cv", _("CV")
    DEGREE = "degree", _("degree in translation or languages")
    OTHER_DEGREE = "other_degree", _("degree in another subject")
    EXPERIENCE = "experience", _("period of work")
    REGISTER = "register", _("entry in a register of sworn translators")
    CERTIFICATE = "certificate", _("certificate")
    COMPANY_CERTIFICATE = "company_certificate", _("company's certificate")
    LINGUISTS = "linguists", _("list of linguists")
    # Not evidence of anything: it is in this table because it ends, like a certificate.
    EXCEPTION = "exception", _("exception")


class Verification(models.Model):
    """That VM found one piece of evidence to be true: who, when and how. It belongs to what was verified.

    `fingerprint` says which content that was, so other content under the same heading is not verified by it. Nothing
    is deleted: a verification that turned out to be wrong is revoked, with the reason.
    """

    class Method(models.TextChoices):
        ORIGINAL_SEEN = "original_seen", _("saw the original")
        ISSUER_CONFIRMED = "issuer_confirmed", _("the university, body or insurer confirmed it")
        REGISTER_CHECKED = "register_checked", _("looked it up in the register")
        REFERENCE_CALLED = "reference_called", _("called a reference")
        REFERENCE_WROTE = "reference_wrote", _("a reference confirmed it in writing")
        WORK_SEEN = "work_seen", _("saw contracts, invoices or published work")
        CV_READ = "cv_read", _("read the CV and compared it with the answers")
        SAMPLED = "sampled", _("checked a sample of the list")
        OTHER = "other", _("another way")

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="verifications")
    kind = models.CharField(max_length=24, choices=EvidenceKind.choices)
    fingerprint = models.CharField(max_length=64, help_text=_("SHA-256 of what was verified."))
    method = models.CharField(max_length=24, choices=Method.choices)
    note = models.CharField(max_length=500, blank=True, help_text=_("What was found out, and from whom."))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    revoked_why = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "fingerprint"], condition=Q(revoked_at=None), name="evidence_verified_once"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_why="") | Q(revoked_at__isnull=False) & ~Q(revoked_why=""),
                name="verification_revoked_with_a_reason",
            ),
        ]
        triggers = [protected_rows.fixed(pgtrigger.AnyChange("vendor", "kind", "fingerprint", "method", "note", "at"))]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}{' (revoked)' if self.revoked_at else ''}"

    @property
    def how(self) -> str:
        """In words, as the record of a document keeps it."""
        method = str(self.get_method_display())
        return f"{method[:1].upper()}{method[1:]}. {self.note}".strip()


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def to_verify(self) -> EvidenceQuerySet:
        """Of vendors whose evidence counts, or will when their submission is approved."""
        return self.filter(is_open=True, vendor_state__in=Evidence.WORKED_ON)

    def expiring(self, *, today: dt.date) -> EvidenceQuerySet:
        """Expired, or about to. An exception that has ended is over, and nothing is to be done about it."""
        soon = self.filter(vendor_state=VendorState.APPROVED, valid_until__lte=today + EXPIRES_SOON)
        return soon.exclude(kind=EvidenceKind.EXCEPTION, valid_until__lt=today)


class Evidence(models.Model):
    """One piece of evidence of a vendor as it is today: what VM has to verify, and what is going to expire.

    Written by evidence.standing.refresh() only, from the approved profile or, until there is one, from the submission
    that is waiting. What the piece says is there; here is a fingerprint of it.
    """

    Kind = EvidenceKind
    WORKED_ON = (VendorState.APPROVED, VendorState.SUBMITTED)

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="evidence")
    kind = models.CharField(max_length=24, choices=EvidenceKind.choices)
    fingerprint = models.CharField(max_length=64)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, null=True, blank=True, related_name="evidence")
    verification = models.ForeignKey(
        Verification, on_delete=models.SET_NULL, null=True, blank=True, related_name="evidence"
    )
    is_open = models.BooleanField(help_text=_("Neither verified nor rejected."))
    valid_until = models.DateField(null=True, blank=True)
    since = models.DateTimeField(auto_now_add=True)
    # Copied by a trigger of the vendor's table, so that the queues are read from one index.
    vendor_state = models.CharField(max_length=20, choices=VendorState.choices)
    found_by = CopiedWordsField()

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["-since", "-id"]
        verbose_name = _("piece of evidence")
        verbose_name_plural = _("evidence")
        constraints = [
            models.UniqueConstraint(fields=["vendor", "kind", "fingerprint"], name="evidence_once"),
        ]
        indexes = [
            models.Index(
                fields=["since", "id"],
                condition=Q(is_open=True, vendor_state__in=["approved", "submitted"]),
                name="evidence_to_verify",
            ),
            models.Index(
                fields=["valid_until", "id"],
                condition=Q(valid_until__isnull=False, vendor_state="approved"),
                name="evidence_by_expiry",
            ),
            models.Index(fields=["-since", "-id"], name="evidence_newest"),
            index_of_words(name="evidence_by_words"),
        ]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def title(self) -> str:
        by_its_file = self.kind in (EvidenceKind.CERTIFICATE, EvidenceKind.COMPANY_CERTIFICATE)
        return self.document.title if by_its_file and self.document else str(self.get_kind_display())

    @property
    def is_exception(self) -> bool:
        return self.kind == EvidenceKind.EXCEPTION


class IsoException(models.Model):
    """That a vendor may be used for one service in one pair although the evidence is not enough, and until when.

    It never counts as qualified, and is reported apart. An empty specialism covers all subjects.
    """

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="iso_exceptions")
    source = models.CharField(max_length=35)
    target = models.CharField(max_length=35)
    service = models.CharField(max_length=32)
    specialism = models.CharField(max_length=32, blank=True)
    reason = models.CharField(max_length=500)
    until = models.DateField(help_text=_("The last day."))
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    granted_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-granted_at", "-id"]
        permissions = [("grant_iso_exception", "Can grant and withdraw exceptions to ISO standards")]
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "source", "target", "service", "specialism", "until"],
                condition=Q(withdrawn_at=None),
                name="iso_exception_once",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="iso_exception_has_a_reason"),
        ]
        triggers = [
            protected_rows.fixed(
                pgtrigger.AnyChange(
                    "vendor", "source", "target", "service", "specialism", "reason", "until", "granted_at"
                )
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.target} {self.service} until {self.until}"

    def covers(self, *, source: str, target: str, service: str, specialism: str) -> bool:
        return (self.source, self.target, self.service) == (source, target, service) and self.specialism in (
            "",
            specialism,
        )


class Measure(models.TextChoices):
    """What a service is judged by."""

    ISO_17100 = "iso_17100", "ISO 17100"
    ISO_18587 = "iso_18587", "ISO 18587"
    REGISTER = "register", _("the register of sworn translators")
    NONE = "none", _("no standard")


class Standing(models.TextChoices):
    """How far it is shown that a vendor is qualified. `rank` puts them in order."""

    NONE = "none", _("not qualified")
    CLAIMED = "claimed", _("claimed")
    DOCUMENTED = "documented", _("documented")
    VERIFIED = "verified", _("verified")

    @property
    def rank(self) -> int:
        return list(Standing).index(self)


class PairStandingQuerySet(models.QuerySet["PairStanding"]):
    def answering(
        self,
        *,
        sources: Collection[str],
        targets: Collection[str],
        service: str,
        specialism: str = "",
        at_least: Standing = Standing.CLAIMED,
    ) -> PairStandingQuerySet:
        """Who is at least so far qualified today, by an index. Only revisers are judged subject by subject, so for
        other services `specialism` makes no difference here: whether it is offered is in the profile."""
        states = [state for state in Standing if state.rank >= at_least.rank]
        subject = specialism if service in PairStanding.BY_SUBJECT else ""
        return self.filter(
            source__in=sources, target__in=targets, service=service, specialism=subject, state__in=states
        )


class PairStanding(models.Model):
    """What a vendor is qualified for today. Written by evidence.standing.refresh() only.

    With an empty specialism it is true of some subject at least. Services without a measure have no row.
    """

    BY_SUBJECT = ("revision",)

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="standings")
    source = models.CharField(max_length=35)
    target = models.CharField(max_length=35)
    service = models.CharField(max_length=32)
    specialism = models.CharField(max_length=32, blank=True)
    measure = models.CharField(max_length=16, choices=Measure.choices)
    state = models.CharField(max_length=16, choices=Standing.choices)
    exception = models.BooleanField(default=False, help_text=_("An exception is in force. It is not a qualification."))
    recheck_on = models.DateField(null=True, blank=True, help_text=_("When the passing of time can change it."))

    objects = PairStandingQuerySet.as_manager()

    class Meta:
        ordering = ["source", "target", "service", "specialism"]
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "source", "target", "service", "specialism"], name="pair_standing_once"
            ),
            models.CheckConstraint(condition=~Q(source=F("target")), name="pair_standing_differs"),
        ]
        indexes = [
            models.Index(
                fields=["source", "target", "service", "specialism", "state", "vendor"], name="pair_standing_by_pair"
            ),
            models.Index(
                fields=["source", "target", "service", "specialism", "state", "vendor"],
                condition=Q(exception=True),
                name="pair_standing_excepted",
            ),
            models.Index(fields=["recheck_on"], condition=Q(recheck_on__isnull=False), name="pair_standing_to_recheck"),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.target} {self.service} {self.specialism} {self.state}".replace("  ", " ")

    @property
    def level(self) -> Standing:
        return Standing(self.state)


class QualificationExport(models.Model):
    """That the report "Who is qualified" was taken out of Passport: by whom, when, and which question it answers."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    day = models.DateField()
    source = models.CharField(max_length=35)
    target = models.CharField(max_length=35)
    service = models.CharField(max_length=32)
    specialism = models.CharField(max_length=32, blank=True)
    reason = models.CharField(max_length=300)

    class Meta:
        ordering = ["-at", "-id"]
        triggers = [protected_rows.append_only()]
        indexes = [models.Index(fields=["-at", "-id"], name="qualification_export_newest")]

    def __str__(self) -> str:
        return f"{self.source} → {self.target} {self.service}, {self.day}"
