using System.CommandLine;
using DataSsl.Cli.Recipes;
using DataSsl.Cli.Shared;
using DataSsl.Jobs.Recipes;
using DataSsl.Jobs.Shared;
using DataSsl.Jobs.Start;
using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Views;

namespace DataSsl.Cli.Training;

/// <summary>
/// What a run that goes on takes from its command line: more epochs. The rest of what decides its weights it has, and may only be said
/// again as it is.
/// </summary>
internal static class ResumedRun
{
    private static readonly Bounds<double> numbers = new(double.MinValue, double.MaxValue);

    /// <summary>The run's configuration as it goes on.</summary>
    /// <param name="run">As it was saved.</param>
    /// <exception cref="UserException">Something else than the run has is asked for.</exception>
    public static TrainOptions Options(
        TrainVerbOptions o, ParseResult parsed, SpaceCatalogue spaces, SearchSpace space, TrainOptions run, string folder)
    {
        var has = RecipeText.Values(run).ToDictionary(value => value.Option, value => value.Value);
        foreach (var option in o.Deciding.Except([o.Recipe, o.Space, o.Data, o.Cache, o.Epochs]))
        {
            if (Given(parsed, option) is not { } asked || IsSame(o, option, asked, has.GetValueOrDefault(option.Name), spaces, space, run))
                continue;
            var own = option == o.Method.Views
                ? $"has the views {run.Method.Views.Name}"
                : has.TryGetValue(option.Name, out var value)
                ? $"has {value}"
                : "has none";
            throw new UserException(
                $"{option.Name} {asked}: the run in {folder} {own}, and a run that goes on keeps it; leave the option out, or start a new run in another --out");
        }
        if (Given(parsed, o.Epochs) is null) return run;
        var epochs = parsed.GetValue(o.Epochs);
        return epochs >= run.Epochs ? (run with { Epochs = epochs }).Checked("--")
            : throw new UserException(
                $"--epochs {epochs}: the run in {folder} has {run.Epochs}, and a run that goes on can be given more, not fewer; leave the option out, or start a new run in another --out");
    }

    private static string? Given(ParseResult parsed, Option option) =>
        parsed.GetResult(option) is { Implicit: false, Tokens: [.., var token] } ? token.Value : null;

    private static bool IsSame(
        TrainVerbOptions o, Option option, string asked, string? own, SpaceCatalogue spaces, SearchSpace space, TrainOptions run) =>
        option == o.Method.Views ? RecipeFile.Views(asked, run.Size, ViewPlan.MultipleFor(space)) == run.Method.Views
        : option == o.Compute && asked == "auto" ? true
        : option == o.Method.Teacher.Architecture ? run.Teacher is { } teacher && RunTeacher.IsArchitecture(teacher, asked, spaces)
        : own is null ? option == o.Method.Teacher.SpatialWeight && numbers.TryRead(asked, out var none) && none == 0
        : option == o.From || option == o.Method.Teacher.Teacher ? FromWeights.FullName(asked) == own
        : option == o.Method.Architecture ? space.Parse(ArchitectureFile.TextOf(asked)).Equals(space.Parse(own))
        : option == o.Method.Learning.Budget ? LearningVerbOptions.Canonical(space, asked) == own
        : numbers.TryRead(asked, out var a) && numbers.TryRead(own, out var b) ? a == b
        : option == o.Compute ? ComputeOption.Read(asked, TorchSharp.torch.CPU) == run.Compute
        : asked.Equals(own, StringComparison.OrdinalIgnoreCase);
}
