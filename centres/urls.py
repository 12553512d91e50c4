"""The addresses of people, authority and access."""

from django.urls import path

from .views import access, authority, catalogue, drafts, environments, held_elsewhere, people, seats, standards

urlpatterns = [
    path("switch-seat/", seats.switch_seat, name="switch_seat"),
    path("invitations/<str:token>/", seats.accept_invitation, name="accept_invitation"),
    path("catalogue/", catalogue.catalogue, name="catalogue"),
    path("catalogue/units/<int:pk>/", catalogue.unit, name="catalogue_unit"),
    path("catalogue/units/<int:pk>/beside/<int:other>/", catalogue.compare_units, name="compare_units"),
    path("standards/", standards.centre_standards, name="centre_standards"),
    path("standards/hand-in/", standards.hand_in_standard, name="hand_in_standard"),
    path("standards/template.xlsx", standards.standard_template, name="standard_template"),
    path("standards/handed-in/<int:pk>/", standards.standard_upload, name="standard_upload"),
    path("standards/<int:pk>/<slug:form>/", standards.download_standard, name="download_standard"),
    path("drafts/", drafts.keep, name="keep_draft"),
    path("drafts/discard/", drafts.discard, name="discard_draft"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/invitations/<int:pk>/withdraw/", people.withdraw_invitation, name="withdraw_invitation"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/roles/give/", people.give_role, name="give_role"),
    path("people/roles/<int:pk>/end/", people.end_role, name="end_role"),
    path("people/<int:pk>/awards/add/", authority.add_award, name="add_award"),
    path("people/awards/<int:pk>/certificate/", authority.award_certificate, name="award_certificate"),
    path("people/awards/<int:pk>/certificate/file/", authority.file_certificate, name="file_certificate"),
    path("people/<int:pk>/authority/", authority.authority, name="authority"),
    path("people/<int:pk>/competence/add/", authority.note_competence, name="note_competence"),
    path("people/awards/<int:pk>/strike-out/", authority.strike_out_award, name="strike_out_award"),
    path("people/<int:pk>/approvals/give/", authority.give_approval, name="give_approval"),
    path("people/approvals/<int:pk>/end/", authority.end_approval, name="end_approval"),
    path("held-elsewhere/", held_elsewhere.held_elsewhere, name="held_elsewhere"),
    path("held-elsewhere/<int:pk>/end/", held_elsewhere.end_held_elsewhere, name="end_held_elsewhere"),
    path("environments/", environments.environments, name="environments"),
    path("environments/<int:pk>/end/", environments.end_environment, name="end_environment"),
    path("ev-access/", access.ev_access, name="ev_access"),
    path("ev-access/open/", access.open_ev_access, name="open_ev_access"),
    path("ev-access/<int:pk>/end/", access.end_ev_access, name="end_ev_access"),
]
