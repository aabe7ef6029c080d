"""Text as portals and spreadsheets leave it, made fit to be shown: and a record of everything that was changed."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from dataclasses import dataclass, field

from knowledge.checking import FOLD_MARK, is_official, is_placeholder

CODE_LENGTH = 32  # knowledge.model.Code
_LONG_CODE = 33  # 业务办理项编码 of C0111-2018


@dataclass(frozen=True, slots=True)
class Note:
    """Something an importer did or could not do, as one sentence in two languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh} {self.en}"


@dataclass(slots=True)
class Tally:
    """How often a note was made, and where first."""

    times: int
    first: str


@dataclass(slots=True)
class Journal:
    """What an import cleaned and what it could not read. Read by the operator, kept nowhere."""

    cleaned: dict[Note, Tally] = field(default_factory=dict)
    unread: dict[Note, Tally] = field(default_factory=dict)
    here: str = ""  # where the importer is just now

    def clean(self, note: Note, times: int = 1) -> None:
        """Count something that was put right."""
        self._count(self.cleaned, note, times)

    def miss(self, note: Note, times: int = 1) -> None:
        """Count something the catalogue could not take in."""
        self._count(self.unread, note, times)

    def _count(self, notes: dict[Note, Tally], note: Note, times: int) -> None:
        if times:
            notes.setdefault(note, Tally(0, self.here)).times += times


FOLDS = Note("去掉网页折叠标记（…展开、更多地点）。", "Fold marks of a web page were taken out.")
PLACEHOLDERS = Note("无、-、暂无等占位内容按“没有记录”处理。", "Placeholders (无, - …) were taken as not recorded.")
SPACES = Note("整理多余的空白和不可见字符。", "Superfluous white space and invisible characters were put in order.")
MARKUP = Note("去掉网页标签。", "HTML markup was taken out.")
HOSTS = Note(
    "网址不是政府网站（*.gov.cn），没有采用。", "A link that leads to no government host (*.gov.cn) was left out."
)
PROXIED = Note("网址经过转译（zipv6），没有采用。", "A link through a translating proxy (zipv6) was left out.")

_LONGEST = 50_000  # characters; the model takes 4,000
_INVISIBLE = re.compile(
    r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff\ufffc]"
)
_BREAK = re.compile(r"\r\n?|\u2028|\u2029|\u0085|<br\s*/?>|</p>|</div>|</li>|</tr>", re.IGNORECASE)
_TAG = re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]*>", re.DOTALL)
_BLANKS = re.compile(r"[^\S\n]+")
_NO_DOCUMENT = re.compile(
    r"(?:申请人)?(?:无|没有|暂无|无需|不需要?|无须|毋需|不用|免于?)(?:申请人?)?(?:提供|提交|提报|准备|审核|任何|其他|申请|申报)*(?:材料|资料|要件|证明|文件)?"
)


def tidy(value: object, journal: Journal, markup: bool = False) -> str | None:
    """`value` as one clean text: None where it says nothing. `markup`: the text is HTML."""
    if value is None:
        return None
    text = str(value)
    if len(text) > _LONGEST:
        return text  # no wording at all: the model refuses it by its length
    if markup:
        stripped = html.unescape(_TAG.sub("", _BREAK.sub("\n", text)))
        journal.clean(MARKUP, int(stripped != text))
        text = stripped
    text = unicodedata.normalize("NFC", text)
    text, folds = FOLD_MARK.subn("", text)
    journal.clean(FOLDS, folds)
    spaced = _spaced(text)
    journal.clean(SPACES, int(spaced != text.strip()))
    if not spaced or is_placeholder(spaced):
        journal.clean(PLACEHOLDERS, int(bool(spaced)))
        return None
    return spaced


def _spaced(text: str) -> str:
    """No invisible characters, one blank in a row, no blank lines."""
    lines = (_BLANKS.sub(" ", line).strip() for line in _INVISIBLE.sub("", _BREAK.sub("\n", text)).split("\n"))
    return "\n".join(line for line in lines if line)


def link(value: object, journal: Journal) -> str | None:
    """`value` when it is a link that citizens can be sent to: on a government host, and no proxy's address."""
    text = tidy(value, journal)
    if text is None:
        return None
    if not is_official(text) or " " in text:
        journal.clean(HOSTS)
        return None
    if ".zipv6." in text:
        journal.clean(PROXIED)
        return None
    return text


def is_no_document(name: str) -> bool:
    """Whether a "material" says that none is needed: 无需材料. Names that merely contain such words are documents."""
    return _NO_DOCUMENT.fullmatch(re.sub(r"[\s。.,，（）()]", "", name)) is not None


def code_from(text: str) -> str:
    """A catalogue code made from a source's own, always the same for the same: letters, digits and _, at most 32.

    A 33-character 业务办理项编码 loses its first character, which is 1 for every government body (the first of its
    credit code); anything longer becomes a digest.
    """
    plain = re.sub(r"[^A-Za-z0-9_]", "", unicodedata.normalize("NFKC", text))
    if len(plain) == _LONG_CODE:
        plain = plain[1:]
    if 0 < len(plain) <= CODE_LENGTH:
        return plain
    return hashlib.sha256(text.encode()).hexdigest()[:CODE_LENGTH]
