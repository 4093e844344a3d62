"""Vendors by the hundred thousand, with everything that the admin's lists read. Written by SQL: it is a lot."""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from vendors.answers.encrypted import encrypt

# As PostgreSQL writes arrays.
GIVEN = "{Ana,Bo,Cleo,Dora,Emil,Fay,Gus,Hana,Ida,Jon,Kaya,Lea,Max,Nia,Ole,Uma}"
SURNAMES = "{Almeida,Bauer,Costa,Dubois,Eriksson,Ferrari,Garcia,Horvat,Ivanova,Jansen,Novak}"

# Most are approved for years; what waits for somebody grows with the rest.
STATEMENTS = """
INSERT INTO identity_user (password, is_superuser, username, email, is_staff, is_active, roles, is_emergency,
                           created_at)
SELECT '!', false, 'bench-' || n, 'vendor-' || n || '@mail.example', false, true, '{}', false, now()
FROM generate_series(%(first)s, %(last)s) n;

INSERT INTO vendors_vendor (user_id, name, primary_email, language, state, suspended_from, state_changed_at, owner_id,
                            created_at)
SELECT u.id,
       (%(given)s::text[])[1 + n %% 16] || ' ' || (%(surnames)s::text[])[1 + (n / 7) %% 11] || ' ' || n,
       'vendor-' || n || '@mail.example', 'en-GB',
       CASE WHEN n %% 100 < 10 THEN 'invited' WHEN n %% 100 < 14 THEN 'onboarding' WHEN n %% 100 < 16 THEN 'submitted'
            WHEN n %% 100 < 18 THEN 'changes_requested' WHEN n %% 100 < 22 THEN 'ended' ELSE 'approved' END,
       '', now() - random() * interval '60 days',
       CASE WHEN n %% 3 = 0 THEN %(owner)s::bigint END, now() - random() * interval '5 years'
FROM generate_series(%(first)s, %(last)s) n JOIN identity_user u ON u.username = 'bench-' || n;

INSERT INTO identity_entraaccount (tenant_id, oid, user_id, guest, created_by_passport, address, created_at,
                                   first_sign_in_at, last_sign_in_at, signed_in_as, revoked_why)
SELECT %(tenant)s::uuid, gen_random_uuid(), user_id, true, true, primary_email, created_at,
       created_at, created_at, primary_email, ''
FROM vendors_vendor WHERE id > %(before)s;

INSERT INTO identity_invitation (id, user_id, account_id, address, language, state, why, attempts, reason, last_error,
                                 graph_id, request_id, queued_at, sent_at, closed_at, reminders_sent)
SELECT gen_random_uuid(), v.user_id, a.id, v.primary_email, v.language,
       CASE WHEN v.id %% 200 = 7 THEN 'refused' WHEN v.state = 'invited' THEN 'sent' ELSE 'accepted' END,
       'added', 1, '', '', '', '', v.created_at, v.created_at, CASE WHEN v.state <> 'invited' THEN v.created_at END, 0
FROM vendors_vendor v JOIN identity_entraaccount a ON a.user_id = v.user_id WHERE v.id > %(before)s;

INSERT INTO vendors_vendorevent (vendor_id, kind, at, via, reason, data)
SELECT v.id, kind, v.created_at, '', '', '{}'
FROM vendors_vendor v,
     unnest(ARRAY['added', 'invited', 'invitation_sent', 'signed_in_first', 'submitted', 'approved']) kind
WHERE v.id > %(before)s;

INSERT INTO vendors_emailchange (vendor_id, old, new, mode, reason, how_known, state, created_at)
SELECT id, 'before-' || id || '@mail.example', primary_email, 'planned', 'asked for it', 'called',
       CASE WHEN id %% 500 = 3 THEN 'open' ELSE 'confirmed' END, created_at
FROM vendors_vendor WHERE id > %(before)s AND id %% 10 = 3;

INSERT INTO identity_failure (reference, subject, stage, reason, state, user_id, address, claimed_address, count,
                              mailed_count, detail, first_seen_at, last_seen_at, notes, resolved_how)
SELECT 'B' || user_id, 'user:' || user_id, 'sign_in', 'did_not_come_back',
       CASE WHEN id %% 40 = 2 THEN 'open' ELSE 'resolved' END, user_id, primary_email, '', 1, 1, '{}',
       created_at, created_at, '', ''
FROM vendors_vendor WHERE id > %(before)s AND id %% 4 = 2;

INSERT INTO identity_failure (reference, subject, stage, reason, state, user_id, address, claimed_address, count,
                              mailed_count, detail, first_seen_at, last_seen_at, notes, resolved_how)
SELECT 'R' || user_id, 'user:' || user_id, 'invitation', 'address_refused', 'open', user_id, address, '', 1, 1, '{}',
       queued_at, queued_at, '', ''
FROM identity_invitation i JOIN vendors_vendor v USING (user_id) WHERE i.state = 'refused' AND v.id > %(before)s;

INSERT INTO onboarding_submission (vendor_id, kind, changed, reference, token, answers, state, submitted_at, reason)
SELECT id, 'onboarding', '[]', 'V' || id, gen_random_uuid(), %(answers)s,
       CASE WHEN state = 'submitted' THEN 'waiting' ELSE 'approved' END, state_changed_at, ''
FROM vendors_vendor WHERE id > %(before)s AND state IN ('submitted', 'approved', 'ended');

INSERT INTO onboarding_draft (vendor_id, answers, completed, problems, current_step, revisions, failing,
                              saved_since, touched, submission_token, left_at, reminders_sent, created_at, updated_at)
SELECT id, %(answers)s, '["about"]', '[]', 'languages', '{}', '{}', '["about"]', '["about"]', gen_random_uuid(),
       CASE WHEN state IN ('onboarding', 'changes_requested') THEN state_changed_at END, 0, created_at,
       state_changed_at
FROM vendors_vendor WHERE id > %(before)s AND state IN ('onboarding', 'changes_requested', 'submitted', 'approved');
"""


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
            "answers": encrypt({"about": {"full_name": "Somebody"}}),
        }
        # No page that is measured reads the history, and its triggers take longer than all the rest.
        cursor.execute("ALTER TABLE vendors_vendor DISABLE TRIGGER USER")
        for statement in STATEMENTS.strip().split(";\n"):
            cursor.execute(statement, values)
        cursor.execute("ALTER TABLE vendors_vendor ENABLE TRIGGER USER")
        cursor.execute("VACUUM ANALYZE")
