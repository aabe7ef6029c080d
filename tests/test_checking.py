"""What makes an item wrong: every row is one fault that the keeper of the catalogue is told of, by its key."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.checking import check, is_official, is_placeholder
from knowledge.faults import Fault
from knowledge.item_files import Entry, read_item_files
from knowledge.model import Item

Draft = dict[str, Any]

SOUND: Draft = {
    "code": "street_stall",
    "name": {"zh": "占道摆摊许可", "en": "Street stall permit"},
    "aliases": {"zh": ["摆摊"], "en": ["street stall"]},
    "situations": [
        {
            "code": "kind",
            "question": {"zh": "新办还是续期？", "en": "New or renewal?"},
            "options": [
                {"code": "new", "label": {"zh": "新办", "en": "New"}},
                {
                    "code": "renew",
                    "label": {"zh": "没有", "en": "None"},
                    "note": {"zh": "不用交材料", "en": "Nothing to hand in"},
                },
            ],
        }
    ],
    "materials": [
        {
            "name": {"zh": "申请表", "en": "Application form"},
            "when": {"kind": ["new"]},
            "basis": "《城市道路管理条例》第三十一条",
            "evidence": "law",
        }
    ],
    "fees": [
        {
            "name": {"zh": "占道费", "en": "Occupation fee"},
            "amount": "20",
            "basis": "收费文件",
            "since": "2020-01-01",
            "evidence": "official",
        }
    ],
    "statutory": [{"days": 20, "basis": "《行政许可法》第四十二条", "evidence": "law"}],
    "sources": [{"title": "《城市道路管理条例》", "url": "https://flk.npc.gov.cn/detail?id=1"}],
    "checked": "2026-11-22",
}


def entry(change: Callable[[Draft], object] = lambda _: None, **fields: Any) -> Entry:
    draft = copy.deepcopy(SOUND)
    draft.update(fields)
    change(draft)
    return Entry(f"{draft['code']}.yaml", Item.model_validate(draft))


def keys(faults: list[Fault]) -> list[str]:
    return [fault.key for fault in faults]


def test_a_sound_item_has_no_faults() -> None:
    assert check([entry()], own=True) == []


ANY_CATALOGUE: list[tuple[str, Callable[[Draft], object], str]] = [
    ("无 is no condition", lambda d: d.update(conditions={"zh": "无", "evidence": "law"}), "conditions.zh"),
    ("TODO is no name", lambda d: d["name"].update(en="TODO"), "name.en"),
    ("a portal's fold mark stays out", lambda d: d.update(summary={"zh": "说明...展开"}), "summary.zh"),
    (
        "更多地点 is no address",
        lambda d: d.update(places=[{"address": {"zh": "一楼 更多地点"}}]),
        "places.0.address.zh",
    ),
    ("a link to another host", lambda d: d["sources"][0].update(url="https://gov.cn.example.com/"), "sources.0.url"),
    ("a link without http", lambda d: d.update(online={"url": "ftp://a.gov.cn", "evidence": "law"}), "online.url"),
    ("an unknown situation", lambda d: d["materials"][0].update(when={"size": ["new"]}), "materials.0.when"),
    ("an unknown option", lambda d: d["fees"][0].update(when={"kind": ["old"]}), "fees.0.when"),
    ("a row under no option", lambda d: d["statutory"][0].update(when={"kind": []}), "statutory.0.when"),
    ("an option code twice", lambda d: d["situations"][0]["options"][1].update(code="new"), "situations.0.options"),
    ("a situation code twice", lambda d: d["situations"].append(d["situations"][0]), "situations.1.code"),
    (
        "a situation that hangs on a later one",
        lambda d: d["situations"][0].update(when={"kind": ["new"]}),
        "situations.0.when",
    ),
    ("a fee that ends before it begins", lambda d: d["fees"][0].update(until="2019-12-31"), "fees.0.until"),
    ("a recalled amount", lambda d: d["fees"][0].update(evidence="recalled"), "fees.0.amount"),
    ("related to an item that is not there", lambda d: d.update(related=["nowhere"]), "related.0"),
    ("related to itself", lambda d: d.update(related=["street_stall"]), "related.0"),
    ("a part that is not there", lambda d: d.update(parts=[{"item": "nowhere"}]), "parts.0.item"),
]


@pytest.mark.parametrize(("change", "key"), [row[1:] for row in ANY_CATALOGUE], ids=[row[0] for row in ANY_CATALOGUE])
def test_wrong_in_any_catalogue(change: Callable[[Draft], object], key: str) -> None:
    assert key in keys(check([entry(change)], own=False))


OWN_CATALOGUE: list[tuple[str, Callable[[Draft], object], str]] = [
    ("no English name", lambda d: d["name"].pop("en"), "name"),
    (
        "no English option",
        lambda d: d["situations"][0]["options"][0]["label"].pop("en"),
        "situations.0.options.0.label",
    ),
    ("an option that changes nothing", lambda d: d["situations"][0]["options"][1].pop("note"), "situations.0.options"),
    ("an amount without a basis", lambda d: d["fees"][0].pop("basis"), "fees.0.basis"),
    ("a limit without a basis", lambda d: d["statutory"][0].pop("basis"), "statutory.0.basis"),
    ("free without a basis", lambda d: d.update(free=[{"evidence": "law"}]), "free.0.basis"),
    ("law without an article", lambda d: d["materials"][0].pop("basis"), "materials.0.basis"),
    ("a working note", lambda d: d["name"].update(en="Stall permit (not seen)"), "name.en"),
    ("详询 in a text", lambda d: d.update(summary={"zh": "请详询窗口", "en": "Ask"}), "summary.zh"),
]


@pytest.mark.parametrize(("change", "key"), [row[1:] for row in OWN_CATALOGUE], ids=[row[0] for row in OWN_CATALOGUE])
def test_wrong_in_the_projects_own_catalogue_only(change: Callable[[Draft], object], key: str) -> None:
    assert keys(check([entry(change)], own=True)) == [key]
    assert check([entry(change)], own=False) == []


def test_a_recalled_limit_needs_no_basis() -> None:
    assert check([entry(statutory=[{"days": 20, "evidence": "recalled"}])], own=True) == []


def test_an_alias_belongs_to_one_item() -> None:
    faults = check([entry(), entry(code="night_market", aliases={"zh": ["夜市"], "en": ["Street Stall"]})], own=True)
    assert [(fault.file, fault.key) for fault in faults] == [("night_market.yaml", "aliases")]


def test_a_code_belongs_to_one_item() -> None:
    again = Entry("again.yaml", entry().item)
    assert [(fault.file, fault.key) for fault in check([entry(), again], own=False)] == [("again.yaml", "code")]


def test_parts_do_not_contain_each_other() -> None:
    first = entry(code="first", aliases={}, parts=[{"item": "second"}])
    second = entry(code="second", aliases={}, parts=[{"item": "third"}])
    third = entry(code="third", aliases={}, parts=[{"item": "first"}])
    assert {fault.file for fault in check([first, second, third], own=False)} == {
        "first.yaml",
        "second.yaml",
        "third.yaml",
    }
    assert check([first, second, entry(code="third", aliases={})], own=False) == []


def test_every_fault_is_told_at_once() -> None:
    def ruin(draft: Draft) -> None:
        draft["name"].pop("en")
        draft["fees"][0].pop("basis")
        draft["sources"][0]["url"] = "http://example.com"

    assert set(keys(check([entry(ruin)], own=True))) == {"name", "fees.0.basis", "sources.0.url"}


@pytest.mark.parametrize("text", ["无", " 暂无 ", "-", "——", "N/A", "todo", "详询窗口", "xxx", "", "…"])
def test_placeholders(text: str) -> None:
    assert is_placeholder(text)


@pytest.mark.parametrize("text", ["无犯罪记录证明", "没有固定住所的说明", "0", "见附件一《申请表》", "A"])
def test_no_placeholders(text: str) -> None:
    assert not is_placeholder(text)


@pytest.mark.parametrize(
    ("url", "official"),
    [
        ("https://zwfw.gxzf.gov.cn/x", True),
        ("http://www.gov.cn", True),
        ("https://zhjg.scjdglj.gxzf.gov.cn:9087/a", True),
        ("https://gov.cn@example.com/", False),
        ("https://mygov.cn/", False),
        ("https://linyi.gov.cn.example.com/", False),
        ("javascript:alert(1)//.gov.cn", False),
        ("//linyi.gov.cn", False),
        ("http://[", False),
    ],
)
def test_official_links(url: str, official: bool) -> None:
    assert is_official(url) is official


# --- files ----------------------------------------------------------------------------------------


def written(folder: Path, **files: str | bytes) -> Path:
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / f"{name}.yaml").write_bytes(data)
    return folder


FAULTY_FILES: list[tuple[str, str | bytes, str, str]] = [
    ("empty", "", "", "空"),
    ("a list", "- 1", "", "一条事项"),
    ("no YAML", "name: {zh: 一", "", "第1行"),
    ("tab", "name:\n\tzh: 一", "", "第2行"),
    ("a key given twice", "code: wrong\ncode: wrong\n", "", "第2行的键 code 重复"),
    ("a reference", "name: &a {zh: 一}\nshort: *a\n", "", "引用"),
    ("GBK", "name: 占道".encode("gbk"), "", "UTF-8"),
    ("no such day", "checked: 2026-02-30", "", "无法解读"),
    ("brackets without end", "[" * 100_000, "", "无法解读"),
    ("NUL", "name: \0", "", "无法解读"),
    ("missing", "code: wrong\n", "sources", "缺少"),
    ("misspelt", yaml.safe_dump(SOUND | {"code": "wrong", "metarials": []}), "metarials", "materials"),
    ("number for text", yaml.safe_dump(SOUND | {"code": "wrong", "name": {"zh": 1}}), "name.zh", "文字"),
    ("no such type", yaml.safe_dump(SOUND | {"code": "wrong", "type": "许可"}), "type", "行政许可"),
    ("an empty text", yaml.safe_dump(SOUND | {"code": "wrong", "name": {"zh": " "}}), "name.zh", "不能为空"),
    ("another code", yaml.safe_dump(SOUND), "code", "wrong"),
]


@pytest.mark.parametrize(
    ("content", "key", "says"), [row[1:] for row in FAULTY_FILES], ids=[row[0] for row in FAULTY_FILES]
)
def test_faulty_files(tmp_path: Path, content: str | bytes, key: str, says: str) -> None:
    good = yaml.safe_dump(SOUND)
    entries, faults = read_item_files(written(tmp_path, street_stall=good, wrong=content))
    assert [one.item.code for one in entries] == ["street_stall"]
    named = [fault for fault in faults if fault.key == key]
    assert named and says in str(named[0])
    assert {fault.file for fault in faults} == {"wrong.yaml"}


def test_a_folder_without_files_is_a_fault(tmp_path: Path) -> None:
    assert read_item_files(tmp_path)[1]


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    _, faults = read_item_files(written(tmp_path, large="#" * 600_000))
    assert "512 KiB" in str(faults[0])


def test_the_projects_own_items_are_sound() -> None:
    entries, faults = read_item_files(Path(__file__).parent.parent / "knowledge" / "items")
    assert [str(fault) for fault in [*faults, *check(entries, own=True)]] == []
    assert len(entries) >= 120
