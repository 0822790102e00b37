"""An entry of the key `methods` of a suite."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, PrivateAttr, Tag, ValidationInfo, field_validator, model_validator

from c2seg_bench.suite.outside import OutsideEntry, kind_of
from c2seg_bench.suite.strict import FOLDER_NAME, Strict


class MethodEntry(Strict):
    name: str = ""
    module: str | None = Field(None, description="Python file that defines the method, relative to the suite file")
    label: str = Field("", pattern=FOLDER_NAME + "|^$", description="the row's name where one method appears twice")
    size: str | None = None
    options: dict[str, Any] = Field(default_factory=dict)
    text: str | None = Field(None, description="encoder instead of the suite's")
    recipe: Literal["common", "official"] | None = Field(None, description="instead of the suite's")
    train: dict[str, Any] = Field(default_factory=dict, description="overrides of the suite's recipe")
    pretrain: dict[str, Any] = Field(default_factory=dict)
    _registered: bool = PrivateAttr(False)

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    @field_validator("module")
    @classmethod
    def _absolute(cls, value: str | None, info: ValidationInfo) -> str | None:
        folder = Path((info.context or {}).get("folder", ""))
        return None if value is None else str((folder / Path(value).expanduser()).resolve())

    @model_validator(mode="after")
    def _label(self, info: ValidationInfo) -> MethodEntry:
        own = [] if (info.context or {}).get("stored") else self.register()
        self.name = self.name or (own[0] if len(own) == 1 else "")
        if not self.name:
            raise ValueError(f"name: give one of {', '.join(own)}" if own else "name: give the name of a method")
        if own and self.name not in own:
            raise ValueError(f"name: {self.module} defines no method {self.name!r}; it has {', '.join(own)}")
        self.label = self.label or self.name
        return self

    def register(self) -> list[str]:
        """Import the entry's own file, if it has one, so that the registry has its methods. Returns their names."""
        if self.module is None:
            return []
        from baselines import registry

        self._registered = True
        return registry.load_file(self.module)

    def __setstate__(self, state: dict[Any, Any]) -> None:
        """In a worker process the module is not imported yet."""
        super().__setstate__(state)
        if self._registered:
            self.register()


Entry = Annotated[
    Annotated[MethodEntry, Tag("trained")] | Annotated[OutsideEntry, Tag("outside")], Discriminator(kind_of)
]
