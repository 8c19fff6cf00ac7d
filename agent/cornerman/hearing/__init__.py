"""The ear: one participant's audio in, Partial, Turn and Speaking events in call time out, whatever the provider does.

Knows audio frames and speech streams, and no room. `listener` ties the parts together; `route` chooses the provider.
"""
