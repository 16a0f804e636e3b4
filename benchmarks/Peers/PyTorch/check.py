"""Runs the peers once over the tensors of a test, which compares what they come to with ours.

    python3 check.py FILE step STEPS ARCHITECTURE+… FORM COMPUTE THREADS BATCH SIZE LARGEST STEM STRIDES DEVICE QUEUE GROUPS
    python3 check.py FILE search ARCHITECTURE+… FORM THREADS IMAGES SIZE LARGEST STEM STRIDES
    python3 check.py FILE infer VARIANT NETWORK
    python3 check.py FILE data VARIANT SIZE STEPS FOLDER
    python3 check.py FILE detect SIZE

FILE holds the weights, images and queue (safetensors, 32-bit floats). Prints losses of every step, scores, embeddings, means and deviations of the channels, or a detector's four losses.
"""
import json
import pathlib
import struct
import sys

import torch


def read(path):
    data = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        tensors[name] = torch.frombuffer(bytearray(data[8 + length + begin : 8 + length + end]), dtype=torch.float32).reshape(entry["shape"])
    return tensors


def load(network, tensors, prefix):
    """Overwrites every parameter of a supernet with those that the test names as the peer in C# does."""
    given = {name[len(prefix) :].replace("downsample_conv", "downsample.0").replace("downsample_bn", "downsample.1"): values for name, values in tensors.items() if name.startswith(prefix)}
    own = dict(network.named_parameters())
    assert own.keys() == given.keys(), sorted(own.keys() ^ given.keys())
    with torch.no_grad():
        for name, values in given.items():
            own[name].copy_(values)


def step(tensors, steps, architectures, form, compute, threads, batch, size, largest, stem, strides, device, queue, groups):
    from gaia_step import Step, numbers, parse

    torch.set_num_threads(int(threads))
    peer = Step(form, compute, int(batch), int(size), parse(largest), stem == "low", numbers(strides), device, int(queue), int(groups))
    load(peer.student, tensors, "student.")
    load(peer.teacher, tensors, "student.")
    peer.queue.copy_(tensors["queue"])
    peer.queries.copy_(tensors["queries"])
    peer.keys.copy_(tensors["keys"])
    architectures = [parse(a) for a in architectures.split("+")]
    for _ in range(int(steps)):
        # The test names the largest alone for static networks: others start from weights of their own.
        statics = [peer.student for _ in architectures] if form == "static" else []
        print(*(loss.item() for loss in peer.run(architectures, statics)))


def search(tensors, architectures, form, threads, images, size, largest, stem, strides):
    from gaia_search import Scorer
    from gaia_step import numbers, parse

    torch.set_num_threads(int(threads))
    scorer = Scorer(form, int(images), int(size), parse(largest), stem == "low", numbers(strides))
    load(scorer.student, tensors, "student.")
    load(scorer.teacher, tensors, "teacher.")
    scorer.batch.copy_(tensors["images"])
    print(*(scorer.score(parse(a)) for a in architectures.split("+")))


def infer(tensors, variant, name):
    import infer as peer

    net = peer.create(variant, name)
    given = {key[len("net.") :]: values for key, values in tensors.items() if key.startswith("net.")}
    with torch.no_grad():
        for key, own in net.state_dict().items():
            if key.endswith("num_batches_tracked"):
                continue
            values = given.pop(key)
            # The layers of a supernet hold more channels.
            own[tuple(slice(n) for n in values.shape)].copy_(values)
        assert not given, sorted(given)
        run, x = peer.prepare(net, tensors["images"], variant)
        print(*run(x).flatten().tolist())


def data(_, variant, size, steps, folder):
    import moco_views as peer

    torch.manual_seed(0)
    peer.random.seed(0)
    load_image, transform = peer.pipeline(int(size), variant)
    files = sorted(str(path) for path in pathlib.Path(folder).rglob("*") if path.is_file())
    with torch.inference_mode():
        images = [load_image(path) for path in files]
        views = torch.stack([transform(image) for _ in range(int(steps)) for image in images for _ in range(2)]).transpose(0, 1).flatten(1)
    print(*views.mean(1).tolist(), *views.std(1).tolist())


def detect(tensors, size):
    from detect_step import Step

    torch.manual_seed(0)
    with torch.no_grad():
        losses = Step(tensors, int(size), torch.contiguous_format).losses(range(len(tensors["scene.images"])))
    print(*(losses[name].item() for name in ("loss_classifier", "loss_box_reg", "loss_objectness", "loss_rpn_box_reg")))


def main():
    path, what, *arguments = sys.argv[1:]
    {"step": step, "search": search, "infer": infer, "data": data, "detect": detect}[what](read(path), *arguments)


if __name__ == "__main__":
    main()
