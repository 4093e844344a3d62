"""The filters of VM's list of vendors."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from identity import people_search
from identity.models import Failure, User
from identity.text_direction import gettext as _
from identity.text_direction import isolated
from identity.whole_numbers import is_whole_number
from vendors.colleagues import owners
from vendors.models import AwayPeriod, ClosedAs, CompanyDetails, ProfileCheck, VendorState
from vendors.payment import releases

MAY_SEE_CASES = "identity.view_failure"


class OwnerFilter(admin.SimpleListFilter):
    title = gettext_lazy("VM owner")
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        staff = User.objects.filter(is_staff=True).order_by("email")
        return [("none", _("no one")), *((str(user.pk), isolated(user)) for user in staff)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        if value == "none":
            return queryset.filter(owner=None)
        return queryset.filter(owner=value) if value and is_whole_number(value) else queryset


class WhoseFilter(people_search.WhoseFilter):
    """Of vendors themselves, so that the index of their owners answers it."""

    def theirs(self, user: User) -> Q:
        return owners.of_vendors(user, vendor="")


class WhoseVendorFilter(people_search.WhoseFilter):
    """Of rows about a vendor."""

    def theirs(self, user: User) -> Q:
        return owners.of_vendors(user)


class WaitsFilter(admin.SimpleListFilter):
    title = gettext_lazy("time in state")
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("week", _("for a week or longer"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "week":
            return queryset.filter(state_changed_at__lt=timezone.now() - dt.timedelta(days=7))
        return queryset


class CaseFilter(admin.SimpleListFilter):
    """For those who may see cases: others learn nothing of them, not even that there are any."""

    title = gettext_lazy("open case")
    parameter_name = "case"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", _("yes")), ("none", _("no"))] if request.user.has_perm(MAY_SEE_CASES) else []

    @classmethod
    def asks_for_open(cls, request: HttpRequest) -> bool:
        return request.GET.get(cls.parameter_name) == "open" and request.user.has_perm(MAY_SEE_CASES)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in ("open", "none"):
            return queryset
        has_case = Exists(Failure.objects.open().filter(user=OuterRef("user")))
        return queryset.filter(has_case if self.value() == "open" else ~has_case)


class ClosedAsFilter(admin.SimpleListFilter):
    title = gettext_lazy("how closed")
    parameter_name = "closed_as"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(ClosedAs.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(closed_as=self.value()) if self.value() in ClosedAs.values else queryset


class EmailChangeFilter(admin.SimpleListFilter):
    title = gettext_lazy("email change")
    parameter_name = "email_change"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", _("open"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "open":
            return queryset.filter(has_open_email_change=True)
        return queryset


class AwayFilter(admin.SimpleListFilter):
    title = gettext_lazy("availability")
    parameter_name = "away"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("now", _("away or partly available today"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "now":
            away = AwayPeriod.objects.current(today=timezone.localdate())
            return queryset.filter(pk__in=away.values("vendor"), state=VendorState.APPROVED)
        return queryset


class StillRightFilter(admin.SimpleListFilter):
    title = gettext_lazy("“Is this still right?”")
    parameter_name = "still_right"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("asked", _("asked, not answered yet")), ("overdue", _("not answered in time"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "asked":
            return queryset.filter(pk__in=ProfileCheck.objects.open().values("vendor"))
        if self.value() == "overdue":
            return queryset.filter(pk__in=ProfileCheck.objects.overdue(now=timezone.now()).values("vendor"))
        return queryset


class CarriedOverFilter(admin.SimpleListFilter):
    title = gettext_lazy("carried over")
    parameter_name = "carried_over"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("unconfirmed", _("not confirmed by the vendor yet")), ("all", _("confirmed or not"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in ("unconfirmed", "all"):
            return queryset
        carried_over = queryset.filter(carried_over_at__isnull=False)
        return carried_over.filter(confirmed_at=None) if self.value() == "unconfirmed" else carried_over


class PaymentFilter(admin.SimpleListFilter):
    title = gettext_lazy("payment details")
    parameter_name = "payment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("missing", _("approved, but none given"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "missing":
            return releases.without_account(queryset)
        return queryset


class LinguistsFilter(admin.SimpleListFilter):
    title = gettext_lazy("list of linguists")
    parameter_name = "linguists"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("to_sample", _("not sampled yet"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "to_sample":
            return queryset.filter(pk__in=CompanyDetails.objects.to_sample().values("vendor"))
        return queryset
