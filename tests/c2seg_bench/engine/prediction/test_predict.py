"""The sweep: the masks of a plain pass for every prompt, at the cost of what the prompts change."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from lightning_fabric import Fabric
from torch.utils.flop_counter import FlopCounterMode

from baselines.contract import Method
from baselines.registry import build
from c2seg_bench.engine.inputs.inputs import CellInputs
from c2seg_bench.engine.prediction.predict import predict as packed
from c2seg_bench.engine.prediction.sweep import WrongLogits, same_tokens
from c2seg_bench.text.encoder import load_encoder
from c2seg_bench.text.prompt_table import PromptTable

IMAGES, SIZE = 7, 64
CLEAN = "one infected area, upper left lung"
PROMPTS = [CLEAN, CLEAN.upper(), "two infected areas", "lower right lung, one infected area", ""]
FABRIC = Fabric(accelerator="cpu", devices=1)


class Counted(Method):
    """The prompt's number of tokens decides how much of an image is white; counts its calls."""

    def __init__(self, uses_text=True):
        torch.nn.Module.__init__(self)
        self.card, self.images, self.pairs = SimpleNamespace(uses_text=uses_text), 0, 0

    def encode_image(self, image):
        self.images += len(image)
        return {"grey": image.mean(1, keepdim=True)}

    def decode(self, features, text):
        self.pairs += len(text)
        assert len(features["grey"]) == len(text)
        return features["grey"] - text.mask.sum(1)[:, None, None, None] / 20


class Broken(Counted):
    """Gives logits of a kind that is no mask."""

    def __init__(self, kind):
        super().__init__()
        self.kind = kind

    def decode(self, features, text):
        logits = super().decode(features, text)
        if self.kind == "nan":
            logits[-1, 0, 3, 5] = torch.nan
        return torch.cat([logits, logits], 1) if self.kind == "two channels" else logits


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prompts")
    PromptTable.build(PROMPTS, load_encoder("minilm"), folder)
    table = PromptTable.open(folder)
    images = np.random.default_rng(0).integers(0, 256, (IMAGES, SIZE, SIZE, 3), dtype=np.uint8)
    return CellInputs(
        SimpleNamespace(images=images, masks=(images[..., 0] > 127).astype(np.uint8)),
        table,
        table.rows([CLEAN] * IMAGES),
    )


def images(inputs, rows):
    return next(inputs.on(torch.device("cpu")).batches([rows])).images


def predict(*args, **options):
    """Condition -> (N, S, S) bool."""
    return {name: masks.unpack() for name, masks in packed(*args, **options).items()}


def conditions(inputs):
    """Clean; in capitals, which the encoder does not see; other words for the first three; other words for all."""
    other = [PROMPTS[2 + i % 3] for i in range(IMAGES)]
    prompts_by_condition = {
        "clean": [CLEAN] * IMAGES,
        "case": [CLEAN.upper()] * IMAGES,
        "some": other[:3] + [CLEAN] * (IMAGES - 3),
    }
    return {name: inputs.table.rows(prompts) for name, prompts in {**prompts_by_condition, "all": other}.items()}


@torch.no_grad()
def one_by_one(model, inputs, prompts):
    """Each image with its prompt, alone, through `forward`: logits (N, S, S)."""
    model.eval()
    cpu = torch.device("cpu")
    logits = [
        model(images(inputs, np.array([i])), inputs.table.batch(prompts[[i]], cpu))[0, 0] for i in range(len(prompts))
    ]
    return torch.stack(logits).numpy()


@pytest.mark.parametrize("name", ["c2seg", "lvit", "mmiunet", "unet"])
@pytest.mark.parametrize("batch", [3, 32])
def test_masks_are_those_of_a_plain_pass_of_each_image_with_its_prompt(name, batch, inputs):
    torch.manual_seed(0)
    model = build(name, "tiny", inputs.table.spec, SIZE)
    by_condition = conditions(inputs)
    masks = predict(model, inputs, np.arange(IMAGES), by_condition, FABRIC, batch)
    assert list(masks) == list(by_condition)
    for condition, prompts in by_condition.items():
        logits = one_by_one(model, inputs, prompts)
        decided = np.abs(logits) > 1e-4  # nearer to 0 another batch may round to the other side
        assert decided.mean() > 0.95
        np.testing.assert_array_equal(masks[condition][decided], (logits > 0)[decided], err_msg=condition)


@pytest.mark.parametrize("batch", [1, 3, 32])
def test_an_image_is_encoded_once_and_met_by_each_distinct_prompt_once(batch, inputs):
    model = Counted()
    predict(model, inputs, np.arange(IMAGES), conditions(inputs), FABRIC, batch)
    assert model.images == IMAGES
    assert model.pairs == 2 * IMAGES  # clean, capitals and "some" share what they share: only "all" is new


def test_a_condition_that_changes_no_token_costs_nothing(inputs):
    by_condition, plain, swept = conditions(inputs), Counted(), Counted()
    clean = predict(plain, inputs, np.arange(IMAGES), {"clean": by_condition["clean"]}, FABRIC)["clean"]
    masks = predict(
        swept, inputs, np.arange(IMAGES), {"clean": by_condition["clean"], "case": by_condition["case"]}, FABRIC
    )
    assert swept.pairs == plain.pairs
    np.testing.assert_array_equal(masks["case"], clean)


def test_a_method_that_reads_no_text_is_asked_once_whatever_the_prompts(inputs):
    model = Counted(uses_text=False)
    masks = predict(model, inputs, np.arange(IMAGES), conditions(inputs), FABRIC)
    assert (model.images, model.pairs) == (IMAGES, IMAGES)
    for condition in masks:
        np.testing.assert_array_equal(masks[condition], masks["clean"])


@pytest.mark.parametrize("name", ["c2seg", "lvit"])
def test_a_condition_does_no_more_arithmetic_than_decoding_its_prompts(name, inputs):
    """Counted in multiply-adds, so that it is the same on any machine: the image's part is in the plain pass alone."""
    model = build(name, "tiny", inputs.table.spec, SIZE).eval()
    by_condition, cpu = conditions(inputs), torch.device("cpu")

    def flops(work):
        with torch.inference_mode(), FlopCounterMode(display=False) as counter:
            result = work()
        return counter.get_total_flops(), result

    plain, _ = flops(lambda: predict(model, inputs, np.arange(IMAGES), {"clean": by_condition["clean"]}, FABRIC))
    sweep, _ = flops(
        lambda: predict(model, inputs, np.arange(IMAGES), {k: by_condition[k] for k in ("clean", "all")}, FABRIC)
    )
    encode, features = flops(lambda: model.encode_image(images(inputs, np.arange(IMAGES))))
    decode, _ = flops(lambda: model.decode(features, inputs.table.batch(by_condition["all"], cpu)))
    assert encode > 0
    assert sweep - plain <= decode
    assert sweep - plain < 0.9 * plain


def test_other_conditions_and_their_order_change_no_mask(inputs):
    by_condition = conditions(inputs)
    whole = predict(Counted(), inputs, np.arange(IMAGES), by_condition, FABRIC, batch=3)
    alone = predict(Counted(), inputs, np.arange(IMAGES), {"some": by_condition["some"]}, FABRIC)
    turned = predict(Counted(), inputs, np.arange(IMAGES), dict(reversed(by_condition.items())), FABRIC)
    np.testing.assert_array_equal(alone["some"], whole["some"])
    for condition in by_condition:
        np.testing.assert_array_equal(turned[condition], whole[condition])


def test_rows_of_the_cache_are_taken_as_asked(inputs):
    rows = np.array([5, 1])
    by_condition = conditions(inputs)["all"]
    masks = predict(Counted(), inputs, rows, {"all": by_condition[rows]}, FABRIC)
    whole = predict(Counted(), inputs, np.arange(IMAGES), {"all": by_condition}, FABRIC)
    np.testing.assert_array_equal(masks["all"], whole["all"][rows])


def test_prompts_of_the_same_tokens_are_one_prompt(inputs):
    rows = inputs.table.rows([CLEAN.upper(), "two infected areas", CLEAN, ""])
    representatives = same_tokens(inputs.table, rows[None])[0]
    assert list(representatives) == [rows[0], rows[1], rows[0], rows[3]]  # the first stands for them all


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("nan", "the logits are NaN in a batch of 7 images that starts with p"),
        ("two channels", r"decode returned logits of shape \(7, 2, 64, 64\) instead of \(7, 1, 64, 64\)"),
    ],
)
def test_logits_that_are_no_masks_are_refused(inputs, kind, message):
    inputs.cache.index = pd.DataFrame({"name": [f"p{i}" for i in range(IMAGES)]})
    rows = np.arange(IMAGES)
    with pytest.raises(WrongLogits, match=message):
        predict(Broken(kind), inputs, rows, {"clean": inputs.prompt_rows}, FABRIC)
