"""`motewise bench language`: other people's sentences, and sets of our own making, through the whole path, through the
path with pieces taken out, and through Home Assistant's engine where it is installed; all take turns in one run.

    sets.py      where other people's sets are             tally.py   counting, intervals, kinds of failures
    path.py      the path, and what can be taken out       memory.py  what its processes keep in memory
    homes.py     houses, scored by states (scoring.py)     speed.py   its decode speed beside bare llama.cpp's
    frames.py    SLURP, scored by frames (slurp.py)        run.py     all of it, as one record
    own.py       the sets of our own making (sim/sets)
    ranking.py   the one of them for retrieval alone       calibrate.py   fitting the model's confidence, apart from it

Nothing here is trained or tuned on these sets."""
