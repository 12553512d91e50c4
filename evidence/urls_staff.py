"""Registering and judging."""

from django.urls import path

from .views import confirmations, judging, registrations

urlpatterns = [
    path("registrations/", registrations.registrations, name="registrations"),
    path("registrations/new/", registrations.register, name="register"),
    path("registrations/<int:pk>/", registrations.registration, name="registration"),
    path("registrations/<int:pk>/change/", registrations.change_registration, name="change_registration"),
    path("registrations/<int:pk>/status/", registrations.change_status, name="change_status"),
    path("registrations/<int:pk>/reassign/", registrations.reassign, name="reassign"),
    path("registrations/<int:pk>/units/add/", registrations.add_unit, name="add_unit"),
    path("records/<int:pk>/reassign/", registrations.reassign_unit, name="reassign_unit"),
    path("records/<int:pk>/confirm/", confirmations.confirm_unit, name="confirm_unit"),
    path("records/<int:pk>/waive/", confirmations.waive, name="waive"),
    path("waivers/<int:pk>/withdraw/", confirmations.withdraw_waiver, name="withdraw_waiver"),
    path("evidence/<int:pk>/judge/", judging.judge, name="judge"),
    path("witnesses/<int:pk>/authenticate/", judging.authenticate_witness, name="authenticate_witness"),
]
