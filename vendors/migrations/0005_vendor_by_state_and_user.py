from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index is built beside the work of the release that is running only outside a transaction

    dependencies = [("vendors", "0004_pair_standing_excepted")]
    operations = [
        AddIndexConcurrently(
            "vendor",
            models.Index(
                fields=["state", "state_changed_at"], include=["id", "user"], name="vendor_by_state_with_keys"
            ),
        ),
        AddIndexConcurrently(
            "vendor",
            models.Index(
                fields=["user"],
                include=["id", "state", "owner", "state_changed_at"],
                name="vendor_by_user_with_filters",
            ),
        ),
        RemoveIndexConcurrently("vendor", "vendor_by_state"),
    ]
