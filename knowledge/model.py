"""What the hall knows about one approval item (事项): the shape of the catalogue.

The elements follow C0111-2018 (政务服务事项要素) as far as a citizen needs them. A fact that is not
known is absent; nothing here has a default that could be mistaken for a fact. Every amount and every
limit carries its basis and an evidence grade.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,32}$")]
OptionCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,14}$")]


class Record(BaseModel):
    """Base of everything read from a catalogue file: immutable, and no unknown key passes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Grade(StrEnum):
    """Where a fact stands (evidence grade)."""

    LAW = "law"  # read in the text of the law
    OFFICIAL = "official"  # read on an official page, or the hall's own export
    PORTAL = "portal"  # another city's portal: usual, not binding here
    RECALLED = "recalled"  # not confirmed in a source: shown as 待核实, an amount not at all


class ItemType(StrEnum):
    LICENCE = "行政许可"
    CONFIRMATION = "行政确认"
    PAYMENT = "行政给付"
    AWARD = "行政奖励"
    ADJUDICATION = "行政裁决"
    LEVY = "行政征收"
    OTHER_POWER = "其他行政权力"
    SERVICE = "公共服务"
    ONE_THING = "一件事"  # 高效办成一件事: several items handled together (国发〔2024〕3号)


class Audience(StrEnum):
    PERSON = "自然人"
    ORGANISATION = "法人"


class Level(StrEnum):
    PROVINCE = "省级"
    CITY = "市级"
    COUNTY = "县级"
    TOWNSHIP = "乡级"


class Handling(StrEnum):
    ON_THE_SPOT = "即办件"
    PROMISED = "承诺件"


class FeeKind(StrEnum):
    ADMINISTRATIVE = "行政事业性收费"
    OPERATING = "经营服务性收费"
    FUND = "政府性基金"
    DEPOSIT = "保证金"
    TAX = "税收"
    FUNERAL = "殡葬服务收费"
    UNSPECIFIED = "未注明"


class Unit(StrEnum):
    WORKING_DAY = "工作日"
    DAY = "日"
    MONTH = "个月"


class Text(Record):
    """A wording in the languages it is known in; Chinese is the one every catalogue has."""

    zh: Line
    en: Line | None = None

    def say(self, language: str) -> str:
        """The wording in `language`, or the Chinese one where there is no translation."""
        return self.en if language == "en" and self.en else self.zh


class Fact(Text):
    """A wording that states something, with where it stands and what it rests on."""

    evidence: Grade
    basis: Line | None = None


ANY = "*"  # chosen for a situation somebody would rather not answer: every row is shown

# situation code -> the option codes under which the row applies (any of them; all situations must hold)
When = dict[OptionCode, tuple[OptionCode, ...]]


class Conditional(Record):
    """A row that may hold for some situations only."""

    when: When = {}

    def applies(self, chosen: Mapping[str, str]) -> bool:
        """Whether the row holds under the options chosen so far ({situation: option}).

        A situation that has not been answered yet, or was answered with ANY, rules nothing out.
        """
        return all(chosen.get(code, ANY) in (ANY, *options) for code, options in self.when.items())


class Option(Record):
    code: OptionCode
    label: Text
    note: Text | None = None  # what is different in this situation
    words: tuple[Line, ...] = ()  # words in a question that choose this option by themselves


class Situation(Record):
    """A question (情形) whose answer changes the materials, the fee or the limit."""

    code: OptionCode
    question: Text
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=8)]
    when: When = {}  # asked only under these answers to earlier situations


class Material(Conditional):
    name: Text
    originals: Annotated[int, Field(ge=0, le=99)] | None = None
    copies: Annotated[int, Field(ge=0, le=99)] | None = None
    form: Text | None = None  # 原件, 复印件, 电子, 核验 …
    issuer: Text | None = None  # 来源渠道: who issues it
    condition: Text | None = None  # when it is needed, where no situation row says it
    required: bool = True  # 必要 / 非必要
    deferrable: bool = False  # 容缺后补
    note: Text | None = None  # 填报须知, 受理标准
    why: Text | None = None  # why it is asked for
    basis: Line | None = None
    evidence: Grade


class Fee(Conditional):
    """A charge. `amount` absent: charged, amount not established; it is never guessed."""

    name: Text
    amount: Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)] | None = None  # yuan
    unit: Text | None = None
    kind: FeeKind = FeeKind.UNSPECIFIED
    basis: Line | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    exempt: Text | None = None  # 减免
    note: Text | None = None
    evidence: Grade


class Free(Conditional):
    """That nothing is charged, and on what basis."""

    basis: Line | None = None
    evidence: Grade


class Limit(Conditional):
    """办结时限. `days` 0: done on the spot. `days` absent: only what `note` says is known."""

    days: Annotated[int, Field(ge=0, le=1000)] | None = None
    unit: Unit = Unit.WORKING_DAY
    note: Text | None = None
    basis: Line | None = None
    evidence: Grade


class Step(Record):
    name: Text
    detail: Text | None = None


class Place(Record):
    """Where to go. Only what the hall's own catalogue states; never made up."""

    name: Text | None = None
    address: Text | None = None
    hours: Text | None = None
    telephone: Text | None = None
    region: Line | None = None  # GB/T 2260 code


class Online(Record):
    possible: Literal["yes", "partly", "no"] | None = None
    note: Text | None = None
    url: Line | None = None  # official hosts only
    evidence: Grade


class Source(Record):
    """A law or document, with its article where known."""

    title: Line
    url: Line | None = None  # official hosts only


class Part(Conditional):
    """An item that belongs to a 一件事."""

    item: Code
    note: Text | None = None


class Aliases(Record):
    """What people call the item."""

    zh: tuple[Line, ...] = ()
    en: tuple[Line, ...] = ()


class Item(Record):
    """One approval item (事项), or several handled together (一件事, with `parts`)."""

    code: Code
    name: Text
    short: Text | None = None  # for buttons
    summary: Text | None = None  # what it is, in one plain sentence
    type: ItemType | None = None
    department: Text | None = None
    levels: tuple[Level, ...] = ()
    audience: tuple[Audience, ...] = ()
    aliases: Aliases = Aliases()
    subject: Line | None = None  # 身份证, 公司 …: what candidates share when the action separates them
    action: Line | None = None  # 新办, 变更, 延续, 补办, 换领, 注销, 查询 …
    handling: Handling | None = None
    conditions: Fact | None = None
    situations: Annotated[tuple[Situation, ...], Field(max_length=4)] = ()
    materials: tuple[Material, ...] | None = None  # absent: not recorded; empty: none needed
    fees: tuple[Fee, ...] = ()
    free: tuple[Free, ...] = ()
    statutory: tuple[Limit, ...] = ()  # 法定办结时限
    promised: tuple[Limit, ...] = ()  # 承诺办结时限
    steps: tuple[Step, ...] = ()
    result: Fact | None = None
    validity: Fact | None = None
    online: Online | None = None
    visits: Annotated[int, Field(ge=0, le=20)] | None = None  # 到办事现场次数
    scope: Text | None = None  # 通办范围
    agent: Fact | None = None  # who may act for the applicant
    commitment: Fact | None = None  # 告知承诺
    deferral: Fact | None = None  # 容缺受理
    places: tuple[Place, ...] = ()
    contact: Text | None = None  # 咨询方式
    complaint: Text | None = None  # 监督投诉方式
    parts: tuple[Part, ...] = ()
    related: tuple[Code, ...] = ()
    basis: tuple[Line, ...] = ()  # 设定依据
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    checked: dt.date
    region: Line | None = None  # GB/T 2260 code of the place this row is for; absent: everywhere

    def title(self, language: str) -> str:
        """The name that fits a button."""
        return (self.short or self.name).say(language)

    def material_name(self, name: str, language: str) -> str:
        """What a material is called that a case's checklist has under its Chinese name; one that is gone keeps it."""
        found = next((one.name for one in self.materials or () if one.name.zh == name), None)
        return found.say(language) if found else name
