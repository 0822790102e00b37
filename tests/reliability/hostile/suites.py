"""Suite files: a good one changed at random, and the values that break readers of YAML."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from tests.reliability.batches import WrongResult

PROMISE = "A wrong suite file is refused in one line"
GOOD = """\
name: small
out: results/small
text: minilm
size: tiny
seeds: [0, 1]
device: cpu
datasets:
  chest: {source: phantom, size: 32, options: {train: 8, val: 4, test: 4}, ontology: chest, frame: thirds}
methods:
  - unet
  - {name: c2seg, label: hard, options: {}, pretrain: {epochs: 1, batch: 8}, train: {lr: 0.01}}
recipe: common
train: {epochs: 2, batch: 4, lr: 0.002, clip: 1.0, schedule: cosine, noise: {share: 0.3, families: [keyboard]}}
stress: {families: [keyboard, empty], severities: [1, 5], images: 4}
score: {bootstrap: 100, metrics: [dice, hd95], empty: diagonal}
"""
VALUES = (
    "", "null", "true", "-1", "0", "1e400", ".nan", ".inf", "9" * 5000, "10000000000000000000000", "1_0", "0x7fffffffff",
    "1:30", "2001-13-40", "2001-12-12", "!!float a", "!!int ''", "!!binary '%%'", "!!set {a}", "!!python/name:os.system",
    "[]", "{}", "[[[]]]", "[" * 3000, "{a: " * 3000, "- " * 3000 + "x", "&a [*a]", "*nowhere", "? [a]\n: b", "'", '"',
    "x" * 300, "x" * 50_000, '"\\x1b[31m"', '"\\0"', '"\\ud800"', "~nobody", "~nobody/x", "../../etc", "/dev/zero",
    "a\tb", "@", "`", "%", "|", ">", "<<: 1", "{<<: [1]}", "[1, 1]", "[a, a]", "{a: 1, a: 2}", "largest", "\u202e",
)  # fmt: skip
BOMBS = (
    "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12)),
    "a0: &a0 {x: 1}\n" + "".join(f"a{i}: &a{i} {{l: *a{i - 1}, r: *a{i - 1}}}\n" for i in range(1, 40)),
    "\n".join(f"k{i}: 1" for i in range(9000)),
    GOOD + "seeds: [" + ", ".join(map(str, range(20_000))) + "]\n",
    GOOD.replace("seeds: [0, 1]", "seeds: [" + ", ".join(map(str, range(20_000))) + "]"),
    "- " * 60_000,
    "[" * 120_000,
    "? " * 60_000,
    "{" * 120_000,
    "a: " + "&x " * 30_000,
    "a: " + "!t " * 30_000,
    "---\n" * 30_000,
    "# " + "x" * 130_000,
    "\ufeff" * 40_000,
    "a: '" + "''" * 60_000 + "'",
    'a: "' + "\\n" * 60_000 + '"',
)


def tries(folder: Path, number: int = 200) -> Iterator[tuple[str, Callable[[], Any]]]:
    """The bombs, then good suites with one to four changes."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = [(f"bomb {i + 1}", bomb) for i, bomb in enumerate(BOMBS)][:number]
    texts += [(f"changed {i + 1}", changed(Random(f"suite {i}"))) for i in range(number - len(texts))]
    for name, text in texts:

        def one(text: str = text) -> None:
            path = folder / "suite.yaml"
            path.write_text(text, encoding="utf-8", errors="surrogatepass")
            read_suite(path, folder)

        yield name, one


def read_suite(path: Path, folder: Path) -> None:
    """As `run` reads it, up to where data would be prepared."""
    from c2seg_bench.engine.grid.check import check_suite
    from c2seg_bench.suite import cells, load_suite

    suite = load_suite(path)
    grid = cells(suite, folder / "out")
    if len({cell.folder for cell in grid}) != len(grid):
        raise WrongResult("two cells in one folder")
    if any(folder not in cell.folder.parents for cell in grid):
        raise WrongResult("a cell outside the folder of the run")
    check_suite(suite)


def changed(random: Random) -> str:
    """The good suite with a few values, keys, lines or characters changed."""
    text = GOOD
    for _ in range(random.choice((1, 1, 2, 4))):
        lines = text.split("\n")
        at = random.randrange(len(lines))
        kind = random.randrange(7)
        key, colon, _ = lines[at].partition(": ")
        if kind <= 2 and colon:
            lines[at] = f"{key}: {random.choice(VALUES)}"
        elif kind == 3:
            lines[at] = lines[at].replace(random.choice(("1", "0.3", "keyboard", "phantom", "4", "2")),
                                          random.choice(VALUES), 1)  # fmt: skip
        elif kind == 4:
            lines.insert(at, random.choice(lines))
        elif kind == 5:
            del lines[at]
        else:
            middle = random.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:middle] + random.choice(":-[]{},&*!|>'\"%@`#? \t\x00é") + lines[at][middle:]
        text = "\n".join(lines) or "x"
    return text
