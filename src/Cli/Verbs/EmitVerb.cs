using System.CommandLine;
using DataSsl.Cli.Emitting;
using DataSsl.Cli.Shared;
using DataSsl.Jobs.Shared;

namespace DataSsl.Cli.Verbs;

/// <summary>
/// <c>datassl emit</c>: winners as C# classes with their weights, and in other forms, each proven to be its supernet slice.
/// </summary>
internal static class EmitVerb
{
    public static Command Create(SpaceCatalogue spaces)
    {
        var o = new EmitVerbOptions();
        var command = new Command(
            "emit",
            "Write winners, or one architecture, as C# classes with weights, ONNX models and model cards, proven equal to their supernet "
                + "slices.");
        foreach (var option in o.All) command.Add(option);
        command.SetAction(parsed =>
        {
            Options.SetThreads(parsed, o.Threads);
            var emitted = o.Emit(spaces, parsed);
            emitted.Print(parsed.GetValue(o.Json));
            return emitted.Failures.Count == 0 ? 0 : throw new InvalidOperationException(string.Join("; ", emitted.Failures));
        });
        return command;
    }
}
