"""MoCo v2's two views by torchvision: the peer of `datassl bench data`.

    python3 moco_views.py VARIANT SIZE THREADS BATCH

VARIANT is `pil` (Pillow images until the last step, as MoCo's released code) or `tensor` (8-bit tensors from torchvision's own decoder).

Then one line a batch on standard input: a JSON list of files. Each is decoded once and viewed twice; the answer is the seconds of the batch. An empty
line ends it; the last answer is the peak resident memory in bytes. The workers are processes of one thread, as a DataLoader's are, but they write
straight into a shared batch, which spares them a DataLoader's queues.
"""
import json
import multiprocessing
import random
import resource
import sys
import time

import torch
import torchvision.transforms as T
from PIL import Image, ImageFilter
from torchvision.io import ImageReadMode, read_image


class PilBlur:
    """The blur of MoCo's released code."""

    def __call__(self, image):
        return image.filter(ImageFilter.GaussianBlur(radius=random.uniform(0.1, 2.0)))


def recipe(size, blur, convert, variant):
    steps = [
        T.RandomResizedCrop(size, scale=(0.2, 1.0), antialias=True),
        T.RandomApply([T.ColorJitter(0.4, 0.4, 0.4, 0.1)], p=0.8),
        T.RandomGrayscale(p=0.2),
        T.RandomApply([blur], p=0.5),
        T.RandomHorizontalFlip(),
        convert,
        T.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
    ]
    return T.Compose(steps) if variant == "pil" else torch.nn.Sequential(*steps)


def load_pil(path):
    with Image.open(path) as image:
        return image.convert("RGB")


def load_tensor(path):
    return read_image(path, ImageReadMode.RGB)


def make(load, transform, paths, views, share):
    with torch.inference_mode():
        for i in share:
            image = load(paths[i])
            for view in views:
                view[i] = transform(image)


def serve(connection, seed, load, transform, views):
    torch.set_num_threads(1)
    random.seed(seed)
    torch.manual_seed(seed)
    while (message := connection.recv()) is not None:
        paths, share = message
        make(load, transform, paths, views, share)
        connection.send(True)


def pipeline(size, variant):
    """What reads an image, and what makes a view of it."""
    load = load_pil if variant == "pil" else load_tensor
    # A kernel of a tenth of the side, made odd, is the usual one for tensors; 8-bit tensors are their faster kind.
    blur = PilBlur() if variant == "pil" else T.GaussianBlur(size // 10 // 2 * 2 + 1, (0.1, 2.0))
    convert = T.ToTensor() if variant == "pil" else T.ConvertImageDtype(torch.float32)
    return load, recipe(size, blur, convert, variant)


def main(variant, size, threads, batch):
    torch.set_num_threads(1)
    load, transform = pipeline(size, variant)
    views = [torch.empty(batch, 3, size, size).share_memory_() for _ in range(2)]

    workers = []
    for seed in range(threads):
        here, there = multiprocessing.Pipe()
        process = multiprocessing.Process(target=serve, args=(there, seed, load, transform, views), daemon=True)
        process.start()
        workers.append((here, process))
    print("ready", flush=True)
    for line in sys.stdin:
        if not line.strip():
            break
        paths = json.loads(line)
        start = time.perf_counter()
        for i, (connection, _) in enumerate(workers):
            connection.send((paths, range(i, len(paths), threads)))
        for connection, _ in workers:
            connection.recv()
        print(repr(time.perf_counter() - start), flush=True)
    for connection, process in workers:
        connection.send(None)
        process.join()
    peak = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(peak * 1024, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))
