"""A job: the utterances of one shard, and how the shard is made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intone.core.errors import IntoneError
from intone.core.types import Phone, Utterance
from intone.data.features import Measures, features
from intone.data.shards import write_shard

if TYPE_CHECKING:
    from intone.text.frontend import Frontend


@dataclass(frozen=True)
class Task:
    """An utterance, and the fingerprint that its row will carry."""

    utterance: Utterance
    fingerprint: str


@dataclass(frozen=True)
class Job:
    """What one process does at a time: the tasks that make `shard`."""

    shard: Path
    tasks: tuple[Task, ...]

    def without(self, key: str) -> Job:
        """The same job, without the utterance `key`."""
        return Job(self.shard, tuple(t for t in self.tasks if t.utterance.id != key))

    def to_json(self) -> dict[str, Any]:
        """For another process; `from_json` makes the job again."""
        tasks = []
        for task in self.tasks:
            utterance = asdict(task.utterance)
            utterance["audio_path"] = str(task.utterance.audio_path)
            tasks.append({"utterance": utterance, "fingerprint": task.fingerprint})
        return {"shard": str(self.shard), "tasks": tasks}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Job:
        """The job that `to_json` described."""
        return cls(
            Path(value["shard"]),
            tuple(Task(_utterance(t["utterance"]), t["fingerprint"]) for t in value["tasks"]),
        )


@dataclass(frozen=True)
class Done:
    """An utterance that was gone through, and the `reason` if it cannot be used."""

    id: str
    reason: str | None = None


def make_shard(
    job: Job,
    frontend: Frontend,
    measures: Measures,
    *,
    began: Callable[[str], None],
    done: Callable[[Done], None],
) -> None:
    """Measure the utterances of `job` and write its shard; one bad file ends nothing.

    `began` is told each id and `done` what became of it. Raises `IntoneError` if the
    shard cannot be written.
    """

    def rows() -> Iterator[dict[str, Any]]:
        for task in job.tasks:
            key = task.utterance.id
            began(key)
            try:
                row = features(task.utterance, frontend, measures)
            except IntoneError as error:
                done(Done(key, str(error)))
            except Exception as error:  # whatever a decoder makes of a broken file
                first = (str(error).splitlines() or [""])[0]
                done(Done(key, f"{type(error).__name__}: {first}"))
            else:
                yield {**row, "fingerprint": task.fingerprint}
                done(Done(key))

    write_shard(job.shard, rows())


def _utterance(value: dict[str, Any]) -> Utterance:
    phones = tuple(Phone(**p) for p in value["phones"])
    return Utterance(**{**value, "audio_path": Path(value["audio_path"]), "phones": phones})
