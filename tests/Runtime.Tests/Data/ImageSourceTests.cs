using System.Text;
using DataSsl.Runtime.Data;

namespace DataSsl.Runtime.Tests.Data;

/// <summary>Every layout is told by what is there.</summary>
public sealed class ImageSourceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_list_gives_its_lines_in_order_and_their_classes()
    {
        Touch("a.png", "deep/b c.jpg");
        Write("list.txt", "deep/b c.jpg\tcat\n\na.png\tdog\n" + folder["a.png"] + "\tdog\n");
        var images = ImageSource.Open(folder["list.txt"]);
        Assert.Equal(("list file", 3), (images.Layout, images.Count));
        Assert.Equal(["deep/b c.jpg", "a.png", folder["a.png"]], images.Names);
        Assert.Equal(["cat", "dog"], images.ClassNames);
        Assert.Equal([0, 1, 1], images.Labels!);
        Write("list.csv", "a.png, 7\ndeep/b c.jpg,3\n");
        Assert.Equal([1, 0], ImageSource.Open(folder["list.csv"]).Labels!);
        Write("headed.csv", "path,label\na.png,3\n");
        Assert.Equal(["a.png"], ImageSource.Open(folder["headed.csv"]).Names);
        Write("plain.lst", "a.png\nmissing.png\n");
        Assert.Null(ImageSource.Open(folder["plain.lst"]).Labels);
    }

    /// <summary>Quotes as RFC 4180 has them, in tables alone; a first line is a heading only where it is nothing else.</summary>
    [Fact]
    public void Tables_have_quotes_and_headings()
    {
        Touch("a.png", "b, c.png", "say \"d\".png", "two\nlines.png", "e", "f", "\"g.png");
        Write(
            "quoted.csv", "\"a.png\",\"c 0\"\r\n\"b, c.png\", c1\r\nb, c.png,c1\r\n\"say \"\"d\"\".png\",\"x,y\"\r\n\"two\nlines.png\",c1");
        var quoted = ImageSource.Open(folder["quoted.csv"]);
        Assert.Equal(["a.png", "b, c.png", "b, c.png", "say \"d\".png", "two\nlines.png"], quoted.Names);
        Assert.Equal(["c 0", "c1", "x,y"], quoted.ClassNames);
        Assert.Equal([0, 1, 1, 2, 1], quoted.Labels!);
        Write("quoted.tsv", "file\tclass\n\"a.png\"\t\"1\"\n");
        Assert.Equal("1", Assert.Single(ImageSource.Open(folder["quoted.tsv"]).ClassNames));
        Write("plain.txt", "\"g.png\na.png\n");
        Assert.Equal(["\"g.png", "a.png"], ImageSource.Open(folder["plain.txt"]).Names);

        Write("noext.csv", "e,0\nf,1\n");
        Assert.Equal(["e", "f"], ImageSource.Open(folder["noext.csv"]).Names);
        // No such file, yet of a class that there is: a line like the others.
        Write("missing.csv", "h,1\nf,1\n");
        Assert.Equal(["h", "f"], ImageSource.Open(folder["missing.csv"]).Names);
        Write("headed.csv", "path,label\ne,0\nf,1\n");
        var headed = ImageSource.Open(folder["headed.csv"]);
        Assert.Equal(["e", "f"], headed.Names);
        Assert.Equal($"{folder["headed.csv"]}:1: 'path' is taken for a heading, as there is no such file", Assert.Single(headed.Notes));
        Write("accents.csv", "e,caf\u00e9\nf,cafe\u0301\n");
        Assert.Single(ImageSource.Open(folder["accents.csv"]).ClassNames);
        Write("blank.csv", "e,\nf,\n");
        Assert.Null(ImageSource.Open(folder["blank.csv"]).Labels);
    }

    [Theory]
    [InlineData("a.png,0\na.png,\n", ":2: has no class, and the lines before have; give one to all lines or to none")]
    [InlineData("a.png,0\n,1\n", ":2: names no image")]
    [InlineData("a.png,0\n\n\"a.png,1\na.png,1\n", ":3: a quote that is not closed")]
    [InlineData("a.png,0\n\"a.png\"x,1\n", ":2: something stands behind a closing quote")]
    [InlineData("a.png,0\n\"a.png\",1,2\n", ":2: 3 fields; a line has a path and perhaps a class")]
    [
        InlineData(
            "a.png,0\nb.png,1\na.png,0\n./x/../a.png,1\n",
            ":4: './x/../a.png' is of class '1', and in line 1 of '0'; take one of the lines out"),
    ]
    public void A_faulty_table_is_told_with_its_line(string content, string fault)
    {
        Touch("a.png");
        Write("list.csv", content);
        Assert.Contains(fault, Fault("list.csv"));
    }

    [Theory]
    [InlineData("a.png\tcat\na.png\n", ":2: has no class, and the lines before have; give one to all lines or to none")]
    [InlineData("\n  \n", "names no image; give one path a line")]
    [InlineData("b.png\n", ":1: 'b.png' does not exist, nor does any other file of the list")]
    public void A_faulty_list_is_told_with_its_line(string content, string fault)
    {
        Touch("a.png");
        Write("list.txt", content);
        Assert.Contains(fault, Fault("list.txt"));
    }

    [Theory]
    [InlineData(1, "CIFAR-10 binary")]
    [InlineData(2, "CIFAR-100 binary")]
    public void Cifar_records_become_pictures(int head, string layout)
    {
        var rng = CounterRandom.For(1, "cifar");
        var size = head + 3072;
        var bytes = new byte[5 * size];
        for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)rng.NextBits();
        for (var record = 0; record < 5; record++) bytes[record * size + head - 1] = (byte)(record * 2);
        folder.Write(head == 1 ? "data_batch_1.bin" : "train.bin", bytes[..(3 * size)]);
        if (head == 1) folder.Write("data_batch_2.bin", bytes[(3 * size)..]);
        folder.Write(head == 1 ? "test_batch.bin" : "test.bin", bytes[..size]);
        var images = ImageSource.Open(folder.Path);
        Assert.Equal((layout, head == 1 ? 5 : 3), (images.Layout, images.Count));
        Assert.Equal(head == 1 ? [0, 2, 4, 6, 8] : [0, 2, 4], images.Labels!);
        using var decoded = images.Decode(2, new(new()));
        var image = decoded.Image;
        Assert.Equal((32, 32), (image.Width, image.Height));
        for (var y = 0; y < 32; y++)
            for (var x = 0; x < 32; x++)
                for (var channel = 0; channel < 3; channel++)
                    Assert.Equal(bytes[2 * size + head + (channel * 32 + y) * 32 + x], image.Rgb.Span[3 * (32 * y + x) + channel]);

        var store = ImageStore.Load(images, new());
        Assert.Equal((images.Count, 0), (store.Count, store.UnreadableCount));
        var sample = images.Sample(2, seed: 3);
        Assert.Equal(sample.Names.Select(name => images.Labels![images.Names.ToList().IndexOf(name)]), sample.Labels!);
        Assert.NotEqual(images.Fingerprint, sample.Fingerprint);
        Assert.Equal(1, ImageSource.Open(folder[head == 1 ? "test_batch.bin" : "test.bin"]).Count);
    }

    [Fact]
    public void Cifar_class_names_are_read_and_damage_is_told()
    {
        folder.Write("data_batch_1.bin", new byte[3073]);
        Write("batches.meta.txt", "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n");
        Assert.Equal("truck", ImageSource.Open(folder.Path).ClassNames[9]);
        folder.Write("data_batch_2.bin", new byte[3000]);
        Assert.StartsWith($"{folder["data_batch_2.bin"]}: 3,000 bytes are no whole number of CIFAR's records", Fault(""));
        folder.Write("data_batch_2.bin", [77, .. new byte[3072]]);
        Assert.Contains("record 0 has class 77 of 10", Fault(""));
    }

    [Fact]
    public void Pascal_voc_stands_for_its_training_images_and_a_set_for_itself()
    {
        Touch("JPEGImages/1.jpg", "JPEGImages/2.jpg", "JPEGImages/3.png", "Annotations/1.xml");
        Write("ImageSets/Main/train.txt", "3\n");
        Write("ImageSets/Main/test.txt", "2  1\n");
        Assert.Equal(["JPEGImages/3.png"], ImageSource.Open(folder.Path).Names);
        Write("ImageSets/Main/trainval.txt", "3\n1\n");
        var images = (ImageFiles)ImageSource.Open(folder.Path);
        Assert.Equal(("Pascal VOC, trainval", folder["JPEGImages/3.png"]), (images.Layout, images.Paths[0]));
        Assert.Equal(["JPEGImages/3.png", "JPEGImages/1.jpg"], images.Names);
        Assert.Equal(["JPEGImages/2.jpg"], ImageSource.Open(folder["ImageSets/Main/test.txt"]).Names);
        Directory.Delete(folder["ImageSets"], recursive: true);
        Assert.Equal(("folder", 3), (ImageSource.Open(folder.Path).Layout, ImageSource.Open(folder.Path).Count));
    }

    [SkippableFact]
    public void The_blood_cells_are_pascal_voc()
    {
        var root = SharedData.Folder("bccd").Root;
        var images = ImageSource.Open(root);
        Assert.Equal(
            ("Pascal VOC, trainval", File.ReadLines(Path.Combine(root, "ImageSets/Main/trainval.txt")).Count()),
            (images.Layout, images.Count));
        Assert.Equal(72, ImageSource.Open(Path.Combine(root, "ImageSets/Main/test.txt")).Count);
        using var decoded = images.Decode(0, new(new()));
        Assert.Equal((640, 480), (decoded.Image.Width, decoded.Image.Height));
    }

    [Theory]
    [InlineData("train2017/")]
    [InlineData("images/train2017/")]
    [InlineData("images/")]
    [InlineData("")]
    public void Coco_images_are_found_beside_their_annotations(string place)
    {
        Touch(place + "b.jpg", place + "a.jpg", "val2017/c.jpg");
        Write("annotations/instances_train2017.json", """
            {"info": {"images": [{"file_name": "no"}]}, "images": [{"file_name": "b.jpg", "id": 1, "rights": [{"file_name": "no"}]}, {"id": 2, "file_name": "a.jpg"}],
             "annotations": [{"file_name": "no", "bbox": [1, 2, 3, 4]}]}
            """);
        Write("annotations/instances_val2017.json", """{"images": [{"file_name": "c.jpg"}]}""");
        var images = (ImageFiles)ImageSource.Open(folder.Path);
        Assert.Equal("COCO, instances_train2017", images.Layout);
        Assert.Equal([folder[place + "a.jpg"], folder[place + "b.jpg"]], images.Paths);
        Assert.Equal(["c.jpg"], ImageSource.Open(folder["annotations/instances_val2017.json"]).Names);
    }

    [Fact]
    public void Faulty_annotations_are_told()
    {
        Write("annotations/train.json", "{\"images\": [{\"file_name\": \"a.jpg\"},\n {\"file_");
        Assert.Contains("train.json:2: not JSON, or cut short", Fault(""));
        Write("annotations/train.json", "{\"images\": [{\"file_name\": \"a.jpg\"}]}");
        Assert.Contains("its images ('a.jpg', ...) are in none of", Fault(""));
        Write("annotations/train.json", "[1]");
        Assert.Contains("has no images with a file_name", Fault(""));
    }

    [Fact]
    public void A_sample_keeps_order_and_classes()
    {
        Touch("x/1.png", "x/2.png", "y/1.png", "y/2.png", "z/1.png");
        var images = ImageSource.Open(folder.Path);
        var sample = images.Sample(3, seed: 1);
        Assert.Equal(sample.Names.Order(StringComparer.Ordinal), sample.Names);
        Assert.Equal(images.ClassNames, sample.ClassNames);
        Assert.Equal(sample.Names.Select(name => name[..1]), sample.Labels!.Select(label => sample.ClassNames[label]));
        Assert.Equal(sample.Names, images.Sample(3, seed: 1).Names);
    }

    private string Fault(string name) =>
        Assert.Throws<UserException>(() => ImageSource.Open(name == "" ? folder.Path : folder[name])).Message;

    private void Write(string name, string text) => folder.Write(name, Encoding.UTF8.GetBytes(text));

    private void Touch(params string[] names)
    {
        foreach (var name in names) folder.Write(name, [1, 2, 3]);
    }
}
