"""What every model of knowledge shares: strictness, and sentences in both languages."""

# Annotations are not postponed, as in `engine.facts`: models are defined faster that way.

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Model", "NonEmpty", "Text"]

NonEmpty = Annotated[str, Field(min_length=1)]


class Model(BaseModel):
    """A frozen record that takes no unknown field and converts nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Text(Model):
    """The same sentence in both languages."""

    en: NonEmpty
    zh: NonEmpty

    def in_language(self, language: Literal["en", "zh"]) -> str:
        return self.zh if language == "zh" else self.en
