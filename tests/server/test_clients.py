"""The clients that people have, against a real server: what they make of its answers, streams and errors."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from contemplate import Request, ScriptedBackend
from contemplate.errors import UnreachableError
from serving import served_apart

STRATEGY = "contemplate/self-consistency"
ASKED: list[Any] = [{"role": "user", "content": "What is 6 * 7?"}]


def said(request: Request) -> str:
    """What agents answer: an object where one is asked for."""
    return 'Answer: {"sum": 42}' if "JSON" in request.messages[-1].text else "Both add up.\nAnswer: 42"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server in a thread."""
    with served_apart(ScriptedBackend(said)) as address:
        yield address


@pytest.fixture(scope="module")
def tagged() -> Iterator[str]:
    """One that puts the deliberation in tags."""
    with served_apart(ScriptedBackend(said), {"reasoning": "tags"}) as address:
        yield address


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not there")
def test_curl(url: str) -> None:
    """A stream ends with its mark."""
    body = json.dumps({"model": STRATEGY, "stream": True, "messages": ASKED})
    command = [
        "curl",
        "-sN",
        "--max-time",
        "20",
        f"{url}/v1/chat/completions",
        "-H",
        "Content-Type: application/json",
        "-d",
        body,
    ]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert '"content":"42"' in out
    assert out.endswith("data: [DONE]\n\n")


@pytest.mark.slow
class TestOpenAI:
    """The openai SDK."""

    def test_an_answer(self, url: str) -> None:
        """And what it took."""
        from openai import OpenAI

        with OpenAI(base_url=f"{url}/v1", api_key="none") as client:
            names = {model.id for model in client.models.list()}
            reply = client.chat.completions.create(model=STRATEGY, messages=ASKED, extra_body={"contemplate": {"seats": 3}})

        assert STRATEGY in names
        assert reply.choices[0].message.content == "42"
        assert reply.usage is not None
        assert reply.usage.completion_tokens_details is not None
        assert reply.model_extra is not None
        assert reply.id == f"chatcmpl-{reply.model_extra['contemplate']['run']}"

    def test_a_stream(self, url: str) -> None:
        """Its deltas have the deliberation under both names."""
        from openai import OpenAI

        with OpenAI(base_url=f"{url}/v1", api_key="none") as client:
            chunks = list(
                client.chat.completions.create(
                    model=STRATEGY, messages=ASKED, stream=True, stream_options={"include_usage": True}
                )
            )
        deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
        told = "".join((delta.model_extra or {}).get("reasoning_content", "") for delta in deltas)

        assert "".join(delta.content or "" for delta in deltas) == "42"
        assert "plurality: 42" in told
        assert chunks[-1].usage is not None

    def test_its_stream_helpers(self, url: str) -> None:
        """Of chats and of responses: both put the whole together."""
        from openai import OpenAI

        with OpenAI(base_url=f"{url}/v1", api_key="none") as client:
            with client.chat.completions.stream(model=STRATEGY, messages=ASKED) as chat:
                kinds = {event.type for event in chat}
                completion = chat.get_final_completion()
            with client.responses.stream(model=STRATEGY, input="What is 6 * 7?") as stream:
                events = {event.type for event in stream}
                response = stream.get_final_response()
            whole = client.responses.create(model=STRATEGY, input="What is 6 * 7?")

        assert completion.choices[0].message.content == "42"
        assert "content.done" in kinds
        assert {"response.created", "response.reasoning_summary_text.delta", "response.completed"} <= events
        assert response.output_text == whole.output_text == "42"
        assert response.usage is not None

    def test_a_schema(self, url: str) -> None:
        """`parse` gives the model."""
        from openai import OpenAI
        from pydantic import BaseModel, ConfigDict

        class Sum(BaseModel):
            model_config = ConfigDict(extra="forbid")
            sum: int

        with OpenAI(base_url=f"{url}/v1", api_key="none") as client:
            chat = client.chat.completions.parse(model=STRATEGY, messages=ASKED, response_format=Sum)
            response = client.responses.parse(model=STRATEGY, input="What is 6 * 7?", text_format=Sum)

        assert chat.choices[0].message.parsed == Sum(sum=42)
        assert response.output_parsed == Sum(sum=42)

    def test_errors_are_of_their_kinds(self, url: str) -> None:
        """Each status is the SDK's own error, with our words."""
        import openai

        with openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client:
            with pytest.raises(openai.NotFoundError, match="did you mean"):
                client.chat.completions.create(model="contemplate/self-consistenc", messages=ASKED)
            with pytest.raises(openai.BadRequestError, match="calls no tools") as error:
                client.chat.completions.create(
                    model=STRATEGY, messages=ASKED, tools=[{"type": "function", "function": {"name": "x"}}]
                )

        assert error.value.param == "tools"

    def test_what_is_sent_again(self) -> None:
        """A backend that is down is tried again, and a run without an answer, which was paid for, is not."""
        import openai

        down = ScriptedBackend([UnreachableError("no connection"), "Answer: 42"])
        lost = ScriptedBackend(lambda _: "I do not know.")
        asked: Any = {"model": "single", "messages": ASKED, "extra_body": {"contemplate": {"answer": "number"}}}
        with served_apart(down) as address, openai.OpenAI(base_url=f"{address}/v1", api_key="none") as client:
            again = client.chat.completions.create(**asked)
        with (
            served_apart(lost) as address,
            openai.OpenAI(base_url=f"{address}/v1", api_key="none") as client,
            pytest.raises(openai.InternalServerError, match="no answer"),
        ):
            client.chat.completions.create(**asked, seed=1)

        assert again.choices[0].message.content == "42"
        assert len(down.requests) == 2
        assert len(lost.requests) <= 2  # the reply, and the same once more in the right form

    async def test_async(self, url: str) -> None:
        """Leaving a stream early is no error."""
        from openai import AsyncOpenAI

        async with AsyncOpenAI(base_url=f"{url}/v1", api_key="none") as client:
            reply = await client.chat.completions.create(model=STRATEGY, messages=ASKED)
            stream = await client.chat.completions.create(model=STRATEGY, messages=ASKED, stream=True, seed=99)
            async for _ in stream:
                break
            await stream.close()

        assert reply.choices[0].message.content == "42"

    def test_a_stream_that_fails_raises(self) -> None:
        """An error in a chunk is raised by chats; of responses the last event tells."""
        import openai

        backend = ScriptedBackend(lambda _: "I do not know.", delay=0.2)
        extra = {"contemplate": {"answer": "number"}}
        with served_apart(backend) as address, openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as client:
            with pytest.raises(openai.APIError, match="no answer"):
                list(client.chat.completions.create(model="single", messages=ASKED, stream=True, extra_body=extra))
            events = list(client.responses.create(model="single", input="What is 6 * 7?", stream=True, extra_body=extra))

        assert events[-1].type == "response.failed"
        assert "no answer" in events[-1].response.error.message


@pytest.mark.slow
class TestLiteLLM:
    """litellm, as an OpenAI-compatible server."""

    def test_an_answer_and_a_stream(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """The deliberation is `reasoning_content` there."""
        monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        import litellm

        options: dict[str, Any] = {"model": f"openai/{STRATEGY}", "messages": ASKED, "api_base": f"{url}/v1", "api_key": "none"}
        whole = litellm.completion(**options)
        chunks = list(litellm.completion(**options, stream=True))
        deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]

        assert whole.choices[0].message.content == "42"
        assert whole.usage.total_tokens >= 0
        assert "".join(delta.content or "" for delta in deltas) == "42"
        assert "plurality: 42" in "".join(getattr(delta, "reasoning_content", None) or "" for delta in deltas)


@pytest.mark.slow
class TestLangChain:
    """LangChain's ChatOpenAI, which drops reasoning under either name."""

    async def test_an_answer_and_a_stream(self, url: str, tagged: str) -> None:
        """The answer is the content; with tags the deliberation is in it."""
        import httpx
        from langchain_openai import ChatOpenAI

        with httpx.Client() as sync:
            async with httpx.AsyncClient() as http:
                options: dict[str, Any] = {"model": STRATEGY, "api_key": "none", "http_client": sync, "http_async_client": http}
                chat = ChatOpenAI(base_url=f"{url}/v1", **options)
                pieces = [piece.content async for piece in chat.astream("What is 6 * 7?")]
                marked = ChatOpenAI(base_url=f"{tagged}/v1", **options)
                thoughts = "".join([str(piece.content) async for piece in marked.astream("What is 6 * 7?")])
                whole = chat.invoke("What is 6 * 7?").content

        assert whole == "42"
        assert "".join(map(str, pieces)) == "42"
        assert thoughts.startswith("<think>")
        assert thoughts.endswith("</think>42")


@pytest.mark.slow
class TestPydanticAI:
    """pydantic-ai, by its OpenAI model."""

    async def test_thinking_is_told_apart(self, url: str, tagged: str) -> None:
        """From fields, and from tags that are chunks of their own."""
        import httpx2
        from pydantic_ai import Agent
        from pydantic_ai.messages import TextPart, ThinkingPart
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers.openai import OpenAIProvider

        for address in (url, tagged):
            async with httpx2.AsyncClient() as http:
                provider = OpenAIProvider(base_url=f"{address}/v1", api_key="none", http_client=http)
                agent = Agent(OpenAIChatModel(STRATEGY, provider=provider))
                async with agent.run_stream("What is 6 * 7?") as stream:
                    text = await stream.get_output()
                    parts = stream.all_messages()[-1].parts
            thoughts = "".join(part.content for part in parts if isinstance(part, ThinkingPart))

            assert text == "42"
            assert "plurality: 42" in thoughts
            assert [part.content for part in parts if isinstance(part, TextPart)] == ["42"]
