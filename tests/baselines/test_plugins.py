"""The registry of names: modules of packages, plug-ins of other distributions, and what happens when one is broken."""

import subprocess
import sys
import threading
import warnings

import pytest

from baselines.errors import InputError
from baselines.plugins import Registry


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """A folder on the path; modules imported from it are forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def write_package(folder, name, **modules):
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text("")
    for module, text in modules.items():
        (folder / name / f"{module}.py").write_text(text)


def install(folder, distribution, group, **plugins):
    """The metadata that pip writes for a distribution with entry points."""
    info = folder / f"{distribution}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    lines = "".join(f"{name} = {value}\n" for name, value in plugins.items())
    (info / "entry_points.txt").write_text(f"[{group}]\n{lines}")


def registry_of(kind, *packages):
    """A registry that modules reach as `shelf.THINGS`."""
    registry = Registry(kind, *packages, plugins="shelf.things")
    shelf = type(sys)("shelf")
    shelf.THINGS = registry
    sys.modules["shelf"] = shelf
    return registry


ADDS = "from shelf import THINGS\ndef {0}(): ...\nTHINGS.add('{0}', {0}, {0})\n"


def test_public_modules_of_a_package_are_imported_at_the_first_lookup(workspace):
    write_package(workspace, "own", red=ADDS.format("red"), blue=ADDS.format("blue"), _draft="raise RuntimeError")
    registry = registry_of("thing", "own")
    assert "own.red" not in sys.modules
    assert sorted(registry) == ["blue", "red"] and len(registry) == 2
    assert registry["red"].__name__ == "red" and "green" not in registry


def test_a_package_included_later_is_complete_at_the_next_lookup(workspace):
    write_package(workspace, "own", red=ADDS.format("red"))
    write_package(workspace, "more", blue=ADDS.format("blue"))
    registry = registry_of("thing", "own")
    assert sorted(registry) == ["red"]
    registry.include("more")
    assert sorted(registry) == ["blue", "red"]


def test_another_distribution_adds_things_by_an_entry_point(workspace):
    (workspace / "their_module.py").write_text(ADDS.format("green"))
    install(workspace, "theirs", "shelf.things", green="their_module")
    assert sorted(registry_of("thing")) == ["green"]


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("import no_such_library\n", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("raise ValueError('bad table')\n", "ValueError: bad table"),
        (ADDS.format("red"), "TypeError: red: the name 'red' is taken by own.red.red"),
    ],
)
def test_a_broken_plug_in_is_one_warning_and_the_rest_stays_usable(workspace, module, reason):
    write_package(workspace, "own", red=ADDS.format("red"))
    (workspace / "broken_module.py").write_text(module)
    (workspace / "sound_module.py").write_text(ADDS.format("green"))
    install(workspace, "theirs", "shelf.things", broken="broken_module", sound="sound_module")
    registry = registry_of("thing", "own")
    with pytest.warns(UserWarning) as caught:
        assert sorted(registry) == ["green", "red"]
    line = f"plug-in 'broken' of theirs (broken_module): {reason}"
    assert [str(w.message) for w in caught] == [f"thing: {line}; it is left out"]
    assert registry["red"].__module__ == "own.red"
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no second warning
        with pytest.raises(InputError) as error:
            registry["broken"]
    assert str(error.value) == f"unknown thing: 'broken'; there are: green, red; not loaded: {line}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("raise ValueError('unfinished')", "ValueError: unfinished"),
        ("def half(:\n", "SyntaxError: invalid syntax (red.py, line 1)"),
        ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
    ],
)
def test_a_broken_module_of_a_package_is_one_warning_and_the_rest_stays_usable(workspace, text, reason):
    write_package(workspace, "own", red=text, zinc=ADDS.format("zinc"))
    registry = registry_of("thing", "own")
    line = f"module own.red: {reason}"
    with pytest.warns(UserWarning) as caught:
        assert sorted(registry) == ["zinc"]
    assert [str(w.message) for w in caught] == [f"thing: {line}; it is left out"]
    with pytest.raises(InputError) as error:
        registry["red"]
    assert str(error.value) == f"unknown thing: 'red'; there are: zinc; not loaded: {line}"


def test_threads_that_look_up_at_once_all_see_the_complete_registry(workspace):
    write_package(
        workspace, "own", red="import time\ntime.sleep(0.05)\n" + ADDS.format("red"), zinc=ADDS.format("zinc")
    )
    registry, seen = registry_of("thing", "own"), []
    threads = [threading.Thread(target=lambda: seen.append(sorted(registry))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [["red", "zinc"]] * 4


@pytest.mark.parametrize(
    ("module", "registry", "member"),
    [
        ("c2seg_bench", "METHODS", "c2seg"),
        ("c2seg_bench.data.source", "SOURCES", "qata"),
        ("c2seg_bench.stress.family", "FAMILIES", "keyboard"),
    ],
)
def test_registries_of_the_program_import_no_torch_and_are_complete(module, registry, member):
    script = f"import sys, {module} as m; assert 'torch' not in sys.modules; print({member!r} in m.{registry})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


def test_importing_baselines_alone_gives_c2seg_too():
    script = "from baselines import registry; print(registry.get('c2seg').__module__)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "c2seg_bench.model.c2seg\n"
