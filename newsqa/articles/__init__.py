"""Articles from where people have them: files, folders, feeds, pages and rows.

Nothing heavy is imported until a format needs it.
"""

from newsqa.articles.load import load

__all__ = ["load"]
