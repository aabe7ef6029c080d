"""Item files: one YAML file an item, read strictly. Every fault is found before anything is said about any."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import fuzz, process

from knowledge import model
from knowledge.faults import CatalogueError, Fault, refuse
from knowledge.model import Item

LARGEST_FILE = 512 * 1024  # bytes; a long item is 30 KiB
_DEEPEST = 50  # lists and mappings within one another; an item has six
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # parses in C where that is there
_NEAR = 70  # rapidfuzz score from which a key is worth suggesting

Progress = Callable[[int, int], None]  # files done, files in all


@dataclass(frozen=True, slots=True)
class Entry:
    """An item and where it was read: a file, or a file and a row."""

    origin: str
    item: Item


def read_item_files(directory: Path, progress: Progress | None = None) -> tuple[list[Entry], list[Fault]]:
    """All items under `directory` (or the one item in a file), in order of file name, and every fault of form.

    A faulty file gives faults and no entry. A folder without item files is a fault.
    """
    paths = sorted(directory.glob("*.yaml")) if directory.is_dir() else [directory]
    entries: list[Entry] = []
    faults: list[Fault] = []
    for done, path in enumerate(paths, start=1):
        found = _read_item_file(path)
        if isinstance(found, Item):
            entries.append(Entry(path.name, found))
        else:
            faults.extend(fault.within(path.name, "") for fault in found)
        if progress:
            progress(done, len(paths))
    if not paths:
        faults.append(
            Fault("文件夹里没有事项文件（*.yaml）。", "The folder holds no item files (*.yaml).", str(directory))
        )
    return entries, faults


def _read_item_file(path: Path) -> Item | list[Fault]:
    try:
        raw = read_yaml(path)
        if not isinstance(raw, dict):
            raise refuse("文件内容应是“键: 值”的一条事项。", "The file should hold one item as keys and values.")
        item = Item.model_validate(raw)
    except CatalogueError as failure:
        return list(failure.faults)
    except ValidationError as failure:
        return schema_faults(failure)
    if path.stem != item.code:
        return [
            Fault(
                f"编码应与文件名相同（{path.stem}）。", f"The code should be the file's name ({path.stem}).", key="code"
            )
        ]
    return item


def read_yaml(path: Path) -> Any:
    """The one YAML document in `path`, without references and without keys given twice; raises CatalogueError."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            size = LARGEST_FILE // 1024
            raise refuse(f"文件超过{size} KiB，不像一条事项。", f"The file is larger than {size} KiB: hardly one item.")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as failure:
        raise refuse("文件读不出来。", f"The file cannot be read ({type(failure).__name__}).") from failure
    except UnicodeDecodeError as failure:
        at = failure.start
        raise refuse(f"第{at}字节起不是UTF-8文字。", f"From byte {at} on this is no UTF-8 text.") from failure
    return _parse(text)


def _parse(text: str, parser: Any = _LOADER) -> Any:
    loader = None
    try:
        _refuse_depth(text, parser)
        loader = parser(text)
        node = loader.get_single_node()
        if node is None:
            raise refuse("文件是空的。", "The file is empty.")
        _refuse_ambiguity(node, set())
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as failure:
        if parser is not yaml.SafeLoader:
            return _parse(text, yaml.SafeLoader)  # which says better where the fault is
        line = failure.problem_mark.line + 1 if failure.problem_mark else 1
        raise refuse(f"第{line}行不是正确的YAML。", f"Line {line} is no correct YAML: {failure.problem}.") from failure
    except (yaml.YAMLError, ValueError) as failure:  # NUL bytes, 2025-02-30, brackets without end
        raise refuse(
            "文件里有无法解读的内容。", f"The file holds what cannot be read ({type(failure).__name__})."
        ) from failure
    finally:
        if loader is not None:
            loader.dispose()


def _refuse_depth(text: str, parser: Any) -> None:
    """What is nested without end would overflow the stack of the parser in C, and end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=parser):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise yaml.YAMLError("nested too deep")


def _refuse_ambiguity(node: yaml.Node, seen: set[int]) -> None:
    """A key given twice hides the first; a reference can unfold into gigabytes. Neither is needed in an item."""
    line = node.start_mark.line + 1
    if id(node) in seen:
        raise refuse(
            f"第{line}行的内容被引用（&、*），请直接写出。", f"Line {line} is referred to (&, *): write it out."
        )
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            _refuse_ambiguity(child, seen)
    elif isinstance(node, yaml.MappingNode):
        _refuse_repeated_keys(node)
        for _, value in node.value:
            _refuse_ambiguity(value, seen)


def _refuse_repeated_keys(node: yaml.MappingNode) -> None:
    keys: set[str] = set()
    for key, _ in node.value:
        if key.value in keys:
            line = key.start_mark.line + 1
            raise refuse(f"第{line}行的键 {key.value} 重复。", f"Line {line}: the key {key.value} is given twice.")
        keys.add(str(key.value))


def schema_faults(failure: ValidationError) -> list[Fault]:
    """Every fault of form that pydantic found, each with its key and one sentence."""
    return [_schema_fault(error) for error in failure.errors(include_url=False)]


def _schema_fault(error: ErrorDetails) -> Fault:
    key = ".".join(str(part) for part in error["loc"] if part not in ("[key]",))
    wording = _WORDINGS.get(error["type"])
    zh, en = wording(error) if wording else ("不符合格式。", f"This does not fit: {error['msg']}.")
    return Fault(zh, en, key=key)


def _missing(_: ErrorDetails) -> tuple[str, str]:
    return "缺少这一项。", "This is missing."


def _unknown(error: ErrorDetails) -> tuple[str, str]:
    key = str(error["loc"][-1])
    near = process.extractOne(key, _KEYS, scorer=fuzz.ratio, score_cutoff=_NEAR)
    if near is None:
        return f"没有“{key}”这个键。", f"There is no key {key}."
    return f"没有“{key}”这个键，是不是 {near[0]}？", f"There is no key {key}; is it {near[0]}?"


def _choices(error: ErrorDetails) -> tuple[str, str]:
    expected = str(error.get("ctx", {}).get("expected", ""))
    return f"只能是其中之一：{expected.replace(' or ', '、').replace(', ', '、')}。", f"This must be one of {expected}."


def _text(_: ErrorDetails) -> tuple[str, str]:
    return "应是文字（数字请加引号）。", "This should be text (put numbers in quotes)."


def _empty(_: ErrorDetails) -> tuple[str, str]:
    return "不能为空；不知道的就不写这个键。", "This is empty; leave out a key whose value is not known."


def _pattern(error: ErrorDetails) -> tuple[str, str]:
    pattern = error.get("ctx", {}).get("pattern")
    return f"写法不对，应符合 {pattern}。", f"This should match {pattern}."


def _length(error: ErrorDetails) -> tuple[str, str]:
    return "数量或长度不对。", f"The number or length is wrong: {error['msg']}."


_WORDINGS: Mapping[str, Callable[[ErrorDetails], tuple[str, str]]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "enum": _choices,
    "literal_error": _choices,
    "string_type": _text,
    "string_too_short": _empty,
    "string_too_long": _length,
    "string_pattern_mismatch": _pattern,
    "too_short": _length,
    "too_long": _length,
}


def _models() -> Iterator[type[BaseModel]]:
    for value in vars(model).values():
        if isinstance(value, type) and issubclass(value, BaseModel):
            yield value


_KEYS = sorted({field for record in _models() for field in record.model_fields})
