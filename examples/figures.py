#!/usr/bin/env python3
"""What Kith must say about the persons of the example data sets, worked out without Kith.

    figures.py (complete_journey|online_retail|taobao) FOLDER [AS_OF...]

FOLDER holds the data set as published, .csv or .csv.xz. For each instant AS_OF (seconds since 1970)
one JSON object a line for every person: `as_of`, `person`, `features` and `audiences`, which mean
what examples/DATASET/definitions says. Sums are whole millionths, times are seconds; an average is
its sum and its count, and what is kept by key an object.

The figures are queries in SQL over a table of events and a table of their lines: DuckDB runs them
where it is installed (`pip install duckdb`), the sqlite3 that comes with Python where it is not.
`--engine sqlite3` or `--engine duckdb` chooses.
"""

import csv
import datetime
import json
import lzma
import math
import sqlite3
import sys
import tempfile
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

DAY = 86_400
HALF_LIFE = 30 * DAY
# Kith reads so many lines of an order.
LINES_MAX = 100

EVENT = "id INTEGER, person TEXT, name TEXT, moment BIGINT, worth BIGINT"
LINE = (
    "event INTEGER, person TEXT, name TEXT, moment BIGINT, "
    "product TEXT, category TEXT, department TEXT, price BIGINT, worth BIGINT"
)


def rows(folder, name):
    plain = folder / f"{name}.csv"
    packed = folder / f"{name}.csv.xz"
    opened = open(plain, newline="") if plain.is_file() else lzma.open(packed, "rt", newline="")
    with opened as lines:
        reader = csv.reader(lines)
        header = next(reader)
        # A line that is cut off is none.
        yield from (dict(zip(header, row)) for row in reader if len(row) == len(header))


def micros(text):
    return int((Decimal(text) * 1_000_000).to_integral_exact())


def seconds(text, zone="UTC"):
    local = datetime.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    return int(local.timestamp())


# The data sets as events and lines.


def complete_journey(folder):
    products = {row["product_id"]: row for row in rows(folder, "products")}
    baskets = {}
    for row in rows(folder, "transactions_sample"):
        baskets.setdefault(row["basket_id"], []).append(row)
    events, lines = [], []
    for basket in baskets.values():
        number, first = len(events), basket[0]
        at, person = seconds(first["transaction_timestamp"]), first["household_id"]
        worth = sum(micros(row["sales_value"]) for row in basket)
        events.append((number, person, "Order Completed", at, worth))
        for row in sorted(basket, key=lambda row: row["product_id"])[:LINES_MAX]:
            product, price = products.get(row["product_id"], {}), micros(row["sales_value"])
            category = product.get("product_category") or None
            department = product.get("department") or None
            line = (row["product_id"], category, department, price, price)
            lines.append((number, person, "Order Completed", at, *line))
    starts = {row["campaign_id"]: row["start_date"] for row in rows(folder, "campaign_descriptions")}
    for row in rows(folder, "campaigns"):
        at = seconds(starts[row["campaign_id"]])
        events.append((len(events), row["household_id"], "Campaign Received", at, None))
    for row in rows(folder, "coupon_redemptions"):
        at = seconds(row["redemption_date"])
        events.append((len(events), row["household_id"], "Coupon Redeemed", at, None))
    return events, lines


def online_retail(folder):
    invoices = {}
    for row in rows(folder, "online_retail"):
        row = {column: cell.strip() for column, cell in row.items()}
        number, credit = row["InvoiceNo"], row["InvoiceNo"].startswith("C")
        if number.startswith("A") or (not credit and int(row["Quantity"]) < 0):
            continue
        invoices.setdefault(number, []).append(row)
    events, lines = [], []
    for invoice, held in invoices.items():
        number, first = len(events), held[0]
        credit = invoice.startswith("C")
        name = "Order Refunded" if credit else "Order Completed"
        person = first["CustomerID"].split(".")[0] or f"invoice-{invoice}"
        at = seconds(first["InvoiceDate"], "Europe/London")
        sign = -1 if credit else 1
        worths = [sign * int(row["Quantity"]) * micros(row["UnitPrice"]) for row in held]
        events.append((number, person, name, at, sum(worths)))
        for row, worth in list(zip(held, worths))[:LINES_MAX]:
            line = (row["StockCode"], None, None, micros(row["UnitPrice"]), worth)
            lines.append((number, person, name, at, *line))
    return events, lines


def taobao(folder):
    names = {
        "pv": "Product Viewed",
        "fav": "Product Added to Wishlist",
        "cart": "Product Added",
        "buy": "Order Completed",
    }
    events, lines = [], []
    for row in rows(folder, "user_behavior"):
        number, name, at = len(events), names[row["behavior"]], int(row["timestamp"])
        events.append((number, row["user_id"], name, at, None))
        line = (row["item_id"], row["category_id"], None, None, None)
        lines.append((number, row["user_id"], name, at, *line))
    return events, lines


# Queries that answer a person and a value. `{now}` is the instant.


def of_events(what, name, days=None):
    window = "" if days is None else f" AND moment > {{now}} - {days} * {DAY}"
    named = "" if name is None else f" AND name = '{name}'"
    return f"SELECT person, {what} AS figure FROM event WHERE moment <= {{now}}{named}{window} GROUP BY person"


def of_lines(what, condition, days=None):
    window = "" if days is None else f" AND moment > {{now}} - {days} * {DAY}"
    return f"SELECT person, {what} AS figure FROM line WHERE moment <= {{now}} AND {condition}{window} GROUP BY person"


def count(name, days=None):
    return of_events("COUNT(*)", name, days)


def by_key(what, key, condition, days):
    """A figure for each key."""
    return "map", f"""
        SELECT person, {key}, {what} FROM line
        WHERE moment <= {{now}} AND moment > {{now}} - {days} * {DAY}
          AND {condition} AND {key} IS NOT NULL GROUP BY person, {key}"""


def most_frequent_of(most, name, days=None):
    """So many, the most frequent first."""
    ranked = most_frequent(name, days).replace("SELECT person, category FROM", "SELECT * FROM", 1)
    return "list", ranked.replace("place = 1", f"place <= {most} ORDER BY place")


def most_frequent(name, days=None):
    """Of several, the one whose JSON text comes first."""
    window = "" if days is None else f" AND moment > {{now}} - {days} * {DAY}"
    return f"""
        SELECT person, category FROM (
            SELECT person, category, ROW_NUMBER() OVER (
                PARTITION BY person ORDER BY COUNT(DISTINCT event) DESC, '"' || category || '"'
            ) AS place
            FROM line WHERE moment <= {{now}} AND name = '{name}' AND category IS NOT NULL{window}
            GROUP BY person, category
        ) AS ranked WHERE place = 1"""


def at_least(query, least):
    return f"SELECT person FROM ({query}) AS of_person WHERE figure >= {least}"


def both(*queries):
    return " INTERSECT ".join(f"SELECT person FROM ({query}) AS part" for query in queries)


def without(query, other):
    return f"SELECT person FROM ({query}) AS kept EXCEPT SELECT person FROM ({other}) AS gone"


def then(first, second, within, window):
    """One thing, and another later within so many seconds; all of it inside the window."""
    return f"""
        SELECT DISTINCT a.person FROM ({first}) AS a JOIN ({second}) AS b ON a.person = b.person
        WHERE b.moment > a.moment AND b.moment <= a.moment + {within}
          AND a.moment > {{now}} - {window} AND b.moment <= {{now}}"""


def and_not(first, second, within, window):
    """One thing, and not another for so many seconds after it, which have passed."""
    return f"""
        SELECT DISTINCT a.person FROM ({first}) AS a
        WHERE a.moment + {within} <= {{now}} AND a.moment > {{now}} - {window}
          AND NOT EXISTS (
            SELECT 1 FROM ({second}) AS b
            WHERE b.person = a.person AND b.moment > a.moment AND b.moment <= a.moment + {within})"""


def named(name):
    return f"SELECT person, moment FROM event WHERE name = '{name}'"


def with_line(name, condition):
    return f"SELECT person, moment FROM line WHERE name = '{name}' AND {condition}"


def interest(category, share):
    """Each line weighs by what was done, and half as much every 30 days."""
    weights = (
        "CASE name WHEN 'Product Viewed' THEN 1 WHEN 'Product Added to Wishlist' THEN 2 "
        "WHEN 'Product Added' THEN 3 WHEN 'Order Completed' THEN 5 END"
    )
    faded = f"{weights} * exp((moment - {{now}}) * {math.log(2) / HALF_LIFE!r})"
    own = f"SUM(CASE WHEN category = '{category}' THEN {faded} ELSE 0 END)"
    return f"""
        SELECT person FROM line WHERE moment <= {{now}} AND category IS NOT NULL
        GROUP BY person HAVING {own} >= {share} * SUM({faded})"""


ORDER, REFUND = "Order Completed", "Order Refunded"
SUM, DAYS = "SUM(worth)", f"COUNT(DISTINCT moment - moment % {DAY})"

RFM = {
    "last_order_at": of_events("MAX(moment)", ORDER),
    "orders": count(ORDER),
    "spent": of_events(SUM, ORDER),
    "orders_90d": count(ORDER, 90),
    "spent_90d": of_events(SUM, ORDER, 90),
}
LAPSED_HOUSEHOLDS = without(at_least(count(ORDER, 364), 3), count(ORDER, 56))
SOFT_DRINKERS = both(interest("SOFT DRINKS", 0.13), at_least(count(ORDER), 5))

DATA_SETS = {
    "complete_journey": {
        "read": complete_journey,
        "features": RFM
        | {
            "basket_average_180d": of_events(f"{SUM}, COUNT(*)", ORDER, 180),
            "basket_largest": of_events("MAX(worth)", ORDER),
            "grocery_spent_90d": of_lines(SUM, "department = 'GROCERY'", 90),
            "shopping_days_180d": of_events(DAYS, ORDER, 180),
            "categories": of_lines("COUNT(DISTINCT category)", "category IS NOT NULL"),
            "favourite_category_90d": most_frequent(ORDER, 90),
            "favourite_categories_90d": most_frequent_of(3, ORDER, 90),
            "orders_by_department_90d": by_key(
                "COUNT(DISTINCT event)", "department", f"name = '{ORDER}'", 90
            ),
            "spent_by_department_90d": by_key(
                "COALESCE(SUM(worth), 0)", "department", f"name = '{ORDER}'", 90
            ),
            "coupons": count("Coupon Redeemed"),
        },
        "audiences": {
            "champions": both(
                count(ORDER, 30),
                at_least(count(ORDER, 180), 10),
                at_least(of_events(SUM, ORDER, 180), 100_000_000),
            ),
            "lapsed": LAPSED_HOUSEHOLDS,
            "milk_then_cereal": then(
                with_line(ORDER, "category = 'FLUID MILK PRODUCTS'"),
                with_line(ORDER, "category = 'COLD CEREAL'"),
                14 * DAY,
                90 * DAY,
            ),
            "campaign_in_vain": and_not(
                named("Campaign Received"), named("Coupon Redeemed"), 28 * DAY, 84 * DAY
            ),
            "soft_drinkers": SOFT_DRINKERS,
            "lost_soft_drinkers": both(LAPSED_HOUSEHOLDS, SOFT_DRINKERS),
        },
    },
    "online_retail": {
        "read": online_retail,
        "features": RFM
        | {
            "refunded": of_events(SUM, REFUND),
            "order_average": of_events(f"{SUM}, COUNT(*)", ORDER),
            "order_largest_180d": of_events("MAX(worth)", ORDER, 180),
            "first_order_at": of_events("MIN(moment)", ORDER),
            "ordering_days": of_events(DAYS, ORDER, 360),
            "dear_lines_90d": of_lines(SUM, f"name = '{ORDER}' AND price >= 10000000", 90),
        },
        "audiences": {
            "lapsed": without(at_least(count(ORDER), 2), count(ORDER, 90)),
            "champions": both(
                at_least(count(ORDER, 90), 3), at_least(of_events(SUM, ORDER, 90), 1_000_000_000)
            ),
            "jumbo_bag_then_lunch_bag": then(
                with_line(ORDER, "product = '85099B'"),
                with_line(ORDER, "product = '20725'"),
                14 * DAY,
                60 * DAY,
            ),
            "refunded_after_order": then(named(ORDER), named(REFUND), 7 * DAY, 30 * DAY),
            "one_order": without(
                f"SELECT person FROM ({count(ORDER)}) AS of_person WHERE figure = 1",
                count(ORDER, 30),
            ),
        },
    },
    "taobao": {
        "read": taobao,
        "features": {
            "views": count("Product Viewed"),
            "views_1d": count("Product Viewed", 1),
            "purchases": count(ORDER),
            "purchases_3d": count(ORDER, 3),
            "categories_viewed": of_lines(
                "COUNT(DISTINCT category)", "name = 'Product Viewed' AND category IS NOT NULL"
            ),
            "favourite_category": most_frequent("Product Viewed"),
            "active_days": of_events(DAYS, None),
            "last_cart_at": of_events("MAX(moment)", "Product Added"),
        },
        "audiences": {
            "bought_after_cart": then(named("Product Added"), named(ORDER), DAY, 7 * DAY),
            "left_the_cart": and_not(named("Product Added"), named(ORDER), 6 * 3_600, 2 * DAY),
            "lapsed": without(at_least(count("Product Viewed", 9), 20), of_events("COUNT(*)", None, 1.5)),
            "browsing_now": without(
                at_least(count("Product Viewed", "1.0 / 24"), 10), count(ORDER, 1)
            ),
            "keen_on_one": interest("4756105", 0.21),
        },
    },
}


class Sqlite:
    def __init__(self):
        self.connection = sqlite3.connect(":memory:")
        self.connection.create_function("exp", 1, math.exp)

    def table(self, name, columns, values):
        self.connection.execute(f"CREATE TABLE {name} ({columns})")
        places = ", ".join("?" * len(columns.split(",")))
        self.connection.executemany(f"INSERT INTO {name} VALUES ({places})", values)
        self.connection.execute(f"CREATE INDEX {name}_index ON {name} (person, name, moment)")

    def ask(self, query):
        return self.connection.execute(query).fetchall()


class Duck:
    def __init__(self, duckdb):
        self.connection = duckdb.connect()

    def table(self, name, columns, values):
        self.connection.execute(f"CREATE TABLE {name} ({columns})")
        with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="") as out:
            csv.writer(out).writerows(values)
            out.flush()
            self.connection.execute(f"COPY {name} FROM '{out.name}' (HEADER false, NULLSTR '')")

    def ask(self, query):
        return self.connection.execute(query).fetchall()


def database(engine):
    if engine != "sqlite3":
        try:
            import duckdb

            return Duck(duckdb)
        except ImportError:
            if engine == "duckdb":
                raise
    return Sqlite()


def figures(base, data_set, now):
    """Every person at one instant."""
    ask = lambda query: base.ask(query.format(now=now))
    known = ask("SELECT DISTINCT person FROM event WHERE moment <= {now}")
    persons = {
        person: {"as_of": now, "person": person, "features": {}, "audiences": []}
        for (person,) in known
    }
    for name, query in data_set["features"].items():
        shape, query = query if isinstance(query, tuple) else ("one", query)
        for person, *value in ask(query):
            features = persons[person]["features"]
            if shape == "map":
                features.setdefault(name, {})[value[0]] = value[1]
                continue
            if shape == "list":
                features.setdefault(name, []).append(value[0])
                continue
            value = value[0] if len(value) == 1 else value
            if value is not None:
                persons[person]["features"][name] = value
    for name, query in data_set["audiences"].items():
        for (person,) in ask(query):
            persons[person]["audiences"].append(name)
    return persons.values()


def main(arguments):
    engine = None
    if "--engine" in arguments:
        at = arguments.index("--engine")
        engine = arguments[at + 1]
        del arguments[at : at + 2]
    if len(arguments) < 2 or arguments[0] not in DATA_SETS:
        sys.exit(__doc__)
    data_set = DATA_SETS[arguments[0]]
    events, lines = data_set["read"](Path(arguments[1]))
    base = database(engine)
    base.table("event", EVENT, events)
    base.table("line", LINE, lines)
    instants = [int(instant) for instant in arguments[2:]] or [max(event[3] for event in events)]
    for now in instants:
        for person in figures(base, data_set, now):
            person["audiences"].sort()
            print(json.dumps(person))


if __name__ == "__main__":
    main(sys.argv[1:])
