"""A search loop as GAIA-ssl was published, in plain PyTorch: the peer of `datassl bench search`.

    python3 gaia_search.py THREADS IMAGES SIZE LARGEST STEM STRIDES

For each candidate the teacher runs again at its largest architecture, then the subnet, both with the batch's statistics in BatchNorm (which also overwrite the running ones), and
the mean cosine of their z is the score. The published loop also builds its data set and loaders anew for each candidate; here the images stay in memory, which favours the peer.

Then one line a request on standard input: architectures `stem/w,w,w,w/d,d,d,d` separated by spaces, scored one after the other; the answer is their seconds. An empty line ends it; the
last answer is the peak resident memory in bytes.
"""
import copy
import resource
import sys
import time

import torch

from gaia_step import Network, numbers, parse


def main():
    threads, images, size, largest, stem, strides = sys.argv[1:]
    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    largest = parse(largest)
    student = Network(largest, stem == "low", numbers(strides))
    teacher = copy.deepcopy(student)
    batch = torch.randn(int(images), 3, int(size), int(size))
    print("ready", flush=True)
    for line in sys.stdin:
        if not line.strip():
            break
        start = time.perf_counter()
        for architecture in line.split():
            with torch.no_grad():
                teacher.set(largest)
                target = teacher(batch)
                student.set(parse(architecture))
                (student(batch) * target).sum(1).mean().item()
        print(time.perf_counter() - start, flush=True)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, flush=True)


if __name__ == "__main__":
    main()
