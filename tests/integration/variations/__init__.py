"""Cases of attacks and of lawful days, each told in several versions of OCPP."""
from . import commands, days, links, sessions, tricky  # noqa: F401
from .cases import CASES  # noqa: F401
