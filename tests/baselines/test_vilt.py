import pytest
import torch

from baselines.contract import TextSpec
from baselines.count import count
from baselines.errors import InputError
from baselines.registry import build
from tests.baselines.base import SPEC, images, prompts
from tests.baselines.base_ids import ReadsIdsTest


class TestViLT(ReadsIdsTest):
    name = "vilt"


def test_count_of_the_bare_transformer():
    bert = TextSpec(dim=768, length=24, vocab=30522)
    model = build("vilt", "paper", bert, 224)
    counted = count(model, bert, 224)
    ours = sum(p.numel() for part in (model.see, model.decoder) for p in part.parameters()) / 1e6
    assert counted["thop"] - ours == pytest.approx(87.42, abs=0.01)
    assert counted["thop"] == pytest.approx(87.4, rel=0.03)


@torch.no_grad()
def test_embeddings_are_those_of_transformers_before_it_shuffles_them():
    model, image, text = build("vilt", "tiny", SPEC, 64).eval(), images(2), prompts(5, 9)
    theirs, _ = model.tower.embeddings(
        text.ids, text.mask.long(), None, image * 2 - 1, torch.ones(2, 64, 64, dtype=torch.long), None, None
    )
    theirs, ours = theirs[:, text.ids.shape[1] :], model.encode_image(image)
    torch.testing.assert_close(theirs[:, 0], ours[:, 0])
    for one, other in zip(theirs, ours, strict=True):
        distances = torch.cdist(one.double(), other.double())
        assert float(distances.amin(1).max()) < 1e-4 and len(set(distances.argmin(1).tolist())) == len(other)


def test_pretrained_positions_limit_the_tokens(tmp_path):
    donor = build("vilt", "tiny", SPEC, 64, patch=16)
    donor.tower.save_pretrained(tmp_path)
    longer = TextSpec(dim=48, length=60, vocab=SPEC.vocab)
    model = build("vilt", "tiny", longer, 96, weights=str(tmp_path)).eval()
    assert (model.token_limit, model.patch) == (40, 16)
    assert build("vilt", "tiny", longer, 96).token_limit == 60
    kept = donor.tower.state_dict()
    assert all(torch.equal(kept[key], value) for key, value in model.tower.state_dict().items())
    with torch.no_grad():
        assert model(images(1, 96), prompts(50, width=50, spec=longer)).shape == (1, 1, 96, 96)


def test_another_vocabulary_than_the_weights_is_refused(tmp_path):
    build("vilt", "tiny", SPEC, 64).tower.save_pretrained(tmp_path)
    with pytest.raises(InputError, match="vilt: weights '.*': 1000 token ids, the prompts' encoder has 99; take"):
        build("vilt", "tiny", TextSpec(48, 12, 99), 64, weights=str(tmp_path))
