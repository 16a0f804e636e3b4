# The tiny supernet in plain PyTorch: one tensor for each parameter, slices by indexing; and the safetensors format in a few lines.
import json
import struct

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(1)


def read(path):
    raw = open(path, "rb").read()
    length, = struct.unpack("<q", raw[:8])
    header = json.loads(raw[8:8 + length])
    metadata = header.pop("__metadata__")
    values = memoryview(raw)[8 + length:]
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        tensors[name] = torch.from_numpy(np.frombuffer(values[start:end], np.float32).copy()).reshape(entry["shape"])
    return tensors, metadata


def write(path, tensors):
    header, end, parts = {}, 0, []
    for name, tensor in tensors.items():
        part = tensor.detach().contiguous().numpy().astype(np.float32).tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [end, end + len(part)]}
        end += len(part)
        parts.append(part)
    text = json.dumps(header).encode()
    open(path, "wb").write(struct.pack("<q", len(text)) + text + b"".join(parts))


def part(tensors, prefix):
    return {name[len(prefix):]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def batch_norm(p, key, x):
    c = x.shape[1]
    return F.batch_norm(x, None, None, p[key + ".weight"][:c], p[key + ".bias"][:c], training=True, eps=1e-5)


def conv(p, key, x, out, stride=1):
    weight = p[key + ".weight"][:out, :x.shape[1]]
    return F.conv2d(x, weight, stride=stride, padding=weight.shape[-1] // 2)


def last_map(p, x, choices, norm=batch_norm):
    stem, width1, depth1, width2, depth2 = choices
    x = F.relu(norm(p, "bn1", conv(p, "conv1", x, stem)))
    for stage, (width, depth) in enumerate([(width1, depth1), (width2, depth2)], 1):
        for block in range(depth):
            key = f"layer{stage}.{block}"
            stride = 2 if stage > 1 and block == 0 else 1
            y = F.relu(norm(p, key + ".bn1", conv(p, key + ".conv1", x, width)))
            y = F.relu(norm(p, key + ".bn2", conv(p, key + ".conv2", y, width, stride)))
            y = norm(p, key + ".bn3", conv(p, key + ".conv3", y, 4 * width))
            shortcut = x if block else norm(p, key + ".downsample.1", conv(p, key + ".downsample.0", x, 4 * width, stride))
            x = F.relu(y + shortcut)
    return x


def embed(p, x, choices, norm=batch_norm):
    return last_map(p, x, choices, norm).mean((2, 3))


def project(p, e):
    h = F.relu(F.linear(e, p["neck.mlp.0.weight"][:, :e.shape[1]], p["neck.mlp.0.bias"]))
    return F.normalize(F.linear(h, p["neck.mlp.2.weight"], p["neck.mlp.2.bias"]), dim=1)
