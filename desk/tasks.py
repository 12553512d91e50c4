"""What happens after an event, when nobody has to wait for it."""

from django.tasks import task

from ledger.actions import seal_heads
from ledger.chains import HEADS

from .notices import deliver


@task()
def deliver_notices(chain: str) -> None:
    """Tell the people concerned what is new in one chain, then seal the heads of chains; harmless when repeated."""
    if chain == HEADS:
        return
    deliver(chain)
    seal_heads()
