"""The papers: every kind says what its law wants said, in both languages, and prints."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest

from bot.casework import engagement as engagements
from bot.casework.engagement import Act
from bot.casework.standing import Move
from bot.casework.terms import Role
from bot.desk import moves
from bot.desk.papers import PaperKind
from bot.events import LANGUAGES, Language
from tests.conftest import ROOT
from tests.desk.scene import HOTEL, INVESTOR, Scene, known
from tests.test_citations import articles_of, citations, text_of


def _booked(scene: Scene) -> str:
    return scene.handled()[0]


def _suspended(scene: Scene) -> str:
    number, _ = scene.handled()
    scene.act("agent", number, Act.SUSPEND, reason="申请人出差")
    return number


def _resumed(scene: Scene) -> str:
    number = _suspended(scene)
    scene.act("agent", number, Act.RESUME)
    return number


def _closed(scene: Scene) -> str:
    number, cases = scene.handled("tobacco_retail_licence", HOTEL)
    _to_the_end(scene, cases[0])
    scene.move_own(cases[1], Move.WITHDRAW)
    scene.act("agent", number, Act.CLOSE)
    return number


def _to_the_end(scene: Scene, case: str) -> None:
    scene.accepted(case)
    for move in (Move.APPROVE, Move.COMPLETE, Move.DELIVER):
        scene.move("clerk", case, move, materials=())


def _terminated(scene: Scene) -> str:
    number, _ = scene.handled()
    scene.act("agent", number, Act.TERMINATE, reason="申请人长期失联")
    return number


def _case(*steps: tuple[str, Move]) -> Callable[[Scene], str]:
    """A case that was accepted, and then these moves."""

    def play(scene: Scene) -> str:
        number, (case,) = scene.handled()
        scene.accepted(case)
        for name, move in steps:
            scene.move(name, case, move, materials=())
        return number

    return play


def _supplement(scene: Scene) -> str:
    number, (case,) = scene.handled()
    scene.received(case, *scene.required(case)[:1])
    scene.move("clerk", case, Move.REQUEST_SUPPLEMENT, materials=scene.required(case)[1:])
    return number


def _refused(scene: Scene) -> str:
    number, (case,) = scene.handled()
    scene.received(case)
    scene.move("clerk", case, Move.REFUSE_ACCEPTANCE)
    return number


def _ended(scene: Scene) -> str:
    number, (case,) = scene.handled()
    scene.move("manager", case, Move.TERMINATE)
    return number


def _paused(scene: Scene) -> str:
    number, (case,) = scene.handled()
    scene.move_own(case, Move.SUSPEND, reason="想等新厂房的合同")
    return number


_REMEDY = {"zh": ("60日内申请行政复议", "补齐后可以重新申请", "《行政许可法》第三十二条"), "en": ("within 60 days",)}
# how each comes about, and what it must say
KINDS: dict[PaperKind, tuple[Callable[[Scene], str], dict[Language, tuple[str, ...]]]] = {
    PaperKind.RECEIPT: (_booked, {"zh": ("烟草专卖零售许可证核发", "不等于"), "en": ("does not mean",)}),
    PaperKind.ENTRUSTMENT: (
        _booked,
        {
            "zh": (
                "代理事项",
                "代理权限",
                "代理期限",
                "真实性负责",
                "《行政许可法》第三十一条",
                "申请人（签名或盖章）",
            ),
            "en": ("Powers", "Term", "stays the declarant", "Applicant (signature or seal)"),
        },
    ),
    PaperKind.SUSPENSION: (_suspended, {"zh": ("申请人出差",), "en": ("申请人出差",)}),
    PaperKind.RENEWAL: (_resumed, {"zh": ("继续有效",), "en": ("hold as before",)}),
    PaperKind.CLOSING: (
        _closed,
        {"zh": ("送达，审批通过", "旅馆业特种行业许可", "撤销申请"), "en": ("approved", "withdrawn")},
    ),
    PaperKind.TERMINATION: (_terminated, {"zh": ("申请人长期失联", "可以自己继续办"), "en": ("go on by yourself",)}),
    PaperKind.SUPPLEMENT_NOTICE: (
        _supplement,
        {
            "zh": ("2026年3月12日（周四）", "《行政许可法》第三十二条", "一次性告知", "终止这一办件"),
            "en": ("Thu 12 March 2026", "Art. 32", "end the case"),
        },
    ),
    PaperKind.ACCEPTANCE: (
        _case(),
        {
            "zh": ("受理日期：2026年3月2日（周一）", "法定办结时限：20个工作日，最后一天是2026年3月30日（周一）"),
            "en": ("20 working days", "Mon 30 March 2026"),
        },
    ),
    PaperKind.NON_ACCEPTANCE: (_refused, _REMEDY),
    PaperKind.PROCEDURE_NOTICE: (
        _case(("clerk", Move.START_PROCEDURE)),
        {"zh": ("专家评审", "2026年3月12日（周四）", "第四十五条"), "en": ("Thu 12 March 2026", "Art. 45")},
    ),
    PaperKind.PROCEDURE_END: (
        _case(("clerk", Move.START_PROCEDURE), ("clerk", Move.END_PROCEDURE)),
        {"zh": ("从第二天起", "最后一天是"), "en": ("from the next day", "the last day is")},
    ),
    PaperKind.EXTENSION_NOTICE: (
        _case(("manager", Move.EXTEND)),
        {"zh": ("5个工作日", "25个工作日", "2026年4月7日", "第四十二条"), "en": ("25 working days", "Art. 42")},
    ),
    PaperKind.APPROVAL: (
        _case(("clerk", Move.APPROVE)),
        {"zh": ("2026年3月16日（周一）", "第四十四条"), "en": ("Mon 16 March 2026", "Art. 44")},
    ),
    PaperKind.REJECTION: (
        _case(("clerk", Move.REJECT)),
        {"zh": (*_REMEDY["zh"], "行政诉讼", "第三十八条"), "en": (*_REMEDY["en"], "Art. 38")},
    ),
    PaperKind.COMPLETION: (
        _case(("clerk", Move.APPROVE), ("clerk", Move.COMPLETE)),
        {"zh": ("结果：审批通过",), "en": ("Result: approved",)},
    ),
    PaperKind.DELIVERY: (
        _case(("clerk", Move.APPROVE), ("clerk", Move.COMPLETE), ("clerk", Move.DELIVER)),
        {"zh": ("窗口领取", "收件人（签名或盖章）"), "en": ("Recipient (signature or seal)",)},
    ),
    PaperKind.CASE_SUSPENSION: (_paused, {"zh": ("应申请人的要求",), "en": ("the applicant's wish",)}),
    PaperKind.CASE_TERMINATION: (_ended, _REMEDY),
}
_STAMPED = {"zh": "以行政机关签名、盖章的文书为准", "en": "the authority's own signed and stamped paper"}


def _words(scene: Scene, number: str, kind: PaperKind, language: Language) -> str:
    """The text of the newest paper of a kind as it is printed, without white space."""
    found = [one.id for one in scene.dossier(number).papers.values() if one.kind == kind]
    assert found, f"{kind} was not issued"
    file = scene.assistant.issued(INVESTOR, found[-1], language)
    assert file is not None and found[-1] in file.name
    pages = pypdf.PdfReader(io.BytesIO(file.content)).pages
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pages))


@pytest.mark.parametrize("kind", PaperKind)
def test_a_paper_says_what_it_must(scene: Scene, kind: PaperKind) -> None:
    play, expected = KINDS[kind]
    number = play(scene)
    for language in LANGUAGES:
        words = _words(scene, number, kind, language)
        applicant = scene.dossier(number).opened.applicant
        for phrase in (applicant.name, applicant.identity.number, _STAMPED[language], *expected[language]):
            assert re.sub(r"\s", "", phrase) in words, f"{language}: {phrase}\n{words}"
        for hole in ("None", "Undefined", "{{", "（）", "()", "□"):
            assert hole not in words, f"{language}: {hole}\n{words}"


def test_a_supplement_notice_lists_every_material(scene: Scene) -> None:
    number = _supplement(scene)
    (case,) = scene.dossier(number).cases
    words = _words(scene, number, PaperKind.SUPPLEMENT_NOTICE, "zh")
    assert all("☐" + re.sub(r"\s", "", name) in words for name in scene.required(case)[1:])


def test_a_paper_printed_later_is_the_same_paper(scene: Scene) -> None:
    """Limits are told as they stood on the day it was made, while a supplement is awaited too."""
    number, (case,) = scene.handled()
    scene.accepted(case)
    scene.on("03-04").move("clerk", case, Move.REQUEST_SUPPLEMENT, materials=scene.required(case)[:1])
    before = _words(scene, number, PaperKind.SUPPLEMENT_NOTICE, "zh")
    scene.on("03-20")
    assert _words(scene, number, PaperKind.SUPPLEMENT_NOTICE, "zh") == before
    assert "计时暂停" in before


def test_nobody_else_gets_a_paper(scene: Scene) -> None:
    number = _booked(scene)
    stranger = scene.member("stranger", Role.CLERK).chat
    assert stranger is not None
    for paper in scene.dossier(number).papers:
        assert scene.assistant.issued(stranger, paper, "zh") is None
    assert scene.assistant.issued(INVESTOR, f"{number}-99-receipt", "zh") is None


def test_what_the_papers_cite_is_in_the_law(shared: Path) -> None:
    cited = set()
    for file in (ROOT / "templates").glob("*/papers/*.html"):
        cited |= set(citations(file.read_text(encoding="utf-8")))
    assert ("行政许可法", 32) in cited and ("民法典", 165) in cited
    for law, article in cited:
        path = text_of(shared, law)
        assert path is not None and article in articles_of(path), f"《{law}》第{article}条"


def test_an_entrustment_is_what_the_agent_acts_on(scene: Scene) -> None:
    """Nothing that needs the applicant's signature can be done before it is there."""
    number = scene.book().facts["number"]
    scene.act("agent", number, Act.TAKE)
    scene.act("agent", number, Act.ADMIT)
    (case,) = scene.dossier(number).cases
    refusal = scene.attempt(
        lambda desk: moves.move_case(desk, known(desk, "agent"), case, Move.SUBMIT, moves.Details())
    )
    assert refusal.why == "lacking" and refusal.names == ("entrustment",)  # type: ignore[union-attr]
    entrusted = engagements.Details(entrustment="signed")
    scene.do(lambda desk: moves.act_own(desk, INVESTOR, number, Act.ENTRUST, entrusted))
    scene.act("agent", number, Act.BEGIN)
    scene.move("agent", case, Move.SUBMIT, materials=())
    assert scene.dossier(number).entries[-1].at - scene.dossier(number).entries[0].at == dt.timedelta()
