using System.Text.Json.Nodes;
using DataSsl.Runtime.Data;

namespace DataSsl.Cli.Tests.Verbs;

/// <summary>The linear probe that a run fits while it learns.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class OnlineProbeTests(TrainedRun run)
{
    private const int Side = 16;
    private string home = "";

    /// <summary>
    /// Dark and light images: any network's features tell them apart, and no features tell classes apart that were dealt at random.
    /// </summary>
    [Fact]
    public void It_tells_what_can_be_told_and_nothing_else()
    {
        var told = Linear(WriteImages((light, _) => light), "--test");
        Assert.All(told, accuracy => Assert.InRange(accuracy, 0.9, 1));
        var dealt = Linear(WriteImages((_, random) => random.Next(2) == 0), "--test");
        Assert.All(dealt, accuracy => Assert.InRange(accuracy, 0.2, 0.8));
    }

    [Fact]
    public void Without_a_test_set_a_part_of_the_images_is_set_aside() =>
        Assert.All(Linear(WriteImages((light, _) => light)), accuracy => Assert.InRange(accuracy, 0.9, 1));

    /// <summary>A copy of an image that was learnt from knows its class, whatever the features.</summary>
    [Fact]
    public void Copies_of_what_is_learnt_from_are_not_told()
    {
        var data = WriteImages((_, random) => random.Next(2) == 0);
        foreach (var file in Directory.GetFiles(Path.Combine(data, "train"), "*.png", SearchOption.AllDirectories))
            foreach (var copy in new[] { "b", "c", "d" }) File.Copy(file, file.Replace(".png", $"-{copy}.png", StringComparison.Ordinal));
        Assert.All(Linear(data), accuracy => Assert.InRange(accuracy, 0, 0.8));
        Assert.All(Accuracies("knn"), accuracy => Assert.InRange(accuracy, 0, 0.8));
    }

    [Fact]
    public void It_needs_evaluations_to_be_fitted_at() =>
        Assert.Equal(
            "--online-probe: is fitted when the run is evaluated; give --evaluate-every EPOCHS as well",
            Command.Refuse("train", "--space", "Demo", "--data", run.Data, "--online-probe", "--out", run.NewFolder()));

    /// <summary>Of Max, Middle and Min after one epoch.</summary>
    private double[] Linear(string data, params string[] test)
    {
        home = run.NewFolder();
        string[] testing = test is [var option] ? [option, Path.Combine(data, "test")] : [];
        Command.Succeed([
            "train", "--space", "Demo", "--data", Path.Combine(data, "train"),.. testing, "--size", "32", "--batch", "16", "--epochs", "1",
            "--compute", "float32",
            "--evaluate-every", "1", "--online-probe", "--out", home]);
        return Accuracies("linear");
    }

    /// <summary>The same of a method from the last run.</summary>
    private double[] Accuracies(string method)
    {
        var entry = File.ReadLines(Path.Combine(home, "metrics.jsonl")).Select(line => JsonNode.Parse(line)!)
            .Single(e => e["knn/max"] is not null);
        return [.. new[] { "max", "middle", "min" }.Select(name => (double)entry[$"{method}/{name}"]!)];
    }

    private string WriteImages(Func<bool, Random, bool> classOf)
    {
        var root = run.NewFolder();
        var random = new Random(3);
        foreach (var part in new[] { "train", "test" })
            for (var i = 0; i < 48; i++)
            {
                var light = i % 2 == 0;
                var pixels = new byte[3 * Side * Side];
                random.NextBytes(pixels);
                foreach (ref var value in pixels.AsSpan()) value = (byte)(value / 4 + (light ? 160 : 20));
                var folder = Path.Combine(root, part, classOf(light, random) ? "one" : "other");
                Directory.CreateDirectory(folder);
                ImageFile.Save(Path.Combine(folder, $"{i}.png"), new(Side, Side, pixels));
            }
        return root;
    }
}
