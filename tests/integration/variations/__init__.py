"""Cases of attacks and of lawful days, each told in several versions of OCPP."""
from . import commands, days, links, sessions  # noqa: F401
from .cases import CASES  # noqa: F401
