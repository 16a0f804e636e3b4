using System.Text.Json.Nodes;
using DataSsl.Runtime.Supernets;
using DataSsl.Spaces;

namespace DataSsl.Cli.Tests;

/// <summary>What one run of the command line printed, and how it ended.</summary>
internal sealed record Command(int ExitCode, string Output, string Error)
{
    /// <summary>The spaces that commands know: the program's, and those that a test adds.</summary>
    public static IReadOnlyList<SearchSpace> Spaces { get; set; } = CompiledSpaces.All;

    /// <summary>The output as the one JSON object that it must be.</summary>
    public JsonObject Json => (JsonObject)JsonNode.Parse(Output)!;

    /// <summary>
    /// Runs in this process. The console is the process's, so the tests that do this share a collection and run one by one.
    /// </summary>
    public static Command Run(params string[] arguments)
    {
        var (output, error) = (Console.Out, Console.Error);
        // A command begins in a new process; threads that an earlier one was told are still set in this one.
        TorchSharp.torch.set_num_threads(Environment.ProcessorCount);
        using var capturedOutput = new StringWriter();
        using var capturedError = new StringWriter();
        Console.SetOut(capturedOutput);
        Console.SetError(capturedError);
        try
        {
            return new(DataSslCli.Run(arguments, Spaces), capturedOutput.ToString(), capturedError.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }

    /// <summary>A run that must end well.</summary>
    public static Command Succeed(params string[] arguments)
    {
        var run = Run(arguments);
        Assert.True(run.ExitCode == 0, $"{string.Join(' ', arguments)} ended with {run.ExitCode}: {run.Error}");
        return run;
    }

    /// <summary>
    /// A run that the user got wrong: exit code 2, nothing on the output, one line on the error stream. Returns that line without the
    /// program's name.
    /// </summary>
    public static string Refuse(params string[] arguments)
    {
        var run = Run(arguments);
        Assert.True(run.ExitCode == 2, $"{string.Join(' ', arguments)} ended with {run.ExitCode}: {run.Output}{run.Error}");
        Assert.Empty(run.Output);
        Assert.Matches(@"\Adatassl: [^\n]+\n\z", run.Error);
        return run.Error["datassl: ".Length..^1];
    }
}

/// <summary>Tests that capture the console; one trained run serves all of them.</summary>
[CollectionDefinition(nameof(ConsoleCollection), DisableParallelization = true)]
public sealed class ConsoleCollection : ICollectionFixture<TrainedRun>;
