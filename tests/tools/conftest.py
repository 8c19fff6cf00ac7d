"""One call's tools over the sample playbook, a real search of it and an account file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from call_tools import CRM, HARBOUR, CountedAccounts, CountedSearch, Make

from cornerman.config import MeaningSettings, RetrievalSettings, ToolSettings
from cornerman.contract import Account
from cornerman.playbook import Playbook, load_playbook
from cornerman.retrieval import Retriever
from cornerman.tools import Late, McpServers, Toolbox


@pytest.fixture(scope="session")
def playbook() -> Playbook:
    return load_playbook(Path(__file__).parents[2] / "playbook")


@pytest.fixture
async def search(playbook: Playbook) -> AsyncIterator[CountedSearch]:
    retriever = Retriever(playbook, RetrievalSettings(meaning="off"), MeaningSettings())
    retriever.start()
    yield CountedSearch(retriever)
    await retriever.aclose()


@pytest.fixture
def accounts(tmp_path: Path) -> CountedAccounts:
    file = tmp_path / "accounts.csv"
    file.write_text(CRM, encoding="utf-8")
    return CountedAccounts(file)


@pytest.fixture
def late() -> list[Late]:
    return []


@pytest.fixture
def clock() -> list[float]:
    """Seconds of the call, in a list of one that tests may set."""
    return [100.0]


@pytest.fixture
async def make_toolbox(
    playbook: Playbook, search: CountedSearch, accounts: CountedAccounts, late: list[Late], clock: list[float]
) -> AsyncIterator[Make]:
    made: list[Toolbox] = []

    def make(
        *,
        account: Account = HARBOUR,
        playbook: Playbook = playbook,
        mcp: McpServers | None = None,
        deadline: float = 30,
    ) -> Toolbox:
        toolbox = Toolbox(
            playbook=playbook,
            retriever=search,
            accounts=accounts,
            account=account,
            settings=ToolSettings(deadline=deadline),
            now=lambda: clock[0],
            on_late=late.append,
            mcp=mcp,
        )
        made.append(toolbox)
        return toolbox

    yield make
    for toolbox in made:
        await toolbox.aclose()


@pytest.fixture
def toolbox(make_toolbox: Make) -> Toolbox:
    return make_toolbox()
