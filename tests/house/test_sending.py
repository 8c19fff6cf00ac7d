"""One module alone may send anything to anybody: `room/private_line.py`. Checked in the syntax tree of every package.

The server refuses the coach's media and metadata but not its data, so this rule is what keeps the line private, with
the counter at the FFI edge (`room/line_guard.py`) that checks the same at run time.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SENDING = frozenset(
    {"perform_rpc", "publish_data", "publish_data_track", "publish_dtmf", "publish_track", "publish_transcription"}
    | {"send_bytes", "send_file", "send_text", "stream_bytes", "stream_text"}
    | {"set_attributes", "set_metadata", "set_name"}
    # The server's API can send into a room too, in anybody's stead.
    | {"send_data", "update_participant", "update_room_metadata", "SendDataRequest"}
)
FFI = frozenset({"_ffi_client", "FfiClient", "FfiRequest"})
FFI_ASKS = frozenset({"FfiRequest", "request", "_ffi_lib"})

# Who may, file by file: the private line, the three participants that play somebody else, those that measure, the peers
# that are measured, and the rep's own side.
MAY_SEND = frozenset(
    {
        "agent/cornerman/room/private_line.py",
        "agent/cornerman/stand_ins/leaking_coach.py",
        "agent/cornerman/stand_ins/voice.py",
        "agent/cornerman/stand_ins/witness.py",
        "bench/coach_process.py",
        "bench/coaching/microphone.py",
        "bench/density_floor.py",
        "bench/floor/worker.py",
        "bench/lesson/worker.py",
        "bench/panel.py",
        "bench/reps_process.py",
    }
)
MAY_SEND_FOLDERS = ("rep_client/python/cornerman_client/", "tests/")
MAY_TOUCH_FFI = frozenset({"agent/cornerman/room/line_guard.py"})
MAY_TOUCH_FFI_FOLDERS = ("tests/",)
# Sorts what the native library tells, and may not ask it for anything.
MAY_READ_FFI = frozenset({"agent/cornerman/room/frame_routes.py"})
NOT_OURS = frozenset({"node_modules", "dist", "build", "__pycache__"})

_BY_NAME = frozenset({"getattr", "setattr", "hasattr", "attrgetter", "methodcaller", "__getattribute__"})


def names_used(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every name by which an attribute, a class or a module could be reached, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr, node.lineno
        elif isinstance(node, ast.Name):
            yield node.id, node.lineno
        elif isinstance(node, ast.ImportFrom | ast.Import):
            yield from _imported_names(node)
        elif isinstance(node, ast.Call) and _called(node) in _BY_NAME:
            yield from _text_in(node.args, node.lineno)
        elif isinstance(node, ast.Subscript):
            yield from _text_in([node.slice], node.lineno)


def _imported_names(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, int]]:
    paths = [alias.name for alias in node.names] + ([node.module or ""] if isinstance(node, ast.ImportFrom) else [])
    for path in paths:
        yield from ((part, node.lineno) for part in path.split("."))


def _text_in(arguments: list[ast.expr], line: int) -> Iterator[tuple[str, int]]:
    """Constant strings, also where a sum of strings or an f-string hides one."""
    for argument in arguments:
        text = _joined(argument)
        if text is not None:
            yield text, line


def _joined(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _joined(node.left), _joined(node.right)
        return left + right if left is not None and right is not None else None
    if isinstance(node, ast.JoinedStr):
        parts = [_joined(value) for value in node.values]
        return "".join(part for part in parts if part is not None)
    return None


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _computed_attributes(tree: ast.AST) -> Iterator[int]:
    """Lines with a getattr whose name is only known at run time: it could be any name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) == "getattr" and _joined(node.args[1]) is None:
            yield node.lineno


def faults(source: str, file: str) -> list[str]:
    """What in `source` breaks the rule, told one sentence each; `file` is its path from the root of the tree."""
    may_send = file in MAY_SEND or file.startswith(MAY_SEND_FOLDERS)
    may_touch_ffi = file in MAY_TOUCH_FFI or file.startswith(MAY_TOUCH_FFI_FOLDERS)
    barred = FFI_ASKS if file in MAY_READ_FFI else FFI
    tree = ast.parse(source)
    found = []
    for name, line in names_used(tree):
        if name in SENDING and not may_send:
            found.append(f"{file}:{line} reaches for {name}; only room/private_line.py may send")
        if name in barred and not may_touch_ffi:
            found.append(f"{file}:{line} reaches for {name}; only room/line_guard.py may stand at the FFI edge")
    if file.startswith("agent/cornerman/room/") and not may_send and not may_touch_ffi:
        found += [f"{file}:{line} takes an attribute by a computed name" for line in _computed_attributes(tree)]
    return found


def sources() -> Iterator[tuple[str, str]]:
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).parts
        if not any(part.startswith(".") or part in NOT_OURS for part in parts):
            yield "/".join(parts), path.read_text(encoding="utf-8")


def test_nothing_but_the_private_line_sends() -> None:
    found = [fault for file, source in sources() for fault in faults(source, file)]
    assert not found, "\n".join(found)


def test_the_check_looks_at_every_package() -> None:
    seen = {file.split("/")[0] for file, _ in sources()}
    assert {"agent", "rep_client", "tests"} <= seen


@pytest.mark.parametrize(
    "source",
    [
        "await room.local_participant.perform_rpc(destination_identity='x', method='m', payload='')",
        "participant.publish_data(b'', destination_identities=[])",
        "say = participant.send_text",
        "class Loud(Participant):\n    def f(self):\n        return super().publish_track(self.track)",
        "getattr(participant, 'perform_rpc')",
        "getattr(participant, 'perform' + '_rpc')",
        "getattr(participant, f'perform_rpc')",
        "operator.methodcaller('set_attributes', {})(participant)",
        "vars(type(participant))['publish_data'](participant, b'')",
        "await lkapi.room.send_data(api.SendDataRequest())",
        "await lkapi.room.update_participant(request)",
        "from livekit.rtc._ffi_client import FfiClient",
        "import livekit.rtc._ffi_client",
        "from livekit.rtc import _ffi_client as edge",
        "rtc._ffi_client.FfiClient.instance.request(message)",
        "from livekit.rtc._proto.ffi_pb2 import FfiRequest as Quiet",
        "getattr(rtc, '_ffi_client')",
    ],
)
@pytest.mark.parametrize(
    "file",
    ["agent/cornerman/room/listening.py", "agent/cornerman/stand_ins/a_fourth.py", "bench/load.py", "examples/call.py"],
)
def test_another_sender_is_seen(file: str, source: str) -> None:
    assert faults(source, file)


@pytest.mark.parametrize(
    "source",
    [
        "FfiClient.instance.request(message)",
        "FfiClient.instance._ffi_lib.livekit_ffi_request(data, 1)",
        "from livekit.rtc._proto.ffi_pb2 import FfiRequest",
        "await room.local_participant.perform_rpc()",
        "getattr(FfiClient.instance, name)(message)",
    ],
)
def test_what_sorts_the_librarys_events_may_ask_it_for_nothing(source: str) -> None:
    assert faults(source, "agent/cornerman/room/frame_routes.py")


def test_an_attribute_by_a_computed_name_is_seen_in_the_room() -> None:
    assert faults("getattr(participant, name)()", "agent/cornerman/room/listening.py")


@pytest.mark.parametrize(
    ("source", "file"),
    [
        ("await participant.perform_rpc()", "agent/cornerman/room/private_line.py"),
        ("from livekit.rtc._ffi_client import FfiClient", "agent/cornerman/room/line_guard.py"),
        ("from livekit.rtc._ffi_client import FfiClient", "agent/cornerman/room/frame_routes.py"),
        ("await participant.publish_track(track)", "agent/cornerman/stand_ins/voice.py"),
        ("await participant.perform_rpc()", "rep_client/python/cornerman_client/line.py"),
        (
            "publication.set_subscribed(True)\n'''perform_rpc is what private_line does'''",
            "agent/cornerman/room/call.py",
        ),
    ],
)
def test_what_is_allowed_is_let_be(source: str, file: str) -> None:
    assert not faults(source, file)
