"""This project's own form: item files (YAML), or the JSON list that `catalogue export --format json` writes."""

from __future__ import annotations

from pathlib import Path

from knowledge.importing.drafts import Imported, Workbench
from knowledge.importing.reading import Limits, find_files, read_json
from knowledge.item_files import Progress, read_item_files


def read_own(path: Path, limits: Limits, progress: Progress | None = None) -> Imported:
    """The items in a folder of YAML files, in one of them, or in a JSON list; raises CatalogueError with all faults."""
    bench = Workbench()
    files = find_files(path, (".yaml", ".json"), limits)
    if files[0].suffix.lower() != ".json":
        bench.entries, bench.faults = read_item_files(path, progress)
        return bench.finish(path.name)
    for file in files:
        found = read_json(file, limits)
        if not isinstance(found, list):
            bench.fail("应是事项的列表。", "This should be a list of items.", file.name)
            continue
        for number, draft in enumerate(found, start=1):
            bench.add(draft, f"{file.name}: 第{number}条")
    return bench.finish(path.name)
