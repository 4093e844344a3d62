"""The settings under test. All variables are fixed here, so that nobody's .env changes a result."""

import os

os.environ.update(
    {
        "SECRET_KEY": "only-for-tests-9f0c1f5e5d0b4c0f8a63d7c2b1e4a795",
        "SECRET_KEY_FALLBACKS": "",
        "FIELD_ENCRYPTION_KEYS": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
        "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", "embedded"),
        "BASE_URL": "http://127.0.0.1:8000",
        "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
        "EMAIL_URL": "smtp://127.0.0.1:8401",
        "DEFAULT_FROM_EMAIL": "Passport <passport@sandberg.example>",
        "VM_EMAIL": "vm@sandberg.example",
        "BOUNCE_ADDRESS": "",
        "BOUNCE_MAILBOX": "",
        "OPERATIONS_EMAIL": "operations@sandberg.example",
        "ORGANISATION_NAME": "Sandberg",
        "ENTRA_TENANT_ID": "3f6c1c5e-7a0b-4b57-9a52-0a4f6f0c8d11",
        "ENTRA_CLIENT_ID": "b1d7f0a4-51c8-4c0e-8f1e-6a2d9c3b7e22",
        "ENTRA_CLIENT_SECRET": "a-secret-of-the-tests",
        "ENTRA_CLIENT_SECRET_EXPIRES": "",
        "ENTRA_CLIENT_CERTIFICATE": "",
        "ENTRA_AUTHORITY": "http://127.0.0.1:8400",
        "GRAPH_URL": "http://127.0.0.1:8400",
        "GRAPH_CLIENT_ID": "",
        "GRAPH_CLIENT_SECRET": "",
        "INVITATION_SENDER": "",
        "OUTBOUND": "send",
        "PAYMENT_RELEASE": "second_person",
        "KEEP_DECLINED_MONTHS": "",
        "KEEP_NEVER_SIGNED_IN_MONTHS": "",
        "KEEP_ENDED_PROFILE_MONTHS": "",
        "KEEP_ENDED_TAX_MONTHS": "",
        "KEEP_ENDED_PAYMENT_MONTHS": "",
        "KEEP_ENDED_EVIDENCE_MONTHS": "",
        "KEEP_ENDED_AGREEMENTS_MONTHS": "",
        "PURGE_AT_MOST": "",
        "INSTALLATION_ID": "",
        "MEDIA_ROOT": "",
        "STORAGE_URL": "",
        "CLAMD": "",
        "BACKUP_RECIPIENT": "",
        "ERASURES_FILE": "",
        "SECURITY_CONTACT": "",
        "METRICS_TOKEN": "",
        "HEARTBEAT_URL": "",
        "TRUSTED_PROXY": "off",
        "DEBUG": "off",
        "PORT": "8000",
        "SANDBOX_PORT": "8400",
        "SIGN_IN_SILENCE_MINUTES": "30",
    }
)

from passport.postgres import database_settings
from passport.settings import *  # noqa: F403
from passport.settings import BASE_DIR, DATABASE_URL, DATABASES, STORAGES

if DATABASE_URL == "embedded":
    DATABASES["default"] |= database_settings(BASE_DIR / ".local" / "postgres-test", durable=False)

# Straight from the apps' folders, without collectstatic.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
# Looked for when asked for: each client of a test would list all of them first.
WHITENOISE_AUTOREFRESH = True

# Threads of the live server must not hold on to a database that is to be removed.
DATABASES["default"]["CONN_MAX_AGE"] = 0
