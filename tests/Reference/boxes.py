"""RoIAlign and what it takes back, of one map and of a pyramid; overlaps and which boxes they match; suppression; anchors. By torchvision."""
import torch
from torchvision import ops
from torchvision.models.detection._utils import Matcher
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.ops.poolers import MultiScaleRoIAlign

import seeded


def boxes_of(name, count, width, height):
    """Corners anywhere up to a fifth outside, in the right order."""
    corners = (seeded.uniform(name, (count, 2, 2), 0.7, 0.5) * torch.tensor([float(width), float(height)])).sort(1).values
    return corners.reshape(count, 4)


recorded = {}
for name, case in seeded.settings(__file__).items():
    if name.startswith("align"):
        shape = case["map"]
        image = (shape[3] / case["scale"], shape[2] / case["scale"])
        for dtype in (torch.float32, torch.float64):
            x = seeded.uniform(f"boxes/{name}", shape).to(dtype).requires_grad_()
            boxes = boxes_of(f"boxes/{name}/boxes", case["count"], *image).to(dtype)
            images = torch.arange(case["count"]) % shape[0]
            y = ops.roi_align(x, torch.cat([images[:, None].to(dtype), boxes], 1), case["size"], case["scale"], case["samples"], case["aligned"])
            (y * seeded.uniform(f"boxes/{name}/weights", y.shape)).sum().backward()
            recorded[f"{name}/{dtype}/output".replace("torch.", "")] = y
            recorded[f"{name}/{dtype}/gradient".replace("torch.", "")] = x.grad
    elif name == "pyramid":
        height, width = case["image"]
        maps = {str(i): seeded.uniform(f"boxes/pyramid/{i}", (2, case["channels"], height >> i + 2, width >> i + 2)).requires_grad_() for i in range(4)}
        boxes = boxes_of("boxes/pyramid/boxes", case["count"], width, height)
        y = MultiScaleRoIAlign(list(maps), case["size"], case["samples"])(maps, [boxes[:case["first"]], boxes[case["first"]:]], [(height, width)] * 2)
        (y * seeded.uniform("boxes/pyramid/weights", y.shape)).sum().backward()
        recorded["pyramid/output"] = y
        for i, x in maps.items():
            recorded[f"pyramid/gradient{i}"] = seeded.sketch(x.grad)
    elif name == "match":
        truth, candidates = boxes_of("boxes/match/truth", case["truth"], 100, 80), boxes_of("boxes/match/candidates", case["count"], 100, 80)
        # The same candidate twice: both are a true box's best.
        candidates[1::7] = candidates[::7][:len(candidates[1::7])]
        overlaps = ops.box_iou(truth, candidates)
        recorded["match/overlaps"] = overlaps
        for best in (False, True):
            recorded[f"match/{best}"] = Matcher(case["high"], case["low"], best)(overlaps)
    elif name == "suppress":
        boxes, kinds = boxes_of("boxes/suppress/boxes", case["count"], 100, 80), torch.arange(case["count"]) % case["kinds"]
        scores = seeded.uniform("boxes/suppress/scores", (case["count"],))
        # Some are as good as another one.
        scores[::5] = scores[0]
        kept = ops.boxes._batched_nms_vanilla(boxes, scores, kinds, case["overlap"]).sort().values
        # torchvision leaves open which of equal ones comes first.
        recorded["suppress"] = kept[scores[kept].sort(descending=True, stable=True).indices]
        recorded["suppress/one"] = ops.nms(boxes, scores, case["overlap"])
    elif name == "anchors":
        images = ImageList(torch.zeros(1, 3, *case["image"]), [tuple(case["image"])])
        maps = [torch.zeros(1, 1, *size) for size in case["maps"]]
        recorded["anchors"] = AnchorGenerator(tuple(map(tuple, case["sizes"])), (tuple(case["ratios"]),) * len(maps))(images, maps)[0]
seeded.write(__file__, recorded)
