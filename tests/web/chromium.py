"""A real browser, and what is asked of every page in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE = {"width": 375, "height": 740}
Visit = Callable[..., Page]


def ask(page: Page, question: str) -> None:
    """Ask a question and wait for its answer."""
    answers = page.locator(".exchange").count()
    page.get_by_role("textbox").fill(question)
    page.get_by_role("button", name="问", exact=True).or_(page.get_by_role("button", name="Ask", exact=True)).click()
    expect(page.locator(".exchange")).to_have_count(answers + 1)
    expect(page.get_by_role("textbox")).to_have_value("")  # settled: until then the page takes no other question


def accessible(page: Page, **options: Any) -> None:
    """No violation that axe-core knows of."""
    found = Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == []


def too_small(page: Page) -> list[str]:
    """What is pressed and smaller than a finger (44 px, WCAG 2.2, 2.5.5)."""
    found: list[str] = page.evaluate(
        """() => Array.from(document.querySelectorAll(`
            main :is(button, .button, input:is([type=search], [type=date], [type=text], [type=file]), textarea, select,
              summary), header :is(button, nav a), .tabs a, .choice, .checklist label, .doors a`))
            .map((one) => [one.textContent.trim(), one.getBoundingClientRect()])
            .filter(([, box]) => box.width > 0 && (box.height < 43.9 || box.width < 43.9))
            .map(([text, box]) => `${text} ${box.width}x${box.height}`)"""
    )
    return found
