from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("onboarding", "0004_review_by_section"),
    ]

    operations = [
        migrations.RenameField(model_name="draft", old_name="over", new_name="based_on"),
        migrations.RenameField(model_name="submission", old_name="before", new_name="compared_with"),
        migrations.RenameField(model_name="submission", old_name="follows", new_name="previous"),
    ]
