using System.Globalization;
using System.Text;
using DataSsl.Dense.Data;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Tests.Data;
using DataSsl.Runtime.Tests.Data.Files;

namespace DataSsl.Dense.Tests.Data;

/// <summary>Sets of a few small images in each layout.</summary>
internal static class SmallSets
{
    public const int Width = 40, Height = 30;

    public static DenseOptions Options { get; } = new() { Images = new() { Workers = 2, MemoryBudget = 1 << 24 } };

    /// <summary>A picture whose colours say where each pixel is: x in red, y in green.</summary>
    public static Image Picture(int width = Width, int height = Height) =>
        new(
            width, height,
            Enumerable.Range(0, width * height).SelectMany(i => new[] { (byte)(i % width), (byte)(i / width), (byte)7 }).ToArray());

    public static void Picture(this TemporaryFolder folder, string name, int width = Width, int height = Height)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
        ImageFile.Save(folder[name], Picture(width, height));
    }

    public static void Text(this TemporaryFolder folder, string name, string text) => folder.Write(name, Encoding.UTF8.GetBytes(text));

    public static byte[] Grey(int width, int height, Func<int, int, int> value) =>
        Png.Of(width, height, 8, 0, y => [.. Enumerable.Range(0, width).Select(x => (byte)value(x, y))]);

    public static string Object(string name, double left, double top, double right, double bottom, string more = "") =>
        string.Create(CultureInfo.InvariantCulture,
        $"<object><name>{name}</name>{more}<bndbox><xmin>{left}</xmin><ymin>{top}</ymin><xmax>{right}</xmax><ymax>{bottom}</ymax></bndbox></object>\n");

    /// <summary>Pascal VOC's layout with images a, b and c, all in the training set.</summary>
    public static void Voc(this TemporaryFolder folder, string a, string b, string c)
    {
        folder.Text("ImageSets/Main/train.txt", "a\nb\nc\n");
        foreach (var (name, objects) in new[] { ("a", a), ("b", b), ("c", c) })
        {
            folder.Picture($"JPEGImages/{name}.png");
            folder.Text(
                $"Annotations/{name}.xml",
                $"<annotation><filename>{name}.png</filename>\n<size><width>{Width}</width><height>{Height}</height><depth>3</depth></size>\n{objects}</annotation>\n");
        }
    }

    /// <summary>COCO's layout with images of numbers 1 and 2.</summary>
    public static string Coco(this TemporaryFolder folder, string annotations)
    {
        foreach (var name in new[] { "a", "b" }) folder.Picture($"train/{name}.png");
        folder.Text("annotations/instances_train.json", $$"""
            {"images": [{"id": 1, "file_name": "a.png", "width": 40, "height": 30}, {"id": 2, "file_name": "b.png", "width": 40, "height": 30}],
             "categories": [{"id": 7, "name": "dog"}, {"id": 3, "name": "cat"}],
             "annotations": [{{annotations}}]}
            """);
        return folder["annotations/instances_train.json"];
    }
}
