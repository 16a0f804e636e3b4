"""Scoring one subnet after the other in plain PyTorch: the peers of `datassl bench search`.

    python3 gaia_search.py FORM THREADS IMAGES SIZE LARGEST STEM STRIDES

The score is the mean cosine of a subnet's z and the teacher's, both with the batch's statistics in BatchNorm. FORM is `best` (the teacher runs once, its z is kept; channels last, inference mode, no
running statistics) or `released` (as GAIA-ssl was published: the teacher runs again at its largest architecture for each candidate, and running statistics are kept). The published loop also
builds its data set and loaders anew for each candidate; here the images stay in memory, which favours the peer.

Then one line a request on standard input: architectures `stem/w,w,w,w/d,d,d,d` separated by spaces, scored one after the other; the answer is their seconds. An empty line ends it; the
last answer is the peak resident memory in bytes.
"""
import copy
import resource
import sys
import time

import torch

from gaia_step import Network, numbers, parse


class Scorer:
    def __init__(self, form, images, size, largest, low_resolution, strides):
        torch.manual_seed(0)
        self.keeps, self.largest, self.kept = form == "best", largest, None
        memory = torch.channels_last if self.keeps else torch.contiguous_format
        self.student = Network(largest, low_resolution, strides).to(memory_format=memory)
        if not self.keeps:
            self.student.track()
        self.teacher = copy.deepcopy(self.student)
        self.batch = torch.randn(images, 3, size, size).contiguous(memory_format=memory)

    def target(self):
        if self.kept is not None:
            return self.kept
        self.teacher.set(self.largest)
        target = self.teacher(self.batch)
        if self.keeps:
            self.kept = target
        return target

    def score(self, architecture):
        with torch.inference_mode() if self.keeps else torch.no_grad():
            target = self.target()
            self.student.set(architecture)
            return (self.student(self.batch) * target).sum(1).mean().item()


def main():
    form, threads, images, size, largest, stem, strides = sys.argv[1:]
    torch.set_num_threads(int(threads))
    scorer = Scorer(form, int(images), int(size), parse(largest), stem == "low", numbers(strides))
    print("ready", flush=True)
    for line in sys.stdin:
        if not line.strip():
            break
        start = time.perf_counter()
        for architecture in line.split():
            scorer.score(parse(architecture))
        print(time.perf_counter() - start, flush=True)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, flush=True)


if __name__ == "__main__":
    main()
