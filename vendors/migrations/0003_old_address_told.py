from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('vendors', '0002_disputed_change_confirmed'),
        ('vendors', '0002_virus_scan'),
    ]

    operations = [
        migrations.AddField(
            model_name='emailchange',
            name='old_told_at',
            field=models.DateTimeField(blank=True, help_text='When the old address was told of it.', null=True),
        ),
    ]
