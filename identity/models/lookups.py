"""How addresses are looked up, each way by an index: whatever their case, by their beginning, by their domain."""

from __future__ import annotations

from django.contrib.postgres.indexes import OpClass
from django.db.models import CharField, Index, TextField, Transform
from django.db.models.functions import Lower


class Domain(Transform):
    """What is after the @, in small letters."""

    lookup_name = "domain"
    function = "split_part"
    template = "%(function)s(LOWER(%(expressions)s), '@', 2)"
    output_field = TextField()


CharField.register_lookup(Lower)
CharField.register_lookup(Domain)


def by_beginning(field: str, *, name: str) -> Index:
    return Index(OpClass(Lower(field), name="text_pattern_ops"), name=name)


def by_domain(field: str, *, name: str) -> Index:
    return Index(OpClass(Domain(field), name="text_pattern_ops"), name=name)
