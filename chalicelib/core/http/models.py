"""What requests are held to: the bases of models of bodies and queries, and what is said of one that does not fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import core_schema

from chalicelib.core import clock
from chalicelib.core.errors import FieldError, Invalid, field_error
from chalicelib.core.texts import visible

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema, ErrorDetails


class Model(BaseModel):
    """The base of every request model: unknown fields are errors, and nothing is coerced from another type. It is built
    when its route is first called (`defer_build`), not when the route's module is loaded."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", str_max_length=20_000, defer_build=True)


@dataclass(frozen=True)
class Visible:
    """Marks a text that people see, `Annotated[str, Visible(100)]`: it is held to `core.texts.visible`. A field of free
    text has this mark, or a reason in `tests/unit/core/test_free_texts.py`."""

    limit: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(min_length=1, max_length=self.limit)
        return core_schema.no_info_before_validator_function(lambda value: visible(value, self.limit), text)


def _moment(text: str) -> str:
    try:
        return clock.timestamp(clock.parse(text))
    except ValueError:
        raise ValueError("must be an RFC 3339 time with an offset") from None


Moment = Annotated[str, AfterValidator(_moment), Field(json_schema_extra={"format": "date-time"})]
"""A time that a request names, as `clock.timestamp` writes it: one of the years 1 to 9999, also in UTC."""


def distinct(values: list[str]) -> list[str]:
    """Each value of a list once, in its order."""
    return list(dict.fromkeys(values))


class QueryModel(BaseModel):
    """The base of query-string models: values arrive as text, so they are coerced."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", defer_build=True)
    once: ClassVar[bool] = False
    """Whether a parameter that is sent twice is refused. Elsewhere the last one counts."""


class ListQuery(QueryModel):
    """What every list takes: `limit` 1 to 200, and the cursor of the page before."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str | None = None


class NoQuery(QueryModel):
    pass


class AnyQuery(NoQuery):
    """Whatever there is, is ignored: of what anyone may `GET`, which is linked to. Mailers, trackers and advertisers
    write parameters of their own into links (`utm_source`, `fbclid`), which must lead where they led before."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore")


ERRORS_SHOWN = 100
FIELD_SHOWN = 100
"""Wrong fields that one answer names, and characters of each name: unknown ones are named by whoever asks, as many and
as long as a body holds."""


def invalid(error: ValidationError) -> Invalid:
    """The error of a document that pydantic refused: it names every wrong field, and repeats no value."""
    faults = error.errors(include_input=False, include_url=False)[:ERRORS_SHOWN]
    return Invalid([_field_error(fault) for fault in faults])


def _field_error(fault: ErrorDetails) -> FieldError:
    field = ".".join(str(part) for part in fault["loc"])[:FIELD_SHOWN] or "(document)"
    reason = fault.get("ctx", {}).get("error")
    if isinstance(reason, ValueError):
        return field_error(field, reason)
    said = FieldError(field=field, message=fault["msg"])
    return said | {"code": "missing"} if fault["type"] == "missing" else said


def validated(model: type[BaseModel], document: dict[str, Any]) -> BaseModel:
    """The document as this model. Raises Invalid with every field that does not fit."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise invalid(error) from error
