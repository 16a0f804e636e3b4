"""Losses, their gradients, proposals and detections of torchvision's detectors and segmenter on a backbone of four convolutions; 64 bits."""
import torch
from torch import nn
from torch.nn import functional as F
from torchvision import ops
from torchvision.models.detection import FCOS, FasterRCNN, MaskRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
from torchvision.models.detection.roi_heads import paste_masks_in_image
from torchvision.models.segmentation.fcn import FCN, FCNHead
from torchvision.ops.feature_pyramid_network import FeaturePyramidNetwork, LastLevelMaxPool, LastLevelP6P7
from torchvision.ops.poolers import MultiScaleRoIAlign

import seeded

SETTINGS = seeded.settings(__file__)
SCENE = SETTINGS["scene"]
CHANNELS, CLASSES = SCENE["channels"], SCENE["classes"]
EVERYTHING = 10**6


class Body(nn.Module):
    """C2 to C5, each a convolution of the one before."""

    def __init__(self):
        super().__init__()
        self.stages = nn.ModuleList(nn.Conv2d(i, o, 3, 4 if i == 3 else 2, 1) for i, o in zip([3] + CHANNELS, CHANNELS))

    def forward(self, x):
        maps = {}
        for i, stage in enumerate(self.stages):
            maps[f"C{i + 2}"] = x = stage(x).relu()
        return maps


class Pyramid(nn.Module):
    def __init__(self, first, width, top):
        super().__init__()
        self.body, self.first, self.out_channels = Body(), first, width
        self.fpn = FeaturePyramidNetwork(CHANNELS[first - 2:], width, top)

    def forward(self, x):
        maps = list(self.body(x).values())[self.first - 2:]
        return self.fpn({str(i): x for i, x in enumerate(maps)})


class AsGiven(nn.Module):
    """Images are taken as they are."""

    def forward(self, images, targets=None):
        height, width = (-(-max(image.shape[i] for image in images) // 32) * 32 for i in (1, 2))
        batch = torch.stack([F.pad(image, (0, width - image.shape[2], 0, height - image.shape[1])) for image in images])
        return ImageList(batch, [tuple(image.shape[1:]) for image in images]), targets

    def postprocess(self, result, *sizes):
        return result


def scene(shift):
    """Images and targets; torchvision's R-CNNs have the background as class 0."""
    images, targets = [], []
    for i, (height, width) in enumerate(SCENE["sizes"]):
        images.append(seeded.uniform(f"scene/{i}", (3, height, width), 3**0.5).double())
        boxes = torch.tensor(SCENE["boxes"][i], dtype=torch.float64).reshape(-1, 4)
        masks = (seeded.uniform(f"scene/{i}/masks", (len(boxes), height, width)) > -0.5).to(torch.uint8)
        targets.append({"boxes": boxes, "labels": torch.tensor(SCENE["labels"][i], dtype=torch.int64) + shift, "masks": masks})
    return images, targets


def given(model, name):
    """The model with the weights of a name, in 64 bits; logits and codes spread wide enough for classes and boxes to differ."""
    model.load_state_dict(seeded.state_of(model, f"{name}/", gain=SCENE["gain"]))
    return model.double()


def record(name, model, shift):
    images, targets = scene(shift)
    recorded, proposals = {}, []
    if hasattr(model, "rpn"):
        model.rpn.register_forward_hook(lambda module, args, output: proposals.append(output[0]))
    model.transform = AsGiven()
    losses = model.train()(images, targets)
    sum(losses.values()).backward()
    for key, loss in losses.items():
        recorded[f"{name}/{key}"] = loss
    recorded[f"{name}/gradients"] = seeded.sketches({key: p.grad for key, p in model.named_parameters()})
    with torch.no_grad():
        found = model.eval()(images)
    for kind, of in zip(("training", "use"), proposals):
        for i, boxes in enumerate(of):
            recorded[f"{name}/{kind} proposals{i}"] = seeded.sketch(boxes)
    for i, f in enumerate(found):
        for key in ("boxes", "scores", "labels"):
            recorded[f"{name}/{key}{i}"] = f[key]
        if "masks" in f:
            recorded[f"{name}/masks{i}"] = seeded.sketch(f["masks"])
            recorded[f"{name}/pasted{i}"] = seeded.sketch(paste_masks_in_image(f["masks"], f["boxes"], images[i].shape[1:]))
    return recorded


def rcnn_settings():
    """Of those that differ from torchvision's: fewer proposals, and losses over all there are, as what is drawn is each library's own."""
    before, after = SCENE["candidates"], SCENE["proposals"]
    return dict(
        rpn_pre_nms_top_n_train=before, rpn_pre_nms_top_n_test=before // 2, rpn_post_nms_top_n_train=after, rpn_post_nms_top_n_test=after // 2,
        rpn_batch_size_per_image=EVERYTHING, box_batch_size_per_image=EVERYTHING, box_score_thresh=SCENE["score"], box_detections_per_img=SCENE["detections"])


def faster(masks):
    width, hidden = SCENE["width"], SCENE["hidden"]
    anchors = AnchorGenerator(tuple((size,) for size in SCENE["anchors"]), ((0.5, 1.0, 2.0),) * len(SCENE["anchors"]))
    parts = dict(
        rpn_anchor_generator=anchors, box_head=TwoMLPHead(width * 49, hidden), box_predictor=FastRCNNPredictor(hidden, CLASSES + 1), **rcnn_settings())
    backbone = Pyramid(2, width, LastLevelMaxPool())
    if not masks:
        return FasterRCNN(backbone, **parts)
    return MaskRCNN(backbone, mask_head=MaskRCNNHeads(width, (width,) * 4, 1), mask_predictor=MaskRCNNPredictor(width, width, CLASSES + 1), **parts)


class Exact(AnchorGenerator):
    """Anchors as Detectron2 has them: not rounded."""

    def generate_anchors(self, scales, ratios, dtype=torch.float32, device="cpu"):
        roots, scales = torch.tensor(ratios).sqrt(), torch.tensor(scales)
        widths, heights = ((1 / roots)[:, None] * scales).flatten(), (roots[:, None] * scales).flatten()
        return torch.stack([-widths, -heights, widths, heights], 1) / 2


class Aligned(MultiScaleRoIAlign):
    def forward(self, maps, boxes, sizes):
        return ops.roi_align(maps["0"], boxes, 14, 1 / 16, 0, aligned=True)


class LastStage(nn.Module):
    """C5 of what is pooled; the convolution is the backbone's."""

    def __init__(self, stage):
        super().__init__()
        self.stage, self.norm = [stage], nn.BatchNorm2d(CHANNELS[3])

    def forward(self, x):
        return self.norm(self.stage[0](x).relu()).mean((2, 3))


class C4(Body):
    out_channels = CHANNELS[2]

    def forward(self, x):
        for stage in self.stages[:3]:
            x = stage(x).relu()
        return x


def c4():
    backbone = C4()
    return FasterRCNN(
        backbone, rpn_anchor_generator=Exact((tuple(SCENE["anchors"]),), ((0.5, 1.0, 2.0),)), box_roi_pool=Aligned(["0"], 14, 0), box_head=LastStage(backbone.stages[3]),
        box_predictor=FastRCNNPredictor(CHANNELS[3], CLASSES + 1), **rcnn_settings())


def fcn():
    """Dropout draws as each library likes: it is off."""
    images, _ = scene(0)
    height, width = SCENE["sizes"][0]
    x = torch.stack([F.pad(image, (0, width - image.shape[2], 0, height - image.shape[1])) for image in images])
    labels = torch.from_numpy((seeded.bits("scene/classes", len(images) * height * width) % (CLASSES + 1)).astype("int64")).reshape(len(images), height, width)
    labels[labels == CLASSES] = 255

    class Two(Body):
        def forward(self, x):
            maps = super().forward(x)
            return {"out": maps["C5"], "aux": maps["C4"]}

    model = given(FCN(Two(), FCNHead(CHANNELS[3], CLASSES), FCNHead(CHANNELS[2], CLASSES)), "fcn").train()
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0
    output = model(x)
    loss = F.cross_entropy(output["out"], labels, ignore_index=255) + SCENE["auxiliary"] * F.cross_entropy(output["aux"], labels, ignore_index=255)
    loss.backward()
    recorded = {"fcn/loss": loss, "fcn/gradients": seeded.sketches({key: p.grad for key, p in model.named_parameters()})}
    model = given(model, "fcn").eval()
    with torch.no_grad():
        recorded["fcn/logits"] = seeded.sketch(model(x)["out"])
    return recorded


recorded = {**record("faster", given(faster(False), "faster"), 1), **record("mask", given(faster(True), "mask"), 1)}
width = SCENE["fcosWidth"]
recorded.update(record("fcos", given(FCOS(Pyramid(3, width, LastLevelP6P7(width, width)), CLASSES, topk_candidates=SCENE["candidates"], detections_per_img=SCENE["detections"]), "fcos"), 0))
recorded.update(fcn())
# Detectron2's loss of codes is linear throughout.
F.smooth_l1_loss = lambda codes, wanted, beta, reduction: F.l1_loss(codes, wanted, reduction=reduction)
recorded.update(record("c4", given(c4(), "c4"), 1))
seeded.write(__file__, recorded)
