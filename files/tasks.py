"""Work on files that nobody should have to wait for."""

from django.tasks import task


@task()
def prepare_blob(blob_id: int) -> None:
    """Make the preview of one stored file; harmless when repeated."""
    from files.actions import prepare  # actions enqueue this task

    prepare(blob_id)
