"""`user.vendor`, which every page of a vendor asks for, by a compiled look-up."""

from __future__ import annotations

from typing import Any

from django.db.models.fields.related_descriptors import ReverseOneToOneDescriptor

from identity.compiled_queries import Compiled, Given
from identity.models import User
from vendors.models import Vendor

BY_USER = Compiled(lambda: Vendor.objects.filter(user=Given("user")))


class VendorOfUser(ReverseOneToOneDescriptor):
    """As Django's own in everything but how the row is found."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        if instance is not None and instance.pk is not None and not self.related.is_cached(instance):
            vendor = BY_USER.first(user=instance.pk)
            self.related.set_cached_value(instance, vendor)
            if vendor is not None:
                self.related.field.set_cached_value(vendor, instance)
        return super().__get__(instance, cls)


def install() -> None:
    setattr(User, "vendor", VendorOfUser(Vendor._meta.get_field("user").remote_field))  # noqa: B010  not in the stubs
