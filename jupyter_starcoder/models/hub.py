"""Weights on the Hugging Face hub, or in its cache on this machine."""

import fnmatch
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from jupyter_starcoder.errors import HashMismatch, ModelUnsupported, SourceRefused, SourceUnreachable
from jupyter_starcoder.models.access import access_steps
from jupyter_starcoder.models.disk import require_space
from jupyter_starcoder.models.gateway import advice, require_readable_proxies
from jupyter_starcoder.models.growth import watched_growth
from jupyter_starcoder.models.source import Fetched, Report
from jupyter_starcoder.models.store import sha256_of
from jupyter_starcoder.values.model import Progress
from jupyter_starcoder.values.secrets import without_secrets

SMALL_FILES = ("config.json", "generation_config.json", "tokenizer.json")
INDEX_FILE = "model.safetensors.index.json"
SINGLE_FILE = "model.safetensors"
SHARDS = "model-*-of-*.safetensors"
OURS = (*SMALL_FILES, INDEX_FILE, SINGLE_FILE, SHARDS)
# huggingface_hub below 1 heeds the first alone, newer ones and hf_xet, which gets the large files, the second alone.
CERTIFICATES = "the environment variables REQUESTS_CA_BUNDLE and SSL_CERT_FILE"
UNFINISHED = ".incomplete"  # as huggingface_hub names what it has of a file, beside the whole ones
STRANDED = re.compile(r"\.[0-9a-f]{8}\.incomplete$")  # as its newer versions do, each time by another name


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """What the hub says of one file."""

    size_bytes: int
    sha256: str  # empty for small files


class HubSource:
    """Gets what an export needs of a repository, and nothing else."""

    def __init__(self, revision: str = "") -> None:
        """Gets nothing yet; without a revision it takes the newest."""
        self._revision = revision or None

    def fetch(self, reference: str, progress: Report) -> Fetched:
        """The snapshot folder in the hub's cache.

        Args:
            reference: `owner/name`.
            progress: told of the bytes that came.

        Raises:
            SourceRefused: the licence was not accepted, or there is no token.
            SourceUnreachable: no such repository or revision, or no network.
            HashMismatch: a file is not the one that the hub promises.
            ModelUnsupported: the repository has no safetensors.
        """
        import huggingface_hub
        from huggingface_hub import constants

        if not constants.HF_HUB_OFFLINE:
            require_readable_proxies()
        with _our_errors(reference):
            files = {} if constants.HF_HUB_OFFLINE else self._wanted(reference)
            patterns = list(files) or list(OURS)
            total_bytes = sum(file.size_bytes for file in files.values())
            cache = _cache(reference)
            _discard_stranded(reference)
            here_bytes = min(total_bytes, _here_bytes(cache / "blobs", files.values()))
            require_space(f"{reference}, what is still to come of it,", cache, total_bytes - here_bytes)
            step = f"downloading {reference}"
            with watched_growth(cache, total_bytes, step, progress, here_bytes=here_bytes):
                snapshot = huggingface_hub.snapshot_download(
                    reference, revision=self._revision, allow_patterns=patterns
                )
        folder = Path(snapshot)
        for name, file in files.items():
            check_hash(folder / name, file.sha256, progress)
        return Fetched(path=folder, source=f"hub:{reference}", revision=folder.name)

    def _wanted(self, reference: str) -> "dict[str, _File]":
        """The files that are needed, by name."""
        import huggingface_hub

        info = huggingface_hub.HfApi().model_info(reference, revision=self._revision, files_metadata=True)
        files = {
            file.rfilename: _File(size_bytes=file.size or 0, sha256=file.lfs.sha256 if file.lfs else "")
            for file in info.siblings or ()
        }
        if INDEX_FILE in files:
            weights = [INDEX_FILE, *fnmatch.filter(files, SHARDS)]
        elif SINGLE_FILE in files:
            weights = [SINGLE_FILE]
        else:
            raise ModelUnsupported(
                f"{reference} has no safetensors: other weight files are Python pickles, which can run any code when "
                "they are opened, so we do not get them; name a revision that has safetensors as owner/name@revision, "
                "or convert it where you trust it (`AutoModelForCausalLM.from_pretrained(...).save_pretrained(folder)` "
                "in transformers) and give the folder"
            )
        return {name: files[name] for name in (*SMALL_FILES, *weights) if name in files}


def discard_unfinished(reference: str) -> None:
    """Takes parts of files out of the hub's cache; files that came whole stay, since other programs use them too."""
    for part in _parts(reference):
        _discard(part)


def _discard_stranded(reference: str) -> None:
    """Takes away parts that no later download goes on with, where a program was killed: else they would heap up."""
    for part in _parts(reference):
        if STRANDED.search(part.name):
            _discard(part)


def _discard(part: Path) -> None:
    import filelock

    etag = STRANDED.sub("", part.name).removesuffix(UNFINISHED)
    lock = part.parents[2] / ".locks" / part.parents[1].name / f"{etag}.lock"
    # Held by any program that gets this file now: it is left to that one.
    with suppress(OSError, filelock.Timeout), filelock.FileLock(lock, timeout=0):
        part.unlink(missing_ok=True)


def _parts(reference: str) -> list[Path]:
    return list((_cache(reference) / "blobs").glob(f"*{UNFINISHED}"))


def hub_cache() -> Path:
    """The folder of all that came from the hub."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def cached_bytes(reference: str) -> int:
    """What the cache holds of a repository, as far as a download goes on with it: known without asking the hub.

    So it cannot be told which revision is the newest, nor of which file a part is: whatever may be wanted counts.

    Raises:
        OSError: it cannot be read.
    """
    snapshots = _cache(reference) / "snapshots"
    whole = {path.resolve() for name in OURS for path in snapshots.glob(f"*/{name}")}  # revisions may share them
    parts = [path for path in _parts(reference) if not STRANDED.search(path.name)]
    return sum(path.stat().st_size for path in (*whole, *parts) if path.is_file())


def _cache(reference: str) -> Path:
    return hub_cache() / f"models--{reference.replace('/', '--')}"


def _here_bytes(blobs: Path, files: Iterable[_File]) -> int:
    """What the cache holds of files already: whole ones by their hash, and parts of any."""
    whole = [blobs / file.sha256 for file in files if file.sha256]
    return sum(path.stat().st_size for path in (*whole, *blobs.glob(f"*{UNFINISHED}")) if path.is_file())


def check_hash(path: Path, sha256: str, progress: Report) -> None:
    """Makes sure that a downloaded file is the one that was promised, and removes it where it is not.

    Args:
        path: may be a link into the hub's cache.
        sha256: empty where nothing was promised, as for small files.
        progress: told of the file.

    Raises:
        HashMismatch: it is another.
    """
    if not sha256:
        return
    progress(Progress(step=f"checking {path.name}"))
    if (found := sha256_of(path)) != sha256:
        path.resolve().unlink()
        path.unlink(missing_ok=True)
        raise HashMismatch(
            f"{path.name} has the SHA-256 {found}, not {sha256} as the hub says: it was damaged on the way or on the "
            "disk and is removed now; get the model again"
        )


@contextmanager
def _our_errors(reference: str) -> Iterator[None]:
    """Turns what huggingface_hub raises into our errors."""
    from huggingface_hub import errors

    # What it speaks through changes (requests, httpx, httpx2): its own error is one of that library's, too.
    library = [kind for kind in errors.HfHubHTTPError.__mro__ if kind.__name__ == "HTTPError"]
    network: list[type[Exception]] = [OSError, ValueError, *library]  # ValueError: something else answered, with a page
    try:
        yield
    except errors.GatedRepoError as error:
        raise SourceRefused(f"{reference} is gated: {access_steps(reference)}") from error
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError) as error:
        raise SourceUnreachable(
            f"the hub has no {reference} (or no such revision), or keeps it private: check the spelling, or put a "
            "token that may read it into the environment variable HF_TOKEN"
        ) from error
    except (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled) as error:
        raise SourceUnreachable(
            f"{reference} is not in the hub's cache on this machine, and the hub was not reached: check the network "
            "and HF_HUB_OFFLINE, or give a folder that holds the model"
        ) from error
    except errors.HFValidationError as error:
        raise SourceUnreachable(f"{reference!r} cannot be an id of the hub: write owner/name") from error
    except tuple(network) as error:
        raise SourceUnreachable(without_secrets(_trouble(reference, error))) from error


def _trouble(reference: str, error: Exception) -> str:
    """What stands between this machine and the hub, and what to do."""
    cause = _cause(error)
    if found := advice(f"{type(cause).__name__}: {cause}", CERTIFICATES):
        return f"{reference} could not be got ({cause}): {found}"
    if getattr(error, "response", None) is not None:
        return f"{reference} could not be got from the hub: {error}"
    reason = str(cause) or type(cause).__name__
    return (
        f"{reference} could not be got, the hub was not reached ({reason}): check the network, HTTPS_PROXY, "
        f"HF_ENDPOINT and {CERTIFICATES}, or give a folder that holds the model"
    )


def _cause(error: BaseException) -> BaseException:
    """What the system said: the libraries wrap it several times, each in its own words."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return error
