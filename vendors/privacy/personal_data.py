"""Everything Passport holds about one vendor, wherever it lies, found to be exported or erased.

What points to the vendor is found by walking the models, so that a new table is neither forgotten nor left behind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pghistory.models
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import ForeignObjectRel, Model, Q, QuerySet
from django.db.models.functions import Lower

from identity.models import EntraAccount, Invitation
from identity.text_direction import gettext as _
from identity.typed import cleaning
from identity.whole_numbers import is_whole_number
from vendors.models import EmailChange, Vendor, VendorState
from vendors.privacy import locks

NOBODY = "@erased.invalid"  # RFC 2606: a domain that will never exist


class NobodyThere(Exception):
    """No vendor has the address or ever had it."""

    def __init__(self, address: str) -> None:
        super().__init__(_("No vendor has, or ever had, the address %(address)s.") % {"address": address})


class SeveralThere(Exception):
    """Several vendors had the address once, and none has it now."""

    def __init__(self, address: str, vendors: Collection[Vendor]) -> None:
        super().__init__(
            _(
                "Several vendors have had the address %(address)s. Use the current address of the one you mean, or its "
                "number if it has none: %(addresses)s."
            )
            % {"address": address, "addresses": ", ".join(vendor.address or str(vendor.pk) for vendor in vendors)}
        )


def find(address: str) -> Vendor:
    """Whose address it is; if nobody's any more, whose it was. Of whoever is erased, only if something is locked.

    A duplicate has no address, nor has whoever is erased: they are found by their number too. Raise NobodyThere or
    SeveralThere.
    """
    if is_whole_number(address):
        without_address = Q(primary_email=None) | Q(locked_records__isnull=False)
        numbered = Vendor.objects.select_related("user").filter(without_address, pk=address).first()
        if numbered is not None:
            return numbered
    address = cleaning.address(address)
    if not address:
        raise NobodyThere(address)
    vendors = Vendor.objects.select_related("user").exclude(is_erased())
    holder = vendors.at_address(address).first()
    if holder:
        return holder
    changes = [_at(EmailChange, side, address, "vendor") for side in ("old", "new")]
    people = [_at(model, "address", address, "user") for model in (Invitation, EntraAccount)]
    former_holders = vendors.filter(
        Q(pk__in=changes[0]) | Q(pk__in=changes[1]) | Q(user__in=people[0]) | Q(user__in=people[1])
    ).order_by("pk")
    candidates = list(former_holders) or locks.at_address(address)
    if not candidates:
        raise NobodyThere(address)
    if len(candidates) > 1:
        raise SeveralThere(address, candidates)
    return candidates[0]


def _at(model: type[Model], field: str, address: str, asked: str) -> QuerySet:
    rows = model._default_manager.annotate(_address=Lower(field)).filter(_address=address.lower())
    return rows.order_by().values(asked)


def is_erased() -> Q:
    """The erasure is finished: nothing is left to be found."""
    return Q(state=VendorState.ERASED, primary_email__endswith=NOBODY)


def addresses_of(vendor: Vendor) -> list[str]:
    """Every address that is or was theirs, in lower case, without those that are somebody else's now."""
    user = vendor.user
    known = {vendor.address, user.email}
    known.update(*vendor.email_changes.values_list("old", "new"))
    known.update(vendor.email_change_requests.values_list("new", flat=True))
    known.update(vendor.acceptances.values_list("address", flat=True))
    known.update(Invitation.objects.filter(user=user).values_list("address", flat=True))
    known.update(*EntraAccount.objects.filter(user=user).values_list("address", "signed_in_as"))
    lower = {address.lower() for address in known if address}
    others = Vendor.objects.exclude(pk=vendor.pk).annotate(_address=Lower("primary_email")).filter(_address__in=lower)
    return sorted(lower - {other.address.lower() for other in others})


def names_of(vendor: Vendor) -> list[str]:
    """What Passport has called them in its sentences."""
    former = history_of([vendor])["vendor history"]
    called = {vendor.name, *former.values_list("name", flat=True)}
    return sorted(name for name in called if name)


def rows_of(vendors: Collection[Vendor] | QuerySet[Vendor]) -> dict[str, QuerySet]:
    """The rows that point to these vendors, by name of the relation."""
    return {
        name: model._base_manager.filter(**{f"{field}__in": vendors}).order_by("pk")
        for name, model, field in (*_relations(), *_further_relations())
        if not issubclass(model, pghistory.models.Event)
    }


def history_of(vendors: Collection[Vendor] | QuerySet[Vendor]) -> dict[str, QuerySet]:
    """What the triggers kept of them, also of rows that are gone."""
    return {
        model._meta.verbose_name_raw: model._base_manager.filter(**{f"{field}__in": vendors}).order_by("pk")
        for _name, model, field in _relations()
        if issubclass(model, pghistory.models.Event)
    }


def _relations() -> Iterator[tuple[str, type[Model], str]]:
    for relation in Vendor._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and not relation.many_to_many:
            model = relation.related_model
            name = (relation.related_name or "").strip("+")
            yield name or str(model._meta.verbose_name), model, relation.field.name


def _further_relations() -> Iterator[tuple[str, type[Model], str]]:
    """Tables that point to the vendor through another one, such as the verdicts on a submission."""
    direct = list(_relations())
    known = {Vendor, *(model for _name, model, _field in direct)}
    for _name, between, field in direct:
        for relation in between._meta.get_fields(include_hidden=True):
            if isinstance(relation, ForeignObjectRel) and relation.related_model not in known:
                model = relation.related_model
                yield str(model._meta.verbose_name), model, f"{relation.field.name}__{field}"


def log_entries(querysets: Collection[QuerySet]) -> QuerySet[LogEntry]:
    """What Django's admin noted about these rows; it keeps their names."""
    about = Q(pk=None)
    for rows in querysets:
        ids = [str(pk) for pk in rows.order_by().values_list("pk", flat=True)]
        if ids:
            about |= Q(content_type=ContentType.objects.get_for_model(rows.model), object_id__in=ids)
    return LogEntry.objects.filter(about)
