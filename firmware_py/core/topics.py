"""Topics of the wire contract: built and taken apart here, nowhere else.

Everything lives under `motewise/1/{site}/`. A host owns `{host}/#`; people own
`command/{client}` and `reply/{client}`. Names are single topic levels."""

from firmware_py.core.errors import MessageError

ROOT = "motewise/1"
NAME_MAX = 64
_ALLOWED = "abcdefghijklmnopqrstuvwxyz0123456789_-"
# First levels under the site that are not hosts; no host may bear such a name.
RESERVED = ("command", "reply", "time", "model", "round")


def check_name(name, what="name"):
    """Return `name` if it can be one topic level (`[a-z0-9_-]+`, at most 64), else raise MessageError."""
    if not isinstance(name, str) or not name or len(name) > NAME_MAX:
        raise MessageError("The %s must be a word of 1 to %d characters." % (what, NAME_MAX), what)
    for letter in name:
        if letter not in _ALLOWED:
            raise MessageError("The %s %r may only contain a-z, 0-9, '_' and '-'." % (what, name), what)
    return name


def check_host(name):
    """Return `name` if a host may bear it, else raise MessageError."""
    check_name(name, "host")
    if name in RESERVED:
        raise MessageError("The host name %r is reserved; choose another." % name, "host")
    return name


def thing_segment(td_id):
    """The `{thing}` level of a Thing Description's `id` (a URN): `urn:motewise:hall-lamp` -> `hall-lamp`."""
    return check_name(str(td_id).split(":")[-1], "thing")


def site_topic(site, *levels):
    """`motewise/1/{site}/{levels…}`; levels may be MQTT wildcards."""
    return "/".join((ROOT, site) + levels)


def status(site, host):
    return site_topic(site, host, "status")


def description(site, host, thing):
    return site_topic(site, host, thing, "td")


def prop(site, host, thing, name):
    return site_topic(site, host, thing, "property", name)


def prop_set(site, host, thing, name):
    return site_topic(site, host, thing, "property", name, "set")


def subtask(site, host, thing):
    return site_topic(site, host, thing, "subtask")


def program(site, host, thing):
    return site_topic(site, host, thing, "program")


def cancel(site, host, thing):
    return site_topic(site, host, thing, "cancel")


def report(site, host, thing):
    return site_topic(site, host, thing, "report")


def command(site, client):
    return site_topic(site, "command", client)


def reply(site, client):
    return site_topic(site, "reply", client)


def time(site):
    return site_topic(site, "time")


def parse(topic):
    """Take a topic apart into `(kind, site, names)`, or raise MessageError.

    kind and names: `status (host,)`, `td|subtask|program|cancel|report (host, thing)`,
    `property|property/set (host, thing, name)`, `command|reply (client,)`, `time ()`."""
    levels = topic.split("/")
    if levels[:2] != ROOT.split("/") or len(levels) < 4 or "" in levels:
        raise MessageError("The topic %r is not under %s/{site}/." % (topic, ROOT))
    site, rest = levels[2], levels[3:]
    if rest == ["time"]:
        return "time", site, ()
    if rest[0] in ("command", "reply") and len(rest) == 2:
        return rest[0], site, (rest[1],)
    if rest[0] not in RESERVED:
        if len(rest) == 2 and rest[1] == "status":
            return "status", site, (rest[0],)
        if len(rest) == 3 and rest[2] in ("td", "subtask", "program", "cancel", "report"):
            return rest[2], site, (rest[0], rest[1])
        if len(rest) == 4 and rest[2] == "property":
            return "property", site, (rest[0], rest[1], rest[3])
        if len(rest) == 5 and rest[2] == "property" and rest[4] == "set":
            return "property/set", site, (rest[0], rest[1], rest[3])
    raise MessageError("The topic %r is not part of the contract." % topic)
