"""Reference networks with seeded weights, what they give and cost: torchvision's, and plain definitions for any architecture of a family."""
import hashlib

import torch
import torchvision
from torch import nn
from torch.nn import functional as F

import seeded


class Attention(nn.Module):
    def __init__(self, width, heads, head_size=64):
        super().__init__()
        self.heads, self.inner = heads, heads * head_size
        self.qkv, self.proj = nn.Linear(width, 3 * self.inner), nn.Linear(self.inner, width)

    def forward(self, x):
        n, t, _ = x.shape
        q, k, v = self.qkv(x).reshape(n, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(n, t, self.inner))


class Mlp(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, width, heads, mlp):
        super().__init__()
        self.norm1, self.attn = nn.LayerNorm(width, eps=1e-6), Attention(width, heads)
        self.norm2, self.mlp = nn.LayerNorm(width, eps=1e-6), Mlp(width, mlp * width)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchEmbed(nn.Module):
    def __init__(self, channels, width, patch):
        super().__init__()
        self.proj = nn.Conv2d(channels, width, patch, patch)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class VisionTransformer(nn.Module):
    def __init__(self, spec):
        super().__init__()
        width, tokens = spec["stem"]["width"], (spec["size"] // spec["patch"]) ** 2 + 1
        self.patch_embed, self.cls_token = PatchEmbed(spec["channels"], width, spec["patch"]), nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, tokens, width))
        self.blocks = nn.Sequential(*[Block(width, s["heads"], s["mlp"]) for s in spec["stages"] for _ in range(s["depth"])])
        self.norm, self.head = nn.LayerNorm(width, eps=1e-6), nn.Linear(width, spec["classes"])

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


class Residual(nn.Module):
    def __init__(self, bottleneck, inputs, width, stride, project):
        super().__init__()
        self.bottleneck, outputs = bottleneck, 4 * width if bottleneck else width
        if bottleneck:
            self.conv1, self.conv2 = nn.Conv2d(inputs, width, 1, bias=False), nn.Conv2d(width, width, 3, stride, 1, bias=False)
            self.conv3, self.bn3 = nn.Conv2d(width, outputs, 1, bias=False), nn.BatchNorm2d(outputs)
        else:
            self.conv1, self.conv2 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False), nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(width), nn.BatchNorm2d(width)
        self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)) if project else None

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.bottleneck:
            y = self.bn3(self.conv3(F.relu(y)))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self, spec):
        super().__init__()
        bottleneck, width, self.low = spec["family"] == "resnet-bottleneck", spec["stem"]["width"], spec["low"]
        self.conv1 = nn.Conv2d(spec["channels"], width, 3, 1, 1, bias=False) if self.low else nn.Conv2d(spec["channels"], width, 7, 2, 3, bias=False)
        self.bn1, self.depth, inputs = nn.BatchNorm2d(width), len(spec["stages"]), width
        for i, stage in enumerate(spec["stages"]):
            # A basic network's first stage has the stem's width, so without a stride it adds its input as it is.
            width, blocks = stage.get("width", width), []
            for j in range(stage["depth"]):
                stride = stage["stride"] if j == 0 else 1
                blocks.append(Residual(bottleneck, inputs, width, stride, project=j == 0 and (bottleneck or i > 0 or stride > 1)))
                inputs = 4 * width if bottleneck else width
            setattr(self, f"layer{i + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(inputs, spec["classes"])

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = x if self.low else F.max_pool2d(x, 3, 2, 1)
        for i in range(self.depth):
            x = getattr(self, f"layer{i + 1}")(x)
        return self.fc(x.mean((2, 3)))


def conv_bn_relu6(inputs, outputs, kernel, stride=1, groups=1):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs), nn.ReLU6())


class InvertedResidual(nn.Module):
    def __init__(self, inputs, hidden, outputs, kernel, stride, residual, expand):
        super().__init__()
        self.residual = residual
        layers = [conv_bn_relu6(inputs, hidden, 1)] if expand else []
        layers += [conv_bn_relu6(hidden, hidden, kernel, stride, hidden), nn.Conv2d(hidden, outputs, 1, bias=False), nn.BatchNorm2d(outputs)]
        self.conv = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.conv(x) if self.residual else self.conv(x)


class MobileNetV2(nn.Module):
    def __init__(self, spec):
        super().__init__()
        inputs = spec["stem"]["width"]
        layers = [conv_bn_relu6(spec["channels"], inputs, 3, 1 if spec["low"] else 2)]
        for i, s in enumerate(spec["stages"]):
            for j in range(s["depth"]):
                layers.append(InvertedResidual(inputs, s.get("expansion", 1) * inputs, s["width"], s["kernel"], s["stride"] if j == 0 else 1, residual=j > 0, expand=i > 0))
                inputs = s["width"]
        self.features, self.classifier = nn.Sequential(*layers, conv_bn_relu6(inputs, 1280, 1)), nn.Sequential(nn.Dropout(), nn.Linear(1280, spec["classes"]))

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


PLAIN = {"resnet-bottleneck": ResNet, "resnet-basic": ResNet, "mobilenet-v2": MobileNetV2, "vit": VisionTransformer}


def macs(model, images):
    """Multiply-accumulates of convolutions, matrices and attention, counted by running; heads are left out."""
    total = 0

    def count(module, inputs, output):
        nonlocal total
        if isinstance(module, nn.Conv2d):
            total += module.weight.numel() * output.shape[2] * output.shape[3]
        elif isinstance(module, Attention):
            total += 2 * output.shape[1] ** 2 * module.inner
        elif output.dim() == 3:
            total += module.weight.numel() * output.shape[1]

    hooks = [m.register_forward_hook(count) for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear, Attention))]
    with torch.no_grad():
        model(images[:1])
    for hook in hooks:
        hook.remove()
    return total


# Of uniform weights whose layers with a ReLU pass on as much as they are given.
GAIN = 6


def record(script):
    """For each case of the settings: a checksum of its keys and shapes, its parameters, and for each size the multiply-accumulates and the logits of two images."""
    recorded = {}
    for name, case in seeded.settings(script).items():
        peer = case["peer"]
        model = PLAIN[peer["family"]](peer) if isinstance(peer, dict) else getattr(torchvision.models, peer)()
        state = seeded.state_of(model, f"{name}/", GAIN)
        model.load_state_dict(state, strict=True)
        model.eval()
        keys = "\n".join(sorted(f"{key} {'x'.join(map(str, value.shape))}" for key, value in state.items()))
        batches = [seeded.uniform(f"{name}/images/{size}", (2, case["channels"], size, size), 3**0.5) for size in case["sizes"]]
        with torch.no_grad():
            logits = [model(images) for images in batches]
        assert all((one - other).norm() > 0.01 * one.norm() for one, other in logits), f"{name}: the images hardly show in the logits, which proves nothing"
        recorded[f"{name}/logits"] = torch.stack([seeded.sketch(values) for values in logits])
        recorded[f"{name}/macs"] = torch.tensor([macs(model, images) for images in batches])
        recorded[f"{name}/parameters"] = torch.tensor(sum(p.numel() for p in model.parameters()))
        recorded[f"{name}/keys"] = torch.tensor(list(hashlib.sha256(keys.encode()).digest()), dtype=torch.uint8)
    seeded.write(script, recorded)
