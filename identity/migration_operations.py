"""Operations of migrations beyond Django's and pgtrigger's."""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class InstallTriggers(Operation):
    """Install the triggers that the models of an initial migration name in their options.

    pgtrigger would add each by an operation of its own, after each of which Django makes all models of the history
    anew: that took longer than everything else an empty database needs. The triggers go with their tables.
    """

    reduces_to_sql = True
    reversible = True

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The options of the models have them already."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for (label, _name), model in to_state.models.items():
            for trigger in model.options.get("triggers", []) if label == app_label else []:
                schema_editor.execute(trigger.install_sql, params=None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """The triggers go with their tables."""

    def describe(self) -> str:
        return "Install the models' triggers"


class CreateModel(migrations.CreateModel):
    """Django's, which rebuilds the classes of all models related to a new one: those of vendors sixty times.

    A new model that points to others does not change them, so only it is made. The rest was most of the time that
    the initial migrations took.
    """

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        rendered = state.__dict__.pop("apps", None)
        super().state_forwards(app_label, state)
        if rendered is not None:
            state.apps = rendered
            rendered.render_multiple([state.models[app_label, self.name_lower]])
