"""c2seg-bench datasets list, prepare, check, show"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from c2seg_bench.cli.app import App
from c2seg_bench.engine.display.bar import bar
from c2seg_bench.terminal.visible import print_visible

if TYPE_CHECKING:
    import numpy as np

    from c2seg_bench.data.checks.check_dataset import Report
    from c2seg_bench.data.source import Record

app = App(help="Layouts, splits, checks and images of the datasets.")

Name = Annotated[str, typer.Argument(help="Source; `datasets list` names them.")]
Root = Annotated[Path | None, typer.Option(help="Folder of the dataset; not for embedded ones.")]
Count = Annotated[int | None, typer.Option(help="Pairs of this split to keep, evenly spaced.", min=1)]
Options = Annotated[list[str] | None, typer.Option(help="KEY=VALUE of the source, as in a suite; repeat for several.")]
Workers = Annotated[int, typer.Option(help="Images read at a time.", min=1)]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]
MOST_PROBLEMS = 20  # printed; --json lists them all


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List all datasets with title, licence, origin, and the command that prepares each.

    Example: c2seg-bench datasets list
    """
    import json

    from c2seg_bench.data.source import SOURCES

    fields = ("name", "title", "ontology", "frame", "licence", "url", "how", "published", "options")
    rows = []
    for _, source in sorted(SOURCES.items()):
        root = " --root DIR" if source.needs_root else ""
        command = f"c2seg-bench datasets prepare {source.name}{root} --out OUT --size 224"
        rows.append({key: getattr(source, key) for key in fields} | {"command": command})
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    for row in rows:
        print_visible(f"{row['name']}: {row['title']}")
        for key in ("licence", "how", "url", "command"):
            print_visible(f"  {key:8} {row[key]}")


@app.command()
def prepare(
    name: Name,
    out: Annotated[Path, typer.Option(help="Folder of the prepared dataset: new, empty, or prepared before.")],
    root: Root = None,
    size: Annotated[int, typer.Option(help="Side of the square images, pixels.", min=8)] = 224,
    train: Count = None,
    val: Count = None,
    test: Count = None,
    option: Options = None,
    workers: Workers = 2,
    as_json: Json = False,
) -> None:
    """Read a dataset once and store it resized, with its prompts and a manifest of hashes.

    Example: c2seg-bench datasets prepare qata --root data/qata --size 224 --out prepared/qata
    """
    import json

    from c2seg_bench.data.cache.prepare import prepare as prepare_cache

    refuse_folder(name, "--root")
    kept = {k: n for k, n in (("train", train), ("val", val), ("test", test)) if n is not None}
    options = {**options_of(option), **kept}
    with bar(f"prepare {name}") as report:
        manifest = prepare_cache(name, out, size, root, workers, report, **options).manifest
    if as_json:
        print(json.dumps(manifest))
        return
    counts = ", ".join(f"{split} {n}" for split, n in manifest["counts"].items())
    print_visible(f"{out}: {counts}; {size}x{size}; text {manifest['text_sha256'][:12]}, all {manifest['hash'][:12]}")


@app.command()
def check(
    name: Name,
    root: Root = None,
    option: Options = None,
    text: Annotated[str, typer.Option(help="Encoder whose tokens are counted against the methods' limits.")] = "minilm",
    ontology: Annotated[
        str | None, typer.Option(help="How prompts are read: a name or a .json file (default: the source's).")
    ] = None,
    frame: Annotated[
        str | None, typer.Option(help="Frame that masks are judged in: a name or a .json file (default: the source's).")
    ] = None,
    workers: Workers = 2,
    as_json: Json = False,
) -> None:
    """Check a dataset folder: pairs, sizes, mask values, prompts, splits. Exit code 1 if there is a problem.

    Notes are not problems: sizes of the known splits, version of the texts, subjects, studies and images in two
    splits, and prompts that contradict themselves or their mask, that the ontology cannot read, or that a method would
    cut. docs/data.md says which files are accepted and how to fix others.

    Examples:

    c2seg-bench datasets check qata --root data/qata

    c2seg-bench datasets check folder --root data/mine --ontology mine.json --option validation=0.1
    """
    import json
    from dataclasses import asdict

    from c2seg_bench.data.checks.check_dataset import check as check_source
    from c2seg_bench.files import user_path

    refuse_folder(name, "--root")
    with bar(f"check {name}") as progress:
        folder, options = user_path(root, "--root") if root else None, options_of(option)
        report = check_source(name, folder, workers, progress, text, ontology, frame, **options)
    if as_json:
        print(json.dumps(asdict(report)))
    else:
        _print(report)
    if report.problems:
        raise typer.Exit(1)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="Source, or the folder of a prepared dataset.", metavar="NAME|CACHE")],
    out: Annotated[Path, typer.Option(help="PNG to write.")],
    root: Root = None,
    option: Options = None,
    split: Annotated[str, typer.Option(help="train, val or test.")] = "test",
    count: Annotated[int, typer.Option("--count", "-n", help="Images, evenly spaced over the split.", min=1)] = 8,
    size: Annotated[int, typer.Option(help="Side at which an embedded dataset is drawn.", min=8)] = 224,
) -> None:
    """Draw a sheet of images with their prompts and the outlines of their masks.

    Example: c2seg-bench datasets show phantom --out phantom.png
    """
    from c2seg_bench.cli.out import check_out
    from c2seg_bench.data.cache.contact_sheet import write_sheet
    from c2seg_bench.data.source import SPLITS
    from c2seg_bench.errors import InputError

    if split not in SPLITS:
        raise InputError(f"--split {split}: no such split; there are: {', '.join(SPLITS)}")
    check_out("--out", out, ".png")
    chosen = _records(name, root, split, count, size, options_of(option))
    pairs = [record.load() for record in chosen]
    write_sheet(out, [p[0] for p in pairs], [p[1] for p in pairs], [r.name for r in chosen], [r.prompt for r in chosen])
    print_visible(str(out))


def _records(name: str, root: Path | None, split: str, count: int, size: int, options: dict[str, Any]) -> list[Record]:
    """`count` records of a source or of a prepared folder, evenly spaced over the split."""
    from c2seg_bench.data.cache.cache import Cache
    from c2seg_bench.data.source import SOURCES, Record, list_records, thin
    from c2seg_bench.errors import InputError
    from c2seg_bench.files import user_path

    if name not in SOURCES and (prepared := user_path(name, "NAME")).is_dir():
        cache = Cache.open(prepared)

        def load(row: int) -> Callable[[], tuple[np.ndarray, np.ndarray]]:
            return lambda: (cache.images[row], cache.masks[row])

        index = cache.index
        records = [Record(index["name"][i], split, index["prompt"][i], load(i)) for i in cache.rows(split)]
    else:
        drawn = name in SOURCES and not SOURCES[name].needs_root
        few = {"train": count, "val": count, "test": count} if drawn else {}
        records = [r for r in list_records(name, root, size, **few | options) if r.split == split]
    if not records:
        raise InputError(f"--split {split}: {name} has no images in it; choose another split")
    return thin(records, count)


def refuse_folder(name: str, option: str) -> None:
    """InputError if the folder of a dataset is given instead of its source."""
    from c2seg_bench.data.source import SOURCES
    from c2seg_bench.errors import InputError

    if name not in SOURCES and Path(name).is_dir():
        raise InputError(f"NAME {name}: a folder; give its source as NAME, for your own data: folder {option} {name}")


def options_of(given: list[str] | None) -> dict[str, Any]:
    """The options given as KEY=VALUE, with the value read as YAML, as in a suite."""
    import yaml

    from c2seg_bench.errors import InputError
    from c2seg_bench.suite.strict_yaml import load_yaml

    options: dict[str, Any] = {}
    for one in given or []:
        key, equals, value = one.partition("=")
        if not equals or not key:
            raise InputError(f"--option {one}: give KEY=VALUE, such as mask_rule=lvit")
        if key in options:
            raise InputError(f"--option {one}: {key} is given twice; keep one")
        try:
            options[key] = load_yaml(value)
        except yaml.YAMLError:
            raise InputError(f"--option {one[:60]}: the value cannot be read; put it in quotes") from None
    return options


def _print(report: Report) -> None:
    print_visible(f"{report.source} {report.root or ''}".rstrip())
    print_visible(f"  pairs    {', '.join(f'{split} {n}' for split, n in report.counts.items())}")
    print_visible(f"  prompts  {report.prompts} distinct, sha256 {report.text_sha256}")
    print_visible(f"  read by  ontology {report.ontology}, frame {report.frame}")
    for title, counts in (("sizes", report.sizes), ("masks", report.mask_values)):
        more = ", ..." if len(counts) > 4 else ""
        print_visible(f"  {title:8} {', '.join(f'{k} ({n})' for k, n in list(counts.items())[:4])}{more}")
    for note in report.notes:
        print_visible(f"  note     {note}")
    for problem in report.problems[:MOST_PROBLEMS]:
        print_visible(f"  PROBLEM  {problem}")
    if len(report.problems) > MOST_PROBLEMS:
        print_visible(f"  PROBLEM  and {len(report.problems) - MOST_PROBLEMS} more; --json lists them all")
    print_visible(f"  {len(report.problems)} problems" if report.problems else "  nothing wrong")
