"""The addresses of prints."""

from django.urls import path

from . import views

urlpatterns = [
    path("records/<int:pk>/print/", views.print_record, name="print_record"),
    path("prints/<int:pk>/", views.print_page, name="print"),
    path("prints/<int:pk>/pdf/", views.print_pdf, name="print_pdf"),
]
