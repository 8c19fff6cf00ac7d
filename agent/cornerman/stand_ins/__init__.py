"""Stand-in participants for demo, doctor, load and tests. They play people; the coach never imports them."""
