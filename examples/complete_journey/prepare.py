#!/usr/bin/env python3
"""Joins the lines of the "Complete Journey" with what they name, so that `kith import` can read them.

    prepare.py FOLDER OUT

FOLDER holds transactions_sample, products, campaigns, campaign_descriptions and coupon_redemptions
as .csv or .csv.xz. Into OUT go orders.csv (the lines of a basket next to each other, each with its
product's department, category and brand), campaigns.csv (with the days a campaign lasts) and
redemptions.csv. products.csv is imported as it is.
"""

import csv
import lzma
import sys
from decimal import Decimal
from pathlib import Path


def rows(folder, name):
    plain = folder / f"{name}.csv"
    packed = folder / f"{name}.csv.xz"
    opened = open(plain, newline="") if plain.is_file() else lzma.open(packed, "rt", newline="")
    with opened as lines:
        yield from csv.DictReader(lines)


def write(path, header, lines):
    with open(path, "w", newline="") as out:
        writer = csv.DictWriter(out, header, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


def main(folder, out):
    out.mkdir(parents=True, exist_ok=True)
    products = {row["product_id"]: row for row in rows(folder, "products")}
    joined = ["department", "product_category", "brand"]
    unknown = dict.fromkeys(joined, "")
    lines = []
    for line in rows(folder, "transactions_sample"):
        product = products.get(line["product_id"], unknown)
        # One line cost 4.440892e-16: what a float leaves of nothing.
        cost = {"sales_value": f"{Decimal(line['sales_value']):.2f}"}
        lines.append(line | cost | {column: product[column] for column in joined})
    lines.sort(key=lambda line: (line["transaction_timestamp"], line["basket_id"], line["product_id"]))
    header = ["household_id", "store_id", "basket_id", "product_id", "quantity", "sales_value"]
    write(out / "orders.csv", header + ["transaction_timestamp"] + joined, lines)

    described = {row["campaign_id"]: row for row in rows(folder, "campaign_descriptions")}
    sent = [row | described[row["campaign_id"]] for row in rows(folder, "campaigns")]
    sent.sort(key=lambda row: (row["start_date"], int(row["campaign_id"]), int(row["household_id"])))
    header = ["campaign_id", "household_id", "campaign_type", "start_date", "end_date"]
    write(out / "campaigns.csv", header, sent)

    redeemed = list(rows(folder, "coupon_redemptions"))
    write(out / "redemptions.csv", list(redeemed[0]), redeemed)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
