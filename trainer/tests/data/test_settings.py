"""TRAINER_SETTINGS are strict, have all problems in one message, and agree with the deployment's schema."""

import json
from pathlib import Path

import pytest

from kit.contract import protocol
from kit.contract.protocol import ConfigurationError
from kit.plots.style import colours
from seismic.data.settings import CHECKS, TrainerSettings
from seismic.demo.geology import CLASSES
from seismic.judging.colours import chosen
from seismic.serving.settings import Settings as ServingSettings
from seismic.status.settings import Settings as StatusSettings
from seismic.training.settings import Settings

TRAINER = Path(__file__).parents[2]


def test_the_schema_beside_the_package_is_that_of_the_settings():
    assert json.loads((TRAINER / "settings.schema.json").read_text()) == TrainerSettings.json_schema(), (
        "python -m kit.contract.own_settings seismic.data.settings:TrainerSettings > settings.schema.json"
    )


def test_the_schema_is_flat_described_and_fills_nothing_in():
    schema = TrainerSettings.json_schema()
    assert schema["additionalProperties"] is False
    for name, one in schema["properties"].items():
        assert one["type"] in ("string", "number", "integer", "boolean"), name
        assert one["description"], name
        assert "default" not in one, name


TEXTS = {"classes": "salt, sand", "classColours": "salt=#D55E00, sand=#0072b2"}


@pytest.mark.parametrize("name", TrainerSettings.json_schema()["properties"])
def test_every_setting_is_bounded_as_its_schema_says(name):
    schema = TrainerSettings.json_schema()["properties"][name]
    is_flag = schema["type"] == "boolean"
    good = False if is_flag else TEXTS.get(name) or schema.get("enum", [schema.get("maximum", 1e30)])[0]
    assert TrainerSettings.parse(json.dumps({name: good})).given == {name: good}
    for wrong in ("text", 1 if is_flag else True, None, [good], 2.5 * schema.get("maximum", 1)):
        with pytest.raises(ValueError, match=rf"^{name}: got .*; expected "):
            TrainerSettings.parse(json.dumps({name: wrong}))


@pytest.mark.parametrize("case", json.loads((Path(__file__).with_name("settings_cases.json")).read_text()))
def test_the_trainer_takes_what_the_deployment_does(case):
    try:
        TrainerSettings.parse(json.dumps(case["settings"]))
        problems = []
    except ValueError as error:
        problems = [line.partition(":")[0] for line in str(error).splitlines()]
    assert sorted(problems) == case["problems"]


def test_the_texts_of_classes_and_colours():
    settings = TrainerSettings.parse('{"classes": " sand,salt , shale 2", "classColours": "sand = #D55E00"}')
    assert settings.class_names == ("sand", "salt", "shale 2")
    assert settings.given_colours == {"sand": "#D55E00"}
    assert TrainerSettings().class_names == ()
    assert TrainerSettings().given_colours == {}


def test_the_classes_of_the_demo_keep_their_colours():
    demo = {"anomaly": "#D55E00", "boundary": "#0072B2", "normal": "#999999"}
    assert colours(CLASSES, chosen(TrainerSettings())) == demo
    settings = TrainerSettings(classColours="normal=#000000, salt=#d55e00")
    assert chosen(settings) == {"normal": "#000000", "salt": "#d55e00", "boundary": "#0072B2"}
    assert len(set(colours([*CLASSES, "salt"], chosen(settings)).values())) == 4


def test_nothing_has_to_be_set():
    assert TrainerSettings.parse("{}").given == {}
    assert TrainerSettings().inline_byte == 189


def test_every_check_has_its_bounds_and_who_lowers_one_lowers_both():
    settings = TrainerSettings.parse('{"deadTracesFail": 0.1}')
    assert settings.bounds("dead_traces") == (0.1, 0.1)
    assert all(0 <= warn <= fail <= 1 for warn, fail in map(settings.bounds, CHECKS))


WRONG = {
    '{"inlineByte": 300, "x": 1, "sampleFormat": 4}': [
        "inlineByte: got 300; expected less than or equal to 239",
        "sampleFormat: got 4; expected one of 1, 2, 3, 5, 6, 8, 9, 10, 11, 12, 16",
        "x: no such setting; there are inlineByte, crosslineByte, cdpByte, ",
    ],
    '{"inline_byte": 9}': ["inline_byte: no such setting"],
    '{"inlineByte": 193}': ["inlineByte and crosslineByte: both are 193"],
    '{"undefinedValue": NaN}': ["undefinedValue: got NaN; expected a finite number"],
    '{"classes": "salt"}': ['classes: got "salt"; expected 2 to 100 names of classes with commas between'],
    '{"classes": "a,,b"}': ['classes: got "a,,b"; expected names of 1 to 100 letters, digits, '],
    '{"classes": "a,b,a"}': ['classes: got "a,b,a"; expected each class once'],
    '{"classes": "a,A"}': ['classes: got "a,A"; expected classes that differ in more than case and spaces'],
    '{"classColours": "a=red"}': ['classColours: got "a=red"; expected pairs such as salt=#D55E00'],
    '{"classColours": "a=#000000,a=#111111"}': ['classColours: got "a=#000000,a=#111111"; expected each'],
    "[]": ['expected a JSON object such as {"inlineByte": 9, "crosslineByte": 21}'],
    "inlineByte: 9": ["expected a JSON object"],
}


@pytest.mark.parametrize("text", WRONG)
def test_every_problem_is_told_by_whoever_reads_surveys(text, tmp_path):
    expected = [f"TRAINER_SETTINGS: {problem}" for problem in WRONG[text]]
    environment = {"TRAINER_SETTINGS": text, "DATA_DIR": str(tmp_path), "REGISTER": "false"}
    for read, error in (
        (Settings.from_environment, protocol.ConfigurationError),
        (ServingSettings.from_environment, ConfigurationError),
        (StatusSettings.from_environment, ConfigurationError),
    ):
        with pytest.raises(error) as raised:
            read(environment)
        told = [line for line in str(raised.value).splitlines() if line.startswith("TRAINER_SETTINGS: ")]
        assert len(told) == len(expected)
        assert all(line.startswith(start) for line, start in zip(told, expected, strict=True))


def test_the_trainer_is_told_by_its_variable(tmp_path):
    environment = {"DATA_DIR": str(tmp_path), "REGISTER": "false"}
    assert Settings.from_environment(environment).trainer_settings == TrainerSettings()
    environment["TRAINER_SETTINGS"] = '{"cdpByte": 25}'
    assert Settings.from_environment(environment).trainer_settings.cdp_byte == 25
