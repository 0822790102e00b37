"""A dataset that moved or was copied is recognised by its bytes; a changed byte prepares it again."""

import os
import shutil
import subprocess
import sys

from c2seg_bench.data.cache.cache import FILES, Cache
from c2seg_bench.data.cache.prepare import prepare
from tests.c2seg_bench.data.folders.qata_folder import lvit, pair


def recorded_prepare(out, root):
    """The cache, and how many images were read for it."""
    read = []
    cache = prepare("qata", out, 40, root, progress=lambda done, total: read.append(done))
    return cache, len(read)


def test_a_moved_folder_is_read_again_only_where_a_byte_of_it_changed(tmp_path):
    out = tmp_path / "c"
    first, read = recorded_prepare(out, lvit(tmp_path / "in"))
    pixels = (out / "images.npy").stat().st_mtime_ns
    assert read == 5 and first.manifest["root"] == str(tmp_path / "in")
    shutil.copytree(tmp_path / "in", tmp_path / "copied", copy_function=shutil.copyfile)  # with times of its own
    for _ in range(2):
        moved, read = recorded_prepare(out, tmp_path / "copied")
        assert read == 0 and (out / "images.npy").stat().st_mtime_ns == pixels
        assert Cache.open(out).manifest == moved.manifest  # with its new checksum
        changed = {key for key in first.manifest if first.manifest[key] != moved.manifest[key]}
        assert changed == {"root", "files"} and moved.manifest["root"] == str(tmp_path / "copied")
    file = tmp_path / "copied" / "Val_Folder" / "img" / "covid_3.png"
    file.write_bytes((tmp_path / "copied" / "Test_Folder" / "img" / "covid_10.png").read_bytes())
    edited, read = recorded_prepare(out, tmp_path / "copied")
    assert read == 5 and (edited.images[2, ..., 0] == pair("covid_10")[0]).all()


def test_a_folder_with_the_same_sizes_and_times_is_recognised_by_its_bytes(tmp_path):
    for name in ("one", "two"):
        lvit(tmp_path / name)
    image = tmp_path / "two" / "Val_Folder" / "img" / "covid_3.png"
    image.write_bytes((tmp_path / "two" / "Test_Folder" / "img" / "covid_10.png").read_bytes())
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        os.utime(path, ns=(0, 0))
    before = prepare("qata", tmp_path / "c", 40, tmp_path / "one").manifest["hash"]
    assert prepare("qata", tmp_path / "c", 40, tmp_path / "two").manifest["hash"] != before


def test_a_kill_while_the_manifest_is_written_leaves_a_cache_that_opens(tmp_path):
    prepare("qata", tmp_path / "c", 40, lvit(tmp_path / "in"))
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for name in (f".manifest-{dead.pid}.json", f".SHA256SUMS-{dead.pid}"):
        (tmp_path / "c" / name).write_text("{")
    shutil.move(tmp_path / "in", tmp_path / "moved")
    assert recorded_prepare(tmp_path / "c", tmp_path / "moved")[1] == 0
    assert sorted(p.name for p in (tmp_path / "c").iterdir()) == sorted(FILES)
