"""The command line. It talks to people and scripts; all work is done in the other rooms."""
