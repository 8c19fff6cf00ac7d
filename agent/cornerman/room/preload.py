"""Side-effect module for the process that job processes are forked from: imports what they need, lays in what they
share.

The worker names it in `preload_modules`; nothing else imports it. A fault here must not end the fork server, and with
it the worker: it is left to the job process, which meets it again and tells it properly.
"""

from __future__ import annotations

import logging

from cornerman import log_privacy
from cornerman.config import load_settings
from cornerman.hearing.voice import rehearse
from cornerman.providers.plugins import import_plugins
from cornerman.room import job
from cornerman.room import worker as worker  # each job process runs the worker's own module again, and what it imports
from cornerman.room.stock import keep_for_good, lay_in

log_privacy.install()
try:
    settings = load_settings()
    import_plugins(settings)
    rehearse()
    lay_in(settings, job.SHELF.open(job.playbook_folder(settings, "")), models=True)
except Exception as error:
    logging.getLogger(__name__).debug("nothing is laid in for job processes: %s", type(error).__name__)
keep_for_good()
