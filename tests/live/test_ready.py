"""A worker is ready while LiveKit knows it, and says so when the server is gone; `cornerman health` says the same."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from operated import free_port, page, ready
from own_server import OwnServer

from cornerman.stand_ins.threaded import threaded
from cornerman.stand_ins.worker_process import worker

NOTICED_WITHIN = 60.0


async def asked(environment: dict[str, str], *arguments: str) -> tuple[int | None, str]:
    """Exit status and output of `cornerman health`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from cornerman.cli import main; main()",
        "health",
        *arguments,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(NOTICED_WITHIN):
        output, _ = await process.communicate()
    return process.returncode, output.decode()


async def test_a_worker_whose_server_is_gone_lives_and_is_not_ready(
    livekit_server_binary: Path, tmp_path: Path
) -> None:
    port = free_port()
    environment = {
        "CORNERMAN__WORKER__AGENT_NAME": f"cornerman-{port}",
        "CORNERMAN__WORKER__HTTP_PORT": str(port),
        "CORNERMAN__JOURNAL__PATH": str(tmp_path / "calls"),
        "CORNERMAN__MEANING__ENABLED": "off",
    }
    with OwnServer(livekit_server_binary, tmp_path) as server:
        async with threaded(worker(server.address, tmp_path / "worker.log", environment)):
            status, checks = await ready(port)
            assert status == 200, checks
            code, told = await asked(environment)
            assert code == 0, told
            assert "registered: with LiveKit" in told

            server.kill()
            async with asyncio.timeout(NOTICED_WITHIN):
                while (found := await ready(port))[0] != 503:
                    await asyncio.sleep(0.2)
            assert [name for name, check in found[1].items() if not check["ok"]] == ["registered"]
            assert (await page(port, "/live"))[0] == 200
            code, told = await asked(environment)
            assert code == 1
            assert "FAIL registered" in told
            assert (await asked(environment, "--live"))[0] == 0
    assert (await asked(environment, "--live"))[0] == 1
    assert (await asked({**environment, "CORNERMAN__WORKER__HTTP_PORT": "0"}))[0] == 1
