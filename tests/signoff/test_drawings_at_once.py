"""A drawing is taken away while somebody signs with it: before they sign or afterwards, never in between (Q26)."""

import threading
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import connections

from centres.drawn_signature import actions as drawing
from files.models import Blob
from proof.verify import faults
from signoff import actions
from signoff.models import Signature, Slot
from tests.centres.drawings import keep_drawing
from tests.evidence.builders import make_world
from tests.signoff.builders import ready, sign_line


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["it is taken away", "it is signed with"])
def test_a_drawing_goes_before_a_signature_or_after_it(first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world()
    record, blob = ready(world), keep_drawing(world.candidate).blob
    written, other_is_done = threading.Event(), threading.Event()

    def late(told: Any) -> Any:
        """What was done is written and not committed yet, while the other one begins."""

        def tell(*event: Any, **facts: Any) -> object:
            written.set()
            other_is_done.wait(timeout=2)
            return told(*event, **facts)

        return tell

    def remove() -> None:
        drawing.remove_drawn_signature(by=world.candidate)

    def sign() -> None:
        sign_line(record, Slot.CANDIDATE, by=world.candidate, seen_drawing=blob.sha256)

    def in_a_thread(act: Any) -> threading.Thread:
        def run() -> None:
            try:
                act()
            finally:
                connections.close_all()

        thread = threading.Thread(target=run)
        thread.start()
        assert written.wait(timeout=30)
        return thread

    if first == "it is taken away":
        monkeypatch.setattr(drawing, "tell", late(drawing.tell))
        thread = in_a_thread(remove)
        with pytest.raises(ValidationError, match="Your drawn signature has changed"):
            sign()
        other_is_done.set()
        thread.join(timeout=30)
        assert not Signature.objects.exists()
        assert not Blob.objects.filter(pk=blob.pk).exists()
    else:
        monkeypatch.setattr(actions, "tell", late(actions.tell))
        thread = in_a_thread(sign)
        remove()
        other_is_done.set()
        thread.join(timeout=30)
        assert Signature.objects.get().drawing == blob
        assert default_storage.exists(blob.stored_as)
    assert list(faults()) == []
