"""`reports/bench`: several servers, several environments, several rounds, one table.

`plan` reads the file that says what to compare, `machine` knows what there is to compare on, `session`
starts and ends processes, `confine` keeps them within cores and memory, `measure` does one round of one
server, `run` goes through all of them, and `report` writes what came of it. Only `main` and `run` write
to the terminal.
"""
