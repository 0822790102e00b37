"""Paths that the documentation names exist, and so do the targets of its links."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
GUIDES = [ROOT / "CONTRIBUTING.md", ROOT / "docs/architecture.md", *sorted((ROOT / "docs/adding").glob("*.md"))]
PATH = re.compile(r"`((?:c2seg_bench|baselines|metrics|reports|tests|suites|docs)/[\w./-]*)`")
LINK = re.compile(r"\]\(([^)#:]+)(?:#([\w-]+))?\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = re.compile(r"^```\w+ (\S+)$", re.MULTILINE)  # files that an example adds


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_a_path_in_a_guide_exists(page):
    text = page.read_text(encoding="utf-8")
    missing = {path for path in PATH.findall(FENCE.sub("", text)) if not (ROOT / path).exists()}
    assert missing - set(EXAMPLES.findall(text)) == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_link_leads_somewhere(page):
    for target, anchor in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        linked = page.parent / target
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in [slug(heading) for heading in headings], anchor


def slug(heading):
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_the_tree_of_packages_is_the_real_one():
    """Every folder and file that the tree in architecture.md names exists, and it names every folder of c2seg_bench."""
    tree = re.search(r"^```\n(metrics/.*?)^```$", GUIDES[1].read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)[1]
    parents: list[str] = []
    named = set()
    for line in tree.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        for name in re.findall(r"(?<![\w/])([\w]+(?:/|\.py))(?=\s|$)", line):
            parents[depth:] = [name]
            named.add("".join(parents[: depth + 1]))
    assert {path for path in named if not (ROOT / path).exists()} == set()
    folders = {f"c2seg_bench/{p.parent.name}/" for p in (ROOT / "c2seg_bench").glob("*/__init__.py")}
    assert folders <= named
