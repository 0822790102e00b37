import pytest
import torch
from transformers import BertTokenizer

from baselines.contract import TextSpec
from baselines.errors import InputError
from baselines.layers.hub import vocabulary
from baselines.layers.resnet import ResNetPyramid
from baselines.layers.swin import SwinStages
from baselines.layers.towers import (
    bert_config,
    convnext_config,
    load_tower,
    require_vocab,
    resnet_config,
    standardise,
    swin_config,
)
from baselines.losses import two_class_cross_entropy
from tests.baselines.base import images, targets

BERT = dict(width=16, depth=1, heads=2, length=32)


def tower(name, config, weights="none", **arguments):
    return load_tower(name, config, weights, "test: weights", **arguments)


@pytest.mark.parametrize(
    ("name", "config", "millions", "arguments"),
    [
        ("ResNetModel", resnet_config, 23.51, {}),
        ("SwinModel", swin_config, 86.74, {"add_pooling_layer": False}),
        ("ConvNextModel", convnext_config, 27.82, {}),
        ("BertModel", lambda: bert_config(30522), 108.89, {"add_pooling_layer": False}),
    ],
)
def test_defaults_are_the_sizes_of_the_papers(name, config, millions, arguments):
    with torch.device("meta"):
        counted = sum(p.numel() for p in tower(name, config(), **arguments).parameters()) / 1e6
    assert counted == pytest.approx(millions, abs=0.01)


def test_saved_weights_come_back_in_training_mode(tmp_path):
    donor = tower("BertModel", bert_config(50, **BERT), add_pooling_layer=False)
    donor.half().save_pretrained(tmp_path)
    loaded = tower("BertModel", bert_config(99, **BERT), str(tmp_path), add_pooling_layer=False)
    assert loaded.training and loaded.config.vocab_size == 50
    for one, other in zip(donor.parameters(), loaded.parameters(), strict=True):
        assert other.dtype == torch.float32 and torch.equal(one.float(), other)
    with pytest.raises(InputError, match="x: weights 'none': 50 token ids, the prompts' encoder has 99; take the text"):
        require_vocab(loaded, TextSpec(48, 12, 99), "none", "x: weights")


def test_a_text_tower_with_as_many_other_words_is_refused(tmp_path):
    """CXR-BERT and BERT have 30,522 token ids both."""
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcde"]
    loaded = tower("BertModel", bert_config(len(words), **BERT), add_pooling_layer=False)
    loaded.save_pretrained(tmp_path)

    def spec(of):
        (tmp_path / "vocab.txt").write_text("\n".join(of))
        return TextSpec(48, 12, len(words), vocabulary(BertTokenizer(str(tmp_path / "vocab.txt"))))

    other, same = spec(words[::-1]), spec(words)
    require_vocab(loaded, same, str(tmp_path), "x: weights")
    with pytest.raises(InputError, match="x: weights '.*': token ids stand for other words than"):
        require_vocab(loaded, other, str(tmp_path), "x: weights")
    (tmp_path / "vocab.txt").unlink()
    with pytest.raises(InputError, match="x: weights '.*': no tokenizer beside the weights; copy its vocab.txt there"):
        require_vocab(loaded, same, str(tmp_path), "x: weights")


def test_weights_that_do_not_fill_the_tower_are_refused(tmp_path):
    tower("BertModel", bert_config(50, **BERT), add_pooling_layer=False).save_pretrained(tmp_path)
    with pytest.raises(InputError, match="2 weights are not in it, pooler.dense.bias first; take a checkpoint of Bert"):
        tower("BertModel", bert_config(50, **BERT), str(tmp_path))
    with pytest.raises(InputError, match="a bert, expected a swin$"):
        tower("SwinModel", swin_config(), str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"cut")
    with pytest.raises(InputError, match="cannot be loaded here"):
        tower("BertModel", bert_config(50, **BERT), str(tmp_path), add_pooling_layer=False)
    with pytest.raises(InputError, match="'/not/there': no such folder; give one that save_pretrained wrote"):
        tower("BertModel", bert_config(50, **BERT), "/not/there")


@torch.no_grad()
def test_swin_stages_are_the_tower_where_no_map_is_smaller_than_a_window():
    model = tower("SwinModel", swin_config(8, (2, 2), (1, 2), 4, 0.0, 64), add_pooling_layer=False).eval()
    image = standardise(images(2))
    first, last = SwinStages(model, shift_one_window=True)(image)
    assert first.shape == (2, 8, 16, 16) and last.shape == (2, 16, 8, 8)
    expected = model(image).last_hidden_state  # (B, P, C), after its last norm
    torch.testing.assert_close(model.layernorm(last.flatten(2).transpose(1, 2)), expected)


@torch.no_grad()
def test_swin_keeps_its_windows_on_small_maps():
    model = SwinStages(
        tower("SwinModel", swin_config(8, (2, 2), (1, 2), 7, 0.0, 64), add_pooling_layer=False), shift_one_window=True
    ).eval()
    small = [model(standardise(images(1, size)))[1] for size in (16, 64, 16)]
    assert torch.equal(small[0], small[2])  # transformers' own would have shrunk the windows for good


@torch.no_grad()
def test_resnet_pyramid_ends_where_the_tower_does():
    torch.manual_seed(0)
    pyramid = ResNetPyramid("50", 8, "none", "test")
    torch.manual_seed(0)
    model = tower("ResNetModel", resnet_config("50", 8))
    maps = pyramid.eval()(images(1))
    torch.testing.assert_close(maps[-1], model.eval()(images(1)).last_hidden_state)
    assert [tuple(x.shape[1:]) for x in maps] == [(c, 64 // 2**i, 64 // 2**i) for i, c in enumerate(pyramid.widths, 1)]


def test_two_class_cross_entropy_is_that_of_two_logits():
    two, target = torch.randn(2, 2, 8, 8, generator=torch.Generator().manual_seed(0)), targets(2, 8)
    expected = torch.nn.functional.cross_entropy(two, target[:, 0].long(), weight=torch.tensor([0.9, 1.1]))
    torch.testing.assert_close(two_class_cross_entropy(two[:, 1:] - two[:, :1], target), expected)


def test_spec_of_another_resnet_is_refused():
    from baselines.registry import build

    with pytest.raises(InputError, match="tganet: resnet '51' is unknown; there are: 18, 34, 50"):
        build("tganet", "tiny", TextSpec(8, 4, 10), 64, resnet="51")
