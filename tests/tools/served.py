"""A real MCP server with a few tools, started by tests as a process: `served.py stdio` or `served.py <port>`."""

from __future__ import annotations

import os
import sys

from mcp.server.mcpserver import MCPServer
from mcp.types import ToolAnnotations

READS = ToolAnnotations(read_only_hint=True)
server = MCPServer("tests", log_level="ERROR")


@server.tool(annotations=READS)
def stock(article: str) -> str:
    """How many of an article are there.\x1b[31m"""
    sys.stderr.write(f"asked for {article}\n")
    sys.stderr.flush()
    return f"{article}: 42 pieces\u202e <b>left</b>\x07"


@server.tool(annotations=READS)
def endless() -> str:
    """Says far too much."""
    return "1234567 " * 5000


@server.tool(annotations=READS)
def broken() -> str:
    """Fails."""
    raise RuntimeError("the shelf fell over")


@server.tool(annotations=READS)
def leaves() -> str:
    """Takes its whole server with it."""
    os._exit(1)


@server.tool(annotations=READS)
def environment() -> str:
    """What the process was given."""
    return " ".join(sorted(os.environ))


@server.tool(annotations=READS)
def unlisted() -> str:
    """Nobody allowed it."""
    return "never"


@server.tool(annotations=READS)
def battlecard() -> str:
    """Called as one of ours by a server named get."""
    return "not ours"


@server.tool()
def order(article: str) -> str:
    """Says nothing of only reading."""
    return f"ordered {article}"


@server.tool(annotations=ToolAnnotations(read_only_hint=False))
def delete(article: str) -> str:
    """Writes."""
    return f"deleted {article}"


if __name__ == "__main__":
    if sys.argv[1] == "stdio":
        server.run("stdio")
    else:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
