"""Fetches weights for the neural engine into a folder: the one place that does, and only when the operator asks.

In: a model's name and a folder. Out: the folder to name in `stt.model`. What was fetched before is not fetched again,
and what was broken off goes on where it stopped. Where the weights come from, through which proxy and by which mirror
is up to huggingface_hub and its environment (HF_ENDPOINT, HTTPS_PROXY).
"""

from __future__ import annotations

import errno
import re
from pathlib import Path
from typing import TYPE_CHECKING

from cornerman.errors import ProviderError
from cornerman.providers.whisper.weights import check_weights

if TYPE_CHECKING:
    from collections.abc import Mapping

_SIZES = ("tiny", "tiny.en", "base", "base.en", "small", "small.en", "medium", "medium.en", "large-v2", "large-v3")
_DISTILLED = ("distil-small.en", "distil-medium.en", "distil-large-v2", "distil-large-v3")
MODELS: Mapping[str, str] = {
    **{name: f"Systran/faster-whisper-{name}" for name in _SIZES},
    **{name: f"Systran/faster-distil-whisper-{name.removeprefix('distil-')}" for name in _DISTILLED},
    "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
}
"""Names as faster-whisper has them, and where their weights are kept."""

_FILES = ["config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*"]
_OWNER_AND_NAME = re.compile(r"[\w.-]+/[\w.-]+")


def get_model(name: str, into: Path) -> Path:
    """Fetch the weights called `name` (one of `MODELS`, or `owner/name` of any Whisper model converted for
    CTranslate2) into a folder below `into`, and return that folder. Takes minutes; shows its progress on standard
    error.

    Raises:
        ProviderError: the extra is not installed, the name is unknown, the network or the disk does not allow it, or
            what came is no such model.
    """
    repository = _repository(name)
    folder = into / repository.partition("/")[2] if "/" in name else into / name
    _fetch(repository, folder)
    check_weights(folder)
    return folder


def _repository(name: str) -> str:
    if _OWNER_AND_NAME.fullmatch(name):
        return name
    if name not in MODELS:
        raise ProviderError(f"no weights are called {name!r}; choose {', '.join(MODELS)}, or name them as owner/name")
    return MODELS[name]


def _fetch(repository: str, folder: Path) -> None:
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError
    except ImportError:
        raise ProviderError('weights cannot be fetched: pip install "cornerman[whisper]"') from None
    try:
        snapshot_download(repository, local_dir=folder, allow_patterns=_FILES)
    except RepositoryNotFoundError:
        raise ProviderError(
            f"there are no weights {repository}, or they are not public; is the name right (owner/name)?"
        ) from None
    except LocalEntryNotFoundError as error:
        raise _unreachable(repository, error) from None
    except HfHubHTTPError as error:
        raise ProviderError(f"the weights {repository} cannot be fetched: {_first_line(error)}") from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise ProviderError(
                f"there is no space left for the weights {repository} in {folder}; make room and ask again, what came "
                "so far is kept"
            ) from None
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
            raise ProviderError(f"{folder} cannot be written: {error.strerror}") from None
        raise _unreachable(repository, error) from None
    except Exception as error:
        # the HTTP library's own errors share no base with anything
        raise _unreachable(repository, error) from None


def _unreachable(repository: str, error: Exception) -> ProviderError:
    cause = error.__cause__ or error
    return ProviderError(
        f"the weights {repository} cannot be reached ({type(cause).__name__}: {_first_line(cause)}); is there a way to "
        "the network (HTTPS_PROXY, HF_ENDPOINT)? On a machine without one, copy the folder from another machine"
    )


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
