"""Devices with an HTTP interface. `get`, `set` and `do` are URLs, below the device's `url` unless they are whole ones.

A URL alone is read by GET; to set or do something it is sent POST, with the values that the URL does not hold as a
JSON object. A table says more: `url`, `method`, `body` (a table for JSON, or "{value}" for the bare value), `form` (a
table), and `pick`, where in a JSON answer the value is ("status.0.temperature"). Values in a URL are quoted. Redirects
are not followed, proxies not used: it is this device, or an error."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any

from device_agent.drivers.configured import Configured, Values, check_places, filled, places, text_of
from device_agent.thing import DriverError, Range, Unit

ANSWER_MAX = 1 << 20
REQUEST = ("url", "method", "body", "form", "pick")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


class Http(Configured):
    """A device with an HTTP interface at `url`. `headers` go with every request."""

    def __init__(
        self, url: str, properties: Mapping[str, Any] | None = None, actions: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: Annotated[float, Range(0.1, 600), Unit("second")] = 5.0,
    ) -> None:
        self._url = url
        self._timeout_s = timeout_s
        self._headers = dict(headers or {})
        if not all(isinstance(value, str) and value.isprintable() for value in self._headers.values()):
            raise DriverError("Every one of the 'headers' must be a text on one line.")
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)
        super().__init__(properties or {}, actions or {})

    def _reading(self, get: Any, what: str) -> Callable[[], Any]:
        row = self._row(get, (), what, "GET")
        return lambda: _picked(self._send(row, {}), row.get("pick"), what)

    def _doing(self, do: Any, names: tuple[str, ...], what: str) -> Callable[[Values], None]:
        row = self._row(do, names, what, "POST")

        def send(values: Values) -> None:
            self._send(row, values)

        return send

    def _row(self, row: Any, names: tuple[str, ...], what: str, method: str) -> dict[str, Any]:
        """The request as a table: checked, with a whole URL, a method, and a body or form that holds every value."""
        row = {"url": row} if isinstance(row, str) else row
        if not isinstance(row, dict) or not isinstance(row.get("url"), str) or not set(row) <= set(REQUEST):
            raise DriverError(f"A request of the {what} must be a URL, or a table of: {', '.join(REQUEST)}.")
        row = {"method": method, **row, "url": _joined(self._url, row["url"])}
        address = urllib.parse.urlsplit(row["url"])
        odd = any(letter <= " " for letter in row["url"])
        if address.scheme not in ("http", "https") or not address.hostname or places(address.netloc) or odd:
            raise DriverError(f"The URL {row['url']!r} of the {what} must begin with http:// or https:// and a host.")
        if "@" in address.netloc:
            raise DriverError(f"The URL of the {what} holds an account; put it into 'headers' (Authorization).")
        if row["method"] not in _METHODS:
            raise DriverError(f"The method of the {what} must be one of: {', '.join(_METHODS)}.")
        if not isinstance(row.get("form", {}), dict) or not isinstance(row.get("pick", ""), str):
            raise DriverError(f"In the {what}, 'form' must be a table and 'pick' a text.")
        if "body" in row and "form" in row:
            raise DriverError(f"The {what} has both a 'body' and a 'form'; a request has one.")
        texts = [row["url"], *_texts(row.get("body")), *_texts(row.get("form"))]
        check_places(texts, names, what)
        left = [name for name in names if not any(name in places(text) for text in texts)]
        if left and ("body" in row or "form" in row or row["method"] == "GET"):
            raise DriverError(f"The {what} does nothing with its {left[0]}: use {{{left[0]}}} in its request.")
        if left:
            row["body"] = {name: "{" + name + "}" for name in left}
        if isinstance(row.get("body"), str) and places(row["body"]) != [row["body"][1:-1]]:
            raise DriverError(f"The body of the {what} must be a table, or one value such as \"{{value}}\".")
        return row

    def _send(self, row: Mapping[str, Any], values: Values) -> str:
        """The text of the answer, or DriverError."""
        url = filled(row["url"], values, _quoted)
        headers, data = dict(self._headers), None
        if "form" in row:
            data = urllib.parse.urlencode({name: text_of(_put_in(inner, values))
                                           for name, inner in row["form"].items()}).encode()
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        elif isinstance(row.get("body"), str):
            data = filled(row["body"], values).encode()
            headers.setdefault("Content-Type", "text/plain; charset=utf-8")
        elif "body" in row:
            data = json.dumps(_put_in(row["body"], values)).encode()
            headers.setdefault("Content-Type", "application/json")
        where = urllib.parse.urlsplit(url).netloc
        try:
            request = urllib.request.Request(url, data, headers, method=row["method"])
            with self._opener.open(request, timeout=self._timeout_s) as answer:
                return _text(answer, time.monotonic() + self._timeout_s)
        except urllib.error.HTTPError as error:
            error.close()
            raise DriverError(f"The device at {where} answered {error.code} {error.reason}.") from None
        except TimeoutError:
            raise DriverError(f"The device at {where} did not answer within {self._timeout_s:g} s.") from None
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise DriverError(f"The device at {where} did not answer within {self._timeout_s:g} s.") from None
            why = getattr(error.reason, "strerror", None) or error.reason
            raise DriverError(f"The device at {where} cannot be reached: {str(why).rstrip('.')}.") from None
        except (OSError, http.client.HTTPException) as error:
            why = str(error) or type(error).__name__
            raise DriverError(f"The device at {where} broke off its answer: {why.rstrip('.')}.") from None


def _joined(base: str, url: str) -> str:
    return url if "://" in url else base.rstrip("/") + "/" + url.lstrip("/") if url else base


def _quoted(text: str) -> str:
    if text in (".", ".."):
        raise DriverError(f"The text {text!r} cannot stand in a URL.")
    return urllib.parse.quote(text, safe="")


def _texts(body: Any) -> Iterator[str]:
    """Every text in a body."""
    if isinstance(body, str):
        yield body
    elif isinstance(body, (dict, list)):
        for inner in body.values() if isinstance(body, dict) else body:
            yield from _texts(inner)


def _put_in(body: Any, values: Values) -> Any:
    """A body with its values; a text that is `{name}` and nothing else becomes the value itself."""
    if isinstance(body, dict):
        return {name: _put_in(inner, values) for name, inner in body.items()}
    if isinstance(body, list):
        return [_put_in(inner, values) for inner in body]
    if not isinstance(body, str):
        return body
    return values[body[1:-1]] if places(body) == [body[1:-1]] else filled(body, values)


def _text(answer: http.client.HTTPResponse, deadline_s: float) -> str:
    """The whole answer, within its time and size."""
    parts, size = [], 0
    while part := answer.read1(65536):
        parts.append(part)
        size += len(part)
        if size > ANSWER_MAX:
            raise http.client.HTTPException(f"more than {ANSWER_MAX} bytes")
        if time.monotonic() > deadline_s:
            raise TimeoutError
    if answer.length:
        raise http.client.HTTPException(f"{answer.length} bytes are missing")
    return b"".join(parts).decode(answer.headers.get_content_charset() or "utf-8", "replace")


def _picked(text: str, pick: str | None, what: str) -> Any:
    if not pick:
        return text
    try:
        found = json.loads(text)
        for step in pick.split("."):
            found = found[int(step)] if isinstance(found, list) else found[step]
    except (ValueError, KeyError, IndexError, TypeError):
        raise DriverError(f"The answer for the {what} has no '{pick}' in it: {text[:80]!r}.") from None
    return found
