import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


def fill_in(apps, schema_editor):
    other = apps.get_model("vendors", "Qualification").objects.exclude(degree_title="")
    other = other.exclude(route="translation_degree")
    # Each row once: PostgreSQL does not index a table of which it has checks of rows to do.
    for name in ("Document", "DocumentHistory"):
        rows = apps.get_model("vendors", name).objects
        rows.filter(kind="degree", vendor__in=other.values("vendor")).update(slot="other_degree")
        rows.exclude(slot="other_degree").update(slot=models.F("kind"))
    for name in ("Qualification", "QualificationHistory"):
        model = apps.get_model("vendors", name)
        for row in model.objects.exclude(degree_title="").iterator():
            row.degrees = [
                {
                    "subject": "translation" if row.route == "translation_degree" else "other",
                    "title": row.degree_title,
                    "institution": row.institution,
                    "country": row.institution_country,
                    "year": row.graduated_in,
                }
            ]
            row.save(update_fields=["degrees"])


def take_back(apps, schema_editor):
    """One degree fits into the columns of before."""
    for name in ("Qualification", "QualificationHistory"):
        model = apps.get_model("vendors", name)
        for row in model.objects.exclude(degrees=[]).iterator():
            degree = row.degrees[0]
            row.degree_title, row.institution = degree["title"], degree["institution"]
            row.institution_country, row.graduated_in = degree["country"], degree["year"]
            row.save(update_fields=["degree_title", "institution", "institution_country", "graduated_in"])


class Migration(migrations.Migration):

    dependencies = [
        ('vendors', '0002_tax_availability_and_sworn'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='document',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='document',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='document',
            name='delete_delete',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='qualification',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='qualification',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='qualification',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='document',
            name='certificate',
            field=models.CharField(blank=True, choices=[('membership', 'membership of an association'), ('examination', "translators' examination"), ('sworn', "sworn translator's certificate"), ('insurance', 'liability insurance'), ('iso', 'ISO certificate'), ('other', 'another certificate')], max_length=16),
        ),
        migrations.AddField(
            model_name='document',
            name='expires_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='document',
            name='judged_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='document',
            name='judged_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='document',
            name='number',
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name='document',
            name='reminded_days_before',
            field=models.PositiveSmallIntegerField(blank=True, help_text='The last reminder that the vendor got of its end.', null=True),
        ),
        migrations.AddField(
            model_name='document',
            name='slot',
            field=models.CharField(default='', help_text='What it is for in the form; one file at a time.', max_length=32),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='document',
            name='state',
            field=models.CharField(choices=[('sent', 'not looked at yet'), ('verified', 'verified'), ('refused', 'not accepted')], default='sent', max_length=16),
        ),
        migrations.AddField(
            model_name='document',
            name='verdict',
            field=models.CharField(blank=True, help_text='How it was verified, or why it is not accepted.', max_length=500),
        ),
        migrations.AddField(
            model_name='documenthistory',
            name='certificate',
            field=models.CharField(blank=True, choices=[('membership', 'membership of an association'), ('examination', "translators' examination"), ('sworn', "sworn translator's certificate"), ('insurance', 'liability insurance'), ('iso', 'ISO certificate'), ('other', 'another certificate')], max_length=16),
        ),
        migrations.AddField(
            model_name='documenthistory',
            name='expires_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='documenthistory',
            name='judged_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='documenthistory',
            name='judged_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='documenthistory',
            name='number',
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name='documenthistory',
            name='reminded_days_before',
            field=models.PositiveSmallIntegerField(blank=True, help_text='The last reminder that the vendor got of its end.', null=True),
        ),
        migrations.AddField(
            model_name='documenthistory',
            name='slot',
            field=models.CharField(default='', help_text='What it is for in the form; one file at a time.', max_length=32),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='documenthistory',
            name='state',
            field=models.CharField(choices=[('sent', 'not looked at yet'), ('verified', 'verified'), ('refused', 'not accepted')], default='sent', max_length=16),
        ),
        migrations.AddField(
            model_name='documenthistory',
            name='verdict',
            field=models.CharField(blank=True, help_text='How it was verified, or why it is not accepted.', max_length=500),
        ),
        migrations.AddField(
            model_name='qualification',
            name='degrees',
            field=models.JSONField(blank=True, default=list, help_text='Subject, title, institution, country, year'),
        ),
        migrations.AddField(
            model_name='qualification',
            name='experience',
            field=models.JSONField(blank=True, default=list, help_text='See vendors.experience.Period'),
        ),
        migrations.AddField(
            model_name='qualificationhistory',
            name='degrees',
            field=models.JSONField(blank=True, default=list, help_text='Subject, title, institution, country, year'),
        ),
        migrations.AddField(
            model_name='qualificationhistory',
            name='experience',
            field=models.JSONField(blank=True, default=list, help_text='See vendors.experience.Period'),
        ),
        migrations.RunPython(fill_in, take_back),
        migrations.RemoveField(
            model_name='qualification',
            name='degree_title',
        ),
        migrations.RemoveField(
            model_name='qualification',
            name='graduated_in',
        ),
        migrations.RemoveField(
            model_name='qualification',
            name='institution',
        ),
        migrations.RemoveField(
            model_name='qualification',
            name='institution_country',
        ),
        migrations.RemoveField(
            model_name='qualificationhistory',
            name='degree_title',
        ),
        migrations.RemoveField(
            model_name='qualificationhistory',
            name='graduated_in',
        ),
        migrations.RemoveField(
            model_name='qualificationhistory',
            name='institution',
        ),
        migrations.RemoveField(
            model_name='qualificationhistory',
            name='institution_country',
        ),
        migrations.AlterField(
            model_name='qualification',
            name='experience_months',
            field=models.PositiveSmallIntegerField(default=0, help_text='Of translating, full-time equivalent, when it was approved'),
        ),
        migrations.AlterField(
            model_name='qualificationhistory',
            name='experience_months',
            field=models.PositiveSmallIntegerField(default=0, help_text='Of translating, full-time equivalent, when it was approved'),
        ),
        migrations.AddIndex(
            model_name='document',
            index=models.Index(condition=models.Q(('approved_at__isnull', False), ('expires_on__isnull', False)), fields=['expires_on'], name='document_by_expiry'),
        ),
        migrations.AddIndex(
            model_name='document',
            index=models.Index(condition=models.Q(('approved_at__isnull', False), ('state', 'sent')), fields=['uploaded_at'], name='document_to_verify'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='document',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "vendors_documenthistory" ("approved_at", "certificate", "content_type", "expires_on", "file", "id", "judged_at", "judged_by_id", "kind", "name", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reminded_days_before", "replaced_at", "sha256", "size", "slot", "state", "uploaded_at", "vendor_id", "verdict") VALUES (NEW."approved_at", NEW."certificate", NEW."content_type", NEW."expires_on", NEW."file", NEW."id", NEW."judged_at", NEW."judged_by_id", NEW."kind", NEW."name", NEW."number", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reminded_days_before", NEW."replaced_at", NEW."sha256", NEW."size", NEW."slot", NEW."state", NEW."uploaded_at", NEW."vendor_id", NEW."verdict"); RETURN NULL;', hash='801362790338e1d2896c3b63d0c87ed6160f2a25', operation='INSERT', pgid='pgtrigger_insert_insert_0542b', table='vendors_document', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='document',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "vendors_documenthistory" ("approved_at", "certificate", "content_type", "expires_on", "file", "id", "judged_at", "judged_by_id", "kind", "name", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reminded_days_before", "replaced_at", "sha256", "size", "slot", "state", "uploaded_at", "vendor_id", "verdict") VALUES (NEW."approved_at", NEW."certificate", NEW."content_type", NEW."expires_on", NEW."file", NEW."id", NEW."judged_at", NEW."judged_by_id", NEW."kind", NEW."name", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reminded_days_before", NEW."replaced_at", NEW."sha256", NEW."size", NEW."slot", NEW."state", NEW."uploaded_at", NEW."vendor_id", NEW."verdict"); RETURN NULL;', hash='55e1ab35b07b3b23baa1b327ddea20110b570525', operation='UPDATE', pgid='pgtrigger_update_update_cbca0', table='vendors_document', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='document',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "vendors_documenthistory" ("approved_at", "certificate", "content_type", "expires_on", "file", "id", "judged_at", "judged_by_id", "kind", "name", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reminded_days_before", "replaced_at", "sha256", "size", "slot", "state", "uploaded_at", "vendor_id", "verdict") VALUES (OLD."approved_at", OLD."certificate", OLD."content_type", OLD."expires_on", OLD."file", OLD."id", OLD."judged_at", OLD."judged_by_id", OLD."kind", OLD."name", OLD."number", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reminded_days_before", OLD."replaced_at", OLD."sha256", OLD."size", OLD."slot", OLD."state", OLD."uploaded_at", OLD."vendor_id", OLD."verdict"); RETURN NULL;', hash='c4ed1c6d1a794218c82f261134e0b27a91697174', operation='DELETE', pgid='pgtrigger_delete_delete_d0908', table='vendors_document', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='qualification',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "vendors_qualificationhistory" ("degrees", "experience", "experience_months", "id", "notes", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "route", "vendor_id") VALUES (NEW."degrees", NEW."experience", NEW."experience_months", NEW."id", NEW."notes", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."route", NEW."vendor_id"); RETURN NULL;', hash='f27cf5cadbf3fef487aab92256ef02479a0726b9', operation='INSERT', pgid='pgtrigger_insert_insert_2ca99', table='vendors_qualification', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='qualification',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "vendors_qualificationhistory" ("degrees", "experience", "experience_months", "id", "notes", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "route", "vendor_id") VALUES (NEW."degrees", NEW."experience", NEW."experience_months", NEW."id", NEW."notes", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."route", NEW."vendor_id"); RETURN NULL;', hash='26ed940db8fcb770966e33b6ca412c306b411ec2', operation='UPDATE', pgid='pgtrigger_update_update_941d3', table='vendors_qualification', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='qualification',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "vendors_qualificationhistory" ("degrees", "experience", "experience_months", "id", "notes", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "route", "vendor_id") VALUES (OLD."degrees", OLD."experience", OLD."experience_months", OLD."id", OLD."notes", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."route", OLD."vendor_id"); RETURN NULL;', hash='26c46c4dd615ff9ff713bac1f4073a85a88ddbfa', operation='DELETE', pgid='pgtrigger_delete_delete_138db', table='vendors_qualification', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.UniqueConstraint(condition=models.Q(('replaced_at', None)), fields=('vendor', 'slot'), name='one_current_document_per_slot'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['sent', 'verified', 'refused'])), name='document_state_known'),
        ),
    ]
