"""Values that a name gives, the same to the bit as Seeded.cs makes them; their sketches; and the files that hold what was computed from them."""
import json
import pathlib
import struct
import sys

import numpy as np
import torch

torch.set_num_threads(1)
HERE = pathlib.Path(__file__).resolve().parent
# The folder of the command line; a script may go elsewhere before it writes.
TARGET = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else HERE).absolute()
TYPES = {torch.float32: "F32", torch.int64: "I64", torch.uint8: "U8"}


def bits(name, count, start=0):
    """SplitMix64 from a seed that is FNV-1a of the name."""
    seed = 14695981039346656037
    for byte in name.encode():
        seed = (seed ^ byte) * 1099511628211 % 2**64
    x = np.uint64(seed) + np.arange(start + 1, start + count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def uniform(name, shape, scale=1.0, shift=0.0):
    """Between -scale and scale about shift, in 32 bits: each step rounds as C#'s does."""
    count, values = int(np.prod(shape)), np.empty(int(np.prod(shape)), np.float32)
    for start in range(0, count, 1 << 20):
        part = (bits(name, min(1 << 20, count - start), start) >> np.uint64(40)).astype(np.float32)
        values[start:start + len(part)] = (part * np.float32(2**-23) - np.float32(1)) * np.float32(scale) + np.float32(shift)
    return torch.from_numpy(values.reshape(shape))


def parameter(name, shape, gain=1.0):
    """A weight or statistic of a network: matrices as wide as their input asks for, scales and variances about 1, all else about 0."""
    if len(shape) > 1 and not name.endswith(("_embed", "_token")):
        return uniform(name, shape, (gain * shape[0] / int(np.prod(shape))) ** 0.5)
    one = name.endswith("running_var") or (name.endswith("weight") and len(shape) == 1)
    return uniform(name, shape, 0.2, 1.0 if one else 0.0)


def state_of(module, prefix, gain=1.0):
    """A module's state with every floating-point tensor by its key."""
    return {key: parameter(prefix + key, tuple(value.shape), gain) if value.is_floating_point() else value for key, value in module.state_dict().items()}


def picture(name, width, height):
    """8-bit RGB [H, W, 3]: a triangle wave across and one down for each channel, of which some neighbours are far apart."""
    y, x = np.mgrid[0:height, 0:width]
    channels = []
    for steps in bits(name, 3):
        a, b, c = (int(steps) >> shift & 15 for shift in (0, 4, 8))
        wave = lambda at: np.abs((at + 255) % 510 - 255)
        channels.append((wave((5 + a) * x + 17 * c) + wave((5 + b) * y) + 40 * ((x // 7 + y // 5) % 2)) * 255 // 550)
    return np.stack(channels, 2).astype(np.uint8)


SKETCHES = 4


def sketch(tensor):
    """Four numbers, each the sum of all values times random factors of variance 1: of the difference of two tensors they have its norm's size, so that all of a tensor need not be stored."""
    flat = tensor.detach().double().flatten()
    return torch.stack([uniform(f"sketch{k}", (len(flat),), 3**0.5).double() @ flat for k in range(SKETCHES)])


def sketches(tensors):
    """[tensors, 4], by name."""
    return torch.stack([sketch(tensors[name]) for name in sorted(tensors)])


def text(value):
    return torch.tensor(list(value.encode()), dtype=torch.uint8)


def settings(script):
    """What the tests ask of a script: the .json beside it."""
    return json.loads(pathlib.Path(script).with_suffix(".json").read_text())


def save(path, tensors):
    """A safetensors file, floating-point values in 32 bits."""
    header, end, parts = {"__metadata__": {"torch": torch.__version__}}, 0, []
    for name, tensor in tensors.items():
        tensor = tensor.detach().contiguous()
        tensor = tensor.float() if tensor.is_floating_point() else tensor
        part = tensor.numpy().tobytes()
        header[name] = {"dtype": TYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [end, end + len(part)]}
        end += len(part)
        parts.append(part)
    encoded = json.dumps(header).encode()
    pathlib.Path(path).write_bytes(struct.pack("<q", len(encoded)) + encoded + b"".join(parts))


def write(script, tensors):
    """Writes SCRIPT.safetensors, beside the script or into the folder of the command line."""
    save(TARGET / (pathlib.Path(script).stem + ".safetensors"), tensors)
