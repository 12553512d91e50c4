"""The addresses of this room: the candidate's side and the staff's side."""

from . import urls_portfolio, urls_staff

urlpatterns = [*urls_portfolio.urlpatterns, *urls_staff.urlpatterns]
