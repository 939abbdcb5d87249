"""Renders templates as Home Assistant does: what it adds to Jinja and the discovery messages use is defined here.

In: JSON [{"template": …, "payload": …}]; out: JSON [rendered text].
"""

import json
import sys
from datetime import datetime, timezone

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
environment.globals["now"] = lambda: datetime.now(timezone.utc)
environment.globals["as_datetime"] = lambda text: datetime.fromisoformat(text.replace("Z", "+00:00"))
environment.filters["to_json"] = json.dumps

json.dump(
    [
        environment.from_string(job["template"]).render(value=job["payload"], value_json=json.loads(job["payload"])).strip()
        for job in json.load(sys.stdin)
    ],
    sys.stdout,
)
