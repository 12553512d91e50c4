"""What gunicorn serves when a test means to kill it: the product, which stops at PAUSE_AT and says so by a file."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

PAUSE_AT = os.environ.get("PAUSE_AT", "")


def pause(*_: Any, **__: Any) -> None:
    """Wait to be killed."""
    (Path(os.environ["DATA_DIR"]) / "paused").touch()
    time.sleep(120)


class _Half(File):
    """Gives out the first half of its bytes, then pauses."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        yield self.read(self.size // 2)
        pause()


class PausingStorage(FileSystemStorage):
    """Pauses while an object is half written ("storing"), or as soon as it lies there whole ("stored")."""

    def _save(self, name: str, content: File) -> str:
        if PAUSE_AT == "storing":
            content = _Half(content.file)
        saved = super()._save(name, content)
        pause()
        return saved


def __getattr__(name: str) -> Any:
    """Django is set up only where the server asks for the application: its settings name the storage above."""
    if name != "application":
        raise AttributeError(name)
    from django.db.models.signals import post_save

    from nvq_portfolio.wsgi import application

    waits_for = {"row": "files.Blob", "item": "evidence.Evidence"}
    if PAUSE_AT in waits_for:
        from django.apps import apps

        post_save.connect(pause, sender=apps.get_model(waits_for[PAUSE_AT]))
    return application
