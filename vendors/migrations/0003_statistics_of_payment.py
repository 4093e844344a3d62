from django.db import migrations


class Migration(migrations.Migration):
    """PostgreSQL takes state and payment details for independent of each other, though next to nobody who is approved
    lacks them. It would expect so many that it walks through all vendors to find a few.
    """

    dependencies = [("vendors", "0002_vendor_without_account")]
    operations = [
        migrations.RunSQL(
            "CREATE STATISTICS vendor_payment_by_state (mcv) ON state, has_payment_details FROM vendors_vendor;"
            "ANALYZE vendors_vendor (state, has_payment_details);",
            "DROP STATISTICS vendor_payment_by_state;",
        ),
    ]
