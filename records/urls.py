"""The addresses of prints."""

from django.urls import path

from . import checking_views, views

urlpatterns = [
    path("records/<int:pk>/print/", views.print_record, name="print_record"),
    path("prints/<int:pk>/", views.print_page, name="print"),
    path("prints/<int:pk>/pdf/", views.print_pdf, name="print_pdf"),
    # Open to everybody: whoever holds a print knows its code.
    path("check/", checking_views.check, name="check"),
    path("check/<str:code>/", checking_views.check_print, name="check_print"),
    path("robots.txt", checking_views.robots, name="robots"),
]
