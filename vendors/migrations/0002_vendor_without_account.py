from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index is built beside the work of the release that is running only outside a transaction

    dependencies = [("vendors", "0001_initial_1_0_0")]
    operations = [
        AddIndexConcurrently(
            "vendor",
            models.Index(
                fields=["state_changed_at"],
                include=["id", "user"],
                condition=models.Q(state="approved", has_payment_details=False),
                name="vendor_without_account",
            ),
        ),
        RemoveIndexConcurrently("vendor", "vendor_without_payment"),
    ]
