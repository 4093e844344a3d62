from django.db import migrations, models
from django.db.migrations.state import ModelState, ProjectState

from identity.migration_operations import CreateModel

KEY = ("id", models.BigAutoField(primary_key=True))


def state_with_a_writer() -> ProjectState:
    state = ProjectState()
    state.add_model(ModelState("library", "Writer", [KEY]))
    assert state.apps.get_model("library", "Writer")  # rendered, as after a first operation on the database
    return state


def after(operation: type[migrations.CreateModel]) -> ProjectState:
    state = state_with_a_writer()
    book = [KEY, ("writer", models.ForeignKey("library.Writer", models.CASCADE))]
    page = [KEY, ("book", models.ForeignKey("library.Book", models.CASCADE))]
    operation("Book", fields=book).state_forwards("library", state)
    operation("Page", fields=page).state_forwards("library", state)
    return state


def relations(state: ProjectState) -> set[tuple[str, str, str]]:
    return {
        (model._meta.label, field.name, field.related_model._meta.label)
        for model in state.apps.get_models()
        for field in model._meta.get_fields()
        if field.related_model
    }


def test_new_models_and_their_relations_are_those_of_django():
    assert relations(after(CreateModel)) == relations(after(migrations.CreateModel)) != set()
    assert after(CreateModel) == after(migrations.CreateModel)


def test_models_that_are_there_are_not_made_anew():
    state = state_with_a_writer()
    writer = state.apps.get_model("library", "Writer")

    CreateModel("Book", fields=[KEY, ("writer", models.ForeignKey("library.Writer", models.CASCADE))]).state_forwards(
        "library", state
    )

    assert state.apps.get_model("library", "Writer") is writer
