"""A key that is given twice is an error with both lines; everything else is as PyYAML reads it."""

import pytest
import yaml

from c2seg_bench.errors import InputError
from c2seg_bench.suite import load_suite
from c2seg_bench.suite.strict_yaml import load_yaml

SUITE = "name: small\ndatasets: {p: {source: phantom, size: 32}}\nmethods: [unet]\ntrain:\n  epochs: 2\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SUITE + "name: other\n", "line 6: the key 'name' was given in line 1 already; keep one"),
        (SUITE + "  epochs: 3\n", "line 6: the key 'epochs' was given in line 5 already; keep one"),
        (SUITE.replace("size: 32", "size: 32, size: 64"), "line 2: the key 'size' was given in line 2 already"),
    ],
)
def test_a_key_given_twice_is_an_error_with_both_lines(text, message, tmp_path):
    (tmp_path / "suite.yaml").write_text(text)
    with pytest.raises(InputError) as error:
        load_suite(tmp_path / "suite.yaml")
    assert str(error.value).startswith(f"{tmp_path / 'suite.yaml'}: {message}")


@pytest.mark.parametrize(
    "text",
    ["", SUITE, "[1, 2, {a: 1}, {a: 2}]", "base: &b {x: 1, y: 2}\nown: {<<: *b, x: 3}", "{1: a, '1': b}", "? [a]\n: 1"],
)
def test_other_documents_are_read_as_by_pyyaml(text):
    try:
        expected = yaml.safe_load(text)
    except yaml.YAMLError as error:
        with pytest.raises(type(error)):
            load_yaml(text)
    else:
        assert load_yaml(text) == expected
