"""A supernet of bottleneck blocks in plain PyTorch: one tensor for each parameter, slices by indexing."""
import torch.nn.functional as F


def batch_norm(p, key, x):
    c = x.shape[1]
    return F.batch_norm(x, None, None, p[key + ".weight"][:c], p[key + ".bias"][:c], training=True, eps=1e-5)


def conv(p, key, x, out, stride=1):
    weight = p[key + ".weight"][:out, :x.shape[1]]
    return F.conv2d(x, weight, stride=stride, padding=weight.shape[-1] // 2)


def last_map(p, x, choices, norm=batch_norm):
    """choices: the stem's width, then width and depth of each stage."""
    x = F.relu(norm(p, "bn1", conv(p, "conv1", x, choices[0])))
    for stage, (width, depth) in enumerate(zip(choices[1::2], choices[2::2]), 1):
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
