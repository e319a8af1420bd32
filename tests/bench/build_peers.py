"""The peers of the counting benchmark in an environment of their own: `python -m tests.bench.build_peers FOLDER`.

pabumeasures comes as source only, and its build asks for OR-Tools, a large C++ library that its measures need and its
rules don't. Here it gets declarations of the few names it uses, with nothing behind them: the rules then compile
and run as they are; a measure must not be called. Needs a C++ compiler. Afterwards:

    FOLDER/bin/python -m tests.bench.counting --peers
"""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

CONFIG = """
add_library(ortools::ortools INTERFACE IMPORTED)
target_include_directories(ortools::ortools INTERFACE ${CMAKE_CURRENT_LIST_DIR}/include)
"""
HEADER = """
#pragma once
#include <memory>
#include <string>
namespace operations_research {
struct MPVariable {};
struct MPConstraint { void SetCoefficient(const MPVariable *, double) {} };
struct MPObjective {
    void SetCoefficient(const MPVariable *, double) {}
    void SetMaximization() {}
    double Value() const { return 0; }
};
struct MPSolver {
    enum ResultStatus { OPTIMAL, ABNORMAL };
    static MPSolver *CreateSolver(const std::string &) { return nullptr; }
    static double infinity() { return 0; }
    MPVariable *MakeIntVar(double, double, const std::string &) { return nullptr; }
    MPVariable *MakeBoolVar(const std::string &) { return nullptr; }
    MPConstraint *MakeRowConstraint(double, double) { return nullptr; }
    MPObjective *MutableObjective() { return nullptr; }
    ResultStatus Solve() { return ABNORMAL; }
};
}
"""


def main(folder: Path) -> None:
    """Make the environment, with what this one has beside it."""
    venv.create(folder, with_pip=True)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "beside.pth").write_text(sysconfig.get_paths()["purelib"])
    stub = folder / "ortools"
    header = stub / "include/ortools/linear_solver/linear_solver.h"
    header.parent.mkdir(parents=True, exist_ok=True)
    header.write_text(HEADER)
    (stub / "ortoolsConfig.cmake").write_text(CONFIG)
    install = [str(folder / "bin/python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*install, "--ignore-installed", "pabutools==1.2.3", "gmpy2"], check=True)
    defined = f"cmake.define.ortools_DIR={stub.resolve()}"
    subprocess.run([*install, "--no-deps", f"--config-settings={defined}", "pabumeasures==0.2.2"], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
