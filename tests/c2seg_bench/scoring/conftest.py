"""Folders of drawn masks, with and without words."""

import numpy as np
import pytest

from tests.c2seg_bench.scoring.score_command import BOTH, LEFT, blob, save


@pytest.fixture
def folder(tmp_path):
    """Five pairs: predictions with mask_ before the name, targets without."""
    pairs = {f"covid_{k}": (blob(k), blob(k + 50)) for k in range(5)}
    for name, (pred, target) in pairs.items():
        save(tmp_path / "preds" / f"mask_{name}.png", pred)
        save(tmp_path / "targets" / f"{name}.png", target)
    (tmp_path / "preds" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "preds" / "notes.txt").write_text("not a mask")
    return tmp_path


@pytest.fixture
def worded(tmp_path):
    """Target masks that do what their prompts say in the frame `thirds`; the third prompt states no place."""
    left, both = np.zeros((60, 60), bool), np.zeros((60, 60), bool)
    left[45:55, 5:20] = both[45:55, 5:20] = both[45:55, 40:55] = True
    targets = {"a": left, "b": both, "c": left}
    preds = {"a": left, "b": left, "c": both}
    for name in targets:
        save(tmp_path / "targets" / f"{name}.png", targets[name])
        save(tmp_path / "preds" / f"mask_{name}.png", preds[name])
    tmp_path.joinpath("p.csv").write_text(
        f'image,prompt\nmask_a.png,"{LEFT}"\nb.png,"{BOTH}"\nc,One infected area.\nz,never used\n', encoding="utf-8"
    )
    return tmp_path
