"""Witnesses without accounts: asking them, the pages behind their links, and what they signed."""

from django.urls import path

from .views import testifying, testimonies

urlpatterns = [
    path("evidence/<int:pk>/ask-witness/", testimonies.ask_witness, name="ask_witness"),
    path("testimonies/requests/<int:pk>/withdraw/", testimonies.withdraw_request, name="withdraw_testimony_request"),
    path("testimonies/<int:pk>/", testimonies.testimony, name="testimony"),
    # Open to whoever holds the link. Tokens hold a colon, so that neither of these words can be one.
    path("testify/received/", testifying.testimony_received, name="testimony_received"),
    path("testify/suspended/", testifying.testimony_disowned, name="testimony_disowned"),
    path("testify/<str:token>/", testifying.testify, name="testify"),
    path("testify/not-me/<str:token>/", testifying.disown_testimony, name="disown_testimony"),
]
