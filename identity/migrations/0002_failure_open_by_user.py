from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index is built beside the work of the release that is running only outside a transaction

    dependencies = [("identity", "0001_initial_1_0_0")]
    operations = [
        AddIndexConcurrently(
            "failure",
            models.Index(fields=["user"], condition=models.Q(state="open"), name="failure_open_by_user"),
        ),
    ]
