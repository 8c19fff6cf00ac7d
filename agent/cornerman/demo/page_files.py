"""Where the demo page's files are: built by `npm run pages` in `rep_client/web`, shipped inside the package."""

from __future__ import annotations

from pathlib import Path

from cornerman.errors import CornermanError

FOLDER = Path(__file__).parent / "pages"
NEEDED = ("index.html", "rep.html", "prospect.html")


def built_pages(folder: Path = FOLDER) -> Path:
    """The folder with the built pages.

    Raises:
        CornermanError: they were not built; the message has the command.
    """
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing:
        raise CornermanError(
            f"the demo page is not built ({', '.join(missing)} missing in {folder}): "
            "run `npm ci && npm run pages` in rep_client/web"
        )
    return folder
