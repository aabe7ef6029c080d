"""Other people's catalogues: what they say comes in whole, what is broken does not come in at all."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from knowledge.catalogue import open_catalogue
from knowledge.compiling import OWN, is_stale
from knowledge.exporting import write_c0111
from knowledge.faults import CatalogueError, Fault
from knowledge.importing import Imported, Limits, read_import
from knowledge.importing import c0111_columns as c0111
from knowledge.importing.cleaning import Journal, code_from, is_no_document, link, tidy
from knowledge.importing.reading import decode
from knowledge.item_files import read_item_files
from knowledge.model import Grade, Handling, Item
from tests.test_catalogue import command

TODAY = dt.date(2026, 11, 22)
ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "docs" / "examples"

Row = dict[str, Any]


def refused(path: Path, form: str, limits: Limits | None = None) -> tuple[Fault, ...]:
    with pytest.raises(CatalogueError) as failure:
        read_import(path, form, TODAY, limits)
    return failure.value.faults


def items(imported: Imported) -> list[Item]:
    return [entry.item for entry in imported.entries]


# --- a real portal's export ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fangchenggang(shared: Path) -> Imported:
    return read_import(shared / "data" / "fangchenggang", "gxzwfw", TODAY)


def source_rows(shared: Path) -> list[Row]:
    files = sorted((shared / "data" / "fangchenggang").glob("*.json"))
    return [row for file in files for row in json.loads(file.read_text(encoding="utf-8"))["items"]]


def test_the_portals_catalogue_comes_in_whole(fangchenggang: Imported, shared: Path) -> None:
    found, rows = items(fangchenggang), source_rows(shared)
    assert [item.name.zh for item in found] == [row["service"]["service_name"] for row in rows]
    assert len(found) == 781
    assert len({item.code for item in found}) == 781
    assert sum(len(item.steps) for item in found) == 2148
    materials = [row["material_name"] for source in rows for row in source["materials"]]
    kept = [material.name.zh for item in found for material in item.materials or ()]
    assert len(materials) == 2876
    assert kept == [" ".join(name.split(" ")) for name in materials if name not in ("无需材料", "无需审核")]


def test_no_materials_and_materials_unknown_are_told_apart(fangchenggang: Imported, shared: Path) -> None:
    for item, row in zip(items(fangchenggang), source_rows(shared), strict=True):
        listed = [material["material_name"] for material in row["materials"]]
        if not listed:
            assert item.materials is None
        elif all("无需" in name and len(name) == 4 for name in listed):
            assert item.materials == ()
        else:
            assert item.materials


def test_no_fold_mark_is_left_anywhere(fangchenggang: Imported) -> None:
    text = "".join(item.model_dump_json() for item in items(fangchenggang))
    assert re.search(r"\.\.\.展开|更多地点", text) is None


def test_a_charge_without_an_amount_is_never_free_and_never_guessed(fangchenggang: Imported, shared: Path) -> None:
    charged = 0
    for item, row in zip(items(fangchenggang), source_rows(shared), strict=True):
        if row["service"]["is_charge"]:
            charged += 1
            assert [fee.amount for fee in item.fees] == [None]
            assert item.free == ()
        else:
            assert item.fees == ()
    assert charged == 50


def test_defaults_of_nearly_empty_items_are_no_facts(fangchenggang: Imported) -> None:
    hollow = [item for item in items(fangchenggang) if item.handling is None]
    assert len(hollow) == 11
    assert all((item.free, item.visits, item.statutory, item.online) == ((), None, (), None) for item in hollow)


def test_places_hours_limits_and_links_are_kept(fangchenggang: Imported) -> None:
    item = next(item for item in items(fangchenggang) if item.name.zh == "官方兽医资格确认和变更审核转报")
    place = item.places[0]
    assert place.address is not None
    assert place.address.zh == "防城港市港口区江山大道88号市政务服务中心三楼综合窗口"
    assert place.hours is not None
    assert place.hours.zh.startswith("工作日：上午9∶00—12∶00")
    assert (item.statutory[0].days, item.promised[0].days, item.handling) == (20, 2, Handling.PROMISED)
    assert item.contact is not None
    assert "0770-2823213" in item.contact.zh
    assert item.online is not None
    assert item.online.url is not None
    assert item.free[0].evidence is Grade.OFFICIAL
    assert item.free[0].basis is not None
    assert (item.region, item.checked) == ("450600", dt.date(2026, 5, 1))


def test_it_becomes_a_catalogue_of_its_own_city(shared: Path, tmp_path: Path) -> None:
    target = tmp_path / "fcg.db"
    status, out, err = command("import", shared / "data" / "fangchenggang", "--format", "gxzwfw", "--to", target)
    assert (status, err) == (0, "")
    assert "781" in out
    assert "8949 ×" in out
    catalogue = open_catalogue(target)
    assert len(catalogue.codes()) == 781
    assert catalogue.hall.region == "450600"
    assert "临沂" not in catalogue.hall.name.zh
    assert [region.code for region in catalogue.regions] == ["450600"]
    assert not is_stale(target)  # it was not built from the project's files, and must not be built over


def export(**service: Any) -> Row:
    """One department's file of one item."""
    row = {
        "service_name": "占道许可",
        "source_item_id": "a-1",
        "item_type": "承诺件",
        "is_charge": False,
        "legal_days": 20,
    } | service
    return {
        "source_region_code": "3113105168",
        "total_items": 1,
        "items": [{"service": row, "materials": [], "processes": []}],
    }


def with_material(**material: Any) -> Row:
    made = export()
    made["items"][0]["materials"] = [{"material_name": "申请表", "is_required": True} | material]
    return made


def as_json(folder: Path, value: object, name: str = "a.json") -> Path:
    (folder / name).write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return folder / name


def material(folder: Path, **fields: Any) -> Any:
    (item,) = items(read_import(as_json(folder, with_material(**fields)), "gxzwfw", TODAY))
    assert item.materials
    return item.materials[0]


def test_counts_that_contradict_the_kind_of_copy_are_left_out(tmp_path: Path) -> None:
    sound = material(tmp_path, original_num=1, copy_num=2, note="类型：原件和复印件")
    assert (sound.originals, sound.copies) == (1, 2)
    odd = material(
        tmp_path, original_num=1, copy_num=1, note="类型：复印件\n来源渠道：申请人自备", material_form="纸质"
    )
    assert (odd.originals, odd.copies, odd.form.zh, odd.issuer.zh) == (None, None, "复印件（纸质）", "申请人自备")


def test_what_is_to_be_observed_stays_and_what_says_nothing_goes(tmp_path: Path) -> None:
    found = material(tmp_path, note="填报须知：无\n受理标准：1.清晰\n2.完整\n备注：1.清晰\n2.完整\n签名签章要求：盖章")
    assert found.note.zh == "受理标准：1.清晰\n2.完整\n签名签章要求：盖章"


def test_another_city_has_no_region_made_up(tmp_path: Path) -> None:
    made = export() | {"source_region_code": "9999"}
    imported = read_import(as_json(tmp_path, made), "gxzwfw", TODAY)
    assert (imported.place, items(imported)[0].region) == (None, None)


def test_a_charge_that_is_not_stated_is_not_recorded(tmp_path: Path) -> None:
    (item,) = items(read_import(as_json(tmp_path, export(is_charge=None)), "gxzwfw", TODAY))
    assert (item.free, item.fees) == ((), ())


WRONG_EXPORTS: list[tuple[str, object, str]] = [
    ("a list", [], "a.json"),
    ("another shape", {"data": []}, "items"),
    (
        "a service without a name",
        {**export(), "items": [{"service": {}, "materials": [], "processes": []}]},
        "service_name",
    ),
    ("materials that are no list", {**export(), "items": [{**export()["items"][0], "materials": {}}]}, "materials"),
    ("fewer items than announced", export() | {"total_items": 2}, "total_items"),
    ("a kind of handling that does not exist", export(item_type="特急件"), "handling"),
    ("a limit of a hundred thousand days", export(legal_days=100_000), "statutory.0.days"),
    ("no items", {**export(), "total_items": 0, "items": []}, "a.json"),
    ("a name without letters", export(service_name=" "), "name.zh"),
]


@pytest.mark.parametrize(("value", "where"), [row[1:] for row in WRONG_EXPORTS], ids=[row[0] for row in WRONG_EXPORTS])
def test_an_export_of_the_wrong_shape_is_refused_by_place(tmp_path: Path, value: object, where: str) -> None:
    assert any(where in f"{fault.file} {fault.key}" for fault in refused(as_json(tmp_path, value), "gxzwfw"))


def test_the_same_item_in_two_files_is_refused(tmp_path: Path) -> None:
    as_json(tmp_path, export(), "a.json")
    as_json(tmp_path, export(service_name="另一个"), "b.json")
    (fault,) = refused(tmp_path, "gxzwfw")
    assert fault.key == "code"


# --- tables after C0111-2018 --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own_items() -> list[Item]:
    return [entry.item for entry in read_item_files(OWN.items)[0]]


@pytest.mark.parametrize("name", ["all.xlsx", "all"])
def test_our_own_items_survive_the_tables_unchanged(own_items: list[Item], tmp_path: Path, name: str) -> None:
    write_c0111(own_items, tmp_path / name, TODAY)
    assert items(read_import(tmp_path / name, "c0111", TODAY)) == own_items


@pytest.mark.parametrize("name", ["all.xlsx", "all", "all.csv"])
def test_a_portals_items_survive_the_tables_unchanged(fangchenggang: Imported, tmp_path: Path, name: str) -> None:
    found = items(fangchenggang)[:120]
    if name.endswith(".csv"):
        found = [item.model_copy(update={"steps": ()}) for item in found if not item.fees]
    write_c0111(found, tmp_path / name, TODAY)
    imported = read_import(tmp_path / name, "c0111", TODAY)
    assert items(imported) == found
    assert not imported.journal.cleaned


def test_one_csv_refuses_what_it_cannot_hold(own_items: list[Item], tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"环节|情形"):
        write_c0111(own_items, tmp_path / "all.csv", TODAY)
    assert list(tmp_path.iterdir()) == []


def sheet(folder: Path, *rows: Row, name: str = "a.csv", encoding: str = "utf-8") -> Path:
    """A CSV of the rows, with whatever columns they have."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows(rows)
    (folder / name).write_bytes(out.getvalue().encode(encoding))
    return folder / name


STALL: Row = {"业务办理项编码": "A1", "事项名称": "占道许可"}


def one(path: Path) -> Item:
    (item,) = items(read_import(path, "c0111", TODAY))
    return item


def test_the_least_that_is_needed_is_code_and_name(tmp_path: Path) -> None:
    item = one(sheet(tmp_path, STALL))
    assert (item.code, item.name.zh, item.materials, item.free, item.fees) == ("A1", "占道许可", None, (), ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_a_spreadsheet_writes_is_read(tmp_path: Path, encoding: str) -> None:
    assert one(sheet(tmp_path, STALL | {"受理条件": "在本市有固定经营场所。"}, encoding=encoding)).name.zh == "占道许可"


def test_materials_in_repeated_rows(tmp_path: Path) -> None:
    rows = [
        STALL | {"材料名称": "申请表", "原件份数": "1", "材料必要性": "必要"},
        {"业务办理项编码": "A1", "材料名称": "身份证", "材料必要性": "容缺后补"},
        {"业务办理项编码": "A2", "事项名称": "夜市登记", "材料名称": "无需材料"},
    ]
    first, second = items(read_import(sheet(tmp_path, *rows), "c0111", TODAY))
    assert first.materials is not None
    assert [(row.name.zh, row.required, row.deferrable) for row in first.materials] == [
        ("申请表", True, False),
        ("身份证", True, True),
    ]
    assert second.materials == ()


def test_rows_of_one_code_must_agree(tmp_path: Path) -> None:
    rows = [STALL | {"材料名称": "申请表"}, STALL | {"事项名称": "另一个", "材料名称": "身份证"}]
    (fault,) = refused(sheet(tmp_path, *rows), "c0111")
    assert "事项名称" in fault.file
    assert "第3行" in fault.file


def test_a_code_given_twice_is_refused(tmp_path: Path) -> None:
    (fault,) = refused(sheet(tmp_path, STALL, STALL), "c0111")
    assert "第3行" in str(fault)


def test_charges_as_a_table_states_them(tmp_path: Path) -> None:
    free = one(sheet(tmp_path, STALL | {"是否收费": "否", "不收费依据": "《行政许可法》第五十八条"}))
    assert [(row.basis, row.evidence) for row in free.free] == [("《行政许可法》第五十八条", Grade.OFFICIAL)]
    charged = one(sheet(tmp_path, STALL | {"是否收费": "是"}))
    assert ([fee.amount for fee in charged.fees], charged.free) == ([None], ())


def folder_of(tmp_path: Path, **sheets: list[Row]) -> Path:
    folder = tmp_path / "tables"
    folder.mkdir()
    for name, rows in sheets.items():
        sheet(folder, *rows, name=f"{name}.csv")
    return folder


def test_a_rate_that_is_no_amount_goes_to_the_note(tmp_path: Path) -> None:
    fees = [
        {"业务办理项编码": "A1", "收费项目名称": "占道费", "收费标准": "按面积每平方米每天1元"},
        {"业务办理项编码": "A1", "收费项目名称": "工本费", "收费标准": "1,020元"},
    ]
    first, second = one(folder_of(tmp_path, 事项=[STALL], 收费=fees)).fees
    assert first.amount is None
    assert first.note is not None
    assert "按面积每平方米每天1元" in first.note.zh
    assert str(second.amount) == "1020"


def test_situations_and_what_they_rule(tmp_path: Path) -> None:
    situations = [
        {
            "业务办理项编码": "A1",
            "情形编码": "kind",
            "问题": "哪种？",
            "选项编码": "new",
            "选项": "新办",
            "选项用语": "第一次、新",
        },
        {"业务办理项编码": "A1", "情形编码": "kind", "问题": "哪种？", "选项编码": "none", "选项": "没有"},
    ]
    materials = [{"业务办理项编码": "A1", "材料名称": "申请表", "材料适用情形": "kind=new|none"}]
    item = one(folder_of(tmp_path, 事项=[STALL], 情形=situations, 材料=materials))
    assert [(option.code, option.label.zh, option.words) for option in item.situations[0].options] == [
        ("new", "新办", ("第一次", "新")),
        ("none", "没有", ()),
    ]
    assert item.materials is not None
    assert item.materials[0].when == {"kind": ("new", "none")}


def test_a_grade_column_is_read_as_a_grade(tmp_path: Path) -> None:
    item = one(sheet(tmp_path, STALL | {"受理条件": "年满18周岁", "受理条件证据": "待核实"}))
    assert item.conditions is not None
    assert item.conditions.evidence is Grade.RECALLED


WRONG_TABLES: list[tuple[str, list[Row], str]] = [
    ("no name column, nearest named", [{"业务办理项编码": "A1", "事项名": "占道"}], "最接近的是“事项名”"),
    ("no code column", [{"事项名称": "占道许可", "事项类型": "行政许可"}], "业务办理项编码"),
    ("other columns altogether", [{"a": "1", "b": "2"}], "事项名称"),
    ("a row without a code", [STALL, {"业务办理项编码": "", "事项名称": "乙"}], "第3行: 没有编码"),
    ("a row without a name", [STALL, {"业务办理项编码": "A2", "事项名称": "无"}], "name"),
    ("a code a spreadsheet rounded", [STALL | {"业务办理项编码": "1.13713E+30"}], "科学计数"),
    ("a type that does not exist", [STALL | {"事项类型": "许可"}], "行政许可"),
    ("a word for a number", [STALL | {"到办事现场次数": "一次"}], "整数"),
    ("a day that does not exist", [STALL | {"核对日期": "2026-02-30"}], "日期"),
    ("yes and no at once", [STALL | {"是否收费": "也许"}], "是、否"),
    ("related to nothing", [STALL | {"相关事项编码": "B9"}], "B9"),
]


@pytest.mark.parametrize(("rows", "says"), [row[1:] for row in WRONG_TABLES], ids=[row[0] for row in WRONG_TABLES])
def test_wrong_tables_are_refused_by_place(tmp_path: Path, rows: list[Row], says: str) -> None:
    assert says in "\n".join(map(str, refused(sheet(tmp_path, *rows), "c0111")))


def test_every_fault_of_a_table_is_told_at_once(tmp_path: Path) -> None:
    rows = [STALL | {"事项类型": "许可"}, {"业务办理项编码": "A2", "事项名称": "乙", "核对日期": "昨天"}]
    assert len(refused(sheet(tmp_path, *rows), "c0111")) == 2


def test_rows_that_belong_to_no_item_are_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, 事项=[STALL], 环节=[{"业务办理项编码": "A9", "环节名称": "受理"}])
    (fault,) = refused(folder, "c0111")
    assert "A9" in fault.zh


def test_columns_that_are_not_known_are_reported(tmp_path: Path) -> None:
    imported = read_import(sheet(tmp_path, STALL | {"经办人": "某"}), "c0111", TODAY)
    assert [tally.times for tally in imported.journal.unread.values()] == [1]
    assert "经办人" in next(iter(imported.journal.unread.values())).first


# --- broken and hostile files -------------------------------------------------------------------------


def workbook(folder: Path, fill: Callable[[Any], object], name: str = "a.xlsx") -> Path:
    book = openpyxl.Workbook()
    table: Any = book.active
    table.title = "事项"
    table.append(["业务办理项编码", "事项名称", "核对日期", "到办事现场次数", "是否收费"])
    fill(table)
    book.save(folder / name)
    return folder / name


def test_cells_of_a_workbook_are_read_as_what_they_are(tmp_path: Path) -> None:
    item = one(workbook(tmp_path, lambda table: table.append(["A1", "占道许可", dt.datetime(2026, 1, 2), 1.0, False])))
    assert (item.checked, item.visits, len(item.free)) == (dt.date(2026, 1, 2), 1, 1)


def test_title_rows_above_the_header_are_passed_over(tmp_path: Path) -> None:
    def fill(table: Any) -> None:
        table.append(["A1", "占道许可"])
        table.insert_rows(1, 2)
        table["A1"] = "某市事项目录"
        table.merge_cells("A1:E1")

    assert one(workbook(tmp_path, fill)).name.zh == "占道许可"


def test_merged_cells_are_filled(tmp_path: Path) -> None:
    def fill(table: Any) -> None:
        table.title = "事项"
        table["F1"] = "材料名称"
        table.append(["A1", "占道许可", None, None, None, "申请表"])
        table.append([None, None, None, None, None, "身份证"])
        table.append(["A2", "夜市登记", None, None, None, "承诺书"])
        table.merge_cells("A2:A3")

    first, second = items(read_import(workbook(tmp_path, fill), "c0111", TODAY))
    assert first.materials is not None
    assert [row.name.zh for row in first.materials] == ["申请表", "身份证"]
    assert (second.code, len(second.materials or ())) == ("A2", 1)


def test_a_formula_without_a_result_is_refused_by_its_cell(tmp_path: Path) -> None:
    (fault,) = refused(workbook(tmp_path, lambda table: table.append(["A1", "=CONCATENATE(A2,1)"])), "c0111")
    assert (fault.key, "公式" in fault.zh) == ("B2", True)


def test_a_number_that_lost_digits_is_refused_by_its_cell(tmp_path: Path) -> None:
    (fault,) = refused(
        workbook(tmp_path, lambda table: table.append([11371300004430095437011700, "占道许可"])), "c0111"
    )
    assert (fault.key, "15" in fault.zh) == ("A2", True)


def test_an_error_value_is_refused_by_its_cell(tmp_path: Path) -> None:
    (fault,) = refused(workbook(tmp_path, lambda table: table.append(["A1", "#REF!"])), "c0111")
    assert fault.key == "B2"


def test_text_that_looks_like_a_formula_stays_text(own_items: list[Item], tmp_path: Path) -> None:
    item = own_items[0].model_copy(
        update={"name": own_items[0].name.model_copy(update={"zh": '=HYPERLINK("x")'}), "related": (), "subject": "-1"}
    )
    for name in ("a.xlsx", "tables"):
        write_c0111([item], tmp_path / name, TODAY)
        assert items(read_import(tmp_path / name, "c0111", TODAY)) == [item]
    assert "'=HYPERLINK" in (tmp_path / "tables" / "事项.csv").read_text(encoding="utf-8-sig")
    assert openpyxl.load_workbook(tmp_path / "a.xlsx")["事项"]["B2"].data_type == "s"


def repacked(source: Path, target: Path, **members: bytes) -> Path:
    """A copy of a ZIP archive with some members replaced or added (`__` in a name is a slash, `_dot_` a dot)."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        names = {name.replace("__", "/").replace("_dot_", "."): content for name, content in members.items()}
        for name in old.namelist():
            if name not in names:
                new.writestr(name, old.read(name))
        for name, content in names.items():
            new.writestr(name, content)
    return target


@pytest.fixture
def sound_xlsx(tmp_path: Path) -> Path:
    folder = tmp_path / "sound"
    folder.mkdir()
    return workbook(folder, lambda table: table.append(["A1", "占道许可"]))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(sound_xlsx: Path, tmp_path: Path) -> None:
    bomb = repacked(sound_xlsx, tmp_path / "bomb.xlsx", xl__bomb_dot_xml=b"\0" * 60_000_000)
    assert bomb.stat().st_size < 1_000_000
    tracemalloc.start()
    (fault,) = refused(bomb, "c0111")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "压缩炸弹" in fault.zh
    assert peak < 20_000_000


def test_a_zip_bomb_that_lies_about_its_size_is_refused(sound_xlsx: Path, tmp_path: Path) -> None:
    bomb = repacked(sound_xlsx, tmp_path / "bomb.xlsx", xl__bomb_dot_bin=b"\0" * 50_000_000)
    content = bytearray(bomb.read_bytes())
    real, small = (50_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little")
    assert content.count(real) == 2
    bomb.write_bytes(bytes(content).replace(real, small))
    (fault,) = refused(bomb, "c0111")
    assert "XLSX" in fault.zh


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_that_defines_entities_is_refused(sound_xlsx: Path, tmp_path: Path, encoding: str) -> None:
    laughs = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>'.encode(encoding)
    (fault,) = refused(repacked(sound_xlsx, tmp_path / "x.xlsx", xl__workbook_dot_xml=laughs), "c0111")
    assert "XML" in fault.zh


BROKEN_XLSX: list[tuple[str, Callable[[bytes], bytes], str]] = [
    ("cut off", lambda content: content[: len(content) // 2], "XLSX"),
    ("no archive", lambda _: b"hello" * 100, "XLSX"),
    ("an old XLS or a locked file", lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧版"),
    ("damaged inside", lambda content: content[:60] + b"\xff" * 40 + content[100:], "XLSX"),
]


@pytest.mark.parametrize(("ruin", "says"), [row[1:] for row in BROKEN_XLSX], ids=[row[0] for row in BROKEN_XLSX])
def test_a_broken_workbook_is_refused(
    sound_xlsx: Path, tmp_path: Path, ruin: Callable[[bytes], bytes], says: str
) -> None:
    (tmp_path / "x.xlsx").write_bytes(ruin(sound_xlsx.read_bytes()))
    (fault,) = refused(tmp_path / "x.xlsx", "c0111")
    assert says in fault.zh


def test_an_archive_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w") as archive:
        archive.writestr("hello.txt", "hello")
    (fault,) = refused(tmp_path / "x.xlsx", "c0111")
    assert "XLSX" in fault.zh


@pytest.mark.parametrize("claim", [b"A1:XFD1048576", b"A1:B1", b"A1"])
def test_a_sheet_that_lies_about_its_size_is_read_to_its_real_end(
    sound_xlsx: Path, tmp_path: Path, claim: bytes
) -> None:
    with zipfile.ZipFile(sound_xlsx) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    lying = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="' + claim + b'"', xml)
    assert lying != xml
    assert one(repacked(sound_xlsx, tmp_path / "x.xlsx", xl__worksheets__sheet1_dot_xml=lying)).code == "A1"


def test_a_row_far_down_ends_at_the_limit(sound_xlsx: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(sound_xlsx) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    far = xml.replace(b'<row r="2"', b'<row r="4000000000"')
    assert far != xml
    path = repacked(sound_xlsx, tmp_path / "x.xlsx", xl__worksheets__sheet1_dot_xml=far)
    (fault,) = refused(path, "c0111", replace(Limits(), rows=1000))
    assert "1000行" in fault.zh


HOSTILE: list[tuple[str, bytes, str]] = [
    ("nothing at all", b"", "空"),
    ("a byte order mark and nothing else", b"\xef\xbb\xbf", "事项"),
    ("a header and nothing else", "业务办理项编码,事项名称\n".encode(), "没有读到任何事项"),
    ("a NUL", "业务办理项编码,事项名称\nA1,占\0道\n".encode(), "第2行"),
    ("bytes of no encoding", "业务办理项编码,事项名称\nA1,".encode() + b"\xff\xfe\xfa\n", "字节"),
    ("UTF-8 that was cut off", "业务办理项编码,事项名称\nA1,占道许可".encode()[:-1], "字节"),
    ("UTF-8 with one wrong byte", "业务办理项编码,事项名称\nA1,占道".encode() + b"\xb0" + "许可\n".encode(), "字节"),
    ("half a UTF-16 character", "业务办理项编码,事项名称\nA1,占".encode("utf-16") + b"\x53", "字节"),
    ("a million columns", "业务办理项编码,事项名称\nA1".encode() + b"," * 1_000_000, "1000001列"),
    ("a cell without end", '业务办理项编码,事项名称\nA1,"'.encode() + b"x" * 500_000, "CSV"),
    ("a quote that never closes", '业务办理项编码,事项名称\nA1,"占道\n'.encode(), "CSV"),
    ("a cell under no column", "业务办理项编码,事项名称\nA1,占道,多余\n".encode(), "没有列名"),
    ("a column twice", "业务办理项编码,事项名称,事项名称\nA1,甲,乙\n".encode(), "列名重复"),
    ("random bytes", bytes(range(1, 256)) * 40, "字节"),
]


@pytest.mark.parametrize(("content", "says"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_hostile_tables_are_refused_in_a_sentence(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    faults = refused(tmp_path / "a.csv", "c0111")
    assert says in "\n".join(map(str, faults))
    assert all("\n" not in str(fault) and fault.en for fault in faults)


def test_damaged_utf8_is_not_taken_for_gbk() -> None:
    """These bytes, 人道城人道记占 with one of them wrong, are also good GBK: for words nobody wrote."""
    damaged = b"\xe4\xba\xba\xe9\x81\x93\xe7\xe5\x86\xe5\x9f\x8e\xe4\xba\xba\xe9\x81\x93\xe8\xae\xb0\xe5\x8d\xa0"
    assert damaged.decode("gb18030")
    with pytest.raises(CatalogueError, match="第7个字节"):
        decode(damaged, "x")


@given(st.binary(max_size=400))
def test_any_bytes_are_text_or_a_catalogue_error(content: bytes) -> None:
    try:
        text, encoding = decode(content, "x")
    except CatalogueError:
        return
    assert isinstance(text, str)
    assert encoding


@given(st.text(max_size=200))
def test_utf8_is_always_read_as_it_was_written(text: str) -> None:
    if "\0" not in text and not text.startswith("\ufeff"):
        assert decode(text.encode("utf-8"), "x") == (text, "utf-8")


def test_a_file_over_the_limit_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)  # holes: no disk space
    tracemalloc.start()
    (fault,) = refused(path, "c0111")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "200 MB" in fault.zh
    assert "64 MB" in fault.zh
    assert peak < 5_000_000


def test_the_limit_can_be_raised_from_the_command_line(tmp_path: Path) -> None:
    path = sheet(tmp_path, STALL | {"受理条件": "甲" * 3000})
    path.write_bytes(path.read_bytes() + b"\n" * 2_000_000)
    words = ("import", path, "--format", "c0111", "--to", tmp_path / "c.db", "--max-mb")
    assert command(*words, 1)[0] == 1
    assert command(*words, 2)[0] == 0


def test_text_made_to_stall_a_pattern_is_answered_at_once(tmp_path: Path) -> None:
    """A quadratic pattern would take hours over these."""
    for text in ("." * 40_000, "... " * 10_000, "<!--" * 12_000, "<" * 40_000, "…" * 40_000 + " " * 9_000):
        tidy(text, Journal(), markup=True)
    made = export()
    made["items"][0]["processes"] = [{"step_name": "受理", "step_desc": "办理结果：\n" * 1_000_000}]
    assert any("step_desc" in fault.key for fault in refused(as_json(tmp_path, made), "gxzwfw"))


def test_files_that_are_together_too_large_are_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, 事项=[STALL], 环节=[{"业务办理项编码": "A1", "环节名称": "受理"}])
    (fault,) = refused(folder, "c0111", replace(Limits(), total_bytes=60))
    assert "上限" in fault.zh


def test_a_folder_without_files_and_no_folder_at_all(tmp_path: Path) -> None:
    for form in ("c0111", "gxzwfw", "items", str(EXAMPLES / "mapping-example.yaml")):
        (fault,) = refused(tmp_path, form)
        assert "文件夹里没有" in fault.zh
        (fault,) = refused(tmp_path / "nowhere", form)
        assert "没有这个文件" in fault.zh


@pytest.mark.parametrize("content", ["{", '{"a": NaN}', "[" * 100_000, '{"a": 1', "\x00", '"text"', "3"])
def test_broken_json_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.json").write_text(content)
    for form in ("gxzwfw", "items", str(EXAMPLES / "mapping-example.yaml")):
        assert refused(tmp_path / "a.json", form)


def test_a_refused_import_leaves_the_running_catalogue_untouched(tmp_path: Path) -> None:
    target = tmp_path / "c.db"
    assert command("import", sheet(tmp_path, STALL), "--format", "c0111", "--to", target)[0] == 0
    before = target.read_bytes()
    bad = sheet(tmp_path, STALL, STALL | {"事项类型": "许可"}, name="b.csv")
    status, out, err = command("import", bad, "--format", "c0111", "--to", target)
    assert (status, out) == (1, "")
    assert len(err.splitlines()) >= 1
    assert target.read_bytes() == before


def test_an_import_says_what_changed(tmp_path: Path) -> None:
    target = tmp_path / "c.db"
    command("import", sheet(tmp_path, STALL), "--format", "c0111", "--to", target)
    again = sheet(tmp_path, STALL | {"事项名称": "占道经营许可"}, {"业务办理项编码": "A2", "事项名称": "夜市登记"})
    assert "新增1，变更1，取消0" in command("import", again, "--format", "c0111", "--to", target)[1]


# --- through a mapping --------------------------------------------------------------------------------

MAPPING: Row = {
    "title": "某市事项目录",
    "records": "data.list",
    "region": "371300",
    "values": {
        "type": {"1": "行政许可", "20": "公共服务"},
        "flag": {"true": "是", "false": "否", "1": "是", "0": "否"},
    },
    "item": {
        "code": "id",
        "name": "base.title",
        "type": {"from": "base.kind", "values": "type"},
        "department": {"from": "dept", "optional": True},
        "charged": {"from": "charge", "values": "flag"},
        "levels": {"constant": "市级"},
        "aliases": {"from": "called", "split": ","},
    },
    "lists": {
        "materials": {
            "each": "papers",
            "fields": {"name": "n", "originals": "count", "required": {"from": "must", "values": "flag"}},
        },
        "promised": {"each": ".", "fields": {"days": "days", "unit": {"constant": "日"}}},
    },
}
RECORD: Row = {
    "id": "330000-1",
    "base": {"title": "占道许可", "kind": 1},
    "charge": False,
    "called": "摆摊,占道",
    "days": 7,
    "papers": [{"n": "申请表", "count": 2, "must": True}, {"n": "照片", "count": 1, "must": False}],
}


def mapped(folder: Path, data: object, mapping: Row | None = None, name: str = "a.json") -> tuple[Path, str]:
    (folder / "map.yaml").write_text(yaml.safe_dump(mapping or MAPPING, allow_unicode=True), encoding="utf-8")
    if name.endswith(".jsonl"):
        assert isinstance(data, list)
        (folder / name).write_text("\n".join(json.dumps(row) for row in data), encoding="utf-8")
    else:
        as_json(folder, data, name)
    return folder / name, str(folder / "map.yaml")


def test_a_mapping_reads_nested_json(tmp_path: Path) -> None:
    (item,) = items(read_import(*mapped(tmp_path, {"data": {"list": [RECORD]}}), TODAY))
    assert (item.code, item.name.zh, item.type, item.region) == ("3300001", "占道许可", "行政许可", "371300")
    assert item.aliases.zh == ("摆摊", "占道")
    assert item.levels == ("市级",)
    assert item.materials is not None
    assert [(row.name.zh, row.originals, row.required) for row in item.materials] == [
        ("申请表", 2, True),
        ("照片", 1, False),
    ]
    assert [(limit.days, limit.unit) for limit in item.promised] == [(7, "日")]
    assert item.free[0].basis == "某市事项目录"
    assert item.sources[0].title == "某市事项目录"


def test_a_mapping_reads_json_lines(tmp_path: Path) -> None:
    path, mapping = mapped(tmp_path, [RECORD, RECORD | {"id": "2"}], name="a.jsonl")
    assert [item.code for item in items(read_import(path, mapping, TODAY))] == ["3300001", "2"]


def test_long_numbers_keep_their_digits(tmp_path: Path) -> None:
    number = 11371300004430095437011700200
    (item,) = items(read_import(*mapped(tmp_path, {"data": {"list": [RECORD | {"id": number}]}}), TODAY))
    assert item.code == str(number)


FLAT: Row = {
    "title": "某市事项目录",
    "repeated": True,
    "item": {"code": "编号", "name": "名称"},
    "lists": {"materials": {"each": "rows", "fields": {"name": "材料"}}},
}


def test_a_mapping_reads_a_table_with_several_rows_an_item(tmp_path: Path) -> None:
    rows = [
        {"编号": "1", "名称": "占道", "材料": "申请表"},
        {"编号": "1", "名称": "占道", "材料": "照片"},
        {"编号": "2", "名称": "夜市", "材料": ""},
    ]
    _, mapping = mapped(tmp_path, [], FLAT)
    first, second = items(read_import(sheet(tmp_path, *rows), mapping, TODAY))
    assert first.materials is not None
    assert [row.name.zh for row in first.materials] == ["申请表", "照片"]
    assert second.materials is None


def test_a_mapping_joins_the_sheets_of_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    main: Any = book.active
    main.title = "主表"
    for row in (["编号", "名称"], ["1", "占道"], ["2", "夜市"]):
        main.append(row)
    papers = book.create_sheet("材料表")
    for row in (["事项", "材料"], ["1", "申请表"], ["1", "照片"]):
        papers.append(row)
    book.save(tmp_path / "a.xlsx")
    joined = {key: value for key, value in FLAT.items() if key != "repeated"} | {
        "records": "主表",
        "join": {"材料表": "事项"},
        "lists": {"materials": {"each": "材料表", "fields": {"name": "材料"}}},
    }
    _, mapping = mapped(tmp_path, [], joined)
    first, second = items(read_import(tmp_path / "a.xlsx", mapping, TODAY))
    assert [len(first.materials or ()), second.materials] == [2, None]


def changed(**fields: Any) -> Row:
    return MAPPING | fields


WRONG_MAPPINGS: list[tuple[str, Row, str]] = [
    ("an element that does not exist", changed(item=MAPPING["item"] | {"depertment": "x"}), "department"),
    ("a list that does not exist", changed(lists={"material": {"each": "x", "fields": {}}}), "materials"),
    ("a table of values that is not there", changed(values={}), "对照表 type"),
    ("neither from nor constant", changed(item=MAPPING["item"] | {"scope": {}}), "from"),
    ("both from and constant", changed(item=MAPPING["item"] | {"scope": {"from": "a", "constant": "b"}}), "from"),
    ("no code", changed(item={"name": "base.title"}), "code"),
    ("an unknown key", changed(colour="red"), "colour"),
    ("a field no record has", changed(item=MAPPING["item"] | {"scope": "basee"}), "最接近的是“base”"),
    ("records elsewhere", changed(records="data"), "列表"),
    ("a value the table does not list", changed(values=MAPPING["values"] | {"type": {"2": "公共服务"}}), "没有“1”"),
    ("a group where a value belongs", changed(item=MAPPING["item"] | {"scope": "base"}), "一组键和值"),
    ("a text where a number belongs", changed(item=MAPPING["item"] | {"visits": "base.title"}), "整数"),
]


@pytest.mark.parametrize(
    ("mapping", "says"), [row[1:] for row in WRONG_MAPPINGS], ids=[row[0] for row in WRONG_MAPPINGS]
)
def test_wrong_mappings_are_refused_by_key(tmp_path: Path, mapping: Row, says: str) -> None:
    path, form = mapped(tmp_path, {"data": {"list": [RECORD]}}, mapping)
    assert says in "\n".join(map(str, refused(path, form)))


def test_a_value_may_be_declared_absent(tmp_path: Path) -> None:
    declared = changed(values=MAPPING["values"] | {"type": {"1": None}})
    (item,) = items(read_import(*mapped(tmp_path, {"data": {"list": [RECORD]}}, declared), TODAY))
    assert item.type is None


def test_markup_and_words_are_taken_out_where_the_mapping_says_so(tmp_path: Path) -> None:
    record = RECORD | {"base": {"title": "<p>占道&amp;许可</p>【已发布】", "kind": 1}}
    clean = changed(clean={"markup": True, "remove": ["【已发布】"]})
    (item,) = items(read_import(*mapped(tmp_path, {"data": {"list": [record]}}, clean), TODAY))
    assert item.name.zh == "占道&许可"


# --- cleaning -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["无需材料", "无需审核", "无", "不需要提供材料", "无须提交任何材料", "免提交", "暂无", "无需提供申请材料。"]
)
def test_rows_that_say_no_document_is_needed(name: str) -> None:
    assert is_no_document(name)


@pytest.mark.parametrize(
    "name",
    [
        "无犯罪记录证明",
        "清税证明材料（已共享的，无需提交）",
        "无房产家庭证明材料",
        "不动产权证书",
        "没有未结案件的承诺书",
        "免税证明",
        "无人机登记证",
    ],
)
def test_documents_whose_names_merely_contain_such_words(name: str) -> None:
    assert not is_no_document(name)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("说明。...展开", "说明。"),
        ("一楼\n...展开\n更多地点", "一楼"),
        ("展开调查", "展开调查"),
        ("-...展开", None),
        ("  甲\u3000\u3000乙\r\n\r\n丙\u200b ", "甲 乙\n丙"),
        ("无", None),
        ("", None),
        (None, None),
        (12, "12"),
    ],
)
def test_tidy(text: object, clean: str | None) -> None:
    assert tidy(text, Journal()) == clean


@given(st.text(max_size=100))
def test_what_is_tidy_stays_as_it_is(text: str) -> None:
    once = tidy(text, Journal())
    assert once is None or tidy(once, Journal()) in (once, None)


def test_links_citizens_can_be_sent_to() -> None:
    assert link("https://zwfw.gxzf.gov.cn/yct", Journal()) == "https://zwfw.gxzf.gov.cn/yct"
    for bad in ("http://https--bdc.zipv6.gxzf.gov.cn/", "http://www.gx12333.net", "广西政务服务通用软件", "无", ""):
        assert link(bad, Journal()) is None


def test_codes_are_short_plain_and_always_the_same() -> None:
    assert code_from("f1dc524d-cb22-46d6-83bc-2c39ead30a54") == "f1dc524dcb2246d683bc2c39ead30a54"
    long = "11371300004430095P437011700200001"
    assert (len(long), code_from(long)) == (33, "1371300004430095P437011700200001")
    assert code_from("ＡＢ-１") == "AB1"
    assert code_from("事项一") == code_from("事项一") != code_from("事项二")


@given(st.text(min_size=1, max_size=80))
def test_every_code_fits_the_catalogue(text: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_]{1,32}", code_from(text))


# --- what the documentation shows -----------------------------------------------------------------------


def test_the_template_has_exactly_the_columns_that_are_read() -> None:
    book = openpyxl.load_workbook(EXAMPLES / "c0111-empty.xlsx")
    shown = {name: tuple(cell.value for cell in book[name][1]) for name in book.sheetnames if name != c0111.ABOUT}
    assert shown == c0111.sheet_titles()
    assert all(book[name].max_row == 1 for name in shown)


@pytest.mark.parametrize("name", ["c0111-example.xlsx", "c0111-example.csv"])
def test_the_filled_examples_can_be_imported(name: str) -> None:
    imported = read_import(EXAMPLES / name, "c0111", TODAY)
    assert items(imported)
    assert not imported.journal.unread


def test_the_example_of_a_mapping_reads_its_example() -> None:
    imported = read_import(EXAMPLES / "mapping-example.json", str(EXAMPLES / "mapping-example.yaml"), TODAY)
    assert len(items(imported)) == 2
    assert all(item.materials is not None for item in items(imported))
