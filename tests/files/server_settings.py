"""The product's own settings for a server that is killed: its own data folder, plain assets, and nobody's mail."""

import os

from nvq_portfolio.settings import *  # noqa: F403
from nvq_portfolio.settings import DATA_DIR, STORAGES

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
if os.environ.get("PAUSE_AT") in ("storing", "stored"):
    STORAGES["default"] = {
        "BACKEND": "tests.files.server.PausingStorage",
        "OPTIONS": {"location": DATA_DIR / "files"},
    }
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}}
LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"level": "ERROR"}}
(DATA_DIR / "static").mkdir(exist_ok=True)
