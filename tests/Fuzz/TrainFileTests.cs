using System.Text.Json.Nodes;
using DataSsl.Cli.Recipes;
using DataSsl.Cli.Tests;
using DataSsl.Runtime.Tests.Data;
using DataSsl.Runtime.Training;

namespace DataSsl.Fuzz;

/// <summary>What a run keeps of itself, and the plans of views that people write.</summary>
[Collection(nameof(TinyCollection))]
public sealed class TrainFileTests(TinyRun run)
{
    private const string Views = """
        views:
          name: own
          crops:
            - { name: global, count: 2, size: 32, area: [0.2, 1], aspect: [0.75, 1.33], flip: 0.5, gray: 0.2, solarize: 0.1,
                jitter: { chance: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }, blur: { chance: 0.5, sigma: [0.1, 2] } }
            - { name: local, count: 2, size: 16, seen-by: student, area: [0.05, 0.2], interpolation: bicubic }
        """;

    /// <summary>
    /// A finished run under a foreign teacher, gone on with: a damaged configuration or plan is refused, or says the same; what the teacher
    /// said is computed anew; and the weights stay as they were.
    /// </summary>
    [Theory]
    [InlineData("train.json", 24)]
    [InlineData("plan.json", 18)]
    [InlineData("teacher.safetensors", 12)]
    public void A_damaged_file_of_a_run_is_refused_or_changes_nothing(string name, int few)
    {
        var folder = run.NewFolder();
        string[] train =
        [
            "--space", "Tiny", "--data", run.Data, "--arch", "Min", "--size", "32", "--batch", "8", "--epochs", "1", "--hidden", "32",
            "--queue", "16", "--teacher", run.Run, "--teacher-arch", "Min", "--from", run.Run, "--compute", "float32", "--threads", "1",
        ];
        Command.Succeed(["plan", .. train, "--probe", "0.1", "--out", folder]);
        Command.Succeed(["train", .. train, "--out", folder]);
        var (path, newest) = (Path.Combine(folder, name), Path.Combine(folder, CheckpointFolder.NewestFile));
        var (original, weights, refused) = (File.ReadAllBytes(path), File.ReadAllBytes(newest), 0);
        for (var seed = Mutation.First; seed < Mutation.Rounds(few); seed++)
        {
            File.WriteAllBytes(
                path,
                seed % 3 == 2 && name.EndsWith(".json", StringComparison.Ordinal)
                    ? Mutation.Sealed(original, lines: false, seed)
                    : Mutation.Of(original, seed));
            if (Ending.Of($"{name}, seed {seed}", "train", "--resume", "--out", folder, "--threads", "1") is not null) refused++;
            // What the teacher said is computed anew, to the same bits.
            else if (name.StartsWith("teacher", StringComparison.Ordinal))
                Assert.True(
                    original.AsSpan().SequenceEqual(File.ReadAllBytes(path)), $"{name}, seed {seed}: damage was taken for embeddings");
            // Sealed anew with more epochs, it is a longer run, as a user may ask for.
            if (seed % 3 == 2 && name == "train.json" && !weights.AsSpan().SequenceEqual(File.ReadAllBytes(newest))
                && JsonNode.Parse(File.ReadAllBytes(path))!["epochs"]!.GetValue<int>() > 1)
                File.WriteAllBytes(newest, weights);
            Assert.True(weights.AsSpan().SequenceEqual(File.ReadAllBytes(newest)), $"{name}, seed {seed}: the run's weights changed");
        }
        Assert.True(refused > 0 || name.StartsWith("teacher", StringComparison.Ordinal), "no damage was seen");
    }

    /// <summary>
    /// A configuration that somebody changed and sealed anew, to heads of gigabytes: it is compared with the checkpoint before memory is
    /// taken for them.
    /// </summary>
    [Fact]
    public void A_run_of_other_sizes_is_refused_before_it_takes_their_memory()
    {
        var folder = run.NewFolder();
        Command.Succeed(
            "train", "--space", "Demo", "--data", run.Data, "--objective", "dino", "--size", "32", "--batch", "8", "--epochs", "1",
            "--dimension", "16", "--hidden", "32", "--prototypes", "32",
            "--compute", "float32", "--threads", "1", "--out", folder);
        Edited.File(Path.Combine(folder, "train.json"), json => json["method"]!["objective"]!["hidden"] = 16384);
        var peak = PeakMemory.Of(
            () =>
                Assert.Contains(
                    "made with other settings", Ending.Of("a run of other sizes", "train", "--resume", "--threads", "1", "--out", folder),
                    StringComparison.Ordinal));
        if (peak is { } bytes) Assert.InRange(bytes, 0, 512L << 20);
    }

    [Fact]
    public void Damaged_views_are_sound_or_refused()
    {
        var (original, file, refused) = (System.Text.Encoding.UTF8.GetBytes(Views), run.File("fuzz.views.yaml"), 0);
        Assert.Equal(4, Read().Views.Count);
        for (var seed = 0; seed < Mutation.Rounds(400); seed++)
        {
            File.WriteAllBytes(file, Mutation.Of(original, seed));
            try
            {
                Read().Check();
            }
            catch (Runtime.UserException e)
            {
                refused++;
                // As a compiler does, a line a mistake.
                Assert.All(
                    e.Message.Split('\n'), line => Assert.False(string.IsNullOrWhiteSpace(line), $"views, seed {seed}: {e.Message}"));
            }
        }
        Assert.True(refused > 0, "no damage was seen");

        Runtime.Views.ViewPlan Read()
        {
            if (!File.Exists(file)) File.WriteAllBytes(file, original);
            return RecipeFile.Views(file, 32);
        }
    }
}
