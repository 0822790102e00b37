import pytest
import torch
import torch.nn.functional as F

from baselines.contract import TextSpec
from baselines.count import count
from baselines.errors import InputError
from baselines.registry import build
from tests.baselines.base import SPEC, MethodTest, images, prompts, targets
from tests.baselines.base_ids import ReadsIdsTest


class TestLAVT(ReadsIdsTest):
    name = "lavt"


class TestLAVTOnFrozenTokens(MethodTest):
    name, options = "lavt", {"language": "tokens"}


def test_count_of_the_paper_without_bert():
    bert = TextSpec(dim=768, length=24, vocab=30522)
    counted = count(build("lavt", "paper", bert, 224, language="tokens"), bert, 224)
    unread_gate = 2 * 1024 * 1024 / 1e6
    assert counted["thop"] + unread_gate == pytest.approx(118.65, abs=0.01)
    assert counted["thop"] == pytest.approx(118.65, rel=0.03)
    assert counted["trainable"] - counted["thop"] == pytest.approx(0.064, abs=0.001)  # tables of relative positions


def test_prompts_without_differences_between_words_change_nothing():
    model = build("lavt", "tiny", SPEC, 64).eval()
    with torch.no_grad():  # one word: every pixel gets the same answer, which the norm over pixels takes away
        none, one, two = (model(images(1), prompts(n)) for n in (0, 1, 2))
    torch.testing.assert_close(none, one, rtol=0, atol=1e-4)
    assert (none - two).abs().max() > 1e-3


def test_official_loss_is_the_weighted_cross_entropy_of_two_classes():
    model, target = build("lavt", "tiny", SPEC, 64, recipe="official").eval(), targets(2)
    image, text = images(2), prompts(5, 9)
    with torch.no_grad():
        logits = model(image, text)
        two = torch.cat([torch.zeros_like(logits), logits], dim=1)
        expected = F.cross_entropy(two, target[:, 0].long(), weight=torch.tensor([0.9, 1.1]))
        torch.testing.assert_close(model.loss(image, text, target), expected)


def test_official_recipe_trains_ten_layers_of_a_pretrained_bert(tmp_path):
    from baselines.layers.towers import bert_config, load_tower

    config = bert_config(SPEC.vocab, 16, 12, 2, length=32)
    load_tower("BertModel", config, "none", "test", add_pooling_layer=False).save_pretrained(tmp_path)
    model = build("lavt", "tiny", SPEC, 64, recipe="official", text_weights=str(tmp_path))
    trained = {name.split(".")[2] for name, p in model.language.bert.named_parameters() if p.requires_grad}
    assert trained == {str(i) for i in range(10)}  # encoder.layer.0 to 9, and none of the embeddings
    assert all(p.requires_grad for p in build("lavt", "tiny", SPEC, 64, recipe="official").parameters())


def test_norms_and_position_tables_do_not_decay():
    model = build("lavt", "tiny", SPEC, 64)
    decayed, plain = model.param_groups(1e-3, 0.01)
    assert (decayed["weight_decay"], plain["weight_decay"]) == (0.01, 0.0)
    tables = {id(p) for name, p in model.named_parameters() if name.endswith("relative_position_bias_table")}
    assert tables and tables <= {id(p) for p in plain["params"]}


@pytest.mark.parametrize(
    ("size", "options", "message"),
    [
        (32, {}, "image size 32 is less than 64"),
        (64, {"language": "latin"}, "language 'latin' is unknown; there are: bert, tokens"),
        (64, {"depths": (1, 1, 1)}, r"depths \(1, 1, 1\): expected a list of 4 positive whole numbers"),
        (64, {"heads": (1, 2, 4)}, r"heads \(1, 2, 4\): expected a list of 4 positive whole numbers"),
        (64, {"heads": (1, 2, 4, 7)}, "width 192 of stage 4 is not a multiple of heads 7"),
        (64, {"window": 0}, "window 0: expected a whole number, 1 or more"),
        (64, {"drop_path": -0.1}, "drop_path -0.1: expected a number from 0 on and below 1"),
        (64, {"weights": "/not/there"}, "weights '/not/there': no such folder"),
    ],
)
def test_wrong_options_are_refused(size, options, message):
    with pytest.raises(InputError, match=f"lavt: {message}"):
        build("lavt", "tiny", SPEC, size, **options)


def test_the_official_bert_has_no_dropout_in_training():
    for recipe, changes in (("common", True), ("official", False)):
        model = build("lavt", "tiny", SPEC, 64, recipe=recipe).train()
        text = prompts(5, 9)
        first, again = (model.language(text)[0] for _ in range(2))
        assert (not torch.equal(first, again)) is changes
    assert model.swin.training and not model.language.bert.training
