"""The pages of one's own account, and the files that they load, as a browser asks for them."""

from __future__ import annotations

import json
import re

import pytest

from chalicelib.connections import connections, process_note
from chalicelib.connections.routes import connections as connection_routes
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.aws.objects import bucket_url
from chalicelib.core.settings import settings
from chalicelib.mail_delivery.messages import LINKS
from chalicelib.web import assets, catalogues, html
from chalicelib.web.routes import ACCOUNT
from chalicelib.web.routes import web as routes
from tests.functional.apps import ApiClient

CONNECTION = {
    "id": "forum",
    "kind": "oauth2",
    "name": "Forum",
    "client_id": "c1",
    "client_secret": "a very secret secret",
    "authorization_endpoint": "https://forum.example/authorize",
    "token_endpoint": "https://forum.example/token",
    "userinfo_endpoint": "https://forum.example/me",
}


@pytest.fixture
def api():
    return ApiClient(routes)


CONSOLE = ("/console", "/console/people", "/console/people/U1")


def paths():
    return ["/account", *(f"/account/{page}" for page in sorted(ACCOUNT)), *CONSOLE]


@pytest.mark.parametrize("path", paths())
def test_a_page_is_html_that_is_looked_up_again_each_time(api, path):
    with telemetry.recording() as seen:
        answer = api.call("GET", path)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.body.startswith("<!doctype html>")
    assert seen.names == []


@pytest.mark.parametrize("path", paths())
def test_a_page_runs_nothing_but_our_own_files(api, path):
    headers = api.call("GET", path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": f"'self' {bucket_url(settings().bucket('uploads'))}" if path in CONSOLE else "'self'",
        "img-src": "'self' data:",
        "form-action": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


PLACES = {
    "https://files.s3.eu-central-1.amazonaws.com/": {"AWS_DEFAULT_REGION": "eu-central-1"},
    "https://files.s3.us-east-1.amazonaws.com/": {"AWS_DEFAULT_REGION": "us-east-1"},
    "https://files.s3.cn-north-1.amazonaws.com.cn/": {"AWS_DEFAULT_REGION": "cn-north-1"},
    "http://127.0.0.1:4566/files": {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"},
    "http://files.localhost:4566/": {"AWS_ENDPOINT_URL_S3": "http://localhost:4566"},
    "https://files.s3-fips.us-east-1.amazonaws.com/": {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_USE_FIPS_ENDPOINT": "true",
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("url", PLACES)
def test_the_console_may_send_to_where_forms_of_uploads_lead_and_nowhere_else(aws, monkeypatch, url):
    for name, value in PLACES[url].items():
        monkeypatch.setenv(name, value)
    clients.reset()
    try:
        form = clients.client("s3").generate_presigned_post("files", "imports/any")
        assert bucket_url("files") == form["url"] == url
    finally:
        clients.reset()


def test_a_page_that_has_not_changed_is_not_sent_again(api):
    first = api.call("GET", "/account")
    again = api.call("GET", "/account", If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, "")
    assert api.call("GET", "/account", If_None_Match='"another"').status == 200


@pytest.mark.parametrize("path", ["/account/nowhere", "/account/page.html", "/account/views"])
def test_there_is_no_other_page(api, path):
    answer = api.call("GET", path)
    assert (answer.status, answer.body["title"]) == (404, "Not found")


@pytest.mark.parametrize(("path", "depth"), [("/account", 0), ("/account/reset", 1)])
def test_what_a_page_loads_is_there_under_any_prefix(api, path, depth):
    page = api.call("GET", path).body
    loaded = re.findall(r'<(?:link|script|img)[^>]* (?:href|src)="([^"]*)"', page)
    assert len(loaded) > 5
    for reference in loaded:
        assert reference.startswith("../" * depth + "assets/")
        answer = api.call("GET", "/" + reference.removeprefix("../"))
        assert answer.status == 200
        assert "immutable" in answer.headers["Cache-Control"]


def says_that_there_are_none(api):
    stage = re.search(r'id="stage">(.*?)</script>', api.call("GET", "/account/sign-in").body)[1]
    return json.loads(stage)["no_connections"]


def test_a_page_says_that_there_are_no_connections_where_that_is_known_for_nothing(aws, held_clock):
    api = ApiClient(routes)
    assert not says_that_there_are_none(api)
    assert connections().enabled() == []
    assert says_that_there_are_none(api)
    held_clock.tick(seconds=process_note.SECONDS)
    assert not says_that_there_are_none(api)


def test_a_page_does_not_say_so_once_there_is_a_connection(aws, held_clock):
    api = ApiClient(routes, connection_routes)
    api.sign_in("A1", "admin", second_factor=True, user={"email": "root@ops.example"})
    assert connections().enabled() == []
    assert api.call("POST", "/connections", CONNECTION).status == 201
    assert not says_that_there_are_none(api)
    assert [connection["name"] for connection in connections().enabled()] == ["Forum"]
    assert not says_that_there_are_none(api)


def test_mails_link_to_pages_that_are_there():
    assert {page.removeprefix("/account/") for _, page in LINKS.values()} <= ACCOUNT


@pytest.mark.parametrize(
    ("file", "media_type"),
    [
        ("account/app.js", "text/javascript; charset=utf-8"),
        ("shared/style.css", "text/css; charset=utf-8"),
        ("shared/icon.svg", "image/svg+xml"),
    ],
)
def test_a_file_is_kept_for_good_as_long_as_its_version_is_in_its_address(api, file, media_type):
    answer = api.call("GET", f"/assets/{assets.version()}/{file}")
    assert (answer.status, answer.headers["Content-Type"]) == (200, media_type)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = api.call("GET", f"/assets/{assets.version()}/{file}", If_None_Match=answer.headers["ETag"])
    assert again.status == 304


def test_a_page_of_the_version_before_gets_the_present_files_and_does_not_keep_them(api):
    answer = api.call("GET", "/assets/0123456789abcdef/account/app.js")
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    "path",
    ["account/page.html", "account/nothing.js", "core/settings.py", "..%2Fpages/routes.py", "shared/..%2Fhtml.py"],
)
def test_there_is_no_other_file(api, path):
    assert api.call("GET", f"/assets/{assets.version()}/{path}").status == 404


def test_the_version_is_of_all_files_together():
    assert re.fullmatch("[0-9a-f]{16}", assets.version())
    assert html.page("account", 1).version != html.page("account", 2).version


GERMAN = {"Accept_Language": "fr;q=0.2, de-CH"}


def written_in(answer):
    language = re.search(r'<html lang="([^"]*)" dir="ltr">', answer.body)[1]
    assert answer.headers["Content-Language"] == language
    assert ("Ihr Konto" in answer.body, "Your account" in answer.body) == (language == "de", language == "en")
    return language


@pytest.mark.parametrize(
    ("query", "headers", "language"),
    [
        ("", {}, "en"),
        ("", GERMAN, "de"),
        ("", {"Accept_Language": "fr"}, "en"),
        ("?ui_locales=fr+de-AT+en", {}, "de"),
        ("?ui_locales=en", GERMAN, "en"),
        ("?ui_locales=de&utm_source=mail", {"Cookie": "a=b; __Host-locale=en; c=d"}, "en"),
        ("", {"Cookie": "__Host-locale=de", "Accept_Language": "en"}, "de"),
        ("", {"Cookie": "my__Host-locale=de"}, "en"),
        ("?ui_locales=%00%F0%9F%98%80<script>", {"Cookie": "__Host-locale=../../x"}, "en"),
    ],
)
def test_a_page_is_in_the_language_of_whoever_opens_it(api, query, headers, language):
    assert written_in(api.call("GET", f"/account/sign-in{query}", **headers)) == language


def test_a_page_is_kept_for_its_language_alone(api):
    english, german = (api.call("GET", "/account", Accept_Language=each) for each in ("en", "de"))
    assert english.headers["Vary"] == german.headers["Vary"] == "Accept-Language, Cookie, Origin"
    assert english.headers["ETag"] != german.headers["ETag"]
    assert api.call("GET", "/account", If_None_Match=english.headers["ETag"], **GERMAN).status == 200


@settings.held(allowed_origins=())
def test_a_page_varies_by_the_language_where_no_other_origin_is_allowed(api):
    assert api.call("GET", "/account").headers["Vary"] == "Accept-Language, Cookie"


@settings.held(default_locale="de-AT")
def test_the_language_of_the_stage_is_for_whoever_wants_none_that_there_is(api):
    assert written_in(api.call("GET", "/account", Accept_Language="fr")) == "de"


def test_an_owner_s_catalogue_is_added_to_what_there_is(tmp_path):
    for locale, texts in {
        "de-AT": {"sign-in.title": "Servus <b>"},
        "de": {"sign-in.or": "oder gar"},
        "ar": {"page.direction": "rtl"},
    }.items():
        (tmp_path / locale).mkdir()
        (tmp_path / locale / "pages.json").write_text(json.dumps(texts), "utf-8")
    owners = (tmp_path,)
    assert catalogues.find(["de-AT-x-a"], owners) == "de-AT"
    texts = catalogues.texts("de-AT", owners)
    assert [texts[key] for key in ("sign-in.title", "sign-in.or", "sign-in.forgot")] == [
        "Servus <b>",
        "oder gar",
        "Passwort vergessen?",
    ]
    assert html.worded("<h1>{{sign-in.title}}</h1>", texts) == "<h1>Servus &lt;b&gt;</h1>"
    assert catalogues.texts("ar", owners)["sign-in.title"] == "Sign in"
    with settings.held(default_locale="de"):
        assert catalogues.texts("ar", owners)["sign-in.title"] == "Anmelden"


def test_the_places_of_a_text_are_elements_that_scripts_fill_in():
    text = {"a.b": "<{x}> & {y}"}
    assert html.worded("{{a.b y:strong}}", text) == (
        '&lt;<span data-text="x"></span>&gt; &amp; <strong data-text="y"></strong>'
    )


def test_texts_for_scripts_end_no_element():
    assert "<" not in html.data({"a.b": "</script><!--"})
    assert json.loads(html.data({"a.b": "</script><!--"})) == {"a.b": "</script><!--"}


def test_password_managers_are_shown_where_a_password_is_changed(api):
    with telemetry.recording() as seen:
        answer = api.call("GET", "/.well-known/change-password")
    assert (answer.status, answer.headers["Location"]) == (302, "https://rollcall.example/account/security")
    assert seen.names == []
