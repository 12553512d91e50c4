"""Settings. Everything that differs between installations comes from the environment; README.md lists it."""

from pathlib import Path

import environ
import font_hanken_grotesk
import font_source_serif_pro
from django.core.management.utils import get_random_secret_key
from django.utils.csp import CSP

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# Everything that an installation writes for itself: database, files, keys. Back this folder up.
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))
# Nobody else on the machine reads the database in it.
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)


def _own_secret_key() -> str:
    """The secret key of an installation that was given none: made once and kept beside its data."""
    path = DATA_DIR / "secret.key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(get_random_secret_key())
    return path.read_text()


DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or _own_secret_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
IS_HTTPS = SITE_URL.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "django_htmx",
    "django_tasks_db",
    "lucide",
    # The rooms, in reading order (docs/HOUSE.md).
    "ledger",
    "files",
    "units",
    "centres",
    "registrations",
    "evidence",
    "assessment",
    "signoff",
    "records",
    "proof",
    "desk",
    # Not a room: the demo centre's stories and what tells them.
    "fixtures.demo",
]

MIDDLEWARE = [
    "proof.middleware.CheckPagesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "centres.middleware.PrivatePagesMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "centres.middleware.SeatMiddleware",
    "centres.middleware.DraftMiddleware",
]

ROOT_URLCONF = "nvq_portfolio.urls"
WSGI_APPLICATION = "nvq_portfolio.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "centres.context_processors.seats",
                "registrations.context_processors.own_portfolio",
            ],
            # In the place of the package's own, which draws each icon anew.
            "libraries": {"lucide": "nvq_portfolio.icons"},
        },
    }
]

# Ours takes the place of the package's tag library on purpose: see nvq_portfolio/icons.py.
SILENCED_SYSTEM_CHECKS = ["templates.W003"]

# --- Data ------------------------------------------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'nvq.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # WAL lets readers go on while one writes; IMMEDIATE takes the write lock at once: row locks do nothing here.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        # As many as write at once queue for that lock, and in no fair order.
        "timeout": 60,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rate limits, and which codes were used, are counted by all servers together, and two at once must not both be first:
# the database sees to that. `signoff/apps.py` makes the table with every `migrate`.
CACHES = {"default": env.cache_url("CACHE_URL", default="dbcache://shared_cache?max_entries=10000")}

S3_BUCKET = env.str("S3_BUCKET", default="")
STORAGES = {
    "default": (
        {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": S3_BUCKET,
                "endpoint_url": env.str("S3_ENDPOINT_URL", default="") or None,
                "region_name": env.str("S3_REGION", default="") or None,
                "access_key": env.str("S3_ACCESS_KEY", default="") or None,
                "secret_key": env.str("S3_SECRET_KEY", default="") or None,
                "file_overwrite": False,
                "querystring_auth": True,
            },
        }
        if S3_BUCKET
        else {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "files"}}
    ),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
# On the same disk as the files, so that a film that has arrived is moved and not copied; and what a killed server
# leaves half received is found there by tidy_files.
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "uploads"
FILE_UPLOAD_TEMP_DIR.mkdir(mode=0o700, exist_ok=True)
FILE_UPLOAD_HANDLERS = [
    "files.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_NUMBER_FILES = 40
# The criteria page sends a place for each cell of every open unit of a registration.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# What one evidence file may weigh, in bytes; a recording (sound or video) may weigh more. What all the files of one
# portfolio may weigh together. How many pixels a picture may have.
MAX_FILE_BYTES = env.int("MAX_FILE_MB", default=100) * 1024 * 1024
MAX_RECORDING_BYTES = env.int("MAX_RECORDING_MB", default=1024) * 1024 * 1024
EVIDENCE_QUOTA_BYTES = env.int("EVIDENCE_QUOTA_MB", default=2048) * 1024 * 1024
MAX_IMAGE_PIXELS = 60_000_000
# What previewing one file may take, in seconds and in bytes of memory, before it is given up.
PREPARATION_SECONDS = 60
PREPARATION_BYTES = 2 * 1024**3
# From how many months on an assessor is warned that evidence may not be current (R18), and how long a trainee has to
# qualify, counted from approval (R32).
EVIDENCE_AGE_WARNING_MONTHS = 24
TRAINEE_MONTHS = 18
# The installation's Ed25519 key, kept outside the database; made where nothing has been signed yet (decision 0014).
LEDGER_KEY_FILE = Path(env.str("LEDGER_KEY_FILE", default=str(DATA_DIR / "ledger.key")))
# Fingerprints of keys whose files are lost for good, and which the operator trusts all the same.
LEDGER_LOST_KEYS = env.list("LEDGER_LOST_KEYS", default=[])
# Tasks (dotted paths) queued after each commit that wrote to the ledger, each with the chain's key.
LEDGER_LISTENERS = ["desk.tasks.deliver_notices"]

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

# --- People ----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "centres.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["name", "email"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "centres.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
# Whoever finds a browser left open must not add an address of theirs, have a new password sent there, and sign (Q26).
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "NVQ Portfolio"
# Browsers allow passkeys on http only for localhost.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS
INVITATION_DAYS = 14
# How long a witness's link works.
TESTIMONY_DAYS = 14

# --- Mail: the console by default, SMTP by EMAIL_URL ------------------------------------------------------------------
_mail = env.email_url("EMAIL_URL", default="consolemail://")
MAILERS = {"default": {"BACKEND": _mail["EMAIL_BACKEND"]}}
if _mail["EMAIL_HOST"]:
    MAILERS["default"]["OPTIONS"] = {
        "host": _mail["EMAIL_HOST"],
        "port": _mail["EMAIL_PORT"] or 25,
        "username": _mail["EMAIL_HOST_USER"] or "",
        "password": _mail["EMAIL_HOST_PASSWORD"] or "",
        "use_tls": _mail.get("EMAIL_USE_TLS", False),
        "use_ssl": _mail.get("EMAIL_USE_SSL", False),
        # As many as write at once queue for that lock, and in no fair order.
        "timeout": 60,
    }
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="NVQ Portfolio <portfolio@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Words and times -------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
TIME_ZONE = env.str("TIME_ZONE", default="Europe/London")
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["nvq_portfolio.formats"]

# Form widgets are drawn by templates of ours where templates/ has one.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Looks -----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("fonts/hanken", Path(font_hanken_grotesk.__file__).parent / "files"),
    ("fonts/source-serif", Path(font_source_serif_pro.__file__).parent / "files"),
]
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+\.[0-9a-f]{12}\..+$"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["nvq"]
CRISPY_TEMPLATE_PACK = "nvq"
CRISPY_FAIL_SILENTLY = False

# --- Safety ----------------------------------------------------------------------------------------------------------
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "media-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "manifest-src": [CSP.SELF],
}
X_FRAME_OPTIONS = "DENY"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Otherwise all people together would have the few failed attempts that one address is allowed.
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"timed": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"without_links": {"()": "nvq_portfolio.logs.WithoutLinks"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "timed", "filters": ["without_links"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    # They tell each step of each PDF.
    "loggers": {
        "django": {"level": env.str("LOG_LEVEL", default="INFO")},
        "weasyprint": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
    },
}
