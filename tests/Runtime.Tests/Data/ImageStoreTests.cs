using DataSsl.Runtime.Data;

namespace DataSsl.Runtime.Tests.Data;

public sealed class ImageStoreTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Unreadable_files_are_named_once_and_skipped_whatever_the_workers()
    {
        for (var i = 0; i < 12; i++)
            folder.Write($"{i % 3}/{i:00}.png", i % 4 == 1 ? [1, 2, 3] : Pictures.Encoded(Pictures.Waves(20 + i, 16)));
        var images = ImageFolder.Open(folder.Path);
        foreach (var workers in new[] { 1, 4 })
        {
            var warnings = new List<string>();
            var store = ImageStore.Load(images, new() { Workers = workers }, warnings.Add);
            Assert.Equal((9, 3), (store.Count, store.UnreadableCount));
            Assert.Equal(["0/09.png", "1/01.png", "2/05.png"], warnings.Select(line => line.Split('\'')[1][(folder.Path.Length + 1)..]));
            Assert.Equal([0, 0, 0, 1, 1, 1, 2, 2, 2], store.Labels!);
            Assert.Equal([20, 23, 26, 24, 27, 30, 22, 28, 31], store.Get([0, 1, 2, 3, 4, 5, 6, 7, 8]).Images.Select(image => image.Width));
        }
    }

    [Fact]
    public void Images_over_the_memory_budget_are_decoded_again_to_the_same_pixels()
    {
        for (var i = 0; i < 6; i++) folder.Write($"{i}.jpg", Pictures.Encoded(Pictures.Waves(80, 60, i), jpeg: true));
        var images = ImageFolder.Open(folder.Path);
        var all = ImageStore.Load(images, new() { Canvas = 32 });
        var some = ImageStore.Load(images, new() { Canvas = 32, MemoryBudget = 2 * 3 * 43 * 32 });
        Assert.Equal((6, 2), (all.ResidentCount, some.ResidentCount));
        int[] indices = [5, 0, 3, 1, 2, 4];
        foreach (var (a, b) in all.Get(indices).Images.Zip(some.Get(indices).Images)) Assert.Equal(a.Rgb.ToArray(), b.Rgb.ToArray());
    }

    [Fact]
    public void A_cache_gives_the_same_pixels_without_decoding_again()
    {
        using var cache = new TemporaryFolder();
        for (var i = 0; i < 7; i++) folder.Write($"{i}.jpg", i == 2 ? [1, 2] : Pictures.Encoded(Pictures.Waves(80 + i, 60, i), jpeg: true));
        var plain = ImageStore.Load(ImageFolder.Open(folder.Path), new() { Canvas = 32 });
        var tried = 0;
        for (var start = 0; start < 2; start++)
        {
            var warnings = new List<string>();
            var cached = ImageStore.Load(
                ImageFolder.Open(folder.Path), new() { Canvas = 32, Cache = cache.Path, MemoryBudget = 0 }, warnings.Add, _ => tried++);
            Assert.Equal((6, 1, 6), (cached.Count, cached.UnreadableCount, cached.ResidentCount));
            Assert.Contains(folder["2.jpg"], Assert.Single(warnings));
            foreach (var (a, b) in plain.Get([5, 0, 3, 1]).Images.Zip(cached.Get([5, 0, 3, 1]).Images))
                Assert.Equal((a.Width, a.Height, Convert.ToHexString(a.Rgb.Span)), (b.Width, b.Height, Convert.ToHexString(b.Rgb.Span)));
        }
        Assert.Equal(7, tried);
        Assert.Single(Directory.GetFiles(cache.Path));
    }

    [Fact]
    public void Changed_images_or_another_canvas_mean_another_cache_file()
    {
        using var cache = new TemporaryFolder();
        for (var i = 0; i < 3; i++) folder.Write($"{i}.png", Pictures.Encoded(Pictures.Waves(40, 30, i)));
        var widths = new List<int>();
        foreach (var canvas in new[] { 20, 10 })
            widths.Add(
                ImageStore.Load(ImageFolder.Open(folder.Path), new() { Canvas = canvas, Cache = cache.Path }).Get([0]).Images[0].Width);
        folder.Write("0.png", Pictures.Encoded(Pictures.Waves(60, 30)));
        widths.Add(ImageStore.Load(ImageFolder.Open(folder.Path), new() { Canvas = 10, Cache = cache.Path }).Get([0]).Images[0].Width);
        Assert.Equal([27, 13, 20], widths);
        Assert.Equal(3, Directory.GetFiles(cache.Path).Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(-1)]
    public void A_damaged_cache_is_told_and_made_anew(int cut)
    {
        using var cache = new TemporaryFolder();
        for (var i = 0; i < 3; i++) folder.Write($"{i}.png", Pictures.Encoded(Pictures.Waves(40, 30, i)));
        ImageStore Load(Action<string>? warn) =>
            ImageStore.Load(ImageFolder.Open(folder.Path), new() { Canvas = 20, Cache = cache.Path }, warn);
        var wanted = Load(null).Get([1]).Images[0].Rgb.ToArray();
        var file = Directory.GetFiles(cache.Path).Single();
        var bytes = File.ReadAllBytes(file);
        File.Delete(file);
        if (cut < 0) bytes[^70] ^= 1;
        File.WriteAllBytes(file, cut < 0 ? bytes : bytes[..cut]);
        var warnings = new List<string>();
        Assert.Equal(wanted, Load(warnings.Add).Get([1]).Images[0].Rgb.ToArray());
        Assert.Contains(file, Assert.Single(warnings));
        Assert.Equal(bytes.Length, new FileInfo(file).Length);
    }

    /// <summary>Were it mapped, the process would end.</summary>
    [SkippableFact]
    public void A_cache_that_is_cut_short_while_in_use_is_told()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "made by Linux's means");
        using var cache = new TemporaryFolder();
        for (var i = 0; i < 3; i++) folder.Write($"{i}.png", Pictures.Encoded(Pictures.Waves(40, 30, i)));
        var store = ImageStore.Load(ImageFolder.Open(folder.Path), new() { Canvas = 20, Cache = cache.Path });
        Assert.Equal(27, store.Get([2]).Images[0].Width);
        var path = Directory.GetFiles(cache.Path).Single();
        // Programs of .NET heed one another's locks.
        using (var cut = System.Diagnostics.Process.Start("truncate", ["-s", $"{2 * 27 * 20 * 3 + 10}", path])) cut.WaitForExit();
        Assert.Equal(27, store.Get([1]).Images[0].Width);
        var error = Assert.Throws<UserException>(() => store.Get([2]));
        Assert.Equal($"the image cache '{path}' was cut short while it was in use; start again, and it is made anew", error.Message);
    }

    [Fact]
    public void A_cache_that_cannot_be_written_is_told()
    {
        folder.Write("0.png", Pictures.Encoded(Pictures.Waves(40, 30)));
        folder.Write("occupied", [1]);
        var error = Assert.Throws<UserException>(
            () => ImageStore.Load(ImageFolder.Open(folder.Path), new() { Cache = folder["occupied"] }));
        Assert.StartsWith($"cannot keep the image cache '{folder["occupied"]}/", error.Message);
    }

    [Fact]
    public void A_folder_of_broken_files_is_refused()
    {
        folder.Write("a.png", [1]);
        folder.Write("b.jpg", []);
        var error = Assert.Throws<UserException>(() => ImageStore.Load(ImageFolder.Open(folder.Path), new()));
        Assert.StartsWith($"none of the 2 images under '{folder.Path}' can be decoded", error.Message);
    }

    [Fact]
    public void A_small_image_keeps_its_size_and_pixels()
    {
        var image = Pictures.Waves(9, 5);
        var canvas = Shrinker.Shrink(image, 8);
        Assert.Equal((9, 5), (canvas.Width, canvas.Height));
        Assert.Equal(image.Rgb.ToArray(), canvas.Rgb.ToArray());
    }
}
