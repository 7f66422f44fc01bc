"""The calls of the test, made by segment-analytics-python. Prints the error of a lost batch."""

import json
import sys

from segment.analytics.client import Client

options = json.loads(sys.argv[1])
errors = []
client = Client(
    options["write_key"],
    host=options["host"],
    gzip=options["gzip"],
    on_error=lambda error, batch: errors.append(str(error)),
)
for method, arguments in options["calls"]:
    getattr(client, method)(**arguments)
client.shutdown()
print(json.dumps({"errors": errors}))
sys.exit(1 if errors else 0)
