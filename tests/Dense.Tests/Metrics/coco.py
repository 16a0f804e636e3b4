"""Records what COCO's own toolkit says of jittered boxes and masks: python3 coco.py FOLDER-OF-BCCD, with its pycocotools. Writes coco.json beside it.

Truth are the boxes of blood cells (BCCD, MIT) at 0.7 of their size, so that there are small, medium and large ones, some of them called crowds; the masks are stars drawn into the boxes.
Found are those boxes and masks moved and scaled, some dropped, some of another class, and some where nothing is.
"""
import contextlib
import io
import json
import math
import pathlib
import random
import sys
import xml.etree.ElementTree as ElementTree

from pycocotools import mask as masks
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

WIDTH, HEIGHT, IMAGES = 448, 336, 16
CLASSES = ["Platelets", "RBC", "WBC"]
draw = random.Random(19)


def boxes(path):
    for item in ElementTree.parse(path).getroot().iter("object"):
        left, top, right, bottom = (int(item.find("bndbox").find(edge).text) for edge in ("xmin", "ymin", "xmax", "ymax"))
        if right > left and bottom > top:
            yield CLASSES.index(item.find("name").text) + 1, [round(0.7 * edge, 2) for edge in (left, top, right - left, bottom - top)]


def star(box):
    """Corners round a box's middle, now near, now far."""
    left, top, width, height = box
    corners, points = draw.randrange(6, 12), []
    for i in range(corners):
        angle, far = 2 * math.pi * i / corners, draw.uniform(0.38, 0.5)
        points += [round(min(max(left + width * (0.5 + far * math.cos(angle)), 0), WIDTH), 2), round(min(max(top + height * (0.5 + far * math.sin(angle)), 0), HEIGHT), 2)]
    return points


def moved(box):
    left, top, width, height = box
    width, height, left, top = width * draw.uniform(0.9, 1.1), height * draw.uniform(0.9, 1.1), left + width * draw.gauss(0, 0.05), top + height * draw.gauss(0, 0.05)
    left, top = max(0, left), max(0, top)
    return [round(left, 3), round(top, 3), round(max(1, min(width, WIDTH - left)), 3), round(max(1, min(height, HEIGHT - top)), 3)]


def rle(points):
    packed = masks.frPyObjects([points], HEIGHT, WIDTH)[0]
    return {"size": packed["size"], "counts": packed["counts"].decode()}


def unpacked(points):
    """Run lengths as numbers, as COCO has them for crowds."""
    pixels = masks.decode(masks.frPyObjects([points], HEIGHT, WIDTH)[0]).flatten(order="F")
    runs, inside, run = [], 0, 0
    for value in pixels:
        if value != inside:
            runs, inside, run = runs + [run], value, 0
        run += 1
    return {"size": [HEIGHT, WIDTH], "counts": runs + [run]}


root = pathlib.Path(sys.argv[1])
names = (root / "ImageSets/Main/test.txt").read_text().split()[:IMAGES]
truth, found = [], []
for image, name in enumerate(names, 1):
    for number, box in boxes(root / "Annotations" / f"{name}.xml"):
        points, crowd = star(box), int(draw.random() < 0.05)
        segmentation = unpacked(points) if crowd else [points] + ([star([box[0], box[1], box[2] / 3, box[3] / 3])] if draw.random() < 0.2 else [])
        whole = masks.merge(masks.frPyObjects(segmentation, HEIGHT, WIDTH)) if not crowd else masks.frPyObjects(segmentation, HEIGHT, WIDTH)
        truth.append({"id": len(truth) + 1, "image_id": image, "category_id": number, "bbox": box, "area": float(masks.area(whole)), "iscrowd": crowd, "segmentation": segmentation})
        for _ in range(draw.choice([0, 1, 1, 1, 1, 2])):
            other = moved(box)
            found.append({"image_id": image, "category_id": number if draw.random() < 0.9 else draw.randrange(1, 4), "bbox": other, "score": round(draw.random(), 2), "segmentation": rle(star(other))})
    for _ in range(2):
        box = moved([draw.uniform(0, 250), draw.uniform(0, 180), draw.uniform(10, 60), draw.uniform(10, 60)])
        found.append({"image_id": image, "category_id": draw.randrange(1, 4), "bbox": box, "score": round(draw.random() * 0.6, 2), "segmentation": rle(star(box))})

data = {"images": [{"id": i, "file_name": f"{i}.png", "width": WIDTH, "height": HEIGHT} for i in range(1, IMAGES + 1)], "annotations": truth, "categories": [{"id": i, "name": name} for i, name in enumerate(CLASSES, 1)]}


def evaluate(kind):
    """The twelve numbers, and AP and AP50 of each class."""
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = json.loads(json.dumps(data))
        coco.createIndex()
        results = json.loads(json.dumps(found))
        for item in results:
            # The toolkit takes the first of both that it finds.
            item.pop("bbox" if kind == "segm" else "segmentation")
        ours = COCOeval(coco, coco.loadRes(results), kind)
        ours.evaluate()
        ours.accumulate()
        ours.summarize()
    precision = ours.eval["precision"]
    return {"stats": list(ours.stats), "ap": [float(precision[:, :, k, 0, 2].mean()) for k in range(len(CLASSES))], "ap50": [float(precision[0, :, k, 0, 2].mean()) for k in range(len(CLASSES))]}


expected = {kind: evaluate(kind) for kind in ("bbox", "segm")}
# Polygons as the toolkit draws them, some over the edge by up to a pixel, thin ones, and such as turn back on themselves.
shapes = [star(moved([draw.uniform(-1, 280), draw.uniform(-1, 200), draw.uniform(1, 80), draw.uniform(1, 60)])) for _ in range(30)]
shapes += [[round(draw.uniform(-1, 449), 2) if i % 2 == 0 else round(draw.uniform(-1, 337), 2) for i in range(2 * draw.randrange(3, 9))] for _ in range(30)]
shapes += [[10, 10, 10, 20, 10, 30], [5, 5, 50, 5, 20, 5], [0, 0, WIDTH, 0, WIDTH, HEIGHT, 0, HEIGHT], [-1, -1, WIDTH + 1, -1, WIDTH + 1, HEIGHT + 1, -1, HEIGHT + 1], [3.5, 3.5, 4.5, 3.5, 4.5, 4.5, 3.5, 4.5]]
drawn = []
for points in shapes:
    packed = masks.frPyObjects([points], HEIGHT, WIDTH)[0]
    drawn.append({"points": points, "counts": packed["counts"].decode(), "area": int(masks.area(packed)), "bbox": [float(edge) for edge in masks.toBbox(packed)]})
text = ",\n".join(f'"{name}": {json.dumps(value)}' for name, value in {"set": data, "found": found, "expected": expected, "polygons": drawn}.items())
pathlib.Path(__file__).with_suffix(".json").write_text(f"{{\n{text}\n}}\n")
print({kind: [round(float(value), 4) for value in expected[kind]["stats"]] for kind in expected}, len(truth), len(found), sum(item["iscrowd"] for item in truth))
