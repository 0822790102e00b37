"""YAML in which a key that is given twice is an error; PyYAML keeps the last one and drops the first silently."""

from __future__ import annotations

from typing import Any

import yaml


class DuplicateKey(yaml.MarkedYAMLError):
    """A key that is given twice in one mapping."""


class _StrictLoader(yaml.SafeLoader):
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


def load_yaml(text: str) -> Any:
    """The document as Python values.

    Raises:
        DuplicateKey: a key is given twice in one mapping.
        yaml.YAMLError: not YAML. In both, `problem` and `problem_mark` say what and where.
    """
    return yaml.load(text, Loader=_StrictLoader)
