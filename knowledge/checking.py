"""What must hold of items beyond their form: of any catalogue, and more of the project's own.

Each rule is a function from an item to faults; `check` runs all of them over all items and hides none.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from knowledge.faults import Fault
from knowledge.item_files import Entry
from knowledge.model import Conditional, Grade, Item, Record, Text

OFFICIAL_HOST = ".gov.cn"

Rule = Callable[[Item], Iterator[Fault]]

# A placeholder is no fact: the key is left out instead.
_PLACEHOLDER = re.compile(
    r"[\s\-—_/\\.…。?？*]*|无|暂无|没有|待定|待补充|待完善|待核实|略|同上|不详|未知|空|详询|详询窗口|见附件|详见附件"
    r"|null|none|nil|n/?a|nan|undefined|unknown|tbd|todo|xx+",
    re.IGNORECASE,
)
_UNFINISHED = re.compile(r"\b(?:TODO|FIXME|TBD|XXX)\b|详询|待补充|lorem ipsum")
_WORKING_NOTE = re.compile(r"recalled|not seen|lawtext|LawRefBook|Guangxi|github|seed file", re.IGNORECASE)
FOLD_MARK = re.compile(
    r"(?:(?<!\.)\.{3,}+|(?<!…)…++)\s*+(?:展开|收起)|更多地点"
)  # what a portal's page leaves behind in copied text


def is_placeholder(text: str) -> bool:
    """Whether a value says nothing: 无, -, 详询, TODO … or nothing at all."""
    return _PLACEHOLDER.fullmatch(text.strip()) is not None


def is_official(url: str) -> bool:
    """Whether a link leads to a host of the Chinese government, over http or https."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and f".{host}".endswith(OFFICIAL_HOST)


def check(entries: Sequence[Entry], own: bool) -> list[Fault]:
    """Every fault in the meaning of these items. `own`: hold them to the stricter rules of the project's catalogue."""
    faults: list[Fault] = []
    for entry in entries:
        for rule in (*_RULES, *_OWN_RULES) if own else _RULES:
            faults.extend(fault.within(entry.origin) for fault in rule(entry.item))
    faults.extend(_repeated_codes(entries))
    faults.extend(_dangling_codes(entries))
    faults.extend(_circles(entries))
    if own:
        faults.extend(_shared_aliases(entries))
    return faults


# --- rules for every catalogue -----------------------------------------------------------------


def _placeholders(item: Item) -> Iterator[Fault]:
    for key, text in _texts(item):
        if is_placeholder(text):
            yield Fault(
                f"“{text}”不是事实；不知道的就不写。", f'"{text}" is no fact; leave out what is not known.', key=key
            )
        elif FOLD_MARK.search(text):
            yield Fault("残留网页折叠标记。", "A fold mark of a web page was left in the text.", key=key)


def _unofficial_links(item: Item) -> Iterator[Fault]:
    links = {f"sources.{place}.url": source.url for place, source in enumerate(item.sources)}
    links["online.url"] = item.online.url if item.online else None
    for key, url in links.items():
        if url is not None and not is_official(url):
            yield Fault(
                "网址不是政府网站（*.gov.cn）。", "The link does not lead to a government host (*.gov.cn).", key=key
            )


def _situations(item: Item) -> Iterator[Fault]:
    earlier: dict[str, set[str]] = {}
    for place, situation in enumerate(item.situations):
        key = f"situations.{place}"
        codes = [option.code for option in situation.options]
        if situation.code in earlier:
            yield Fault("情形编码重复。", "The situation code is given twice.", key=f"{key}.code")
        if len(set(codes)) < len(codes):
            yield Fault("选项编码重复。", "An option code is given twice.", key=f"{key}.options")
        yield from _unknown_options(situation.when, earlier, f"{key}.when")
        earlier[situation.code] = set(codes)


def _conditions(item: Item) -> Iterator[Fault]:
    options = {situation.code: {option.code for option in situation.options} for situation in item.situations}
    for key, row in _rows(item):
        yield from _unknown_options(row.when, options, f"{key}.when")


def _unknown_options(when: Mapping[str, Sequence[str]], options: Mapping[str, set[str]], key: str) -> Iterator[Fault]:
    for situation, chosen in when.items():
        if situation not in options:
            yield Fault(f"没有情形 {situation}。", f"There is no situation {situation} to ask about (before).", key=key)
            continue
        if not chosen:
            yield Fault(f"情形 {situation} 没写选项。", f"No option of {situation} is named.", key=key)
        for option in chosen:
            if option not in options[situation]:
                yield Fault(
                    f"情形 {situation} 没有选项 {option}。",
                    f"The situation {situation} has no option {option}.",
                    key=key,
                )


def _fee_periods(item: Item) -> Iterator[Fault]:
    for place, fee in enumerate(item.fees):
        if fee.since and fee.until and fee.until < fee.since:
            yield Fault("结束日期早于开始日期。", "The last day lies before the first.", key=f"fees.{place}.until")


def _recalled_amounts(item: Item) -> Iterator[Fault]:
    for place, fee in enumerate(item.fees):
        if fee.evidence is Grade.RECALLED and fee.amount is not None:
            yield Fault(
                "未经证实的金额不能写。",
                "An amount that is not confirmed must not be given.",
                key=f"fees.{place}.amount",
            )


def _repeated_codes(entries: Iterable[Entry]) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for entry in entries:
        code = entry.item.code
        if code in first:
            where = first[code]
            yield Fault(
                f"编码 {code} 与 {where} 重复。", f"The code {code} is also that of {where}.", entry.origin, "code"
            )
        first.setdefault(code, entry.origin)


def _dangling_codes(entries: Sequence[Entry]) -> Iterator[Fault]:
    known = {entry.item.code for entry in entries}
    for entry in entries:
        named = {f"related.{place}": code for place, code in enumerate(entry.item.related)}
        named |= {f"parts.{place}.item": part.item for place, part in enumerate(entry.item.parts)}
        for key, code in named.items():
            if code == entry.item.code:
                yield Fault("指向自己。", "This names the item itself.", entry.origin, key)
            elif code not in known:
                yield Fault(f"没有编码为 {code} 的事项。", f"There is no item {code}.", entry.origin, key)


def _circles(entries: Iterable[Entry]) -> Iterator[Fault]:
    """Parts that contain, further down, the item they belong to."""
    parts = {entry.item.code: [part.item for part in entry.item.parts] for entry in entries}
    for entry in entries:
        open_codes, seen = list(parts[entry.item.code]), set[str]()
        while open_codes:
            code = open_codes.pop()
            if code == entry.item.code and seen:
                yield Fault("组成事项循环包含自己。", "The item is a part of one of its parts.", entry.origin, "parts")
                break
            if code not in seen:
                seen.add(code)
                open_codes.extend(parts.get(code, ()))


# --- rules for the project's own items ----------------------------------------------------------


def _missing_english(item: Item) -> Iterator[Fault]:
    for key, value in _walk(item, ""):
        if isinstance(value, Text) and value.en is None:
            yield Fault("缺少英文（en）。", "The English wording (en) is missing.", key=key)


def _idle_options(item: Item) -> Iterator[Fault]:
    used: dict[str, set[str]] = defaultdict(set)
    whens = [row.when for _, row in _rows(item)] + [situation.when for situation in item.situations]
    for when in whens:
        for code, options in when.items():
            used[code].update(options)
    for place, situation in enumerate(item.situations):
        for option in situation.options:
            if option.code not in used[situation.code] and option.note is None:
                yield Fault(
                    f"选项 {option.code} 什么也不改变，也没有说明。",
                    f"The option {option.code} changes nothing and has no note.",
                    key=f"situations.{place}.options",
                )


def _missing_bases(item: Item) -> Iterator[Fault]:
    needed: dict[str, Any] = {f"fees.{n}": fee for n, fee in enumerate(item.fees) if fee.amount is not None}
    needed |= {f"free.{n}": row for n, row in enumerate(item.free)}
    needed |= {f"statutory.{n}": row for n, row in enumerate(item.statutory)}
    needed |= {f"promised.{n}": row for n, row in enumerate(item.promised)}
    for key, row in needed.items():
        if row.evidence is not Grade.RECALLED and row.basis is None:
            yield Fault("缺少依据（文件和条款）。", "The basis (document and article) is missing.", key=f"{key}.basis")
    for place, material in enumerate(item.materials or ()):
        if material.evidence is Grade.LAW and material.basis is None:
            key = f"materials.{place}.basis"
            yield Fault("写明出自法律，却没有条款。", "It is said to be law, yet no article is named.", key=key)


def _working_notes(item: Item) -> Iterator[Fault]:
    for key, text in _texts(item):
        if (note := _WORKING_NOTE.search(text)) and not key.endswith("url"):
            yield Fault(f"残留工作笔记“{note.group()}”。", f'The working note "{note.group()}" was left in.', key=key)
        elif unfinished := _UNFINISHED.search(text):
            words = unfinished.group()
            yield Fault(
                f"“{words}”不是事实；不知道的就不写。", f'"{words}" is no fact; leave out what is not known.', key=key
            )


def _shared_aliases(entries: Iterable[Entry]) -> Iterator[Fault]:
    owners: dict[str, Entry] = {}
    for entry in entries:
        for alias in (*entry.item.aliases.zh, *entry.item.aliases.en):
            owner = owners.setdefault(unicodedata.normalize("NFKC", alias).casefold(), entry)
            if owner.item.code != entry.item.code:
                yield Fault(
                    f"别名“{alias}”也是 {owner.item.code} 的。",
                    f'The alias "{alias}" also belongs to {owner.item.code}.',
                    entry.origin,
                    "aliases",
                )


_RULES: tuple[Rule, ...] = (
    _placeholders,
    _unofficial_links,
    _situations,
    _conditions,
    _fee_periods,
    _recalled_amounts,
)
_OWN_RULES: tuple[Rule, ...] = (_missing_english, _idle_options, _missing_bases, _working_notes)


# --- walking through an item --------------------------------------------------------------------

_NO_WORDING = frozenset({"code", "when", "item", "related", "region", "words", "label"})  # 没有 is an answer


def _rows(item: Item) -> Iterator[tuple[str, Conditional]]:
    """Every row that may hold for some situations only, with its key."""
    lists: Mapping[str, Sequence[Conditional] | None] = {
        "materials": item.materials,
        "fees": item.fees,
        "free": item.free,
        "statutory": item.statutory,
        "promised": item.promised,
        "parts": item.parts,
    }
    for name, rows in lists.items():
        for place, row in enumerate(rows or ()):
            yield f"{name}.{place}", row


def _texts(item: Item) -> Iterator[tuple[str, str]]:
    """Every wording of the item, with its key; codes and chosen terms (type, grade, unit …) are no wordings."""
    for key, value in _walk(item, ""):
        if type(value) is str and _NO_WORDING.isdisjoint(key.split(".")):
            yield key, value


def _walk(value: Any, key: str) -> Iterator[tuple[str, Any]]:
    """The value itself and everything in it, depth first, each with its dotted key."""
    yield key, value
    children: Iterable[tuple[object, Any]] = ()
    if isinstance(value, Record):
        children = ((name, getattr(value, name)) for name in type(value).model_fields)
    elif isinstance(value, Mapping):
        children = value.items()
    elif isinstance(value, tuple):
        children = enumerate(value)
    for name, child in children:
        if child is not None:
            yield from _walk(child, f"{key}.{name}" if key else str(name))
