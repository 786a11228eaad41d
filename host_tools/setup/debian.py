"""Debian's packages of one suite, from the mirror that apt uses on this machine.

All of it stays inside a folder of the caller's: nothing is installed and no root is needed. What
is fetched is verified by apt, with Debian's own keys.
"""

from pathlib import Path

from host_tools.setup.product import Unavailable, run

SUITE = "trixie"
_KEYRINGS = [Path(f"/usr/share/keyrings/debian-archive-keyring.{end}") for end in ("pgp", "gpg")]


def mirror():
    """The address of the Debian mirror among apt's sources."""
    ask = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]
    what = "apt's sources can't be read"
    by_origin = run([*ask, "Origin: Debian", "Label: Debian"], what).splitlines()
    if by_origin:
        return by_origin[0]
    # Before the first `apt-get update` only the address tells what a source is.
    for address in run([*ask, "--no-release-info"], what).splitlines():
        if address.rstrip("/").endswith("/debian"):
            return address
    raise Unavailable("no Debian mirror among apt's sources")


def _archive(folder, name):
    """A source package's upstream archive, not the signature (.asc) that may lie beside it."""
    found = folder.glob(f"{name}_*.orig.tar.*")
    return next(path for path in found if path.suffix != ".asc")


class Packages:
    """The suite's packages, with apt's own files in `folder`, which must not be there yet.

    sources: know the source packages too. Unavailable when the mirror can't be read.
    """

    def __init__(self, folder, sources=False):
        self.mirror = mirror()
        self.archives = folder / "cache" / "archives"
        for name in ("lists/partial", "cache/archives/partial"):
            (folder / name).mkdir(parents=True)
        (folder / "status").touch()  # as if nothing were installed yet
        keyring = next((path for path in _KEYRINGS if path.exists()), None)
        signed = f"[signed-by={keyring}] " if keyring else ""
        (folder / "sources.list").write_text(
            "".join(
                f"{kind} {signed}{self.mirror} {SUITE} main\n"
                for kind in (("deb", "deb-src") if sources else ("deb",))
            )
        )
        settings = {
            "Dir::Etc::sourcelist": folder / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::State": folder,
            "Dir::State::status": folder / "status",
            "Dir::Cache": folder / "cache",
            "APT::Sandbox::User": "root",
            "APT::Install-Recommends": "false",
            "Debug::NoLocking": "true",
            "Acquire::Languages": "none",
            "Acquire::Retries": "2",
            "APT::Update::Error-Mode": "any",
        }
        self._options = [f"-o{name}={value}" for name, value in settings.items()]
        self._apt(["update"], f"Debian {SUITE} can't be read from {self.mirror}")

    def _apt(self, words, what, folder=None):
        run(["apt-get", *self._options, "-qq", *words], what, folder=folder)

    def with_dependencies(self, name):
        """Fetch a package and all that it needs; gives the .deb files."""
        words = ["-y", "--download-only", "install", name]
        self._apt(words, f"{name} can't be had from {self.mirror}")
        return sorted(self.archives.glob("*.deb"))

    def alone(self, names, folder):
        """Fetch packages without what they need; gives the .deb files, in `folder`."""
        self._apt(["download", *names], f"{names} can't be had from {self.mirror}", folder)
        return sorted(folder.glob("*.deb"))

    def sources(self, names, folder):
        """Fetch the upstream archives of source packages; gives {name: archive in `folder`}."""
        words = ["source", "--download-only", *names]
        self._apt(words, f"the sources of {names} can't be had from {self.mirror}", folder)
        return {name: _archive(folder, name) for name in names}
