import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from baselines.contract import TextSpec
from baselines.count import count
from baselines.errors import InputError
from baselines.registry import build
from baselines.tganet.components import first_pixels
from baselines.tganet.feature_blocks import Aggregate, enlarged
from baselines.tganet.mask_attributes import attributes, attributes_on_device
from tests.baselines.base import SPEC, MethodTest, images, prompts, targets


class TestTGANet(MethodTest):
    name = "tganet"


class TestTGANetOfficial(MethodTest):
    name, options = "tganet", {"recipe": "official"}


def test_count_of_the_paper():
    bert = TextSpec(dim=768, length=24, vocab=30522)
    counted = count(build("tganet", "paper", bert, 224), bert, 224)
    assert counted["thop"] - (768 + 1) * 300 / 1e6 == pytest.approx(19.84, abs=0.03)  # without our layer on the tokens
    assert counted["thop"] == pytest.approx(19.84, rel=0.03)


def test_slots_add_what_each_word_finds_among_the_tokens():
    model, text = build("tganet", "tiny", SPEC, 64), prompts(0, 5)
    with torch.no_grad():
        slots = model.slots(text)
        torch.testing.assert_close(slots[0], model.words + model.read.bias)  # one blank token in an empty prompt
        tokens = model.read(text.tokens[1, :5])
        for word, slot in zip(model.words, slots[1], strict=True):
            weights = torch.stack([word @ token for token in tokens]).div(len(word) ** 0.5).softmax(0)
            torch.testing.assert_close(slot, word + weights @ tokens)


def test_attributes_of_drawn_masks():
    masks = torch.zeros(5, 1, 20, 20)
    masks[0, 0, 2:7, 2:7] = 1  # one box of 25 / 400
    masks[1, 0, 2:12, 2:12] = 1  # 100 / 400
    masks[2, 0, 2:18, 2:18] = 1  # 256 / 400
    masks[3, 0, 0:2, 0:2] = masks[3, 0, 5:17, 5:17] = 1  # two, the last 144 / 400
    number, size = attributes(masks)
    assert number.tolist() == [0, 0, 0, 1, -100]
    assert size.tolist() == [0, 1, 2, 2, -100]
    corners = torch.eye(4)[None, None]  # diagonal pixels touch at corners: one component
    assert [x.tolist() for x in attributes(corners)] == [[0], [2]]


@given(st.integers(1, 20), st.integers(1, 20), st.floats(0, 1), st.integers(0, 10**6))
def test_labels_are_the_same_where_a_gpu_counts_the_components(height, width, share, seed):
    masks = (torch.rand(2, 1, height, width, generator=torch.Generator().manual_seed(seed)) < share).float()
    for by_scipy, by_tensors in zip(attributes(masks), attributes_on_device(masks), strict=True):
        assert torch.equal(by_scipy, by_tensors)


def spiral(side):
    """One component whose ends are as many pixels apart as the image has room for."""
    mask = torch.zeros(1, side, side)
    mask[0, ::2] = 1
    mask[0, 1::4, -1] = mask[0, 3::4, 0] = 1
    return mask


def test_first_pixels_of_drawn_components():
    comb, apart = torch.zeros(1, 33, 33), torch.zeros(1, 33, 33)
    comb[0, :, ::2] = comb[0, -1] = 1  # the teeth meet in the last row
    apart[0, ::2, ::2] = 1  # no two touch
    for mask in (spiral(33), comb):
        assert set(first_pixels(mask > 0)[mask > 0].tolist()) == {0}
    own = torch.arange(33 * 33).view(1, 33, 33)
    assert torch.equal(first_pixels(apart > 0), torch.where(apart > 0, own, -1))


def test_official_loss_from_its_definition():
    model = build("tganet", "tiny", SPEC, 64, recipe="official").eval()
    image, text, target = images(2), prompts(5, 9), targets(2)
    with torch.no_grad():
        *_, number, size = model.encode_image(image)
        p = model(image, text).sigmoid()
        dice = 1 - (2 * (p * target).sum() + 1) / (p.sum() + target.sum() + 1)
        expected = F.binary_cross_entropy(p, target) + dice  # one box of 1/16 of the image: one, small
        for guess in (number, size):
            expected = expected + F.cross_entropy(guess.softmax(1), torch.zeros(2, dtype=torch.long))
        torch.testing.assert_close(model.loss(image, text, target), expected)


def test_empty_masks_have_no_label_and_a_finite_loss():
    model = build("tganet", "tiny", SPEC, 64, recipe="official")
    loss = model.loss(images(2), prompts(5, 9), torch.zeros(2, 1, 64, 64))
    loss.backward()
    assert loss.isfinite() and all(p.grad.isfinite().all() for p in model.parameters())


@torch.no_grad()
def test_maps_are_enlarged_before_their_convolutions_and_the_sum_is_added_twice():
    torch.manual_seed(0)
    gather = Aggregate(4).eval()
    for layer in gather.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.bias.uniform_(-1, 1)  # else the ReLUs could change places with the enlarging
            layer.weight.uniform_(-1, 1)
    maps = [torch.randn(2, 4, side, side) for side in (4, 8, 16)]
    grown = [layer(enlarged(x, times)) for layer, x, times in zip(gather.each, maps, (4, 2, 1), strict=True)]
    joined = gather.join(torch.cat(grown, dim=1))
    once = (gather.residual[0](joined) + joined).relu()
    torch.testing.assert_close(gather(maps), (gather.residual[1](once) + once + joined).relu())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stem": 0}, "stem 0: expected a whole number, 1 or more"),
        ({"width": 0}, "width 0: expected a whole number, 1 or more"),
        ({"slot": -3}, "slot -3: expected a whole number, 1 or more"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(InputError, match=f"tganet: {message}"):
        build("tganet", "tiny", SPEC, 64, **options)
