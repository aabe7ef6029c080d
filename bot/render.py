"""From what was decided to what is shown: words and buttons by language, from `templates/`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import jinja2
import yaml

from bot.dialogue.state import Knowledge
from bot.events import LANGUAGES, Button, Choice, Language, Outcome, Reply, Say
from bot.markup import to_blocks
from knowledge.matching.decision import Aspect
from knowledge.model import Grade
from knowledge.notice import SECTION_OF, Charge, Notice, Section, compose, tier
from knowledge.working_days import last_day

LABEL = 60  # characters of a button's label; longer ones are cut with an ellipsis
_DETAILED = frozenset({Outcome.NOTICE, Outcome.PLAN, Outcome.PART, Outcome.SITUATION, Outcome.PAPER})


class Renderer:
    """The templates of all languages, ready to use. Thread-safe."""

    def __init__(self, templates: Path) -> None:
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(templates),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["yuan"] = yuan
        self._terms = {language: _read_terms(templates / language / "terms.yaml") for language in LANGUAGES}

    def reply(self, say: Say, language: Language, simple: bool, knowledge: Knowledge) -> Reply:
        """A Say in words. The catalogue may have changed since it was decided: an item gone is said to be gone."""
        facts = _facts(say, knowledge)
        if facts is None:
            say, facts = Say(Outcome.STALE), {}
        template = self._template(say.outcome, language, simple)
        html = template.render(self._context(language, simple, knowledge) | facts)
        return Reply(
            outcome=say.outcome,
            language=language,
            blocks=to_blocks(html),
            buttons=tuple(
                tuple(self._button(choice, language) for choice in row if self._fits(choice, language))
                for row in say.choices
            ),
            paper=say.paper,
            replaces=say.replaces,
            simple=simple,
        )

    def label(self, choice: Choice, language: Language) -> str:
        """The words on a button."""
        words = choice.label or self._terms[language]["buttons"][choice.term]
        return words if len(words) <= LABEL else words[: LABEL - 1] + "…"

    def pressed(self, text: str, offered: tuple[Choice, ...], language: Language) -> str | None:
        """The data of the offered button whose label was typed, exactly or but for case and space; else None."""
        said = _loose(text)
        return next((choice.data for choice in offered if said and _loose(self.label(choice, language)) == said), None)

    def term(self, language: Language, *path: str) -> str:
        """A single wording from terms.yaml, for what is not a reply (file names, titles)."""
        found: Any = self._terms[language]
        for key in path:
            found = found[key]
        return str(found)

    def _template(self, outcome: Outcome, language: Language, simple: bool) -> jinja2.Template:
        names = [f"{language}/outcomes/{outcome}.html"]
        if simple:
            names.insert(0, f"{language}/outcomes/{outcome}_simple.html")
        return self._templates.select_template(names)

    def _context(self, language: Language, simple: bool, knowledge: Knowledge) -> dict[str, Any]:
        return {
            "language": language,
            "simple": simple,
            "hall": knowledge.hall,
            "terms": self._terms[language],
            "say": lambda text: text.say(language),
            "title": lambda code: item.title(language) if (item := knowledge.item(code)) else code,
            "name": lambda code: item.name.say(language) if (item := knowledge.item(code)) else code,
            "region_name": lambda code: region.name.say(language) if (region := knowledge.regions.get(code)) else "",
            "last_day": last_day,
            "Grade": Grade,
            "Charge": Charge,
        }

    def _button(self, choice: Choice, language: Language) -> Button:
        return Button(self.label(choice, language), choice.data, choice.url)

    def _fits(self, choice: Choice, language: Language) -> bool:
        """No button to switch to the language that is being spoken."""
        return choice.data != f"l:{language}" or choice.term == ""


def _facts(say: Say, knowledge: Knowledge) -> dict[str, Any] | None:
    """What a template sees; None if the item a reply is about is no longer in the catalogue."""
    facts: dict[str, Any] = dict(say.facts)
    if say.outcome not in _DETAILED:
        return facts
    item = knowledge.item(facts["item"])
    if item is None:
        return None
    today = dt.date.fromisoformat(facts["today"])
    notice = compose(item, facts["chosen"], today, knowledge.item)
    lead = SECTION_OF[Aspect(facts["aspect"])] if facts.get("aspect") else None
    place = facts.get("region")
    facts["handler"] = tier(item, knowledge.regions.path(place)) if place else None
    facts |= {
        "day": today,
        "notice": notice,
        "item": item,
        "lead": lead,
        "sections": ordered(notice, lead),
        "aspect": facts.get("aspect"),
    }
    if say.outcome is Outcome.SITUATION:
        facts["situation"] = next(found for found in item.situations if found.code == facts["situation"])
    return facts


def ordered(notice: Notice, lead: Section | None) -> tuple[Section, ...]:
    """The sections of a notice with the one asked for first, even where nothing is recorded for it."""
    if lead is None:
        return notice.sections
    return (lead, *(section for section in notice.sections if section is not lead))


def yuan(amount: Decimal) -> str:
    """An amount as people write it: 40, 0.5; never 40.00."""
    return f"{amount.normalize():f}"


def _loose(text: str) -> str:
    return re.sub(r"\s+", "", text).casefold()


def _read_terms(path: Path) -> Mapping[str, Any]:
    terms: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return terms
