using System.Buffers.Binary;
using System.Text;
using DataSsl.Dense.Data;
using DataSsl.Fuzz;
using DataSsl.Runtime;
using DataSsl.Runtime.Tests.Data;
using DataSsl.Runtime.Tests.Data.Files;

namespace DataSsl.Dense.Tests.Data;

/// <summary>
/// Annotations that anybody may have made: each ends in a set, with what is skipped told in lines that name the file, or in one line that
/// refuses it.
/// </summary>
public sealed class FuzzTests : IDisposable
{
    private const int Few = 50;
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("Annotations/a.xml")]
    [InlineData("ImageSets/Main/train.txt")]
    public void Voc(string name)
    {
        folder.Voc(
            SmallSets.Object("a", 1, 1, 9, 9) + SmallSets.Object("b", 5, 9, 14, 12, "<difficult>1</difficult>"),
            SmallSets.Object("a", 1, 1, 9, 9), "");
        Damage(name, folder.Path, isWhole: name.EndsWith(".txt", StringComparison.Ordinal));
    }

    [Fact]
    public void Coco()
    {
        folder.Coco("""
            {"id": 1, "image_id": 1, "category_id": 7, "bbox": [2, 1, 2, 2], "area": 3.5, "iscrowd": 0, "segmentation": [[2, 1, 4, 1, 4, 3, 2, 3], [10.5, 10, 20, 11, 15, 20.25]]},
            {"id": 2, "image_id": 1, "category_id": 3, "bbox": [2, 1, 2, 2], "iscrowd": 1, "segmentation": {"size": [30, 40], "counts": [61, 2, 28, 2, 1107]}},
            {"id": 3, "image_id": 2, "category_id": 3, "bbox": [2, 1, 2, 2], "iscrowd": 0, "segmentation": {"size": [30, 40], "counts": "m12l00gQ1"}}
            """);
        Damage("annotations/instances_train.json", folder["annotations/instances_train.json"], isWhole: true);
    }

    [Theory]
    [InlineData("labels/train/a.txt")]
    [InlineData("labels/classes.txt")]
    public void Yolo(string name)
    {
        foreach (var image in new[] { "a", "b" }) folder.Picture($"images/train/{image}.png");
        folder.Text("labels/classes.txt", "cat\ndog\n");
        folder.Text("labels/train/a.txt", "1 0.5 0.5 0.25 0.2\n0 0.1 0.1 0.2 0.2\n");
        folder.Text("labels/train/b.txt", "0 0.5 0.5 0.25 0.2\n");
        Damage(name, folder.Path, isWhole: name == "labels/classes.txt");
    }

    [Theory]
    [InlineData(0, 8)]
    [InlineData(3, 4)]
    public void Index_masks(int kind, int bits)
    {
        foreach (var image in new[] { "a", "b" }) folder.Picture($"images/{image}.png");
        var palette = kind == 3 ? Png.Chunk("PLTE"u8, new byte[48]) : [];
        var original = Png.Of(
            40, 30, bits, kind, y => [.. Enumerable.Range(0, 40 * bits / 8).Select(x => (byte)(x % 3 == 0 ? y % 4 : 0))], before: palette);
        folder.Write("masks/b.png", original);
        var (read, refused) = (0, 0);
        for (var seed = 0; seed < Mutation.Rounds(Few); seed++)
        {
            folder.Write("masks/a.png", Mutation.Of(original, seed));
            var warnings = new List<string>();
            var set = Timed(
                seed, "masks/a.png", folder.Path, () => SegmentationSet.Load(folder.Path, SmallSets.Options, warnings.Add)).Read!;
            if (set.Count == 2) read++;
            else refused++;
            Assert.All(Enumerable.Range(0, set.Count), i => Assert.Equal(40 * 30, set.Mask(i).Values.Length));
            Assert.All(
                warnings,
                warning =>
                    Assert.True(
                        warning.StartsWith($"skipped: {folder["masks/a.png"]}", StringComparison.Ordinal)
                            && !warning.Contains('\n', StringComparison.Ordinal),
                        warning));
        }
        Assert.True(read > 0 && refused > 0, $"{read} read, {refused} refused: too much damage, or none seen");
    }

    /// <param name="name">The file that is damaged.</param>
    /// <param name="path">What is opened.</param>
    /// <param name="isWhole">Whether it may refuse the set; else the images beside it are read whatever is in it.</param>
    private void Damage(string name, string path, bool isWhole)
    {
        var original = File.ReadAllBytes(folder[name]);
        var (read, skipped, refused) = (0, 0, 0);
        for (var seed = 0; seed < Mutation.Rounds(Few); seed++)
        {
            folder.Write(name, Mutation.Of(original, seed));
            var warnings = new List<string>();
            var (set, why) = Timed(
                seed, name, isWhole ? path : folder[name],
                () =>
                    DetectionSet.Load(
                        path, SmallSets.Options with { WithMasks = name.EndsWith(".json", StringComparison.Ordinal) }, warnings.Add));
            Assert.All(
                warnings,
                warning =>
                    Assert.True(
                        warning.StartsWith("skipped: ", StringComparison.Ordinal) && !warning.Contains('\n', StringComparison.Ordinal),
                        warning));
            if (why is not null)
            {
                refused++;
                continue;
            }
            read++;
            if (set!.Skipped > 0) skipped++;
            foreach (var item in Enumerable.Range(0, set.Count).SelectMany(set.Objects))
            {
                Assert.InRange(item.Class, 0, set.ClassNames.Count - 1);
                Assert.True(
                    item.Box is { Left: >= 0, Top: >= 0, Width: > 0, Height: > 0 } && item.Box.Right <= SmallSets.Width + 1e-9
                        && item.Box.Bottom <= SmallSets.Height + 1e-9 && item.Area >= 0,
                    $"seed {seed}: {item}");
            }
        }
        Assert.True(
            read > 0 && skipped + refused > 0 && (isWhole || refused == 0),
            $"{read} read, {skipped} of them in part, {refused} refused: too much damage, or none seen");
    }

    private static (T? Read, string? Refused) Timed<T>(int seed, string name, string path, Func<T> load)
    {
        var run = Task.Run(() => Refusal.Of($"{name}, seed {seed}", path, load));
        if (!run.Wait(patience)) Environment.FailFast($"{name}, seed {seed}: not read within {patience.TotalSeconds} s");
        return run.Result;
    }
}
