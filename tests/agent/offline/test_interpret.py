"""Requests become plans, and what isn't understood is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.offline.interpret import Scene, interpret
from agent.offline.plan import Plan, Refusal, UnclearError
from agent.offline.requests import read_request
from agent.offline.surroundings import Known, look_around
from tools_registry.registry import Registry

MASS = "'Body Mass (g)'"

CALLS = [
    ("profile penguins.csv", "profile_table('penguins.csv')"),
    (
        "what is the mean body mass by species in penguins.csv",
        f"group_by('penguins.csv', 'Species', {MASS}, how='mean')",
    ),
    ("average body mass per island?", f"group_by('penguins.csv', 'Island', {MASS}, how='mean')"),
    ("median body mass in penguins.csv", f"summarize_column('penguins.csv', {MASS}, how='median')"),
    ("What's the largest mass?", f"summarize_column('penguins.csv', {MASS}, how='max')"),
    (
        "standard deviation of culmen depth in penguins.csv",
        "summarize_column('penguins.csv', 'Culmen Depth (mm)', how='std')",
    ),
    ("how many rows are in penguins.csv", "count_rows('penguins.csv')"),
    (
        "how many rows in penguins.csv where sex is male and body mass > 4000",
        "count_rows('penguins.csv', \"`Sex` == 'MALE' and `Body Mass (g)` > 4000\")",
    ),
    (
        "how many rows of penguins.csv have sex missing",
        "count_rows('penguins.csv', '`Sex` is missing')",
    ),
    (
        "how many rows where body mass is between 3,000 and 4000 in penguins.csv",
        "count_rows('penguins.csv', '`Body Mass (g)` >= 3000 and `Body Mass (g)` <= 4000')",
    ),
    (
        "mean body mass of male penguins",
        f"summarize_column(filter_rows('penguins.csv', \"`Sex` == 'MALE'\"), {MASS}, how='mean')",
    ),
    (
        "how many Gentoo penguins are there",
        "count_rows('penguins.csv', \"`Species` == 'Gentoo penguin (Pygoscelis papua)'\")",
    ),
    (
        "histogram of body mass with 30 bins",
        f"plot_histogram('penguins.csv', {MASS}, bins=30)",
    ),
    (
        "what is the maximum body mass for each island where sex is female",
        "group_by(filter_rows('penguins.csv', \"`Sex` == 'FEMALE'\"), 'Island', "
        f"{MASS}, how='max')",
    ),
    ("how many columns does penguins.csv have", "len(read_table('penguins.csv').columns)"),
    ("which island has the most penguins", "names[0] if len(names) == 1 else names"),
    (
        "which species has the highest mean body mass?",
        "names[0] if len(names) == 1 else names",
    ),
    (
        "which island has the smallest body mass",
        "names[0] if len(names) == 1 else names",
    ),
    (
        "total body mass of female penguins on Dream",
        "summarize_column(filter_rows('penguins.csv', "
        f"\"`Sex` == 'FEMALE' and `Island` == 'Dream'\"), {MASS}, how='sum')",
    ),
    (
        "mean body mass for species 'gentoo penguin (pygoscelis papua)'",
        "summarize_column(filter_rows('penguins.csv', "
        f"\"`Species` == 'Gentoo penguin (Pygoscelis papua)'\"), {MASS}, how='mean')",
    ),
    ("show the first 3 rows of penguins.csv", "read_table('penguins.csv').head(3)"),
    ("what columns does penguins.csv have", "list(read_table('penguins.csv').columns)"),
    ("how many penguins are there on each island?", "value_counts('penguins.csv', 'Island')"),
    ("what is the most common island", "names[0] if len(names) == 1 else names"),
    (
        "how many different islands are there",
        "summarize_column('penguins.csv', 'Island', how='unique')",
    ),
    ("missing values in penguins.csv", "missing_values('penguins.csv')"),
    (
        "who has the highest body mass in penguins.csv",
        "winners",
    ),
    ("show the first row of penguins.csv", "read_table('penguins.csv').head(1)"),
    (
        "unique values of Island in penguins.csv",
        "list(dict.fromkeys(value for value in values if value is not None))",
    ),
    (
        "how many rows where island contains an in penguins.csv",
        "count_rows('penguins.csv', \"`Island` contains 'an'\")",
    ),
    ("count rows without sex in penguins.csv", "count_rows('penguins.csv', '`Sex` is missing')"),
    (
        "list islands",
        "list(dict.fromkeys(value for value in values if value is not None))",
    ),
    (
        "penguins not on Dream: mean body mass",
        "summarize_column(filter_rows('penguins.csv', \"`Island` != 'Dream'\"), "
        f"{MASS}, how='mean')",
    ),
    (
        "mean body mass by species and sex in penguins.csv",
        f"read_table('penguins.csv').groupby(['Species', 'Sex'])[{MASS}].mean()"
        f".reset_index(name={MASS})",
    ),
    (
        "top 2 rows by body mass in penguins.csv",
        f"sort_rows('penguins.csv', {MASS}, descending=True, limit=2)",
    ),
    (
        "correlation between body mass and culmen length",
        f"correlation('penguins.csv', {MASS}, 'Culmen Length (mm)')",
    ),
    (
        "plot culmen length against body mass coloured by species and save it as x.png",
        f"plot_scatter('penguins.csv', {MASS}, 'Culmen Length (mm)', color='Species', "
        "path='x.png')",
    ),
    ("histogram of body mass", f"plot_histogram('penguins.csv', {MASS})"),
    ("box plot of body mass by species", f"plot_box('penguins.csv', {MASS}, 'Species')"),
    ("slugify 'Hello World'", "slugify('Hello World')"),
    ("days between 2024-01-01 and 2024-03-01", "days_between('2024-01-01', '2024-03-01')"),
    ("is 97 prime", "is_prime(97)"),
    ("latin name of 'Cat (Felis catus)'", "latin_name('Cat (Felis catus)')"),
    (
        "apply latin_name to the column Species of penguins.csv and show the most common",
        "value_counts(table, 'latin_name')",
    ),
    (
        "plot the latin names of species in penguins.csv as bars and save as latin.png",
        "plot_bar(table, 'latin_name', path='latin.png')",
    ),
]

REFUSED = [
    ("write a haiku about penguins", ""),
    ("how many rows where culmen length is 39,1 in penguins.csv", "'1'"),
    ("top 3 islands in penguins.csv", "nothing says by what the top"),
    ("how many rows where body mass is 5% in penguins.csv", "'%'"),
    ("mean of body mass * 2 in penguins.csv", "'*'"),
    ("how many rows where island contains in penguins.csv", "has no value"),
    ("delete all files", "'delete'"),
    ("what is the weather in Berlin", ""),
    ("mean body mass in penguins.csv for heavy smokers", "'heavy'"),
    ("predict body mass from culmen length in penguins.csv", ""),
    ("mean body mass in absent.csv", "there is no file 'absent.csv'"),
    ("mean body mass where species is Pygoscelis", "no value 'Pygoscelis'"),
    ("mean body mass where species is Walrus", "no value 'Walrus'"),
    ("mean wing span in penguins.csv", ""),
    ("slugify", ""),
    ("delete rows where sex is male in penguins.csv", "'delete'"),
    ("average of the top 2 body mass in penguins.csv", ""),
    (f"mean body mass in {'a' * 3000}.csv", "there is no file"),
    ("mean body mass without outliers", "'without', 'outliers'"),
    ("mean of log body mass", "'log'"),
    ("", "nothing to do"),
]


@pytest.fixture
def scene(workspace: Path, registry: Registry) -> Scene:
    return Scene(surroundings=look_around(workspace), registry=registry)


@pytest.mark.parametrize(("text", "call"), CALLS, ids=[text for text, _ in CALLS])
def test_understood(scene: Scene, text: str, call: str) -> None:
    plan = interpret(read_request(text), scene)
    assert isinstance(plan, Plan), plan
    assert plan.code.splitlines()[-1] == call
    compile(plan.code, "cell", "exec")


@pytest.mark.parametrize(("text", "reason"), REFUSED, ids=[text for text, _ in REFUSED])
def test_refused(scene: Scene, text: str, reason: str) -> None:
    refusal = interpret(read_request(text), scene)
    assert isinstance(refusal, Refusal), refusal
    assert reason in refusal.reason


def test_two_columns_that_fit_equally_are_asked_about(scene: Scene) -> None:
    request = read_request("mean culmen in penguins.csv")
    with pytest.raises(UnclearError) as caught:
        interpret(request, scene)
    options = caught.value.inquiry.options
    assert options == ("Culmen Length (mm)", "Culmen Depth (mm)")
    answered = Scene(
        surroundings=scene.surroundings, registry=scene.registry, answers=("culmen depth (mm)",)
    )
    plan = interpret(request, answered)
    assert isinstance(plan, Plan)
    assert "'Culmen Depth (mm)'" in plan.code


def test_a_day_is_compared_as_a_date(workspace: Path, registry: Registry) -> None:
    (workspace / "days.csv").write_text("day\n01.02.2024\n03.04.2024\n")
    scene = Scene(surroundings=look_around(workspace), registry=registry)
    plan = interpret(read_request("how many rows where day is 01.02.2024 in days.csv"), scene)
    assert isinstance(plan, Plan)
    assert plan.code.endswith("`day` >= '2024-02-01' and `day` < '2024-02-02'\")")


def test_rows_are_called_as_the_file(workspace: Path, registry: Registry) -> None:
    (workspace / "penguins.csv").rename(workspace / "penguins_raw.csv")
    scene = Scene(surroundings=look_around(workspace), registry=registry)
    plan = interpret(read_request("which penguin has the highest body mass"), scene)
    assert isinstance(plan, Plan)
    assert plan.code.endswith("winners")


def test_a_column_called_as_its_file_is_a_column(workspace: Path, registry: Registry) -> None:
    (workspace / "zip.csv").write_text("zip,n\n01067,1\n")
    scene = Scene(surroundings=look_around(workspace), registry=registry)
    plan = interpret(read_request("how many different zip in zip.csv"), scene)
    assert isinstance(plan, Plan)
    assert "'zip', how='unique'" in plan.code


def test_columns_of_the_same_name_are_asked_about(workspace: Path, registry: Registry) -> None:
    (workspace / "price.csv").write_text("price,day,price\n1,2,3\n")
    scene = Scene(surroundings=look_around(workspace), registry=registry)
    with pytest.raises(UnclearError) as caught:
        interpret(read_request("sum of price in price.csv"), scene)
    assert caught.value.inquiry.options == ("price", "price.1")


def test_two_files_that_fit_equally_are_asked_about(workspace: Path, registry: Registry) -> None:
    (workspace / "more.csv").write_text("Body Mass (g)\n1\n")
    scene = Scene(surroundings=look_around(workspace), registry=registry)
    with pytest.raises(UnclearError) as caught:
        interpret(read_request("mean body mass"), scene)
    assert caught.value.inquiry.options == ("more.csv", "penguins.csv")


def test_assumptions_are_told(scene: Scene) -> None:
    plan = interpret(read_request("mean mass of male penguins"), scene)
    assert isinstance(plan, Plan)
    told = " ".join(plan.assumptions)
    assert "the file is penguins.csv" in told
    assert "'mass' was read as the column 'Body Mass (g)'" in told
    assert "`Sex` == 'MALE'" in plan.sentence


def test_a_variable_is_a_table_too(workspace: Path, registry: Registry) -> None:
    frame = Known(name="df", type="DataFrame", columns={"Price": "float64", "Shop": "str"})
    scene = Scene(surroundings=look_around(workspace, (frame,)), registry=registry)
    plan = interpret(read_request("mean price by shop in df"), scene)
    assert isinstance(plan, Plan)
    assert plan.code.endswith("group_by(df, 'Shop', 'Price', how='mean')")


def test_examples_of_a_known_tool_are_checked(scene: Scene) -> None:
    plan = interpret(read_request("slugify('Hello World') == 'hello-world'"), scene)
    assert isinstance(plan, Plan)
    assert "slugify('Hello World') == 'hello-world'" in plan.code


@pytest.mark.parametrize(
    "name", ["a'); import os; ('.csv", 'q"uote.csv', "back\\slash.csv", "new\nline.csv"]
)
def test_names_in_the_workspace_are_data(workspace: Path, registry: Registry, name: str) -> None:
    (workspace / "penguins.csv").unlink()
    (workspace / name).write_text("evil') + __import__('os').system('x') + (',Weight\n1,2\n")
    scene = Scene(surroundings=look_around(workspace), registry=registry)
    plan = interpret(read_request("mean weight"), scene)
    assert isinstance(plan, Plan)
    assert plan.code.endswith(f"summarize_column({name!r}, 'Weight', how='mean')")
