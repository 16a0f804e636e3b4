using System.CommandLine;
using DataSsl.Cli.Recipes;
using DataSsl.Cli.Training;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Training;
using static TorchSharp.torch;

namespace DataSsl.Cli.Verbs;

/// <summary>The options of <c>train</c>, and how they become a run's configuration.</summary>
internal sealed class TrainVerbOptions
{
    public readonly Option<string> Recipe = RecipeFile.Option();
    public readonly Option<string> Space = Options.Space();
    public readonly Option<string> Data = Options.Data();
    public readonly Option<string> Cache = new("--cache")
    {
        Description = "Folder for a file with the decoded images: made once, mapped into memory at every start, for images that memory does not hold.",
        HelpName = "FOLDER",
    };

    public readonly Option<string> Out = Options.Out();
    public readonly Option<int?> Size = Options.Size();
    public readonly Option<int> Batch = new("--batch") { Description = "Images a step.", DefaultValueFactory = _ => 64, HelpName = "N" };
    public readonly Option<int> Epochs = new("--epochs") { Description = "Passes over the images.", DefaultValueFactory = _ => 200, HelpName = "N" };
    public readonly MethodOptions Method = new();
    public readonly Option<string> Compute = new("--compute") { Description = "Type of the convolutions: auto, float32, bfloat16.", DefaultValueFactory = _ => "auto", HelpName = "TYPE" };
    public readonly Option<long> Seed = Options.Seed();
    public readonly Option<string> Test = new("--test") { Description = "Labelled images for the kNN accuracy, in any layout that --data takes.", HelpName = "PATH" };
    public readonly Option<bool> Resume = new("--resume") { Description = "Continue the run in --out; its configuration is taken from there." };
    public readonly Option<double> SaveEvery = new("--save-every") { Description = "Seconds between checkpoints; 0 saves after every step.", DefaultValueFactory = _ => 60, HelpName = "SECONDS" };
    public readonly Option<double> ReportEvery = new("--report-every") { Description = "Seconds between progress lines.", DefaultValueFactory = _ => 5, HelpName = "SECONDS" };
    public readonly Option<int> EvaluateEvery = new("--evaluate-every") { Description = "Epochs between kNN evaluations of Max, a middle subnet and Min; the best Max is kept in best.safetensors. 0 for none.", DefaultValueFactory = _ => 0, HelpName = "EPOCHS" };
    public readonly Option<bool> OnlineProbe = new("--online-probe") { Description = "Fit a linear probe too at each evaluation." };
    public readonly Option<int> Keep = new("--keep") { Description = "Checkpoints kept: the newest and those before it.", DefaultValueFactory = _ => 2, HelpName = "N" };
    public readonly Option<string> Device = Options.Device();
    public readonly Option<int?> Threads = Options.Threads();
    public readonly Option<bool> Json = Options.Json();

    public IEnumerable<Option> All => [.. Deciding, Out, Test, Resume, SaveEvery, ReportEvery, EvaluateEvery, OnlineProbe, Keep, Device, Threads, Json];

    /// <summary>What decides the weights of a new run, and its space and data.</summary>
    public IEnumerable<Option> Deciding => [Recipe, Space, Data, Cache, Size, Batch, Epochs, .. Method.All, Compute, Seed];

    /// <summary>A new run from the command line. Makes <paramref name="folder"/>, if there is to be one, once nothing speaks against the run any more.</summary>
    public (SearchSpace Space, TrainOptions Options, ImageStore Images) Fresh(SpaceCatalogue spaces, ParseResult parsed, Device device, string? folder, int processes = 1)
    {
        var space = spaces.Find(parsed.Required(Space));
        if (folder is not null && File.Exists(Path.Combine(folder, CheckpointFolder.NewestFile)))
            throw new UserException($"{folder} holds a run already: continue it with --resume or give another --out");
        var shared = Shared(space, parsed, device);
        // Before anything is read that takes long.
        var listed = ImageSource.Open(shared.Data);
        var asked = Method.Complete(parsed, space, shared, listed.Count, processes).Checked("--");
        BatchDeal.Check(asked.Batch, asked.Method.NormGroups, processes);
        if (listed.Count < asked.Batch) throw new UserException($"--batch {asked.Batch}: {asked.Data} holds {listed.Count} images; give {listed.Count} or less");
        if (folder is not null) Output.Folder(folder);
        var images = Images.Load(listed, asked.Size, parsed.GetValue(Cache));
        return (space, Method.Complete(parsed, space, shared, images.Count, processes) with { DataFingerprint = images.Fingerprint }, images);
    }

    /// <summary>An old run from its folder; the images must be the same, or the order of the epochs would mean other ones.</summary>
    public (SearchSpace Space, TrainOptions Options, ImageStore Images) Resumed(SpaceCatalogue spaces, ParseResult parsed, string folder)
    {
        var path = Path.Combine(folder, Trainer.OptionsFile);
        if (!File.Exists(path)) throw new UserException($"{folder} holds no run to resume: {Trainer.OptionsFile} is missing");
        var options = TrainOptions.FromJson(path, File.ReadAllText(path));
        var space = spaces.Find(parsed.GetValue(Space) ?? options.Space);
        if (space.Hash != options.SpaceHash)
            throw new UserException($"{path}: the run is of space {options.Space} ({options.SpaceHash}), not of {space.Name} ({space.Hash})");
        options = options with { Data = parsed.GetValue(Data) ?? options.Data };
        Output.Folder(folder);
        var images = Images.Load(ImageSource.Open(options.Data), options.Size, parsed.GetValue(Cache));
        if (images.Fingerprint != options.DataFingerprint)
            throw new UserException($"{images.Source.Root}: not the images that the run began with; give the same --data and --max-megapixels, or start a new run in another --out");
        return (space, options, images);
    }

    /// <summary>The labelled folder of --test, with the classes of the training images; null where it is not given.</summary>
    public ImageSource? TestFolder(ParseResult parsed, ImageSource training)
    {
        if (parsed.GetValue(Test) is not { } path) return null;
        var test = ImageSource.Open(path);
        if (training.Labels is null) throw new UserException($"--test {path}: needs classes, and {training.Root} has none; give --data images with classes");
        return test.Labels is not null && test.ClassNames.SequenceEqual(training.ClassNames)
            ? test
            : throw new UserException($"--test {path}: its classes are not those of {training.Root}");
    }

    /// <summary>When the run reports, saves and is evaluated.</summary>
    public RunSchedule Schedule(ParseResult parsed)
    {
        var every = parsed.GetValue(EvaluateEvery);
        if (every < 0) throw new UserException($"--evaluate-every {every}: give a number of epochs, or 0 for none");
        if (every == 0 && parsed.GetValue(OnlineProbe)) throw new UserException("--online-probe: is fitted when the run is evaluated; give --evaluate-every EPOCHS as well");
        return new(Seconds(parsed, ReportEvery), Seconds(parsed, SaveEvery), every);
    }

    /// <summary>A number of seconds, 0 for "after every step".</summary>
    public static TimeSpan Seconds(ParseResult parsed, Option<double> option) => parsed.GetValue(option) is >= 0 and < 1e9 and var seconds
        ? TimeSpan.FromSeconds(seconds)
        : throw new UserException(FormattableString.Invariant($"{option.Name} {parsed.GetValue(option)}: give a number of seconds, 0 or more"));

    /// <summary>What all methods have.</summary>
    private TrainOptions Shared(SearchSpace space, ParseResult parsed, Device device) => new()
    {
        Space = space.Name,
        SpaceHash = space.Hash,
        Data = parsed.Required(Data),
        DataFingerprint = "",
        Size = space.CheckSize(parsed.GetValue(Size) ?? space.InputSize),
        Batch = parsed.GetValue(Batch) is >= 1 and var batch ? batch : throw new UserException($"--batch {parsed.GetValue(Batch)}: give 2 or more; BatchNorm needs more than one image"),
        Epochs = Options.Positive("--epochs", parsed.GetValue(Epochs)),
        Rate = 1,
        Seed = parsed.GetValue(Seed),
        Compute = Cli.Compute.Parse(parsed.GetValue(Compute)!, device),
        Method = null!,
    };
}
