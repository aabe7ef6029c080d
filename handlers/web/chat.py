"""The conversation: a form that works by itself, and in place with htmx."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.events import Chat, Commanded, Event, File, Incoming, Language, Outcome, Pressed, Said, SentFile
from bot.vault import Vault, receipt
from handlers.web.conversation import Conversation, NoAnswer
from handlers.web.download import download
from handlers.web.session import LANGUAGE, SESSION, SIMPLE, Visitor, as_language, chat_of, is_nonce, update_of
from handlers.web.show import Shown, show
from handlers.web.site import Problem, Site

FIELDS = 8  # a form of ours has fewer
NAME = 200  # characters of a file's name that are kept
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

    def __init__(self, site: Site, conversation: Conversation, vault: Vault | None) -> None:
        self._site, self._conversation, self._vault = site, conversation, vault

    def routes(self) -> list[Route]:
        return [
            Route("/", self.home),
            Route("/chat", self.say, methods=["POST"]),
            Route("/chat/letters", self.letters),
            Route("/chat/file", self.send_file, methods=["POST"]),
            Route("/papers/{paper}.pdf", self.paper),
            Route("/files/{number}/{file}", self.file),
            Route("/clear", self.clear, methods=["POST"]),
            Route("/preferences", self.prefer, methods=["POST"]),
        ]

    async def home(self, request: Request) -> Response:
        """An empty conversation; `?q=` is written into the question's field and not yet sent."""
        who = await self._begun(request)
        page = await self._page(request, who, (), draft=request.query_params.get("q", "")[:500])
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
        return await self._answered(request, who, sent, nonce)

    async def send_file(self, request: Request) -> Response:
        """A file, kept only where one is awaited; what is said of it is the conversation's in any case."""
        who = await self._begun(request)
        assert who.session is not None
        form = await request.form(max_files=1, max_fields=FIELDS)
        nonce = _text(form, "nonce")
        nonce = nonce if is_nonce(nonce) else self._site.token()
        if not self._site.asking.allows(who.session):
            return self._trouble(request, who, None, nonce, Problem("too_many", 429))
        file = form.get("file")
        content = await file.read() if isinstance(file, UploadFile) else b""
        name = (file.filename or "")[:NAME] if isinstance(file, UploadFile) else ""
        kept = await self._kept(who, content)
        digest = hashlib.sha256(content).hexdigest()
        sent = Sent(SentFile("document", name, len(content), kept=kept), name, False, (("file", digest),))
        return await self._answered(request, who, sent, nonce)

    async def _kept(self, who: Visitor, content: bytes) -> dict[str, Any] | None:
        """The vault's receipt; None where no file is awaited."""
        if self._vault is None or not await self._awaits_file(who):
            return None
        return receipt(await run_in_threadpool(self._vault.keep, content, self._site.token()))

    async def letters(self, request: Request) -> Response:
        """What has come for the visitor since: a piece of the conversation, or nothing."""
        who = self._site.visitor(request)
        if "hx-request" not in request.headers:
            return RedirectResponse("/", 303, NO_STORE)
        letters = await self._letters(who)
        if not letters:
            return Response(status_code=204, headers=NO_STORE)
        response = self._site.page(request, "letters.html", who=who, letters=letters)
        response.headers.update(NO_STORE)
        return response

    async def paper(self, request: Request) -> Response:
        """A paper of the visitor's own dossier, or of one that they see as staff."""
        name = request.path_params["paper"]
        return await self._handed_out(request, lambda chat, language: self._site.assistant.issued(chat, name, language))

    async def file(self, request: Request) -> Response:
        """A file that was sent, likewise."""
        number, name = request.path_params["number"], request.path_params["file"]
        return await self._handed_out(
            request, lambda chat, language: self._site.assistant.sent(chat, number, name, language)
        )

    async def _handed_out(self, request: Request, found: Callable[[Chat, Language], File | None]) -> Response:
        who = self._site.visitor(request)
        file = await run_in_threadpool(found, chat_of(who.session), who.language) if who.session else None
        if file is None:
            return self._site.problem(request, Problem("paper_gone", 404))
        return download(file.content, file.media_type, file.name)

    async def _answered(self, request: Request, who: Visitor, sent: Sent, nonce: str) -> Response:
        assert who.session is not None
        incoming = Incoming(chat_of(who.session), update_of(who.session, nonce, sent.key), sent.event, who.language)
        try:
            replies = await self._conversation.answer(incoming)
        except NoAnswer:
            return self._trouble(request, who, sent, nonce, Problem("busy", 503))
        after = _after(who, replies[-1].outcome, replies[-1].language, replies[-1].simple) if replies else who
        exchange = Exchange(sent, tuple(show(reply, self._site.token()) for reply in replies))
        response = await self._page(request, after, (exchange,))
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

    async def _letters(self, who: Visitor) -> tuple[Shown, ...]:
        """The letters that wait for the visitor: each is given once."""
        if not who.session:
            return ()
        found = await run_in_threadpool(self._site.assistant.letters, chat_of(who.session))
        return tuple(show(reply, self._site.token()) for reply in found)

    async def _awaits_file(self, who: Visitor) -> bool:
        if self._vault is None or not who.session:
            return False
        return await run_in_threadpool(self._site.assistant.awaits_file, chat_of(who.session))

    async def _page(self, request: Request, who: Visitor, exchanges: tuple[Exchange, ...], draft: str = "") -> Response:
        """The whole page with what else has come, or for htmx what is added to it."""
        whole = "hx-request" not in request.headers
        response = self._site.page(
            request,
            "chat.html" if whole else "exchange.html",
            who=who,
            exchanges=exchanges,
            letters=await self._letters(who) if whole else (),
            awaits_file=await self._awaits_file(who),
            nonce=self._site.token(),
            draft=draft,
        )
        response.headers.update(NO_STORE)
        return response

    def _trouble(self, request: Request, who: Visitor, sent: Sent | None, nonce: str, problem: Problem) -> Response:
        """A problem with the form to send the same again: the same nonce makes it the same update. A file has to be
        chosen again."""
        is_file = sent is None or isinstance(sent.event, SentFile)
        if is_file:
            problem = Problem("file_lost", problem.status)
        sentence = self._site.sentences(problem)[who.language]
        again = {"nonce": nonce, **dict(sent.fields)} if sent and not is_file else None
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
