"""Text that goes into pages made by folium: neither HTML nor a template.

branca renders what folium has rendered once more as a Jinja template, data and all: a building
called {{ … }} would run as code of this process. Braces go as entities, which browsers show as
they are.
"""

import html


def escape(text: str) -> str:
    """Return a text in which HTML and Jinja find nothing of their own."""
    return html.escape(text).replace("{", "&#123;").replace("}", "&#125;")
