"""`python bot.py catalogue …`: for the people who keep the catalogue. Prints; what is decided, knowledge decides.

Exit status: 0 done, 1 refused (one sentence on the error output per fault), 2 wrong usage (argparse's own).
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import orjson
from rapidfuzz import fuzz, process

from knowledge import compiling, coverage
from knowledge.catalogue import open_catalogue
from knowledge.checking import check
from knowledge.compiling import (
    BUILD,
    Inputs,
    Surroundings,
    build_catalogue,
    match_index,
    read_surroundings,
    write_catalogue,
)
from knowledge.differences import Change, Differences, compare, element_names
from knowledge.faults import CatalogueError, Fault, refuse
from knowledge.importing import FORMATS, Imported, Limits, read_import
from knowledge.importing.cleaning import Note, Tally
from knowledge.item_files import Progress, read_item_files
from knowledge.model import Item
from knowledge.regions import Regions
from knowledge.wordings import ahead

DATABASE = Path("build/catalogue.db")
SHOWN_FAULTS = 200
SHOWN_CHANGES = 500
_MEBIBYTE = 1024 * 1024


def add_parser(subparsers: Any) -> None:
    """Add `catalogue` and what comes under it to the subparsers of the command line."""
    parser = subparsers.add_parser("catalogue", help="事项目录：生成、导入、检查、比较、导出 / the catalogue of items")
    commands = parser.add_subparsers(dest="catalogue_command", required=True)

    build = commands.add_parser("build", help="由事项文件生成目录库 / compile the item files into one database")
    _inputs(build)
    build.add_argument("--to", type=Path, default=DATABASE, help=f"默认 {DATABASE} / default {DATABASE}")

    bring = commands.add_parser("import", help="导入别处的目录 / import another catalogue, all or nothing")
    bring.add_argument("path", type=Path, help="文件或文件夹 / file or folder")
    bring.add_argument(
        "--format", required=True, type=_form, help=f"{', '.join(FORMATS)} 或对应关系文件 / or a mapping file"
    )
    bring.add_argument("--to", type=Path, required=True, help="目录库 / the database to make")
    bring.add_argument("--hall", type=Path, help="大厅文件（YAML） / hall file")
    bring.add_argument("--regions", type=Path, help="区划文件（YAML） / regions file")
    bring.add_argument("--max-mb", type=_positive, default=64, help="单个文件上限，MB / largest file, MB")

    checked = commands.add_parser("check", help="检查事项文件 / check the item files")
    _inputs(checked)

    stats = commands.add_parser("stats", help="目录的完整程度 / how complete a catalogue is")
    stats.add_argument(
        "catalogue", type=Path, nargs="?", default=DATABASE, help="目录库或事项文件夹 / database or item folder"
    )
    stats.add_argument("--json", action="store_true")

    diff = commands.add_parser("diff", help="两个目录的差别 / what changed between two catalogues")
    diff.add_argument("old", type=Path, help="目录库或事项文件夹 / database or item folder")
    diff.add_argument("new", type=Path)
    diff.add_argument("--json", action="store_true")

    export = commands.add_parser("export", help="导出目录 / write a catalogue for others")
    export.add_argument("--catalogue", type=Path, default=DATABASE, help="目录库或事项文件夹 / database or item folder")
    export.add_argument("--format", choices=("items", "c0111", "json"), default="items")
    export.add_argument("--to", type=Path, required=True, help="文件或文件夹 / file or folder")
    export.add_argument("--only", nargs="+", metavar="CODE", help="只导出这些事项 / only these items")
    export.add_argument("--empty", action="store_true", help="空白模板 / an empty template")

    show = commands.add_parser("show", help="显示一个事项 / print one item")
    show.add_argument("code")
    show.add_argument("--catalogue", type=Path, default=DATABASE)


def _inputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--items", type=Path, default=compiling.ITEMS, help="事项文件夹 / folder of item files")
    parser.add_argument("--hall", type=Path, default=compiling.HALL, help="大厅文件（YAML） / hall file")
    parser.add_argument("--regions", type=Path, default=compiling.REGIONS, help="区划文件（YAML） / regions file")


def _form(text: str) -> str:
    if text not in FORMATS and not Path(text).is_file():
        known = "、".join(FORMATS)
        raise argparse.ArgumentTypeError(
            f"没有格式或对应关系文件“{text}”（格式：{known}）。 No such format or mapping file."
        )
    return text


def _positive(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError("应为正整数。 This should be a whole number above zero.")
    return int(text)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a command works with besides its arguments."""

    today: dt.date
    out: TextIO
    err: TextIO

    def say(self, text: str) -> None:
        """A line of output."""
        print(text, file=self.out)

    def progress(self) -> Progress | None:
        """A line that counts files, on a terminal; None elsewhere."""
        if not self.err.isatty():
            return None

        def show(done: int, total: int) -> None:
            end = "\r\x1b[K" if done >= total else ""
            print(f"\r读入 Reading {done}/{total}{end}", end="", file=self.err, flush=True)

        return show


def run(arguments: argparse.Namespace, today: dt.date, out: TextIO, err: TextIO) -> int:
    """Do what the parsed `arguments` ask for; returns the exit status."""
    desk = Desk(today, out, err)
    try:
        _COMMANDS[arguments.catalogue_command](arguments, desk)
    except CatalogueError as failure:
        for fault in failure.faults[:SHOWN_FAULTS]:
            print(fault, file=err)
        if len(failure.faults) > SHOWN_FAULTS:
            more = len(failure.faults) - SHOWN_FAULTS
            print(f"还有{more}处。 And {more} more.", file=err)
        return 1
    except OSError as failure:
        where = failure.filename or ""
        print(f"{where}: 文件读写失败（{type(failure).__name__}）。 The file could not be read or written.", file=err)
        return 1
    return 0


# --- build, import, check -------------------------------------------------------------------------


def _build(arguments: argparse.Namespace, desk: Desk) -> None:
    inputs = Inputs(arguments.items, arguments.hall, arguments.regions)
    version = build_catalogue(arguments.to, desk.today, inputs, progress=desk.progress())
    desk.say(f"已生成 {arguments.to}，版本 {version}。 Built {arguments.to}, version {version}.")


def _check(arguments: argparse.Namespace, desk: Desk) -> None:
    entries, faults = read_item_files(arguments.items, desk.progress())
    faults += check(entries, own=True)
    try:
        read_surroundings(arguments.hall, arguments.regions, "")
    except CatalogueError as failure:
        faults += failure.faults
    if faults:
        raise CatalogueError(faults)
    desk.say(f"{len(entries)}个事项，没有错误。 {len(entries)} items, no faults.")


def _import(arguments: argparse.Namespace, desk: Desk) -> None:
    most = arguments.max_mb * _MEBIBYTE
    limits = replace(Limits(), file_bytes=most, total_bytes=4 * most, unpacked_bytes=4 * most)
    before = _previous(arguments.to)
    with ahead(BUILD) as keep:
        imported = read_import(arguments.path, arguments.format, desk.today, limits, desk.progress())
        items = [entry.item for entry in imported.entries]
        indexer = partial(match_index, keep=keep)
        version = write_catalogue(arguments.to, items, _surroundings(arguments, imported), desk.today, indexer)
    desk.say(
        f"已导入{len(items)}个事项到 {arguments.to}，版本 {version}。 Imported {len(items)} items, version {version}."
    )
    _tell("清理过的 Cleaned", imported.journal.cleaned, desk)
    _tell("没有采用的 Not taken in", imported.journal.unread, desk)
    if before is not None:
        found = compare(before, items)
        desk.say(_summary(found))


def _previous(database: Path) -> list[Item] | None:
    """The items that the target held before, to say what changed; None where it held no catalogue."""
    try:
        return list(open_catalogue(database).items())
    except CatalogueError:
        return None


def _surroundings(arguments: argparse.Namespace, imported: Imported) -> Surroundings:
    """Hall and regions of an import: those named, else what the files say of their city, else the project's own.

    The numbers in the hall file are national ones; only its name and place are another city's.
    """
    found = read_surroundings(arguments.hall or compiling.HALL, arguments.regions or compiling.REGIONS, imported.source)
    if imported.place is not None and arguments.hall is None and imported.hall is not None:
        renamed = found.hall.model_copy(update={"name": imported.hall, "region": imported.place.code})
        found = replace(found, hall=renamed)
    if imported.place is not None and arguments.regions is None:
        found = replace(found, regions=Regions([imported.place]))
    return found


def _tell(title: str, notes: Mapping[Note, Tally], desk: Desk) -> None:
    if notes:
        desk.say(f"{title}:")
    for note, tally in notes.items():
        desk.say(f"  {tally.times:>6} × {note} [{tally.first}]")


# --- looking at catalogues ------------------------------------------------------------------------


def _items(path: Path, progress: Progress | None = None) -> Iterator[Item]:
    """The items of a database, or of a folder of item files."""
    if not path.is_dir():
        yield from open_catalogue(path).items()
        return
    entries, faults = read_item_files(path, progress)
    if faults:
        raise CatalogueError(faults)
    yield from (entry.item for entry in entries)


def _stats(arguments: argparse.Namespace, desk: Desk) -> None:
    found = coverage.coverage(_items(arguments.catalogue))
    if arguments.json:
        desk.say(_json({"total": found.total, "items": found.items, "evidence": found.evidence}))
        return
    desk.say(f"{found.total:>6}  事项 items")
    for key, count in found.items.items():
        name = coverage.measure_name(key)
        share = 100 * count / found.total if found.total else 0
        desk.say(f"{count:>6}  {share:>3.0f}%  {name.zh} {name.en}")
    desk.say("证据 Evidence:")
    for key, grades in found.evidence.items():
        name = element_names()[key]
        counts = "、".join(
            f"{label.zh} {label.en} {grades.get(grade, 0)}" for grade, label in coverage.GRADE_NAMES.items()
        )
        desk.say(f"{sum(grades.values()):>6}  {name.zh} {name.en}: {counts}")


def _diff(arguments: argparse.Namespace, desk: Desk) -> None:
    found = compare(_items(arguments.old), _items(arguments.new))
    if arguments.json:
        desk.say(_json(asdict(found)))
        return
    desk.say(_summary(found))
    lines = list(_difference_lines(found))
    for line in lines[:SHOWN_CHANGES]:
        desk.say(line)
    if len(lines) > SHOWN_CHANGES:
        more = len(lines) - SHOWN_CHANGES
        desk.say(f"还有{more}行（--json 全部列出）。 And {more} more lines (--json lists all).")


def _summary(found: Differences) -> str:
    added, changed, cancelled = len(found.added), len(found.changed), len(found.cancelled)
    return (
        f"与原目录相比：新增{added}，变更{changed}，取消{cancelled}。 "
        f"Compared with the former: {added} added, {changed} changed, {cancelled} cancelled."
    )


def _difference_lines(found: Differences) -> Iterator[str]:
    yield from (f"+ 新增 added: {code} {name}" for code, name in found.added)
    yield from (f"- 取消 cancelled: {code} {name}" for code, name in found.cancelled)
    for one in found.changed:
        yield f"* 变更 changed: {one.code} {one.name}"
        yield from (f"    {_change_line(change)}" for change in one.changes)


def _change_line(change: Change) -> str:
    name = element_names()[change.element]
    if not change.before and not change.after:
        return f"{name.zh} {name.en}: 内容有改动 details differ"
    return f"{name.zh} {name.en}: {_brief(change.before)} → {_brief(change.after)}"


def _brief(texts: Iterable[str], most: int = 120) -> str:
    text = "；".join(texts).replace("\n", " ") or "（没有 none）"
    return text if len(text) <= most else text[: most - 1] + "…"


def _export(arguments: argparse.Namespace, desk: Desk) -> None:
    from knowledge import exporting

    items = [] if arguments.empty else _selected(list(_items(arguments.catalogue)), arguments.only)
    match arguments.format:
        case "items":
            written = exporting.write_items(items, arguments.to)
        case "json":
            written = exporting.write_json(items, arguments.to)
        case _:
            written = exporting.write_c0111(items, arguments.to, desk.today)
    desk.say(f"已导出{written}个事项到 {arguments.to}。 Wrote {written} items to {arguments.to}.")


def _selected(items: list[Item], only: list[str] | None) -> list[Item]:
    """The items asked for; what they relate to outside the selection is left out of them."""
    if only is None:
        return items
    known = {item.code: item for item in items}
    faults = [_unknown(code, known) for code in only if code not in known]
    if faults:
        raise CatalogueError(faults)
    chosen = (known[code] for code in only)
    return [
        item.model_copy(update={"related": tuple(code for code in item.related if code in only)}) for item in chosen
    ]


def _show(arguments: argparse.Namespace, desk: Desk) -> None:
    from knowledge import exporting

    catalogue = open_catalogue(arguments.catalogue)
    item = catalogue.item(arguments.code)
    if item is None:
        raise CatalogueError([_unknown(arguments.code, catalogue.codes())])
    desk.say(exporting.item_yaml(item).rstrip())


def _unknown(code: str, known: Iterable[str]) -> Fault:
    near = process.extractOne(code, list(known), scorer=fuzz.ratio, score_cutoff=50)
    failure = refuse(
        f"没有编码为 {code} 的事项" + (f"，最接近的是 {near[0]}。" if near else "。"),
        f"There is no item {code}" + (f"; the nearest is {near[0]}." if near else "."),
    )
    return failure.faults[0]


def _json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode()


_COMMANDS = {
    "build": _build,
    "import": _import,
    "check": _check,
    "stats": _stats,
    "diff": _diff,
    "export": _export,
    "show": _show,
}
