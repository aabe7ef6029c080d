"""From what was decided to what is shown: words and buttons by language, from `templates/`."""

from __future__ import annotations

import calendar
import datetime as dt
import html
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import yaml
from markupsafe import Markup

from bot.casework.terms import CHINA
from bot.dialogue.state import Knowledge
from bot.events import LANGUAGES, Block, Button, Choice, Language, Outcome, Paper, Reply, Say
from bot.markup import to_blocks
from knowledge.matching.decision import Aspect
from knowledge.model import Grade
from knowledge.notice import SECTION_OF, Charge, Notice, Section, compose, tier
from knowledge.working_days import is_announced, last_day

CONSOLE = "http://127.0.0.1:8080/console/login/"  # where the console is while no public address is set
LABEL = 60  # characters of a button's label; longer ones are cut with an ellipsis
_DETAILED = frozenset({Outcome.NOTICE, Outcome.PLAN, Outcome.PART, Outcome.SITUATION, Outcome.PAPER})


class Renderer:
    """The templates of all languages, ready to use. Thread-safe."""

    def __init__(self, templates: Path, console: str = CONSOLE) -> None:
        """`console` is where the secret of a one-time link goes behind: the address of the console's login."""
        self._console = console
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(templates),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["yuan"] = yuan
        self._templates.globals["fill"] = _filled
        self._terms = {language: _read_terms(templates / language) for language in LANGUAGES}

    def reply(self, say: Say, language: Language, simple: bool, knowledge: Knowledge) -> Reply:
        """A Say in words. The catalogue may have changed since it was decided: an item gone is said to be gone."""
        facts = _facts(say, knowledge)
        if facts is None:
            say, facts = Say(Outcome.STALE), {}
        template = self._template(say.outcome, language, simple)
        there = {"attached": len(say.papers)}  # documents that go with it: one that cannot be made or read is not there
        written = template.render(self._context(language, simple, knowledge) | there | facts)
        return Reply(
            outcome=say.outcome,
            language=language,
            blocks=to_blocks(written),
            buttons=tuple(
                tuple(self._button(choice, language) for choice in row if self._fits(choice, language))
                for row in say.choices
            ),
            papers=say.papers,
            replaces=say.replaces,
            simple=simple,
            asks=str(say.facts["field"]) if say.outcome is Outcome.FORM else "",
        )

    def paper(self, paper: Paper, language: Language, knowledge: Knowledge) -> tuple[Block, ...]:
        """A paper of a dossier: `papers/<kind>.html`, or the one all kinds share."""
        names = [f"{language}/papers/{paper.kind}.html", f"{language}/papers/paper.html"]
        template = self._templates.select_template(names)
        facts = {"kind": paper.kind, **paper.facts}
        return to_blocks(template.render(self._context(language, False, knowledge) | facts))

    def refusal(self, facts: Mapping[str, Any], language: Language, knowledge: Knowledge) -> str:
        """Why something was not done and what can be done instead, from the facts of a refusal: plain text."""
        wording = _wording(self._templates, self._terms[language]["refusals"][facts["why"]])
        given = {"names": facts["names"], "on": facts["day"], "at": facts["moment"], "number": facts["number"]}
        return html.unescape(wording.render(self._context(language, False, knowledge) | given))

    def label(self, choice: Choice, language: Language) -> str:
        """The words on a button: its own, or those of a term (`accept` of the buttons, `move.accept` of casework)."""
        group, _, name = choice.term.rpartition(".")
        words = choice.label or self._terms[language][group or "buttons"][name]
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
            "console": self._console,
            "terms": self._terms[language],
            "say": lambda text: text.say(language),
            "title": lambda code: item.title(language) if (item := knowledge.item(code)) else code,
            "name": lambda code: item.name.say(language) if (item := knowledge.item(code)) else code,
            "material_name": lambda code, name: (
                item.material_name(name, language) if (item := knowledge.item(code)) else name
            ),
            "region_name": lambda code: region.name.say(language) if (region := knowledge.regions.get(code)) else "",
            "last_day": last_day,
            "day": lambda iso: spoken_day(iso, language),
            "due_day": lambda iso: due_day(iso, language, self._terms[language]["provisional_day"]),
            "moment": lambda iso: spoken_moment(iso, language),
            "Grade": Grade,
            "Charge": Charge,
        }

    def _button(self, choice: Choice, language: Language) -> Button:
        return Button(self.label(choice, language), choice.data, choice.url, choice.contact)

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


@jinja2.pass_context
def _filled(context: jinja2.runtime.Context, words: str, **more: Any) -> Markup:
    """For templates: a wording of the YAML files, itself a template that sees what they see."""
    words_said = _wording(context.environment, words).render({**context.get_all(), **more})
    return Markup(words_said)  # noqa: S704 - rendered by the same environment, which escapes what is filled in


@cache
def _wording(environment: jinja2.Environment, words: str) -> jinja2.Template:
    return environment.from_string(words)


def ordered(notice: Notice, lead: Section | None) -> tuple[Section, ...]:
    """The sections of a notice with the one asked for first, even where nothing is recorded for it."""
    if lead is None:
        return notice.sections
    return (lead, *(section for section in notice.sections if section is not lead))


_WEEKDAYS: dict[Language, tuple[str, ...]] = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


def spoken_day(iso: str, language: Language) -> str:
    """A date or moment in ISO form as people say the day: 2026年11月30日（周一）; Mon 30 November 2026."""
    day = dt.datetime.fromisoformat(iso)
    weekday = _WEEKDAYS[language][day.weekday()]
    if language == "en":
        return f"{weekday} {day.day} {calendar.month_name[day.month]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日（{weekday}）"


def due_day(iso: str, language: Language, provisional: str) -> str:
    """A day that working days were reckoned to, with `provisional` where its year's days off are not announced yet."""
    return spoken_day(iso, language) + ("" if is_announced(dt.date.fromisoformat(iso).year) else provisional)


def spoken_moment(iso: str, language: Language) -> str:
    """A moment in ISO form, China time: 2026年11月30日（周一）9:05; Mon 30 November 2026, 9:05."""
    moment = dt.datetime.fromisoformat(iso).astimezone(CHINA)
    gap = ", " if language == "en" else " "
    return f"{spoken_day(moment.isoformat(), language)}{gap}{moment.hour}:{moment.minute:02}"


def yuan(amount: Decimal) -> str:
    """An amount as people write it: 40, 0.5; never 40.00."""
    return f"{amount.normalize():f}"


def _loose(text: str) -> str:
    return re.sub(r"\s+", "", text).casefold()


def _read_terms(folder: Path) -> Mapping[str, Any]:
    """Wordings that are not a template's: names and buttons, what casework is called, the questions of each form, and
    refusals. Raises ValueError where two files give one name."""
    terms: dict[str, Any] = {}
    for name in ("terms.yaml", "casework.yaml"):
        terms = _joined(terms, _read_yaml(folder / name))
    for file in sorted(folder.glob("buttons/*.yaml")):
        terms["buttons"] = _joined(terms["buttons"], _read_yaml(file))
    terms["refusals"] = _read_yaml(folder / "refusals.yaml")
    terms["asides"] = _read_yaml(folder / "asides.yaml")
    terms["forms"] = {file.stem: _read_yaml(file) for file in sorted(folder.glob("forms/*.yaml"))}
    return terms


def _joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    if twice := one.keys() & other.keys():
        raise ValueError(f"given twice: {', '.join(sorted(twice))}")
    return {**one, **other}


def _read_yaml(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return found
