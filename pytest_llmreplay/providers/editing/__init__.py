"""Changing what a request says, in the format in which it is sent: the body stays what it was else.

* `layout`         where a format has its system prompt, its turns and its tools
* `words`          a change to a text, or to the blocks of text that stand for one
* `conversation`   the system prompt and the messages
* `tools`          the tools that are offered
"""

from .conversation import AddedTurn, TurnsEdit, edit_system, edit_turns
from .layout import LAYOUTS, Layout
from .tools import ToolsEdit, edit_tools, offered
from .words import WordsEdit

__all__ = [
    "LAYOUTS",
    "AddedTurn",
    "Layout",
    "ToolsEdit",
    "TurnsEdit",
    "WordsEdit",
    "edit_system",
    "edit_tools",
    "edit_turns",
    "offered",
]
