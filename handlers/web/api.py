"""The HTTP API: the same answers as JSON. Described by OpenAPI at /api/openapi.json (see docs/http-api.md)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from bot.events import (
    DATA_BYTES,
    BlockKind,
    Commanded,
    Event,
    Incoming,
    Language,
    Outcome,
    Pressed,
    Reply,
    Said,
    SentPlace,
)
from handlers.web.conversation import Conversation, NoAnswer
from handlers.web.items import AUDIENCES, FOUND, QUERY, chosen_situations
from handlers.web.listing import Entry, Listings, entry_of
from handlers.web.session import as_language, chat_of, preferred_language, update_of
from handlers.web.show import is_web, paper_address
from handlers.web.site import Problem, Site
from knowledge.model import Item

TEXT = 16_000  # characters of a question that are taken; the assistant says so kindly from 4,096 on
Spoken = Annotated[Language | None, Field(description="zh, en; 不给则看 Accept-Language。 Default: Accept-Language.")]


class Given(BaseModel):
    """Base of everything a caller sends: no unknown field passes."""

    model_config = ConfigDict(extra="forbid")


class Shape(BaseModel):
    """Base of everything a caller gets."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Question(Given):
    question: Annotated[str, Field(min_length=1, max_length=TEXT, examples=["补办身份证要多少钱"])]
    language: Spoken = None


class SaidIn(Given):
    """一句话。 Free text."""

    type: Literal["said"]
    text: Annotated[str, Field(max_length=TEXT)]


class PressedIn(Given):
    """按了回答里的一个按钮：data 原样送回。 A button of an answer: its data as it came."""

    type: Literal["pressed"]
    data: Annotated[str, Field(min_length=1, max_length=DATA_BYTES)]


class CommandedIn(Given):
    """命令，不带斜杠：start, help, lang, region, simple, cancel, agent。 A command without its slash."""

    type: Literal["commanded"]
    name: Annotated[str, Field(pattern=r"^[a-z_]{1,32}$", examples=["start"])]
    argument: Annotated[str, Field(max_length=200, examples=["item_id_card_apply"])] = ""


class PlaceIn(Given):
    """位置。 A place on the map."""

    type: Literal["place"]
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


EventIn = Annotated[SaidIn | PressedIn | CommandedIn | PlaceIn, Field(discriminator="type")]


class Update(Given):
    session: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9_-]{20,128}$",
            description="会话密钥，调用方随机生成并保密。 The conversation's key: random, secret, the caller's.",
        ),
    ]
    update_id: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9_-]{1,64}$",
            description="同一编号只处理一次，重发得同样回答。 The same id again: the same replies.",
        ),
    ]
    event: EventIn
    language: Spoken = None


class Wanted(Given):
    """Which items, and how many of them."""

    q: Annotated[str, Field(max_length=QUERY, description="搜索的话。 Words to search for.")] = ""
    department: Annotated[str, Field(max_length=200)] = ""
    audience: Literal["person", "organisation"] | None = None
    language: Spoken = None
    offset: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class SpanOut(Shape):
    text: str
    bold: bool
    code: bool
    href: Annotated[str, Field(description="http(s) 链接，或空。 An http(s) link, or empty.")]


class BlockOut(Shape):
    kind: BlockKind
    spans: list[SpanOut]


class ButtonOut(Shape):
    """data 与 url 恰有一个。 Exactly one of data and url is not empty."""

    label: str
    data: str
    url: str


class FileOut(Shape):
    name: str
    media_type: str
    url: str


class ReplyOut(Shape):
    outcome: Outcome
    language: Language
    text: Annotated[str, Field(description="全文，纯文本。 The whole reply as plain text.")]
    blocks: list[BlockOut]
    buttons: list[list[ButtonOut]]
    files: list[FileOut]
    simple: bool


class Answer(ReplyOut):
    more: Annotated[
        list[ReplyOut],
        Field(description="一句话里问了第二件事，其回答在此。 The answer to a second need in the same question."),
    ]


class Replies(Shape):
    replies: list[ReplyOut]
    letters: Annotated[
        list[ReplyOut],
        Field(description="这期间来的消息，每条只给一次。 What has come meanwhile, each given once."),
    ]


class ItemOut(Shape):
    code: str
    name: str
    summary: str | None
    department: str | None
    url: str


class ItemList(Shape):
    total: int
    offset: int
    items: list[ItemOut]


class ItemDetail(ItemOut):
    pdf: str
    qr: str
    notice: ReplyOut
    item: Annotated[Item, Field(description="目录里的原始记录。 The record as the catalogue has it.")]


class Sentences(Shape):
    zh: str
    en: str


class Refusal(Shape):
    """没办成：名称，和给人看的一句话（中、英）。 What could not be done, and a sentence for people."""

    error: str
    message: Sentences


REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Refusal, "description": description}
    for status, description in {
        413: "内容太长。 Too long.",
        422: "请求不对。 The request is not right.",
        429: "太快了。 Too fast.",
        503: "暂时忙，可原样重发。 Busy; the same may be sent again.",
    }.items()
}
GONE: dict[int | str, dict[str, Any]] = {404: {"model": Refusal, "description": "没有这个事项。 No such item."}}


def api_router(site: Site, conversation: Conversation, listings: Listings) -> APIRouter:
    """The routes of the API."""
    api = _Api(site, conversation, listings)
    router = APIRouter(prefix="/api", responses=REFUSALS)
    for path, method, endpoint, shape, more, summary in (
        ("/ask", "POST", api.ask, Answer, {}, "问一句，答一句，不留会话。 One question, one answer."),
        ("/chat", "POST", api.chat, Replies, {}, "对话中的一步。 One step of a conversation."),
        ("/items", "GET", api.items, ItemList, {}, "列出或搜索事项。 List or search items."),
        ("/items/{code}", "GET", api.item, ItemDetail, GONE, "一个事项的全部内容。 All about one item."),
    ):
        router.add_api_route(path, endpoint, methods=[method], response_model=shape, responses=more, summary=summary)
    return router


class _Api:
    def __init__(self, site: Site, conversation: Conversation, listings: Listings) -> None:
        self._site, self._conversation, self._listings = site, conversation, listings

    async def ask(self, request: Request, asked: Question) -> Response:
        """无会话，无状态。 No session and no state: each call is a conversation of one question."""
        if refused := self._too_many(request, ""):
            return refused
        spoken = _language(request, asked.language)
        try:
            replies = await self._conversation.ask(_clean(asked.question), spoken)
        except NoAnswer:
            return self._site.problem(request, Problem("busy", 503))
        first, *more = [self._reply(request, reply) for reply in replies]
        return _json(Answer(**first.model_dump(), more=more))

    async def chat(self, request: Request, update: Update) -> Response:
        """同一内核，同一对话规则。 The same core as every channel; a session's updates are taken one at a time."""
        incoming = Incoming(
            chat_of(update.session),
            update_of(update.session, update.update_id, "api"),
            _event(update.event),
            _language(request, update.language),
        )
        replies = await self._answer(request, incoming)
        if isinstance(replies, Response):
            return replies
        letters = await run_in_threadpool(self._site.assistant.letters, incoming.chat)
        return _json(
            Replies(
                replies=[self._reply(request, reply) for reply in replies],
                letters=[self._reply(request, letter) for letter in letters],
            )
        )

    async def items(self, request: Request, wanted: Annotated[Wanted, Query()]) -> Response:
        """搜索按相关程度排列，最多 20 项；否则按目录次序。 A search gives the best 20, best first."""
        spoken = _language(request, wanted.language)
        entries = await (self._search(wanted.q, spoken) if wanted.q.strip() else self._list(wanted, spoken))
        page = [self._entry(request, entry, spoken) for entry in entries[wanted.offset : wanted.offset + wanted.limit]]
        return _json(ItemList(total=len(entries), offset=wanted.offset, items=page))

    async def item(self, request: Request, code: str, language: Annotated[Language | None, Query()] = None) -> Response:
        """事项的记录与一次性告知全文；情形用查询参数给出，如 ?kind=lost。 Situations as query parameters."""
        spoken = _language(request, language)
        item = self._site.knowledge().item(code)
        chosen = chosen_situations(item, request.query_params) if item else {}
        notice = await run_in_threadpool(self._site.assistant.notice, code, spoken, chosen) if item else None
        if item is None or notice is None:
            return self._site.problem(request, Problem("item_gone", 404))
        entry = self._entry(request, entry_of(item), spoken)
        return _json(
            ItemDetail(
                **entry.model_dump(),
                pdf=f"{entry.url}.pdf",
                qr=f"{entry.url}/qr.svg",
                notice=self._reply(request, notice),
                item=item,
            )
        )

    async def _answer(self, request: Request, incoming: Incoming) -> tuple[Reply, ...] | Response:
        if refused := self._too_many(request, incoming.chat.id):
            return refused
        try:
            return await self._conversation.answer(incoming)
        except NoAnswer:
            return self._site.problem(request, Problem("busy", 503))

    def _too_many(self, request: Request, asker: str) -> Response | None:
        """A refusal for somebody who asks too fast: a session, or without one an address."""
        if self._site.asking.allows(asker or (request.client.host if request.client else "")):
            return None
        return self._site.problem(request, Problem("too_many", 429))

    async def _search(self, words: str, language: Language) -> list[Entry]:
        suggestions = await run_in_threadpool(self._site.assistant.suggest, words, language, FOUND)
        items = (self._site.knowledge().item(suggestion.code) for suggestion in suggestions)
        return [entry_of(item) for item in items if item is not None]

    async def _list(self, wanted: Wanted, language: Language) -> list[Entry]:
        listing = await run_in_threadpool(self._listings.of, self._site.knowledge())
        audience = AUDIENCES[wanted.audience] if wanted.audience else None
        return listing.choose(language, wanted.department, audience)

    def _entry(self, request: Request, entry: Entry, language: Language) -> ItemOut:
        return ItemOut(
            code=entry.code,
            name=entry.name.say(language),
            summary=entry.summary.say(language) if entry.summary else None,
            department=entry.department.say(language) if entry.department else None,
            url=self._site.address(request, f"/items/{entry.code}"),
        )

    def _reply(self, request: Request, reply: Reply) -> ReplyOut:
        addresses = [self._site.address(request, paper_address(one, reply.language)) for one in reply.papers]
        return ReplyOut(
            outcome=reply.outcome,
            language=reply.language,
            text=reply.text,
            blocks=[
                BlockOut(
                    kind=block.kind,
                    spans=[
                        SpanOut(text=s.text, bold=s.bold, code=s.code, href=s.href if is_web(s.href) else "")
                        for s in block.spans
                    ],
                )
                for block in reply.blocks
            ],
            buttons=[[ButtonOut(label=b.label, data=b.data, url=b.url) for b in row] for row in reply.buttons],
            files=[
                FileOut(name=file.name, media_type=file.media_type, url=address)
                for file, address in zip(reply.files, addresses, strict=False)
            ],
            simple=reply.simple,
        )


def _event(event: SaidIn | PressedIn | CommandedIn | PlaceIn) -> Event:
    match event:
        case SaidIn(text=text):
            return Said(_clean(text))
        case PressedIn(data=data):
            return Pressed(_clean(data))
        case CommandedIn(name=name, argument=argument):
            return Commanded(name, _clean(argument))
        case PlaceIn(latitude=latitude, longitude=longitude):
            return SentPlace(latitude, longitude)


def _clean(text: str) -> str:
    """Without NUL, which no database takes."""
    return text.replace("\x00", "")


def _language(request: Request, asked: Language | None) -> Language:
    return as_language(asked) or preferred_language(request.headers.get("accept-language", "")) or "zh"


def _json(shape: Shape) -> JSONResponse:
    """Validated when it was made, so not once more by the framework."""
    return JSONResponse(shape.model_dump(mode="json"))
