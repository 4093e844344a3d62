from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index is built beside the work of the release that is running only outside a transaction

    dependencies = [("vendors", "0003_statistics_of_payment")]
    operations = [
        AddIndexConcurrently(
            "pairstanding",
            models.Index(
                fields=["source", "target", "service", "specialism", "state", "vendor"],
                condition=models.Q(exception=True),
                name="pair_standing_excepted",
            ),
        ),
    ]
