"""A GAIA-style dynamic supernet in plain PyTorch: the peer of `datassl bench step`.

    python3 gaia_step.py FORM COMPUTE THREADS BATCH SIZE LARGEST STEM STRIDES DEVICE QUEUE GROUPS

FORM is `released` (as GAIA-ssl was published: float32, NCHW, running statistics, per-parameter momentum update, teacher, update and enqueue for each of Max, Min and one random
architecture), `best` (Algorithm 1 of DATA, channels-last, the given compute type by autocast, the product with the queue included, multi-tensor updates where this PyTorch has them, no slice of
what is used whole, no running statistics) or `static` (the same subnets as separate static networks, in which nothing is sliced; made and run once, back too, before the measured time). LARGEST is
the largest architecture, STEM is `low` or `standard`, STRIDES are those of the stages, QUEUE the number of negatives, GROUPS the groups of the batch with BatchNorm statistics of their own: the
queries are dealt as neighbours, the keys as every n-th image.

Then one line a request on standard input: architectures `stem/w,w,w,w/d,d,d,d` separated by spaces. Each is one training step; the answer is its seconds.
An empty line ends it; the last answer is the peak resident memory of the process in bytes.
"""
import copy
import inspect
import resource
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

EXPANSION = 4


def leading(tensor, count):
    """The first entries; the tensor itself where that is all of it, so that the largest network pays for no slicing."""
    return tensor if tensor.shape[0] == count else tensor[:count]


class DynamicConv2d(nn.Conv2d):
    """Uses the leading output channels that were set and as many input channels as arrive."""

    active = None

    def forward(self, x):
        weight = leading(self.weight, self.active or self.out_channels)
        if x.shape[1] < weight.shape[1]:
            weight = weight[:, : x.shape[1]]
        return F.conv2d(x, weight, None, self.stride, self.padding)


class DynamicBatchNorm2d(nn.BatchNorm2d):
    """By the batch's statistics. In the released style it slices the one shared set of running statistics too, which nothing here reads."""

    tracks = False

    def forward(self, x):
        c = x.shape[1]
        mean = variance = None
        if self.tracks:
            self.num_batches_tracked += 1
            mean, variance = self.running_mean[:c], self.running_var[:c]
        return F.batch_norm(x, mean, variance, leading(self.weight, c), leading(self.bias, c), True, self.momentum, self.eps)


class Bottleneck(nn.Module):
    def __init__(self, channels, width, stride, project):
        super().__init__()
        out = EXPANSION * width
        self.conv1, self.bn1 = DynamicConv2d(channels, width, 1, bias=False), DynamicBatchNorm2d(width)
        self.conv2, self.bn2 = DynamicConv2d(width, width, 3, stride, 1, bias=False), DynamicBatchNorm2d(width)
        self.conv3, self.bn3 = DynamicConv2d(width, out, 1, bias=False), DynamicBatchNorm2d(out)
        self.downsample = nn.Sequential(DynamicConv2d(channels, out, 1, stride, bias=False), DynamicBatchNorm2d(out)) if project else None

    def set_width(self, width):
        self.conv1.active = self.conv2.active = width
        self.conv3.active = EXPANSION * width
        if self.downsample is not None:
            self.downsample[0].active = EXPANSION * width

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = F.relu(self.bn2(self.conv2(y)), inplace=True)
        y = self.bn3(self.conv3(y))
        y += x if self.downsample is None else self.downsample(x)
        return F.relu(y, inplace=True)


class Network(nn.Module):
    """Backbone and MoCo v2 neck at the largest architecture; `set` chooses a subnet."""

    def __init__(self, architecture, low_resolution, strides, hidden=2048, dimension=128):
        super().__init__()
        stem, widths, depths = architecture
        self.low_resolution = low_resolution
        self.conv1 = DynamicConv2d(3, stem, 3 if low_resolution else 7, 1 if low_resolution else 2, 1 if low_resolution else 3, bias=False)
        self.bn1 = DynamicBatchNorm2d(stem)
        self.stages = nn.ModuleList()
        channels = stem
        for i, (width, depth) in enumerate(zip(widths, depths)):
            stage = nn.ModuleList()
            for j in range(depth):
                stage.append(Bottleneck(channels, width, strides[i] if j == 0 else 1, j == 0))
                channels = EXPANSION * width
            self.stages.append(stage)
        self.fc1, self.fc2 = nn.Linear(channels, min(hidden, channels)), nn.Linear(min(hidden, channels), dimension)
        self.depths = depths

    def set(self, architecture):
        stem, widths, self.depths = architecture
        self.conv1.active = stem
        for stage, width in zip(self.stages, widths):
            for block in stage:
                block.set_width(width)

    def track(self):
        """Keeps running statistics, as the released code does."""
        for module in self.modules():
            if isinstance(module, DynamicBatchNorm2d):
                module.tracks = True
        return self

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        if not self.low_resolution:
            x = F.max_pool2d(x, 3, 2, 1)
        for stage, depth in zip(self.stages, self.depths):
            for block in stage[:depth]:
                x = block(x)
        x = x.float().mean((2, 3))
        weight = self.fc1.weight if x.shape[1] == self.fc1.in_features else self.fc1.weight[:, : x.shape[1]]
        x = F.relu(F.linear(x, weight, self.fc1.bias), inplace=True)
        return F.normalize(self.fc2(x), dim=1)


class Step:
    def __init__(self, form, compute, batch, size, largest, low_resolution, strides, device, queue, groups):
        torch.manual_seed(0)
        self.form, self.batch, self.largest, self.low_resolution, self.strides = form, batch, largest, low_resolution, strides
        self.compute = torch.bfloat16 if compute == "bfloat16" and form != "released" else torch.float32
        self.format = torch.contiguous_format if form == "released" else torch.channels_last
        self.device, self.groups = torch.device(device), groups
        self.student = self.network(largest)
        if form == "released":
            self.student.track()
        self.teacher = copy.deepcopy(self.student).requires_grad_(False)
        self.optimizer = torch.optim.SGD(self.student.parameters(), 0.03, momentum=0.9, weight_decay=1e-4, **({} if form == "released" else self.one_pass()))
        self.queue = F.normalize(torch.randn(128, queue, device=self.device), dim=0).to(self.compute)
        self.position = 0
        self.queries = torch.randn(batch, 3, size, size, device=self.device).contiguous(memory_format=self.format)
        self.keys = torch.randn(batch, 3, size, size, device=self.device).contiguous(memory_format=self.format)
        self.target = torch.zeros(batch // groups, dtype=torch.long, device=self.device)

    def network(self, architecture):
        return Network(architecture, self.low_resolution, self.strides).to(self.device, memory_format=self.format)

    def one_pass(self):
        """The update of all weights at once, as this version has it: fused on GPUs from 2.3 on."""
        fused = self.device.type == "cuda" and "fused" in inspect.signature(torch.optim.SGD).parameters
        return {"fused": True} if fused else {"foreach": True}

    def autocast(self):
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.compute == torch.bfloat16)

    def teach(self):
        self.teacher.set(self.largest)
        with torch.no_grad(), self.autocast():
            if self.groups == 1:
                return self.teacher(self.keys).float()
            return torch.stack([self.teacher(self.keys[g :: self.groups]).float() for g in range(self.groups)], 1).flatten(0, 1)

    def update_teacher(self):
        with torch.no_grad():
            if self.form == "released":
                for q, k in zip(self.student.parameters(), self.teacher.parameters()):
                    k.data = k.data * 0.999 + q.data * 0.001
            else:
                k, q = list(self.teacher.parameters()), list(self.student.parameters())
                torch._foreach_mul_(k, 0.999)
                torch._foreach_add_(k, q, alpha=0.001)

    def enqueue(self, keys):
        self.queue[:, self.position : self.position + self.batch] = keys.t()
        self.position = (self.position + self.batch) % self.queue.shape[1]

    def loss(self, z, keys):
        z = z / 0.2
        with self.autocast():
            negatives = z @ self.queue
        return F.cross_entropy(torch.cat([(z * keys).sum(1, keepdim=True), negatives.float()], 1), self.target)

    def backward(self, network, keys):
        total = 0
        for queries, own in zip(self.queries.chunk(self.groups), keys.chunk(self.groups)):
            with self.autocast():
                z = network(queries)
            loss = self.loss(z.float(), own) / self.groups
            loss.backward()
            total = total + loss.detach()
        return total

    def run(self, architectures, statics):
        """One step; the students' losses."""
        losses = []
        self.optimizer.zero_grad(set_to_none=True)
        if self.form == "released":
            for architecture in architectures:
                self.update_teacher()
                keys = self.teach()
                self.student.set(architecture)
                losses.append(self.backward(self.student, keys))
                self.enqueue(keys)
            self.optimizer.step()
            return losses
        keys = self.teach()
        for i, architecture in enumerate(architectures):
            if self.form == "static":
                losses.append(self.backward(statics[i], keys))
            else:
                self.student.set(architecture)
                losses.append(self.backward(self.student, keys))
        self.optimizer.step()
        self.update_teacher()
        self.enqueue(keys)
        return losses

    def wait(self):
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    def timed(self, architectures):
        # Static networks are made and warmed outside the measured time; the largest is the student itself, so that its update is a real one.
        statics = []
        if self.form == "static":
            statics = [self.student if architecture == self.largest else self.network(architecture) for architecture in architectures]
            self.student.set(self.largest)
            keys = self.teach()
            for network in statics:
                self.backward(network, keys)
                network.zero_grad(set_to_none=True)
        self.wait()
        start = time.perf_counter()
        self.run(architectures, statics)
        self.wait()
        return time.perf_counter() - start


def numbers(text):
    return tuple(int(n) for n in text.split(","))


def parse(text):
    stem, widths, depths = text.split("/")
    return int(stem), numbers(widths), numbers(depths)


def main():
    form, compute, threads, batch, size, largest, stem, strides, device, queue, groups = sys.argv[1:]
    torch.set_num_threads(int(threads))
    step = Step(form, compute, int(batch), int(size), parse(largest), stem == "low", numbers(strides), device, int(queue), int(groups))
    print("ready", flush=True)
    for line in sys.stdin:
        if not line.strip():
            break
        print(step.timed([parse(a) for a in line.split()]), flush=True)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, flush=True)


if __name__ == "__main__":
    main()
