"""Links between entries: one registration written twice, one person born, married and dead.

``people`` puts persons into columns, ``blocks`` finds pairs worth comparing, ``compare`` says
how they agree, ``weigh`` what that is worth (Fellegi and Sunter 1969, with the frequency of
names and units), ``find`` strings them together, ``told`` says it to people.
"""
