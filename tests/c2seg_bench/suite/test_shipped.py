"""Suites by name, from a checkout and from a wheel."""

from pathlib import Path

import pytest
from setuptools.dist import Distribution

from c2seg_bench.errors import InputError
from c2seg_bench.suite import load_suite
from c2seg_bench.suite.shipped import find_suite, shipped_suites

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("given", ["quick", "quick.yaml"])
def test_a_suite_that_ships_is_found_by_its_name_from_any_folder(given, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_suite(given).read_bytes() == (ROOT / "suites/quick.yaml").read_bytes()
    assert load_suite(given) == load_suite(ROOT / "suites/quick.yaml")


def test_a_file_of_the_same_name_comes_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("quick.yaml").write_text("name: own")
    assert find_suite("quick.yaml") == Path("quick.yaml")
    assert find_suite("quick") == shipped_suites()["quick"]


def test_an_unknown_name_is_an_error_with_the_nearest_and_all_names():
    with pytest.raises(
        InputError, match=r"unknown suite: 'quik'; did you mean 'quick'\? there are: .*qata-cpu, .*path"
    ):
        find_suite("quik")
    with pytest.raises(InputError, match=r"suits/quick\.yaml: no such suite file"):
        find_suite("suits/quick.yaml")  # a path is never replaced by a suite that ships


def test_every_suite_of_the_checkout_goes_into_the_wheel(monkeypatch):
    monkeypatch.chdir(ROOT)
    distribution = Distribution()
    distribution.parse_config_files(["pyproject.toml"])
    assert "c2seg_bench.suites" in distribution.packages
    packaged = {path for pattern in distribution.package_data[""] for path in Path("c2seg_bench/suites").glob(pattern)}
    assert {path.name for path in packaged} == {path.name for path in Path("suites").glob("*.yaml")}
    assert packaged and len(packaged) == len(shipped_suites())
