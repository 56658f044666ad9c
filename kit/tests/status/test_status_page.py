import json
import re
from urllib.parse import quote

import pytest

from kit.status import plots
from kit.status.page.frame import STATIC

from .conftest import Caller

HOSTILE = '<script>alert(1)</script>"&'


def test_the_page_is_there_before_anything_is_known(caller):
    for path in ("/status", "/status/"):
        answer = caller.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
    data = caller.data()
    assert data["registry"] is None
    assert data["serving"]["replicas"] == []
    assert [source["up"] for source in data["sources"]] == [None, None]
    assert data["drift_threshold"] == 0.2


def test_everything_has_the_headers_that_guard_it(caller):
    for path in ("/status", "/status/data", "/status/static/status.js", "/status/plots/x.png", "/status/x"):
        headers = caller.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self';"), path
        assert headers["x-content-type-options"] == "nosniff"


def test_head_is_get_without_the_body(caller):
    for path in ("/health", "/ready", "/metrics", "/status", "/status/data", "/status/static/status.js"):
        got, head = caller.get(path), caller.request("HEAD", path)
        assert (head.status_code, head.headers["content-type"]) == (
            got.status_code,
            got.headers["content-type"],
        )


def test_what_the_page_needs_comes_from_this_service_and_nothing_is_inline(caller):
    page = caller.get("/status").text
    assert "<script>" not in page
    assert not re.search(r"\son\w+=|style=|<style", page)
    needed = re.findall(r'(?:src|href|data-script)="(/[^"]+)"', page)
    needed += [f"/status/static/{name}" for path in STATIC.glob("*.js")
               for name in re.findall(r'from "\./([\w.]+)"', path.read_text())]  # fmt: skip
    assert len(set(needed)) >= 8
    for path in needed:
        answer = caller.get(path)
        assert answer.status_code == 200, path
        if path.endswith(".js"):
            assert answer.headers["content-type"].startswith("text/javascript")
    for path in STATIC.iterdir():
        outside = [url for url in re.findall(r"https?://[\w.]+", path.read_text()) if "w3.org" not in url]
        assert outside == [], path


def test_names_from_outside_are_escaped(make):
    links = json.dumps({HOSTILE: 5000, "Docs": "https://host/?a=\"'><script>"})
    page = Caller(make(ENVIRONMENT=HOSTILE, STACK=HOSTILE, LINKS=links)).get("/status").text

    assert "<script>" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&amp;") == 5
    assert 'data-port="5000"' in page
    assert "https://host/?a=&quot;&#x27;&gt;&lt;script&gt;" in page


def test_the_script_sets_text_and_never_markup():
    for path in STATIC.glob("*.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", path.read_text())


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404), ("GET", "/status/x", 404), ("POST", "/status", 405),
        ("GET", "/status/view/view.js", 404),
        ("GET", "/status/static/../app.py", 404), ("GET", "/status/static/..%2fapp.py", 404),
        ("GET", "/predict", 404),
    ],
)  # fmt: skip
def test_other_paths_are_errors_in_json(caller, method, path, status):
    answer = caller.request(method, path)

    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_ready_until_it_is_to_stop(caller):
    assert caller.get("/health").json() == {"status": "ok"}
    assert caller.get("/ready").status_code == 200
    caller.service.draining = True
    assert caller.get("/ready").status_code == 503
    assert caller.get("/status").status_code == 200


def test_figures_that_are_no_numbers_are_null(make, replicas):
    caller = Caller(make())
    replicas(0)[0].routes["/model_info"] = b'{"sha256": "x", "metrics": {"macro_f1": 1e999}}'
    replicas(0)[0].routes["/version"] = b'{"model_sha256": "x"}'
    caller.ask(caller.serving)

    body = caller.get("/status/data").text

    assert "NaN" not in body
    assert "Infinity" not in body


PLOTS = ["confusion.png", "calibration.png", "a b.png", "über_uns.png"]


@pytest.fixture
def trained(caller, mlflow):
    mlflow.add_run("run1", "FINISHED")
    mlflow.add_version(1, "run1", "champion")
    for name in (*reversed(PLOTS), "expectations.json", "model.skops", "../evil.png", "folder/x.png"):
        mlflow.artifacts["run1", name] = name.encode()
    caller.ask(caller.mlflow)
    return caller


def test_every_plot_of_the_champion_is_shown_the_known_ones_first(trained):
    assert trained.data()["registry"]["plots"] == [
        {"name": "confusion.png", "title": "Confusion matrix"},
        {"name": "calibration.png", "title": "Calibration"},
        {"name": "a b.png", "title": "A b"},
        {"name": "über_uns.png", "title": "Über uns"},
    ]
    for name in PLOTS:
        answer = trained.get(f"/status/plots/{quote(name)}")
        assert (answer.status_code, answer.content) == (200, name.encode())


def test_plots_are_fetched_once(trained, mlflow):
    mlflow.asked.clear()

    for _ in range(3):
        answer = trained.get("/status/plots/confusion.png")
        assert (answer.status_code, answer.content) == (200, b"confusion.png")
        assert answer.headers["content-type"] == "image/png"

    assert mlflow.asked == ["/get-artifact"]
    again = trained.get("/status/plots/confusion.png", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_plots_are_bounded_in_number_and_bytes():
    many = {f"{number:03}.png": 1 for number in range(100)}
    assert plots.shown(many | {"tuning.png": 1}) == ["tuning.png", *sorted(many)[: plots.MOST_PLOTS - 1]]
    assert plots.shown({"a.png": plots.LARGEST_PLOT, "b.png": plots.LARGEST_PLOT + 1}) == ["a.png"]


def test_only_the_newest_bytes_are_kept(trained, mlflow, monkeypatch):
    monkeypatch.setattr(plots, "KEPT_BYTES", len("confusion.png") + len("calibration.png"))
    for name in ("confusion.png", "calibration.png", "a%20b.png"):
        trained.get(f"/status/plots/{name}")
    mlflow.asked.clear()

    assert trained.get("/status/plots/calibration.png").status_code == 200
    assert mlflow.asked == []
    assert trained.get("/status/plots/confusion.png").content == b"confusion.png"
    assert mlflow.asked == ["/get-artifact"]


def test_another_champion_has_other_plots(trained, mlflow):
    before = trained.get("/status/plots/calibration.png")
    mlflow.add_run("run2", "FINISHED")
    mlflow.add_version(2, "run2", "champion")
    mlflow.artifacts["run2", "calibration.png"] = b"new"
    trained.ask(trained.mlflow)

    answer = trained.get("/status/plots/calibration.png", headers={"if-none-match": before.headers["etag"]})

    assert (answer.status_code, answer.content) == (200, b"new")
    assert trained.get("/status/plots/confusion.png").status_code == 404


@pytest.mark.parametrize(
    "name",
    ["expectations.json", "model.skops", "tuning.png", "..%2fevil.png", "..%2fconfusion.png", "folder/x.png",
     "folder%2fx.png", "x.png", "confusion.png%00", "CONFUSION.PNG", ""],
)  # fmt: skip
def test_nothing_but_plots_is_given_out(trained, mlflow, name):
    answer = trained.get(f"/status/plots/{name}")

    assert answer.status_code == 404


def test_a_plot_that_mlflow_does_not_give_is_a_503_in_words(trained, mlflow):
    mlflow.routes["/get-artifact"] = (500, "broken")
    answer = trained.get("/status/plots/confusion.png")
    assert answer.status_code == 503
    assert "MLflow does not give it" in answer.json()["error"]["message"]

    mlflow.routes["/get-artifact"] = b"x" * (5 << 20)
    assert trained.get("/status/plots/confusion.png").status_code == 503


def test_no_plots_without_a_champion(caller):
    assert caller.get("/status/plots/confusion.png").status_code == 404


def test_what_the_page_fetches_has_no_credentials_in_its_address():
    fetched = [
        argument
        for path in STATIC.glob("*.js")
        for argument in re.findall(r"\bfetch\((\w+)", path.read_text())
    ]

    assert len(fetched) >= 2
    assert set(fetched) == {"address"}
    assert "new URL(path, location.origin)" in (STATIC / "dom.js").read_text()
