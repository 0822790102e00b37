"""The method in tests/data/own_method, imported as in a fresh process and gone afterwards."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from baselines import registry

SOURCE = Path(__file__).parents[1] / "data/own_method"


@contextmanager
def copied_to(folder: Path) -> Iterator[Path]:
    """A copy of the method's files; the registry and the imported modules are as before afterwards."""
    registry.names()
    forget()
    shutil.copytree(SOURCE, folder)
    yield folder
    forget()


def forget() -> None:
    """As in another process: the method is not imported yet."""
    for name in [name for name in sys.modules if name.startswith("own_")]:
        del sys.modules[name]
    for known in (registry.METHODS._entries, registry.METHODS._origins):
        known.pop("own-unet", None)
