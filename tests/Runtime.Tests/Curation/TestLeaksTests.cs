using DataSsl.Runtime.Curation;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Tests.Data;

namespace DataSsl.Runtime.Tests.Curation;

public sealed class TestLeaksTests : IDisposable
{
    private const int Side = 60;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Of test images those that were planted are told, each with what it was made of, whichever of both is the cut one.</summary>
    [Fact]
    public void What_was_planted_is_told_and_nothing_else()
    {
        var painted = Enumerable.Range(0, 40).Select(Painted).ToArray();
        for (var i = 0; i < 30; i++) Save($"train/{i:00}.png", i == 3 ? Cut(painted[3]) : painted[i]);
        // Two test images of one picture, which are no leak.
        foreach (var i in (int[])[30, 31, 32, 33, 34]) Save($"test/{i}.png", painted[i]);
        Save("test/34-again.png", Mirrored(painted[34]));
        File.Copy(folder["train/00.png"], folder["test/same.png"]);
        Save("test/mirrored.png", Mirrored(painted[1]));
        Save("test/cut.png", Cut(painted[2]));
        Save("test/whole.png", painted[3]);
        ImageFile.Save(folder["test/stored.jpg"], painted[4], quality: 70);
        ImageFile.Save(folder["test/stored-again.jpg"], painted[4], quality: 60);
        var (train, test) = (Load("train"), Load("test"));
        var leaks = TestLeaks.Find(train, test);
        Assert.Equal(
            [
                "cut.png 02.png", "mirrored.png 01.png", "same.png 00.png", "stored-again.jpg 04.png", "stored.jpg 04.png",
                "whole.png 03.png",
            ],
            leaks.Found.Select(leak => $"{test.Source.Names[leak.Test]} {train.Source.Names[leak.Train]}").Order(StringComparer.Ordinal));
        Assert.Equal("same.png", test.Source.Names[Assert.Single(leaks.Found, leak => leak.IsExact).Test]);
        Assert.Equal((1, 5, 11), (leaks.Exact, leaks.Near, leaks.Looked));
        // Of more pairs than are allowed a draw is looked for, and what is the same byte by byte is still told.
        var few = TestLeaks.Find(train, test, mostPairs: 30 * 4 + 29);
        Assert.Equal((1, 4), (few.Exact, few.Looked));
        Assert.Subset(leaks.Found.ToHashSet(), few.Found.ToHashSet());
        Assert.Equal(few.Found, TestLeaks.Find(train, test, mostPairs: 30 * 4).Found);
    }

    /// <summary>Images that do not decode have no number of their own.</summary>
    [Fact]
    public void Places_are_those_of_the_sources()
    {
        for (var i = 0; i < 4; i++) Save($"train/{i}.png", Painted(i));
        File.WriteAllText(folder["train/0-broken.png"], "no picture");
        Save("test/1.png", Mirrored(Painted(2)));
        File.WriteAllText(folder["test/0.png"], "no picture either");
        var (train, test) = (Load("train"), Load("test"));
        var leak = Assert.Single(TestLeaks.Find(train, test).Found);
        Assert.Equal(("1.png", "2.png", false), (test.Source.Names[leak.Test], train.Source.Names[leak.Train], leak.IsExact));
    }

    private ImageStore Load(string name) => ImageStore.Load(ImageSource.Open(folder[name]), new() { Canvas = 48, Workers = 2 });

    private void Save(string name, Image image)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
        ImageFile.Save(folder[name], image);
    }

    /// <summary>Squares of 10 pixels, each of a value of its own.</summary>
    private static Image Painted(int seed)
    {
        var random = CounterRandom.For(9, "painted", seed);
        var values = Enumerable.Range(0, 36).Select(_ => (byte)random.Below(256)).ToArray();
        return Made(Side, (x, y) => values[y / 10 * 6 + x / 10]);
    }

    private static Image Mirrored(Image image) => Made(image.Width, (x, y) => At(image, image.Width - 1 - x, y));

    private static Image Cut(Image image) => Made(image.Width - 4, (x, y) => At(image, x + 3, y + 1));

    private static byte At(Image image, int x, int y) => image.Rgb.Span[3 * (y * image.Width + x)];

    private static Image Made(int side, Func<int, int, byte> value) =>
        new(side, side, Enumerable.Range(0, 3 * side * side).Select(i => value(i / 3 % side, i / 3 / side)).ToArray());
}
