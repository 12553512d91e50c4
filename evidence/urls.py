"""The addresses of what is offered: evidence, claims, names, witnesses, and the links that witnesses get."""

from django.urls import path

from .claims import suggestion_views
from .claims import views as claims
from .front_matter import views as front_matter
from .instances import views as instances
from .items import file_views
from .items import views as items
from .testimonies import views as testimonies
from .testimonies import witness_views
from .witnesses import views as witnesses

urlpatterns = [
    path("portfolios/<int:pk>/about/", front_matter.front_matter, name="front_matter"),
    path("portfolios/<int:pk>/about/<slug:kind>/change/", front_matter.change_part, name="change_front_matter"),
    path("front-matter/files/<int:pk>/", front_matter.front_matter_file, name="front_matter_file"),
    path(
        "front-matter/files/<int:pk>/<slug:variant>/",
        front_matter.front_matter_file_variant,
        name="front_matter_file_variant",
    ),
    path(
        "front-matter/files/<int:pk>/pages/<int:number>/",
        front_matter.front_matter_file_page,
        name="front_matter_file_page",
    ),
    path("portfolios/<int:pk>/evidence/new/", items.add_evidence, name="add_evidence"),
    path("portfolios/<int:pk>/witnesses/new/", witnesses.add_witness, name="add_witness"),
    path("witnesses/<int:pk>/change/", witnesses.change_witness, name="change_witness"),
    path("evidence/<int:pk>/change/", items.change_evidence, name="change_evidence"),
    path("evidence/<int:pk>/claims/", claims.claims, name="claims"),
    path("evidence/<int:pk>/suggestions/", suggestion_views.suggestions, name="suggestions"),
    path("evidence/<int:pk>/offer/", items.offer, name="offer"),
    path("evidence/<int:pk>/withdraw/", items.withdraw, name="withdraw"),
    path("evidence/<int:pk>/missed/", claims.add_missed_claim, name="add_missed_claim"),
    path("records/<int:pk>/instances/", instances.instances, name="instances"),
    path("instances/<int:pk>/change/", instances.change_instance, name="change_instance"),
    path("instances/<int:pk>/remove/", instances.take_instance_away, name="remove_instance"),
    path("evidence/files/<int:pk>/", file_views.evidence_file, name="evidence_file"),
    path("evidence/files/<int:pk>/<slug:variant>/", file_views.evidence_file_variant, name="evidence_file_variant"),
    path("evidence/files/<int:pk>/pages/<int:number>/", file_views.evidence_file_page, name="evidence_file_page"),
    path("evidence/<int:pk>/ask-witness/", testimonies.ask_witness, name="ask_witness"),
    path("testimonies/requests/<int:pk>/withdraw/", testimonies.withdraw_request, name="withdraw_testimony_request"),
    path("testimonies/<int:pk>/", testimonies.testimony, name="testimony"),
    # Open to whoever holds the link. Tokens hold a colon, so that neither of these words can be one.
    path("testify/received/", witness_views.testimony_received, name="testimony_received"),
    path("testify/suspended/", witness_views.testimony_disowned, name="testimony_disowned"),
    path("testify/<str:token>/", witness_views.testify, name="testify"),
    path("testify/not-me/<str:token>/", witness_views.disown_testimony, name="disown_testimony"),
]
