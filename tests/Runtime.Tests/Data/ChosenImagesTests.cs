using DataSsl.Runtime.Data;

namespace DataSsl.Runtime.Tests.Data;

/// <summary>Sources that are parts of others: some of the classes, or rectangles of the images.</summary>
public sealed class ChosenImagesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public ChosenImagesTests()
    {
        foreach (var (index, name) in new[] { "bird", "car", "ship" }.Index())
            for (var i = 0; i < 2; i++)
            {
                var path = Path.Combine(folder.Path, name, $"{i}.png");
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                ImageFile.Save(path, Picture(10 * index + i));
            }
    }

    /// <summary>Six by four pixels whose red is the column, green the row and blue the picture's number.</summary>
    private static Image Picture(int number)
    {
        var rgb = new byte[3 * 6 * 4];
        for (var i = 0; i < 24; i++) (rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]) = ((byte)(i % 6), (byte)(i / 6), (byte)number);
        return new(6, 4, rgb);
    }

    [Fact]
    public void Classes_that_are_chosen_are_numbered_among_themselves()
    {
        var all = ImageSource.Open(folder.Path);
        var some = all.OfClasses(["ship", "bird"]);
        Assert.Equal(["bird", "ship"], some.ClassNames);
        Assert.Equal([0, 0, 1, 1], some.Labels!);
        Assert.Equal(["bird/0.png", "bird/1.png", "ship/0.png", "ship/1.png"], some.Names);
        Assert.NotEqual(all.Fingerprint, some.Fingerprint);
        Assert.Equal(some.Fingerprint, all.OfClasses(["bird", "ship"]).Fingerprint);
        var store = Whole(some);
        Assert.Equal(20, store.Get([2]).Images[0].Rgb.Span[2]);
        Assert.Equal(2, some.Sample(2, seed: 1).Count);
        Assert.Contains(
            "has no class 'plane'; there are bird, car, ship", Assert.Throws<UserException>(() => all.OfClasses(["plane", "car"])).Message);
    }

    [Fact]
    public void A_cut_is_the_pixels_of_its_rectangle()
    {
        var store = Whole(ImageSource.Open(folder.Path));
        var cuts = ImageSource.Cut(store, [(0, new(1, 2, 3, 2), 1), (3, new(5, 0, 1, 4), 0), (0, new(1, 2, 3, 2), 1)], ["a", "b"]);
        Assert.Equal([1, 0, 1], cuts.Labels!);
        Assert.Equal("bird/0.png#1,2,3,2", cuts.Names[0]);
        // The same place of the same image twice.
        Assert.Equal([(2, 0)], cuts.Copies());
        var image = Whole(cuts).Get([0]).Images[0];
        Assert.Equal((3, 2), (image.Width, image.Height));
        Assert.Equal([1, 2, 0, 2, 2, 0, 3, 2, 0, 1, 3, 0, 2, 3, 0, 3, 3, 0], image.Rgb.ToArray());
        var other = Whole(cuts).Get([1]).Images[0];
        Assert.Equal((1, 4, (byte)5, (byte)11), (other.Width, other.Height, other.Rgb.Span[0], other.Rgb.Span[2]));
        Assert.Throws<UserException>(() => ImageSource.Cut(store, [], ["a"]));
    }

    private static ImageStore Whole(ImageSource source) => ImageStore.Load(source, new() { Canvas = int.MaxValue });

    public void Dispose() => folder.Dispose();
}
