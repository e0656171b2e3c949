"""Articles from where people have them: files, folders, feeds, pages and rows.

Nothing heavy is imported until a format needs it.
"""

from newsqa.articles.load import Loaded, Source, load, load_with_places, place_of

__all__ = ["Loaded", "Source", "load", "load_with_places", "place_of"]
