"""`score` reads label maps, probabilities and masks of another size, and refuses pictures."""

import numpy as np
import pytest
from PIL import Image

from tests.c2seg_bench.scoring.folders.calls import refused, run, save
from tests.c2seg_bench.scoring.score_command import blob


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


@pytest.mark.parametrize("frames", [2])
def test_an_animation_is_no_picture_and_no_mask(folder, frames):
    images = [Image.fromarray(blob(k).astype(np.uint8) * 255) for k in range(frames)]
    images[0].save(folder / "gt" / "a.webp", save_all=True, append_images=images[1:], lossless=True)
    (folder / "gt" / "a.png").unlink()
    assert "a.webp: 2 pages in one file" in refused(folder)


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
    from c2seg_bench.data.sources.phantom import draw

    style = "colonoscopy" if kind.startswith("colour") else "chest"
    for name in "abc":
        (folder / "gt" / f"{name}.png").unlink()
        Image.fromarray(draw(style, name, 64)[0]).save(folder / "gt" / f"{name}.{kind.split('.')[-1]}")
        save(folder / "pred" / f"{name}.png", np.eye(64) * 255)
    assert f"gt/a.{kind.split('.')[-1]}: " in refused(folder)
