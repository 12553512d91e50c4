"""A link works once, even when its form is sent twice at one moment."""

import threading

import pytest
from django.db import connections
from django.test import Client

from evidence import models
from tests.evidence.builders import make_world
from tests.evidence.testifying import FILLED, ask, item_for_witness, link


@pytest.mark.django_db(transaction=True)
def test_two_forms_sent_at_once_make_one_testimony() -> None:
    world = make_world()
    request = ask(world, item_for_witness(world))
    start, statuses = threading.Barrier(2), []

    def send() -> None:
        client = Client()
        start.wait(timeout=10)
        try:
            statuses.append(client.post(link(request), FILLED).status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(statuses) == [302, 410]
    assert models.Testimony.objects.count() == 1
