"""The craft: from the pixels of a scanned register to checked values.

Values in, values out. Nothing here knows a database, an engine or a web page.
The rooms stand in the order in which the data travels; a room imports only the
rooms before it, and the shared ``types``, ``errors``, ``settings``, ``texts`` and ``fields``:

``scan`` -> ``page`` -> ``form`` -> ``reading`` -> ``values`` -> ``places`` ->
``checks`` -> ``delivery``
"""
