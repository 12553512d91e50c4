"""Registering and judging."""

from django.urls import path

from .views import confirmations, discussions, judging, method_records, questions, registrations, seen_at_work

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
    path("portfolios/<int:pk>/observe/", method_records.observe, name="observe"),
    path("portfolios/<int:pk>/question/", method_records.question, name="question"),
    path("portfolios/<int:pk>/discuss/", discussions.agree, name="agree_discussion"),
    path("discussions/<int:pk>/", discussions.discussion, name="discussion"),
    path("discussions/<int:pk>/write-up/", discussions.hold_discussion, name="hold_discussion"),
    path("discussions/<int:pk>/call-off/", discussions.call_off, name="call_off_discussion"),
    path("questions/", questions.question_bank, name="question_bank"),
    path("questions/<int:pk>/remove/", questions.drop_question, name="remove_question"),
    path("evidence/<int:pk>/seen/", seen_at_work.seen_at_work, name="seen_at_work"),
    path("evidence/<int:pk>/judge/", judging.judge, name="judge"),
    path("witnesses/<int:pk>/authenticate/", judging.authenticate_witness, name="authenticate_witness"),
]
