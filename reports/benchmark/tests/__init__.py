"""`python3 -m unittest discover -s reports -t reports`, with `loadgen` in the folder that PROGRAMS names, or
in target/debug."""
