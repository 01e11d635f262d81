"""A process that makes shards: jobs come in as lines of JSON, news of them goes out.

Run as `python -m intone.data.worker` by `intone.data.crew`. The first line holds the
frontend's state and the measures, every other one a job. It ends with its input, so that
none is left behind when the process that started it dies.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from intone.core.errors import IntoneError
from intone.core.types import FrameFormat
from intone.data.features import Measures
from intone.data.jobs import Done, Job, make_shard
from intone.text.frontend import from_state


def main() -> None:
    """Work until the input ends, or until nobody listens any more."""
    try:
        _work()
    except BrokenPipeError:
        os._exit(1)  # The one who started it was killed; a traceback would be noise.


def _work() -> None:
    news = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # What a library prints must not stand among the news.

    def tell(**said: Any) -> None:
        news.write(json.dumps(said) + "\n")
        news.flush()

    def done(task: Done) -> None:
        tell(done=task.id, reason=task.reason)

    try:
        given = json.loads(sys.stdin.readline())
        frontend = from_state(given["frontend"])
        measures = Measures(**{**given["measures"], "format": FrameFormat(**given["format"])})
        for line in sys.stdin:
            job = Job.from_json(json.loads(line))
            make_shard(job, frontend, measures, began=lambda key: tell(began=key), done=done)
            tell(made=str(job.shard))
    except IntoneError as error:
        tell(failed=str(error))


if __name__ == "__main__":
    main()
