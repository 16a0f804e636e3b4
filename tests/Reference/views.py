"""Views by Pillow and torchvision, given the same draws: 8-bit values where Pillow makes them, else in [0, 1]."""
import numpy as np
import torch
import torchvision.transforms as T
import torchvision.transforms.functional as F
from PIL import Image, ImageOps

import seeded

settings, recorded = seeded.settings(__file__), {}


def picture(name, width, height):
    return Image.fromarray(seeded.picture(name, width, height))


def bytes_of(view):
    """[3, H, W], 8 bits."""
    return torch.from_numpy(np.asarray(view).transpose(2, 0, 1).copy())


def plain(name, count, side):
    return torch.stack([F.to_tensor(picture(f"{name}/{i}", side, side)) for i in range(count)])


case, views = settings["fill"], []
for i, ((width, height), (x, y, w, h)) in enumerate(zip(case["pictures"], case["boxes"])):
    view = picture(f"fill/{i}", width, height).crop((x, y, x + w, y + h)).resize((case["size"], case["size"]), Image.BILINEAR)
    views.append(bytes_of(ImageOps.mirror(view) if i % 2 else view))
recorded["fill"] = torch.stack(views)

case, views = settings["bicubic"], []
for i, ((width, height), (x, y, w, h)) in enumerate(zip(case["pictures"], case["boxes"])):
    # Channels that are dark or bright at random, where a cubic overshoots.
    steps = seeded.bits(f"bicubic/{i}", width * height * 3)
    values = np.where(steps & np.uint64(1), steps >> np.uint64(1) & np.uint64(15), np.uint64(240) + (steps >> np.uint64(1) & np.uint64(15)))
    image = F.to_tensor(values.astype(np.uint8).reshape(height, width, 3))
    view = F.resize(F.crop(image, y, x, h, w), [case["size"], case["size"]], F.InterpolationMode.BICUBIC, antialias=True).clamp(0, 1)
    view = F.hflip(view) if i % 2 else view
    views.append(F.solarize(view, 0.5) if i >= case["solarizedFrom"] else view)
recorded["bicubic"] = torch.stack(views)

case = settings["evaluation"]
for width, height in case["pictures"]:
    image = picture("evaluation", width, height)
    recorded[f"centre/{width}x{height}"] = bytes_of(T.Compose([T.Resize(case["shortSide"]), T.CenterCrop(case["size"])])(image))
    # No draw of twice the area fits, and what is left then is the largest part of the middle; of the whole area one does at times.
    top, left, h, w = T.RandomResizedCrop.get_params(image, (2, 2), (3 / 4, 4 / 3))
    recorded[f"whole/{width}x{height}"] = bytes_of(F.resized_crop(image, top, left, h, w, (case["size"], case["size"])))

case, views = settings["jitter"], []
steps = [F.adjust_brightness, F.adjust_contrast, F.adjust_saturation, F.adjust_hue]
for view, draw in zip(plain("jitter", len(case["draws"]), case["size"]), case["draws"]):
    for step in draw["order"]:
        view = steps[step](view, draw["factors"][step])
    views.append(F.rgb_to_grayscale(view, 3) if draw["grey"] else view)
recorded["jitter"] = torch.stack(views)

case = settings["blur"]
views, offsets = plain("blur", len(case["sigmas"]), case["size"]).double().numpy(), np.arange(-20, 21)
for i, sigma in enumerate(case["sigmas"]):
    if sigma > 0:
        kernel = np.exp(-offsets ** 2 / (2 * sigma ** 2))
        kernel /= kernel.sum()
        for axis in (1, 2):
            padded = np.pad(views[i], [(20, 20) if a == axis else (0, 0) for a in range(3)], "edge")
            views[i] = sum(k * np.take(padded, np.arange(case["size"]) + 20 + o, axis) for k, o in zip(kernel, offsets))
    if i >= case["solarizedFrom"]:
        views[i] = np.where(views[i] < 0.5, views[i], 1 - views[i])
recorded["blur"] = torch.from_numpy(views)

for (width, height), (narrow, low) in zip(settings["shrunk"]["pictures"], settings["shrunk"]["to"]):
    recorded[f"shrunk/{width}x{height}"] = bytes_of(picture("shrunk", width, height).resize((narrow, low), Image.BILINEAR))

seeded.write(__file__, recorded)
