"""What a euro costs in other currencies, so that rates can be compared."""

from __future__ import annotations

from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models import protected_rows

BASE = "EUR"
# Of an amount in euros: of a price per character as well.
DECIMALS = 10

# Whoever writes a rate of a vendor holds it with others, whoever writes an exchange rate holds it alone: no rate is
# left behind that was worked out with the exchange rate before.
LOCK = "hashtext('vendors_exchangerate')"

CONVERT_RATES = pgtrigger.Trigger(
    name="convert_rates",
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    func=f"""
        PERFORM pg_advisory_xact_lock({LOCK});
        UPDATE vendors_rate SET in_euros = round(amount / newest.per_euro, {DECIMALS})
        FROM (SELECT per_euro FROM vendors_exchangerate WHERE currency = NEW.currency
              ORDER BY valid_on DESC, id DESC LIMIT 1) newest
        WHERE vendors_rate.currency = NEW.currency;
        RETURN NULL;
    """,
)


class ExchangeRateQuerySet(models.QuerySet["ExchangeRate"]):
    def in_force(self) -> ExchangeRateQuerySet:
        """The newest of each currency."""
        return self.order_by("currency", "-valid_on", "-id").distinct("currency")


class ExchangeRate(models.Model):
    """From its day on, until there is a newer one. Append-only: a wrong one is corrected by another of the same day."""

    currency = models.CharField(_("currency"), max_length=3, help_text=_("ISO 4217"))
    per_euro = models.DecimalField(
        _("for one euro"), max_digits=16, decimal_places=6, help_text=_("How much of the currency one euro buys.")
    )
    valid_on = models.DateField(_("date"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("added by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    added_at = models.DateTimeField(_("added"), auto_now_add=True)

    objects = ExchangeRateQuerySet.as_manager()

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints = [
            models.CheckConstraint(condition=Q(per_euro__gt=0), name="exchange_rate_positive"),
            models.CheckConstraint(condition=~Q(currency=BASE), name="exchange_rate_of_another_currency"),
        ]
        indexes = [models.Index(fields=["currency", "-valid_on", "-id"], name="exchange_rate_newest")]
        triggers = [protected_rows.append_only(), CONVERT_RATES]

    def __str__(self) -> str:
        return f"1 {BASE} = {self.shown} {self.currency}"

    @property
    def shown(self) -> str:
        """With as many decimals as it has, two at least."""
        amount = self.per_euro.normalize()
        return f"{amount:,.{max(2, -int(amount.as_tuple().exponent))}f}"

    def from_euros(self, amount: Decimal) -> Decimal:
        return amount * self.per_euro
