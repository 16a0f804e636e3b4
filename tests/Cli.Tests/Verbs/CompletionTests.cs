using System.Diagnostics;

namespace DataSsl.Cli.Tests.Verbs;

/// <summary>What the Tab key gives.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class CompletionTests
{
    [Theory]
    [InlineData("datassl tr", "train")]
    [InlineData("datassl evaluate de", "detect")]
    [InlineData("/opt/bin/datassl train --objective mo", "moco-v2")]
    [InlineData("datassl train --space Sm", "Small32")]
    [InlineData("datassl train --data photos --rul", "--rule")]
    [InlineData("datassl train --rule R", "Released")]
    [InlineData("datassl nothing-of-the-kind x", "")]
    [InlineData("datassl", "")]
    public void A_line_goes_on_with_what_the_command_line_takes(string line, string expected) =>
        Assert.Equal(expected, Command.Succeed("completion", "words", line).Output.TrimEnd());

    [Fact]
    public void After_a_verb_all_its_words_are_there_and_none_that_is_hidden()
    {
        var verbs = Command.Succeed("completion", "words", "datassl ").Output.Split('\n');
        Assert.Contains("search", verbs);
        Assert.Contains("--space-file", verbs);
        Assert.DoesNotContain("words", Command.Succeed("completion", "words", "datassl completion ").Output.Split('\n'));
    }

    /// <summary>bash itself runs the script; the program behind it is a stand-in that tells what it was asked.</summary>
    [SkippableFact]
    public void Bash_asks_with_the_line_up_to_the_cursor()
    {
        Skip.If(OperatingSystem.IsWindows(), "bash is not there");
        var script = Command.Succeed("completion", "bash").Output;
        var asked = Bash(
            "datassl() { printf '%s|\\n' \"$@\"; }\n" + script
                + "COMP_LINE='datassl train --sp more'; COMP_POINT=18; _datassl; printf '%s\\n' \"${COMPREPLY[@]}\"; complete -p datassl");
        Assert.Equal("completion|\nwords|\ndatassl train --sp|\ncomplete -o default -F _datassl datassl\n", asked);
    }

    private static string Bash(string script)
    {
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true })!;
        var output = bash.StandardOutput.ReadToEnd();
        bash.WaitForExit();
        return output;
    }
}
