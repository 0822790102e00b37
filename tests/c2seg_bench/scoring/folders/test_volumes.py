"""`score --stacks` reads pages and volumes, slice by slice or whole."""

import nibabel
import numpy as np
import pytest
from PIL import Image

import metrics
from c2seg_bench.data.images.stacks import read_stack
from c2seg_bench.data.pairing.pairs import Pairing
from c2seg_bench.errors import InputError
from tests.c2seg_bench.scoring.folders.calls import TEXT, dice, refused, run, save
from tests.c2seg_bench.scoring.score_command import blob


def test_two_pages_are_refused_and_read_slice_by_slice_on_request(folder):
    expected = run(folder)[1]["dice"]
    for side in ("pred", "gt"):
        paths = sorted((folder / side).iterdir())
        first, *others = (Image.open(path).copy() for path in paths)
        first.save(folder / side / "scan.tif", save_all=True, append_images=others)
        for path in paths:
            path.unlink()
    assert "scan.tif: 3 pages in one file" in refused(folder) and "--stacks" in refused(folder)
    rows = run(folder, "--stacks", "slices")[1]
    assert list(rows.index) == ["scan#0", "scan#1", "scan#2"] and list(rows["dice"]) == list(expected)
    save(folder / "pred" / "scan.tif", blob(0) * 255)
    assert "scan.tif: 1 slices, its target" in refused(folder, "--stacks", "slices")
    assert refused(folder, "--stacks", "pages") == "--stacks pages: there are slices, volumes"


VOLUME = np.stack([blob(k) for k in range(4)])


TRUTH = np.stack([blob(k + 50) for k in range(4)])


def nifti(volume, affine):
    """Slices (D, H, W) as they are seen, as an array from left to right, back to front, bottom to top."""
    return nibabel.Nifti1Image(volume.astype(np.uint8).transpose(2, 1, 0)[::-1, ::-1], affine)


WRITERS = {
    "npy": lambda path, v: np.save(path, v),
    "npz": lambda path, v: np.savez_compressed(path, mask=v),
    "nii": lambda path, v: nibabel.save(nifti(v, np.diag([0.7, 0.8, 2.5, 1])), path),
    "nii.gz": lambda path, v: nibabel.save(nifti(v[:, :, ::-1], np.diag([-0.7, 0.8, 2.5, 1])), path),
    "tif": lambda path, v: Image.fromarray(v[0]).save(path, save_all=True, append_images=map(Image.fromarray, v[1:])),
}


@pytest.fixture(params=WRITERS)
def volumes(request, tmp_path):
    for side, volume in (("pred", VOLUME), ("gt", TRUTH)):
        (tmp_path / side).mkdir()
        WRITERS[request.param](tmp_path / side / f"scan.{request.param}", volume)
    return tmp_path


def test_volumes_slice_by_slice_and_whole(volumes):
    assert "scan" in refused(volumes) and "--stacks" in refused(volumes)
    rows = run(volumes, "--stacks", "slices")[1]
    assert list(rows["dice"]) == [dice(p, t) for p, t in zip(VOLUME, TRUTH, strict=True)]
    assert list(rows["hd95"]) == [pytest.approx(metrics.hd95(p, t)) for p, t in zip(VOLUME, TRUTH, strict=True)]
    whole = run(volumes, "--stacks", "volumes")[1]
    assert list(whole.index) == ["scan"] and whole.loc["scan", "dice"] == dice(VOLUME, TRUTH)
    assert whole.loc["scan", "hd95"] == pytest.approx(metrics.hd95(VOLUME, TRUTH, spacing=(1, 1, 1)))
    (volumes / "p.csv").write_text(f'image,text\nscan,"{TEXT}"\n')
    assert "--stacks volumes: prompts describe images" in refused(
        volumes, "--stacks", "volumes", "--prompts", volumes / "p.csv"
    )


def test_the_spacing_of_the_header(tmp_path):
    for side, volume in (("pred", VOLUME), ("gt", TRUTH)):
        (tmp_path / side).mkdir()
        WRITERS["nii"](tmp_path / side / "scan.nii", volume)
    whole = run(tmp_path, "--stacks", "volumes", "--spacing", "header")[1]
    expected = metrics.hd95(VOLUME, TRUTH, spacing=(2.5, 0.8, 0.7))
    assert whole.loc["scan", "hd95"] == pytest.approx(expected, rel=1e-6)
    rows = run(tmp_path, "--stacks", "slices", "--spacing", "header")[1]
    assert rows.loc["scan#1", "assd"] == pytest.approx(metrics.assd(VOLUME[1], TRUTH[1], spacing=(0.8, 0.7)), rel=1e-6)
    save(tmp_path / "pred" / "a.png", blob(0) * 255)
    save(tmp_path / "gt" / "a.png", blob(0) * 255)
    assert "a.png: has no spacing in a header" in refused(tmp_path, "--stacks", "slices", "--spacing", "header")


@pytest.mark.parametrize("signs", [(1, 1, 1), (-1, -1, 1), (-1, 1, -1)])
def test_a_volume_is_turned_as_radiologists_see_it(tmp_path, signs):
    array = np.zeros((6, 5, 2), np.uint8)  # from left to right, from back to front, from bottom to top
    array[0, -1, 1] = 1  # at the patient's left and front, in the upper slice
    for axis, sign in enumerate(signs):
        array = np.flip(array, axis) if sign < 0 else array
    nibabel.save(nibabel.Nifti1Image(array, np.diag([*np.multiply(signs, 1.5), 1])), tmp_path / "v.nii")
    stack = read_stack(tmp_path / "v.nii")
    assert stack.shape == (2, 5, 6) and np.argwhere(stack).tolist() == [
        [1, 0, 5]
    ]  # front at the top, left at the right


def test_one_slice_in_a_volume_is_a_mask(tmp_path):
    for side in ("pred", "gt"):
        (tmp_path / side).mkdir()
        nibabel.save(nibabel.Nifti1Image(blob(3)[..., None].astype(np.uint8), np.eye(4)), tmp_path / side / "a.nii.gz")
    save(tmp_path / "gt" / "a.png", blob(3) * 255)
    (tmp_path / "gt" / "a.nii.gz").unlink()
    assert run(tmp_path)[1].loc["a", "dice"] == 1  # an identity affine states no orientation


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b"x" * 400])
@pytest.mark.parametrize("kind", ["npz", "nii.gz", "nii"])
def test_a_damaged_volume_is_named(tmp_path, kind, damage):
    for side in ("pred", "gt"):
        (tmp_path / side).mkdir()
        WRITERS[kind](tmp_path / side / f"scan.{kind}", VOLUME)
    path = tmp_path / "pred" / f"scan.{kind}"
    path.write_bytes(damage(path.read_bytes()))
    assert f"{path}: not a readable" in refused(tmp_path, "--stacks", "volumes")


def test_an_unknown_way_of_pairing_is_refused():
    with pytest.raises(InputError, match="--stacks all: there are slices, volumes"):
        Pairing(stacks="all")
