"""Accuracies of logistic regressions, by PyTorch's own L-BFGS on the problem as it is written down, in 64 bits, on features of very different scales."""
import torch

import seeded

CLASSES, NOISE, PENALTIES = 6, 4, [1, 0.1, 0.01, 0.001]


def draw(name, count):
    """Overlapping classes; features of scales from 0.01 to 100, far from zero."""
    channels = CLASSES + NOISE
    labels = seeded.bits(f"{name}/labels", count) % CLASSES
    labels = torch.tensor([int(label) for label in labels])
    # A sum of four uniform values is nearly normal.
    values = sum(seeded.uniform(f"{name}/{i}", (count, channels)).double() for i in range(4)) * 0.75**0.5
    for c in range(channels):
        values[:, c] = (values[:, c] + 2.0 * (labels == c) + 1.0 * ((labels + 1) % CLASSES == c) + 3) * 10.0 ** (c % 5 - 2)
    return values.float().double(), labels


(x, y), (t, u) = draw("fit", 900), draw("test", 2000)
mean, std = x.mean(0), x.std(0, unbiased=False)
x, t = (x - mean) / std, (t - mean) / std
accuracies = []
torch.manual_seed(0)
for l2 in PENALTIES:
    layer = torch.nn.Linear(x.shape[1], CLASSES).double()
    optimizer = torch.optim.LBFGS(layer.parameters(), max_iter=2000, tolerance_grad=1e-9, tolerance_change=1e-14, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(layer(x), y) + l2 / 2 * layer.weight.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    with torch.no_grad():
        accuracies.append((layer(t).argmax(1) == u).double().mean())
seeded.write(__file__, {"penalties": torch.tensor(PENALTIES), "accuracies": torch.stack(accuracies)})
