"""A request that is refused."""

from __future__ import annotations

from contemplate.errors import InputError


class RefusedError(InputError):
    """A request to the server is refused. Its message is for whoever sent it.

    Attributes:
        status: of HTTP, from 400 to 599.
        type: the kind of error, in OpenAI's words.
        code: the same, finer.
        param: the field of the request that is wrong; None where it is none.
        retry_after: seconds until it may be sent again; None where nobody can say.
        retry: whether to send it again helps: False where it would cost once more, or change nothing; None leaves that to the
            client.
    """

    kind = "refused"

    def __init__(
        self,
        message: str,
        status: int = 400,
        *,
        type: str = "invalid_request_error",  # noqa: A002 - OpenAI's word
        code: str | None = None,
        param: str | None = None,
        retry_after: float | None = None,
        retry: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.type, self.code, self.param = status, type, code, param
        self.retry_after, self.retry = retry_after, retry
