using System.Diagnostics;
using DataSsl.Search.Report;

namespace DataSsl.Cli.Tests.Verbs;

/// <summary>The commands that verbs print to go on with run as they stand.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class NextCommandTests(TrainedRun run)
{
    [SkippableFact]
    public void From_training_to_the_winners_by_what_is_printed()
    {
        Skip.If(OperatingSystem.IsWindows(), "printed for a POSIX shell");
        var space = Path.Combine(Directory.CreateDirectory(run.NewFolder()).FullName, "it's mine.space.yaml");
        File.WriteAllText(space, Spaces.Demo.Space.Source.Replace("space: Demo", "space: Pocket", StringComparison.Ordinal));
        var folder = run.NewFolder() + " of \"$mine\" & 'yours'";
        var trained = Command.Succeed(
            "--space-file", space, "train", "--space", "Pocket", "--data", run.Data, "--batch", "8", "--size", "32", "--epochs", "1",
            "--hidden", "16", "--out", folder).Output;
        var searched = Command.Succeed(Next(trained)).Output;
        Assert.Contains("'Pocket'", Command.Refuse([.. Next(searched).Where(word => word != "--space-file" && word != space)]));
        Assert.StartsWith("trained stem=", Command.Succeed(Next(searched, "better:")).Output, StringComparison.Ordinal);
        Assert.Contains("arch: stem=", File.ReadAllText(Path.Combine(folder, "alone", "run.recipe.yaml")), StringComparison.Ordinal);
        Command.Succeed(Next(searched));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(folder, "winners"), "*.safetensors"));
        var planned = Command.Succeed(
            "--space-file", space, "plan", "search", "--checkpoint", folder, "--data", run.Data, "--list", Listed(), "--images", "4",
            "--probe", "0.1").Output;
        Assert.Equal(["search", "--checkpoint", Path.Combine(folder, "checkpoint.safetensors")], Next(planned)[..3]);
        Command.Succeed([.. Next(planned).Select(word => word == "FOLDER" ? run.NewFolder() : word)]);

        string Listed()
        {
            var list = run.File("few.txt");
            File.WriteAllText(list, "Max\nMin\n");
            return list;
        }
    }

    [SkippableFact]
    public void A_single_network_is_measured_next()
    {
        Skip.If(OperatingSystem.IsWindows(), "printed for a POSIX shell");
        var (labelled, _) = run.LabelledSets();
        var trained = Command.Succeed(
            "train", "--space", "Small32", "--arch", "Min", "--data", labelled, "--batch", "8", "--epochs", "1", "--hidden", "16",
            "--max-megapixels", "3", "--out", run.NewFolder() + " x").Output;
        Assert.Equal(["--max-megapixels", "3"], Next(trained)[^2..]);
        Assert.StartsWith("linear accuracy of the network of ", Command.Succeed(Next(trained)).Output);
    }

    [SkippableTheory]
    [InlineData("plain-1.2/x")]
    [InlineData("two words")]
    [InlineData("it's")]
    [InlineData("$HOME `x` \\ \" * ~ ! # é")]
    [InlineData("a\nb\tc\u001b[31m'\\")]
    [InlineData("~")]
    [InlineData("#")]
    public void A_word_comes_back_from_the_shell_as_it_was(string word)
    {
        Skip.If(OperatingSystem.IsWindows(), "printed for a POSIX shell");
        Assert.DoesNotContain('\n', ShellWord.Of(word));
        Assert.Equal([word], Words(ShellWord.Of(word)));
    }

    private static string[] Next(string output, string heading = "next:") =>
        Words(output[(output.LastIndexOf(heading, StringComparison.Ordinal) + heading.Length)..].Split('\n')[0].Trim())[1..];

    /// <summary>As the shell takes them.</summary>
    private static string[] Words(string line)
    {
        var start = new ProcessStartInfo("bash", ["-c", $"printf '%s\\0' {line}"]) { RedirectStandardOutput = true };
        using var shell = Process.Start(start)!;
        var words = shell.StandardOutput.ReadToEnd().Split('\0');
        shell.WaitForExit();
        return words[..^1];
    }
}
