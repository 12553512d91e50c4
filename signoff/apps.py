from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SignoffConfig(AppConfig):
    name = "signoff"

    def ready(self) -> None:
        post_migrate.connect(_make_cache_table, sender=self, dispatch_uid="signoff.cache_table")


def _make_cache_table(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Where failed proofs of presence are counted, so that nobody has to remember a command after `migrate`.

    Harmless when it is there, and where the settings name another cache.
    """
    from django.core.management import call_command

    call_command("createcachetable", database=using, verbosity=0)
