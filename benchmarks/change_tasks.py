"""Cells, what somebody wants of them, and code that tells whether the new cell has it.

Prompts may be changed while one looks at the tasks for development, not while one looks at those held out.
"""

from dataclasses import dataclass
from typing import Literal

Part = Literal["development", "held out"]

SALES = """import pandas as pd

sales = pd.DataFrame({"region": ["north", "south", "north"], "revenue": [5.0, 20.0, 30.0], "units": [1, 2, 3]})
"""
AREA = "def area(width, height):\n    return width * height"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One cell that is to be changed."""

    name: str
    part: Part
    cell: str
    wish: str = ""  # in words; of a fix nothing
    error: tuple[str, str] = ("", "")  # of a fix: its name and message
    line: int = 1  # of a fix: where it happened
    above: str = ""  # the cell above, which ran
    checks: str  # they run behind the new cell, whose text they have as CELL
    right: str  # an answer that they accept


DEVELOPMENT = (
    Task(
        name="rename a variable",
        part="development",
        cell="x = [3, 1, 2]\nx.sort()\nbest = x[0]",
        wish="rename x to prices",
        checks="assert prices == [1, 2, 3] and best == 1 and 'x' not in globals()",
        right="prices = [3, 1, 2]\nprices.sort()\nbest = prices[0]",
    ),
    Task(
        name="make a function",
        part="development",
        above="prices = [1, 2, 3]",
        cell="total = 0\nfor price in prices:\n    total += price",
        wish="put this into a function total_of that takes the prices and returns the total",
        checks="assert total_of([1, 5]) == 6",
        right="def total_of(prices):\n    return sum(prices)",
    ),
    Task(
        name="add a docstring",
        part="development",
        cell=AREA,
        wish="add a docstring",
        checks="assert area.__doc__ and area(2, 3) == 6",
        right='def area(width, height):\n    """Gives it."""\n    return width * height',
    ),
    Task(
        name="add type hints",
        part="development",
        cell=AREA,
        wish="add type hints",
        checks="assert area.__annotations__ and area(2, 3) == 6",
        right="def area(width: float, height: float) -> float:\n    return width * height",
    ),
    Task(
        name="use a comprehension",
        part="development",
        cell="squares = []\nfor n in range(5):\n    squares.append(n ** 2)",
        wish="use a list comprehension",
        checks="assert squares == [0, 1, 4, 9, 16] and 'append' not in CELL",
        right="squares = [n**2 for n in range(5)]",
    ),
    Task(
        name="use an f-string",
        part="development",
        cell="name = 'Ada'\nage = 36\ntext = name + ' is ' + str(age) + ' years old'",
        wish="use an f-string",
        checks="assert text == 'Ada is 36 years old' and ('f\"' in CELL or \"f'\" in CELL)",
        right="name = 'Ada'\nage = 36\ntext = f'{name} is {age} years old'",
    ),
    Task(
        name="turn a sort around",
        part="development",
        above=SALES,
        cell="top = sales.sort_values('revenue')",
        wish="sort from the largest to the smallest",
        checks="assert list(top['revenue']) == [30.0, 20.0, 5.0]",
        right="top = sales.sort_values('revenue', ascending=False)",
    ),
    Task(
        name="add a parameter",
        part="development",
        cell="def greet(name):\n    return 'Hello ' + name",
        wish="add a parameter greeting with the default 'Hello'",
        checks="assert greet('Ada') == 'Hello Ada' and greet('Ada', 'Hi') == 'Hi Ada'",
        right="def greet(name, greeting='Hello'):\n    return greeting + ' ' + name",
    ),
    Task(
        name="mind a zero",
        part="development",
        cell="def ratio(a, b):\n    return a / b",
        wish="return None when b is zero",
        checks="assert ratio(1, 0) is None and ratio(1, 2) == 0.5",
        right="def ratio(a, b):\n    return a / b if b else None",
    ),
    Task(
        name="filter more",
        part="development",
        above=SALES,
        cell="north = sales[sales['region'] == 'north']",
        wish="keep only rows whose revenue is above 10, too",
        checks="assert list(north['revenue']) == [30.0]",
        right="north = sales[(sales['region'] == 'north') & (sales['revenue'] > 10)]",
    ),
    Task(
        name="mean instead of sum",
        part="development",
        above=SALES,
        cell="by_region = sales.groupby('region')['revenue'].sum()",
        wish="use the mean instead of the sum",
        checks="assert by_region['north'] == 17.5",
        right="by_region = sales.groupby('region')['revenue'].mean()",
    ),
    Task(
        name="change a number",
        part="development",
        above="numbers = [5, 15, 25]",
        cell="limit = 10\nsmall = [n for n in numbers if n < limit]",
        wish="change the limit to 20",
        checks="assert small == [5, 15]",
        right="limit = 20\nsmall = [n for n in numbers if n < limit]",
    ),
    Task(
        name="wrong column",
        part="development",
        above=SALES,
        cell="total = sales['revnue'].sum()\nmean = total / len(sales)",
        error=("KeyError", "'revnue'"),
        checks="assert total == 55.0 and mean == 55 / 3",
        right="total = sales['revenue'].sum()\nmean = total / len(sales)",
    ),
    Task(
        name="wrong name",
        part="development",
        cell="total = 3 + 4\ndouble = 2 * totl",
        error=("NameError", "name 'totl' is not defined"),
        line=2,
        checks="assert double == 14",
        right="total = 3 + 4\ndouble = 2 * total",
    ),
    Task(
        name="missing import",
        part="development",
        cell="root = math.sqrt(16)",
        error=("NameError", "name 'math' is not defined"),
        checks="assert root == 4",
        right="import math\nroot = math.sqrt(16)",
    ),
    Task(
        name="text and number",
        part="development",
        cell="age = 36\ntext = 'Age: ' + age",
        error=("TypeError", 'can only concatenate str (not "int") to str'),
        line=2,
        checks="assert text == 'Age: 36'",
        right="age = 36\ntext = 'Age: ' + str(age)",
    ),
    Task(
        name="missing colon",
        part="development",
        cell="doubles = []\nfor n in range(3)\n    doubles.append(2 * n)",
        error=("SyntaxError", "expected ':'"),
        line=2,
        checks="assert doubles == [0, 2, 4]",
        right="doubles = []\nfor n in range(3):\n    doubles.append(2 * n)",
    ),
    Task(
        name="method of another language",
        part="development",
        cell="names = ['Ada']\nnames.push('Grace')",
        error=("AttributeError", "'list' object has no attribute 'push'"),
        line=2,
        checks="assert names == ['Ada', 'Grace']",
        right="names = ['Ada']\nnames.append('Grace')",
    ),
    Task(
        name="division by zero",
        part="development",
        cell="def mean(values):\n    return sum(values) / len(values)\n\nm = mean([])",
        error=("ZeroDivisionError", "division by zero"),
        line=2,
        checks="assert mean([2, 4]) == 3",
        right="def mean(values):\n    return sum(values) / len(values) if values else 0\n\nm = mean([])",
    ),
    Task(
        name="index too high",
        part="development",
        cell="values = [1, 2, 3]\nlast = values[3]",
        error=("IndexError", "list index out of range"),
        line=2,
        checks="assert values == [1, 2, 3] and last == 3",
        right="values = [1, 2, 3]\nlast = values[-1]",
    ),
)

HELD_OUT = (
    Task(
        name="rename a function",
        part="held out",
        cell="def f(a, b):\n    return a + b\n\nc = f(1, 2)",
        wish="rename f to add",
        checks="assert add(2, 3) == 5 and c == 3 and 'f' not in globals()",
        right="def add(a, b):\n    return a + b\n\nc = add(1, 2)",
    ),
    Task(
        name="ignore case",
        part="held out",
        above="text = 'To be or not to be'",
        cell="counts = {}\nfor word in text.split():\n    counts[word] = counts.get(word, 0) + 1",
        wish="count words without regard to upper and lower case",
        checks="assert counts == {'to': 2, 'be': 2, 'or': 1, 'not': 1}",
        right="counts = {}\nfor word in text.lower().split():\n    counts[word] = counts.get(word, 0) + 1",
    ),
    Task(
        name="round",
        part="held out",
        cell="share = 2 / 3",
        wish="round the share to two digits",
        checks="assert share == 0.67",
        right="share = round(2 / 3, 2)",
    ),
    Task(
        name="add a column",
        part="held out",
        above=SALES,
        cell="report = sales.copy()",
        wish="add a column price, which is revenue divided by units",
        checks="assert list(report['price']) == [5.0, 10.0, 10.0]",
        right="report = sales.copy()\nreport['price'] = report['revenue'] / report['units']",
    ),
    Task(
        name="use with",
        part="held out",
        cell="def read(path):\n    file = open(path)\n    text = file.read()\n    file.close()\n    return text",
        wish="use a with statement",
        checks="open('a.txt', 'w').write('abc')\nassert read('a.txt') == 'abc' and 'with ' in CELL",
        right="def read(path):\n    with open(path) as file:\n        return file.read()",
    ),
    Task(
        name="leave out pairs",
        part="held out",
        cell="pairs = [(a, b) for a in range(2) for b in range(2)]",
        wish="leave out pairs where a equals b",
        checks="assert pairs == [(0, 1), (1, 0)]",
        right="pairs = [(a, b) for a in range(2) for b in range(2) if a != b]",
    ),
    Task(
        name="column in other case",
        part="held out",
        above=SALES,
        cell="counts = sales.groupby('Region').size()",
        error=("KeyError", "'Region'"),
        checks="assert counts['north'] == 2",
        right="counts = sales.groupby('region').size()",
    ),
    Task(
        name="missing argument",
        part="held out",
        cell="def power(base, exponent):\n    return base ** exponent\n\nvalue = power(3)",
        error=("TypeError", "power() missing 1 required positional argument: 'exponent'"),
        line=4,
        checks="assert power(2, 3) == 8 and value >= 1",
        right="def power(base, exponent=2):\n    return base ** exponent\n\nvalue = power(3)",
    ),
    Task(
        name="open bracket",
        part="held out",
        cell="total = sum([1, 2, 3]\nmean = total / 3",
        error=("SyntaxError", "'(' was never closed"),
        checks="assert total == 6 and mean == 2",
        right="total = sum([1, 2, 3])\nmean = total / 3",
    ),
    Task(
        name="number in quotes",
        part="held out",
        cell="price = '12'\ndouble = price * 2\ntax = double / 5",
        error=("TypeError", "unsupported operand type(s) for /: 'str' and 'int'"),
        line=3,
        checks="assert tax == 4.8",
        right="price = 12\ndouble = price * 2\ntax = double / 5",
    ),
)
TASKS = (*DEVELOPMENT, *HELD_OUT)
