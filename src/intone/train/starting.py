"""Fine-tuning: a new run that starts from what an earlier one learned."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from intone.core.errors import TrainingError
from intone.core.installed import CODECS, VOCODER_GRAPH, VOCODERS, plain, roots
from intone.train.checkpoint import voice_weights
from intone.train.graph_weights import weights_in_graphs
from intone.train.run_folder import RunFolder

log = logging.getLogger("intone.train")


STATISTICS = frozenset({"running_mean", "running_var", "num_batches_tracked"})
CODEBOOKS = frozenset({"vectors", "counts", "sums", "begun"})


@dataclass(frozen=True)
class Started:
    """How many tensors were taken over, and the names of those that start anew."""

    taken: int
    anew: tuple[str, ...]


def weights_in(path: Path) -> dict[str, Tensor]:
    """The weights in a run folder (its best), a checkpoint, a voice or a safetensors file.

    Or those of an installed voice, vocoder or codec, by name or folder, as its graphs hold them;
    or of a published vocoder, by folder, file or name on the hub. Raises `TrainingError` if
    there are none, and what `intone.vocoder.published.published_vocoder` does.
    """
    from intone.vocoder.published import is_published, published_vocoder

    if path.suffix != ".safetensors" and is_published(path.as_posix()):
        published = published_vocoder(path.as_posix())
        # In training, a vocoder lies beside its critics.
        return {f"generator.{name}": value for name, value in published.state_dict().items()}
    try:
        if path.is_file() and path.suffix == ".safetensors":
            return safetensors.torch.load_file(path)
        if (path / "state.json").is_file():
            return voice_weights(path)
        # A voice that training wrote lies in its run's folder.
        for folder in (path, path.parent):
            if (folder / "checkpoints").is_dir() and (best := RunFolder(folder).find("best")):
                return voice_weights(best)
        for folder in (path, *_installed(path)):
            if files := sorted(folder.glob("*.safetensors")):
                return safetensors.torch.load_file(files[0])
            if graphs := _graphs(folder):
                found = weights_in_graphs(graphs)
                # In training, vocoders and codecs of sound lie beside their critics.
                return found | {f"generator.{name}": value for name, value in found.items()}
    except (OSError, SafetensorError) as error:
        raise TrainingError(f"the weights in {path} cannot be read: {error}") from None
    raise TrainingError(
        f"there are no weights to start from in {path}; give a run's folder, a checkpoint, a "
        ".safetensors file, or the name of an installed voice, vocoder or codec"
    )


def _graphs(folder: Path) -> list[Path]:
    """The graphs of the model in a voice's, a vocoder's or a codec's folder."""
    found = sorted(folder.glob("*.onnx"))
    # A voice's vocoder is a model of its own, some of whose weights are called alike.
    own = [path for path in found if path.name != VOCODER_GRAPH]
    return own or found


def _installed(name: Path) -> list[Path]:
    """The folders of the voice, the vocoder and the codec that are installed by this name."""
    if len(name.parts) != 1 or not plain(name.name):
        return []
    places = (Path(), Path(VOCODERS), Path(CODECS))
    return [root / place / name for place in places for root in roots()]


def start_from(model: nn.Module, weights: Mapping[str, Tensor]) -> Started:
    """Copy the `weights` that have a place of the same name and shape in `model`.

    Parameters, statistics of normalisations and codebooks are copied; any other buffer
    holds facts of the corpus, and those are the new one's. Raises `TrainingError` if nothing fits.
    """
    own = {
        name: value
        for name, value in model.state_dict().items()
        if name.rpartition(".")[2] in STATISTICS | CODEBOOKS
        or name in dict(model.named_parameters())
    }
    fitting = {
        name: value
        for name, value in weights.items()
        if name in own and own[name].shape == value.shape
    }
    # A codebook of another size begins with k-means, as if it had never begun.
    for name in [name for name in fitting if name.rpartition(".")[2] == "begun"]:
        if name.replace("begun", "vectors") not in fitting:
            del fitting[name]
    if not fitting:
        raise TrainingError(
            "none of the weights to start from fits this model; choose weights of the same family "
            "and the same model settings"
        )
    with torch.no_grad():
        for name, value in fitting.items():
            own[name].copy_(value)
    anew = tuple(name for name in own if name not in fitting)
    log.info("started from %d tensors; %d start anew%s", len(fitting), len(anew), _some(anew))
    return Started(len(fitting), anew)


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
    return f": {shown}" if names else ""
