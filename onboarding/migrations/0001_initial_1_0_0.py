import django.contrib.postgres.indexes
import django.db.models.deletion
import django.utils.timezone
import identity.encrypted
import identity.migration_operations
import identity.models.failure
import identity.models.found_by
import uuid
from django.conf import settings
from django.db import migrations, models

from vendors.migrations import _found_by as found_by


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('identity', '0001_initial_1_0_0'),
        ('vendors', '0001_initial_1_0_0'),
    ]

    operations = [
        identity.migration_operations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('vendor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='submissions', to='vendors.vendor')),
                ('kind', models.CharField(choices=[('onboarding', 'onboarding'), ('change', 'profile change'), ('carried_over', 'carried over')], default='onboarding', max_length=16)),
                ('reference', models.CharField(default=identity.models.failure.new_reference, editable=False, max_length=9, unique=True)),
                ('token', models.UUIDField(unique=True)),
                ('answers', identity.encrypted.EncryptedJSONField()),
                ('compared_with', models.ForeignKey(blank=True, help_text='What VM compares it with: the previous version or, for a change, the answers in force.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='onboarding.submission')),
                ('in_force', identity.encrypted.EncryptedJSONField(help_text='For a change: the answers in force when it was sent, without the account. VM compares it with these.', null=True)),
                ('previous', models.ForeignKey(blank=True, help_text='The version that it replaces.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='onboarding.submission')),
                ('changed', models.JSONField(default=list, help_text='Names of the steps whose answers are different from before.')),
                ('state', models.CharField(choices=[('waiting', 'waiting for review'), ('approved', 'approved'), ('changes_requested', 'changes requested'), ('declined', 'declined'), ('replaced', 'replaced by a newer version'), ('withdrawn', 'withdrawn by the vendor')], default='waiting', max_length=20)),
                ('submitted_at', models.DateTimeField(auto_now_add=True, verbose_name='sent')),
                ('reviewed_at', models.DateTimeField(blank=True, null=True)),
                ('reviewed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reason', models.TextField(blank=True, help_text='What the vendor is told about the decision as a whole.')),
                ('found_by', identity.models.found_by.CopiedWordsField()),
            ],
            options={
                'ordering': ['-submitted_at'],
                'indexes': [models.Index(fields=['state', 'submitted_at'], name='submission_by_state'), models.Index(fields=['-submitted_at', '-id'], name='submission_newest'), models.Index(fields=['state', 'kind', '-submitted_at', '-id'], name='submission_by_state_and_kind'), models.Index(fields=['kind', '-submitted_at', '-id'], name='submission_by_kind'), django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['found_by'], name='submission_by_words')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('vendor',), name='one_waiting_submission_per_vendor'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'approved', 'changes_requested', 'declined', 'replaced', 'withdrawn'])), name='submission_state_known'), models.CheckConstraint(condition=models.Q(('kind__in', ['onboarding', 'change', 'carried_over'])), name='submission_kind_known'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'carried_over'), _negated=True), ('state', 'approved'), _connector='OR'), name='carried_over_is_approved'), models.CheckConstraint(condition=models.Q(('kind', 'change'), models.Q(('state', 'replaced'), _negated=True), _connector='OR'), name='only_a_change_is_replaced')],
            },
        ),
        identity.migration_operations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('vendor', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='draft', to='vendors.vendor')),
                ('answers', identity.encrypted.EncryptedJSONField(default=dict)),
                ('completed', models.JSONField(default=list, help_text='Names of the steps whose answers are valid.')),
                ('problems', models.JSONField(default=list, help_text='Names of the steps with a wrong answer, rather than only a missing one.')),
                ('current_step', models.CharField(blank=True, help_text='Where the vendor stopped.', max_length=32)),
                ('revisions', models.JSONField(default=dict, help_text='How many times each step has been saved; each page carries its own count.')),
                ('failing', models.JSONField(default=dict, help_text='How many times in a row each field of a step was refused.')),
                ('notes', identity.encrypted.EncryptedJSONField(default=dict, help_text='For each step, what its page says about its last save: files refused, a case.')),
                ('saved_since', models.JSONField(default=list, help_text='Names of the steps saved since the answers were sent or decided on.')),
                ('based_on', models.ForeignKey(blank=True, help_text='The approved answers that a change is based on. Empty during onboarding.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='onboarding.submission')),
                ('touched', models.JSONField(default=list, help_text='Names of the steps saved since the draft was opened over approved answers.')),
                ('submission_token', models.UUIDField(default=uuid.uuid4, help_text='One submission per token, however often it is sent. Renewed when reopened.')),
                ('left_at', models.DateTimeField(blank=True, default=django.utils.timezone.now, help_text="When it became the vendor's turn. Empty while it is not.", null=True)),
                ('reminders_sent', models.PositiveSmallIntegerField(default=0, help_text='Sent automatically since the vendor stopped.')),
                ('reminded_at', models.DateTimeField(blank=True, help_text='When the vendor was last reminded since they stopped.', null=True)),
                ('stuck_reported_at', models.DateTimeField(blank=True, help_text='When VM was told that the reminders had no effect.', null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('left_at__isnull', False)), fields=['left_at'], name='draft_unfinished'), models.Index(condition=models.Q(('left_at__isnull', False)), fields=['current_step', 'left_at'], name='draft_by_step')],
            },
        ),
        identity.migration_operations.CreateModel(
            name='SectionReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='section_reviews', to='onboarding.submission')),
                ('step', models.CharField(max_length=32)),
                ('verdict', models.CharField(choices=[('open', 'not checked yet'), ('accepted', 'accepted'), ('change', 'please change')], max_length=16)),
                ('reason', models.TextField(blank=True, help_text='What the vendor is asked to change.')),
                ('reply', identity.encrypted.EncryptedJSONField(help_text='Why the vendor has left it as it is.', null=True)),
                ('version', models.PositiveIntegerField(default=1, help_text='A page sends back the version it showed.')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('submission', 'step'), name='section_reviewed_once'), models.CheckConstraint(condition=models.Q(('verdict__in', ['open', 'accepted', 'change'])), name='verdict_known'), models.CheckConstraint(condition=models.Q(('reason', ''), ('verdict', 'change'), _negated=True), name='asked_with_a_reason')],
            },
        ),
        identity.migration_operations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=32, unique=True)),
                ('rows', models.JSONField(default=list, help_text='Codes and numbers; the page puts them into words.')),
                ('is_capped', models.BooleanField(default=False)),
                ('computed_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'report',
                'verbose_name_plural': 'reports',
            },
        ),
        migrations.RunSQL(
            found_by.copy_words(by_vendor=('onboarding_submission',)),
            found_by.copy_words_no_more(by_vendor=('onboarding_submission',)),
        ),
    ]
