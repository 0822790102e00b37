"""A forward and a backward pass of every method before anything is trained, so that mistakes are noticed at once."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from pathlib import Path

import torch
from torch import Tensor

from baselines.contract import Method
from c2seg_bench.engine.cell.steps import open_inputs
from c2seg_bench.engine.training.build import build
from c2seg_bench.engine.training.step import Examples
from c2seg_bench.errors import WRONG_INPUT, InputError
from c2seg_bench.suite import AnyCell, Cell


def try_methods(cells: Iterable[AnyCell]) -> None:
    """One step of each method at each size of image, on two images of the training split.

    Raises:
        InputError: its logits have another shape or are not finite, its loss is no finite scalar, no gradient reaches
            its parameters, or its code fails; one line with the method's label.
    """
    tried = set()
    for cell in cells:
        if not isinstance(cell, Cell):
            continue
        case = (cell.method.label, cell.text, cell.suite.datasets[cell.dataset].size)
        if case in tried:
            continue
        tried.add(case)
        inputs = open_inputs(cell)
        use_gpu = cell.suite.device != "cpu" and torch.cuda.is_available()
        device = torch.device("cuda" if use_gpu else "cpu")
        rows = inputs.cache.rows("train")[[0, -1]]
        with torch.random.fork_rng():
            batch = next(inputs.on(device).batches([rows]))
            text = inputs.on(device).text(inputs.prompt_rows[rows])
            try_step(build(cell, inputs).to(device), cell.method.label, Examples(batch.images, text, batch.targets))


def try_step(model: Method, label: str, examples: Examples) -> None:
    """Check the logits, the loss and the gradients of one training step. The gradients stay in the model.

    Args:
        model: in the state of training.
        label: of the method, for the message.
        examples: two images or more.

    Raises:
        InputError: as `try_methods`.
    """
    model.train()
    try:
        logits = model(examples.images, examples.text)
        check_logits(logits, label, examples.targets)
        loss = model.loss(examples.images, examples.text, examples.targets)
        check_loss(loss, label)
        loss.backward()
    except WRONG_INPUT:
        raise
    except (Exception, SystemExit) as e:  # sys.exit(0) would end the run as if it had succeeded
        raise InputError(f"{label}: a trial step fails{where_raised(e)}: {type(e).__name__}: {e}") from e
    gradients = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
    if not gradients:
        raise InputError(
            f"{label}: no gradient of the loss reaches a parameter; is the output detached from the input?"
        )
    if bad := [name for name, gradient in gradients.items() if not gradient.isfinite().all()]:
        raise InputError(f"{label}: the gradient of {bad[0]} is not finite in a trial step; look at the loss")


def check_logits(logits: object, label: str, targets: Tensor) -> None:
    """InputError unless the logits are finite numbers (B, 1, H, W), in the shape of the targets."""
    if not isinstance(logits, Tensor):
        raise InputError(f"{label}: decode returns a {type(logits).__name__}; return a tensor of logits (B, 1, H, W)")
    given, expected = tuple(logits.shape), tuple(targets.shape)
    if given != expected:
        raise InputError(
            f"{label}: logits {given} for targets {expected}: {difference(given, expected)}; return logits (B, 1, H, W)"
        )
    if not logits.isfinite().all():
        raise InputError(f"{label}: logits are not finite in a trial step with its first weights")


def difference(given: tuple[int, ...], expected: tuple[int, ...]) -> str:
    """A description of the difference between two shapes (B, channels, H, W)."""
    if len(given) != len(expected):
        return f"{len(given)} dimensions instead of {len(expected)}"
    if given[0] != expected[0]:
        return "another number of images"
    if given[1] != expected[1]:
        return f"{given[1]} channels instead of one"
    return "another size than the image"


def check_loss(loss: object, label: str) -> None:
    """InputError unless it is one finite number with a gradient."""
    if not isinstance(loss, Tensor) or loss.shape != ():
        kind = f"shape {tuple(loss.shape)}" if isinstance(loss, Tensor) else f"a {type(loss).__name__}"
        raise InputError(f"{label}: loss returns {kind}; return a scalar tensor, such as its mean")
    if not loss.isfinite():
        raise InputError(f"{label}: the loss is {loss.item()} in a trial step with its first weights")
    if not loss.requires_grad:
        raise InputError(f"{label}: the loss has no gradient; is a tensor detached, or computed in no_grad?")


def where_raised(error: BaseException) -> str:
    """ " in mine.py, line 3": the deepest line that is not torch's own."""
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if f"{Path('site-packages', 'torch')}" not in f.filename
    ]
    return f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
