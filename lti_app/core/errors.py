"""Errors that people read: what happened, what to do, a code to quote."""

from dataclasses import dataclass, field
from http import HTTPStatus


@dataclass(frozen=True)
class Explanation:
    """What a French screen says of an error. `code` is what the person quotes to get help."""

    code: str
    title: str
    message: str
    advice: tuple[str, ...] = field(default=())


class RelaisError(Exception):
    """An expected failure, with its HTTP status and the page that explains it.

    `detail` goes to the log only: it may name a claim or a URL, never a person.
    """

    def __init__(
        self,
        explanation: Explanation,
        *,
        status: HTTPStatus = HTTPStatus.BAD_REQUEST,
        detail: str = "",
    ) -> None:
        super().__init__(f"{explanation.code}: {detail}" if detail else explanation.code)
        self.explanation = explanation
        self.status = status
        self.detail = detail
