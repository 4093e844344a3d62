from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.encrypted import EncryptedJSONField
from identity.models.user import User


class SentEmail(models.Model):
    """That an email went to an address, so that a report that it did not arrive can be believed.

    Of one to a person also what it said, without links.
    """

    token = models.CharField(max_length=32, help_text=_("The end of its Message-ID, which no one can guess."))
    address = models.EmailField()
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    template = models.CharField(max_length=100, blank=True, help_text=_("Empty if its text is not kept."))
    content = EncryptedJSONField(null=True, help_text=_("Subject and text, without links."))
    sent_at = models.DateTimeField()
    bounced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "address"], name="one_row_for_each_recipient")]
        indexes = [
            models.Index(fields=["sent_at"], name="sent_email_oldest"),
            models.Index(fields=["user", "-sent_at"], condition=~Q(template=""), name="sent_email_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.address}, {self.sent_at:%Y-%m-%d %H:%M}"
