"""Settings of a test run: the product's own, with a throwaway data folder, quick passwords and strict templates."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# Nothing of an installation reaches the tests, except the database that scripts/with_postgres.py made for them.
for _name in [
    "ALLOWED_HOSTS", "BEHIND_PROXY", "CACHE_URL", "DEBUG", "DEFAULT_FROM_EMAIL", "EMAIL_URL", "LEDGER_KEY_FILE",
    "EVIDENCE_QUOTA_MB", "LEDGER_LOST_KEYS", "LOG_LEVEL", "MAX_FILE_MB", "MAX_RECORDING_MB", "S3_BUCKET", "SECRET_KEY",
    "SITE_URL", "TIME_ZONE",
]:  # fmt: skip
    os.environ.pop(_name, None)


def _own_data_folder() -> Path:
    """A folder for this run, removed at its end; each parallel worker has its own inside it."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker and "NVQ_TEST_RUN" in os.environ:
        return Path(os.environ["NVQ_TEST_RUN"]) / worker
    folder = Path(tempfile.mkdtemp(prefix="nvq-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["NVQ_TEST_RUN"] = str(folder)
    return folder


os.environ["DATA_DIR"] = str(_own_data_folder())
# Playwright's synchronous interface keeps an event loop in the thread of the tests, which Django would refuse to share.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from nvq_portfolio.settings import *  # noqa: E402, F403
from nvq_portfolio.settings import BASE_DIR, DATA_DIR, DATABASES, MIDDLEWARE, STORAGES, TEMPLATES  # noqa: E402
from tests.strict import UndefinedVariable  # noqa: E402

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: the browser tests' server answers on threads with connections of their own, as in life.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    # A test database need not survive a power cut.
    DATABASES["default"]["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 0

# Mail is kept for the test to read, whichever way the product's settings speak of it.
for _name in [name for name in globals() if name.startswith("EMAIL_")]:
    del globals()[_name]
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# Tasks run where they are queued, so that a test sees what they did.
TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend", "QUEUES": ["default"]}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# WhiteNoise warns of a missing folder.
(DATA_DIR / "static").mkdir(exist_ok=True)

TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = UndefinedVariable(BASE_DIR / "templates")
MIDDLEWARE.insert(0, "tests.strict.StrictPageMiddleware")

LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"level": "WARNING"}}
