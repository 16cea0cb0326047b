"""What a measurement was taken on."""

import os
import platform
from pathlib import Path

import torch


def cpu_model():
    """Return the name of the CPU, as far as the system tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.is_file() else []
    names = [line.split(": ")[1] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def device_name(device):
    """Return the name of a torch device: the GPU's, or the CPU's and its cores."""
    if "cuda" in str(device):
        return torch.cuda.get_device_name(device)
    return f"{cpu_model()}, {os.cpu_count()} cores"
