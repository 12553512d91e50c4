"""The addresses of people, their authority, and what a centre keeps for itself."""

from django.urls import path

from .authority import views as authority
from .drafts import views as drafts
from .drawn_signature import views as drawn_signature
from .environments import views as environments
from .people import seat_views
from .people import views as people
from .standards import views as standards

urlpatterns = [
    path("switch-seat/", seat_views.switch_seat, name="switch_seat"),
    path("invitations/<str:token>/", seat_views.accept_invitation, name="accept_invitation"),
    path("standards/", standards.centre_standards, name="centre_standards"),
    path("standards/hand-in/", standards.hand_in_standard, name="hand_in_standard"),
    path("standards/template.xlsx", standards.standard_template, name="standard_template"),
    path("standards/handed-in/<int:pk>/", standards.standard_upload, name="standard_upload"),
    path("standards/<int:pk>/<slug:form>/", standards.download_standard, name="download_standard"),
    path("drafts/", drafts.keep, name="keep_draft"),
    path("drafts/discard/", drafts.discard, name="discard_draft"),
    path("drawn-signature/", drawn_signature.drawn_signature, name="drawn_signature"),
    path("drawn-signature/remove/", drawn_signature.remove_drawing, name="remove_drawing"),
    path("drawn-signature/picture/", drawn_signature.own_drawing, name="own_drawing"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/invitations/<int:pk>/withdraw/", people.withdraw_invitation, name="withdraw_invitation"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/roles/give/", people.give_role, name="give_role"),
    path("people/<int:pk>/awards/add/", authority.add_award, name="add_award"),
    path("people/awards/<int:pk>/certificate/file/", authority.file_certificate, name="file_certificate"),
    path("people/awards/<int:pk>/strike-out/", authority.strike_out_award, name="strike_out_award"),
    path("people/<int:pk>/approvals/give/", authority.give_approval, name="give_approval"),
    path("people/approvals/<int:pk>/end/", authority.end_approval, name="end_approval"),
    path("environments/", environments.environments, name="environments"),
    path("environments/<int:pk>/end/", environments.end_environment, name="end_environment"),
]
