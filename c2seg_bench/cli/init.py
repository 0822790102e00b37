"""c2seg-bench init: a suite to start from"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from c2seg_bench.suite.template import NewDataset, NewMethod


def init(
    out: Annotated[Path, typer.Option(help="The suite file to write; its name names the suite.")] = Path("suite.yaml"),
    method: Annotated[
        list[str] | None,
        typer.Option(help="A method by name, or a .py file of your own; repeat for several. Default: unet and c2seg."),
    ] = None,
    dataset: Annotated[
        list[str] | None,
        typer.Option(help="SOURCE, or SOURCE=FOLDER if it needs one; repeat for several. Default: phantom."),
    ] = None,
) -> None:
    """Write a commented suite to start from. It runs unchanged. An existing file is never overwritten.

    Examples:

    c2seg-bench init --out mine.yaml --method my_method.py --method unet

    c2seg-bench init --out polyps.yaml --dataset kvasir=data/kvasir

    c2seg-bench init --out mine.yaml --dataset folder=data/mine
    """
    from c2seg_bench.errors import InputError
    from c2seg_bench.files import atomic
    from c2seg_bench.suite.template import new_suite

    check_place(out)
    methods = [method_of(name) for name in method or ["unet", "c2seg"]]
    datasets = [dataset_of(text) for text in dataset or ["phantom"]]
    for option, names in (("--method", [m.name for m in methods]), ("--dataset", [d.name for d in datasets])):
        if twice := [name for i, name in enumerate(names) if name in names[:i]]:
            raise InputError(f"{option} {twice[0]}: given twice; keep one")
    with atomic(out) as temporary:
        temporary.write_text(new_suite(out, methods, datasets), encoding="utf-8")
    print(f"{out}\nrun it: c2seg-bench run {out}")


def check_place(out: Path) -> None:
    """InputError if the file exists, or its name cannot be that of a suite."""
    import re

    from c2seg_bench.cli.out import check_out
    from c2seg_bench.errors import InputError
    from c2seg_bench.suite.strict import FOLDER_NAME

    if out.exists():
        raise InputError(f"--out {out}: exists, and is never overwritten; give another name")
    check_out("--out", out, ".yaml")
    if not re.match(FOLDER_NAME, out.stem):
        raise InputError(f"--out {out}: {out.stem!r} names the suite; take letters, digits and . _ + -")


def method_of(given: str) -> NewMethod:
    """The method of this name or in this file."""
    from baselines import registry
    from c2seg_bench.errors import InputError
    from c2seg_bench.suite.template import NewMethod

    if not given.endswith(".py"):
        return NewMethod(given, registry.get(given).card.title)
    names = registry.load_file(given)
    if len(names) > 1:
        raise InputError(f"--method {given}: has {', '.join(names)}; give a file with one, and add the others by hand")
    return NewMethod(names[0], registry.get(names[0]).card.title, Path(given))


def dataset_of(given: str) -> NewDataset:
    """The source of this name, with its folder if it needs one."""
    from c2seg_bench.data.source import SOURCES
    from c2seg_bench.errors import InputError
    from c2seg_bench.suite.template import NewDataset

    name, equals, folder = given.partition("=")
    if not equals and name not in SOURCES and Path(name).is_dir():
        raise InputError(f"--dataset {given}: a folder; give its source as well, for your own data: folder={given}")
    source = SOURCES[name]
    if source.needs_root and not folder:
        raise InputError(f"--dataset {given}: give its folder, {name}=FOLDER; {source.how}")
    if folder and not source.needs_root:
        raise InputError(f"--dataset {given}: {name} is generated and reads no folder; give {name} alone")
    root = Path(folder).expanduser() if folder else None
    if root is not None and not root.is_dir():
        raise InputError(f"--dataset {given}: no such folder; {source.how}")
    return NewDataset(name_of(name, root), name, root, source.ontology, source.frame)


def name_of(source: str, root: Path | None) -> str:
    """What the suite calls a dataset: its source, or the folder of the source `folder` if its name can be one."""
    import re

    from c2seg_bench.suite.strict import FOLDER_NAME

    own = root.resolve().name if root is not None and source == "folder" else ""
    return own if re.match(FOLDER_NAME, own) else source
