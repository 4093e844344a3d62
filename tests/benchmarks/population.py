"""Vendors by the hundred thousand, with everything that the admin's lists read. Written by SQL: it is a lot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection

from identity.encrypted import encrypt
from vendors.answers import search_words
from vendors.models import Vendor

ACCOUNT = {
    "method": "iban",
    "holder": "Somebody",
    "holder_is_vendor": "yes",
    "iban": "DE89370400440532013000",
    "bic": "",
}
# As PostgreSQL writes arrays.
GIVEN = "{Ana,Bo,Cleo,Dora,Emil,Fay,Gus,Hana,Ida,Jon,Kaya,Lea,Max,Nia,Ole,Uma}"
SURNAMES = "{Almeida,Bauer,Costa,Dubois,Eriksson,Ferrari,Garcia,Horvat,Ivanova,Jansen,Novak}"

SOURCES, TARGETS = "{en-GB,en-US,en-GB,en,de,fr}", "{sv,sv-FI,pl,da}"
CURRENCIES, COUNTRIES, SUBJECTS = "{EUR,EUR,SEK,JPY}", "{GB,SE,PL,DE,DK}", "{legal,medical,technical,finance,marketing}"
TOOLS, TAGS = "{studio,memoq,across}", "{rush jobs,legal team,weekends,preferred}"

# Most are approved for years; what waits for somebody grows with the rest. Of everything there are more among a
# thousand vendors than fit on one page: a page with three rows is quicker than one with fifty, whatever finds them.
STATEMENTS = """
INSERT INTO identity_user (password, is_superuser, username, email, is_staff, is_active, roles, is_emergency,
                           created_at)
SELECT '!', false, 'bench-' || n, 'vendor-' || n || '@mail.example', false, true, '{}', false, now()
FROM generate_series(%(first)s, %(last)s) n;

INSERT INTO vendors_vendor (user_id, name, sort_name, search_words, profile_words, has_open_email_change,
                            has_payment_details, primary_email, language, state, suspended_from, closed_from, closed_as,
                            state_changed_at, owner_id, created_at)
SELECT u.id, called, lower(called), pg_temp.beginnings(called), '{}', false, false, 'vendor-' || n || '@mail.example',
       'en-GB',
       CASE WHEN n %% 100 < 10 THEN 'invited' WHEN n %% 100 < 16 THEN 'onboarding' WHEN n %% 100 < 22 THEN 'submitted'
            WHEN n %% 100 < 28 THEN 'changes_requested' WHEN n %% 100 < 34 THEN 'ended'
            WHEN n %% 100 < 40 THEN 'prepared' WHEN n %% 100 < 46 THEN 'declined' WHEN n %% 100 < 52 THEN 'suspended'
            ELSE 'approved' END,
       CASE WHEN n %% 100 BETWEEN 46 AND 51 THEN 'approved' ELSE '' END,
       CASE WHEN n %% 100 BETWEEN 28 AND 33 THEN 'approved' WHEN n %% 100 BETWEEN 40 AND 45 THEN 'submitted'
            ELSE '' END,
       CASE WHEN n %% 100 BETWEEN 28 AND 33 THEN 'left'
            WHEN n %% 100 BETWEEN 40 AND 45 THEN (ARRAY['not_suitable', 'withdrew', 'mistake'])[1 + n %% 3] ELSE '' END,
       now() - random() * interval '60 days',
       CASE WHEN n %% 3 = 0 THEN %(owner)s::bigint END, now() - random() * interval '5 years'
FROM generate_series(%(first)s, %(last)s) n JOIN identity_user u ON u.username = 'bench-' || n,
     LATERAL (SELECT (%(given)s::text[])[1 + abs(hashtext('of ' || n)) %% 16] || ' ' ||
                     (%(surnames)s::text[])[1 + (n / 7) %% 11] || ' ' || n AS called) names;

INSERT INTO vendors_profile (vendor_id, kind, full_name, display_name, company_legal_name, search_words,
                             registration_number, phone, contact_email, billing_email, address_lines, locality, region,
                             postal_code, country, time_zone, working_days, notice, tax_residence, tax_id, vat_status,
                             vat_number, native_languages, specialisms, cat_tools, sworn_authority, sworn_number,
                             currency, personal_numbers, number_fingerprints, adopted_at)
SELECT id, 'company', name, '', 'Studio ' || id, pg_temp.beginnings(name || ' Studio ' || id),
       '', '+4420' || (70000000 + id), '', '', '', '', '', '', (%(countries)s::text[])[1 + id %% 5],
       'Europe/London', '{}', '', '', '', '', 'GB' || (100000000 + id), '{en}',
       ARRAY[(%(subjects)s::text[])[1 + id %% 5]], ARRAY[(%(tools)s::text[])[1 + id %% 3]],
       CASE WHEN id %% 8 = 0 THEN 'A court' ELSE '' END, '', 'GBP', %(nothing)s, ARRAY['fingerprint-' || id], created_at
FROM vendors_vendor WHERE id > %(before)s AND state IN ('approved', 'ended', 'suspended');

INSERT INTO vendors_languagepair (vendor_id, source, target, services)
SELECT id, (%(sources)s::text[])[1 + abs(hashtext('from ' || id)) %% 6],
       (%(targets)s::text[])[1 + abs(hashtext('into ' || id)) %% 4],
       CASE WHEN id %% 9 = 0 THEN ARRAY['translation', 'certified_translation']
            ELSE ARRAY['translation', 'revision'] END
FROM vendors_vendor WHERE id > %(before)s AND state IN ('approved', 'ended', 'suspended');

INSERT INTO vendors_rate (vendor_id, pair_id, service, unit, amount, currency, source_language, target_language,
                          in_euros)
SELECT vendor_id, id, 'translation', CASE WHEN id %% 8 = 0 THEN 'hour' ELSE 'source_word' END, amount, currency,
       source_language, target_language,
       CASE currency WHEN 'EUR' THEN amount WHEN 'SEK' THEN round(amount / 11, 10) END
FROM vendors_languagepair,
     LATERAL (SELECT (%(currencies)s::text[])[1 + id %% 4] AS currency,
                     round((0.03 + random() * 0.15)::numeric, 4) AS amount) price
WHERE vendor_id > %(before)s;

INSERT INTO vendors_rate (vendor_id, pair_id, service, unit, amount, currency, source_language, target_language,
                          in_euros)
SELECT vendor_id, id, 'revision', 'hour', 30, 'EUR', source_language, target_language, 30
FROM vendors_languagepair WHERE vendor_id > %(before)s AND 'revision' = ANY(services);

INSERT INTO vendors_tag (name) SELECT unnest(%(tags)s::text[]) ON CONFLICT DO NOTHING;

INSERT INTO vendors_vendortag (vendor_id, tag_id, added_at)
SELECT id, (%(tags)s::text[])[1 + id %% 4], created_at FROM vendors_vendor WHERE id > %(before)s AND id %% 3 = 0;

INSERT INTO vendors_awayperiod (vendor_id, kind, starts_on, ends_on, added_at)
SELECT id, 'away', current_date + (id %% 100)::int, current_date + (id %% 100)::int + 7, created_at
FROM vendors_vendor WHERE id > %(before)s AND state = 'approved' AND id %% 7 < 4;

UPDATE vendors_vendor v SET profile_words = p.search_words FROM vendors_profile p
WHERE p.vendor_id = v.id AND v.id > %(before)s;

INSERT INTO vendors_paymentdetails (vendor_id, method, masked, details, iban_fingerprints, adopted_at, taken_over_at)
SELECT id, 'iban', 'IBAN DE… 3000', %(account)s, ARRAY['iban-' || id], created_at,
       CASE WHEN id %% 7 > 0 THEN created_at END
FROM vendors_vendor WHERE id > %(before)s AND state IN ('approved', 'ended', 'suspended') AND id %% 5 > 0;

INSERT INTO vendors_paymentrelease (vendor_id, about, state, before, after, named_at, approved_at, decided_at)
SELECT id, 'added', CASE WHEN id %% 5 = 1 THEN 'pending' ELSE 'released' END, %(nothing)s, %(account)s, created_at,
       created_at, CASE WHEN id %% 5 <> 1 THEN created_at END
FROM vendors_vendor WHERE id > %(before)s AND state = 'approved' AND id %% 5 < 3;

INSERT INTO vendors_taxcheck (vendor_id, of, number, result, checked_on, source, recorded_at)
SELECT id, 'vat_number', %(number)s, (ARRAY['valid', 'not_valid'])[1 + id %% 2], current_date, 'VIES', created_at
FROM vendors_vendor WHERE id > %(before)s AND state = 'approved';

INSERT INTO identity_entraaccount (tenant_id, oid, user_id, guest, created_by_passport, address, created_at,
                                   first_sign_in_at, last_sign_in_at, signed_in_as, revoked_why)
SELECT %(tenant)s::uuid, gen_random_uuid(), user_id, true, true, primary_email, created_at,
       created_at, created_at, primary_email, ''
FROM vendors_vendor WHERE id > %(before)s;

INSERT INTO identity_invitation (id, user_id, account_id, address, language, state, why, attempts, reason, last_error,
                                 graph_id, request_id, queued_at, sent_at, closed_at, reminders_sent)
SELECT gen_random_uuid(), v.user_id, a.id, v.primary_email, v.language,
       CASE WHEN v.id %% 16 = 7 THEN 'refused' WHEN v.state = 'invited' THEN 'sent'
            WHEN v.state = 'prepared' THEN 'withdrawn' WHEN v.state = 'ended' THEN 'superseded'
            WHEN v.state = 'declined' THEN 'queued' ELSE 'accepted' END,
       'added', 1, '', '', '', '', v.created_at, v.created_at, CASE WHEN v.state <> 'invited' THEN v.created_at END, 0
FROM vendors_vendor v JOIN identity_entraaccount a ON a.user_id = v.user_id WHERE v.id > %(before)s;

INSERT INTO vendors_vendorevent (vendor_id, kind, at, via, reason, data)
SELECT v.id, kind, v.created_at, '', '', '{}'
FROM vendors_vendor v,
     unnest(ARRAY['added', 'invited', 'invitation_sent', 'signed_in_first', 'submitted', 'approved']) kind
WHERE v.id > %(before)s;

INSERT INTO vendors_possibleduplicate (first_id, second_id, signs, state, found_at)
SELECT v.id - 1, v.id, ARRAY['phone'], CASE WHEN v.id %% 40 = 3 THEN 'open' ELSE 'different' END, v.created_at
FROM vendors_vendor v JOIN vendors_vendor other ON other.id = v.id - 1 WHERE other.id > %(before)s AND v.id %% 10 = 3;

INSERT INTO vendors_emailchange (vendor_id, old, new, mode, reason, how_known, state, created_at)
SELECT id, 'before-' || id || '@mail.example', primary_email, 'planned', 'asked for it', 'called',
       CASE WHEN id %% 20 = 3 THEN 'open' ELSE 'confirmed' END, created_at
FROM vendors_vendor WHERE id > %(before)s AND id %% 10 = 3;

INSERT INTO vendors_emailchangerequest (vendor_id, new, reason, state, proven_at, asked_at, answer)
SELECT id, 'next-' || id || '@mail.example', '',
       (ARRAY['waiting', 'approved', 'declined', 'withdrawn'])[1 + id %% 4], created_at, created_at, ''
FROM vendors_vendor WHERE id > %(before)s AND id %% 3 = 1;

INSERT INTO identity_failure (reference, subject, stage, reason, state, user_id, address, claimed_address, count,
                              mailed_count, detail, first_seen_at, last_seen_at, opened_at, is_typed, notes,
                              resolved_how)
SELECT 'B' || lpad(user_id::text, 7, '0'), 'user:' || user_id, 'sign_in', 'did_not_come_back',
       CASE WHEN id %% 12 = 2 THEN 'open' ELSE 'resolved' END, user_id, primary_email, '', 1, 1, '{}',
       created_at, created_at, created_at, false, '', ''
FROM vendors_vendor WHERE id > %(before)s AND id %% 4 = 2;

INSERT INTO identity_failure (reference, subject, stage, reason, state, user_id, address, claimed_address, count,
                              mailed_count, detail, first_seen_at, last_seen_at, opened_at, is_typed, notes,
                              assigned_to_id, resolved_how)
SELECT 'S' || user_id, 'user:' || user_id, (ARRAY['onboarding', 'email_change', 'mail'])[1 + id %% 3],
       'failed_in_wizard', 'resolved', user_id, primary_email, '', 1, 1, '{}', created_at, created_at, created_at,
       false, '', %(owner)s, ''
FROM vendors_vendor WHERE id > %(before)s AND id %% 4 = 3;

INSERT INTO identity_failureperson (failure_id, reference, who, user_id, address, is_typed, claimed_address, topic,
                                    detail, count, told_count, waits_for_digest, got_further, first_seen_at,
                                    last_seen_at)
SELECT id, 'P' || id, subject, user_id, address, false, '', '', '{}', 1, 1, false, false, first_seen_at, last_seen_at
FROM identity_failure f WHERE NOT EXISTS (SELECT FROM identity_failureperson p WHERE p.failure_id = f.id);

INSERT INTO identity_signinattempt (state_hash, binding_hash, transaction, user_id, address, purpose, prompt, next_url,
                                    again, started_at, claimed_at, outcome)
SELECT 'state-' || id, 'browser-' || id, '{}', user_id, primary_email, '', '', '', false, created_at, created_at,
       (ARRAY['', 'succeeded', 'failed', 'no_session', 'silent'])[1 + id %% 5]
FROM vendors_vendor WHERE id > %(before)s;

INSERT INTO identity_sentemail (token, address, user_id, template, content, sent_at)
SELECT 'sent-' || id || '-' || n, primary_email, user_id, 'identity/mail/reminder', %(email)s,
       created_at + n * interval '1 day'
FROM vendors_vendor, generate_series(1, 3) n WHERE id > %(before)s;

INSERT INTO vendors_note (vendor_id, by_id, at, text, is_pinned, version)
SELECT id, %(owner)s, created_at, 'Prefers email', id %% 10 = 0, 1
FROM vendors_vendor WHERE id > %(before)s AND id %% 2 = 0;

INSERT INTO vendors_document (id, vendor_id, kind, slot, certificate, number, expires_on, name, content_type, size,
                              sha256, file, virus, uploaded_at, approved_at, state, verdict)
SELECT gen_random_uuid(), id, 'certificate', 'certificate', 'membership', '',
       CASE WHEN id %% 5 = 0 THEN current_date + 20 ELSE current_date + 900 END,
       'scan.pdf', 'application/pdf', 1, '', '', '', created_at, created_at,
       CASE WHEN id %% 5 = 1 THEN 'sent' ELSE 'verified' END, ''
FROM vendors_vendor WHERE id > %(before)s AND state IN ('approved', 'ended', 'suspended');

INSERT INTO vendors_languagepair (vendor_id, source, target, services)
SELECT id, (ARRAY['de', 'en-GB', 'fr', 'es', 'it'])[1 + id %% 5],
       (ARRAY['pl', 'sv', 'cs', 'fi', 'da'])[1 + id / 5 %% 5],
       '{translation,revision}'
FROM vendors_vendor WHERE id > %(before)s AND state IN ('approved', 'ended', 'suspended') ON CONFLICT DO NOTHING;

INSERT INTO vendors_pairstanding (vendor_id, source, target, service, specialism, measure, state, exception, recheck_on)
SELECT p.vendor_id, p.source, p.target, service, '', 'iso_17100',
       (ARRAY['none', 'claimed', 'documented', 'verified'])[1 + p.vendor_id %% 4], p.vendor_id %% 50 = 0,
       CASE WHEN p.vendor_id %% 30 = 0 THEN current_date + 20 END
FROM vendors_languagepair p, unnest(p.services) service WHERE p.vendor_id > %(before)s;

INSERT INTO vendors_evidence (vendor_id, kind, fingerprint, document_id, is_open, valid_until, since, vendor_state)
SELECT d.vendor_id, d.kind, md5(d.id::text), d.id, d.state = 'sent', d.expires_on, d.uploaded_at, v.state
FROM vendors_document d JOIN vendors_vendor v ON v.id = d.vendor_id WHERE d.vendor_id > %(before)s;

INSERT INTO identity_failure (reference, subject, stage, reason, state, user_id, address, claimed_address, count,
                              mailed_count, detail, first_seen_at, last_seen_at, opened_at, is_typed, notes,
                              resolved_how)
SELECT 'R' || user_id, 'user:' || user_id, 'invitation', 'address_refused', 'open', user_id, address, '', 1, 1, '{}',
       queued_at, queued_at, queued_at, false, '', ''
FROM identity_invitation i JOIN vendors_vendor v USING (user_id) WHERE i.state = 'refused' AND v.id > %(before)s;

INSERT INTO vendors_datarequest (vendor_id, kind, received_on, identity, identity_note, due_on, extended_why, state,
                                 answer, created_at, closed_at)
SELECT id, (ARRAY['access', 'erasure', 'correction', 'objection'])[1 + id / 7 %% 4], created_at::date, 'signed_in', '',
       created_at::date + 30, '',
       CASE WHEN id %% 63 = 0 THEN 'open' ELSE (ARRAY['answered', 'refused'])[1 + id %% 2] END,
       '', created_at, CASE WHEN id %% 63 > 0 THEN created_at END
FROM vendors_vendor WHERE id > %(before)s AND id %% 7 = 0;

INSERT INTO vendors_retentionentry (vendor_id, what, counted_from, listed_on, goes_on)
SELECT id, CASE state WHEN 'invited' THEN 'never_signed_in' ELSE state END, state_changed_at::date, current_date - 10,
       current_date + 20 + (id %% 10)::int
FROM vendors_vendor WHERE id > %(before)s AND state IN ('declined', 'ended', 'invited');

INSERT INTO vendors_retentionhold (vendor_id, reason, at, lifted_at)
SELECT id, 'A dispute', created_at, CASE WHEN id %% 2 = 0 THEN created_at END
FROM vendors_vendor WHERE id > %(before)s AND id %% 9 = 0;

INSERT INTO onboarding_submission (vendor_id, kind, changed, reference, token, answers, state, submitted_at, reason)
SELECT id, CASE WHEN state = 'approved' AND id %% 2 = 1 THEN 'change' WHEN state = 'approved' AND id %% 3 = 0
            THEN 'carried_over' ELSE 'onboarding' END, '[]',
       'V' || lpad(id::text, 7, '0'), gen_random_uuid(), %(answers)s,
       CASE WHEN state = 'submitted' THEN 'waiting'
            WHEN state IN ('declined', 'changes_requested') THEN state
            WHEN state = 'approved' AND id %% 2 = 1 THEN (ARRAY['replaced', 'withdrawn', 'waiting'])[1 + id / 2 %% 3]
            ELSE 'approved' END,
       state_changed_at, ''
FROM vendors_vendor
WHERE id > %(before)s AND state IN ('submitted', 'declined', 'changes_requested', 'approved', 'ended');

INSERT INTO onboarding_draft (vendor_id, answers, completed, problems, current_step, revisions, failing,
                              notes, saved_since, touched, submission_token, left_at, reminders_sent, created_at,
                              updated_at)
SELECT id, %(answers)s, '["about"]', '[]', 'languages', '{}', '{}', %(nothing)s, '["about"]', '["about"]',
       gen_random_uuid(),
       CASE WHEN state IN ('onboarding', 'changes_requested') THEN state_changed_at END, 0, created_at,
       state_changed_at
FROM vendors_vendor WHERE id > %(before)s AND state IN ('onboarding', 'changes_requested', 'submitted', 'approved');
"""

# What vendors.answers.search_words makes of plain words.
BEGINNINGS = """
CREATE OR REPLACE FUNCTION pg_temp.beginnings(texts text) RETURNS text[] LANGUAGE sql AS $$
    SELECT array_agg(DISTINCT kept) FROM regexp_split_to_table(lower(texts), ' ') word,
    LATERAL (SELECT left(word, n) AS kept FROM generate_series(1, length(word)) n UNION ALL SELECT word || '.') cut
$$
"""
# Django's blank texts, so that a new field of a model does not have to be named above.
BLANK = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = current_schema AND is_nullable = 'NO' AND column_default IS NULL
      AND data_type IN ('character varying', 'text') AND table_name ~ '^(identity|vendors|onboarding)_'
"""
WITH_HISTORY = (
    "vendors_vendor",
    "vendors_profile",
    "vendors_document",
    "vendors_languagepair",
    "vendors_rate",
    "vendors_awayperiod",
    "vendors_note",
)


@contextmanager
def without_history(cursor: Any) -> Iterator[None]:
    """No page that is measured reads the history, and its triggers take longer than all the rest."""
    for table in WITH_HISTORY:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    cursor.execute("ALTER TABLE vendors_document ENABLE TRIGGER take_words")
    try:
        yield
    finally:
        for table in WITH_HISTORY:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@contextmanager
def blank_by_default(cursor: Any, columns: list[tuple[str, str]]) -> Iterator[None]:
    """These columns of tables hold an empty text where a statement says nothing."""
    for table, column in columns:
        cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT ''")
    try:
        yield
    finally:
        for table, column in columns:
            cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} DROP DEFAULT")


@contextmanager
def built_afterwards(cursor: Any) -> Iterator[None]:
    """Indexes of words take longest of all when they grow row by row."""
    cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexdef LIKE '% gin %'")
    indexes = cursor.fetchall()
    for name, _definition in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for _name, definition in indexes:
        cursor.execute(definition)


def add_vendors(first: int, last: int, *, owner: int) -> None:
    """Vendors number `first` to `last`; a third of them belong to `owner`. Ends with up-to-date statistics."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM vendors_vendor")
        values = {
            "first": first,
            "last": last,
            "before": cursor.fetchone()[0],
            "owner": owner,
            "tenant": settings.ENTRA_TENANT_ID,
            "given": GIVEN,
            "surnames": SURNAMES,
            "sources": SOURCES,
            "targets": TARGETS,
            "currencies": CURRENCIES,
            "countries": COUNTRIES,
            "subjects": SUBJECTS,
            "tools": TOOLS,
            "tags": TAGS,
            "nothing": encrypt({}),
            "account": encrypt(ACCOUNT),
            "number": encrypt("GB100000000"),
            "email": encrypt({"subject": "Reminder", "text": "Hello,"}),
            "answers": encrypt({"about": {"full_name": "Somebody"}}),
        }
        cursor.execute(BEGINNINGS)
        cursor.execute(BLANK)
        blank = cursor.fetchall()
        with without_history(cursor), blank_by_default(cursor, blank), built_afterwards(cursor):
            for statement in STATEMENTS.strip().split(";\n"):
                cursor.execute(statement, values)
        cursor.execute("VACUUM ANALYZE")
    some = Vendor.objects.latest("pk")
    assert sorted(some.search_words) == search_words.to_keep([some.name])
