using System.Text;
using DataSsl.Dense.Data;
using DataSsl.Runtime;
using DataSsl.Runtime.Tests.Data;

namespace DataSsl.Dense.Tests.Data;

/// <summary>Boxes and masks as each layout has them, and what is not as it should be.</summary>
public sealed class DetectionSetTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<string> warnings = [];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Voc_counts_pixels_from_one()
    {
        folder.Voc(
            SmallSets.Object("b", 1, 1, 40, 30) + SmallSets.Object("a", 11, 6, 20, 15, "<difficult>1</difficult>"), "",
            SmallSets.Object("b", 2, 3, 2, 3));
        var set = Load(folder.Path);
        Assert.Equal(["a", "b"], set.ClassNames);
        Assert.Equal((3, 0), (set.Count, set.Skipped));
        Assert.Equal([new(1, new(0, 0, 40, 30), 1200), new(0, new(10, 5, 10, 10), 100, IsDifficult: true)], set.Objects(0));
        Assert.Empty(set.Objects(1));
        Assert.Equal([new(1, new(1, 2, 1, 1), 1)], set.Objects(2));
        Assert.Equal("JPEGImages/c.png", set.NameOf(2));
        Assert.Equal((40, 30), (set.Image(2).Width, set.Image(2).Height));
        // The classes of a training set are those of others too.
        Assert.Equal(2, Load(folder["ImageSets/Main/train.txt"], SmallSets.Options with { Classes = ["x", "a", "b"] }).Objects(0)[0].Class);
        Assert.Empty(warnings);
    }

    [Fact]
    public void Each_kind_of_a_bad_annotation_is_told_once_counted_and_skipped()
    {
        folder.Voc(
            SmallSets.Object("a", 1, 1, 9, 9) + SmallSets.Object("a", 30, 5, 42, 9) + SmallSets.Object("a", 5, 9, 4, 12)
                + SmallSets.Object("a", -1, 5, 9, 9) + SmallSets.Object("b", 1, 1, 9, 9)
            + "<object><name>a</name></object>\n<object><name>a</name><name>b</name><bndbox/></object>\n"
                + SmallSets.Object("a", double.NaN, 1, 9, 9),
            "<size><width>1</width></size>", SmallSets.Object("a", 1, 1, 41, 31));
        folder.Text("Annotations/b.xml", "<annotation><object>");
        var set = Load(folder["ImageSets/Main/train.txt"], SmallSets.Options with { Classes = ["a"] });
        Assert.Equal(2, set.Count);
        Assert.Equal(new Box(0, 0, 9, 9), Assert.Single(set.Objects(0)).Box);
        // Over the edge by one pixel is rounding.
        Assert.Equal(new Box(0, 0, 40, 30), Assert.Single(set.Objects(1)).Box);
        var file = folder["Annotations/a.xml"];
        Assert.Equal(
        [
            $"skipped: {file}:8: without a bndbox",
            $"skipped: {file}:9: with more than one name",
            $"skipped: {file}:10: a xmin that is no number",
            $"skipped: {folder["Annotations/b.xml"]}:1: not XML, cut short, or with a document type, which is not read: the image is left out",
            $"skipped: {file}:4 ('a'): a box that reaches outside of the image; 1 more like it",
            $"skipped: {file}:5 ('a'): a box of no area",
            $"skipped: {file}:7 ('b'): of an unknown class",
        ], warnings);
        Assert.Equal(8, set.Skipped);
        Assert.Equal(warnings, set.Notes);
    }

    [Fact]
    public void A_set_with_nothing_that_can_be_used_is_refused_in_one_line()
    {
        folder.Voc(SmallSets.Object("a", 30, 5, 90, 9), "", "");
        var error = Assert.Throws<UserException>(() => Load(folder.Path));
        Assert.StartsWith(
            $"{folder.Path}: none of its annotations can be used (1 tried); the first: {folder["Annotations/a.xml"]}:3 ('a'): a box that reaches outside",
            error.Message, StringComparison.Ordinal);
        folder.Voc("", "", "");
        Assert.StartsWith(
            $"{folder.Path}: nothing is marked on any of its images; give", Assert.Throws<UserException>(() => Load(folder.Path)).Message,
            StringComparison.Ordinal);
        foreach (var name in new[] { "a", "b", "c" }) File.Delete(folder[$"Annotations/{name}.xml"]);
        Assert.Contains(
            $"{folder["Annotations/a.xml"]}: no such file", Assert.Throws<UserException>(() => Load(folder.Path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Annotations_of_another_size_leave_their_image_out()
    {
        folder.Voc(SmallSets.Object("a", 1, 1, 9, 9), SmallSets.Object("a", 1, 1, 9, 9), SmallSets.Object("a", 1, 1, 9, 9));
        folder.Picture("JPEGImages/b.png", 30, 40);
        folder.Text(
            "Annotations/c.xml",
            $"<annotation><size><width>0</width><height>0</height></size>{SmallSets.Object("a", 1, 1, 9, 9)}</annotation>");
        var set = Load(folder.Path);
        Assert.Equal(["JPEGImages/a.png", "JPEGImages/c.png"], [set.NameOf(0), set.NameOf(1)]);
        Assert.Equal(
            [$"skipped: {folder["Annotations/b.xml"]} (40 x 30, not 30 x 40): says another size than its image has; the image is left out"],
            warnings);
    }

    /// <summary>Neither is a file of the reader's shown, nor do a few lines become gigabytes, nor is the stack used up.</summary>
    [Theory]
    [InlineData("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><annotation>&x;</annotation>")]
    [
        InlineData(
            "<!DOCTYPE a [<!ENTITY x \"aaaaaaaaaa\"><!ENTITY y \"&x;&x;&x;&x;&x;&x;&x;&x;\"><!ENTITY z "
                + "\"&y;&y;&y;&y;&y;&y;\">]><annotation>&z;</annotation>"),
    ]
    [InlineData("deep")]
    [InlineData("<other/>")]
    public void Hostile_xml_leaves_its_image_out(string text)
    {
        folder.Voc("", SmallSets.Object("a", 1, 1, 9, 9), "");
        folder.Text("Annotations/a.xml", text == "deep" ? "<annotation>" + string.Concat(Enumerable.Repeat("<object>", 200_000)) : text);
        var set = Load(folder.Path);
        Assert.Equal(2, set.Count);
        Assert.Matches($@"\Askipped: {folder["Annotations/a.xml"]}[^\n]*: the image is left out\z", Assert.Single(warnings));
    }

    [Fact]
    public void Coco_has_boxes_polygons_and_both_kinds_of_run_lengths()
    {
        // A square of four pixels from (2, 1), as pixels down the columns: 61 outside, 2 inside, 28 outside, 2 inside.
        var (packed, runs) = ("m12l00gQ1", "[61, 2, 28, 2, 1107]");
        var path = folder.Coco($$"""
            {"id": 1, "image_id": 1, "category_id": 7, "bbox": [2, 1, 2, 2], "area": 3.5, "iscrowd": 0, "segmentation": [[2, 1, 4, 1, 4, 3, 2, 3]]},
            {"id": 2, "image_id": 1, "category_id": 3, "bbox": [2, 1, 2, 2], "iscrowd": 1, "segmentation": {"size": [30, 40], "counts": {{runs}} } },
            {"id": 3, "image_id": 2, "category_id": 3, "bbox": [2, 1, 2, 2], "iscrowd": 0, "segmentation": {"size": [30, 40], "counts": "{{packed}}"} }
            """);
        var set = Load(path, SmallSets.Options with { WithMasks = true });
        Assert.Equal(["cat", "dog"], set.ClassNames);
        var all = set.Objects(0).Concat(set.Objects(1)).ToArray();
        Assert.Equal([(1, 3.5, false), (0, 4, true), (0, 4, false)], all.Select(item => (item.Class, item.Area, item.IsCrowd)));
        foreach (var item in all)
        {
            Assert.Equal(new Box(2, 1, 2, 2), item.Mask!.Bounds);
            Assert.Equal(
                [1 * 40 + 2, 1 * 40 + 3, 2 * 40 + 2, 2 * 40 + 3],
                item.Mask.Pixels().Index().Where(pixel => pixel.Item == 1).Select(pixel => pixel.Index));
            Assert.Equal([61, 2, 28, 2, 1107], item.Mask.Runs.ToArray());
        }
        Assert.Equal(all.Select(item => item with { Mask = null }), Load(folder.Path).Objects(0).Concat(Load(folder.Path).Objects(1)));
    }

    [Theory]
    [InlineData("\"segmentation\": [[2, 1, 4, 1]]", "a polygon of fewer than three corners")]
    [InlineData("\"segmentation\": [[2, 1, 4, 1, 4, 3, 2]]", "or with half a one")]
    [InlineData("\"segmentation\": [[2, 1, 4, 1, 400, 3]]", "a polygon that reaches outside")]
    [InlineData("\"segmentation\": [[2, 1, 4, \"x\", 4, 3]]", "a polygon that is not a list of numbers")]
    [InlineData("\"segmentation\": [[2, 1, 2, 1, 2, 1]]", "a mask without a pixel")]
    [InlineData("\"segmentation\": {\"size\": [30, 41], \"counts\": [1230]}", "a mask of another size than the image")]
    [InlineData("\"segmentation\": {\"size\": [30, 40], \"counts\": [1199]}", "run lengths that do not make up the image")]
    [InlineData("\"segmentation\": {\"size\": [30, 40], \"counts\": [-1, 1201]}", "run lengths that do not make up the image")]
    [InlineData("\"segmentation\": {\"size\": [30, 40], \"counts\": \"oooooooooooooooooooooo\"}", "cut short or damaged")]
    [InlineData("\"segmentation\": {\"size\": [30, 40], \"counts\": \" \"}", "cut short or damaged")]
    [InlineData("\"segmentation\": []", "no mask")]
    [InlineData("\"iscrowd\": 0", "no mask")]
    [InlineData("\"iscrowd\": 0, \"iscrowd\": 1", "a name twice")]
    public void A_broken_mask_is_told_and_skipped(string segmentation, string why)
    {
        const string sound =
            """{"id": 1, "image_id": 1, "category_id": 7, "bbox": [2, 1, 2, 2], "segmentation": [[2, 1, 4, 1, 4, 3, 2, 3]]}""";
        var path = folder.Coco($$"""{{sound}}, {"id": 2, "image_id": 1, "category_id": 7, "bbox": [2, 1, 2, 2], {{segmentation}} }""");
        if (why == "a name twice")
        {
            Assert.StartsWith(
                $"{path}:", Assert.Throws<UserException>(() => Load(path, SmallSets.Options with { WithMasks = true })).Message,
                StringComparison.Ordinal);
            return;
        }
        var set = Load(path, SmallSets.Options with { WithMasks = true });
        Assert.Equal((1, 1), (set.Objects(0).Count, set.Skipped));
        Assert.StartsWith($"skipped: {path}: annotations[1]", Assert.Single(warnings), StringComparison.Ordinal);
        Assert.Contains(why, warnings[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"image_id\": 9, \"category_id\": 7, \"bbox\": [2, 1, 2, 2]", "of an image that the file does not list")]
    [InlineData("\"image_id\": 1, \"category_id\": 9, \"bbox\": [2, 1, 2, 2]", "of a class that the file does not list")]
    [InlineData("\"image_id\": 1, \"category_id\": 7, \"bbox\": [2, 1, 2]", "a box that is not four numbers")]
    [InlineData("\"image_id\": 1, \"category_id\": 7, \"bbox\": [2, 1, 2, 1e999]", "a box that is not a list of numbers")]
    [InlineData("\"image_id\": 1, \"category_id\": 7, \"bbox\": [2, 1, 0, 2]", "a box of no area")]
    [InlineData("\"image_id\": 1, \"category_id\": 7, \"bbox\": [2, 1, 1e300, 2]", "a box that reaches outside")]
    [InlineData("\"image_id\": 1, \"category_id\": 7", "a box that is not a list of numbers")]
    public void A_broken_annotation_of_coco_is_told_and_skipped(string annotation, string why)
    {
        var path = folder.Coco($$"""{"image_id": 1, "category_id": 7, "bbox": [2, 1, 2, 2]}, { {{annotation}} }""");
        Assert.Single(Load(path).Objects(0));
        Assert.StartsWith($"skipped: {path}: annotations[1]", Assert.Single(warnings), StringComparison.Ordinal);
        Assert.Contains(why, warnings[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"id\": 1, \"file_name\": \"a.png\"}, {\"id\": 1, \"file_name\": \"b.png\"", "images[1]: the id 1 is given twice")]
    [InlineData("\"id\": 1, \"file_name\": \"a.png\"}, {\"id\": 2, \"file_name\": \"a.png\"", "images[1]: 'a.png' is given twice")]
    [InlineData("\"file_name\": \"a.png\"", "images[0]: without an id")]
    [InlineData("\"id\": 1, \"id\": 2, \"file_name\": \"a.png\"", "a name twice in one object")]
    public void A_file_of_coco_that_contradicts_itself_is_refused(string images, string why)
    {
        var path = folder.Coco("");
        folder.Text(
            "annotations/instances_train.json",
            $$"""{"images": [{ {{images}} }], "categories": [{"id": 7, "name": "dog"}], "annotations": [{"image_id": 1, "category_id": 7, "bbox": [2, 1, 2, 2]}]}""");
        var error = Assert.Throws<UserException>(() => Load(path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Yolo_has_shares_of_the_image_in_labels_beside_images()
    {
        foreach (var name in new[] { "a", "b", "c" }) folder.Picture($"images/train/{name}.png");
        folder.Text("labels/classes.txt", "cat\ndog\n");
        folder.Text("labels/train/a.txt", "1 0.5 0.5 0.25 0.2\r\n\n0 0.1 0.1 0.2 0.2\n");
        folder.Text(
            "labels/train/b.txt",
            "2 0.5 0.5 0.25 0.2\n0 0.5 0.5 0.25\n0 0.5 0.5 0 0.25\n-1 0.5 0.5 0.1 0.1\n0 0.9 0.5 0.5 0.1\n0 a 0.5 0.5 0.1\n");
        var set = Load(folder.Path);
        Assert.Equal(["cat", "dog"], set.ClassNames);
        Assert.Equal(
            [(1, new Box(15, 12, 10, 6)), (0, new Box(0, 0, 8, 6))], set.Objects(0).Select(item => (item.Class, Rounded(item.Box))));
        // Without a file there is nothing on an image.
        Assert.Equal((3, 0, 0, 6), (set.Count, set.Objects(1).Count, set.Objects(2).Count, set.Skipped));
        var file = folder["labels/train/b.txt"];
        Assert.Equal(
        [
            $"skipped: {file}:1: a class that is not among the names; 1 more like it",
            $"skipped: {file}:2: not a class's number and four numbers of a box; 1 more like it",
            $"skipped: {file}:3 ('cat'): a box of no area",
            $"skipped: {file}:5 ('cat'): a box that reaches outside of the image",
        ], warnings);
        Assert.Equal(set.ClassNames, Load(folder["images/train"]).ClassNames);
        File.Delete(folder["labels/classes.txt"]);
        Assert.Contains(
            "write one, a name a line", Assert.Throws<UserException>(() => Load(folder.Path)).Message, StringComparison.Ordinal);
        Assert.Equal(3, Load(folder.Path, SmallSets.Options with { Classes = ["cat", "dog"] }).Count);

        static Box Rounded(Box box) =>
            new(Math.Round(box.Left, 9), Math.Round(box.Top, 9), Math.Round(box.Width, 9), Math.Round(box.Height, 9));
    }

    [Fact]
    public void An_image_that_cannot_be_read_is_told_as_everywhere()
    {
        folder.Voc(SmallSets.Object("a", 1, 1, 9, 9), SmallSets.Object("a", 1, 1, 9, 9), SmallSets.Object("a", 2, 2, 9, 9));
        folder.Write("JPEGImages/b.png", Encoding.ASCII.GetBytes("no image"));
        var set = Load(folder.Path);
        Assert.Equal((2, new Box(1, 1, 8, 8)), (set.Count, set.Objects(1)[0].Box));
        Assert.StartsWith("skipped: cannot read the image", Assert.Single(warnings), StringComparison.Ordinal);
    }

    private DetectionSet Load(string path, DenseOptions? options = null) =>
        DetectionSet.Load(path, options ?? SmallSets.Options, warnings.Add);
}
