"""The PyTorch peer of `datassl bench detect`: torchvision's Faster R-CNN with a feature pyramid on ResNet50.

    python3 detect_step.py THREADS BATCH SIZE FILE

FILE holds the weights, and images and boxes to learn from (safetensors, as `check.py` reads it). All stages are trained, BatchNorm is frozen as torchvision has it. The order of the channels that takes less is found
before the first line: a step of each after one that is not counted.

Then one line a step on standard input: its number. The answer is its seconds (losses, backward, SGD); after an empty line, the peak resident bytes.
"""
import resource
import sys
import time

import torch
from torchvision.models import resnet50
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.backbone_utils import _resnet_fpn_extractor
from torchvision.ops import FrozenBatchNorm2d

from check import read

RATE, MOMENTUM, DECAY = 1e-3, 0.9, 1e-4


class Step:
    def __init__(self, tensors, size, layout):
        self.images = [image / 255 for image in tensors["scene.images"]]
        # [K, 6]: the image, the class, four edges.
        objects = tensors["scene.objects"]
        self.targets = [{"boxes": own[:, 2:].clone(), "labels": own[:, 1].long() + 1} for own in (objects[objects[:, 0] == i] for i in range(len(self.images)))]
        weights = {key: values for key, values in tensors.items() if not key.startswith("scene.")}
        self.model = FasterRCNN(
            _resnet_fpn_extractor(resnet50(norm_layer=FrozenBatchNorm2d), 5), len(weights["roi_heads.box_predictor.cls_score.bias"]), min_size=size, max_size=size
        )
        # There the network's layers lie in a module of their own.
        own = {key.replace("backbone.", "backbone.body.", 1) if key.startswith("backbone.") and not key.startswith("backbone.fpn.") else key: values for key, values in weights.items()}
        self.model.load_state_dict(own)
        self.model.train().to(memory_format=layout)
        self.optimizer = torch.optim.SGD((p for p in self.model.parameters() if p.requires_grad), RATE, MOMENTUM, weight_decay=DECAY)

    def losses(self, some):
        """All four by their names."""
        return self.model([self.images[i] for i in some], [self.targets[i] for i in some])

    def run(self, some):
        losses = self.losses(some)
        self.optimizer.zero_grad(set_to_none=True)
        sum(losses.values()).backward()
        self.optimizer.step()

    def timed(self, step, batch):
        some = [(step * batch + i) % len(self.images) for i in range(batch)]
        start = time.perf_counter()
        self.run(some)
        return time.perf_counter() - start


def faster(tensors, size, batch):
    def seconds(layout):
        step = Step(tensors, size, layout)
        step.timed(0, batch)
        return step.timed(1, batch)

    return min((torch.contiguous_format, torch.channels_last), key=seconds)


def main():
    threads, batch, size, path = sys.argv[1:]
    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    tensors = read(path)
    layout = faster(tensors, int(size), int(batch))
    print(layout, file=sys.stderr)
    step = Step(tensors, int(size), layout)
    print("ready", flush=True)
    for line in sys.stdin:
        if not line.strip():
            break
        print(step.timed(int(line), int(batch)), flush=True)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, flush=True)


if __name__ == "__main__":
    main()
