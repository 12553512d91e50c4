"""What happens after an event, when nobody has to wait for it."""

from django.tasks import task

from desk.notices import deliver
from ledger.actions import seal_heads
from ledger.chains import HEADS


@task()
def deliver_notices(chain: str) -> None:
    """Tell the people concerned what is new in one chain, then seal the heads of chains; harmless when repeated."""
    if chain == HEADS:
        return
    deliver(chain)
    seal_heads()
