"""Who may ask: checked on the running server, route by route."""

import json
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, cast

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse
from tornado.routing import Matcher, PathMatches, ReversibleRuleRouter, Router, Rule
from tornado.web import Application

from jupyter_starcoder.app import CHAT, ROUTES

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

Ask = Callable[..., Awaitable[int]]
VERBS = ("GET", "POST", "PATCH", "DELETE")
ADDRESSES = [(path.replace(CHAT, "0" * 32), handler) for path, handler in ROUTES]


def patterns(router: Router) -> Iterator[str]:
    """Every path that the server answers."""
    if isinstance(router, ReversibleRuleRouter):
        for rule in router.rules:
            yield from of_rule(rule)


def of_rule(rule: Rule) -> Iterator[str]:
    """The paths of one rule."""
    matcher: Matcher = rule.matcher
    if isinstance(matcher, PathMatches):
        yield matcher.regex.pattern
    if isinstance(rule.target, Router) and not isinstance(rule.target, Application):
        yield from patterns(rule.target)


@pytest.fixture
def ask(jp_serverapp: "ServerApp", http_server: object, jp_base_url: str, jp_http_port: int) -> Ask:
    """Sends a request with exactly these headers and gives the status."""

    async def send(verb: str, path: str, headers: dict[str, str]) -> int:
        url = f"http://127.0.0.1:{jp_http_port}{jp_base_url}starcoder/{path}"
        body = "{}" if verb in {"POST", "PATCH"} else None
        try:
            response = await AsyncHTTPClient().fetch(HTTPRequest(url, verb, headers, body, follow_redirects=False))
        except HTTPClientError as error:
            return error.code
        return response.code

    return send


@pytest.fixture
def cookies(
    jp_serverapp: "ServerApp", http_server: object, jp_base_url: str, jp_http_port: int
) -> Callable[[], Awaitable[dict[str, str]]]:
    """Logs in as a page does and gives its cookies."""

    async def login() -> dict[str, str]:
        url = f"http://127.0.0.1:{jp_http_port}{jp_base_url}login?token={jp_serverapp.identity_provider.token}"
        with pytest.raises(HTTPClientError, match="302") as caught:  # on to the page that one wanted
            await AsyncHTTPClient().fetch(HTTPRequest(url, follow_redirects=False))
        response = cast("HTTPResponse", caught.value.response)
        pairs = (line.split(";")[0].split("=", 1) for line in response.headers.get_list("Set-Cookie"))
        return {name: value for name, value in pairs if value}

    return login


async def test_routes_of_the_server_are_those_that_are_walked(jp_serverapp: "ServerApp") -> None:
    """Nothing under starcoder/ escapes the walk below."""
    found = {
        pattern.rstrip("$").split("starcoder/", 1)[1]
        for pattern in patterns(jp_serverapp.web_app.default_router)
        if "starcoder/" in pattern
    }

    assert found == {path for path, _ in ROUTES}


async def test_a_stranger_is_refused_on_every_route(ask: Ask) -> None:
    """Without a token no verb gets an answer."""
    for path, _ in ADDRESSES:
        for verb in VERBS:
            assert await ask(verb, path, {}) in {403, 405}, path


async def test_a_wrong_token_is_refused_on_every_route(ask: Ask) -> None:
    """A guess gets no answer."""
    for path, handler in ADDRESSES:
        for verb in VERBS:
            if verb.lower() in vars(handler):
                assert await ask(verb, path, {"Authorization": "token wrong"}) == 403, path


async def test_a_page_of_another_site_is_refused(ask: Ask, cookies: Callable[[], Awaitable[dict[str, str]]]) -> None:
    """The browser's cookies alone are not enough for a POST; the header that agrees with one of them is missing."""
    found = await cookies() | {"_xsrf": "0" * 32}
    cookie = "; ".join(f"{name}={value}" for name, value in found.items())
    for path, handler in ADDRESSES:
        if "post" in vars(handler):
            assert await ask("POST", path, {"Cookie": cookie}) == 403, path
            assert await ask("POST", path, {"Cookie": cookie, "X-XSRFToken": found["_xsrf"]}) == 400, path


async def test_a_user_without_the_right_is_refused(
    ask: Ask, jp_serverapp: "ServerApp", jp_auth_header: dict[str, str]
) -> None:
    """An authorizer can close the extension to a user, under the resource name `starcoder`."""
    asked: set[tuple[str, str]] = set()

    class Strict(type(jp_serverapp.authorizer)):  # type: ignore[misc]
        def is_authorized(self, _handler: object, _user: object, action: str, resource: str) -> bool:
            asked.add((action, resource))
            return False

    jp_serverapp.web_app.settings["authorizer"] = Strict(parent=jp_serverapp)

    for path, handler in ADDRESSES:
        for verb in VERBS:
            if verb.lower() in vars(handler):
                assert await ask(verb, path, jp_auth_header) == 403, path
    assert asked == {("read", "starcoder"), ("write", "starcoder")}


async def test_a_refusal_is_an_error_reply(jp_fetch: Callable[..., Awaitable[object]]) -> None:
    """The front end can read also what the server itself refuses."""
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("starcoder", "health", headers={"Authorization": "token wrong"})

    assert caught.value.response is not None
    assert json.loads(caught.value.response.body)["code"] == "forbidden"
