"""The watchdog: brings a new coach to a live call whose coach died, exactly one.

    beat.py        what a worker says about itself, once a second, and how it is signed
    beating.py     the worker's side: says it to every watchdog
    departures.py  the coach's side: whether it left on purpose
    standing.py    what the heartbeats tell: which coach is alive, dead, gone on purpose
    seen.py        a room as the server shows it
    judgement.py   what to do about a room: the decisions, synchronous, time given
    rooms.py       looks at rooms and carries decisions out, by the server's API
    page.py        takes heartbeats in; health and metrics
    watchdog.py    the process

In: heartbeats, and the server's lists of rooms, dispatches and participants. Out: dispatches with the original job's
metadata and `takeover`, and the removal of dead coaches. Promises: no coach for a room nobody is in, for one whose
coach left on purpose, or while one is on its way; nothing at all while the watchdog itself was blind or asleep; two
watchdogs beside each other, or one that was restarted, bring no second coach.
"""
