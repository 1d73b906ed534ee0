"""The one error tree. Rules: every error says in one sentence what was wrong and what to do;
facts are attributes; errors become replies or exit codes at the edge only."""


class MotewiseError(Exception):
    """Root of every error that Motewise raises on purpose. `str(error)` is fit for a person."""


class LocalError(MotewiseError):
    """We, or whoever configured or called us, broke the rules: fix this side."""


class RemoteError(MotewiseError):
    """They broke the rules: refuse what they sent, lose nothing, go on."""


class MessageError(RemoteError):
    """A message that does not keep the contract. `field` is the field at fault, or None."""

    def __init__(self, reason, field=None):
        super().__init__(reason)
        self.field = field


class SchemaError(RemoteError):
    """A value that its schema does not allow. `path` names the value."""

    def __init__(self, reason, path=""):
        super().__init__(reason)
        self.path = path


class ProgramError(RemoteError):
    """A Program that is not a sound state machine."""
