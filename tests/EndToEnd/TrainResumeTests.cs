using DataSsl.Cli.Recipes;
using DataSsl.Jobs.Recipes;
using DataSsl.Runtime;
using DataSsl.Runtime.Observing;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Training;

namespace DataSsl.EndToEnd;

/// <summary>Real processes that die, and what their successors make of what they left.</summary>
public sealed class TrainResumeTests
{
    private const int Epochs = 60;
    private const int Steps = 4 * Epochs;

    [SkippableFact]
    public void A_run_killed_again_and_again_ends_with_the_same_bits()
    {
        using var folder = new TrainFolder();
        using (var whole = new TrainProcess(folder.Train("whole", "--epochs", $"{Epochs}"))) Assert.Equal(0, whole.Wait().ExitCode);

        var arguments = folder.Train("killed", "--epochs", $"{Epochs}", "--save-every", "0");
        var kills = 0;
        var most = Kills.Of(3);
        // One that is killed so often gets that far in its steps.
        Assert.True(6 * most < Steps - 10, "more kills than there are steps for them");
        for (var attempt = 0; attempt < most; attempt++)
        {
            using var process = new TrainProcess(arguments);
            arguments = ["train", "--resume", "--out", folder["killed"], "--threads", "1", "--save-every", "0"];
            var random = CounterRandom.For((ulong)Environment.TickCount64, "kill", attempt);
            var target = StepOf(folder["killed"]) + 1 + random.Below(6);
            process.WaitFor(() => StepOf(folder["killed"]) >= target);
            // Anywhere within the next steps, in the middle of a write as well.
            Thread.Sleep((int)random.Below(40));
            process.Kill();
            process.Wait();
            if (StepOf(folder["killed"]) < Steps) kills++;
        }
        Assert.Equal(most, kills);
        using (var last = new TrainProcess(arguments))
        {
            var (exitCode, error) = last.Wait();
            Assert.True(exitCode == 0, error);
            Assert.Contains("continuing after step", error);
        }

        var (expected, _) = SafeTensors.Read(Path.Combine(folder["whole"], CheckpointFolder.NewestFile));
        var (actual, _) = SafeTensors.Read(Path.Combine(folder["killed"], CheckpointFolder.NewestFile));
        Assert.Equal(Steps, StepOf(folder["killed"]));
        Assert.Equal(expected.Keys, actual.Keys);
        foreach (var (name, tensor) in expected) Assert.True(tensor.bytes.SequenceEqual(actual[name].bytes), name);
        Assert.Equal(
            [
                $"checkpoint-{Steps - 1}.safetensors", CheckpointFolder.NewestFile, MetricsLog.EventFileName, MetricsLog.FileName,
                RecipeText.FileName, Trainer.OptionsFile,
            ],
            Directory.GetFiles(folder["killed"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [SkippableTheory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    [InlineData("HUP", 129)]
    public void A_signal_ends_a_run_after_its_step_with_a_checkpoint(string signal, int expected)
    {
        using var folder = new TrainFolder();
        using var process = new TrainProcess(folder.Train("run", "--epochs", "100000", "--report-every", "0"));
        // The options are written when all is ready; the handlers come right after.
        process.WaitFor(() => File.Exists(Path.Combine(folder["run"], Trainer.OptionsFile)));
        Thread.Sleep(1000);
        process.Signal(signal);
        var (exitCode, error) = process.Wait();
        Assert.True(exitCode == expected, error);
        Assert.Contains("--resume", error);
        Assert.DoesNotContain("WARNING", error);
        Assert.True(StepOf(folder["run"]) > 0);
    }

    /// <summary>Who starts a run under nohup wants it to outlive the terminal.</summary>
    [SkippableFact]
    public void A_run_that_ignores_hanging_up_goes_on()
    {
        using var folder = new TrainFolder();
        using var process = new TrainProcess(folder.Train("run", "--epochs", "100000", "--save-every", "0"), null, "--ignore-signal=HUP");
        process.WaitFor(() => StepOf(folder["run"]) > 0);
        process.Signal("HUP");
        var before = StepOf(folder["run"]);
        process.WaitFor(() => StepOf(folder["run"]) >= before + 3);
        process.Signal("TERM");
        var (exitCode, error) = process.Wait();
        Assert.True(exitCode == 143, $"{exitCode}: {error}");
        Assert.True(StepOf(folder["run"]) >= before + 3);
    }

    [SkippableFact]
    public void A_full_disk_ends_a_run_with_one_line_and_the_checkpoint_from_before()
    {
        using var folder = new TrainFolder();
        using (var first = new TrainProcess(folder.Train("run", "--epochs", "1000", "--save-every", "0")))
        {
            first.WaitFor(() => StepOf(folder["run"]) >= 3);
            first.Kill();
            first.Wait();
        }
        var checkpoint = Path.Combine(folder["run"], CheckpointFolder.NewestFile);
        var whole = File.ReadAllBytes(checkpoint);
        // No file may grow to a checkpoint's size: writing one fails as on a full disk.
        using (
            var full = new TrainProcess(
                ["train", "--resume", "--out", folder["run"], "--threads", "1", "--save-every", "0"], maxFileKiB: whole.Length / 2048))
        {
            var (exitCode, error) = full.Wait();
            Assert.True(exitCode == 1, error);
            Assert.Matches(@"datassl: [^\n]*checkpoint\.safetensors[^\n]*\n\z", error);
            Assert.DoesNotContain("   at ", error);
        }
        Assert.Empty(Directory.GetFiles(folder["run"], "*.partial"));
        Assert.Equal(whole, File.ReadAllBytes(checkpoint));
        Assert.True(StepOf(folder["run"]) >= 3);
    }

    /// <summary>Steps done as the checkpoint says; a reader never sees half a file.</summary>
    private static long StepOf(string folder)
    {
        var path = Path.Combine(folder, CheckpointFolder.NewestFile);
        return File.Exists(path) ? Checkpoint.Describe(path).Step : 0;
    }
}
