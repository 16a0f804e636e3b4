using System.CommandLine;
using DataSsl.Cli.Evaluation;
using DataSsl.Cli.Shared;
using DataSsl.Dense.Training;
using DataSsl.Jobs.DenseTasks;
using DataSsl.Jobs.Evaluation;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Training;
using static TorchSharp.torch;

namespace DataSsl.Cli.DenseTasks;

/// <summary>How the learning rate falls, and, of the paper, all that belongs to it.</summary>
internal enum ScheduleWord
{
    Cosine,
    Steps,
    Paper,
}

/// <summary>What the backbone's BatchNorm does in training.</summary>
internal enum NormWord
{
    Frozen,
    Trained,
}

/// <summary>The options of <c>evaluate detect</c>, <c>instances</c> and <c>segment</c>.</summary>
internal sealed class DenseVerbOptions
{
    public const int DefaultVoid = 255;

    public readonly EvaluateVerbOptions Shared = new();
    public readonly Option<string> Data;
    public readonly Option<string> Test = new("--test")
    {
        Description = "Labelled images to test on, of the same classes. Default: a fifth of --data, by --seed.",
        HelpName = "PATH",
    };
    public readonly Option<string> Labels = new("--labels")
    {
        Description = "Share of the training images whose labels are used, some of each class: 1%, 10%.",
        DefaultValueFactory = _ => "100%",
        HelpName = "N%",
    };
    public readonly Option<string> Head;
    public readonly Option<int> Width;
    public readonly Option<string> Classes = new("--classes")
    {
        Description = "Names of the classes by number, comma-separated. Default: those that the set says, or the numbers.",
        HelpName = "LIST",
    };
    public readonly Option<int> Void = NumberOption.Of(
        "--void", new Bounds<int>(0, 255), DefaultVoid, "The number of pixels that nothing is said of (CamVid: 11).");
    public readonly Option<string> Size;
    public readonly Option<int?> Epochs;
    public readonly Option<int?> Batch;
    public readonly Option<double?> Rate;
    public readonly Option<ScheduleWord> Schedule;
    public readonly Option<NormWord?> Norm = WordOption.Maybe<NormWord>(
        "--norm",
        "The backbone's BatchNorm: frozen at the statistics of training images, or at those it came with; or trained, by each batch. "
            + "Default: frozen, but trained with --random.");
    public readonly Option<bool> Resume = new("--resume") { Description = "Go on with the run in --out that was interrupted." };
    private readonly DenseTask task;
    private readonly DenseDefaults defaults;

    /// <param name="task">What the network is to tell of an image.</param>
    /// <param name="others">Defaults in the place of the task's own.</param>
    public DenseVerbOptions(DenseTask task, DenseDefaults? others = null)
    {
        this.task = task;
        defaults = others ?? DenseDefaults.Of(task);
        Data = new("--data")
        {
            Description = task == DenseTask.Segmentation
                ? "Images with index masks to learn from: CamVid's layout, Cityscapes', Pascal VOC's, or images/ and masks/."
                : "Images with marked objects to learn from: Pascal VOC's layout, COCO's, or YOLO's.",
            HelpName = "PATH",
        };
        var heads = DenseHeads.Of(task).Select(head => head.Word()).ToList();
        Head = new("--head")
        {
            Description = $"What stands on the network: {string.Join(", ", heads)}.",
            DefaultValueFactory = _ => heads[0],
            HelpName = "NAME",
        };
        Width = NumberOption.Of(
            "--width", DenseSettings.Limits.Width, DenseDefaults.Width, "Channels of the feature pyramid and of what stands on it.");
        Size = new("--size")
        {
            Description = "Pixels of the short side, or height and width that an image is to fit in, as 240x320; it keeps its shape.",
            DefaultValueFactory = _ => defaults.Size,
            HelpName = "SIZE",
        };
        Epochs = NumberOption.Maybe("--epochs", TrainBounds.Epochs, $"Passes over the labelled images. Default: {defaults.Epochs}.");
        Batch = NumberOption.Maybe("--batch", new Bounds<int>(1, 65_536), $"Images a step. Default: {defaults.Batch}.");
        Rate = NumberOption.Maybe("--rate", TrainBounds.Rate, $"Learning rate after the warm-up. Default: {defaults.Rate}.", "X");
        Schedule = WordOption.Of(
            "--schedule", ScheduleWord.Cosine,
            "How the rate falls: cosine to 0; steps, to a tenth after 3/4 and 11/12; or paper, by which DATA's networks are transferred: "
                + FormattableString.Invariant(
                    $"{defaults.PaperSteps:N0} steps of {DenseDefaults.PaperBatch} images at {defaults.PaperRate}, in steps, with --norm trained."));
    }

    /// <summary>What the verb does.</summary>
    public string Description => task switch
    {
        DenseTask.Detection => "Train a detector on the network (boxes), and score it: AP and AP50, by COCO's and VOC's rules.",
        DenseTask.Instances => "Train a Mask R-CNN on the network (boxes and masks), and score it by COCO's rules.",
        _ => "Train a segmenter on the network (the class of every pixel), and score it: mIoU.",
    };

    /// <summary>All of them, in the order of the help.</summary>
    public IEnumerable<Option> All =>
        [.. Shared.Networks, .. Own, Shared.Out, Resume, Shared.Seed, Shared.Device, Shared.Threads, Shared.Json];

    /// <summary>Those that say what is learnt, how, and from which images.</summary>
    public IEnumerable<Option> Own =>
    [
        Data, Test, Labels, .. DenseHeads.Of(task).Count > 1 ? [Head] : (Option[])[],
        .. task == DenseTask.Segmentation ? (Option[])[Void] : [Width], Classes, Size, Epochs, Batch, Rate, Schedule, Norm,
        Shared.Calibration,
    ];

    /// <summary>What is asked for, of any classes.</summary>
    public DenseRequest Read(SpaceCatalogue spaces, ParseResult parsed)
    {
        var device = Options.FindDevice(parsed.GetValue(Shared.Device)!);
        return Read(parsed, size => Shared.Network(spaces, parsed, size, device), parsed.GetValue(Shared.Seed), device);
    }

    /// <summary>The same of a network that other options tell.</summary>
    /// <param name="network">The network for square images of so many pixels.</param>
    public DenseRequest Read(ParseResult parsed, Func<int, NetworkSource> network, long seed, Device device)
    {
        var word = DenseHeads.Of(task).Count > 1 ? parsed.GetValue(Head)! : DenseHeads.Of(task)[0].Word();
        var head = DenseHeads.Parse(task, word)
            ?? throw new UserException($"--head {word}: give {string.Join(", ", DenseHeads.Of(task).Select(each => each.Word()))}");
        var size = DenseSize.Parse(parsed.GetValue(Size)!);
        var data = parsed.Required(Data);
        var isPaper = parsed.GetValue(Schedule) == ScheduleWord.Paper;
        foreach (var option in (Option[])[Epochs, Norm])
            if (isPaper && parsed.IsGiven(option))
                throw new UserException($"{option.Name}: --schedule paper says that itself; leave it away, or give another --schedule");
        var settings = new DenseSettings { Task = task, Head = head, Classes = ["?"], MinSize = size.Short, MaxSize = size.Long };
        if (task != DenseTask.Segmentation) settings = settings with { Width = parsed.GetValue(Width) };
        if (settings.Problem() is { } problem) throw new UserException($"--{problem}");
        var source = network(size.Square);
        source.MustBeTrainable();
        return new(
            source, settings, data, parsed.GetValue(Test), Names(parsed),
            task == DenseTask.Segmentation ? parsed.GetValue(Void) : DefaultVoid, EvaluateVerbOptions.Share(parsed.GetValue(Labels)!),
            isPaper ? defaults.PaperSteps : null, parsed.GetValue(Epochs) ?? defaults.Epochs,
            parsed.GetValue(Batch) ?? (isPaper ? DenseDefaults.PaperBatch : defaults.Batch),
            parsed.GetValue(Rate) ?? (isPaper ? defaults.PaperRate : defaults.Rate),
            parsed.GetValue(Schedule) == ScheduleWord.Cosine ? DenseSchedule.Cosine : DenseSchedule.Steps,
            isPaper || (parsed.GetValue(Norm) is { } norm ? norm == NormWord.Trained : source.IsRandom),
            parsed.GetValue(Shared.Calibration), seed, device);
    }

    private string[]? Names(ParseResult parsed)
    {
        if (parsed.GetValue(Classes) is not { } text) return null;
        var names = text.Split(',', StringSplitOptions.TrimEntries);
        return names.All(name => name.Length > 0) && names.Distinct(StringComparer.Ordinal).Count() == names.Length
            ? names
            : throw new UserException($"--classes {text}: give each class a name of its own, separated by commas");
    }
}
