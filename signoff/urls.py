"""The addresses of the unit record, its sign-off, and the registration that it belongs to."""

from django.urls import path

from . import registration_views, views
from .handover import views as handover

urlpatterns = [
    path("registrations/", registration_views.registrations, name="registrations"),
    path("registrations/<int:pk>/", registration_views.registration, name="registration"),
    path("registrations/<int:pk>/status/", registration_views.change_status, name="change_status"),
    path("registrations/<int:pk>/reassign/", registration_views.reassign, name="reassign"),
    path("records/<int:pk>/reassign/", registration_views.reassign_unit, name="reassign_unit"),
    path("people/<int:pk>/hand-over/", handover.hand_over, name="hand_over"),
    path("records/<int:pk>/", views.record, name="record"),
    path("records/<int:pk>/sign/<slug:slot>/", views.sign, name="sign"),
    path("records/<int:pk>/sample/", views.sample, name="sample"),
    path("records/<int:pk>/sample/withdraw/", views.withdraw_sample, name="withdraw_sample"),
    path("records/<int:pk>/unlock/", views.unlock, name="unlock"),
    path("records/<int:pk>/history/", views.history, name="history"),
    path("signatures/<int:pk>/drawing/", views.signature_drawing, name="signature_drawing"),
]
