using System.Text.Json.Nodes;
using BitMiracle.LibTiff.Classic;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Tests.Data.Files;
using DataSsl.Runtime.Training;

namespace DataSsl.Cli.Tests.Verbs;

/// <summary>Large pictures as tiles through the verbs: what a run cut, those after it cut alike.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class TilesTests : IDisposable
{
    private const int Width = 300, Height = 200, Side = 32;
    private const string Found = "140 tiles of 2 pictures, 56 of background left out";
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("datassl-tiles-");

    public TilesTests()
    {
        foreach (var (name, seed) in new[] { ("a", 1ul), ("b", 2ul) })
        {
            // Spots to the right of column 128, nothing to the left of it: four columns of seven tiles.
            var (values, rng) = (new ushort[3 * Width * Height], CounterRandom.For(seed, "slide"));
            for (var i = 0; i < values.Length; i++)
            {
                var (x, y) = (i / 3 % Width, i / 3 / Width);
                var wave = Math.Sin(x * 0.2 + i % 3) * Math.Cos(y * (0.1 + 0.1 * seed));
                values[i] = (ushort)(x < 128 ? 240 - rng.Below(3) : 120 + 100 * wave);
            }
            new BandTiff(Width, Height, values, 3, 8) { Compression = Compression.LZW, Photometric = Photometric.RGB }
                .Write(File($"data/{name}.tif"));
        }
    }

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_run_on_tiles_goes_on_is_searched_and_emitted_on_the_same_tiles()
    {
        Contains(Found, Train("run", "--tiles", $"{Side}").Error);
        var options = Options("run");
        Assert.Equal(new TileRule(Side, KeepsBackground: false), options.Tiles);
        Contains("  tiles: 32\n  tile-background: skip\n", System.IO.File.ReadAllText(File("run/run.recipe.yaml")));
        // The recipe is the run again.
        Command.Succeed("train", "--recipe", File("run/run.recipe.yaml"), "--threads", "1", "--out", File("again"));
        Assert.Equal((options.Tiles, options.DataFingerprint), (Options("again").Tiles, Options("again").DataFingerprint));
        Contains(Found, Command.Succeed("train", "--resume", "--tiles", "32", "--epochs", "2", "--out", File("run")).Error);
        Contains("--tiles 64: the run in", Command.Refuse("train", "--resume", "--tiles", "64", "--out", File("run")));
        Contains(
            "--tile-background keep: the run in",
            Command.Refuse("train", "--resume", "--tile-background", "keep", "--out", File("run")));

        var searched = Search("found");
        Contains(Found, searched.Error);
        var result = JsonNode.Parse(System.IO.File.ReadAllText(File("found/search.json")))!;
        Assert.Equal("32", (string?)result["provenance"]!["search tiles"]);
        Contains("16 images of 32 px", searched.Error);
        Contains(Found, Command.Succeed("emit", "--search", File("found"), "--forms", "class", "--out", File("out")).Error);
        Contains(
            Found, Command.Succeed("emit", "--checkpoint", File("run"), "--arch", "Min", "--forms", "class", "--out", File("one")).Error);

        // Others where that is asked for; what is emitted then is proven on those.
        Contains("40 tiles of 2 pictures, 16 of background kept", Search("other", "--tiles", "64", "--tile-background", "keep").Error);
        result = JsonNode.Parse(System.IO.File.ReadAllText(File("other/search.json")))!;
        Assert.Equal("64 with background", (string?)result["provenance"]!["search tiles"]);
        Contains(" --tiles 64 --tile-background keep ", (string?)result["provenance"]!["command"]);
        Contains(
            "40 tiles of 2 pictures", Command.Succeed("emit", "--search", File("other"), "--forms", "class", "--out", File("out2")).Error);
    }

    [Fact]
    public void Tiles_are_embedded_and_compared_under_names_of_their_own()
    {
        Train("run", "--tiles", $"{Side}", "--tile-background", "keep");
        Contains("140 tiles of 2 pictures, 56 of background kept", Embed("run").Error);
        Assert.Equal(1 + 140, System.IO.File.ReadAllLines(File("run.csv")).Length);
        Contains(Found, Embed("skip", "--tiles", "32").Error);
        var lines = System.IO.File.ReadAllLines(File("skip.csv"));
        Assert.Equal(1 + 84, lines.Length);
        // At column 128 the spots begin.
        Assert.StartsWith($"\"{File("data/a.tif")}#128,0,32,32\",", lines[1], StringComparison.Ordinal);
        Assert.StartsWith($"\"{File("data/b.tif")}#268,168,32,32\",", lines[^1], StringComparison.Ordinal);
        var outliers = Command.Succeed(
            "similar", "outliers", "--checkpoint", File("run"), "--data", File("data"), "--tiles", "32", "--show", "3", "--out",
            File("page"));
        Assert.Matches(@"outliers of 84 images of .*\n(.*\n){1}(  [\d.]+  [ab]\.tif#\d+,\d+,32,32\n){3}", outliers.Output);
        var check = Command.Succeed("data", "check", "--data", File("data"), "--tiles", "32", "--out", File("check"));
        Contains(Found, check.Error);
        Contains("no clean.txt: these images have no files of their own", check.Output);
    }

    [Fact]
    public void What_does_not_go_together_is_one_line()
    {
        string[] train = ["train", "--space", "Demo", "--data", File("data"), "--batch", "8", "--epochs", "1", "--out", File("none")];
        Contains("--tile-background goes with --tiles;", Command.Refuse([.. train, "--tile-background", "keep"]));
        Contains("--tiles 16: give a whole number from 32 to 8192", Command.Refuse([.. train, "--tiles", "16"]));
        // The images are the tiles: there are too few of the whole.
        Contains("holds 2 images; give 2 or less", Command.Refuse(train));
        Assert.False(Directory.Exists(File("none")));
        Contains(
            "in tiles of 32, 32 px",
            Command.Succeed(["plan", "train", .. train[1..^2], "--tiles", "32", "--size", "32", "--probe", "0"]).Output);
    }

    private static void Contains(string part, string? text) => Assert.Contains(part, text!, StringComparison.Ordinal);

    private string File(string name) => Path.Combine(folder.FullName, name);

    private TrainOptions Options(string run) => Checkpoint.Describe(File($"{run}/{CheckpointFolder.NewestFile}")).Options;

    private Command Train(string run, params string[] more) => Command.Succeed(
    [
        "train", "--space", "Demo", "--data", File("data"), "--size", $"{Side}", "--batch", "16", "--epochs", "1", "--hidden", "16",
        "--threads", "1", "--out", File(run), .. more,
    ]);

    private Command Search(string folder, params string[] more) => Command.Succeed(
    [
        "search", "--checkpoint", File("run"), "--data", File("data"), "--budgets", "2-3M", "--candidates", "2", "--images", "16",
        "--threads", "1", "--out", File(folder), .. more,
    ]);

    private Command Embed(string name, params string[] more) => Command.Succeed(
        ["embed", "--checkpoint", File("run"), "--arch", "Min", "--data", File("data"), "--out", File($"{name}.csv"), .. more]);
}
