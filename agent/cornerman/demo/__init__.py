"""`cornerman demo`: a recorded sales call played into a real room, coached for real, and reported on; and a page to
join such a call from a browser.
"""

from cornerman.demo.run import run_demo
from cornerman.demo.serving import serve_page

__all__ = ["run_demo", "serve_page"]
