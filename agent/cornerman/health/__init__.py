"""Whether a worker lives and could take a call: two pages, what they look at, and who asks them."""
