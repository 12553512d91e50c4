"""Work on prints that nobody should have to wait for."""

from django.tasks import task


@task()
def make_print_of(print_id: int) -> None:
    """Make one print; harmless when repeated."""
    from records.actions import make_print  # actions enqueue this task

    make_print(print_id)
