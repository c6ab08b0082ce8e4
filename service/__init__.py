"""wayout over HTTP and for language models: thin adapters of the door `wayout.engine`.

The extras `wayout[service]` and `wayout[mcp]` bring what they need. Nothing is imported here, so
that the program starts without either.
"""
