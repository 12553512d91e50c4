"""Standards as spreadsheets (Q2, Q31): what a coordinator fills in instead of a standard file.

`sheets` says which sheets and columns there are, `cells` reads them without trusting the file, `reading` makes plain
JSON data of the standard format and remembers the row of each place, `writing` fills the sheets.
"""
