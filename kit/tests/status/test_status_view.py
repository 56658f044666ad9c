"""The place of a trainer's own part on the page, and the page of a trainer without one."""

import re

import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from kit.server.errors import RequestError
from kit.status.trainer import Trainer
from kit.status.view import View, ViewIncomplete

from .conftest import Caller

PART = '<p id="mine">$1.50 a &lt;row&gt;</p>'


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "secret.py").write_text("secret")
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "view.js").write_text("export function start() { return {}; }")
    return folder


async def told(request):
    return PlainTextResponse(f"told {request.query_params.get('of')}")


async def refused(_):
    raise RequestError(422, "invalid_input", "row", "too long")


async def broken(_):
    raise RuntimeError("a password of somebody")


ROUTES = (
    Route("/told", told), Route("/refused", refused), Route("/broken", broken, methods=["GET", "POST"]),
    Route("/static/view.js", told),
)  # fmt: skip


@pytest.fixture
def viewed(make, folder):
    def made(**changes):
        view = View(part=PART, folder=folder, routes=ROUTES, **changes)
        return Caller(make(trainer=Trainer(view=lambda settings: view, rows="<rows>")))

    return made


def test_a_trainer_without_a_view_has_a_form_for_the_json_of_a_row(caller):
    page = caller.get("/status").text

    assert 'data-rows="customers" data-script="/status/static/tryit.js"' in page
    assert page.count('<h2 id="try-title">Try it</h2>') == 1
    for name in re.findall(r'byId\("([\w-]+)"\)', caller.get("/status/static/tryit.js").text):
        assert page.count(f'id="{name}"') == 1, name
    assert '<label for="row">' in page
    assert "/status/view" not in page
    assert caller.get("/status/view/static/view.js").status_code == 404


def test_a_view_is_below_the_heading_with_its_script(viewed):
    caller = viewed()
    page = caller.get("/status").text

    assert re.search(rf'<h2 id="try-title">Try it</h2>\s*{re.escape(PART)}\s*</section>', page)
    assert 'data-rows="&lt;rows&gt;" data-script="/status/view/static/view.js"' in page
    assert 'id="try-form"' not in page
    assert "view.css" not in page
    script = caller.get("/status/view/static/view.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert script.text.startswith("export function start()")  # no route of the view takes its place
    assert script.headers["content-security-policy"].startswith("default-src 'self';")


def test_a_view_may_have_a_style(viewed, folder):
    (folder / "view.css").write_text("p { margin: 0; }")
    caller = viewed()

    assert '<link rel="stylesheet" href="/status/view/static/view.css">' in caller.get("/status").text
    assert caller.get("/status/view/static/view.css").text == "p { margin: 0; }"


def test_the_views_paths_are_below_its_own_with_the_headers_that_guard_every_page(viewed):
    answer = viewed().get("/status/view/told?of=rows")

    assert (answer.status_code, answer.text) == (200, "told rows")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    ["static/../secret.py", "static/..%2fsecret.py", "static/%2e%2e/secret.py", "static//etc/hostname",
     "static/../../../etc/hostname", "static/", "static/nothing.js", "nothing", ""],
)  # fmt: skip
def test_nothing_outside_of_the_views_folder_is_given_out(viewed, path):
    answer = viewed().get(f"/status/view/{path}")

    assert answer.status_code == 404
    assert "secret" not in answer.text


def test_a_view_that_fails_breaks_nothing_else(viewed):
    caller = viewed()

    answer = caller.get("/status/view/refused")
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "row")
    answer = caller.request("POST", "/status/view/broken")
    assert (answer.status_code, answer.json()["error"]["kind"]) == (500, "internal")
    assert "password" not in answer.text
    assert caller.request("DELETE", "/status/view/broken").status_code == 405
    for path in ("/status", "/status/data", "/ready", "/metrics"):
        assert caller.get(path).status_code == 200


def test_a_view_without_its_script_is_no_view(tmp_path):
    with pytest.raises(ViewIncomplete, match=r"there is no view\.js"):
        View(part="", folder=tmp_path)


def test_a_view_gets_the_facts_it_asks_for_and_the_others_do_not(viewed, caller, replicas):
    with_view = viewed(facts=("n_samples", "version", "nothing"))
    for each in (with_view, caller):
        each.ask(each.serving)

    info = with_view.data()["serving"]["info"]
    assert (info["n_samples"], info["version"], info["nothing"]) == (120, "1", None)
    assert "interval_us" not in info
    assert "n_samples" not in caller.data()["serving"]["info"]


def test_classes_have_the_colours_of_the_view_or_of_the_figures(viewed, caller, replicas):
    with_view = viewed(colours={"normal": "#010203", "other": "#040506"})
    for each in (with_view, caller):
        each.ask(each.serving)

    assert with_view.data()["serving"]["colours"] == {"anomaly": "#0072B2", "normal": "#010203"}
    assert caller.data()["serving"]["colours"] == {"anomaly": "#0072B2", "normal": "#D55E00"}


def test_a_model_without_classes_has_figures_and_nothing_of_classes(caller, replicas):
    (replica,) = replicas(0)
    replica.routes["/model_info"] = {
        "version": "1", "sha256": "1".rjust(64, "a"),
        "regressor": "trees", "metrics": {"rmse": 2.5, "r2": 0.9, "champion_rmse": 3.0},
    }  # fmt: skip
    caller.ask(caller.serving)

    serving = caller.data()["serving"]

    assert serving["figures"] == [
        {"name": "rmse", "title": "RMSE", "value": 2.5},
        {"name": "r2", "title": "R²", "value": 0.9},
    ]
    assert serving["colours"] == {}
    assert (serving["info"]["classifier"], serving["info"]["regressor"]) == (None, "trees")


def test_every_part_of_the_page_that_a_script_fills_is_there(caller):
    page = caller.get("/status").text
    for script in ("status.js", "training.js"):
        text = caller.get(f"/status/static/{script}").text
        for name in re.findall(r'(?:byId|show)\("([\w-]+)"', text):
            assert page.count(f'id="{name}"') == 1, name
