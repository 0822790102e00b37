"""A cell's method before training: its initial weights, and its description for checkpoint.json."""

from __future__ import annotations

from typing import Any

import torch

from baselines import registry
from baselines.contract import Method
from baselines.count import count
from c2seg_bench.engine.device.device import machine
from c2seg_bench.engine.inputs.inputs import CellInputs
from c2seg_bench.results.description import description
from c2seg_bench.seeding import seed
from c2seg_bench.suite import Cell


def build(cell: Cell, inputs: CellInputs) -> Method:
    """The cell's method with its initial weights, which depend on the cell's key alone."""
    torch.manual_seed(seed(*cell.key, "weights"))
    model = registry.build(
        cell.method.name, cell.size, inputs.table.spec, inputs.image_size, **cell.suite.options(cell.method)
    )
    # a quarter faster on a CPU, and the layout of a GPU's tensor cores
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def describe(cell: Cell, inputs: CellInputs, model: Method, fabric: Any) -> dict[str, Any]:
    """The method's part of checkpoint.json, with which a report need not build it: a pretrained model that it starts
    from may be on another machine."""
    spec, size = inputs.table.spec, inputs.image_size
    return {
        "method": cell.method.name,
        "label": cell.method.label,
        "size": cell.size,
        "options": cell.suite.options(cell.method),
        "image_size": size,
        "text": vars(spec),
        "uses_text": model.card.uses_text,
        "description": description(cell.suite, cell.method),
        "params": count(model, spec, size),
        "machine": machine(fabric),
        "device": fabric.device.type,
        "torch": torch.__version__,
    }
