import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import identity.encrypted
import identity.migration_operations
import identity.models.failure
import identity.models.found_by
import identity.models.lookups
import identity.models.user
import pgtrigger.compiler
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('procrastinate', '0041_post_retry_failed_job'),
    ]

    operations = [
        identity.migration_operations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(default=identity.models.user.new_username, editable=False, max_length=32, unique=True)),
                ('email', models.EmailField(blank=True, help_text='For display only. It is never used to recognise anyone.', max_length=254, verbose_name='address Microsoft last reported')),
                ('is_staff', models.BooleanField(default=False, verbose_name='staff')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), blank=True, default=list, help_text='App roles at the last sign-in. Staff only.', size=None)),
                ('is_emergency', models.BooleanField(default=False, help_text='A break-glass user made by emergency_link.', verbose_name='break-glass user')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last sign-in')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'person',
                'verbose_name_plural': 'people',
                'permissions': [('end_sessions', "Can end anyone's sessions, and switch staff access off and on")],
                'indexes': [models.Index(condition=models.Q(('is_staff', True)), fields=['email'], name='staff_by_email'), models.Index(fields=['-created_at', '-id'], name='user_newest'), models.Index(fields=['is_staff', '-created_at', '-id'], name='user_by_kind'), models.Index(fields=['is_active', '-created_at', '-id'], name='user_by_activity'), models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Lower('email'), name='text_pattern_ops'), name='user_by_email')],
            },
        ),
        identity.migration_operations.CreateModel(
            name='EntraAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tenant_id', models.UUIDField()),
                ('oid', models.UUIDField(verbose_name='object ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to=settings.AUTH_USER_MODEL)),
                ('guest', models.BooleanField()),
                ('created_by_passport', models.BooleanField(default=False, help_text='A look-up before the invitation found no one, so Passport may remove the guest.', verbose_name='created by Passport')),
                ('address', models.EmailField(blank=True, help_text='The address that was invited.', max_length=254)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('first_sign_in_at', models.DateTimeField(blank=True, null=True, verbose_name='first sign-in')),
                ('last_sign_in_at', models.DateTimeField(blank=True, null=True, verbose_name='last sign-in')),
                ('signed_in_as', models.EmailField(blank=True, help_text='The address Microsoft reported at the last sign-in. It may differ from the invited one.', max_length=254)),
                ('confirmed_own_at', models.DateTimeField(blank=True, help_text='When the person confirmed that the address they signed in with is their own.', null=True, verbose_name='confirmed as their own')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='revoked')),
                ('revoked_why', models.CharField(blank=True, choices=[('corrected', 'the address was a mistake'), ('cut_off', 'cut off by an email change'), ('replaced', 'the new address was used'), ('undone', 'the email change was undone'), ('withdrawn', 'the invitation was withdrawn'), ('disowned', 'the person said it was not their account'), ('repaired', 'the sign-in was repaired with a new guest'), ('erased', 'the vendor was erased'), ('closed', "the vendor's profile was closed"), ('duplicate', 'the vendor was closed as a duplicate')], max_length=16, verbose_name='why it was revoked')),
                ('guest_removed_at', models.DateTimeField(blank=True, null=True, verbose_name='guest removed')),
                ('found_by', identity.models.found_by.CopiedWordsField()),
            ],
            options={
                'verbose_name': 'Entra account',
                'indexes': [models.Index(fields=['-created_at', '-id'], name='account_newest'), models.Index(fields=['guest', '-created_at', '-id'], name='account_by_kind'), models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Lower('address'), name='text_pattern_ops'), name='account_by_address'), django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['found_by'], name='account_by_words')],
                'constraints': [models.UniqueConstraint(fields=('tenant_id', 'oid'), name='entra_account_once')],
                'triggers': [pgtrigger.compiler.Trigger(name='fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."oid" IS DISTINCT FROM (NEW."oid") OR OLD."tenant_id" IS DISTINCT FROM (NEW."tenant_id") OR OLD."user_id" IS DISTINCT FROM (NEW."user_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='faa9ddce61e1b332595a6644450e8580763f984f', operation='UPDATE', pgid='pgtrigger_fixed_137a2', table='identity_entraaccount', when='BEFORE'))],
            },
        ),
        identity.migration_operations.CreateModel(
            name='Device',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('id_hash', models.CharField(editable=False, max_length=64, unique=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='devices', to='identity.entraaccount')),
                ('browser', models.CharField(blank=True, help_text='In plain words, for example Firefox on Windows.', max_length=60)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('interactive_at', models.DateTimeField(help_text='When the person last signed in on a page in this browser. It stays signed in for 90 days from then.')),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        identity.migration_operations.CreateModel(
            name='DueDate',
            fields=[
                ('name', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('due_at', models.DateTimeField()),
            ],
        ),
        identity.migration_operations.CreateModel(
            name='Failure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(default=identity.models.failure.new_reference, editable=False, max_length=9, unique=True)),
                ('subject', models.CharField(help_text='user:<id>, oid:<guid>, address:<typed address>, unknown:<day> or passport; never null.', max_length=300)),
                ('stage', models.CharField(choices=[('invitation', 'invitation'), ('sign_in', 'sign-in'), ('onboarding', 'onboarding'), ('email_change', 'email change'), ('mail', 'email'), ('running', 'running Passport')], max_length=16)),
                ('reason', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('open', 'open'), ('resolved', 'resolved')], default='open', max_length=16)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='failures', to=settings.AUTH_USER_MODEL)),
                ('address', models.EmailField(blank=True, help_text="The vendor's address, as invited or typed in a form.", max_length=254)),
                ('is_typed', models.BooleanField(default=False, help_text='Someone typed the address in a form. Nothing proves whose it is.')),
                ('claimed_address', models.CharField(blank=True, help_text='What Microsoft reported. Shown, but never matched.', max_length=254, verbose_name='address according to Microsoft')),
                ('count', models.PositiveIntegerField(default=1, verbose_name='times')),
                ('mailed_count', models.PositiveIntegerField(default=0, help_text='How many of them VM has been told about.')),
                ('detail', models.JSONField(blank=True, default=dict, help_text='Codes and IDs for Microsoft support; no answers.')),
                ('first_seen_at', models.DateTimeField(verbose_name='first seen')),
                ('last_seen_at', models.DateTimeField(verbose_name='last seen')),
                ('opened_at', models.DateTimeField(default=django.utils.timezone.now, help_text='When it was last opened.')),
                ('worked_again_at', models.DateTimeField(blank=True, help_text='When someone got through after a common cause was last seen.', null=True)),
                ('mail_due_at', models.DateTimeField(blank=True, null=True)),
                ('mail_claimed_at', models.DateTimeField(blank=True, help_text='When a process started emailing VM about it.', null=True)),
                ('mailed_at', models.DateTimeField(blank=True, null=True, verbose_name='VM notified')),
                ('first_message_id', models.CharField(blank=True, help_text='The ID of the first email about it, which later ones refer to.', max_length=400)),
                ('assigned_to', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ('notes', models.TextField(blank=True)),
                ('resolved_at', models.DateTimeField(blank=True, null=True, verbose_name='resolved')),
                ('resolved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('resolved_how', models.CharField(blank=True, max_length=200, verbose_name='what was done')),
                ('found_by', identity.models.found_by.CopiedWordsField()),
            ],
            options={
                'verbose_name': 'case',
                'verbose_name_plural': 'cases',
                'ordering': ['-last_seen_at'],
                'permissions': [('resolve_failure', 'Can resolve a case')],
                'indexes': [models.Index(fields=['subject', 'stage'], name='failure_by_subject'), models.Index(fields=['state', '-last_seen_at'], name='failure_by_state'), models.Index(condition=models.Q(('state', 'open')), fields=['first_seen_at'], name='failure_open_oldest'), models.Index(condition=models.Q(('state', 'open')), fields=['reason', 'first_seen_at'], name='failure_open_oldest_by_reason'), models.Index(fields=['-last_seen_at', '-id'], name='failure_newest'), models.Index(fields=['stage', '-last_seen_at', '-id'], name='failure_by_stage'), models.Index(fields=['assigned_to', '-last_seen_at', '-id'], name='failure_by_assignee'), models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Lower('address'), name='text_pattern_ops'), name='failure_by_address'), models.Index(django.contrib.postgres.indexes.OpClass(identity.models.lookups.Domain('address'), name='text_pattern_ops'), name='failure_by_domain'), models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Lower('claimed_address'), name='text_pattern_ops'), name='failure_by_claimed_address'), django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['found_by'], name='failure_by_words'), models.Index(fields=['reason', 'state', '-last_seen_at', '-id'], name='failure_by_reason'), models.Index(fields=['stage', 'state', '-last_seen_at', '-id'], name='failure_by_stage_and_state'), models.Index(condition=models.Q(('assigned_to__isnull', True)), fields=['stage', '-last_seen_at', '-id'], name='failure_nobodys_by_stage'), models.Index(condition=models.Q(('assigned_to__isnull', True)), fields=['state', '-last_seen_at', '-id'], name='failure_nobodys_by_state'), models.Index(condition=models.Q(('assigned_to__isnull', True)), fields=['stage', 'state', '-last_seen_at', '-id'], name='failure_nobodys_by_both'), models.Index(condition=models.Q(('assigned_to__isnull', True)), fields=['reason', 'state', '-last_seen_at', '-id'], name='failure_nobodys_by_reason')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('subject', 'stage', 'reason'), name='one_open_failure_per_cause'), models.CheckConstraint(condition=models.Q(('subject', ''), _negated=True), name='failure_has_a_subject')],
                'triggers': [pgtrigger.compiler.Trigger(name='fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."first_seen_at" IS DISTINCT FROM (NEW."first_seen_at") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."subject" IS DISTINCT FROM (NEW."subject"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='58701a93d62ed269d9f4ae096260b6cf3713505e', operation='UPDATE', pgid='pgtrigger_fixed_ecf01', table='identity_failure', when='BEFORE'))],
            },
        ),
        identity.migration_operations.CreateModel(
            name='FailurePerson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('failure', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='people', to='identity.failure')),
                ('reference', models.CharField(default=identity.models.failure.new_reference, editable=False, help_text='Shown to someone who gave an address that Passport does not know.', max_length=9, unique=True)),
                ('who', models.CharField(help_text='As the subject of a case, or unknown.', max_length=300)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('address', models.EmailField(blank=True, max_length=254)),
                ('is_typed', models.BooleanField(default=False)),
                ('claimed_address', models.CharField(blank=True, max_length=254)),
                ('topic', models.CharField(blank=True, help_text='What makes another failure for the same person worth reporting: another question, another account.', max_length=254)),
                ('detail', models.JSONField(blank=True, default=dict)),
                ('count', models.PositiveIntegerField(default=1)),
                ('told_count', models.PositiveIntegerField(default=0, help_text='How many of them VM has been told about.')),
                ('first_seen_at', models.DateTimeField()),
                ('last_seen_at', models.DateTimeField()),
                ('waits_for_digest', models.BooleanField(default=False, help_text='Too little is known to tell VM before the digest.')),
                ('mail_counted_at', models.DateTimeField(blank=True, help_text='When the email about them was counted towards the hourly limit.', null=True)),
                ('reported_at', models.DateTimeField(blank=True, help_text='When VM was told about them.', null=True)),
                ('resolved_at', models.DateTimeField(blank=True, null=True)),
                ('got_further', models.BooleanField(default=False, help_text='They succeeded on their own; no one closed the case.')),
            ],
            options={
                'ordering': ['first_seen_at', 'pk'],
                'indexes': [models.Index(condition=models.Q(('resolved_at', None)), fields=['user'], name='failure_person_out'), models.Index(condition=models.Q(('reported_at', None)), fields=['failure'], name='failure_person_untold'), models.Index(condition=models.Q(('mail_counted_at__isnull', False)), fields=['mail_counted_at'], name='failure_person_counted'), models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Lower('address'), name='text_pattern_ops'), name='failure_person_by_address')],
                'constraints': [models.UniqueConstraint(models.F('failure'), models.F('who'), django.db.models.functions.text.Lower('address'), models.F('topic'), condition=models.Q(('resolved_at', None)), name='one_row_for_each_person_who_is_out')],
            },
        ),
        identity.migration_operations.CreateModel(
            name='GraphPause',
            fields=[
                ('kind', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('ends_at', models.DateTimeField()),
            ],
        ),
        identity.migration_operations.CreateModel(
            name='Heartbeat',
            fields=[
                ('name', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('beat_at', models.DateTimeField()),
            ],
        ),
        identity.migration_operations.CreateModel(
            name='Installation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('host', models.CharField(help_text='The address of Passport, up to and including the host.', max_length=260)),
                ('tenant_id', models.CharField(max_length=64)),
                ('installation_id', models.CharField(blank=True, help_text='Not compared when empty.', max_length=100)),
                ('claimed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('claimed_by', models.CharField(blank=True, max_length=100)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('restored_from', models.DateTimeField(blank=True, help_text='The time of the backup from which this database was restored. On hold until the database is released.', null=True)),
                ('erasures_expected', models.PositiveIntegerField(blank=True, help_text='How many erasures the list outside the database had at that time.', null=True)),
                ('erasures_replayed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-claimed_at', '-pk'],
            },
        ),
        identity.migration_operations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to=settings.AUTH_USER_MODEL)),
                ('account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='identity.entraaccount')),
                ('address', models.EmailField(max_length=254)),
                ('language', models.CharField(default='en', max_length=16)),
                ('state', models.CharField(choices=[('queued', 'queued'), ('sent', 'sent'), ('accepted', 'accepted'), ('refused', 'refused'), ('superseded', 'superseded'), ('withdrawn', 'withdrawn')], default='queued', max_length=16)),
                ('why', models.CharField(choices=[('added', 'vendor added'), ('resent', 'sent again'), ('email_change', 'email change'), ('undo', 'email change undone'), ('repair', 'sign-in repaired')], default='added', max_length=16)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_try_at', models.DateTimeField(blank=True, null=True, verbose_name='next attempt')),
                ('asked_at', models.DateTimeField(blank=True, help_text='When Graph was asked after a look-up had found no one. Cleared once Graph has responded.', null=True)),
                ('reason', models.CharField(blank=True, help_text='Code of the reason it was refused or last failed.', max_length=64)),
                ('last_error', models.CharField(blank=True, max_length=300)),
                ('graph_id', models.CharField(blank=True, help_text="Microsoft's ID for the invitation.", max_length=64)),
                ('request_id', models.CharField(blank=True, help_text="Microsoft's ID for the request.", max_length=64, verbose_name="Microsoft's request ID")),
                ('queued_at', models.DateTimeField(auto_now_add=True, verbose_name='queued')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed')),
                ('reminders_sent', models.PositiveSmallIntegerField(default=0)),
                ('found_by', identity.models.found_by.CopiedWordsField()),
            ],
            options={
                'ordering': ['-queued_at'],
                'indexes': [models.Index(fields=['state', 'sent_at'], name='invitation_by_state'), models.Index(fields=['-queued_at', '-id'], name='invitation_newest'), models.Index(fields=['state', '-queued_at', '-id'], name='invitation_newest_by_state'), models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Lower('address'), name='text_pattern_ops'), name='invitation_by_address'), models.Index(django.contrib.postgres.indexes.OpClass(identity.models.lookups.Domain('address'), name='text_pattern_ops'), name='invitation_by_domain'), django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['found_by'], name='invitation_by_words'), models.Index(condition=models.Q(('graph_id', ''), _negated=True), fields=['graph_id'], name='invitation_by_graph_id'), models.Index(condition=models.Q(('request_id', ''), _negated=True), fields=['request_id'], name='invitation_by_request_id')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['queued', 'sent'])), fields=('user',), name='one_open_invitation_per_user'), models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'sent', 'accepted', 'refused', 'superseded', 'withdrawn'])), name='invitation_state_known')],
            },
        ),
        identity.migration_operations.CreateModel(
            name='NetworkCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('network', models.CharField(max_length=64)),
                ('kind', models.CharField(max_length=16)),
                ('since', models.DateTimeField(db_index=True)),
                ('count', models.PositiveIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('network', 'kind'), name='one_count_per_network_and_kind')],
            },
        ),
        identity.migration_operations.CreateModel(
            name='SentEmail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(help_text='The end of its Message-ID, which no one can guess.', max_length=32)),
                ('address', models.EmailField(max_length=254)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('template', models.CharField(blank=True, help_text='Empty if its text is not kept.', max_length=100)),
                ('content', identity.encrypted.EncryptedJSONField(help_text='Subject and text, without links.', null=True)),
                ('sent_at', models.DateTimeField()),
                ('bounced_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['sent_at'], name='sent_email_oldest'), models.Index(condition=models.Q(('template', ''), _negated=True), fields=['user', '-sent_at'], name='sent_email_newest')],
                'constraints': [models.UniqueConstraint(fields=('token', 'address'), name='one_row_for_each_recipient')],
            },
        ),
        identity.migration_operations.CreateModel(
            name='Session',
            fields=[
                ('session_key', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='session key')),
                ('session_data', models.TextField(verbose_name='session data')),
                ('expire_date', models.DateTimeField(db_index=True, verbose_name='expire date')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to=settings.AUTH_USER_MODEL)),
                ('account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to='identity.entraaccount')),
                ('device', models.ForeignKey(blank=True, help_text='The browser that stays signed in.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='sessions', to='identity.device')),
                ('sid', models.CharField(blank=True, db_index=True, help_text="Entra's session ID, for sign-out.", max_length=64)),
            ],
            options={
                'verbose_name': 'session',
                'verbose_name_plural': 'sessions',
                'abstract': False,
            },
        ),
        identity.migration_operations.CreateModel(
            name='SignInAttempt',
            fields=[
                ('state_hash', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('binding_hash', models.CharField(max_length=64)),
                ('transaction', models.JSONField(default=dict, help_text='Nonce and PKCE verifier. Emptied when claimed.')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sign_in_attempts', to=settings.AUTH_USER_MODEL)),
                ('invitation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='identity.invitation')),
                ('address', models.EmailField(blank=True, help_text='Who we think pressed the button, if we can tell.', max_length=254)),
                ('purpose', models.CharField(blank=True, help_text='What a fresh sign-in is meant to prove. Empty for an ordinary sign-in.', max_length=32)),
                ('prompt', models.CharField(blank=True, max_length=16)),
                ('next_url', models.CharField(blank=True, max_length=500)),
                ('again', models.BooleanField(default=False)),
                ('by_program', models.BooleanField(db_default=False, default=False, help_text='Pressed by a program, such as a mail scanner. No one is notified if it is never finished.')),
                ('started_at', models.DateTimeField(db_index=True, verbose_name='started')),
                ('claimed_at', models.DateTimeField(blank=True, null=True, verbose_name='came back')),
                ('outcome', models.CharField(blank=True, choices=[('', 'under way'), ('succeeded', 'signed in'), ('failed', 'failed'), ('no_session', 'silent attempt, no one signed in'), ('silent', 'never came back')], default='', max_length=16)),
                ('says_when', models.BooleanField(help_text='Whether the token said when the person had signed in. Empty without a token.', null=True)),
                ('failure', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='attempts', to='identity.failure')),
                ('found_by', identity.models.found_by.CopiedWordsField()),
            ],
            options={
                'verbose_name': 'sign-in attempt',
                'ordering': ['-started_at'],
                'indexes': [models.Index(fields=['outcome', '-started_at'], name='attempt_by_outcome'), models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Lower('address'), name='text_pattern_ops'), name='attempt_by_address'), django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['found_by'], name='attempt_by_words')],
            },
        ),
        identity.migration_operations.CreateModel(
            name='EmergencyLink',
            fields=[
                ('token_hash', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='emergency_links', to=settings.AUTH_USER_MODEL)),
                ('role', models.CharField(max_length=32)),
                ('reason', models.CharField(max_length=300)),
                ('made_by', models.CharField(max_length=100)),
                ('created_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        identity.migration_operations.CreateModel(
            name='LoggedSignIn',
            fields=[
                ('log_id', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='logged_sign_ins', to='identity.entraaccount')),
                ('code', models.CharField(help_text='AADSTS number', max_length=12)),
                ('correlation_id', models.CharField(blank=True, max_length=64)),
                ('at', models.DateTimeField(db_index=True)),
            ],
            options={
                'ordering': ['-at'],
            },
        ),
        identity.migration_operations.CreateModel(
            name='UserEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to=settings.AUTH_USER_MODEL)),
                ('kind', models.CharField(choices=[('sessions_ended', 'sessions ended'), ('switched_off', 'switched off'), ('switched_on', 'switched on again')], max_length=32)),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('via', models.CharField(blank=True, help_text='The command, if no person did it.', max_length=40)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('data', models.JSONField(blank=True, default=dict)),
            ],
            options={
                'ordering': ['-at', '-id'],
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0a7b9478b240bc5863441f1e8874cc1d7c8aa9e3', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_9b82a', table='identity_userevent', when='BEFORE'))],
            },
        ),
        identity.migration_operations.CreateModel(
            name='GraphAnswers',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(help_text='What was asked for: token, invitations, users, …', max_length=64)),
                ('status', models.CharField(help_text='HTTP status, or timeout or unreachable.', max_length=16)),
                ('count', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'status'), name='one_count_of_graph_answers')],
            },
        ),
        identity.migration_operations.InstallTriggers(
        ),
        # A reason belongs to a stage, and what is resolved has an owner: without knowing what goes together, PostgreSQL
        # expects many rows of a combination that has none, and looks through the table for them.
        migrations.RunSQL(
            'CREATE STATISTICS failure_together (mcv) ON reason, stage, state, assigned_to_id FROM identity_failure',
            migrations.RunSQL.noop,
        ),
        # Procrastinate finds what waits and what is under way by an index; /metrics counts what has failed as well.
        migrations.RunSQL(
            "CREATE INDEX passport_failed_jobs ON procrastinate_jobs (queue_name) WHERE status = 'failed'",
            'DROP INDEX passport_failed_jobs',
        ),
    ]
