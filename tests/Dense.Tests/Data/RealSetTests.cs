using DataSsl.Dense.Data;
using DataSsl.Dense.Metrics;

namespace DataSsl.Dense.Tests.Data;

/// <summary>The small real sets that may lie beside a checkout.</summary>
public class RealSetTests
{
    [SkippableTheory]
    [InlineData("bccd", "val", 87, new[] { "Platelets", "RBC", "WBC" })]
    [InlineData("neu-det", "test", 439, new[] { "crazing", "inclusion", "patches", "pitted_surface", "rolled-in_scale", "scratches" })]
    public void Boxes_are_read_and_found_again(string name, string split, int images, string[] classes)
    {
        var warnings = new List<string>();
        var set = DetectionSet.Load(Path.Combine(Shared(name), "ImageSets", "Main", $"{split}.txt"), SmallSets.Options, warnings.Add);
        Assert.Equal((images, 0), (set.Count, warnings.Count));
        Assert.Equal(classes, set.ClassNames);
        // As many as the files have the words.
        var words = File.ReadLines(Path.Combine(Shared(name), "ImageSets", "Main", $"{split}.txt"))
            .Sum(stem => File.ReadAllText(Path.Combine(Shared(name), "Annotations", $"{stem.Trim()}.xml")).Split("<object>").Length - 1);
        Assert.Equal(words, Enumerable.Range(0, set.Count).Sum(i => set.Objects(i).Count));
        // Whoever finds all of them in any order is right throughout; but VOC gives a box that was marked twice to one object only.
        ImageTruth[] all =
        [
            .. Enumerable.Range(0, set.Count)
                .Select(
                    i =>
                        new ImageTruth(
                            set.Objects(i), [.. set.Objects(i).Select((item, j) => new FoundObject(item.Class, 1.0 / (1 + j), item.Box))])),
        ];
        Assert.Equal(1, CocoEvaluation.Of(all, classes.Length, byMasks: false).Scores().Ap, 1e-12);
        var twice = Enumerable.Range(0, set.Count).Sum(i => set.Objects(i).Count - set.Objects(i).Distinct().Count());
        Assert.InRange(
            new VocAveragePrecision(all, classes.Length).Mean(), twice == 0 ? 1 - 1e-12 : 0.99, twice == 0 ? 1 + 1e-12 : 1 - 1e-6);
    }

    [SkippableFact]
    public void Streets_are_read_in_eleven_classes()
    {
        var set = SegmentationSet.Load(Path.Combine(Shared("camvid-subset"), "val"), SmallSets.Options with { Void = 11 });
        Assert.Equal((30, 11), (set.Count, set.ClassNames.Count));
        Assert.Equal(60, SegmentationSet.Load(Shared("camvid-subset"), SmallSets.Options with { Void = 11 }).Count);
        var matrix = new ConfusionMatrix(11, set.Void);
        for (var i = 0; i < 3; i++) matrix.Add(set.Mask(i).Values, set.Mask(i).Values);
        Assert.Equal((1, 1), (matrix.Mean(), matrix.Accuracy()));
    }

    private static string Shared(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, "shared", "data", name) is var candidate && Directory.Exists(candidate)) return candidate;
        Skip.If(true, $"the image set '{name}' is not here");
        throw new InvalidOperationException();
    }
}
