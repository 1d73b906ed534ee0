"""Commands and names in German, French, Spanish and Chinese, read as the English that rules and model understand.

Does: `read` a command, give a name's words in English (`naming`). Does not: know what a device can do, or guess:
what the lexicons do not explain stays as it is. The words of a language are one .toml each; engines read them."""

from models.language.tongues.house_names import Names
from models.language.tongues.naming import english_of
from models.language.tongues.reading import Reading, read

__all__ = ["Names", "Reading", "english_of", "read"]
