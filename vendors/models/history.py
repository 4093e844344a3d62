"""Every change of a row, kept by the database itself."""

from __future__ import annotations

from typing import TypeVar

import pghistory
from django.db import models

Model = TypeVar("Model", bound=models.Model)


def with_history(model: type[Model]) -> type[Model]:
    """Record every change of a row by database triggers, which bulk updates and SQL cannot slip past."""
    events = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
    tracked = pghistory.ObjForeignKey(related_name="history")
    return pghistory.track(*events, model_name=f"{model.__name__}History", obj_field=tracked)(model)
