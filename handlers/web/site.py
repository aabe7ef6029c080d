"""What all pages share: what they are made of, and how a page, a fragment or a problem is answered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from bot.assistant import Assistant
from bot.dialogue.state import Knowledge
from bot.events import LANGUAGES, Language
from handlers.web.limits import Limit
from handlers.web.session import LANGUAGE, SESSION, SIMPLE, Visitor, as_language, visitor
from handlers.web.settings import WebSettings
from handlers.web.show import is_web
from handlers.web.words import Words, read_words, word

STATIC = Path(__file__).parent / "static"
YEAR = 365 * 24 * 3600  # seconds a choice of language or text size is kept
HTML_LANGUAGE = {"zh": "zh-CN", "en": "en"}


class Directory(Knowledge, Protocol):
    """What the pages ask of the catalogue besides what the dialogue does."""

    @property
    def version(self) -> str: ...
    def codes(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be done: `name` is a sentence in `problems` of web.yaml."""

    name: str
    status: int
    detail: str = ""  # for `problems.invalid`: which field


class Site:
    """The parts every page is made of. Thread-safe."""

    def __init__(
        self,
        settings: WebSettings,
        assistant: Assistant,
        knowledge: Callable[[], Directory],
        token: Callable[[], str],
        clock: Callable[[], float],
    ) -> None:
        self.settings, self.assistant, self.knowledge, self.token = settings, assistant, knowledge, token
        self.words: Mapping[Language, Words] = read_words(settings.templates)
        self.asking = Limit(settings.questions_a_minute, clock)
        self.requesting = Limit(settings.requests_a_minute, clock)
        self._pages = _environment(settings.templates)

    def visitor(self, request: Request) -> Visitor:
        return visitor(request.cookies, request.query_params.get("lang"), request.headers.get("accept-language", ""))

    def page(self, request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """A whole page, or with `template` a fragment of one, in the visitor's language."""
        who = context.pop("who", None) or self.visitor(request)
        response = HTMLResponse(self.render(request, who, template, **context), status)
        response.headers["Content-Language"] = HTML_LANGUAGE[who.language]
        response.headers["Vary"] = "Accept-Language, Cookie, HX-Request"
        if as_language(request.query_params.get("lang")):
            self.keep(request, response, LANGUAGE, who.language)
        return response

    def render(self, request: Request, who: Visitor, template: str, **context: Any) -> str:
        return self._pages.get_template(f"web/{template}").render(
            words=self.words[who.language],
            who=who,
            html_language=HTML_LANGUAGE[who.language],
            hall=self.knowledge().hall,
            version=self.knowledge().version,
            path=request.url.path,
            elsewhere=request.url.remove_query_params("lang"),
            say=lambda text: text.say(who.language),
            telegram=self.settings.telegram_bot,
            **context,
        )

    def problem(self, request: Request, problem: Problem, **context: Any) -> Response:
        """A problem in the shape the asker can use: JSON, a fragment of the conversation, or a page."""
        if request.url.path.startswith("/api/"):
            return JSONResponse({"error": problem.name, "message": self.sentences(problem)}, problem.status)
        who = self.visitor(request)
        sentence = self.sentences(problem)[who.language]
        if "hx-request" in request.headers:
            return self.page(request, "problem_fragment.html", problem.status, sentence=sentence, again=None, **context)
        return self.page(request, "problem.html", problem.status, sentence=sentence, **context)

    def sentences(self, problem: Problem) -> dict[Language, str]:
        return {
            language: word(self.words[language], f"problems.{problem.name}").format(detail=problem.detail)
            for language in LANGUAGES
        }

    def keep(self, request: Request, response: Response, cookie: str, value: str) -> None:
        """Set a cookie. The session ends with the browser; language and text size stay for a year."""
        response.set_cookie(
            cookie,
            value,
            max_age=YEAR if cookie in (LANGUAGE, SIMPLE) else None,
            httponly=True,
            samesite="lax",
            secure=self.is_secure(request),
        )

    def forget(self, request: Request, response: Response) -> None:
        response.delete_cookie(SESSION, httponly=True, samesite="lax", secure=self.is_secure(request))

    def is_secure(self, request: Request) -> bool:
        return request.url.scheme == "https" or self.settings.public_url.startswith("https://")

    def address(self, request: Request, path: str) -> str:
        """The public address of a page of ours."""
        return (self.settings.public_url or str(request.base_url).rstrip("/")) + path


def _environment(templates: Path) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = {path.name: _asset(path) for path in STATIC.iterdir()}
    environment.globals["html_languages"] = HTML_LANGUAGE
    environment.tests["web_address"] = is_web
    return environment


def _asset(path: Path) -> str:
    """The address of a static file with a mark of its content, so that browsers may keep it for good."""
    return f"/static/{path.name}?v={hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
