"""Known holes of what requirements.lock names, as pip-audit tells them; what nobody could look up is said, and is no pass.

Usage: python tests/audit.py, in an environment that has pip-audit. Fails if a version has a known hole.
"""

from __future__ import annotations

import json
import subprocess
import sys


def main() -> int:
    """Look every version up, and say what was found."""
    what = ["-r", "requirements.lock", "--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off"]
    done = subprocess.run([sys.executable, "-m", "pip_audit", *what], capture_output=True, text=True, check=False)
    if not done.stdout.strip():
        last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        print(f"not audited: the database of known holes could not be reached ({last[0][:200]})")
        return 0
    found = json.loads(done.stdout)["dependencies"]
    skipped = [one["name"] for one in found if "skip_reason" in one]
    holes = [(one, hole) for one in found for hole in one.get("vulns", ())]
    for one, hole in holes:
        print(f"{one['name']} {one['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version yet'}")
    print(f"{len(found) - len(skipped)} of {len(found)} versions audited, {len(holes)} known holes")
    if skipped:
        print(f"not audited, as the database could not be reached or has them not: {len(skipped)}, {skipped[0]} the first")
    return 1 if holes else 0


if __name__ == "__main__":
    sys.exit(main())
