"""The addresses of registrations, cases about them, and what is opened to external verifiers."""

from django.urls import path

from . import catalogue_views, people_views, views
from .access import views as access
from .cases import views as cases
from .held_elsewhere import views as held_elsewhere

urlpatterns = [
    path("catalogue/", catalogue_views.catalogue, name="catalogue"),
    path("catalogue/units/<int:pk>/", catalogue_views.unit, name="catalogue_unit"),
    path("catalogue/units/<int:pk>/beside/<int:other>/", catalogue_views.compare_units, name="compare_units"),
    path("people/roles/<int:pk>/end/", people_views.end_role, name="end_role"),
    path("people/awards/<int:pk>/certificate/", people_views.award_certificate, name="award_certificate"),
    path("people/<int:pk>/authority/", people_views.authority, name="authority"),
    path("people/<int:pk>/competence/add/", people_views.note_competence, name="note_competence"),
    path("held-elsewhere/", held_elsewhere.held_elsewhere, name="held_elsewhere"),
    path("held-elsewhere/<int:pk>/end/", held_elsewhere.end_held_elsewhere, name="end_held_elsewhere"),
    path("cases/", cases.cases, name="cases"),
    path("cases/open/", cases.open_case, name="open_case"),
    path("cases/<int:pk>/", cases.case, name="case"),
    path("cases/<int:pk>/step/", cases.add_case_step, name="add_case_step"),
    path("cases/<int:pk>/close/", cases.close_case, name="close_case"),
    path("ev-access/", access.ev_access, name="ev_access"),
    path("ev-access/open/", access.open_ev_access, name="open_ev_access"),
    path("ev-access/<int:pk>/end/", access.end_ev_access, name="end_ev_access"),
    path("registrations/new/", views.register, name="register"),
    path("registrations/<int:pk>/change/", views.change_registration, name="change_registration"),
    path("registrations/<int:pk>/units/add/", views.add_unit, name="add_unit"),
]
