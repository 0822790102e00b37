"""What all parts of a suite's schema share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

FOLDER_NAME = r"^[A-Za-z0-9][A-Za-z0-9._+-]*$"


class Strict(BaseModel):
    """A misspelled key is an error, not a default."""

    model_config = ConfigDict(extra="forbid")
