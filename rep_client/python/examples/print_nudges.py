"""Joins a call as the rep and prints every nudge: `python print_nudges.py ws://localhost:7880 TOKEN`."""

from __future__ import annotations

import asyncio
import sys

from cornerman_client import CoachClient
from cornerman_client.contract import WordsBecause


async def main(url: str, token: str) -> None:
    async with CoachClient.connect(url, token, client="print_nudges") as client:
        async for nudge in client.nudges():
            if nudge.status == "withdrawn":
                sys.stdout.write(f"{nudge.id} withdrawn\n")
                continue
            said = [because for because in nudge.because if isinstance(because, WordsBecause)]
            quotes = "; ".join(f'{because.speaker}: "{because.quote}"' for because in said)
            sys.stdout.write(f"{nudge.id} {nudge.headline}\n    {quotes}\n    {nudge.sources[0].title}\n")
            sys.stdout.flush()
        sys.stdout.write(f"closed: {client.closed_reason}\n")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
