"""Small made-up tables in place of those that a few problems would fetch from the network."""

import csv
import random
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

SEED = 7
HOUSES = 200
HOUSE_FEATURES = ("MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude")

Row = tuple[object, ...]


def write_tables(folder: Path) -> None:
    """Writes the tables of seaborn's `load_dataset` that are asked for, with their columns and levels."""
    folder.mkdir(parents=True, exist_ok=True)
    luck = random.Random(SEED)  # noqa: S311 - made-up numbers
    _write(folder / "tips.csv", ("total_bill", "tip", "sex", "smoker", "day", "time", "size"), _tips(luck))
    _write(folder / "planets.csv", ("method", "number", "orbital_period", "mass", "distance", "year"), _planets(luck))
    columns = ("species", "island", "bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "sex")
    _write(folder / "penguins.csv", columns, _penguins(luck))
    _write(folder / "exercise.csv", ("", "id", "diet", "pulse", "time", "kind"), _exercise(luck))


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def _tips(luck: random.Random) -> Iterator[Row]:
    for number in range(240):
        bill = round(luck.uniform(5, 50), 2)
        yield (
            bill,
            round(bill * luck.uniform(0.08, 0.25), 2),
            luck.choice(("Male", "Female")),
            luck.choice(("Yes", "No")),
            ("Thur", "Fri", "Sat", "Sun")[number % 4],
            ("Lunch", "Dinner")[number // 4 % 2],
            luck.randint(1, 6),
        )


def _planets(luck: random.Random) -> Iterator[Row]:
    methods = ("Radial Velocity", "Transit", "Imaging", "Microlensing", "Eclipse Timing Variations")
    for number in range(300):
        yield (
            methods[number % len(methods)],
            luck.randint(1, 7),
            round(luck.lognormvariate(4, 2), 3),
            round(luck.lognormvariate(0, 1), 3),
            round(luck.lognormvariate(4, 1), 2),
            luck.randint(1989, 2014),
        )


def _penguins(luck: random.Random) -> Iterator[Row]:
    """Grouped by species, each with both sexes: some problems count on the order."""
    for species, islands, bill_mm in (
        ("Adelie", ("Torgersen", "Biscoe", "Dream"), 39),
        ("Chinstrap", ("Dream",), 49),
        ("Gentoo", ("Biscoe",), 47),
    ):
        for number in range(80):
            yield (
                species,
                islands[number % len(islands)],
                round(luck.gauss(bill_mm, 2.5), 1),
                round(luck.gauss(17, 1.5), 1),
                round(luck.gauss(200, 10)),
                25 * round(luck.gauss(168, 24)),
                ("MALE", "FEMALE")[number % 2],
            )


def _exercise(luck: random.Random) -> Iterator[Row]:
    times = ("1 min", "15 min", "30 min")
    for number in range(90):
        person = number // len(times) + 1
        kind = ("rest", "walking", "running")[(person - 1) // 10]
        diet = ("low fat", "no fat")[(person - 1) // 5 % 2]
        yield (number, person, diet, luck.randint(80, 150), times[number % len(times)], kind)


def replace_downloads() -> None:
    """Makes scikit-learn's housing data a made-up table, where scikit-learn is loaded."""
    datasets = sys.modules.get("sklearn.datasets")
    if datasets is not None:
        setattr(datasets, "fetch_california_housing", _housing)  # noqa: B010 - a module's attributes have no type


def _housing(*, return_X_y: bool = False, as_frame: bool = False, **_: object) -> object:  # noqa: N803 - their name
    """As `sklearn.datasets.fetch_california_housing` gives it."""
    import numpy as np

    luck = np.random.RandomState(SEED)
    data, target = luck.lognormal(1.0, 0.5, (HOUSES, len(HOUSE_FEATURES))), luck.uniform(0.5, 5.0, HOUSES)
    if return_X_y:
        return data, target
    if as_frame:
        pandas = import_module("pandas")
        frame = pandas.DataFrame(data, columns=list(HOUSE_FEATURES))
        prices = pandas.Series(target, name="MedHouseVal")
        return SimpleNamespace(data=frame, target=prices, frame=frame.assign(MedHouseVal=prices))
    return SimpleNamespace(data=data, target=target, feature_names=list(HOUSE_FEATURES), DESCR="made up")
