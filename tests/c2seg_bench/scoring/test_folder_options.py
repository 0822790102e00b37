"""`score` on folders of every kind in use: other names, parts, label maps, stacks, volumes, spacings, other sizes."""

import json

import nibabel
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

import metrics
from c2seg_bench.cli.main import app
from c2seg_bench.data.pairs import Pairing
from c2seg_bench.data.stacks import read_stack
from c2seg_bench.errors import InputError
from tests.c2seg_bench.scoring.score_command import blob

TEXT = "one infected area, upper left lung"


def run(folder, *options, pred="pred", gt="gt"):
    """Summary, rows and what was printed to stderr."""
    call = ["score", "--predictions", folder / pred, "--targets", folder / gt, "--out", folder / "out" / "o.csv"]
    result = CliRunner().invoke(app, [str(c) for c in [*call, *options, "--json"]])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    rows = pd.read_csv(folder / "out" / "o.csv").set_index("image")
    return json.loads(result.stdout), rows, result.stderr


def refused(folder, *options):
    with pytest.raises(InputError) as e:
        run(folder, *options)
    assert "\n" not in str(e.value)
    return str(e.value)


def save(path, array, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(array, np.uint8)).save(path, **options)


def dice(pred, target):
    return pytest.approx(metrics.dice(pred, target))


@pytest.fixture
def folder(tmp_path):
    """Targets a, b, c with predictions of the same names."""
    for k, name in enumerate("abc"):
        save(tmp_path / "gt" / f"{name}.png", blob(k + 50) * 255)
        save(tmp_path / "pred" / f"{name}.png", blob(k) * 255)
    return tmp_path


def rename(folder, template):
    for path in list(folder.iterdir()):
        path.rename(folder / template.format(path.stem))


@pytest.mark.parametrize(
    ("pred", "gt", "options"),
    [
        ("{}_pred.png", "{}.png", ["--suffix", "_pred"]),
        ("P-{}-out.png", "{}.png", ["--prediction-names", "p-{name}-out"]),
        ("{}.png", "{}_gt.png", ["--target-names", "{name}_gt"]),
        ("seg_{}.png", "{}_Segmentation.png", ["--prediction-names", "seg_{name}"]),
    ],
)
def test_names_by_suffix_and_template(folder, pred, gt, options):
    expected = run(folder)[1]
    rename(folder / "pred", pred)
    rename(folder / "gt", gt)
    assert "3 of 3 without a target" in refused(folder) and "--suffix" in refused(folder)
    assert run(folder, *options)[1].equals(expected)


def test_predictions_and_targets_of_one_folder_are_told_apart_by_their_names(folder):
    expected = run(folder)[1]
    rename(folder / "pred", "{}_pred.png")
    rename(folder / "gt", "{}_gt.png")
    for path in (folder / "gt").iterdir():
        path.rename(folder / "pred" / path.name)
    both = ["--suffix", "_pred", "--target-names", "{name}_gt"]
    assert run(folder, *both, gt="pred")[1].equals(expected)


def test_templates_that_say_nothing(folder):
    assert refused(folder, "--prediction-names", "pred").startswith("--prediction-names pred: give {name} once")
    assert refused(folder, "--suffix", "_pred").startswith("--prediction-names {name}_pred: no file in")
    assert refused(folder, "--target-names", "{name}{name}").startswith("--target-names {name}{name}: give {name} once")
    assert "give one of the two" in refused(folder, "--suffix", "_x", "--prediction-names", "{name}_y")


def test_a_part_is_scored_on_request(folder):
    everything = run(folder)[1]
    (folder / "pred" / "b.png").unlink()
    assert "1 of 3 without a prediction (b.png)" in refused(folder) and "--subset" in refused(folder)
    assert run(folder, "--subset", "predictions")[1].equals(everything.drop("b"))
    (folder / "gt" / "a.png").unlink()
    assert "1 of 2 without a target (a.png)" in refused(folder, "--subset", "predictions")


def test_what_has_a_prompt_is_scored_on_request(folder):
    everything = run(folder)[1]
    (folder / "p.csv").write_text(f'image,text\nc.png,"{TEXT}"\nA.png,"{TEXT}"\nz.png,"{TEXT}"\n')
    prompts = ["--prompts", folder / "p.csv"]
    assert "no prompt for 1 of 3 images (b)" in refused(folder, *prompts)
    assert run(folder, *prompts, "--subset", "prompts")[1]["dice"].equals(everything["dice"].drop("b"))
    assert "there are none; give --prompts" in refused(folder, "--subset", "prompts")
    assert refused(folder, "--subset", "some") == "--subset some: there are predictions, prompts"
    (folder / "p.csv").write_text(f'image,text\nz.png,"{TEXT}"\n')
    assert "has a prompt" in refused(folder, *prompts, "--subset", "prompts")


def test_one_class_of_label_maps(folder):
    expected = run(folder)[1]
    for side in ("pred", "gt"):
        for path in (folder / side).iterdir():
            lesion = np.asarray(Image.open(path)) > 0
            save(path, np.where(lesion, 2, np.arange(50) % 2))
    assert "mask values 0, 1, 2, none of them white" in refused(folder)
    assert run(folder, "--label", "2")[1].equals(expected)
    assert "--label 7: no target has it" in refused(folder, "--label", "7")


def test_one_class_of_label_maps_in_palettes_and_arrays(folder):
    expected = run(folder)[1]
    for path in list((folder / "gt").iterdir()):
        labels = (np.asarray(Image.open(path)) > 0).astype(np.uint8) * 3
        if path.stem == "a":
            image = Image.fromarray(labels, mode="P")
            image.putpalette([0, 0, 0, 10, 20, 30, 40, 50, 60, 128, 0, 0])
            image.save(path)
        else:
            path.unlink()
            np.save(path.with_suffix(".npy"), labels.astype(float if path.stem == "b" else np.int64))
    assert run(folder, "--target-label", "3")[1].equals(expected)
    assert "a.png: a mask in black and white, not a label map with 3" in refused(folder, "--label", "3")


def test_predictions_of_another_size_are_resized_on_request(folder):
    expected = run(folder)[1]
    for name in "ab":
        mask = np.asarray(Image.open(folder / "pred" / f"{name}.png"))
        save(folder / "pred" / f"{name}.png", np.kron(mask, np.ones((3, 3), np.uint8)))
    assert "a.png: 120x150" in refused(folder) and "--resize-predictions does" in refused(folder)
    summary, rows, err = run(folder, "--resize-predictions")
    assert rows.equals(expected) and summary["resized"] == 2
    assert "2 of 3 predictions were resized to their target, nearest pixel (a, b)" in err
    assert run(folder, pred="gt")[0]["resized"] == 0


def test_spacing_in_mm(folder):
    pixels = run(folder)
    summary, rows, _ = run(folder, "--spacing", "2,2")
    assert pixels[0]["unit"] == "px" and "unit" not in pixels[1]
    assert summary["unit"] == "mm" and set(rows["unit"]) == {"mm"} and set(rows["spacing"]) == {"2 x 2"}
    for name in ("hd95", "assd"):
        assert rows[name].to_numpy() == pytest.approx(2 * pixels[1][name].to_numpy())
        assert summary[name] == pytest.approx(2 * pixels[0][name])
    assert summary["dice"] == pixels[0]["dice"]
    rows = run(folder, "--spacing", "0.5,2")[1]
    pred, target = (np.asarray(Image.open(folder / side / "a.png")) > 0 for side in ("pred", "gt"))
    assert rows.loc["a", "hd95"] == pytest.approx(metrics.hd95(pred, target, spacing=(0.5, 2)))
    table = CliRunner().invoke(app, ["score", "--predictions", f"{folder}/pred", "--targets", f"{folder}/gt",
                                     "--out", f"{folder}/o.csv", "--spacing", "2"])  # fmt: skip
    assert "HD95, mm" in table.stdout and "pixels" not in table.stdout


@pytest.mark.parametrize("spacing", ["0,1", "1,2,3", "x", "-1"])
def test_a_wrong_spacing_is_named(folder, spacing):
    assert refused(folder, f"--spacing={spacing}").startswith(f"--spacing {spacing}: give ROW,COLUMN in mm")


def test_an_empty_mask_is_as_far_as_the_diagonal_in_mm(folder):
    save(folder / "pred" / "a.png", np.zeros((40, 50)))
    summary, rows, _ = run(folder, "--spacing", "2,3")
    others = rows.loc[["b", "c"], "hd95"].sum()
    assert summary["hd95"] == pytest.approx((others + np.hypot(40 * 2, 50 * 3)) / 3)


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


@pytest.mark.parametrize("frames", [2])
def test_an_animation_is_no_picture_and_no_mask(folder, frames):
    images = [Image.fromarray(blob(k).astype(np.uint8) * 255) for k in range(frames)]
    images[0].save(folder / "gt" / "a.webp", save_all=True, append_images=images[1:], lossless=True)
    (folder / "gt" / "a.png").unlink()
    assert "a.webp: 2 pages in one file" in refused(folder)


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
    assert "--stacks volumes: prompts describe pictures" in refused(
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


def test_several_arrays_in_one_archive_are_refused(tmp_path):
    for side in ("pred", "gt"):
        (tmp_path / side).mkdir()
        np.savez(tmp_path / side / "a.npz", mask=blob(0), logits=blob(0) * 1.0)
    assert "a.npz: arrays mask, logits; write the mask alone" in refused(tmp_path)


@pytest.mark.parametrize("top", [1 + 1e-7, 1.0])
def test_probabilities_that_rounding_brought_out_of_range(folder, top):
    expected = run(folder)[1]
    mask = np.asarray(Image.open(folder / "pred" / "a.png")) > 0
    (folder / "pred" / "a.png").unlink()
    np.save(folder / "pred" / "a.npy", np.where(mask, np.float64(top), -1e-9))
    assert run(folder)[1].equals(expected)
    np.save(folder / "pred" / "a.npy", np.where(mask, 1.01, 0))
    assert "a.npy: fractions up to 1.01" in refused(folder)


@pytest.mark.parametrize("kind", ["png", "jpg", "colour.png"])
def test_pictures_given_as_targets_are_not_scored(folder, kind):
    from c2seg_bench.data.phantom import draw

    style = "colonoscopy" if kind.startswith("colour") else "chest"
    for name in "abc":
        (folder / "gt" / f"{name}.png").unlink()
        Image.fromarray(draw(style, name, 64)[0]).save(folder / "gt" / f"{name}.{kind.split('.')[-1]}")
        save(folder / "pred" / f"{name}.png", np.eye(64) * 255)
    assert f"gt/a.{kind.split('.')[-1]}: " in refused(folder)


def test_the_prompt_is_that_of_the_mask_or_of_a_chosen_column_and_sheet(folder):
    table = pd.DataFrame({"image": ["x1", "x1", "x2"], "mask": ["a.png", "b.png", "c.png"],
                          "text": ["one", "two", "three"], "german": ["eins", "zwei", "drei"]})  # fmt: skip
    with pd.ExcelWriter(folder / "p.xlsx") as book:
        table.drop(columns="mask").to_excel(book, sheet_name="Old", index=False)
        table.to_excel(book, sheet_name="New", index=False)
    options = ["--prompts", folder / "p.xlsx", "--prompt-sheet", "New"]
    assert list(run(folder, *options)[1]["prompt"]) == ["one", "two", "three"]
    assert list(run(folder, *options, "--prompt-column", "German")[1]["prompt"]) == ["eins", "zwei", "drei"]
    assert "rows 2 and 3 give two prompts for x1" in refused(folder, "--prompts", folder / "p.xlsx")
    table["image"] = ["a.nii.gz", "0c", "B.png "]
    with pd.ExcelWriter(folder / "p.xlsx") as book:
        table.drop(columns="mask").to_excel(book, sheet_name="Old", index=False)
        table.to_excel(book, sheet_name="New", index=False)
    line = refused(folder, "--prompts", folder / "p.xlsx")
    assert "no prompt for 1 of 3 images (c); in the table '0c' is near c" in line
    assert "sheet Old was read of Old, New (--prompt-sheet" in line


def test_an_unknown_way_of_pairing_is_refused():
    with pytest.raises(InputError, match="--stacks all: there are slices, volumes"):
        Pairing(stacks="all")
