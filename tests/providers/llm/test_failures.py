"""Who is asked again, who is passed over and who is left alone when language models fail."""

from __future__ import annotations

import asyncio

import pytest
from fakes.hearing import until
from fakes.language_model import FakeLanguageModel
from fakes.openai_chat import FakeOpenAIChat
from fakes.replies import Ending, Reply
from prometheus_client import REGISTRY
from providers.llm.asking import ANSWER, RETRY, Make, ask, at, conversation, settings

from cornerman.config import LlmSettings
from cornerman.providers.llm import (
    Answering,
    Health,
    ModelBrokenError,
    ModelLateError,
    ModelRefusedError,
    ModelUnavailableError,
    Piece,
    Text,
)

GOOD = Reply(text=ANSWER)
NEVER = Reply(text="x", first=3600.0)


def failures(provider: str, kind: str) -> float:
    """As the worker's page counts them."""
    return REGISTRY.get_sample_value("cornerman_llm_failures_total", {"provider": provider, "kind": kind}) or 0.0


@pytest.mark.parametrize("status", [500, 502, 503, 529, 408])
async def test_what_may_pass_is_tried_once_more(fake: FakeLanguageModel, make: Make, status: int) -> None:
    models = make(settings(at(fake)))
    (name,) = models.names
    before = failures(name, "server")
    fake.replies.play(Reply(status=status), GOOD)
    told = await ask(models)
    assert told.text == ANSWER
    assert told.asked == [name, name]
    first, second = fake.asked
    assert second.arrived >= first.arrived + RETRY
    assert failures(name, "server") == before + 1


async def test_twice_is_enough_and_the_next_is_asked(
    fake: FakeLanguageModel, other: FakeOpenAIChat, make: Make
) -> None:
    models = make(settings(at(fake), at(other)))
    fake.replies.play(then=Reply(status=500))
    other.replies.play(GOOD)
    told = await ask(models)
    first, second = models.names
    assert told.asked == [first, first, second]
    assert told.text == ANSWER
    assert told.used.provider == second


@pytest.mark.parametrize("ending", ["cut", "reset", "garbage", "error", "unfinished"])
async def test_an_answer_that_breaks_off_without_a_word_is_tried_once_more(
    fake: FakeLanguageModel, make: Make, ending: Ending
) -> None:
    fake.replies.play(Reply(ending=ending), GOOD)
    told = await ask(make(settings(at(fake))))
    assert told.text == ANSWER
    assert len(fake.asked) == 2


@pytest.mark.parametrize("ending", ["cut", "reset", "garbage", "error"])
async def test_an_answer_that_has_begun_is_never_begun_again(
    fake: FakeLanguageModel, other: FakeOpenAIChat, make: Make, ending: Ending
) -> None:
    models = make(settings(at(fake), at(other)))
    fake.replies.play(Reply(pieces=('{"silent"', ":fal"), ending=ending))
    told = await ask(models)
    assert told.text == '{"silent":fal'
    assert isinstance(told.error, ModelBrokenError)
    assert (len(fake.asked), len(other.asked)) == (1, 0)


async def test_nobody_at_the_address_leads_to_the_next(
    make: Make, fake: FakeLanguageModel, other: FakeOpenAIChat
) -> None:
    models = make(settings(at(fake), at(other)))
    await asyncio.to_thread(fake.stop_listening)
    other.replies.play(GOOD)
    told = await ask(models)
    assert told.asked == [models.names[0], *models.names]
    assert told.text == ANSWER


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
async def test_a_refusal_is_not_repeated(fake: FakeLanguageModel, make: Make, status: int) -> None:
    fake.replies.play(Reply(status=status, code="some_reason", message="You said: that is too expensive."))
    told = await ask(make(settings(at(fake))))
    assert isinstance(told.error, ModelRefusedError)
    assert (told.error.status, told.error.code) == (status, "some_reason")
    assert f"status {status}, some_reason" in str(told.error)
    assert "expensive" not in str(told.error)
    assert len(fake.asked) == 1


async def test_who_is_refused_asks_the_next(fake: FakeLanguageModel, other: FakeOpenAIChat, make: Make) -> None:
    models = make(settings(at(fake), at(other)))
    fake.replies.play(Reply(status=401))
    other.replies.play(GOOD)
    assert (await ask(models)).asked == list(models.names)


# Too many requests.


@pytest.mark.parametrize("wait", ["0.3", "1"])
async def test_who_asks_for_time_gets_it(fake: FakeLanguageModel, make: Make, wait: str) -> None:
    models = make(settings(at(fake)))
    fake.replies.play(Reply(status=429, retry_after=wait), GOOD)
    assert (await ask(models)).text == ANSWER
    first, second = fake.asked
    assert second.arrived >= first.arrived + float(wait)
    assert models.health == "full"


async def test_all_questions_give_it_that_time(fake: FakeLanguageModel, make: Make) -> None:
    models = make(settings(at(fake)))
    fake.replies.play(Reply(status=429, retry_after="0.4"), then=GOOD)
    throttled = asyncio.create_task(ask(models))
    await until(lambda: fake.records[0].ended == "refused 429")
    await until(lambda: models.resting)
    assert (await ask(models)).text == ANSWER
    assert (await throttled).text == ANSWER
    first, *later = fake.asked
    assert all(asked.arrived >= first.arrived + 0.4 for asked in later)


async def test_nobody_waits_while_another_can_be_asked(
    fake: FakeLanguageModel, other: FakeOpenAIChat, make: Make
) -> None:
    models = make(settings(at(fake), at(other)))
    fake.replies.play(Reply(status=429, retry_after="60"))
    other.replies.play(then=GOOD)
    assert (await ask(models)).asked == list(models.names)
    assert (await ask(models)).asked == [models.names[1]]
    assert len(fake.asked) == 1


@pytest.mark.parametrize("wait", ["60", None, "Wed, 21 Oct 2099 07:28:00 GMT"])
async def test_a_wait_beyond_the_deadline_counts_as_a_failure(
    fake: FakeLanguageModel, make: Make, wait: str | None
) -> None:
    models = make(settings(at(fake), breaker_failures=1, retry=60.0))
    fake.replies.play(then=Reply(status=429, retry_after=wait, code="insufficient_quota"))
    told = await ask(models, deadline=2.0)
    assert isinstance(told.error, ModelRefusedError)
    assert told.error.status == 429
    assert models.health == "rules_only"


# Silence.


async def test_one_that_hangs_leaves_time_for_the_next(
    fake: FakeLanguageModel, other: FakeOpenAIChat, make: Make
) -> None:
    models = make(settings(at(fake), at(other)))
    fake.replies.play(NEVER)
    other.replies.play(GOOD)
    told = await ask(models, deadline=1.0)
    assert told.asked == list(models.names)
    assert told.text == ANSWER
    await until(lambda: fake.asked[0].closed_early)


async def test_one_that_is_slow_to_begin_has_the_whole_deadline_where_it_is_alone(
    fake: FakeLanguageModel, make: Make
) -> None:
    fake.replies.play(Reply(text=ANSWER, first=0.8))
    assert (await ask(make(settings(at(fake))), deadline=1.4)).text == ANSWER


# Breakers.


async def test_five_failures_in_a_row_are_followed_by_a_rest(fake: FakeLanguageModel, make: Make) -> None:
    models = make(settings(at(fake), breaker_rest=60.0))
    fake.replies.play(then=Reply(status=500))
    for _ in range(4):
        told = await ask(models)
    assert len(fake.asked) == 5
    assert isinstance(told.error, ModelUnavailableError)
    assert told.error.retry_in is not None
    assert 0 < told.error.retry_in <= 60.0
    assert models.open_breakers == models.names
    assert models.health == "rules_only"


async def test_one_question_probes_after_the_rest_and_an_answer_ends_it(fake: FakeLanguageModel, make: Make) -> None:
    models = make(settings(at(fake), breaker_failures=2, breaker_rest=0.3))
    fake.replies.play(Reply(status=500), Reply(status=500), then=Reply(text=ANSWER, first=0.2))
    await ask(models)
    assert models.open_breakers == models.names
    assert isinstance((await ask(models)).error, ModelUnavailableError)
    await until(lambda: models.retry_in == 0)
    both = await asyncio.gather(ask(models), ask(models))
    assert sorted(told.text for told in both) == ["", ANSWER]
    assert len(fake.asked) == 3
    assert models.health == "full"


async def test_a_probe_that_is_left_hands_the_probe_on(fake: FakeLanguageModel, make: Make) -> None:
    models = make(settings(at(fake), breaker_failures=2, breaker_rest=0.2))
    fake.replies.play(Reply(status=500), Reply(status=500), NEVER, then=GOOD)
    await ask(models)
    await until(lambda: models.retry_in == 0)
    async with models.open(conversation(), purpose="answer", schema=None, deadline=9.0) as answering:
        probe = asyncio.create_task(_pieces(answering))
        await until(lambda: len(fake.asked) == 3)
        assert isinstance((await ask(models)).error, ModelUnavailableError)
        probe.cancel()
        await asyncio.gather(probe, return_exceptions=True)
    assert (await ask(models)).text == ANSWER


async def _pieces(answering: Answering) -> list[Piece]:
    return [piece async for piece in answering]


async def test_silence_counts_and_so_do_answers_that_break_off(fake: FakeLanguageModel, make: Make) -> None:
    models = make(settings(at(fake), breaker_failures=3, breaker_rest=60.0))
    fake.replies.play(NEVER, Reply(pieces=("x",), ending="cut"), NEVER)
    for _ in range(3):
        await ask(models, deadline=0.2)
    assert models.health == "rules_only"


async def test_what_is_wrong_with_one_question_does_not_count(fake: FakeLanguageModel, make: Make) -> None:
    models = make(settings(at(fake), breaker_failures=1))
    fake.replies.play(then=Reply(status=400))
    for _ in range(3):
        await ask(models)
    assert models.open_breakers == ()
    fake.replies.play(then=Reply(status=401))
    await ask(models)
    assert models.health == "rules_only"


async def test_leaving_an_answer_does_not_count(fake: FakeLanguageModel, make: Make) -> None:
    models = make(settings(at(fake), breaker_failures=1))
    fake.replies.play(then=Reply(pieces=("x",), ending="stall"))
    for _ in range(3):
        async with models.open(conversation(), purpose="answer", schema=None, deadline=9.0) as answering:
            while not isinstance(await anext(answering), Text):
                pass
    assert models.health == "full"


async def test_who_rests_is_passed_over_and_the_coach_keeps_its_model(
    fake: FakeLanguageModel, other: FakeOpenAIChat, make: Make
) -> None:
    models = make(settings(at(fake), at(other), breaker_failures=2, breaker_rest=60.0))
    fake.replies.play(then=Reply(status=500))
    other.replies.play(then=GOOD)
    await ask(models)
    assert models.open_breakers == models.names[:1]
    assert models.health == "full"
    assert (await ask(models)).asked == [models.names[1]]


async def test_all_calls_of_a_worker_share_the_breakers(
    fake: FakeLanguageModel, make: Make, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORNERMAN_WORKER_STATE", str(tmp_path))
    chain = settings(at(fake), breaker_failures=2, breaker_rest=60.0)
    one, another, elsewhere = make(chain), make(chain), make(settings(at(fake, model="b-model")))
    seen: list[Health] = []
    another.follow_health(seen.append)
    fake.replies.play(then=Reply(status=500))
    await ask(one)
    assert another.health == "rules_only"
    assert elsewhere.health == "full"  # other settings, as after a switch for new calls
    await until(lambda: seen == ["rules_only"])


async def test_without_a_model_nobody_is_asked(make: Make) -> None:
    models = make(LlmSettings())
    assert models.names == ()
    assert models.health == "rules_only"
    told = await ask(models)
    assert isinstance(told.error, ModelUnavailableError)
    assert told.error.retry_in is None


async def test_a_pause_that_would_end_too_late_is_not_made(fake: FakeLanguageModel, make: Make) -> None:
    fake.replies.play(Reply(status=500), GOOD)
    told = await ask(make(settings(at(fake), retry=30.0)), deadline=5.0)
    assert isinstance(told.error, ModelBrokenError)
    assert not isinstance(told.error, ModelLateError)
    assert "status 500" in str(told.error)
