"""Facts about the machine."""

import datetime
import os
import pathlib
import platform


def facts():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "kernel": f"{platform.system()} {platform.release()}",
        "load": LOAD_AT_START,
    }


# Read when the program starts: its own runs are no load of others.
LOAD_AT_START = round(os.getloadavg()[0], 2)
