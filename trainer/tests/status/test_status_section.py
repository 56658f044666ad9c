"""The section on the kit's page: its parts, its scripts, and what the process loads for it."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from seismic.data.settings import TrainerSettings
from seismic.demo.geology import CLASSES
from seismic.judging.colours import USUAL
from seismic.status.section import FOLDER, section

TRAINER = Path(__file__).parents[2]
STATIC = FOLDER / "static"


def test_the_page_has_the_section_and_the_words_of_traces(caller):
    page = caller.get("/status").text

    assert "<h1>Seismic</h1>" in page
    assert 'data-rows="traces" data-script="/status/view/static/view.js"' in page
    assert '<canvas id="section"' in page
    assert 'id="try-form"' not in page


def test_what_the_scripts_need_is_there(caller):
    page = caller.get("/status").text
    assert not re.search(r"<script>|\son\w+=|style=|<style", page)
    texts = {path.name: path.read_text() for path in STATIC.glob("*.js")}
    assert len(texts) == 4
    needed = {
        name if name.startswith("/") else f"/status/view/static/{name.removeprefix('./')}"
        for text in texts.values()
        for name in re.findall(r'from "([^"]+)"', text)
    }
    assert "/status/static/dom.js" in needed
    for path in (*needed, "/status/view/static/view.js", "/status/view/static/view.css"):
        assert caller.get(path).status_code == 200, path
    asked = set(re.findall(r'["`](/status/view/[a-z/]+)', texts["view.js"]))
    assert len(asked) == 4
    for path in asked:
        # 405 for a path that takes a file, 422 and 503 without a trace and without a survey.
        assert caller.get(path).status_code in (405, 422, 503), path
    for name in re.findall(r'byId\("([\w-]+)"\)', texts["view.js"]):
        assert page.count(f'id="{name}"') == 1, name


@pytest.mark.parametrize("path", sorted(STATIC.iterdir()), ids=lambda path: path.name)
def test_the_scripts_set_text_ask_by_the_pages_own_way_and_need_no_other_host(path):
    forbidden = r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|\bfetch\(|https?://"

    assert not re.search(forbidden, path.read_text())


def test_every_class_has_its_colour_in_the_figures_and_on_the_page():
    assert set(USUAL) == set(CLASSES)
    settings = TrainerSettings(classColours="salt=#000000, boundary=#999999")
    view = section(SimpleNamespace(data_dir=None, trainer_settings=settings))
    # A colour that somebody gave to one class is no other's.
    assert view.colours == {"anomaly": USUAL["anomaly"], "boundary": "#999999", "salt": "#000000"}


def test_wrong_settings_exit_2_before_numpy_is_loaded(environment):
    given = {**os.environ, **environment, "TRAINER_SETTINGS": '{"inlineByte": 0}'}
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "seismic.status"],
        cwd=TRAINER, env=given, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert "TRAINER_SETTINGS: inlineByte: got 0" in done.stderr
    assert not re.search(r"\| +(numpy|starlette)$", done.stderr, re.MULTILINE)


def test_what_is_heavy_is_not_loaded_for_a_page_without_a_survey(environment):
    code = (
        "import os, sys; from kit.status.app import StatusService; "
        "from seismic.status.trainer import TRAINER; "
        "StatusService(TRAINER, TRAINER.settings.from_environment(os.environ)); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=TRAINER, env={**os.environ, **environment}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    modules = done.stdout.split()

    heavy = ("mlflow", "sklearn", "pandas", "matplotlib", "scipy", "fastapi")
    assert [name for name in heavy if name in modules] == []
    assert "seismic.status.surveys" in modules
