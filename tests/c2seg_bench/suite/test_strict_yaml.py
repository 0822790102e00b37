"""What a suite file may not have is an error with its line; everything else is as PyYAML reads it."""

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


BOMB = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "line 6: not YAML (more than 50,000 values, aliases counted as often as they are used); fix the line"),
        ("a: &a [*a]", "line 1: not YAML (an alias stands for a part of itself); fix the line"),
        ("[" * 10_000, "line 1: not YAML (more than 20 lists and mappings within each other); fix the line"),
        ("- " * 10_000 + "x", "line 1: not YAML (more than 20 lists and mappings within each other); fix the line"),
        ("a: 1\nb: " + "9" * 5000, "line 2: not YAML (a number of 5,000 characters); fix the line"),
        ("a: 10000000000000000000000", "line 1: not YAML (a number of more than 18 digits); fix the line"),
        ("a: .inf", "line 1: not YAML (not a finite number); fix the line"),
        ("a: .nan", "line 1: not YAML (not a finite number); fix the line"),
        ("a: 2001-13-45", "line 1: not YAML (month must be in 1..12); fix the line"),
        ("a: 2001-12-24", "line 1: not YAML (a date; write it in quotes); fix the line"),
        ("a: !!float x", "line 1: not YAML (could not convert string to float: 'x'); fix the line"),
        ('a: "\\x1b[31m"', "line 1: not YAML ('\\x1b[31m' has a control character); fix the line"),
        ('a: "\\ud800"', "line 1: not YAML ('\\ud800' has a control character); fix the line"),
        ("x" * 200_000, "more than 131,072 bytes; give a suite file in YAML"),
    ],
)
def test_what_no_suite_needs_is_refused_with_its_line(text, message, tmp_path):
    (tmp_path / "suite.yaml").write_text(text)
    with pytest.raises(InputError) as error:
        load_suite(tmp_path / "suite.yaml")
    assert str(error.value) == f"{tmp_path / 'suite.yaml'}: {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SUITE + "score: {bootstrap: 1000000000000}", "score.bootstrap: Input should be less than or equal to 100000"),
        (SUITE.replace("32", "100000"), "datasets.p.size: Input should be less than or equal to 4096"),
        (SUITE.replace("epochs: 2", "epochs: true"), "train: epochs: true: give a number"),
        (SUITE.replace("epochs: 2", "lr: 1e400"), "train.lr: Input should be a finite number"),
        (SUITE.replace("[unet]", f"[{{name: unet, label: {'x' * 300}}}]"), "methods.0.label: 'xxxxxxxxxxxxxxxxxxxx"),
        (SUITE + f"seeds: [{', '.join(map(str, range(1001)))}]", "seeds: List should have at most 1000 items"),
    ],
)
def test_sizes_that_no_run_has_are_refused_with_their_key(text, message, tmp_path):
    (tmp_path / "suite.yaml").write_text(text)
    with pytest.raises(InputError) as error:
        load_suite(tmp_path / "suite.yaml")
    assert message in str(error.value) and "\n" not in str(error.value)
