from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CentresConfig(AppConfig):
    name = "centres"

    def ready(self) -> None:
        from centres.authority.first_awards import recognise_first_awards

        post_migrate.connect(recognise_first_awards, sender=self, dispatch_uid="centres.first_awards")
