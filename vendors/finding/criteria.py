"""What else vendors are found by. Each criterion is a field of the form, a parameter of the address, and a condition.

To add one, add it to CRITERIA: its field, and what must be true of the vendor (a Q of Vendor; a condition on other
tables as `pk__in`, so that it also works from a rate). What else was asked, such as the languages, is in `asked`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from identity.models import Failure, User
from identity.text_direction import gettext as _
from identity.typed.fields import Name
from vendors.answers import countries
from vendors.answers.service_catalogue import CAT_TOOLS, SPECIALISMS
from vendors.finding.results import away_soon
from vendors.models import AwayPeriod, BulkRow, LanguagePair, Standing, VendorState, VendorTag

ANY, NO_ONE, MINE = "any", "none", "me"
ANY_OF_THEM = gettext_lazy("any")
MAY_SEE_STANDINGS = "vendors.view_qualification"
CHOSEN = "chosen"
CERTIFIED = ["certified_translation"]


@dataclass(frozen=True)
class Asked:
    by: User
    values: Mapping[str, Any]  # of the whole form, cleaned


@dataclass(frozen=True)
class Criterion:
    name: str
    field: Callable[[User], forms.Field]
    where: Callable[[Any, Asked], Q]
    permission: str = ""  # to use it
    default: str = ""  # while the address says nothing


def choice(
    label: Any, choices: Iterable[tuple[str, Any]], *, empty: str | Promise | None = ANY_OF_THEM
) -> forms.ChoiceField:
    first = [] if empty is None else [("", empty)]
    return forms.ChoiceField(
        label=label,
        choices=[*first, *choices],
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choose one from the list.")},
    )


def _owners(by: User) -> forms.Field:
    staff = User.objects.filter(is_staff=True).order_by("email")
    named = [(str(user.pk), str(user)) for user in staff if user.pk != by.pk]
    return choice(gettext_lazy("Owner"), [(MINE, _("me")), (NO_ONE, _("no one")), *named])


def _owned(value: str, asked: Asked) -> Q:
    return Q(owner=None) if value == NO_ONE else Q(owner=asked.by.pk if value == MINE else value)


def _in_state(value: str, asked: Asked) -> Q:
    return ~Q(state=VendorState.ERASED) if value == ANY else Q(state=value)


def _sworn(value: str, asked: Asked) -> Q:
    if value == "certified":
        return Q(pk__in=LanguagePair.objects.filter(services__contains=CERTIFIED).order_by().values("vendor"))
    in_force = Q(profile__sworn_until=None) | Q(profile__sworn_until__gte=timezone.localdate())
    return Q(profile__sworn_authority__gt="") & in_force


def _available(value: str, asked: Asked) -> Q:
    kind = AwayPeriod.Kind.AWAY
    away = AwayPeriod.objects.filter(away_soon(timezone.localdate()), kind=kind)
    return ~Q(pk__in=away.order_by().values("vendor"))


def _with_case(value: str, asked: Asked) -> Q:
    return Q(user__in=Failure.objects.open().filter(user__isnull=False).order_by().values("user"))


def _chosen(value: int, asked: Asked) -> Q:
    """Ticked in the list of vendors by the same colleague, not long ago."""
    return Q(pk__in=BulkRow.objects.filter(run=value, run__by=asked.by).order_by().values("vendor"))


STATES = [(state.value, state.label) for state in VendorState if state != VendorState.ERASED]

CRITERIA = [
    Criterion(
        "specialism",
        lambda by: choice(gettext_lazy("Subject"), SPECIALISMS),
        lambda value, asked: Q(profile__specialisms__contains=[value]),
    ),
    Criterion(
        "qualified",
        lambda by: choice(
            gettext_lazy("Qualified"),
            [
                (Standing.CLAIMED.value, gettext_lazy("at least claimed")),
                (Standing.DOCUMENTED.value, gettext_lazy("at least documented")),
                (Standing.VERIFIED.value, gettext_lazy("verified")),
            ],
        ),
        lambda value, asked: Q(),  # Query.qualifying: it is about the pair as well
        permission=MAY_SEE_STANDINGS,
    ),
    Criterion(
        "sworn",
        lambda by: choice(
            gettext_lazy("Sworn or certified"),
            [
                ("sworn", gettext_lazy("sworn, and not expired")),
                ("certified", gettext_lazy("offers certified translation")),
            ],
        ),
        _sworn,
    ),
    Criterion(
        "available",
        lambda by: choice(gettext_lazy("Available"), [("yes", gettext_lazy("not away in the next two weeks"))]),
        _available,
    ),
    Criterion(
        "country",
        lambda by: choice(gettext_lazy("Country"), countries.choices()),
        lambda value, asked: Q(profile__country=value),
    ),
    Criterion(
        "tool",
        lambda by: choice(gettext_lazy("CAT tool"), CAT_TOOLS),
        lambda value, asked: Q(profile__cat_tools__contains=[value]),
    ),
    Criterion(
        "tag",
        lambda by: Name(
            label=gettext_lazy("Tag"),
            required=False,
            max_length=100,
            widget=forms.TextInput(attrs={"list": "known-tags", "autocomplete": "off"}),
        ),
        lambda value, asked: Q(pk__in=VendorTag.objects.filter(tag=value.casefold()).order_by().values("vendor")),
    ),
    Criterion("owner", _owners, _owned),
    Criterion(
        "state",
        lambda by: choice(gettext_lazy("State"), [*STATES, (ANY, gettext_lazy("any"))], empty=None),
        _in_state,
        default=VendorState.APPROVED.value,
    ),
    Criterion(
        "cases",
        lambda by: choice(gettext_lazy("Cases"), [("open", gettext_lazy("with an open case"))]),
        _with_case,
        permission="identity.view_failure",
    ),
    Criterion(
        CHOSEN,
        lambda by: forms.IntegerField(required=False, min_value=1, max_value=2**31, widget=forms.HiddenInput),
        _chosen,
        permission="vendors.export_vendors",
    ),
]


def for_user(user: User) -> list[Criterion]:
    return [criterion for criterion in CRITERIA if not criterion.permission or user.has_perm(criterion.permission)]
