"""What functions run on: the stage's choice, in every template, whatever packages them."""

from __future__ import annotations

import platform
import sys

import pytest

from infra import render, template
from infra.functions import FUNCTIONS
from infra.runtime import GLIBC, PROCESSORS, of_local_cloud, of_settings
from infra.stage import ALL_ON, Stage, StageError, load

RUNTIMES = [(f"python{python}", architecture) for python in GLIBC for architecture in PROCESSORS]


def chosen(name, architecture):
    return {"RUNTIME": name, "ARCHITECTURE": architecture}


def functions(made):
    return [
        found["Properties"] for found in made["Resources"].values() if "Runtime" in found.get("Properties", {})
    ]


def test_a_stage_that_says_nothing_runs_on_3_13_and_x86_64():
    for stage in (Stage("prod", {}), load("dev"), load("prod")):
        assert (stage.runtime.name, stage.runtime.architecture) == ("python3.13", "x86_64")


@pytest.mark.parametrize(("name", "architecture"), RUNTIMES)
def test_every_function_of_a_merged_template_is_pinned(name, architecture):
    stage = Stage("prod", {**chosen(name, architecture), **ALL_ON})
    pinned = [(found["Runtime"], found["Architectures"]) for found in functions(template.merge(stage))]
    assert pinned == [(name, [architecture])] * len(FUNCTIONS)


@pytest.mark.parametrize(("name", "architecture"), RUNTIMES)
def test_chalice_is_told_the_same(name, architecture):
    stage = render.unwritten_config(Stage("dev", chosen(name, architecture)))["stages"]["dev"]
    assert (stage["environment_variables"]["RUNTIME"], stage["lambda_architecture"]) == (name, architecture)


@pytest.mark.parametrize(
    "wrong", [chosen("3.13", "x86_64"), chosen("python2.7", "arm64"), chosen("python3.13", "arm")]
)
def test_what_lambda_has_not_is_refused(wrong):
    with pytest.raises(StageError, match=r"stage prod: .* is one of"):
        Stage("prod", wrong).runtime  # noqa: B018


@pytest.mark.parametrize(("name", "architecture"), RUNTIMES)
def test_wheels_are_for_the_processor_and_ask_for_no_newer_glibc(name, architecture):
    runtime = of_settings(chosen(name, architecture))
    minors = [int(found.split("_")[2]) for found in runtime.platforms[:-1]]
    assert minors == sorted(minors, reverse=True)
    assert (max(minors), min(minors)) == (26 if name == "python3.11" else 34, 17)
    assert {found.partition("_")[2].split("_", 2)[-1] for found in runtime.platforms[:-1]} == {runtime.processor}
    assert runtime.platforms[-1] == f"manylinux2014_{runtime.processor}"


def test_the_local_cloud_has_the_python_of_its_environment_on_this_machine(tmp_path):
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.14.2\nexecutable = /usr/bin/python3.14\n")
    runtime = of_local_cloud(tmp_path)
    assert (runtime.name, runtime.processor) == ("python3.14", platform.machine())


def test_before_there_is_a_local_cloud_it_is_taken_to_be_of_this_python(tmp_path):
    assert of_local_cloud(tmp_path).python == f"{sys.version_info.major}.{sys.version_info.minor}"


def test_what_a_stage_chose_says_nothing_of_the_local_cloud():
    asked = Stage("dev", chosen("python3.12", "arm64"), emulated=True).runtime
    assert asked == load("local").runtime
