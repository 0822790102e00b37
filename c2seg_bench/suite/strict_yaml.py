"""YAML of plain values: what PyYAML drops silently, expands without end or makes an object of is an error with a line.

PyYAML keeps the last of two equal keys, stands for a billion values with ten aliases, and ends in a traceback for lists
in lists in lists, for numbers of 5,000 digits and for dates that do not exist.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

import yaml

from c2seg_bench.files.bounds import SUITE_DEPTH, SUITE_DIGITS, SUITE_NODES
from c2seg_bench.terminal.visible import SYMBOLS_BUT_LINES

PLAIN = (str, int, float, list, dict, type(None))  # bool is an int
NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


class DuplicateKey(yaml.MarkedYAMLError):
    """A key that is given twice in one mapping."""


class _StrictLoader(yaml.SafeLoader):
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self.depth += 1
        if self.depth > SUITE_DEPTH:
            raise _problem(f"more than {SUITE_DEPTH} lists and mappings within each other", self.peek_event())
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        first_lines: dict[tuple[str, str], int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            known = (key.tag, key.value)  # 1 and "1" are two keys
            if known in first_lines:
                problem = f"the key {key.value!r} was given in line {first_lines[known]} already"
                raise DuplicateKey(None, None, problem, key.start_mark)
            first_lines[known] = key.start_mark.line + 1
        return super().construct_mapping(node, deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        if node.tag in NUMBERS and len(node.value) > 2 * SUITE_DIGITS:
            raise _problem(f"a number of {len(node.value):,} characters", node)
        try:
            value = super().construct_object(node, deep)
        except (ValueError, OverflowError, AttributeError) as e:  # !!float of text, a thirteenth month
            raise _problem(str(e), node) from None
        if isinstance(node, yaml.ScalarNode) and (problem := _wrong_scalar(value)):
            raise _problem(problem, node)
        return value


def load_yaml(text: str) -> Any:
    """The document as text, numbers, booleans, None, lists and dicts of these.

    Raises:
        DuplicateKey: a key is given twice in one mapping.
        yaml.YAMLError: not YAML, or of other values, or larger than `bounds` allow. In both, `problem` and
            `problem_mark` say what and where.
    """
    loader = _StrictLoader(text)
    try:
        document = loader.get_single_node()
        if document is None:
            return None
        _expanded(document, {})
        return loader.construct_document(document)
    finally:
        loader.dispose()


def _problem(problem: str, where: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(None, None, problem, where.start_mark)


def _wrong_scalar(value: Any) -> str:
    """What is wrong with a value; "" where nothing is."""
    if not isinstance(value, PLAIN):
        return f"a {type(value).__name__}; write it in quotes"
    if isinstance(value, float) and not isfinite(value):
        return "not a finite number"
    if isinstance(value, int) and abs(value) >= 10**SUITE_DIGITS:
        return f"a number of more than {SUITE_DIGITS} digits"
    if isinstance(value, str) and value.translate(SYMBOLS_BUT_LINES) != value:
        return f"{ascii(value)[:60]} has a control character"
    return ""


def _expanded(node: yaml.Node, known: dict[yaml.Node, tuple[int, int]]) -> tuple[int, int]:
    """(nodes, depth) of a node with its aliases written out. `known` has those of nodes that were counted before.

    Aliases stand for earlier nodes, whose figures are known, so the recursion is as deep as the text.
    """
    if node in known:
        if known[node] == (0, 0):  # still being counted
            raise _problem("an alias stands for a part of itself", node)
        return known[node]
    known[node] = (0, 0)
    children: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        children = [child for pair in node.value for child in pair]
    elif isinstance(node, yaml.SequenceNode):
        children = node.value
    figures = [_expanded(child, known) for child in children]
    nodes, depth = 1 + sum(n for n, _ in figures), 1 + max((d for _, d in figures), default=0)
    if nodes > SUITE_NODES:
        raise _problem(f"more than {SUITE_NODES:,} values, aliases counted as often as they are used", node)
    if depth > SUITE_DEPTH:
        raise _problem(f"more than {SUITE_DEPTH} lists and mappings within each other, aliases written out", node)
    known[node] = (nodes, depth)
    return nodes, depth
