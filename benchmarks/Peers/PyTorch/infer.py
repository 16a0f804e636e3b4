"""The PyTorch peers of `datassl bench infer`.

    python3 infer.py VARIANT NETWORK THREADS SIZE

VARIANT is `torchvision` (the network as it comes, in evaluation mode), `torchvision-frozen` (as its best user runs it: inference mode, traced, `jit.freeze` and, where it is faster,
`optimize_for_inference`, in the faster order of the channels; each combination is tried at a batch's first line), `torchvision-frozen-bf16` (the same in bfloat16) or `supernet` (the same network as released supernets run a subnet: its layers hold a quarter more
channels and slice their weights at each call). NETWORK is a constructor of torchvision.models.

Then one line a request on standard input: a batch size. The answer is the mean seconds of a forward pass, over a tenth of a second after one that is not counted; after an empty line, the
peak resident bytes.
"""
import copy
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


def seconds_of(run, x):
    """The fastest of five passes after three that compile and warm up."""
    times = []
    for _ in range(8):
        start = time.perf_counter()
        run(x)
        times.append(time.perf_counter() - start)
    return min(times[3:])


def fastest(net, images, dtype):
    """The network and its input in the form that takes least."""
    candidates = []
    for memory in (torch.contiguous_format, torch.channels_last):
        module, x = copy.deepcopy(net).to(dtype).to(memory_format=memory), images.to(dtype).contiguous(memory_format=memory)
        frozen = torch.jit.freeze(torch.jit.trace(module, x))
        candidates.append((frozen, x))
        # It turns the graph to oneDNN's tensors, which this version has for float32 only.
        if dtype == torch.float32:
            candidates.append((torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(module, x))), x))
    return min(candidates, key=lambda candidate: seconds_of(*candidate))


def create(variant, network):
    """The network up to its embedding."""
    net = getattr(torchvision.models, network)()
    if variant == "supernet":
        make_dynamic(net)
    # All contestants give the embedding.
    setattr(net, "fc" if hasattr(net, "fc") else "classifier", nn.Identity())
    return net.eval()


def prepare(net, x, variant):
    """What a variant runs, and on what."""
    if variant in ("supernet", "torchvision"):
        return net, x
    return fastest(net, x, torch.bfloat16 if variant.endswith("bf16") else torch.float32)


def main():
    variant, network, threads, size = sys.argv[1:]
    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    net = create(variant, network)
    runs = {}
    print("ready", flush=True)
    with torch.no_grad() if variant in ("supernet", "torchvision") else torch.inference_mode():
        for line in sys.stdin:
            if not line.strip():
                break
            batch = int(line)
            if batch not in runs:
                runs[batch] = prepare(net, torch.randn(batch, 3, int(size), int(size)), variant)
            run, x = runs[batch]
            run(x)
            start, passes, seconds = time.perf_counter(), 0, 0.0
            while passes == 0 or seconds < STEADY_SECONDS:
                run(x)
                passes, seconds = passes + 1, time.perf_counter() - start
            print(seconds / passes, flush=True)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, flush=True)


if __name__ == "__main__":
    main()
