from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class LedgerConfig(AppConfig):
    name = "ledger"

    def ready(self) -> None:
        from ledger import guard

        connection_created.connect(guard.give_connection_its_answer, dispatch_uid="ledger.guard.answer")
        post_migrate.connect(guard.restore_after_migrate, sender=self, dispatch_uid="ledger.guard.restore")
