"""The product's own settings, with assets under plain names and tasks done at once; not the tests' strictness."""

from nvq_portfolio.settings import *  # noqa: F403
from nvq_portfolio.settings import STORAGES

ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "benchmarks.urls"
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend", "QUEUES": ["default"]}}
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}}
# Only people who are made here have passwords, and nobody signs in with one.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"level": "ERROR"}}
