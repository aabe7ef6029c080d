"""Make or refresh `.venv` from a lock file with hashes: `python deploy/environment.py LOCK`.

Standard library only. Does nothing when the environment already is what the lock file says.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
ENVIRONMENT = HOME / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMP = ENVIRONMENT / "locked"
DEVELOPMENT = "requirements-dev.lock"


def main(lock: Path) -> int:
    """Bring the environment up to `lock`; the exit status."""
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if PYTHON.exists() and wanted in _installed():
        return 0
    if not PYTHON.exists() and (fault := _make()):
        print(fault, file=sys.stderr)
        return 1
    print("正在安装依赖…… Installing packages …", file=sys.stderr)
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", lock]
    if subprocess.call([str(part) for part in pip]):
        print(
            "依赖没有装好，请检查网络后再试。 The packages could not be installed; check the network and try again.",
            file=sys.stderr,
        )
        return 1
    STAMP.write_text("\n".join([wanted, *_included(lock)]), encoding="utf-8")
    return 0


def _installed() -> list[str]:
    return STAMP.read_text(encoding="utf-8").split() if STAMP.exists() else []


def _included(lock: Path) -> list[str]:
    """The development environment holds the running one too."""
    if lock.name != DEVELOPMENT:
        return []
    return [hashlib.sha256((HOME / "requirements.lock").read_bytes()).hexdigest()]


def _make() -> str:
    """Make an empty environment; a sentence on what is missing, if it cannot be."""
    try:
        import ensurepip  # noqa: F401
        import venv
    except ImportError:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return (
            f"缺少 python3-venv，请运行：sudo apt install python{version}-venv 。 "
            f"python3-venv is missing, please run: sudo apt install python{version}-venv"
        )
    try:
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
    except (OSError, subprocess.CalledProcessError) as error:
        return f"建不了 {ENVIRONMENT.name}：{error}。 {ENVIRONMENT.name} cannot be made: {error}."
    return ""


if __name__ == "__main__":
    sys.exit(main(HOME / sys.argv[1]))
