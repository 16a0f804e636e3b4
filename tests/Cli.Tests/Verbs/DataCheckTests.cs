using System.Text.Json.Nodes;
using DataSsl.Demo;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Tests.Data;

namespace DataSsl.Cli.Tests.Verbs;

/// <summary>What a look at images finds among painted ones with planted copies and faults.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class DataCheckTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Stored again at quality 60, cut by a twentieth at the edges or mirrored: each is told, and nothing else.</summary>
    [Fact]
    public void PlantedCopiesAreFoundAndNothingElse()
    {
        var random = CounterRandom.For(3, "copies");
        var planted = new HashSet<string>();
        foreach (var entry in DemoSet.Plan(160))
        {
            var image = entry.Render();
            var name = entry.RelativePath.Replace('/', '-').Replace(".jpg", "", StringComparison.Ordinal);
            Save($"{name}.png", image);
            if (!random.Chance(0.2)) continue;
            switch (random.Below(3))
            {
                case 0:
                    ImageFile.Save(folder[$"{name}-again.jpg"], image, quality: 60);
                    break;
                case 1:
                    Save($"{name}-again.png", Mirrored(image));
                    break;
                default:
                    Save($"{name}-again.png", Cut(image, (int)random.Below(image.Width / 20), (int)random.Below(image.Height / 20)));
                    break;
            }
            planted.Add(name);
        }
        var groups = Check()["groups"]!.AsArray();
        var found = groups.Select(group => Names(group!["data"]!)).ToList();
        // A painter that draws by chance paints no picture twice: a pair of two pictures is wrong.
        var right = found.Where(names => names.Count == 2 && Stem(names[0]) == Stem(names[1])).Select(names => Stem(names[0])).ToHashSet();
        Assert.True(right.Count >= 0.95 * planted.Count, $"{right.Count} of {planted.Count} found");
        Assert.True(right.Count >= 0.99 * found.Count, string.Join("; ", found.Select(names => string.Join(" = ", names))));
        Assert.Contains(groups, group => (bool)group!["mirrored"]!);
    }

    /// <summary>
    /// What is cut to less than three quarters of its sides is missed at a glance, and found by a network that has learnt nothing: its
    /// embeddings bring it among the nearest, and laid on each other the two are one picture. What only looks alike stays apart.
    /// </summary>
    [Fact]
    public void ANetworkFindsStrongCutsAndNothingElse()
    {
        var (random, planted) = (CounterRandom.For(5, "cuts"), 0);
        foreach (var (i, entry) in DemoSet.Plan(64).Index())
        {
            var image = entry.Render();
            Save($"{(i < 32 ? "train" : "test")}/{i:00}.png", image);
            if (i % 8 != 0) continue;
            planted++;
            var (width, height) = (image.Width * 7 / 10, image.Height * 7 / 10);
            var (left, top) = ((int)random.Below(image.Width - width), (int)random.Below(image.Height - height));
            var isMirrored = i % 16 == 0;
            Save(
                $"{(i is 0 or 8 or >= 32 ? "test" : "train")}/{i:00}-again.png",
                Made(width, height, (x, y, channel) => At(image, left + (isMirrored ? width - 1 - x : x), top + y, channel)));
        }
        string[] asking = ["data", "check", "--data", folder["train"], "--test", folder["test"], "--threads", "2", "--out", folder["out"]];
        var alone = Command.Succeed([.. asking, "--json"]).Json;
        Assert.Empty(alone["groups"]!.AsArray());
        Assert.Null(alone["network"]);
        string[] network = ["--random", "--space", "Demo", "--arch", "Min", "--size", "32"];
        var json = Command.Succeed([.. asking, .. network, "--json"]).Json;
        var groups = json["groups"]!.AsArray();
        Assert.Equal("random", (string)json["network"]!["kind"]!);
        var found = groups.Select(group => Names(group!["data"]!).Concat(Names(group["test"]!)).ToList()).ToList();
        Assert.All(found, names => Assert.Equal(2, names.Count));
        Assert.All(found, names => Assert.Equal(Stem(names[0]), Stem(names[1])));
        Assert.True(found.Count >= 2 * planted / 3 && found.Count <= planted, $"{found.Count} of {planted} found");
        Assert.All(groups, group => Assert.Equal(2, Names(Assert.Single(group!["byEmbedding"]!.AsArray())!).Count));
        Assert.Contains(groups, group => (bool)group!["mirrored"]!);
        // What has a cut in the test set is learnt from no more.
        var leaks = groups.Where(group => Names(group!["data"]!).Count == 1).SelectMany(group => Names(group!["data"]!)).ToList();
        Assert.NotEmpty(leaks);
        Assert.All(leaks, name => Assert.DoesNotContain($"../train/{name}", ImageSource.Open(folder["out/clean.txt"]).Names));
        var page = File.ReadAllText(folder["out/data-check.html"]);
        Assert.Contains(", by embeddings</b>", page, StringComparison.Ordinal);
        Assert.Contains(
            $"; {found.Count} pairs of them by the embeddings of Min of Demo with random weights, 32 px: ", page, StringComparison.Ordinal);
    }

    [Fact]
    public void EachFaultIsNamedAndLeftOutOfTheList()
    {
        var painted = Painted();
        for (var i = 0; i < 3; i++) Save($"a{i}/good.png", painted[i]);
        Save("a0/wide.png", Strip(painted[3], 4));
        Save("a1/small.png", Strip(painted[3], 1, side: 20));
        Save("a1/empty.png", Even(128));
        Save("a2/night.png", Spotted(3));
        Save("a2/snow.png", Spotted(252));
        File.WriteAllText(folder["a2/broken.png"], "no picture");
        // The same picture in two classes, one of which is wrong.
        Save("a1/same.png", painted[0]);
        var facts = Check("--out", folder["out"]);
        var faults = facts["faults"]!;
        foreach (var (fault, name) in ((string, string)[])[("stretched", "a0/wide.png"), ("tiny", "a1/small.png"),
            ("empty", "a1/empty.png"), ("dark", "a2/night.png"), ("bright", "a2/snow.png")])
            Assert.Equal([name], Names(faults[fault]!));
        Assert.Contains("a2/broken.png", (string)Assert.Single(facts["unreadable"]!.AsArray())!);
        var group = Assert.Single(facts["groups"]!.AsArray())!;
        Assert.Equal(["a0/good.png", "a1/same.png"], Names(group["data"]!));
        Assert.True((bool)group["severalClasses"]!);
        // The list is one that verbs take, with its classes.
        var list = ImageSource.Open(folder["out/clean.txt"]);
        Assert.Equal(["../a0/good.png", "../a1/good.png", "../a2/good.png"], list.Names);
        Assert.Equal(["a0", "a1", "a2"], list.ClassNames);
        Check("--out", folder["out"], "--keep", "copies,dark");
        Assert.Equal(
            ["../a0/good.png", "../a1/good.png", "../a1/same.png", "../a2/good.png", "../a2/night.png"],
            ImageSource.Open(folder["out/clean.txt"]).Names);
        var page = File.ReadAllText(folder["out/data-check.html"]);
        Assert.Equal(2 + 5, page.Split("<figure ").Length - 1);
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
    }

    /// <summary>Test images that were learnt from are told, and left out of what is learnt from.</summary>
    [Fact]
    public void LeaksAreTold()
    {
        var painted = Painted();
        for (var i = 0; i < 3; i++) Save($"train/{i}.png", painted[i]);
        Save("test/new.png", painted[3]);
        Save("test/old.png", Mirrored(painted[1]));
        var said = Command.Succeed("data", "check", "--data", folder["train"], "--test", folder["test"], "--out", folder["out"]).Output;
        Assert.Contains("\n  1 test image of 2 images also in the data: accuracy on them says little\n", said);
        Assert.Equal(["../train/0.png", "../train/2.png"], ImageSource.Open(folder["out/clean.txt"]).Names);
    }

    /// <summary>What has nothing by which it could be told is nobody's copy.</summary>
    [Fact]
    public void EmptyImagesAreNoCopies()
    {
        for (var i = 0; i < 3; i++) Save($"{i}.png", Even(100));
        var facts = Check();
        Assert.Empty(facts["groups"]!.AsArray());
        Assert.Equal(3, facts["faults"]!["empty"]!.AsArray().Count);
    }

    [Fact]
    public void MistakesAreOneLine()
    {
        Save("a.png", Spotted(100));
        Assert.StartsWith(
            "--keep copies,pale: 'pale' is none of copies, leaks, empty, dark, bright, tiny, stretched",
            Command.Refuse("data", "check", "--data", folder.Path, "--keep", "copies,pale"));
        Assert.Equal(
            "--size goes with a network: --checkpoint, --from, --emitted or --random",
            Command.Refuse("data", "check", "--data", folder.Path, "--size", "64"));
        Assert.StartsWith("give one network: ", Command.Refuse("data", "check", "--data", folder.Path, "--arch", "Max"));
        Assert.StartsWith(
            "the image folder 'nowhere' does not exist", Command.Refuse("data", "check", "--data", "nowhere", "--out", folder["out"]));
        Assert.StartsWith(
            "the image folder 'nowhere' does not exist",
            Command.Refuse("data", "check", "--data", folder.Path, "--test", "nowhere", "--out", folder["out"]));
        Assert.False(Directory.Exists(folder["out"]));
    }

    private static List<Image> Painted() => [.. DemoSet.Plan(16).Take(4).Select(entry => entry.Render())];

    private JsonNode Check(params string[] more) =>
        Command.Succeed(["data", "check", "--data", folder.Path, "--json", "--threads", "2", .. more]).Json;

    private static List<string> Names(JsonNode names) => [.. names.AsArray().Select(name => (string)name!)];

    private static string Stem(string name) => Path.GetFileNameWithoutExtension(name).Replace("-again", "", StringComparison.Ordinal);

    private void Save(string name, Image image)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
        ImageFile.Save(folder[name], image);
    }

    private static Image Made(int width, int height, Func<int, int, int, byte> value) =>
        new(width, height, Enumerable.Range(0, 3 * width * height).Select(i => value(i / 3 % width, i / 3 / width, i % 3)).ToArray());

    private static byte At(Image image, int x, int y, int channel) => image.Rgb.Span[3 * (y * image.Width + x) + channel];

    private static Image Mirrored(Image image) =>
        Made(image.Width, image.Height, (x, y, channel) => At(image, image.Width - 1 - x, y, channel));

    /// <summary>19 of 20 rows and columns.</summary>
    private static Image Cut(Image image, int left, int top) => Made(
        image.Width - image.Width / 20, image.Height - image.Height / 20, (x, y, channel) => At(image, left + x, top + y, channel));

    /// <summary>The upper part of an image, so many times as wide as high and one pixel more.</summary>
    private static Image Strip(Image image, int times, int side = 48)
    {
        var width = side * times + 1;
        return Made(width, side, (x, y, channel) => At(image, x % image.Width, y % image.Height, channel));
    }

    private static Image Even(byte value) => Made(64, 64, (_, _, _) => value);

    /// <summary>Of one value, but for a square in it.</summary>
    private static Image Spotted(byte value) => Made(64, 64, (x, y, _) => x / 16 == 1 && y / 16 == 2 ? (byte)(255 - value) : value);
}
