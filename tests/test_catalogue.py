"""The compiled catalogue: complete, read-only, swapped whole, and honest about what it cannot open."""

from __future__ import annotations

import argparse
import datetime as dt
import io
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from sqlite_utils.cli import cli as sqlite_utils_cli

from handlers import catalogue_commands
from knowledge import compiling
from knowledge.catalogue import Catalogue, CatalogueError, CatalogueFile, open_catalogue
from knowledge.compiling import OWN, Inputs, build_catalogue, is_stale, read_surroundings, write_catalogue
from knowledge.differences import compare, element_names
from knowledge.hall import read_hall
from knowledge.item_files import read_item_files
from knowledge.matching import Keep
from knowledge.matching.decision import Verdict
from knowledge.model import Item, Level
from knowledge.regions import Region, Regions, read_regions

TODAY = dt.date(2026, 11, 22)
SOME = ("id_card_apply", "temp_id_card", "passport")


@pytest.fixture(scope="module")
def own_items() -> list[Item]:
    return [entry.item for entry in read_item_files(OWN.items)[0]]


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    """Three of the project's items in a folder of their own, which relate to nothing outside it."""
    folder = tmp_path / "items"
    folder.mkdir()
    for code in SOME:
        draft = yaml.safe_load((OWN.items / f"{code}.yaml").read_text(encoding="utf-8"))
        draft.pop("related", None)
        (folder / f"{code}.yaml").write_text(yaml.safe_dump(draft, allow_unicode=True), encoding="utf-8")
    return replace(OWN, items=folder)


def build(inputs: Inputs, to: Path, today: dt.date = TODAY) -> str:
    return build_catalogue(to, today, inputs, indexer=None)


def rewrite(inputs: Inputs, code: str, change: Callable[[str], str]) -> None:
    path = inputs.items / f"{code}.yaml"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


# --- what is in it ----------------------------------------------------------------------------------


def test_it_holds_every_item_unchanged(catalogue: Catalogue, own_items: list[Item]) -> None:
    assert list(catalogue.items()) == own_items
    assert catalogue.codes() == tuple(item.code for item in own_items)
    assert catalogue.item("id_card_apply") == next(item for item in own_items if item.code == "id_card_apply")
    assert catalogue.item("no_such_item") is None


def test_it_carries_hall_and_regions(catalogue: Catalogue) -> None:
    assert catalogue.hall == read_hall(OWN.hall)
    assert list(catalogue.regions) == list(read_regions(OWN.regions))


def test_it_answers_a_question_and_knows_the_place_named(catalogue: Catalogue) -> None:
    understood = catalogue.understand("我在沂南，身份证丢了怎么补")
    assert understood.region == "371321"
    assert (understood.needs[0].verdict, understood.needs[0].matches[0].code) == (Verdict.ANSWER, "id_card_apply")
    assert "id_card_apply" in {match.code for match in catalogue.search("身份证", 5)}


def test_an_operator_can_look_into_it_with_sqlite_utils(catalogue_file: Path) -> None:
    question = "select amount, unit, basis from fees where item = 'id_card_apply' order by amount"
    found = CliRunner().invoke(sqlite_utils_cli, ["query", str(catalogue_file), question])
    assert json.loads(found.output)[0] == {"amount": "0", "unit": "证", "basis": "财税〔2018〕37号"}


def test_absent_and_none_needed_stay_different(own_items: list[Item], tmp_path: Path) -> None:
    first, second = own_items[:2]
    changed = [first.model_copy(update={"materials": ()}), second.model_copy(update={"materials": None})]
    write_catalogue(tmp_path / "c.db", changed, read_surroundings(OWN.hall, OWN.regions, "x"), TODAY, None)
    assert [item.materials for item in open_catalogue(tmp_path / "c.db").items()] == [(), None]


def test_nobody_can_write_to_it(inputs: Inputs, tmp_path: Path) -> None:
    build(inputs, tmp_path / "c.db")
    catalogue = open_catalogue(tmp_path / "c.db")
    with pytest.raises(sqlite3.OperationalError):
        catalogue._database.execute("delete from items")


def test_many_threads_read_it_at_once(inputs: Inputs, tmp_path: Path) -> None:
    build(inputs, tmp_path / "c.db")
    catalogue = open_catalogue(tmp_path / "c.db")
    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(lambda n: catalogue._read(SOME[n % 3]), range(300)))
    assert [item.code for item in read if item] == [SOME[n % 3] for n in range(300)]


# --- building ---------------------------------------------------------------------------------------


def test_the_version_is_the_day_and_the_content(inputs: Inputs, tmp_path: Path) -> None:
    first = build(inputs, tmp_path / "a.db")
    assert first.startswith("2026-11-22-")
    assert build(inputs, tmp_path / "b.db") == first
    rewrite(inputs, "passport", lambda text: text.replace("护照", "护照本"))
    assert build(inputs, tmp_path / "c.db") != first
    assert open_catalogue(tmp_path / "a.db").version == first


def test_a_wrong_file_stops_the_build_with_every_fault_and_leaves_the_old_catalogue(
    inputs: Inputs, tmp_path: Path
) -> None:
    target = tmp_path / "c.db"
    version = build(inputs, target)
    rewrite(inputs, "passport", lambda text: text + "colour: red\n")
    rewrite(inputs, "temp_id_card", lambda text: text.replace("temp_id_card", "temp_card"))
    with pytest.raises(CatalogueError) as refused:
        build(inputs, target)
    assert {(fault.file, fault.key) for fault in refused.value.faults} == {
        ("passport.yaml", "colour"),
        ("temp_id_card.yaml", "code"),
    }
    assert open_catalogue(target).version == version
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".new"] == []


def test_a_faulty_hall_or_regions_file_is_named(inputs: Inputs, tmp_path: Path) -> None:
    hall = tmp_path / "hall.yaml"
    hall.write_text(
        inputs.hall.read_text(encoding="utf-8").replace("hotline: government", "hotline: nobody"), encoding="utf-8"
    )
    regions = tmp_path / "regions.yaml"
    regions.write_text(
        "source: x\nchecked: 2026-01-01\nregions:\n- {code: '1', name: {zh: 甲}, level: 县级, parent: '9'}\n",
        encoding="utf-8",
    )
    with pytest.raises(CatalogueError) as refused:
        build(replace(inputs, hall=hall, regions=regions), tmp_path / "c.db")
    assert {fault.file for fault in refused.value.faults} == {"hall.yaml", "regions.yaml"}


def test_an_interrupted_build_leaves_the_old_catalogue(inputs: Inputs, tmp_path: Path) -> None:
    target = tmp_path / "c.db"
    version = build(inputs, target)

    def breaks_off(_: Iterable[Item], keep: Keep | None = None) -> bytes:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_catalogue(target, TODAY, inputs, indexer=breaks_off)
    assert open_catalogue(target).version == version
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.db", "items"]


def test_it_is_stale_when_any_input_changed(inputs: Inputs, tmp_path: Path) -> None:
    target = tmp_path / "c.db"
    assert is_stale(target, inputs)
    build(inputs, target)
    assert not is_stale(target, inputs)
    rewrite(inputs, "passport", lambda text: text + "# a remark\n")
    assert is_stale(target, inputs)
    build(inputs, target)
    (inputs.items / "passport.yaml").unlink()
    assert is_stale(target, inputs)


def test_what_is_no_catalogue_is_stale(inputs: Inputs, tmp_path: Path) -> None:
    target = tmp_path / "c.db"
    target.write_bytes(b"not a database at all" * 100)
    assert is_stale(target, inputs)


# --- opening, and following a file that is swapped ---------------------------------------------------


def _garbage(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 100)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _other_database(path: Path) -> None:
    sqlite3.connect(path).execute("create table meta (key, value)").connection.close()


def _other_schema(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("update meta set value = '0' where key = 'schema'")
    connection.commit()
    connection.close()


def _cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:2000])


@pytest.mark.parametrize("ruin", [_garbage, _empty, _other_database, _other_schema, _cut_off, Path.unlink])
def test_what_cannot_be_opened_is_refused_in_one_sentence(
    inputs: Inputs, tmp_path: Path, ruin: Callable[[Path], None]
) -> None:
    target = tmp_path / "c.db"
    build(inputs, target)
    if ruin is _other_database:
        target.unlink()
    ruin(target)
    with pytest.raises(CatalogueError) as refused:
        open_catalogue(target)
    assert len(refused.value.faults) == 1


def test_a_catalogue_without_index_says_so(inputs: Inputs, tmp_path: Path) -> None:
    build(inputs, tmp_path / "c.db")
    with pytest.raises(CatalogueError, match="catalogue has no match index"):
        open_catalogue(tmp_path / "c.db").understand("身份证")


def test_a_swapped_file_is_noticed_while_running(inputs: Inputs, tmp_path: Path) -> None:
    target = tmp_path / "c.db"
    build(inputs, target)
    followed = CatalogueFile(target)
    before = followed.current()
    assert followed.current() is before
    rewrite(inputs, "passport", lambda text: text.replace("护照", "护照本"))
    build(inputs, target)
    after = followed.current()
    assert after.version != before.version
    assert before.item("passport") != after.item("passport")  # the old one can still be read to the end of an answer


def test_a_broken_successor_leaves_the_old_catalogue_in_use(inputs: Inputs, tmp_path: Path) -> None:
    target = tmp_path / "c.db"
    build(inputs, target)
    followed = CatalogueFile(target)
    running = followed.current()
    target.unlink()
    assert followed.current() is running
    _garbage(target)
    assert followed.current() is running
    assert followed.faults
    target.unlink()
    build(inputs, target)
    assert followed.current() is not running
    assert followed.faults == ()


# --- regions and hall ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("沂南", "沂南县"),
        ("我在兰山区住", "兰山区"),
        ("I live in Yinan and lost my card", "沂南县"),
        ("lanshan district", "兰山区"),
        ("临沂市费县上冶镇", "上冶镇"),
        ("兰陵镇", "兰陵镇"),
        ("兰陵", "兰陵县"),
        ("临沂", "临沂市"),
        ("高新区办营业执照", "临沂高新技术产业开发区"),
        ("我在Yinan办", "沂南县"),
    ],
)
def test_a_region_is_found_in_a_text(catalogue: Catalogue, text: str, name: str) -> None:
    found = catalogue.regions.find(text)
    assert found is not None
    assert found.name.zh == name


@pytest.mark.parametrize("text", ["这个地方怎么走", "庆祝胜利", "费用多少", "北京市", "从沂南迁到沂水", "", "feign"])
def test_no_region_is_read_into_a_text(catalogue: Catalogue, text: str) -> None:
    assert catalogue.regions.find(text) is None


def test_the_tiers_line_up(catalogue: Catalogue) -> None:
    regions = catalogue.regions
    assert [region.name.zh for region in regions.path("371321101")] == ["岸堤镇", "沂南县", "临沂市"]
    counties = [region for region in regions.children("371300") if not region.zone]
    assert len(counties) == 12
    assert all(region.name.en for region in regions)
    assert regions.covers("371321", "371321101")
    assert not regions.covers("371321", "371322")
    assert {region.system.value for region in regions if region.zone} == {"statistical", "own"}
    assert regions.path("nowhere") == () == regions.children("nowhere")


def test_regions_in_a_circle_are_refused() -> None:
    name = {"zh": "甲"}
    circle = [
        Region.model_validate({"code": "1", "name": name, "level": Level.CITY, "parent": "2"}),
        Region.model_validate({"code": "2", "name": name, "level": Level.CITY, "parent": "1"}),
    ]
    with pytest.raises(ValueError, match="its own parent"):
        Regions(circle)


def test_the_numbers_that_save_lives(catalogue: Catalogue) -> None:
    numbers = {key: line.number for key, line in catalogue.hall.lines.items()}
    assert numbers == {
        "government": "12345",
        "police": "110",
        "fire": "119",
        "medical": "120",
        "traffic": "122",
        "distress": "12356",
    }
    assert catalogue.hall.hotline_number == "12345"


# --- what changed ---------------------------------------------------------------------------------------


def test_differences_name_what_was_added_changed_and_cancelled(own_items: list[Item]) -> None:
    old = own_items[:10]
    fee = old[3].model_copy(update={"visits": 7, "checked": dt.date(2027, 1, 1)})
    found = compare(old, [*old[1:3], fee, *old[4:], own_items[10]])
    assert found.added == ((own_items[10].code, own_items[10].name.zh),)
    assert found.cancelled == ((old[0].code, old[0].name.zh),)
    assert [(one.code, [change.element for change in one.changes]) for one in found.changed] == [
        (old[3].code, ["visits"])
    ]
    assert found.changed[0].changes[0].after == ("7",)


def test_a_new_amount_is_shown_with_the_old(own_items: list[Item]) -> None:
    old = next(item for item in own_items if item.code == "id_card_apply")
    fees = tuple(fee.model_copy(update={"amount": 25}) if fee.amount == 20 else fee for fee in old.fees)
    (change,) = compare([old], [old.model_copy(update={"fees": fees})]).changed[0].changes
    assert (change.element, ["20元" in change.before[0], "25元" in change.after[0]]) == ("fees", [True, True])


def test_every_element_has_a_name() -> None:
    assert set(element_names()) == set(Item.model_fields) - {"code", "checked"}


# --- the command line -----------------------------------------------------------------------------------


def command(*words: object) -> tuple[int, str, str]:
    parser = argparse.ArgumentParser()
    catalogue_commands.add_parser(parser.add_subparsers(dest="command", required=True))
    arguments = parser.parse_args(["catalogue", *map(str, words)])
    out, err = io.StringIO(), io.StringIO()
    status = catalogue_commands.run(arguments, TODAY, out, err)
    return status, out.getvalue(), err.getvalue()


def test_check_counts_or_refuses(inputs: Inputs) -> None:
    assert command("check", "--items", inputs.items)[0] == 0
    rewrite(inputs, "passport", lambda text: text + "colour: red\n")
    status, out, err = command("check", "--items", inputs.items)
    assert (status, out) == (1, "")
    assert err.splitlines() == ["passport.yaml: colour: 没有“colour”这个键。 There is no key colour."]


def test_build_then_show(inputs: Inputs, tmp_path: Path) -> None:
    target = tmp_path / "deep" / "c.db"
    assert command("build", "--items", inputs.items, "--to", target)[0] == 0
    status, out, _ = command("show", "passport", "--catalogue", target)
    assert (status, yaml.safe_load(out)["code"]) == (0, "passport")
    status, _, err = command("show", "pasport", "--catalogue", target)
    assert (status, "passport" in err) == (1, True)


def test_stats_add_up(catalogue_file: Path, own_items: list[Item]) -> None:
    status, out, _ = command("stats", catalogue_file, "--json")
    found = json.loads(out)
    recorded = sum(found["items"][key] for key in ("materials", "materials_none", "materials_unknown"))
    assert (status, found["total"], recorded) == (0, len(own_items), len(own_items))
    assert found["items"]["english"] == len(own_items)
    assert sum(found["evidence"]["statutory"].values()) == sum(len(item.statutory) for item in own_items)
    assert "法定办结时限" in command("stats", catalogue_file)[1]


def test_diff_of_two_catalogues(inputs: Inputs, tmp_path: Path) -> None:
    build(inputs, tmp_path / "old.db")
    (inputs.items / "temp_id_card.yaml").unlink()
    rewrite(inputs, "passport", lambda text: text.replace("普通护照", "因私普通护照"))
    status, out, _ = command("diff", tmp_path / "old.db", inputs.items)
    assert status == 0
    assert "- 取消 cancelled: temp_id_card" in out
    assert "事项名称 name" in out
    assert len(json.loads(command("diff", tmp_path / "old.db", inputs.items, "--json")[1])["changed"]) == 1


@pytest.mark.parametrize("form", ["items", "json"])
def test_what_is_exported_can_be_imported(
    catalogue_file: Path, own_items: list[Item], tmp_path: Path, form: str
) -> None:
    target = tmp_path / ("out.json" if form == "json" else "out")
    assert command("export", "--catalogue", catalogue_file, "--format", form, "--to", target)[0] == 0
    assert command("import", target, "--format", "items", "--to", tmp_path / "again.db")[0] == 0
    assert list(open_catalogue(tmp_path / "again.db").items()) == sorted(own_items, key=lambda item: item.code)


def test_wrong_usage_is_status_2() -> None:
    for words in (["nonsense"], ["import", "x", "--format", "nonsense", "--to", "y"], ["show"]):
        with pytest.raises(SystemExit) as ended:
            command(*words)
        assert ended.value.code == 2


def test_what_cannot_be_written_is_refused(inputs: Inputs, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where a folder is needed")
    status, _, err = command("build", "--items", inputs.items, "--to", tmp_path / "taken" / "c.db")
    assert (status, len(err.splitlines())) == (1, 1)


def test_the_surroundings_of_the_project_are_sound() -> None:
    assert read_surroundings(compiling.HALL, compiling.REGIONS, "x").hall.region == "371300"


def test_a_catalogue_may_be_copied_anywhere(inputs: Inputs, tmp_path: Path) -> None:
    build(inputs, tmp_path / "c.db")
    odd = tmp_path / "目录 #1?.db"
    shutil.copy(tmp_path / "c.db", odd)
    assert open_catalogue(odd).codes() == tuple(sorted(SOME))
    assert write_catalogue(odd, [], read_surroundings(OWN.hall, OWN.regions, "x"), TODAY, None)
    assert open_catalogue(odd).codes() == ()
