"""The tests that every method must pass: a class for pytest, from which the test of a method inherits.

from c2seg_bench.testing import MethodTest


class TestMine(MethodTest):
    name = "mine"
    module = "mine.py"  # only for a method in a file of your own
"""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
import torch
from safetensors.torch import load_file, save_file

from baselines import registry
from baselines.contract import Method, TextBatch, TextSpec
from baselines.errors import InputError

SPEC = TextSpec(dim=48, length=12, vocab=1000)


def prompts(*lengths: int, width: int = 12, spec: TextSpec = SPEC, seed: int = 0) -> TextBatch:
    """Prompts of these lengths with random vectors, padded with zeros to `width`."""
    generator = torch.Generator().manual_seed(seed)
    mask = torch.arange(width) < torch.tensor(lengths)[:, None]
    tokens = torch.randn(len(lengths), spec.length, spec.dim, generator=generator)
    tokens = torch.nn.functional.pad(tokens, (0, 0, 0, max(0, width - spec.length)))[:, :width] * mask[..., None]
    pooled = tokens.sum(1) / mask.sum(1, keepdim=True).clamp_min(1)
    ids = torch.randint(spec.vocab, (len(lengths), 64), generator=generator)[:, :width]  # the same at any width
    return TextBatch(ids * mask, mask, tokens, pooled)


def images(batch: int, size: int = 64, seed: int = 0) -> torch.Tensor:
    """(B, 3, size, size) float in [0, 1]."""
    return torch.rand(batch, 3, size, size, generator=torch.Generator().manual_seed(seed))


def targets(batch: int, size: int = 64) -> torch.Tensor:
    """(B, 1, size, size): a square in the middle."""
    target = torch.zeros(batch, 1, size, size)
    target[:, :, size // 4 : size // 2, size // 4 : size // 2] = 1
    return target


class MethodTest:
    """The contract of a method, tested at size tiny on images of 64 and 96 pixels.

    Args:
        name: of the method, as on its card.
        module: the Python file that registers it, relative to the working directory; None: it is in `baselines/`, or an
            entry point names it.
        options: of the method, instead of those of size tiny.
        wrong_size: an image size that the method refuses with an InputError; None: it accepts any size, or fails.
        rounding: largest difference between logits computed in different batches.
        rate: learning rate with which it learns an image in `steps` steps.
    """

    name: ClassVar[str]
    module: ClassVar[str | None] = None
    options: ClassVar[dict[str, Any]] = {}
    wrong_size: ClassVar[int | None] = None
    rounding: ClassVar[float] = 1e-5
    rate: ClassVar[float] = 1e-2
    steps: ClassVar[int] = 16

    def make(self, image_size: int = 64, seed: int = 0, **options: Any) -> Method:
        """The method with initial weights that depend on the seed."""
        if self.module is not None:
            registry.load_file(self.module)
        torch.manual_seed(seed)
        return registry.build(self.name, "tiny", SPEC, image_size, **{**self.options, **options})

    @pytest.mark.parametrize("size", [64, 96])
    @pytest.mark.parametrize("batch", [1, 3])
    def test_logits_loss_and_gradients(self, size: int, batch: int) -> None:
        model, text, image = self.make(size), prompts(*(3, 12, 7)[:batch]), images(batch, size)
        assert model(image, text).shape == (batch, 1, size, size)
        loss = model.loss(image, text, targets(batch, size))
        if model.card.pretrains and batch > 1:
            loss = loss + model.pretrain_loss(image, text)
        assert loss.shape == () and loss.isfinite()
        loss.backward()
        for name, parameter in model.named_parameters():
            if not parameter.requires_grad:
                continue
            if model.card.pretrains and batch == 1 and parameter.grad is None:
                continue  # only pretraining reaches it, which needs two images to compare
            assert parameter.grad is not None, f"no gradient reaches {name}"
            assert parameter.grad.isfinite().all(), name
            assert parameter.grad.any(), f"the gradient of {name} is zero"

    def test_wrong_image_size_is_refused(self) -> None:
        if self.wrong_size is None:
            try:
                logits = self.make(65).eval()(images(1, 65), prompts(5))
            except (InputError, RuntimeError):  # such as two sizes that cannot be concatenated
                return
            assert logits.shape == (1, 1, 65, 65), "an image of an odd size gives a mask of another size"
            return
        with pytest.raises(InputError, match=rf"{self.name}: image size {self.wrong_size} is not a multiple of \d+"):
            self.make(self.wrong_size)

    def test_seed_decides_the_first_weights(self) -> None:
        one, same, other = (self.make(seed=seed).state_dict() for seed in (1, 1, 2))
        assert all(torch.equal(one[key], same[key]) for key in one)
        assert any(not torch.equal(one[key], other[key]) for key in one)

    @torch.no_grad()
    def test_saved_weights_give_the_same_mask_bit_for_bit(self, tmp_path) -> None:
        model, image, text = self.make(seed=1), images(2), prompts(5, 9)
        model(image, text)  # changes the running statistics, which must be saved as well
        save_file(model.state_dict(), tmp_path / "weights.safetensors")
        again = self.make(seed=2)
        again.load_state_dict(load_file(tmp_path / "weights.safetensors"))
        assert torch.equal(again.eval()(image, text), model.eval()(image, text))

    @torch.no_grad()
    def test_text_changes_the_mask_exactly_where_the_card_says(self) -> None:
        model, image = self.make().eval(), images(2)
        one, other = (model(image, prompts(5, 9, seed=seed)) for seed in (1, 2))
        changed = (one - other).abs().flatten(1).amax(1) > 1e-6
        assert changed.tolist() == [model.card.uses_text] * 2

    @torch.no_grad()
    def test_features_serve_many_prompts(self) -> None:
        model, image = self.make().eval(), images(2)
        features = model.encode_image(image)
        for seed in (1, 2, 1):  # the third would differ if decoding had written into the features
            text = prompts(5, 9, seed=seed)
            torch.testing.assert_close(model.decode(features, text), model(image, text), rtol=0, atol=1e-6)

    @torch.no_grad()
    def test_pads_do_not_matter(self) -> None:
        model, image, text = self.make().eval(), images(2), prompts(5, 9)
        expected = model(image, text)
        noise = torch.where(text.mask[..., None], text.tokens, torch.full_like(text.tokens, 7.0))
        filled = TextBatch(text.ids, text.mask, noise, text.pooled)
        torch.testing.assert_close(model(image, filled), expected, rtol=0, atol=1e-5)
        for width in (9, 15):
            torch.testing.assert_close(model(image, prompts(5, 9, width=width)), expected, rtol=0, atol=1e-5)

    @torch.no_grad()
    def test_a_image_does_not_depend_on_its_batch(self) -> None:
        model, image, text = self.make().eval(), images(3), prompts(3, 12, 7)
        alone = torch.cat([model(image[i : i + 1], text[i : i + 1]) for i in range(3)])
        torch.testing.assert_close(model(image, text), alone, rtol=0, atol=self.rounding)

    def test_empty_prompt(self) -> None:
        model, text = self.make(), prompts(0, 12)
        logits = model(images(2), text)
        assert logits.isfinite().all()
        logits.mean().backward()
        assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)

    def test_bfloat16_autocast(self) -> None:
        model, image, text = self.make(), images(2), prompts(5, 9)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = model.loss(image, text, targets(2))
        assert loss.dtype == torch.float32 and loss.isfinite()
        loss.backward()
        assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)

    def test_every_parameter_is_in_one_group_of_the_optimiser(self) -> None:
        model = self.make()
        grouped = [id(p) for group in model.param_groups(1e-3, 0.01) for p in group["params"]]
        assert sorted(grouped) == sorted(id(p) for p in model.parameters() if p.requires_grad)

    def test_learns_an_image(self) -> None:
        model, text, target = self.make(), prompts(5, 9), targets(2)
        image = (images(2) + target) / 2  # so that the square is visible
        optimiser = torch.optim.Adam(model.param_groups(self.rate, 0.0))
        losses = []
        for _ in range(self.steps):
            optimiser.zero_grad()
            loss = model.loss(image, text, target)
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
        assert losses[-1] < 0.8 * losses[0]
