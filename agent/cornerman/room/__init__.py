"""The body: the only place that touches LiveKit's room. Hears who consented, speaks to the rep alone."""
