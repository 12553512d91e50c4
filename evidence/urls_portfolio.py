"""The candidate's side: the portfolio, its evidence and its witnesses."""

from django.urls import path

from .views import claims, files, front_matter, instances, items, method_records, portfolio, suggestions, witnesses

urlpatterns = [
    path("portfolios/<int:pk>/", portfolio.portfolio, name="portfolio"),
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
    path("evidence/<int:pk>/", items.evidence, name="evidence"),
    path("evidence/<int:pk>/change/", items.change_evidence, name="change_evidence"),
    path("evidence/<int:pk>/claims/", claims.claims, name="claims"),
    path("evidence/<int:pk>/suggestions/", suggestions.suggestions, name="suggestions"),
    path("evidence/<int:pk>/offer/", items.offer, name="offer"),
    path("evidence/<int:pk>/withdraw/", items.withdraw, name="withdraw"),
    path("evidence/<int:pk>/missed/", claims.add_missed_claim, name="add_missed_claim"),
    path("records/<int:pk>/instances/", instances.instances, name="instances"),
    path("instances/<int:pk>/change/", instances.change_instance, name="change_instance"),
    path("instances/<int:pk>/remove/", instances.take_instance_away, name="remove_instance"),
    path("evidence/<int:pk>/statement/", method_records.add_statement, name="add_statement"),
    path("evidence/<int:pk>/product/", method_records.add_product_note, name="add_product_note"),
    path("evidence/<int:pk>/records/<int:record>/", method_records.method_record, name="method_record"),
    path(
        "evidence/<int:pk>/records/<int:record>/correct/",
        method_records.correct_method_record,
        name="correct_method_record",
    ),
    path("evidence/files/<int:pk>/", files.evidence_file, name="evidence_file"),
    path("evidence/files/<int:pk>/<slug:variant>/", files.evidence_file_variant, name="evidence_file_variant"),
    path("evidence/files/<int:pk>/pages/<int:number>/", files.evidence_file_page, name="evidence_file_page"),
]
