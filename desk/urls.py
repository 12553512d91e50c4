"""The front door."""

from django.urls import path

from . import views
from .design import design

urlpatterns = [
    path("", views.home, name="home"),
    path("design/", design, name="design"),
]
