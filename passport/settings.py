"""All settings. Each variable is read once, beside what it sets; `.env.example` lists them all."""

import datetime as dt
import re
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.http.request import split_domain_port

from passport.logs import logging_config
from passport.loopback import host_of, is_loopback

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")

REQUIRED = [
    "SECRET_KEY",
    "DATABASE_URL",
    "BASE_URL",
    "EMAIL_URL",
    "DEFAULT_FROM_EMAIL",
    "VM_EMAIL",
    "ENTRA_TENANT_ID",
    "ENTRA_CLIENT_ID",
    "FIELD_ENCRYPTION_KEYS",
]
CREDENTIAL = "ENTRA_CLIENT_SECRET or ENTRA_CLIENT_CERTIFICATE"


def required(name: str) -> str:
    """It is there, or none of this would be read."""
    return str(env.str(name, default="")).strip()


def refuse_if_any_is_missing() -> None:
    """All of them at once: whoever sets up a server should not have to start it once for each.

    An empty variable counts as a missing one: it would silently beat any default.
    """
    wanted = [*REQUIRED, CREDENTIAL]
    missing = [names for names in wanted if not any(env.str(name, default="").strip() for name in names.split(" or "))]
    if missing == wanted:
        raise ImproperlyConfigured(
            "Passport has no settings. Run `make run` once: it writes an .env file with everything you need to try "
            "Passport out. To set up a server, see docs/operations.md."
        )
    if missing:
        is_or_are = "is" if len(missing) == 1 else "are"
        raise ImproperlyConfigured(
            f"{', '.join(missing)} {is_or_are} not set. See docs/operations.md and .env.example."
        )


refuse_if_any_is_missing()


def whole_number(name: str, *, or_else: int) -> int:
    """An empty variable counts as a missing one."""
    text = env.str(name, default="").strip()
    if text and not re.fullmatch(r"[0-9]{1,6}", text):
        raise ImproperlyConfigured(f"{name} must be a whole number, such as {or_else}, but is “{text}”.")
    return int(text) if text else or_else


# Core

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = required("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
BASE_URL = required("BASE_URL").rstrip("/")
HTTPS = BASE_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[]) or [split_domain_port(urlsplit(BASE_URL).netloc)[0]]
TRUSTED_PROXY = env.bool("TRUSTED_PROXY", default=False)
ORGANISATION_NAME = env.str("ORGANISATION_NAME", default="") or "Sandberg"
PORT = whole_number("PORT", or_else=8000)
SANDBOX_PORT = whole_number("SANDBOX_PORT", or_else=8400)

ROOT_URLCONF = "passport.urls"
WSGI_APPLICATION = "passport.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "passport.apps.PassportConfig",
    "onboarding.apps.OnboardingConfig",
    "vendors.apps.VendorsConfig",
    "identity.apps.IdentityConfig",
    "passport.apps.PassportAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "formtools",
    "csp",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "passport.requests_log.RequestLogMiddleware",
    "passport.health.HealthMiddleware",
    # These three add headers, also to what those below answer themselves.
    "passport.headers.HeadersMiddleware",
    "passport.headers.PolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "passport.hosts.HostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "identity.sessions.csrf.CsrfMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "passport.null_characters.NullCharactersMiddleware",
    "identity.sign_in.middleware.SignInRequiredMiddleware",
    "identity.sessions.middleware.SessionLifetimeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "pghistory.middleware.HistoryMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],  # passport is an app, and the first: in both, a template of it would extend itself
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "passport.context.site",
            ],
            "builtins": ["identity.sessions.csrf_tag", "identity.mail.from_outside", "passport.drawn_once"],
        },
    },
]
FORM_RENDERER = "passport.form_renderer.FormRenderer"

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
# Languages of Microsoft's invitation mail that VM may choose for a vendor.
VENDOR_LANGUAGES = [
    ("en-GB", "English"),
    ("cs-CZ", "čeština"),
    ("da-DK", "dansk"),
    ("de-DE", "Deutsch"),
    ("es-ES", "español"),
    ("fr-FR", "français"),
    ("it-IT", "italiano"),
    ("hu-HU", "magyar"),
    ("nl-NL", "Nederlands"),
    ("nb-NO", "norsk"),
    ("pl-PL", "polski"),
    ("pt-BR", "português (Brasil)"),
    ("pt-PT", "português (Portugal)"),
    ("ro-RO", "română"),
    ("fi-FI", "suomi"),
    ("sv-SE", "svenska"),
    ("tr-TR", "Türkçe"),
    ("el-GR", "Ελληνικά"),
    ("ru-RU", "русский"),
    ("uk-UA", "українська"),
    ("ar-SA", "العربية"),
    ("zh-CN", "中文（简体）"),
    ("zh-TW", "中文（繁體）"),
    ("ja-JP", "日本語"),
    ("ko-KR", "한국어"),
]
LOCALE_PATHS = [BASE_DIR / "passport" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = ["passport.formats"]

# Database

DATABASE_URL = required("DATABASE_URL")
if DATABASE_URL == "embedded":
    from passport.postgres import database_settings

    DATABASES = {"default": database_settings(BASE_DIR / ".local" / "postgres")}
else:
    DATABASES = {"default": env.db_url_config(DATABASE_URL)}
    if "postgres" not in DATABASES["default"]["ENGINE"]:
        raise ImproperlyConfigured("DATABASE_URL must be the address of a PostgreSQL database, or the word embedded.")
    if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
        DATABASES["default"]["ENGINE"] = "passport.kept_connections"
DATABASES["default"] |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
# A server that is gone without a word is noticed, while connecting and afterwards. DATABASE_URL may say otherwise.
DATABASES["default"]["OPTIONS"] = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
} | DATABASES["default"].get("OPTIONS", {})

FIELD_ENCRYPTION_KEYS = [key.strip() for key in required("FIELD_ENCRYPTION_KEYS").split(",") if key.strip()]

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"
# Around every task, the outermost first. Jobs know nothing of people and cases, so what does is named here.
TASK_MIDDLEWARE = [
    "identity.jobs.middleware.with_fresh_connections",
    "identity.jobs.middleware.named_in_history",
    "identity.failures.mail_server.watch",
]

# Authentication and Entra

AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = ["identity.sign_in.oidc.EntraOpenIdConnect", "identity.sign_in.oidc.Permissions"]
LOGIN_URL = "identity:sign-in"
LOGIN_REDIRECT_URL = "home"

ENTRA_TENANT_ID = required("ENTRA_TENANT_ID").lower()
ENTRA_CLIENT_ID = required("ENTRA_CLIENT_ID").lower()
ENTRA_CLIENT_SECRET = env.str("ENTRA_CLIENT_SECRET", default="")
ENTRA_CLIENT_SECRET_EXPIRES = env.str("ENTRA_CLIENT_SECRET_EXPIRES", default="")
ENTRA_CLIENT_CERTIFICATE = env.str("ENTRA_CLIENT_CERTIFICATE", default="")
ENTRA_AUTHORITY = (env.str("ENTRA_AUTHORITY", default="") or "https://login.microsoftonline.com").rstrip("/")
GRAPH_URL = (env.str("GRAPH_URL", default="") or "https://graph.microsoft.com").rstrip("/")
GRAPH_CLIENT_ID = env.str("GRAPH_CLIENT_ID", default="").lower() or ENTRA_CLIENT_ID
GRAPH_CLIENT_SECRET = env.str("GRAPH_CLIENT_SECRET", default="") or (
    ENTRA_CLIENT_SECRET if GRAPH_CLIENT_ID == ENTRA_CLIENT_ID else ""
)

SOCIAL_AUTH_STRATEGY = "identity.sign_in.attempts.AttemptStrategy"
SOCIAL_AUTH_STORAGE = "identity.sign_in.attempts.PassportStorage"
SOCIAL_AUTH_ENTRA_KEY = ENTRA_CLIENT_ID
SOCIAL_AUTH_ENTRA_SECRET = ENTRA_CLIENT_SECRET
SOCIAL_AUTH_PIPELINE = (
    "identity.sign_in.pipeline.claims",
    "identity.sign_in.pipeline.same_person",
    "identity.sign_in.pipeline.fresh",
    "identity.sign_in.pipeline.account",
    "identity.sign_in.pipeline.staff",
    "identity.sign_in.pipeline.active",
    "vendors.hooks.admit",
    "identity.sign_in.pipeline.accept",
    "vendors.hooks.sign_in",
)
# identity imports no other app: what must follow from its events is named here and runs in the same transaction.
INVITATION_LISTENER = "vendors.hooks.invitation_settled"
KNOWS_ADDRESS = "vendors.hooks.is_address_of_vendor"
FINDS_PEOPLE = "vendors.search.people"
NAMES_PEOPLE = "vendors.hooks.names_of"
INVITATION_REMINDERS = "vendors.texts.choices.invitation_reminders"
EMAIL_WORDING = "vendors.texts.rendering.for_email"
RESPONSIBLE_FOR = "vendors.colleagues.recipients.of_person"
OWNED_BY = "vendors.colleagues.owners.of_people"
# What it must show of them: what staff may do in each app by their role, and a person's page in the admin.
ROLE_PERMISSIONS = ["identity.roles.PERMISSIONS", "vendors.roles.PERMISSIONS", "onboarding.roles.PERMISSIONS"]
PERSON_PAGE = "admin:person"
# vendors imports no app above it: what it asks of the one that leads vendors to a profile is answered by this class.
EMAIL_TEXTS = ["vendors.texts.emails.EMAILS", "onboarding.email_texts.EMAILS"]
VENDOR_ONBOARDING = "onboarding.vendor_hooks.VendorHooks"
# ... and of the first page of the admin, which knows what is waiting in every app.
WAITING_FOR_COLLEAGUE = "passport.dashboard.waiting_for_owner"

SIGN_IN_SILENCE = dt.timedelta(minutes=whole_number("SIGN_IN_SILENCE_MINUTES", or_else=30))
INVITATION_SENDER = env.str("INVITATION_SENDER", default="")

SESSION_ENGINE = "identity.sessions.store"
MESSAGE_STORAGE = "identity.text_direction.MessageStorage"
SESSION_COOKIE_NAME = "__Host-passport_session" if HTTPS else "passport_session"
SESSION_COOKIE_AGE = int(dt.timedelta(hours=8).total_seconds())
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-passport_csrf" if HTTPS else "passport_csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "passport.views.csrf_failure"
SILENCED_SYSTEM_CHECKS = ["security.W003"]  # it knows Django's own middleware only, not identity.sessions.csrf
DEVICE_COOKIE_NAME = "__Host-passport_device" if HTTPS else "passport_device"
SIGN_IN_COOKIE_PREFIX = "__Host-passport_signin_" if HTTPS else "passport_signin_"

# Mail

vars().update(env.email_url_config(required("EMAIL_URL")))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = required("DEFAULT_FROM_EMAIL")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
VM_EMAIL = [address.strip() for address in required("VM_EMAIL").split(",") if address.strip()]
OPERATIONS_EMAIL = [
    address.strip() for address in env.str("OPERATIONS_EMAIL", default="").split(",") if address.strip()
] or VM_EMAIL
# The envelope's sender, to which mail servers report what did not arrive; and where those reports are read.
BOUNCE_ADDRESS = env.str("BOUNCE_ADDRESS", default="").strip()
BOUNCE_MAILBOX = env.str("BOUNCE_MAILBOX", default="").strip()
# The package of emails knows no cases, so who writes down that one recipient was refused is named here.
REFUSED_RECIPIENT_LISTENER = "identity.failures.bounces.report_staff"

# Whether anything may leave: a database that was copied knows that it is not at home (identity/outbound.py)

OUTBOUND = env.str("OUTBOUND", default="").strip().lower() or "send"
INSTALLATION = {
    "host": host_of(BASE_URL),
    "tenant_id": ENTRA_TENANT_ID,
    "installation_id": env.str("INSTALLATION_ID", default="").strip(),
}

# Money

PAYMENT_RELEASE = env.str("PAYMENT_RELEASE", default="").strip().lower() or "second_person"

# How long vendors are kept, in months (vendors/privacy/periods.py)

KEEP_DECLINED_MONTHS = whole_number("KEEP_DECLINED_MONTHS", or_else=12)
KEEP_NEVER_SIGNED_IN_MONTHS = whole_number("KEEP_NEVER_SIGNED_IN_MONTHS", or_else=6)
KEEP_ENDED_PROFILE_MONTHS = whole_number("KEEP_ENDED_PROFILE_MONTHS", or_else=24)
KEEP_ENDED_TAX_MONTHS = whole_number("KEEP_ENDED_TAX_MONTHS", or_else=84)
KEEP_ENDED_PAYMENT_MONTHS = whole_number("KEEP_ENDED_PAYMENT_MONTHS", or_else=84)
KEEP_ENDED_EVIDENCE_MONTHS = whole_number("KEEP_ENDED_EVIDENCE_MONTHS", or_else=60)
KEEP_ENDED_AGREEMENTS_MONTHS = whole_number("KEEP_ENDED_AGREEMENTS_MONTHS", or_else=24)
# More than this in one night looks like a mistake in these settings, so then nothing goes.
PURGE_AT_MOST = whole_number("PURGE_AT_MOST", or_else=50)

# Files

AGREEMENTS = BASE_DIR / "vendors" / "agreements"
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / ".local" / "static"
OWN_MEDIA_ROOT = BASE_DIR / ".local" / "media"  # the only one that Passport creates by itself
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default="") or OWN_MEDIA_ROOT)
STORAGE_URL = env.str("STORAGE_URL", default="").strip()
STORAGES = {
    "default": {"BACKEND": "vendors.documents.object_storage.ObjectStorage", "OPTIONS": {"url": STORAGE_URL}}
    if STORAGE_URL
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Collected by root, read by the account that Passport runs as; what applies to uploads must not apply here.
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage",
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}
CLAMD = env.str("CLAMD", default="")
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_UPLOAD_HANDLERS = [
    "vendors.documents.inspection.BodyLimitUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
# Text, without files. Beyond what anybody types on purpose, so that a page of the wizard can still say which answer is
# too long and keep the others.
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# Backups: for whom they are encrypted (age's public keys), and the list of the erased that a restore works through

BACKUP_RECIPIENT = [key.strip() for key in env.str("BACKUP_RECIPIENT", default="").split(",") if key.strip()]
ERASURES_FILE = env.str("ERASURES_FILE", default="").strip()

# Security

SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_HSTS_SECONDS = int(dt.timedelta(days=730).total_seconds()) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY else None
X_FRAME_OPTIONS = "DENY"
SECURITY_CONTACT = env.str("SECURITY_CONTACT", default="")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    },
}
# Chromium applies form-action to the whole redirect chain, so pages whose form leads to the tenant need a wider one.
SIGN_IN_FORM_ACTION = [SELF, "https:"] + (
    ["http:"] if ENTRA_AUTHORITY.startswith("http://") and is_loopback(ENTRA_AUTHORITY) else []
)

# Watching: pinged once a day if the self-check has found no problem (passport/self_check)

HEARTBEAT_URL = env.str("HEARTBEAT_URL", default="").strip()

# Logs and numbers

METRICS_TOKEN = env.str("METRICS_TOKEN", default="").strip()
LOGGING = logging_config(debug=DEBUG)
