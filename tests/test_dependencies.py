"""What is installed and locked: one casbin, hashes for everything, nothing but the public index."""

import tomllib
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).parent.parent
INDEX = "https://pypi.org/simple"
FILES = "https://files.pythonhosted.org/"


def locked() -> list[dict[str, object]]:
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    return [each for each in packages if each["name"] != "changegate"]


def artifacts() -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for package in locked():
        sdist, wheels = package.get("sdist"), package.get("wheels", [])
        assert isinstance(wheels, list)
        found += wheels + ([sdist] if isinstance(sdist, dict) else [])
    return found


def test_exactly_one_of_the_two_casbins_is_installed() -> None:
    names = [each.metadata["Name"].lower() for each in distributions()]
    assert [name for name in names if name in {"casbin", "pycasbin"}] == ["casbin"]


def test_every_package_comes_from_the_public_index() -> None:
    assert {str(package["source"]) for package in locked()} == {str({"registry": INDEX})}
    assert [each["url"] for each in artifacts() if not each["url"].startswith(FILES)] == []


def test_every_artifact_is_locked_by_its_hash() -> None:
    assert artifacts()
    assert [each["url"] for each in artifacts() if not each["hash"].startswith("sha256:")] == []


def test_the_first_step_installs_the_uv_that_is_locked() -> None:
    uv = next(package for package in locked() if package["name"] == "uv")
    pinned = (ROOT / ".ci" / "uv.txt").read_text()
    wanted = {each["hash"] for each in artifacts() if f"/uv-{uv['version']}" in each["url"]}
    assert pinned.startswith(f"uv=={uv['version']} ")
    assert set(pinned.replace("--hash=", "").split()[2::2]) == wanted
