using DataSsl.Cli.Recipes;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Recipes;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Architectures;

namespace DataSsl.Cli.Training;

/// <summary>
/// The architecture that a run has learnt: it lies in the run's folder, and is told with the command that trains it anew.
/// </summary>
internal sealed class LearntArchitecture
{
    private readonly string folder;
    private readonly string about;

    private LearntArchitecture(string folder, string text, string about) => (this.folder, Text, this.about) = (folder, text, about);

    /// <summary>As <c>--arch</c> takes it.</summary>
    public string Text { get; }

    /// <summary>Writes it into the run's folder.</summary>
    /// <exception cref="InvalidOperationException">None within the budget was found.</exception>
    public static LearntArchitecture Keep(Trainer trainer, TrainOptions options, string folder)
    {
        var learning = options.Method.Learning!;
        if (trainer.Learnt is not { } learnt)
            throw new InvalidOperationException(
                FormattableString.Invariant(
                    $"no architecture within {learning.Budget} was found among {LikeliestArchitecture.MostLooks:N0} looked at; the checkpoint is whole: 'search' ranks its subnets"));
        var within = learning.Budget is { } budget ? $" within {budget}" : "";
        var about = FormattableString.Invariant(
            $"{options.Space}, learnt by {learning.Rule.ToString().ToLowerInvariant()} under {options.Method.Objective.Name}: the likeliest{within}{(learnt.IsProven ? "" : " that was found")}, probability {learnt.Probability:0.###}, {learnt.Architecture.Space.Macs(learnt.Architecture, options.Size):N0} MACs at {options.Size} pixels");
        var text = learnt.Architecture.ToString();
        ArchitectureFile.Write(folder, learnt.Architecture, about);
        return new(folder, text, about);
    }

    /// <summary>Says beforehand where a run is too short to learn much of an architecture.</summary>
    public static void TellIfShort(Trainer trainer, TrainOptions options)
    {
        if (options.Method.Learning?.UpdatesBefore(trainer.Steps, trainer.Steps) is { } updates and < LearningOptions.FewUpdates)
            Notices.Tell(
                $"{Wording.Count(updates, "update")} of the architecture's choices in this run: what it ends in will be much of chance; give more --epochs, or a smaller --alpha-every");
    }

    /// <summary>Tells it, and how to train it by itself.</summary>
    public void Print()
    {
        Output.Line($"architecture: {Text}");
        Output.Line($"  of {about}; kept in {Path.Combine(folder, ArchitectureFile.FileName)}");
        var recipe = Path.Combine(folder, RecipeText.FileName);
        Output.Line($"next: {NextCommand.Of("train", "--recipe", recipe, "--arch", Text, "--out", Path.Combine(folder, "alone"))}");
    }
}
