"""The demo centre's settings in the gallery: the product's own, with assets as they lie and tasks done at once."""

from nvq_portfolio.settings import *  # noqa: F403
from nvq_portfolio.settings import STORAGES

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend", "QUEUES": ["default"]}}
