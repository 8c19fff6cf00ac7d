"""What can be looked up during a call: battlecards, the account, discounts, the playbook, and what an operator adds."""

from __future__ import annotations

from cornerman.tools.discounts import DiscountVerdict, verdict
from cornerman.tools.errors import ToolError, UnansweredError
from cornerman.tools.functions import Accounts, OutcomeKind, Retrieves
from cornerman.tools.mcp_servers import McpServers
from cornerman.tools.percentages import percent_heard
from cornerman.tools.provider_tools import provider_tools
from cornerman.tools.result import Proposal, ToolResult
from cornerman.tools.runner import Late
from cornerman.tools.toolbox import Answered, Toolbox
from cornerman.tools.trade import Trade

__all__ = [
    "Accounts",
    "Answered",
    "DiscountVerdict",
    "Late",
    "McpServers",
    "OutcomeKind",
    "Proposal",
    "Retrieves",
    "ToolError",
    "ToolResult",
    "Toolbox",
    "Trade",
    "UnansweredError",
    "percent_heard",
    "provider_tools",
    "verdict",
]
