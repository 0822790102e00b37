"""The embedded data: the same from its name, prompts true of the masks, and look-alikes that only words tell apart."""

import numpy as np
import pytest
from scipy import ndimage

from c2seg_bench.data.source import SOURCES
from c2seg_bench.data.sources.phantom import STYLES, draw
from c2seg_bench.data.sources.phantom.prompts import NUMBERS
from c2seg_bench.seeding import rng

EIGHT = np.ones((3, 3))
NAMES = {style: [f"{style}_test_{i:05d}" for i in range(60)] for style in STYLES}


@pytest.mark.parametrize("style", STYLES)
def test_a_name_draws_the_same_image_whatever_was_drawn_before(style):
    first = draw(style, NAMES[style][3], 64)
    draw(style, NAMES[style][4], 64)
    again = draw(style, NAMES[style][3], 64)
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    assert (draw(style, NAMES[style][4], 64)[0] != first[0]).any()


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("size", [64, 96])
def test_the_prompt_is_true_of_the_mask(style, size):
    for name in NAMES[style]:
        scene, (_, mask) = STYLES[style].scene(rng("phantom", name)), draw(style, name, size)
        count = ndimage.label(mask, EIGHT)[1]
        words = scene.prompt.replace(",", "").split()
        assert NUMBERS[count] in words, (name, scene.prompt, count)
        xs = [x / size for _, x in ndimage.center_of_mass(mask, ndimage.label(mask, EIGHT)[0], range(1, count + 1))]
        if style != "colonoscopy":
            assert ("left" in words) == any(x < 0.5 for x in xs) and ("right" in words) == any(x > 0.5 for x in xs)
            assert ("Bilateral" in words) == (min(xs) < 0.5 < max(xs))


@pytest.mark.parametrize("style", STYLES)
def test_sizes_show_one_scene(style):
    for name in NAMES[style][:10]:
        small, large = (draw(style, name, size)[1].mean() for size in (64, 256))
        assert small == pytest.approx(large, rel=0.12)


@pytest.mark.parametrize("style", STYLES)
def test_a_large_image_made_small_is_the_small_one(style):
    for name in NAMES[style][:5]:
        small, large = (draw(style, name, size)[0].astype(float) for size in (56, 224))
        difference = large.reshape(56, 4, 56, 4, 3).mean((1, 3)) - small
        clouds = difference.reshape(14, 4, 14, 4, 3).mean((1, 3))  # without the pixels' own noise
        assert clouds.std() < 2.1  # of 255 levels; other clouds on the same scene give 2.2 to 6


@pytest.mark.parametrize("style", STYLES)
def test_lesions_lie_in_the_cells_of_the_image_that_the_prompt_names(style):
    rows, columns = (
        ("upper", "middle", "lower"),
        ("left", "center", "right") if style == "colonoscopy" else ("left", "right"),
    )
    for name in NAMES[style]:
        for lesion in STYLES[style].scene(rng("phantom", name)).lesions:
            y, x = np.nonzero(lesion.inside(96))
            inside = (y * 3 // 96 == rows.index(lesion.row)) & (x * len(columns) // 96 == columns.index(lesion.column))
            assert inside.mean() > 0.75, (name, lesion)


@pytest.mark.parametrize("style", STYLES)
def test_no_two_lesions_touch(style):
    for name in NAMES[style]:
        lesions = STYLES[style].scene(rng("phantom", name)).lesions
        together = np.any([x.inside(64) for x in lesions], axis=0)
        assert ndimage.label(together, EIGHT)[1] == len(lesions), name


@pytest.mark.parametrize("style", STYLES)
def test_nothing_but_the_words_tells_named_lesions_from_look_alikes(style):
    lesions = [x for i in range(1500) for x in STYLES[style].scene(rng("phantom", f"{style}_fair_{i}")).lesions]
    named, others = ([x for x in lesions if x.named is flag] for flag in (True, False))
    for feature in ("x", "y", "radius", "strength"):
        a, b = (np.array([getattr(x, feature) for x in group]) for group in (named, others))
        spread = np.sqrt(a.var() / len(a) + b.var() / len(b))
        assert abs(a.mean() - b.mean()) < 4 * spread, feature
    assert all(any(not x.named for x in STYLES[style].scene(rng("phantom", n)).lesions) for n in NAMES[style])


def test_sources_list_as_many_as_asked_for_with_their_ontology():
    for name, ontology in {"phantom": "chest", "phantom-ct": "chest", "phantom-colonoscopy": "colonoscopy"}.items():
        records = SOURCES[name].records(None, size=32, train=3, val=2, test=1)
        assert [r.split for r in records] == ["train"] * 3 + ["val"] * 2 + ["test"]
        assert SOURCES[name].ontology == ontology
        image, mask = records[0].load()
        assert image.shape == (32, 32, 3) and image.dtype == mask.dtype == np.uint8 and set(np.unique(mask)) <= {0, 1}
