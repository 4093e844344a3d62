"""Every change of a row, kept by the database itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import pghistory
from django.db import models

from identity.encrypted import EncryptedJSONField
from identity.models.found_by import Copied
from vendors.answers.fingerprints import FingerprintsField
from vendors.answers.search_words_field import SortKeyField, WordsField

Model = TypeVar("Model", bound=models.Model)


def with_history(model: type[Model], *, indexes: Sequence[models.Index] = ()) -> type[Model]:
    """Record every change of a row by database triggers, which bulk updates and SQL cannot slip past.

    What was recorded is neither changed nor deleted (identity.models.protected_rows).
    Not of what is encrypted: it is kept once. A change of keys is no change of the row, nor is what is copied or worked
    out here for the search. `indexes` are of the history's own table.
    """
    events = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
    tracked = pghistory.ObjForeignKey(related_name="history")
    left_out = (EncryptedJSONField, FingerprintsField, WordsField, Copied, SortKeyField, models.GeneratedField)
    secret = [field.name for field in model._meta.fields if isinstance(field, left_out)]
    track = pghistory.track(
        *events,
        model_name=f"{model.__name__}History",
        obj_field=tracked,
        exclude=secret or None,
        append_only=True,
        meta={"indexes": list(indexes)} if indexes else None,
    )
    return track(model)
