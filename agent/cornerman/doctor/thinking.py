"""Checks of what advises: each language model is asked one short question, the account source for one account."""

from __future__ import annotations

import asyncio
import time

from livekit.agents import llm

from cornerman.advising.answer import AdviceAnswer, AnswerReader, Done
from cornerman.config import LlmSettings, ModelSettings, Settings
from cornerman.contract import Account
from cornerman.crm import account_source
from cornerman.doctor.finding import Finding
from cornerman.errors import CornermanError
from cornerman.providers.llm import Models, Text
from cornerman.tools import McpServers, provider_tools

QUESTION = (
    'Answer with this JSON object and nothing else: {"sources": [], "headline": "", "detail": "", "action": null}'
)
ANSWERS_WITHIN = 20.0
ADVICE = "check llm.*, the model's key and its address; llm.provider: none needs neither"
NOBODY = "Cornerman Doctor"
"""A company that no account source should know: being told so is an answer."""


async def models(settings: Settings) -> list[Finding]:
    """Whether each language model answers in the form that advice needs."""
    llm_settings = settings.llm
    larger = (llm_settings.questions,) if llm_settings.questions is not None else ()
    chosen = [one for one in (llm_settings, *llm_settings.fallback, *larger) if one.provider != "none"]
    if not chosen:
        return [Finding("language model", True, "none is configured: cards are the playbook's")]
    return [await _answers(one) for one in chosen]


async def accounts(settings: Settings) -> Finding:
    """Whether the account source can be asked, and the tools are what they should be."""
    try:
        provider_tools(settings.tools, settings.llm)
        McpServers(settings.tools.mcp)
        source = await asyncio.to_thread(account_source, settings.accounts)
    except CornermanError as error:
        return Finding("accounts", False, str(error), "mend the faults above")
    try:
        async with asyncio.timeout(settings.accounts.timeout):
            await source.look_up(Account(company=NOBODY))
    except (CornermanError, TimeoutError) as error:
        advice = "check accounts.*, the source's key and its address"
        return Finding("accounts", False, str(error) or "no answer within accounts.timeout", advice)
    finally:
        await source.aclose()
    return Finding("accounts", True, "can be asked" if settings.accounts.source != "none" else "none are configured")


async def _answers(one: ModelSettings) -> Finding:
    name = f"language model ({one.plugin or one.provider}{f', {one.model}' if one.model else ''})"
    alone = LlmSettings.model_validate(one.model_dump(include=set(ModelSettings.model_fields)))
    chat = llm.ChatContext.empty()
    chat.add_message(role="user", content=QUESTION)
    reader = AnswerReader()
    formed = False
    began = time.perf_counter()
    try:
        asked = Models(alone)
        asked.prewarm()
        try:
            async with asked.open(chat, purpose="answer", schema=AdviceAnswer, deadline=ANSWERS_WITHIN) as answering:
                async for piece in answering:
                    if isinstance(piece, Text):
                        formed = formed or any(isinstance(step, Done) for step in reader.feed(piece.text))
        finally:
            await asked.aclose()
    except CornermanError as error:
        return Finding(name, False, str(error), ADVICE)
    took = f"answered in {time.perf_counter() - began:.1f} s"
    if not formed:
        return Finding(name, False, f"{took}, not in the form asked for", "try llm.structured: json, or prompt")
    return Finding(name, True, f"{took}, in the form asked for")
