"""The PyTorch peers of `datassl bench infer`.

    python3 infer.py VARIANT NETWORK THREADS SIZE

VARIANT is `torchvision` (the network as it comes, in evaluation mode) or `supernet` (the same network as released supernets run a subnet: its layers hold a quarter more
channels and slice their weights at each call). NETWORK is a constructor of torchvision.models.

Then one line a request on standard input: a batch size. The answer is the mean seconds of a forward pass, over a tenth of a second after one that is not counted; after an empty line, the
peak resident bytes.
"""
import resource
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision


STEADY_SECONDS = 0.1


class DynamicConv2d(nn.Module):
    """Uses the leading output channels that were set and as many input channels as arrive."""

    def __init__(self, conv):
        super().__init__()
        self.active, self.stride, self.padding, self.depthwise = conv.out_channels, conv.stride, conv.padding, conv.groups > 1
        channels = [size * 5 // 4 for size in conv.weight.shape[:2]]
        self.weight = nn.Parameter(torch.randn(channels[0], 1 if self.depthwise else channels[1], *conv.kernel_size) * 0.02)

    def forward(self, x):
        channels = x.shape[1]
        if self.depthwise:
            return F.conv2d(x, self.weight[:channels], None, self.stride, self.padding, groups=channels)
        return F.conv2d(x, self.weight[: self.active, :channels], None, self.stride, self.padding)


class DynamicBatchNorm2d(nn.BatchNorm2d):
    """Slices scale, shift and statistics to the channels that arrive."""

    def forward(self, x):
        c = x.shape[1]
        return F.batch_norm(x, self.running_mean[:c], self.running_var[:c], self.weight[:c], self.bias[:c], False, 0.0, self.eps)


def make_dynamic(module):
    for name, child in module.named_children():
        if isinstance(child, nn.Conv2d):
            setattr(module, name, DynamicConv2d(child))
        elif isinstance(child, nn.BatchNorm2d):
            setattr(module, name, DynamicBatchNorm2d(child.num_features * 5 // 4))
        else:
            make_dynamic(child)


def main():
    variant, network, threads, size = sys.argv[1:]
    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    net = getattr(torchvision.models, network)()
    if variant == "supernet":
        make_dynamic(net)
    # All contestants give the embedding.
    setattr(net, "fc" if hasattr(net, "fc") else "classifier", nn.Identity())
    net.eval()
    images = {}
    print("ready", flush=True)
    for line in sys.stdin:
        if not line.strip():
            break
        batch = int(line)
        x = images.setdefault(batch, torch.randn(batch, 3, int(size), int(size)))
        with torch.no_grad():
            net(x)
            start, passes, seconds = time.perf_counter(), 0, 0.0
            while passes == 0 or seconds < STEADY_SECONDS:
                net(x)
                passes, seconds = passes + 1, time.perf_counter() - start
        print(seconds / passes, flush=True)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, flush=True)


main()
