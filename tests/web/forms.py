"""Reading a page the way a browser without scripts does: its forms and their buttons."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx

VOID = {"input", "img", "meta", "link", "br"}


@dataclass
class Form:
    """A form: where it goes, what it carries hidden, its buttons as (label, name, value), and the fields to fill in."""

    action: str
    method: str
    hidden: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)
    fields: dict[str, list[str]] = field(default_factory=dict)  # name → its boxes' values, if it has boxes
    ticked: list[tuple[str, str]] = field(default_factory=list)  # boxes that are ticked already


class Page(HTMLParser):
    """The text, forms, headings, links and kinds of answers of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.headings: list[str] = []
        self.links: list[str] = []
        self.texts: list[str] = []
        self.outcomes: list[str] = []
        self.language = ""
        self.checkboxes = 0
        self._open: list[tuple[str, dict[str, str]]] = []
        self._button: tuple[str, str] | None = None
        self.feed(html)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def button(self, label: str) -> tuple[Form, str, str]:
        """The form, name and value of the button with this label."""
        found = [
            (form, name, value) for form in self.forms for words, name, value in form.buttons if words.strip() == label
        ]
        assert found, f"no button 「{label}」 among {[b[0] for form in self.forms for b in form.buttons]}"
        return found[-1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = given["lang"]
        if tag == "form":
            self.forms.append(Form(given["action"], given.get("method", "get")))
        if tag == "input" and given.get("type") == "hidden":
            self.forms[-1].hidden[given["name"]] = given["value"]
        if tag in ("input", "textarea", "select") and given.get("type") != "hidden" and "name" in given:
            choices = self.forms[-1].fields.setdefault(given["name"], [])
            if given.get("type") in ("checkbox", "radio"):
                choices.append(given["value"])
                if "checked" in given:
                    self.forms[-1].ticked.append((given["name"], given["value"]))
        if tag == "input" and given.get("type") == "checkbox":
            self.checkboxes += 1
        if tag == "button" and given.get("type") != "button":
            self.forms[-1].buttons.append(("", given.get("name", ""), given.get("value", "")))
        if "data-outcome" in given:
            self.outcomes.append(given["data-outcome"])
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag not in VOID:
            self._open.append((tag, given))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self._open]
        if {"style", "script", "template"} & set(tags):
            return
        if "button" in tags and self.forms and self.forms[-1].buttons:
            words, name, value = self.forms[-1].buttons[-1]
            self.forms[-1].buttons[-1] = (words + data, name, value)
        if {"h1", "h2", "h3"} & set(tags) and data.strip():
            self.headings.append(data.strip())
        self.texts.append(data)


def ask(web: httpx.Client, question: str) -> Page:
    """Write into the field on the first page and press its button."""
    form = next(form for form in Page(web.get("/").text).forms if any(not name for _, name, _ in form.buttons))
    answer = web.post(form.action, data={**form.hidden, "said": question})
    assert answer.status_code == 200, answer.text
    return Page(answer.text)


def press(web: httpx.Client, page: Page, label: str) -> Page:
    """Press a button of a page, as a browser without scripts does; follows redirects."""
    form, name, value = page.button(label)
    assert form.method == "post"
    answer = web.post(form.action, data={**form.hidden, **({name: value} if name else {})}, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return Page(answer.text)
