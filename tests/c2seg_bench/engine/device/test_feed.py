"""What a feed hands over: the images, masks and prompts of the rows it is given."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from c2seg_bench.engine.device import feed as feeds
from c2seg_bench.engine.device.feed import Images, Prompts
from tests.c2seg_bench.engine.training.training_case import IMAGES, cache, encoded, feed

CPU = torch.device("cpu")
DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU"))]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("share", [0.25, 0.0])  # in a GPU's memory; streamed by a thread
def test_batches_have_the_images_and_masks_of_their_rows(device, share, monkeypatch):
    monkeypatch.setattr(feeds, "IMAGE_SHARE", share)
    stored, rows = cache(), [np.array([5, 0, 5]), np.array([IMAGES - 1]), np.array([2, 3])]
    batches = list(feed(device).batches(rows))
    assert len(batches) == len(rows)
    for batch, wanted in zip(batches, rows, strict=True):
        np.testing.assert_array_equal(batch.rows, wanted)
        np.testing.assert_allclose(batch.images.cpu(), stored.images[wanted].transpose(0, 3, 1, 2) / np.float32(255))
        np.testing.assert_array_equal(batch.targets[:, 0].cpu(), stored.masks[wanted])
        assert batch.images.device.type == batch.targets.device.type == device


def test_a_thread_loads_one_batch_ahead_where_a_gpu_cannot_keep_all(monkeypatch):
    """On a pretended GPU: the copies stay on the CPU, the order of events is that of a GPU."""
    events = []
    streamed = feed()
    streamed.device = SimpleNamespace(type="cuda")
    streamed._batch = lambda rows, images, masks: events.append(("use", int(rows[0])))
    take = streamed.images.take
    monkeypatch.setattr(streamed.images, "take", lambda rows: (events.append(("load", int(rows[0]))), take(rows))[1])
    list(streamed.batches(np.array([i]) for i in range(4)))
    assert sorted(events) == sorted([(what, i) for what in ("load", "use") for i in range(4)])
    for i in range(3):
        assert [e for e in events if e[0] == "use"].index(("use", i)) == i
        assert events.index(("load", i)) < events.index(("use", i))


def test_no_batches_are_none():
    assert list(feed().batches([])) == []


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("share", [0.1, 0.0])  # table on the GPU; on the host
def test_prompts_are_padded_to_the_longest_of_the_batch(device, share, monkeypatch):
    monkeypatch.setattr(feeds, "PROMPT_SHARE", share)
    stored, rows = encoded(), np.array([0, 3, 1])
    text = Prompts(stored, torch.device(device)).take(rows)
    assert text.mask.sum(1).tolist() == [3, 1, 0] and text.tokens.shape == (3, 3, stored.tokens.shape[1])
    for i, row in enumerate(rows):
        start, n = stored.starts[row], stored.lengths[row]
        np.testing.assert_array_equal(text.ids[i, :n].cpu(), stored.ids[start : start + n])
        np.testing.assert_array_equal(text.tokens[i, :n].cpu(), stored.tokens[start : start + n])
        assert (text.tokens[i, n:] == 0).all() and (text.ids[i, n:] == 0).all() and not text.mask[i, n:].any()
    np.testing.assert_array_equal(text.pooled.cpu(), stored.pooled[rows])


def test_prompts_without_any_token_are_one_pad_wide():
    text = Prompts(encoded((0, 0)), CPU).take(np.array([1, 0]))
    assert text.mask.shape == (2, 1) and not text.mask.any() and (text.tokens == 0).all()


def test_images_are_not_kept_twice_on_a_cpu():
    assert not Images(cache(), CPU).resident
