"""The conversation: a form that works by itself, and in place with htmx."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.events import Commanded, Event, Incoming, Outcome, Pressed, Said
from handlers.web.conversation import Conversation, NoAnswer
from handlers.web.session import LANGUAGE, SESSION, SIMPLE, Visitor, as_language, chat_of, is_nonce, update_of
from handlers.web.show import Shown, show
from handlers.web.site import Problem, Site

FIELDS = 8  # a form of ours has fewer
LABEL = "|"  # between a button's data and its label in a form
NO_STORE = {"Cache-Control": "no-store"}
_COMMAND = re.compile(r"/([A-Za-z_]{1,32})(?:\s+(.*))?", re.DOTALL)
_OWN_PATH = re.compile(r"/(?![/\\])[A-Za-z0-9_/.?=&%+-]{0,1000}")


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form carried: the event, how the page shows it, and the fields to send it again."""

    event: Event
    shown: str
    pressed: bool
    fields: tuple[tuple[str, str], ...]

    @property
    def key(self) -> str:
        return "\x1e".join(value for _, value in self.fields)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answers."""

    sent: Sent
    replies: tuple[Shown, ...]


class ChatPages:
    """The pages of the conversation."""

    def __init__(self, site: Site, conversation: Conversation) -> None:
        self._site, self._conversation = site, conversation

    def routes(self) -> list[Route]:
        return [
            Route("/", self.home),
            Route("/chat", self.say, methods=["POST"]),
            Route("/clear", self.clear, methods=["POST"]),
            Route("/preferences", self.prefer, methods=["POST"]),
        ]

    async def home(self, request: Request) -> Response:
        """An empty conversation; `?q=` is written into the question's field and not yet sent."""
        who = await self._begun(request)
        page = self._page(request, who, (), draft=request.query_params.get("q", "")[:500])
        return self._with_session(request, page, who)

    async def say(self, request: Request) -> Response:
        """Answer what a form sent: the whole page, or for htmx what is added to it."""
        who = await self._begun(request)
        assert who.session is not None
        form = await request.form(max_files=0, max_fields=FIELDS)
        sent, nonce = read_form(form), _text(form, "nonce")
        nonce = nonce if is_nonce(nonce) else self._site.token()
        if not self._site.asking.allows(who.session):
            return self._trouble(request, who, sent, nonce, Problem("too_many", 429))
        incoming = Incoming(chat_of(who.session), update_of(who.session, nonce, sent.key), sent.event, who.language)
        try:
            replies = await self._conversation.answer(incoming)
        except NoAnswer:
            return self._trouble(request, who, sent, nonce, Problem("busy", 503))
        after = _after(who, replies[-1].outcome, replies[-1].language, replies[-1].simple) if replies else who
        exchange = Exchange(sent, tuple(show(reply, self._site.token()) for reply in replies))
        response = self._page(request, after, (exchange,))
        if (after.language, after.simple) != (who.language, who.simple):
            self._keep_choices(request, response, after)
            response.headers["HX-Trigger-After-Settle"] = "bangban-reload"
        return self._with_session(request, response, after)

    async def clear(self, request: Request) -> Response:
        """Forget the session: the next question begins a new conversation with nobody known."""
        response = RedirectResponse("/", 303, NO_STORE)
        self._site.forget(request, response)
        return response

    async def prefer(self, request: Request) -> Response:
        """Switch language or text size, on the page and in the conversation, and go back to where one was."""
        form = await request.form(max_files=0, max_fields=FIELDS)
        who = await self._begun(request)
        language, simple = as_language(_text(form, "language")), _text(form, "simple")
        back = _text(form, "back")
        response = RedirectResponse(back if _OWN_PATH.fullmatch(back) else "/", 303, NO_STORE)
        if language:
            await self._tell(who, Commanded("lang", language))
            who = replace(who, language=language)
        if simple in ("on", "off"):
            await self._tell(who, Commanded("simple", simple))
            who = replace(who, simple=simple == "on")
        self._keep_choices(request, response, who)
        return self._with_session(request, response, who)

    async def _tell(self, who: Visitor, command: Commanded) -> None:
        """Let the conversation know of a choice made outside of it; the page follows the choice either way."""
        assert who.session is not None
        update = update_of(who.session, self._site.token(), command.name)
        try:
            await self._conversation.answer(Incoming(chat_of(who.session), update, command, who.language))
        except NoAnswer:
            return

    async def _begun(self, request: Request) -> Visitor:
        """The visitor with a session; a new one starts with the manner of speaking chosen before."""
        who = self._site.visitor(request)
        if who.session:
            return who
        who = replace(who, session=self._site.token())
        if who.simple:
            await self._tell(who, Commanded("simple", "on"))
        return who

    def _with_session(self, request: Request, response: Response, who: Visitor) -> Response:
        if who.session and request.cookies.get(SESSION) != who.session:
            self._site.keep(request, response, SESSION, who.session)
        return response

    def _keep_choices(self, request: Request, response: Response, who: Visitor) -> None:
        self._site.keep(request, response, LANGUAGE, who.language)
        self._site.keep(request, response, SIMPLE, "1" if who.simple else "0")

    def _page(self, request: Request, who: Visitor, exchanges: tuple[Exchange, ...], draft: str = "") -> Response:
        template = "exchange.html" if "hx-request" in request.headers else "chat.html"
        response = self._site.page(
            request, template, who=who, exchanges=exchanges, nonce=self._site.token(), draft=draft, problem=None
        )
        response.headers.update(NO_STORE)
        return response

    def _trouble(self, request: Request, who: Visitor, sent: Sent, nonce: str, problem: Problem) -> Response:
        """A problem with the form to send the same again: the same nonce makes it the same update."""
        sentence = self._site.sentences(problem)[who.language]
        again = {"nonce": nonce, **dict(sent.fields)}
        if "hx-request" in request.headers:
            return self._site.page(
                request, "problem_fragment.html", problem.status, who=who, sentence=sentence, again=again
            )
        return self._site.page(request, "problem.html", problem.status, who=who, sentence=sentence, again=again)


def read_form(form: FormData) -> Sent:
    """What a form says: a press on a button, a command, or words; the first of them that it has."""
    if press := _text(form, "press"):
        data, _, label = press.partition(LABEL)
        return Sent(Pressed(data), label or data, True, (("press", press),))
    if command := _text(form, "command"):
        argument = _text(form, "argument")
        fields = (("command", command), ("argument", argument), ("shown", _text(form, "shown")))
        return Sent(Commanded(command, argument), _text(form, "shown") or f"/{command}", True, fields)
    text = _text(form, "said").strip()
    return Sent(read_words_typed(text), text, False, (("said", text),))


def read_words_typed(text: str) -> Event:
    """Words, or the command they are: `/lang en`."""
    if match := _COMMAND.fullmatch(text):
        return Commanded(match[1].lower(), (match[2] or "").strip())
    return Said(text)


def _text(form: FormData, field: str) -> str:
    value = form.get(field)
    return value.replace("\r\n", "\n").replace("\x00", "") if isinstance(value, str) else ""


def _after(who: Visitor, outcome: Outcome, language: str, simple: bool) -> Visitor:
    """The visitor after an answer: a language chosen in the conversation is the page's too, and so is simplicity."""
    chosen = as_language(language) if outcome is Outcome.LANGUAGE_SET else None
    return replace(who, language=chosen or who.language, simple=simple)
