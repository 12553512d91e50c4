"""The addresses of judging, of what assessors write and see, and the pages that show an item with its judgements."""

from django.urls import path

from .confirming import views as confirming
from .discussions import views as discussions
from .judging import views as judging
from .method_records import views as method_records
from .portfolio import views as portfolio
from .questions import views as questions
from .seen_at_work import views as seen_at_work

urlpatterns = [
    path("records/<int:pk>/confirm/", confirming.confirm_unit, name="confirm_unit"),
    path("records/<int:pk>/waive/", confirming.waive, name="waive"),
    path("waivers/<int:pk>/withdraw/", confirming.withdraw_waiver, name="withdraw_waiver"),
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
    path("portfolios/<int:pk>/", portfolio.portfolio, name="portfolio"),
    path("evidence/<int:pk>/", portfolio.evidence, name="evidence"),
    path("evidence/<int:pk>/statement/", method_records.add_statement, name="add_statement"),
    path("evidence/<int:pk>/product/", method_records.add_product_note, name="add_product_note"),
    path("evidence/<int:pk>/records/<int:record>/", method_records.method_record, name="method_record"),
    path(
        "evidence/<int:pk>/records/<int:record>/correct/",
        method_records.correct_method_record,
        name="correct_method_record",
    ),
]
