"""What all parts of a suite's schema share."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, model_validator

FOLDER_NAME = r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$"


class Strict(BaseModel):
    """A misspelled key is an error, not a default; so are numbers that are not finite, and true for 1."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _no_bool_for_a_number(cls, value: Any) -> Any:
        for key, field in cls.model_fields.items() if isinstance(value, dict) else ():
            kinds = get_args(field.annotation) or (field.annotation,)
            if isinstance(value.get(key), bool) and bool not in kinds and {int, float} & set(kinds):
                raise ValueError(f"{key}: {str(value[key]).lower()}: give a number")
        return value
