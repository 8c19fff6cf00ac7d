"""The reasoning lane: what a model says to a turn, a question or the screen, streamed onto the card that is shown.

Asynchronous, knows the clock only as it is handed in, and talks to the coach in events. Nothing a model wrote leaves it
unchecked: `answer` reads the stream, `grounding` holds every clause against what was offered and what was said, and
`untrusted` is how other people's words enter a prompt.
"""
