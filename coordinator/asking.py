"""Questions in the words in which people ask them, as questions that the planner reads.

    "any idea if the garage door is open" -> "is the garage door open"      (led in, asking.toml [opens])
    "the front door is locked, isn't it?" -> "is the front door locked"     (a statement with a tag or a question mark)
    "did i leave the oven on"             -> "is the oven on"               (what was done, as what is so now)
    "any leaks in the laundry?", "garage door?", "office humidity"          (a thing alone)

Only a command that is one question as a whole is changed. Pure over asking.toml; does not say which Things are meant
(ground.py), or which of their properties tells it (told.py)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from coordinator import phrases, times
from coordinator.house import Facts, House
from coordinator.marks import Mark
from coordinator.phrases import Token, contains, phrase_at, words

Tokens = tuple[Token, ...]

_BE = frozenset({"is", "are", "was", "were"})
_HAVE = frozenset({"has", "have"})
_DID = frozenset({"do", "does", "did"})
_ENDS = frozenset(".?!,;")
# What people ask for by its name alone, without a question mark.
_TOLD_ALONE = frozenset({"temperature", "humidity", "air", "battery", "energy", "motion", "leak", "smoke"})


def as_question(tokens: Tokens, marks: tuple[Mark, ...], text: str, house: House) -> Tokens:
    """The tokens of a question in plain words; the tokens themselves where they are no question, or plain already."""
    core = _core(tokens)
    if not core or any(token.word in ".?!;" for token in core):
        return tokens
    asker = _Asker(tokens, marks, text, house)
    said = _plainer(_apart(core), house)
    found = asker.opened(said) or asker.tagged(said) or asker.asked(said)
    if not found and not _orders(said):
        found = asker.alone(said)
    if not found and said is not core and said[0].word in words("words.question"):
        found = said
    if not found and said is not core and not _orders(said) and any(token.word.endswith("'s") for token in core):
        found = said
    return found or tokens


def _table() -> dict[str, Any]:
    return phrases.asking()


def _core(tokens: Tokens) -> Tokens:
    """Without politeness before and after, and without the last sign."""
    polite = _table()["opens"]["polite"]
    start, end = 0, len(tokens)
    while end > start and (tokens[end - 1].word in _ENDS or tokens[end - 1].word in ("please", "thanks")):
        end -= 1
    while start < end:
        length = phrase_at(tokens[:end], start, polite) or (tokens[start].word in _ENDS)
        if not length:
            break
        start += length
    return tokens[start:end]


def _apart(core: Tokens) -> Tokens:
    """ "the door's shut" -> "the door is shut"."""
    out: list[Token] = []
    for token, after in zip(core, [*core[1:], None], strict=True):
        if token.word.endswith("'s") and after is not None and (
                after.word in words("verbs.states") | {"still", "not", "in", "on", "home", "back", "done"}
                or phrases.senses_asked(after.word)):
            end = token.end - 2
            out += [replace(token, end=end, word=token.word[:-2], said=token.said[:-2]),
                    Token(end, token.end, "is", "is")]
        else:
            out.append(token)
    return tuple(out) if len(out) > len(core) else core


def _plainer(core: Tokens, house: House) -> Tokens:
    """With what is said in other words ("any sign of life") in plain ones."""
    table = _table()["said"]
    out: list[Token] = []
    if any(phrases.senses_asked(token.word) == {"weather"} for token in core):
        core = _indoors(core)
    at = 0
    while at < len(core):
        length = phrase_at(core, at, table)
        if length:
            plain = str(table[" ".join(token.word for token in core[at : at + length])])
            for word in plain.replace("shopping list", _shopping(house)).split():
                out.append(replace(core[at], word=word, said=word))
        else:
            out.append(core[at])
        at += length or 1
    return tuple(out) if [token.word for token in out] != [token.word for token in core] else core


def _indoors(core: Tokens) -> Tokens:
    """A question about the weather without "outside", "in the garden"."""
    outdoors = {"out", *next(row for row in phrases.table()["rooms"]["near"] if "outdoors" in row)}
    kept: list[Token] = []
    for token in core:
        if token.word not in outdoors:
            kept.append(token)
            continue
        while kept and kept[-1].word in words("words.determiner") | words("words.preposition"):
            kept.pop()
    return tuple(kept) if len(kept) > 1 else core


def _shopping(house: House) -> str:
    """What the list of what is to be bought is called here."""
    lists = [fact for fact in house.facts if "list" in fact.kinds]
    called = [fact for fact in lists if {"shopping", "grocery"} & set(fact.title)] or lists
    return called[0].thing.title.lower() if len(called) == 1 else "shopping list"


def _orders(core: Tokens) -> bool:
    first = core[0].word if core else ""
    return first in words("verbs.plain") and first not in words("verbs.shy")


def _untagged(core: Tokens) -> tuple[Tokens, bool]:
    """The tokens without "isn't it" or "right" at their end, and whether there was one."""
    table = _table()["tags"]
    heard = [token.word for token in core]
    end = len(core)
    helping, subjects = set(table["helping"]), set(table["subjects"])
    if end > 3 and heard[-3] in helping and {heard[-1], heard[-2]} & {"not"} and {heard[-1], heard[-2]} & subjects:
        end -= 3
    elif end > 3 and heard[-1] in subjects and heard[-2] in helping and heard[-3] == ",":
        end -= 2
    else:
        tags = [length for length in (3, 2, 1) if " ".join(heard[end - length :]) in table["alone"]]
        end -= next((length for length in tags if end - length > 1), 0)
    found = core[:end]
    while found and found[-1].word in _ENDS:
        found = found[:-1]
    return (found, True) if end < len(core) else (core, False)


def _compared(core: Tokens) -> Tokens | None:
    """ "is it above 20 degrees in the den" -> "what is the temperature in the den"."""
    table = _table()["compared"]
    if core[0].word not in _BE | _HAVE:
        return None
    for at in range(1, len(core)):
        length = phrase_at(core, at, table["than"])
        end = at + length
        if not length or end >= len(core) or not times.number(core, end):
            continue
        end += 1
        unit = core[end].word if end < len(core) else ""
        while end < len(core) and core[end].word in table["units"]:
            end += 1
        rest = (*core[1:at], *core[end:])
        if rest and rest[0].word in ("it", "there"):
            about = "humidity" if unit in ("%", "percent") else "temperature"
            return (*phrases.unsaid(f"what is the {about}"), *rest[1:])
        return (*phrases.unsaid("what is"), *rest)
    return None


def _done(said: Tokens) -> Tokens | None:
    """ "i locked the door", "anyone leave a window open", "i turn the lamp off" -> what is so now."""
    table = _table()["done"]
    rest = said
    while rest and rest[0].word in _HAVE | _DID:
        rest = rest[1:]
    if not rest or rest[0].word not in table["people"]:
        return None
    rest = rest[1:]
    while rest and (rest[0].word in table["beside"] or rest[0].word in _HAVE | _DID):
        rest = rest[1:]
    if len(rest) < 2:
        return None
    verb, rest = rest[0], tuple(
        replace(token, word="any") if token.word in ("a", "an") else token for token in rest[1:])
    asks = phrases.unsaid("is")
    if verb.word in table["particles"]:
        return (*asks, *rest, verb)
    if verb.word in table["leaving"]:
        return (*asks, *rest)
    if verb.word in table["turning"]:
        at = next((n for n, token in enumerate(rest) if token.word in table["particles"]), None)
        if at is not None:
            return (*asks, *rest[1:], rest[0]) if at == 0 else (*asks, *rest)
    if state := table["states"].get(verb.word):
        if rest[0].word == "up":
            return (*phrases.unsaid("is"), _every(rest[0]), replace(verb, word=state, said=state))
        if len(rest) == 2 and rest[1].word in ("door", "doors", "window", "windows"):
            rest = (replace(rest[0], word="every", said="every"), rest[1])
        return (*asks, *rest, replace(verb, word=state, said=state))
    return None


def _every(token: Token) -> Token:
    return replace(token, word="everything", said="everything")


def _left(core: Tokens) -> Tokens | None:
    """ "what have i left on in the den", "which lights did we leave on" -> "is everything on in the den"."""
    table = _table()["done"]
    heard = [token.word for token in core]
    helps = next((at for at in range(1, min(4, len(heard))) if heard[at] in _HAVE | _DID), 0)
    if not helps or not heard[helps + 1 :] or heard[helps + 1] not in table["people"]:
        return None
    rest = core[helps + 2 :]
    while rest and rest[0].word in table["beside"]:
        rest = rest[1:]
    if not rest or rest[0].word not in table["leaving"]:
        return None
    if helps == 1:
        return (*phrases.unsaid("is"), _every(core[helps + 1]), *rest[1:])
    return (*core[:helps], *phrases.unsaid("are"), *rest[1:])


class _Asker:
    """One command, with the names in it."""

    def __init__(self, tokens: Tokens, marks: tuple[Mark, ...], text: str, house: House) -> None:
        self.marked = text.rstrip().endswith("?")
        self.house = house
        self.titles = {tokens[mark.start].start: (tokens[mark.end - 1].end, mark) for mark in marks
                       if mark.kind == "title"}
        self.named = {token.start for mark in marks if mark.kind == "title" for token in tokens[mark.start : mark.end]}
        self.placed = {token.start for mark in marks if mark.kind in ("room", "floor")
                       for token in tokens[mark.start : mark.end]}

    def opened(self, core: Tokens) -> Tokens | None:
        """What is asked behind "i wonder if", "check that", "do you know what"."""
        table = _table()["opens"]
        for group in ("wondering", "looking", "telling"):
            length = phrase_at(core, 0, table[group])
            if not length:
                continue
            rest = _core(core[length:])
            if group == "looking" and rest and rest[0].word in ("for", "at", "on"):
                rest = rest[1:]
            whether = phrase_at(rest, 0, table["whether"])
            if whether and not (group == "telling" and rest[0].word == "if"):
                return self.stated(_untagged(rest[whether:])[0])
            if rest and rest[0].word in table["asking"]:
                return self.asked(rest) or rest
            if rest and rest[0].word == "that":
                rest = rest[1:]
            if group == "looking" and any(token.word in _BE for token in rest[1:]) and not contains(rest, ["and"]):
                return self.stated(rest)
            if group == "looking" and _is_noun(rest):
                return (*phrases.unsaid("what is the status of"), *rest)
            if group == "telling":
                given = _is_noun(rest) and {token.word for token in rest[1:3]} & set(table["given"])
                return (*phrases.unsaid("what is"), *rest) if given else None
            if rest and rest[0].word in _BE | _HAVE | _DID:
                return self.asked(rest) or rest
            return self.opened(rest) if rest and len(rest) < len(core) else None
        return None

    def tagged(self, core: Tokens) -> Tokens | None:
        """ "the lights are off, aren't they": a statement that asks by its tag or by the question mark."""
        found, tagged = _untagged(core)
        sure = tagged and (core[-1].word in _table()["tags"]["subjects"] or core[-1].word == "not")
        if not (sure or self.marked) or not found or _orders(found):
            return None
        if found[0].word in words("words.question") | {"do"}:
            return self.asked(found) or found if tagged else None
        if found[0].word in ("you", "there", "have") or any(token.word == "," for token in found):
            return None
        if found[0].word in ("i", "we"):
            return _done(found)
        helping = _BE | _HAVE if tagged else _BE
        if any(token.word in helping for token in found[1:]):
            return self.stated(found)
        return None

    def stated(self, said: Tokens) -> Tokens | None:
        """ "the garage door is closed" -> "is the garage door closed"."""
        if not said:
            return None
        if (done := _done(said)) is not None:
            return done
        for at, token in enumerate(said):
            if token.word in _BE | _HAVE | {"does", "did"} and at:
                rest = (token, *(one for n, one in enumerate(said) if n != at))
                return self.asked(rest) or rest
        return said if said[0].word in words("words.question") else (*phrases.unsaid("is"), *said)

    def asked(self, core: Tokens) -> Tokens | None:
        """A question that has the shape of another."""
        heard = [token.word for token in core]
        if heard[0] in _HAVE | _DID and (done := _done(core[1:])) is not None:
            return done
        if (where := self._whereabouts(core)) is not None:
            return where
        if (outside := self._sensed(heard)) is not None:
            return outside
        if (value := _compared(core)) is not None:
            return value
        if heard[0] in _HAVE and "been" in heard:
            rest = tuple(token for token in core[1:] if token.word not in ("been", "left"))
            return (*phrases.unsaid("is"), *rest)
        if heard[0] in ("what", "which") and len(core) > 3:
            if found := _left(core):
                return found
            for shape, ends in _table()["shapes"].items():
                if " ".join(heard).startswith(f"{shape} ") and heard[-1] in ends:
                    return (*phrases.unsaid("what is the status of"), *core[len(shape.split()) : -1])
            if heard[1] in _DID | _HAVE and heard[2] in _table()["done"]["people"] and "set" in heard[3:]:
                rest = tuple(token for token in core[3:] if token.word not in ("set", "to", "put", "at"))
                return (*phrases.unsaid("what is"), *rest, *(token for token in core if token.word in ("set", "to")))
        if heard[:2] == ["how", "far"] and len(heard) > 3:
            ways = ("open", "up", "down", "closed", "out", "shut")
            state = next((token for token in core[2:] if token.word in ways), None)
            if state is not None:
                rest = tuple(token for token in core[2:] if token is not state)
                return (core[0], replace(state, word="open"), *rest)
        return None

    def _whereabouts(self, core: Tokens) -> Tokens | None:
        """ "is anna back yet", "who is home", "has the robot got to its base": where somebody is."""
        heard = [token.word for token in core]
        table = _table()["whereabouts"]
        located = any("place" in fact.reads for fact in self.house.facts)
        who = heard[0] == "who" or (heard[0] in _BE | _HAVE and heard[1:2] and heard[1] in table["who"])
        if who and located and len(heard) > 2 and all(word in table["words"] for word in heard[2:]):
            home = {"home", "house", "in", "out", "away", "back", "here", "left", "gone", "leave"} & set(heard[2:])
            return phrases.unsaid("what is the whereabouts") if home else None
        if heard[0] not in _BE | _HAVE | {"where", "did"}:
            return None
        for at in (1, 2):
            if len(core) <= at or core[at].start not in self.titles:
                continue
            name = tuple(token for token in core[at:] if token.start in self.named or token.word in ("and", ","))
            ids = {id_ for token in name if token.start in self.titles for id_ in self.titles[token.start][1].value}
            facts = [fact for fact in self.house.facts if fact.id in ids]
            rest = [token.word for token in core[at + len(name) :]]
            if not rest and heard[0] != "where":
                return None
            if not facts or not all(word in table["words"] for word in rest):
                return None
            if all("place" in fact.reads for fact in facts):
                return (*phrases.unsaid("what is the whereabouts of"), *name)
            if all(_moves(fact) for fact in facts):
                return (*phrases.unsaid("what is the status of"), *name)
        return None

    def _sensed(self, heard: list[str]) -> Tokens | None:
        """ "is it raining", where a sensor is called so."""
        about = next((known for word in heard if (known := _table()["falling"].get(word))), "")
        named = [fact for fact in self.house.facts if about in fact.title and not fact.can_act] if about else []
        if heard[0] not in _BE | _DID or not named or any("weather" in fact.reads for fact in self.house.facts):
            return None
        return (*phrases.unsaid("what is the status of"), *phrases.unsaid(named[0].thing.title))

    def alone(self, core: Tokens) -> Tokens | None:
        """ "any leaks in the laundry", "front door locked?", "garage door?": what is asked about, and its state."""
        first = core[0].word
        loose = first in _table()["alone"]["any"]
        if first in words("words.question") or first in ("do", "have", "there"):
            return None
        if first in _table()["opens"]["given"] and len(core) > 2 and core[1].word == "of":
            return (*phrases.unsaid("what is the"), *core)
        if not (self.marked or loose):
            if core[-1].word in ("status", "state") and core[-2:-1] and core[-2].start in self.named:
                return (*phrases.unsaid("what is the status of"), *core[:-1])
            return (*phrases.unsaid("what is"), *core) if self._measures(core) else None
        kept = {"still", "currently", "to", "by", "with", "again", "for", "already", "back", "home", "there", "only",
                "that", "running", "getting", "going"}
        if any(token.word in words("words.polite") - kept for token in core):
            return self.stated(core) if loose and any(token.word in _BE for token in core) else None
        states = [token for token in core if token.start not in self.named and token.word in words("verbs.states")]
        if states or (first in _table()["whereabouts"]["who"] and len(core) > 1):
            asks = (*phrases.unsaid("is"), *core)
            return self.asked(asks) or asks
        if loose and len(core) > 1:
            return (*phrases.unsaid("is there"), *core)
        if (where := self._whereabouts((*phrases.unsaid("is"), *core))) is not None:
            return where
        about = words("attributes.nouns") | {"current", "present"}
        if all(token.word in about or phrases.senses_asked(token.word) for token in core):
            return (*phrases.unsaid("what is our"), *core)
        if len(core) > 1 or self.named:
            return (*phrases.unsaid("what is the status of"), *core)
        return None

    def _measures(self, core: Tokens) -> bool:
        """Whether a phrase without a verb names what only measures, or what can only be told of a place."""
        table = _table()
        small = words("words.determiner") | words("words.preposition") | set(table["opens"]["given"])
        nouns = words("attributes.nouns")
        rest = [token for token in core if token.start not in self.named | self.placed and token.word not in small]
        if any(token.word not in nouns for token in rest):
            return False
        if any(token.start in self.named for token in core):
            ids = {id_ for _, mark in self.titles.values() for id_ in mark.value}
            return all(not fact.can_act for fact in self.house.facts if fact.id in ids)
        placed = any(token.start in self.placed for token in core)
        return placed and any(
            (phrases.senses_of_word(token.word) | phrases.senses_asked(token.word)) & _TOLD_ALONE for token in rest)


def _is_noun(rest: Tokens) -> bool:
    """Whether a phrase begins as the name of a thing does: "the back door"."""
    return len(rest) > 1 and rest[0].word in words("words.definite") - {"that"} and not any(
        token.word in ("and", "if", "when", "then", "for", "to") for token in rest)


def _moves(fact: Facts) -> bool:
    return bool(fact.kinds & {"vacuum", "mower"})
