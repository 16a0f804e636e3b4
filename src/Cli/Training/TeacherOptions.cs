using System.CommandLine;
using DataSsl.Cli.Shared;
using DataSsl.Jobs.Shared;
using DataSsl.Jobs.Start;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Supernets;
using DataSsl.Runtime.Training;
using DataSsl.Runtime.Training.Objectives;
using DataSsl.Runtime.Training.Teachers;
using DataSsl.Runtime.Views;
using DataSsl.Search.Start;
using DataSsl.Search.Teachers;
using static TorchSharp.torch;

namespace DataSsl.Cli.Training;

/// <summary>The options of <c>train</c> that name a foreign teacher, and say what is learnt from it.</summary>
internal sealed class TeacherOptions
{
    public readonly Option<string> Teacher = Network("Learn from a frozen network");
    public readonly Option<string> Architecture = OfRun();
    public readonly Option<int?> Size = PixelsOption();
    public readonly Option<TeacherViews> Views = WordOption.Of(
        "--teacher-views", TeacherViews.Clean,
        "What the teacher is shown: clean (every image as it is, once before training) or same (each view that a student sees).");
    public readonly Option<TeacherLoss> Loss = WordOption.Of(
        "--teacher-loss", DefaultLoss,
        "How embeddings are compared: seed (similarities to a queue of the teacher's embeddings) or cosine.");
    public readonly Option<double?> Weight = NumberOption.Maybe(
        "--teacher-weight", new Bounds<double>(0, 1) { IsAbove = true },
        "The teacher's share of the loss beside another --objective, whose own teacher has the rest. Default: 0.5; 1 with --objective "
            + "distill.",
        "X");
    public readonly Option<double> SpatialWeight = NumberOption.Of(
        "--spatial-weight", ObjectiveBounds.SpatialWeight, 0,
        "For dense tasks: what the relations of the positions of the last maps count for beside embeddings; with --teacher-views same.",
        "X");

    /// <summary>As published; which of them learns more on small sets is not measured.</summary>
    public const TeacherLoss DefaultLoss = TeacherLoss.Seed;

    private const double DefaultWeight = 0.5;

    public IEnumerable<Option> All => [Teacher, Architecture, Size, Views, Loss, Weight, SpatialWeight];

    public static Option<string> Network(string what) => new("--teacher")
    {
        Description =
            $"{what}: {ImageNetResNet18.Name}, an .onnx file, weights that --from takes (of any family), or a run's folder or checkpoint.",
        HelpName = "NET",
    };

    public static Option<string> OfRun() =>
        new("--teacher-arch") { Description = "Which network of a run is the teacher. Default: its largest.", HelpName = "ARCH" };

    public static Option<int?> PixelsOption() =>
        NumberOption.Maybe(
            "--teacher-size", TrainBounds.Side,
            $"Side of the images that the teacher is shown. Default: its own; {ImageNetResNet18.Name}: the views', at least 96.", "PIXELS");

    /// <summary>Reads the teacher that is asked for; null where none is.</summary>
    /// <param name="viewSize">Side of the student's views.</param>
    /// <exception cref="UserException">It cannot be read or used, or options of it are given without it.</exception>
    public TeacherNetwork? Read(ParseResult parsed, SpaceCatalogue spaces, SearchSpace space, int viewSize, Device device)
    {
        if (parsed.GetValue(Teacher) is { } weights)
            return RunTeacher.Open(
                weights, parsed.GetValue(Architecture), parsed.GetValue(Size), parsed.GetValue(Views), spaces, space, viewSize, device);
        foreach (var option in All)
            if (parsed.IsGiven(option)) throw new UserException($"{option.Name} goes with --teacher NET");
        return null;
    }

    /// <summary>The objective that learns from the teacher, alone or beside another.</summary>
    /// <param name="o">What learning from the teacher alone is.</param>
    /// <param name="beside">The objective of <c>--objective</c>; null where that is distill, or none.</param>
    public DistillOptions Objective(ParseResult parsed, DistillOptions o, ObjectiveOptions? beside) => new(
        o.Dimension, o.Hidden, o.QueueLength, o.Temperature, o.TeacherTemperature, parsed.GetValue(Loss), parsed.GetValue(SpatialWeight),
        beside, parsed.GetValue(Weight)
            ?? (beside is null ? 1 : DefaultWeight));
}
