"""The answer and its proof as one self-contained HTML page: no network, everything escaped.

It can be opened from a ticket or a chat, works without JavaScript, with a keyboard, on a phone and
on paper. The one script it holds copies commands and unfolds what a link leads into.
"""

from wayout.engine.report.html.answer import answer_html
from wayout.engine.report.html.explanation import explanation_html

__all__ = ["answer_html", "explanation_html"]
