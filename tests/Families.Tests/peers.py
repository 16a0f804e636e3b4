"""Runs each anchor's reference network with the emitted class's weights: torchvision's where it has one, a plain definition with timm's keys otherwise."""
import json, pathlib, sys

import numpy as np
import torch
import torchvision
from torch import nn
from torch.nn import functional as F


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.qkv, self.proj = heads, nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        n, t, c = x.shape
        q, k, v = self.qkv(x).reshape(n, t, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(-2, -1) * (c // self.heads) ** -0.5).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(n, t, c))


class Mlp(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.attn = nn.LayerNorm(width, eps=1e-6), Attention(width, heads)
        self.norm2, self.mlp = nn.LayerNorm(width, eps=1e-6), Mlp(width, 4 * width)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchEmbed(nn.Module):
    def __init__(self, width, patch):
        super().__init__()
        self.proj = nn.Conv2d(3, width, patch, patch)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class VisionTransformer(nn.Module):
    def __init__(self, width=192, depth=12, heads=3, patch=16, size=224, classes=1000):
        super().__init__()
        self.patch_embed, self.cls_token = PatchEmbed(width, patch), nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, (size // patch) ** 2 + 1, width))
        self.blocks = nn.Sequential(*[Block(width, heads) for _ in range(depth)])
        self.norm, self.head = nn.LayerNorm(width, eps=1e-6), nn.Linear(width, classes)

    def positions(self, tokens):
        if tokens == self.pos_embed.shape[1]:
            return self.pos_embed
        old, new = round((self.pos_embed.shape[1] - 1) ** 0.5), round((tokens - 1) ** 0.5)
        grid = self.pos_embed[:, 1:].reshape(1, old, old, -1).permute(0, 3, 1, 2)
        grid = F.interpolate(grid, size=(new, new), mode="bicubic", align_corners=False)
        return torch.cat([self.pos_embed[:, :1], grid.flatten(2).transpose(1, 2)], 1)

    def forward(self, x):
        x = self.patch_embed(x)
        x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], 1)
        x = self.blocks(x + self.positions(x.shape[1]))
        return self.head(self.norm(x)[:, 0])


def load(path):
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    types = {"F32": np.float32, "I64": np.int64}
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = (8 + length + offset for offset in entry["data_offsets"])
            tensors[name] = torch.from_numpy(np.frombuffer(data[start:end], types[entry["dtype"]]).reshape(entry["shape"]).copy())
    return tensors


def macs(model, images):
    """Multiply-accumulates of convolutions, matrices and attention, counted by running; heads are left out."""
    total = 0

    def count(module, inputs, output):
        nonlocal total
        if isinstance(module, nn.Conv2d):
            total += module.weight.numel() * output.shape[2] * output.shape[3]
        elif isinstance(module, Attention):
            total += 2 * output.shape[1] ** 2 * output.shape[2]
        elif output.dim() == 3:
            total += module.weight.numel() * output.shape[1]

    hooks = [m.register_forward_hook(count) for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear, Attention))]
    with torch.no_grad():
        model(images[:1])
    for hook in hooks:
        hook.remove()
    return total


def main(folder):
    torch.set_num_threads(1)
    results = {}
    for case in json.loads((folder / "cases.json").read_text()):
        name, peer = case["name"], case["peer"]
        model = VisionTransformer() if peer == "vit" else getattr(torchvision.models, peer)()
        model.load_state_dict(load(folder / f"{name}.safetensors"), strict=True)
        model.eval()
        outputs = []
        for size in case["sizes"]:
            images = load(folder / f"images{size}.safetensors")["images"]
            with torch.no_grad():
                outputs.append(model(images).flatten().tolist())
        results[name] = dict(
            outputs=outputs, macs=[macs(model, torch.zeros(1, 3, size, size)) for size in case["sizes"]], parameters=sum(p.numel() for p in model.parameters()))
    (folder / "results.json").write_text(json.dumps(results))


main(pathlib.Path(sys.argv[1]))
