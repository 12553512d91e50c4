"""Work on sign-off that nobody should have to wait for."""

from django.tasks import task


@task()
def run_verification_of(run_id: int) -> None:
    """Run one verification; harmless when repeated."""
    from proof.runs import run_verification  # which queues this task

    run_verification(run_id)
