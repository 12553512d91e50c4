"""Seven pieces of evidence as a candidate for unit 304 collects them, for one shop. Together they fill every cell."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from desk.demo import papers, pictures
from desk.demo.papers import Part
from desk.demo.shops import Shop


@dataclass(frozen=True, kw_only=True)
class Item:
    """One piece of evidence before it is handed in. ``claims``: the cell's label and where to look."""

    title: str
    methods: Sequence[str]
    what_happened: str
    happened_days_ago: int
    lasted_days: int = 0
    occasion: str = ""
    customer: str = ""
    files: Sequence[tuple[str, bytes]]
    claims: Mapping[str, str]
    has_witness: bool = False

    @property
    def happened_from(self) -> date:
        return _day(self.happened_days_ago)

    @property
    def happened_to(self) -> date:
        return _day(self.happened_days_ago - self.lasted_days)


def service_offer(shop: Shop, candidate: str, days_ago: int) -> Item:
    heads = ("What the customer gets", "Us", shop.rival)
    return Item(
        title=f"Our service offer compared with {shop.rival}",
        methods=["PE"],
        what_happened=(
            f"I visited {shop.rival} and looked at what they charge and what is extra, then asked two customers why "
            f"some people use {shop.substitute} instead. I wrote the comparison for our team and made the board that "
            f"stands at the door. The {shop.thing} itself costs more here; not so once {shop.care} is counted."
        ),
        happened_days_ago=days_ago,
        occasion="A look at what others offer",
        lasted_days=4,
        files=[
            (
                "Service offer compared.pdf",
                papers.pdf(
                    title=f"Service offer: {shop.name} and others",
                    organisation=shop.name,
                    parts=[
                        Part(
                            f"Compared with {shop.rival}, who sell the same things",
                            [heads, *shop.prices],
                            [
                                f"Our offer in one sentence: {shop.care}, and somebody who knows what they sell.",
                                f"{shop.rival} are a little cheaper at first sight. Everything they leave out is a "
                                "reason to come to us, and I tell customers so without running them down.",
                            ],
                        ),
                        Part(
                            "Compared with something else altogether",
                            [
                                ("", "Us", "Instead"),
                                ("Who", shop.name, shop.substitute[0].upper() + shop.substitute[1:]),
                                ("Good for", "years of use", "a quick answer"),
                                ("Weak at", "the first price", "advice, and what it costs in the end"),
                            ],
                            [f"Whoever chooses {shop.substitute} wants it done today. We can say so and keep them."],
                        ),
                    ],
                ),
            ),
            (
                "Board at the door.jpg",
                pictures.price_board(
                    title=f"{shop.thing.capitalize()}s: ask what is included",
                    rows=shop.prices,
                    heads=("What you get", "Us", shop.rival),
                    seed=len(shop.name),
                ),
            ),
        ],
        claims={
            "2a": "page 1, table",
            "2b": "page 2",
            "304.1.2": "page 1",
            "304.3.2": "page 1, first paragraph",
            "304.3.3": "pages 1 and 2",
        },
    )


def feedback(shop: Shop, candidate: str, days_ago: int) -> Item:
    return Item(
        title="What customers said in our feedback cards",
        methods=["PE"],
        what_happened=(
            "I collected the cards for a month, counted them and wrote the summary that went to the whole team. "
            f"Our target is that {shop.target}. In the month I looked at we reached {shop.reached}."
        ),
        happened_days_ago=days_ago,
        occasion="A month of feedback cards",
        lasted_days=28,
        files=[
            (
                "Feedback summary.pdf",
                papers.pdf(
                    title="Customer feedback, one month",
                    organisation=shop.name,
                    parts=[
                        Part(
                            "What can be counted",
                            [
                                ("Question", "Cards", "Yes"),
                                ("Did we save you money or time?", "100", "71"),
                                ("Was the advice right?", "100", "96"),
                                ("Would you come again?", "100", "94"),
                            ],
                            [
                                f"Target: {shop.target}. Reached: {shop.reached}.",
                                f"71 customers named something they could measure. Most often it was {shop.care}.",
                            ],
                        ),
                        Part(
                            "What they felt",
                            (),
                            [
                                "“You never make me feel stupid for asking.”",
                                "“I trust you, so I do not look anywhere else.”",
                                "“It is a pleasure to come in.”",
                                "What makes people think they get value for their money: that we know our things, that "
                                "nothing is added at the end, and that they are remembered.",
                            ],
                        ),
                    ],
                ),
            ),
            (
                "Cards counted.csv",
                papers.table(
                    [
                        ("week", "cards", "would come again", "saved money or time"),
                        (1, 24, 22, 17),
                        (2, 27, 26, 20),
                        (3, 22, 20, 15),
                        (4, 27, 26, 19),
                    ]
                ),
            ),
        ],
        claims={
            "1a": "page 1, table",
            "1b": "page 2",
            "304.2.5": "page 1, under the table",
            "304.3.1": "page 2, last paragraph",
        },
    )


def at_the_counter(shop: Shop, candidate: str, days_ago: int) -> Item:
    return Item(
        title=f"Helping {shop.loyal} choose {shop.better}",
        methods=["O"],
        what_happened=(
            f"{shop.loyal} has bought from us for years and asked for the cheapest {shop.thing}. I asked what it was "
            f"for, and explained {shop.advice}. I reminded {shop.loyal} that {shop.care} is part of our price and that "
            f"{shop.rival} charge for it. {shop.loyal} took {shop.better}. My assessor was at the end of the counter."
        ),
        happened_days_ago=days_ago,
        occasion="A busy Saturday",
        customer="Customer A",
        files=[
            (
                "At the counter.jpg",
                pictures.counter_scene(sign=shop.name, colour=shop.colour, seed=len(shop.site)),
            ),
            (
                "What I did and why.docx",
                papers.docx(
                    title=f"{shop.loyal} and {shop.better}",
                    byline=f"{candidate}, {shop.name}",
                    paragraphs=[
                        "# What was asked",
                        f"{shop.loyal} wanted the cheapest {shop.thing} on the shelf.",
                        "# What I offered",
                        f"I asked three questions before I showed anything. Then I explained {shop.advice}. "
                        f"I pointed out {shop.care}, which costs us {shop.cost} and the customer nothing.",
                        "# Why it was worth it",
                        f"{shop.loyal} was back eight days later for {shop.extra} and brought a neighbour. The feature "
                        "was one thing; the benefit was not having to worry about it.",
                    ],
                ),
            ),
        ],
        claims={
            "3a": "photograph, and account, paragraph 1",
            "304.2.1": "account, second heading",
            "304.2.2": "account, second heading",
            "304.2.3": "account, second heading",
            "304.3.4": "account, third heading",
        },
    )


def team_briefing(shop: Shop, candidate: str, days_ago: int) -> Item:
    return Item(
        title=f"Team briefing on {shop.better}",
        methods=["WT", "PE"],
        what_happened=(
            f"Before opening I showed the team {shop.better}: what it does, who it suits, and what goes with it. "
            f"{shop.colleague} had never sold one, so we practised the questions. I asked everybody to mention "
            f"{shop.extra} when a customer is pleased, and not before."
        ),
        happened_days_ago=days_ago,
        occasion="Monday briefing",
        files=[
            (
                f"Testimony of {shop.manager}.docx",
                papers.docx(
                    title="Witness testimony",
                    byline=f"{shop.manager}, {shop.manager_role}, {shop.name}",
                    paragraphs=[
                        f"I was there when {candidate} briefed the team on {shop.better}, for a quarter of an hour.",
                        f"{candidate} had prepared it, knew the prices of {shop.rival} by heart, and got "
                        f"{shop.colleague} to try the questions out loud. Since then {shop.colleague} sells "
                        f"{shop.extra} to customers who are pleased with what they bought, as never before.",
                        f"On the shop floor {candidate} looks and sounds the way we want to be known: unhurried, tidy "
                        "and interested. New staff copy it.",
                        f"Signed: {shop.manager}",
                    ],
                ),
            ),
            (
                "Board in the staff room.jpg",
                pictures.notice_board(
                    title="Briefing",
                    notes=[
                        f"New in: {shop.better}",
                        f"Happy customer? Mention {shop.extra}",
                        f"Target: {shop.target}",
                        "Ask three questions before you show anything",
                        f"We offer {shop.care}. Say so!",
                        f"Thank you from {shop.loyal}",
                    ],
                    seed=len(shop.manager),
                ),
            ),
        ],
        claims={
            "304.1.1": "testimony, paragraph 2",
            "304.1.3": "testimony, paragraph 3",
            "304.2.8": "testimony, paragraph 2; board, second note",
            "304.3.6": "testimony, paragraph 3",
        },
        has_witness=True,
    )


def comes_back(shop: Shop, candidate: str, days_ago: int) -> Item:
    first_name = candidate.partition(" ")[0]
    return Item(
        title=f"{shop.returning} comes back from {shop.rival}",
        methods=["PE"],
        what_happened=(
            f"{shop.returning} had gone to {shop.rival} last year. In our book I saw an earlier question about "
            f"{shop.extra}, wrote to say that it had come in, and offered a stamp on the loyalty card for coming by. "
            f"{shop.returning} came, bought it, and has been twice since."
        ),
        happened_days_ago=days_ago,
        occasion="The week of the spring offer",
        customer="Customer B",
        lasted_days=6,
        files=[
            (
                f"Message to {shop.returning}.eml",
                papers.letter(
                    sender=f"{candidate} <shop@{_host(shop)}>",
                    to=f"{shop.returning} <customer@mail.example>",
                    subject="You asked us about something last year",
                    at=_moment(days_ago),
                    text=(
                        f"Dear {shop.returning},\n\nlast spring you asked whether we had {shop.extra}. It has come in, "
                        "and I have put one by for you until Saturday.\n\nIf you look in, bring your card: there is a "
                        f"stamp on it for the visit alone, and with the next one you get {shop.care}.\n\n"
                        f"With kind regards\n{first_name}\n{shop.name}, {shop.site}\n"
                    ),
                ),
            ),
            (
                "Counter on Saturday.jpg",
                pictures.counter_scene(sign=shop.name, colour=shop.colour, seed=len(shop.rival) + 40),
            ),
        ],
        claims={
            "3b": "message, paragraph 1",
            "304.1.4": "message, paragraph 2",
            "304.2.7": "message, paragraph 1",
        },
    )


def sent_elsewhere(shop: Shop, candidate: str, days_ago: int) -> Item:
    return Item(
        title=f"{shop.new} was sent elsewhere, and came back",
        methods=["PE"],
        what_happened=(
            f"{shop.new} had never been in before and asked for something we do not do. I sent {shop.new} to "
            f"{shop.elsewhere}. I rang ahead, wrote down the name to ask for, and gave our card as well. "
            f"A week later {shop.new} bought from us."
        ),
        happened_days_ago=days_ago,
        occasion="A quiet Tuesday",
        customer="Customer C",
        files=[
            (
                "Reflective account.docx",
                papers.docx(
                    title="A customer we could not help ourselves",
                    byline=f"{candidate}, {shop.name}",
                    paragraphs=[
                        f"{shop.new} came in for the first time. What was wanted is outside our service offer, and I "
                        "said so at once instead of selling something that would not do.",
                        f"I sent {shop.new} to {shop.elsewhere}. I said what they are good at and made no excuses for "
                        "us. I rang ahead so that nobody had to explain it twice.",
                        f"A week later {shop.new} was back: “You were straight with me.” That is how we got a new "
                        "customer by losing a sale.",
                    ],
                ),
            ),
        ],
        claims={"3c": "paragraphs 1 and 3", "304.2.6": "paragraph 2"},
    )


def discussion(shop: Shop, candidate: str, days_ago: int) -> Item:
    return Item(
        title="Professional discussion: what added value costs and brings",
        methods=["PD"],
        what_happened=(
            "We agreed four questions beforehand and talked for 25 minutes in the stock room. My assessor wrote down "
            "the answers; the record was read and agreed by both of us."
        ),
        happened_days_ago=days_ago,
        files=[
            (
                "Record of discussion.docx",
                papers.docx(
                    title="Record of professional discussion",
                    byline=f"{candidate}; 25 minutes",
                    paragraphs=[
                        "# 1 Why give something away?",
                        f"Because {shop.care} is what people tell their neighbours about. It is there to impress and "
                        "to make them come again; it is never a reward for complaining.",
                        "# 2 What does it cost?",
                        f"{shop.cost[0].upper() + shop.cost[1:]}. If every customer took it we would earn it back with "
                        "one sale in twelve. I do not offer it where the sale is smaller than that.",
                        "# 3 What are your targets, and who pays for reaching them?",
                        f"That {shop.target}. We pay for it in time, so the rota has a second person on Saturdays.",
                        "# 4 What else might your customers want?",
                        f"{shop.extra[0].upper() + shop.extra[1:]}, a gift voucher, and somebody to look at what they "
                        "have at home before they buy anything new.",
                    ],
                ),
            ),
        ],
        claims={
            "304.2.4": "question 2",
            "304.3.5": "question 1",
            "304.3.7": "questions 2 and 3",
            "304.3.8": "question 4",
        },
    )


type ItemMaker = Callable[[Shop, str, int], Item]

EVERY_ITEM: tuple[ItemMaker, ...] = (
    service_offer,
    feedback,
    at_the_counter,
    team_briefing,
    comes_back,
    sent_elsewhere,
    discussion,
)


def _day(days_ago: int) -> date:
    return timezone.localdate() - timedelta(days=days_ago)


def _moment(days_ago: int) -> datetime:
    return timezone.make_aware(datetime.combine(_day(days_ago), time(10, 24)))


def _host(shop: Shop) -> str:
    return "".join(letter for letter in shop.name.lower() if letter.isalpha()) + ".example"
