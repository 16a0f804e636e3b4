"""Evaluates the cases of a parity test with PyTorch: python3 parity.py FOLDER reads cases.json and inputs.bin, writes results.json and results.bin."""
import json
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

folder = Path(sys.argv[1])
spec = json.loads((folder / "cases.json").read_text())
data = (folder / "inputs.bin").read_bytes()
types = {"Float32": torch.float32, "Int64": torch.int64, "Bool": torch.bool}


def load(entry):
    dtype = types[entry["dtype"]]
    count = 1
    for size in entry["shape"]:
        count *= size
    return torch.frombuffer(bytearray(data), dtype=dtype, count=count, offset=entry["offset"]).clone().reshape(entry["shape"])


def flat(value):
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, (list, tuple)):
        return [tensor for item in value for tensor in flat(item)]
    return [torch.tensor(value)]


def evaluate(case):
    names = {entry["name"]: load(entry) for entry in spec["inputs"]}
    for name in case["grad"]:
        names[name].requires_grad_()
    torch.manual_seed(7)
    outputs = flat(eval(case["python"], {"torch": torch, "F": F, **names}))
    if case["grad"]:
        sum(output.double().pow(2).sum() for output in outputs).backward()
        outputs += [names[name].grad for name in case["grad"]]
    return outputs


results, blob = [], b""
for case in spec["cases"]:
    entries, error = [], ""
    try:
        for output in evaluate(case):
            entries.append({"shape": list(output.shape), "dtype": str(output.dtype).removeprefix("torch."), "offset": len(blob)})
            blob += output.detach().double().contiguous().numpy().tobytes()
    except Exception as problem:  # the test of this one case reports it
        error = repr(problem)
    results.append({"name": case["name"], "outputs": entries, "error": error})

(folder / "results.bin").write_bytes(blob)
(folder / "results.json").write_text(json.dumps({"results": results}))
