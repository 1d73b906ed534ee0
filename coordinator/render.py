"""Sentences for single Things: a clause with one name in the place of what it named, values word for word.

Pure text. Does not: choose Things (ground.py), or change what was said beyond what one device needs to hear."""

from __future__ import annotations

from coordinator import phrases
from coordinator.house import Facts
from coordinator.phrases import Token, contains, phrase_at, words
from coordinator.reading import Reading
from coordinator.told import told

# Verbs with which a question may begin.
_ASKING = frozenset({"check", "show", "see", "know", "find", "give", "read", "report", "do", "have", "can"})


def article(name: str) -> str:
    """ "the Kitchen lamp", but "Dusty": a proper name has no article."""
    last = name.split(" in the ", maxsplit=1)[0].rsplit(maxsplit=1)[-1].lower()
    known = phrases.stem(last) in phrases.vocabulary()
    return name if name.lower().startswith("the ") or not known else f"the {name}"


def asked(said: tuple[Token, ...], reading: Reading, fact: Facts) -> str:
    """A question for one Thing."""
    state = next((token.word for token in said if token.word in words("verbs.states")), None)
    text = with_name(said, reading, article(fact.thing.title), None)
    first = said[0].word
    if state is not None and (
        first in ("which", "are", "who", "where")
        or (first == "what" and (not reading.phrases or contains(said, ["are"])))
    ):
        return f"is {article(fact.thing.title)} {state}"
    if first == "how" and len(said) > 1 and said[1].word == "many" and state:
        return f"is {article(fact.thing.title)} {state}"
    plain = told(said, reading, fact, article(fact.thing.title))
    asks = text.split(" ", 1)[0].lower() in words("words.question") | words("verbs.tell") | _ASKING
    if plain is None and not asks:
        # What does not sound like a question must not reach a device as an order.
        return f"is {article(fact.thing.title)} {state}" if state else f"tell me: {text}"
    return plain or text


def rendered(said: tuple[Token, ...], reading: Reading, fact: Facts, inherited: Token | None) -> str:
    """An order for one Thing: "turn off the Bedroom lamp"."""
    name = article(fact.thing.title)
    return (
        _more_of(said, reading, name)
        or _switched(said, reading, fact, name)
        or _plainly(said, reading, fact, name)
        or with_name(said, reading, name, inherited)
    )


def _more_of(said: tuple[Token, ...], reading: Reading, name: str) -> str | None:
    """ "give it some more volume", "a little less brightness for the lamp": more or less of what a Thing has."""
    small = words("words.polite") | words("words.plain") | words("words.preposition") | words("words.determiner")
    small |= {"give", "get", "want"}
    for at, token in enumerate(said[:-1]):
        attribute = said[at + 1].word
        if token.word in ("more", "less") and attribute in words("attributes.nouns"):
            rest = {one.word for one in (*said[:at], *said[at + 2 :]) if not _inside(one, reading)}
            if rest <= small:
                return f"{'raise' if token.word == 'more' else 'lower'} the {attribute} of {name}"
    return None


def _inside(token: Token, reading: Reading) -> bool:
    return any(phrase.start <= token.start and token.end <= phrase.end for phrase in reading.phrases)


def in_mood(mood: str, fact: Facts) -> str:
    """A mood ("soft" or "bright") as one light can have it."""
    name = article(fact.thing.title)
    if "colour" in fact.acts:
        return f"set {name} to {'warm' if mood == 'soft' else 'cold'} white"
    if "brightness" in fact.acts:
        return f"set {name} to {30 if mood == 'soft' else 100} percent"
    return f"turn on {name}"


def _plainly(said: tuple[Token, ...], reading: Reading, fact: Facts, name: str) -> str | None:
    """What is said in many ways, as a device is told it: brighter, dimmer, a colour, start, the next track."""
    table = phrases.table()["plainly"]
    spoken = _spoken(said, reading)
    if fact.kinds & {"vacuum", "mower"} and said[-1].word == "home" and "home" not in spoken:
        spoken = [*spoken, "home"]
    for row in table.values():
        if not fact.kinds & set(row["kinds"]) or (fact.able & set(row.get("unless", ()))):
            continue
        foreign = any(word.lower() not in row.get("attributes", ()) for p in reading.phrases for word in p.attributes)
        if not foreign and set(spoken) <= {*row["words"], *row["also"]} and set(spoken) & set(row["words"]):
            return str(row["order"]).format(name)
    colours = [token.word for token in said if "colour" in phrases.senses_of_word(token.word)]
    colours = [word for word in colours if word not in ("colour", "color", "hue")]
    loose = reading.verb is None or reading.verb.word in ("give", "use", "have", "get", "light", "let")
    wishes = {"have", "give", "use", "let"} | ({"put", "turn", "switch", "on"} if "on" in spoken else set())
    loose = loose or "on" in spoken
    if "light" in fact.kinds and colours and loose and set(spoken) <= {*colours, "dark", "light", *wishes}:
        shade = [word for word in spoken if word not in wishes]
        return f"set {name} to {' '.join(shade)}" if shade else None
    return None


def complained(order: str, fact: Facts) -> str:
    """What a complaint asks of one Thing; a light that cannot be dimmed is switched."""
    dark = order.endswith("brighter") and "light" in fact.kinds and "brightness" not in fact.acts
    return wished("turn on" if dark else order, article(fact.thing.title))


def wished(order: str, name: str) -> str:
    """ "make it warmer" or "turn on the lights", for one name."""
    return f"make {name} {order[8:]}" if order.startswith("make it ") else f"{' '.join(order.split()[:2])} {name}"


def _switched(said: tuple[Token, ...], reading: Reading, fact: Facts, name: str) -> str | None:
    """ "kill the lights", "illuminate the hall": to switch, said in other words, and nothing else."""
    if not fact.kinds & words("verbs.switched") or not fact.able & {"on", "off", "power"}:
        return None
    order = switching(said, reading)
    if reading.verb is not None and reading.verb.word in ("start", "stop") and reading.verb.word in fact.able:
        return None
    if order is None or (_shared(said, reading) and not fact.kinds & {"light", "socket", "switch"}):
        return None
    return f"{order} {name}"


def switching(said: tuple[Token, ...], reading: Reading) -> str | None:
    """ "turn on" or "turn off", if that is all that a clause says in other words."""
    spoken = _spoken(said, reading)
    if len(spoken) == 1 and reading.verb is None:
        return None
    order: str | None = phrases.table()["verbs"]["switching"].get(" ".join(spoken))
    return order if _is_lit(reading) or not _shared(said, reading) else None


def _is_lit(reading: Reading) -> bool:
    """Whether what is named is a light, or also a socket where it starts and stops."""
    starts = reading.verb is not None and reading.verb.word in ("start", "stop")
    kinds = {"light", "socket", "switch"} if starts else {"light"}
    return any(
        kinds & (set(part.value) if part.role == "sort" else {_kind(stem) for stem in part.stems or (part.stem,)})
        for phrase in reading.phrases
        for part in phrase.parts
    )


def _kind(word: str) -> str:
    return phrases.kind_words().get(word, ("", False))[0]


def _shared(said: tuple[Token, ...], reading: Reading) -> bool:
    """Whether the word for switching is one for doors and machines too: "shut the light", "start the lamp"."""
    alone = (["close"], ["shut"], ["cut"], ["start"], ["stop"])
    return reading.verb is not None and _spoken(said, reading) in alone


def _spoken(said: tuple[Token, ...], reading: Reading) -> list[str]:
    """The words of a clause outside its names, without small ones."""
    small = words("words.polite") | words("words.determiner") | words("words.preposition") | words("words.plain")
    return [
        token.word
        for token in said
        if (token.word[0].isalnum() or token.word == "%")
        and token is not reading.pronoun
        and not any(phrase.start <= token.start and token.end <= phrase.end and token.end for phrase in reading.phrases)
        and (
            token.word in ("on", "off", "out", "have")
            or token.word not in small
            or (token is said[-1] and token.word == "in")
        )
        and token.word not in words("words.all") | words("words.join")
    ]


def with_name(said: tuple[Token, ...], reading: Reading, name: str, inherited: Token | None) -> str:
    """The clause with the phrases that name Things replaced by one name; values stay word for word."""
    targets = [
        phrase
        for phrase in reading.phrases
        if any(part.role != "attribute" for part in phrase.parts) or phrase.every or phrase.other
    ]
    if targets and all(phrase.excluded for phrase in targets):
        targets = []
    targets = targets or list(reading.phrases)
    if "clean" in reading.senses and targets and not any(p.has("kind", "title", "word", "unknown") for p in targets):
        return f"{_joined(list(said))} with {name}"
    attributes = list(dict.fromkeys(word for phrase in targets for word in phrase.attributes))
    label = f"the {' '.join(attributes)} of {name}" if attributes else name
    out: list[Token | str] = []
    placed = False
    for token in said:
        inside = any(phrase.start <= token.start and token.end <= phrase.end for phrase in targets) and token.end > 0
        if inside:
            if not placed:
                out.append(label)
                placed = True
            continue
        if token is reading.pronoun and not placed:
            out.append(name)
            placed = True
            continue
        if token is reading.there or token is reading.pronoun:
            continue
        if reading.phrases and token.word in words("words.except"):
            continue
        out.append(token)
    if reading.verb is not None and reading.verb in out and label in out and out.index(label) < out.index(reading.verb):
        out.remove(label)
        out = [token for token in out if not isinstance(token, Token) or token.word != "please"]
        out.insert(out.index(reading.verb) + 1, label)
    out = _tidied(out, label)
    if not placed:
        out = _inserted(out, name, reading)
    if _begins_asking(said):
        return _joined(out)
    if ordered := _state_ordered(out, reading):
        return f"{ordered} {label}"
    if reading.verb is None:
        if len(out) > 1 and out[-1] == label and isinstance(out[0], Token) and out[0].word not in ("on", "off"):
            out = [label, *out[:-1]]
        out.insert(0, inherited.word if inherited is not None else _verb_for(out))
        at = out.index(label) + 1 if label in out else 0
        if at and at < len(out) and isinstance(following := out[at], Token) and following.word[0].isdigit():
            out.insert(at, "to")
    if label in out and (at := out.index(label)) and isinstance(before := out[at - 1], Token) and before.word == "in":
        out[at - 1] = "on" if reading.verb is not None and reading.verb.word in words("verbs.quoting") else "at"
    return _joined(out)


def _state_ordered(out: list[Token | str], reading: Reading) -> str | None:
    """ "make sure … is locked", "leave … on", "… down": the order that brings the state about, if that is all."""
    said = [token.word for token in out if isinstance(token, Token)]
    table = phrases.table()["verbs"]["ordered"]
    if reading.verb is None and len(said) == 1 and said[0] in ("up", "down"):
        return {"up": "raise", "down": "lower"}[said[0]]
    holding = {
        "make",
        "ensure",
        "should",
        "must",
        "have",
        "has",
        "to",
        "keep",
        "leave",
        "get",
        "let",
        "check",
        "sure",
        "that",
        "is",
        "are",
        "want",
        "stay",
        "be",
    }
    states = [word for word in said if word in table and word not in holding]
    rest = [word for word in said if word not in holding and word not in table]
    return (
        str(table[states[0]])
        if (reading.verb is None or reading.verb.word in holding) and len(states) == 1 and not rest
        else None
    )


def _begins_asking(said: tuple[Token, ...]) -> bool:
    return bool(said) and said[0].word in words("words.question") | {"tell", "check", "show"}


def _verb_for(out: list[Token | str]) -> str:
    said = {token.word for token in out if isinstance(token, Token)}
    if said & {"on", "off", "up", "down"}:
        return "turn"
    if "to" in said or any(word[0].isdigit() for word in said):
        return "set"
    return "make"


def _tidied(out: list[Token | str], label: str) -> list[Token | str]:
    """Without the joins and small words that hung on the phrases that went."""
    loose = {
        "and",
        ",",
        "or",
        "&",
        "the",
        "all",
        "of",
        "but",
        "not",
        "from",
        "in",
        "both",
        "plus",
        "my",
        "also",
        "too",
        "every",
        "a",
        "an",
        "right",
        "here",
    }
    kept: list[Token | str] = []
    for at, token in enumerate(out):
        if isinstance(token, Token) and not (token.word[0].isalnum() or token.word in "%°-+"):
            continue
        word = token.word if isinstance(token, Token) else ""
        before = kept[-1] if kept else None
        rest = [one.word if isinstance(one, Token) else "" for one in out[at + 1 :]]
        if (
            before == label
            and word in loose | {"on", "at"}
            and word not in ("a", "an")
            and all(one in loose or not one for one in rest)
            and word != "on"
        ):
            continue
        if before == label and word in ("and", ",", "of", "but", "except", "in", "those"):
            continue
        if word in ("all", "of", "the") and at + 1 < len(out) and out[at + 1] == label:
            continue
        kept.append(token)
    kept = _without_loose(kept)
    while (
        kept
        and isinstance(kept[-1], Token)
        and kept[-1].word in ("is", "that", "in", "and", "the", "of", "for", "at", "here", "please", ",")
    ):
        kept.pop()
    return kept


def _without_loose(out: list[Token | str]) -> list[Token | str]:
    """Without "for me", "in the house", and a preposition that lost its noun."""
    homes, small = words("words.whole_home"), words("words.determiner") | words("words.all")
    said = [token.word if isinstance(token, Token) else "" for token in out]
    kept: list[Token | str] = []
    for at, token in enumerate(out):
        word, later = said[at], said[at + 1 : at + 4]
        home = next((one for one in later if one not in small), "") in homes
        loose = (
            (word in ("for", "to") and later[:1] in (["me"], ["us"]))
            or (word in ("me", "us") and at and said[at - 1] in ("for", "to"))
            or (word in ("in", "around", "at", "of", "for") and (home or later[:1] in (["for"], ["in"])))
            or word in homes
            or word == "here"
            or (word in small and home)
        )
        if not loose:
            kept.append(token)
    return kept


def _inserted(out: list[Token | str], name: str, reading: Reading) -> list[Token | str]:
    """A name put where an order needs one: after the verb, or at its end."""
    if reading.verb is not None and reading.verb in out:
        at = out.index(reading.verb) + 1
        if reading.verb.word in words("verbs.quoting"):
            return [*out, f"on {name}"] if at < len(out) else [*out, name]
        following = out[at].word if at < len(out) and isinstance(out[at], Token) else ""  # type: ignore[union-attr]
        if following in ("on", "off", "up", "down"):
            at += 1
        return [*out[:at], name, *out[at:]]
    return [name, *out]


def _joined(out: list[Token | str]) -> str:
    parts: list[str] = []
    end = -1
    for token in out:
        said = token if isinstance(token, str) else token.said if token.word == token.said.lower() else token.word
        glued = isinstance(token, Token) and token.end > 0 and token.start == end and bool(parts)
        if glued:
            parts[-1] += said
        else:
            parts.append(said)
        end = token.end if isinstance(token, Token) and token.end > 0 else -1
    return " ".join(parts)


def undone(text: str) -> str | None:
    """The order that takes another back: "turn on the fan" -> "turn off the fan"; None if there is none."""
    table = phrases.table()["verbs"]["undo"]
    found = phrases.tokens(text)
    if len(found) > 2 and found[0].word == "let" and found[-1].word in table:
        return f"{table[found[-1].word]} {text[found[1].start : found[-1].start].strip()}"
    for group in (("on", "off", "up", "down"), tuple(table)):
        for at, token in enumerate(found):
            if token.word in group and (
                token.word in ("on", "off", "up", "down") or (phrase_at(found, at, [token.word]) and at < 2)
            ):
                return text[: token.start] + table[token.word] + text[token.end :]
    return None
