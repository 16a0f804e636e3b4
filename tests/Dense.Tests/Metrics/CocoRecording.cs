using System.Text.Json;
using DataSsl.Dense.Data;
using DataSsl.Dense.Metrics;
using DataSsl.Dense.Tests.Data;
using DataSsl.Runtime.Tests.Data;

namespace DataSsl.Dense.Tests.Metrics;

/// <summary>What COCO's toolkit was given and what it said (coco.py).</summary>
internal sealed class CocoRecording : IDisposable
{
    private readonly JsonDocument file = JsonDocument.Parse(
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Metrics", "coco.json")));

    public const int Classes = 3;

    public JsonElement Polygons => file.RootElement.GetProperty("polygons");

    /// <summary>The truth by the product's own reader, and what was found.</summary>
    public ImageTruth[] Images(TemporaryFolder folder, bool withMasks)
    {
        var set = file.RootElement.GetProperty("set");
        var images = set.GetProperty("images");
        foreach (var image in images.EnumerateArray())
            folder.Picture(
                $"set/{image.GetProperty("file_name").GetString()}", image.GetProperty("width").GetInt32(),
                image.GetProperty("height").GetInt32());
        folder.Text("annotations/instances_set.json", set.GetRawText());
        var loaded = DetectionSet.Load(folder["annotations/instances_set.json"], SmallSets.Options with { WithMasks = withMasks });
        Assert.Equal((images.GetArrayLength(), 0), (loaded.Count, loaded.Skipped));
        var found = file.RootElement.GetProperty("found").EnumerateArray()
            .ToLookup(item => $"{item.GetProperty("image_id").GetInt32()}.png", Found);
        // In the order of the images' numbers, as the toolkit has them.
        return
        [
            .. Enumerable.Range(0, loaded.Count).OrderBy(i => int.Parse(Path.GetFileNameWithoutExtension(loaded.NameOf(i))))
                .Select(i => new ImageTruth(loaded.Objects(i), [.. found[loaded.NameOf(i)]])),
        ];

        FoundObject Found(JsonElement item)
        {
            var box = Numbers(item, "bbox");
            var (size, counts) = (Numbers(item.GetProperty("segmentation"), "size"),
                item.GetProperty("segmentation").GetProperty("counts").GetString()!);
            return new(
                item.GetProperty("category_id").GetInt32() - 1, item.GetProperty("score").GetDouble(), new(box[0], box[1], box[2], box[3]),
                withMasks ? RunMask.Of((int)size[0], (int)size[1], counts) : null);
        }
    }

    public double[] Expected(bool byMasks, string what) =>
        Numbers(file.RootElement.GetProperty("expected").GetProperty(byMasks ? "segm" : "bbox"), what);

    public static double[] Numbers(JsonElement of, string name) =>
        [.. of.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];

    public void Dispose() => file.Dispose();
}
