using DataSsl.Runtime.Observing;
using DataSsl.Runtime.Training;

namespace DataSsl.EndToEnd;

/// <summary>Progress is for whoever listens: no work is lost because nobody can.</summary>
public sealed class ErrorStreamTests
{
    [SkippableTheory]
    [InlineData("2>/dev/full")]
    [InlineData("2>&-")]
    [InlineData("2>&- >&-")]
    public void A_run_whose_error_stream_takes_nothing_is_trained(string redirection)
    {
        Skip.IfNot(File.Exists("/dev/full"), "no /dev/full here");
        using var folder = new TrainFolder();
        var run = Run(redirection, folder.Train("run", "--epochs", "2", "--report-every", "0"));
        Assert.Equal(0, run.ExitCode);
        if (!redirection.Contains(">&- >", StringComparison.Ordinal)) Assert.StartsWith("trained Small32", run.Output);
        Assert.Equal(8, Checkpoint.Describe(Path.Combine(folder["run"], CheckpointFolder.NewestFile)).Step);
        // What would have been said stands in no file that took the closed stream's number.
        Assert.Equal(
            8,
            File.ReadLines(Path.Combine(folder["run"], MetricsLog.FileName))
                .Count(line => line.StartsWith("{\"step\":", StringComparison.Ordinal) && line.EndsWith('}')));
        Assert.Equal(5, Directory.GetFiles(folder["run"]).Length);
    }

    [SkippableFact]
    public void A_refusal_that_nobody_can_read_is_a_refusal()
    {
        Skip.IfNot(File.Exists("/dev/full"), "no /dev/full here");
        foreach (var redirection in new[] { "2>/dev/full", "2>&-" }) Assert.Equal(2, Run(redirection, "train", "--epochs", "0").ExitCode);
    }

    /// <summary>What cannot be recorded is not measured first.</summary>
    [SkippableFact]
    public void An_evaluation_that_could_not_be_recorded_is_refused_before_the_work()
    {
        Skip.IfNot(File.Exists("/dev/full"), "no /dev/full here");
        using var folder = new TrainFolder();
        Directory.CreateDirectory(folder["out"]);
        File.CreateSymbolicLink(Path.Combine(folder["out"], "evaluations.jsonl"), "/dev/full");
        var run = Run(
            "", "evaluate", "knn", "--random", "--space", "Small32", "--data", folder.Images, "--threads", "1", "--out", folder["out"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.Matches(@"datassl: [^\n]+\n\z", run.Error);
    }

    private static EmitProgram.Result Run(string redirection, params string[] arguments) =>
        EmitProgram.Run(
            "bash",
            [
                "-c", $"\"$@\" {redirection}", "bash", Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
                Path.Combine(AppContext.BaseDirectory, "datassl.dll"),.. arguments,
            ]);
}
