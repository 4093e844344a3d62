from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

WITHOUT_ACCOUNT = models.Q(state="approved", has_payment_details=False)


def words(field, name):
    return GinIndex(fields=[field], condition=WITHOUT_ACCOUNT, fastupdate=False, name=name)


class Migration(migrations.Migration):
    atomic = False  # an index is built beside the work of the release that is running only outside a transaction

    dependencies = [("vendors", "0001_initial_1_0_0")]
    operations = [
        AddIndexConcurrently(
            "vendor",
            models.Index(
                fields=["state_changed_at"],
                include=["id", "user"],
                condition=WITHOUT_ACCOUNT,
                name="vendor_without_account",
            ),
        ),
        AddIndexConcurrently("vendor", words("search_words", "vendor_no_account_by_words")),
        AddIndexConcurrently("vendor", words("profile_words", "vendor_no_account_by_profile")),
        RemoveIndexConcurrently("vendor", "vendor_without_payment"),
    ]
